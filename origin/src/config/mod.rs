//! The configuration: flags over environment over file over defaults, checked before anything starts.

mod duration;
mod environment;
mod file;
mod flags;
mod layers;
mod oidc;

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sealgate_shared::cookie::CookieNames;
use tracing_subscriber::EnvFilter;

pub(crate) use duration::parse as parse_duration;
pub use flags::{ServeFlags, SharedFlags};
use layers::Layers;
pub use oidc::{FileProvider, FileSecret};

use crate::ip_network::IpNetwork;
use crate::limit::LimitSettings;
use crate::office::{AfterRestore, HousekeepingSettings, KeepPersonal};
use crate::outbound::OutboundSettings;
use crate::session::{Lifetimes, Span};
use crate::store::{Location, ServerSettings};
use crate::vault::{KEK_FORM, Keks};

/// The longest a browser keeps a cookie (RFC 6265bis §5.5).
const LONGEST: Duration = Duration::from_hours(400 * 24);

/// One line that says which setting is wrong, where it came from and why.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct ConfigError {
    setting: String,
    problem: String,
}

impl ConfigError {
    fn new(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { setting: setting.into(), problem: problem.into() }
    }
}

/// What the origin is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On a laptop: seeds itself, makes its own key-encryption key, has a sign-in for anybody.
    Dev,
    /// For real.
    Production,
}

impl Mode {
    /// Whether this is development.
    pub const fn is_dev(self) -> bool {
        matches!(self, Self::Dev)
    }
}

/// Where the key-encryption keys come from.
#[derive(Clone, Debug)]
pub enum KekSource {
    /// They were given.
    Given(Keks),
    /// Development: from the data folder, one made there when absent.
    DataDir,
}

/// The configuration in force.
#[derive(Clone, Debug)]
pub struct Config {
    pub mode: Mode,
    pub data_dir: PathBuf,
    pub database: Location,
    /// How to use the database where it is a server.
    pub server: ServerSettings,
    /// Whether the server's notifications are listened to. Off behind poolers that drop them.
    pub database_notify: bool,
    pub kek: KekSource,
    /// The file the key-encryption keys were read from, if they were.
    pub kek_file: Option<PathBuf>,
    pub listen_public: SocketAddr,
    pub listen_private: SocketAddr,
    pub lifetimes: Lifetimes,
    pub after_restore: AfterRestore,
    /// How many live sessions an actor may have.
    pub sessions_per_actor: u32,
    pub keep: KeepPersonal,
    /// Whether signing out also has the browser forget what the site has stored in it.
    pub clear_site_data: bool,
    pub housekeeping: HousekeepingSettings,
    pub dev_sign_in: bool,
    pub cookies: CookieNames,
    pub header_timeout: Duration,
    pub request_timeout: Duration,
    pub answer_timeout: Duration,
    pub shutdown_timeout: Duration,
    /// Connections at once, on each listener.
    pub max_connections: usize,
    pub limits: LimitSettings,
    /// Whose `X-Forwarded-For` is believed: proxies through which backends, edges and operators come.
    pub trusted_proxies: Vec<IpNetwork>,
    /// How `OpenID` providers are asked.
    pub outbound: OutboundSettings,
    /// The providers that the file has.
    pub oidc: Vec<FileProvider>,
    /// Which log lines to write, in the language of `tracing_subscriber::EnvFilter`.
    pub log: String,
}

impl Config {
    /// Reads the configuration. `environment` is the process's, handed in so that this is testable.
    pub fn load(
        shared: &SharedFlags,
        serve: &ServeFlags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let variables: Vec<(OsString, OsString)> = environment.into_iter().collect();
        let environment = environment::read(variables.iter().cloned())?;
        let mut file = file::File::default();
        let mut layers = Layers::default();
        layers.add_flags(&shared.given());
        layers.add_flags(&serve.given());
        layers.add_environment(&environment.settings);
        if let Some(path) = shared.config.as_ref().or(environment.config.as_ref()) {
            file = file::read(path, &variables)?;
            layers.add_file(file.settings);
        }
        let config = resolve(&layers, environment.kek.as_deref())?;
        Ok(Self { oidc: file.providers, ..config })
    }

