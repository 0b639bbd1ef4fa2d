//! Which group has which role.

use std::fmt;
use std::str::FromStr;

use sealgate_shared::id::Role;
use serde::{Deserialize, Serialize};

/// Who is in the group has the role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRole {
    pub group: String,
    pub role: Role,
}

/// Not the form of a [`GroupRole`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be GROUP=ROLE, the role of A–Z, a–z, 0–9, '.', '_', ':' and '-'")]
pub struct BadGroupRole;

/// Groups may have the names of a directory, `cn=admins,dc=example`; roles have no `=`.
impl FromStr for GroupRole {
    type Err = BadGroupRole;

    fn from_str(text: &str) -> Result<Self, BadGroupRole> {
        let (group, role) = text.rsplit_once('=').ok_or(BadGroupRole)?;
        let role = role.parse().map_err(|_| BadGroupRole)?;
        Ok(Self { group: group.to_owned(), role })
    }
}

impl fmt::Display for GroupRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.group, self.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_may_have_the_name_of_a_directory() {
        let rule: GroupRole = "cn=admins,dc=example=admin".parse().unwrap();
        assert_eq!((rule.group.as_str(), rule.role.as_str()), ("cn=admins,dc=example", "admin"));
        for wrong in ["admins", "admins=", "admins=a b"] {
            assert_eq!(wrong.parse::<GroupRole>(), Err(BadGroupRole), "{wrong}");
        }
    }
}
