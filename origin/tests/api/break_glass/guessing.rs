//! Wrong passwords: how often one may try, from one place and from many, and how the right one gets in beside them.

use std::time::Duration;

use super::*;

const WRONG: &str = "wrong horse battery";

/// As if so many guesses had failed.
async fn fill(origin: &Origin, lanes: &str, failures: u32) {
    let sql = format!("update break_glass_lanes set failures = {failures} where lane like '{lanes}'");
    assert_eq!(origin.database().await.execute(&sql).await, Ok(1));
}

/// Somebody guesses at the account from everywhere, for long; the last came to this network.
async fn close(origin: &Origin, network: &str) {
    fail(origin, 2, network).await;
    fill(origin, "account ada", 1_000_000).await;
    fill(origin, "newcomers ada", 1_000_000).await;
}

#[tokio::test]
async fn five_tries_and_then_the_right_one_has_to_wait_too() {
    let origin = start().await;
    fail(&origin, 5, HERE).await;
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    origin.wait(Duration::from_millis(999));
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    assert_eq!((count(&origin.app, "wrong").await, count(&origin.app, "early").await), (5, 2));
    // Having been turned away made nothing longer.
    origin.wait(Duration::from_millis(1));
    signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
}

#[tokio::test]
async fn a_right_password_is_not_counted_and_takes_nobodys_failures_away() {
    let origin = start().await;
    fail(&origin, 4, HERE).await;
    for _ in 0..3 {
        signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    }
    fail(&origin, 1, HERE).await;
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    assert_eq!((count(&origin.app, "wrong").await, count(&origin.app, "early").await), (5, 1));
}

#[tokio::test]
async fn an_account_that_many_networks_try_is_open_again_after_a_minute_at_most() {
    let origin = start().await;
    // Each network has tries of its own; together they come to the longest wait of the account, and far beyond.
    for number in 0..5 {
        fail(&origin, 1, &format!("198.51.100.{number}")).await;
    }
    fill(&origin, "newcomers ada", 1_000_000).await;
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    origin.wait(Duration::from_secs(59));
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    assert_eq!(count(&origin.app, "early").await, 2);
    origin.wait(Duration::from_secs(1));
    signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
}

#[tokio::test]
async fn a_network_that_tries_many_accounts_waits_for_longer_and_others_do_not() {
    let origin = start().await;
    for number in 0..5 {
        refused(&guess(&origin, &format!("somebody-{number}"), WRONG, "2001:db8:1:2::1").send().await);
    }
    assert_eq!((count(&origin.app, "unknown").await, count(&origin.app, "early").await), (5, 0));
    fill(&origin, "network %", 1_000_000).await;
    origin.wait(Duration::from_secs(14 * 60 + 59));
    // Its neighbours in the same 64 bits are the same network.
    refused(&guess(&origin, "ada", RIGHT, "2001:db8:1:2:ffff::").send().await);
    assert_eq!(count(&origin.app, "early").await, 1);
    signed_in(&guess(&origin, "ada", RIGHT, "2001:db8:1:3::1").send().await);
    origin.wait(Duration::from_secs(1));
    signed_in(&guess(&origin, "ada", RIGHT, "2001:db8:1:2:ffff::").send().await);
}

#[tokio::test]
async fn an_hour_of_quiet_forgets_and_housekeeping_takes_the_rows_away() {
    let origin = start().await;
    fail(&origin, 5, ELSEWHERE).await;
    refused(&guess(&origin, "nobody", WRONG, HERE).send().await);
    let database = origin.database().await;
    let lanes = async || database.number("select count(*) from break_glass_lanes").await;
    assert_eq!(lanes().await, 5);
    origin.wait(Duration::from_secs(3_599));
    assert_eq!(origin.app.office().housekeep(&origin.config.housekeeping).await.break_glass_lanes, 0);
    origin.wait(Duration::from_secs(1));
    fail(&origin, 4, ELSEWHERE).await;
    signed_in(&guess(&origin, "ada", RIGHT, ELSEWHERE).send().await);
    origin.wait(Duration::from_hours(1));
    let done = origin.app.office().housekeep(&origin.config.housekeeping).await;
    assert_eq!((done.break_glass_lanes, lanes().await, done.failures.len()), (5, 0, 0));
}

