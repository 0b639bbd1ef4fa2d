//! Times as people read them. The server does not know the reader's time zone: days and hours are UTC's, and say so.

use sealgate_shared::time::UnixMillis;
use time::OffsetDateTime;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long ago that was: `just now`, `5 minutes ago`, `3 days ago`, and from a month on the day.
pub(super) fn tell_ago(at: UnixMillis, now: UnixMillis) -> String {
    let count = |number: u64, unit: &str| format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" });
    match now.since(at) / 1_000 {
        0..MINUTE => "just now".to_owned(),
        seconds @ MINUTE..HOUR => count(seconds / MINUTE, "minute"),
        seconds @ HOUR..DAY => count(seconds / HOUR, "hour"),
        seconds if seconds < 30 * DAY => count(seconds / DAY, "day"),
        _ => tell_day(at),
    }
}

/// `1 Jun 2026`: it has to fit on a phone.
pub(super) fn tell_day(at: UnixMillis) -> String {
    let at = calendar(at);
    let month = at.month().to_string();
    format!("{} {} {}", at.day(), month.get(..3).unwrap_or(&month), at.year())
}

/// `1 June 2026, 12:00 UTC`.
pub(super) fn tell_minute(at: UnixMillis) -> String {
    let at = calendar(at);
    format!("{} {} {}, {:02}:{:02} UTC", at.day(), at.month(), at.year(), at.hour(), at.minute())
}

fn calendar(at: UnixMillis) -> OffsetDateTime {
    let seconds = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_do() {
        let at = |seconds: u64| UnixMillis::new(seconds * 1_000).unwrap();
        let now = at(1_780_315_200);
        for (ago, told) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (3_600, "1 hour ago"),
            (86_399, "23 hours ago"),
            (86_400, "1 day ago"),
            (29 * 86_400, "29 days ago"),
            (30 * 86_400, "2 May 2026"),
        ] {
            assert_eq!(tell_ago(at(1_780_315_200 - ago), now), told, "{ago}");
        }
        assert_eq!(tell_ago(now.plus(5_000), now), "just now", "another origin's clock");
        assert_eq!(tell_minute(now), "1 June 2026, 12:00 UTC");
        assert_eq!(tell_day(UnixMillis::MAX), "31 Dec 9999");
    }
}
