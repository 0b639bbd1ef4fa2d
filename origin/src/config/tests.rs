//! What is accepted, and what each mistake is called.

use std::path::PathBuf;

use super::*;
use crate::oidc::{AuthMethod, ProviderSettings};

const KEK: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn load(flags: &[(&str, &str)], environment: &[(&str, &str)], file: Option<&str>) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut shared = SharedFlags::default();
    let mut serve = ServeFlags::default();
    for (name, value) in flags {
        let value = Some((*value).to_owned());
        match *name {
            "mode" => shared.mode = value,
            "database-url" => shared.database_url = value,
            "idle-lifetime" => serve.idle_lifetime = value,
            "listen-public" => serve.listen_public = value,
            other => panic!("the test does not know --{other}"),
        }
    }
    if let Some(text) = file {
        let path = folder.path().join("sealgate.toml");
        fs::write(&path, text).unwrap();
        shared.config = Some(path);
    }
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let folder = folder.path().display().to_string();
    Config::load(&shared, &serve, environment).map_err(|error| error.to_string().replace(&folder, "…"))
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let file = Some("idle_lifetime = \"4h\"\nabsolute_lifetime = \"10h\"\naccess_lifetime = \"20m\"");
    let environment = [("SEALGATE_IDLE_LIFETIME", "3h"), ("SEALGATE_ABSOLUTE_LIFETIME", "9h"), ("SEALGATE_KEK", KEK)];
    let config = load(&[("idle-lifetime", "2h")], &environment, file).unwrap();
    assert_eq!(config.lifetimes.ordinary.idle, Duration::from_hours(2));
    assert_eq!(config.lifetimes.ordinary.absolute, Duration::from_hours(9));
    assert_eq!(config.lifetimes.access, Duration::from_mins(20));
    assert_eq!(config.lifetimes.remembered, Lifetimes::default().remembered);
}

#[test]
fn the_defaults_are_those_of_the_design_and_mean_production() {
    let config = load(
        &[],
        &[("SEALGATE_KEK", KEK), ("PATH", "/bin"), ("SEALGATE_EDGE_SECRET", "x"), ("SEALGATE_SERVICE_TOKEN", "x")],
        None,
    )
    .unwrap();
    assert_eq!(config.mode, Mode::Production);
    assert_eq!(config.lifetimes, Lifetimes::default());
    assert!(!config.dev_sign_in);
    assert_eq!(config.cookies, CookieNames::Host);
    assert_eq!(config.database.to_string(), "/var/lib/sealgate/sealgate.db");
}

#[test]
fn development_needs_no_key_and_signs_anybody_in() {
    let config = load(&[("mode", "dev")], &[], None).unwrap();
    assert!(matches!(config.kek, KekSource::DataDir));
    assert!(config.dev_sign_in);
    assert_eq!(config.data_dir, PathBuf::from(".sealgate"));
    let config =
        load(&[("mode", "dev")], &[("SEALGATE_DEV_SIGN_IN", "0"), ("SEALGATE_DEV_COOKIES", "1")], None).unwrap();
    assert!(!config.dev_sign_in);
    assert_eq!(config.cookies, CookieNames::Dev);
}

