//! The housekeeper of an origin that serves: a round every so often, for as long as it does; and the linking of what was
//! written down, more often.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::http::Metrics;
use crate::office::{HousekeepingSettings, Office, ToldLink};
use crate::random;

/// The longest an origin that has just started waits with its first round. It does wait, a random time: many may start
/// at once.
const FIRST: Duration = Duration::from_secs(5);
/// How often what was written down is linked, more or less; and for how long at most.
const LINKING: Duration = Duration::from_secs(5);
/// How long an origin that stops takes to link what is left.
const LAST: Duration = Duration::from_secs(2);

/// Keeps house until dropped. A round that is cut off loses what its last transaction did, and nothing else.
pub(crate) async fn keep_house(office: &Office, metrics: &Metrics, settings: &HousekeepingSettings) {
    let interval = settings.interval;
    sleep(FIRST.min(interval).mul_f64(draw_fraction())).await;
    loop {
        let done = office.housekeep(settings).await;
        for error in &done.failures {
            tracing::error!(error = describe(error), "housekeeping failed; the next round tries again");
        }
        if done.unfinished {
            tracing::info!("there was more to sweep than a round has time for; the next goes on");
        }
        metrics.count_housekeeping(&done, office.now());
        // A fifth more or less, so that origins which started together don't stay together.
        sleep(interval.mul_f64(0.8 + 0.4 * draw_fraction())).await;
    }
}

/// Links what is written down, until dropped.
pub(crate) async fn keep_linking(office: &Office, metrics: &Metrics) {
    loop {
        // As above. What was written before this origin started need not wait.
        sleep(LINKING.mul_f64(0.8 + 0.4 * draw_fraction())).await;
        link(office, metrics).await;
    }
}

/// Links what was written down last, so that nothing waits for the next start.
pub(crate) async fn link_last(office: &Office, metrics: &Metrics) {
    drop(timeout(LAST, link(office, metrics)).await);
}

async fn link(office: &Office, metrics: &Metrics) {
    match office.link_audit(Instant::now() + LINKING).await {
        Ok(linked) => {
            // Whoever keeps the log where others cannot change it can tell by this what the database should say.
            if let Some(head) = linked.head {
                tracing::info!(rows = linked.rows, head = %ToldLink::from(&head), "linked the audit table");
            }
        }
        Err(error) => {
            metrics.count_linking_failure();
            tracing::error!(error = describe(&error), "the audit table cannot be linked; the next round tries again");
        }
    }
}

fn describe(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A random number from 0 to 1; a half, should there be no randomness: it decides nothing.
fn draw_fraction() -> f64 {
    random::draw::<4>().map_or(0.5, |bytes| f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX))
}
