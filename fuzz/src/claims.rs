//! Claims under a MAC that holds: as the origin might make them, had it a bug.

use sealgate_shared::id::KeyId;
use sealgate_shared::key::{Purpose, SigningKey};
use sealgate_shared::keyring::Keyring;
use sealgate_shared::reject::Reject;
use sealgate_shared::secret::Secret32;
use sealgate_shared::token::{MAX_LENGTH, Sealed, TokenKind};

use crate::reference;
use crate::world::{demo, kid, sign};

/// The crate reads from the bytes what the reference reads, or refuses where that refuses; and what was read
/// is sealed to the very same token again.
pub fn check(bytes: &[u8]) {
    let expected = reference::decode_claims(bytes);
    // A key of the tenant that the claims name, so that nothing but their form is looked at.
    let tenant = expected.as_ref().map_or_else(demo, |claims| claims.tenant.clone());
    let key = SigningKey::new(KeyId::new([1; 8]), tenant.clone(), Secret32::new([1; 32]));
    let ring = Keyring::new(1, u64::MAX, &[key.publish()]).unwrap();
    let signed = format!("v1.{}.{}", kid(&key), reference::encode_base64url(bytes));
    let token = sign(&key, Purpose::Access, &signed);

    let read = Sealed::parse(&token).and_then(|sealed| sealed.authenticate(TokenKind::Access, &ring, &tenant));
    match (read, expected) {
        (Err(Reject::TooLong), _) => assert!(token.len() > MAX_LENGTH, "{token}"),
        (Err(Reject::BadClaims), None) => {}
        (Ok(authentic), Some(claims)) => {
            assert_eq!(authentic.claims(), &claims);
            assert_eq!(key.access_sealer().seal(&claims).as_deref(), Ok(&*token));
        }
        (read, expected) => panic!("{bytes:?}: {read:?}, but the reference says {expected:?}"),
    }
}
