//! What is kept of a password: Argon2id (RFC 9106), written in the format of PHC with all that it takes to check it again.
//!
//! 64 MiB and three passes are the second recommended choice of RFC 9106 §4, with one lane instead of four: one guess is to
//! keep one core busy for about two tenths of a second, and not four.

use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::Password;

const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
const OUTPUT: usize = 32;
/// How many random bytes go into each hash.
pub(crate) const SALT: usize = 16;

/// The hash of no password: what is checked when there is none to check, so that it takes as long.
pub(crate) const NOBODYS: &str = "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The hash could not be computed: there is no memory for it, or what is stored is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password hash cannot be computed")]
pub(crate) struct HashError;

/// Hashes a password that is being set. `runs` counts the work.
pub(crate) fn hash_password(password: &Password, salt: &[u8; SALT], runs: &AtomicU64) -> Result<String, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT)).map_err(|_| HashError)?;
    let output = compute(password, salt, &params, runs)?;
    let written = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| HashError)?,
        salt: Some(Salt::new(salt).map_err(|_| HashError)?),
        hash: Some(Output::new(&*output).map_err(|_| HashError)?),
    };
    Ok(written.to_string())
}

/// Whether the password is the one that was hashed, in a time that does not depend on it. `runs` counts the work.
pub(crate) fn is_password(password: &Password, written: &str, runs: &AtomicU64) -> Result<bool, HashError> {
    let written = PasswordHash::new(written).map_err(|_| HashError)?;
    let params = Params::try_from(&written).map_err(|_| HashError)?;
    let (Some(salt), Some(expected)) = (&written.salt, &written.hash) else { return Err(HashError) };
    if written.algorithm != Algorithm::Argon2id.ident() || written.version != Some(Version::V0x13.into()) {
        return Err(HashError);
    }
    let output = compute(password, salt, &params, runs)?;
    Ok(output.as_slice().ct_eq(expected.as_bytes()).into())
}

fn compute(
    password: &Password,
    salt: &[u8],
    params: &Params,
    runs: &AtomicU64,
) -> Result<Zeroizing<[u8; OUTPUT]>, HashError> {
    let mut blocks: Vec<Block> = Vec::new();
    blocks.try_reserve_exact(params.block_count()).map_err(|_| HashError)?;
    blocks.resize(params.block_count(), Block::new());
    let mut output = Zeroizing::new([0; OUTPUT]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let done = argon2.hash_password_into_with_memory(password.expose().as_bytes(), salt, &mut *output, &mut blocks);
    // All of it came from the password.
    blocks.fill(Block::new());
    std::hint::black_box(&blocks);
    runs.fetch_add(1, Ordering::Relaxed);
    done.map_err(|_| HashError)?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_password(password: &Password, salt: &[u8; SALT]) -> Result<String, HashError> {
        super::hash_password(password, salt, &AtomicU64::new(0))
    }

    fn is_password(password: &Password, written: &str) -> Result<bool, HashError> {
        super::is_password(password, written, &AtomicU64::new(0))
    }

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn the_password_and_no_other_is_the_one_that_was_hashed() {
        let written = hash_password(&password("correct horse battery"), &[7; SALT]).unwrap();
        assert_eq!(is_password(&password("correct horse battery"), &written), Ok(true));
        for other in ["", "correct horse batter", "correct horse battery ", "Correct horse battery"] {
            assert_eq!(is_password(&password(other), &written), Ok(false), "{other:?}");
        }
        assert_ne!(hash_password(&password("correct horse battery"), &[8; SALT]).unwrap(), written, "salted");
    }

    #[test]
    fn it_is_what_everybody_elses_argon2_makes_of_it() {
        // argon2-cffi 25.1 for Python, which is the reference implementation in C:
        // `hash_secret(b"correct horse battery", b"sealgate-test-01", 3, 65536, 1, 32, Type.ID)`
        let written = hash_password(&password("correct horse battery"), b"sealgate-test-01").unwrap();
        let theirs =
            "$argon2id$v=19$m=65536,t=3,p=1$c2VhbGdhdGUtdGVzdC0wMQ$Ub5YVGwJ8YDQ9v3+CSpvVCFs33BovJoWMKIBpPKReuE";
        assert_eq!(written, theirs);
    }

    #[test]
    fn nobodys_hash_costs_the_same_and_is_that_of_no_password() {
        let costs =
            |written: &str| PasswordHash::new(written).map(|hash| (hash.algorithm, hash.version, hash.params)).unwrap();
        let written = hash_password(&password("correct horse battery"), &[7; SALT]).unwrap();
        assert_eq!(costs(NOBODYS), costs(&written));
        assert_eq!(NOBODYS.len(), written.len());
        assert_eq!(is_password(&password(""), NOBODYS), Ok(false));
    }

    #[test]
    fn what_is_no_hash_of_ours_is_refused() {
        let written = hash_password(&password("correct horse battery"), &[7; SALT]).unwrap();
        for other in [
            String::new(),
            "correct horse battery".to_owned(),
            written.replace("argon2id", "argon2i"),
            written.replace("v=19", "v=16"),
            written.replace("m=65536", "m=1"),
            written[..written.rfind('$').unwrap()].to_owned(),
        ] {
            assert_eq!(is_password(&password("correct horse battery"), &other), Err(HashError), "{other}");
        }
    }
}
