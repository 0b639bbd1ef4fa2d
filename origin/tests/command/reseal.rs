//! `sealgate keys reseal`, and what the doctor says of key-encryption keys.

use std::process::Command;

use serde_json::Value;

use crate::run::{Ran, must, run, sealgate};

const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const NEW: &str = "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const OTHER: &str = "CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A command under these keys; nothing it prints may hold one of them.
fn under(folder: &tempfile::TempDir, keks: &str, words: &str) -> Ran {
    let mut command: Command = sealgate(folder.path());
    let ran = run(command.env("SEALGATE_KEK", keks).args(words.split(' ')));
    assert!(![&ran.out, &ran.err].iter().any(|text| text.contains(&OLD[1..20])), "{}{}", ran.out, ran.err);
    ran
}

fn reseal(folder: &tempfile::TempDir, keks: &str, more: &str) -> (i32, Value) {
    let ran = under(folder, keks, &format!("keys reseal --json{more}"));
    assert_eq!(ran.out.lines().count(), 1, "{}{}", ran.out, ran.err);
    (ran.code, serde_json::from_str(&ran.out).unwrap())
}

fn folder_under_old() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(under(&folder, OLD, "tenants create demo").code, 0);
    assert_eq!(under(&folder, OLD, "edges create paris --tenant demo").code, 0);
    folder
}

#[test]
fn it_moves_everything_and_says_how_much() {
    let folder = folder_under_old();
    let both = format!("{NEW},{OLD}");
    let (code, planned) = reseal(&folder, &both, " --dry-run");
    assert_eq!((code, &planned["moved"], &planned["dry_run"]), (0, &4.into(), &true.into()), "{planned}");
    let ran = under(&folder, &both, "keys reseal");
    let kek = planned["kek"].as_str().unwrap();
    assert_eq!(ran.out, format!("moved        4  to {kek}\nthere before 0\ndo not open  0\n"), "{}", ran.err);
    let (code, again) = reseal(&folder, NEW, "");
    assert_eq!((code, &again["moved"], &again["already"]), (0, &0.into(), &4.into()), "{again}");
    assert_eq!(under(&folder, NEW, "mint --tenant demo --actor-id ada").code, 0);
    let refused = under(&folder, OLD, "tenants list");
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains(&format!("under the key-encryption key {kek}, which is not given")),
        "{}",
        refused.err
    );
}

#[test]
fn a_missing_kek_is_named_the_rest_is_moved_and_the_exit_code_says_so() {
    let folder = folder_under_old();
    assert_eq!(under(&folder, &format!("{OTHER} {OLD}"), "tenants create lost").code, 0);
    let both = format!("{NEW}\n{OLD}");
    let (code, done) = reseal(&folder, &both, "");
    assert_eq!((code, &done["moved"], &done["failed"]), (1, &4.into(), &3.into()), "{done}");
    let missing = done["missing"].as_object().unwrap();
    assert_eq!(missing.len(), 1);
    let (kek, count) = missing.iter().next().unwrap();
    assert_eq!(count, 3);
    let ran = under(&folder, &both, "keys reseal");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains(&format!("  3 under the key-encryption key {kek}, which is not given\n")), "{}", ran.out);
    let (code, done) = reseal(&folder, &format!("{NEW},{OTHER}"), "");
    assert_eq!((code, &done["moved"], &done["already"]), (0, &3.into(), &4.into()), "{done}");
}

#[test]
fn the_file_may_hold_several_with_comments() {
    let folder = folder_under_old();
    let file = folder.path().join("keks");
    std::fs::write(&file, format!("# since today\n{NEW}\n# before\n{OLD}\n")).unwrap();
    let mut command = sealgate(folder.path());
    let out = must(command.env("SEALGATE_KEK_FILE", &file).args(["keys", "reseal"]));
    assert!(out.starts_with("moved        4"), "{out}");
    // The file that development keeps is read the same way.
    std::fs::write(folder.path().join("kek"), format!("{OLD}\n{NEW}\n")).unwrap();
    let out = must(sealgate(folder.path()).args(["keys", "reseal", "--dry-run"]));
    assert!(out.starts_with("to move      4"), "{out}");
}

#[test]
fn the_doctor_says_when_a_kek_can_go() {
    let folder = folder_under_old();
    let both = format!("{NEW},{OLD}");
    let findings = |keks: &str| {
        let ran = under(&folder, keks, "doctor --json");
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["check"] == "kek");
        let text = |finding: &Value| {
            let message = finding["message"].as_str().unwrap();
            let message = message.split(' ').filter(|word| !word.starts_with("kek-")).collect::<Vec<_>>().join(" ");
            format!("{}: {message}", finding["verdict"].as_str().unwrap())
        };
        findings.map(text).collect::<Vec<_>>()
    };
    let opens = "ok: opens every sealed secret (4)";
    assert_eq!(findings(OLD), [opens, "ok: writes; sealed under it: 4"]);
    assert_eq!(findings(&both), [opens, "ok: writes; sealed under it: 0", "warning: reads; sealed under it: 4"]);
    assert_eq!(reseal(&folder, &both, "").0, 0);
    assert_eq!(
        findings(&both),
        [
            opens,
            "ok: writes; sealed under it: 4",
            "ok: reads; nothing in use is sealed under it: only backups from before need it"
        ]
    );
    assert!(findings(OLD)[0].starts_with("problem: 4 of 4 sealed secrets do not open"), "{:?}", findings(OLD));
}
