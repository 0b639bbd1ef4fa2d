//! Who else on this machine can read what is ours.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::report::Report;
use crate::app::KEK_FILE;
use crate::config::Config;
use crate::dev;

const CHECK: &str = "files";

pub(super) fn check(config: &Config, report: &mut Report) {
    let mut files: Vec<PathBuf> = config.database.file().map(database_files).unwrap_or_default();
    files.extend([KEK_FILE, dev::FILE].map(|name| config.data_dir.join(name)));
    files.extend(config.kek_file.clone());
    let mut seen = 0;
    let mut open = false;
    for path in files {
        let Some(mode) = mode_of(&path) else { continue };
        seen += 1;
        if mode & 0o077 != 0 {
            open = true;
            let path = path.display();
            report.problem(
                CHECK,
                format!("{path} has mode {mode:04o}: others can use it"),
                format!("chmod 600 {path}"),
            );
        }
    }
    if let Some(mode) = mode_of(&config.data_dir).filter(|mode| mode & 0o022 != 0) {
        open = true;
        let path = config.data_dir.display();
        report.problem(
            CHECK,
            format!("{path} has mode {mode:04o}: others can put files in the place of ours"),
            format!("chmod 700 {path}"),
        );
    }
    match (open, seen) {
        (true, _) => {}
        (false, 0) => report.skipped(CHECK, format!("there is none yet in {}", config.data_dir.display())),
        (false, _) => report.ok(CHECK, "only their owner can use them"),
    }
}

/// The file and what `SQLite` keeps beside it.
fn database_files(path: &Path) -> Vec<PathBuf> {
    let beside = |suffix: &str| {
        let mut path = path.as_os_str().to_owned();
        path.push(suffix);
        PathBuf::from(path)
    };
    ["", "-wal", "-shm"].map(beside).to_vec()
}

fn mode_of(path: &Path) -> Option<u32> {
    Some(fs::metadata(path).ok()?.permissions().mode() & 0o777)
}
