//! The way there.

use sealgate_shared::id::TenantId;
use sealgate_shared::secret::Secret32;
use sha2::{Digest as _, Sha256};
use url::Url;
use zeroize::Zeroizing;

use super::put_aside::PutAside;
use super::{Again, LOGIN_MS, SignInError, describe};
use crate::clock::milliseconds;
use crate::limit::Network;
use crate::office::{Office, OfficeError};
use crate::oidc::authorize::AuthorizationRequest;
use crate::oidc::claims::LEEWAY_MS;
use crate::oidc::{Directory, Failure, Provider};
use crate::random;
use crate::session::{Session, fingerprint};
use crate::store::{NewPreLogin, PreLoginKey};

/// How many sign-ins a network may have under way: the newest. A campus has one address, and people take their time.
const MOST_OF_NETWORK: u32 = 1_000;
/// And a tenant.
const MOST_OF_TENANT: u32 = 20_000;
/// One in so many sign-ins has those of the tenant counted; the last byte of its state says which.
const COUNT_EVERY: u8 = 64;

/// What somebody who wants to sign in says.
pub(crate) struct BeginSignIn<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) provider: &'a str,
    /// Scheme and host of the site at which they are, to which the provider is to send them back.
    pub(crate) site: String,
    pub(crate) binding: &'a Secret32,
    pub(crate) network: Option<Network>,
    pub(crate) return_to: &'a str,
    pub(crate) remember: bool,
    pub(crate) max_age_s: Option<u64>,
    /// The session of somebody who is to sign in again.
    pub(crate) held: Option<Session>,
}

impl Office {
    /// Begins a sign-in: where to send the browser.
    pub(crate) async fn begin_sign_in(
        &self,
        directory: &Directory,
        request: BeginSignIn<'_>,
    ) -> Result<Url, SignInError> {
        let again = Again { return_to: Some(request.return_to.to_owned()), max_age_s: request.max_age_s };
        let provider = self.usable_provider(request.tenant, request.provider).await;
        let provider = provider.map_err(|error| error.of(None, &again))?;
        let id = provider.id.clone();
        self.go(directory, request, provider).await.map_err(|error| error.of(Some(&id), &again))
    }

    /// The provider, if people may sign in by it.
    pub(super) async fn usable_provider(&self, tenant: &TenantId, id: &str) -> Result<Provider, SignInError> {
        let id = id.parse().map_err(|_| Failure::ProviderUnknown)?;
        let provider = self.oidc_provider(tenant, &id).await?.filter(|provider| provider.enabled);
        provider.ok_or_else(|| Failure::ProviderUnknown.into())
    }

    async fn go(
        &self,
        directory: &Directory,
        request: BeginSignIn<'_>,
        provider: Provider,
    ) -> Result<Url, SignInError> {
        let metadata = directory.metadata(&provider.settings.issuer).await;
        let metadata = metadata.map_err(|error| describe(&error, &provider.id))?;
        let now = self.clock.now();
        let state = random::draw_secret().map_err(OfficeError::from)?;
        let lifetime = self.settings.lifetimes.absolute(request.remember);
        let aside = PutAside {
            nonce: draw_text()?,
            code_verifier: draw_text()?,
            redirect_uri: write_redirect(&provider, &request.site),
            return_to: request.return_to.to_owned(),
            remember: request.remember,
            max_age_s: request.max_age_s,
            again: request.held.map(|held| (held.actor.kind, held.actor.id)),
            ..PutAside::new(provider.id.as_str(), now)
        };
        let question = AuthorizationRequest {
            settings: &provider.settings,
            redirect_uri: &aside.redirect_uri,
            state: &Zeroizing::new(state.expose_base64url()),
            nonce: &aside.nonce,
            code_verifier: &aside.code_verifier,
            max_age_s: match request.max_age_s {
                // A provider counts whole seconds, by its own clock. Of a sign-in that is just too old for us it could think
                // that it will do, and the person would be sent round in a circle.
                Some(seconds) => seconds.saturating_sub(LEEWAY_MS / 1_000),
                // A session does not outlive what it is founded on.
                None => milliseconds(lifetime) / 1_000,
            },
        };
        let url = question.url(&metadata)?;
        self.put_aside(request.tenant, &state, request.binding, request.network, &aside).await?;
        Ok(url)
    }

    async fn put_aside(
        &self,
        tenant: &TenantId,
        state: &Secret32,
        binding: &Secret32,
        network: Option<Network>,
        aside: &PutAside,
    ) -> Result<(), OfficeError> {
        let id = random::draw_session_id()?;
        let network = match network {
            Some(network) => Some(fingerprint(&self.keys(tenant).await?.fingerprint_key, &network.to_string())),
            None => None,
        };
        let login = NewPreLogin {
            id,
            key: PreLoginKey { tenant, state: &hash(state), binding: &hash(binding) },
            sealed: &self.seal_aside(tenant, id, aside)?,
            network: network.as_ref(),
            ends_at: aside.began_at().plus(LOGIN_MS),
        };
        if !self.store.insert_pre_login(&login, aside.began_at()).await? {
            return Err(OfficeError::TenantDisabled(tenant.clone()));
        }
        if let Some(network) = &network {
            // Whoever begins many crowds out their own.
            self.store.trim_pre_logins_of(tenant, network, MOST_OF_NETWORK).await?;
        }
        if state.expose()[31].is_multiple_of(COUNT_EVERY) {
            // All together fill so much and no more; and nobody who comes is turned away for those who came before.
            self.store.trim_pre_logins(tenant, MOST_OF_TENANT).await?;
        }
        Ok(())
    }
}

/// Each provider has a callback of its own, so that none passes off another's answer as its own (RFC 9700 §4.4.2).
fn write_redirect(provider: &Provider, site: &str) -> String {
    let set_up = provider.settings.redirect_uri.clone();
    set_up.unwrap_or_else(|| format!("{site}{}", provider.id.callback_path()))
}

/// A secret as it is stored.
pub(super) fn hash(secret: &Secret32) -> [u8; 32] {
    Sha256::digest(secret.expose()).into()
}

fn draw_text() -> Result<Zeroizing<String>, OfficeError> {
    Ok(Zeroizing::new(random::draw_secret()?.expose_base64url()))
}
