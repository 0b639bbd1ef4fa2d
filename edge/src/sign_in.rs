//! What a refused request is answered: a problem document; for somebody navigating the way to sign-in, or a page.

use core::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sealgate_shared::cookie::{self, CookieName, CookieNames};
use sealgate_shared::reject::Reject;

use crate::refusal::{Denial, Explained as _, Refusal};
use crate::request::{Browsing, Incoming, Target};
use crate::settings::Settings;

/// A response made by the edge itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// How often somebody is sent to sign in from one page within [`DETOUR_S`] without ever being recognised; then
/// they are told instead. A browser that refuses our cookies, or whose clock or ours is off, would be sent round for
/// ever.
const MAX_DETOURS: u32 = 3;

/// How long, in seconds, the browser remembers that it was sent to sign in.
const DETOUR_S: u64 = 30;

/// Makes the answer to a refused request. `settings` is `None` when the edge is misconfigured.
pub fn answer(denial: Denial, incoming: &Incoming<'_>, browsing: &Browsing<'_>, settings: Option<&Settings>) -> Answer {
    let refusal = denial.why;
    let names = settings.map_or(CookieNames::Host, |settings| settings.names);
    let mut headers = vec![("cache-control", "no-store".to_owned())];
    if refusal == Refusal::Token(Reject::AmbiguousSession) && !denial.is_bearer {
        // Nobody can tell which is whose; with one of the two left, the next request would be decided on it.
        headers
            .extend([CookieName::Access, CookieName::Refresh].map(|name| ("set-cookie", cookie::clear(names, name))));
    }
    if let Some(detour) = settings.and_then(|settings| detour(denial, incoming, browsing, settings)) {
        headers.push(("location", detour.location));
        headers.push(("set-cookie", cookie::set(names, CookieName::Detour, &detour.mark, Some(DETOUR_S))));
        return Answer { status: 302, headers, body: String::new() };
    }
    let (content_type, body) = if incoming.method == "GET" && browsing.is_navigation() && !denial.is_bearer {
        headers.push(("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'".to_owned()));
        ("text/html; charset=utf-8", refusal.page())
    } else {
        ("application/problem+json", refusal.body(denial.max_age_s))
    };
    headers.push(("content-type", content_type.to_owned()));
    match refusal.status() {
        // RFC 9110 §11.6.1 wants a challenge with every 401.
        401 => headers.push(("www-authenticate", challenge(denial, names))),
        503 => headers.push(("retry-after", "1".to_owned())),
        _ => {}
    }
    Answer { status: refusal.status(), headers, body }
}

/// RFC 6750 §3 and RFC 9470 §3. Browsers show nothing for a scheme that they don't know.
fn challenge(denial: Denial, names: CookieNames) -> String {
    let mut challenge = if denial.is_bearer {
        "Bearer ".to_owned()
    } else {
        format!("Cookie cookie-name=\"{}\"", names.name(CookieName::Access))
    };
    let error = match denial.why {
        Refusal::NotFresh => Some(Refusal::NotFresh.code()),
        _ => denial.is_bearer.then_some("invalid_token"),
    };
    if let Some(error) = error {
        let comma = if denial.is_bearer { "" } else { ", " };
        challenge = format!("{challenge}{comma}error=\"{error}\"");
    }
    match denial.max_age_s {
        Some(seconds) => format!("{challenge}, max_age=\"{seconds}\""),
        None => challenge,
    }
}

struct Detour {
    location: String,
    /// How often, and from which page.
    mark: String,
}

