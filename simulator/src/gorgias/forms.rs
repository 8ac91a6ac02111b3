//! The forms of parameters and members: words, moments, addresses.

use super::time;
use crate::engine::{Field, Kind, Param, ParamKind, TextForm, is_email};

/// Where an app may bring a word of its own.
fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

pub(super) static MOMENT: TextForm = TextForm {
    wanted: "an ISO 8601 date and time",
    fits: |text| time::parse(text).is_some(),
};
pub(super) static SLUG: TextForm = TextForm {
    wanted: "a word of lower-case letters, digits, - and _",
    fits: is_slug,
};
pub(super) static URL: TextForm = TextForm {
    wanted: "an http or https URL",
    fits: is_url,
};
static EMAIL: TextForm = TextForm {
    wanted: "an email address",
    fits: |text| is_email(text) && text.len() <= 320,
};
static BOOLEAN: TextForm = TextForm {
    wanted: "true or false",
    fits: |text| matches!(text, "true" | "false" | "1" | "0"),
};
static COLOR: TextForm = TextForm {
    wanted: "a colour such as #F58D86",
    fits: |text| {
        text.strip_prefix('#')
            .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    },
};
static COUNTRY: TextForm = TextForm {
    wanted: "a country code of two capitals",
    fits: |text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
};
static LANGUAGE: TextForm = TextForm {
    wanted: "a language code such as en",
    fits: |text| (2..=8).contains(&text.len()) && text.is_ascii() && !text.contains(char::is_whitespace),
};
static NOT_BLANK: TextForm = TextForm {
    wanted: "a string that is not blank",
    fits: |text| !text.trim().is_empty(),
};
static NAME_255: TextForm = TextForm {
    wanted: "a string of 1 to 255 characters",
    fits: |text| (1..=255).contains(&text.chars().count()),
};
static NAME_256: TextForm = TextForm {
    wanted: "a string of 1 to 256 characters",
    fits: |text| (1..=256).contains(&text.chars().count()),
};

/// A member that is required.
pub(super) const fn must(name: &'static str, kind: Kind) -> Field {
    Field::required(name, kind)
}

/// A member that may be left out.
pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field::optional(name, kind)
}

/// A member that may be left out or null.
pub(super) const fn null(name: &'static str, kind: &'static Kind) -> Field {
    Field::optional(name, Kind::Nullable(kind))
}

pub(super) const TEXT: Kind = Kind::Text;
pub(super) const ANY: Kind = Kind::Any;
pub(super) const NUMBER: Kind = Kind::Number;
pub(super) const BOOL: Kind = Kind::Boolean;
pub(super) const WHEN: Kind = Kind::Form(&MOMENT);
pub(super) const MAIL: Kind = Kind::Form(&EMAIL);
pub(super) const WORD: Kind = Kind::Form(&SLUG);
pub(super) const ID: Kind = Kind::Between(1, i64::MAX);
pub(super) const IDS: Kind = Kind::List(&ID);
pub(super) const TEXT_255: Kind = Kind::TextUpTo(255);
pub(super) const TEXT_998: Kind = Kind::TextUpTo(998);
pub(super) const TEXT_1000: Kind = Kind::TextUpTo(1000);
pub(super) const TEXT_1024: Kind = Kind::TextUpTo(1024);
pub(super) const LANGUAGE_CODE: Kind = Kind::Form(&LANGUAGE);
pub(super) const COUNTRY_CODE: Kind = Kind::Form(&COUNTRY);
pub(super) const OBJECT: Kind = Kind::Map(&Kind::Any);
pub(super) const ANYTHING: Kind = Kind::List(&Kind::Any);
pub(super) const COLOUR: Kind = Kind::Form(&COLOR);
pub(super) const ADDRESS: Kind = Kind::Form(&URL);
pub(super) const NAME: Kind = Kind::Form(&NOT_BLANK);
pub(super) const LABEL: Kind = Kind::Form(&NAME_255);
pub(super) const TAG_NAME: Kind = Kind::Form(&NAME_256);

/// A parameter that may be left out.
pub(super) const fn query(name: &'static str, kind: ParamKind) -> Param {
    Param::optional(name, kind)
}

/// The number of a record.
pub(super) const NUMBER_PARAM: ParamKind = ParamKind::Between(1, 9_223_372_036_854_775_807);
/// A number of a record, or 0 for something special.
pub(super) const NUMBER_OR_ZERO: ParamKind = ParamKind::Digits;
pub(super) const FLAG: ParamKind = ParamKind::Form(&BOOLEAN);

/// What the parameters in paths must be, wherever they stand.
pub(super) static PATH: &[Param] = &[
    Param::required("id", NUMBER_OR_ZERO),
    Param::required("ticket_id", NUMBER_PARAM),
    Param::required("customer_id", NUMBER_PARAM),
    Param::required("view_id", NUMBER_OR_ZERO),
    Param::required("destination_tag_id", NUMBER_PARAM),
    Param::required("file_type", ParamKind::Form(&SLUG)),
    Param::required("domain_hash", ParamKind::Text),
    Param::required("resource_name", ParamKind::Text),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_addresses_have_their_forms() {
        for right in ["email", "internal-note", "gorgias_chat", "my-app2"] {
            assert!(is_slug(right), "{right}");
        }
        for wrong in ["", "Email", "e mail", "é"] {
            assert!(!is_slug(wrong), "{wrong}");
        }
        assert!(is_url("https://acme.example/x") && !is_url("ftp://x") && !is_url("https:///x"));
        assert!((COLOR.fits)("#F58D86") && !(COLOR.fits)("red") && !(COLOR.fits)("#F58D8"));
        assert!((COUNTRY.fits)("DE") && !(COUNTRY.fits)("de"));
    }
}
