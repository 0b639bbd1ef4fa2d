//! Base64url without padding (RFC 4648 §5), one spelling only: non-zero trailing bits, padding and
//! foreign characters are refused.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn encode_to(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes text that must stand for exactly `N` bytes, without allocating.
pub(crate) fn decode_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    // The decoder wants room for its estimate, which is up to two bytes above the truth.
    let mut buffer = [0_u8; 36];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut buffer).ok()?;
    buffer.get(..length)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_one_spelling() {
        // 32 zero bytes end in a character that carries four data bits and two unused ones.
        let canonical = encode(&[0; 32]);
        assert_eq!(decode_exact::<32>(&canonical), Some([0; 32]));
        for last in ["B", "C", "D"] {
            let spelling = alloc::format!("{}{last}", canonical.strip_suffix('A').unwrap());
            assert_eq!(decode_exact::<32>(&spelling), None, "{spelling}");
            assert_eq!(decode(&spelling), None, "{spelling}");
        }
        assert_eq!(decode("AA=="), None);
        assert_eq!(decode("+/"), None);
        assert_eq!(decode("A A"), None);
    }

    #[test]
    fn exact_means_exact() {
        for wrong in [0, 7, 9, 16, 32, 33, 34, 35, 36, 37, 64] {
            assert_eq!(decode_exact::<8>(&encode(&alloc::vec![1; wrong])), None, "{wrong} bytes");
        }
        assert_eq!(decode_exact::<32>(&encode(&[7; 32])), Some([7; 32]));
    }
}
