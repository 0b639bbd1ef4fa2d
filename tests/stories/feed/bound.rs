//! However a session ends, no request is let in later than the bound.

use std::time::Duration;

use reqwest::Method;
use sealgate_origin::office::Office;
use sealgate_origin::store::RevokeKeysOutcome;
use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::Engine;
use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::cache::{Cache, Manners};
use sealgate_tests::scale;
use sealgate_tests::stack::{OTHER, Stack};
use serde_json::{Value, json};

use super::{age, at, expect_revoked};

/// How an edge reads the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Profile {
    /// From the origin itself.
    Direct,
    /// From a cache that others share.
    Cached,
}

/// What ends sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    Session,
    Actor,
    AllButOne,
    Key,
    EveryKey,
    /// The last: afterwards nobody signs in.
    Tenant,
}

const BLOWS: [Blow; 6] = [Blow::Session, Blow::Actor, Blow::AllButOne, Blow::Key, Blow::EveryKey, Blow::Tenant];

impl Blow {
    fn expect_refused(self, answer: &Answer, story: &str) {
        // Where nobody signs in any more, the edge is given no keys.
        let is_locked = self == Self::Tenant && answer.status == 401 && answer.code() == "unknown_kid";
        if !is_locked {
            expect_revoked(answer, story);
        }
    }
}

impl Profile {
    /// How long, in milliseconds, a session may be let in after it has ended.
    const fn bound_ms(self) -> u64 {
        match self {
            Self::Direct => 1_000,
            Self::Cached => 3_000,
        }
    }
}

struct World {
    stack: Stack,
    operator: Office,
    profile: Profile,
    operator_token: String,
    // Between the edge and the origin's private listener, where there is one.
    _cache: Cache,
}

impl World {
    async fn start(engine: Engine, profile: Profile) -> Self {
        let cache = Cache::start(Manners::Polite, "").await;
        let change = |settings: &mut Value| {
            if profile == Profile::Cached {
                settings["feed_cache"] = json!("1s");
                cache.stand_before(settings["origin_private"].as_str().unwrap());
                settings["origin_private"] = json!(cache.address());
            }
        };
        let stack = Stack::start_on_with(engine, |_| {}, change).await;
        cache.go_by(stack.clock());
        let operator = stack.operator().await;
        let operator_token = operator.create_operator_token("ops").await.unwrap().expose();
        Self { stack, operator, profile, operator_token, _cache: cache }
    }

    /// Ends the sessions of the victims.
    async fn strike(&self, blow: Blow, victims: &[(Browser, Value)], witness: &Value) {
        let origin = &self.stack.origin;
        let actor = format!("/v1/actors/user/{}/sessions", victims[0].1["actor_id"].as_str().unwrap());
        match blow {
            Blow::Session => origin.revoke(&victims[0].1).await,
            Blow::Actor => {
                let answer = origin.ask(Method::DELETE, &actor, None).await;
                assert_eq!(answer.json(), json!({ "revoked": victims.len() }));
            }
            Blow::AllButOne => {
                let path = format!("{actor}?except={}", witness["id"].as_str().unwrap());
                let answer = origin.ask(Method::DELETE, &path, None).await;
                assert_eq!(answer.json(), json!({ "revoked": victims.len() }));
            }
            Blow::Key | Blow::EveryKey => {
                let token = &victims[0].0.cookies["__Host-sg"];
                let key: KeyId = format!("sk-{}", token.split('.').nth(1).unwrap()).parse().unwrap();
                let outcome = self.operator.revoke_keys(&demo(), key, blow == Blow::EveryKey).await.unwrap();
                assert!(matches!(outcome, RevokeKeysOutcome::Revoked(_)), "{outcome:?}");
            }
            Blow::Tenant => {
                let url = format!("{}/v1/tenants/demo/disable", origin.private());
                let request = sealgate_tests::edge::client().post(url).bearer_auth(&self.operator_token);
                assert_eq!(request.send().await.unwrap().status(), 200);
            }
        }
    }

