//! Where a sealed secret lives.

use std::fmt;

/// The one place that a blob opens in.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'static str,
    pub column: &'static str,
    pub row: &'a str,
    /// `None` for what belongs to no single tenant.
    pub tenant: Option<&'a str>,
}

impl Place<'_> {
    /// The associated data: each part behind its length, so that no two places read the same.
    pub(super) fn bind(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        for part in [self.table, self.column, self.row, self.tenant.unwrap_or_default()] {
            let length = u32::try_from(part.len()).expect("names and ids are short");
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of {}", self.table, self.column, self.row)?;
        self.tenant.map_or(Ok(()), |tenant| write!(f, " (tenant {tenant})"))
    }
}
