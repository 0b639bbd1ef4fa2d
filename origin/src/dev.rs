//! The development set-up: two tenants, one edge, one service token, made anew by every start and only
//! where absent.

use std::fmt::Debug;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr;

use sealgate_shared::id::{EdgeId, TenantId};
use serde::{Deserialize, Serialize};

use crate::credential::{Scopes, ServiceToken};
use crate::office::{Office, OfficeError, ServiceTokenRequest};
use crate::store::StoreError;

/// The tenants of the development set-up.
pub const TENANTS: [&str; 2] = ["demo", "other"];
/// Its edge.
pub const EDGE: &str = "dev";
/// What its service token is called.
const TOKEN_NAME: &str = "dev";
/// Where its secrets are written, inside the data folder.
pub const FILE: &str = "dev.json";

/// What `dev.json` holds.
#[derive(Serialize, Deserialize)]
struct DevFile {
    edge_secret: String,
    service_token: String,
}

/// Why the development set-up could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    #[error(transparent)]
    Office(#[from] OfficeError),
    #[error("cannot write dev.json: {0}")]
    Write(#[from] io::Error),
}

/// Makes what is absent and writes `dev.json`. The caller holds the start lock.
pub async fn seed(office: &Office, data_dir: &Path) -> Result<(), DevError> {
    let tenants = TENANTS.map(word::<TenantId>);
    for tenant in &tenants {
        ignore_existing(office.create_tenant(tenant, &[]).await)?;
    }
    let edge: EdgeId = word(EDGE);
    ignore_existing(office.create_edge(&edge, &tenants).await.map(drop))?;
    for tenant in &tenants {
        // One that was deleted, and is made anew, took its place at the edge along.
        office.store().serve_tenant(&edge, tenant, office.now()).await.map_err(OfficeError::from)?;
    }
    let edge_secret = office.unseal_edge_secret(&edge).await?;

    let path = data_dir.join(FILE);
    let service_token = match read_token(&path) {
        Some(token) if is_good(office, &token).await? => token,
        _ => replace_token(office, &tenants[0]).await?,
    };
    let file = DevFile { edge_secret: edge_secret.expose_base64url(), service_token: service_token.expose() };
    Ok(write_private(&path, &serde_json::to_vec(&file).map_err(io::Error::from)?)?)
}

/// An id that is written in this program.
pub(crate) fn word<T: FromStr<Err: Debug>>(text: &'static str) -> T {
    text.parse().expect("a name written in this program is well-formed")
}

fn ignore_existing(result: Result<(), OfficeError>) -> Result<(), OfficeError> {
    match result {
        Err(OfficeError::Store(StoreError::Exists)) => Ok(()),
        other => other,
    }
}

fn read_token(path: &Path) -> Option<ServiceToken> {
    let file: DevFile = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    ServiceToken::parse(&file.service_token)
}

/// Whether the token on disk is one this database knows: the folder may have been copied or half deleted.
async fn is_good(office: &Office, token: &ServiceToken) -> Result<bool, OfficeError> {
    let row = office.store().service_token(token.public_id()).await?;
    Ok(row.is_some_and(|row| token.has_hash(&row.secret_hash)))
}

async fn replace_token(office: &Office, tenant: &TenantId) -> Result<ServiceToken, OfficeError> {
    office.store().revoke_service_tokens(tenant, TOKEN_NAME, office.now()).await?;
    office.create_service_token(&ServiceTokenRequest { tenant, name: TOKEN_NAME, scopes: Scopes::all() }).await
}

/// Writes a file that its owner alone can read, all of it or nothing.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("partial");
    // A file left over from a crash would keep its own mode.
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&partial)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&partial, path)
}
