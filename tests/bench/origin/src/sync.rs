//! What the disk does: 4 kB appended and confirmed, one after the other. `SQLite` waits for one of these with each commit.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::subject::{Subject, Tally, Work};

pub(crate) fn subject(folder: &Path) -> Subject {
    Subject {
        name: "fdatasync".to_owned(),
        database: None,
        work: Work::Sync(folder.join("sync")),
        server: None,
        database_process: None,
    }
}

pub(crate) fn run(path: &Path, length: Duration) -> anyhow::Result<Tally> {
    let mut file = File::create(path)?;
    let mut tally = Tally::default();
    let begun = Instant::now();
    while begun.elapsed() < length {
        file.write_all(&[1; 4_096])?;
        file.sync_data()?;
        tally.done += 1;
    }
    Ok(tally)
}
