//! A database of either engine, for tests that hold for both.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::postgres::{Database, Postgres};

/// What a database is kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// A database of its own for one test.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Sqlite { folder: TempDir },
    Postgres(Database<'static>),
}

impl TestDatabase {
    /// An empty one; with SQLite, a file that is not there yet.
    pub async fn create(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = TempDir::new().unwrap();
                Self { url: format!("sqlite:{}", file(&folder).display()), kept: Kept::Sqlite { folder } }
            }
            Engine::Postgres => {
                let database = Postgres::shared().create_database().await;
                Self { url: database.url().to_owned(), kept: Kept::Postgres(database) }
            }
        }
    }

    /// Its address: `sqlite:FILE` or `postgres://…`.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn engine(&self) -> Engine {
        match self.kept {
            Kept::Sqlite { .. } => Engine::Sqlite,
            Kept::Postgres(_) => Engine::Postgres,
        }
    }

    /// The folder that holds nothing but SQLite's files.
    pub fn folder(&self) -> Option<&Path> {
        match &self.kept {
            Kept::Sqlite { folder } => Some(folder.path()),
            Kept::Postgres(_) => None,
        }
    }

    pub fn postgres(&self) -> Option<&Database<'static>> {
        match &self.kept {
            Kept::Sqlite { .. } => None,
            Kept::Postgres(database) => Some(database),
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("sealgate.db")
}
