//! Lengths of time as operators write them: `30d`, `12h`, `1m 30s`, `500ms`.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

/// Reads a length of time; a day has 24 hours. Months and years have no one length.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    length.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in [
            ("5s", 5.0),
            ("500ms", 0.5),
            ("1m 30s", 90.0),
            ("2h", 7200.0),
            ("30d", 2_592_000.0),
            ("0s", 0.0),
        ] {
            assert_eq!(parse(text).unwrap().as_secs_f64(), seconds, "{text}");
        }
        for bad in ["", "5", "-5s", "1mo", "1y", "soon", "s"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
