//! `/auth/account`: where I am signed in, as a page. It works without scripts: each change is a form that leads back to it.

mod device;
pub(in crate::http::public) mod end;
pub(in crate::http::public) mod end_others;
pub(in crate::http::public) mod label;
mod moment;
mod note;
pub(in crate::http::public) mod show;

use axum::response::{IntoResponse, Redirect, Response};

use super::super::person::NoPerson;

/// Who has no session, or none any more, signs in and comes back.
fn invite(nobody: NoPerson) -> Response {
    match nobody {
        NoPerson::SignedOut(_) => Redirect::to("/auth/login?return_to=/auth/account").into_response(),
        NoPerson::Refused(problem) => problem.into_response(),
    }
}
