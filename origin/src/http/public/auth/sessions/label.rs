//! `PATCH /auth/sessions/{id}`: gives one of my devices a name, or takes it away.

use axum::Json;
use axum::extract::State;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, SessionInPath};
use crate::http::extract::{JsonBody, MAX_LABEL, SessionPath};
use crate::http::public::person::Person;
use crate::http::session_object::DeviceObject;

/// What to call the device.
#[derive(ToSchema)]
#[schema(example = json!({ "label": "kitchen tablet" }))]
#[expect(dead_code, reason = "describes a body")]
struct Label {
    /// Nothing, if `null`.
    #[schema(required, min_length = 1, max_length = 64)]
    label: Option<String>,
}

#[utoipa::path(
    patch, path = "/auth/sessions/{id}", operation_id = "label_own_session", tag = "own sessions",
    summary = "Give one of my devices a name, or take it away",
    params(SessionInPath),
    request_body(content = Label),
    responses((status = 200, description = "The device", body = DeviceObject), Problems),
    security(("session_cookie" = []), ("session_bearer" = []))
)]
pub(in crate::http) async fn patch(
    State(app): State<AppState>,
    person: Person,
    SessionPath(id): SessionPath,
    JsonBody(mut fields): JsonBody,
) -> Result<Json<DeviceObject>, Problem> {
    let label = fields.short_text_or_null("label", MAX_LABEL)?;
    fields.finish()?;
    let labelled = app.office.label_own(&person.session, id, label.as_deref()).await?;
    let labelled = labelled.ok_or_else(Problem::session_not_found)?;
    Ok(Json(DeviceObject::new(labelled, person.session.id)))
}
