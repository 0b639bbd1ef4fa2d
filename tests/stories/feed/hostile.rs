//! Somebody between the edge and the origin bends the feed, or a cache, a proxy or a lagging copy does. What does not
//! open, answers another question or is older than what is known is not taken; the edge goes by what it knew for as long
//! as that is young enough, forgets no revocation, and tells the origin.

use std::sync::Arc;
use std::time::Duration;

use sealgate_origin::office::AfterRestore;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::revocation::{Head, Position};
use sealgate_shared::secret::Secret32;
use sealgate_tests::browser::Browser;
use sealgate_tests::relay::{Document, Exchange, Relay};
use sealgate_tests::stack::Stack;
use sealgate_tests::steered::Steered;
use sealgate_tests::wait::until;
use serde_json::Value;

use super::{HARD_MS, age, at, expect_revoked, expect_unavailable, start_with_relay};

const HTML: &str = "<!doctype html><title>Sign in</title><p>Welcome to this network!";

/// What becomes of an answer.
type Trick = Arc<dyn Fn(&Exchange) -> Document + Send + Sync>;

fn trick(bend: impl Fn(&Exchange) -> Document + Send + Sync + 'static) -> Trick {
    Arc::new(bend)
}

/// Whoever seals documents, as this edge or another, under this secret or another.
#[derive(Clone)]
struct Sealer {
    edge: EdgeId,
    secret: EdgeSecret,
}

impl Sealer {
    fn of(stack: &Stack) -> Self {
        let secret = Secret32::from_base64url(stack.origin.edge_secret()).unwrap();
        Self { edge: "dev".parse().unwrap(), secret: EdgeSecret::new(secret) }
    }

    fn another_edge(&self) -> Self {
        Self { edge: "another".parse().unwrap(), ..self.clone() }
    }

    fn another_secret(&self) -> Self {
        Self { secret: EdgeSecret::new(Secret32::new([7; 32])), ..self.clone() }
    }

    fn open(&self, exchange: &Exchange) -> Head {
        Head::open(&exchange.answer.body, &self.edge, &self.secret).expect("it is a head")
    }

    fn seal(&self, head: &Head, exchange: &Exchange) -> Document {
        exchange.answer.clone().with_body(head.seal(&self.edge, &self.secret, [9; 12]))
    }
}

fn flip(body: &[u8], at: usize) -> Vec<u8> {
    let mut bent = body.to_vec();
    bent[at] ^= 1;
    bent
}

/// Tricks that any document may be subject to.
fn tricks_on_documents() -> Vec<(&'static str, &'static str, Trick)> {
    let same = |exchange: &Exchange| exchange.answer.clone();
    let with =
        move |make: fn(&[u8]) -> Vec<u8>| trick(move |exchange| same(exchange).with_body(make(&exchange.answer.body)));
    let status = |status: u16| trick(move |exchange| Document { status: status.try_into().unwrap(), ..same(exchange) });
    vec![
        ("nothing", "forged", with(|_| Vec::new())),
        ("a page", "forged", trick(|_| Document::new(200, HTML).with_header("content-type", "text/html"))),
        ("the first half", "forged", with(|body| body[..body.len() / 2].to_vec())),
        ("all but a byte", "forged", with(|body| body[..body.len() - 1].to_vec())),
        ("a byte more", "forged", with(|body| [body, b"\0"].concat())),
        ("a bit of the first byte", "forged", with(|body| flip(body, 0))),
        ("a bit in the middle", "forged", with(|body| flip(body, body.len() / 2))),
        ("a bit of the last byte", "forged", with(|body| flip(body, body.len() - 1))),
        ("twice", "forged", with(|body| [body, body].concat())),
        ("404", "failed", status(404)),
        ("204", "failed", trick(|_| Document::new(204, ""))),
        ("304", "failed", trick(|_| Document::new(304, ""))),
        ("500 with the document", "failed", status(500)),
        ("206 with the document", "failed", status(206)),
        ("a connection that breaks", "failed", trick(move |exchange| Document { breaks_off: true, ..same(exchange) })),
    ]
}

