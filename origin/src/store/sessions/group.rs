//! Storing several sessions in one transaction.
//!
//! Every commit waits for the disk. Sessions that arrive meanwhile are stored together by the next one, so that many at
//! once wait about as long as one alone.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::insert::{insert_alone, insert_within};
use crate::session::Session;
use crate::store::engine::Pool;
use crate::store::{StoreError, StoreResult};

/// How many sessions one transaction stores at most.
const MOST: usize = 64;
/// How many may wait. Beyond it, those who ask wait before they are let in.
const QUEUE: usize = 4_096;

/// Where sessions wait for the next transaction.
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
        if batch.len() == 1 {
            // Waited for: those that come meanwhile are the next batch.
            for waiting in batch {
                store_alone(write.clone(), waiting).await;
            }
            continue;
        }
        match store_together(&write, &batch).await {
            // Whoever asked may have gone; that is no matter of ours.
            Ok(Some(stored)) => batch.into_iter().zip(stored).for_each(|(waiting, stored)| {
                drop(waiting.answer.send(Ok(stored)));
            }),
            Ok(None) => batch.into_iter().for_each(|waiting| drop(tokio::spawn(store_alone(write.clone(), waiting)))),
            Err(error) => batch.into_iter().for_each(|waiting| {
                drop(waiting.answer.send(Err(StoreError::Unavailable(error.to_string().into()))));
            }),
        }
    }
}

/// Whether each session was stored; `None` when one of them cannot be and none was. Then each is tried by itself, so
/// that it takes no other with it.
async fn store_together(write: &Pool, batch: &[Waiting]) -> StoreResult<Option<Vec<bool>>> {
    let mut transaction = write.begin().await?;
    let mut stored = Vec::with_capacity(batch.len());
    for Waiting { session, .. } in batch {
        let Ok(inserted) = insert_within(&mut transaction, session).await else { return Ok(None) };
        stored.push(inserted);
    }
    transaction.commit().await?;
    Ok(Some(stored))
}

async fn store_alone(write: Pool, Waiting { session, answer }: Waiting) {
    drop(answer.send(insert_alone(&write, &session).await));
}
