//! Many isolates of a place share what a cache holds: what the origin is asked follows the number of places, and the
//! bound is three seconds. (workerd has no cache of its own: one stands between edge and origin here.)

use std::time::Duration;

use sealgate_tests::cache::{Cache, Manners};
use sealgate_tests::edge::Edge;
use sealgate_tests::relay::{Exchange, Relay};
use sealgate_tests::scale;
use sealgate_tests::stack::Stack;
use serde_json::json;

use super::{age, at, expect_revoked};

const EDGES: usize = 4;
const BOUND_MS: u64 = 3_000;

struct Place {
    stack: Stack,
    /// Between the cache and the origin.
    relay: Relay,
    cache: Cache,
    /// Besides that of the stack.
    others: Vec<Edge>,
}

impl Place {
    async fn start() -> Self {
        let (relay, cache) = (Relay::start().await, Cache::start(Manners::Polite, "").await);
        let stack = Stack::start_with(|settings| {
            settings["feed_cache"] = json!("1s");
            relay.stand_before(&mut settings["origin_private"]);
            cache.stand_before(settings["origin_private"].as_str().unwrap());
            settings["origin_private"] = json!(cache.address());
        })
        .await;
        cache.go_by(stack.clock());
        let mut others = Vec::new();
        for _ in 1..EDGES {
            others.push(stack.another_edge().await);
        }
        Self { stack, relay, cache, others }
    }

    async fn advance(&self, ms: u64) {
        self.stack.advance(Duration::from_millis(ms)).await;
        for edge in &self.others {
            edge.set_clock(self.stack.now()).await;
        }
    }

    fn edges(&self) -> impl Iterator<Item = &Edge> {
        std::iter::once(&self.stack.edge).chain(&self.others)
    }

    /// How many heads the origin was asked for that a cache may keep, and how many that it may not.
    fn heads(&self) -> (usize, usize) {
        let heads: Vec<Exchange> = self.relay.passed().into_iter().filter(Exchange::is_head).collect();
        let direct = heads.iter().filter(|head| head.asked_with("x-sealgate-challenge").is_some()).count();
        (heads.len() - direct, direct)
    }
}

#[tokio::test]
async fn the_origin_is_asked_once_a_second_for_all_and_once_a_minute_by_each() {
    const TICK_MS: u64 = 250;
    let seconds = scale::count(65, 310);
    let place = Place::start().await;
    let (ada, _) = place.stack.signed_in("ada").await;
    let mut browsers: Vec<_> = place.edges().map(|edge| at(edge, &ada)).collect();
    let mut oldest = 0;
    for tick in 0..seconds * 4 {
        let edge = tick % EDGES;
        oldest = oldest.max(age(&browsers[edge].get("/").await));
        if edge == 0 {
            oldest = oldest.max(age(&browsers[EDGES - 1].get("/").await));
        }
        place.advance(TICK_MS).await;
    }
    let (shared, direct) = place.heads();
    println!(
        "{EDGES} edges in {seconds} s: {shared} shared heads, {direct} direct; the oldest set was {oldest} ms old"
    );
    assert!(oldest <= BOUND_MS, "{oldest}");
    assert!(shared <= seconds + 1, "{shared} shared heads in {seconds} s, whatever the number of edges");
    assert!(shared >= seconds / 3, "{shared}");
    assert!(place.cache.hits() > 50, "the cache does answer: {}", place.cache.hits());
    assert_eq!(direct, EDGES * (1 + seconds / 60), "each asks the origin itself at first, and once a minute");
    // What the edges counted came along with those.
    let reports = place.stack.origin.metrics("sealgate_edge_reports_total{edge=\"dev\"}").await;
    assert!(reports >= EDGES as u64, "{reports}");
}

#[tokio::test]
async fn in_the_worst_case_a_revocation_is_felt_within_three_seconds() {
    let place = Place::start().await;
    let ada = place.stack.signed_in("ada").await.0;
    let (bob, session) = place.stack.signed_in("bob").await;
    let (mut first, mut second) = (at(&place.stack.edge, &bob), at(&place.others[0], &bob));
    // Both have asked the origin itself, and will take what the cache has.
    for browser in [&mut first, &mut second] {
        assert_eq!(age(&browser.get("/").await), 0);
    }
    place.advance(2_501).await;
    assert_eq!(age(&first.get("/").await), 0, "the cache had none");
    place.stack.origin.revoke(&session).await;
    // The other takes it out of the cache at the last moment.
    place.advance(999).await;
    let hits = place.cache.hits();
    let answer = second.get("/").await;
    assert_eq!((age(&answer), place.cache.hits()), (1_000, hits + 1), "a part of a second counts as one");
    let (mut passed, mut let_in_until) = (999, 0);
    for moment in (1_000..=BOUND_MS).step_by(50) {
        place.advance(moment - passed).await;
        passed = moment;
        for browser in [&mut first, &mut second] {
            let answer = browser.get("/").await;
            if answer.status == 200 {
                assert!(age(&answer) <= BOUND_MS, "{answer:?}");
                let_in_until = moment;
            } else {
                expect_revoked(&answer, "as soon as it is known");
            }
        }
    }
    place.advance(BOUND_MS + 1 - passed).await;
    for edge in place.edges() {
        expect_revoked(&at(edge, &bob).get("/").await, "after three seconds");
        assert!(age(&at(edge, &ada).get("/").await) <= BOUND_MS);
    }
    println!("let in for {let_in_until} ms");
}

#[tokio::test]
async fn isolates_that_start_at_once_share_one_snapshot() {
    let place = Place::start().await;
    let (bob, session) = place.stack.signed_in("bob").await;
    place.stack.origin.revoke(&session).await;
    place.advance(61_000).await;
    for edge in place.edges() {
        expect_revoked(&at(edge, &bob).get("/").await, "from the snapshot");
    }
    assert_eq!(place.relay.count("/snapshot/"), 1, "for {EDGES} edges");
}

#[tokio::test]
async fn a_sign_out_asks_the_origin_itself_also_where_a_cache_is() {
    let place = Place::start().await;
    let (mut ada, _) = place.stack.signed_in("ada").await;
    let mut copy = ada.clone();
    assert_eq!(age(&copy.get("/").await), 0);
    place.advance(2_501).await;
    assert_eq!(age(&copy.get("/").await), 0, "now the cache holds a head");
    assert_eq!(ada.post("/auth/logout", "").await.status, 200);
    place.advance(1).await;
    expect_revoked(&copy.get("/").await, "a millisecond later");
}
