//! Whether the key-encryption key opens what is sealed.

use super::report::Report;
use crate::office::Office;

const CHECK: &str = "kek";

pub(super) async fn check(office: &Office, report: &mut Report) {
    match office.try_every_secret().await {
        Ok(found) if found.failures.is_empty() => {
            report.ok(CHECK, format!("opens every sealed secret ({})", found.opened));
        }
        Ok(found) => {
            let (failed, all) = (found.failures.len(), found.failures.len() + found.opened);
            let first = found.failures.first().map(ToString::to_string).unwrap_or_default();
            let advice = if found.opened == 0 {
                "Give the key that this database was made with (SEALGATE_KEK or SEALGATE_KEK_FILE)."
            } else {
                "Rows were altered, or come from elsewhere: restore a backup of the database."
            };
            report.problem(CHECK, format!("{failed} of {all} sealed secrets do not open: {first}"), advice);
        }
        Err(error) => report.problem(CHECK, error.to_string(), "See what is said of the database."),
    }
}