    /// The configuration of a developer's origin in `data_dir`, on free ports.
    pub fn development(data_dir: &Path) -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            mode: Mode::Dev,
            data_dir: data_dir.to_owned(),
            database: Location::Sqlite(data_dir.join(layers::DATABASE_FILE)),
            server: ServerSettings { connections: 16, statement_timeout: Duration::from_secs(5) },
            database_notify: true,
            kek: KekSource::DataDir,
            kek_file: None,
            listen_public: free,
            listen_private: free,
            lifetimes: Lifetimes::default(),
            after_restore: AfterRestore::EndSessions,
            sessions_per_actor: 100,
            keep: KeepPersonal::default(),
            clear_site_data: false,
            housekeeping: HousekeepingSettings::default(),
            dev_sign_in: true,
            cookies: CookieNames::Host,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(10),
            shutdown_timeout: Duration::from_secs(10),
            max_connections: 4_096,
            limits: LimitSettings::default(),
            trusted_proxies: Vec::new(),
            outbound: OutboundSettings { any_address: true, plain_http: true, ..OutboundSettings::default() },
            oidc: Vec::new(),
            log: "info".to_owned(),
        }
    }
}

fn resolve(layers: &Layers, kek: Option<&str>) -> Result<Config, ConfigError> {
    let mode = layers.read("mode", "dev or production", |text| match text {
        "dev" => Some(Mode::Dev),
        "production" => Some(Mode::Production),
        _ => None,
    })?;
    let data_dir = layers.data_dir(mode);
    Ok(Config {
        mode,
        database: layers.database(&data_dir)?,
        server: ServerSettings {
            connections: layers.read("database_connections", "a number from 1 to 1000", |text| {
                text.parse().ok().filter(|number| (1..=1_000).contains(number))
            })?,
            statement_timeout: layers.duration("statement_timeout")?,
        },
        database_notify: layers.switch("database_notify")?.unwrap_or(true),
        data_dir,
        kek: choose_kek(layers, kek, mode)?,
        kek_file: layers.given("kek_file").map(|given| PathBuf::from(&given.text)),
        listen_public: layers.read("listen_public", "an address such as 127.0.0.1:8789", |text| text.parse().ok())?,
        listen_private: layers.read("listen_private", "an address such as 127.0.0.1:8790", |text| text.parse().ok())?,
        lifetimes: Lifetimes {
            access: layers.duration("access_lifetime")?,
            refresh_window: read_window(layers)?,
            ordinary: read_span(layers, "idle_lifetime", "absolute_lifetime")?,
            remembered: read_span(layers, "remembered_idle_lifetime", "remembered_absolute_lifetime")?,
        },
        after_restore: layers.read("after_restore", "end or keep", |text| match text {
            "end" => Some(AfterRestore::EndSessions),
            "keep" => Some(AfterRestore::KeepSessions),
            _ => None,
        })?,
        sessions_per_actor: layers.read("sessions_per_actor", "a number from 1 to 10000", |text| {
            text.parse().ok().filter(|number| (1..=10_000).contains(number))
        })?,
        keep: KeepPersonal {
            ip: layers.switch("keep_ip")?.unwrap_or(false),
            user_agent: layers.switch("keep_user_agent")?.unwrap_or(false),
        },
        clear_site_data: layers.switch("clear_site_data")?.unwrap_or(false),
        housekeeping: HousekeepingSettings {
            key_rotation: layers.duration_or_off("key_rotation")?,
            session_retention: layers.duration("session_retention")?,
            personal_retention: layers.duration("personal_data_retention")?,
            audit_retention: layers.duration_or_off("audit_retention")?,
            interval: layers.duration("housekeeping_interval")?,
            ..HousekeepingSettings::default()
        },
        dev_sign_in: read_dev_switch(layers, "dev_sign_in", mode, mode.is_dev())?,
        cookies: if read_dev_switch(layers, "dev_cookies", mode, false)? {
            CookieNames::Dev
        } else {
            CookieNames::Host
        },
        header_timeout: layers.duration("header_timeout")?,
        request_timeout: layers.duration("request_timeout")?,
        answer_timeout: layers.duration("answer_timeout")?,
        shutdown_timeout: layers.duration("shutdown_timeout")?,
        max_connections: layers.read("max_connections", "a number from 1 to 1000000", |text| {
            text.parse().ok().filter(|number| (1..=1_000_000).contains(number))
        })?,
        limits: LimitSettings {
            auth: layers.rate("auth_rate")?,
            auth_write: layers.rate("auth_write_rate")?,
            auth_edge: layers.rate("auth_edge_rate")?,
            credential_failures: layers.rate("credential_failures")?,
            back_channel: layers.rate("back_channel_rate")?,
        },
        trusted_proxies: layers.networks("trusted_proxies")?,
        outbound: OutboundSettings {
            any_address: read_dev_switch(layers, "oidc_any_address", mode, mode.is_dev())?,
            plain_http: mode.is_dev(),
            allowed_networks: layers.networks("oidc_allowed_networks")?,
            ..OutboundSettings::default()
        },
        oidc: Vec::new(),
        log: layers.read("log", "a log filter", |text| EnvFilter::try_new(text).ok().map(|_| text.to_owned()))?,
    })
}

