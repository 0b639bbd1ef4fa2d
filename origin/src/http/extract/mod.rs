//! What handlers take from a request. Who is asking comes before what they ask for.

mod client_address;
mod edge_caller;
mod failed_credential;
mod fields;
mod form;
mod json_body;
mod operator_caller;
mod parameters;
mod public_request;
mod service_caller;
mod service_token;
mod session_path;

use axum::http::HeaderMap;

pub(super) use edge_caller::EdgeCaller;
pub(super) use fields::{Fields, MAX_LABEL, find_fault};
pub(super) use form::Form;
pub(super) use json_body::{JsonBody, explain_body};
pub(super) use operator_caller::OperatorCaller;
pub(super) use parameters::{Limit, Parameters};
pub(super) use public_request::{LogoutRequest, PublicRequest};
pub(super) use service_caller::ServiceCaller;
pub(super) use session_path::SessionPath;

fn text_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
