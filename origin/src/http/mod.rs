//! The HTTP interface: two listeners, one folder of routes for each.

mod answer_deadline;
mod bearer_tokens;
mod document;
mod dress;
mod extract;
mod operation;
mod private;
mod problem;
mod provider_object;
mod public;
mod serve;
mod session_object;
mod tenant_object;

use problem::Problem;
pub(crate) use serve::{Bounds, serve};

pub(crate) use dress::Listener;
pub(crate) use operation::metrics::{FeedDocument, Metrics};
pub(crate) use private::routes as private_routes;
pub(crate) use provider_object::{FindingObject, ProviderObject};
pub(crate) use public::routes as public_routes;
pub(crate) use session_object::SessionObject;
pub(crate) use tenant_object::TenantObject;
