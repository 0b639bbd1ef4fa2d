//! Whether what was written down is as it was.

use super::report::Report;
use crate::office::{AuditFinding, Office};

const CHECK: &str = "audit";

pub(super) async fn check(office: &Office, report: &mut Report) {
    let verified = match office.verify_audit(None).await {
        Ok(verified) => verified,
        Err(error) => return report.problem(CHECK, error.to_string(), "sealgate audit verify"),
    };
    match (&verified.finding, verified.rows) {
        // Nothing was taken away by then: an origin that does not run links nothing.
        (Some(waits @ AuditFinding::Unlinked { .. }), _) => {
            report.warning(
                CHECK,
                waits.to_string(),
                "Does an origin run? It links rows within seconds. If one does: sealgate audit verify",
            );
        }
        (Some(finding), _) => report.problem(CHECK, finding.to_string(), "sealgate audit verify"),
        (None, 0) => report.ok(CHECK, "no row of the audit table has been linked yet"),
        (None, rows) => report.ok(CHECK, format!("{rows} linked rows are as they were, and complete")),
    }
}
