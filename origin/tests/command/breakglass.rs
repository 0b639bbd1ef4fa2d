//! `sealgate breakglass`, on an installation that was never served.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::run::{Ran, command, folder_with_demo, json, run, sealgate};

const RIGHT: &str = "correct horse battery";

/// Sets a password, which standard input tells.
fn set(folder: &tempfile::TempDir, words: &str, input: &[u8]) -> Ran {
    let mut command = sealgate(folder.path());
    command.args(["breakglass", "set", "--tenant", "demo"]).args(words.split(' '));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses its arguments has gone by then.
    drop(child.stdin.take().unwrap().write_all(input));
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn a_password_is_set_listed_and_removed_and_ends_sessions() {
    let folder = folder_with_demo();
    assert!(command(&folder, "breakglass list").out.contains("/auth/break-glass is off"));
    assert_eq!(json(&folder, "breakglass list --json"), json!({ "accounts": [] }));
    let ran = set(&folder, "ada", format!("{RIGHT}\n").as_bytes());
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (
            0,
            "set the password of operator ada in tenant demo; roles: those known of the actor; assurance: 0; \
             no session was live\n"
        )
    );
    for _ in 0..2 {
        assert_eq!(command(&folder, "mint --tenant demo --actor-type operator --actor-id ada").code, 0);
    }
    let ran = set(&folder, "ada --role admin --role night --assurance 2", RIGHT.as_bytes());
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "set the password of operator ada in tenant demo; roles: admin,night; assurance: 2; 2 sessions ended\n")
    );
    let listed = json(&folder, "breakglass list --tenant demo --json");
    let account = &listed["accounts"][0];
    for (name, value) in [
        ("tenant", json!("demo")),
        ("account", json!("ada")),
        ("actor_type", json!("operator")),
        ("roles", json!(["admin", "night"])),
        ("assurance", json!(2)),
        ("used_at", json!(null)),
        ("failures", json!(0)),
        ("closed_for_s", json!(0)),
        ("let_through", json!(0)),
    ] {
        assert_eq!(account[name], value, "{name}");
    }
    assert!(account["set_at"].is_string());
    let table = command(&folder, "breakglass list").out;
    assert!(table.contains("operator  admin,night  2"), "{table}");
    assert!(!format!("{table}{listed}").contains("argon2"), "what is kept of it is nobody's business");
    assert_eq!(command(&folder, "mint --tenant demo --actor-type operator --actor-id ada").code, 0);
    let ran = command(&folder, "breakglass remove --tenant demo ada");
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "removed the password of operator ada in tenant demo; 1 session ended\n")
    );
    assert_eq!(command(&folder, "breakglass remove --tenant demo ada").code, 3);
    let audit = command(&folder, "audit list --tenant demo").out;
    assert!(audit.contains("break_glass.set") && audit.contains("break_glass.removed"), "{audit}");
}

