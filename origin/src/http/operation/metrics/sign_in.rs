//! Sign-ins through providers, and why some come to nothing.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::Metrics;
use crate::oidc::Failure;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Why {
    reason: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct SignIns {
    begun: Counter,
    failures: Family<Why, Counter>,
}

impl SignIns {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let begun = Counter::default();
        registry.register("sign_ins_begun", "Browsers that were sent to a provider", begun.clone());
        let failures = Family::<Why, Counter>::default();
        for failure in Failure::ALL {
            drop(failures.get_or_create(&Why { reason: failure.label() }));
        }
        registry.register(
            "sign_in_failures",
            "Sign-ins through a provider that came to nothing, by reason",
            failures.clone(),
        );
        Self { begun, failures }
    }
}

impl Metrics {
    /// Counts a browser that is sent to a provider.
    pub(crate) fn count_sign_in_begun(&self) {
        self.sign_ins.begun.inc();
    }

    /// Counts a sign-in that came to nothing.
    pub(crate) fn count_sign_in_failure(&self, failure: Failure) {
        self.sign_ins.failures.get_or_create(&Why { reason: failure.label() }).inc();
    }
}
