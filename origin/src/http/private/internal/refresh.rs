//! `POST /internal/refresh`: the edge shows a refresh token from the cookies of a request that it holds meanwhile.

use axum::Json;
use axum::extract::State;
use sealgate_shared::id::TenantId;
use serde::Serialize;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::{EdgeCaller, JsonBody};
use crate::office::{RefreshRequest, Refreshing};
use crate::session::Channel;

#[derive(Serialize)]
pub(in crate::http) struct Answer {
    #[serde(flatten)]
    outcome: Outcome,
    /// The version of the keyring: an edge that holds an older one fetches it.
    keyring: u64,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Outcome {
    Refreshed { access_token: String, refresh_token: String, set_cookie: Vec<String> },
    Refused { code: &'static str },
}

pub(in crate::http) async fn post(
    edge: EdgeCaller,
    State(app): State<AppState>,
    JsonBody(mut fields): JsonBody,
) -> Result<Json<Answer>, Problem> {
    let tenant: TenantId = fields.required("tenant")?;
    let token: String = fields.required("refresh_token")?;
    // A browser's own words, or whoever passes for one: what they look like is no reason to sign anybody out.
    let user_agent = fields.text("user_agent")?;
    let ip = fields.text("ip")?.and_then(|ip| ip.parse().ok());
    fields.finish()?;
    edge.require(&tenant)?;
    let request = RefreshRequest {
        tenant: &tenant,
        channel: Channel::Cookie,
        token: &token,
        user_agent: user_agent.as_deref(),
        ip,
    };
    let refreshing = app.metrics.count_refresh(app.office.refresh(&request).await)?;
    Ok(Json(refreshing.into()))
}

impl From<Refreshing> for Answer {
    fn from(refreshing: Refreshing) -> Self {
        let outcome = match refreshing.outcome {
            Ok(refreshed) => Outcome::Refreshed {
                access_token: refreshed.issued.access_token,
                refresh_token: refreshed.issued.refresh_token,
                set_cookie: refreshed.issued.set_cookie,
            },
            Err(refusal) => Outcome::Refused { code: refusal.code() },
        };
        Self { outcome, keyring: refreshing.keyring }
    }
}
