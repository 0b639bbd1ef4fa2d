//! `OpenID` providers from the command line.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::run::{Ran, command, folder_with_demo, json, run, sealgate};

const ADD: &str = "oidc add --tenant demo login --issuer https://login.example --client-id shop";

/// Runs a command with this on its standard input.
fn fed(folder: &tempfile::TempDir, words: &str, input: impl AsRef<[u8]>) -> Ran {
    let mut command = sealgate(folder.path());
    let command = command.args(words.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_ref()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_provider_is_added_shown_changed_disabled_and_removed() {
    let folder = folder_with_demo();
    assert_eq!(
        command(&folder, "oidc list --tenant demo").out,
        "There is no provider; `sealgate oidc add --tenant demo ID …` adds one.\n"
    );
    let file = folder.path().join("secret");
    fs::write(&file, "hunter2\n").unwrap();
    let more = "--scope email --email-domain shop.example --groups-claim groups --group-role cn=admins,dc=x=admin";
    let ran = command(&folder, &format!("{ADD} --client-secret-file {} {more}", file.display()));
    assert_eq!((ran.code, ran.out.as_str()), (0, "login\n"), "{}", ran.err);

    let shown = json(&folder, "oidc show --tenant demo login --json");
    assert_eq!(
        (&shown["name"], &shown["client_secret"], &shown["enabled"]),
        (&json!("login"), &json!(true), &json!(true))
    );
    assert_eq!(
        (&shown["scopes"], &shown["group_roles"]),
        (&json!(["openid", "email"]), &json!(["cn=admins,dc=x=admin"]))
    );
    assert_eq!(json(&folder, "oidc list --tenant demo --json"), json!({ "providers": [shown] }));
    let text = command(&folder, "oidc show --tenant demo login").out;
    assert!(
        text.contains("issuer           https://login.example\n") && text.contains("email domains    shop.example\n"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
    let list = command(&folder, "oidc list --tenant demo").out;
    assert!(list.lines().nth(1).unwrap().starts_with("login     enabled  database  https://login.example"), "{list}");

    let again = command(&folder, &format!("{ADD} --public"));
    let expected =
        "sealgate: there is a provider login already; `sealgate oidc change --tenant demo login` changes it\n";
    assert_eq!((again.code, again.err.as_str()), (3, expected));

    for (verb, expected) in [
        ("disable", "provider login of tenant demo is disabled\n"),
        ("disable", "provider login of tenant demo is disabled already\n"),
        ("enable", "provider login of tenant demo is enabled\n"),
        ("enable", "provider login of tenant demo is enabled already\n"),
        ("remove", "removed provider login of tenant demo\n"),
    ] {
        assert_eq!(command(&folder, &format!("oidc {verb} --tenant demo login")).out, expected);
    }
    for verb in ["show", "test", "change", "disable", "enable", "remove"] {
        let ran = command(&folder, &format!("oidc {verb} --tenant demo login"));
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (3, "sealgate: there is no provider login in tenant demo\n"),
            "{verb}"
        );
        let ran = command(&folder, &format!("oidc {verb} --tenant nobody login"));
        assert_eq!((ran.code, ran.err.as_str()), (3, "sealgate: there is no tenant nobody\n"), "{verb}");
    }
}

const CHANGE: &str = "oidc change --tenant demo login";

#[test]
fn what_is_not_named_stays() {
    let folder = folder_with_demo();
    let more = "--name Login --scope email --scope profile --redirect-uri https://shop.example/auth/oidc/callback \
        --email-domain shop.example --actor-type staff --actor-claim email --actor-prefix corp: --name-claim name \
        --groups-claim groups --group-role a=b --assurance 2 --shares-actors";
    assert_eq!(fed(&folder, &format!("{ADD} --client-secret-file - {more}"), "hunter2\n").code, 0);
    let shown = || {
        let mut shown = json(&folder, "oidc show --tenant demo login --json");
        shown.as_object_mut().unwrap().remove("updated_at");
        shown
    };
    let mut expected = shown();
    for (words, said, field, value) in [
        ("--name Other", "name", "name", json!("Other")),
        (
            "--email-domain a.example --email-domain b.example",
            "email domains",
            "email_domains",
            json!(["a.example", "b.example"]),
        ),
        ("--scope email", "scopes", "scopes", json!(["openid", "email"])),
        ("--actor-prefix a:", "actor prefix", "actor_prefix", json!("a:")),
        ("--group-role c=d", "group roles", "group_roles", json!(["c=d"])),
        ("--assurance 3", "assurance", "assurance", json!(3)),
        ("--trusted-audience project", "trusted audiences", "trusted_audiences", json!(["project"])),
        (
            "--token-endpoint-auth-method client_secret_post",
            "token endpoint auth method",
            "token_endpoint_auth_method",
            json!("client_secret_post"),
        ),
        ("--clear trusted-audiences", "trusted audiences", "trusted_audiences", json!([])),
        ("--clear token-endpoint-auth-method", "token endpoint auth method", "token_endpoint_auth_method", json!(null)),
        ("--clear email-domains", "email domains", "email_domains", json!([])),
        ("--clear redirect-uri", "redirect uri", "redirect_uri", json!(null)),
        ("--clear name-claim", "name claim", "name_claim", json!(null)),
        ("--clear group-roles", "group roles", "group_roles", json!([])),
        ("--clear groups-claim", "groups claim", "groups_claim", json!(null)),
        ("--clear actor-prefix", "actor prefix", "actor_prefix", json!("")),
        ("--clear actor-claim", "actor claim", "actor_claim", json!("sub")),
        ("--clear actor-type", "actor type", "actor_type", json!("user")),
        ("--clear scopes", "scopes", "scopes", json!(["openid"])),
        ("--clear shares-actors", "shares actors", "shares_actors", json!(false)),
        ("--clear assurance", "assurance", "assurance", json!(0)),
        ("--clear name", "name", "name", json!("login")),
        ("--clear client-secret", "client secret", "client_secret", json!(false)),
        ("--issuer https://other.example", "issuer", "issuer", json!("https://other.example")),
        ("--client-id other", "client id", "client_id", json!("other")),
    ] {
        let ran = command(&folder, &format!("{CHANGE} {words}"));
        assert_eq!(ran.out, format!("changed provider login of tenant demo: {said}\n"), "{}", ran.err);
        expected[field] = value;
        assert_eq!(shown(), expected, "{words}");
        let again = command(&folder, &format!("{CHANGE} {words}"));
        assert_eq!((again.code, again.out.as_str()), (0, "provider login of tenant demo is so already\n"), "{words}");
    }
    let both = command(&folder, &format!("{CHANGE} --name Both --scope email --clear name-claim"));
    assert_eq!(both.out, "changed provider login of tenant demo: name, scopes\n");
    let notes = command(&folder, "audit list --tenant demo --event provider.changed").out;
    assert!(notes.contains("login: email_domains") && notes.contains("login: name, scopes"), "{notes}");
}

#[test]
fn a_secret_stays_with_whom_it_was_for() {
    let folder = folder_with_demo();
    assert_eq!(fed(&folder, &format!("{ADD} --client-secret-file -"), "hunter2\n").code, 0);
    for elsewhere in ["--issuer https://other.example", "--client-id other"] {
        let ran = command(&folder, &format!("{CHANGE} {elsewhere}"));
        let problem = "--client-secret-file: with another issuer or client id the secret must be given again";
        assert!(ran.code == 2 && ran.err.contains(problem), "{}", ran.err);
    }
    let ran = fed(&folder, &format!("{CHANGE} --client-id other --client-secret-file -"), "hunter3\n");
    assert_eq!(ran.out, "changed provider login of tenant demo: client id, client secret\n", "{}", ran.err);
    let wrong = command(&folder, &format!("{CHANGE} --clear everything"));
    assert!(wrong.code == 2 && wrong.err.contains("email-domains"), "{}", wrong.err);
    let wrong = command(&folder, &format!("{CHANGE} --group-role a=b"));
    assert!(wrong.code == 2 && wrong.err.contains("--groups-claim: is needed for --group-role"), "{}", wrong.err);
}

#[test]
fn what_to_register_is_said_for_every_host() {
    let folder = folder_with_demo();
    let added = command(&folder, &format!("{ADD} --public"));
    assert_eq!(added.out, "login\n");
    for address in ["https://SITE/auth/oidc/login/callback", "https://SITE/auth/oidc/login/backchannel-logout"] {
        assert!(added.err.contains(address), "{}", added.err);
        assert!(command(&folder, "oidc show --tenant demo login").out.contains(address));
    }
    let hosts = command(&folder, "tenants hosts demo --set shop.example --set localhost:8787");
    assert_eq!(hosts.code, 0, "{}", hosts.err);
    let shown = command(&folder, "oidc show --tenant demo login").out;
    let first: Vec<&str> = shown.lines().take(5).map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(first, ["id", "name", "enabled", "kept", "issuer"], "{shown}");
    for host in ["shop.example", "localhost:8787"] {
        for path in ["callback", "backchannel-logout"] {
            assert!(shown.contains(&format!("https://{host}/auth/oidc/login/{path}\n")), "{shown}");
        }
    }
    assert_eq!(
        command(&folder, &format!("{CHANGE} --redirect-uri https://a.example/auth/oidc/login/callback")).code,
        0
    );
    let shown = command(&folder, "oidc show --tenant demo login").out;
    assert!(shown.contains("redirect URI            https://a.example/auth/oidc/login/callback\n"), "{shown}");
    assert!(!shown.contains("https://shop.example/auth/oidc/login/callback"), "{shown}");
}

#[test]
fn one_that_is_disabled_stands_in_nobodys_way() {
    let folder = folder_with_demo();
    let add = |id: &str| command(&folder, &ADD.replace(" login ", &format!(" {id} ")).replace("shop", "shop --public"));
    assert_eq!(add("login").code, 0);
    assert_eq!(add("second").code, 3);
    assert_eq!(command(&folder, "oidc disable --tenant demo login").code, 0);
    assert_eq!(add("second").code, 0);
    let ran = command(&folder, "oidc enable --tenant demo login");
    assert!(ran.code == 3 && ran.err.contains("login and second could name the same people"), "{}", ran.err);
    assert_eq!(command(&folder, &format!("{CHANGE} --actor-prefix old:")).code, 0);
    assert_eq!(command(&folder, "oidc enable --tenant demo login").code, 3, "the other has no prefix");
    assert_eq!(command(&folder, &format!("{CHANGE} --actor-type staff")).code, 0);
    assert_eq!(command(&folder, "oidc enable --tenant demo login").code, 0);
    let ran = command(&folder, &format!("{CHANGE} --actor-type user"));
    assert!(ran.code == 3 && ran.err.contains("--actor-type"), "{}", ran.err);
}

#[test]
fn a_secret_comes_from_a_file_or_from_standard_input() {
    let folder = folder_with_demo();
    let ran = fed(&folder, &format!("{ADD} --client-secret-file -"), "hunter2\r\n");
    assert_eq!((ran.code, ran.out.as_str()), (0, "login\n"), "{}", ran.err);
    for (input, problem) in [
        (&b""[..], "1 to 1,024"),
        (b"\n", "1 to 1,024"),
        (b"two\nlines\n", "1 to 1,024"),
        ("ä".as_bytes(), "1 to 1,024"),
        (b"\xff", "--client-secret-file: cannot read standard input: "),
    ] {
        let ran = fed(&folder, &format!("{CHANGE} --client-secret-file -"), input);
        assert!(ran.code == 2 && ran.err.contains(problem), "{input:?}: {}", ran.err);
        assert!(!ran.err.contains("lines"), "{}", ran.err);
    }
    let ran = command(&folder, &format!("{ADD} --client-secret-file /nowhere"));
    assert!(ran.code == 2 && ran.err.contains("--client-secret-file: cannot read /nowhere"), "{}", ran.err);
    // It has to be said that there is none; and nobody types one for all to see.
    assert_eq!(command(&folder, ADD).code, 2);
    assert_eq!(command(&folder, &format!("{ADD} --public --client-secret-file x")).code, 2);
    assert_eq!(command(&folder, &format!("{ADD} --client-secret hunter2")).code, 2);
}

#[test]
fn mistakes_name_the_flag() {
    let folder = folder_with_demo();
    for (words, problem) in [
        (format!("{ADD} --public --scope \u{e4}"), "--scope: has one with a character no scope has"),
        (format!("{ADD} --public --email-domain Shop.example"), "--email-domain: has one that is no domain"),
        (format!("{ADD} --public --redirect-uri /callback"), "--redirect-uri: must be a URL such as"),
        (
            format!("{ADD} --public --redirect-uri https://shop.example/callback"),
            "must have the path /auth/oidc/login/callback",
        ),
        (format!("{ADD} --public --group-role a=b"), "--groups-claim: is needed for --group-role"),
        (ADD.replace("https://login.example", "login.example"), "must be a URL such as https://login.example"),
        (ADD.replace(" login ", " Login "), "'Login'"),
    ] {
        let ran = command(&folder, &words);
        assert!(ran.code == 2 && ran.err.contains(problem), "{words}: {}", ran.err);
    }
    assert_eq!(command(&folder, &format!("{ADD} --public")).code, 0);
    let second = "oidc add --tenant demo second --issuer https://second.example --client-id shop --public";
    let ran = command(&folder, second);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("the providers second and login could name the same people"), "{}", ran.err);
    assert_eq!(command(&folder, &format!("{second} --actor-type staff")).code, 0);
}

#[test]
fn a_provider_is_tried_and_what_is_wrong_is_said() {
    let folder = folder_with_demo();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let provider = runtime.block_on(sealgate_test_provider::Provider::start(|| 1_780_315_200));
    let add = format!("oidc add --tenant demo login --issuer {} --client-id shop --public", provider.issuer());
    assert_eq!(command(&folder, &add).code, 0);
    let ran = command(&folder, "oidc test --tenant demo login");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.starts_with(&format!("ok      {} describes itself\n", provider.issuer())), "{}", ran.out);
    assert_eq!(json(&folder, "oidc test --tenant demo login --json")["usable"], true);
    provider.plan(|plan| plan.discovery = json!({ "response_types_supported": ["id_token"] }));
    let ran = command(&folder, "oidc test --tenant demo login");
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("bad     the authorization code flow is not among response_types_supported (code)\n"),
        "{}",
        ran.out
    );
    // As in production, where this machine is not asked.
    let strict = run(sealgate(folder.path()).args("oidc test --tenant demo login --oidc-any-address false".split(' ')));
    assert_eq!(strict.code, 1);
    assert!(strict.out.contains("127.0.0.1 is this machine itself, which is not asked"), "{}", strict.out);
    let allowed = "oidc test --tenant demo login --oidc-any-address false --oidc-allowed-networks 10.0.0.0/8,127.0.0.1";
    provider.behave();
    assert_eq!(command(&folder, allowed).code, 0);
}

