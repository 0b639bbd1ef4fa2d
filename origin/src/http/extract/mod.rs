//! What handlers take from a request. Who is asking comes before what they ask for.

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

pub(super) use edge_caller::EdgeCaller;
pub(super) use fields::{Fields, MAX_LABEL, find_fault};
pub(super) use form::Form;
pub(super) use json_body::{JsonBody, explain_body};
pub(super) use operator_caller::OperatorCaller;
pub(super) use parameters::{Limit, Parameters};
pub(super) use public_request::PublicRequest;
pub(super) use service_caller::ServiceCaller;
pub(super) use session_path::SessionPath;
