//! Which applications are sent assertions, and what happens when nothing was said of it.

use super::*;

/// The settings of one tenant at these hosts, with more fields for it.
fn parse(hosts: &str, fields: &str, secrets: &str) -> Result<Settings, String> {
    let json = format!(
        r#"{{"edge": "dev", "origin_public": "http://127.0.0.1:1", "origin_private": "http://127.0.0.1:2",
            "tenants": [{{"id": "demo", "hosts": {hosts}{fields}}}]}}"#
    );
    Settings::parse(&json, &secret(), secrets).map_err(|error| error.to_string())
}

const PUBLIC: &str = r#"["app.example"]"#;
const LOCAL: &str = r#"["localhost:8787", "127.0.0.1:8787", "localhost", "shop.localhost"]"#;

/// Of the application of the tenant `demo`.
fn secrets() -> String {
    format!(r#"{{"demo": "{}"}}"#, upstream_secret())
}

fn upstream_secret() -> String {
    Secret32::new([0x5A; 32]).expose_base64url()
}

/// For whom assertions are made, if they are.
fn audience(settings: &Settings, host: &str) -> Option<String> {
    settings.tenant(host).unwrap().asserter.as_ref().map(|asserter| format!("{asserter:?}"))
}

#[test]
fn an_application_that_others_can_reach_needs_a_secret() {
    for hosts in [PUBLIC, r#"["localhost", "app.example"]"#, r#"["localhost.example"]"#, r#"["notlocalhost"]"#] {
        let error = parse(hosts, "", "").unwrap_err();
        let says = |text| error.contains(text);
        assert!(says("tenant demo") && says("SEALGATE_UPSTREAM_SECRETS") && says("`assertion = false`"), "{error}");
    }
    for secrets in ["", "{}"] {
        assert!(parse(PUBLIC, r#", "assertion": true"#, secrets).is_err());
        assert!(parse(LOCAL, r#", "assertion": true"#, secrets).is_err());
    }
}

#[test]
fn going_without_has_to_be_said_but_on_this_machine() {
    assert_eq!(audience(&parse(PUBLIC, r#", "assertion": false"#, "").unwrap(), "app.example"), None);
    assert_eq!(audience(&parse(LOCAL, "", "").unwrap(), "localhost"), None);
    assert_eq!(audience(&parse(LOCAL, "", "{}").unwrap(), "localhost"), None);
}

#[test]
fn the_audience_is_the_tenant_or_what_was_chosen() {
    for (fields, expected) in [
        ("", "demo"),
        (r#", "assertion": true"#, "demo"),
        (r#", "audience": "https://app.example""#, "https://app.example"),
    ] {
        for (hosts, host) in [(PUBLIC, "app.example"), (LOCAL, "localhost")] {
            let settings = parse(hosts, fields, &secrets()).unwrap();
            assert!(audience(&settings, host).unwrap().contains(&format!("{expected:?}")), "{fields}");
        }
    }
}

#[test]
fn a_secret_that_nobody_uses_is_a_mistake() {
    let error = parse(PUBLIC, r#", "assertion": false"#, &secrets()).unwrap_err();
    assert!(error.contains("tenant demo") && error.contains("its assertion is false"), "{error}");
    let more = secrets().replace('}', &format!(r#", "stranger": "{}"}}"#, upstream_secret()));
    let error = parse(PUBLIC, "", &more).unwrap_err();
    assert!(error.contains("stranger, which is no tenant here"), "{error}");
    assert!(!error.contains(&upstream_secret()), "{error}");
}

#[test]
fn secrets_that_cannot_be_read_are_refused_and_never_shown() {
    let secret = upstream_secret();
    let (_, tail) = secret.split_at(1);
    for secrets in [
        secret.clone(),
        format!("\"{secret}\""),
        format!("[\"{secret}\"]"),
        format!(r#"{{"demo": "{secret}""#),
        format!(r#"{{"demo": "{secret}="}}"#),
        format!(r#"{{"demo": "{secret}{secret}"}}"#),
        format!(r#"{{"demo": "{tail}"}}"#),
        format!(r#"{{"demo": ["{secret}"]}}"#),
        format!(r#"{{"De mo": "{secret}"}}"#),
        r#"{"demo": ""}"#.to_owned(),
        r#"{"demo": null}"#.to_owned(),
    ] {
        let error = parse(PUBLIC, "", &secrets).unwrap_err();
        assert!(error.contains("SEALGATE_UPSTREAM_SECRETS"), "{error}");
        assert!(!error.contains(tail), "{error}");
    }
}

#[test]
fn the_settings_show_no_secret() {
    let shown = format!("{:?}", parse(PUBLIC, "", &secrets()).unwrap());
    assert!(!shown.contains(&upstream_secret()) && !shown.contains(&secret()), "{shown}");
}
