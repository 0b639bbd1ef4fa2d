//! The layers a setting may come from. The first that has it wins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ConfigError, Mode, duration};
use crate::ip_network::IpNetwork;
use crate::limit::Rate;
use crate::store::{Location, NoLocation};

/// The name of the database in the data folder.
pub(super) const DATABASE_FILE: &str = "sealgate.db";

/// Every setting, with its default where it has one of its own.
const SETTINGS: &[(&str, Option<&str>)] = &[
    ("mode", Some("production")),
    ("data_dir", None),
    ("database_url", None),
    ("database_connections", Some("16")),
    ("statement_timeout", Some("5s")),
    ("database_notify", None),
    ("kek_file", None),
    ("log", Some("info")),
    ("listen_public", Some("127.0.0.1:8789")),
    ("listen_private", Some("127.0.0.1:8790")),
    ("access_lifetime", Some("15m")),
    ("refresh_window", Some("60s")),
    ("idle_lifetime", Some("1h")),
    ("absolute_lifetime", Some("8h")),
    ("remembered_idle_lifetime", Some("14d")),
    ("remembered_absolute_lifetime", Some("30d")),
    ("after_restore", Some("end")),
    ("key_rotation", Some("30d")),
    ("session_retention", Some("30d")),
    ("sessions_per_actor", Some("100")),
    ("keep_ip", None),
    ("keep_user_agent", None),
    ("personal_data_retention", Some("30d")),
    ("clear_site_data", None),
    ("audit_retention", Some("400d")),
    ("housekeeping_interval", Some("1m")),
    ("dev_sign_in", None),
    ("dev_cookies", None),
    ("header_timeout", Some("10s")),
    ("request_timeout", Some("10s")),
    ("answer_timeout", Some("10s")),
    ("shutdown_timeout", Some("10s")),
    ("max_connections", Some("4096")),
    ("auth_rate", Some("600/m")),
    ("auth_write_rate", Some("60/m")),
    ("auth_edge_rate", Some("5000/s")),
    ("credential_failures", Some("60/m")),
    ("trusted_proxies", None),
    ("back_channel_rate", Some("6000/m")),
    ("oidc_allowed_networks", None),
    ("oidc_any_address", None),
];

/// The setting of that name.
pub(super) fn find_setting(name: &str) -> Option<&'static str> {
    SETTINGS.iter().map(|&(setting, _)| setting).find(|setting| *setting == name)
}

/// A value and where it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) text: String,
    pub(super) from: String,
}

/// The settings given so far.
#[derive(Debug, Default)]
pub(super) struct Layers(BTreeMap<&'static str, Given>);

impl Layers {
    pub(super) fn add_flags(&mut self, flags: &[(&'static str, Option<&str>)]) {
        for &(setting, text) in flags {
            if let Some(text) = text {
                let from = format!("--{}", setting.replace('_', "-"));
                self.add(setting, Given { text: text.to_owned(), from });
            }
        }
    }

    pub(super) fn add_environment(&mut self, settings: &[(&'static str, Given)]) {
        for (setting, given) in settings {
            self.add(setting, given.clone());
        }
    }

    pub(super) fn add_file(&mut self, settings: Vec<(&'static str, Given)>) {
        for (setting, given) in settings {
            self.add(setting, given);
        }
    }

    fn add(&mut self, setting: &'static str, given: Given) {
        self.0.entry(setting).or_insert(given);
    }

    /// What was given for the setting, if anything was.
    pub(super) fn given(&self, setting: &str) -> Option<&Given> {
        self.0.get(setting)
    }

    /// The setting's text, or its default.
    pub(super) fn text(&self, setting: &str) -> &str {
        let default = || SETTINGS.iter().find(|(name, _)| *name == setting).and_then(|&(_, default)| default);
        self.given(setting).map(|given| given.text.as_str()).or_else(default).unwrap_or_default()
    }

    /// Reads a setting; `form` says in words what it must be.
    pub(super) fn read<T>(
        &self,
        setting: &'static str,
        form: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        parse(self.text(setting)).ok_or_else(|| self.blame(setting, &format!("is not {form}")))
    }

    pub(super) fn duration(&self, setting: &'static str) -> Result<Duration, ConfigError> {
        self.read(setting, "a duration such as 90s, 15m, 1h or 14d", duration::parse)
    }

    /// A duration, or none.
    pub(super) fn duration_or_off(&self, setting: &'static str) -> Result<Option<Duration>, ConfigError> {
        self.read(setting, "a duration such as 90s, 15m, 1h or 14d, or off", |text| match text {
            "off" => Some(None),
            _ => duration::parse(text).map(Some),
        })
    }

    /// A rate, or none.
    pub(super) fn rate(&self, setting: &'static str) -> Result<Option<Rate>, ConfigError> {
        self.read(setting, "a rate such as 10/s, 600/m or 50/h, or off", |text| match text {
            "off" => Some(None),
            _ => text.parse().ok().map(Some),
        })
    }

    /// Networks with commas between; none of them, when empty.
    pub(super) fn networks(&self, setting: &'static str) -> Result<Vec<IpNetwork>, ConfigError> {
        self.read(setting, "a list of networks such as 10.0.0.0/8, fd00::/8", |text| {
            let parts = text.split(',').map(str::trim).filter(|_| !text.trim().is_empty());
            parts.map(|part| part.parse().ok()).collect()
        })
    }

    pub(super) fn switch(&self, setting: &'static str) -> Result<Option<bool>, ConfigError> {
        if self.given(setting).is_none() {
            return Ok(None);
        }
        let on = self.read(setting, "true or false", |text| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        });
        on.map(Some)
    }

    /// Requires that the first duration is not longer than the second.
    pub(super) fn require_order(&self, shorter: &'static str, longer: &'static str) -> Result<(), ConfigError> {
        if self.duration(shorter)? <= self.duration(longer)? {
            return Ok(());
        }
        Err(self.blame(shorter, &format!("is longer than {longer} ({})", self.text(longer))))
    }

    /// Requires that the first duration is at least twice the second.
    pub(super) fn require_twice(&self, longer: &'static str, shorter: &'static str) -> Result<(), ConfigError> {
        if self.duration(longer)? >= self.duration(shorter)?.saturating_mul(2) {
            return Ok(());
        }
        Err(self.blame(longer, &format!("is shorter than two times {shorter} ({})", self.text(shorter))))
    }

    /// An error about a setting's value, by the name under which it was given.
    pub(super) fn blame(&self, setting: &'static str, problem: &str) -> ConfigError {
        let from = self.given(setting).map_or(setting, |given| given.from.as_str());
        ConfigError::new(from, format!("{:?} {problem}", self.text(setting)))
    }

    pub(super) fn data_dir(&self, mode: Mode) -> PathBuf {
        let default = if mode.is_dev() { ".sealgate" } else { "/var/lib/sealgate" };
        self.given("data_dir").map_or(default, |given| given.text.as_str()).into()
    }

    /// Where the database is; the file in the data folder when nothing else was said.
    pub(super) fn database(&self, data_dir: &Path) -> Result<Location, ConfigError> {
        let Some(given) = self.given("database_url") else {
            return Ok(Location::Sqlite(data_dir.join(DATABASE_FILE)));
        };
        // Without the value: it may hold a password.
        given.text.parse().map_err(|problem: NoLocation| ConfigError::new(&given.from, problem.to_string()))
    }
}
