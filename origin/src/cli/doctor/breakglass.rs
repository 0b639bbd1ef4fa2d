//! Whether anybody gets in when no `OpenID` provider answers.

use super::report::Report;
use crate::office::{Office, OfficeError};

const CHECK: &str = "breakglass";

pub(super) async fn check(office: &Office, report: &mut Report) {
    if let Err(error) = examine(office, report).await {
        report.problem(CHECK, error.to_string(), "See what is said of the database.");
    }
}

async fn examine(office: &Office, report: &mut Report) -> Result<(), OfficeError> {
    let mut ready = 0;
    for tenant in office.store().list_tenants(office.now()).await? {
        let (id, providers) = (&tenant.id, office.oidc_providers(&tenant.id).await?);
        let is_on = office.break_glass_is_on(id).await?;
        ready += u32::from(is_on);
        if !is_on && providers.iter().any(|provider| provider.enabled) {
            let message = format!("no operator of tenant {id} gets in when its OpenID providers do not answer");
            report.warning(CHECK, message, format!("sealgate breakglass set --tenant {id} NAME"));
        }
    }
    match ready {
        _ if !report.is_clean(CHECK) => {}
        0 => report.skipped(CHECK, "no tenant has a password for operators, nor an OpenID provider"),
        ready => report.ok(CHECK, format!("tenants with a password for operators: {ready}")),
    }
    Ok(())
}
