//! A question that is answered when the test says so.

use std::sync::Arc;

use tokio::sync::Notify;

/// The next question to an endpoint, held up.
#[derive(Clone, Debug, Default)]
pub struct Held {
    arrived: Arc<Notify>,
    released: Arc<Notify>,
}

impl Held {
    /// Returns when the question has come.
    pub async fn arrival(&self) {
        self.arrived.notified().await;
    }

    /// Lets it be answered.
    pub fn release(&self) {
        self.released.notify_one();
    }

    pub(crate) async fn pass(&self) {
        self.arrived.notify_one();
        self.released.notified().await;
    }
}
