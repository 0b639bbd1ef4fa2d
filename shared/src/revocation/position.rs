//! A place in the sequence of revocations.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A place in the sequence of revocations. Those of a later epoch come after all of an earlier one: an epoch begins
/// when a database turns out to have forgotten a part of the sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Counts restored backups and failovers; 0 is before all of them.
    pub epoch: u64,
    /// The number of the last entry, without gaps from 1; 0 is before the first.
    pub sequence: u64,
}

/// Writes `<epoch>.<sequence>`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.sequence)
    }
}

/// Not two numbers with a dot between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have the form <epoch>.<sequence>")]
pub struct PositionError;

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let number = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten().ok_or(PositionError)
        };
        let (epoch, sequence) = text.split_once('.').ok_or(PositionError)?;
        Ok(Self { epoch: number(epoch)?, sequence: number(sequence)? })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn positions_compare_by_epoch_first() {
        let at = |epoch, sequence| Position { epoch, sequence };
        assert!(at(1, 99) < at(2, 1));
        assert!(at(2, 1) < at(2, 2));
    }

    #[test]
    fn text_goes_there_and_back() {
        let position = Position { epoch: 3, sequence: u64::MAX };
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", ".", "1", "1.", ".1", "1.2.3", "+1.2", "1.-2", "1.18446744073709551616"] {
            assert_eq!(text.parse::<Position>(), Err(PositionError), "{text}");
        }
    }
}
