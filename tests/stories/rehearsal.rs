//! The rehearsal of key rotation: people stay signed in while keys come and go, and those whose key was revoked do not.

use std::collections::BTreeSet;
use std::time::Duration;

use sealgate_origin::office::{HousekeepingSettings, Office, rotation_due};
use sealgate_origin::store::{KeyState, KeySummary, RevokeKeysOutcome, RotateOutcome, RotateWhen};
use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::Engine;
use sealgate_tests::crowd::{Crowd, Fate, Tally};
use sealgate_tests::scale;
use sealgate_tests::stack::Stack;
use sealgate_tests::wait::until;

const ROTATIONS: usize = 10;
/// Tokens live for a quarter of an hour: nobody stays for longer than so many rotations, two minutes apart.
const STAY: usize = 5;
/// How long the edge may go by what it was told of a session.
const CHECK_CACHE: Duration = Duration::from_secs(5);
const MINUTE: Duration = Duration::from_mins(1);

fn demo() -> TenantId {
    "demo".parse().unwrap()
}

/// Lets time go by for origin and edge, in steps within which everybody asks.
async fn pass(stack: &Stack, crowd: &Crowd, step: Duration, steps: usize) {
    for _ in 0..steps {
        stack.advance(step).await;
        crowd.everybody_asks().await;
    }
}

async fn keys(office: &Office) -> Vec<KeySummary> {
    office.store().list_keys(&demo(), office.now()).await.unwrap()
}

/// The one key in that state.
async fn key(office: &Office, state: KeyState) -> KeySummary {
    let keys = keys(office).await;
    let mut found = keys.iter().filter(|key| key.state == state);
    let key = found.next().cloned().unwrap_or_else(|| panic!("no key is {state:?}: {keys:?}"));
    assert!(found.next().is_none(), "two keys are {state:?}: {keys:?}");
    key
}

fn report(name: &str, engine: Engine, rotations: usize, tally: &Tally) {
    println!(
        "{name} on {engine:?}: {} requests, {rotations} rotations, tokens of {} keys let in, {} refused after a \
         revocation; spurious refusals {}, let in after the bound {}",
        tally.requests,
        tally.let_in.len(),
        tally.refused,
        tally.spurious.len(),
        tally.let_in_late.len(),
    );
    let first = |list: &[String]| list.iter().take(3).cloned().collect::<Vec<_>>();
    assert_eq!(first(&tally.spurious), [""; 0], "spurious refusals: {}", tally.spurious.len());
    assert_eq!(first(&tally.let_in_late), [""; 0], "let in after the bound: {}", tally.let_in_late.len());
}

/// An operator rotates keys by hand ten times, each as early as allowed, and then revokes the active one.
async fn rehearse(engine: Engine) {
    let size = scale::count(20, 200);
    let stack = Stack::start_on(engine, |_| {}).await;
    let operator = stack.operator().await;
    let mut crowd = Crowd::gather(&stack, size).await;
    for rotation in 1..=ROTATIONS {
        pass(&stack, &crowd, MINUTE, 2).await;
        let rotated = operator.rotate_keys(&demo(), RotateWhen::published()).await.unwrap();
        let RotateOutcome::Rotated(rotated) = rotated else { panic!("rotation {rotation}: {rotated:?}") };
        crowd.leave(size / STAY);
        let kids = crowd.join(&stack, size / STAY).await;
        assert_eq!(BTreeSet::from_iter(kids), BTreeSet::from([rotated.active.to_string()]), "the new key signs");
        crowd.everybody_asks().await;
    }
    pass(&stack, &crowd, MINUTE, 2).await;
    let in_use = crowd.live_by_key();
    assert_eq!(in_use.len(), STAY, "many keys are in use: {in_use:?}");
    assert_eq!(in_use.values().sum::<usize>(), size);
    revoke_active(&stack, &operator, &mut crowd).await;

    let tally = crowd.disperse().await;
    assert_eq!(tally.let_in.len(), ROTATIONS + 2, "{:?}", tally.let_in);
    assert!(tally.refused > 0);
    report("rehearsal", engine, ROTATIONS, &tally);
}