/// Tricks that take a head for one.
fn tricks_on_heads(own: &Sealer, earlier: &Exchange, keyring: &Exchange) -> Vec<(&'static str, &'static str, Trick)> {
    let resealed = |by: Sealer, change: fn(&mut Head)| {
        let own = own.clone();
        trick(move |exchange| {
            let mut head = own.open(exchange);
            change(&mut head);
            by.seal(&head, exchange)
        })
    };
    let replayed = |exchange: &Exchange| {
        let answer = exchange.answer.clone();
        trick(move |_| answer.clone())
    };
    vec![
        ("an earlier answer", "forged", replayed(earlier)),
        ("the keyring", "forged", replayed(keyring)),
        ("another edge's", "forged", resealed(own.another_edge(), |_| {})),
        ("sealed under another secret", "forged", resealed(own.another_secret(), |_| {})),
        ("without the challenge", "forged", resealed(own.clone(), |head| head.challenge.clear())),
        ("another's challenge", "forged", resealed(own.clone(), |head| head.challenge.push('0'))),
        (
            "of a copy that lags behind",
            "older",
            resealed(own.clone(), |head| {
                // Without the last two entries, the first of which the edge has seen.
                (head.position.sequence, head.after, head.snapshot) = (head.position.sequence - 2, 0, 0);
                head.entries.clear();
            }),
        ),
        (
            "of an earlier epoch",
            "older",
            resealed(own.clone(), |head| {
                head.position = Position { epoch: head.position.epoch - 1, sequence: 1_000 };
                (head.after, head.snapshot) = (0, 0);
                head.entries.clear();
            }),
        ),
    ]
}

struct World {
    stack: Stack,
    relay: Relay,
    ada: Browser,
    /// Known to be revoked.
    bob: Browser,
}

impl World {
    async fn start() -> Self {
        let (stack, relay) = start_with_relay(|_| {}).await;
        // So that there is an epoch before.
        assert!(stack.operator().await.begin_epoch(None, AfterRestore::KeepSessions).await.unwrap());
        let (mut ada, _) = stack.signed_in("ada").await;
        let (mut bob, session) = stack.signed_in("bob").await;
        let (_, another) = stack.signed_in("another").await;
        for session in [&another, &session] {
            stack.origin.revoke(session).await;
        }
        assert_eq!(age(&ada.get("/").await), 0);
        expect_revoked(&bob.get("/").await, "the edge has seen it");
        Self { stack, relay, ada, bob }
    }

    async fn pass(&self, ms: u64) {
        self.stack.advance(Duration::from_millis(ms)).await;
    }

    /// Heads that came to nothing, as the edge has told.
    async fn told(&self, outcome: &str) -> u64 {
        self.stack.origin.metrics(&format!("sealgate_edge_feed_total{{edge=\"dev\",outcome=\"{outcome}\"}}")).await
    }

    /// The last exchange with this in its path.
    fn last(&self, part: &str) -> Exchange {
        self.relay.passed().into_iter().rfind(|exchange| exchange.path.contains(part)).expect("there was one")
    }

    /// Plays a trick on every head, for as long as it takes to see that it achieves nothing.
    async fn play(&mut self, name: &str, outcome: &str, trick: Trick) {
        let (mut carol, carols) = self.stack.signed_in("carol").await;
        self.pass(1_001).await;
        assert_eq!(age(&self.ada.get("/").await), 0, "{name}: before");
        assert_eq!(age(&carol.get("/").await), 0, "{name}: before");
        let (told, heads) = (self.told(outcome).await, self.relay.count("/head"));
        self.relay.bend(move |exchange| if exchange.is_head() { trick(exchange) } else { exchange.answer.clone() });
        self.stack.origin.revoke(&carols).await;

        // The head that is read behind this request comes to nothing.
        self.pass(600).await;
        assert_eq!(age(&self.ada.get("/").await), 600, "{name}");
        until("the head to be asked for", async || (self.relay.count("/head") > heads).then_some(())).await;
        self.pass(HARD_MS - 600).await;
        assert_eq!(age(&self.ada.get("/").await), HARD_MS, "{name}: nothing has become younger");
        self.pass(1).await;
        expect_unavailable(&self.ada.get("/").await, name);
        for seconds in 1..=2 {
            self.pass(1_000).await;
            expect_unavailable(&self.ada.get("/").await, name);
            expect_revoked(&self.bob.get("/").await, name);
            assert_ne!(carol.get("/").await.status, 200, "{name}: {seconds} s");
        }
        let bent = self.relay.count("/head") - heads;
        assert!(bent >= 3, "{name}: {bent}");

        self.relay.straighten();
        self.pass(1_000).await;
        expect_revoked(&carol.get("/").await, name);
        assert_eq!(age(&self.ada.get("/").await), 0, "{name}: afterwards");
        expect_revoked(&self.bob.get("/").await, name);
        // What was reported along with a question that came to nothing is reported again.
        let counted = self.told(outcome).await - told;
        assert!(counted >= bent as u64, "{name}: {counted} of {bent} are counted as {outcome}");
    }
}

