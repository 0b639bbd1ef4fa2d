//! What was written down, and proof that it stays as it was.
//!
//! A row of the audit table is written in the transaction of what it tells of, without a link: so nobody waits for anybody.
//! A few seconds later whichever origin comes to it first links it into a chain. What is in the chain cannot be changed,
//! removed or put elsewhere without the chain's key, which is not in the database but sealed; and who has the key cannot do
//! it either without all links that follow becoming others than those in the log. What the chain does not prove is that
//! what was written was true, nor that nothing was removed in the seconds before it was linked.

mod cut;
mod diagnose;
mod link;
mod linking;
mod verify;

pub use link::{Link, NotTold, ToldLink};
pub use linking::Linked;
pub use verify::{AuditFinding, AuditRowName, AuditVerified};

use self::link::{AuditKey, SealOf};
use super::{Office, OfficeError};
use crate::random;
use crate::store::StoredChain;
use crate::vault::Place;

const PLACE: Place<'_> = Place { table: "audit_chain", column: "sealed_key", row: "audit", tenant: None };

impl Office {
    /// The key of the chain.
    fn open_audit_key(&self, chain: &StoredChain) -> Result<AuditKey, OfficeError> {
        Ok(AuditKey::new(self.vault.open(&PLACE, &chain.sealed_key)?))
    }

    /// Begins the chain if there is none.
    async fn begin_audit_chain(&self) -> Result<(), OfficeError> {
        let secret = random::draw_secret()?;
        let sealed_key = self.vault.seal(&PLACE, &secret)?;
        let key = AuditKey::new(secret);
        let head = key.seal(SealOf::Head, &Link::START);
        let checkpoint = key.seal(SealOf::Checkpoint, &Link::START);
        Ok(self.store.begin_audit_chain(&StoredChain { sealed_key, head, checkpoint }).await?)
    }
}
