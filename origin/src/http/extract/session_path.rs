//! The session that a path names.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use sealgate_shared::id::SessionId;

use crate::app::AppState;
use crate::http::Problem;

/// The id in the path. What is not the id of a session is not there.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct SessionPath(pub(in crate::http) SessionId);

impl FromRequestParts<AppState> for SessionPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let path: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, app).await;
        path.ok().and_then(|path| path.parse().ok()).map(Self).ok_or_else(Problem::session_not_found)
    }
}
