//! The browser is back from the provider: at the provider's own callback, or at the one for providers that name themselves in
//! their answer. It brings the answer in the query and in no other way: what a provider posts, or puts behind a `#`, is not
//! taken.

pub(in crate::http::public) mod own;
pub(in crate::http::public) mod shared;

use axum::response::Response;
use utoipa::IntoParams;

use super::super::welcome;
use super::failed::NotSignedIn;
use super::{binding, failed};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::PublicRequest;
use crate::office::{Credentials, FinishSignIn, SignInError};

/// What the provider answers.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query")]
struct AnswerInQuery {
    /// As it was sent along
    state: Option<String>,
    /// What the provider gave
    code: Option<String>,
    /// Which provider it is (RFC 9207)
    iss: Option<String>,
    /// Why the provider gave none
    error: Option<String>,
}

async fn finish(
    app: AppState,
    request: PublicRequest,
    callback_of: Option<&str>,
    query: Option<String>,
) -> Result<Response, Problem> {
    let names = app.office.cookies();
    let finish = FinishSignIn {
        tenant: &request.tenant,
        callback_of,
        query: query.as_deref().unwrap_or_default(),
        binding: binding::read(&request.cookies, names),
        credentials: Credentials::Cookies(&request.cookies),
        user_agent: request.user_agent.clone(),
        ip: request.client,
    };
    let (issued, way) = match app.office.finish_sign_in(&app.oidc, finish).await {
        Ok(signed_in) => (Ok(signed_in.issued), signed_in.return_to),
        Err(SignInError::Office(error)) => (Err(error), String::new()),
        Err(failed) => return failed::answer(&app, &request, failed).await,
    };
    let issued = app.metrics.count_mint(issued)?;
    // The cookie of sign-ins under way stays, since another tab may have one. It ends by itself.
    Ok(welcome::answer(issued, &way))
}