#[test]
fn several_keys_may_be_given_in_the_environment_or_in_a_file_and_the_first_writes() {
    let other = format!("B{}", &KEK[1..]);
    let ids = |config: Config| {
        let KekSource::Given(keks) = config.kek else { panic!("given") };
        assert_eq!(keks.writing().id(), keks.ids().next().unwrap());
        keks.ids().map(|id| id.to_string()).collect::<Vec<_>>()
    };
    let kek = |text: &str| ids(load(&[], &[("SEALGATE_KEK", text)], None).unwrap());
    let (first, second) = (kek(KEK).remove(0), kek(&other).remove(0));
    assert_ne!(first, second);
    assert_eq!(kek(&format!("{KEK},{other}")), [first.clone(), second.clone()]);
    assert_eq!(kek(&format!("{other}\n{KEK}\n")), [second.clone(), first.clone()]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kek");
    fs::write(&file, format!("# since June\n{other}\n# until June\n{KEK}\n")).unwrap();
    let config = load(&[], &[("SEALGATE_KEK_FILE", file.to_str().unwrap())], None).unwrap();
    assert_eq!(config.kek_file, Some(file));
    assert_eq!(ids(config), [second, first]);
}

#[test]
fn our_own_name_for_the_database_counts_more_than_the_common_one() {
    let own = ("SEALGATE_DATABASE_URL", "sqlite:own.db");
    let common = ("DATABASE_URL", "sqlite:///srv/common.db");
    let database =
        |environment: &[(&str, &str)]| load(&[("mode", "dev")], environment, None).unwrap().database.to_string();
    assert_eq!(database(&[common, own]), "own.db");
    assert_eq!(database(&[common]), "/srv/common.db");
}

#[test]
fn limits_are_on_unless_they_are_turned_off() {
    let load = |environment: &[(&str, &str)], file| load(&[("mode", "dev")], environment, file).unwrap().limits;
    assert_eq!(load(&[], None), LimitSettings::default());
    let limits = load(&[("SEALGATE_AUTH_RATE", "off")], Some("credential_failures = \"5/h\""));
    assert_eq!(limits.auth, None);
    assert_eq!(limits.credential_failures, Some("5/h".parse().unwrap()));
    assert_eq!(limits.auth_write, LimitSettings::default().auth_write);
}

#[test]
fn nobody_is_believed_an_address_unless_a_setting_names_them() {
    let load =
        |environment: &[(&str, &str)], file| load(&[("mode", "dev")], environment, file).unwrap().trusted_proxies;
    assert_eq!(load(&[], None), []);
    assert_eq!(load(&[("SEALGATE_TRUSTED_PROXIES", " ")], None), []);
    let networks: Vec<_> = ["10.0.0.0/8", "fd00::1"].iter().map(|network| network.parse().unwrap()).collect();
    assert_eq!(load(&[("SEALGATE_TRUSTED_PROXIES", "10.0.0.0/8,fd00::1")], None), networks);
    assert_eq!(load(&[], Some("trusted_proxies = \"10.0.0.0/8, fd00::1\"")), networks);
}

#[test]
fn keys_rotate_and_what_is_over_is_swept_unless_settings_say_otherwise() {
    const DAY: u64 = 24;
    let load = |environment: &[(&str, &str)], file| load(&[("mode", "dev")], environment, file).unwrap().housekeeping;
    let usual = load(&[], None);
    assert_eq!(usual, HousekeepingSettings::default());
    assert_eq!(
        (usual.key_rotation, usual.session_retention),
        (Some(Duration::from_hours(30 * DAY)), Duration::from_hours(30 * DAY))
    );
    assert_eq!(load(&[("SEALGATE_KEY_ROTATION", "off")], None).key_rotation, None);
    let other =
        load(&[("SEALGATE_KEY_ROTATION", "7d")], Some("session_retention = \"12h\"\nhousekeeping_interval = \"5m\""));
    assert_eq!(other.key_rotation, Some(Duration::from_hours(7 * DAY)));
    assert_eq!((other.session_retention, other.interval), (Duration::from_hours(12), Duration::from_mins(5)));
    assert_eq!(usual.audit_retention, Some(Duration::from_hours(400 * DAY)));
    assert_eq!(load(&[], Some("audit_retention = \"off\"")).audit_retention, None);
    assert_eq!(
        load(&[("SEALGATE_AUDIT_RETENTION", "90d")], None).audit_retention,
        Some(Duration::from_hours(90 * DAY))
    );
}

#[test]
fn nothing_personal_is_kept_unless_settings_say_so() {
    let load = |environment: &[(&str, &str)], file| load(&[("mode", "dev")], environment, file).unwrap();
    let usual = load(&[], None);
    assert_eq!((usual.keep, usual.clear_site_data), (KeepPersonal { ip: false, user_agent: false }, false));
    assert_eq!(usual.housekeeping.personal_retention, Duration::from_hours(30 * 24));
    let other = load(&[("SEALGATE_KEEP_IP", "true")], Some("personal_data_retention = \"7d\"\nclear_site_data = true"));
    assert_eq!((other.keep, other.clear_site_data), (KeepPersonal { ip: true, user_agent: false }, true));
    assert_eq!(other.housekeeping.personal_retention, Duration::from_hours(7 * 24));
    assert!(load(&[], Some("keep_user_agent = true")).keep.user_agent);
}

#[test]
fn an_actor_has_a_hundred_sessions_unless_a_setting_says_otherwise() {
    let load = |environment: &[(&str, &str)]| load(&[("mode", "dev")], environment, None).unwrap().sessions_per_actor;
    assert_eq!(load(&[]), 100);
    assert_eq!(load(&[("SEALGATE_SESSIONS_PER_ACTOR", "3")]), 3);
}

#[test]
fn providers_at_any_address_are_for_development() {
    let outbound =
        |flags: &[(&str, &str)], environment: &[(&str, &str)]| load(flags, environment, None).unwrap().outbound;
    let dev = outbound(&[("mode", "dev")], &[]);
    assert!(dev.any_address && dev.plain_http);
    assert!(!outbound(&[("mode", "dev")], &[("SEALGATE_OIDC_ANY_ADDRESS", "false")]).any_address);
    assert_eq!(outbound(&[], &[("SEALGATE_KEK", KEK)]), OutboundSettings::default());
    assert!(!OutboundSettings::default().any_address && !OutboundSettings::default().plain_http);
    let networks = ("SEALGATE_OIDC_ALLOWED_NETWORKS", "10.1.0.0/16, fd00::/8");
    let allowed = outbound(&[], &[("SEALGATE_KEK", KEK), networks]).allowed_networks;
    assert_eq!(allowed, ["10.1.0.0/16", "fd00::/8"].map(|network| network.parse().unwrap()));
}

#[test]
fn providers_are_read_from_the_file_and_their_secrets_from_elsewhere() {
    let secrets = [("SEALGATE_OIDC_SECRET_LOGIN", "hunter2"), ("OTHER", "hunter3")];
    let read = |more: &str| load(&[("mode", "dev")], &secrets, Some(&format!("{TABLE}{more}")));
    let secret = |config: &Config| {
        let secret = config.oidc[0].read_secret().map_err(|error| error.to_string());
        secret.map(|secret| secret.map(|secret| secret.expose().to_owned()))
    };
    let config = read("").unwrap();
    assert_eq!((config.oidc.len(), secret(&config)), (1, Ok(None)));
    let FileProvider { tenant, id, settings, enabled, .. } = &config.oidc[0];
    assert_eq!((tenant.as_str(), id.as_str(), *enabled), ("shop", "login", true));
    assert_eq!(*settings, ProviderSettings::new("login", "https://login.example".parse().unwrap(), "c"));
    for (name, expected) in [("SEALGATE_OIDC_SECRET_LOGIN", "hunter2"), ("OTHER", "hunter3")] {
        let config = read(&format!("client_secret_env = \"{name}\"\n")).unwrap();
        assert_eq!(secret(&config), Ok(Some(expected.to_owned())));
        assert!(!format!("{config:?}").contains("hunter"));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "hunter4\n").unwrap();
    let config = read(&format!("client_secret_file = {path:?}\n")).unwrap();
    assert_eq!(secret(&config), Ok(Some("hunter4".to_owned())));

    let more = "name = \"Login\"\nscopes = [\"email\"]\nemail_domains = [\"shop.example\"]\nactor_type = \"staff\"\n\
        actor_claim = \"email\"\nactor_prefix = \"corp:\"\nname_claim = \"name\"\ngroups_claim = \"groups\"\n\
        group_roles = [\"cn=a,dc=b=admin\"]\nassurance = 2\nshares_actors = true\nenabled = false\n\
        token_endpoint_auth_method = \"client_secret_post\"\ntrusted_audiences = [\"project\"]\n\
        redirect_uri = \"https://shop.example/auth/oidc/callback\"\n\n[[oidc]]\ntenant = \"shop\"\nid = \"two\"\n\
        issuer = \"https://two.example\"\nclient_id = \"c\"\n";
    let config = read(more).unwrap();
    let settings = &config.oidc[0].settings;
    assert_eq!((settings.name.as_str(), settings.scopes.join(" ").as_str()), ("Login", "openid email"));
    assert_eq!((settings.group_roles[0].to_string().as_str(), settings.assurance), ("cn=a,dc=b=admin", 2));
    assert_eq!(settings.token_endpoint_auth_method, Some(AuthMethod::ClientSecretPost));
    assert_eq!(settings.trusted_audiences, ["project"]);
    assert!(settings.shares_actors && !config.oidc[0].enabled && config.oidc[1].enabled);
}

/// A table `[[oidc]]` with as little as it must have.
const TABLE: &str =
    "[[oidc]]\ntenant = \"shop\"\nid = \"login\"\nissuer = \"https://login.example\"\nclient_id = \"c\"\n";

#[test]
fn the_example_in_the_handbook_holds() {
    let handbook = include_str!("../../../docs/OPERATIONS.md");
    let example = handbook.split("```toml\n[[oidc]]\n").nth(1).unwrap().split("```").next().unwrap();
    let config = load(&[("mode", "dev")], &[], Some(&format!("[[oidc]]\n{example}"))).unwrap();
    assert_eq!(config.oidc[0].settings.redirect_uri.as_deref(), Some("https://shop.example/auth/oidc/login/callback"));
}

#[test]
fn a_secret_that_cannot_be_read_fails_nobody_but_those_who_need_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "two\nlines").unwrap();
    let wrong = [("WRONG", "hunter2\u{e4}")];
    for (more, expected) in [
        ("client_secret_env = \"NOWHERE\"\n".to_owned(), "client_secret_env names NOWHERE, which is not set"),
        ("client_secret_env = \"WRONG\"\n".to_owned(), "client_secret_env must have 1 to 1,024 printable"),
        ("client_secret_file = \"/nowhere\"\n".to_owned(), "client_secret_file cannot be read (/nowhere)"),
        (format!("client_secret_file = {path:?}\n"), "client_secret_file must have 1 to 1,024 printable"),
    ] {
        let config = load(&[("mode", "dev")], &wrong, Some(&format!("{TABLE}{more}"))).unwrap();
        let error = config.oidc[0].read_secret().unwrap_err().to_string();
        assert!(error.starts_with("[[oidc]] login of tenant shop in ") && error.contains(expected), "{error}");
        assert!(!error.contains("hunter") && !error.contains("lines"), "{error}");
    }
}

