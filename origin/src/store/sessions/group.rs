//! Storing several sessions in one transaction.
//!
//! `SQLite` has one writer, and every commit waits for the disk. Sessions that arrive meanwhile are stored together by
//! the next one, so that many at once wait about as long as one alone. A server does so by itself.

use tokio::sync::{mpsc, oneshot};

use super::insert::{insert_alone, insert_within};
use crate::session::Session;
use crate::store::engine::Pool;
use crate::store::{StoreError, StoreResult};

/// How many sessions one transaction stores at most.
const MOST: usize = 256;
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
    /// Starts the task that stores what waits. It ends with the last clone of what this answers; a request that is given
    /// up on does not stop it.
    pub(in crate::store) fn start(write: Pool) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(store_what_waits(write, waiting));
        Self { queue }
    }

    /// As [`insert_alone`], together with whatever else waits.
    pub(super) async fn insert(&self, session: &Session) -> StoreResult<bool> {
        let gone = || StoreError::Unavailable("sessions are not being stored any more".into());
        let (answer, told) = oneshot::channel();
        self.queue.send(Waiting { session: session.clone(), answer }).await.map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }
}

async fn store_what_waits(write: Pool, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, MOST).await > 0 {
        let (sessions, answers): (Vec<Session>, Vec<_>) =
            batch.drain(..).map(|Waiting { session, answer }| (session, answer)).unzip();
        let stored = match sessions.as_slice() {
            [session] => Ok(vec![insert_alone(&write, session).await]),
            sessions => store_together(&write, sessions).await,
        };
        match stored {
            // Whoever asked may have gone; that is no matter of ours.
            Ok(stored) => answers.into_iter().zip(stored).for_each(|(answer, result)| drop(answer.send(result))),
            Err(error) => {
                let error = error.to_string();
                let failed = || Err(StoreError::Unavailable(error.clone().into()));
                answers.into_iter().for_each(|answer| drop(answer.send(failed())));
            }
        }
    }
}

/// What became of each session. A statement that fails takes only its own session with it; a commit that fails, all.
async fn store_together(write: &Pool, sessions: &[Session]) -> StoreResult<Vec<StoreResult<bool>>> {
    let mut transaction = write.begin().await?;
    let mut stored = Vec::with_capacity(sessions.len());
    for session in sessions {
        stored.push(insert_within(&mut transaction, session).await);
    }
    transaction.commit().await?;
    Ok(stored)
}
