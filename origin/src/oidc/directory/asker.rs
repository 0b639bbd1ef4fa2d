//! Asking a provider, and writing down what came of it.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{Described, Entry, KEEP, PATIENCE, Want, is_younger, lock};
use crate::clock::Clock;
use crate::oidc::fetch::{fetch_keys, fetch_metadata};
use crate::oidc::{DirectoryError, Issuer, Metadata};
use crate::outbound::{Outbound, OutboundError};

/// One who goes to a provider and asks.
pub(super) struct Asker {
    pub(super) outbound: Outbound,
    pub(super) clock: Clock,
    pub(super) issuer: Issuer,
}

impl Asker {
    pub(super) async fn ask(&self, entry: &Entry, want: Want) -> Result<Described, DirectoryError> {
        let _asking = entry.asking.lock().await;
        // Somebody else may have asked while we waited.
        if let Some(answer) = entry.answer(want, self.clock.now()) {
            return answer;
        }
        if want != Want::Fresh {
            lock(&entry.known).looked_again_at = Some(self.clock.now());
        }
        let known = lock(&entry.known).described.clone();
        match self.read(known).await {
            Ok(described) => {
                let mut known = lock(&entry.known);
                (known.failed, known.slow_at) = (None, None);
                known.described = Some(described.clone());
                Ok(described)
            }
            Err(error) => {
                tracing::warn!(issuer = %self.issuer, reason = error.label(), %error, "an OpenID provider cannot be read");
                lock(&entry.known).failed = Some((self.clock.now(), error.clone()));
                entry.usable(self.clock.now()).ok_or(error)
            }
        }
    }

    /// The keys; before them the description, where none is known that is new enough. Both within one deadline.
    async fn read(&self, known: Option<Described>) -> Result<Described, DirectoryError> {
        let until = Instant::now() + PATIENCE;
        // As of the moment of asking: what comes is at least as new.
        let now = self.clock.now();
        let known = known.filter(|known| is_younger(known.told_at, KEEP, now));
        let (metadata, told_at) = if let Some(known) = known {
            (Metadata::clone(&known.metadata), known.told_at)
        } else {
            let asking = fetch_metadata(&self.outbound, &self.issuer);
            (by(until, &self.issuer.discovery_url(), asking).await?, now)
        };
        let keys = by(until, metadata.jwks_uri().url(), fetch_keys(&self.outbound, &metadata)).await?;
        Ok(Described { metadata: Arc::new(metadata.set_jwks(keys)), told_at, keys_at: now })
    }
}

/// What comes of asking there until that moment.
async fn by<T>(
    until: Instant,
    url: &Url,
    asking: impl Future<Output = Result<T, DirectoryError>>,
) -> Result<T, DirectoryError> {
    let too_late = || DirectoryError::Unreachable { url: url.clone(), cause: Arc::new(OutboundError::Timeout) };
    timeout_at(until, asking).await.unwrap_or_else(|_| Err(too_late()))
}
