//! `sealgate tokens revoke`.

use std::io;
use std::process::ExitCode;

use clap::Args;

use super::describe_owner;
use crate::cli::table::make_printable;
use crate::cli::{CliError, Out};
use crate::credential::ServiceToken;
use crate::iso8601;
use crate::office::Office;

/// Revoke a service token: nothing more is answered to it
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate tokens revoke sgt_Zm9vYmFyMTI\n  \
    pbpaste | sealgate tokens revoke -")]
pub(in crate::cli) struct Revoke {
    /// The id that `tokens list` shows, or the whole token, as one that leaked is found; `-` reads it from
    /// standard input
    #[arg(allow_hyphen_values = true)]
    token: String,
}

impl Revoke {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let text = if self.token == "-" { io::read_to_string(io::stdin())? } else { self.token };
        let id = ServiceToken::read_id(text.trim());
        if let Some(token) = office.store().revoke_service_token(id, office.now()).await? {
            writeln!(
                out,
                "revoked token {} ({}, {})",
                ServiceToken::show_id(id),
                make_printable(&token.name),
                describe_owner(token.tenant.as_ref())
            )?;
            return Ok(ExitCode::SUCCESS);
        }
        let tokens = office.store().list_service_tokens(None).await?;
        let known = tokens.into_iter().find(|token| token.id == id);
        // What is no id may be the better part of a secret: it is not repeated.
        let known = known.ok_or_else(|| CliError::NotFound("service token of that id".to_owned()))?;
        let (name, at) = (make_printable(&known.name), known.revoked_at.unwrap_or_else(|| office.now()));
        let (id, owner) = (ServiceToken::show_id(id), describe_owner(known.tenant.as_ref()));
        writeln!(out, "token {id} ({name}, {owner}) was revoked already, {}", iso8601::format(at))?;
        Ok(ExitCode::SUCCESS)
    }
}
