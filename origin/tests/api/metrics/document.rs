//! The document for operators names what there is, and nothing else.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sealgate_origin::limit::LimitSettings;
use sealgate_shared::report::{Counter, Report};

use super::Scrape;
use crate::follower::Follower;
use crate::kit::Origin;

const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/OPERATIONS.md"));

fn section() -> &'static str {
    let (_, rest) = DOCUMENT.split_once("\n## What to watch\n").unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The names in the tables of the section: the rows that begin with one. Those about alarms begin with a condition.
fn documented() -> BTreeSet<String> {
    let (tables, _) = section().split_once("\nAlarms").unwrap();
    let names: Vec<&str> = tables.lines().filter_map(|row| row.strip_prefix("| `")?.split(['`', '{']).next()).collect();
    let distinct: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(distinct.len(), names.len(), "none twice: {names:?}");
    distinct
}

#[tokio::test]
async fn every_name_is_documented_and_every_documented_name_exists() {
    // What nobody ever did has no name yet: so everything is done once.
    let once = LimitSettings { auth: Some("1/m".parse().unwrap()), ..LimitSettings::default() };
    let origin = Origin::start_with(|config| config.limits = once).await;
    let minted = origin.mint().await;
    origin.check(&minted.id).await;
    for _ in 0..2 {
        origin.browser("GET", "/auth/session").client("203.0.113.7").send().await;
    }
    let mut report = Report::new();
    Counter::all().for_each(|counter| report.add(counter, 1));
    for report in [report.to_string().as_str(), "?"] {
        Follower::new(&origin).ask_head().header("x-sealgate-report", report).send().await;
    }
    let app = origin.app.clone();
    let following = tokio::spawn(async move { app.office().keep_following(true).await });
    let begun = Instant::now();
    while Scrape::of(&origin).await.find("sealgate_memory_age_seconds").is_none() {
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody reads");
    }
    let names = Scrape::of(&origin).await.names();
    following.abort();
    let documented = documented();
    let missing: Vec<_> = names.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&names).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not documented: {missing:#?}, not there: {gone:#?}");
}

#[test]
fn alarms_are_about_names_that_are_documented() {
    let documented = documented();
    let is_of_a_name = |char: char| char.is_ascii_lowercase() || char == '_';
    let words = section().split(|char| !is_of_a_name(char)).filter(|word| word.starts_with("sealgate_"));
    for word in words {
        let name = word.strip_suffix("_bucket").unwrap_or(word);
        assert!(documented.contains(name), "{word}");
    }
}
