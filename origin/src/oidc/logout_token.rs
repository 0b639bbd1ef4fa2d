//! A logout token (OpenID Connect Back-Channel Logout 1.0 §2.4), checked as §2.6 says.

use openidconnect::core::CoreJsonWebKeySet;
use sealgate_shared::time::UnixMillis;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::ProviderSettings;
use super::claims::{Audience, LEEWAY_MS, Name, NumericDate};
use super::jws::{Jws, JwsFault};

/// How old a token may be, whatever it says of its end: what was taken once is remembered that long.
const OLDEST_MS: u64 = 24 * 3_600_000;
/// The type of such tokens; and the one that providers give theirs who are older than the specification.
const TYPES: &[&str] = &["logout+jwt", "jwt"];
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whose sessions are over, as the provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogoutToken {
    /// Together with `sid`: that session, if it is this person's.
    pub(crate) subject: Option<String>,
    pub(crate) sid: Option<String>,
    /// The token's own name, by which it is known again.
    pub(crate) jti: String,
    pub(crate) issued_at: UnixMillis,
    /// From here on it would not be accepted.
    pub(crate) expires_at: UnixMillis,
}

/// Why a logout token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogoutFault {
    Jws(JwsFault),
    Issuer,
    Audience,
    IssuedAt,
    Expiry,
    Events,
    Nonce,
    Subject,
    TokenId,
}

impl LogoutFault {
    /// Not even a token.
    pub(crate) const MALFORMED: Self = Self::Jws(JwsFault::Malformed);

    /// A stable word for each.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Jws(JwsFault::Malformed) => "malformed",
            Self::Jws(JwsFault::Algorithm) => "algorithm",
            Self::Jws(JwsFault::KeyUnknown) => "key_unknown",
            Self::Jws(JwsFault::Signature) => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::IssuedAt => "issued_at",
            Self::Expiry => "expired",
            Self::Events => "events",
            Self::Nonce => "nonce",
            Self::Subject => "subject",
            Self::TokenId => "token_id",
        }
    }
}

/// Takes a token apart; nothing of it is believed.
pub(crate) fn parse(text: &str) -> Result<Jws<'_>, LogoutFault> {
    Jws::parse(text, TYPES).map_err(LogoutFault::Jws)
}

/// Checks a token of that provider.
pub(crate) fn check(
    token: &Jws<'_>,
    keys: &CoreJsonWebKeySet,
    settings: &ProviderSettings,
    now: UnixMillis,
) -> Result<LogoutToken, LogoutFault> {
    let verified = token.verify(keys).map_err(LogoutFault::Jws)?;
    judge(&verified.claims, settings, now)
}

fn judge(
    claims: &Map<String, Value>,
    settings: &ProviderSettings,
    now: UnixMillis,
) -> Result<LogoutToken, LogoutFault> {
    if claims.get("iss").and_then(Value::as_str) != Some(settings.issuer.as_str()) {
        return Err(LogoutFault::Issuer);
    }
    if !read(claims, "aud").is_some_and(|audience: Audience| audience.is(settings)) {
        return Err(LogoutFault::Audience);
    }
    let NumericDate(issued_at) = read(claims, "iat").ok_or(LogoutFault::IssuedAt)?;
    if issued_at > now.plus(LEEWAY_MS) || now.since(issued_at) > OLDEST_MS {
        return Err(LogoutFault::IssuedAt);
    }
    let NumericDate(ends_at) = read(claims, "exp").ok_or(LogoutFault::Expiry)?;
    let expires_at = ends_at.plus(LEEWAY_MS);
    if now >= expires_at {
        return Err(LogoutFault::Expiry);
    }
    if !claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
        return Err(LogoutFault::Events);
    }
    // So that no ID token passes for one, whatever else it holds.
    if claims.contains_key("nonce") {
        return Err(LogoutFault::Nonce);
    }
    let subject = name(claims, "sub", LogoutFault::Subject)?;
    let sid = name(claims, "sid", LogoutFault::Subject)?;
    if subject.is_none() && sid.is_none() {
        return Err(LogoutFault::Subject);
    }
    let jti = name(claims, "jti", LogoutFault::TokenId)?.ok_or(LogoutFault::TokenId)?;
    let expires_at = expires_at.min(issued_at.plus(OLDEST_MS + 1));
    Ok(LogoutToken { subject, sid, jti, issued_at, expires_at })
}

/// The claim, if it is there and of that kind.
fn read<'c, T: Deserialize<'c>>(claims: &'c Map<String, Value>, name: &str) -> Option<T> {
    T::deserialize(claims.get(name)?).ok()
}

