//! A connection, for as long as a statement takes.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, PgConnection, SqliteConnection};

use super::bind::{Bind, for_postgres, for_sqlite};
use super::statement::Statement;

/// What a row of either database can be read as.
pub(in crate::store) trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A connection to one of the databases.
#[derive(Debug)]
pub(in crate::store) enum Link<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Link<'_> {
    /// Tells the log which statement is run, at the finest level; never with what values.
    fn trace(&self, statement: Statement) {
        let sql = match self {
            Self::Sqlite(_) => statement.sqlite,
            Self::Postgres(_) => statement.postgres,
        };
        tracing::trace!(sql, "a statement");
    }

    /// The first row, if there is any.
    pub(super) async fn fetch_optional<T: Record>(
        self,
        statement: Statement,
        values: &[&dyn Bind],
    ) -> sqlx::Result<Option<T>> {
        self.trace(statement);
        match self {
            Self::Sqlite(connection) => {
                let query = sqlx::query_with(statement.sqlite, for_sqlite(values)?);
                query.fetch_optional(connection).await?.as_ref().map(T::from_row).transpose()
            }
            Self::Postgres(connection) => {
                let query = sqlx::query_with(statement.postgres, for_postgres(values)?);
                query.fetch_optional(connection).await?.as_ref().map(T::from_row).transpose()
            }
        }
    }

    /// Every row.
    pub(super) async fn fetch_all<T: Record>(self, statement: Statement, values: &[&dyn Bind]) -> sqlx::Result<Vec<T>> {
        self.trace(statement);
        match self {
            Self::Sqlite(connection) => {
                let query = sqlx::query_with(statement.sqlite, for_sqlite(values)?);
                query.fetch_all(connection).await?.iter().map(T::from_row).collect()
            }
            Self::Postgres(connection) => {
                let query = sqlx::query_with(statement.postgres, for_postgres(values)?);
                query.fetch_all(connection).await?.iter().map(T::from_row).collect()
            }
        }
    }

    /// How many rows the statement touched.
    pub(super) async fn execute(self, statement: Statement, values: &[&dyn Bind]) -> sqlx::Result<u64> {
        self.trace(statement);
        Ok(match self {
            Self::Sqlite(connection) => {
                let query = sqlx::query_with(statement.sqlite, for_sqlite(values)?);
                query.execute(connection).await?.rows_affected()
            }
            Self::Postgres(connection) => {
                let query = sqlx::query_with(statement.postgres, for_postgres(values)?);
                query.execute(connection).await?.rows_affected()
            }
        })
    }
}

/// Gives a type the four ways to run a statement. It says how it comes by a [`Link`].
macro_rules! run_statements {
    ($on:ty, $this:ident: $receiver:ty, $link:expr) => {
        impl $on {
            /// The first row, if there is any.
            pub(in crate::store) async fn fetch_optional<T: Record>(
                $this: $receiver,
                statement: impl Into<Statement>,
                values: &[&dyn Bind],
            ) -> StoreResult<Option<T>> {
                let statement = statement.into();
                Ok($link.fetch_optional(statement, values).await?)
            }

            /// The first row of a statement that always answers one.
            pub(in crate::store) async fn fetch_one<T: Record>(
                $this: $receiver,
                statement: impl Into<Statement>,
                values: &[&dyn Bind],
            ) -> StoreResult<T> {
                let row = $this.fetch_optional(statement, values).await?;
                Ok(row.ok_or(sqlx::Error::RowNotFound)?)
            }

            /// Every row.
            pub(in crate::store) async fn fetch_all<T: Record>(
                $this: $receiver,
                statement: impl Into<Statement>,
                values: &[&dyn Bind],
            ) -> StoreResult<Vec<T>> {
                let statement = statement.into();
                Ok($link.fetch_all(statement, values).await?)
            }

            /// How many rows the statement touched.
            pub(in crate::store) async fn execute(
                $this: $receiver,
                statement: impl Into<Statement>,
                values: &[&dyn Bind],
            ) -> StoreResult<u64> {
                let statement = statement.into();
                Ok($link.execute(statement, values).await?)
            }
        }
    };
}
pub(super) use run_statements;
