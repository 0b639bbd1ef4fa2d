//! The way back.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use sealgate_shared::id::TenantId;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;

use super::begin::hash;
use super::put_aside::PutAside;
use super::{Again, FailedSignIn, LOGIN_MS, SignInError, describe};
use crate::office::{Credentials, Issued, MintRequest, Minting, Office, OfficeError};
use crate::oidc::exchange::{CodeExchange, Tokens};
use crate::oidc::id_token::{self, Expected, IdToken};
use crate::oidc::identity::{Claims, Identity, Lack};
use crate::oidc::response::AuthorizationResponse;
use crate::oidc::{Directory, Failure, Metadata, Provider, ProviderId, userinfo};
use crate::session::{IdpLink, Method};
use crate::store::{OidcSignIn, PreLoginKey};

/// How long a provider may take for all that it is asked.
const PATIENCE: Duration = Duration::from_secs(8);

/// What the browser brings back.
pub(crate) struct FinishSignIn<'a> {
    pub(crate) tenant: &'a TenantId,
    /// The provider whose callback that is; `None` where they all may answer.
    pub(crate) callback_of: Option<&'a str>,
    /// The query, as it came.
    pub(crate) query: &'a str,
    pub(crate) binding: Option<Secret32>,
    /// What it holds of sessions.
    pub(crate) credentials: Credentials<'a>,
    pub(crate) user_agent: Option<String>,
    pub(crate) ip: Option<IpAddr>,
}

/// Somebody is signed in.
pub(crate) struct SignedIn {
    pub(crate) issued: Issued,
    pub(crate) return_to: String,
}

/// Whom the provider has vouched for.
struct Vouched {
    identity: Identity,
    token: IdToken,
}

impl Office {
    /// Finishes a sign-in. Whatever comes of it, it cannot be finished a second time.
    pub(crate) async fn finish_sign_in(
        &self,
        directory: &Directory,
        request: FinishSignIn<'_>,
    ) -> Result<SignedIn, SignInError> {
        let response = AuthorizationResponse::read(request.query)?;
        let binding = request.binding.as_ref().ok_or(Failure::BindingMissing)?;
        let aside = self.take_aside(request.tenant, &response.state, binding).await?;
        let again = Again { return_to: Some(aside.return_to.clone()), max_age_s: aside.max_age_s };
        let provider: ProviderId = aside.provider.parse().map_err(|_| Failure::LoginUnreadable)?;
        let signed_in = self.come_back(directory, request, response, aside).await;
        signed_in.map_err(|error| error.of(Some(&provider), &again))
    }

    /// The sign-in of that browser and that state, which is over with this.
    async fn take_aside(
        &self,
        tenant: &TenantId,
        state: &Secret32,
        binding: &Secret32,
    ) -> Result<PutAside, SignInError> {
        let key = PreLoginKey { tenant, state: &hash(state), binding: &hash(binding) };
        let found = self.store.take_pre_login(key).await?.ok_or(Failure::StateUnknown)?;
        Ok(self.open_aside(tenant, found.id, &found.sealed).ok_or(Failure::LoginUnreadable)?)
    }

    async fn come_back(
        &self,
        directory: &Directory,
        request: FinishSignIn<'_>,
        response: AuthorizationResponse,
        aside: PutAside,
    ) -> Result<SignedIn, SignInError> {
        if self.clock.now().since(aside.began_at()) >= LOGIN_MS {
            return Err(Failure::LoginExpired.into());
        }
        let is_own_callback = request.callback_of.is_some();
        if request.callback_of.is_some_and(|provider| provider != aside.provider) {
            return Err(Failure::ResponseIssuer.into());
        }
        let provider = self.usable_provider(request.tenant, &aside.provider).await?;
        let asking = self.ask(directory, &provider, &response, &aside, is_own_callback);
        let vouched = tokio::time::timeout(PATIENCE, asking).await;
        let vouched = vouched.map_err(|_| Failure::ProviderUnreachable)??;
        if aside.excludes(&vouched.identity.actor) {
            return Err(Failure::AnotherActor.into());
        }
        self.let_in(request, &provider, vouched, aside).await
    }

    /// Asks the provider who it is.
    async fn ask(
        &self,
        directory: &Directory,
        provider: &Provider,
        response: &AuthorizationResponse,
        aside: &PutAside,
        is_own_callback: bool,
    ) -> Result<Vouched, SignInError> {
        let metadata = directory.metadata(&provider.settings.issuer).await;
        let metadata = metadata.map_err(|error| describe(&error, &provider.id))?;
        check_issuer(response, provider, &metadata, is_own_callback)?;
        let code = response.outcome.as_ref().map_err(|error| FailedSignIn {
            failure: (*error).into(),
            provider: None,
            said: error.word(),
            complaint: response.complaint.clone(),
            again: Again::default(),
        });
        let code = code.map_err(|failed| SignInError::Failed(Box::new(failed)))?;
        let (code_verifier, redirect_uri) = (&aside.code_verifier, &aside.redirect_uri);
        let exchange = CodeExchange { provider, code, code_verifier, redirect_uri };
        let tokens = exchange.send(directory.http(), &metadata).await?;
        let token = self.check_id_token(directory, provider, metadata.clone(), &tokens, aside).await?;
        let identity = identify(directory, provider, &metadata, &tokens, &token).await?;
        Ok(Vouched { identity, token })
    }

