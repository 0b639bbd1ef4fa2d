//! Whom we believe to be who they say: what the machine's own list of certificate authorities vouches for.

use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, RootCertStore};

use super::OutboundError;

/// Read once: the list is long, and most commands ask nobody.
static AUTHORITIES: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut store = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (_, unreadable) = store.add_parsable_certificates(found.certs);
    if unreadable > 0 || !found.errors.is_empty() {
        tracing::debug!(unreadable, errors = ?found.errors, "some certificate authorities could not be read");
    }
    Arc::new(store)
});

/// Settles for the whole process whose cryptography TLS is: every client that is made without saying so would stop it
/// otherwise. Called again, it does nothing.
pub fn install_provider() {
    // Who was first is of no matter: there is one to choose from.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// Whom the machine trusts to vouch for others; refuses where there is nobody.
pub(super) fn authorities() -> Result<Arc<RootCertStore>, OutboundError> {
    if AUTHORITIES.is_empty() { Err(OutboundError::NoAuthorities) } else { Ok(Arc::clone(&AUTHORITIES)) }
}

/// How to speak TLS with those whom these authorities vouch for.
pub(super) fn configure(authorities: Arc<RootCertStore>) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks every version that rustls does");
    builder.with_root_certificates(authorities).with_no_client_auth()
}
