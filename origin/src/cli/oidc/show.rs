//! `sealgate oidc show`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::Which;
use crate::cli::table::make_printable;
use crate::cli::{CliError, Out};
use crate::http::ProviderObject;
use crate::office::Office;

/// Show one OpenID provider, all but its secret
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate oidc show --tenant shop login\n  \
    sealgate oidc show --tenant shop login --json")]
pub(in crate::cli) struct Show {
    #[command(flatten)]
    which: Which,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let provider = json!(ProviderObject::from(self.which.find(office).await?));
        if self.json {
            writeln!(out, "{provider}")?;
            return Ok(ExitCode::SUCCESS);
        }
        for (name, value) in provider.as_object().into_iter().flatten() {
            let value = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Bool(true) => "yes".to_owned(),
                Value::Bool(false) => "no".to_owned(),
                Value::Array(entries) => entries.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
                other => other.to_string(),
            };
            let line = format!("{:<16} {}", name.replace('_', " "), make_printable(&value));
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
