//! `make bench-origin`: mints, refreshes, completed sign-ins and checks of the origin over HTTP, on each database and with some clients at once. In the
//! same run, turn by turn: what a single-row insert costs, what better-auth does, and what a server that does nothing does.
//!
//! Nothing is pinned to a core: servers, databases and the load share the machine, and all subjects are in the same
//! position. CPU times are those of the servers; they do not depend on the load.

mod answer;
mod callback;
mod database;
mod hello;
mod inserts;
mod load;
mod origin;
mod peer;
mod process;
mod refresh;
mod report;
mod row;
mod settings;
mod subject;
mod sync;

use std::path::Path;

use anyhow::Context as _;
use clap::Parser as _;

use database::Database;
use report::Series;
use settings::Settings;
use subject::Subject;

fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some(hello::ARGUMENT) {
        return hello::serve();
    }
    // One thread: the load must not take more of the machine than it needs.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let settings = Settings::parse();
    runtime.block_on(async {
        tokio::select! {
            done = bench(&settings) => done,
            // What was started is ended on the way out, and the folder removed.
            _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
        }
    })
}

async fn bench(settings: &Settings) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("sealgate-bench-").tempdir()?;
    let mut databases = Vec::new();
    for name in &settings.databases {
        databases.push(Database::start(name, folder.path()).await?);
    }
    let mut subjects = vec![hello::start()?, sync::subject(folder.path())];
    for database in &databases {
        subjects.extend(on(database, settings, folder.path()).await?);
    }
    subjects.retain(|subject| subject.name.contains(&settings.only));
    report::write(settings, &measure(settings, &subjects).await?)
}

/// Everything that is measured on one database.
async fn on(database: &Database, settings: &Settings, folder: &Path) -> anyhow::Result<Vec<Subject>> {
    let mut subjects = origin::start(settings, database, folder).await.context("the origin")?;
    subjects.extend(inserts::prepare(database, settings.most_clients()).await.context("the inserts")?);
    subjects.extend(peer::start(database, settings.most_clients()).context("better-auth")?);
    Ok(subjects)
}

/// Measures every subject under every number of clients, round by round, so that whatever else the machine does hits all
/// alike. One more round comes first and is not counted: caches fill, and compilers warm up.
async fn measure<'a>(settings: &Settings, subjects: &'a [Subject]) -> anyhow::Result<Vec<Series<'a>>> {
    let series_of = |subject: &'a Subject| {
        let counts = if subject.is_alone() { &[1] } else { &settings.clients[..] };
        counts.iter().map(move |&clients| Series { subject, clients, tallies: Vec::new() }).collect::<Vec<_>>()
    };
    let mut all: Vec<Series<'_>> = subjects.iter().flat_map(series_of).collect();
    for round in 0..=settings.rounds {
        for series in &mut all {
            let Series { subject, clients, .. } = *series;
            let tally = subject.measure(clients, settings.length()).await.with_context(|| subject.name.clone())?;
            anyhow::ensure!(tally.bad == 0, "{}: {} bad answers: {}", subject.name, tally.bad, tally.complaint);
            if round > 0 {
                series.tallies.push(tally);
            }
        }
    }
    Ok(all)
}
