//! `sealgate inspect`.

use std::io;
use std::process::ExitCode;

use clap::Args;
use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::CookieName;
use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::when::describe_distance;
use super::{CliError, Out, REFUSED};
use crate::iso8601;
use crate::office::{Finding, Inspection, Office};
use crate::session::Session;

/// Show what a cookie says and whether it would be refused, and why. The MAC is never printed.
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 when the cookie would be accepted now, 3 when it would be refused.\n\n\
    Examples:\n  \
    sealgate inspect v1.…\n  \
    pbpaste | sealgate inspect -\n  \
    sealgate inspect --tenant other '__Host-sg=v1.…'")]
pub(super) struct Inspect {
    /// The cookie's value, with or without its name; `-` reads it from standard input, which keeps it out of
    /// the shell's history
    cookie: String,
    /// The tenant of the request it came with [default: the tenant whose key signed it]
    #[arg(long)]
    tenant: Option<TenantId>,
}

impl Inspect {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let text = if self.cookie == "-" { io::read_to_string(io::stdin())? } else { self.cookie };
        let token = strip_name(text.trim(), office.cookies().name(CookieName::Access));
        let found = office.inspect(token, self.tenant.as_ref()).await?;
        let now = office.now();
        print_steps(&found, out)?;
        if let Some(claims) = &found.claims {
            print_claims(claims, now, out)?;
        }
        if found.claims.is_some() {
            print_row(found.session.as_ref(), now, out)?;
        }
        match found.reject {
            None => {
                writeln!(out, "\nWould be accepted.")?;
                Ok(ExitCode::SUCCESS)
            }
            Some(reject) => {
                writeln!(out, "\nWould be refused: {} ({reject}).", reject.label())?;
                Ok(ExitCode::from(REFUSED))
            }
        }
    }
}

fn strip_name<'t>(text: &'t str, name: &str) -> &'t str {
    text.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).unwrap_or(text)
}

fn print_steps(found: &Inspection, out: Out<'_>) -> io::Result<()> {
    for (step, finding) in found.steps() {
        let note = match (step, found.key, found.key_state) {
            ("key", Some(key), Some(state)) => format!("  {key}, {}", state.as_str()),
            ("key", Some(key), None) => format!("  {key}"),
            _ => String::new(),
        };
        match finding {
            Finding::Passed => writeln!(out, "{step:<14} ok{note}")?,
            Finding::Refused(reject) => writeln!(out, "{step:<14} REFUSED  {}{note}", reject.label())?,
            Finding::NotReached => writeln!(out, "{step:<14} not reached")?,
        }
    }
    Ok(())
}

fn print_claims(claims: &Claims, now: UnixMillis, out: Out<'_>) -> io::Result<()> {
    let describe = |at| format!("{} ({})", iso8601::format(at), describe_distance(at, now));
    writeln!(out)?;
    for (name, value) in [
        ("session", claims.session.to_string()),
        ("tenant", claims.tenant.to_string()),
        ("actor", format!("{} {}", claims.actor_type, claims.actor_id)),
        ("roles", if claims.roles.is_empty() { "none".to_owned() } else { claims.roles.to_string() }),
        ("assurance", claims.assurance.to_string()),
        ("generation", claims.generation.to_string()),
        ("authenticated", describe(claims.authenticated_at)),
        ("issued", describe(claims.issued_at)),
        ("expires", describe(claims.expires_at)),
    ] {
        writeln!(out, "{name:<14} {value}")?;
    }
    Ok(())
}

fn print_row(session: Option<&Session>, now: UnixMillis, out: Out<'_>) -> io::Result<()> {
    let row = match session {
        None => "none".to_owned(),
        Some(Session { revoked: Some(revoked), .. }) => {
            format!("revoked, {} at {}", revoked.reason, iso8601::format(revoked.at))
        }
        Some(session) => session.status(now).as_str().to_owned(),
    };
    writeln!(out, "{:<14} {row}", "row")
}
