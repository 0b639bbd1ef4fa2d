//! Sign-ins under way: rows of `sessions` that are nobody's session, and live for minutes.
//!
//! One is found by the hash of a secret that went to the provider and the hash of another that only the browser has, and
//! whoever finds it has taken it away. So it is used once, and a question with a wrong secret changes nothing.

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::engine::{Bind, Statement};
use super::timestamp::Timestamp;
use super::{Store, StoreResult};

/// How many go at once at most to make room.
const MOST: i64 = 1_000;

/// By what a sign-in under way is found.
#[derive(Clone, Copy)]
pub struct PreLoginKey<'a> {
    pub tenant: &'a TenantId,
    /// The hash of the secret that comes back from the provider.
    pub state: &'a [u8; 32],
    /// The hash of the secret in the browser's cookie.
    pub binding: &'a [u8; 32],
}

/// A sign-in that begins.
pub struct NewPreLogin<'a> {
    pub id: SessionId,
    pub key: PreLoginKey<'a>,
    /// What is needed when it goes on.
    pub sealed: &'a [u8],
    /// A keyed hash of where it comes from, if that is known.
    pub network: Option<&'a [u8; 32]>,
    pub ends_at: UnixMillis,
}

/// A sign-in that goes on.
#[derive(Debug)]
pub struct PreLogin {
    pub id: SessionId,
    pub sealed: Vec<u8>,
}

impl Store {
    /// Puts a sign-in aside; `false` when the tenant is disabled or gone.
    pub async fn insert_pre_login(&self, login: &NewPreLogin<'_>, now: UnixMillis) -> StoreResult<bool> {
        // It is signed by nothing; the column is there for sessions, and the row is gone before the key is.
        const SQL: &str = "insert into sessions (id, tenant, actor_type, actor_id, pre_login, issued_at, \
            access_expires_at, signing_key, channel, idle_expires_at, absolute_expires_at, created_at, last_seen_at, \
            authenticated_at, remember, assurance, roles, login_state, login_binding, login_sealed, login_network) \
            select $1, $2, 'pre-login', 'pre-login', true, $3, $4, signing_keys.id, 'cookie', $4, $4, $3, $3, $3, \
            false, 0, '', $5, $6, $7, $8 from tenants, signing_keys where tenants.id = $2 \
            and tenants.disabled_at is null and signing_keys.tenant = $2 and signing_keys.state = 'active'";
        let network = login.network.map(|network| network.to_vec());
        let values: [&dyn Bind; 8] = [
            &Text(login.id),
            &login.key.tenant.as_str(),
            &Timestamp(now),
            &Timestamp(login.ends_at),
            &login.key.state.as_slice(),
            &login.key.binding.as_slice(),
            &login.sealed,
            &network,
        ];
        Ok(self.write.execute(SQL, &values).await? == 1)
    }

    /// Takes the sign-in of that key away, to go on with it. Of several who ask at once one gets it.
    pub async fn take_pre_login(&self, key: PreLoginKey<'_>) -> StoreResult<Option<PreLogin>> {
        const SQL: &str = "delete from sessions where login_state = $1 and login_binding = $2 and tenant = $3 \
            and pre_login = true returning id, login_sealed";
        let values: [&dyn Bind; 3] = [&key.state.as_slice(), &key.binding.as_slice(), &key.tenant.as_str()];
        let row: Option<(Text<SessionId>, Vec<u8>)> = self.write.fetch_optional(SQL, &values).await?;
        Ok(row.map(|(id, sealed)| PreLogin { id: id.0, sealed }))
    }

    /// Takes away the oldest sign-ins of a network beyond the newest `keep`; how many.
    pub async fn trim_pre_logins_of(&self, tenant: &TenantId, network: &[u8; 32], keep: u32) -> StoreResult<u64> {
        let values: [&dyn Bind; 4] = [&tenant.as_str(), &i64::from(keep), &MOST, &network.as_slice()];
        self.write.execute(TRIM_NETWORK, &values).await
    }

    /// Takes away the oldest sign-ins of the tenant beyond the newest `keep`; how many.
    pub async fn trim_pre_logins(&self, tenant: &TenantId, keep: u32) -> StoreResult<u64> {
        let values: [&dyn Bind; 3] = [&tenant.as_str(), &i64::from(keep), &MOST];
        self.write.execute(TRIM_TENANT, &values).await
    }
}

/// Rows that another is taking away are left to it.
macro_rules! trim {
    ($of:literal, $lock:literal) => {
        concat!(
            "delete from sessions where id in (select id from sessions where tenant = $1",
            $of,
            " and pre_login = true order by created_at desc, id desc limit $3 offset $2",
            $lock,
            ")"
        )
    };
}

const TRIM_NETWORK: Statement = Statement {
    sqlite: trim!(" and login_network = $4", ""),
    postgres: trim!(" and login_network = $4", " for update skip locked"),
};
const TRIM_TENANT: Statement = Statement { sqlite: trim!("", ""), postgres: trim!("", " for update skip locked") };
