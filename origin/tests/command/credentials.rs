//! Keys, tokens, edges and tenants: listed, revoked, and never shown again.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::run::{command, folder_with_demo, json, must, sealgate};

fn create(folder: &tempfile::TempDir, words: &str) -> String {
    must(sealgate(folder.path()).args(words.split(' '))).trim_end().to_owned()
}

#[test]
fn keys_are_listed_with_the_sessions_they_sign() {
    let folder = folder_with_demo();
    assert_eq!(command(&folder, "mint --tenant demo --actor-id ada").code, 0);
    assert_eq!(command(&folder, "keys rotate --tenant demo --now").code, 0);
    let listed = json(&folder, "keys list --tenant demo --json");
    let keys = listed["keys"].as_array().unwrap();
    let states: Vec<&str> = keys.iter().map(|key| key["state"].as_str().unwrap()).collect();
    assert_eq!(states.len(), 3);
    for (state, live, retired) in [("retired", 1, true), ("active", 0, false), ("pending", 0, false)] {
        let key = keys.iter().find(|key| key["state"] == state).unwrap();
        assert_eq!(key["live_sessions"], live, "{key}");
        assert_eq!(key["retired_at"].is_string(), retired, "{key}");
        assert_eq!(key["activated_at"].is_string(), state != "pending", "{key}");
    }
    let ran = command(&folder, "keys list --tenant demo");
    assert!(ran.out.starts_with("TENANT ") && ran.out.contains("  retired  "), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.len() <= 80), "{}", ran.out);
    assert_eq!(command(&folder, "keys list --tenant nobody").code, 3);
}

