//! A JSON object from the body, read so that every mistake can be named.

use std::fmt;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::Fields;
use crate::app::AppState;
use crate::http::Problem;

/// The fields of the object in the body.
#[derive(Debug)]
pub(in crate::http) struct JsonBody(pub(in crate::http) Fields);

impl FromRequest<AppState> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "content_type", "The body must be application/json."));
        }
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| explain_body(&rejection))?;
        let pairs: Pairs = serde_json::from_slice(&bytes)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "invalid_json", explain_json(&error)))?;
        Ok(Self(Fields::new(pairs.0)))
    }
}

/// What went wrong while the body was read.
pub(in crate::http) fn explain_body(rejection: &BytesRejection) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is larger than 64 kB.")
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, "body_unreadable", "The body did not arrive whole."),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Says where, but not what: serde's own message quotes the input, and this one may be logged by the caller.
fn explain_json(error: &serde_json::Error) -> String {
    format!("The body is not one JSON object with each field once (line {}, column {}).", error.line(), error.column())
}

/// The object's fields in the order they came; a name that comes twice is an error, because no two
/// readers agree on which one counts.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs: Vec<(String, Value)> = Vec::new();
        while let Some((name, value)) = map.next_entry()? {
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(serde::de::Error::custom("a field comes twice"));
            }
            pairs.push((name, value));
        }
        Ok(Pairs(pairs))
    }
}