#[tokio::test]
async fn heads_that_are_bent_are_not_taken_and_are_counted() {
    let mut world = World::start().await;
    for (name, outcome, trick) in tricks_on_documents() {
        world.play(name, outcome, trick).await;
    }
}

#[tokio::test]
async fn heads_that_answer_something_else_are_not_taken_and_are_counted() {
    let mut world = World::start().await;
    let (earlier, keyring) = (world.last("/head"), world.last("/keyring"));
    for (name, outcome, trick) in tricks_on_heads(&Sealer::of(&world.stack), &earlier, &keyring) {
        world.play(name, outcome, trick).await;
    }
}

#[tokio::test]
async fn a_redirect_is_no_answer_and_the_credential_goes_nowhere_else() {
    let mut world = World::start().await;
    let mut elsewhere = Steered::start().await;
    let location = format!("{}/sign-in", elsewhere.address());
    for status in [301, 302, 303, 307, 308] {
        let location = location.clone();
        let redirect = trick(move |_| Document::new(status, "").with_header("location", &location));
        let seen = tokio::select! {
            () = world.play("a redirect", "failed", redirect) => None,
            call = elsewhere.next() => Some(call),
        };
        assert!(seen.is_none(), "{status}: {:?}", seen.map(|call| call.head.headers));
    }
}

#[tokio::test]
async fn an_answer_is_as_old_as_its_question_however_long_it_was_under_way() {
    let mut world = World::start().await;
    world.pass(5_000).await;
    for delay in [1, 700, HARD_MS] {
        world.pass(1_001).await;
        let mut holding = world.relay.hold();
        let mut ada = world.ada.clone();
        let waiting = tokio::spawn(async move { age(&ada.get("/").await) });
        let held = holding.next().await;
        world.pass(delay).await;
        world.relay.let_all_go();
        held.let_go();
        assert_eq!(waiting.await.unwrap(), delay);
    }
    // One that was under way for longer than that is no good, and another is asked for.
    world.pass(1_001).await;
    let mut holding = world.relay.hold();
    let mut ada = world.ada.clone();
    let waiting = tokio::spawn(async move { age(&ada.get("/").await) });
    let late = holding.next().await;
    world.pass(HARD_MS + 1).await;
    late.let_go();
    let second = holding.next().await;
    world.relay.let_all_go();
    second.let_go();
    assert_eq!(waiting.await.unwrap(), 0);
    expect_revoked(&world.bob.get("/").await, "as before");
}