fn detour(denial: Denial, incoming: &Incoming<'_>, browsing: &Browsing<'_>, settings: &Settings) -> Option<Detour> {
    let is_at_a_page = incoming.method == "GET" && browsing.is_navigation();
    if denial.why.status() != 401 || denial.is_bearer || !is_at_a_page {
        return None;
    }
    let target = Target::parse(incoming.url)?;
    let tenant = settings.tenant(target.host)?;
    // The page itself must never be the way in to itself.
    if target.path == tenant.sign_in {
        return None;
    }
    let page = fingerprint(target.path_and_query);
    let times = cookie::values_of(incoming.cookie, settings.names, CookieName::Detour)
        .filter_map(|mark| mark.split_once('.'))
        .filter(|(_, from)| *from == page)
        .filter_map(|(times, _)| times.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    let max_age = denial.max_age_s.map(|seconds| format!("&max_age={seconds}")).unwrap_or_default();
    let return_to = utf8_percent_encode(target.path_and_query, KEPT);
    (times < MAX_DETOURS).then(|| Detour {
        location: format!("{}?return_to={return_to}{max_age}", tenant.sign_in),
        mark: format!("{}.{page}", times.saturating_add(1)),
    })
}

/// Tells pages apart, so that a browser that opens ten of them at once is not taken for one going round.
/// FNV-1a: nothing depends on its strength, since whoever forges the mark only stops their own detour.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{hash:08x}")
}

