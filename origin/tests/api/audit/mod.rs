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

/// Whatever the audit table is told is refused from here on.
pub(crate) async fn break_audit(database: &Backdoor) {
    let broken = match database {
        Backdoor::Sqlite(_) => "create trigger broken before insert on audit begin select raise(abort, 'broken'); end",
        Backdoor::Postgres(_) => "alter table audit add constraint broken check (id < 0) not valid",
    };
    database.execute(broken).await.unwrap();
}

/// And no longer.
pub(crate) async fn mend_audit(database: &Backdoor) {
    let mended = match database {
        Backdoor::Sqlite(_) => "drop trigger broken",
        Backdoor::Postgres(_) => "alter table audit drop constraint broken",
    };
    database.execute(mended).await.unwrap();
}

/// Deletes the oldest rows, as if for their age.
async fn forge_checkpoint(database: &Backdoor) {
    drop_triggers(database).await;
    for sql in [
        "update audit_chain set checkpoint_position = 3, checkpoint_mac = (select mac from audit where position = 3)",
        "delete from audit where position <= 3",
    ] {
        database.execute(sql).await.unwrap();
    }
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
