//! Whether the clock can be right.

use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::CLOCK_LEEWAY_MS;

use super::report::Report;
use crate::cli::when::describe_span;
use crate::iso8601;
use crate::office::Office;

const CHECK: &str = "clock";
const ADVICE: &str = "Set the clock, and keep it right with NTP: sessions begin and end by it.";
/// This program is younger than that: 2026-01-01.
const EARLIEST: u64 = 1_767_225_600_000;

pub(super) async fn check(office: Option<&Office>, now: UnixMillis, report: &mut Report) {
    let shown = iso8601::format(now);
    if now.as_u64() < EARLIEST || now == UnixMillis::MAX {
        report.problem(CHECK, format!("it says {shown}, which cannot be"), ADVICE);
        return;
    }
    let newest = match office {
        Some(office) => office.store().newest_time().await.ok().flatten(),
        None => None,
    };
    match newest {
        Some(newest) if newest.since(now) > CLOCK_LEEWAY_MS => {
            let (by, newest) = (describe_span(newest.since(now)), iso8601::format(newest));
            let message = format!("it says {shown}, {by} before the newest entry of the database ({newest})");
            report.problem(CHECK, message, ADVICE);
        }
        _ => report.ok(CHECK, shown),
    }
}

/// Compares somebody else's clock with ours; `Date` has whole seconds.
pub(super) fn compare(
    check: &'static str,
    whose: &str,
    theirs: Option<UnixMillis>,
    now: UnixMillis,
    report: &mut Report,
) {
    let Some(theirs) = theirs else { return };
    let off = theirs.since(now).max(now.since(theirs));
    if off > CLOCK_LEEWAY_MS + 1_000 {
        let way = if theirs > now { "ahead of" } else { "behind" };
        report.problem(check, format!("the clock of {whose} is {} {way} this machine's", describe_span(off)), ADVICE);
    }
}