/// A name that a provider gives, if it gives one.
fn name(claims: &Map<String, Value>, name: &str, fault: LogoutFault) -> Result<Option<String>, LogoutFault> {
    let read = claims.get(name).map(Name::deserialize).transpose();
    Ok(read.map_err(|_| fault)?.map(|name| name.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_780_315_200;

    fn claims() -> Map<String, Value> {
        let claims = json!({
            "iss": "https://login.example",
            "aud": "sealgate",
            "iat": NOW,
            "exp": NOW + 120,
            "jti": "one",
            "sub": "ada",
            "sid": "s-1",
            "events": { EVENT: {} },
        });
        claims.as_object().unwrap().clone()
    }

    fn judged(change: &Value) -> Result<LogoutToken, LogoutFault> {
        let mut claims = claims();
        for (name, value) in change.as_object().unwrap() {
            // A text that says so takes the claim away; `null` is a value.
            if value == "(none)" {
                claims.remove(name)
            } else {
                claims.insert(name.clone(), value.clone())
            };
        }
        let settings = ProviderSettings::new("Login", "https://login.example".parse().unwrap(), "sealgate");
        judge(&claims, &settings, UnixMillis::new(NOW * 1_000).unwrap())
    }

    #[test]
    fn what_the_specification_allows_holds() {
        let token = judged(&json!({})).unwrap();
        assert_eq!(
            (token.subject.as_deref(), token.sid.as_deref(), token.jti.as_str()),
            (Some("ada"), Some("s-1"), "one")
        );
        assert_eq!(token.expires_at.as_u64(), (NOW + 180) * 1_000);
        for good in [
            json!({ "sub": "(none)" }),
            json!({ "sid": "(none)" }),
            json!({ "aud": ["sealgate"] }),
            json!({ "events": { EVENT: {}, "http://other.example": {} } }),
            json!({ "events": { EVENT: { "more": 1 } } }),
            json!({ "iat": NOW + 60 }),
            json!({ "iat": 1_780_315_200.5 }),
            json!({ "iat": NOW - 24 * 3_600 }),
            json!({ "exp": NOW - 59 }),
            json!({ "more": null }),
        ] {
            assert!(judged(&good).is_ok(), "{good}");
        }
        let far = judged(&json!({ "exp": NOW + 10_000_000 })).unwrap().expires_at;
        assert_eq!(far.as_u64(), (NOW + 24 * 3_600) * 1_000 + 1, "none is remembered for ever");
    }

    #[test]
    fn everything_else_is_refused_for_its_own_reason() {
        let long = "a".repeat(256);
        for (fault, changes) in [
            (
                LogoutFault::Issuer,
                [
                    json!("(none)"),
                    json!(null),
                    json!("https://login.example/"),
                    json!("https://evil.example"),
                    json!(1),
                ]
                .map(|value| json!({ "iss": value }))
                .to_vec(),
            ),
            (
                LogoutFault::Audience,
                [
                    json!("(none)"),
                    json!("other"),
                    json!([]),
                    json!(["sealgate", "other"]),
                    json!(["other"]),
                    json!({}),
                    json!("SEALGATE"),
                ]
                .map(|value| json!({ "aud": value }))
                .to_vec(),
            ),
            (
                LogoutFault::IssuedAt,
                [
                    json!("(none)"),
                    json!(NOW + 61),
                    json!(NOW - 24 * 3_600 - 1),
                    json!("now"),
                    json!(-1),
                    json!(1e300),
                    json!(NOW.to_string()),
                ]
                .map(|value| json!({ "iat": value }))
                .to_vec(),
            ),
            (
                LogoutFault::Expiry,
                [json!("(none)"), json!(NOW - 60), json!(0), json!(null), json!("never")]
                    .map(|value| json!({ "exp": value }))
                    .to_vec(),
            ),
            (
                LogoutFault::Events,
                [
                    json!("(none)"),
                    json!({}),
                    json!([EVENT]),
                    json!(EVENT),
                    json!({ EVENT: null }),
                    json!({ EVENT: true }),
                    json!({ "http://schemas.openid.net/event/other": {} }),
                ]
                .map(|value| json!({ "events": value }))
                .to_vec(),
            ),
            (LogoutFault::Nonce, [json!("n"), json!(null), json!("")].map(|value| json!({ "nonce": value })).to_vec()),
            (
                LogoutFault::Subject,
                vec![
                    json!({ "sub": "(none)", "sid": "(none)" }),
                    json!({ "sub": 1 }),
                    json!({ "sid": null }),
                    json!({ "sub": "" }),
                    json!({ "sid": "a\u{0}" }),
                    json!({ "sub": long }),
                ],
            ),
            (
                LogoutFault::TokenId,
                [json!("(none)"), json!(""), json!(1), json!("a\n"), json!(long)]
                    .map(|value| json!({ "jti": value }))
                    .to_vec(),
            ),
        ] {
            for change in changes {
                assert_eq!(judged(&change), Err(fault), "{change}");
            }
        }
    }
}
