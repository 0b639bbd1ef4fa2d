//! Why others could not be asked, in words for whoever set them up.

use std::error::Error;

use super::addresses::Forbidden;
use super::certificate;
use super::names::NoAddress;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    #[error("the address must begin with https:")]
    Scheme,
    #[error("the address must not hold a user name or a password")]
    Credentials,
    #[error("the address cannot be read")]
    Url,
    #[error("{0}, which is not asked; the setting oidc_allowed_networks could allow it")]
    Forbidden(#[from] Forbidden),
    #[error("the name {0} is not known (DNS)")]
    UnknownName(String),
    #[error("nobody listens there: the connection was refused")]
    ConnectionRefused,
    #[error("no connection was made within the time allowed")]
    ConnectTimeout,
    #[error("no answer came within the time allowed")]
    Timeout,
    #[error("the certificate of the server does not hold: {0}")]
    Certificate(String),
    #[error("this machine knows no certificate authorities (install ca-certificates, or set SSL_CERT_FILE)")]
    NoAuthorities,
    #[error("the answer is larger than 256 kB")]
    TooLarge,
    #[error("the answer broke off or is no HTTP")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}

impl OutboundError {
    /// A stable word for each.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Credentials => "credentials_in_url",
            Self::Url => "url",
            Self::Forbidden(_) => "forbidden_address",
            Self::UnknownName(_) => "unknown_name",
            Self::ConnectionRefused => "connection_refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::Timeout => "timeout",
            Self::Certificate(_) => "certificate",
            Self::NoAuthorities => "no_authorities",
            Self::TooLarge => "too_large",
            Self::Broken(_) => "broken",
        }
    }
}

impl From<reqwest::Error> for OutboundError {
    fn from(error: reqwest::Error) -> Self {
        // Without the URL: a query may hold what is no business of the log's.
        let error = error.without_url();
        match find_cause(&error) {
            Some(told) => told,
            None if error.is_timeout() && error.is_connect() => Self::ConnectTimeout,
            None if error.is_timeout() => Self::Timeout,
            None => Self::Broken(error.into()),
        }
    }
}

fn explain(error: &(dyn Error + 'static)) -> Option<OutboundError> {
    if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
        return Some(OutboundError::Forbidden(forbidden.clone()));
    }
    if let Some(NoAddress(name)) = error.downcast_ref() {
        return Some(OutboundError::UnknownName(name.clone()));
    }
    if let Some(rustls::Error::InvalidCertificate(fault)) = error.downcast_ref() {
        return Some(OutboundError::Certificate(certificate::describe(fault).into_owned()));
    }
    let error = error.downcast_ref::<std::io::Error>()?;
    if error.kind() == std::io::ErrorKind::ConnectionRefused {
        return Some(OutboundError::ConnectionRefused);
    }
    // An `io::Error` hides what it was made of from `source`, which answers the source of that.
    error.get_ref().and_then(|inner| explain(inner))
}

/// The first explanation among the error and what it comes from.
fn find_cause(error: &(dyn Error + 'static)) -> Option<OutboundError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(told) = explain(error) {
            return Some(told);
        }
        next = error.source();
    }
    None
}
