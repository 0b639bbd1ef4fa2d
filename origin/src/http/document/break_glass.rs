//! Signing in by an operator's password has one handler for every method, for there is to be nothing at its path as long as
//! no password was set. So it is described here.

use utoipa::{OpenApi, ToSchema};

use super::Problems;

#[derive(OpenApi)]
#[openapi(paths(show, sign_in))]
pub(super) struct Described;

/// What the form has.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body")]
struct BreakGlassForm {
    name: String,
    #[schema(format = Password)]
    password: String,
    /// A path of this site to go to then.
    return_to: Option<String>,
}

#[utoipa::path(
    get, path = "/auth/break-glass", operation_id = "show_break_glass", tag = "signing in",
    summary = "The form for operators, where the tenant has set a password",
    params(("return_to" = Option<String>, Query, description = "A path of this site to go to then")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html"), Problems),
    security(())
)]
#[expect(dead_code, reason = "describes a route")]
const fn show() {}

#[utoipa::path(
    post, path = "/auth/break-glass", operation_id = "use_break_glass", tag = "signing in",
    summary = "Sign in by an operator's password",
    request_body(content = BreakGlassForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Signed in: cookies, and the way to go"),
        (status = 403, description = "Not signed in, whatever the reason", body = String, content_type = "text/html"),
        (status = 503, description = "Too many passwords are being checked", body = String, content_type = "text/html"),
        Problems
    ),
    security(())
)]
#[expect(dead_code, reason = "describes a route")]
const fn sign_in() {}