#[tokio::test]
async fn unlocking_forgets_and_lets_an_address_through_beside_those_who_go_on() {
    let origin = start().await;
    let (tenant, ada) = ("demo".parse().unwrap(), "ada".parse().unwrap());
    let unlock = async |from: Option<&str>| {
        let from = from.map(|from| from.parse().unwrap());
        assert!(origin.app.office().unlock_break_glass(&tenant, &ada, from).await.unwrap());
    };
    fail(&origin, 5, HERE).await;
    unlock(None).await;
    signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    // Somebody keeps the account closed, from wherever they have been and from where they have not.
    close(&origin, "198.51.100.1").await;
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    unlock(Some(HERE)).await;
    close(&origin, "198.51.100.2").await;
    refused(&guess(&origin, "ada", RIGHT, "192.0.2.1").send().await);
    signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    // Whoever is let through has still the tries of their own network, and no others.
    fail(&origin, 5, HERE).await;
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    origin.wait(Duration::from_secs(1));
    signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    // After an hour they wait with everybody else.
    origin.wait(Duration::from_secs(3_598));
    close(&origin, "198.51.100.3").await;
    signed_in(&guess(&origin, "ada", RIGHT, HERE).send().await);
    origin.wait(Duration::from_secs(1));
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    let (one, other) =
        ((Some("ada".to_owned()), None), (Some("ada".to_owned()), Some("and 203.0.113.7 is let through".to_owned())));
    assert_eq!(written(&origin, "break_glass.unlocked").await, [other, one]);
}

#[tokio::test]
async fn names_that_are_invented_take_no_more_room_than_there_is() {
    let origin = start().await;
    // Whatever is typed: the longest name, none, other people's letters, what no database takes for text.
    let long = "n".repeat(20_000);
    for name in ["", "eve", "%C3%A4da", "%00", "a%00b", "%FF", "' or 1=1 --", "ada%25", &long] {
        let name = name.replace(' ', "+");
        refused(&guess(&origin, &name, WRONG, HERE).send().await);
        origin.wait(Duration::from_mins(15));
    }
    assert_eq!(count(&origin.app, "unknown").await, 9);
    let stored = origin.database().await.everything().await;
    let stored = String::from_utf8_lossy(&stored);
    for typed in ["nnnnnnnnnn", "or 1=1", HERE] {
        assert!(!stored.contains(typed), "{typed} is kept");
    }
}

#[tokio::test]
async fn failures_are_written_down_but_do_not_fill_the_table() {
    let origin = start().await;
    fail(&origin, 5, HERE).await;
    refused(&guess(&origin, "ada", RIGHT, HERE).send().await);
    refused(&guess(&origin, "correct horse battery", WRONG, ELSEWHERE).send().await);
    let ada = |why: &str| (Some("ada".to_owned()), Some(why.to_owned()));
    let failed = written(&origin, "break_glass.failed").await;
    assert_eq!(failed[..3], [(None, Some("unknown".to_owned())), ada("early"), ada("wrong")], "never what was typed");
    assert_eq!(failed.len(), 7);
    // Thirty a minute of one network, of whatever kind of sign-in.
    for _ in 0..30 {
        let callback = origin.browser("GET", "/auth/oidc/callback?code=x&state=x&iss=x").client(HERE).send().await;
        assert_eq!(callback.status, 400);
    }
    refused(&guess(&origin, "ada", WRONG, HERE).send().await);
    assert_eq!(written(&origin, "break_glass.failed").await.len(), 7);
    refused(&guess(&origin, "ada", WRONG, ELSEWHERE).send().await);
    assert_eq!(written(&origin, "break_glass.failed").await.len(), 8);
}

#[tokio::test]
async fn requests_are_limited_as_any_that_change_something() {
    let origin = start_with(|config| config.limits.auth_write = Some("2/m".parse().unwrap())).await;
    fail(&origin, 2, HERE).await;
    guess(&origin, "ada", RIGHT, HERE).refused(429, "rate_limited").await;
    signed_in(&guess(&origin, "ada", RIGHT, ELSEWHERE).send().await);
}

#[tokio::test]
async fn a_client_without_an_address_is_counted_at_the_account_alone() {
    let origin = start().await;
    let ask = |password: &str| {
        let form = format!("name=ada&password={}", password.replace(' ', "+"));
        origin.browser("POST", PATH).form(&form)
    };
    for _ in 0..5 {
        refused(&ask(WRONG).send().await);
    }
    refused(&ask(RIGHT).send().await);
    assert_eq!(origin.database().await.number("select count(*) from break_glass_lanes").await, 1);
    origin.wait(Duration::from_secs(1));
    signed_in(&ask(RIGHT).send().await);
}
