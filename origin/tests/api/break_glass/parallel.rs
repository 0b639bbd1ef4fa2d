//! Many guesses at once, at several origins.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::*;
use crate::kit::database::Backdoor;

/// As many as an account allows at one moment: five of those who have not failed lately, and five of those who have.
const ALLOWED: u64 = 10;

async fn failures(origin: &Origin) -> i64 {
    let sql = "select sum(failures) from break_glass_lanes where lane in ('newcomers ada', 'account ada')";
    origin.database().await.number(&format!("select cast(({sql}) as bigint)")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_guesses_at_two_origins_no_more_are_looked_at_than_the_lanes_allow() {
    let origin = start().await;
    let other = origin.start_another().await;
    // As many at once as both have places and connections for, none of which stands empty.
    let places = Arc::new(Semaphore::new(12));
    let mut guesses = JoinSet::new();
    for number in 0..100_u32 {
        let app = if number % 2 == 0 { &origin.app } else { &other };
        // The first half from one network, the second from as many as there are.
        let address = if number < 50 { HERE.to_owned() } else { format!("198.51.100.{number}") };
        let ask = guess_at(app, &origin.edge, "ada", "wrong horse battery", &address);
        let places = Arc::clone(&places);
        guesses.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            refused(&ask.send().await);
        });
    }
    while let Some(done) = guesses.join_next().await {
        done.unwrap();
    }
    let sum = async |outcome| count(&origin.app, outcome).await + count(&other, outcome).await;
    let (wrong, early) = (sum("wrong").await, sum("early").await);
    assert!((5..=ALLOWED).contains(&wrong), "{wrong}");
    assert_eq!((wrong + early, failures(&origin).await.unsigned_abs()), (100, wrong));
    let from_here = "select max(failures) from break_glass_lanes where lane like 'network %'";
    assert!(origin.database().await.number(from_here).await <= 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_right_one_among_others_is_not_lost_while_the_lanes_are_open() {
    let origin = start().await;
    let mut guesses = JoinSet::new();
    for number in 0..4_u32 {
        let password = if number == 1 { RIGHT } else { "wrong horse battery" };
        guesses.spawn(guess(&origin, "ada", password, HERE).send());
    }
    let answers = guesses.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
    assert_eq!(failures(&origin).await, 3, "and counted no longer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn beyond_the_queue_one_is_told_to_come_again_and_nothing_is_counted() {
    let origin = start().await;
    let mut guesses = JoinSet::new();
    for number in 0..40_u32 {
        guesses.spawn(guess(&origin, "ada", "wrong horse battery", &format!("198.51.100.{number}")).send());
    }
    let answers = guesses.join_all().await;
    let busy: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty());
    for answer in &busy {
        assert_eq!(answer.headers["retry-after"], "2");
        assert!(answer.text().contains("Please try again") && answer.set_cookies().is_empty());
    }
    let refused = answers.iter().filter(|answer| answer.status == 403).count();
    assert_eq!(refused + busy.len(), 40);
    assert_eq!(count(&origin.app, "busy").await, u64::try_from(busy.len()).unwrap());
    assert_eq!(count(&origin.app, "wrong").await, 5, "all of them newcomers");
}

/// Somebody changes the password when the session has been made and the guess is not yet settled.
async fn change_in_between(database: &Backdoor) {
    let change = "update break_glass set password_hash = password_hash || 'x'";
    let (body, run) = match database {
        Backdoor::Sqlite(_) => (None, format!("begin {change}; end")),
        Backdoor::Postgres(_) => (
            Some(format!(
                "create function change_password() returns trigger language plpgsql as \
                 $$ begin {change}; return null; end $$"
            )),
            "execute function change_password()".to_owned(),
        ),
    };
    let when = "after insert on sessions for each row when (new.method = 'break_glass')";
    for sql in body.into_iter().chain([format!("create trigger changed {when} {run}")]) {
        database.execute(&sql).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_signs_in_while_the_password_changes_has_no_session() {
    let origin = start().await;
    let database = origin.database().await;
    change_in_between(&database).await;
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    let sql = "select revoked_reason from sessions where actor_id = 'ada'";
    assert_eq!(database.rows::<(Option<String>,)>(sql).await, [(Some("credential_change".to_owned()),)]);
    assert_eq!((count(&origin.app, "wrong").await, count(&origin.app, "signed_in").await), (1, 0));
    assert_eq!(failures(&origin).await, 1, "it stays counted");
    assert!(written(&origin, "break_glass.used").await.is_empty());
}
