//! Trying the key-encryption keys on everything that is sealed.

use sealgate_shared::id::TenantId;

use super::{Office, OfficeError};
use crate::store::{SealedColumn, SealedRow};
use crate::vault::{KekId, Place, VaultError};

/// How many rows are in memory at once.
pub(super) const PAGE: u32 = 256;

/// How many sealed secrets there are, and why some do not open.
#[derive(Debug, Default)]
pub struct SecretsFound {
    pub opened: usize,
    pub failures: Vec<VaultError>,
}

/// How many of the secrets in use are sealed under a KEK.
#[derive(Clone, Copy, Debug)]
pub struct KekUse {
    pub kek: KekId,
    pub secrets: u64,
    /// Whether we hold it.
    pub held: bool,
}

impl Office {
    /// The KEK that is sealed under now.
    pub const fn writing_kek(&self) -> KekId {
        self.vault.keks().writing().id()
    }

    /// Every KEK that is held, in the order given, and every other that something in use is sealed under.
    pub async fn count_keks(&self) -> Result<Vec<KekUse>, OfficeError> {
        let held = self.vault.keks().ids().map(|kek| KekUse { kek, secrets: 0, held: true });
        let mut uses: Vec<KekUse> = held.collect();
        for (id, secrets) in self.store.count_sealed_by_kek().await? {
            let kek = KekId::from_bytes(&id).ok_or(OfficeError::Broken("a sealed secret is cut off"))?;
            match uses.iter_mut().find(|known| known.kek == kek) {
                Some(known) => known.secrets = secrets,
                None => uses.push(KekUse { kek, secrets, held: false }),
            }
        }
        Ok(uses)
    }

    /// Refuses a database that the KEKs open nothing of. One that they open in part is let in: the command line may
    /// be here to put that right.
    pub async fn check_vault(&self) -> Result<(), OfficeError> {
        let uses = self.count_keks().await?;
        if uses.iter().any(|known| known.held && known.secrets > 0) {
            return Ok(());
        }
        self.refuse_missing(&uses)
    }

    /// Refuses a database that needs a KEK we do not hold: that should stop the start rather than some tenant's first
    /// request.
    pub async fn require_every_kek(&self) -> Result<(), OfficeError> {
        self.refuse_missing(&self.count_keks().await?)
    }

    fn refuse_missing(&self, uses: &[KekUse]) -> Result<(), OfficeError> {
        let Some(missing) = uses.iter().find(|known| !known.held) else { return Ok(()) };
        let given = self.vault.keks().to_string().into();
        Err(VaultError::MissingKek { count: missing.secrets, sealed_under: missing.kek, given }.into())
    }

    /// Opens every sealed secret in use once.
    pub async fn try_every_secret(&self) -> Result<SecretsFound, OfficeError> {
        let mut found = SecretsFound::default();
        for column in SealedColumn::ALL {
            self.try_column(column, &mut found).await?;
        }
        Ok(found)
    }

    async fn try_column(&self, column: SealedColumn, found: &mut SecretsFound) -> Result<(), OfficeError> {
        let mut after = String::new();
        loop {
            let page = self.store.sealed_page(column, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            last.id.clone_into(&mut after);
            for row in page.iter().filter(|row| row.in_use) {
                match self.vault.open_bytes(&place_of(column, row), &row.sealed) {
                    Ok(_) => found.opened += 1,
                    Err(error) => found.failures.push(error),
                }
            }
        }
    }
}

/// The place that the row's secret is bound to.
pub(super) fn place_of(column: SealedColumn, row: &SealedRow) -> Place<'_> {
    let (table, column) = column.names();
    Place { table, column, row: &row.id, tenant: row.tenant.as_ref().map(TenantId::as_str) }
}
