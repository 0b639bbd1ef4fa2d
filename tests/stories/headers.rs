//! What else is in a request's head: names and values that some server takes for ours, headers about the
//! connection, too many and too strange ones. The requests are sent byte by byte and kept byte by byte.

use sealgate_tests::raw::{self, Message};
use sealgate_tests::recorder::Recorder;
use sealgate_tests::stack::Stack;
use serde_json::json;

struct World {
    stack: Stack,
    application: Recorder,
    /// A `Cookie` header that signs `ada` in.
    ada: String,
}

impl World {
    async fn start() -> Self {
        let application = Recorder::start().await;
        let stack =
            Stack::start_with(|settings| settings["tenants"][0]["upstream"] = json!(application.address())).await;
        let (ada, _) = stack.signed_in("ada").await;
        let ada = format!("Cookie: __Host-sg={}", ada.cookies["__Host-sg"]);
        Self { stack, application, ada }
    }

    /// Sends a request with these lines in its head, and says how it was answered and what arrived.
    async fn ask(&self, path: &str, lines: &[&str]) -> (u16, Option<Message>) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: demo.test\r\n{}\r\n\r\n", lines.join("\r\n"));
        let answer = raw::exchange(self.stack.edge.address(), &raw::bytes(&request)).await;
        let mut arrived = self.application.take();
        assert!(arrived.len() <= 1, "{arrived:?}");
        (answer.status(), arrived.pop())
    }

    /// The same, for a request that must arrive.
    async fn arrived(&self, path: &str, lines: &[&str]) -> Message {
        let (status, arrived) = self.ask(path, lines).await;
        assert_eq!(status, 200, "{lines:?}");
        arrived.unwrap_or_else(|| panic!("{lines:?} did not arrive"))
    }
}

#[tokio::test]
async fn naming_our_headers_as_those_of_the_connection_takes_none_of_them_away() {
    let world = World::start().await;
    let all = "x-sealgate-actor-id, x-sealgate-session, x-forwarded-host, cookie, x-sealgate-tenant";
    for connection in [
        format!("Connection: {all}"),
        format!("Connection: close, {all}"),
        format!("Connection: keep-alive, {all}"),
        format!("Connection: Upgrade, {all}\r\nUpgrade: h2c"),
        format!("Connection: x-sealgate-actor-id\r\nConnection: {all}"),
        format!("Keep-Alive: {all}\r\nProxy-Connection: {all}"),
        format!("Trailer: {all}\r\nTE: trailers"),
    ] {
        let arrived = world.arrived("/page", &[&connection, &format!("{}; theme=dark", world.ada)]).await;
        assert_eq!(arrived.all("x-sealgate-actor-id"), ["ada"], "{connection}");
        assert_eq!(arrived.all("x-sealgate-tenant"), ["demo"], "{connection}");
        assert_eq!(arrived.all("x-sealgate-session").len(), 1, "{connection}");
        assert_eq!(arrived.all("x-forwarded-host"), ["demo.test"], "{connection}");
        assert_eq!(arrived.all("cookie"), ["theme=dark"], "{connection}");
        let named = arrived.all("connection").join(",") + &arrived.all("upgrade").join(",");
        assert!(named.is_empty(), "what is about one connection stops there: {named}");
    }
}

