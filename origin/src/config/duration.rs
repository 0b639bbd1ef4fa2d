//! Durations as people write them.

use std::time::Duration;

/// Reads `500ms`, `90s`, `15m`, `1h` or `14d`: a whole number above zero and one unit.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for (text, milliseconds) in
            [("500ms", 500), ("90s", 90_000), ("15m", 900_000), ("1h", 3_600_000), ("14d", 1_209_600_000)]
        {
            assert_eq!(parse(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for wrong in [
            "",
            "0s",
            "15",
            "m",
            "1.5h",
            "-1s",
            "1 h",
            "1w",
            "1h30m",
            "15M",
            "99999999999999999999d",
            "213503982335d",
            "١s",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
