//! What signs tokens under one key of a tenant.

use std::fmt;

use sealgate_shared::key::SigningKey;
use sealgate_shared::refresh::RefreshSealer;
use sealgate_shared::token::Sealer;

use crate::session::Channel;

/// The sealers of one key. A retired key has them too: whoever asks for the tokens of a session again is given the same
/// ones, under the key that its row names.
#[derive(Clone)]
pub(super) struct Signer {
    access: Sealer,
    bearer: Sealer,
    refresh: RefreshSealer,
}

impl Signer {
    pub(super) fn new(key: &SigningKey) -> Self {
        Self { access: key.access_sealer(), bearer: key.bearer_sealer(), refresh: key.refresh_sealer() }
    }

    /// What signs the access tokens of sessions that are held in this way.
    pub(super) const fn access(&self, channel: Channel) -> &Sealer {
        match channel {
            Channel::Cookie => &self.access,
            Channel::Bearer => &self.bearer,
        }
    }

    /// What signs refresh tokens, and proves them.
    pub(super) const fn refresh(&self) -> &RefreshSealer {
        &self.refresh
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("kid", &self.access.key_id()).finish_non_exhaustive()
    }
}
