//! `Cookie` headers.

use std::sync::LazyLock;

use sealgate_shared::cookie::{CookieName, CookieNames, Selection, only_ours, pairs, select, values_of, without_ours};
use sealgate_shared::id::SessionId;
use sealgate_shared::key::Purpose;
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{MAX_LENGTH, Sealed, TokenKind};

use crate::reference;
use crate::world::{WORLD, demo, kid, now, sign};

/// Text in which some control characters stand for whole tokens: see [`MARKS`].
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let header = fill_in_tokens(text);
    // An edge reads half of that, and longer ones only take longer.
    if header.len() > 16_384 {
        return;
    }
    let all = naive_pairs(&header);
    for names in [CookieNames::Host, CookieNames::Dev] {
        for cookie in CookieName::ALL {
            let expected = all.iter().filter(|pair| pair.name == names.name(cookie)).map(|pair| pair.value);
            let read: Vec<_> = values_of(&header, names, cookie).collect();
            assert!(expected.eq(read.iter().copied()), "{header:?}: {read:?}");
        }
        check_parting(&header, names);
    }
    check_selection(&header);
}

/// What goes to an application holds none of ours, also not behind the commas by which some join header lines, and
/// all others in their order; the other half is ours alone.
fn check_parting(header: &str, names: CookieNames) {
    let is_ours = |pair: &Pair<'_>| CookieName::ALL.iter().any(|&cookie| names.name(cookie) == pair.name);
    let ours: Vec<_> = naive_pairs(header).into_iter().filter(is_ours).collect();
    let others: Vec<_> = header.split(';').flat_map(|pair| naive_others(pair, is_ours)).collect();
    for (kept, expected) in [(without_ours(header, names), others), (only_ours(header, names), ours)] {
        assert_eq!(naive_pairs(&kept), expected, "{header:?} became {kept:?}");
        assert!(kept.len() <= header.len() + expected.len(), "{header:?} grew to {kept:?}");
        let read: Vec<_> = pairs(&kept).collect();
        assert!(read.into_iter().eq(expected.iter().map(|pair| (pair.name, pair.value))), "{kept:?}");
    }
    let once = without_ours(header, names);
    assert!(!naive_pairs(&once.replace(',', ";")).iter().any(is_ours), "{header:?} became {once:?}");
    assert_eq!(without_ours(&once, names), once);
}

/// A pair without a semicolon, or what is left of it: the pieces between its commas, if one of them is ours.
fn naive_others(pair: &str, is_ours: impl Fn(&Pair<'_>) -> bool) -> Vec<Pair<'_>> {
    let pieces: Vec<_> = pair.split(',').flat_map(naive_pairs).collect();
    if pieces.iter().any(&is_ours) {
        pieces.into_iter().filter(|piece| !is_ours(piece)).collect()
    } else {
        naive_pairs(pair)
    }
}

/// The choice among several is the one that docs/FORMAT.md makes, and a token that is chosen is one that
/// passes all checks by itself.
fn check_selection(header: &str) {
    let values: Vec<_> = values_of(header, CookieNames::Host, CookieName::Access).collect();
    let selection = select(values.iter().copied(), &WORLD.ring, &demo(), now());
    let outcome = match &selection {
        Selection::Missing => Outcome::Missing,
        Selection::Verified(token) => {
            let alone = values.iter().filter_map(|value| {
                let authentic =
                    Sealed::parse(value).ok()?.authenticate(TokenKind::Access, &WORLD.ring, &demo()).ok()?;
                authentic.verify(now()).ok()
            });
            assert!(alone.into_iter().any(|alone| alone == *token), "{header:?}: {token:?}");
            Outcome::Good(token.claims().session, token.claims().generation)
        }
        Selection::Expired(token) => Outcome::Expired(token.claims().session),
        Selection::Rejected(reject) => Outcome::Rejected(*reject),
    };
    assert_eq!(outcome, naive_selection(&values), "{header:?}");
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Missing,
    Good(SessionId, u32),
    Expired(SessionId),
    Rejected(Reject),
}

/// What is found before there is a MAC to compute. Nobody has looked at the time then: expired and revoked are said of
/// the key.
const BEFORE_THE_MAC: [Reject; 6] =
    [Reject::TooLong, Reject::Malformed, Reject::UnknownVersion, Reject::UnknownKid, Reject::Expired, Reject::Revoked];

/// docs/FORMAT.md, "Several `__Host-sg` cookies".
fn naive_selection(values: &[&str]) -> Outcome {
    let (mut macs, mut good, mut expired, mut reasons) = (0, Vec::new(), None, Vec::new());
    for value in values {
        let claims = reference::authenticate(value, Purpose::Access, &WORLD, "demo");
        if !matches!(&claims, Err(reject) if BEFORE_THE_MAC.contains(reject)) {
            if macs == 4 {
                break;
            }
            macs += 1;
        }
        match claims.map(|claims| (reference::is_good_at(&claims, now()), claims)) {
            Ok((Ok(()), claims)) => good.push(claims),
            Ok((Err(Reject::Expired), claims)) => expired = expired.or(Some(claims.session)),
            Ok((Err(reject), _)) | Err(reject) => reasons.push(reject),
        }
    }
    if good.iter().any(|claims| claims.session != good[0].session) {
        return Outcome::Rejected(Reject::AmbiguousSession);
    }
    // Of equal ones the first: `max_by_key` would take the last.
    let first = if reasons.contains(&Reject::Expired) { Some(&Reject::Expired) } else { reasons.first() };
    match (good.iter().rev().max_by_key(|claims| claims.generation), expired, first) {
        (Some(claims), _, _) => Outcome::Good(claims.session, claims.generation),
        (None, Some(session), _) => Outcome::Expired(session),
        (None, None, Some(&reject)) => Outcome::Rejected(reject),
        (None, None, None) => Outcome::Missing,
    }
}

#[derive(Debug, PartialEq)]
struct Pair<'h> {
    name: &'h str,
    value: &'h str,
}

/// The pairs of a header, found character by character.
fn naive_pairs(header: &str) -> Vec<Pair<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in (0..=header.len()).filter(|&at| at == header.len() || header.as_bytes()[at] == b';') {
        let pair = naive_trim(&header[start..end]);
        start = end + 1;
        let equals = (0..pair.len()).find(|&at| pair.as_bytes()[at] == b'=');
        match equals {
            _ if pair.is_empty() => {}
            None => found.push(Pair { name: "", value: pair }),
            Some(at) => found.push(Pair { name: naive_trim(&pair[..at]), value: naive_trim(&pair[at + 1..]) }),
        }
    }
    found
}

