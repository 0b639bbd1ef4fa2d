//! Secrets are a type of their own: they print nothing, are compared in constant time, and are wiped
//! when dropped.

use alloc::string::String;
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::base64url;

/// 32 secret bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret32([u8; 32]);

impl Secret32 {
    /// Takes the bytes over; wiping the original is the caller's part.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 43 characters of unpadded base64url (RFC 4648 §5); `None` for anything else.
    pub fn from_base64url(text: &str) -> Option<Self> {
        base64url::decode_exact(text).map(Self)
    }

    /// Writes the secret as 43 characters of unpadded base64url. The result is as secret as the bytes,
    /// and no longer protected.
    pub fn expose_base64url(&self) -> String {
        base64url::encode(&self.0)
    }

    /// The bytes, for handing to a cipher or a MAC.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Secret32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret32(redacted)")
    }
}

/// Takes the same time wherever the two differ.
impl PartialEq for Secret32 {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret32 {}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn prints_nothing_of_itself() {
        let secret = Secret32::new([0xAB; 32]);
        for shown in [format!("{secret:?}"), format!("{secret:#?}"), format!("{:?}", Some(&secret))] {
            assert!(shown.contains("redacted"), "{shown}");
            assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab, "), "{shown}");
        }
    }

    #[test]
    fn equal_only_when_every_bit_is() {
        let secret = Secret32::new([7; 32]);
        assert_eq!(secret, Secret32::new([7; 32]));
        for byte in 0..32 {
            for bit in 0..8 {
                let mut other = [7; 32];
                other[byte] ^= 1 << bit;
                assert_ne!(secret, Secret32::new(other));
            }
        }
    }

    #[test]
    fn text_goes_there_and_back() {
        let secret = Secret32::new([0x5C; 32]);
        let text = secret.expose_base64url();
        assert_eq!(text.len(), 43);
        assert_eq!(Secret32::from_base64url(&text), Some(secret));
        assert_eq!(Secret32::from_base64url(text.strip_prefix("XF").unwrap()), None);
    }
}
