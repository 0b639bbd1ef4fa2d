//! What our pages have in common: one style sheet each, known by its hash, and nothing else that runs or is loaded.

use std::sync::LazyLock;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::http::Problem;

/// Of the ways in, and of a sign-in that came to nothing.
pub(super) static LOGIN: LazyLock<Sheet> = LazyLock::new(|| {
    Sheet::new(concat!(include_str!("../../../../templates/page.css"), include_str!("../../../../templates/login.css")))
});

pub(super) static BREAK_GLASS: LazyLock<Sheet> = LazyLock::new(|| {
    Sheet::new(concat!(
        include_str!("../../../../templates/page.css"),
        include_str!("../../../../templates/break_glass.css")
    ))
});

pub(super) static ACCOUNT: LazyLock<Sheet> = LazyLock::new(|| {
    Sheet::new(concat!(
        include_str!("../../../../templates/page.css"),
        include_str!("../../../../templates/account.css")
    ))
});

/// The style sheet of a page, and the policy under which the page is shown.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) style: &'static str,
    policy: String,
}

impl Sheet {
    fn new(style: &'static str) -> Self {
        Self { style, policy: write_policy(style) }
    }
}

/// Nothing but that style sheet, and forms that post to us.
fn write_policy(style: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Answers with the page, under the policy of its sheet.
pub(super) fn show(status: StatusCode, page: &impl Template, sheet: &Sheet) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "a page cannot be written");
        Problem::internal()
    })?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, sheet.policy.as_str()),
        // Not `no-referrer`: with it a browser posts the form with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    Ok((status, headers, Html(html)).into_response())
}
