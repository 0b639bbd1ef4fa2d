//! How much of something is allowed.

use std::str::FromStr;
use std::time::Duration;

/// Up to `count` at once, coming back evenly over `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub(super) count: u64,
    pub(super) period_us: u64,
}

/// Not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a rate such as 10/s, 600/m or 50/h")]
pub struct BadRate;

/// One a microsecond is as fine as the arithmetic is.
const MAX: u64 = 1_000_000;

impl Rate {
    /// So many in each second.
    pub const fn per_second(count: u32) -> Self {
        Self { count: count as u64, period_us: 1_000_000 }
    }

    /// So many in each minute.
    pub const fn per_minute(count: u32) -> Self {
        Self { count: count as u64, period_us: 60_000_000 }
    }

    /// How long until one of them is back.
    pub(super) const fn interval_us(self) -> u64 {
        self.period_us / self.count
    }

    /// How long until all of them are back.
    pub const fn period(self) -> Duration {
        Duration::from_micros(self.period_us)
    }
}

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let (count, unit) = text.split_once('/').ok_or(BadRate)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            _ => return Err(BadRate),
        };
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadRate);
        }
        let count = count.parse().ok().filter(|count| (1..=MAX).contains(count)).ok_or(BadRate)?;
        Ok(Self { count, period_us: seconds * 1_000_000 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        assert_eq!("10/s".parse(), Ok(Rate::per_second(10)));
        assert_eq!("600/m".parse(), Ok(Rate::per_minute(600)));
        assert_eq!("1/h".parse::<Rate>().unwrap().interval_us(), 3_600_000_000);
        assert_eq!("1000000/s".parse::<Rate>().unwrap().interval_us(), 1);
        for wrong in ["", "10", "/s", "10/", "10/d", "0/s", "-1/s", "+1/s", "1.5/s", "1 /s", "1000001/s", "10/s "] {
            assert_eq!(wrong.parse::<Rate>(), Err(BadRate), "{wrong}");
        }
    }
}
