//! `OpenID` providers from the command line.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::run::{Ran, command, folder_with_demo, json, run, sealgate};

const ADD: &str = "oidc add --tenant demo login --issuer https://login.example --client-id shop";

/// Runs a command with this on its standard input.
fn fed(folder: &tempfile::TempDir, words: &str, input: &str) -> Ran {
    let mut command = sealgate(folder.path());
    let command = command.args(words.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
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
    assert_eq!(
        (again.code, again.err.as_str()),
        (1, "sealgate: there is a provider login (--replace changes it) already\n")
    );
    // Without a secret the one that is there stays; for another client it must be said.
    assert_eq!(command(&folder, &format!("{ADD} --replace --name Login")).code, 0);
    let shown = json(&folder, "oidc show --tenant demo login --json");
    assert_eq!(
        (&shown["name"], &shown["client_secret"], &shown["scopes"]),
        (&json!("Login"), &json!(true), &json!(["openid"]))
    );
    let other = "oidc add --tenant demo login --replace --issuer https://login.example --client-id other";
    let ran = command(&folder, other);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--client-secret-file: with another issuer or client id"), "{}", ran.err);
    assert_eq!(command(&folder, &format!("{other} --public")).code, 0);

    for (verb, expected) in [
        ("disable", "provider login of tenant demo is disabled\n"),
        ("disable", "provider login of tenant demo is disabled already\n"),
        ("enable", "provider login of tenant demo is enabled\n"),
        ("enable", "provider login of tenant demo is enabled already\n"),
        ("remove", "removed provider login of tenant demo\n"),
    ] {
        assert_eq!(command(&folder, &format!("oidc {verb} --tenant demo login")).out, expected);
    }
    for verb in ["show", "test", "disable", "enable", "remove"] {
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

#[test]
fn a_secret_comes_from_a_file_or_from_standard_input() {
    let folder = folder_with_demo();
    let ran = fed(&folder, &format!("{ADD} --client-secret-file -"), "hunter2\r\n");
    assert_eq!((ran.code, ran.out.as_str()), (0, "login\n"), "{}", ran.err);
    for (input, problem) in
        [("", "1 to 1,024"), ("\n", "1 to 1,024"), ("two\nlines\n", "1 to 1,024"), ("ä", "1 to 1,024")]
    {
        let ran = fed(&folder, &format!("{ADD} --replace --client-secret-file -"), input);
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
        (format!("{ADD} --public --group-role a=b"), "--groups-claim: is needed for group_roles"),
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
fn the_file_keeps_providers_and_says_so() {
    let folder = folder_with_demo();
    let file = folder.path().join("sealgate.toml");
    fs::write(
        &file,
        "[[oidc]]\ntenant = \"demo\"\nid = \"login\"\nissuer = \"https://login.example\"\nclient_id = \"shop\"\n\
         client_secret_env = \"SHOP_SECRET\"\n",
    )
    .unwrap();
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
