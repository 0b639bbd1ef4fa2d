//! Readings of the database: one at a time, so that they are applied in order, and one for all who wait meanwhile.

use std::time::Instant;

use tokio::sync::Mutex;

use super::follow::Seen;
use crate::office::OfficeError;
use crate::store::StoreError;

/// The last reading; locked by whoever makes the next.
#[derive(Debug, Default)]
pub(super) struct Readings(Mutex<Option<Reading>>);

#[derive(Clone, Copy, Debug)]
struct Reading {
    began: Instant,
    succeeded: bool,
}

impl Readings {
    /// Reads, unless a reading that began after `asked` has been made: it saw everything that was committed by then.
    /// Whoever waits for the lock gets it in turn, so none waits for more than the reading under way and one more,
    /// whether they succeed or fail.
    pub(super) async fn share<F>(&self, asked: Instant, read: impl FnOnce(Instant) -> F) -> Result<Seen, OfficeError>
    where
        F: Future<Output = Result<Seen, OfficeError>>,
    {
        let mut last = self.0.lock().await;
        match *last {
            Some(Reading { began, succeeded: true }) if began >= asked => return Ok(Seen::Onward),
            Some(Reading { began, succeeded: false }) if began >= asked => {
                return Err(StoreError::Unavailable("it did not answer somebody else either".into()).into());
            }
            _ => {}
        }
        let began = Instant::now();
        let seen = read(began).await;
        // What was found to be behind is read again by each, until an epoch has begun.
        *last = match &seen {
            Ok(Seen::Onward) => Some(Reading { began, succeeded: true }),
            Ok(Seen::Backward(_)) => None,
            Err(_) => Some(Reading { began, succeeded: false }),
        };
        seen
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    /// A hundred who ask while a reading is under way that ends like that; how many readings there were, and how many
    /// of the hundred were told.
    async fn ask_meanwhile(succeeds: bool) -> (u32, usize) {
        let (readings, count) = (Arc::new(Readings::default()), Arc::new(AtomicU32::new(0)));
        let ask = |asked: Instant| {
            let (readings, count) = (Arc::clone(&readings), Arc::clone(&count));
            tokio::spawn(async move {
                let read = async |_| {
                    count.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    if succeeds { Ok(Seen::Onward) } else { Err(OfficeError::KeysInMotion) }
                };
                readings.share(asked, read).await.is_ok()
            })
        };
        let first = ask(Instant::now());
        while count.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let asking: Vec<_> = (0..100).map(|_| ask(Instant::now())).collect();
        first.await.unwrap();
        let mut told = 0;
        for one in asking {
            told += usize::from(one.await.unwrap());
        }
        (count.load(Ordering::SeqCst), told)
    }

    #[tokio::test]
    async fn all_who_ask_meanwhile_share_one_that_began_after_they_asked() {
        assert_eq!(ask_meanwhile(true).await, (2, 100));
    }

    #[tokio::test]
    async fn nor_does_a_database_that_is_gone_keep_each_waiting_in_turn() {
        assert_eq!(ask_meanwhile(false).await, (2, 0));
    }

    #[tokio::test]
    async fn a_reading_that_began_before_is_not_enough() {
        let readings = Readings::default();
        let mut count = 0;
        for _ in 0..3 {
            let read = |_| {
                count += 1;
                async { Ok(Seen::Onward) }
            };
            readings.share(Instant::now(), read).await.unwrap();
        }
        assert_eq!(count, 3);
    }
}