#[test]
fn a_mistake_about_a_provider_names_the_provider_and_the_key() {
    let read = |more: &str| load(&[("mode", "dev")], &[], Some(&format!("{TABLE}{more}")));
    for (more, expected) in [
        ("client_secret = \"hunter2\"\n", "client_secret is not taken from here"),
        ("client_secret_file = \"a\"\nclient_secret_env = \"b\"\n", "client_secret_file or"),
        ("secret = \"hunter2\"\n", "secret is no key of such a table"),
        ("name = 7\n", "name must be a string"),
        ("client_secret_file = [\"a\"]\n", "client_secret_file must be a string"),
        ("assurance = 256\n", "assurance must be a number from 0 to 255"),
        ("assurance = \"2\"\n", "assurance must be a number from 0 to 255"),
        ("actor_type = \"Staff\"\n", "actor_type must consist of"),
        ("group_roles = [\"a\"]\n", "group_roles must be GROUP=ROLE"),
        ("scopes = \"email\"\n", "scopes must be a list of strings"),
        ("email_domains = [1]\n", "email_domains must be a list of strings"),
        ("scopes = [\"a b\"]\n", "scopes has one with a character"),
        ("redirect_uri = \"https://shop.example/\"\n", "redirect_uri must have the path /auth/oidc/login/callback"),
        ("shares_actors = \"true\"\n", "shares_actors must be true or false"),
        ("token_endpoint_auth_method = \"none\"\n", "token_endpoint_auth_method must be client_secret_basic or"),
        ("trusted_audiences = \"us\"\n", "trusted_audiences must be a list"),
        ("enabled = 1\n", "enabled must be true or false"),
        (TABLE, "is there twice"),
    ] {
        let error = read(more).unwrap_err();
        let expected = format!("[[oidc]] login of tenant shop in …/sealgate.toml: {expected}");
        assert!(error.starts_with(&expected), "{error}");
        assert!(error.lines().count() == 1 && !error.contains("hunter"), "{error}");
    }
    let error = read("[[oidc]]\nid = \"two\"\n").unwrap_err();
    assert_eq!(error, "[[oidc]] 2 in …/sealgate.toml: tenant is missing");
    let error = load(&[("mode", "dev")], &[], Some("oidc = \"login\"\n")).unwrap_err();
    assert_eq!(error, "oidc in …/sealgate.toml: must be tables, each under [[oidc]]");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of mistakes")]
fn every_mistake_is_one_line_that_names_the_setting() {
    const DEV: (&str, &str) = ("SEALGATE_MODE", "dev");
    const GOOD: (&str, &str) = ("SEALGATE_KEK", KEK);
    const TWICE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const HALF: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA hunter2";
    for (environment, file, expected) in [
        (&[("SEALGATE_MODE", "test")][..], "", "SEALGATE_MODE: \"test\" is not dev or production"),
        (&[], "", "SEALGATE_KEK: production needs a key-encryption key"),
        (&[("SEALGATE_KEK", "short")], "", "SEALGATE_KEK: must be 32 random bytes"),
        (&[("SEALGATE_KEK", " ,")], "", "SEALGATE_KEK: there is no key in it; a key must be 32 random bytes"),
        (&[("SEALGATE_KEK", TWICE)], "", "SEALGATE_KEK: keys 1 and 2 are the same"),
        (&[DEV, ("SEALGATE_KEK", HALF)], "", "SEALGATE_KEK: key 2 of 2 must be 32 random bytes"),
        (&[("SEALGATE_KEK_FILE", "/nowhere")], "", "SEALGATE_KEK_FILE: cannot read /nowhere"),
        (&[GOOD, ("SEALGATE_KEK_FILE", "/nowhere")], "", "SEALGATE_KEK: give it or SEALGATE_KEK_FILE, not both"),
        (&[DEV, ("SEALGATE_IDEL_LIFETIME", "1h")], "", "SEALGATE_IDEL_LIFETIME: there is no such setting"),
        (&[DEV, ("SEALGATE_mode", "dev")], "", "SEALGATE_mode: there is no such setting"),
        (&[DEV, ("SEALGATE_", "dev")], "", "SEALGATE_: there is no such setting"),
        (&[DEV], "idel_lifetime = \"1h\"", "idel_lifetime in …/sealgate.toml: there is no such setting"),
        (&[DEV], "kek = \"secret\"", "kek in …/sealgate.toml: there is no such setting"),
        (&[DEV], "[lifetimes]\nidle = \"1h\"", "lifetimes in …/sealgate.toml: there is no such setting"),
        (&[DEV], "access_lifetime = 15", "access_lifetime in …/sealgate.toml: must be a string"),
        (&[DEV], "mode dev", "…/sealgate.toml: is not TOML (line 1)"),
        (
            &[DEV],
            "access_lifetime = \"2h\"",
            "access_lifetime in …/sealgate.toml: \"2h\" is longer than idle_lifetime (1h)",
        ),
        (
            &[DEV, ("SEALGATE_IDLE_LIFETIME", "9h")],
            "",
            "SEALGATE_IDLE_LIFETIME: \"9h\" is longer than absolute_lifetime (8h)",
        ),
        (
            &[DEV, ("SEALGATE_ABSOLUTE_LIFETIME", "30m")],
            "",
            "idle_lifetime: \"1h\" is longer than absolute_lifetime (30m)",
        ),
        (
            &[DEV, ("SEALGATE_REMEMBERED_IDLE_LIFETIME", "31d")],
            "",
            "SEALGATE_REMEMBERED_IDLE_LIFETIME: \"31d\" is longer",
        ),
        (
            &[DEV, ("SEALGATE_REMEMBERED_ABSOLUTE_LIFETIME", "401d")],
            "",
            "SEALGATE_REMEMBERED_ABSOLUTE_LIFETIME: \"401d\" is longer than the 400 days",
        ),
        (
            &[DEV, ("SEALGATE_ACCESS_LIFETIME", "119s")],
            "",
            "SEALGATE_ACCESS_LIFETIME: \"119s\" is shorter than two times refresh_window (60s)",
        ),
        (
            &[DEV, ("SEALGATE_REFRESH_WINDOW", "8m")],
            "",
            "access_lifetime: \"15m\" is shorter than two times refresh_window (8m)",
        ),
        (&[DEV, ("SEALGATE_REFRESH_WINDOW", "0s")], "", "SEALGATE_REFRESH_WINDOW: \"0s\" is not a duration"),
        (&[DEV, ("SEALGATE_ACCESS_LIFETIME", "0s")], "", "SEALGATE_ACCESS_LIFETIME: \"0s\" is not a duration"),
        (&[DEV, ("SEALGATE_ACCESS_LIFETIME", "15")], "", "SEALGATE_ACCESS_LIFETIME: \"15\" is not a duration"),
        (&[DEV, ("SEALGATE_REQUEST_TIMEOUT", "soon")], "", "SEALGATE_REQUEST_TIMEOUT: \"soon\" is not a duration"),
        (
            &[DEV, ("SEALGATE_LISTEN_PUBLIC", "localhost")],
            "",
            "SEALGATE_LISTEN_PUBLIC: \"localhost\" is not an address",
        ),
        (&[DEV, ("SEALGATE_KEY_ROTATION", "never")], "", "SEALGATE_KEY_ROTATION: \"never\" is not a duration such as"),
        (&[DEV], "session_retention = \"off\"", "session_retention in …/sealgate.toml: \"off\" is not a duration"),
        (&[DEV, ("SEALGATE_SESSIONS_PER_ACTOR", "0")], "", "SEALGATE_SESSIONS_PER_ACTOR: \"0\" is not a number from 1"),
        (&[DEV, ("SEALGATE_KEEP_IP", "no")], "", "SEALGATE_KEEP_IP: \"no\" is not true or false"),
        (&[DEV], "personal_data_retention = \"off\"", "personal_data_retention in …/sealgate.toml: \"off\" is not a"),
        (&[DEV, ("SEALGATE_MAX_CONNECTIONS", "0")], "", "SEALGATE_MAX_CONNECTIONS: \"0\" is not a number"),
        (&[DEV, ("SEALGATE_AUTH_RATE", "10")], "", "SEALGATE_AUTH_RATE: \"10\" is not a rate such as"),
        (&[DEV], "auth_write_rate = \"0/s\"", "auth_write_rate in …/sealgate.toml: \"0/s\" is not a rate"),
        (&[DEV, ("SEALGATE_CREDENTIAL_FAILURES", "none")], "", "SEALGATE_CREDENTIAL_FAILURES: \"none\" is not a rate"),
        (&[DEV, ("SEALGATE_TRUSTED_PROXIES", "proxy")], "", "SEALGATE_TRUSTED_PROXIES: \"proxy\" is not a list of"),
        (&[DEV, ("SEALGATE_TRUSTED_PROXIES", "10.0.0.1,")], "", "SEALGATE_TRUSTED_PROXIES: \"10.0.0.1,\" is not a"),
        (
            &[DEV],
            "trusted_proxies = \"0.0.0.0/33\"",
            "trusted_proxies in …/sealgate.toml: \"0.0.0.0/33\" is not a list",
        ),
        (&[DEV, ("SEALGATE_DEV_COOKIES", "yes")], "", "SEALGATE_DEV_COOKIES: \"yes\" is not true or false"),
        (&[DEV, ("DATABASE_URL", "mysql://me:hunter2@db/x")], "", "DATABASE_URL: is neither sqlite:FILE nor postgres:"),
        (&[DEV, ("DATABASE_URL", "sqlite::memory:")], "", "DATABASE_URL: is neither sqlite:FILE nor postgres:"),
        (&[GOOD, ("SEALGATE_DEV_SIGN_IN", "true")], "", "SEALGATE_DEV_SIGN_IN: \"true\" is for development only"),
        (&[GOOD], "dev_sign_in = true", "dev_sign_in in …/sealgate.toml: \"true\" is for development only"),
        (&[GOOD, ("SEALGATE_OIDC_ANY_ADDRESS", "1")], "", "SEALGATE_OIDC_ANY_ADDRESS: \"1\" is for development only"),
        (
            &[DEV, ("SEALGATE_OIDC_ALLOWED_NETWORKS", "10/8")],
            "",
            "SEALGATE_OIDC_ALLOWED_NETWORKS: \"10/8\" is not a list",
        ),
        (&[DEV, ("SEALGATE_BACK_CHANNEL_RATE", "1")], "", "SEALGATE_BACK_CHANNEL_RATE: \"1\" is not a rate"),
        (&[GOOD, ("SEALGATE_DEV_COOKIES", "1")], "", "SEALGATE_DEV_COOKIES: \"1\" is for development only"),
    ] {
        let error = load(&[], environment, Some(file)).unwrap_err();
        assert!(error.starts_with(expected), "{error:?} does not start with {expected:?}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(!error.contains("hunter2") && !error.contains("secret\""), "{error}");
        assert!(!error.contains(&KEK[..10]), "{error}");
    }
    let error = load(&[("listen-public", "x")], &[DEV], None).unwrap_err();
    assert!(error.starts_with("--listen-public: \"x\" is not an address"), "{error}");
}

#[test]
fn nothing_secret_is_shown() {
    let config = load(&[], &[("SEALGATE_KEK", KEK)], None).unwrap();
    assert!(!format!("{config:?}").contains(&KEK[..10]));
}
