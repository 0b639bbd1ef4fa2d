//! The description of the interface (`OpenAPI` 3.1). Each handler describes itself; the list that routes requests to handlers is
//! the list that puts the description together, so that neither has what the other lacks.

mod break_glass;
mod path;
mod problems;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi as _;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};

pub(super) use path::{ActorInPath, ProviderInPath, SessionInPath, TenantInPath};
pub(super) use problems::Problems;

const PRIVATE: &str = "What backends and operators ask for, on the private listener. Bodies have at most 64 kB; fields and \
    parameters that are not described here are refused, and so are names that come twice. Every answer has an \
    `x-request-id`, and `Cache-Control: no-store`.";
const PUBLIC: &str = "What browsers and native clients ask for, at every site behind an edge. Bodies have at most 64 kB. Requests \
    that are decided on cookies and change something must come from a page of the same site (`Sec-Fetch-Site`, or `Origin`), \
    or carry the session's CSRF token. There are limits for each address; beyond them: 429 with `Retry-After`.";

/// The description of the private listener, without its routes.
pub(super) fn private() -> OpenApi {
    let components = ComponentsBuilder::new()
        .security_scheme("service_token", bearer("A service token of a tenant: `sealgate tokens create`."))
        .security_scheme(
            "operator_token",
            bearer("A service token of an operator: `sealgate tokens create --operator`."),
        );
    describe("sealgate: sessions, tenants, keys", PRIVATE, components)
}

/// The description of the public listener, likewise.
pub(super) fn public() -> OpenApi {
    let cookie = ApiKeyValue::with_description("__Host-sg", "The access token of a session, as its cookie.");
    let edge = "The credential of the edge that hands the request on. The edge adds it; nobody else has it.";
    let components = ComponentsBuilder::new()
        .security_scheme("session_cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))
        .security_scheme("session_bearer", bearer("The access token of a session on the bearer channel."))
        .security_scheme(
            "edge",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("X-Sealgate-Edge", edge))),
        );
    let mut document = describe("sealgate: signing in and out, and one's own sessions", PUBLIC, components);
    document.merge(break_glass::Described::openapi());
    document
}

fn describe(title: &str, text: &str, components: ComponentsBuilder) -> OpenApi {
    let info = InfoBuilder::new().title(title).version(env!("CARGO_PKG_VERSION")).description(Some(text)).build();
    OpenApiBuilder::new().info(info).components(Some(problems::add(components).build())).build()
}

fn bearer(description: &str) -> SecurityScheme {
    SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build())
}

/// The description as it is sent.
pub(super) fn write(document: &OpenApi) -> Bytes {
    Bytes::from(document.to_json().expect("a description of constants is JSON"))
}

/// Answers with a description.
pub(super) fn answer(text: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}