#[tokio::test]
async fn an_answer_that_is_overtaken_by_a_later_one_changes_nothing() {
    let mut world = World::start().await;
    let (mut carol, carols) = world.stack.signed_in("carol").await;
    world.pass(1_001).await;
    let older = world.told("older").await;
    let mut holding = world.relay.hold();
    let ask = |browser: &Browser| {
        let mut browser = browser.clone();
        tokio::spawn(async move { browser.get("/").await })
    };
    let first = ask(&world.ada);
    let early = holding.next().await;
    world.stack.origin.revoke(&carols).await;
    // After two seconds by the edge's clock nobody waits for another's question any more.
    world.pass(2_000).await;
    let second = ask(&world.ada);
    let late = holding.next().await;
    world.relay.let_all_go();
    late.let_go();
    assert_eq!(age(&second.await.unwrap()), 0);
    expect_revoked(&carol.get("/").await, "the later answer says so");
    world.pass(300).await;
    early.let_go();
    assert_eq!(age(&first.await.unwrap()), 300, "the earlier answer has made nothing older, nor younger");
    expect_revoked(&carol.get("/").await, "nor is anybody let in again");
    assert_eq!(age(&world.ada.get("/").await), 300);
    world.pass(1_001).await;
    assert_eq!(age(&world.ada.get("/").await), 0);
    assert_eq!(world.told("older").await, older + 1);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_waited_for_for_a_while_and_not_for_ever() {
    let mut world = World::start().await;
    world.pass(1_001).await;
    let failed = world.told("failed").await;
    let mut holding = world.relay.hold();
    let mut ada = world.ada.clone();
    let waiting = tokio::spawn(async move { ada.get("/").await });
    let never = holding.next().await;
    expect_revoked(&world.bob.get("/").await, "that needs nobody");
    expect_unavailable(&waiting.await.unwrap(), "the origin is silent");
    world.relay.let_all_go();
    world.pass(1_000).await;
    assert_eq!(age(&world.ada.get("/").await), 0);
    assert!(world.told("failed").await > failed);
    never.let_go();
}

/// A cold edge needs a snapshot; it gets what the trick makes of it, and afterwards what it should.
async fn spoil_snapshot(world: &World, name: &str, trick: Trick) {
    let failures = "sealgate_edge_snapshots_total{edge=\"dev\",outcome=\"failed\"}";
    let (told, arrived) = (world.stack.origin.metrics(failures).await, world.stack.upstream.requests());
    let cold = world.stack.another_edge().await;
    let (mut ada, mut bob) = (at(&cold, &world.ada), at(&cold, &world.bob));
    let asked = world.relay.count("/snapshot/");
    world.relay.bend(move |exchange| if exchange.is_snapshot() { trick(exchange) } else { exchange.answer.clone() });
    for _ in 0..2 {
        for browser in [&mut bob, &mut ada] {
            // What of a spoilt snapshot was whole is known from then on.
            let answer = browser.get("/").await;
            assert!(matches!(answer.code().as_str(), "origin_unavailable" | "revoked"), "{name}: {answer:?}");
        }
        expect_unavailable(&ada.get("/").await, name);
        world.pass(1_000).await;
        cold.set_clock(world.stack.now()).await;
    }
    assert_eq!(world.stack.upstream.requests(), arrived, "{name}: nobody was let in");
    let spoilt = world.relay.count("/snapshot/") - asked;
    assert!((1..=4).contains(&spoilt), "{name}: {spoilt} snapshots in two seconds");

    world.relay.straighten();
    expect_revoked(&bob.get("/").await, name);
    assert_eq!(age(&ada.get("/").await), 0, "{name}: afterwards");
    world.pass(1_001).await;
    cold.set_clock(world.stack.now()).await;
    assert_eq!(age(&ada.get("/").await), 0);
    assert!(world.stack.origin.metrics(failures).await > told, "{name}: the origin is told");
}

#[tokio::test]
async fn snapshots_that_are_bent_are_not_taken_and_nobody_is_let_in_without_one() {
    let world = World::start().await;
    // What is in no head any more.
    world.pass(61_000).await;
    let cold = world.stack.another_edge().await;
    assert_eq!(age(&at(&cold, &world.ada).get("/").await), 0);
    let (earlier, head) = (world.last("/snapshot/"), world.last("/head"));
    for (name, _, trick) in tricks_on_documents() {
        spoil_snapshot(&world, name, trick).await;
    }
    // Of an earlier position: something has happened since, also more than a minute ago.
    let minted = world.stack.origin.mint("carol").await;
    world.stack.origin.revoke(&minted["session"]).await;
    world.pass(61_000).await;
    let replayed = |exchange: Exchange| trick(move |_| exchange.answer.clone());
    spoil_snapshot(&world, "an earlier one", replayed(earlier)).await;
    spoil_snapshot(&world, "a head", replayed(head)).await;
}

/// What a cache that lies about its age can do, where heads come from one: nothing for longer than a minute, and no
/// revocation that was seen is forgotten.
#[tokio::test]
async fn a_cache_that_hands_out_an_old_head_is_found_out_by_the_next_direct_question() {
    let settings = |settings: &mut Value| settings["feed_cache"] = "1s".into();
    let (stack, relay) = start_with_relay(settings).await;
    let (mut ada, _) = stack.signed_in("ada").await;
    let (mut bob, bobs) = stack.signed_in("bob").await;
    let (mut carol, carols) = stack.signed_in("carol").await;
    assert_eq!(age(&ada.get("/").await), 0);
    let step = async || stack.advance(Duration::from_millis(2_501)).await;
    step().await;
    assert_eq!(age(&ada.get("/").await), 0);
    let old = relay.passed().into_iter().rfind(Exchange::is_head).unwrap();
    assert_eq!(old.asked_with("x-sealgate-challenge"), None, "a question that a cache may answer");

    stack.origin.revoke(&bobs).await;
    step().await;
    expect_revoked(&bob.get("/").await, "the edge has seen it");
    let is_shared = |exchange: &Exchange| exchange.is_head() && exchange.asked_with("x-sealgate-challenge").is_none();
    relay.bend(move |exchange| if is_shared(exchange) { old.answer.clone() } else { exchange.answer.clone() });
    stack.origin.revoke(&carols).await;
    for _ in 0..30 {
        step().await;
        expect_revoked(&bob.get("/").await, "an older head is ignored");
        let answer = carol.get("/").await;
        if answer.status == 200 {
            assert!(age(&answer) <= 3_000, "{answer:?}");
        }
    }
    expect_revoked(&carol.get("/").await, "the origin itself was asked within a minute");
}
