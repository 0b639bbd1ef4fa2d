//! Whether the `OpenID` providers answer by which people sign in.

use super::report::Report;
use crate::config::Config;
use crate::office::{Office, OfficeError};
use crate::oidc::{Provider, Verdict};
use crate::outbound::Outbound;

const CHECK: &str = "providers";

pub(super) async fn check(office: &Office, config: &Config, report: &mut Report) {
    check_file(config, report);
    let outbound = &Outbound::new(config.outbound.clone());
    let providers = match list_enabled(office).await {
        Ok(providers) => providers,
        Err(error) => return report.problem(CHECK, error.to_string(), "See what is said of the database."),
    };
    if providers.is_empty() {
        return report.skipped(CHECK, "nobody signs in by an OpenID provider");
    }
    for provider in &providers {
        let (tenant, id) = (&provider.tenant, &provider.id);
        let findings = provider.probe(outbound).await;
        for finding in findings.iter().filter(|finding| finding.verdict == Verdict::Bad) {
            let message = format!("provider {id} of tenant {tenant}: {}", finding.message);
            report.problem(CHECK, message, format!("sealgate oidc test --tenant {tenant} {id} says it all"));
        }
    }
    if report.is_clean(CHECK) {
        report.ok(CHECK, format!("OpenID providers: {}, each answers, and people can sign in by it", providers.len()));
    }
}

/// Those of the file, whose secrets nobody but an origin that starts has read.
fn check_file(config: &Config, report: &mut Report) {
    for provider in &config.oidc {
        if let Err(error) = provider.read_secret() {
            report.problem(CHECK, error.to_string(), "Without it no origin starts.");
        }
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
