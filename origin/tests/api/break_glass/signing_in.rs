//! The right password.

use std::time::Duration;

use serde_json::json;

use super::super::metrics::Scrape;
use super::*;

#[tokio::test]
async fn an_operator_signs_in_and_goes_on_to_where_they_were() {
    let origin = start().await;
    let form = format!("name=+ada+&password={}&return_to=%2Faccount%3Ftab%3D1", RIGHT.replace(' ', "+"));
    let ask = origin.browser("POST", PATH).client(HERE).same_site().form(&form);
    let answer = ask.header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0").send().await;
    let cookie = signed_in(&answer);
    assert_eq!(answer.headers["location"], "/account?tab=1");
    assert_eq!(answer.set_cookies().len(), 3);
    assert!(!answer.set_cookies()[0].contains("Max-Age"), "it goes with the browser");
    let me = origin.browser("GET", "/auth/session").cookie(&cookie).send().await.json();
    let session = &me["session"];
    assert_eq!((&session["actor_type"], &session["actor_id"]), (&json!("operator"), &json!("ada")));
    assert_eq!((&session["assurance"], &session["device_name"]), (&json!(0), &json!("Firefox on Linux")));
    let id = session["id"].as_str().unwrap();
    let rows =
        origin.database().await.rows::<(String,)>(&format!("select method from sessions where id = '{id}'")).await;
    assert_eq!(rows, [("break_glass".to_owned(),)]);
    assert_eq!(count(&origin.app, "signed_in").await, 1);
    Scrape::of(&origin).await.expect(&[("sealgate_mints_total{outcome=\"ok\"}", 1.0)]);
    let used = "select session, actor_type, actor_id from audit where event = 'break_glass.used'";
    let used = origin.database().await.rows::<(String, String, String)>(used).await;
    assert_eq!(used, [(id.to_owned(), "operator".to_owned(), "ada".to_owned())]);
    assert!(written(&origin, "break_glass.failed").await.is_empty());
}

#[tokio::test]
async fn roles_and_assurance_are_the_accounts() {
    let origin = Origin::start().await;
    let (tenant, actor) = ("demo".parse().unwrap(), operator("ada"));
    let roles = sealgate_shared::id::Roles::new(vec!["admin".parse().unwrap()]).unwrap();
    let password = Password::new(RIGHT.to_owned());
    let (roles, assurance) = (RolesChange::These(&roles), Some(3));
    let set = SetBreakGlass { tenant: &tenant, actor: &actor, password, roles, assurance };
    origin.app.office().set_break_glass(set).await.unwrap();
    let cookie = signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    let me = origin.browser("GET", "/auth/session").cookie(&cookie).send().await.json();
    assert_eq!((&me["session"]["assurance"], &me["session"]["roles"]), (&json!(3), &json!(["admin"])));
}

