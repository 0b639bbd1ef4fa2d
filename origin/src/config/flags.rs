//! Settings as flags.
#![expect(clippy::doc_markdown, reason = "clap prints these comments as they stand")]

use std::path::PathBuf;

use clap::Args;

/// Flags that every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings (also SEALGATE_… in the environment, or keys of the TOML file)")]
pub struct SharedFlags {
    /// TOML file with settings
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What this is run for: dev or production [default: production]
    #[arg(long, global = true)]
    pub mode: Option<String>,
    /// Folder for the database and, in dev, the secrets [default: .sealgate in dev, /var/lib/sealgate otherwise]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// Database: sqlite:FILE, or postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full [default: sealgate.db in the
    /// data folder; DATABASE_URL is read too]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Connections to PostgreSQL at most [default: 16]
    #[arg(long, global = true, value_name = "NUMBER")]
    pub database_connections: Option<String>,
    /// The longest a statement may take at PostgreSQL [default: 5s]
    #[arg(long, global = true, value_name = "DURATION")]
    pub statement_timeout: Option<String>,
    /// Whether to listen to PostgreSQL's notifications; off behind a pooler that drops them [default: true]
    #[arg(long, global = true, value_name = "BOOL")]
    pub database_notify: Option<String>,
    /// What becomes of the sessions of a database that was restored from a backup: end, since nobody knows what was
    /// revoked since, or keep [default: end]
    #[arg(long, global = true, value_name = "end|keep")]
    pub after_restore: Option<String>,
    /// File with the key-encryption keys, each 43 characters of base64url; the first seals, all open (or the keys
    /// themselves in SEALGATE_KEK, with commas between)
    #[arg(long, global = true, value_name = "FILE")]
    pub kek_file: Option<String>,
    /// Networks in which OpenID providers may be although nobody on the Internet reaches them, with commas between, such as
    /// 10.1.0.0/16 [default: none]
    #[arg(long, global = true, value_name = "NETWORKS")]
    pub oidc_allowed_networks: Option<String>,
    /// OpenID providers at any address, this machine's too, development only [default: true in dev]
    #[arg(long, global = true, value_name = "BOOL")]
    pub oidc_any_address: Option<String>,
    /// Which log lines to write: error, warn, info, debug, or a filter such as info,sealgate_origin=debug
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

/// Flags of `serve` alone.
#[derive(Args, Clone, Debug, Default)]
pub struct ServeFlags {
    /// Where edges reach /auth/* [default: 127.0.0.1:8789]; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub listen_public: Option<String>,
    /// Where backends, edges and operators reach the rest [default: 127.0.0.1:8790]
    #[arg(long, value_name = "ADDRESS")]
    pub listen_private: Option<String>,
    /// Lifetime of an access token [default: 15m]
    #[arg(long, value_name = "DURATION")]
    pub access_lifetime: Option<String>,
    /// How long the answer to a refresh is given again, to tabs that ask at the same moment; at most half of the access
    /// lifetime [default: 60s]
    #[arg(long, value_name = "DURATION")]
    pub refresh_window: Option<String>,
    /// How long a session lives without being used [default: 1h]
    #[arg(long, value_name = "DURATION")]
    pub idle_lifetime: Option<String>,
    /// How long a session lives at most [default: 8h]
    #[arg(long, value_name = "DURATION")]
    pub absolute_lifetime: Option<String>,
    /// The idle lifetime of a remembered session [default: 14d]
    #[arg(long, value_name = "DURATION")]
    pub remembered_idle_lifetime: Option<String>,
    /// The absolute lifetime of a remembered session [default: 30d]
    #[arg(long, value_name = "DURATION")]
    pub remembered_absolute_lifetime: Option<String>,
    /// How old a signing key becomes before the next one signs, a tenth more or less, or off [default: 30d]
    #[arg(long, value_name = "DURATION")]
    pub key_rotation: Option<String>,
    /// How long sessions that have ended are kept [default: 30d]
    #[arg(long, value_name = "DURATION")]
    pub session_retention: Option<String>,
    /// How many live sessions an actor may have; with one more, the one that was used the longest ago ends [default: 100]
    #[arg(long, value_name = "NUMBER")]
    pub sessions_per_actor: Option<String>,
    /// Whether the address that a session is used from is kept [default: false]
    #[arg(long, value_name = "BOOL")]
    pub keep_ip: Option<String>,
    /// Whether the browser's user agent is kept, beyond a coarse name and a keyed hash [default: false]
    #[arg(long, value_name = "BOOL")]
    pub keep_user_agent: Option<String>,
    /// How long both are kept after the session was last used [default: 30d]
    #[arg(long, value_name = "DURATION")]
    pub personal_data_retention: Option<String>,
    /// Whether signing out also has the browser forget what the site has stored in it (Clear-Site-Data): its cache, its
    /// other cookies, its storage [default: false]
    #[arg(long, value_name = "BOOL")]
    pub clear_site_data: Option<String>,
    /// How long what was written down in the audit table is kept, or off: for ever [default: 400d]
    #[arg(long, value_name = "DURATION")]
    pub audit_retention: Option<String>,
    /// How often keys and sessions are looked after whose time has come, a fifth more or less [default: 1m]
    #[arg(long, value_name = "DURATION")]
    pub housekeeping_interval: Option<String>,
    /// Sign-in for anybody under any name, development only [default: true in dev]
    #[arg(long, value_name = "BOOL")]
    pub dev_sign_in: Option<String>,
    /// Cookie names without __Host- and Secure, development only [default: false]
    #[arg(long, value_name = "BOOL")]
    pub dev_cookies: Option<String>,
    /// How long a connection may take to send a request's headers, idle time before them included [default: 10s];
    /// keep it above the time that callers keep idle connections (workerd: 5 s)
    #[arg(long, value_name = "DURATION")]
    pub header_timeout: Option<String>,
    /// How long a request may take [default: 10s]
    #[arg(long, value_name = "DURATION")]
    pub request_timeout: Option<String>,
    /// How long a client may take to read an answer [default: 10s]
    #[arg(long, value_name = "DURATION")]
    pub answer_timeout: Option<String>,
    /// How long requests under way may take when the server is stopped [default: 10s]
    #[arg(long, value_name = "DURATION")]
    pub shutdown_timeout: Option<String>,
    /// Connections at once on each listener; more wait their turn [default: 4096]
    #[arg(long, value_name = "NUMBER")]
    pub max_connections: Option<String>,
    /// Reading requests to /auth for each client address and tenant: so many at once, coming back evenly; off for
    /// no limit [default: 600/m]
    #[arg(long, value_name = "RATE")]
    pub auth_rate: Option<String>,
    /// The same for requests that change something: signing in and out [default: 60/m]
    #[arg(long, value_name = "RATE")]
    pub auth_write_rate: Option<String>,
    /// All requests to /auth for each edge and tenant from clients whose address the edge does not tell; keep it far
    /// above what the site has, one client may use it up for all [default: 5000/s]
    #[arg(long, value_name = "RATE")]
    pub auth_edge_rate: Option<String>,
    /// Wrong service tokens and edge credentials for each address and for each token or edge that is named; a right one
    /// always passes [default: 60/m]
    #[arg(long, value_name = "RATE")]
    pub credential_failures: Option<String>,
    /// Logouts that OpenID providers tell, for each of their addresses and each tenant [default: 6000/m]
    #[arg(long, value_name = "RATE")]
    pub back_channel_rate: Option<String>,
    /// Networks of the proxies through which backends, edges and operators come, with commas between: their X-Forwarded-For is
    /// believed as to whose credentials fail [default: none]
    #[arg(long, value_name = "NETWORKS")]
    pub trusted_proxies: Option<String>,
}

impl SharedFlags {
    pub(super) fn given(&self) -> [(&'static str, Option<&str>); 11] {
        [
            ("mode", self.mode.as_deref()),
            ("data_dir", self.data_dir.as_deref()),
            ("database_url", self.database_url.as_deref()),
            ("database_connections", self.database_connections.as_deref()),
            ("statement_timeout", self.statement_timeout.as_deref()),
            ("database_notify", self.database_notify.as_deref()),
            ("after_restore", self.after_restore.as_deref()),
            ("kek_file", self.kek_file.as_deref()),
            ("oidc_allowed_networks", self.oidc_allowed_networks.as_deref()),
            ("oidc_any_address", self.oidc_any_address.as_deref()),
            ("log", self.log.as_deref()),
        ]
    }
}

impl ServeFlags {
    pub(super) fn given(&self) -> [(&'static str, Option<&str>); 30] {
        [
            ("listen_public", self.listen_public.as_deref()),
            ("listen_private", self.listen_private.as_deref()),
            ("access_lifetime", self.access_lifetime.as_deref()),
            ("refresh_window", self.refresh_window.as_deref()),
            ("idle_lifetime", self.idle_lifetime.as_deref()),
            ("absolute_lifetime", self.absolute_lifetime.as_deref()),
            ("remembered_idle_lifetime", self.remembered_idle_lifetime.as_deref()),
            ("remembered_absolute_lifetime", self.remembered_absolute_lifetime.as_deref()),
            ("key_rotation", self.key_rotation.as_deref()),
            ("session_retention", self.session_retention.as_deref()),
            ("sessions_per_actor", self.sessions_per_actor.as_deref()),
            ("keep_ip", self.keep_ip.as_deref()),
            ("keep_user_agent", self.keep_user_agent.as_deref()),
            ("personal_data_retention", self.personal_data_retention.as_deref()),
            ("clear_site_data", self.clear_site_data.as_deref()),
            ("audit_retention", self.audit_retention.as_deref()),
            ("housekeeping_interval", self.housekeeping_interval.as_deref()),
            ("dev_sign_in", self.dev_sign_in.as_deref()),
            ("dev_cookies", self.dev_cookies.as_deref()),
            ("header_timeout", self.header_timeout.as_deref()),
            ("request_timeout", self.request_timeout.as_deref()),
            ("answer_timeout", self.answer_timeout.as_deref()),
            ("shutdown_timeout", self.shutdown_timeout.as_deref()),
            ("max_connections", self.max_connections.as_deref()),
            ("auth_rate", self.auth_rate.as_deref()),
            ("auth_write_rate", self.auth_write_rate.as_deref()),
            ("auth_edge_rate", self.auth_edge_rate.as_deref()),
            ("credential_failures", self.credential_failures.as_deref()),
            ("back_channel_rate", self.back_channel_rate.as_deref()),
            ("trusted_proxies", self.trusted_proxies.as_deref()),
        ]
    }
}
