//! Refresh tokens: one by itself, on some channel, for some tenant, at some time; and several in one request.

use sealgate_shared::id::SessionId;
use sealgate_shared::key::{Purpose, SigningKey};
use sealgate_shared::refresh::{
    Channel, FilteredRefresh, RefreshClaims, RefreshSelection, SealedRefresh, select_refresh,
};
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Sealed, TokenKind};

use crate::reference;
use crate::world::{WORLD, demo, now, sign};

/// The first byte says where, for whom and when; the rest are texts of tokens, one a line. A MAC written `!` or `?`
/// stands for the right one (the latter for the inner one of a bearer token): chance would never find it.
pub fn check(data: &[u8]) {
    let Some((&place, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let tokens: Vec<String> = text.split('\n').map(fill_in_macs).collect();
    for token in &tokens {
        check_one(token, place);
    }
    check_selection(&tokens);
}

fn check_one(token: &str, place: u8) {
    let channel = if place & 1 == 0 { Channel::Cookie } else { Channel::Bearer };
    let tenant = WORLD.keys[usize::from(place >> 1 & 7) % WORLD.keys.len()].tenant();
    // The longest idle expiry there is, a moment before it, the usual time, and the first of all.
    let moments = [now(), UnixMillis::EPOCH, UnixMillis::MAX, now().plus(3_599_999), now().plus(3_600_000)];
    let now = moments[usize::from(place >> 4) % moments.len()];

    let filtered = SealedRefresh::parse(token).and_then(|sealed| sealed.filter(channel, &WORLD.ring, tenant, now));
    let expected = reference::refresh::filter(token, channel, &WORLD, tenant.as_str(), now);
    assert_eq!(filtered.as_ref().map(FilteredRefresh::claims), expected.as_ref(), "{token} at {now}");
    assert!([TokenKind::Access, TokenKind::Bearer].iter().all(|&kind| {
        let read = Sealed::parse(token).and_then(|sealed| sealed.authenticate(kind, &WORLD.ring, tenant));
        filtered.is_err() || read.is_err()
    }));

    let Ok(filtered) = filtered else { return };
    let key = WORLD.find(filtered.kid().as_bytes()).unwrap();
    let proved = filtered.prove(&key.refresh_sealer());
    assert_eq!(proved.is_ok(), reference::refresh::proves(token, &WORLD), "{token}");
    // Of all texts in the world this one alone says so: sealing what it says gives it again.
    assert_eq!(key.refresh_sealer().seal(filtered.claims()) == token, proved.is_ok(), "{token}");
    assert_good_nowhere_else(token, &filtered, now);
}

fn assert_good_nowhere_else(token: &str, filtered: &FilteredRefresh<'_>, now: UnixMillis) {
    let sealed = SealedRefresh::parse(token).unwrap();
    let other = match filtered.claims().channel {
        Channel::Cookie => Channel::Bearer,
        Channel::Bearer => Channel::Cookie,
    };
    let signed_by = WORLD.find(filtered.kid().as_bytes()).unwrap();
    for key in &WORLD.keys {
        assert!(sealed.filter(other, &WORLD.ring, key.tenant(), now).is_err(), "{token}");
        let good = sealed.filter(filtered.claims().channel, &WORLD.ring, key.tenant(), now).is_ok();
        assert_eq!(good, key.tenant() == signed_by.tenant(), "{token}");
        let proved = filtered.prove(&key.refresh_sealer()).is_ok();
        assert!(!proved || key.id() == signed_by.id(), "{token} is proved by {key:?}");
    }
}

/// docs/FORMAT.md, "Several `__Host-sg_refresh` cookies".
fn check_selection(tokens: &[String]) {
    let mut outcome = None;
    let (mut macs, mut good, mut reason): (_, Vec<(RefreshClaims, &str)>, _) = (0, Vec::new(), None);
    for token in tokens {
        let verdict = reference::refresh::filter(token, Channel::Cookie, &WORLD, "demo", now());
        let unread = [Reject::TooLong, Reject::Malformed, Reject::UnknownVersion, Reject::UnknownKid, Reject::Revoked];
        if !matches!(&verdict, Err(reject) if unread.contains(reject)) {
            if macs == 4 {
                break;
            }
            macs += 1;
        }
        match verdict {
            Ok(claims) => good.push((claims, token)),
            Err(reject) => reason = reason.or(Some(reject)),
        }
    }
    let highest = good.iter().rev().max_by_key(|(claims, _)| claims.generation);
    if good.iter().any(|(claims, _)| claims.session != good[0].0.session) {
        reason = Some(Reject::AmbiguousSession);
    } else {
        outcome = highest.map(|(claims, text)| (*claims, *text));
    }
    match select_refresh(tokens.iter().map(String::as_str), &WORLD.ring, &demo(), now()) {
        RefreshSelection::Missing => panic!("there are {tokens:?}"),
        RefreshSelection::Passed(filtered, text) => {
            let (claims, first): (RefreshClaims, &str) = outcome.unwrap();
            assert_eq!((filtered.claims(), text), (&claims, first), "{tokens:?}");
        }
        RefreshSelection::Rejected(reject) => {
            assert_eq!(
                (outcome.map(|(claims, _)| claims.session), reason),
                (None::<SessionId>, Some(reject)),
                "{tokens:?}"
            );
        }
    }
}

fn fill_in_macs(text: &str) -> String {
    let Some((rest, outer)) = text.rsplit_once('.') else { return text.to_owned() };
    let kid = text.split('.').nth(1).and_then(reference::decode_base64url);
    let key: &SigningKey = kid.and_then(|kid| WORLD.find(&kid)).unwrap_or(&WORLD.keys[0]);
    let rest = match rest.rsplit_once('.') {
        Some((signed, "!")) => sign(key, Purpose::Refresh, signed),
        Some((signed, "?")) => sign(key, Purpose::RefreshBearer, signed),
        _ => rest.to_owned(),
    };
    if outer == "!" { sign(key, Purpose::RefreshFilter, &rest) } else { format!("{rest}.{outer}") }
}