/// How long an answer is given again: every access token in it is good for at least as long.
fn read_window(layers: &Layers) -> Result<Duration, ConfigError> {
    layers.require_twice("access_lifetime", "refresh_window")?;
    layers.duration("refresh_window")
}

/// A session's two lifetimes, and the access token's within them.
fn read_span(layers: &Layers, idle: &'static str, absolute: &'static str) -> Result<Span, ConfigError> {
    layers.require_order("access_lifetime", idle)?;
    layers.require_order(idle, absolute)?;
    let span = Span { idle: layers.duration(idle)?, absolute: layers.duration(absolute)? };
    if span.absolute > LONGEST {
        return Err(layers.blame(absolute, "is longer than the 400 days that browsers keep a cookie"));
    }
    Ok(span)
}

/// A switch that production must not be found with.
fn read_dev_switch(layers: &Layers, name: &'static str, mode: Mode, default: bool) -> Result<bool, ConfigError> {
    let on = layers.switch(name)?.unwrap_or(default);
    if on && !mode.is_dev() {
        return Err(layers.blame(name, "is for development only; this is production (--mode dev makes it development)"));
    }
    Ok(on)
}

fn choose_kek(layers: &Layers, kek: Option<&str>, mode: Mode) -> Result<KekSource, ConfigError> {
    let file = layers.given("kek_file");
    let (setting, text) = match (kek, file) {
        (Some(_), Some(_)) => return Err(ConfigError::new("SEALGATE_KEK", "give it or SEALGATE_KEK_FILE, not both")),
        (Some(text), None) => ("SEALGATE_KEK".to_owned(), text.to_owned()),
        (None, Some(path)) => {
            let text = fs::read_to_string(&path.text)
                .map_err(|error| ConfigError::new(&path.from, format!("cannot read {}: {error}", path.text)))?;
            (path.from.clone(), text)
        }
        (None, None) if mode.is_dev() => return Ok(KekSource::DataDir),
        (None, None) => {
            return Err(ConfigError::new(
                "SEALGATE_KEK",
                format!("production needs a key-encryption key here or in SEALGATE_KEK_FILE; it {KEK_FORM}"),
            ));
        }
    };
    let keks = Keks::parse(&text).map_err(|error| ConfigError::new(setting, error.to_string()))?;
    Ok(KekSource::Given(keks))
}

#[cfg(test)]
mod tests;
