//! A row as the origin has written it, whatever its columns are; what is inserted for comparison is as wide.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::types::time::OffsetDateTime;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

/// The value of a column.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Flag(bool),
    Bytes(Vec<u8>),
    Time(OffsetDateTime),
}

/// The columns that are not null, by name.
pub(crate) type Row = Vec<(String, Value)>;

// The two rows have the same methods and no trait in common that has them.
macro_rules! read_columns {
    ($row:expr, $read:ident) => {{
        let present = |at: &usize| $row.try_get_raw(*at).is_ok_and(|value| !value.is_null());
        let places = (0..$row.len()).filter(present);
        places.map(|at| Ok(($row.column(at).name().to_owned(), $read($row, at)?))).collect()
    }};
}

pub(crate) fn read_sqlite(row: &SqliteRow) -> anyhow::Result<Row> {
    read_columns!(row, sqlite_value)
}

pub(crate) fn read_postgres(row: &PgRow) -> anyhow::Result<Row> {
    read_columns!(row, postgres_value)
}

fn sqlite_value(row: &SqliteRow, at: usize) -> anyhow::Result<Value> {
    Ok(match row.try_get_raw(at)?.type_info().name() {
        "TEXT" => Value::Text(row.try_get(at)?),
        "BLOB" => Value::Bytes(row.try_get(at)?),
        _ => Value::Integer(row.try_get_unchecked(at)?),
    })
}

fn postgres_value(row: &PgRow, at: usize) -> anyhow::Result<Value> {
    Ok(match row.column(at).type_info().name() {
        "INT2" => Value::Integer(row.try_get::<i16, _>(at)?.into()),
        "INT4" => Value::Integer(row.try_get::<i32, _>(at)?.into()),
        "INT8" => Value::Integer(row.try_get(at)?),
        "BOOL" => Value::Flag(row.try_get(at)?),
        "BYTEA" => Value::Bytes(row.try_get(at)?),
        "TIMESTAMPTZ" => Value::Time(row.try_get(at)?),
        _ => Value::Text(row.try_get(at)?),
    })
}
