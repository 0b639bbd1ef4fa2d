//! Sign-ins that are begun and never completed, many: they are swept, cost no memory, and keep nobody out.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use sealgate_origin::office::HousekeepingSettings;
use sealgate_test_database::{Engine, TestDatabase};
use sealgate_test_provider::Provider;
use sealgate_tests::process::Installation;
use sealgate_tests::scale;

use super::{ID, Site};
use crate::refresh::World;

/// How many are under way at a time.
const AT_ONCE: usize = 16;
/// Of how many one is that of somebody who does sign in.
const LEGITIMATE: usize = 100;
/// How long a sign-in may take.
const LIFETIME: Duration = Duration::from_mins(10);

fn address(number: usize) -> String {
    let [.., a, b, c] = number.to_be_bytes();
    format!("10.{a}.{b}.{c}")
}

async fn under_way(world: &World) -> i64 {
    const SQL: &str = "select count(*) from sessions where pre_login = true";
    world.number(SQL).await
}

async fn abandoned(engine: Engine) {
    let count = scale::count(300, 10_000);
    let site = Site::start_on(engine).await;
    let begun = Instant::now();
    let mut beginning = stream::iter((0..count).map(|number| {
        let mut browser = site.browser_from(&address(number));
        async move {
            let answer = browser.get(&format!("/auth/oidc/{ID}/login")).await;
            assert_eq!(answer.status, 303, "{answer:?}");
        }
    }))
    .buffer_unordered(AT_ONCE);
    let mut done = 0;
    let (mut early, mut signed_in) = (0, 0);
    while beginning.next().await.is_some() {
        done += 1;
        if done % LEGITIMATE == 0 {
            site.signed_in("ada", &format!("sid-{done}")).await;
            signed_in += 1;
        }
        if done == count / 2 {
            early = site.world.stack.edge.memory_kb();
        }
    }
    let grown = site.world.stack.edge.memory_kb().saturating_sub(early);
    println!(
        "{count} abandoned sign-ins and {signed_in} completed ones on {engine:?} in {:.1} s; the edge has grown by {grown} kB \
         in the second half",
        begun.elapsed().as_secs_f32()
    );
    assert_eq!(under_way(&site.world).await, i64::try_from(count).unwrap(), "whoever completes leaves nothing");

    site.world.stack.advance(LIFETIME + Duration::from_secs(1)).await;
    site.world.stack.origin.app().office().housekeep(&HousekeepingSettings::default()).await;
    assert_eq!(under_way(&site.world).await, 0);
    site.signed_in("ada", "sid-at-last").await;
}

#[tokio::test]
async fn abandoned_sign_ins_are_swept() {
    abandoned(Engine::Sqlite).await;
}

#[tokio::test]
async fn abandoned_sign_ins_are_swept_on_postgres() {
    abandoned(Engine::Postgres).await;
}

/// One address that begins and begins, as fast as it may: its own oldest go.
#[tokio::test]
async fn one_address_has_so_many_under_way_and_no_more() {
    let site = Site::start_on(Engine::Sqlite).await;
    let mut patient = site.browser_from("203.0.113.50");
    let back = site.go_and_come_back(&mut patient, "grace", "sid-1").await;
    let count = scale::count(150, 1_500);
    for number in 0..count {
        let mut eve = site.browser_from(&format!("2001:db8::{number:x}"));
        assert_eq!(eve.get(&format!("/auth/oidc/{ID}/login")).await.status, 303);
    }
    let most = i64::try_from(count.min(1_000)).unwrap();
    assert_eq!(under_way(&site.world).await, most + 1, "the one's newest, and one of somebody else's");
    assert_eq!(patient.get(&back.target()).await.status, 303, "who is in no hurry");
}

/// The origin as a process of its own, whose memory can be told.
#[tokio::test]
async fn the_origin_keeps_nothing_of_them_in_memory() {
    let count = scale::count(300, 10_000);
    for engine in Engine::ALL {
        let installation = Installation::new(TestDatabase::create(engine).await).await;
        let serving = installation.serve().await;
        let provider = Provider::start(now).await;
        register(&installation, &provider).await;
        let begin = async |numbers: std::ops::Range<usize>| {
            let mut beginning = stream::iter(numbers.map(|number| {
                let request = installation.ask_as_browser(Method::GET, &format!("/auth/oidc/{ID}/login"));
                let request =
                    request.header("x-sealgate-proto", "https").header("x-sealgate-client-ip", address(number));
                request.header("x-sealgate-client-ip-source", "cf-connecting-ip").send()
            }))
            .buffer_unordered(AT_ONCE);
            while let Some(answer) = beginning.next().await {
                assert_eq!(answer.unwrap().status(), 303);
            }
        };
        begin(0..count / 2).await;
        let early = serving.memory_kb();
        begin(count / 2..count).await;
        let late = serving.memory_kb();
        println!(
            "{count} abandoned sign-ins on {engine:?}: the origin held {early} kB after half of them, {late} kB after all"
        );
        assert!(late < early + early / 4, "{engine:?}: {early} kB, then {late} kB");
        serving.kill().await;
    }
}

async fn register(installation: &Installation, provider: &Provider) {
    let token = installation.text("tokens create --operator --name story").await;
    let request = installation.ask_as_nobody(Method::POST, "/v1/tenants/demo/oidc").bearer_auth(token.trim());
    let answer = request.json(&provider.registration(ID)).send().await.unwrap();
    assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
}

#[expect(clippy::disallowed_methods, reason = "the process goes by the machine's clock")]
fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}
