//! The application: put together from its configuration, then served.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use sealgate_shared::secret::Secret32;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::{Config, KekSource, Mode};
use crate::dev::{self, DevError};
use crate::http::{self, Bounds, Metrics};
use crate::limit::Limits;
use crate::office::{Office, OfficeError};
use crate::random::{self, NoRandomness};
use crate::store::{StartLock, Store, StoreError, applied_migrations};
use crate::vault::{Kek, Vault};

/// Where development keeps the key-encryption key it made, inside the data folder.
pub(crate) const KEK_FILE: &str = "kek";

/// What every handler can reach.
pub(crate) type AppState = Arc<AppParts>;

/// The parts behind [`AppState`].
#[derive(Debug)]
pub(crate) struct AppParts {
    pub(crate) office: Office,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    pub(crate) mode: Mode,
    pub(crate) dev_sign_in: bool,
    pub(crate) request_timeout: Duration,
}

/// Why the application did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot use the data folder {0}")]
    DataDir(String, #[source] io::Error),
    #[error("cannot open the database {0}")]
    Database(String, #[source] StoreError),
    #[error("{0} does not hold the key-encryption key: 43 characters of base64url")]
    KekFile(String),
    #[error("the database was not made with this key-encryption key")]
    OtherKek(#[source] OfficeError),
    #[error(transparent)]
    Office(#[from] OfficeError),
    #[error(transparent)]
    Dev(#[from] DevError),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// The application, ready to be served.
#[derive(Clone, Debug)]
pub struct App {
    state: AppState,
    bounds: Bounds,
}

impl App {
    /// Opens the database, brings it up to date, and in development seeds it. Several processes may do so
    /// at once on an empty folder.
    pub async fn build(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let (office, lock) = open_locked(config, clock).await?;
        if config.mode.is_dev() {
            dev::seed(&office, &config.data_dir).await?;
        }
        drop(lock);
        let state = Arc::new(AppParts {
            office,
            metrics: Metrics::default(),
            limits: Limits::new(&config.limits),
            mode: config.mode,
            dev_sign_in: config.dev_sign_in,
            request_timeout: config.request_timeout,
        });
        let bounds = Bounds {
            connections: config.max_connections,
            headers: config.header_timeout,
            answer: config.answer_timeout,
            shutdown: config.shutdown_timeout,
        };
        Ok(Self { state, bounds })
    }

    /// The office: what the routes are a way to.
    pub fn office(&self) -> &Office {
        &self.state.office
    }

    /// The routes for browsers, through an edge.
    pub fn public_router(&self) -> Router {
        http::public_routes(Arc::clone(&self.state))
    }

    /// The routes for backends, edges and operators.
    pub fn private_router(&self) -> Router {
        http::private_routes(Arc::clone(&self.state))
    }

    /// Serves both listeners until `shutdown` ends, then finishes what is under way and closes the database.
    pub async fn serve(
        self,
        public: TcpListener,
        private: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let (stop, stopped) = watch::channel(false);
        let public = http::serve(public, self.public_router(), stopped.clone(), self.bounds);
        let private = http::serve(private, self.private_router(), stopped, self.bounds);
        let end = async {
            shutdown.await;
            tracing::info!("stopping");
            stop.send_replace(true);
            Ok(())
        };
        let served = tokio::try_join!(public, private, end).map(drop);
        self.state.office.store().close().await;
        served
    }
}

/// Brings the database up to date, and makes it where there is none; the numbers of the migrations that it
/// had seen before.
pub async fn migrate(config: &Config) -> Result<Vec<i64>, StartError> {
    let lock = take_lock(config).await?;
    let before = applied_migrations(&config.database).await.map_err(|error| blame_database(config, error))?;
    open_store(config, &lock).await?.close().await;
    Ok(before)
}

/// Opens the office over the database as it is: nothing is made or brought up to date. `None` when the
/// key-encryption key that development makes is not there.
pub(crate) fn open_office_as_is(config: &Config, store: Store, clock: Clock) -> Result<Option<Office>, StartError> {
    let Some(kek) = read_kek(config)? else { return Ok(None) };
    Ok(Some(Office::new(store, Vault::new(kek), clock, config.lifetimes, config.cookies)))
}

/// Opens the office for the command line.
pub async fn open_office(config: &Config, clock: Clock) -> Result<Office, StartError> {
    open_locked(config, clock).await.map(|(office, _)| office)
}

async fn open_locked(config: &Config, clock: Clock) -> Result<(Office, StartLock), StartError> {
    let lock = take_lock(config).await?;
    let vault = Vault::new(load_kek(config)?);
    let store = open_store(config, &lock).await?;
    let office = Office::open(store, vault, clock, config.lifetimes, config.cookies).await?;
    office.check_vault().await.map_err(StartError::OtherKek)?;
    Ok((office, lock))
}

async fn take_lock(config: &Config) -> Result<StartLock, StartError> {
    make_folder(&config.data_dir).map_err(|error| StartError::DataDir(config.data_dir.display().to_string(), error))?;
    let lock = StartLock::take(&config.database).await;
    lock.map_err(|error| blame_database(config, StoreError::Unavailable(error.into())))
}

async fn open_store(config: &Config, lock: &StartLock) -> Result<Store, StartError> {
    Store::open(&config.database, lock).await.map_err(|error| blame_database(config, error))
}

fn blame_database(config: &Config, error: StoreError) -> StartError {
    StartError::Database(config.database.display().to_string(), error)
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The KEK that was given; in development, when none was, the one in the data folder, made on first use.
fn load_kek(config: &Config) -> Result<Kek, StartError> {
    if let Some(kek) = read_kek(config)? {
        return Ok(kek);
    }
    let path = config.data_dir.join(KEK_FILE);
    let key = random::draw_secret()?;
    dev::write_private(&path, format!("{}\n", key.expose_base64url()).as_bytes())
        .map_err(|error| StartError::DataDir(path.display().to_string(), error))?;
    Ok(Kek::new(&key))
}

fn read_kek(config: &Config) -> Result<Option<Kek>, StartError> {
    let path = match &config.kek {
        KekSource::Given(kek) => return Ok(Some(kek.clone())),
        KekSource::DataDir => config.data_dir.join(KEK_FILE),
    };
    match fs::read_to_string(&path) {
        Ok(text) => {
            let key = Secret32::from_base64url(text.trim());
            key.map(|key| Some(Kek::new(&key))).ok_or_else(|| StartError::KekFile(path.display().to_string()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StartError::DataDir(path.display().to_string(), error)),
    }
}
