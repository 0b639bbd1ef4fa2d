//! Whom we believe to be who they say: what the machine's own list of certificate authorities vouches for.

use std::env;
use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, RootCertStore};

use super::OutboundError;

/// Read once: the list is long, and most commands ask nobody.
static AUTHORITIES: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut store = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (_, unreadable) = store.add_parsable_certificates(found.certs);
    if unreadable > 0 {
        tracing::debug!(unreadable, "some certificate authorities could not be read");
    }
    warn_of_errors(&found.errors);
    Arc::new(store)
});

/// Says what of the machine's list cannot be read: above all a file that `SSL_CERT_FILE` names and that is not there.
fn warn_of_errors(errors: &[rustls_native_certs::Error]) {
    let named: Vec<&str> =
        ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter(|name| env::var_os(name).is_some()).collect();
    for error in errors {
        tracing::warn!(%error, set = named.join(", "), "certificate authorities of this machine cannot be read");
    }
}

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
