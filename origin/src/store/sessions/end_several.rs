//! Ending several sessions by one statement.

/// Makes the statement: of the sessions that are live at `$1`, those of `$which` end, for the reason `$2`.
///
/// On `PostgreSQL` it takes hold of the rows first, in the order of their ids, whichever index has found them: two that end
/// the same sessions wait for each other, and never in a circle. On `SQLite` one writes at a time.
macro_rules! end_several {
    ($which:literal, $returning:literal) => {
        $crate::store::engine::Statement {
            sqlite: $crate::store::sessions::end_several!($which, $returning, ""),
            postgres: $crate::store::sessions::end_several!($which, $returning, " order by id for update"),
        }
    };
    ($which:literal, $returning:literal, $hold:literal) => {
        concat!(
            "update sessions set revoked_at = $1, revoked_reason = $2 where id in (select id from sessions where ",
            $which,
            " and pre_login = false and revoked_at is null and idle_expires_at > $1",
            $hold,
            ") returning ",
            $returning
        )
    };
}
pub(in crate::store) use end_several;
