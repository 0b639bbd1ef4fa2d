//! `sealgate breakglass set`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{ActorId, ActorType, Role, Roles, TenantId};

use super::{describe_ended, password};
use crate::cli::{CliError, Out};
use crate::credential::Password;
use crate::office::{BreakGlassSet, Office, SetBreakGlass};
use crate::session::Actor;

/// Give an operator a password to sign in with when nothing else works, or another one; their sessions end
///
/// It is asked for, or read as one line from standard input. From the first one on the tenant has /auth/break-glass.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate breakglass set --tenant shop ada\n  \
    sealgate breakglass set --tenant shop ada --role admin --generate\n  \
    pass show shop/ada | sealgate breakglass set --tenant shop ada")]
pub(in crate::cli) struct Set {
    /// The tenant whose sessions they get
    #[arg(long)]
    tenant: TenantId,
    /// The name to type, which is the actor's id: 1 to 128 letters, digits or signs, without spaces
    account: ActorId,
    /// The actor's type
    #[arg(long, value_name = "TYPE", default_value = "operator")]
    actor_type: ActorType,
    /// A role of their sessions; may be given several times [default: what is known of the actor]
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// The assurance of their sessions, 0 to 255
    #[arg(long, value_name = "LEVEL", default_value_t = 0)]
    assurance: u8,
    /// Make a password and print it; it is not shown again
    #[arg(long)]
    generate: bool,
}

impl Set {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { tenant, account, actor_type, roles, assurance, generate } = self;
        let roles = Roles::new(roles).map_err(|error| CliError::Argument("--role", error.to_string()))?;
        // Before anybody types anything.
        office.require_tenant(&tenant).await?;
        let password = if generate {
            Password::draw().map_err(|error| CliError::Office(error.into()))?
        } else {
            password::read()?
        };
        let actor = Actor { kind: actor_type, id: account };
        let roles = Some(&roles).filter(|roles| !roles.is_empty());
        let set = SetBreakGlass { tenant: &tenant, actor: &actor, password: password.clone(), roles, assurance };
        match office.set_break_glass(set).await? {
            BreakGlassSet::Set(_) if generate => writeln!(out, "{}", password.expose())?,
            BreakGlassSet::Set(ended) => {
                let Actor { kind, id } = &actor;
                writeln!(out, "set the password of {kind} {id} in tenant {tenant}; {}", describe_ended(ended))?;
            }
            BreakGlassSet::OtherType => {
                let id = &actor.id;
                return Err(CliError::Refused(format!(
                    "the account {id} is an actor of another type; `sealgate breakglass remove` it first"
                )));
            }
            BreakGlassSet::Bad(bad) => return Err(password::mistake(&bad.to_string())),
        }
        Ok(ExitCode::SUCCESS)
    }
}
