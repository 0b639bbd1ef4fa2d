//! The application: put together from its configuration, then served.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::{Config, ConfigError, FileProvider, KekSource, Mode};
use crate::dev::{self, DevError};
use crate::housekeeper::{keep_house, keep_linking, link_last};
use crate::http::{self, Bounds, Metrics};
use crate::ip_network::IpNetwork;
use crate::limit::Limits;
use crate::office::{AdoptError, HousekeepingSettings, Office, OfficeError, OfficeSettings};
use crate::oidc::{Directory, ProviderSecret};
use crate::outbound::{Outbound, install_provider};
use crate::random::{self, NoRandomness};
use crate::store::{StartLock, Store, StoreError, applied_migrations};
use crate::vault::{Kek, KekListError, Keks, Vault};

/// Where development keeps the key-encryption keys, the first of which it made, inside the data folder.
pub(crate) const KEK_FILE: &str = "kek";

/// What every handler can reach.
pub(crate) type AppState = Arc<AppParts>;

/// The parts behind [`AppState`].
#[derive(Debug)]
pub(crate) struct AppParts {
    pub(crate) office: Office,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    /// Knows `OpenID` providers.
    pub(crate) oidc: Directory,
    /// Whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpNetwork>,
    pub(crate) mode: Mode,
    pub(crate) dev_sign_in: bool,
    pub(crate) clear_site_data: bool,
    pub(crate) request_timeout: Duration,
}

