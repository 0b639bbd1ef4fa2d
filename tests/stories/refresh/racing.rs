//! Ten tabs of one browser wake up at once, and their answers come in any order: nobody is signed out.

use std::time::Duration;

use sealgate_test_database::Engine;
use sealgate_tests::browser::Answer;
use sealgate_tests::relay::{Held, Holding, Relay};
use sealgate_tests::scale;
use sealgate_tests::tabs::Tabs;
use serde_json::Value;
use tokio::task::JoinSet;

use super::{World, expect_in, generation_of};

const TABS: usize = 10;
/// So short that two hundred rounds fit into the life of a session.
const LIFETIME: Duration = Duration::from_mins(2);

/// Numbers that look drawn and are the same every time (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// Half of the tabs come to one isolate, half to another, which know nothing of each other.
async fn race(engine: Engine, rounds: usize) {
    let world = World::start_on(engine, |config| config.lifetimes.access = LIFETIME, |_| {}).await;
    let (elsewhere, other_front) = (world.stack.another_edge().await, Relay::start().await);
    other_front.turn_to(elsewhere.address());
    let (ada, session) = world.signed_in("ada").await;
    let tabs = Tabs::of(ada);
    let mut dice = Dice(6);
    let mut fronts = [world.front.hold(), other_front.hold()];
    for round in 0..rounds {
        let before = generation_of(&tabs.browser());
        world.stack.advance(LIFETIME).await;
        elsewhere.set_clock(world.stack.now()).await;
        // Now and then the origin's answers are held back, too, and come in another order.
        let mut backstage = (dice.below(3) == 0).then(|| world.back.hold_at("/internal/refresh"));
        let mut loading = JoinSet::new();
        for tab in 0..TABS {
            let address = if tab % 2 == 0 { world.front.address() } else { other_front.address() };
            let request = tabs.change(|browser| browser.clone().at(address).request(reqwest::Method::GET, "/tab"));
            let tabs = tabs.clone();
            loading.spawn(async move {
                let response = request.send().await.expect("the edge answers");
                tabs.change(|browser| browser.keep_all(response.headers()));
                Answer::read(response).await
            });
        }
        let gathered = async {
            let mut held = Vec::new();
            for tab in 0..TABS {
                held.push(fronts[tab % 2].next().await);
            }
            held
        };
        let mut held: Vec<Held> = match &mut backstage {
            None => gathered.await,
            Some(back) => tokio::select! {
                held = gathered => held,
                () = let_go_in_turn(back) => unreachable!("it goes on as long as there are answers"),
            },
        };
        world.back.let_all_go();
        dice.shuffle(&mut held);
        held.into_iter().for_each(Held::let_go);
        while let Some(answer) = loading.join_next().await {
            expect_all_well(&answer.unwrap(), &session, round);
        }
        assert_eq!(generation_of(&tabs.browser()), before + 1, "round {round}: one step for all tabs");
    }
    assert_eq!(world.revoked_reason(&session).await, None);
    assert_eq!(world.audit().await, [], "nothing happened that anybody has to look at");
    let refreshes = world.refreshes();
    println!("racing on {engine:?}: {rounds} rounds of {TABS} tabs, {refreshes} refreshes asked for, 0 sign-outs");
}

fn expect_all_well(answer: &Answer, session: &Value, round: usize) {
    expect_in(answer, session, &format!("round {round}"));
}

/// Two at a time, the later one first.
async fn let_go_in_turn(holding: &mut Holding) {
    loop {
        let first = holding.next().await;
        if let Ok(second) = tokio::time::timeout(Duration::from_millis(20), holding.next()).await {
            second.let_go();
        }
        first.let_go();
    }
}

#[tokio::test]
async fn ten_tabs_with_an_expired_token_load_at_once_and_nobody_is_signed_out() {
    race(Engine::Sqlite, scale::count(3, 200)).await;
}

#[tokio::test]
async fn ten_tabs_with_an_expired_token_load_at_once_and_nobody_is_signed_out_on_postgres() {
    race(Engine::Postgres, scale::count(3, 200)).await;
}
