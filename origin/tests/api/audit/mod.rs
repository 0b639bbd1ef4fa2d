//! The audit table: what is written down, and what becomes of whoever changes it.

mod events;
mod linking;
mod retention;
mod tampering;
mod whole;

use std::time::Duration;

use sealgate_origin::app::App;
use sealgate_origin::office::{AuditVerified, Linked, OfficeError, ToldLink};
use tokio::time::Instant;

use crate::kit::Origin;
use crate::kit::database::Backdoor;

async fn link_at(app: &App) -> Result<Linked, OfficeError> {
    app.office().link_audit(Instant::now() + Duration::from_mins(1)).await
}

/// Links what was written down; how far that got.
async fn link(origin: &Origin) -> ToldLink {
    link_at(&origin.app).await.unwrap();
    told(&verify(origin).await)
}

fn told(verified: &AuditVerified) -> ToldLink {
    ToldLink::from(&verified.head)
}

async fn verify(origin: &Origin) -> AuditVerified {
    origin.app.office().verify_audit(None).await.unwrap()
}

/// What is wrong, in words; empty when nothing is.
async fn finding(origin: &Origin) -> String {
    verify(origin).await.finding.map(|finding| finding.to_string()).unwrap_or_default()
}

/// An origin whose table has some rows that have been linked; how many.
async fn start_with_links() -> (Origin, i64) {
    let origin = Origin::start().await;
    for _ in 0..6 {
        origin.mint().await;
    }
    link(&origin).await;
    let rows = origin.database().await.number("select max(position) from audit").await;
    assert!(rows >= 10, "{rows}");
    (origin, rows)
}

/// What anybody does first who has the database to themselves.
async fn drop_triggers(database: &Backdoor) {
    let on = |table: &str| match database {
        Backdoor::Sqlite(_) => String::new(),
        Backdoor::Postgres(_) => format!(" on {table}"),
    };
    for (name, table) in [
        ("audit_added", "audit"),
        ("audit_changed", "audit"),
        ("audit_deleted", "audit"),
        ("audit_chain_changed", "audit_chain"),
        ("audit_chain_deleted", "audit_chain"),
    ] {
        database.execute(&format!("drop trigger {name}{}", on(table))).await.unwrap();
    }
    database.execute("drop index audit_position").await.unwrap();
}
