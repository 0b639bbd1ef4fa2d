//! What was measured, as a table for people and as JSON, with the aims beside it.

use std::fs;
use std::time::Duration;

use serde::Serialize;

use crate::settings::Settings;
use crate::subject::{Subject, Tally};

/// A subject under so many clients, and what came of it in each round.
#[derive(Debug)]
pub(crate) struct Series<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) clients: usize,
    pub(crate) tallies: Vec<Tally>,
}

#[derive(Serialize)]
struct Report {
    seconds: f64,
    rounds: usize,
    cores: usize,
    pinned: bool,
    origin_log: String,
    results: Vec<Figures>,
    aims: Vec<Aim>,
}

#[derive(Clone, Serialize)]
struct Figures {
    database: Option<String>,
    subject: String,
    clients: usize,
    per_second: Spread,
    /// CPU time of the serving process for each of them.
    server_cpu_us: Option<f64>,
    /// CPU time of the database server.
    database_cpu_us: Option<f64>,
}

#[derive(Clone, Copy, Serialize)]
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

#[derive(Serialize)]
struct Aim {
    database: String,
    clients: usize,
    of: &'static str,
    to: &'static str,
    wanted: f64,
    ratio: f64,
    met: bool,
}

/// What the origin is meant to reach, in multiples of something else in the same run.
const AIMS: [(&str, &str, f64); 3] = [
    ("sealgate check", "better-auth get-session", 40.0),
    ("sealgate check", "axum hello", 0.5),
    ("sealgate mint", "insert", 0.6),
];

pub(crate) fn write(settings: &Settings, series: &[Series<'_>]) -> anyhow::Result<()> {
    let results: Vec<Figures> = series.iter().map(Figures::new).collect();
    let report = Report {
        seconds: settings.seconds,
        rounds: settings.rounds,
        cores: std::thread::available_parallelism()?.get(),
        pinned: false,
        origin_log: settings.log.clone(),
        aims: compare(&results),
        results,
    };
    print(&report);
    if let Some(folder) = settings.report.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(&settings.report, serde_json::to_string_pretty(&report)? + "\n")?)
}

impl Figures {
    fn new(series: &Series<'_>) -> Self {
        let tallies = &series.tallies;
        let done: u64 = tallies.iter().map(|tally| tally.done).sum();
        let for_each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / as_number(done);
        let server = series.subject.server.as_ref();
        let database = series.subject.database_process;
        Self {
            database: series.subject.database.clone(),
            subject: series.subject.name.clone(),
            clients: series.clients,
            per_second: Spread::of(
                tallies.iter().map(|tally| as_number(tally.done) / tally.took.as_secs_f64()).collect(),
            ),
            server_cpu_us: server.map(|_| for_each(tallies.iter().map(|tally| tally.server_cpu).sum())),
            database_cpu_us: database.map(|_| for_each(tallies.iter().map(|tally| tally.database_cpu).sum())),
        }
    }
}

impl Spread {
    fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        let at = |place: usize| numbers.get(place).copied().unwrap_or_default();
        Self { least: at(0), median: at(numbers.len() / 2), most: at(numbers.len().saturating_sub(1)) }
    }
}

/// The ratios that were aimed at, for each database and number of clients.
fn compare(results: &[Figures]) -> Vec<Aim> {
    let mut aims = Vec::new();
    for (of, to, wanted) in AIMS {
        for ours in results.iter().filter(|figures| figures.subject == of) {
            let is_peer = |peer: &&Figures| {
                let same_place = peer.database.is_none() || peer.database == ours.database;
                peer.subject == to && peer.clients == ours.clients && same_place
            };
            let Some(peer) = results.iter().find(is_peer) else { continue };
            let ratio = ours.per_second.median / peer.per_second.median;
            let database = ours.database.clone().unwrap_or_default();
            aims.push(Aim { database, clients: ours.clients, of, to, wanted, ratio, met: ratio >= wanted });
        }
    }
    aims
}

fn print(report: &Report) {
    let micros = |cpu: Option<f64>| cpu.map_or_else(String::new, |cpu| format!("{cpu:.1}"));
    println!(
        "database  subject                             clients   median/s      least       most    CPU µs   DB CPU µs"
    );
    for Figures { database, subject, clients, per_second, server_cpu_us, database_cpu_us } in &report.results {
        let database = database.as_deref().unwrap_or("-");
        let Spread { least, median, most } = per_second;
        let (server, of_database) = (micros(*server_cpu_us), micros(*database_cpu_us));
        println!(
            "{database:10}{subject:36}{clients:7}{median:11.0}{least:11.0}{most:11.0}{server:>10}{of_database:>12}"
        );
    }
    println!();
    for Aim { database, clients, of, to, wanted, ratio, met } in &report.aims {
        let verdict = if *met { "met" } else { "missed" };
        println!("{database:10}{clients:3} clients: {of} = {ratio:.2} × {to} (aim {wanted}): {verdict}");
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53 here")]
fn as_number(count: u64) -> f64 {
    count as f64
}
