//! Running the binary with an environment of its own.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The binary with nothing of ours in its environment, in development mode on the data folder.
pub(crate) fn sealgate(folder: &Path) -> Command {
    let mut command = bare();
    command.env("SEALGATE_MODE", "dev").env("SEALGATE_DATA_DIR", folder);
    command
}

/// The binary with an empty environment.
pub(crate) fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealgate"));
    command.env_clear().stdin(Stdio::null());
    command
}

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command that must succeed; what it printed.
#[track_caller]
pub(crate) fn must(command: &mut Command) -> String {
    let ran = run(command);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    ran.out
}

/// A data folder with the tenant `demo`.
pub(crate) fn folder_with_demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(must(sealgate(folder.path()).args(["tenants", "create", "demo"])), "demo\n");
    folder
}

/// Runs a command on the folder, words between blanks.
pub(crate) fn command(folder: &tempfile::TempDir, words: &str) -> Ran {
    run(sealgate(folder.path()).args(words.split(' ')))
}

/// Runs a command that must succeed and print JSON.
#[track_caller]
pub(crate) fn json(folder: &tempfile::TempDir, words: &str) -> Value {
    let ran = command(folder, words);
    assert_eq!(ran.code, 0, "{words}: {}{}", ran.out, ran.err);
    assert_eq!(ran.out.lines().count(), 1, "{words}: {}", ran.out);
    serde_json::from_str(&ran.out).unwrap()
}
