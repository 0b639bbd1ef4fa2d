//! The same answer is the same to the last byte: whatever was changed in between, and whichever origin is asked.

use std::time::Duration;

use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_shared::cookie::CookieNames;
use serde_json::{Value, json};

use super::{FIREFOX, ask, mint, mint_bearer, refresh_token, show, show_to, token};
use crate::kit::{Ask, Origin};

/// Another origin over the same database, on which everything is set differently that can be.
async fn start_different(origin: &Origin, window: Duration, cookies: CookieNames) -> App {
    let mut config = origin.config.clone();
    let lifetimes = &mut config.lifetimes;
    lifetimes.access = Duration::from_mins(31);
    lifetimes.refresh_window = window;
    lifetimes.ordinary.idle = Duration::from_mins(47);
    lifetimes.ordinary.absolute = Duration::from_hours(3);
    lifetimes.remembered.idle = Duration::from_hours(5);
    lifetimes.remembered.absolute = Duration::from_hours(7);
    config.cookies = cookies;
    config.sessions_per_actor = 3;
    App::build(&config, Clock::from(origin.clock.clone())).await.unwrap()
}

async fn rotate(app: &App) {
    app.office().rotate(&"demo".parse().unwrap()).await.unwrap();
}

/// Everything about an answer but for what HTTP itself says: whose keyring is newer is no part of it.
fn without_keyring(mut answer: Value) -> String {
    answer.as_object_mut().unwrap().remove("keyring");
    answer.to_string()
}

async fn cookies_are_the_same(fields: Value) {
    let origin = Origin::start().await;
    let minted = origin.mint_with(fields).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let answer = show(&origin, &first).await;
    let (second, won) = (token(&answer), without_keyring(answer));
    let different = start_different(&origin, Duration::from_mins(15), CookieNames::Host).await;
    for turn in 0..3 {
        origin.wait(Duration::from_secs(9));
        // Under another key there would be other MACs, with other lifetimes other times.
        rotate(if turn % 2 == 0 { &different } else { &origin.app }).await;
        for app in [&origin.app, &different] {
            for token in [&first, &second] {
                assert_eq!(without_keyring(show_to(&origin, app, token, FIREFOX).await), won, "turn {turn}");
            }
        }
    }
    // Under other names for cookies the values are still the same.
    let renamed = start_different(&origin, Duration::from_mins(15), CookieNames::Dev).await;
    let again = without_keyring(show_to(&origin, &renamed, &first, FIREFOX).await);
    let renamed = won.replace("__Host-", "").replace("; Secure", "");
    assert_eq!(again, renamed);
}

#[tokio::test]
async fn in_the_cookies_of_a_session_that_ends_with_the_browser() {
    cookies_are_the_same(json!({ "user_agent": FIREFOX, "roles": ["admin"], "assurance": 2 })).await;
}

#[tokio::test]
async fn in_the_cookies_of_a_session_that_is_remembered() {
    cookies_are_the_same(json!({ "user_agent": FIREFOX, "remember": true })).await;
}

#[tokio::test]
async fn in_the_body_for_a_native_client() {
    let origin = Origin::start().await;
    let minted = mint_bearer(&origin).await;
    let first = minted["refresh_token"].as_str().unwrap();
    let different = start_different(&origin, Duration::from_mins(15), CookieNames::Host).await;
    let post = async |app: &App, token: &str| {
        let ask = Ask::new(app.public_router(), "POST", "/auth/refresh").handed_on_by(&origin.edge);
        let answer = ask.header("user-agent", FIREFOX).json(&json!({ "refresh_token": token })).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.set_cookies(), Vec::<String>::new());
        answer.text()
    };
    origin.wait(Duration::from_mins(16));
    let won = post(&origin.app, first).await;
    let second: Value = serde_json::from_str(&won).unwrap();
    for _ in 0..3 {
        origin.wait(Duration::from_secs(9));
        rotate(&different).await;
        for app in [&different, &origin.app] {
            for token in [first, second["refresh_token"].as_str().unwrap()] {
                assert_eq!(post(app, token).await, won);
            }
        }
    }
}

#[tokio::test]
async fn of_an_answer_that_is_given_late() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let lost = without_keyring(show(&origin, &first).await);
    origin.wait(Duration::from_mins(10));
    let different = start_different(&origin, Duration::from_secs(30), CookieNames::Host).await;
    rotate(&origin.app).await;
    assert_eq!(without_keyring(show_to(&origin, &different, &first, FIREFOX).await), lost);
    rotate(&different).await;
    assert_eq!(without_keyring(show(&origin, &first).await), lost, "the other tabs");
}

#[tokio::test]
async fn also_where_the_key_has_just_been_made_by_another_origin() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let another = origin.start_another().await;
    // Both have the keys in memory by now.
    let first = refresh_token(&minted.body);
    show_to(&origin, &another, &first, FIREFOX).await;
    show(&origin, &first).await;
    origin.wait(Duration::from_mins(16));
    // For a moment this origin believes that it knows what there is.
    origin.app.office().follow().await.unwrap();
    for _ in 0..3 {
        rotate(&another).await;
    }
    let won = show_to(&origin, &another, &first, FIREFOX).await;
    let next = token(&won);
    assert_eq!(show(&origin, &next).await, won, "a key that this origin has never heard of");
    let answer = ask(&origin, &origin.app, &next, FIREFOX).send().await;
    assert_eq!(answer.json(), won);
}
