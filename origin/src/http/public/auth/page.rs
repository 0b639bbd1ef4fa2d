//! What our pages have in common: one style sheet each, known by its hash, and nothing else that runs or is loaded.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::http::Problem;

/// Nothing but that style sheet, and forms that post to us.
pub(super) fn policy(style: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Answers with the page, under its policy.
pub(super) fn show(status: StatusCode, page: &impl Template, policy: &str) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "a page cannot be written");
        Problem::internal()
    })?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        // Not `no-referrer`: with it a browser posts the form with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    Ok((status, headers, Html(html)).into_response())
}
