//! Problem documents (RFC 9457): every error that leaves the origin.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::credential::Scope;
use crate::office::OfficeError;
use crate::store::StoreError;

/// An error as the client is told it: a status, a stable code, and little else. The rest is in the log.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    field: Option<String>,
    header: Option<ExtraHeader>,
}

/// The header that goes with some problems.
#[derive(Clone, Copy, Debug)]
enum ExtraHeader {
    /// `WWW-Authenticate` with this challenge: every 401 has one (RFC 9110 §15.5.2).
    Challenge(&'static str),
    /// `Retry-After`, in seconds.
    RetryAfter(u64),
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl Problem {
    /// A problem of that status and code.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), field: None, header: None }
    }

    /// A value that is ill-formed, too long or out of range, and where it stood.
    pub(super) fn invalid_field(field: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail).about(field)
    }

    /// A field that nothing reads: a spelling mistake, more often than not.
    pub(super) fn unknown_field(field: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_field", "There is no field of this name.").about(field)
    }

    /// No such session in the caller's tenant.
    pub(super) fn session_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "session_not_found", "There is no such session.")
    }

    /// No such tenant, or one the caller has no business with.
    pub(super) fn tenant_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "tenant_not_found", "There is no such tenant.")
    }

    /// The tenant is there, and nothing is done for its people.
    pub(super) fn tenant_disabled() -> Self {
        Self::new(StatusCode::FORBIDDEN, "tenant_disabled", "The tenant is disabled.")
    }

    /// The service token is good, and not for this.
    pub(super) fn scope_missing(scope: Scope) -> Self {
        let detail = format!("The service token lacks the scope {}.", scope.as_str());
        Self::new(StatusCode::FORBIDDEN, "scope_missing", detail)
    }

    /// The service token is an operator's, who sees no session.
    pub(super) fn operator_token() -> Self {
        let detail = "The service token is an operator's: it lacks every scope over sessions.";
        Self::new(StatusCode::FORBIDDEN, "scope_missing", detail)
    }

    /// The edge hands on a request for a host that is none of the tenant's.
    pub(super) fn unknown_host() -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host", "The tenant has no site of this name.")
    }

    /// No such path.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this path.")
    }

    /// The path is there, the method is not.
    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not take this method.")
    }

    /// Something that must not happen did.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here; the log says what.")
    }

    /// The service token is missing, ill-formed, unknown or revoked; which of them stays untold.
    pub(super) fn service_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "service_token", "A valid service token is needed.")
            .with(ExtraHeader::Challenge("Bearer"))
    }

    /// The edge credential is missing or wrong, or not good for the tenant of the request.
    pub(super) fn edge_credential() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "edge_credential", "A valid edge credential is needed.")
            .with(ExtraHeader::Challenge("Sealgate-Edge"))
    }

    /// The session cookie is missing, or does not hold. No scheme is registered for cookies; browsers ignore
    /// one that they do not know.
    pub(super) fn session_cookie(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail).with(ExtraHeader::Challenge("Sealgate-Session"))
    }

    /// The bearer token does not hold (RFC 6750 §3.1).
    pub(super) fn bearer_token(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let challenge = "Bearer error=\"invalid_token\"";
        Self::new(StatusCode::UNAUTHORIZED, code, detail).with(ExtraHeader::Challenge(challenge))
    }

    /// The caller asks more often than it may.
    pub(super) fn rate_limited(wait: Duration) -> Self {
        // Rounded up: after that long it works.
        let seconds = u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1);
        let detail = format!("There have been too many such requests; try again in {seconds} s.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).with(ExtraHeader::RetryAfter(seconds))
    }

    /// We are broken for the moment; the caller's credentials may be as good as ever.
    pub(super) fn unavailable(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).with(ExtraHeader::RetryAfter(1))
    }

    /// Says which field it is about.
    pub(super) fn about(mut self, field: &str) -> Self {
        // An unknown field's name is the caller's own, of whatever length.
        self.field = Some(field.chars().take(64).collect());
        self
    }

    fn with(mut self, header: ExtraHeader) -> Self {
        self.header = Some(header);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            field: self.field.as_deref(),
        };
        let mut response = (self.status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self.header {
            Some(ExtraHeader::Challenge(challenge)) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
            }
            Some(ExtraHeader::RetryAfter(seconds)) => headers.insert(header::RETRY_AFTER, seconds.into()),
            None => None,
        };
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(source) => {
                tracing::error!(error = %source, "the database does not answer as it should");
                Self::unavailable("database_unavailable", "The database does not answer; try again.")
            }
            StoreError::Exists => Self::new(StatusCode::CONFLICT, "exists", "There is one already."),
            StoreError::HostTaken(host) => {
                let detail = format!("Another tenant has the host {host}.");
                Self::new(StatusCode::CONFLICT, "host_taken", detail).about("hosts")
            }
        }
    }
}

impl From<OfficeError> for Problem {
    fn from(error: OfficeError) -> Self {
        match error {
            OfficeError::Store(error) => error.into(),
            OfficeError::TenantNotFound(_) => Self::tenant_not_found(),
            OfficeError::TenantDisabled(_) => Self::tenant_disabled(),
            OfficeError::EdgeNotFound(_) => Self::edge_credential(),
            OfficeError::EdgeRotating(_) | OfficeError::EdgeNotRotating(_) => {
                Self::new(StatusCode::CONFLICT, "edge_rotation", error.to_string())
            }
            OfficeError::ReplacesMismatch(_) => {
                Self::new(StatusCode::CONFLICT, "replaces_mismatch", error.to_string()).about("replaces")
            }
            OfficeError::TokenTooLong => Self::invalid_field("roles", error.to_string()),
            OfficeError::KeysInMotion => Self::unavailable("keys_in_motion", "The keys are being rotated; try again."),
            OfficeError::Vault(_) | OfficeError::Randomness(_) | OfficeError::Broken(_) => {
                tracing::error!(%error, "a request failed");
                Self::internal()
            }
        }
    }
}
