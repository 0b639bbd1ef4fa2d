//! The commands that work straight on the database.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::run::{Ran, bare, folder_with_demo, must, run, sealgate};

const KEK: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn mint(folder: &tempfile::TempDir, more: &[&str]) -> Value {
    let mut command = sealgate(folder.path());
    let out = must(command.args(["mint", "--tenant", "demo", "--actor-id", "ada", "--json"]).args(more));
    serde_json::from_str(&out).unwrap()
}

fn cookie_of(minted: &Value) -> String {
    minted["set_cookie"][0].as_str().unwrap().split(';').next().unwrap().to_owned()
}

fn inspect(folder: &tempfile::TempDir, cookie: &str, more: &[&str]) -> Ran {
    run(sealgate(folder.path()).args(["inspect", cookie]).args(more))
}

#[test]
fn minting_prints_the_cookies_and_nothing_else() {
    let folder = folder_with_demo();
    let mut command = sealgate(folder.path());
    let ran = run(command.args(["mint", "--tenant", "demo", "--actor-id", "ada", "--remember", "--role", "admin"]));
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.out);
    assert!(lines[0].starts_with("Set-Cookie: __Host-sg=v1.") && lines[0].ends_with("Max-Age=1209600"));
    assert!(lines[1].starts_with("Set-Cookie: __Host-sg_refresh=r1."));
    assert!(lines[2].starts_with("Set-Cookie: __Host-sg_csrf="));
    assert_eq!(ran.err, "");
}

