//! What Prometheus is told, family by family: a value moves when the thing happens.

mod database;
mod document;
mod edges;
mod scrape;
mod sessions;
mod standing;

pub(crate) use scrape::Scrape;
