use super::*;

pub(crate) const JSON: &str = r#"{
    "edge": "dev", "origin_public": "http://127.0.0.1:1", "origin_private": "http://127.0.0.1:2",
    "tenants": [
        {"id": "demo", "hosts": ["App.example", "localhost:8787"], "upstream": "http://127.0.0.1:3",
         "assertion": false, "routes": [
             {"path": "/public", "policy": "public"},
             {"path": "/ask", "policy": "session", "revocation": "ask"},
             {"path": "/none", "policy": "session", "revocation": "none"},
             {"path": "/open", "policy": "session", "unreachable": "open"},
             {"path": "/fall-back", "policy": "session", "unreachable": "ask"},
             {"path": "/fresh", "policy": "fresh", "max_age": 300},
             {"path": "/fresh/er", "policy": "fresh", "max_age": 60},
             {"path": "/token", "policy": "session", "csrf": "token"}
         ]},
        {"id": "other", "hosts": ["other.example"], "assertion": false}
    ]
}"#;

pub(crate) fn secret() -> String {
    Secret32::new([7; 32]).expose_base64url()
}

#[test]
fn hosts_lead_to_tenants() {
    let settings = Settings::parse(JSON, &secret(), "").unwrap();
    assert_eq!(settings.tenant("app.example").unwrap().id.as_str(), "demo");
    assert_eq!(settings.tenant("other.example").unwrap().id.as_str(), "other");
    for host in ["", "example", "app.example:80", "x.app.example", "app.example."] {
        assert!(settings.tenant(host).is_none(), "{host}");
    }
    assert_eq!((settings.check_cache_ms, settings.feed_cache, settings.open_for_ms), (0, FeedCache::Off, 60_000));
    assert_eq!(settings.names, CookieNames::Host);
}

#[test]
fn mistakes_are_named() {
    for (from, to, named) in [
        ("\"edge\"", "\"edgy\"", "edgy"),
        ("\"dev\"", "\"De v\"", "a–z"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1/", "origin_public"),
        ("http://127.0.0.1:2", "ftp://x", "origin_private"),
        ("http://127.0.0.1:3", "127.0.0.1:3", "upstream"),
        ("other.example", "localhost:8787", "named twice"),
        ("[\"other.example\"]", "[]", "has no hosts"),
        ("\"/public\"", "\"public\"", "not a path"),
        ("\"/public\"", "\"/public area\"", "would match no request"),
        ("\"/public\"", "\"/a/../b\"", "would match no request"),
        ("\"/public\"", "\"/caf\u{e9}\"", "would match no request"),
        ("\"public\"}", "\"open\"}", "open"),
        ("\"public\"}", "\"public\", \"revocation\": \"feed\"}", "\"/public\" is public"),
        ("\"public\"}", "\"public\", \"unreachable\": \"closed\"}", "\"/public\" is public"),
        (
            "\"revocation\": \"ask\"",
            "\"revocation\": \"ask\", \"unreachable\": \"open\"",
            "\"/ask\" does not read the feed",
        ),
        ("\"none\"}", "\"none\", \"unreachable\": \"closed\"}", "\"/none\" does not read the feed"),
        ("\"none\"}", "\"never\"}", "never"),
        ("\"unreachable\": \"open\"", "\"unreachable\": \"lax\"", "lax"),
        ("\"unreachable\": \"open\"", "\"unreachible\": \"open\"", "unreachible"),
        ("\"max_age\": 300", "\"revocation\": \"ask\"", "\"/fresh\" is fresh: it needs a `max_age`"),
        ("\"max_age\": 300", "\"max_age\": 0", "nonzero"),
        ("\"max_age\": 300", "\"max_age\": -5", "-5"),
        ("\"max_age\": 300", "\"max_age\": 300, \"unreachable\": \"open\"", "never open"),
        ("\"none\"}", "\"none\", \"max_age\": 300}", "\"/none\" has a `max_age`"),
        ("\"public\"}", "\"public\", \"max_age\": 300}", "\"/public\" has a `max_age`"),
        ("\"public\"}", "\"public\", \"csrf\": \"token\"}", "\"/public\" is public"),
        ("\"csrf\": \"token\"", "\"csrf\": \"never\"", "never"),
        ("\"tenants\"", "\"feed_cache\": \"2s\", \"tenants\"", "2s"),
        ("\"tenants\"", "\"open_for_ms\": -1, \"tenants\"", "-1"),
        ("\"tenants\"", "\"client_address\": \"x-forwarded-for\", \"tenants\"", "x-forwarded-for"),
        ("\"tenants\"", "\"dev_cookies\": true, \"tenants\"", "dev_cookies"),
    ] {
        let json = JSON.replace(from, to);
        assert_ne!(json, JSON, "{from}");
        let error = Settings::parse(&json, &secret(), "").unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn a_bad_secret_is_refused_and_not_shown() {
    for secret in ["", "short", &"A".repeat(44)] {
        let error = Settings::parse(JSON, secret, "").unwrap_err().to_string();
        assert!(error.contains("SEALGATE_EDGE_SECRET"), "{error}");
        assert!(secret.is_empty() || !error.contains(secret), "{error}");
    }
}

#[test]
fn the_address_is_from_the_header_that_cloudflare_writes_or_from_none() {
    let read = |json: &str| Settings::parse(json, &secret(), "").unwrap().client_address;
    assert_eq!(read(JSON), ClientAddress::CfConnectingIp);
    assert_eq!(
        read(&JSON.replace("\"edge\"", "\"client_address\": \"cf-connecting-ip\", \"edge\"")),
        ClientAddress::CfConnectingIp
    );
    let none = read(&JSON.replace("\"edge\"", "\"client_address\": \"none\", \"edge\""));
    assert_eq!((none, none.header()), (ClientAddress::Unknown, None));
}

#[test]
fn the_feed_may_come_from_a_cache_and_decide_for_a_while_without_the_origin() {
    let json = JSON.replace("\"edge\"", "\"feed_cache\": \"1s\", \"open_for_ms\": 5, \"edge\"");
    let settings = Settings::parse(&json, &secret(), "").unwrap();
    assert_eq!((settings.feed_cache, settings.open_for_ms), (FeedCache::OneSecond, 5));
    assert_eq!(settings.feed_path(), format!("/internal/feed/dev/{}", settings.secret.seal_id()));
}

mod assertions;
