//! `sealgate oidc test`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::Which;
use crate::cli::table::make_printable;
use crate::cli::{CliError, Out};
use crate::http::FindingObject;
use crate::office::Office;
use crate::oidc::Verdict;
use crate::outbound::Outbound;

/// Ask an OpenID provider who it is, and say what is wrong with it
#[derive(Args, Debug)]
#[command(
    after_help = "Whether the provider knows the client and its secret shows when somebody signs in: nothing is \
    asked in its name here.\n\n\
    Examples:\n  \
    sealgate oidc test --tenant shop login\n  \
    sealgate oidc test --tenant shop login --json"
)]
pub(in crate::cli) struct Test {
    #[command(flatten)]
    which: Which,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Test {
    pub(super) async fn run(self, office: &Office, outbound: &Outbound, out: Out<'_>) -> Result<ExitCode, CliError> {
        let provider = self.which.find(office).await?;
        let findings = provider.probe(outbound).await;
        let usable = findings.iter().all(|finding| finding.verdict != Verdict::Bad);
        if self.json {
            let findings: Vec<FindingObject> = findings.into_iter().map(FindingObject::from).collect();
            writeln!(out, "{}", json!({ "usable": usable, "findings": findings }))?;
        } else {
            for finding in findings {
                writeln!(out, "{:<6}  {}", finding.verdict.as_str(), make_printable(&finding.message))?;
            }
        }
        Ok(if usable { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
