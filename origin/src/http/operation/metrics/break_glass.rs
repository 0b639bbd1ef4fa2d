//! Passwords that were shown for operators' accounts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::Metrics;
use crate::office::{GuessRefusal, Guessed, OfficeError};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Shown {
    outcome: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct BreakGlass {
    shown: Family<Shown, Counter>,
}

impl BreakGlass {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let shown = Family::<Shown, Counter>::default();
        let refused = GuessRefusal::ALL.map(GuessRefusal::as_str);
        for outcome in ["signed_in", "busy", "failed"].into_iter().chain(refused) {
            // So that what never happened shows as zero.
            drop(shown.get_or_create(&Shown { outcome }));
        }
        registry.register("break_glass", "Passwords shown for operators' accounts, by what came of it", shown.clone());
        Self { shown }
    }
}

impl Metrics {
    /// Counts what came of a password that was shown, and of the session if it was right, and hands it on.
    pub(crate) fn count_guess(&self, guessed: Result<Guessed, OfficeError>) -> Result<Guessed, OfficeError> {
        let outcome = match &guessed {
            Ok(Guessed::Off) => return guessed,
            Ok(Guessed::SignedIn(_)) => "signed_in",
            Ok(Guessed::Busy) => "busy",
            Ok(Guessed::Refused(refusal)) => refusal.as_str(),
            Err(_) => "failed",
        };
        self.break_glass.shown.get_or_create(&Shown { outcome }).inc();
        match guessed {
            Ok(Guessed::SignedIn(issued)) => {
                self.count_mint(Ok(*issued)).map(|issued| Guessed::SignedIn(Box::new(issued)))
            }
            other => other,
        }
    }
}