/// The active key has leaked: within the bound its sessions end, and nobody else's do.
async fn revoke_active(stack: &Stack, operator: &Office, crowd: &mut Crowd) {
    let (leaked, next) = (key(operator, KeyState::Active).await.id, key(operator, KeyState::Pending).await.id);
    let signed = crowd.meet(&leaked.to_string(), Fate::Ending);
    let outcome = operator.revoke_keys(&demo(), leaked, false).await.unwrap();
    let RevokeKeysOutcome::Revoked(revoked) = outcome else { panic!("{outcome:?}") };
    assert_eq!((revoked.active, revoked.sessions), (next, signed.len() as u64));

    // Whoever signs in again is let in at once.
    let kids = crowd.join(stack, signed.len()).await;
    assert_eq!(BTreeSet::from_iter(kids), BTreeSet::from([next.to_string()]));
    crowd.everybody_asks().await;

    // The origin hears of what another process does in a moment. The bound is the edge's, from then on.
    let origin = stack.origin.app().office();
    for session in &signed {
        until("the origin to hear of it", async || {
            let standing = origin.session_standing(&demo(), *session, false).await.unwrap();
            (!standing.live).then_some(())
        })
        .await;
    }
    stack.advance(CHECK_CACHE).await;
    crowd.meet(&leaked.to_string(), Fate::Ended);
    crowd.everybody_asks().await;
    pass(stack, crowd, MINUTE, 2).await;
}

/// Nobody does anything: the origin's own housekeeping rotates, month after month.
async fn go_by_schedule(engine: Engine) {
    let size = scale::count(10, 50);
    let settings = HousekeepingSettings { interval: Duration::from_millis(20), ..HousekeepingSettings::default() };
    let period = settings.key_rotation.expect("there is a schedule");
    let stack = Stack::start_on(engine, |config| config.housekeeping = settings).await;
    let operator = stack.operator().await;
    let mut tally = Tally::default();
    for _ in 1..=ROTATIONS {
        let retiring = key(&operator, KeyState::Active).await;
        let next = key(&operator, KeyState::Pending).await.id;
        let due = rotation_due(retiring.id, retiring.activated_at.unwrap(), period);
        stack.advance(span(stack.now(), due.minus(4 * 60_000))).await;
        let mut crowd = Crowd::gather(&stack, size).await;
        pass(&stack, &crowd, MINUTE * 2, 2).await;
        until("the schedule to be kept", async || (key(&operator, KeyState::Active).await.id == next).then_some(()))
            .await;
        crowd.everybody_asks().await;
        let kids = crowd.join(&stack, size).await;
        assert_eq!(BTreeSet::from_iter(kids), BTreeSet::from([next.to_string()]), "the new key signs");
        // Tokens of the old key live on for eleven minutes.
        pass(&stack, &crowd, MINUTE * 2, 5).await;
        assert_eq!(crowd.live_by_key().len(), 2);
        tally.add(crowd.disperse().await);
    }
    stack.advance(period / 2).await;
    until("the old keys to be destroyed", async || {
        let in_use = keys(&operator).await.into_iter().filter(|key| key.state != KeyState::Destroyed);
        (in_use.count() == 2).then_some(())
    })
    .await;
    assert_eq!(tally.let_in.len(), ROTATIONS + 1, "{:?}", tally.let_in);
    report("ten months by schedule", engine, ROTATIONS, &tally);
}

fn span(from: UnixMillis, to: UnixMillis) -> Duration {
    Duration::from_millis(to.since(from))
}

#[tokio::test]
async fn ten_rotations_and_a_revocation_refuse_nobody_else_on_sqlite() {
    rehearse(Engine::Sqlite).await;
}

#[tokio::test]
async fn ten_rotations_and_a_revocation_refuse_nobody_else_on_postgres() {
    rehearse(Engine::Postgres).await;
}

#[tokio::test]
async fn ten_rotations_by_schedule_refuse_nobody_on_sqlite() {
    go_by_schedule(Engine::Sqlite).await;
}

#[tokio::test]
async fn ten_rotations_by_schedule_refuse_nobody_on_postgres() {
    go_by_schedule(Engine::Postgres).await;
}
