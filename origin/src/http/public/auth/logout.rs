//! `POST /auth/logout`: signs this browser out, also when its access token has expired.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa::ToSchema;

use super::farewell;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::{Form, PublicRequest};
use crate::http::public::csrf;

/// Whether there was a session.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
struct SignedOut {
    signed_out: bool,
}

#[utoipa::path(
    post, path = "/auth/logout", operation_id = "sign_out", tag = "own sessions",
    summary = "Sign this browser out, also when its access token has expired",
    responses(
        (status = 200, description = "Signed out", body = SignedOut),
        (status = 303, description = "Signed out: for forms, the way to go"), Problems),
    security(())
)]
pub(in crate::http) async fn post(
    request: PublicRequest,
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Option<Form>,
) -> Result<Response, Problem> {
    let shown = app.office.proven_sessions(&request.tenant, request.credentials()).await?;
    let field = form.as_ref().and_then(|form| form.text(csrf::FIELD));
    let own = csrf::require_any(&app, &request, &headers, field, &shown).await?;
    let signed_out = app.office.sign_out(&request.tenant, &own).await?;
    let clear = farewell::clear(&app, &request);
    Ok(if prefers_html(&headers) {
        (StatusCode::SEE_OTHER, clear, [(header::LOCATION, "/")]).into_response()
    } else {
        (clear, Json(json!({ "signed_out": signed_out }))).into_response()
    })
}

/// Whether the client would rather have a page than JSON: a form was sent, not a script's request.
/// (RFC 9110 §12.5.1, as far as it is needed to tell these two apart.)
fn prefers_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    let weight = |wanted: &str| accept.split(',').filter_map(|range| read_range(range, wanted)).fold(0.0_f32, f32::max);
    weight("text/html") > weight("application/json")
}

/// The weight a media range gives to exactly the type wanted; ranges with `*` speak for both alike.
fn read_range(range: &str, wanted: &str) -> Option<f32> {
    let mut parts = range.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse);
    Some(weight.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_prefer_html_and_scripts_do_not() {
        for (accept, html) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html", true),
            ("application/json;q=0.5, text/html", true),
            ("*/*", false),
            ("", false),
            ("application/json", false),
            ("application/json, text/html;q=0.5", false),
            ("text/html;q=0", false),
            ("text/html;q=nonsense", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(prefers_html(&headers), html, "{accept}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
