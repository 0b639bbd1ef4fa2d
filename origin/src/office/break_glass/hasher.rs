//! Hashing passwords: so much work and memory that there is a turn to wait for, and a queue that has an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::credential::{HashError, NOBODYS, Password, SALT, hash_password, is_password};
use crate::office::OfficeError;
use crate::random;

/// How many are computed at once, of 64 MiB and a core each.
const AT_ONCE: usize = 2;
/// How many may be under way, those that wait for their turn included. What the last of them waits is about two seconds.
const PLACES: usize = 18;
/// How many more there may be of those whom the operator lets through, so that no flood of others keeps them out.
const RESERVED: usize = 4;

/// Computes the hashes of one process.
#[derive(Debug)]
pub(in crate::office) struct Hasher {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    runs: Arc<AtomicU64>,
}

/// A place in the queue.
#[derive(Debug)]
pub(super) struct Queued {
    _permit: OwnedSemaphorePermit,
}

impl Default for Hasher {
    fn default() -> Self {
        let [turns, places, reserved] = [AT_ONCE, PLACES, RESERVED].map(|count| Arc::new(Semaphore::new(count)));
        Self { turns, places, reserved, runs: Arc::default() }
    }
}

impl Hasher {
    /// Takes a place in the queue; `None` when there is none.
    pub(super) fn queue(&self, is_let_through: bool) -> Option<Queued> {
        let take = |places: &Arc<Semaphore>| Arc::clone(places).try_acquire_owned().ok();
        take(&self.places)
            .or_else(|| if is_let_through { take(&self.reserved) } else { None })
            .map(|permit| Queued { _permit: permit })
    }

    /// Whether the password is the one that was hashed. Without a hash it is not, which takes as long to say.
    pub(super) async fn is_password(
        &self,
        place: Queued,
        password: Password,
        written: Option<String>,
    ) -> Result<bool, OfficeError> {
        self.run(place, move |runs| match written {
            Some(written) => is_password(&password, &written, runs),
            None => is_password(&password, NOBODYS, runs).map(|_| false),
        })
        .await
    }

    /// The hash of a password that is being set.
    pub(super) async fn hash(&self, password: Password) -> Result<String, OfficeError> {
        let salt = random::draw::<SALT>()?;
        let place = self.queue(true).ok_or(OfficeError::Broken("too many passwords are being hashed"))?;
        self.run(place, move |runs| hash_password(&password, &salt, runs)).await
    }

    /// How many hashes were computed so far.
    pub(in crate::office) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        place: Queued,
        work: impl FnOnce(&AtomicU64) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, OfficeError> {
        // Nobody closes the semaphore.
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| UNABLE)?;
        let runs = Arc::clone(&self.runs);
        let done = spawn_blocking(move || {
            // They go with the work: whoever asked may have hung up, and it is done nevertheless.
            let _held = (place, turn);
            work(&runs)
        });
        done.await.map_err(|_| UNABLE)?.map_err(|_| UNABLE)
    }
}

const UNABLE: OfficeError = OfficeError::Broken("a password could not be hashed");

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn no_more_work_is_done_at_once_than_there_are_turns_also_for_those_who_hung_up() {
        let hasher = Hasher::default();
        let (begun, begins) = mpsc::channel();
        let mut ends = Vec::new();
        let mut asking = Vec::new();
        for _ in 0..=AT_ONCE {
            let (end, ended) = mpsc::channel::<()>();
            let begun = begun.clone();
            ends.push(end);
            let place = hasher.queue(false).unwrap();
            let mut asked = Box::pin(hasher.run(place, move |_| {
                begun.send(()).unwrap();
                _ = ended.recv();
                Ok(())
            }));
            // Far enough that the work is handed over, if there is a turn for it.
            tokio::select! { biased; _ = &mut asked => unreachable!(), () = tokio::task::yield_now() => {} }
            asking.push(asked);
        }
        for _ in 0..AT_ONCE {
            begins.recv().unwrap();
        }
        // The first two hang up. Their work goes on, and holds its turns and places.
        drop(asking.drain(..AT_ONCE));
        let mut last = asking.pop().unwrap();
        tokio::select! { biased; _ = &mut last => unreachable!(), () = tokio::task::yield_now() => {} }
        assert!(begins.recv_timeout(Duration::ZERO).is_err(), "the third waits for its turn");
        assert_eq!(hasher.places.available_permits(), PLACES - AT_ONCE - 1);
        ends.clear();
        last.await.unwrap();
    }

    #[test]
    fn the_queue_has_an_end_and_a_door_for_those_who_are_let_through() {
        let hasher = Hasher::default();
        let queued: Vec<Queued> = std::iter::from_fn(|| hasher.queue(false)).collect();
        assert_eq!(queued.len(), PLACES);
        let let_through: Vec<Queued> = std::iter::from_fn(|| hasher.queue(true)).collect();
        assert_eq!(let_through.len(), RESERVED);
        drop(queued);
        assert!(hasher.queue(false).is_some());
    }

    #[tokio::test]
    async fn without_a_hash_no_password_is_right_and_it_is_one_run_too() {
        let hasher = Hasher::default();
        let password = || Password::new("correct horse battery".to_owned());
        let written = hasher.hash(password()).await.unwrap();
        let check = async |written| {
            let before = hasher.runs();
            let place = hasher.queue(false).unwrap();
            let right = hasher.is_password(place, password(), written).await.unwrap();
            (right, hasher.runs() - before)
        };
        assert_eq!(check(Some(written)).await, (true, 1));
        assert_eq!(check(None).await, (false, 1));
        assert_eq!(hasher.places.available_permits(), PLACES, "every place is given back");
    }
}
