//! Answers that take long: what happened meanwhile counts for more than what they bring.

use std::time::Duration;

use axum::http::StatusCode;
use sealgate_tests::steered::Steered;
use sealgate_tests::tabs::Tabs;
use sealgate_tests::wait::within;
use serde_json::Value;

use super::{LIFETIME, REFRESH, WINDOW, World, generation, generation_of, names_set};

struct Waiting {
    world: World,
    application: Steered,
    tabs: Tabs,
    session: Value,
}

async fn start() -> Waiting {
    let application = Steered::start().await;
    let world = World::start_before(application.address()).await;
    let (ada, session) = world.signed_in("ada").await;
    Waiting { world, application, tabs: Tabs::of(ada), session }
}

impl Waiting {
    /// Another tab asks for something that is answered at once; whether it was let in.
    async fn poll(&mut self) -> StatusCode {
        let tabs = self.tabs.clone();
        let asking = tokio::spawn(async move { tabs.get("/poll").await.status });
        let call = self.application.next().await;
        assert_eq!(call.header("x-sealgate-session"), self.session["id"].as_str());
        call.answer("polled");
        asking.await.unwrap()
    }
}

/// An upstream that takes 40 s to its first byte, while another tab polls every five.
#[tokio::test]
async fn while_a_slow_page_loads_another_tab_goes_on() {
    let mut waiting = start().await;
    for round in 1..=3 {
        waiting.world.expire().await;
        let tabs = waiting.tabs.clone();
        let slow = tokio::spawn(async move { tabs.get("/slow").await });
        let call = waiting.application.next().await;
        for _ in 0..8 {
            waiting.world.stack.advance(Duration::from_secs(5)).await;
            assert_eq!(waiting.poll().await, 200, "round {round}");
        }
        call.answer("at last");
        assert_eq!(within("the slow page", slow).await.unwrap().status, 200);
        assert_eq!(generation_of(&waiting.tabs.browser()), round);
        waiting.world.stack.advance(WINDOW).await;
        assert_eq!(waiting.poll().await, 200, "with whatever came last");
    }
    assert_eq!(waiting.world.audit().await, []);
    assert_eq!(waiting.world.revoked_reason(&waiting.session).await, None);
}

/// It takes so long that the other tab has been refreshed twice meanwhile: its cookies are older than those there are.
#[tokio::test]
async fn an_answer_that_comes_too_late_brings_no_older_cookies() {
    let mut waiting = start().await;
    waiting.world.expire().await;
    let tabs = waiting.tabs.clone();
    let slow = tokio::spawn(async move { tabs.get("/slow").await });
    let call = waiting.application.next().await;
    for _ in 0..2 {
        assert_eq!(waiting.poll().await, 200);
        waiting.world.stack.advance(LIFETIME).await;
    }
    assert_eq!(waiting.poll().await, 200);
    let held = generation_of(&waiting.tabs.browser());
    call.answer("at last");
    let answer = within("the slow page", slow).await.unwrap();
    assert_eq!((answer.status.as_u16(), names_set(&answer)), (200, Vec::new()));
    assert_eq!(generation_of(&waiting.tabs.browser()), held);
    assert_eq!(waiting.poll().await, 200);
    assert_eq!(waiting.world.audit().await, []);
}

/// Where the isolate knows nothing of what another has handed out, older cookies may come: they are good for another
/// refresh.
#[tokio::test]
async fn older_cookies_from_an_isolate_that_knows_no_better_sign_nobody_out() {
    let mut waiting = start().await;
    let elsewhere = waiting.world.stack.another_edge().await;
    waiting.world.expire().await;
    elsewhere.set_clock(waiting.world.stack.now()).await;
    let far = Tabs::of(waiting.tabs.browser().at(elsewhere.address()));
    let asking = far.clone();
    let slow = tokio::spawn(async move { asking.get("/slow").await });
    let call = waiting.application.next().await;
    assert_eq!(waiting.poll().await, 200);
    waiting.world.stack.advance(LIFETIME).await;
    assert_eq!(waiting.poll().await, 200);
    call.answer("at last");
    let old = within("the slow page", slow).await.unwrap();
    if let Some(line) = old.set_cookies().iter().find(|line| line.starts_with(REFRESH)) {
        let old = generation(line.split(['=', ';']).nth(1).unwrap());
        assert!(old < generation_of(&waiting.tabs.browser()), "the older comes last");
        println!("the browser goes on with generation {old}");
    }
    waiting.tabs.change(|browser| browser.keep_all(&old.headers));
    for _ in 0..3 {
        assert_eq!(waiting.poll().await, 200);
        waiting.world.stack.advance(LIFETIME).await;
    }
    assert_eq!(waiting.world.revoked_reason(&waiting.session).await, None);
}
