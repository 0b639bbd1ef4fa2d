//! Linking, by several origins while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sealgate_origin::office::ToldLink;
use sealgate_origin::store::{NewLink, StoredLink};
use serde_json::json;
use tokio::time::Instant;

use super::{finding, link, link_at, start_with_links, verify};
use crate::kit::database::Backdoor;
use crate::kit::{Ask, Origin};

#[tokio::test]
async fn what_is_written_is_linked_in_its_order_and_once() {
    let origin = Origin::start().await;
    let first = link_at(&origin.app).await.unwrap();
    assert!(first.rows > 0 && !first.unfinished);
    let again = link_at(&origin.app).await.unwrap();
    assert_eq!((again.rows, again.head), (0, None));
    origin.mint().await;
    let second = link_at(&origin.app).await.unwrap();
    assert_eq!(second.rows, 1);
    assert_eq!(second.head.unwrap().position, first.rows + 1);
    let database = origin.database().await;
    assert_eq!(database.number("select count(*) from audit where position <> id").await, 0, "nobody was late");
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.rows, verified.unlinked), (None, first.rows + 1, 0));
    assert_eq!(verified.head, second.head.unwrap());
}

#[tokio::test]
async fn nothing_was_written_and_nothing_is_wrong() {
    let origin = Origin::start().await;
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.rows, verified.head.position), (None, 0, 0));
    assert!(verified.unlinked > 0, "the first rows wait for the first round");
    assert_eq!(ToldLink::from(&verified.head).to_string(), format!("0:{}", "0".repeat(32)));
}

#[tokio::test]
async fn more_than_a_batch_is_linked_and_time_that_is_up_leaves_the_rest() {
    let origin = Origin::start().await;
    let database = origin.database().await;
    let many = "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 2100) \
        insert into audit (at, tenant, event) select '2026-06-01T12:00:00.000Z', 'demo', 'session.late' from numbers";
    let many = match &database {
        Backdoor::Sqlite(_) => many.to_owned(),
        Backdoor::Postgres(_) => {
            "insert into audit (at, tenant, event) select '2026-06-01T12:00:00.000Z', 'demo', 'session.late' \
             from generate_series(1, 2100)"
                .to_owned()
        }
    };
    database.execute(&many).await.unwrap();
    let one = origin.app.office().link_audit(Instant::now()).await.unwrap();
    assert_eq!((one.rows, one.unfinished), (500, true));
    link_at(&origin.app).await.unwrap();
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.unlinked), (None, 0));
    assert!(verified.rows > 2_100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_origins_link_what_many_write() {
    let origin = Arc::new(Origin::start().await);
    let apps = [origin.app.clone(), origin.start_another().await];
    let ended = Arc::new(AtomicBool::new(false));
    let linking: Vec<_> = apps
        .iter()
        .map(|app| {
            let (app, ended) = (app.clone(), Arc::clone(&ended));
            tokio::spawn(async move {
                let mut rows = 0;
                while !ended.load(Ordering::Relaxed) {
                    rows += link_at(&app).await.unwrap().rows;
                    tokio::task::yield_now().await;
                }
                rows
            })
        })
        .collect();
    let writing: Vec<_> = (0..8)
        .map(|writer: u32| {
            let (app, token) = (apps[writer as usize % 2].clone(), origin.token.clone());
            tokio::spawn(async move {
                for number in 0..25 {
                    let body =
                        json!({ "tenant": "demo", "actor_type": "user", "actor_id": format!("{writer}-{number}") });
                    let ask = Ask::new(app.private_router(), "POST", "/v1/sessions").bearer(&token);
                    assert_eq!(ask.json(&body).send().await.status, 201);
                }
            })
        })
        .collect();
    for writing in writing {
        writing.await.unwrap();
    }
    ended.store(true, Ordering::Relaxed);
    let mut linked = 0;
    for linking in linking {
        linked += linking.await.unwrap();
    }
    linked += link_at(&origin.app).await.unwrap().rows;
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.unlinked, verified.rows), (None, 0, linked));
    let database = origin.database().await;
    assert_eq!(database.number("select count(*) from audit where event = 'session.created'").await, 200);
    assert_eq!(database.number("select count(*) from audit").await, linked.cast_signed());
}

#[tokio::test]
async fn a_transaction_that_ends_late_is_linked_late_and_not_passed_over() {
    let (origin, rows) = start_with_links().await;
    // On SQLite nobody else writes meanwhile.
    let Backdoor::Postgres(pool) = origin.database().await else { return };
    let mut late = pool.begin().await.unwrap();
    let insert = "insert into audit (at, tenant, event) values ('2026-06-01T12:00:00Z', 'demo', 'session.late')";
    sqlx::query(insert).execute(&mut *late).await.unwrap();
    origin.mint().await;
    link(&origin).await;
    assert_eq!(verify(&origin).await.rows, rows.unsigned_abs() + 1);
    late.commit().await.unwrap();
    link(&origin).await;
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.rows, verified.unlinked), (None, rows.unsigned_abs() + 2, 0));
    let order =
        "select count(*) from audit as one, audit as other where one.id < other.id and one.position > other.position";
    assert_eq!(origin.database().await.number(order).await, 1, "it has the lower number and the later link");
}

#[tokio::test]
async fn an_origin_that_stops_half_way_leaves_nothing_half_done() {
    let (origin, rows) = start_with_links().await;
    origin.mint().await;
    let store = origin.app.office().store();
    let mut lock = store.lock_audit_chain().await.unwrap().unwrap();
    let row = lock.unlinked(10).await.unwrap().pop().unwrap();
    let links = [NewLink { id: row.id, position: rows + 1, mac: [7; 32] }];
    let head = StoredLink { position: rows + 1, mac: vec![7; 32], seal: vec![7; 32] };
    assert!(lock.link(&links, &head).await.unwrap());
    if matches!(origin.database().await, Backdoor::Postgres(_)) {
        // Who comes meanwhile leaves it to the one that is at it. On SQLite they wait their turn.
        let other = origin.start_another().await;
        assert_eq!(link_at(&other).await.unwrap().rows, 0);
    }
    drop(lock);
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.rows, verified.unlinked), (None, rows.unsigned_abs(), 1));
    let another = origin.start_another().await;
    assert_eq!(link_at(&another).await.unwrap().rows, 1);
    assert_eq!(finding(&origin).await, "");
}

#[tokio::test]
async fn a_row_is_linked_once_even_by_mistake() {
    let (origin, rows) = start_with_links().await;
    let mut lock = origin.app.office().store().lock_audit_chain().await.unwrap().unwrap();
    let head = lock.chain().head.clone();
    let links = [NewLink { id: 1, position: rows + 1, mac: [7; 32] }];
    assert!(!lock.link(&links, &head).await.unwrap(), "it has a link");
}

#[tokio::test]
async fn how_far_it_got_is_told_to_whoever_watches() {
    let (origin, rows) = start_with_links().await;
    origin.mint().await;
    origin.wait(Duration::from_secs(7));
    let text = origin.private("GET", "/metrics").send().await.text();
    for line in [
        format!("sealgate_audit_position {rows}"),
        "sealgate_audit_unlinked 1".to_owned(),
        "sealgate_audit_unlinked_age_seconds 7.0".to_owned(),
        "sealgate_audit_linking_failures_total 0".to_owned(),
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
    }
    link(&origin).await;
    let text = origin.private("GET", "/metrics").send().await.text();
    assert!(text.lines().any(|told| told == "sealgate_audit_unlinked_age_seconds 0.0"), "{text}");
}
