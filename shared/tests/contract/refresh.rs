//! Refresh tokens: what the origin made it proves, an edge tells apart what it did not make as far as an edge can, and
//! neither takes anything else for one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use proptest::prelude::*;
use sealgate_shared::id::SessionId;
use sealgate_shared::key::{Purpose, SigningKey};
use sealgate_shared::keyring::Keyring;
use sealgate_shared::refresh::{
    Channel, FilteredRefresh, MAX_LENGTH, ProvedRefresh, RefreshClaims, RefreshSelection, SealedRefresh, select_refresh,
};
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Sealed, TokenKind};

use super::kit::{
    acme, acme_key, claims, demo, demo_key, key, now, retired_key, revoked_key, ring, seal as seal_access, session,
    verify,
};

const CHANNELS: [Channel; 2] = [Channel::Cookie, Channel::Bearer];

fn body() -> RefreshClaims {
    let idle_expires_at = now().plus(60 * 60_000);
    RefreshClaims { session: session(7), generation: 3, channel: Channel::Cookie, idle_expires_at }
}

fn seal(body: &RefreshClaims) -> String {
    demo_key().refresh_sealer().seal(body)
}

/// All checks of an edge, in a cookie of the demo tenant.
fn filter<'t>(token: &'t str, ring: &Keyring) -> Result<FilteredRefresh<'t>, Reject> {
    SealedRefresh::parse(token)?.filter(Channel::Cookie, ring, &demo(), now())
}

/// All checks of an edge and of the origin.
fn prove(token: &str, ring: &Keyring) -> Result<ProvedRefresh, Reject> {
    filter(token, ring)?.prove(&demo_key().refresh_sealer())
}

/// Adds a MAC to a text, whatever it is.
fn sign(key: &SigningKey, purpose: Purpose, text: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.derive(purpose).expose()).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A token of these bytes, under MACs that hold.
fn sign_bytes(bytes: &[u8]) -> String {
    let kid = demo_key().id().to_string();
    let text = format!("r1.{}.{}", kid.strip_prefix("sk-").unwrap(), URL_SAFE_NO_PAD.encode(bytes));
    [Purpose::Refresh, Purpose::RefreshFilter].iter().fold(text, |text, &purpose| sign(&demo_key(), purpose, &text))
}

fn body_bytes(token: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(2).unwrap()).unwrap()
}

prop_compose! {
    fn any_body()(
        session in any::<[u8; 16]>(),
        generation in prop_oneof![any::<u32>(), 0_u32..300],
        channel in prop::sample::select(&CHANNELS[..]),
        idle_expires_at in 0..=UnixMillis::MAX.as_u64(),
    ) -> RefreshClaims {
        let (session, idle_expires_at) = (SessionId::new(session), UnixMillis::new(idle_expires_at).unwrap());
        RefreshClaims { session, generation, channel, idle_expires_at }
    }
}