#[test]
fn another_password_leaves_roles_and_assurance_as_they_are() {
    let folder = folder_with_demo();
    let in_force = |words: &str| {
        let ran = set(&folder, words, RIGHT.as_bytes());
        assert_eq!(ran.code, 0, "{words}: {}", ran.err);
        ran.out.split("; ").skip(1).take(2).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(in_force("ada --role admin --assurance 2"), "roles: admin; assurance: 2");
    assert_eq!(in_force("ada"), "roles: admin; assurance: 2");
    assert_eq!(in_force("ada --role night"), "roles: night; assurance: 2");
    assert_eq!(in_force("ada --assurance 0"), "roles: night; assurance: 0");
    assert_eq!(in_force("ada --known-roles"), "roles: those known of the actor; assurance: 0");
    assert_eq!(in_force("bob"), "roles: those known of the actor; assurance: 0");
    assert_eq!(set(&folder, "ada --known-roles --role admin", RIGHT.as_bytes()).code, 2);
}

#[test]
fn what_a_password_must_be_is_said_before_anybody_types_one() {
    let help = command(&tempfile::tempdir().unwrap(), "breakglass set --help").out;
    assert!(help.contains("15 to 128"), "{help}");
}

#[test]
fn one_that_is_made_is_shown_once() {
    let folder = folder_with_demo();
    let ran = command(&folder, "breakglass set --tenant demo ada --generate");
    assert_eq!((ran.code, ran.out.trim_end().len(), ran.out.lines().count()), (0, 29, 1), "{}{}", ran.out, ran.err);
    assert!(!ran.err.contains(ran.out.trim_end()) && ran.err.contains("assurance: 0"), "{}", ran.err);
    let other = command(&folder, "breakglass set --tenant demo ada --generate");
    assert_ne!(other.out, ran.out);
}

#[test]
fn what_is_no_good_is_refused_before_anything_is_touched_and_never_repeated() {
    let folder = folder_with_demo();
    for (input, why) in [
        (&b"too short"[..], "fewer than 15 characters"),
        (&b"correct horse ".repeat(10), "more than 128 characters"),
        (&b"correct horse ".repeat(1_000), "more than 128 characters"),
        (b"", "fewer than 15 characters"),
        (b"\n", "fewer than 15 characters"),
        (b"correct horse battery\nstaple\n", "more than one line"),
        (b"correct horse battery\n\n", "more than one line"),
        ("größer als du denkst".as_bytes(), "every keyboard types alike"),
        (b"correct horse battery \n", "begins or ends with a blank"),
        (b"\xff\xfe correct horse battery", "not text"),
        (b"aaaaaaaaaaaaaaaaaaaaa", "fewer than 5 different"),
        (b"anna and the battery", "the name of the account"),
    ] {
        let ran = set(&folder, "anna", input);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{input:?}: {}", ran.err);
        assert!(ran.err.contains(why), "{}", ran.err);
        assert!(!ran.err.contains("horse") && !ran.err.contains("xxx"), "{}", ran.err);
    }
    let ran = run(sealgate(folder.path()).args(["breakglass", "set", "--tenant", "demo", "ada", RIGHT]));
    assert_eq!(ran.code, 2, "a password is no argument");
    assert_eq!(set(&folder, "a\u{e4}", RIGHT.as_bytes()).code, 2);
    assert_eq!(set(&folder, "ada --assurance 256", RIGHT.as_bytes()).code, 2);
    let ran = run(sealgate(folder.path()).args(["breakglass", "set", "--tenant", "nobody", "ada", "--generate"]));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert_eq!(json(&folder, "breakglass list --json"), json!({ "accounts": [] }));
    assert_eq!(set(&folder, "ada", format!("{RIGHT}\r\n").as_bytes()).code, 0);
    let ran = set(&folder, "ada --actor-type user", RIGHT.as_bytes());
    assert!(ran.code == 3 && ran.err.contains("another type"), "{}", ran.err);
}

#[test]
fn an_account_is_unlocked_and_an_address_let_through() {
    let folder = folder_with_demo();
    assert_eq!(set(&folder, "ada", RIGHT.as_bytes()).code, 0);
    let ran = command(&folder, "breakglass unlock --tenant demo ada");
    assert_eq!((ran.code, ran.out.as_str()), (0, "unlocked ada in tenant demo\n"));
    let ran = command(&folder, "breakglass unlock --tenant demo ada --from 2001:db8::1");
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "unlocked ada in tenant demo; 2001:db8::1 is let through for an hour\n")
    );
    assert_eq!(command(&folder, "breakglass unlock --tenant demo bob").code, 3);
    assert_eq!(command(&folder, "breakglass unlock --tenant nobody ada").code, 3);
    assert_eq!(command(&folder, "breakglass unlock --tenant demo ada --from here").code, 2);
    let audit = command(&folder, "audit list --tenant demo").out;
    assert!(audit.contains("break_glass.unlocked") && audit.contains("and 2001:db8::/64 is let through"), "{audit}");
    assert!(command(&folder, "breakglass list").out.contains("1 network is let through"));
    assert_eq!(json(&folder, "breakglass list --json")["accounts"][0]["let_through"], 1);
}
