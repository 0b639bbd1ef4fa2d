//! Large bodies, up and down.

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use sealgate_tests::edge::Edge;
use sealgate_tests::scale;
use sealgate_tests::stack::Stack;
use sealgate_tests::steered::Steered;
use serde_json::json;

const PIECE: usize = 64 * 1_024;

/// How much more memory, in kB, the edge may hold while a body passes than before: what a runtime buffers and what
/// its collector has not come to yet, and far less than the body.
const SLACK_KB: u64 = 50_000;

fn pieces() -> usize {
    scale::count(10, 100) * 1_000_000 / PIECE
}

fn pour(pieces: usize) -> impl stream::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    stream::iter((0..pieces).map(|number| Ok(Bytes::from(vec![number.to_le_bytes()[0]; PIECE]))))
}

/// Counts the bytes that come, and looks now and then how much memory the edge holds meanwhile.
async fn drain<E: std::fmt::Debug>(
    mut body: impl stream::Stream<Item = Result<Bytes, E>> + Unpin,
    edge: &Edge,
) -> (usize, u64) {
    let (mut bytes, mut most_kb, mut looked_at) = (0, 0, 0);
    while let Some(piece) = body.next().await {
        bytes += piece.expect("the body is whole").len();
        if bytes - looked_at > 1_000_000 {
            looked_at = bytes;
            most_kb = most_kb.max(edge.memory_kb());
        }
    }
    (bytes, most_kb)
}

#[tokio::test]
async fn a_large_body_passes_in_both_directions_without_being_kept() {
    let mut application = Steered::start().await;
    let stack = Stack::start_with(|settings| settings["tenants"][0]["upstream"] = json!(application.address())).await;
    let (ada, _) = stack.signed_in("ada").await;
    let all = pieces() * PIECE;
    for round in ["the first", "a second"] {
        let before = stack.edge.memory_kb();
        let upload = ada.request(Method::POST, "/up").body(reqwest::Body::wrap_stream(pour(pieces())));
        let (got, (bytes, most_kb)) = tokio::join!(upload.send(), async {
            let mut call = application.next().await;
            let body = std::mem::replace(&mut call.body, Body::empty());
            let drained = drain(body.into_data_stream(), &stack.edge).await;
            call.answer(Response::new(Body::from(drained.0.to_string())));
            drained
        });
        assert_eq!((bytes, got.unwrap().text().await.unwrap()), (all, all.to_string()));
        println!("{round} time up: {all} bytes, memory before {before} kB, at most {most_kb} kB");
        assert!(most_kb < before + SLACK_KB, "{round} time up: from {before} kB to {most_kb} kB");

        let before = stack.edge.memory_kb();
        let (got, ()) = tokio::join!(ada.request(Method::GET, "/down").send(), async {
            application.next().await.answer(Response::new(Body::from_stream(pour(pieces()))));
        });
        let (bytes, most_kb) = drain(got.unwrap().bytes_stream(), &stack.edge).await;
        assert_eq!(bytes, all);
        println!("{round} time down: {all} bytes, memory before {before} kB, at most {most_kb} kB");
        assert!(most_kb < before + SLACK_KB, "{round} time down: from {before} kB to {most_kb} kB");
    }
}
