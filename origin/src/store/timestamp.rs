//! Times as the databases hold them.
//!
//! `PostgreSQL` has a type for them. `SQLite` gets text of one width, so that comparing texts compares times.
//! (`SQLx`'s own encoding for `SQLite` varies in width, which breaks the order.)

use sealgate_shared::time::UnixMillis;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use time::OffsetDateTime;

use crate::iso8601;

/// A time in a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timestamp(pub(super) UnixMillis);

impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(iso8601::format(self.0), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <String as Decode<'r, Sqlite>>::decode(value)?;
        iso8601::parse(&text).map(Self).ok_or_else(|| "a time in another form than ours".into())
    }
}

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let nanoseconds = i128::from(self.0.as_u64()) * 1_000_000;
        Encode::<Postgres>::encode(OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)?, buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let time = <OffsetDateTime as Decode<'r, Postgres>>::decode(value)?;
        let milliseconds = u64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000))?;
        UnixMillis::new(milliseconds).map(Self).ok_or_else(|| "a time past the year 9999".into())
    }
}
