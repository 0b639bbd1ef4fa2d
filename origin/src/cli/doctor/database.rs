//! Whether the database is there, whole, up to date and writable.

use std::error::Error;

use super::report::Report;
use crate::config::Config;
use crate::store::{Store, StoreError, StoreResult, applied_migrations, known_migrations};

const CHECK: &str = "database";

/// The store, when it is good enough for the other checks.
pub(super) async fn check(config: &Config, report: &mut Report) -> Option<Store> {
    let path = &config.database;
    if config.database.file().is_some_and(|file| !file.exists()) {
        report.problem(
            CHECK,
            format!("there is no {path}"),
            "`sealgate migrate` makes it, and so does `sealgate serve`.",
        );
        return None;
    }
    match examine(config, report).await {
        Ok(store) => store,
        Err(error) => {
            let advice = match path.file() {
                Some(_) => {
                    "Is it the right file, and may this user read and write it and its folder? If it is damaged, \
                     restore a backup."
                }
                None => "Is the server up, reachable from here, and right about user, password and sslmode?",
            };
            report.problem(CHECK, format!("{path} cannot be used: {}", explain(&error)), advice);
            None
        }
    }
}

async fn examine(config: &Config, report: &mut Report) -> StoreResult<Option<Store>> {
    let path = &config.database;
    let applied = applied_migrations(&config.database).await?;
    let missing: Vec<i64> = known_migrations().map(|(version, _)| version).filter(|v| !applied.contains(v)).collect();
    let newer = applied.iter().any(|version| !known_migrations().any(|(known, _)| known == *version));
    if newer {
        let advice = "Run the newer sealgate, or restore the database as it was before.";
        report.problem(CHECK, format!("{path} was made by a newer sealgate than this one"), advice);
        return Ok(None);
    }
    if !missing.is_empty() {
        let message = format!("{path} lacks {} of its migrations", missing.len());
        report.problem(CHECK, message, "`sealgate migrate` applies them, and so does `sealgate serve`.");
        return Ok(None);
    }
    let store = Store::open_as_is(&config.database, config.server).await?;
    let gone = store.find_missing().await?;
    if !gone.is_empty() {
        let advice = "Somebody dropped it. Stop sealgate, keep a copy of the database, and restore a backup.";
        report.problem(CHECK, format!("{path} lacks what its migrations made: {}", gone.join(", ")), advice);
        if gone.iter().any(|name| name.starts_with("table ")) {
            store.close().await;
            return Ok(None);
        }
    }
    let damage = store.find_damage().await?;
    if let Some(first) = damage.first() {
        let advice = "Stop sealgate, keep a copy of the file, and restore a backup.";
        report.problem(CHECK, format!("{path} is damaged: {first}"), advice);
        store.close().await;
        return Ok(None);
    }
    if let Err(error) = store.try_write_lock().await {
        let advice =
            "May this user write the file and its folder, is the disk full, or does another program hold a lock?";
        report.problem(CHECK, format!("{path} cannot be written: {}", explain(&error)), advice);
    } else if gone.is_empty() {
        report.ok(CHECK, format!("{path} is whole, writable and up to date ({} migrations)", applied.len()));
    }
    Ok(Some(store))
}

/// The innermost reason: the outer ones say only that there is one.
fn explain(error: &StoreError) -> String {
    let mut reason: &dyn Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    reason.to_string()
}
