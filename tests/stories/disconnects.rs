//! Clients that go away in the middle: whoever works for them notices, and nobody else does.

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::{StreamExt as _, stream};
use sealgate_tests::browser::Browser;
use sealgate_tests::raw;
use sealgate_tests::stack::{DEMO, Stack};
use sealgate_tests::steered::Steered;
use sealgate_tests::turnstile::Turnstile;
use sealgate_tests::wait::{until, within};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

async fn start() -> (Stack, Steered, Browser) {
    let application = Steered::start().await;
    let stack = Stack::start_with(|settings| settings["tenants"][0]["upstream"] = json!(application.address())).await;
    let (ada, _) = stack.signed_in("ada").await;
    (stack, application, ada)
}

async fn expect_alive(application: &mut Steered, ada: &Browser) {
    let mut ada = ada.clone();
    let (answer, ()) = tokio::join!(ada.get("/next"), async {
        application.next().await.answer("alive");
    });
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "alive"));
}

#[tokio::test]
async fn a_client_that_leaves_during_the_answer_is_not_written_to_for_ever() {
    let (stack, mut application, ada) = start().await;
    let (send, receive) = mpsc::channel::<Bytes>(1);
    let body =
        stream::unfold(receive, async |mut receive| Some((Ok::<_, std::io::Error>(receive.recv().await?), receive)));
    let mut client = raw::connect(stack.edge.address()).await;
    let request = format!("GET /down HTTP/1.1\r\nHost: {DEMO}\r\nCookie: {}\r\n\r\n", ada.cookie_header());
    client.write_all(request.as_bytes()).await.unwrap();
    application.next().await.answer(Response::new(Body::from_stream(Box::pin(body))));
    send.send(Bytes::from_static(b"first")).await.unwrap();
    let mut some = [0; 64];
    assert!(within("the answer to begin", client.read(&mut some)).await.unwrap() > 0);
    drop(client);
    let noticing = async { while send.send(Bytes::from(vec![0; 100_000])).await.is_ok() {} };
    within("the application to be told that nobody listens", noticing).await;
    expect_alive(&mut application, &ada).await;
}

#[tokio::test]
async fn a_client_that_leaves_during_its_request_breaks_that_request_off() {
    let (stack, mut application, ada) = start().await;
    for framing in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        let mut client = raw::connect(stack.edge.address()).await;
        let cookies = ada.cookie_header();
        let head = format!(
            "POST /up HTTP/1.1\r\nHost: {DEMO}\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookies}\r\n{framing}\r\n\r\n4\r\nbody\r\n"
        );
        client.write_all(head.as_bytes()).await.unwrap();
        let call = application.next().await;
        let mut body = call.body.into_data_stream();
        assert!(within("the body to begin", body.next()).await.unwrap().is_ok());
        drop(client);
        let end = async {
            loop {
                match body.next().await {
                    Some(Ok(_)) => {}
                    other => return other,
                }
            }
        };
        let end = within("the application to be told", end).await;
        assert!(matches!(end, Some(Err(_))), "half a body is not taken for a whole one");
        expect_alive(&mut application, &ada).await;
    }
}

#[tokio::test]
async fn of_twenty_cold_requests_the_first_goes_away_and_the_others_are_answered() {
    let mut turnstile = Turnstile::start().await;
    let stack = Stack::start_with(|settings| turnstile.stand_before(&mut settings["origin_private"])).await;
    let (ada, _) = stack.signed_in("ada").await;

    // The first one asks for the keyring, and the others wait for what it gets.
    let mut first = raw::connect(stack.edge.address()).await;
    let request = format!("GET /first HTTP/1.1\r\nHost: {DEMO}\r\nCookie: {}\r\n\r\n", ada.cookie_header());
    first.write_all(request.as_bytes()).await.unwrap();
    until("the first to ask the origin", async || (turnstile.arrived() == 1).then_some(())).await;
    let others: Vec<_> = (0..19)
        .map(|_| {
            let mut ada = ada.clone();
            tokio::spawn(async move { ada.get("/page").await.status })
        })
        .collect();
    // What needs no session comes through meanwhile, and those before it have been looked at by then.
    assert_eq!(stack.browser().get("/public").await.status, 200);
    // With a reset: a mere end of what is sent may be the client's way to say that it has asked.
    first.set_zero_linger().unwrap();
    drop(first);
    for _ in 0..20 {
        assert_eq!(stack.browser().get("/public").await.status, 200, "the edge has had time to see it go");
    }
    turnstile.open();
    for other in others {
        assert_eq!(other.await.unwrap(), 200, "{}", stack.edge.log());
    }
    assert!(turnstile.arrived() <= 1 + 20, "sharing saves questions: {}", turnstile.arrived());
}
