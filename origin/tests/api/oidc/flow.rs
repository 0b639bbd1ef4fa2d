//! Somebody signs in by an `OpenID` provider that behaves.

use std::time::Duration;

use sealgate_origin::oidc::GroupRole;
use sealgate_test_provider::{Algorithm, Endpoint, Key};
use serde_json::json;

use super::site::{Site, cookies_of, parameter, went_to};

#[tokio::test]
async fn somebody_signs_in_and_goes_back_to_where_they_were() {
    let site = Site::start().await;
    let begun = site.begin("return_to=%2Forders%3Fpage%3D2", "").await;
    assert!(begun.line.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600"), "{}", begun.line);
    assert_eq!(begun.cookie.len(), "__Host-sg_login=".len() + 43);
    assert_eq!(site.under_way().await, 1);
    site.origin.wait(Duration::from_secs(90));
    let back = site.provider.authorize(&begun.location);
    let answer = site.come_back(&back, &begun.cookie).await;
    went_to(&answer, "/orders?page=2");
    let lines = answer.set_cookies();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(!lines[0].contains("Max-Age"), "it goes with the browser");
    assert_eq!(site.under_way().await, 0);

    let me = site.me(&cookies_of(&answer)).await;
    assert_eq!((&me["actor_type"], &me["actor_id"]), (&json!("user"), &json!("ada")));
    assert_eq!((&me["remember"], &me["assurance"], &me["roles"]), (&json!(false), &json!(0), &json!([])));
    assert_eq!(me["authenticated_at"], "2026-06-01T12:01:30.000Z");
    let sql = "select method, idp_issuer, idp_subject, idp_sid from sessions";
    let rows: Vec<(String, String, String, String)> = site.origin.database().await.rows(sql).await;
    let expected = ("oidc".to_owned(), site.provider.issuer(), "ada".to_owned(), "sid-of-ada".to_owned());
    assert_eq!(rows, [expected]);
    assert_eq!(site.failures().await, [""; 0]);
}

#[tokio::test]
async fn the_provider_is_asked_all_that_matters() {
    let site = Site::start_with(|settings| settings.scopes = vec!["openid".to_owned(), "email".to_owned()]).await;
    let ordinary = site.begin("", "").await.location;
    let get = |name: &str| parameter(&ordinary, name);
    assert_eq!(get("redirect_uri").unwrap(), "https://demo.test/auth/oidc/example/callback");
    assert_eq!((get("scope").unwrap(), get("response_type").unwrap()), ("openid email".into(), "code".into()));
    assert_eq!((get("state").unwrap().len(), get("nonce").unwrap().len()), (43, 43));
    assert_eq!((get("max_age").unwrap(), get("prompt")), ("28800".to_owned(), None), "as long as a session lasts");
    let remembered = site.begin("remember=true", "").await.location;
    assert_eq!(parameter(&remembered, "max_age").unwrap(), "2592000");
    // So much less, as its clock may be behind ours: what is too old for us is then too old for it.
    let recent = site.begin("max_age=300", "").await.location;
    assert_eq!((parameter(&recent, "max_age").unwrap(), parameter(&recent, "prompt")), ("240".to_owned(), None));
    let just_now = site.begin("max_age=60", "").await.location;
    assert_eq!(
        (parameter(&just_now, "max_age").unwrap(), parameter(&just_now, "prompt").unwrap()),
        ("0".into(), "login".into())
    );
    let now = site.begin("max_age=0", "").await.location;
    assert_eq!((parameter(&now, "max_age").unwrap(), parameter(&now, "prompt").unwrap()), ("0".into(), "login".into()));
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&now, name), get(name), "{name} is drawn each time");
    }
}

#[tokio::test]
async fn where_the_answer_is_to_come_is_said_if_the_provider_knows_ways() {
    for (modes, mode) in
        [(json!(["query", "fragment", "form_post"]), Some("query")), (json!(["form_post"]), None), (json!(null), None)]
    {
        let site = Site::start().await;
        site.provider.plan(|plan| plan.discovery = json!({ "response_modes_supported": modes }));
        let location = site.begin("", "").await.location;
        assert_eq!(parameter(&location, "response_mode").as_deref(), mode, "{modes}");
    }
}

#[tokio::test]
async fn somebody_stays_signed_in_if_they_like() {
    let site = Site::start().await;
    let answer = site.sign_in("remember=true&return_to=/").await;
    assert!(answer.set_cookies()[0].contains("Max-Age=1209600"), "{:?}", answer.set_cookies());
    assert_eq!(site.me(&cookies_of(&answer)).await["remember"], true);
}

