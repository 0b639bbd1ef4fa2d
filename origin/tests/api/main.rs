//! The origin through its real routers on a real database: an `SQLite` file here, `PostgreSQL` in `api_on_postgres`.

#[path = "../kit/mod.rs"]
pub(crate) mod kit;

mod auth_login;
mod auth_logout;
mod auth_session;
mod credentials_version;
mod edge_rotation;
mod feed_head;
mod feed_marks;
mod feed_restore;
mod feed_snapshot;
pub(crate) mod follower;
mod housekeeping;
mod internal_check;
mod internal_keyring;
mod isolation;
mod key_life;
mod keys_revoke;
mod limits_auth;
mod limits_credentials;
mod listeners;
mod memory;
mod metrics;
mod operation;
mod outage;
mod reseal;
mod restore;
mod revocation_sequence;
mod rotation;
mod service_token;
mod sessions_list;
mod sessions_mint;
mod sessions_revoke;
mod storage;
mod tenants;
mod tenants_delete;
mod tenants_disable;
mod tenants_hosts;
mod vault;
