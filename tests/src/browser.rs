//! A browser, as far as sessions go: keeps cookies, says where its requests come from, follows nothing by itself.

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use sealgate_origin::clock::MovableClock;
use serde_json::Value;

use crate::jar::{Jar, Told};

/// Where a request comes from (W3C Fetch Metadata). Browsers say so with each, unless they are old.
const SITE: &str = "sec-fetch-site";

/// Talks to one host through one edge.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
    edge: String,
    host: String,
    /// The cookies it holds, by name.
    pub cookies: BTreeMap<String, String>,
    jar: Jar,
    /// Sent before its own: what a parent domain or a script has planted.
    planted: Vec<(String, String)>,
    headers: HeaderMap,
    tells_site: bool,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    /// A browser without cookies, which reaches `host` at the address of `edge`.
    pub fn new(edge: &str, host: &str) -> Self {
        Self {
            client: crate::edge::client(),
            edge: edge.to_owned(),
            host: host.to_owned(),
            cookies: BTreeMap::new(),
            jar: Jar::default(),
            planted: Vec::new(),
            headers: HeaderMap::new(),
            tells_site: true,
        }
    }

    /// The same browser with all it holds, which reaches its host at another address.
    #[must_use]
    pub fn at(mut self, edge: &str) -> Self {
        edge.clone_into(&mut self.edge);
        self
    }

    /// The same browser, sending another header with every request. A name may be given several times.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        self
    }

    /// The same browser with one cookie more.
    #[must_use]
    pub fn with_cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same browser without a cookie.
    #[must_use]
    pub fn without_cookie(mut self, name: &str) -> Self {
        self.cookies.remove(name);
        self
    }

    /// The same browser, which sends a cookie that was planted in it, before its own, whatever becomes of those.
    #[must_use]
    pub fn with_planted(mut self, name: &str, value: &str) -> Self {
        self.planted.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same browser, as a person uses it: loads pages rather than data.
    #[must_use]
    pub fn navigating(self) -> Self {
        self.with_header("accept", "text/html").with_header("sec-fetch-mode", "navigate").with_header(SITE, "none")
    }

    /// The same browser, from before browsers said where a request comes from.
    #[must_use]
    pub fn without_fetch_metadata(mut self) -> Self {
        self.tells_site = false;
        self
    }

    /// The same browser, in which cookies end by this clock, put wrong by so many milliseconds.
    #[must_use]
    pub fn going_by(mut self, clock: MovableClock, ahead_ms: i64) -> Self {
        self.jar.go_by(clock, ahead_ms);
        self
    }

    /// Closes the browser and opens it again: cookies that were for this time only are gone.
    pub fn restart(&mut self) {
        self.cookies.retain(|name, _| self.jar.outlives(name));
    }

    /// Gets a path.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new()).await
    }

    /// Posts a body to a path.
    pub async fn post(&mut self, path: &str, body: impl Into<String>) -> Answer {
        self.send(Method::POST, path, body.into()).await
    }

    /// A request with its cookies and headers, for whoever does not want the answer in one piece.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.edge)).headers(self.headers.clone());
        request = request.header("host", &self.host);
        if self.tells_site && !self.headers.contains_key(SITE) {
            request = request.header(SITE, "same-origin");
        }
        let cookies = self.cookie_header();
        if cookies.is_empty() { request } else { request.header("cookie", cookies) }
    }

    /// Its cookies as it sends them.
    pub fn cookie_header(&self) -> String {
        let planted = self.planted.iter().map(|(name, value)| (name, value));
        let own = self.cookies.iter().filter(|(name, _)| !self.jar.is_over(name));
        let pairs: Vec<String> = planted.chain(own).map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Sends a request, and keeps the cookies that come back.
    pub async fn send(&mut self, method: Method, path: &str, body: String) -> Answer {
        let request = self.request(method, path).body(body);
        let response = request.send().await.expect("the edge answers");
        self.keep_all(response.headers());
        Answer::read(response).await
    }

    /// Keeps the cookies of an answer.
    pub fn keep_all(&mut self, headers: &HeaderMap) {
        for line in headers.get_all("set-cookie") {
            self.keep(line.to_str().unwrap());
        }
    }

    /// Keeps the cookies of a session that the origin has just minted.
    pub fn keep_session(&mut self, minted: &Value) {
        for line in minted["set_cookie"].as_array().expect("lines to set") {
            self.keep(line.as_str().expect("a line is text"));
        }
    }

    /// Keeps a cookie, or drops it, as a `Set-Cookie` line says.
    pub fn keep(&mut self, line: &str) {
        match self.jar.read(line) {
            Told::Drop { name } => _ = self.cookies.remove(name),
            Told::Keep { name, value } => _ = self.cookies.insert(name.to_owned(), value.to_owned()),
        }
    }
}

impl Answer {
    /// Reads an answer to its end.
    pub async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.text().await.expect("the answer is whole") }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of a problem document.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let document = self.json();
        assert_eq!(document["status"], self.status.as_u16(), "{self:?}");
        document["code"].as_str().expect("a problem has a code").to_owned()
    }

    /// A header that comes once.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The `Set-Cookie` lines.
    pub fn set_cookies(&self) -> Vec<String> {
        self.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    /// A header of the request as it reached the application.
    pub fn seen(&self, name: &str) -> Option<String> {
        self.seen_all(name).pop()
    }

    /// All values of a header of the request as it reached the application.
    pub fn seen_all(&self, name: &str) -> Vec<String> {
        let seen = self.json();
        let headers = seen["headers"].as_array().unwrap_or_else(|| panic!("not the application's answer: {self:?}"));
        let named = headers.iter().filter(|header| header[0] == name);
        named.map(|header| header[1].as_str().unwrap().to_owned()).collect()
    }
}
