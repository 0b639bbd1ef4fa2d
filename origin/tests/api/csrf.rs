//! Requests that other sites make a browser send do nothing with its session.

use serde_json::{Value, json};

use crate::kit::{Ask, Minted, Origin};

fn token(minted: &Minted) -> &str {
    minted.body["csrf_token"].as_str().unwrap()
}

/// Everything that changes something for somebody with a session, as `minted` asks for it.
fn writes<'a>(origin: &'a Origin, minted: &'a Minted) -> Vec<Box<dyn Fn() -> Ask + 'a>> {
    let ask = |method: &'static str, path: String| move || origin.browser(method, &path).cookie(&minted.cookie);
    let form = |path: String| move || origin.browser("POST", &path).cookie(&minted.cookie).form("label=phone");
    let label = json!({ "label": "phone" });
    vec![
        Box::new(move || {
            origin.browser("PATCH", &format!("/auth/sessions/{}", minted.id)).cookie(&minted.cookie).json(&label)
        }),
        Box::new(form(format!("/auth/account/sessions/{}/label", minted.id))),
        Box::new(form("/auth/account/sign-out-others".to_owned())),
        Box::new(ask("DELETE", "/auth/sessions?except=current".to_owned())),
        Box::new(form(format!("/auth/account/sessions/{}/end", minted.id))),
        Box::new(ask("DELETE", format!("/auth/sessions/{}", minted.id))),
        Box::new(ask("DELETE", "/auth/sessions".to_owned())),
        Box::new(ask("POST", "/auth/logout".to_owned())),
    ]
}

#[tokio::test]
async fn no_other_site_changes_anything() {
    let origin = Origin::start().await;
    let (minted, other) = (origin.mint().await, origin.mint().await);
    for write in writes(&origin, &minted) {
        for site in ["cross-site", "same-site", "nonsense"] {
            // Not even with the token.
            let ask = write().header("sec-fetch-site", site).header("x-csrf-token", token(&minted));
            ask.refused(403, "cross_site").await;
        }
        for foreign in ["https://evil.test", "http://demo.test", "https://demo.test:444", "null"] {
            write().header("origin", foreign).header("x-csrf-token", token(&minted)).refused(403, "cross_site").await;
        }
        write().refused(403, "csrf_token").await;
        for wrong in ["", "nonsense", token(&other)] {
            write().header("x-csrf-token", wrong).refused(403, "csrf_token").await;
        }
    }
    assert_eq!((origin.check(&minted.id).await, origin.check(&other.id).await), ("live".into(), "live".into()));
    let shown = origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json();
    assert_eq!(shown["label"], Value::Null);
}

#[tokio::test]
async fn the_same_site_may() {
    let origin = Origin::start().await;
    for how in 0..4 {
        let number = writes(&origin, &origin.mint().await).len();
        for which in 0..number {
            let minted = origin.mint().await;
            let ask = writes(&origin, &minted)[which]();
            let ask = match how {
                0 => ask.same_site(),
                1 => ask.header("sec-fetch-site", "none"),
                2 => ask.header("origin", "https://demo.test"),
                _ => ask.header("x-csrf-token", token(&minted)),
            };
            let answer = ask.send().await;
            assert!([200, 303].contains(&answer.status.as_u16()), "{how} {which}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_form_carries_the_token_as_a_field() {
    let origin = Origin::start().await;
    let (minted, other) = (origin.mint().await, origin.mint().await);
    let ask = |path: &str| origin.browser("POST", path).cookie(&minted.cookie);
    let form = format!("csrf_token={}&label=phone", token(&other));
    ask(&format!("/auth/account/sessions/{}/label", minted.id)).form(&form).refused(403, "csrf_token").await;
    let form = format!("csrf_token={}&label=phone", token(&minted));
    let answer = ask(&format!("/auth/account/sessions/{}/label", minted.id)).form(&form).send().await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    ask("/auth/logout").form("csrf_token=nonsense").refused(403, "csrf_token").await;
    let answer = ask("/auth/logout").form(&form).send().await;
    assert_eq!(answer.json(), json!({ "signed_out": true }));
}

#[tokio::test]
async fn of_two_sessions_in_one_browser_the_token_ends_its_own() {
    let origin = Origin::start().await;
    let (own, planted) = (origin.mint().await, origin.mint_with(json!({ "actor_id": "eve" })).await);
    let cookies = format!("{}; {}", planted.cookie, own.cookie);
    let ask = origin.browser("POST", "/auth/logout").cookie(&cookies).header("x-csrf-token", token(&own));
    assert_eq!(ask.send().await.status, 200);
    assert_eq!((origin.check(&own.id).await, origin.check(&planted.id).await), ("revoked".into(), "live".into()));
}

#[tokio::test]
async fn whoever_has_no_session_needs_no_token() {
    let origin = Origin::start().await;
    let answer = origin.browser("POST", "/auth/logout").send().await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "signed_out": false })));
    origin.browser("POST", "/auth/logout").header("origin", "https://evil.test").refused(403, "cross_site").await;
}

#[tokio::test]
async fn the_token_is_told_again_and_its_cookie_renewed_where_it_is_gone() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(json!({ "remember": true })).await;
    let held = format!("{}; __Host-sg_csrf={}", minted.cookie, token(&minted));
    let answer = origin.browser("GET", "/auth/csrf").cookie(&held).send().await;
    assert_eq!(answer.json(), json!({ "csrf_token": token(&minted) }));
    assert!(answer.set_cookies().is_empty(), "it has it");
    let day = 24 * 60 * 60;
    origin.wait(std::time::Duration::from_mins(10));
    let line = format!("__Host-sg_csrf={}; Path=/; Secure; SameSite=Lax; Max-Age={}", token(&minted), 14 * day - 600);
    for cookies in [minted.cookie.clone(), format!("{}; __Host-sg_csrf=old", minted.cookie)] {
        let answer = origin.browser("GET", "/auth/csrf").cookie(&cookies).send().await;
        assert_eq!(answer.json(), json!({ "csrf_token": token(&minted) }));
        assert_eq!(answer.set_cookies(), [line.as_str()]);
    }
    let fleeting = origin.mint().await;
    let answer = origin.browser("GET", "/auth/csrf").cookie(&fleeting.cookie).send().await;
    let line = format!("__Host-sg_csrf={}; Path=/; Secure; SameSite=Lax", token(&fleeting));
    assert_eq!(answer.set_cookies(), [line]);
    origin.browser("GET", "/auth/csrf").refused(401, "missing").await;
}

#[tokio::test]
async fn a_page_that_is_older_than_the_key_still_has_a_good_token() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let sql = "select count(*) from signing_keys where state = 'active' and tenant = 'demo'";
    origin.app.office().rotate(&"demo".parse().unwrap()).await.unwrap();
    assert_eq!(origin.database().await.number(sql).await, 1);
    // As a refresh does it.
    let sql = format!(
        "update sessions set previous_signing_key = signing_key, signing_key = (select id from signing_keys \
         where state = 'active' and tenant = 'demo') where id = '{}'",
        minted.id
    );
    origin.database().await.execute(&sql).await.unwrap();
    let answer = origin.browser("GET", "/auth/csrf").cookie(&minted.cookie).send().await;
    let new = answer.json()["csrf_token"].as_str().unwrap().to_owned();
    assert_ne!(new, token(&minted));
    for token in [token(&minted), &new] {
        let ask = origin.browser("PATCH", &format!("/auth/sessions/{}", minted.id)).cookie(&minted.cookie);
        let answer = ask.header("x-csrf-token", token).json(&json!({ "label": "phone" })).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
