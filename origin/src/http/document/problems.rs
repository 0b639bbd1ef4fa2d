//! What is answered when something goes wrong, the same wherever it does.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::IntoResponses;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type, schema::KnownFormat,
    schema::SchemaFormat,
};

const NAME: &str = "Problem";

/// The answers that every route may give beside its own: problem documents (RFC 9457), told apart by their `code`.
pub(in crate::http) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        ["4XX", "5XX"].into_iter().map(|status| (status.to_owned(), Ref::from_response_name(NAME).into())).collect()
    }
}

/// Adds what [`Problems`] refers to.
pub(super) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    let text = |words: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(words));
    let schema = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("type", text("Always `about:blank`: the code says which problem it is."))
        .property("title", text("The status in words."))
        .property(
            "status",
            ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32))),
        )
        .property("code", text("Which problem it is. Codes never change their meaning."))
        .property("detail", text("What went wrong, for people."))
        .property("field", text("The field or parameter it is about, if it is about one."));
    let schema = ["type", "title", "status", "code", "detail"].into_iter().fold(schema, ObjectBuilder::required);
    let example = json!({
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "code": "invalid_field",
        "detail": "The field is missing.",
        "field": "tenant",
    });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(NAME))).example(Some(example)).build();
    let description = "It was not done. 401 and 403: the credential is missing, wrong, or not good for this. 404: it is not \
        there, or none of the caller's business. 409: it is at odds with what is there. 413, 415, 422: the request is not as \
        described. 429, 503: try again after `Retry-After` seconds.";
    let response = ResponseBuilder::new().description(description).content("application/problem+json", content).build();
    components.schema(NAME, schema).response(NAME, response)
}
