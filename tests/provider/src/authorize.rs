//! Somebody signs in at the provider: what it makes of the authorization request, without a browser.

use std::collections::HashMap;

use url::Url;
use url::form_urlencoded::Serializer;

use crate::provider::CLIENT_ID;

/// What a code was given out for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) nonce: String,
    pub(crate) challenge: String,
    pub(crate) redirect_uri: String,
}

/// Where the browser is sent back to.
#[derive(Clone, Debug)]
pub struct Return {
    /// The whole address of the callback, without a query.
    pub address: String,
    parameters: Vec<(String, String)>,
}

impl Return {
    pub(crate) fn new(grant: &Grant, state: &str) -> Self {
        Self { address: grant.redirect_uri.clone(), parameters: Vec::new() }.with("state", state)
    }

    /// With this parameter, in the place of what has its name.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut without = self.without(name);
        without.parameters.push((name.to_owned(), value.to_owned()));
        without
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self
    }

    /// With this parameter besides another of its name.
    #[must_use]
    pub fn with_another(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The path and query to ask for.
    pub fn target(&self) -> String {
        let address = Url::parse(&self.address).expect("the callback is an address");
        format!("{}?{}", address.path(), self.query())
    }

    /// The whole address.
    pub fn url(&self) -> String {
        format!("{}?{}", self.address, self.query())
    }

    fn query(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.parameters).finish()
    }
}

/// Reads an authorization request as a provider does, which refuses one that is not as it must be. Answers the grant
/// and the state.
pub(crate) fn read(request: &str, expected: &str) -> (Grant, String) {
    let url = Url::parse(request).expect("an authorization request is an address");
    let mut bare = url.clone();
    bare.set_query(None);
    assert_eq!(bare.as_str(), expected, "it goes to the authorization endpoint");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let parameters: HashMap<String, String> = pairs.iter().cloned().collect();
    assert_eq!(pairs.len(), parameters.len(), "no parameter twice: {request}");
    let get = |name: &str| parameters.get(name).unwrap_or_else(|| panic!("{name} is missing in {request}")).clone();
    assert_eq!(get("response_type"), "code");
    assert_eq!(get("client_id"), CLIENT_ID);
    assert_eq!(get("code_challenge_method"), "S256");
    assert_eq!(get("code_challenge").len(), 43, "a SHA-256 in base64url");
    assert!(get("scope").split(' ').any(|scope| scope == "openid"), "{}", get("scope"));
    assert!(parameters.get("response_mode").is_none_or(|mode| mode == "query"), "{request}");
    let grant = Grant { nonce: get("nonce"), challenge: get("code_challenge"), redirect_uri: get("redirect_uri") };
    (grant, get("state"))
}
