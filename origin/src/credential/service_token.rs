//! Service tokens: `sgt_<8 random bytes>_<32 random bytes>`, both in base64url.
//!
//! The first part finds the row, the second is compared with its hash. The prefix lets scanners for
//! leaked secrets recognise one.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealgate_shared::secret::Secret32;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::random::{self, NoRandomness};

const PREFIX: &str = "sgt_";
/// Characters of the public id: 8 bytes in base64url.
const ID_LENGTH: usize = 11;

/// A service token as its holder has it.
pub struct ServiceToken {
    public_id: String,
    secret: Secret32,
}

impl ServiceToken {
    /// Makes a new one.
    pub fn draw() -> Result<Self, NoRandomness> {
        let public_id = URL_SAFE_NO_PAD.encode(random::draw::<8>()?);
        Ok(Self { public_id, secret: random::draw_secret()? })
    }

    /// Reads one; `None` for anything that is not of the form.
    pub fn parse(text: &str) -> Option<Self> {
        let (public_id, secret) = text.strip_prefix(PREFIX)?.split_at_checked(ID_LENGTH)?;
        // base64url has underscores of its own: the place tells the separator, not the character.
        let secret = Secret32::from_base64url(secret.strip_prefix('_')?)?;
        let id_bytes = URL_SAFE_NO_PAD.decode(public_id).ok()?;
        (id_bytes.len() == 8).then(|| Self { public_id: public_id.to_owned(), secret })
    }

    /// Shows a public id as its token begins, so that the two can be matched by eye; it also keeps an id that
    /// begins with '-' from being taken for a flag.
    pub fn show_id(public_id: &str) -> String {
        format!("{PREFIX}{public_id}")
    }

    /// Reads a public id as [`ServiceToken::show_id`] writes it, or bare, or out of a whole token.
    pub fn read_id(text: &str) -> &str {
        let id = text.strip_prefix(PREFIX).unwrap_or(text);
        if Self::parse(text).is_some() { &id[..ID_LENGTH] } else { id }
    }

    /// The part that names it, which is no secret.
    pub fn public_id(&self) -> &str {
        &self.public_id
    }

    /// SHA-256 of the secret part: what the database keeps.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.expose()).into()
    }

    /// Whether `hash` is this token's, compared in constant time.
    pub fn has_hash(&self, hash: &[u8]) -> bool {
        self.hash().ct_eq(hash).into()
    }

    /// The whole token, for showing it once.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}_{}", self.public_id, self.secret.expose_base64url())
    }
}

impl fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceToken({}, redacted)", self.public_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_shows_nothing() {
        let token = ServiceToken::draw().unwrap();
        let text = token.expose();
        let read = ServiceToken::parse(&text).unwrap();
        assert_eq!(read.public_id(), token.public_id());
        assert!(read.has_hash(&token.hash()));
        assert!(!format!("{read:?}").contains(&text[16..]));
    }

    #[test]
    fn other_forms_are_refused() {
        let text = ServiceToken::draw().unwrap().expose();
        for wrong in
            ["", "sgt_", &text[1..], &text[..text.len() - 1], &format!("{text}A"), &text.replace("sgt_", "sgt-")]
        {
            assert!(ServiceToken::parse(wrong).is_none(), "{wrong}");
        }
        assert!(ServiceToken::parse("sgt_ÄÄÄÄÄÄÄÄÄÄÄ_").is_none());
    }

    #[test]
    fn another_secret_has_another_hash() {
        let (one, two) = (ServiceToken::draw().unwrap(), ServiceToken::draw().unwrap());
        assert!(!one.has_hash(&two.hash()));
        assert!(!one.has_hash(&one.hash()[..31]));
    }
}
