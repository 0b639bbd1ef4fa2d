//! Times as text: ISO 8601 in UTC, always 24 characters, so that the order of texts is the order of times.

use sealgate_shared::time::UnixMillis;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Writes `2026-01-02T03:04:05.678Z`.
#[expect(clippy::missing_panics_doc, reason = "the range of UnixMillis is within that of the calendar")]
pub fn format(at: UnixMillis) -> String {
    let nanoseconds = i128::from(at.as_u64()) * 1_000_000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).expect("UnixMillis ends with the year 9999");
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}

/// Reads what [`format`] writes, and nothing else.
pub fn parse(text: &str) -> Option<UnixMillis> {
    let at = parse_rfc3339(text)?;
    (format(at) == text).then_some(at)
}

/// Reads any RFC 3339 time from 1970 on, whatever its offset; what lies below a millisecond is dropped.
pub fn parse_rfc3339(text: &str) -> Option<UnixMillis> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let milliseconds = at.unix_timestamp_nanos().div_euclid(1_000_000);
    UnixMillis::new(u64::try_from(milliseconds).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> UnixMillis {
        UnixMillis::new(milliseconds).unwrap()
    }

    #[test]
    fn every_time_has_the_same_width() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1, "1970-01-01T00:00:00.001Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(format(at(milliseconds)), text);
            assert_eq!(parse(text), Some(at(milliseconds)));
        }
    }

    #[test]
    fn the_order_of_texts_is_the_order_of_times() {
        let times = [0, 9, 10, 99, 999, 1_000, 59_999, 3_600_000, 1_767_323_045_678, 253_402_300_799_999].map(at);
        for (one, next) in times.iter().zip(&times[1..]) {
            assert!(format(*one) < format(*next));
        }
    }

    #[test]
    fn only_the_fixed_form_is_read_back() {
        for text in [
            "",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.6Z",
            "2026-01-02T03:04:05.6789Z",
            "2026-01-02 03:04:05.678Z",
            "2026-01-02T03:04:05.678+00:00",
            "2026-01-02t03:04:05.678z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn rfc_3339_is_read_with_any_offset() {
        let utc = parse_rfc3339("2026-01-02T03:04:05.678Z");
        assert_eq!(utc, Some(at(1_767_323_045_678)));
        assert_eq!(parse_rfc3339("2026-01-02T05:34:05.678999+02:30"), utc);
        assert_eq!(parse_rfc3339("1969-12-31T23:59:59Z"), None);
        assert_eq!(parse_rfc3339("2026-02-30T00:00:00Z"), None);
        assert_eq!(parse_rfc3339("yesterday"), None);
    }
}
