//! `sealgate breakglass set`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{ActorId, ActorType, Role, Roles, TenantId};

use super::{describe_ended, password};
use crate::cli::{CliError, Out};
use crate::credential::Password;
use crate::office::{BreakGlassSet, Office, SetBreakGlass};
use crate::session::Actor;
use crate::store::{BreakGlassInForce, RolesChange};

/// Give an operator a password to sign in with when nothing else works, or another one; their sessions end
///
/// It is asked for, or read as one line from standard input: 15 to 128 letters, digits, signs and blanks of ASCII. From the
/// first one on the tenant has /auth/break-glass. An account that is there keeps its roles and its assurance, unless others
/// are given.
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
    /// A role of their sessions, in the place of those there were; may be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// Take the roles back that were given here: their sessions have those that are known of the actor, as with a new account
    #[arg(long, conflicts_with = "roles")]
    known_roles: bool,
    /// The assurance of their sessions, 0 to 255 [default: as it is; 0 for a new account]
    #[arg(long, value_name = "LEVEL")]
    assurance: Option<u8>,
    /// Make a password and print it; it is not shown again
    #[arg(long)]
    generate: bool,
}

impl Set {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { tenant, account, actor_type, roles, known_roles, assurance, generate } = self;
        let roles = Roles::new(roles).map_err(|error| CliError::Argument("--role", error.to_string()))?;
        // Before anybody types anything.
        office.require_tenant(&tenant).await?;
        let password = if generate {
            Password::draw().map_err(|error| CliError::Office(error.into()))?
        } else {
            password::read()?
        };
        let actor = Actor { kind: actor_type, id: account };
        let roles = match &roles {
            _ if known_roles => RolesChange::Known,
            roles if roles.is_empty() => RolesChange::Keep,
            roles => RolesChange::These(roles),
        };
        let set = SetBreakGlass { tenant: &tenant, actor: &actor, password: password.clone(), roles, assurance };
        match office.set_break_glass(set).await? {
            BreakGlassSet::Set(set) => {
                let Actor { kind, id } = &actor;
                let done = format!("set the password of {kind} {id} in tenant {tenant}; {}", describe(&set));
                if generate {
                    // Nothing but the password, for whoever puts it somewhere.
                    writeln!(out, "{}", password.expose())?;
                    drop(writeln!(io::stderr(), "{done}"));
                } else {
                    writeln!(out, "{done}")?;
                }
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

fn describe(set: &BreakGlassInForce) -> String {
    let roles = set.roles.as_ref().map_or_else(|| "those known of the actor".to_owned(), ToString::to_string);
    format!("roles: {roles}; assurance: {}; {}", set.assurance, describe_ended(set.ended.len()))
}