    /// Two who will lose their sessions, or one, and one whom that is no concern of.
    async fn cast(&self, blow: Blow) -> (Vec<(Browser, Value)>, (Browser, Value)) {
        let stack = &self.stack;
        // Nobody who has been here before.
        let mallory = format!("mallory-{}", stack.now());
        let (witness, count) = match blow {
            Blow::Session => (stack.signed_in(&mallory).await, 1),
            Blow::Actor => (stack.signed_in("ada").await, 2),
            Blow::AllButOne => (stack.signed_in(&mallory).await, 2),
            Blow::Key => {
                // Signed by the key before the one that will be revoked.
                let witness = stack.signed_in("ada").await;
                stack.origin.app().office().rotate(&demo()).await.unwrap();
                (witness, 2)
            }
            Blow::EveryKey | Blow::Tenant => (self.sign_in_elsewhere().await, 2),
        };
        let mut victims = Vec::new();
        for _ in 0..count {
            victims.push(stack.signed_in(&mallory).await);
        }
        (victims, witness)
    }

    /// Somebody at another tenant.
    async fn sign_in_elsewhere(&self) -> (Browser, Value) {
        let form = Browser::new(self.stack.edge.address(), OTHER)
            .navigating()
            .with_header("content-type", "application/x-www-form-urlencoded");
        let mut form = form;
        assert_eq!(form.get("/auth/login").await.status, 200);
        assert_eq!(form.post("/auth/login", "name=zoe&return_to=/").await.status, 303);
        let mut browser = Browser::new(self.stack.edge.address(), OTHER);
        browser.cookies = form.cookies;
        (browser, Value::Null)
    }

    /// Ends sessions in one way, and looks at those moments, in milliseconds afterwards, what becomes of whom; and then
    /// as soon as the bound is over.
    async fn tell(&self, blow: Blow, moments: &[u64]) {
        let (stack, bound) = (&self.stack, self.profile.bound_ms());
        let story = format!("{blow:?}, {:?}, looking at {moments:?}", self.profile);
        let (mut victims, mut witness) = self.cast(blow).await;
        // What the edge holds is not a millisecond older than it must be for the worst.
        stack.advance(Duration::from_secs(4)).await;
        for (victim, _) in &mut victims {
            assert!(age(&victim.get("/").await) <= bound, "{story}");
        }
        assert!(age(&witness.0.get("/").await) <= bound, "{story}");
        self.strike(blow, &victims, &witness.1).await;
        let mut passed = 0;
        for moment in moments {
            stack.advance(Duration::from_millis(moment - passed)).await;
            passed = *moment;
            for (victim, _) in &mut victims {
                let answer = victim.get("/").await;
                if answer.status == 200 {
                    assert!(age(&answer) <= bound, "{story}: {answer:?}");
                } else {
                    blow.expect_refused(&answer, &story);
                }
            }
            assert!(age(&witness.0.get("/").await) <= bound, "{story}");
        }
        stack.advance(Duration::from_millis(bound + 1 - passed)).await;
        for _ in 0..2 {
            for (victim, _) in &mut victims {
                blow.expect_refused(&victim.get("/").await, &story);
            }
            assert!(age(&witness.0.get("/").await) <= bound, "{story}");
            stack.advance(Duration::from_mins(2)).await;
        }
    }
}

fn demo() -> TenantId {
    "demo".parse().unwrap()
}

async fn end_sessions_in_every_way(engine: Engine, profile: Profile) {
    let world = World::start(engine, profile).await;
    let busy: Vec<u64> = (1..=profile.bound_ms()).step_by(499).collect();
    let looks: [&[u64]; 3] = [&[], &[profile.bound_ms()], &busy];
    for blow in BLOWS {
        for moments in looks {
            world.tell(blow, moments).await;
            if blow == Blow::Tenant {
                let url = format!("{}/v1/tenants/demo/enable", world.stack.origin.private());
                let request = sealgate_tests::edge::client().post(url).bearer_auth(&world.operator_token);
                assert_eq!(request.send().await.unwrap().status(), 200);
            }
        }
    }
}

