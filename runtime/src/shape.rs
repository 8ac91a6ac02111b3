//! Constant descriptions of values: the one source of input schemas, output schemas, argument
//! checking, encoding, redaction and decoding.
//!
//! Generated crates consist mostly of these tables. Nothing in them is behaviour: functions over
//! tables live in [`crate::schema`], [`crate::arguments`], [`crate::encode`] and [`crate::record`].

use std::fmt;
use std::sync::OnceLock;

/// What kind of JSON value something is on the wire.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `true` or `false`; how it is written on the wire is told by [`Field::style`].
    Bool,
    /// A whole number that fits 64 bits.
    Int,
    /// Any JSON number.
    Number,
    /// Text; its form is told by [`Field::form`].
    Text,
    /// An identifier of one kind: text or a whole number.
    Id(&'static IdKind),
    /// One of a list of known values. Always open: the vendor may add values.
    Enum(&'static EnumTable),
    /// A list of values of one shape.
    List(&'static Shape),
    /// An object with free keys and values of one shape.
    Map(&'static Shape),
    /// An object with known members.
    Record(TableRef),
    /// A value whose shape is chosen by a sibling member ([`Field::chosen_by`]).
    Variants(&'static [Variant]),
    /// A value seen on the wire in several shapes.
    OneOf(&'static [Shape]),
    /// The bytes of a file, sent as a part of a multipart body.
    File,
    /// Any JSON value.
    Any,
}

/// Where the table of a record is. Not the table itself, because records may contain themselves.
#[derive(Clone, Copy)]
pub struct TableRef(Whence);

#[derive(Clone, Copy)]
enum Whence {
    Compiled(fn() -> &'static Table),
    Set(&'static OnceLock<Table>),
}

impl TableRef {
    /// A table that is compiled in.
    #[must_use]
    pub const fn of(table: fn() -> &'static Table) -> Self {
        Self(Whence::Compiled(table))
    }

    /// A table that is made while the program runs, and set before it is asked for: of a description that is not compiled.
    #[must_use]
    pub const fn set_in(cell: &'static OnceLock<Table>) -> Self {
        Self(Whence::Set(cell))
    }

    /// The table; one without members where none was set.
    #[must_use]
    pub fn get(self) -> &'static Table {
        match self.0 {
            Whence::Compiled(table) => table(),
            Whence::Set(cell) => cell.get_or_init(|| Table {
                name: "",
                doc: "",
                fields: &[],
                rules: &[],
                unknown: Unknown::Keep,
            }),
        }
    }
}

impl fmt::Debug for TableRef {
    // By name only: a table may hold itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TableRef").field(&self.get().name).finish()
    }
}

/// One arm of [`Shape::Variants`].
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Value of the choosing sibling, as written on the wire.
    pub tag: &'static str,
    /// Shape that the value then has.
    pub shape: Shape,
    /// What this arm is for, in one sentence.
    pub doc: &'static str,
}

/// A kind of identifier: what it looks like and which tools yield it.
#[derive(Debug)]
pub struct IdKind {
    /// Name of the kind and of its Rust type, such as `TicketNumber`.
    pub name: &'static str,
    /// Whether the wire carries a number.
    pub integer: bool,
    /// Form that every value has.
    pub form: Form,
    /// What it identifies and where it is found.
    pub doc: &'static str,
    /// Names of the tools whose answers contain it, the most useful one first. Computed from the spec.
    pub yielded_by: &'static [&'static str],
}

/// The known values of an open enumeration.
#[derive(Debug)]
pub struct EnumTable {
    /// Name of the Rust type.
    pub name: &'static str,
    /// What the values tell.
    pub doc: &'static str,
    /// Whether the wire carries whole numbers ([`EnumValue::code`]) instead of words.
    pub coded: bool,
    /// Whether values beyond the list may be sent (an account can define its own).
    pub extensible: bool,
    /// Known values, in the order of the spec.
    pub values: &'static [EnumValue],
}

/// One known value of an enumeration.
#[derive(Debug)]
pub struct EnumValue {
    /// Word offered to callers; for a text enumeration also what the wire carries.
    pub word: &'static str,
    /// Code on the wire when the enumeration is coded.
    pub code: i64,
    /// What the value means; may be empty.
    pub doc: &'static str,
}

/// The form a text has, checked before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Any,
    /// An e-mail address.
    Email,
    /// An absolute `http` or `https` address.
    Url,
    /// An HTML fragment.
    Html,
    /// A UUID in its 8-4-4-4-12 form.
    Uuid,
    /// A prefix followed by a UUID, such as `session_…`.
    PrefixedUuid(&'static str),
    /// Decimal digits only.
    Digits,
    /// One DNS label: letters, digits and inner hyphens, at most 63 characters.
    Label,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DD HH:MM:SS`, without zone, in UTC.
    UtcDateTime,
    /// ISO 8601 date and time; without an offset it is UTC.
    Iso8601,
    /// Milliseconds since 1970-01-01 UTC (a whole number).
    UnixMillis,
    /// A language code such as `en` or `pt-br`.
    Locale,
    /// Addresses or names in one text, separated by commas.
    CommaList,
}

/// How a scalar is written on the wire where that differs from its JSON form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As its JSON form.
    Plain,
    /// `true` as `1`, `false` as `0`.
    Digit,
    /// Every scalar, also inside lists, as text.
    Text,
    /// A boolean as text `1` or `0`.
    DigitText,
}

/// Whether a member must be there, and whether `null` differs from absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Must be given.
    Required,
    /// May be left out.
    Optional,
    /// May be left out, cleared, or given: three different things.
    Patch,
}

/// Where an argument travels in the request. Members of nested records are [`Place::Body`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path, as the segment (or raw tail) that bears its name.
    Path,
    /// In the query.
    Query(QueryStyle),
    /// In a request header.
    Header,
    /// A member of the JSON or form body.
    Body,
    /// The whole body: an array or a scalar.
    WholeBody,
    /// A part of a multipart body: a file, or a text field.
    Part,
    /// JSON text (or plain text for a scalar) in the query; together with all its like it moves
    /// into the multipart form when the request target would be longer than the vendor accepts.
    QueryOrPart,
    /// Nowhere: the argument only steers the call ([`Rule::NotEmptyUnless`]).
    Flag,
}

/// How a value that is not a scalar is written in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryStyle {
    /// `name=value`; a list repeats the name.
    Repeat,
    /// `name=a,b`.
    Comma,
    /// `name[]=a&name[]=b`.
    Brackets,
    /// `name[key]=value` for every member of an object.
    Deep,
    /// `name=<JSON text>`.
    Json,
}

/// What is sent when a caller clears a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear {
    /// A JSON `null`.
    Null,
    /// A text that the vendor understands as "none".
    Text(&'static str),
}

/// How a value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generate {
    /// A random whole number from [`Field::min`] to [`Field::max`].
    RandomInt,
}

/// One member of a record or one argument of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name that callers use.
    pub name: &'static str,
    /// Name on the wire.
    pub wire: &'static str,
    /// What it is, for people and language models.
    pub doc: &'static str,
    /// Shape of the value.
    pub shape: Shape,
    /// Whether it must be there.
    pub presence: Presence,
    /// Where it travels.
    pub place: Place,
    /// How scalars are written.
    pub style: Style,
    /// Form of the text (of each text, for a list).
    pub form: Form,
    /// Least value, least length of a text, or least number of items.
    pub min: Option<i64>,
    /// Greatest value, length in characters, or number of items.
    pub max: Option<i64>,
    /// What the vendor assumes when it is left out, in words.
    pub default: Option<&'static str>,
    /// A plausible value.
    pub example: Option<&'static str>,
    /// How it is cleared; `None` when it cannot be.
    pub clear: Option<Clear>,
    /// Name of the sibling that chooses the shape of [`Shape::Variants`], or the one account-specific member whose
    /// value this is.
    pub chosen_by: Option<&'static str>,
    /// Account variable that supplies the value when the caller gives none.
    pub variable: Option<&'static str>,
    /// How a value is made when the caller gives none; it then stands in the answer.
    pub generate: Option<Generate>,
    /// Name of the account-specific members that belong here ([`crate::operation::DynamicFields`]).
    pub dynamic: Option<&'static str>,
    /// Marks; see the constants of [`Marks`].
    pub marks: Marks,
}

/// A small set of yes/no marks on a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Marks(u8);

impl Marks {
    /// No mark.
    pub const NONE: Self = Self(0);
    /// Never printed.
    pub const SECRET: Self = Self(1);
    /// About a person: not printed in debug output.
    pub const PERSONAL: Self = Self(2);
    /// Written by people outside the company: data, never an instruction.
    pub const UNTRUSTED: Self = Self(4);
    /// On its way out at the vendor.
    pub const DEPRECATED: Self = Self(8);
    /// The source of the fact is weak.
    pub const UNCONFIRMED: Self = Self(16);
    /// Only in answers.
    pub const READ_ONLY: Self = Self(32);
    /// Only in requests.
    pub const WRITE_ONLY: Self = Self(64);

    /// Whether all marks of `other` are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The union of two sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A rule that ties several arguments together.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// At least one of these must be given.
    AtLeastOne(&'static [&'static str]),
    /// Exactly one of these must be given.
    ExactlyOne(&'static [&'static str]),
    /// At most one of these may be given.
    AtMostOne(&'static [&'static str]),
    /// When a member has one of the values, others are required, refused, or bound to some values.
    When {
        /// The deciding member.
        field: &'static str,
        /// Its values (words as offered to callers); empty: whenever it is given.
        equals: &'static [&'static str],
        /// Members that must then be given.
        requires: &'static [&'static str],
        /// Members that must then be absent.
        refuses: &'static [&'static str],
        /// Members that may then hold nothing but these values (words as offered to callers). `source.type` is the
        /// member of a record beside.
        allows: &'static [(&'static str, &'static [&'static str])],
        /// Why, told to the caller.
        because: &'static str,
    },
    /// An empty list means something dangerous: it is refused unless the named flag is true.
    NotEmptyUnless {
        /// The list.
        field: &'static str,
        /// A boolean argument that is not sent.
        flag: &'static str,
        /// What an empty list would do.
        because: &'static str,
    },
    /// Names that callers guess and that do not exist.
    NoSuch {
        /// The names.
        names: &'static [&'static str],
        /// What to use instead, told to whoever gives one.
        because: &'static str,
    },
}

/// What a record does with members that its table does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Keeps them and sends them back: answers of the vendor.
    Keep,
    /// Refuses them with the nearest known name: arguments.
    Refuse,
}

/// The members of a record or the arguments of an operation.
#[derive(Debug)]
pub struct Table {
    /// Name of the Rust type.
    pub name: &'static str,
    /// What the record is; may be empty.
    pub doc: &'static str,
    /// Members, in the order of the spec.
    pub fields: &'static [Field],
    /// Rules over several members.
    pub rules: &'static [Rule],
    /// What happens to unnamed members.
    pub unknown: Unknown,
}

impl Table {
    /// What whoever gives this unknown name is told, if the table has foreseen it.
    #[must_use]
    pub fn advice(&self, name: &str) -> Option<&'static str> {
        self.rules.iter().find_map(|rule| match rule {
            Rule::NoSuch { names, because } if names.contains(&name) => Some(*because),
            _ => None,
        })
    }

    /// The field with this caller-side name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Shape {
    /// An object whose table is compiled in.
    #[must_use]
    pub const fn record(table: fn() -> &'static Table) -> Self {
        Self::Record(TableRef::of(table))
    }

    /// Whether a JSON value of this shape can be text. Such a value is never parsed as JSON.
    #[must_use]
    pub fn admits_text(&self) -> bool {
        match self {
            Self::Text | Self::Id(_) | Self::Enum(_) | Self::Any | Self::File => true,
            Self::Variants(arms) => arms.iter().any(|arm| arm.shape.admits_text()),
            Self::OneOf(shapes) => shapes.iter().any(Self::admits_text),
            Self::Bool | Self::Int | Self::Number | Self::List(_) | Self::Map(_) | Self::Record(_) => false,
        }
    }

    /// The shape in words, for error messages: `a list of text`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Bool => "true or false".into(),
            Self::Int => "a whole number".into(),
            Self::Number => "a number".into(),
            Self::Text => "text".into(),
            Self::Id(kind) => format!("a {} ({})", kind.name, kind.form.words()),
            Self::Enum(table) => {
                let words: Vec<_> = table.values.iter().map(|value| value.word).collect();
                format!("one of {}", words.join(", "))
            }
            Self::List(item) => format!("a list, each item {}", item.words()),
            Self::Map(value) => format!("an object whose values are {}", value.words()),
            Self::Record(_) => "an object".into(),
            Self::Variants(_) => "a value whose form depends on its sibling".into(),
            Self::OneOf(shapes) => shapes.iter().map(Self::words).collect::<Vec<_>>().join(" or "),
            Self::File => "a file object".into(),
            Self::Any => "any JSON value".into(),
        }
    }
}

impl Form {
    /// The form in words, with an example where one helps.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Any => "any text".into(),
            Self::Email => "an e-mail address such as jane@example.com".into(),
            Self::Url => "an http or https address".into(),
            Self::Html => "an HTML fragment".into(),
            // Every model knows what one looks like, and some tools take many: an example would be a fifth of all schemas.
            Self::Uuid => "a UUID".into(),
            Self::PrefixedUuid(prefix) => format!("{prefix} followed by a UUID"),
            Self::Digits => "decimal digits only".into(),
            Self::Label => "letters, digits and inner hyphens, at most 63 characters".into(),
            Self::Date => "a date as YYYY-MM-DD".into(),
            Self::UtcDateTime => "UTC date and time as YYYY-MM-DD HH:MM:SS".into(),
            Self::Iso8601 => "an ISO 8601 date and time such as 2026-01-31T09:30:00Z".into(),
            Self::UnixMillis => "milliseconds since 1970-01-01 UTC".into(),
            Self::Locale => "a language code such as en or pt-br".into(),
            Self::CommaList => "entries separated by commas".into(),
        }
    }

    /// Whether `text` has this form. Only what the vendor would surely refuse is refused here.
    #[must_use]
    pub fn admits(&self, text: &str) -> bool {
        match self {
            Self::Any | Self::Html | Self::CommaList => true,
            Self::Email => email(text),
            Self::Url => {
                (text.starts_with("https://") || text.starts_with("http://"))
                    && !text.chars().any(|c| c.is_whitespace() || c.is_control())
            }
            Self::Uuid => uuid(text),
            Self::PrefixedUuid(prefix) => text.strip_prefix(prefix).is_some_and(uuid),
            Self::Digits | Self::UnixMillis => {
                !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit())
            }
            Self::Label => label(text),
            Self::Date => date(text),
            Self::UtcDateTime => text.split_once(' ').is_some_and(|(day, time)| date(day) && clock(time)),
            Self::Iso8601 => iso8601(text),
            Self::Locale => {
                text.len() <= 12
                    && text.split(['-', '_']).enumerate().all(|(at, part)| {
                        part.bytes().all(|b| b.is_ascii_alphanumeric())
                            && if at == 0 {
                                (2..=3).contains(&part.len())
                            } else {
                                (2..=8).contains(&part.len())
                            }
                    })
            }
        }
    }
}

fn email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 320
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | '<' | '>'))
}

fn uuid(text: &str) -> bool {
    let mut groups = text.split('-');
    [8usize, 4, 4, 4, 12].iter().all(|length| {
        groups
            .next()
            .is_some_and(|group| group.len() == *length && group.bytes().all(|b| b.is_ascii_hexdigit()))
    }) && groups.next().is_none()
}

/// Whether `text` is one DNS label.
fn label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn number(text: &str, digits: usize, range: std::ops::RangeInclusive<u32>) -> bool {
    text.len() == digits
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse().is_ok_and(|n: u32| range.contains(&n))
}

fn date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    if !(number(year, 4, 0..=9999) && number(month, 2, 1..=12) && number(day, 2, 1..=31)) {
        return false;
    }
    let (year, month, day): (u32, u32, u32) = (
        year.parse().unwrap_or(0),
        month.parse().unwrap_or(0),
        day.parse().unwrap_or(0),
    );
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    day <= last
}

fn clock(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').collect();
    let [hour, minute, second] = parts[..] else {
        return false;
    };
    number(hour, 2, 0..=23) && number(minute, 2, 0..=59) && number(second, 2, 0..=60)
}

fn iso8601(text: &str) -> bool {
    let Some((day, rest)) = text.split_at_checked(10) else {
        return false;
    };
    if !date(day) {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return false;
    };
    let (time, zone) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let whole = if time.len() == 5 {
        format!("{time}:00")
    } else {
        time.to_owned()
    };
    let zone_ok = match zone {
        "" | "Z" | "z" => true,
        _ => {
            let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
            matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit())
        }
    };
    clock(&whole) && !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) && zone_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_admit_and_refuse() {
        let table: &[(Form, &str, bool)] = &[
            (Form::Email, "jane@example.com", true),
            (Form::Email, "jane", false),
            (Form::Email, "jane@example.com\r\nBcc: x", false),
            (Form::Uuid, "0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10", true),
            (Form::Uuid, "0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a1", false),
            (
                Form::PrefixedUuid("session_"),
                "session_0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10",
                true,
            ),
            (
                Form::PrefixedUuid("session_"),
                "0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10",
                false,
            ),
            (Form::Label, "acme-2", true),
            (Form::Label, "acme.evil.example", false),
            (Form::Label, "-acme", false),
            (Form::Label, "acme/..", false),
            (Form::Date, "2024-02-29", true),
            (Form::Date, "2023-02-29", false),
            (Form::UtcDateTime, "2026-01-31 09:30:00", true),
            (Form::UtcDateTime, "2026-01-31T09:30:00", false),
            (Form::Iso8601, "2026-01-31T09:30:00.123456+01:00", true),
            (Form::Iso8601, "2026-01-31", true),
            (Form::Iso8601, "yesterday", false),
            (Form::Iso8601, "2026-01-31Tnoon", false),
            (Form::Digits, "0012", true),
            (Form::Digits, "12a", false),
            (Form::Locale, "pt-br", true),
            (Form::Locale, "p", false),
            (Form::Url, "https://example.com/a", true),
            (Form::Url, "javascript:alert(1)", false),
        ];
        for (form, text, expected) in table {
            assert_eq!(form.admits(text), *expected, "{form:?} on {text:?}");
        }
    }
}