proptest! {
    #[test]
    fn what_was_sealed_is_proved_and_says_the_same(body in any_body()) {
        let (token, ring) = (seal(&body), ring());
        prop_assert!(token.len() <= 142 && token.len() <= MAX_LENGTH);
        prop_assert_eq!(&seal(&body), &token);
        let last = UnixMillis::new(body.idle_expires_at.as_u64().saturating_sub(1)).unwrap();
        let sealed = SealedRefresh::parse(&token).unwrap();
        let at = |now| sealed.filter(body.channel, &ring, &demo(), now);
        prop_assert_eq!(at(body.idle_expires_at).err(), Some(Reject::Expired));
        if body.idle_expires_at > UnixMillis::EPOCH {
            let proved = at(last).unwrap().prove(&demo_key().refresh_sealer()).unwrap();
            prop_assert_eq!((proved.claims(), proved.kid()), (&body, demo_key().id()));
        }
    }

    #[test]
    fn signed_bodies_are_canonical_or_refused(
        body in any_body(),
        from in any::<prop::sample::Index>(),
        cut in 0_usize..4,
        put in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let mut bytes = body_bytes(&seal(&body));
        let from = from.index(bytes.len());
        bytes.splice(from..(from + cut).min(bytes.len()), put);
        expect_canonical_or_refused(&bytes)?;
    }

    #[test]
    fn signed_junk_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        expect_canonical_or_refused(&bytes)?;
    }

    #[test]
    fn whatever_comes_is_answered(text in prop_oneof![
        any::<String>(),
        "r1(\\.[A-Za-z0-9_-]{0,45}){0,5}",
        "r1\\.AQEBAQEBAQE\\.[A-Za-z0-9_-]{0,60}(\\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]){2}",
    ]) {
        for channel in CHANNELS {
            let filtered = SealedRefresh::parse(&text).and_then(|sealed| sealed.filter(channel, &ring(), &demo(), now()));
            prop_assert!(filtered.is_err());
        }
        let selection = select_refresh([text.as_str()].into_iter(), &ring(), &demo(), now());
        prop_assert!(matches!(selection, RefreshSelection::Rejected(_)));
    }

    /// As long as all are looked at, the order of the cookies decides nothing.
    #[test]
    fn the_order_does_not_matter(values in Just(several()).prop_shuffle()) {
        match select_refresh(values.iter().map(String::as_str), &ring(), &demo(), now()) {
            RefreshSelection::Passed(filtered, text) => {
                prop_assert_eq!(filtered.claims().generation, 5);
                prop_assert_eq!(text, seal(&RefreshClaims { generation: 5, ..body() }));
            }
            _ => prop_assert!(false, "none of {values:?} passes"),
        }
    }
}

fn several() -> Vec<String> {
    let over = RefreshClaims { idle_expires_at: now(), generation: 9, session: session(8), ..body() };
    vec![
        seal(&body()),
        seal(&RefreshClaims { generation: 5, ..body() }),
        seal(&over),
        format!("{}{}", &seal(&body())[..60], "x"),
        seal_access(&claims()),
        revoked_key().refresh_sealer().seal(&RefreshClaims { session: session(9), ..body() }),
        seal(&RefreshClaims { channel: Channel::Bearer, session: session(9), ..body() }),
    ]
}

fn expect_canonical_or_refused(bytes: &[u8]) -> Result<(), TestCaseError> {
    let (token, ring) = (sign_bytes(bytes), ring());
    let found = |channel| SealedRefresh::parse(&token)?.filter(channel, &ring, &demo(), UnixMillis::EPOCH);
    match found(Channel::Cookie).or_else(|_| found(Channel::Bearer)) {
        Ok(filtered) => prop_assert_eq!(body_bytes(&seal(filtered.claims())), bytes),
        Err(reject) => {
            let for_what_it_says = [Reject::BadClaims, Reject::BadMac, Reject::Expired, Reject::TooLong];
            prop_assert!(for_what_it_says.contains(&reject), "{reject:?}");
        }
    }
    Ok(())
}

#[test]
fn every_flipped_bit_is_refused() {
    let (token, ring) = (seal(&body()), ring());
    assert!(prove(&token, &ring).is_ok());
    for position in 0..token.len() {
        for bit in 0..8 {
            let mut bent = token.clone().into_bytes();
            bent[position] ^= 1 << bit;
            // What is no UTF-8 any more does not even reach the parser.
            if let Ok(bent) = String::from_utf8(bent) {
                assert!(filter(&bent, &ring).is_err(), "bit {bit} of {position}");
            }
        }
        assert!(filter(&token[..position], &ring).is_err(), "cut to {position}");
        for more in ["A", "=", ".", " "] {
            let (before, after) = token.split_at(position);
            assert!(filter(&format!("{before}{more}{after}"), &ring).is_err(), "{more:?} at {position}");
        }
    }
}

/// An edge that leaks has the outer subkey. What can be forged with it the origin does not prove.
#[test]
fn under_an_outer_mac_that_holds_every_flipped_bit_is_refused_by_the_origin() {
    let (token, ring) = (seal(&body()), ring());
    let inner = token.rsplit_once('.').unwrap().0;
    let signed = |text: &str| sign(&demo_key(), Purpose::RefreshFilter, text);
    assert_eq!(signed(inner), token);
    let mut passed = 0;
    for position in 0..inner.len() {
        for bit in 0..7 {
            let mut bent = inner.to_owned().into_bytes();
            bent[position] ^= 1 << bit;
            let bent = signed(std::str::from_utf8(&bent).unwrap());
            passed += usize::from(filter(&bent, &ring).is_ok());
            assert!(prove(&bent, &ring).is_err(), "bit {bit} of {position}");
        }
    }
    assert!(passed > 100, "only {passed} came as far as the inner MAC");
}

