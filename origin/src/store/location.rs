//! Where the database is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// A file, or a server.
#[derive(Clone)]
pub enum Location {
    /// An `SQLite` file.
    Sqlite(PathBuf),
    /// A `PostgreSQL` server, or anything that speaks its protocol.
    Postgres(Box<PgConnectOptions>),
}

/// Not the address of a database. Says nothing of the text: it may hold a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("is neither sqlite:FILE nor postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?sslmode=…]")]
pub struct NoLocation;

impl Location {
    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

impl FromStr for Location {
    type Err = NoLocation;

    fn from_str(url: &str) -> Result<Self, NoLocation> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options: PgConnectOptions = url.parse().map_err(|_| NoLocation)?;
            return Ok(Self::Postgres(Box::new(options)));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        let path = path.filter(|path| !path.is_empty() && !path.contains([':', '?']));
        path.map(|path| Self::Sqlite(path.into())).ok_or(NoLocation)
    }
}

/// The file, or server and database; never the password.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(options) => {
                let database = options.get_database().unwrap_or_else(|| options.get_username());
                write!(f, "postgres://{}:{}/{database}", options.get_host(), options.get_port())
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_tells_file_from_server() {
        for (url, shown) in [
            ("sqlite:data/sealgate.db", "data/sealgate.db"),
            ("sqlite:///var/lib/sealgate.db", "/var/lib/sealgate.db"),
            ("postgres://sealgate:hunter2@db.internal/main", "postgres://db.internal:5432/main"),
            ("postgresql://sealgate@[::1]:5433/main?sslmode=verify-full", "postgres://[::1]:5433/main"),
        ] {
            assert_eq!(url.parse::<Location>().unwrap().to_string(), shown, "{url}");
        }
        for url in ["", "sqlite:", "sqlite::memory:", "mysql://db/main", "postgres", "main.db", "sqlite:a?mode=ro"] {
            assert_eq!(url.parse::<Location>().map(drop), Err(NoLocation), "{url}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let location: Location = "postgres://sealgate:hunter2@db/main".parse().unwrap();
        assert!(!format!("{location} {location:?}").contains("hunter2"));
    }
}
