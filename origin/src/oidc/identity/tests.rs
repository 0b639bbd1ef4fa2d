//! Tables of what providers say, and who that is.

use serde_json::{Value, json};

use super::*;
use crate::oidc::GroupRole;

fn settings(change: impl FnOnce(&mut ProviderSettings)) -> ProviderSettings {
    let mut settings = ProviderSettings::new("Example", "https://login.example".parse().unwrap(), "us");
    change(&mut settings);
    settings
}

fn claims(id_token: &Value) -> Claims {
    Claims::new(id_token.as_object().unwrap().clone())
}

fn both(id_token: &Value, userinfo: &Value) -> Claims {
    let mut claims = claims(id_token);
    claims.add(userinfo.as_object().unwrap().clone());
    claims
}

fn read(settings: &ProviderSettings, claims: &Claims) -> Result<Identity, Failure> {
    Identity::read(settings, claims)
}

#[test]
fn the_actor_is_what_the_claim_says_behind_the_prefix() {
    let plain = settings(|_| {});
    let found = read(&plain, &claims(&json!({ "sub": "ada" }))).unwrap();
    assert_eq!((found.actor.kind.as_str(), found.actor.id.as_str()), ("user", "ada"));
    assert_eq!((found.name, found.roles), (None, None));
    let prefixed = settings(|settings| {
        settings.actor_prefix = "example:".to_owned();
        settings.actor_claim = "oid".to_owned();
        settings.actor_type = "member".parse().unwrap();
    });
    let found = read(&prefixed, &claims(&json!({ "sub": "x", "oid": "7" }))).unwrap();
    assert_eq!((found.actor.kind.as_str(), found.actor.id.as_str()), ("member", "example:7"));
    for wrong in [json!({}), json!({"oid": null}), json!({"oid": 7}), json!({"oid": ""}), json!({"oid": "a b"})] {
        assert_eq!(read(&prefixed, &claims(&wrong)).err(), Some(Failure::ActorClaim), "{wrong}");
    }
    for length in [120, 121] {
        let said = claims(&json!({ "oid": "a".repeat(length) }));
        assert_eq!(read(&prefixed, &said).is_ok(), length == 120, "{length}");
    }
}

#[test]
fn an_address_is_verified_and_of_one_of_the_domains() {
    let strict = settings(|settings| {
        settings.email_domains = vec!["example.org".to_owned(), "corp.example".to_owned()];
    });
    for (email, verified, outcome) in [
        (json!("ada@example.org"), json!(true), None),
        (json!("ada@EXAMPLE.org"), json!(true), None),
        (json!("ada@corp.example"), json!(true), None),
        (json!("ada@example.org"), json!(false), Some(Failure::EmailUnverified)),
        (json!("ada@example.org"), json!(null), Some(Failure::EmailUnverified)),
        (json!("ada@evil.org"), json!(true), Some(Failure::EmailDomain)),
        (json!("ada@sub.example.org"), json!(true), Some(Failure::EmailDomain)),
        (json!("ada@notexample.org"), json!(true), Some(Failure::EmailDomain)),
        (json!("ada@example.org.evil.org"), json!(true), Some(Failure::EmailDomain)),
        (json!("ada@example.org."), json!(true), Some(Failure::EmailDomain)),
        (json!("ada@evil.org@example.org"), json!(true), Some(Failure::EmailMissing)),
        (json!("ada@example.org\n"), json!(true), Some(Failure::EmailMissing)),
        (json!("ada@ex\u{e4}mple.org"), json!(true), Some(Failure::EmailMissing)),
        (json!("@example.org"), json!(true), Some(Failure::EmailMissing)),
        (json!("example.org"), json!(true), Some(Failure::EmailMissing)),
        (json!(""), json!(true), Some(Failure::EmailMissing)),
        (json!(["ada@example.org"]), json!(true), Some(Failure::EmailMissing)),
        (json!(null), json!(true), Some(Failure::EmailMissing)),
    ] {
        let said = json!({ "sub": "ada", "email": email, "email_verified": verified });
        assert_eq!(read(&strict, &claims(&said)).err(), outcome, "{said}");
    }
    assert!(read(&settings(|_| {}), &claims(&json!({ "sub": "ada" }))).is_ok(), "nobody asks for one");
}

