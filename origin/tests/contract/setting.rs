//! A store with the two tenants of development, and sessions to put into it.

use sealgate_origin::session::{Actor, Channel, Session};
use sealgate_origin::store::{NewKey, RotateOutcome, RotateWhen, Rotation, Store};
use sealgate_shared::id::{KeyId, Roles, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::Engine;

use crate::kit::Origin;
use crate::kit::database::Backdoor;

const HOUR: u64 = 3_600_000;

pub(crate) struct Setting {
    pub(crate) origin: Origin,
    pub(crate) store: Store,
    pub(crate) database: Backdoor,
    pub(crate) demo: TenantId,
    pub(crate) other: TenantId,
    pub(crate) now: UnixMillis,
}

impl Setting {
    pub(crate) async fn on(engine: Engine) -> Self {
        let origin = Origin::start_on(engine, |_| {}).await;
        Self {
            store: origin.app.office().store().clone(),
            database: origin.database().await,
            demo: "demo".parse().unwrap(),
            other: "other".parse().unwrap(),
            now: origin.app.office().now(),
            origin,
        }
    }

    /// The key that signs for the tenant.
    pub(crate) async fn active_key(&self, tenant: &TenantId) -> KeyId {
        let sql = format!("select id from signing_keys where tenant = '{tenant}' and state = 'active'");
        self.database.rows::<(String,)>(&sql).await[0].0.parse().unwrap()
    }

    /// Rotates the keys of `demo`; the one that comes in has this number.
    pub(crate) async fn rotate(&self, number: u8) -> Rotation {
        let (next, when) = (new_key(number), RotateWhen::default());
        match self.store.rotate_keys(&self.demo, &next, when, self.now).await.unwrap() {
            RotateOutcome::Rotated(rotation) => rotation,
            other => panic!("{other:?}"),
        }
    }

    /// An ordinary session of `ada` at `demo`, signed by its active key.
    pub(crate) async fn session(&self, number: u32) -> Session {
        let key = self.active_key(&self.demo).await;
        session(number, &self.demo, key, self.now)
    }

    /// Stores sessions of these numbers.
    pub(crate) async fn store_sessions(&self, numbers: std::ops::Range<u32>) -> Vec<Session> {
        let mut stored = Vec::new();
        for number in numbers {
            let session = self.session(number).await;
            assert!(self.store.insert_session(&session).await.unwrap());
            stored.push(session);
        }
        stored
    }
}

pub(crate) fn session_id(number: u32) -> SessionId {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    SessionId::new(bytes)
}

pub(crate) fn actor(kind: &str, id: &str) -> Actor {
    Actor { kind: kind.parse().unwrap(), id: id.parse().unwrap() }
}

/// A key that nobody can open: the store does not look inside.
pub(crate) fn new_key(number: u8) -> NewKey {
    NewKey { id: KeyId::new([number; 8]), sealed: vec![number; 69] }
}

pub(crate) fn session(number: u32, tenant: &TenantId, key: KeyId, now: UnixMillis) -> Session {
    Session {
        id: session_id(number),
        tenant: tenant.clone(),
        actor: actor("user", "ada"),
        generation: 0,
        previous_generation: None,
        issued_at: now,
        access_expires_at: now.plus(HOUR / 4),
        signing_key: key,
        previous_signing_key: None,
        presented: false,
        answered_late_at: None,
        channel: Channel::Cookie,
        method: None,
        idp: None,
        idle_expires_at: now.plus(HOUR),
        absolute_expires_at: now.plus(8 * HOUR),
        created_at: now,
        last_seen_at: now,
        authenticated_at: now,
        remember: false,
        assurance: 0,
        roles: Roles::default(),
        fingerprint: None,
        device_name: None,
        label: None,
        ip: None,
        user_agent: None,
        revoked: None,
    }
}
