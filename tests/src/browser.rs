//! A browser, as far as sessions go: keeps cookies, follows nothing by itself.

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// Talks to one host through one edge.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
    edge: String,
    host: String,
    /// The cookies it holds, by name.
    pub cookies: BTreeMap<String, String>,
    headers: HeaderMap,
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
        let (client, cookies, headers) = (crate::edge::client(), BTreeMap::new(), HeaderMap::new());
        Self { client, edge: edge.to_owned(), host: host.to_owned(), cookies, headers }
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

    /// The same browser, as a person uses it: loads pages rather than data.
    #[must_use]
    pub fn navigating(self) -> Self {
        self.with_header("accept", "text/html").with_header("sec-fetch-mode", "navigate")
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
        if !self.cookies.is_empty() {
            request = request.header("cookie", self.cookie_header());
        }
        request
    }

    /// Its cookies as it sends them.
    pub fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Sends a request, and keeps the cookies that come back.
    pub async fn send(&mut self, method: Method, path: &str, body: String) -> Answer {
        let request = self.request(method, path).body(body);
        let response = request.send().await.expect("the edge answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = Answer { status, headers, body: response.text().await.expect("the answer is whole") };
        for line in answer.set_cookies() {
            self.keep(&line);
        }
        answer
    }

    /// Keeps the cookies of a session that the origin has just minted.
    pub fn keep_session(&mut self, minted: &Value) {
        for line in minted["set_cookie"].as_array().expect("lines to set") {
            self.keep(line.as_str().expect("a line is text"));
        }
    }

    /// Keeps a cookie, or drops it, as a `Set-Cookie` line says.
    pub fn keep(&mut self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a name");
        if attributes.split(';').any(|attribute| attribute.trim() == "Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Answer {
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