#[test]
fn verified_is_what_says_true_and_nothing_like_it() {
    let by_email = settings(|settings| settings.actor_claim = "email".to_owned());
    let said = |verified: &Value| json!({ "sub": "x", "email": "ada@a.example", "email_verified": verified });
    for verified in [json!(true), json!("true")] {
        assert!(read(&by_email, &claims(&said(&verified))).is_ok(), "{verified}");
        let elsewhere = both(&json!({ "sub": "x" }), &said(&verified));
        assert!(read(&by_email, &elsewhere).is_ok(), "{verified} in the userinfo");
    }
    for unfit in [
        json!(false),
        json!("false"),
        json!("TRUE"),
        json!("True"),
        json!("true "),
        json!(" true"),
        json!("yes"),
        json!("1"),
        json!(""),
        json!(1),
        json!(1.0),
        json!([true]),
        json!(["true"]),
        json!({ "true": true }),
        json!(null),
    ] {
        assert_eq!(read(&by_email, &claims(&said(&unfit))).err(), Some(Failure::EmailUnverified), "{unfit}");
    }
}

#[test]
fn an_actor_that_is_named_by_the_address_needs_it_verified() {
    let by_email = settings(|settings| settings.actor_claim = "email".to_owned());
    let said = |verified: bool| claims(&json!({ "sub": "x", "email": "ada@a.example", "email_verified": verified }));
    assert_eq!(read(&by_email, &said(true)).unwrap().actor.id.as_str(), "ada@a.example");
    assert_eq!(read(&by_email, &said(false)).err(), Some(Failure::EmailUnverified));
}

#[test]
fn ones_word_does_not_vouch_for_the_others_address() {
    let by_email = settings(|settings| settings.actor_claim = "email".to_owned());
    let verified = json!({ "email_verified": true });
    let alone = json!({ "sub": "x", "email": "eve@a.example" });
    assert_eq!(read(&by_email, &both(&alone, &verified)).err(), Some(Failure::EmailUnverified));
    assert_eq!(read(&by_email, &both(&verified, &alone)).err(), Some(Failure::EmailUnverified));
    let whole = json!({ "email": "ada@a.example", "email_verified": true });
    assert_eq!(read(&by_email, &both(&alone, &whole)).unwrap().actor.id.as_str(), "ada@a.example");
    let own = json!({ "email": "ada@a.example", "email_verified": false });
    assert_eq!(read(&by_email, &both(&own, &whole)).err(), Some(Failure::EmailUnverified), "the ID token says so");
}

#[test]
fn groups_become_roles() {
    let mapped = settings(|settings| {
        settings.groups_claim = Some("groups".to_owned());
        settings.group_roles = [("staff", "editor"), ("root", "admin"), ("also staff", "editor")]
            .map(|(group, role)| GroupRole { group: group.to_owned(), role: role.parse().unwrap() })
            .to_vec();
    });
    for (groups, roles) in [
        (json!(["staff", "other"]), Ok("editor")),
        (json!(["root", "also staff", "staff"]), Ok("admin,editor")),
        (json!("root"), Ok("admin")),
        (json!("root,staff"), Ok("")),
        (json!(["ROOT"]), Ok("")),
        (json!([]), Ok("")),
        (json!(null), Ok("")),
        (json!(["root", 7]), Err(Failure::GroupsClaim)),
        (json!({ "root": true }), Err(Failure::GroupsClaim)),
        (json!(true), Err(Failure::GroupsClaim)),
    ] {
        let found = read(&mapped, &claims(&json!({ "sub": "ada", "groups": groups })));
        let found = found.map(|identity| identity.roles.unwrap().to_string());
        assert_eq!(found, roles.map(str::to_owned), "{groups}");
    }
    let unmapped = settings(|settings| settings.groups_claim = Some("groups".to_owned()));
    assert_eq!(read(&unmapped, &claims(&json!({ "sub": "ada", "groups": 7 }))).unwrap().roles, None);
}

