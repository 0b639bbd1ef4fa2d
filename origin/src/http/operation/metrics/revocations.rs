//! Revocations, whoever made them: the command line and other origins, too. So they are counted by the sequence, a
//! stretch of it each time somebody looks, and every origin counts them all.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;

use crate::store::{REVOCATION_KINDS, Store, StoreResult, Survey};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Revoked {
    kind: &'static str,
}

#[derive(Debug)]
pub(super) struct Revocations {
    counted: Family<Revoked, Counter>,
    /// Up to where they were counted. Locked while the database is asked: one question at a time, however many ask us.
    reached: Mutex<Option<u64>>,
}

impl Revocations {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let counted = Family::<Revoked, Counter>::default();
        for kind in REVOCATION_KINDS {
            drop(counted.get_or_create(&Revoked { kind }));
        }
        let help = "Revocations that came to be since this origin was first asked, whoever made them, by kind";
        registry.register("revocations", help, counted.clone());
        Self { counted, reached: Mutex::default() }
    }

    /// Surveys the database, and counts the revocations that are new since the last time.
    pub(super) async fn survey(&self, store: &Store) -> StoreResult<Survey> {
        let mut reached = self.reached.lock().await;
        let survey = store.survey(*reached).await?;
        for (kind, count) in survey.revocations {
            self.counted.get_or_create(&Revoked { kind }).inc_by(count);
        }
        // Less than before, if the database has forgotten a part of the sequence.
        *reached = Some(survey.counted_to);
        Ok(survey)
    }
}
