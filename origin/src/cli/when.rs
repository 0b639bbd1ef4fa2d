//! Times in a few words.

use sealgate_shared::time::UnixMillis;

use crate::iso8601;

/// `in 15 min`, `3 h ago`.
pub(super) fn describe_distance(at: UnixMillis, now: UnixMillis) -> String {
    if at > now {
        format!("in {}", describe_span(at.since(now)))
    } else {
        format!("{} ago", describe_span(now.since(at)))
    }
}

/// `2026-01-02`.
pub(super) fn describe_day(at: UnixMillis) -> String {
    iso8601::format(at).chars().take(10).collect()
}

/// The day, or `-` when there is none.
pub(super) fn describe_day_if_any(at: Option<UnixMillis>) -> String {
    at.map_or_else(|| "-".to_owned(), describe_day)
}

/// `90 s`, `15 min`, `3 h`, `12 d`.
pub(super) fn describe_span(milliseconds: u64) -> String {
    match milliseconds / 1_000 {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_one_unit() {
        for (milliseconds, words) in [
            (0, "0 s"),
            (119_999, "119 s"),
            (120_000, "2 min"),
            (7_199_999, "119 min"),
            (7_200_000, "2 h"),
            (172_799_999, "47 h"),
            (172_800_000, "2 d"),
        ] {
            assert_eq!(describe_span(milliseconds), words);
        }
        let at = |milliseconds| UnixMillis::new(milliseconds).unwrap();
        assert_eq!(describe_distance(at(5_000), at(2_000)), "in 3 s");
        assert_eq!(describe_distance(at(2_000), at(5_000)), "3 s ago");
        assert_eq!(describe_day(at(0)), "1970-01-01");
    }
}