#[test]
fn groups_that_are_elsewhere_are_known_to_be() {
    let entra = json!({
        "sub": "ada", "_claim_names": { "groups": "src1" },
        "_claim_sources": { "src1": { "endpoint": "https://graph.example/getMemberObjects" } },
    });
    let mapped = settings(|settings| {
        settings.groups_claim = Some("groups".to_owned());
        settings.group_roles = vec![GroupRole { group: "root".to_owned(), role: "admin".parse().unwrap() }];
    });
    for (said, is_elsewhere) in [
        (claims(&entra), true),
        (both(&json!({ "sub": "ada" }), &entra), true),
        (claims(&json!({ "sub": "ada" })), false),
        (claims(&json!({ "sub": "ada", "_claim_names": { "address": "src1" } })), false),
        (claims(&json!({ "sub": "ada", "_claim_names": {} })), false),
        (claims(&json!({ "sub": "ada", "_claim_names": "groups" })), false),
        (claims(&json!({ "sub": "ada", "_claim_names": ["groups"] })), false),
        (claims(&json!({ "sub": "ada", "_claim_names": null })), false),
    ] {
        assert_eq!(said.is_elsewhere("groups"), is_elsewhere, "{:?} {:?}", said.id_token, said.userinfo);
        assert_eq!(read(&mapped, &said).unwrap().roles.unwrap().to_string(), "", "nobody goes there");
    }
}

#[test]
fn names_are_one_line() {
    for (said, shown) in [
        ("Ada Lovelace", Some("Ada Lovelace")),
        ("  Ada\n\tLovelace\u{0} ", Some("Ada Lovelace")),
        ("Ada\u{202e}ecalevoL", Some("AdaecalevoL")),
        ("\u{202e}\u{feff}", None),
        ("", None),
        ("张三", Some("张三")),
    ] {
        assert_eq!(clean_name(said).as_deref(), shown, "{said:?}");
    }
    assert_eq!(clean_name(&"é".repeat(200)).unwrap().chars().count(), MAX_NAME);
    let named = settings(|settings| settings.name_claim = Some("name".to_owned()));
    for unfit in [json!(7), json!(null), json!(["Ada"])] {
        assert_eq!(read(&named, &claims(&json!({ "sub": "ada", "name": unfit }))).unwrap().name, None, "{unfit}");
    }
}

#[test]
fn what_is_lacking_is_asked_for_and_nothing_else() {
    let lack = |change: fn(&mut ProviderSettings), said: Value| claims(&said).lack(&settings(change));
    assert_eq!(lack(|_| {}, json!({ "sub": "ada" })), None);
    assert_eq!(lack(|settings| settings.actor_claim = "oid".to_owned(), json!({ "sub": "ada" })), Some(Lack::Needed));
    let named = |settings: &mut ProviderSettings| settings.name_claim = Some("name".to_owned());
    assert_eq!(lack(named, json!({ "sub": "ada", "name": null })), Some(Lack::Name));
    assert_eq!(lack(named, json!({ "sub": "ada", "name": "Ada" })), None);
    let domains = |settings: &mut ProviderSettings| {
        settings.email_domains = vec!["a.example".to_owned()];
        settings.name_claim = Some("name".to_owned());
    };
    assert_eq!(lack(domains, json!({ "sub": "ada", "email": "ada@a.example" })), Some(Lack::Needed));
    let whole = json!({ "sub": "ada", "email": "ada@a.example", "email_verified": false, "name": "Ada" });
    assert_eq!(lack(domains, whole), None);
    assert_eq!(lack(|settings| settings.groups_claim = Some("groups".to_owned()), json!({ "sub": "ada" })), None);
}