fn naive_trim(mut text: &str) -> &str {
    while let Some(rest) = text.strip_prefix(' ').or_else(|| text.strip_prefix('\t')) {
        text = rest;
    }
    while let Some(rest) = text.strip_suffix(' ').or_else(|| text.strip_suffix('\t')) {
        text = rest;
    }
    text
}

/// The characters that stand for [`TOKENS`], one for each.
const MARKS: &str = "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\u{e}\u{f}";

/// An ordinary token, the next one of the same session, one of another session, an expired one, a forged one, one of an
/// unknown key, another tenant's, a bearer token, one of a retired key, one of a revoked key.
static TOKENS: LazyLock<[String; 10]> = LazyLock::new(|| {
    let (demo_key, acme_key) = (&WORLD.keys[0], WORLD.keys.iter().find(|key| key.tenant().as_str() == "acme").unwrap());
    let refused = |reject| WORLD.keys.iter().find(|key| WORLD.refusal(key.id().as_bytes()) == Some(reject)).unwrap();
    let claims = |session: u8, generation: u8, issued_at: UnixMillis, tenant: &str| {
        let mut bytes = vec![session; 16];
        bytes.push(1);
        for text in [tenant, "user"] {
            bytes.push(u8::try_from(text.len()).unwrap());
            bytes.extend(text.as_bytes());
        }
        bytes.extend([1, 3]);
        bytes.extend(b"ada");
        // Ten minutes long, signed in at that moment, no roles.
        for number in [issued_at.as_u64(), 600_000, 0, generation.into()] {
            bytes.extend(varint(number));
        }
        bytes.extend([1, 0]);
        bytes
    };
    let token = |key, purpose, claims: &[u8]| {
        sign(key, purpose, &format!("v1.{}.{}", kid(key), reference::encode_base64url(claims)))
    };
    let good = token(demo_key, Purpose::Access, &claims(7, 3, now(), "demo"));
    let forged = format!("{}{}", &good[..good.len() - 43], "A".repeat(43));
    let stranger = good.replacen(&kid(demo_key), "AAAAAAAAAAA", 1);
    assert!(good.len() < MAX_LENGTH);
    [
        good,
        token(demo_key, Purpose::Access, &claims(7, 4, now(), "demo")),
        token(demo_key, Purpose::Access, &claims(8, 3, now(), "demo")),
        token(demo_key, Purpose::Access, &claims(9, 3, now().minus(600_000), "demo")),
        forged,
        stranger,
        token(acme_key, Purpose::Access, &claims(7, 3, now(), "acme")),
        token(demo_key, Purpose::Bearer, &claims(7, 3, now(), "demo")),
        token(refused(Reject::Expired), Purpose::Access, &claims(7, 3, now(), "demo")),
        token(refused(Reject::Revoked), Purpose::Access, &claims(7, 3, now(), "demo")),
    ]
});

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7F {
        bytes.push(u8::try_from(number & 0x7F).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

fn fill_in_tokens(text: &str) -> String {
    let mut header = String::new();
    for character in text.chars() {
        match MARKS.find(character).and_then(|number| TOKENS.get(number)) {
            Some(token) => header.push_str(token),
            None => header.push(character),
        }
    }
    header
}
