//! `sealgate sessions`.

use serde_json::Value;

use crate::run::{command, folder_with_demo, json};

fn mint(folder: &tempfile::TempDir, more: &str) -> String {
    let minted = json(folder, &format!("mint --tenant demo --actor-id ada --json{more}"));
    minted["session"].as_str().unwrap().to_owned()
}

fn ids(listed: &Value) -> Vec<String> {
    let sessions = listed["sessions"].as_array().unwrap();
    sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn they_are_listed_newest_first_and_page_by_page() {
    let folder = folder_with_demo();
    let mut minted: Vec<String> = (0..5).map(|_| mint(&folder, " --label Phone")).collect();
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = json(&folder, &format!("sessions list --tenant demo --actor-id ada --limit 2 --json{cursor}"));
        found.extend(ids(&page));
        assert!(found.len() <= 5);
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!(" --cursor {next}");
    }
    let created: Vec<String> = {
        let all = json(&folder, "sessions list --tenant demo --actor-id ada --json");
        all["sessions"].as_array().unwrap().iter().map(|one| one["created_at"].as_str().unwrap().to_owned()).collect()
    };
    assert!(created.is_sorted_by(|newer, older| newer >= older), "{created:?}");
    minted.sort();
    found.sort();
    assert_eq!(found, minted);

    let ran = command(&folder, "sessions list --tenant demo --actor-id ada --limit 2");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(
        lines[0].starts_with("SESSION") && lines[1].contains("Phone") && lines[1].contains("ends in "),
        "{}",
        ran.out
    );
    assert!(lines[4].starts_with("There are more: --cursor "), "{}", ran.out);
    assert!(lines.iter().all(|line| line.len() <= 80), "{}", ran.out);
    let ran = command(&folder, "sessions list --tenant demo --actor-id bob");
    assert_eq!((ran.code, ran.out.as_str()), (0, "user bob of demo has no live session.\n"));
}

#[test]
fn one_is_shown_for_people_and_for_programs() {
    let folder = folder_with_demo();
    let id = mint(&folder, " --role admin --remember --label \u{1b}[2J");
    let ran = command(&folder, &format!("sessions show {id}"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    for text in [
        "state          live",
        "actor          user ada",
        "roles          admin",
        "remembered     yes",
        "method         command",
    ] {
        assert!(ran.out.contains(text), "{text} is not in\n{}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}'), "a label that would clear the screen");
    let shown = json(&folder, &format!("sessions show {id} --tenant demo --json"));
    assert_eq!(shown["id"], id.as_str());
    assert_eq!(shown["status"], "live");
}

#[test]
fn one_is_revoked_and_named_and_once_more_changes_nothing() {
    let folder = folder_with_demo();
    let (id, other) = (mint(&folder, ""), mint(&folder, ""));
    let ran = command(&folder, &format!("sessions revoke {id}"));
    assert_eq!((ran.code, ran.out), (0, format!("revoked  {id}  user ada of demo\n")));
    let ran = command(&folder, &format!("sessions revoke {id}"));
    assert!(ran.code == 0 && ran.out.starts_with("revoked already, "), "{}", ran.out);
    assert_eq!(ids(&json(&folder, "sessions list --tenant demo --actor-id ada --json")), [other.as_str()]);
    assert_eq!(ids(&json(&folder, "sessions list --tenant demo --actor-id ada --all --json")).len(), 2);
    let all = command(&folder, "sessions list --tenant demo --actor-id ada --all");
    assert!(all.out.contains("revoked, admin") && all.out.lines().all(|line| line.len() <= 80), "{}", all.out);
}

#[test]
fn all_of_somebodys_are_revoked_but_the_one_to_keep() {
    let folder = folder_with_demo();
    let minted: Vec<String> = (0..3).map(|_| mint(&folder, "")).collect();
    let kept = &minted[1];
    let ran = command(&folder, &format!("sessions revoke --tenant demo --actor-id ada --except {kept}"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    for id in &minted {
        let word = if id == kept { "kept     " } else { "revoked  " };
        assert!(ran.out.contains(&format!("{word}{id}  user ada of demo\n")), "{}", ran.out);
    }
    assert_eq!(ids(&json(&folder, "sessions list --tenant demo --actor-id ada --json")), [kept.as_str()]);
    assert_eq!(command(&folder, "sessions revoke --tenant demo --actor-id ada").code, 0);
    let ran = command(&folder, "sessions revoke --tenant demo --actor-id ada");
    assert_eq!((ran.code, ran.err.as_str()), (3, "sealgate: there is no live session of user ada of demo\n"));
}

#[test]
fn what_is_not_there_and_what_is_not_meant_revokes_nothing() {
    let folder = folder_with_demo();
    assert_eq!(command(&folder, "tenants create other").code, 0);
    let id = mint(&folder, "");
    let nobody = "ses-AAAAAAAAAAAAAAAAAAAAAA";
    for (words, code) in [
        (format!("sessions show {nobody}"), 3),
        (format!("sessions show {id} --tenant other"), 3),
        (format!("sessions show {id} --tenant nowhere"), 3),
        (format!("sessions revoke {nobody}"), 3),
        (format!("sessions revoke {id} --tenant other"), 3),
        (format!("sessions revoke --tenant demo --actor-id ada --except {nobody}"), 3),
        ("sessions revoke --tenant demo --actor-id eve".to_owned(), 3),
        ("sessions revoke --tenant nowhere --actor-id ada".to_owned(), 3),
        ("sessions revoke --tenant other --actor-id ada".to_owned(), 3),
        ("sessions revoke --tenant demo --actor-type service --actor-id ada".to_owned(), 3),
        ("sessions list --tenant nowhere --actor-id ada".to_owned(), 3),
        ("sessions revoke".to_owned(), 2),
        ("sessions revoke --tenant demo".to_owned(), 2),
        ("sessions revoke --actor-id ada".to_owned(), 2),
        (format!("sessions revoke {id} --tenant demo --actor-id ada"), 2),
        (format!("sessions revoke {id} --except {id}"), 2),
        (format!("sessions revoke {}", &id[4..]), 2),
        ("sessions list --tenant demo --actor-id ada --limit 0".to_owned(), 2),
        ("sessions list --tenant demo --actor-id ada --cursor x".to_owned(), 2),
    ] {
        let ran = command(&folder, &words);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{words}: {}", ran.err);
    }
    assert_eq!(ids(&json(&folder, "sessions list --tenant demo --actor-id ada --json")), [id]);
}
