//! What is asked and what is not, over real connections.

mod certificates;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use openidconnect::HttpRequest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::addresses::judge;
use super::*;

fn production() -> OutboundSettings {
    OutboundSettings::default()
}

/// Plain HTTP to nobody but whom the production would ask.
fn plain() -> OutboundSettings {
    OutboundSettings { plain_http: true, ..production() }
}

fn development() -> OutboundSettings {
    OutboundSettings { any_address: true, ..plain() }
}

async fn ask(outbound: &Outbound, url: &str) -> Result<(u16, Vec<u8>), OutboundError> {
    let mut request = HttpRequest::new(Vec::new());
    *request.uri_mut() = url.parse().unwrap();
    outbound.send(request).await.map(|answer| (answer.status().as_u16(), answer.into_body()))
}

async fn refusal(outbound: &Outbound, url: &str) -> &'static str {
    ask(outbound, url).await.expect_err(url).label()
}

/// A server that does the same with every connection; its address, and how many came.
async fn serve<W: Future<Output = ()> + Send + 'static>(
    work: impl Fn(TcpStream) -> W + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(work(stream));
        }
    });
    (address, count)
}

/// A server that answers each request with these bytes, and hangs up.
async fn answer(bytes: impl Into<Vec<u8>>) -> (SocketAddr, Arc<AtomicUsize>) {
    let bytes: Arc<[u8]> = bytes.into().into();
    serve(move |mut stream| {
        let bytes = Arc::clone(&bytes);
        async move {
            read_request(&mut stream).await;
            // Whoever has read enough hangs up.
            drop(stream.write_all(&bytes).await);
        }
    })
    .await
}

async fn read_request(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        seen.push(stream.read_u8().await.unwrap());
    }
}

#[test]
fn addresses_that_are_nobodys_on_the_internet_are_not_asked() {
    for forbidden in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2002:0a00:0001::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        let address: IpAddr = forbidden.parse().unwrap();
        assert!(judge(address, &production()).is_err(), "{forbidden}");
        assert!(judge(address, &development()).is_ok(), "{forbidden} in development");
    }
    for allowed in [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "198.17.255.255",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "::ffff:8.8.8.8",
    ] {
        assert_eq!(judge(allowed.parse().unwrap(), &production()), Ok(()), "{allowed}");
    }
}