    async fn check_id_token(
        &self,
        directory: &Directory,
        provider: &Provider,
        metadata: Arc<Metadata>,
        tokens: &Tokens,
        aside: &PutAside,
    ) -> Result<IdToken, SignInError> {
        let jws = id_token::parse(&tokens.id_token)?;
        let issuer = &provider.settings.issuer;
        let unreachable = |error| describe(&error, &provider.id);
        let mut keys = metadata;
        if jws.kid().is_some() {
            keys = directory.metadata_with_key(issuer, jws.kid()).await.map_err(unreachable)?;
        } else if jws.verify(keys.jwks()).is_err() {
            // It names no key: it may be one that is new.
            keys = directory.metadata_anew(issuer).await.map_err(unreachable)?;
        }
        let expected = Expected {
            settings: &provider.settings,
            access_token: &tokens.access_token,
            nonce: &aside.nonce,
            max_age_s: aside.max_age_s,
            began_at: aside.began_at(),
            now: self.clock.now(),
        };
        let verified = jws.verify(keys.jwks()).map_err(Failure::from)?;
        Ok(IdToken::check(verified, &expected)?)
    }

    /// Makes the session, and ends what it takes the place of.
    async fn let_in(
        &self,
        request: FinishSignIn<'_>,
        provider: &Provider,
        vouched: Vouched,
        aside: PutAside,
    ) -> Result<SignedIn, SignInError> {
        let Vouched { identity, token } = vouched;
        let held = self.held_by(request.tenant, request.credentials, &identity.actor).await?;
        if aside.max_age_s.is_some() && held.is_shared() {
            return Err(Failure::AnotherActor.into());
        }
        let link = IdpLink {
            issuer: provider.settings.issuer.as_str().to_owned(),
            subject: token.subject.clone(),
            sid: token.sid.clone(),
        };
        let mint = MintRequest {
            idp: Some(link),
            label: held.label(),
            remember: aside.remember,
            user_agent: request.user_agent,
            ip: request.ip,
            // Who is not told when cannot say that it was a short while ago.
            authenticated_at: Some(token.authenticated_at.unwrap_or(UnixMillis::EPOCH)),
            assurance: Some(provider.settings.assurance),
            roles: identity.roles.clone(),
            replaces: held.replaced(),
            ..MintRequest::new(request.tenant.clone(), identity.actor.clone(), Method::Oidc)
        };
        let sign_in = OidcSignIn { provider: &provider.id, id_token_issued_at: token.issued_at };
        let issued = match self.mint_by_oidc(&mint, &sign_in).await {
            Ok(Minting::Made(issued)) => *issued,
            Ok(Minting::LoggedOut) => return Err(Failure::LoggedOut.into()),
            Ok(Minting::ProviderGone) => return Err(Failure::ProviderUnknown.into()),
            Err(OfficeError::TokenTooLong) => return Err(Failure::TokenTooLong.into()),
            Err(error) => return Err(error.into()),
        };
        self.tidy_up(request.tenant, &held, &identity).await;
        Ok(SignedIn { issued, return_to: aside.return_to })
    }
}

/// RFC 9207 §2.4: an answer that says whose it is must be this provider's, and this provider's must say so if they all do. It
/// must say so, too, where any provider's could arrive: one that sent the browser on to another would pass the other's off as
/// its own.
fn check_issuer(
    response: &AuthorizationResponse,
    provider: &Provider,
    metadata: &Metadata,
    is_own_callback: bool,
) -> Result<(), Failure> {
    let advertised = metadata.additional_metadata().authorization_response_iss_parameter_supported == Some(true);
    match response.issuer.as_deref() {
        Some(issuer) if issuer == provider.settings.issuer.as_str() => Ok(()),
        None if is_own_callback && !advertised => Ok(()),
        _ => Err(Failure::ResponseIssuer),
    }
}

async fn identify(
    directory: &Directory,
    provider: &Provider,
    metadata: &Metadata,
    tokens: &Tokens,
    token: &IdToken,
) -> Result<Identity, Failure> {
    let mut claims = Claims::new(token.claims.clone());
    if let Some(lack) = claims.lack(&provider.settings) {
        match userinfo::ask(directory.http(), metadata, &tokens.access_token, &token.subject).await {
            Ok(Some(said)) => claims.add(said),
            Ok(None) => {}
            Err(Failure::Userinfo | Failure::ProviderUnreachable) if lack == Lack::Name => {
                tracing::warn!(provider = %provider.id, "the provider does not say what somebody is called");
            }
            Err(failure) => return Err(failure),
        }
    }
    Identity::read(&provider.settings, &claims)
}
