//! What somebody sends when their token happens to expire is not lost.

use futures_util::stream;
use reqwest::{Body, Method};
use sealgate_tests::scale;
use sealgate_tests::steered::Steered;
use sha2::{Digest as _, Sha256};

use super::{ACCESS, REFRESH, World};

const PIECE: usize = 60_000;

fn pieces(number: usize) -> Vec<Vec<u8>> {
    let byte = |at: usize| (at * 31 % 251).to_le_bytes()[0];
    (0..number).map(|piece| (0..PIECE).map(|at| byte(piece * PIECE + at)).collect()).collect()
}

#[tokio::test]
async fn a_body_arrives_whole_over_a_refresh() {
    let mut application = Steered::start().await;
    let world = World::start_before(application.address()).await;
    let (mut ada, session) = world.signed_in("ada").await;
    // The relay before the edge would put it together.
    ada = ada.at(world.stack.edge.address());
    for size in [0, 1, scale::count(20, 200)] {
        let body = pieces(size);
        let expected = Sha256::digest(body.concat());
        for chunked in [false, true] {
            world.expire().await;
            let whole = body.concat();
            let body = if chunked {
                Body::wrap_stream(stream::iter(body.clone().into_iter().map(Ok::<_, std::io::Error>)))
            } else {
                Body::from(whole.clone())
            };
            let before = ada.cookies[ACCESS].clone();
            let (answer, hash) = tokio::join!(ada.request(Method::POST, "/up").body(body).send(), async {
                let mut call = application.next().await;
                assert_eq!(call.header("x-sealgate-session"), session["id"].as_str());
                let length = call.header("content-length").map(str::to_owned);
                if !chunked {
                    assert_eq!(length, Some(whole.len().to_string()));
                }
                let body = std::mem::replace(&mut call.body, axum::body::Body::empty());
                let arrived = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                call.answer("got it");
                Sha256::digest(arrived)
            });
            let answer = answer.unwrap();
            assert_eq!((answer.status().as_u16(), hash), (200, expected), "{size} pieces, chunked: {chunked}");
            ada.keep_all(answer.headers());
            assert_ne!(ada.cookies[ACCESS], before, "it was refreshed");
        }
    }
    assert_eq!(super::generation(&ada.cookies[REFRESH]), 6);
}
