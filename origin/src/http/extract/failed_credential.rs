//! Answering a credential that is no good.

use axum::http::request::Parts;

use super::client_address;
use crate::app::AppState;
use crate::http::Problem;
use crate::limit::{NamedCredential, Network};

/// Counts a failed credential. The answer is `refusal`, or that there have been too many.
///
/// This comes *after* the check, and only for credentials that failed it. A right one passes whatever others
/// have tried in its name or from its address, so that nobody can lock a backend or an edge out; many of them
/// share an address, that of the TLS terminator. That gives an attacker nothing: a right secret among 2^256 is
/// not found at any speed, what 429 says (wrong) 401 says too, and both come by the same path after the same
/// work, whether there is a credential of that name or not. What the limit saves is what a failure costs
/// beyond its one indexed read: the attention of those who read logs and alerts, and the caller's own time, who
/// is told to go slower.
pub(super) fn refuse(app: &AppState, parts: &Parts, named: Option<NamedCredential<'_>>, refusal: Problem) -> Problem {
    // Whoever shows no good credential is not believed an address.
    let from = client_address::of_connection(parts, &app.trusted_proxies).map(Network::from);
    match app.limits.count_failure(from, named, app.office.now()) {
        Ok(()) => refusal,
        Err(limited) => {
            app.metrics.count_limited(limited.limit);
            Problem::rate_limited(limited.wait)
        }
    }
}
