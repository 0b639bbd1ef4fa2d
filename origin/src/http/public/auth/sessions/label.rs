//! `PATCH /auth/sessions/{id}`: gives one of my devices a name, or takes it away.

use axum::Json;
use axum::extract::State;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::{JsonBody, MAX_LABEL, SessionPath};
use crate::http::public::person::Person;
use crate::http::session_object::DeviceObject;

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
