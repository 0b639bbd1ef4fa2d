//! What the provider was asked.

use axum::http::HeaderMap;

/// Something that the provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Discovery,
    Keys,
    Token,
    Userinfo,
}

/// A question as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub endpoint: Endpoint,
    pub headers: HeaderMap,
    /// The fields of its form, where it had one.
    pub form: Vec<(String, String)>,
}

impl Asked {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are text"))
    }
}
