//! Waiting for something to become true, with a deadline.

use std::time::Duration;

/// How long anything may take before a story gives up. Generous: two cores may be building meanwhile.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// Asks again and again until the answer is there. Panics, saying what it waited for, when the deadline is over.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(what, waiting).await
}

/// Waits for something that comes by itself. Panics, saying what it waited for, when the deadline is over.
pub async fn within<T>(what: &str, coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, coming).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
