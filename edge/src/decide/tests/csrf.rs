//! Where a request comes from that changes something.

use super::*;
use crate::sample::csrf_token;

const SAFE: [&str; 4] = ["GET", "HEAD", "OPTIONS", "TRACE"];
const UNSAFE: [&str; 7] = ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "get"];

const CROSS_SITE: Refusal = Refusal::CrossSite;
const CSRF_TOKEN: Refusal = Refusal::CsrfToken;

/// Whether the request is let through, and why not.
#[track_caller]
fn ask(method: &str, path: &str, headers: &str) -> Result<(), Refusal> {
    let (url, cookies) = (format!("https://app.example{path}"), cookie(&claims(SESSION)));
    match door().decide(&Incoming { method, headers, ..get(&url, &cookies) }, None) {
        Verdict::Forward(..) => Ok(()),
        Verdict::Refuse(denial) => Err(denial.why),
        Verdict::Need(errand) => panic!("{errand}"),
    }
}

fn with_token(token: &str) -> String {
    format!("x-csrf-token: {token}")
}

#[test]
fn what_the_browser_says_of_it_decides() {
    let token = with_token(&csrf_token(SESSION));
    for (headers, expected) in [
        ("sec-fetch-site: same-origin", Ok(())),
        ("sec-fetch-site: none", Ok(())),
        ("sec-fetch-site: same-site", Err(CROSS_SITE)),
        ("sec-fetch-site: cross-site", Err(CROSS_SITE)),
        ("sec-fetch-site: ", Err(CROSS_SITE)),
        ("sec-fetch-site: Same-Origin", Err(CROSS_SITE)),
        ("sec-fetch-site: same-origin, cross-site", Err(CROSS_SITE)),
        // It goes before what else is said, in both directions.
        ("sec-fetch-site: same-origin\norigin: https://evil.example", Ok(())),
        ("sec-fetch-site: cross-site\norigin: https://app.example", Err(CROSS_SITE)),
        (&*format!("sec-fetch-site: cross-site\n{token}"), Err(CROSS_SITE)),
        ("origin: https://app.example", Ok(())),
        ("origin: http://app.example", Err(CROSS_SITE)),
        ("origin: https://app.example:8443", Err(CROSS_SITE)),
        ("origin: https://app.example.evil.example", Err(CROSS_SITE)),
        ("origin: https://evil.example", Err(CROSS_SITE)),
        ("origin: https://", Err(CROSS_SITE)),
        ("origin: null", Err(CROSS_SITE)),
        ("origin: ", Err(CROSS_SITE)),
        (&*format!("origin: null\n{token}"), Err(CROSS_SITE)),
        (&*token, Ok(())),
        ("", Err(CSRF_TOKEN)),
    ] {
        for method in UNSAFE {
            assert_eq!(ask(method, "/page", headers), expected, "{method} {headers}");
        }
        for method in SAFE {
            assert_eq!(ask(method, "/page", headers), Ok(()), "{method} {headers}");
            // Browsers open WebSockets across sites with cookies, and without asking.
            let upgrade = format!("upgrade: WebSocket\n{headers}");
            assert_eq!(ask(method, "/page", &upgrade), expected, "{method} {upgrade}");
        }
    }
}

#[test]
fn the_token_has_to_be_the_sessions() {
    let good = csrf_token(SESSION);
    for token in [
        "",
        "x",
        &csrf_token(OTHER_SESSION),
        good.strip_suffix(|_| true).unwrap(),
        &format!("{good}A"),
        &good.to_lowercase(),
    ] {
        assert_eq!(ask("POST", "/page", &with_token(token)), Err(CSRF_TOKEN), "{token}");
    }
    assert_eq!(ask("POST", "/page", &with_token(&good)), Ok(()));
}

#[test]
fn a_token_under_any_key_of_the_tenant_will_do() {
    for (number, expected) in [(1, Ok(())), (RETIRED, Ok(())), (REVOKED, Err(CSRF_TOKEN)), (9, Err(CSRF_TOKEN))] {
        let key = crate::sample::key(number, "demo").publish();
        let ring = sealgate_shared::keyring::Keyring::new(1, 0, std::slice::from_ref(&key)).unwrap();
        let token = ring.find(key.id).unwrap().csrf_token(SESSION).unwrap().expose();
        assert_eq!(ask("POST", "/page", &with_token(&token)), expected, "{number}");
    }
}

#[test]
fn a_route_may_want_the_token_always() {
    let token = with_token(&csrf_token(SESSION));
    for said in ["sec-fetch-site: same-origin", "sec-fetch-site: none", "origin: https://app.example"] {
        assert_eq!(ask("POST", "/token/a", said), Err(CSRF_TOKEN), "{said}");
        assert_eq!(ask("POST", "/token/a", &format!("{said}\n{token}")), Ok(()), "{said}");
    }
    assert_eq!(ask("POST", "/token", &format!("sec-fetch-site: cross-site\n{token}")), Err(CROSS_SITE));
    assert_eq!(ask("POST", "/TOKEN", "sec-fetch-site: same-origin"), Err(CSRF_TOKEN), "in any spelling");
    assert_eq!(ask("GET", "/token", ""), Ok(()));
}

#[test]
fn whoever_has_no_session_is_told_that_first() {
    let url = "https://app.example/page";
    let cross = Incoming { method: "POST", headers: "sec-fetch-site: cross-site", ..get(url, "") };
    assert_eq!(door().decide(&cross, None), Verdict::from(Refusal::Missing));
    let old = cookie(&crate::sample::expired(SESSION));
    assert_eq!(door().decide(&Incoming { cookie: &old, ..cross }, None), rejected(Reject::Expired));
}

#[test]
fn on_public_paths_no_session_is_looked_at_and_so_nothing_is_checked() {
    assert_eq!(ask("POST", "/public", "sec-fetch-site: cross-site"), Ok(()));
    assert_eq!(ask("POST", "/auth/logout", "sec-fetch-site: cross-site"), Ok(()), "the origin's to check");
}
