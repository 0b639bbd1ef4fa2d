//! Something to be measured.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::callback::Callbacks;
use crate::inserts::Inserts;
use crate::load::{self, Http};
use crate::process::{self, Process};
use crate::refresh::Refreshes;
use crate::{peer, sync};

#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    /// The database it works on, if any.
    pub(crate) database: Option<String>,
    pub(crate) work: Work,
    /// Whose CPU time is told. Held here so that it runs as long as somebody measures it.
    pub(crate) server: Option<Rc<Process>>,
    /// The database's process, where it has one.
    pub(crate) database_process: Option<u32>,
}

#[derive(Debug)]
pub(crate) enum Work {
    Http(Http),
    Refreshes(Refreshes),
    Callbacks(Callbacks),
    Inserts(Inserts),
    /// Sessions that better-auth creates without HTTP in between.
    InProcess(Http),
    /// Writes to the disk that it confirms.
    Sync(PathBuf),
}

/// What came of a measurement.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) done: u64,
    pub(crate) bad: u64,
    /// The first of the bad answers.
    pub(crate) complaint: String,
    pub(crate) took: Duration,
    /// What of the time was somebody else's, and does not count.
    pub(crate) excluded: Duration,
    pub(crate) server_cpu: Duration,
    pub(crate) database_cpu: Duration,
}

impl Subject {
    /// Whether there is only ever one client of it.
    pub(crate) fn is_alone(&self) -> bool {
        matches!(self.work, Work::Sync(_))
    }

    pub(crate) async fn measure(&self, clients: usize, length: Duration) -> anyhow::Result<Tally> {
        if let Work::Callbacks(callbacks) = &self.work {
            callbacks.prepare(length).await?;
        }
        let (server, database) = self.cpu_times()?;
        let begun = Instant::now();
        let mut tally = match &self.work {
            Work::Http(http) => load::load(http, clients, length).await?,
            Work::Refreshes(refreshes) => refreshes.run(clients, length).await?,
            Work::Callbacks(callbacks) => callbacks.run(clients, length).await?,
            Work::Inserts(inserts) => inserts.run(clients, length).await?,
            Work::InProcess(http) => peer::create_in_process(http, clients, length).await?,
            Work::Sync(file) => sync::run(file, length)?,
        };
        tally.took = begun.elapsed().saturating_sub(tally.excluded);
        let (server_after, database_after) = self.cpu_times()?;
        tally.server_cpu = server_after.saturating_sub(server);
        tally.database_cpu = database_after.saturating_sub(database);
        Ok(tally)
    }

    fn cpu_times(&self) -> anyhow::Result<(Duration, Duration)> {
        let of = |pid: Option<u32>| pid.map_or(Ok(Duration::ZERO), process::cpu_time);
        Ok((of(self.server.as_ref().map(|server| server.pid()))?, of(self.database_process)?))
    }
}
