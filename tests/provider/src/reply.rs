//! An answer in the place of the usual one.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;

/// What an endpoint answers, whatever it is asked.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A status, a content type and a body.
    Text(u16, &'static str, String),
    /// "It is over there."
    Redirect(u16, String),
    /// Bytes that never end, as fast as they are taken.
    Endless,
    /// A beginning, and then nothing for ever.
    Stalls,
    /// Nothing at all.
    Silent,
    /// A header in which a long text is.
    LongHeader(usize),
}

impl Reply {
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::Text(status, "application/json", body.to_string())
    }

    pub(crate) async fn answer(self) -> Response {
        match self {
            Self::Text(status, kind, body) => {
                (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], body).into_response()
            }
            Self::Redirect(status, to) => {
                (StatusCode::from_u16(status).unwrap(), [(header::LOCATION, to)]).into_response()
            }
            Self::Endless => json_of(Body::from_stream(stream::repeat_with(|| Ok::<_, Infallible>(spaces(64 * 1024))))),
            Self::Stalls => json_of(Body::from_stream(stream::unfold(true, |is_first| async move {
                if !is_first {
                    std::future::pending::<()>().await;
                }
                Some((Ok::<_, Infallible>(spaces(1)), false))
            }))),
            Self::Silent => std::future::pending().await,
            Self::LongHeader(length) => ([("x-long", "a".repeat(length))], "{}").into_response(),
        }
    }
}

fn json_of(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn spaces(length: usize) -> Bytes {
    Bytes::from(vec![b' '; length])
}
