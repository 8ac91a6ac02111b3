//! The language of view filters: calls such as `eq(ticket.status, 'open')`, joined by `&&` and `||`, with parentheses.

mod evaluate;
mod parse;

pub(super) use evaluate::matches;
pub(super) use parse::parse;

use super::time;

/// A filter, parsed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    /// True: there is no filter.
    Everything,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Call(Function, String, Vec<Literal>),
}

impl Filter {
    /// Whether it asks for this part of tickets.
    pub(super) fn asks(&self, path: &str) -> bool {
        match self {
            Self::Everything => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.asks(path)),
            Self::Call(_, asked, _) => asked == path,
        }
    }
}

/// What is asked of a part of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    ContainsAny,
    ContainsAll,
    NotContains,
    IsEmpty,
    IsNotEmpty,
    GteTimedelta,
    LtTimedelta,
}

impl Function {
    /// The known ones; the first six of the attested list and those that follow from them.
    const ALL: &'static [(&'static str, Self)] = &[
        ("eq", Self::Eq),
        ("neq", Self::Neq),
        ("gt", Self::Gt),
        ("gte", Self::Gte),
        ("lt", Self::Lt),
        ("lte", Self::Lte),
        ("containsAny", Self::ContainsAny),
        ("containsAll", Self::ContainsAll),
        ("notContains", Self::NotContains),
        ("isEmpty", Self::IsEmpty),
        ("isNotEmpty", Self::IsNotEmpty),
        ("gteTimedelta", Self::GteTimedelta),
        ("ltTimedelta", Self::LtTimedelta),
    ];

    /// Whether it takes a value besides the path.
    fn takes_value(self) -> bool {
        !matches!(self, Self::IsEmpty | Self::IsNotEmpty)
    }

    /// Whether its value is a list.
    fn takes_list(self) -> bool {
        matches!(self, Self::ContainsAny | Self::ContainsAll | Self::NotContains)
    }

    /// Whether its value is a span of time before now.
    fn takes_span(self) -> bool {
        matches!(self, Self::GteTimedelta | Self::LtTimedelta)
    }
}

/// A value in a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

/// The parts of a ticket that filters may ask for.
pub(super) const PATHS: &[&str] = &[
    "ticket.status",
    "ticket.priority",
    "ticket.channel",
    "ticket.via",
    "ticket.language",
    "ticket.subject",
    "ticket.from_agent",
    "ticket.spam",
    "ticket.assignee_user.id",
    "ticket.assignee_team.id",
    "ticket.tags.name",
    "ticket.customer.id",
    "ticket.customer.email",
    "ticket.messages.integration_id",
    "ticket.created_datetime",
    "ticket.updated_datetime",
    "ticket.closed_datetime",
    "ticket.snooze_datetime",
    "ticket.trashed_datetime",
    "ticket.last_message_datetime",
    "ticket.last_received_message_datetime",
];

/// Whether a part of tickets is a moment.
fn is_moment(path: &str) -> bool {
    path.ends_with("_datetime")
}

/// How long `1d`, `12h`, `30m`, `2w` or `45s` is.
fn span(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => time::SECOND,
        "m" => time::MINUTE,
        "h" => time::HOUR,
        "d" => time::DAY,
        "w" => 7 * time::DAY,
        _ => return None,
    };
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<i64>().ok().filter(|_| digits)?.checked_mul(unit)
}

/// The part of a filter that stands for the user who asks.
pub(super) const CURRENT_USER: &str = "{{current_user.id}}";

/// A filter with the user who asks put in.
pub(super) fn for_user(filter: &str, user_id: i64) -> String {
    filter.replace(CURRENT_USER, &user_id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_a_number_and_a_unit() {
        assert_eq!(span("45s"), Some(45_000_000));
        assert_eq!(span("30m"), Some(1_800_000_000));
        assert_eq!(span("2w"), Some(1_209_600_000_000));
        for wrong in [
            "",
            "d",
            "1",
            "1 d",
            "-1d",
            "+1d",
            "1.5d",
            "1y",
            "1d1h",
            "9223372036854775807d",
            "1ä",
        ] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_a_filter_asks_for_is_not_what_stands_in_its_texts() {
        let filter =
            parse("eq(ticket.status, 'ticket.spam') && (isEmpty(ticket.subject) || eq(ticket.via, 'api'))").unwrap();
        for path in ["ticket.status", "ticket.subject", "ticket.via"] {
            assert!(filter.asks(path), "{path}");
        }
        assert!(!filter.asks("ticket.spam") && !Filter::Everything.asks("ticket.spam"));
    }

    #[test]
    fn the_user_who_asks_is_put_in() {
        let filters =
            "eq(ticket.assignee_user.id, '{{current_user.id}}') || eq(ticket.assignee_user.id, {{current_user.id}})";
        let told = "eq(ticket.assignee_user.id, '17') || eq(ticket.assignee_user.id, 17)";
        assert_eq!(for_user(filters, 17), told);
        assert!(parse(filters).is_ok() && parse(told).is_ok());
    }
}
