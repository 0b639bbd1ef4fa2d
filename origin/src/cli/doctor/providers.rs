//! Whether the `OpenID` providers answer by which people sign in.

use super::report::Report;
use crate::office::{Office, OfficeError};
use crate::oidc::{Provider, Verdict, probe};
use crate::outbound::Outbound;

const CHECK: &str = "providers";

pub(super) async fn check(office: &Office, outbound: &Outbound, report: &mut Report) {
    let providers = match list_enabled(office).await {
        Ok(providers) => providers,
        Err(error) => return report.problem(CHECK, error.to_string(), "See what is said of the database."),
    };
    if providers.is_empty() {
        return report.skipped(CHECK, "nobody signs in by an OpenID provider");
    }
    for Provider { tenant, id, settings, .. } in &providers {
        let findings = probe(outbound, settings).await;
        for finding in findings.iter().filter(|finding| finding.verdict == Verdict::Bad) {
            let message = format!("provider {id} of tenant {tenant}: {}", finding.message);
            report.problem(CHECK, message, format!("sealgate oidc test --tenant {tenant} {id} says it all"));
        }
    }
    if report.is_clean(CHECK) {
        report.ok(CHECK, format!("OpenID providers: {}, each answers, and people can sign in by it", providers.len()));
    }
}

async fn list_enabled(office: &Office) -> Result<Vec<Provider>, OfficeError> {
    let mut enabled = Vec::new();
    for tenant in office.store().list_tenants(office.now()).await? {
        let providers = office.list_oidc_providers(&tenant.id).await?;
        enabled.extend(providers.into_iter().filter(|provider| provider.enabled));
    }
    Ok(enabled)
}
