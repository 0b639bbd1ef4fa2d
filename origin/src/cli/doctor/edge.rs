//! How an edge is: asked as a stranger, as a forger, and if wanted as somebody with a session.

use sealgate_shared::cookie::CookieName;
use sealgate_shared::id::TenantId;

use super::ask::{Heard, ask};
use super::clock as clocks;
use super::report::Report;
use crate::clock::Clock;
use crate::config::Config;
use crate::dev::word;
use crate::office::{Issued, MintRequest, Office, OfficeError};
use crate::session::{Actor, Method, RevokedReason};

const CHECK: &str = "edge";
/// A path that no application has, so that nothing happens there.
const PATH: &str = "/sealgate-doctor";
/// Well-formed, and signed with a key that nobody has: the edge asks the origin for its keys before it refuses.
const FORGED: &str = "v1.AAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// One edge under examination.
struct Patient<'a> {
    site: &'a str,
    cookie_name: &'static str,
    clock: &'a Clock,
}

pub(super) async fn check(
    site: &str,
    mint: Option<&TenantId>,
    office: Option<&Office>,
    config: &Config,
    clock: &Clock,
    report: &mut Report,
) {
    let patient = Patient { site, cookie_name: config.cookies.name(CookieName::Access), clock };
    if !patient.check_reach(report).await {
        return;
    }
    patient.check_refusal(report).await;
    match (mint, office) {
        (Some(tenant), Some(office)) => patient.check_session(tenant, office, report).await,
        (Some(_), None) => report.skipped(CHECK, "no session can be made without a sound database"),
        (None, _) => {}
    }
}

impl Patient<'_> {
    /// As a stranger asks who they are: the edge must hand that on, and the origin believe the edge.
    async fn check_reach(&self, report: &mut Report) -> bool {
        let heard = match ask(format!("{}/auth/session", self.site), None).await {
            Ok(heard) => heard,
            Err(error) => {
                let advice = "Is the address right, the Worker deployed on it, and its certificate a public one?";
                report.problem(CHECK, format!("{} cannot be reached: {error}", self.site), advice);
                return false;
            }
        };
        clocks::compare(CHECK, self.site, heard.date, self.clock.now(), report);
        let site = self.site;
        match (heard.status, heard.code()) {
            (401, Some("missing")) => {
                report.ok(CHECK, format!("{site} is a sealgate edge, and the origin knows it"));
                return true;
            }
            (_, Some(code)) => report.problem(CHECK, format!("{site} answers {code}"), advise(code)),
            (status, None) => {
                let message = format!("{site} is no sealgate edge: it answers /auth/session with status {status}");
                report.problem(CHECK, message, "Is the Worker bound to this host, for every path?");
            }
        }
        false
    }

    /// As a forger: it must be refused by the edge itself, with keys from the origin.
    async fn check_refusal(&self, report: &mut Report) {
        let site = self.site;
        match self.show(FORGED).await {
            Err(error) => report.problem(CHECK, format!("{site} cannot be reached: {error}"), "Try again."),
            Ok(heard) => match (heard.status, heard.code()) {
                (401, Some(code)) => {
                    report.ok(CHECK, format!("{site} has its keys and refuses a forged cookie ({code})"));
                }
                (_, Some(code)) => {
                    report.problem(CHECK, format!("{site} answers a forged cookie with {code}"), advise(code));
                }
                (status, None) => {
                    let message = format!("{site} hands a forged cookie on to the application (status {status})");
                    report.warning(
                        CHECK,
                        message,
                        "Right only if its routes make every path public; see wrangler.toml.",
                    );
                }
            },
        }
    }

    /// As somebody with a session, which ends with the examination.
    async fn check_session(&self, tenant: &TenantId, office: &Office, report: &mut Report) {
        let minted = match mint(office, tenant).await {
            Ok(minted) => minted,
            Err(error) => {
                report.problem(CHECK, format!("no session could be made: {error}"), "See `sealgate tenants list`.");
                return;
            }
        };
        let shown = self.show(&minted.access_token).await;
        let id = minted.session.id;
        let revoked = office.revoke_session(tenant, id, RevokedReason::Admin).await;
        if revoked.is_err() {
            report.problem(CHECK, format!("session {id} could not be ended"), format!("sealgate sessions revoke {id}"));
        }
        let site = self.site;
        match shown {
            Err(error) => report.problem(CHECK, format!("{site} cannot be reached: {error}"), "Try again."),
            Ok(heard) => match heard.code() {
                None => report.ok(CHECK, format!("{site} accepts a session of {tenant} (it was ended again)")),
                Some(code) => {
                    report.problem(CHECK, format!("{site} refuses a session of {tenant}: {code}"), advise(code));
                }
            },
        }
    }

    async fn show(&self, token: &str) -> Result<Heard, String> {
        ask(format!("{}{PATH}", self.site), Some(format!("{}={token}", self.cookie_name))).await
    }
}

async fn mint(office: &Office, tenant: &TenantId) -> Result<Issued, OfficeError> {
    let request = MintRequest {
        label: Some("sealgate doctor".to_owned()),
        ..MintRequest::new(
            tenant.clone(),
            Actor { kind: word("service"), id: word("sealgate-doctor") },
            Method::Command,
        )
    };
    office.mint(&request).await
}

/// What to do about an answer that should have been another.
fn advise(code: &str) -> &'static str {
    match code {
        "edge_credential" => {
            "The origin does not know who asks. Is the Worker's SEALGATE_EDGE_SECRET what `sealgate edges create` printed, \
             its `edge` that edge's id, and is the edge in `sealgate edges list` with this tenant? (The origin itself \
             answers so too: give the site's address, not the origin's.)"
        }
        "unknown_host" => {
            "Add the host to its tenant's `hosts` in wrangler.toml, exactly as people write it, and deploy."
        }
        "misconfigured" => "The Worker's log (`npx wrangler tail`) says which of its settings is wrong.",
        "origin_unavailable" => {
            "The edge does not reach the origin. Check origin_public and origin_private in wrangler.toml, and that the \
             origin runs, lets the edge in and believes its credential."
        }
        "unknown_kid" => "The edge gets its keys from another origin than the one with this database.",
        "wrong_tenant" => "The host belongs to another tenant: see `tenants` in wrangler.toml.",
        "issued_in_future" => "The clock of the edge is behind ours, or ours is ahead. Set it right with NTP.",
        "expired" => "The clock of the edge is ahead of ours, or ours is behind. Set it right with NTP.",
        "revoked" => "The origin behind the edge does not have this session: it has another database.",
        "rate_limited" => "A limit was reached: try again in a minute.",
        "database_unavailable" | "migrations_missing" => "The origin runs and cannot work: see its log.",
        _ => "The log of the origin, or `npx wrangler tail`, says more.",
    }
}