/// What a path may keep in a query (RFC 3986 §3.4): everything else is percent-encoded.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Written as the status, a line for each header, an empty line, and the body.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        write!(f, "\n{}", self.body)
    }
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use sealgate_shared::time::UnixMillis;

    use super::*;
    use crate::settings::tests::{JSON, secret};

    const PAGE: Browsing<'_> = Browsing { accept: "text/html", fetch_mode: "navigate" };
    const SCRIPT: Browsing<'_> = Browsing { accept: "*/*", fetch_mode: "cors" };

    fn ask(denial: impl Into<Denial>, method: &str, path: &str, cookie: &str, browsing: Browsing<'_>) -> Answer {
        let settings = Settings::parse(JSON, &secret(), "").unwrap();
        let url = format!("https://app.example{path}");
        let incoming = Incoming { url: &url, method, cookie, headers: "", now: UnixMillis::MAX };
        answer(denial.into(), &incoming, &browsing, Some(&settings))
    }

    fn stale(seconds: u32, is_bearer: bool) -> Denial {
        Denial { is_bearer, max_age_s: NonZeroU32::new(seconds), ..Refusal::NotFresh.into() }
    }

    fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
        answer.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn somebody_navigating_is_sent_to_sign_in() {
        let answer = ask(Refusal::Missing, "GET", "/a/b?c=d&e=//f", "", PAGE);
        assert_eq!(answer.status, 302);
        assert_eq!(header(&answer, "location"), Some("/auth/login?return_to=/a/b%3Fc%3Dd%26e%3D//f"));
        assert_eq!(header(&answer, "cache-control"), Some("no-store"));
        assert_eq!(answer.body, "");
    }

    #[test]
    fn a_sign_in_page_that_needs_a_session_is_no_way_to_itself() {
        assert_eq!(ask(Refusal::Missing, "GET", "/auth/login?return_to=/", "", PAGE).status, 401);
    }

    #[test]
    fn everybody_else_gets_a_problem_document() {
        for (refusal, method, browsing) in [
            (Refusal::Missing, "GET", SCRIPT),
            (Refusal::Missing, "POST", PAGE),
            (Refusal::OriginUnavailable, "GET", SCRIPT),
            (Refusal::UnknownHost, "HEAD", PAGE),
        ] {
            let answer = ask(refusal, method, "/a", "", browsing);
            assert_eq!(answer.status, refusal.status());
            assert_eq!(header(&answer, "content-type"), Some("application/problem+json"));
            assert_eq!(header(&answer, "cache-control"), Some("no-store"));
            assert_eq!(header(&answer, "www-authenticate").is_some(), answer.status == 401);
            assert_eq!(header(&answer, "retry-after").is_some(), answer.status == 503);
            assert!(answer.body.contains(refusal.code()));
        }
    }

    #[test]
    fn somebody_looking_at_a_page_is_told_on_a_page() {
        for refusal in [Refusal::OriginUnavailable, Refusal::UnknownHost, Refusal::CookieTooLarge] {
            let answer = ask(refusal, "GET", "/a", "", PAGE);
            assert_eq!(answer.status, refusal.status());
            assert_eq!(header(&answer, "content-type"), Some("text/html; charset=utf-8"));
            assert!(answer.body.contains(refusal.code()), "{}", answer.body);
        }
    }

    #[test]
    fn the_loop_is_broken_after_three_detours_from_one_page() {
        let mut cookie = String::new();
        for _ in 0..3 {
            let answer = ask(Refusal::Missing, "GET", "/a", &cookie, PAGE);
            assert_eq!(answer.status, 302);
            cookie = header(&answer, "set-cookie").unwrap().split(';').next().unwrap().to_owned();
        }
        assert_eq!(ask(Refusal::Missing, "GET", "/a", &cookie, PAGE).status, 401);
        assert_eq!(ask(Refusal::Missing, "GET", "/b", &cookie, PAGE).status, 302);
    }

    /// A cookie under a dead key stays in the browser until the sign-in puts another in its place. Should it not, they
    /// are not sent round for ever.
    #[test]
    fn whoever_brings_a_token_of_a_dead_key_is_sent_to_sign_in_three_times_and_keeps_it() {
        for reject in [Reject::Expired, Reject::Revoked] {
            let mut cookie = String::new();
            for _ in 0..3 {
                let answer = ask(Refusal::Token(reject), "GET", "/a", &cookie, PAGE);
                assert_eq!((answer.status, answer.headers.len()), (302, 3), "{answer:?}");
                cookie = header(&answer, "set-cookie").unwrap().split(';').next().unwrap().to_owned();
                assert!(cookie.starts_with("__Host-sg_detour="), "{cookie}");
            }
            let answer = ask(Refusal::Token(reject), "GET", "/a", &cookie, PAGE);
            assert_eq!((answer.status, header(&answer, "set-cookie")), (401, None));
            assert!(answer.body.contains(reject.label()));
        }
    }

    #[test]
    fn two_sessions_at_once_expire_both_cookies_and_nothing_else_does() {
        for (browsing, status) in [(SCRIPT, 401), (PAGE, 302)] {
            let ambiguous = ask(Refusal::Token(Reject::AmbiguousSession), "GET", "/a", "", browsing);
            let lines =
                ambiguous.headers.iter().filter(|(name, _)| *name == "set-cookie").map(|(_, line)| line.as_str());
            assert_eq!(ambiguous.status, status);
            assert_eq!(
                lines.take(2).collect::<Vec<_>>(),
                [
                    "__Host-sg=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
                    "__Host-sg_refresh=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
                ]
            );
        }
        for refusal in Refusal::all().filter(|refusal| *refusal != Refusal::Token(Reject::AmbiguousSession)) {
            assert_eq!(header(&ask(refusal, "GET", "/a", "", SCRIPT), "set-cookie"), None);
        }
    }

    #[test]
    fn whoever_signed_in_too_long_ago_is_told_how_recent_it_must_be() {
        let answer = ask(stale(300, false), "POST", "/a", "", SCRIPT);
        assert_eq!(answer.status, 401);
        assert_eq!(
            header(&answer, "www-authenticate"),
            Some("Cookie cookie-name=\"__Host-sg\", error=\"insufficient_user_authentication\", max_age=\"300\"")
        );
        assert!(answer.body.contains("\"max_age\":300"), "{}", answer.body);
        let answer = ask(stale(300, false), "GET", "/a?b", "", PAGE);
        assert_eq!(header(&answer, "location"), Some("/auth/login?return_to=/a%3Fb&max_age=300"));
    }

    #[test]
    fn a_bearer_token_is_answered_in_its_own_terms_and_never_with_a_page_or_a_cookie() {
        let bearer = |why: Refusal| Denial { is_bearer: true, ..why.into() };
        for reject in Reject::ALL {
            let answer = ask(bearer(Refusal::Token(reject)), "GET", "/a", "", PAGE);
            assert_eq!((answer.status, header(&answer, "set-cookie")), (401, None));
            assert_eq!(header(&answer, "content-type"), Some("application/problem+json"));
            assert_eq!(header(&answer, "www-authenticate"), Some("Bearer error=\"invalid_token\""));
        }
        let answer = ask(stale(60, true), "GET", "/a", "", PAGE);
        let expected = "Bearer error=\"insufficient_user_authentication\", max_age=\"60\"";
        assert_eq!((answer.status, header(&answer, "www-authenticate")), (401, Some(expected)));
        assert_eq!(ask(bearer(Refusal::OriginUnavailable), "GET", "/a", "", SCRIPT).status, 503);
    }
}