#[test]
fn inspecting_says_why_and_never_prints_the_mac() {
    let folder = folder_with_demo();
    must(sealgate(folder.path()).args(["tenants", "create", "other"]));
    let minted = mint(&folder, &["--role", "admin"]);
    let cookie = cookie_of(&minted);
    let (signed, mac) = cookie.rsplit_once('.').unwrap();
    let bent = format!("{signed}.{}{}", if mac.starts_with('A') { "B" } else { "A" }, &mac[1..]);
    for (cookie, more, code, expected) in [
        (
            cookie.as_str(),
            &[][..],
            0,
            &["Would be accepted", "user ada", "roles          admin", "row            live"][..],
        ),
        (cookie.strip_prefix("__Host-sg=").unwrap(), &[], 0, &["Would be accepted"]),
        (
            &cookie,
            &["--tenant", "other"],
            3,
            &["tenant         REFUSED  wrong_tenant", "expiry         not reached", "user ada"],
        ),
        (&bent, &[], 3, &["key            ok", "mac            REFUSED  bad_mac", "claims         not reached"]),
        ("v1.AAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &[], 3, &["REFUSED  unknown_kid"]),
        ("v2.a.b.c", &[], 3, &["REFUSED  ", "key            not reached"]),
        ("junk", &[], 3, &["form           REFUSED  malformed"]),
    ] {
        let ran = inspect(&folder, cookie, more);
        assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
        for text in expected {
            assert!(ran.out.contains(text), "{text:?} is not in\n{}", ran.out);
        }
        assert!(!ran.out.contains(&mac[1..]) && !ran.err.contains(&mac[1..]), "{}", ran.out);
        if code != 0 && !expected.contains(&"user ada") {
            assert!(!ran.out.contains("user ada"), "claims nobody vouches for are not shown: {}", ran.out);
        }
    }
}

#[test]
fn a_cookie_comes_from_standard_input_too() {
    let folder = folder_with_demo();
    let cookie = cookie_of(&mint(&folder, &[]));
    let mut command = sealgate(folder.path());
    let mut child = command.args(["inspect", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{cookie}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_cookie_signed_before_a_rotation_is_still_good() {
    let folder = folder_with_demo();
    let minted = mint(&folder, &[]);
    let out = must(sealgate(folder.path()).args(["keys", "rotate", "--tenant", "demo", "--now"]));
    assert!(out.contains("retired  sk-") && out.contains("active   sk-") && out.contains("pending  sk-"), "{out}");
    let ran = inspect(&folder, &cookie_of(&minted), &[]);
    assert!(ran.code == 0 && ran.out.contains(", retired"), "{}", ran.out);
}

#[test]
fn credentials_are_printed_once_and_alone() {
    let folder = folder_with_demo();
    let token = must(sealgate(folder.path()).args(["tokens", "create", "--tenant", "demo", "--name", "backend"]));
    assert!(token.starts_with("sgt_") && token.trim_end().len() == 59, "{token}");
    let secret = must(sealgate(folder.path()).args(["edges", "create", "frankfurt", "--tenant", "demo"]));
    assert_eq!(secret.trim_end().len(), 43);
    let again = run(sealgate(folder.path()).args(["edges", "create", "frankfurt", "--tenant", "demo"]));
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert_eq!(again.err, "sealgate: there is an edge frankfurt already\n");
}

#[test]
fn mistakes_are_one_line_and_an_exit_code() {
    let folder = folder_with_demo();
    for (args, code, expected) in [
        (&["tenants", "create", "demo"][..], 1, "there is a tenant demo already"),
        (&["mint", "--tenant", "nobody", "--actor-id", "ada"], 3, "there is no tenant nobody"),
        (&["keys", "rotate", "--tenant", "nobody"], 3, "there is no tenant nobody"),
        (&["tokens", "create", "--tenant", "nobody", "--name", "x"], 3, "there is no tenant nobody"),
        (&["edges", "create", "e", "--tenant", "nobody"], 3, "there is no tenant nobody"),
        (&["tokens", "create", "--tenant", "demo", "--name", ""], 2, "--name: must have 1 to 64 characters"),
        (&["serve", "--idle-lifetime", "9h"], 2, "--idle-lifetime: \"9h\" is longer than absolute_lifetime (8h)"),
        (&["serve", "--dev-sign-in", "maybe"], 2, "--dev-sign-in: \"maybe\" is not true or false"),
        (&["--log", "[[", "tenants", "create", "x"], 2, "--log: \"[[\" is not a log filter"),
    ] {
        let ran = run(sealgate(folder.path()).args(args));
        assert_eq!(ran.code, code, "{args:?}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(ran.err.starts_with(&format!("sealgate: {expected}")), "{}", ran.err);
    }
    for args in [&["mint", "--tenant", "Demo", "--actor-id", "ada"][..], &["tenants", "create", "-x"], &["fly"]] {
        assert_eq!(run(sealgate(folder.path()).args(args)).code, 2, "{args:?}");
    }
}

#[test]
fn the_environment_is_checked_before_anything_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let start = |name: &str, value: &str| {
        let mut command = bare();
        run(command.env("SEALGATE_DATA_DIR", &data).env(name, value).args(["tenants", "create", "demo"]))
    };
    for (name, value, expected) in [
        ("SEALGATE_TYPO", "1", "SEALGATE_TYPO: there is no such setting"),
        ("HOME", "/root", "SEALGATE_KEK: production needs a key-encryption key"),
        ("SEALGATE_KEK", "AAAA", "SEALGATE_KEK: must be 32 random bytes"),
        ("SEALGATE_KEK_FILE", "/nowhere/kek", "SEALGATE_KEK_FILE: cannot read /nowhere/kek"),
    ] {
        let ran = start(name, value);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.starts_with(&format!("sealgate: {expected}")), "{}", ran.err);
    }
    assert!(!data.exists());
    assert_eq!(start("SEALGATE_KEK", KEK).code, 0);
    let other = start("SEALGATE_KEK", &KEK.replace("AAAA", "BBBB").replace("BBBA", "BBBB"));
    assert!(other.code != 0, "another key-encryption key");
}

#[test]
fn production_serves_only_what_production_may() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [("SEALGATE_DEV_SIGN_IN", "true"), ("SEALGATE_DEV_COOKIES", "1")] {
        let mut command = bare();
        command.env("SEALGATE_DATA_DIR", folder.path()).env("SEALGATE_KEK", KEK).env(name, value).arg("serve");
        let ran = run(&mut command);
        assert_eq!(ran.code, 2);
        assert!(ran.err.starts_with(&format!("sealgate: {name}: ")) && ran.err.contains("development only"));
    }
}