/// Why the application did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot use the data folder {0}")]
    DataDir(String, #[source] io::Error),
    #[error("cannot open the database {0}")]
    Database(String, #[source] StoreError),
    #[error("{0} does not hold key-encryption keys: {1}")]
    KekFile(String, KekListError),
    #[error("the key-encryption keys given do not open this database")]
    OtherKek(#[source] OfficeError),
    /// The configuration asks for what cannot be: nothing was changed.
    #[error(transparent)]
    Config(#[from] ConfigError),
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
    /// Put together once, with the descriptions of what they route.
    public: Router,
    private: Router,
    bounds: Bounds,
    housekeeping: HousekeepingSettings,
    /// Whether the database's notifications are listened to.
    notify: bool,
}

impl App {
    /// Opens the database, brings it up to date, and in development seeds it. Several processes may do so
    /// at once on an empty folder.
    pub async fn build(config: &Config, clock: Clock) -> Result<Self, StartError> {
        install_provider();
        let providers = read_providers(config)?;
        let (office, lock) = open_locked(config, clock.clone()).await?;
        office.require_every_kek().await.map_err(StartError::OtherKek)?;
        // Sets the clock before anything is made by it.
        office.follow().await?;
        office.note_timeline().await;
        office.end_unvouched().await?;
        if config.mode.is_dev() {
            dev::seed(&office, &config.data_dir).await?;
        }
        office.adopt_oidc_providers(&providers).await?;
        drop(lock);
        let oidc = Directory::new(Outbound::new(config.outbound.clone()), clock);
        let state = Arc::new(AppParts {
            office,
            metrics: Metrics::default(),
            limits: Limits::new(&config.limits),
            oidc,
            trusted_proxies: config.trusted_proxies.clone(),
            mode: config.mode,
            dev_sign_in: config.dev_sign_in,
            clear_site_data: config.clear_site_data,
            request_timeout: config.request_timeout,
        });
        let bounds = Bounds {
            connections: config.max_connections,
            headers: config.header_timeout,
            answer: config.answer_timeout,
            shutdown: config.shutdown_timeout,
        };
        let public = http::public_routes(Arc::clone(&state));
        let private = http::private_routes(Arc::clone(&state));
        Ok(Self { state, public, private, bounds, housekeeping: config.housekeeping, notify: config.database_notify })
    }

    /// The office: what the routes are a way to.
    pub fn office(&self) -> &Office {
        &self.state.office
    }

    /// The routes for browsers, through an edge.
    pub fn public_router(&self) -> Router {
        self.public.clone()
    }

    /// The routes for backends, edges and operators.
    pub fn private_router(&self) -> Router {
        self.private.clone()
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
        let served = tokio::select! {
            served = async { tokio::try_join!(public, private, end).map(drop) } => served,
            () = self.state.office.keep_following(self.notify) => Ok(()),
            // Boxed: it is large, and polled a few times a minute.
            () = Box::pin(keep_house(&self.state.office, &self.state.metrics, &self.housekeeping)) => Ok(()),
            () = Box::pin(keep_linking(&self.state.office, &self.state.metrics)) => Ok(()),
        };
        link_last(&self.state.office, &self.state.metrics).await;
        self.state.office.store().close().await;
        served
    }
}

/// The file's `OpenID` providers with their secrets: all that can be wrong with them before the database is looked into.
fn read_providers(config: &Config) -> Result<Vec<(&FileProvider, Option<ProviderSecret>)>, ConfigError> {
    let outbound = Outbound::new(config.outbound.clone());
    let read = |provider: &'_ FileProvider| {
        provider.check_addresses(&outbound)?;
        provider.read_secret()
    };
    config.oidc.iter().map(|provider| Ok((provider, read(provider)?))).collect()
}

impl From<AdoptError> for StartError {
    fn from(error: AdoptError) -> Self {
        match error {
            AdoptError::File(error) => Self::Config(error),
            AdoptError::Office(error) => Self::Office(error),
        }
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
    let Some(keks) = read_keks(config)? else { return Ok(None) };
    Ok(Some(Office::new(store, Vault::new(keks), clock, office_settings(config))))
}

/// Opens the office for the command line.
pub async fn open_office(config: &Config, clock: Clock) -> Result<Office, StartError> {
    open_locked(config, clock).await.map(|(office, _)| office)
}

async fn open_locked(config: &Config, clock: Clock) -> Result<(Office, StartLock), StartError> {
    let lock = take_lock(config).await?;
    let vault = Vault::new(load_keks(config)?);
    let store = open_store(config, &lock).await?;
    let office = Office::open(store, vault, clock, office_settings(config)).await?;
    office.check_vault().await.map_err(StartError::OtherKek)?;
    Ok((office, lock))
}

const fn office_settings(config: &Config) -> OfficeSettings {
    OfficeSettings {
        lifetimes: config.lifetimes,
        cookies: config.cookies,
        after_restore: config.after_restore,
        sessions_per_actor: config.sessions_per_actor,
        keep: config.keep,
    }
}

async fn take_lock(config: &Config) -> Result<StartLock, StartError> {
    // A server keeps its own files; then only development has any here.
    if config.mode.is_dev() || config.database.file().is_some() {
        make_folder(&config.data_dir)
            .map_err(|error| StartError::DataDir(config.data_dir.display().to_string(), error))?;
    }
    StartLock::take(&config.database).await.map_err(|error| blame_database(config, error))
}

async fn open_store(config: &Config, lock: &StartLock) -> Result<Store, StartError> {
    Store::open(&config.database, config.server, lock).await.map_err(|error| blame_database(config, error))
}

fn blame_database(config: &Config, error: StoreError) -> StartError {
    StartError::Database(config.database.to_string(), error)
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The KEKs that were given; in development, when none was, what is in the data folder, made on first use.
fn load_keks(config: &Config) -> Result<Keks, StartError> {
    if let Some(keks) = read_keks(config)? {
        return Ok(keks);
    }
    let path = config.data_dir.join(KEK_FILE);
    let key = random::draw_secret()?;
    dev::write_private(&path, format!("{}\n", key.expose_base64url()).as_bytes())
        .map_err(|error| StartError::DataDir(path.display().to_string(), error))?;
    Ok(Kek::new(&key).into())
}

fn read_keks(config: &Config) -> Result<Option<Keks>, StartError> {
    let path = match &config.kek {
        KekSource::Given(keks) => return Ok(Some(keks.clone())),
        KekSource::DataDir => config.data_dir.join(KEK_FILE),
    };
    match fs::read_to_string(&path) {
        Ok(text) => {
            Keks::parse(&text).map(Some).map_err(|error| StartError::KekFile(path.display().to_string(), error))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StartError::DataDir(path.display().to_string(), error)),
    }
}