#[test]
fn networks_on_the_premises_may_be_allowed_and_no_others_with_them() {
    let settings = OutboundSettings { allowed_networks: vec!["10.1.0.0/16".parse().unwrap()], ..production() };
    for (address, allowed) in [("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("10.2.0.1", false), ("127.0.0.1", false)]
    {
        assert_eq!(judge(address.parse().unwrap(), &settings).is_ok(), allowed, "{address}");
    }
}

#[tokio::test]
async fn addresses_in_the_url_are_judged_however_they_are_written() {
    let outbound = Outbound::new(plain());
    let (address, count) = answer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let port = address.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "[64:ff9b::7f00:1]",
    ] {
        let url = url::Url::parse(&format!("http://{host}:{port}/")).unwrap();
        assert_eq!(outbound.check_url(&url).unwrap_err().label(), "forbidden_address", "{host}");
        if let Ok(uri) = url.as_str().parse() {
            let mut request = HttpRequest::new(Vec::new());
            *request.uri_mut() = uri;
            assert_eq!(outbound.send(request).await.unwrap_err().label(), "forbidden_address", "{host}");
        }
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "nobody was asked");
}

#[tokio::test]
async fn names_are_judged_by_what_they_resolve_to() {
    let (address, count) = answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
    let port = address.port();
    let names: &[(&str, &[&str])] = &[
        ("inside.example", &["127.0.0.1"]),
        ("metadata.example", &["169.254.169.254"]),
        ("clothed.example", &["::ffff:127.0.0.1"]),
        ("several.example", &["10.0.0.1", "::1", "127.0.0.1"]),
        ("nothing.example", &[]),
    ];
    let outbound = Outbound::invent(plain(), names, None);
    for name in ["inside", "metadata", "clothed", "several"] {
        assert_eq!(refusal(&outbound, &format!("http://{name}.example:{port}/")).await, "forbidden_address", "{name}");
    }
    // The system's own resolver.
    assert_eq!(refusal(&outbound, &format!("http://localhost:{port}/")).await, "forbidden_address");
    assert_eq!(refusal(&outbound, &format!("http://nothing.example:{port}/")).await, "unknown_name");
    assert_eq!(count.load(Ordering::SeqCst), 0, "nobody was asked");

    // Of several addresses those alone are asked that may be.
    let settings = OutboundSettings { allowed_networks: vec!["127.0.0.1".parse().unwrap()], ..plain() };
    let outbound = Outbound::invent(settings, &[("both.example", &["::1", "10.0.0.1", "127.0.0.1"])], None);
    assert_eq!(ask(&outbound, &format!("http://both.example:{port}/")).await.unwrap(), (200, b"hi".to_vec()));
}

#[tokio::test]
async fn nothing_but_https_is_asked_in_production() {
    let outbound = Outbound::new(production());
    for (url, label) in [
        ("http://login.example/", "scheme"),
        ("ftp://login.example/", "scheme"),
        ("https://me@login.example/", "credentials_in_url"),
        ("https://:word@login.example/", "credentials_in_url"),
    ] {
        assert_eq!(outbound.check_url(&url::Url::parse(url).unwrap()).unwrap_err().label(), label, "{url}");
    }
    assert_eq!(refusal(&outbound, "http://login.example/").await, "scheme");
    assert_eq!(refusal(&outbound, "https://192.168.0.1/").await, "forbidden_address");
}

#[tokio::test]
async fn nothing_sends_us_elsewhere() {
    let (elsewhere, count) = answer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let outbound = Outbound::new(development());
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let redirect = format!("HTTP/1.1 {status}\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
        let (address, _) = answer(redirect).await;
        let (answered, _) = ask(&outbound, &format!("http://{address}/")).await.unwrap();
        assert_eq!(answered.to_string(), status[..3]);
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "nobody went there");
}

#[tokio::test]
async fn an_answer_is_read_so_far_and_no_farther() {
    let outbound = Outbound::new(development());
    for (length, fits) in [(MAX_ANSWER, true), (MAX_ANSWER + 1, false)] {
        let body = "a".repeat(length);
        let said = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        let unsaid = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
        let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
        for bytes in [said, unsaid, chunked] {
            let (address, _) = answer(bytes).await;
            let answered = ask(&outbound, &format!("http://{address}/")).await;
            match answered {
                Ok((_, body)) => assert!(fits && body.len() == length),
                Err(error) => assert!(!fits && error.label() == "too_large", "{error}"),
            }
        }
    }
    // What never ends is not waited for.
    let (address, _) = serve(|mut stream| async move {
        read_request(&mut stream).await;
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await);
        while stream.write_all(&[b'a'; 4_096]).await.is_ok() {}
    })
    .await;
    assert_eq!(refusal(&outbound, &format!("http://{address}/")).await, "too_large");
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let settings = OutboundSettings { total_timeout: Duration::from_millis(100), ..development() };
    let outbound = Outbound::new(settings);
    let (silent, _) = serve(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    assert_eq!(refusal(&outbound, &format!("http://{silent}/")).await, "timeout");
    let (slow, _) = serve(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(refusal(&outbound, &format!("http://{slow}/")).await, "timeout");
}

#[tokio::test]
async fn what_is_wrong_is_told_in_words() {
    let outbound = Outbound::new(development());
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(refusal(&outbound, &format!("http://{gone}/")).await, "connection_refused");
    for broken in ["", "SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let (address, _) = answer(broken).await;
        assert_eq!(refusal(&outbound, &format!("http://{address}/")).await, "broken", "{broken:?}");
    }
    // The query of an address may hold what is nobody else's business.
    let error = ask(&outbound, &format!("http://{gone}/?code=hunter2")).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn a_request_goes_as_it_is_and_names_us() {
    let (address, _) = serve(|mut stream| async move {
        let mut seen = vec![0; 4_096];
        let length = stream.read(&mut seen).await.unwrap();
        let answer = [b"HTTP/1.1 418 Teapot\r\nx-there: yes\r\nconnection: close\r\n\r\n", &seen[..length]].concat();
        stream.write_all(&answer).await.unwrap();
    })
    .await;
    let outbound = Outbound::new(development());
    let mut request = HttpRequest::new(b"grant_type=none".to_vec());
    *request.method_mut() = axum::http::Method::POST;
    *request.uri_mut() = format!("http://{address}/token?a=b").parse().unwrap();
    request.headers_mut().insert("x-here", "yes".parse().unwrap());
    let answer = outbound.send(request).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["x-there"]), (418, &"yes".parse().unwrap()));
    let seen = String::from_utf8(answer.into_body()).unwrap();
    assert!(seen.starts_with("POST /token?a=b HTTP/1.1\r\n") && seen.ends_with("\r\n\r\ngrant_type=none"), "{seen}");
    assert!(seen.contains("x-here: yes\r\n") && seen.contains("user-agent: sealgate/"), "{seen}");
    assert!(!seen.contains("accept-encoding"), "what comes is not unpacked: {seen}");
}