#[tokio::test]
async fn names_that_some_server_takes_for_ours_do_not_arrive() {
    let world = World::start().await;
    let mut lines = vec![world.ada.clone()];
    for separator in "-_.!#$%&'*+^`|~".chars() {
        for (first, second) in [(separator, '-'), ('-', separator), (separator, separator)] {
            lines.push(format!("X{first}Sealgate{second}Actor{first}Id: root"));
            lines.push(format!("x{first}forwarded{second}host: evil.test"));
            lines.push(format!("X{first}FORWARDED{second}PROTO: evil"));
        }
    }
    for path in ["/page", "/public"] {
        let arrived = world.arrived(path, &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let evil = arrived.headers.iter().filter(|(_, value)| value.contains("root") || value.contains("evil"));
        assert_eq!(evil.collect::<Vec<_>>(), Vec::<&(String, String)>::new());
        assert_eq!(arrived.all("x-forwarded-host"), ["demo.test"]);
    }
}

#[tokio::test]
async fn heads_that_can_be_read_in_two_ways_are_refused_by_the_runtime() {
    let world = World::start().await;
    for line in [
        "X-Sealgate-Actor-Id : root",
        "X-Sealgate-Actor-Id\t: root",
        " X-Sealgate-Actor-Id: root",
        "X-A: a\r\n X-Sealgate-Actor-Id: root",
        "X-A: a\r\n\tb",
        "X-A: a\rX-Sealgate-Actor-Id: root",
        "X-A: a\0b",
        "X-A\0: a",
        ": root",
        "root",
        "X A: a",
        "X-\u{e9}: a",
        "X-Sealgate-Actor-Id\u{a0}: root",
    ] {
        assert_eq!(world.ask("/page", &[&world.ada, line]).await, (400, None), "{line:?}");
    }
    // A line may end without a carriage return (RFC 9112 §2.2): then what follows is a header of its own, and ours.
    let arrived = world.arrived("/page", &[&world.ada, "X-A: a\nX-Sealgate-Actor-Id: root"]).await;
    assert_eq!((arrived.all("x-a"), arrived.all("x-sealgate-actor-id")), (vec!["a"], vec!["ada"]));
}

#[tokio::test]
async fn headers_of_others_arrive_as_they_were_sent() {
    let world = World::start().await;
    let arrived = world
        .arrived(
            "/page",
            &[
                &world.ada,
                "X-Latin: caf\u{e9}",
                "X-Utf-8: \u{c3}\u{a9}",
                "X-Blank:\t a  b \t",
                "X-Empty:",
                "X-A: 1",
                "x-a: 2",
            ],
        )
        .await;
    for (name, values) in
        [("x-latin", ["caf\u{e9}"]), ("x-utf-8", ["\u{c3}\u{a9}"]), ("x-blank", ["a  b"]), ("x-empty", [""])]
    {
        assert_eq!(arrived.all(name), values, "{name}");
    }
    assert_eq!(arrived.all("x-a"), ["1", "2"]);

    let many: Vec<String> = (0..200).map(|number| format!("X-Header-{number}: {number}")).collect();
    let lines: Vec<&str> = many.iter().map(String::as_str).chain([world.ada.as_str()]).collect();
    let arrived = world.arrived("/page", &lines).await;
    for number in 0..200 {
        assert_eq!(arrived.all(&format!("x-header-{number}")), [number.to_string()]);
    }
    assert_eq!(arrived.all("x-sealgate-actor-id"), ["ada"]);
}

#[tokio::test]
async fn several_cookie_lines_let_nobody_in_and_leak_nothing() {
    let world = World::start().await;
    let ada = world.ada.as_str();
    for lines in [
        vec!["Cookie: a=1", ada, "Cookie: b=2"],
        vec![ada, "Cookie: a=1; b=2"],
        vec!["Cookie: a=1; b=2", ada],
        vec!["Cookie: a=1", "cookie: b=2", ada, ada],
        vec!["Cookie: a=1; b=2", "Cookie: __Host-sg_csrf=x", "COOKIE: __Host-sg=x", "Cookie: __Host-sg_refresh=x"],
    ] {
        // HTTP/1.1 has one line (RFC 6265bis §5.8.3), and of several the edge cannot tell where each began.
        assert_eq!(world.ask("/page", &lines).await, (401, None), "{lines:?}");
        let arrived = world.arrived("/public", &lines).await;
        assert_eq!(arrived.all("cookie"), ["a=1; b=2"], "{lines:?}");
    }
    // What anybody who may set a cookie can write into its value is no cookie of ours.
    let token = ada.strip_prefix("Cookie: ").unwrap();
    assert_eq!(world.ask("/page", &[&format!("Cookie: planted=1, {token}")]).await, (401, None));
    assert_eq!(world.ask("/auth/session", &[&format!("Cookie: planted=1, {token}")]).await, (401, None));
}

#[tokio::test]
async fn cookies_of_others_keep_their_bytes_if_those_are_utf_8() {
    let world = World::start().await;
    let others = "a=\u{c3}\u{a9}; b=\"1, 2\"; c==; d; =e; f=\u{f0}\u{9f}\u{98}\u{80}";
    for path in ["/page", "/public"] {
        let arrived = world.arrived(path, &[&format!("{}; {others}", world.ada)]).await;
        assert_eq!(arrived.all("cookie"), [others], "{path}");
    }
    // The runtime gives a header as text, so of what is no text a mark remains.
    let arrived = world.arrived("/page", &[&format!("{}; a=caf\u{e9}; b=1", world.ada)]).await;
    assert_eq!(arrived.all("cookie"), ["a=caf\u{ef}\u{bf}\u{bd}; b=1"]);
}
