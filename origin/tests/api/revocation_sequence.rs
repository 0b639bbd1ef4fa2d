//! The sequence of revocations: gapless, in the order of commits, one entry for each act.

use std::time::Duration;

use serde_json::json;

use crate::kit::Origin;
use crate::kit::database::Moment;

type Entry = (i64, String, Option<String>, Option<String>, Option<String>, Option<Moment>, Moment);

async fn entries(origin: &Origin) -> Vec<Entry> {
    const SQL: &str = "select sequence, kind, session, actor_id, except_session, issued_before, expires_at \
        from revocations order by sequence";
    origin.database().await.rows(SQL).await
}

fn moment(text: &str) -> Moment {
    Moment(text.to_owned())
}

#[tokio::test]
async fn each_act_is_one_entry_and_repetitions_are_none() {
    let origin = Origin::start().await;
    let (one, two, three) = (origin.mint().await, origin.mint().await, origin.mint().await);
    let path = format!("/v1/sessions/{}", one.id);
    origin.v1("DELETE", &path).send().await;
    origin.v1("DELETE", &path).send().await;
    origin.v1("DELETE", "/v1/sessions/ses-AAAAAAAAAAAAAAAAAAAAAA").send().await;
    origin.wait(Duration::from_secs(1));
    let everywhere = format!("/v1/actors/user/ada/sessions?except={}", three.id);
    origin.v1("DELETE", &everywhere).send().await;
    origin.v1("DELETE", &everywhere).send().await;
    assert_eq!(origin.check(&two.id).await, "revoked");

    let (end, mark_end) = (moment("2026-06-01T12:15:00.000Z"), moment("2026-06-01T12:15:01.000Z"));
    let mark = moment("2026-06-01T12:00:01.000Z");
    assert_eq!(
        entries(&origin).await,
        [
            (1, "session".into(), Some(one.id), None, None, None, end),
            (2, "actor".into(), None, Some("ada".into()), Some(three.id), Some(mark), mark_end),
        ]
    );
}

#[tokio::test]
async fn a_mark_hits_what_was_issued_in_this_very_millisecond_and_by_a_faster_clock() {
    let origin = Origin::start().await;
    origin.mint().await;
    origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;
    assert_eq!(entries(&origin).await[0].5, Some(moment("2026-06-01T12:00:00.001Z")));

    let ahead = origin.mint().await;
    let sql = format!("update sessions set issued_at = '2026-06-01T12:00:00.700Z' where id = '{}'", ahead.id);
    origin.database().await.execute(&sql).await.unwrap();
    origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;
    assert_eq!(entries(&origin).await[1].5, Some(moment("2026-06-01T12:00:00.701Z")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_have_no_gaps_when_many_revoke_at_once_and_some_fail() {
    let origin = std::sync::Arc::new(Origin::start().await);
    let other = origin.start_another().await;
    let mut acts = Vec::new();
    for number in 0..24 {
        let minted = origin.mint_with(json!({ "actor_id": format!("actor-{number}") })).await;
        // Each twice, from two processes, and now and then one that matches nothing.
        for app in [origin.app.clone(), other.clone()] {
            let token = origin.token.clone();
            let path = match number % 4 {
                0 => format!("/v1/actors/user/actor-{number}/sessions"),
                1 => format!("/v1/actors/user/actor-{number}/sessions?except=ses-AAAAAAAAAAAAAAAAAAAAAA"),
                _ => format!("/v1/sessions/{}", minted.id),
            };
            acts.push(tokio::spawn(async move {
                crate::kit::Ask::new(app.private_router(), "DELETE", &path).bearer(&token).send().await.status
            }));
        }
    }
    for act in acts {
        assert!([200, 404].contains(&act.await.unwrap().as_u16()));
    }
    let numbers: Vec<i64> = entries(&origin).await.into_iter().map(|entry| entry.0).collect();
    assert_eq!(numbers, (1..=18).collect::<Vec<i64>>(), "18 of 24 sessions were revoked, each once");
    let counter = origin.database().await.number("select value from counters where name = 'revocations'").await;
    assert_eq!(counter, 18);
}

#[tokio::test]
async fn a_revocation_that_cannot_be_numbered_does_not_happen() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let database = origin.database().await;
    database.execute("alter table revocations rename to gone").await.unwrap();
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).refused(503, "database_unavailable").await;
    origin.v1("DELETE", "/v1/actors/user/ada/sessions").refused(503, "database_unavailable").await;
    database.execute("alter table gone rename to revocations").await.unwrap();
    assert_eq!(origin.check(&minted.id).await, "live");
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    assert_eq!(entries(&origin).await[0].0, 1, "the number came back with the transaction");
}
