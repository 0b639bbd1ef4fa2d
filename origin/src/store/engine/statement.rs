//! The text of a statement.

/// A statement, in words that both databases understand or in two versions where they do not agree.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Statement {
    pub(in crate::store) sqlite: &'static str,
    pub(in crate::store) postgres: &'static str,
}

impl From<&'static str> for Statement {
    fn from(both: &'static str) -> Self {
        Self { sqlite: both, postgres: both }
    }
}