#[tokio::test]
async fn the_token_endpoint_is_shown_the_code_the_verifier_and_the_secret_and_nobody_else_is() {
    let site = Site::start().await;
    cookies_of(&site.sign_in("").await);
    let asked = site.provider.asked();
    let token: Vec<_> = asked.iter().filter(|asked| asked.endpoint == Endpoint::Token).collect();
    assert_eq!(token.len(), 1);
    assert_eq!(token[0].field("grant_type"), Some("authorization_code"));
    assert_eq!(token[0].field("redirect_uri"), Some("https://demo.test/auth/oidc/example/callback"));
    assert_eq!(token[0].field("code_verifier").map(str::len), Some(43));
    assert!(token[0].header("authorization").unwrap().starts_with("Basic "));
    assert_eq!((token[0].field("client_secret"), token[0].field("client_id")), (None, None));
    assert_eq!(site.provider.count(Endpoint::Userinfo), 0, "the ID token said it all");
}

#[tokio::test]
async fn the_secret_goes_where_the_provider_wants_it() {
    for (methods, in_form) in [
        (json!(["client_secret_post"]), true),
        (json!(["client_secret_basic", "client_secret_post"]), false),
        (json!(["private_key_jwt"]), false),
        (json!(null), false),
    ] {
        let site = Site::start().await;
        let discovery = json!({ "token_endpoint_auth_methods_supported": methods });
        site.provider.plan(|plan| plan.discovery = discovery);
        cookies_of(&site.sign_in("").await);
        let asked = site.provider.asked();
        let token = asked.iter().find(|asked| asked.endpoint == Endpoint::Token).unwrap();
        assert_eq!(token.field("client_secret").is_some(), in_form, "{methods}");
        assert_eq!(token.header("authorization").is_some(), !in_form, "{methods}");
    }
    let public = Site::configured(|_| {}, |_| {}, None).await;
    public.provider.plan(|plan| plan.wants_secret = false);
    cookies_of(&public.sign_in("").await);
    let asked = public.provider.asked();
    let token = asked.iter().find(|asked| asked.endpoint == Endpoint::Token).unwrap();
    assert_eq!((token.field("client_id").is_some(), token.header("authorization")), (true, None));
}

#[tokio::test]
async fn where_to_come_back_to_can_be_settled() {
    let site = Site::start_with(|settings| {
        settings.redirect_uri = Some("https://login.demo.test/auth/oidc/callback".to_owned());
    })
    .await;
    let begun = site.begin("", "").await;
    assert_eq!(parameter(&begun.location, "redirect_uri").unwrap(), "https://login.demo.test/auth/oidc/callback");
    cookies_of(&site.come_back(&site.provider.authorize(&begun.location), &begun.cookie).await);
    let plain = Site::start().await;
    let ask = plain.origin.browser("GET", "/auth/oidc/example/login").header("x-sealgate-proto", "http");
    let location = ask.send().await.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(parameter(&location, "redirect_uri").unwrap(), "http://demo.test/auth/oidc/example/callback");
    for odd in ["demo.test/evil", "demo.test?x", "demo test", "demo.test#", "me@demo.test/x"] {
        let ask = plain.origin.browser("GET", "/auth/oidc/example/login").header("x-sealgate-host", odd);
        assert_eq!(ask.send().await.status, 421, "{odd}");
    }
}

#[tokio::test]
async fn who_somebody_is_follows_from_how_the_provider_is_set_up() {
    let site = Site::start_with(|settings| {
        settings.actor_type = "member".parse().unwrap();
        settings.actor_claim = "employee".to_owned();
        settings.actor_prefix = "example:".to_owned();
        settings.assurance = 7;
        settings.name_claim = Some("name".to_owned());
        settings.groups_claim = Some("groups".to_owned());
        settings.group_roles = vec![
            GroupRole { group: "staff".to_owned(), role: "editor".parse().unwrap() },
            GroupRole { group: "root".to_owned(), role: "admin".parse().unwrap() },
        ];
    })
    .await;
    site.provider.plan(|plan| {
        plan.claims = json!({ "employee": "7", "name": "Ada <b>Lovelace</b>", "groups": ["staff", "others"] });
    });
    let cookies = cookies_of(&site.sign_in("").await);
    let me = site.me(&cookies).await;
    assert_eq!((&me["actor_type"], &me["actor_id"]), (&json!("member"), &json!("example:7")));
    assert_eq!((&me["roles"], &me["assurance"]), (&json!(["editor"]), &json!(7)));
    let known = site.origin.v1("GET", "/v1/actors/member/example:7").send().await.json();
    assert_eq!(known["display_name"], "Ada <b>Lovelace</b>");
    assert_eq!((&known["roles"], &known["live_sessions"]), (&json!(null), &json!(1)));
    let page = site.origin.browser("GET", "/auth/account").cookie(&cookies).send().await.text();
    assert!(page.contains("Ada &#60;b&#62;Lovelace") && page.contains("example:7"), "{page}");

    site.provider.plan(|plan| plan.claims = json!({ "employee": "7", "name": "Ada King", "groups": ["root"] }));
    let again = site.me(&cookies_of(&site.sign_in("").await)).await;
    assert_eq!(again["roles"], json!(["admin"]));
    let known = site.origin.v1("GET", "/v1/actors/member/example:7").send().await.json();
    assert_eq!(known["display_name"], "Ada King");
}

