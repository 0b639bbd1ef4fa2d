//! Deleting what is over, and forgetting what need not be known any more: a batch in each statement, so that nobody waits long for it.

use sealgate_shared::time::UnixMillis;

use super::engine::Statement;
use super::timestamp::Timestamp;
use super::{Store, StoreResult};

/// A kind of row that goes once it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Sessions that ended by themselves.
    ExpiredSessions,
    /// Sessions that were ended.
    RevokedSessions,
    /// Sign-ins that were never finished.
    PreLogin,
    /// The addresses and user agents of sessions, which stay without them.
    PersonalData,
    /// Entries of the revocation sequence that concern no token that could be alive.
    Revocations,
    /// What is remembered of guesses at the passwords of operators.
    BreakGlassLanes,
    /// Logouts that nobody could tell again, and that no sign-in could have begun before.
    OidcLogouts,
}

/// Rows that another process is deleting, or changing, are left to it: on `PostgreSQL` several work side by side. On
/// `SQLite` one writes at a time.
macro_rules! batch {
    ($($what:literal)+, $table:literal, $key:literal, $over:literal, $order:literal, $lock:literal) => {
        concat!(
            $($what,)+
            " where (",
            $key,
            ") in (select ",
            $key,
            " from ",
            $table,
            " where ",
            $over,
            " order by ",
            $order,
            " limit $2",
            $lock,
            ")"
        )
    };
}

macro_rules! batch_statement {
    ($($what:literal)+, $table:literal, $key:literal, $over:literal, $order:literal) => {
        Statement {
            sqlite: batch!($($what)+, $table, $key, $over, $order, ""),
            postgres: batch!($($what)+, $table, $key, $over, $order, " for update skip locked"),
        }
    };
}

macro_rules! delete_statement {
    ($table:literal, $key:literal, $over:literal, $order:literal) => {
        batch_statement!("delete from " $table, $table, $key, $over, $order)
    };
}

impl Sweep {
    const fn statement(self) -> Statement {
        match self {
            Self::ExpiredSessions => delete_statement!(
                "sessions",
                "id",
                "revoked_at is null and pre_login = false and idle_expires_at <= $1",
                "idle_expires_at"
            ),
            Self::RevokedSessions => {
                delete_statement!("sessions", "id", "revoked_at is not null and revoked_at <= $1", "revoked_at")
            }
            Self::PreLogin => delete_statement!(
                "sessions",
                "id",
                "pre_login = true and absolute_expires_at <= $1",
                "absolute_expires_at"
            ),
            Self::PersonalData => batch_statement!(
                "update sessions set ip = null, user_agent = null",
                "sessions",
                "id",
                "(ip is not null or user_agent is not null) and last_seen_at <= $1",
                "last_seen_at"
            ),
            Self::Revocations => delete_statement!("revocations", "sequence", "expires_at <= $1", "expires_at"),
            Self::BreakGlassLanes => {
                delete_statement!("break_glass_lanes", "tenant, lane", "last_at <= $1", "last_at")
            }
            Self::OidcLogouts => {
                delete_statement!("oidc_logouts", "tenant, issuer, jti", "expires_at <= $1", "expires_at")
            }
        }
    }
}

impl Store {
    /// Deletes at most `limit` rows that were over at `before`, or forgets what of them; how many there were.
    pub async fn sweep(&self, what: Sweep, before: UnixMillis, limit: i64) -> StoreResult<u64> {
        self.write.execute(what.statement(), &[&Timestamp(before), &limit]).await
    }
}
