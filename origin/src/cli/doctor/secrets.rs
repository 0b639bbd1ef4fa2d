//! Whether the key-encryption keys open what is sealed, and which of them are needed still.

use super::report::Report;
use crate::office::{KekUse, Office, OfficeError};

const CHECK: &str = "kek";

pub(super) async fn check(office: &Office, report: &mut Report) {
    if let Err(error) = examine(office, report).await {
        report.problem(CHECK, error.to_string(), "See what is said of the database.");
    }
}

async fn examine(office: &Office, report: &mut Report) -> Result<(), OfficeError> {
    let found = office.try_every_secret().await?;
    let uses = office.count_keks().await?;
    if let Some(first) = found.failures.first() {
        let (failed, all) = (found.failures.len(), found.failures.len() + found.opened);
        report.problem(CHECK, format!("{failed} of {all} sealed secrets do not open: {first}"), advise(&uses));
    } else {
        report.ok(CHECK, format!("opens every sealed secret ({})", found.opened));
    }
    for kek in uses.iter().filter(|known| known.held) {
        describe(kek, office, report);
    }
    Ok(())
}

fn advise(uses: &[KekUse]) -> String {
    match uses.iter().find(|known| !known.held) {
        Some(missing) => format!(
            "Give {}, too, which this database was sealed under (SEALGATE_KEK or SEALGATE_KEK_FILE).",
            missing.kek
        ),
        None => "Rows were altered, or come from elsewhere: restore a backup of the database.".to_owned(),
    }
}

fn describe(kek: &KekUse, office: &Office, report: &mut Report) {
    let KekUse { kek, secrets, .. } = *kek;
    if kek == office.writing_kek() {
        report.ok(CHECK, format!("{kek} writes; sealed under it: {secrets}"));
    } else if secrets == 0 {
        report.ok(CHECK, format!("{kek} reads; nothing in use is sealed under it: only backups from before need it"));
    } else {
        let advice = "sealgate keys reseal moves them to the one that writes.";
        report.warning(CHECK, format!("{kek} reads; sealed under it: {secrets}"), advice);
    }
}