#[tokio::test]
async fn every_kind_of_revocation_is_felt_within_a_second_on_sqlite() {
    end_sessions_in_every_way(Engine::Sqlite, Profile::Direct).await;
}

#[tokio::test]
async fn every_kind_of_revocation_is_felt_within_a_second_on_postgres() {
    end_sessions_in_every_way(Engine::Postgres, Profile::Direct).await;
}

#[tokio::test]
async fn every_kind_of_revocation_is_felt_within_three_seconds_behind_a_cache_on_sqlite() {
    end_sessions_in_every_way(Engine::Sqlite, Profile::Cached).await;
}

#[tokio::test]
async fn every_kind_of_revocation_is_felt_within_three_seconds_behind_a_cache_on_postgres() {
    end_sessions_in_every_way(Engine::Postgres, Profile::Cached).await;
}

/// Numbers that look random, and are the same each time.
struct Dice(u64);

impl Dice {
    /// A number below `faces` (splitmix64).
    fn roll(&mut self, faces: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % faces as u64).unwrap()
    }
}

struct Person {
    /// At either edge.
    browsers: [Browser; 2],
    session: Value,
    signed_in_at: UnixMillis,
    revoked_at: Option<UnixMillis>,
}

/// People ask and lose their sessions at random moments, at two edges, behind one cache if there is any.
async fn walk(profile: Profile) {
    const PEOPLE: usize = 12;
    let world = World::start(Engine::Sqlite, profile).await;
    let (stack, bound) = (&world.stack, profile.bound_ms());
    // So that some come soon after another, and some alone.
    let stride = if profile == Profile::Direct { 1_000 } else { 500 };
    let another = stack.another_edge().await;
    let sign_in = async || {
        let (here, session) = stack.signed_in("ada").await;
        let browsers = [here.clone(), at(&another, &here)];
        Person { browsers, session, signed_in_at: stack.now(), revoked_at: None }
    };
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(sign_in().await);
    }
    let (mut dice, mut latest, mut refused) = (Dice(7), 0, 0);
    for step in 0..scale::count(600, 20_000) {
        stack.advance(Duration::from_millis(dice.roll(stride) as u64)).await;
        another.set_clock(stack.now()).await;
        let who = dice.roll(PEOPLE);
        let person = &mut people[who];
        // Tokens live for a quarter of an hour. Whoever is known everywhere to have left is replaced.
        let gone_for = person.revoked_at.map_or(0, |at| stack.now().since(at));
        if stack.now().since(person.signed_in_at) > 14 * 60_000 || gone_for > 3 * bound {
            *person = sign_in().await;
        }
        if person.revoked_at.is_none() && dice.roll(12) == 0 {
            stack.origin.revoke(&person.session).await;
            person.revoked_at = Some(stack.now());
        }
        let answer = person.browsers[dice.roll(2)].get("/").await;
        let since = person.revoked_at.map(|at| stack.now().since(at));
        if answer.status == 200 {
            assert!(age(&answer) <= bound, "step {step}: {answer:?}");
            latest = latest.max(since.unwrap_or_default());
            assert!(since.is_none_or(|since| since <= bound), "step {step}: let in {since:?} ms after the revocation");
        } else {
            expect_revoked(&answer, &format!("step {step}"));
            assert!(since.is_some(), "step {step}: it was not revoked");
            refused += 1;
        }
    }
    println!("{profile:?}: {refused} refused; at the latest one was let in {latest} ms after its revocation");
    assert!(refused > 20 && latest > bound / 3, "the walk comes near the bound");
}

#[tokio::test]
async fn at_random_moments_nobody_is_let_in_a_second_after_a_revocation() {
    walk(Profile::Direct).await;
}

#[tokio::test]
async fn at_random_moments_nobody_is_let_in_three_seconds_after_a_revocation_behind_a_cache() {
    walk(Profile::Cached).await;
}
