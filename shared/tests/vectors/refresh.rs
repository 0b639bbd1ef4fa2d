//! `refresh.json`: refresh tokens, alone and several in one header.

use sealgate_shared::cookie::{CookieName, CookieNames, values_of};
use sealgate_shared::id::TenantId;
use sealgate_shared::keyring::Keyring;
use sealgate_shared::refresh::{
    Channel, FilteredRefresh, MAX_LENGTH, RefreshClaims, RefreshSelection, SealedRefresh, select_refresh,
};
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{HeaderCase, rejected, ring, signing_keys};

#[derive(Deserialize)]
struct RefreshCase {
    name: String,
    token: String,
    channel: String,
    tenant: TenantId,
    now_ms: u64,
    expect: Value,
    proves: Option<bool>,
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("refresh.json")).unwrap()
}

fn cases<T: DeserializeOwned>(of: &str) -> Vec<T> {
    serde_json::from_value(vectors()[of].clone()).unwrap()
}

fn filter<'t>(case: &'t RefreshCase, ring: &Keyring) -> Result<FilteredRefresh<'t>, Reject> {
    let channel = match case.channel.as_str() {
        "cookie" => Channel::Cookie,
        "bearer" => Channel::Bearer,
        other => panic!("channel {other}"),
    };
    SealedRefresh::parse(&case.token)?.filter(channel, ring, &case.tenant, UnixMillis::new(case.now_ms).unwrap())
}

fn accepted(claims: &RefreshClaims) -> Value {
    let channel = if claims.channel == Channel::Cookie { "cookie" } else { "bearer" };
    json!({ "ok": {
        "session": claims.session,
        "generation": claims.generation,
        "channel": channel,
        "idle_expires_at_ms": claims.idle_expires_at.as_u64(),
    } })
}

#[test]
fn refresh_tokens() {
    let ring = ring();
    assert_eq!(vectors()["max_length"], MAX_LENGTH);
    for case in cases::<RefreshCase>("tokens") {
        let outcome = match filter(&case, &ring) {
            Ok(filtered) => accepted(filtered.claims()),
            Err(reject) => rejected(reject.label()),
        };
        assert_eq!(outcome, case.expect, "{}", case.name);
    }
}

#[test]
fn the_origin_proves_those_it_made_and_would_seal_them_again() {
    let ring = ring();
    let mut forged = 0;
    for case in cases::<RefreshCase>("tokens") {
        let Ok(filtered) = filter(&case, &ring) else {
            assert_eq!(case.proves, None, "{}", case.name);
            continue;
        };
        let key = signing_keys().into_iter().find(|key| key.id() == filtered.kid()).unwrap();
        let (sealer, is_ours) = (key.refresh_sealer(), case.proves.unwrap());
        match filtered.prove(&sealer) {
            Ok(proved) => assert_eq!(proved.claims(), filtered.claims(), "{}", case.name),
            Err(reject) => assert_eq!(reject, Reject::BadMac, "{}", case.name),
        }
        assert_eq!(filtered.prove(&sealer).is_ok(), is_ours, "{}", case.name);
        assert_eq!(sealer.seal(filtered.claims()) == case.token, is_ours, "{}", case.name);
        forged += usize::from(!is_ours);
    }
    assert!(forged >= 20, "only {forged} cases pass an edge and not the origin");
}

#[test]
fn refresh_cookie_headers() {
    let ring = ring();
    for case in cases::<HeaderCase>("cookie_headers") {
        let values = values_of(&case.header, CookieNames::Host, CookieName::Refresh);
        let outcome = match select_refresh(values, &ring, &case.tenant, UnixMillis::new(case.now_ms).unwrap()) {
            RefreshSelection::Missing => rejected("missing"),
            RefreshSelection::Passed(filtered, text) => {
                assert_eq!(filtered.mac(), SealedRefresh::parse(text).map(|_| filtered.mac()).unwrap());
                assert!(case.header.contains(text), "{}", case.name);
                accepted(filtered.claims())
            }
            RefreshSelection::Rejected(reject) => rejected(reject.label()),
        };
        assert_eq!(outcome, case.expect, "{}", case.name);
    }
}
