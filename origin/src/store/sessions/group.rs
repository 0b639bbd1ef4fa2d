//! Storing several sessions at once.
//!
//! Every commit waits for the disk. Sessions that arrive meanwhile are stored together by the next one, so that many at
//! once wait about as long as one alone.

use std::collections::HashSet;
use std::iter;
use std::sync::Arc;

use sealgate_shared::id::SessionId;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::insert::insert_all;
use crate::session::Session;
use crate::store::engine::Pool;
use crate::store::{StoreError, StoreResult};

/// How many sessions one statement stores at most.
const MOST: usize = 64;
/// How many may wait. Beyond it, those who ask wait before they are let in.
const QUEUE: usize = 4_096;

/// Where sessions wait for the next statement.
#[derive(Clone, Debug)]
pub(in crate::store) struct Group {
    queue: mpsc::Sender<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    session: Session,
    answer: oneshot::Sender<StoreResult<bool>>,
}

impl Group {
    /// Starts as many tasks as may store at once. They end with the last clone of what this answers; a request that is
    /// given up on stops none.
    pub(in crate::store) fn start(write: &Pool, tasks: usize) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..tasks {
            tokio::spawn(store_what_waits(write.clone(), Arc::clone(&waiting)));
        }
        Self { queue }
    }

    /// Stores a session, together with whatever else waits; `false` when it must not be.
    pub(super) async fn insert(&self, session: &Session) -> StoreResult<bool> {
        let gone = || StoreError::Unavailable("sessions are not being stored any more".into());
        let (answer, told) = oneshot::channel();
        self.queue.send(Waiting { session: session.clone(), answer }).await.map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }
}

async fn store_what_waits(write: Pool, waiting: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    loop {
        let mut batch = Vec::new();
        if waiting.lock().await.recv_many(&mut batch, MOST).await == 0 {
            return;
        }
        match insert_all(&write, batch.iter().map(|waiting| &waiting.session)).await {
            Ok(stored) => {
                for waiting in batch {
                    waiting.tell(&stored);
                }
            }
            // One of them cannot be stored. Each is tried by itself, so that it takes no other with it; those that come
            // meanwhile need not wait for that.
            Err(error) if batch.len() > 1 && is_refusal(&error) => {
                for waiting in batch {
                    tokio::spawn(store_alone(write.clone(), waiting));
                }
            }
            Err(error) => {
                for waiting in batch {
                    waiting.fail(&error);
                }
            }
        }
    }
}

async fn store_alone(write: Pool, waiting: Waiting) {
    match insert_all(&write, iter::once(&waiting.session)).await {
        Ok(stored) => waiting.tell(&stored),
        Err(error) => waiting.fail(&error),
    }
}

impl Waiting {
    // Whoever asked may have gone; that is no matter of ours.

    fn tell(self, stored: &HashSet<SessionId>) {
        drop(self.answer.send(Ok(stored.contains(&self.session.id))));
    }

    fn fail(self, error: &StoreError) {
        let error = match error {
            StoreError::Exists => StoreError::Exists,
            StoreError::Unavailable(source) => StoreError::Unavailable(source.to_string().into()),
            other @ StoreError::HostTaken(_) => StoreError::Unavailable(other.to_string().into()),
        };
        drop(self.answer.send(Err(error)));
    }
}

/// Whether the database answered, and what it has against the statement; otherwise it did not answer at all.
fn is_refusal(error: &StoreError) -> bool {
    match error {
        StoreError::Unavailable(source) => matches!(source.downcast_ref(), Some(sqlx::Error::Database(_))),
        _ => true,
    }
}
