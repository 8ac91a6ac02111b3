//! Simulated time: seconds since 1970 in UTC, written `YYYY-MM-DD HH:MM:SS`.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// A moment in seconds since 1970-01-01 00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    fn civil(self) -> DateTime {
        Timestamp::from_second(self.0)
            .unwrap_or_default()
            .to_zoned(TimeZone::UTC)
            .datetime()
    }

    /// `YYYY-MM-DD HH:MM:SS`
    pub(crate) fn text(self) -> String {
        self.civil().strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `YYYY-MM-DD`
    pub(crate) fn date(self) -> String {
        self.civil().date().to_string()
    }

    /// Year and month.
    pub(crate) fn month(self) -> (i16, i8) {
        let civil = self.civil();
        (civil.year(), civil.month())
    }

    pub(crate) fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(60)))
    }

    /// Whole minutes from an earlier moment to this one.
    pub(crate) fn minutes_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / 60
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// Reads `YYYY-MM-DD HH:MM:SS` and nothing else.
pub(crate) fn parse_moment(text: &str) -> Option<Moment> {
    if text.len() != 19 || text.as_bytes().get(10) != Some(&b' ') {
        return None;
    }
    let civil = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    (civil.strftime("%Y-%m-%d %H:%M:%S").to_string() == text).then_some(())?;
    Some(Moment(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second()))
}

/// Reads `YYYY-MM-DD` and nothing else; gives its first moment.
pub(crate) fn parse_date(text: &str) -> Option<Moment> {
    let date = Date::strptime("%Y-%m-%d", text).ok()?;
    (date.to_string() == text).then_some(())?;
    parse_moment(&format!("{text} 00:00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_written() {
        assert_eq!(Moment(0).text(), "1970-01-01 00:00:00");
        assert_eq!(Moment(1_772_442_000).text(), "2026-03-02 09:00:00");
        assert_eq!(parse_moment("2026-03-02 09:00:00"), Some(Moment(1_772_442_000)));
        assert_eq!(parse_date("2026-03-02"), Some(Moment(1_772_409_600)));
        for wrong in [
            "",
            "2026-03-02",
            "2026-03-02T09:00:00",
            "2026-3-2 09:00:00",
            "2026-02-30 09:00:00",
            "2026-03-02 9:00:00",
        ] {
            assert_eq!(parse_moment(wrong), None, "{wrong}");
        }
        for wrong in ["", "2026-3-02", "02/03/2026", "2026-02-29", "2026-03-02 09:00:00"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
