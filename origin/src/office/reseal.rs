//! Moving what is sealed to the key-encryption key that writes.

use std::collections::BTreeMap;

use super::secrets::{PAGE, place_of};
use super::{Office, OfficeError};
use crate::store::{SealedColumn, SealedRow};
use crate::vault::{KekId, VaultError, read_kek_id};

/// How many secrets that do not open are told one by one.
const TOLD: usize = 20;

/// What was moved and what was not.
#[derive(Debug, Default)]
pub struct Resealed {
    /// Sealed anew; in a dry run, what would have been.
    pub moved: u64,
    /// Under the writing KEK already.
    pub already: u64,
    /// Left as they are, for they do not open.
    pub failed: u64,
    /// How many of those are under each KEK that is not held.
    pub missing: BTreeMap<KekId, u64>,
    /// Why the first of the others do not open.
    pub failures: Vec<VaultError>,
}

impl Resealed {
    fn note(&mut self, failure: VaultError) {
        self.failed += 1;
        match failure {
            VaultError::OtherKek { sealed_under, .. } => *self.missing.entry(sealed_under).or_default() += 1,
            other if self.failures.len() < TOLD => self.failures.push(other),
            _ => {}
        }
    }
}

impl Office {
    /// Seals everything anew that is not under the writing KEK, one row at a time and only while it is what was read,
    /// so that this may run beside origins that serve, be cut off anywhere, and be run again.
    pub async fn reseal(&self, dry_run: bool) -> Result<Resealed, OfficeError> {
        let mut done = Resealed::default();
        for column in SealedColumn::ALL {
            self.reseal_column(column, dry_run, &mut done).await?;
        }
        Ok(done)
    }

    async fn reseal_column(&self, column: SealedColumn, dry_run: bool, done: &mut Resealed) -> Result<(), OfficeError> {
        let mut after = String::new();
        loop {
            let page = self.store.sealed_page(column, &after, PAGE).await?;
            if page.is_empty() {
                return Ok(());
            }
            for row in page {
                if !self.reseal_row(column, &row, dry_run, done).await? {
                    // Somebody wrote it meanwhile: read on from here, this row first if it is there still.
                    break;
                }
                after = row.id;
            }
        }
    }

    /// `false` when the row is not what it was any more.
    async fn reseal_row(
        &self,
        column: SealedColumn,
        row: &SealedRow,
        dry_run: bool,
        done: &mut Resealed,
    ) -> Result<bool, OfficeError> {
        if read_kek_id(&row.sealed) == Some(self.writing_kek()) {
            done.already += 1;
            return Ok(true);
        }
        let place = place_of(column, row);
        let secret = match self.vault.open_bytes(&place, &row.sealed) {
            Ok(secret) => secret,
            Err(failure) => {
                done.note(failure);
                return Ok(true);
            }
        };
        if !dry_run {
            let new = self.vault.seal_bytes(&place, &secret)?;
            if !self.store.replace_sealed(column, &row.id, &row.sealed, &new).await? {
                return Ok(false);
            }
        }
        done.moved += 1;
        Ok(true)
    }
}
