//! Moments in microseconds since 1970, written as the vendor writes them: ISO 8601 in UTC with its offset.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`, without the fraction when it is zero.
pub(super) fn text(moment: i64) -> String {
    let stamp = Timestamp::from_microsecond(moment).unwrap_or_default();
    let civil = stamp.to_zoned(TimeZone::UTC).datetime();
    let fraction = moment.rem_euclid(SECOND);
    let seconds = civil.strftime("%Y-%m-%dT%H:%M:%S");
    if fraction == 0 {
        format!("{seconds}+00:00")
    } else {
        format!("{seconds}.{fraction:06}+00:00")
    }
}

/// Reads ISO 8601 with date and time; without an offset it is UTC.
pub(super) fn parse(text: &str) -> Option<i64> {
    let separated = text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b' '));
    if !separated {
        return None;
    }
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(stamp.as_microsecond());
    }
    let civil = text.parse::<DateTime>().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_written() {
        let moment = 1_772_442_000 * SECOND;
        assert_eq!(text(moment), "2026-03-02T09:00:00+00:00");
        assert_eq!(text(moment + 250), "2026-03-02T09:00:00.000250+00:00");
        for same in [
            "2026-03-02T09:00:00",
            "2026-03-02T09:00:00Z",
            "2026-03-02 09:00:00",
            "2026-03-02T10:00:00.000000+01:00",
        ] {
            assert_eq!(parse(same), Some(moment), "{same}");
        }
        for wrong in [
            "",
            "now",
            "2026-03-02",
            "2026-02-30T09:00:00",
            "1772442000",
            "2026-03-02T9:00",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn written_moments_sort_as_they_follow_each_other() {
        let moments = [0, 1, SECOND - 1, SECOND, MINUTE, DAY + 7];
        let texts = moments.map(text);
        assert!(texts.is_sorted(), "{texts:?}");
    }
}
