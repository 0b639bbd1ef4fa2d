//! What an edge has counted since it last told: text in the header `x-sealgate-report`, and the names of all that
//! can be counted.
//!
//! `<name>=<count>` pairs joined by commas, without blanks, zero counts left out: `forward.session=512,age.250=512`.

mod counter;

use core::fmt;
use core::str::FromStr;

pub use counter::{Age, Counter, Feed, Forwarded, Outcome, Refresh, Refused, Stale};

/// The longest text that is read, in bytes. The longest that is written is well below.
pub const MAX_LENGTH: usize = 4_096;

/// The largest count of one report: a report claims no more than an edge can do between two, and no number of reports
/// makes a sum overflow.
pub const MAX_COUNT: u64 = 1_000_000_000;

/// Counts, by what was counted; none above [`MAX_COUNT`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report([u64; Counter::COUNT]);

/// Not a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// More than [`MAX_LENGTH`] bytes.
    #[error("the report has more than 4,096 bytes")]
    TooLong,
    /// Not pairs of a name and a count in decimal digits, above zero and without leading ones.
    #[error("the report does not have the form <name>=<count>,…")]
    Form,
    /// A name that is not in [`Counter::all`].
    #[error("the report counts something unknown")]
    UnknownName,
    /// A name that stood before.
    #[error("the report counts something twice")]
    Twice,
    /// A count above [`MAX_COUNT`].
    #[error("the report counts more than can have happened")]
    TooMany,
}

impl Default for Report {
    fn default() -> Self {
        Self([0; Counter::COUNT])
    }
}

impl Report {
    /// Counts nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts something that happened so many times. Stops at [`MAX_COUNT`].
    pub fn add(&mut self, counter: Counter, count: u64) {
        if let Some(held) = self.0.get_mut(counter.index()) {
            *held = held.saturating_add(count).min(MAX_COUNT);
        }
    }

    /// How often that happened.
    pub fn get(&self, counter: Counter) -> u64 {
        self.0.get(counter.index()).copied().unwrap_or_default()
    }

    /// What happened at all, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (Counter, u64)> {
        Counter::all().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: &Self) {
        for (counter, count) in other.iter() {
            self.add(counter, count);
        }
    }

    /// Takes away what has been told, so that it is not told again.
    pub fn subtract(&mut self, told: &Self) {
        for (held, told) in self.0.iter_mut().zip(told.0) {
            *held = held.saturating_sub(told);
        }
    }
}

/// Writes the text; an empty report is empty text.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (counter, count)) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{counter}={count}")?;
        }
        Ok(())
    }
}

/// Reads the text; names may come in any order.
impl FromStr for Report {
    type Err = ReportError;

    fn from_str(text: &str) -> Result<Self, ReportError> {
        if text.len() > MAX_LENGTH {
            return Err(ReportError::TooLong);
        }
        let mut report = Self::new();
        // The split of an empty text has one part.
        for pair in text.split(',').filter(|_| !text.is_empty()) {
            let (name, count) = pair.split_once('=').ok_or(ReportError::Form)?;
            let count = parse_count(count)?;
            let counter = Counter::find(name).ok_or(ReportError::UnknownName)?;
            if report.get(counter) > 0 {
                return Err(ReportError::Twice);
            }
            report.add(counter, count);
        }
        Ok(report)
    }
}

fn parse_count(text: &str) -> Result<u64, ReportError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || text.is_empty() || text.starts_with('0') {
        return Err(ReportError::Form);
    }
    text.parse().ok().filter(|count| *count <= MAX_COUNT).ok_or(ReportError::TooMany)
}

#[cfg(test)]
mod tests;