#[tokio::test]
async fn what_the_id_token_does_not_say_is_asked_for() {
    let site = Site::start_with(|settings| {
        settings.email_domains = vec!["example.org".to_owned()];
        settings.actor_claim = "email".to_owned();
    })
    .await;
    site.provider.plan(|plan| plan.userinfo = json!({ "email": "ada@example.org", "email_verified": true }));
    let me = site.me(&cookies_of(&site.sign_in("").await)).await;
    assert_eq!(me["actor_id"], "ada@example.org");
    let asked = site.provider.asked();
    let userinfo = asked.iter().find(|asked| asked.endpoint == Endpoint::Userinfo).unwrap();
    assert!(userinfo.header("authorization").unwrap().starts_with("Bearer "));
}

#[tokio::test]
async fn every_algorithm_on_the_list_will_do() {
    let site = Site::start().await;
    for (key, algorithm) in [
        (Key::Rsa, Algorithm::Rs256),
        (Key::Rsa, Algorithm::Rs384),
        (Key::Rsa, Algorithm::Rs512),
        (Key::Rsa, Algorithm::Ps256),
        (Key::Rsa, Algorithm::Ps384),
        (Key::Rsa, Algorithm::Ps512),
        (Key::P256, Algorithm::Es256),
        (Key::P384, Algorithm::Es384),
        (Key::Ed25519, Algorithm::EdDsa),
    ] {
        site.provider.plan(|plan| {
            plan.published = vec![Key::Rsa, Key::P256, Key::P384, Key::Ed25519];
            (plan.key, plan.algorithm) = (key, Some(algorithm));
        });
        let answer = site.sign_in("").await;
        assert_eq!(answer.status, 303, "{algorithm:?}: {}", site.failures().await.join(", "));
    }
}

#[tokio::test]
async fn a_provider_takes_another_key_while_somebody_signs_in() {
    let site = Site::start().await;
    cookies_of(&site.sign_in("").await);
    site.origin.wait(Duration::from_secs(11));
    site.provider.plan(|plan| (plan.published, plan.key) = (vec![Key::P256], Key::P256));
    cookies_of(&site.sign_in("").await);
    assert_eq!(site.provider.count(Endpoint::Keys), 2);
}

#[tokio::test]
async fn a_provider_that_does_not_say_when_makes_nobody_fresh() {
    let site = Site::start().await;
    site.provider.plan(|plan| plan.claims = json!({ "auth_time": null, "sid": null }));
    let me = site.me(&cookies_of(&site.sign_in("").await)).await;
    assert_eq!(me["authenticated_at"], "1970-01-01T00:00:00.000Z");
    site.provider.plan(|plan| plan.claims = json!({ "auth_time": 1_780_315_000 }));
    let me = site.me(&cookies_of(&site.sign_in("").await)).await;
    assert_eq!(me["authenticated_at"], "2026-06-01T11:56:40.000Z", "as it says");
}

#[tokio::test]
async fn a_browser_that_is_signed_in_already_is_given_a_new_session_and_keeps_no_other() {
    let site = Site::start().await;
    let first = cookies_of(&site.sign_in("").await);
    let old = site.me(&first).await["id"].as_str().unwrap().to_owned();
    let second = cookies_of(&site.sign_in_with("", &first).await);
    let new = site.me(&second).await["id"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    assert_eq!(site.shown(&old).await["revoked_reason"], "rotation", "the same person");
    site.provider.plan(|plan| plan.claims = json!({ "sub": "eve" }));
    let third = cookies_of(&site.sign_in_with("", &second).await);
    assert_eq!(site.me(&third).await["actor_id"], "eve");
    assert_eq!(site.shown(&new).await["revoked_reason"], "sign_out", "somebody else");
    let elsewhere = cookies_of(&site.sign_in("").await);
    assert_ne!(site.me(&elsewhere).await["id"], site.me(&third).await["id"], "another browser of the same person");
}