/// Of equal generations the first: two such texts there are only when an edge has leaked.
#[test]
fn of_one_generation_the_first_is_chosen() {
    let good = seal(&body());
    let text = good.rsplit_once('.').unwrap().0.rsplit_once('.').unwrap().0;
    let leaked = sign(&demo_key(), Purpose::RefreshFilter, &format!("{text}.{}", "A".repeat(43)));
    for values in [[&good, &leaked], [&leaked, &good]] {
        match select_refresh(values.iter().map(|value| value.as_str()), &ring(), &demo(), now()) {
            RefreshSelection::Passed(_, chosen) => assert_eq!(chosen, values[0]),
            _ => panic!("none of {values:?} passes"),
        }
    }
}

#[test]
fn the_checks_are_made_in_their_order() {
    let bearer = RefreshClaims { channel: Channel::Bearer, idle_expires_at: now(), ..body() };
    let acme_over = acme_key().refresh_sealer().seal(&RefreshClaims { idle_expires_at: now(), ..bearer });
    let unsigned = |token: &str| format!("{}{}", &token[..token.len() - 43], "A".repeat(43));
    let renamed = |token: &str, version: &str| token.replacen("r1", version, 1);
    let ring = ring();
    for (token, expected) in [
        (renamed(&"x.".repeat(97), "r2"), Reject::TooLong),
        ("r2.x.y".to_owned(), Reject::Malformed),
        ("r2.x.y.z.z".to_owned(), Reject::UnknownVersion),
        (renamed(&seal(&bearer), "v1"), Reject::UnknownVersion),
        (key(9, &demo()).refresh_sealer().seal(&bearer)[..99].to_owned(), Reject::Malformed),
        (unsigned(&key(9, &demo()).refresh_sealer().seal(&bearer)), Reject::UnknownKid),
        (unsigned(&revoked_key().refresh_sealer().seal(&bearer)), Reject::Revoked),
        (unsigned(&acme_over), Reject::BadMac),
        (acme_over, Reject::WrongTenant),
        (seal(&bearer), Reject::BadMac),
        (seal(&RefreshClaims { idle_expires_at: now(), ..body() }), Reject::Expired),
    ] {
        assert_eq!(filter(&token, &ring).err(), Some(expected), "{token}");
    }
    assert_eq!(filter(&sign_bytes(&[0xFF; 60]), &ring).err(), Some(Reject::BadClaims));
}

#[test]
fn a_retired_key_filters_and_proves() {
    let (token, ring) = (retired_key().refresh_sealer().seal(&body()), ring());
    assert_eq!(ring.check_refresh_key(retired_key().id()), Ok(()));
    assert_eq!(ring.check_refresh_key(revoked_key().id()), Err(Reject::Revoked));
    assert_eq!(ring.check_refresh_key(key(9, &demo()).id()), Err(Reject::UnknownKid));
    let filtered = filter(&token, &ring).unwrap();
    assert!(filtered.prove(&retired_key().refresh_sealer()).is_ok());
    assert_eq!(filtered.prove(&demo_key().refresh_sealer()), Err(Reject::BadMac), "another key of the tenant");
}

/// Nobody but the origin can make one, and it does not. It would be taken for what it is not, were the sealer not asked
/// whose it is.
#[test]
fn an_inner_mac_of_another_key_than_the_token_names_proves_nothing() {
    let token = seal(&body());
    let text = token.rsplitn(3, '.').last().unwrap();
    let (inner, ring) = (sign(&retired_key(), Purpose::Refresh, text), ring());
    let token = sign(&demo_key(), Purpose::RefreshFilter, &inner);
    let filtered = filter(&token, &ring).unwrap();
    for key in [demo_key(), retired_key()] {
        assert_eq!(filtered.prove(&key.refresh_sealer()), Err(Reject::BadMac), "{key:?}");
    }
}

