//! `sealgate tenants delete`.

use std::io::{self, BufRead, IsTerminal as _, Write};
use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use crate::cli::{CliError, Out};
use crate::office::Office;

/// Delete a tenant with its sessions, keys and service tokens, for good
#[derive(Args, Debug)]
#[command(
    after_help = "Without --confirm it asks; where nobody can be asked, nothing is deleted. `sealgate tenants disable` \
    can be taken back.\n\n\
    Examples:\n  \
    sealgate tenants delete shop\n  \
    sealgate tenants delete shop --confirm shop"
)]
pub(in crate::cli) struct Delete {
    /// The tenant
    id: TenantId,
    /// The tenant once more, to be sure
    #[arg(long, value_name = "ID")]
    confirm: Option<String>,
}

impl Delete {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { id, confirm } = self;
        let live = office.show_tenant(&id).await?.live_sessions;
        let confirm = match confirm {
            None if io::stdin().is_terminal() => Some(ask(&id, live, &mut io::stdin().lock(), &mut io::stderr())?),
            given => given,
        };
        if confirm.as_deref() != Some(id.as_str()) {
            let message = format!("must repeat the tenant's id, {id}; nothing was deleted");
            return Err(CliError::Argument("--confirm", message));
        }
        let deleted = office.delete_tenant(&id).await?;
        writeln!(
            out,
            "deleted tenant {id} (sessions: {}, keys: {}, service tokens: {})",
            deleted.sessions, deleted.keys, deleted.tokens
        )?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Asks whoever sits there; what they typed.
fn ask(id: &TenantId, live: u64, input: &mut dyn BufRead, prompt: &mut dyn Write) -> io::Result<String> {
    writeln!(
        prompt,
        "This deletes the tenant {id} with its keys and service tokens, for good. Live sessions: {live}."
    )?;
    write!(prompt, "Type the tenant's id to go on: ")?;
    prompt.flush()?;
    let mut typed = String::new();
    input.read_line(&mut typed)?;
    Ok(typed.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_asked_sees_what_would_be_lost() {
        let mut prompt = Vec::new();
        let id = "shop".parse().unwrap();
        assert_eq!(ask(&id, 3, &mut &b" shop\nmore"[..], &mut prompt).unwrap(), "shop");
        let prompt = String::from_utf8(prompt).unwrap();
        assert!(prompt.contains("shop") && prompt.contains("Live sessions: 3"), "{prompt}");
        assert_eq!(ask(&id, 3, &mut &b""[..], &mut Vec::new()).unwrap(), "", "nobody there");
    }
}
