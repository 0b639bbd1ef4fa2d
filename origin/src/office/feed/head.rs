//! The head: where the sequence stands, and its last entries.

use std::time::Instant;

use sealgate_shared::revocation::{Head, Position};

use super::Reader;
use crate::office::{Office, OfficeError};
use crate::random;
use crate::store::Shown;

/// A question for the head.
#[derive(Clone, Copy, Debug)]
pub struct HeadRequest<'a> {
    /// When it arrived: the answer reflects everything that was committed by then.
    pub arrived: Instant,
    /// What the answer repeats; empty when it may be handed to many.
    pub challenge: &'a str,
}

impl Office {
    /// Whether the database lacks what somebody has seen of it, as of a moment after the question arrived.
    pub async fn lacks(&self, shown: Position, arrived: Instant) -> Result<Option<Shown>, OfficeError> {
        self.follow_since(arrived).await?;
        let lacks = shown > self.memory.position();
        Ok(lacks.then_some(Shown { position: shown, ..Shown::default() }))
    }

    /// Makes the head, sealed to the edge that asks.
    pub async fn seal_head(&self, reader: &Reader, request: HeadRequest<'_>) -> Result<Vec<u8>, OfficeError> {
        self.follow_since(request.arrived).await?;
        let tenants = self.tenants_of(reader).await?;
        let (standing, told) = self.memory.tell(&tenants, self.clock.now());
        let head = Head {
            challenge: request.challenge.to_owned(),
            position: standing.position,
            after: told.after,
            keyring: standing.keyring,
            snapshot: self.feed.offers.choose(standing.position, told.after, Instant::now()),
            entries: told.entries,
        };
        Ok(head.seal(&reader.id, &reader.secret, random::draw()?))
    }
}
