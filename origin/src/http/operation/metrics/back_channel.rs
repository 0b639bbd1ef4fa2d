//! Logouts that providers tell.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::Metrics;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct End {
    outcome: &'static str,
}

/// What came of a logout that a provider told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BackChannelEnd {
    /// Sessions ended.
    Ended,
    /// It was good, and there was no session.
    Nothing,
    /// It was carried out before.
    Replayed,
    /// The token does not hold.
    Refused,
    /// The provider's keys could not be read.
    Unreachable,
    /// We could not do it.
    Failed,
}

impl BackChannelEnd {
    const ALL: [Self; 6] = [Self::Ended, Self::Nothing, Self::Replayed, Self::Refused, Self::Unreachable, Self::Failed];

    /// The word in the metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Nothing => "nothing",
            Self::Replayed => "replayed",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct BackChannel(Family<End, Counter>);

impl BackChannel {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let logouts = Family::<End, Counter>::default();
        for end in BackChannelEnd::ALL {
            // So that what never happened shows as zero.
            drop(logouts.get_or_create(&End { outcome: end.as_str() }));
        }
        registry.register("back_channel_logouts", "Logouts that providers told, by what came of them", logouts.clone());
        Self(logouts)
    }
}

impl Metrics {
    /// Counts a logout that a provider told.
    pub(crate) fn count_back_channel(&self, end: BackChannelEnd) {
        self.back_channel.0.get_or_create(&End { outcome: end.as_str() }).inc();
    }
}
