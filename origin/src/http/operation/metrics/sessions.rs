//! Sessions made, and sessions asked about.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use sealgate_shared::reject::Reject;

use super::Metrics;
use crate::office::{Issued, OfficeError, RefreshKind, RefreshRefusal, Refreshing, SessionStanding};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Made {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    answer: &'static str,
    source: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct Sessions {
    mints: Family<Made, Counter>,
    refreshes: Family<Made, Counter>,
    checks: Family<Asked, Counter>,
}

impl Sessions {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let mints = Family::<Made, Counter>::default();
        for outcome in ["ok", "refused", "failed"] {
            // So that what never happened shows as zero.
            drop(mints.get_or_create(&Made { outcome }));
        }
        registry.register("mints", "Sessions that were to be made, by outcome", mints.clone());
        let refreshes = Family::<Made, Counter>::default();
        for outcome in REFRESHES {
            drop(refreshes.get_or_create(&Made { outcome }));
        }
        registry.register("refreshes", "Refresh tokens that were shown, by what came of it", refreshes.clone());
        let checks = Family::<Asked, Counter>::default();
        let help = "Sessions that edges asked about, by answer and where it was found";
        registry.register("checks", help, checks.clone());
        Self { mints, refreshes, checks }
    }
}

/// What may come of a refresh.
const REFRESHES: [&str; 9] =
    ["same", "step", "late", "reuse", "history_lost", "expired", "revoked", "rejected", "failed"];

fn describe_refresh(refreshing: &Result<Refreshing, OfficeError>) -> &'static str {
    match refreshing.as_ref().map(|refreshing| &refreshing.outcome) {
        Ok(Ok(refreshed)) => match refreshed.how {
            RefreshKind::Same => "same",
            RefreshKind::Step => "step",
            RefreshKind::Late => "late",
        },
        Ok(Err(RefreshRefusal::Reuse)) => "reuse",
        Ok(Err(RefreshRefusal::HistoryLost)) => "history_lost",
        Ok(Err(RefreshRefusal::Rejected(Reject::Expired))) => "expired",
        Ok(Err(RefreshRefusal::Rejected(Reject::Revoked))) => "revoked",
        Ok(Err(RefreshRefusal::Rejected(_))) => "rejected",
        Err(_) => "failed",
    }
}

impl Metrics {
    /// Counts what came of a refresh token, and hands it on.
    pub(crate) fn count_refresh(&self, done: Result<Refreshing, OfficeError>) -> Result<Refreshing, OfficeError> {
        self.sessions.refreshes.get_or_create(&Made { outcome: describe_refresh(&done) }).inc();
        done
    }

    /// Counts what came of making a session, and hands it on.
    pub(crate) fn count_mint(&self, minted: Result<Issued, OfficeError>) -> Result<Issued, OfficeError> {
        let outcome = match &minted {
            Ok(_) => "ok",
            Err(OfficeError::TenantNotFound(_) | OfficeError::TenantDisabled(_) | OfficeError::TokenTooLong) => {
                "refused"
            }
            Err(_) => "failed",
        };
        self.sessions.mints.get_or_create(&Made { outcome }).inc();
        minted
    }

    /// Counts an answer to an edge that asked about a session.
    pub(crate) fn count_check(&self, standing: &SessionStanding) {
        let answer = if standing.live { "live" } else { "revoked" };
        // What memory says is as old as the reading that it is from.
        let source = if standing.age.is_zero() { "database" } else { "memory" };
        self.sessions.checks.get_or_create(&Asked { answer, source }).inc();
    }
}
