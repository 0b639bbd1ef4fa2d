//! Signing out while a refresh is under way: whichever comes first, it is signed out, and what comes late brings nothing
//! back.

use reqwest::Method;
use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::steered::Steered;
use sealgate_tests::tabs::Tabs;
use sealgate_tests::wait::within;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{ACCESS, REFRESH, World, names_set};

fn load(tabs: &Tabs, path: &'static str) -> JoinHandle<Answer> {
    let tabs = tabs.clone();
    tokio::spawn(async move { tabs.get(path).await })
}

async fn sign_out(tabs: &Tabs) {
    let answer = tabs.send(Method::POST, "/auth/logout", String::new()).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "signed_out": true })), "{answer:?}");
    for name in [ACCESS, REFRESH] {
        assert!(names_set(&answer).contains(&name.to_owned()), "{name} is removed: {answer:?}");
    }
    let browser = tabs.browser();
    assert!(!browser.cookies.contains_key(ACCESS) && !browser.cookies.contains_key(REFRESH), "{browser:?}");
}

/// Whatever the browser holds by now, and whatever it ever held: it is nobody's.
async fn expect_signed_out(world: &World, tabs: &Tabs, ever: &[Browser], session: &Value) {
    world.stack.advance(std::time::Duration::from_millis(1)).await;
    for (number, browser) in ever.iter().chain([&tabs.browser()]).enumerate() {
        for path in ["/", "/auth/session"] {
            let answer = browser.clone().get(path).await;
            assert_eq!(answer.status, 401, "cookies {number} at {path}: {answer:?}");
            assert!(!brings_a_session(&answer), "cookies {number} at {path}: {answer:?}");
        }
    }
    assert_eq!(world.revoked_reason(session).await.as_deref(), Some("sign_out"));
}

fn brings_a_session(answer: &Answer) -> bool {
    let removed = |line: &str| line.contains("Max-Age=0");
    answer.set_cookies().iter().any(|line| line.starts_with("__Host-sg") && !removed(line) && !line.contains("detour"))
}

#[tokio::test]
async fn the_origin_has_refreshed_and_its_answer_is_under_way() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let (tabs, before) = (Tabs::of(ada.clone()), ada);
    let mut back = world.back.hold_at("/internal/refresh");
    let page = load(&tabs, "/");
    let held = back.next().await;
    world.back.let_all_go();
    sign_out(&tabs).await;
    held.let_go();
    let late = within("the page", page).await.unwrap();
    assert!(!brings_a_session(&late), "{late:?}");
    expect_signed_out(&world, &tabs, &[before], &session).await;
}

#[tokio::test]
async fn the_question_comes_to_the_origin_after_the_sign_out() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let (tabs, before) = (Tabs::of(ada.clone()), ada);
    let mut back = world.back.stop_at("/internal/refresh");
    let page = load(&tabs, "/");
    let held = back.next().await;
    world.back.let_all_go();
    sign_out(&tabs).await;
    held.let_go();
    let late = within("the page", page).await.unwrap();
    assert_eq!(late.status, 401, "{late:?}");
    assert!(!brings_a_session(&late), "{late:?}");
    expect_signed_out(&world, &tabs, &[before], &session).await;
}

/// The answer is behind the edge already: its cookies come to the browser, and are good for nothing.
#[tokio::test]
async fn the_page_is_on_the_wire_when_the_sign_out_is_answered() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let (tabs, before) = (Tabs::of(ada.clone()), ada);
    let mut front = world.front.hold_at("/page");
    let page = load(&tabs, "/page");
    let held = front.next().await;
    world.front.let_all_go();
    sign_out(&tabs).await;
    held.let_go();
    let late = within("the page", page).await.unwrap();
    assert!(brings_a_session(&late), "it was on its way before anybody signed out");
    let after = tabs.browser();
    expect_signed_out(&world, &tabs, &[before, after], &session).await;
}

/// The application is slow: what it answers comes when the session is over.
#[tokio::test]
async fn the_application_answers_after_the_sign_out() {
    let mut application = Steered::start().await;
    let world = World::start_before(application.address()).await;
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let (tabs, before) = (Tabs::of(ada.clone()), ada);
    let page = load(&tabs, "/slow");
    let call = application.next().await;
    sign_out(&tabs).await;
    call.answer("at last");
    let late = within("the page", page).await.unwrap();
    assert!(!brings_a_session(&late), "{late:?}");
    expect_signed_out(&world, &tabs, &[before], &session).await;
}

/// An application that puts our cookies on its own answers, as some do with whatever came.
#[tokio::test]
async fn an_application_that_gives_our_cookies_back_brings_nothing_back() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let tabs = Tabs::of(ada.clone());
    assert_eq!(tabs.get("/").await.status, 200);
    let held = tabs.browser();
    sign_out(&tabs).await;
    let mut public = world.browser();
    for (name, value) in &held.cookies {
        let line = format!("set-cookie: {name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax");
        public = public.with_header("x-answer-with", &line);
    }
    let answer = public.get("/public").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0), "{answer:?}");
    expect_signed_out(&world, &tabs, &[ada, held], &session).await;
}

/// Where it is configured, the browser is told to forget the rest, too.
#[tokio::test]
async fn the_browser_is_told_to_clear_what_the_site_has_stored_where_that_is_wanted() {
    for wanted in [false, true] {
        let change = |config: &mut sealgate_origin::config::Config| config.clear_site_data = wanted;
        let world = World::start_on(sealgate_test_database::Engine::Sqlite, change, |_| {}).await;
        let (mut ada, _) = world.signed_in("ada").await;
        let answer = ada.post("/auth/logout", "").await;
        assert_eq!(answer.header("clear-site-data").is_some(), wanted, "{answer:?}");
        // The lines are those that the cookies were set with, but for their time.
        for line in answer.set_cookies() {
            let name = line.split_once('=').unwrap().0;
            let http_only = if name == super::CSRF { "" } else { " HttpOnly;" };
            assert_eq!(line, format!("{name}=; Path=/; Secure;{http_only} SameSite=Lax; Max-Age=0"));
        }
    }
}

/// Nobody need have a good access token to sign out.
#[tokio::test]
async fn an_expired_token_and_a_refresh_token_alone_sign_out() {
    for keep in [ACCESS, REFRESH] {
        let world = World::start().await;
        let (mut ada, session) = world.signed_in("ada").await;
        let copy = ada.clone();
        world.expire().await;
        ada.cookies.retain(|name, _| name == keep);
        let answer = ada.post("/auth/logout", "").await;
        assert_eq!(answer.json(), json!({ "signed_out": true }), "{keep}: {answer:?}");
        expect_signed_out(&world, &Tabs::of(ada), &[copy], &session).await;
    }
}
