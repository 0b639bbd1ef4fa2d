//! The arguments of a statement.

use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Encode, Postgres, Sqlite, Type};

/// A value that both databases take.
pub(in crate::store) trait Bind: Sync {
    fn add_to_sqlite(&self, arguments: &mut SqliteArguments) -> Result<(), BoxDynError>;
    fn add_to_postgres(&self, arguments: &mut PgArguments) -> Result<(), BoxDynError>;
}

impl<T> Bind for T
where
    T: Sync + Type<Sqlite> + Type<Postgres> + for<'a> Encode<'a, Sqlite> + for<'a> Encode<'a, Postgres>,
{
    fn add_to_sqlite(&self, arguments: &mut SqliteArguments) -> Result<(), BoxDynError> {
        arguments.add(self)
    }

    fn add_to_postgres(&self, arguments: &mut PgArguments) -> Result<(), BoxDynError> {
        arguments.add(self)
    }
}

/// Encodes the arguments of one statement for `SQLite`.
pub(super) fn for_sqlite(values: &[&dyn Bind]) -> sqlx::Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        value.add_to_sqlite(&mut arguments).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// Encodes the arguments of one statement for `PostgreSQL`.
pub(super) fn for_postgres(values: &[&dyn Bind]) -> sqlx::Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        value.add_to_postgres(&mut arguments).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
