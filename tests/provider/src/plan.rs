//! What the provider does other than usual.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::asked::Endpoint;
use crate::draft::Draft;
use crate::key::{Algorithm, Key};
use crate::reply::Reply;

type Forge = Arc<dyn Fn(&Draft) -> String + Send + Sync>;

/// The usual thing, until a test changes a field. Objects go over the usual ones: a member that is null is left out.
#[derive(Clone)]
pub struct Plan {
    /// Over the discovery document.
    pub discovery: Value,
    /// The keys that are published.
    pub published: Vec<Key>,
    /// Published in their place: the whole document.
    pub key_set: Option<Value>,
    /// The key that signs.
    pub key: Key,
    /// How, where it is not usual for that key.
    pub algorithm: Option<Algorithm>,
    /// Over the header of the ID token.
    pub header: Value,
    /// Over the claims of the ID token.
    pub claims: Value,
    /// Over what the token endpoint answers.
    pub token: Value,
    /// Over what the userinfo endpoint answers.
    pub userinfo: Value,
    /// Whether it names itself when it sends a browser back (RFC 9207), and says that it does.
    pub names_itself: bool,
    /// Whether clients must show their secret.
    pub wants_secret: bool,
    /// Answers in the place of all this.
    pub replies: HashMap<Endpoint, Reply>,
    pub(crate) forge: Option<Forge>,
}

impl Plan {
    /// Signs ID tokens in a way of the test's own.
    pub fn forge(&mut self, forge: impl Fn(&Draft) -> String + Send + Sync + 'static) {
        self.forge = Some(Arc::new(forge));
    }

    /// That endpoint answers this from now on.
    pub fn reply(&mut self, endpoint: Endpoint, reply: Reply) {
        self.replies.insert(endpoint, reply);
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(self.key.usual_algorithm())
    }

    pub(crate) fn key_set(&self) -> Value {
        let usual = || json!({ "keys": self.published.iter().map(|key| key.jwk()).collect::<Vec<_>>() });
        self.key_set.clone().unwrap_or_else(usual)
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            discovery: json!({}),
            published: vec![Key::Rsa],
            key_set: None,
            key: Key::Rsa,
            algorithm: None,
            header: json!({}),
            claims: json!({}),
            token: json!({}),
            userinfo: json!({}),
            names_itself: true,
            wants_secret: true,
            replies: HashMap::new(),
            forge: None,
        }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("claims", &self.claims).field("replies", &self.replies).finish_non_exhaustive()
    }
}