#[test]
fn a_list_of_authorities_that_is_not_there_is_warned_of_once() {
    let folder = folder_with_demo();
    let add = "oidc add --tenant demo login --issuer https://127.0.0.1:1 --client-id shop --public";
    assert_eq!(command(&folder, add).code, 0);
    let mut command = sealgate(folder.path());
    let ran = run(command.args("oidc test --tenant demo login".split(' ')).env("SSL_CERT_FILE", "/nowhere.pem"));
    assert_eq!(ran.code, 1);
    assert_eq!(ran.err.matches("/nowhere.pem").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("WARN") && ran.err.contains("SSL_CERT_FILE"), "{}", ran.err);
    assert!(ran.out.contains("this machine knows no certificate authorities"), "{}", ran.out);
}

const TABLE: &str =
    "[[oidc]]\ntenant = \"demo\"\nid = \"login\"\nissuer = \"https://login.example\"\nclient_id = \"shop\"\n";

#[test]
fn a_secret_of_the_file_is_for_those_who_serve() {
    let folder = folder_with_demo();
    let file = folder.path().join("sealgate.toml");
    fs::write(&file, format!("{TABLE}client_secret_env = \"SHOP_SECRET\"\n")).unwrap();
    let ran = run(sealgate(folder.path()).env("SEALGATE_CONFIG", &file).args(["tenants", "list"]));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = run(sealgate(folder.path()).env("SEALGATE_CONFIG", &file).arg("serve"));
    let expected = format!(
        "sealgate: [[oidc]] login of tenant demo in {}: client_secret_env names SHOP_SECRET, which is not set\n",
        file.display()
    );
    assert_eq!((ran.code, ran.err), (2, expected));
}