#[test]
fn tokens_are_listed_without_their_secrets_and_revoked_by_name_or_as_found() {
    let folder = folder_with_demo();
    let tokens: Vec<String> = ["one", "two", "three"]
        .map(|name| create(&folder, &format!("tokens create --tenant demo --name {name}")))
        .into();
    let listed = json(&folder, "tokens list --json");
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 3);
    for out in [listed.to_string(), command(&folder, "tokens list --all").out] {
        for token in &tokens {
            assert!(out.contains(&token[4..15]) && !out.contains(&token[16..]), "{out}");
        }
        assert!(out.lines().all(|line| line.len() <= 80) || out.starts_with('{'), "{out}");
    }
    let id = &tokens[0][..15];
    let ran = command(&folder, &format!("tokens revoke {id}"));
    assert_eq!((ran.code, ran.out), (0, format!("revoked token {id} (one, tenant demo)\n")));
    assert!(command(&folder, &format!("tokens revoke {id}")).out.contains("was revoked already"));
    let ran = command(&folder, &format!("tokens revoke {}", tokens[1]));
    assert!(ran.code == 0 && ran.out.contains("(two, tenant demo)") && !ran.out.contains(&tokens[1][16..]));
    let mut child = sealgate(folder.path());
    let mut child = child.args(["tokens", "revoke", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", tokens[2]).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(json(&folder, "tokens list --json"), json!({ "tokens": [] }));
    assert_eq!(json(&folder, "tokens list --all --tenant demo --json")["tokens"].as_array().unwrap().len(), 3);
    // Half a token is no id, and is not repeated: its end is a secret.
    let ran = command(&folder, &format!("tokens revoke sgt_{}", &tokens[0][20..]));
    assert_eq!((ran.code, ran.err.as_str()), (3, "sealgate: there is no service token of that id\n"));
}

#[test]
fn edges_are_listed_without_their_secrets_and_revoked() {
    let folder = folder_with_demo();
    assert_eq!(command(&folder, "tenants create blog").code, 0);
    let secret = create(&folder, "edges create frankfurt --tenant demo --tenant blog");
    let out = command(&folder, "edges list").out;
    assert!(out.contains("frankfurt") && out.contains("blog, demo") && !out.contains(&secret), "{out}");
    let ran = command(&folder, "edges revoke frankfurt");
    assert_eq!((ran.code, ran.out.as_str()), (0, "revoked edge frankfurt (tenants: blog, demo)\n"));
    assert!(command(&folder, "edges revoke frankfurt").out.contains("was revoked already"));
    assert_eq!(json(&folder, "edges list --json"), json!({ "edges": [] }));
    let all = json(&folder, "edges list --all --json");
    assert!(all["edges"][0]["revoked_at"].is_string() && !all.to_string().contains(&secret), "{all}");
    assert_eq!(command(&folder, "edges revoke berlin").code, 3);
}

#[test]
fn tenants_are_listed_with_their_live_sessions() {
    let folder = folder_with_demo();
    assert_eq!(command(&folder, "mint --tenant demo --actor-id ada").code, 0);
    assert_eq!(json(&folder, "tenants list --json")["tenants"][0]["live_sessions"], 1);
    let out = command(&folder, "tenants list").out;
    assert!(out.starts_with("TENANT  CREATED     DISABLED  LIVE SESSIONS  HOSTS\ndemo    20"), "{out}");
    let empty = tempfile::tempdir().unwrap();
    assert!(command(&empty, "tenants list").out.starts_with("There is no tenant yet"));
}

#[test]
fn an_operators_token_is_made_listed_and_revoked() {
    let folder = folder_with_demo();
    let token = create(&folder, "tokens create --operator --name ops");
    create(&folder, "tokens create --tenant demo --name backend");
    let listed = json(&folder, "tokens list --json");
    let listed = listed["tokens"].as_array().unwrap();
    assert_eq!((&listed[0]["tenant"], &listed[0]["scopes"]), (&json!(null), &json!(["tenants"])));
    assert_eq!(listed.len(), 2);
    let out = command(&folder, "tokens list").out;
    assert!(out.contains("(operator)") && out.lines().all(|line| line.len() <= 80), "{out}");
    let ran = command(&folder, &format!("tokens revoke {}", &token[..15]));
    assert_eq!(ran.out, format!("revoked token {} (ops, an operator's)\n", &token[..15]));
    assert!(command(&folder, &format!("tokens revoke {}", &token[..15])).out.contains("(ops, an operator's) was"));

    for words in [
        "tokens create --name ops",
        "tokens create --operator --tenant demo --name ops",
        "tokens create --operator --scope sessions:read --name ops",
        "tokens create --tenant demo --scope tenants --name ops",
        "tokens create --tenant demo --scope everything --name ops",
    ] {
        assert_eq!(command(&folder, words).code, 2, "{words}");
    }
    let ran = command(&folder, "tokens create --tenant demo --scope sessions:read --scope tenants --name ops");
    assert!(ran.err.starts_with("sealgate: --scope: tenants is for operators"), "{}", ran.err);
}

#[test]
fn an_edges_secret_is_rotated_in_two_steps() {
    let folder = folder_with_demo();
    let first = create(&folder, "edges create frankfurt --tenant demo");
    let second = create(&folder, "edges rotate frankfurt");
    assert!(second.len() == 43 && second != first);
    let listed = json(&folder, "edges list --json");
    assert_eq!(listed["edges"][0]["rotating"], true);
    let out = command(&folder, "edges list").out;
    assert!(out.contains("under way") && !out.contains(&second), "{out}");
    let again = command(&folder, "edges rotate frankfurt");
    let expected = "sealgate: a rotation of edge frankfurt is under way: finish or cancel it first\n";
    assert_eq!((again.code, again.out.as_str(), again.err.as_str()), (1, "", expected));
    assert_eq!(command(&folder, "edges rotate frankfurt --finish --cancel").code, 2);

    let ran = command(&folder, "edges rotate frankfurt --finish");
    assert_eq!((ran.code, ran.out.as_str()), (0, "edge frankfurt: the second secret is the only one now\n"));
    assert_eq!(json(&folder, "edges list --json")["edges"][0]["rotating"], false);
    for flag in ["--finish", "--cancel"] {
        let ran = command(&folder, &format!("edges rotate frankfurt {flag}"));
        assert_eq!((ran.code, ran.err.as_str()), (3, "sealgate: no rotation of edge frankfurt is under way\n"));
    }
    create(&folder, "edges rotate frankfurt");
    let ran = command(&folder, "edges rotate frankfurt --cancel");
    assert_eq!((ran.code, ran.out.as_str()), (0, "edge frankfurt: the second secret is dropped\n"));
    for words in ["edges rotate berlin", "edges rotate berlin --finish", "edges rotate berlin --cancel"] {
        let ran = command(&folder, words);
        assert_eq!((ran.code, ran.err.as_str()), (3, "sealgate: there is no edge berlin\n"), "{words}");
    }
    create(&folder, "edges rotate frankfurt");
    assert_eq!(command(&folder, "edges revoke frankfurt").code, 0);
    assert_eq!(command(&folder, "edges rotate frankfurt --finish").code, 3);
}
