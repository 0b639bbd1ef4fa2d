//! `sealgate keys rotate` and `sealgate keys revoke`.

use serde_json::Value;

use crate::run::{command, folder_with_demo, json, must, sealgate};

fn mint(folder: &tempfile::TempDir) -> Value {
    json(folder, "mint --tenant demo --actor-id ada --json")
}

fn key_in(folder: &tempfile::TempDir, state: &str) -> String {
    let listed = json(folder, "keys list --tenant demo --json");
    let key = listed["keys"].as_array().unwrap().iter().find(|key| key["state"] == state).unwrap();
    key["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_dry_run_says_what_each_key_does_and_when_the_old_one_can_go_and_changes_nothing() {
    let folder = folder_with_demo();
    mint(&folder);
    mint(&folder);
    let (active, pending) = (key_in(&folder, "active"), key_in(&folder, "pending"));
    let before = json(&folder, "keys list --json");
    let ran = command(&folder, "keys rotate --tenant demo --dry-run --now");
    assert_eq!(ran.code, 0, "{}", ran.err);
    for text in [
        &format!("{active}  active "),
        &format!("{pending}  pending "),
        &format!("would retire {active} and sign with {pending}. Nothing was changed."),
        &format!("Live sessions signed by {active}: 2. They stay."),
        "It could be destroyed at the earliest ",
        "(in 16 min), at the latest ",
        "(in 8 h).",
        "The next scheduled rotation is due ",
    ] {
        assert!(ran.out.contains(text), "{text:?} is not in\n{}", ran.out);
    }
    assert_eq!(json(&folder, "keys list --json"), before);

    let preview = json(&folder, "keys rotate --tenant demo --dry-run --now --json");
    assert_eq!((&preview["retires"], &preview["promotes"]), (&Value::from(active), &Value::from(pending)));
    assert_eq!((&preview["live_sessions"], &preview["too_soon_until"]), (&Value::from(2), &Value::Null));
    assert!(preview["destroyed_from"].as_str() < preview["destroyed_until"].as_str(), "{preview}");
    assert!(preview["rotation_due_at"].is_string() && preview["keys"].as_array().unwrap().len() == 2, "{preview}");
    let mut off = sealgate(folder.path());
    let out =
        must(off.env("SEALGATE_KEY_ROTATION", "off").args(["keys", "rotate", "--tenant=demo", "--dry-run", "--now"]));
    assert!(out.contains("Keys are not rotated on schedule: key_rotation is off."), "{out}");
}

#[test]
fn it_is_too_soon_until_edges_can_have_the_pending_key() {
    let folder = folder_with_demo();
    let ran = command(&folder, "keys rotate --tenant demo");
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(
        ran.err.starts_with("sealgate: edges may not have the pending key before ") && ran.err.lines().count() == 1
    );
    let ran = command(&folder, "keys rotate --tenant demo --dry-run");
    assert!(ran.code == 3 && ran.out.contains("Not yet: edges may not have"), "{}", ran.out);
    let pending = key_in(&folder, "pending");
    let rotated = json(&folder, "keys rotate --tenant demo --now --json");
    assert_eq!(rotated["active"], pending.as_str());
    assert_eq!(command(&folder, "keys rotate --tenant nobody --now").code, 3);
    assert_eq!(command(&folder, "keys rotate --tenant nobody --dry-run").code, 3);
}

#[test]
fn keys_of_all_tenants_are_listed_together() {
    let folder = folder_with_demo();
    must(sealgate(folder.path()).args(["tenants", "create", "other"]));
    let listed = json(&folder, "keys list --json");
    let tenants: Vec<&str> =
        listed["keys"].as_array().unwrap().iter().map(|key| key["tenant"].as_str().unwrap()).collect();
    assert_eq!(tenants, ["demo", "demo", "other", "other"]);
    let ran = command(&folder, "keys list");
    assert!(ran.out.starts_with("TENANT  KEY ") && ran.out.contains("signs next"), "{}", ran.out);
    assert!(ran.out.contains("rotates 20") && ran.out.lines().all(|line| line.len() <= 80), "{}", ran.out);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        command(&empty, "keys list").out,
        "There is no tenant, and so no key; `sealgate tenants create` makes both.\n"
    );
}

#[test]
fn one_that_leaked_is_revoked_with_its_sessions_and_named() {
    let folder = folder_with_demo();
    let minted = mint(&folder);
    let (active, pending) = (key_in(&folder, "active"), key_in(&folder, "pending"));
    let ran = command(&folder, &format!("keys revoke {active}"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let next = key_in(&folder, "pending");
    assert_eq!(
        ran.out,
        format!(
            "revoked  {active}  demo\nactive   {pending}  signs from now on\n\
             pending  {next}  signs after the next rotation\nsessions ended: 1\n"
        )
    );
    let shown = json(&folder, &format!("sessions show {} --json", minted["session"].as_str().unwrap()));
    assert_eq!(shown["revoked_reason"], "key_revoked", "{shown}");
    let cookie = minted["set_cookie"][0].as_str().unwrap().split(';').next().unwrap().to_owned();
    let inspected = command(&folder, &format!("inspect {cookie}"));
    assert!(inspected.code == 3 && inspected.out.contains("key            REFUSED  revoked"), "{}", inspected.out);
    let again = command(&folder, &format!("keys revoke {active}"));
    assert!(again.code == 0 && again.out.starts_with("revoked already, "), "{}", again.out);
    let listed = command(&folder, "keys list");
    assert!(listed.out.contains("  revoked  ") && listed.out.contains("gone by "), "{}", listed.out);
}

#[test]
fn all_of_a_tenant_are_revoked_when_an_edge_leaked() {
    let folder = folder_with_demo();
    mint(&folder);
    let active = key_in(&folder, "active");
    let revoked = json(&folder, &format!("keys revoke {active} --all --json"));
    assert_eq!((revoked["revoked"].as_array().unwrap().len(), &revoked["sessions_ended"]), (2, &Value::from(1)));
    assert_eq!(revoked["active"], key_in(&folder, "active").as_str());
    assert_eq!(revoked["pending"], key_in(&folder, "pending").as_str());
}

#[test]
fn what_is_no_key_is_not_revoked() {
    let folder = folder_with_demo();
    let ran = command(&folder, "keys revoke sk-AwMDAwMDAwM");
    assert_eq!((ran.code, ran.err.as_str()), (3, "sealgate: there is no signing key sk-AwMDAwMDAwM\n"));
    assert_eq!(command(&folder, "keys revoke AwMDAwMDAwM").code, 2);
}
