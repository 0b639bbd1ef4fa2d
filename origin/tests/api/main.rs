//! The origin through its real routers on a real `SQLite` file.

#[path = "../kit/mod.rs"]
mod kit;

mod auth_login;
mod auth_logout;
mod auth_session;
mod internal_check;
mod internal_keyring;
mod isolation;
mod limits_auth;
mod limits_credentials;
mod listeners;
mod operation;
mod outage;
mod revocation_sequence;
mod rotation;
mod service_token;
mod sessions_list;
mod sessions_mint;
mod sessions_revoke;
mod storage;
mod vault;
