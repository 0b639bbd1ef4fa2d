//! Times as `SQLite` holds them: text of one width, so that comparing texts compares times.
//! (`SQLx`'s own encodings vary in width, which breaks the order.)

use sealgate_shared::time::UnixMillis;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Sqlite, Type};

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