#[test]
fn a_file_with_a_mistake_is_wrong_configuration() {
    let folder = folder_with_demo();
    let file = folder.path().join("sealgate.toml");
    fs::write(&file, format!("{TABLE}{}", TABLE.replace("demo", "nobody"))).unwrap();
    let ran = run(sealgate(folder.path()).env("SEALGATE_CONFIG", &file).arg("serve"));
    let expected =
        format!("sealgate: [[oidc]] login of tenant nobody in {}: there is no tenant nobody", file.display());
    assert!(ran.code == 2 && ran.err.contains(&expected), "{}", ran.err);
    assert!(command(&folder, "oidc list --tenant demo").out.starts_with("There is no provider"), "nothing was touched");
}

#[test]
fn the_file_keeps_providers_and_says_so() {
    let folder = folder_with_demo();
    let file = folder.path().join("sealgate.toml");
    fs::write(&file, format!("{TABLE}client_secret_env = \"SHOP_SECRET\"\n")).unwrap();
    let mut command = sealgate(folder.path());
    command.env("SHOP_SECRET", "hunter2").env("SEALGATE_CONFIG", &file);
    let serving = crate::serving::start_as(&mut command);
    drop(serving);
    let shown = json(&folder, "oidc show --tenant demo login --json");
    assert_eq!((&shown["managed_by_file"], &shown["client_secret"]), (&json!(true), &json!(true)));
    for verb in ["disable", "enable", "remove"] {
        let ran = crate::run::command(&folder, &format!("oidc {verb} --tenant demo login"));
        assert_eq!(ran.code, 3);
        assert!(ran.err.contains("is kept in the configuration file, under [[oidc]]"), "{}", ran.err);
    }
}