#[tokio::test]
async fn what_is_known_of_the_actor_says_nothing_about_how_sure_a_password_makes_us() {
    let origin = start().await;
    let known = json!({ "roles": ["night"], "assurance": 2 });
    let answer = origin.v1("PATCH", "/v1/actors/operator/ada").json(&known).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    let me = origin.browser("GET", "/auth/session").cookie(&cookie).send().await.json();
    assert_eq!((&me["session"]["assurance"], &me["session"]["roles"]), (&json!(0), &json!(["night"])));
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let origin = start().await;
    for hostile in
        ["//evil.test", "%2F%5Cevil.test", "https%3A%2F%2Fevil.test", "%2F%09%2Fevil.test", "%2Fa%0D%0Ax", ""]
    {
        let form = format!("name=ada&password={}&return_to={hostile}", RIGHT.replace(' ', "+"));
        let answer = origin.browser("POST", PATH).client(HERE).form(&form).send().await;
        signed_in(&answer);
        assert_eq!(answer.headers["location"], "/", "{hostile}");
        let page = origin.browser("GET", &format!("{PATH}?return_to={hostile}")).send().await.text();
        assert!(page.contains("name=\"return_to\" value=\"/\""), "{hostile}");
    }
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_in_nor_guess_in_their_name() {
    let origin = start().await;
    let before = origin.app.office().password_runs();
    let ask = || guess(&origin, "ada", RIGHT, HERE);
    ask().header("sec-fetch-site", "cross-site").refused(403, "cross_site").await;
    ask().header("origin", "https://evil.test").refused(403, "cross_site").await;
    origin.browser("POST", PATH).json(&json!({ "name": "ada" })).refused(415, "content_type").await;
    assert_eq!(origin.app.office().password_runs(), before);
    signed_in(&ask().header("origin", "https://demo.test").send().await);
}

#[tokio::test]
async fn what_the_browser_held_ends() {
    let origin = start().await;
    let first = signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    let user = origin.mint_with(json!({ "actor_id": "bob" })).await;
    let second = signed_in(&guess(&origin, "ada", RIGHT, HERE).cookie(&first).send().await);
    let third = signed_in(&guess(&origin, "ada", RIGHT, HERE).cookie(&user.cookie).send().await);
    let reasons = "select revoked_reason from sessions where revoked_at is not null order by actor_id";
    let reasons = origin.database().await.rows::<(String,)>(reasons).await;
    assert_eq!(reasons, [("rotation".to_owned(),), ("sign_out".to_owned(),)]);
    for (cookie, status) in [(first, 401), (user.cookie, 401), (second, 200), (third, 200)] {
        assert_eq!(origin.browser("GET", "/auth/session").cookie(&cookie).send().await.status, status);
    }
}

#[tokio::test]
async fn another_password_and_none_end_every_session_of_the_actor_and_of_nobody_else() {
    let origin = start().await;
    let mine = signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    let by_backend = origin.mint_with(json!({ "actor_type": "operator" })).await;
    let other = origin.mint_with(json!({ "actor_type": "user", "actor_id": "ada" })).await;
    let status =
        async |cookie: &str| origin.browser("GET", "/auth/session").cookie(cookie).send().await.status.as_u16();
    assert_eq!(set(&origin, "ada", "another horse battery").await, 2);
    assert_eq!((status(&mine).await, status(&by_backend.cookie).await, status(&other.cookie).await), (401, 401, 200));
    assert_eq!(origin.check(&by_backend.id).await, "revoked");
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    origin.wait(Duration::from_millis(1));
    let mine = signed_in(&guess(&origin, "ada", "another horse battery", HERE).send().await);
    set(&origin, "bob", RIGHT).await;
    assert_eq!(status(&mine).await, 200);
    let (tenant, ada) = ("demo".parse().unwrap(), "ada".parse().unwrap());
    let (_, ended) = origin.app.office().remove_break_glass(&tenant, &ada).await.unwrap().unwrap();
    assert_eq!((ended, status(&mine).await), (1, 401));
    refused(&guess(&origin, "ada", "another horse battery", HERE).send().await);
    let reasons = "select distinct revoked_reason from sessions where revoked_at is not null";
    let reasons = origin.database().await.rows::<(String,)>(reasons).await;
    assert_eq!(reasons, [("credential_change".to_owned(),)]);
    let ada = (Some("ada".to_owned()), None);
    assert_eq!(written(&origin, "break_glass.set").await, [(Some("bob".to_owned()), None), ada.clone(), ada.clone()]);
    assert_eq!(written(&origin, "break_glass.removed").await, [ada]);
}

#[tokio::test]
async fn the_sign_in_page_tells_of_it_once_there_is_an_account() {
    let origin = Origin::start().await;
    let told = async || origin.browser("GET", "/auth/login").send().await.text().contains("/auth/break-glass");
    assert!(!told().await);
    set(&origin, "ada", RIGHT).await;
    assert!(told().await);
}
