//! What the command says about itself.

use std::process::{Command, Stdio};

use crate::run::{bare, must, run};

const COMMANDS: &[&str] = &[
    "serve",
    "migrate",
    "mint",
    "inspect",
    "sessions list",
    "sessions show",
    "sessions revoke",
    "tokens create",
    "tokens list",
    "tokens revoke",
    "keys list",
    "keys revoke",
    "keys rotate",
    "keys reseal",
    "tenants create",
    "tenants list",
    "tenants hosts",
    "tenants disable",
    "tenants enable",
    "tenants delete",
    "edges create",
    "edges list",
    "edges revoke",
    "edges rotate",
    "oidc add",
    "oidc change",
    "oidc list",
    "oidc show",
    "oidc test",
    "oidc disable",
    "oidc enable",
    "oidc remove",
    "breakglass set",
    "breakglass list",
    "breakglass remove",
    "breakglass unlock",
    "audit list",
    "audit verify",
    "db backup",
    "db restored",
    "doctor",
    "completions",
];

#[test]
fn every_command_explains_itself_with_an_example() {
    for command in COMMANDS {
        let out = must(bare().args(command.split(' ')).arg("--help"));
        assert!(out.contains("Example"), "{command}\n{out}");
        assert!(out.contains(&format!("sealgate {command}")), "{command}\n{out}");
    }
    assert!(must(bare().arg("--version")).starts_with("sealgate "));
}

/// What `help` lists under "Commands:".
fn listed(args: &[&str]) -> Vec<String> {
    let out = must(bare().args(args).arg("--help"));
    let commands = out.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap();
    let names = commands.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_list_above_is_all_there_is() {
    let mut found = Vec::new();
    for command in listed(&[]) {
        let below = listed(&[&command]);
        if below.is_empty() {
            found.push(command);
        } else {
            found.extend(below.iter().map(|name| format!("{command} {name}")));
        }
    }
    found.sort();
    let mut known: Vec<&str> = COMMANDS.to_vec();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn the_exit_codes_are_written_down() {
    for args in [&["help"][..], &["--help"]] {
        let out = must(bare().args(args));
        for line in ["  0  done", "  1  failed", "  2  wrong usage", "  3  not there, or refused"] {
            assert!(out.contains(line), "{line} is not in\n{out}");
        }
    }
    assert_eq!(run(&mut bare()).code, 2, "no command at all");
}

#[test]
fn completions_need_no_configuration() {
    for (shell, mark) in
        [("bash", "complete -F _sealgate"), ("zsh", "#compdef sealgate"), ("fish", "complete -c sealgate")]
    {
        // An environment under which nothing else would run.
        let out = must(bare().env("SEALGATE_TYPO", "1").args(["completions", shell]));
        assert!(out.contains(mark) && out.contains("rotate") && out.contains("--actor-id") | out.contains("actor-id"));
    }
    assert_eq!(run(bare().args(["completions", "cmd.exe"])).code, 2);
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let mut command = Command::new("sh");
    let script = "\"$0\" completions bash | head -n 1 >/dev/null; exit \"${PIPESTATUS:-0}\"";
    let output = command.args(["-c", script, env!("CARGO_BIN_EXE_sealgate")]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