#[test]
fn purposes_are_kept_apart() {
    let ring = ring();
    let as_access = |text: &str| {
        let kinds = [TokenKind::Access, TokenKind::Bearer];
        kinds.into_iter().find_map(|kind| Sealed::parse(text).ok()?.authenticate(kind, &ring, &demo()).ok())
    };
    // An access token is no refresh token, whatever is done to its form, and the other way round.
    for access in [seal_access(&claims()), demo_key().bearer_sealer().seal(&claims()).unwrap()] {
        for text in [access.clone(), access.replacen("v1", "r1", 1)] {
            for more in ["", ".", ".AAAA", &format!(".{}", "A".repeat(43))] {
                assert!(filter(&format!("{text}{more}"), &ring).is_err(), "{text}{more}");
            }
        }
    }
    for channel in CHANNELS {
        let refresh = seal(&RefreshClaims { channel, ..body() });
        let (shorter, outer) = refresh.rsplit_once('.').unwrap();
        let without_inner = format!("{}.{outer}", shorter.rsplit_once('.').unwrap().0);
        for text in [&refresh, shorter, &without_inner] {
            assert!(as_access(text).is_none() && as_access(&text.replacen("r1", "v1", 1)).is_none(), "{text}");
        }
        // What is good in one place is good in no other.
        let other = if channel == Channel::Cookie { Channel::Bearer } else { Channel::Cookie };
        let at = |channel| SealedRefresh::parse(&refresh).unwrap().filter(channel, &ring, &demo(), now());
        assert!(at(channel).is_ok());
        assert_eq!(at(other).err(), Some(Reject::BadMac));
    }
    let outcome = verify(&seal(&body()), &ring, now()).err();
    assert_eq!(outcome, Some(Reject::Malformed));
}

/// The two kinds of access token, of one key and the same claims, differ and do not cross.
#[test]
fn what_signs_for_cookies_does_not_sign_for_headers() {
    let (access, bearer) = (seal_access(&claims()), demo_key().bearer_sealer().seal(&claims()).unwrap());
    let ring = ring();
    for (text, good, bad) in
        [(&access, TokenKind::Access, TokenKind::Bearer), (&bearer, TokenKind::Bearer, TokenKind::Access)]
    {
        let sealed = Sealed::parse(text).unwrap();
        assert!(sealed.authenticate(good, &ring, &demo()).is_ok());
        assert_eq!(sealed.authenticate(bad, &ring, &demo()).err(), Some(Reject::BadMac));
    }
}

#[test]
fn a_csrf_token_is_proved_under_each_key_of_the_tenant_that_has_sessions() {
    let ring = ring();
    let token = |key: &SigningKey, session| {
        let published = Keyring::new(1, 1, &[key.publish()]).unwrap();
        published.find(key.id()).unwrap().csrf_token(session).unwrap().expose()
    };
    for (key, proves) in [
        (demo_key(), true),
        (retired_key(), true),
        (revoked_key(), false),
        (acme_key(), false),
        (key(9, &demo()), false),
    ] {
        let text = token(&key, session(7));
        assert_eq!(ring.proves_csrf(&demo(), session(7), &text), proves, "{key:?}");
        assert!(!ring.proves_csrf(&demo(), session(8), &text), "{key:?}, another session");
    }
    assert!(ring.proves_csrf(&acme(), session(7), &token(&acme_key(), session(7))));
    assert!(!ring.proves_csrf(&acme(), session(7), &token(&demo_key(), session(7))), "another tenant's");
    let good = token(&demo_key(), session(7));
    for wrong in ["", &good[1..], &format!("{good}A"), &format!("{good}="), &good.to_lowercase(), &seal(&body())] {
        assert!(!ring.proves_csrf(&demo(), session(7), wrong), "{wrong}");
    }
}

#[test]
fn nothing_of_the_keys_is_printed() {
    let shown = format!("{:?}", demo_key().refresh_sealer());
    assert_eq!(shown, "RefreshSealer { kid: sk-AQEBAQEBAQE, tenant: \"demo\", .. }");
}
