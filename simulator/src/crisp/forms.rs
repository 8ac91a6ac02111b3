//! The forms of identifiers, dates and other text.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::engine::{Param, ParamKind, TextForm, is_email};

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

fn is_locale(text: &str) -> bool {
    let (language, region) = text.split_once(['-', '_']).unwrap_or((text, "xx"));
    language.len() == 2
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && region.len() == 2
        && region.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

/// `urn:<vendor>:<name>:<n>`
fn is_urn(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').collect();
    match parts.as_slice() {
        ["urn", vendor, name, number] => {
            !vendor.is_empty()
                && !name.is_empty()
                && number.parse::<u32>().is_ok_and(|value| value.to_string() == *number)
        }
        _ => false,
    }
}

/// Milliseconds since 1970 of an ISO 8601 moment with its offset, or of the first moment of a date in UTC.
pub(super) fn parse_moment(text: &str) -> Option<i64> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_millisecond());
    }
    let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// `YYYY-MM-DDTHH:MM:SSZ`
pub(super) fn moment_text(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .unwrap_or_default()
        .to_string()
}

pub(super) static UUID: TextForm = TextForm {
    wanted: "a UUID in lower case",
    fits: is_uuid,
};
pub(super) static UUID_OR_BLANK: TextForm = TextForm {
    wanted: "a UUID in lower case, or empty",
    fits: |text| text.is_empty() || is_uuid(text),
};
pub(super) static SESSION: TextForm = TextForm {
    wanted: "session_ and a UUID",
    fits: |text| text.strip_prefix("session_").is_some_and(is_uuid),
};
static BROWSING: TextForm = TextForm {
    wanted: "browsing_ and a UUID",
    fits: |text| text.strip_prefix("browsing_").is_some_and(is_uuid),
};
static CALL: TextForm = TextForm {
    wanted: "call_ and a UUID",
    fits: |text| text.strip_prefix("call_").is_some_and(is_uuid),
};
static PERSON: TextForm = TextForm {
    wanted: "a UUID in lower case, or an email address",
    fits: |text| is_uuid(text) || is_email(text),
};
pub(super) static LOCALE: TextForm = TextForm {
    wanted: "a locale such as en or pt-br",
    fits: is_locale,
};
pub(super) static URL: TextForm = TextForm {
    wanted: "an http or https URL",
    fits: is_url,
};
pub(super) static ORIGIN: TextForm = TextForm {
    wanted: "chat, email or urn:<vendor>:<name>:<n>",
    fits: |text| matches!(text, "chat" | "email") || is_urn(text),
};
pub(super) static MOMENT: TextForm = TextForm {
    wanted: "an ISO 8601 date, or moment with its offset",
    fits: |text| parse_moment(text).is_some(),
};
pub(super) static ANY_TEXT: TextForm = TextForm {
    wanted: "a string",
    fits: |_| true,
};
pub(super) static SIX_DIGITS: TextForm = TextForm {
    wanted: "six digits",
    fits: |text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()),
};
/// A whole number from 1 on.
static PAGE: TextForm = TextForm {
    wanted: "a page number, 1 or more",
    fits: |text| {
        text.parse::<u32>()
            .is_ok_and(|page| page > 0 && page.to_string() == text)
    },
};
static FINGERPRINT: TextForm = TextForm {
    wanted: "an integer",
    fits: |text| text.parse::<i64>().is_ok_and(|number| number.to_string() == text),
};
pub(super) static PER_PAGE: TextForm = TextForm {
    wanted: "a number from 20 to 50",
    fits: |text| text.parse::<u32>().is_ok_and(|size| (20..=50).contains(&size)),
};
/// Where the bounds are not known.
pub(super) static ANY_PER_PAGE: TextForm = TextForm {
    wanted: "a number from 1 to 100",
    fits: |text| text.parse::<u32>().is_ok_and(|size| (1..=100).contains(&size)),
};
pub(super) static DECIMAL: TextForm = TextForm {
    wanted: "a number",
    fits: |text| text.parse::<f64>().is_ok_and(f64::is_finite),
};
pub(super) static FILTERS: TextForm = TextForm {
    wanted: "a JSON array of filters",
    fits: |text| serde_json::from_str::<Vec<Value>>(text).is_ok(),
};
/// A slash within a segment would be one segment for the sender and two for the vendor.
static TREE_PATH: TextForm = TextForm {
    wanted: "a path whose slashes are not percent-encoded",
    fits: |text| !text.contains('\0'),
};

const fn id(name: &'static str, form: &'static TextForm) -> Param {
    Param::required(name, ParamKind::Form(form))
}

/// What the parameters in paths must be, wherever they stand.
pub(super) static IDS: &[Param] = &[
    id("website_id", &UUID),
    id("session_id", &SESSION),
    id("people_id", &PERSON),
    id("plugin_id", &UUID),
    id("inbox_id", &UUID),
    id("team_id", &UUID),
    id("user_id", &UUID),
    id("campaign_id", &UUID),
    id("template_id", &UUID),
    id("article_id", &UUID),
    id("category_id", &UUID),
    id("section_id", &UUID),
    id("redirection_id", &UUID),
    id("spam_id", &UUID),
    id("original_id", &UUID),
    id("token_id", &UUID),
    id("browsing_id", &BROWSING),
    id("call_id", &CALL),
    id("fingerprint", &FINGERPRINT),
    id("page_number", &PAGE),
    id("locale", &LOCALE),
    id("locale_linked", &LOCALE),
    id("path", &TREE_PATH),
    Param::required(
        "content_type",
        ParamKind::OneOf(&["articles", "guides", "references", "news"]),
    ),
    Param::required("action", ParamKind::OneOf(&["opened", "clicked", "unsubscribed"])),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_forms() {
        let uuid = "8d2c1c1e-0b7a-4c6e-9a51-0f5b9f1c7a10";
        assert!(is_uuid(uuid));
        for wrong in [
            "",
            "8d2c1c1e",
            &uuid.to_uppercase(),
            &uuid.replace('-', "_"),
            &format!("{uuid}0"),
        ] {
            assert!(!is_uuid(wrong), "{wrong}");
        }
        assert!((SESSION.fits)(&format!("session_{uuid}")));
        assert!(!(SESSION.fits)(uuid));
        for right in ["en", "pt-br", "zh_CN"] {
            assert!(is_locale(right), "{right}");
        }
        for wrong in ["", "e", "english", "EN", "en-", "en-gbr", "en-12"] {
            assert!(!is_locale(wrong), "{wrong}");
        }
        for right in ["chat", "email", "urn:acme.example:parcels:0"] {
            assert!((ORIGIN.fits)(right), "{right}");
        }
        for wrong in [
            "",
            "sms",
            "urn:acme",
            "urn:acme:parcels:x",
            "urn:acme:parcels:01",
            "urn::parcels:0",
        ] {
            assert!(!(ORIGIN.fits)(wrong), "{wrong}");
        }
    }

    #[test]
    fn moments_are_read_and_written() {
        assert_eq!(parse_moment("2026-03-02T09:00:00Z"), Some(1_772_442_000_000));
        assert_eq!(parse_moment("2026-03-02T10:00:00.250+01:00"), Some(1_772_442_000_250));
        assert_eq!(parse_moment("2026-03-02"), Some(1_772_409_600_000));
        assert_eq!(moment_text(1_772_442_000_000), "2026-03-02T09:00:00Z");
        for wrong in [
            "",
            "now",
            "2026-03-02T09:00:00",
            "2026-3-2",
            "2026-02-30",
            "1772442000000",
        ] {
            assert_eq!(parse_moment(wrong), None, "{wrong}");
        }
    }
}
