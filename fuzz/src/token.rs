//! Tokens, found at some place, for some tenant, at some time.

use sealgate_shared::claims::Claims;
use sealgate_shared::key::{Purpose, SigningKey};
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Authentic, Sealed, TokenKind};

use crate::reference;
use crate::world::{WORLD, now, sign};

/// The first byte says where, for whom and when; the rest is the text of the token. A MAC written `!` or `?`
/// stands for the right one of an access or a bearer token: chance would never find it.
pub fn check(data: &[u8]) {
    let Some((&place, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let token = fill_in_mac(text);
    let (kind, purpose) = match place & 1 {
        0 => (TokenKind::Access, Purpose::Access),
        _ => (TokenKind::Bearer, Purpose::Bearer),
    };
    let tenant = WORLD.keys[usize::from(place >> 1 & 7) % WORLD.keys.len()].tenant();

    let read = Sealed::parse(&token).and_then(|sealed| sealed.authenticate(kind, &WORLD.ring, tenant));
    let expected = reference::authenticate(&token, purpose, &WORLD, tenant.as_str());
    assert_eq!(read.as_ref().map(Authentic::claims), expected.as_ref(), "{token}");

    let Ok(authentic) = read else { return };
    assert_only_this_token(&token, purpose, authentic.claims());
    assert_good_nowhere_else(&token, kind);
    let now = moments(authentic.claims())[usize::from(place >> 4)];
    let verified = authentic.clone().verify(now).map(|verified| verified.claims().clone());
    let expected = reference::is_good_at(authentic.claims(), now).map(|()| authentic.claims().clone());
    assert_eq!(verified.map_err(Reject::from), expected, "{token} at {now}");
}

fn fill_in_mac(text: &str) -> String {
    let (signed, purpose) = match text.rsplit_once('.') {
        Some((signed, "!")) => (signed, Purpose::Access),
        Some((signed, "?")) => (signed, Purpose::Bearer),
        _ => return text.to_owned(),
    };
    let kid = signed.split('.').nth(1).and_then(reference::decode_base64url);
    let key = kid.and_then(|kid| WORLD.find(&kid)).unwrap_or(&WORLD.keys[0]);
    sign(key, purpose, signed)
}

/// Of all texts in the world this one alone says so: sealing the claims gives it again.
fn assert_only_this_token(token: &str, purpose: Purpose, claims: &Claims) {
    let kid = Sealed::parse(token).unwrap().kid();
    let key = WORLD.find(kid.as_bytes()).unwrap();
    let again = key.access_sealer().seal(claims).unwrap();
    let signed = again.rsplit_once('.').unwrap().0;
    assert_eq!(sign(key, purpose, signed), token);
    assert_eq!(purpose == Purpose::Access, again == token);
}

fn assert_good_nowhere_else(token: &str, kind: TokenKind) {
    let sealed = Sealed::parse(token).unwrap();
    let other_kind = if kind == TokenKind::Access { TokenKind::Bearer } else { TokenKind::Access };
    let mut good = Vec::new();
    for tenant in WORLD.keys.iter().map(SigningKey::tenant) {
        assert_eq!(sealed.authenticate(other_kind, &WORLD.ring, tenant), Err(Reject::BadMac), "{token}");
        match sealed.authenticate(kind, &WORLD.ring, tenant) {
            Ok(_) => good.push(tenant),
            Err(reject) => assert_eq!(reject, Reject::WrongTenant, "{token}"),
        }
    }
    good.dedup();
    assert_eq!(good.len(), 1, "{token} is good at {good:?}");
}

/// The moments at which a verdict may turn, and some others.
fn moments(claims: &Claims) -> [UnixMillis; 16] {
    let (issued, expires) = (claims.issued_at, claims.expires_at);
    let epoch = UnixMillis::new(0).unwrap();
    [
        now(),
        epoch,
        UnixMillis::MAX,
        issued,
        issued.minus(1),
        issued.minus(5_000),
        issued.minus(5_001),
        issued.plus(1),
        expires,
        expires.minus(1),
        expires.plus(1),
        expires.plus(5_000),
        claims.authenticated_at,
        now().plus(60_000),
        now().minus(60_000),
        now().plus(900_000),
    ]
}
