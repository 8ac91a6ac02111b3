//! The language of view filters: calls such as `eq(ticket.status, 'open')`, joined by `&&` and `||`, with parentheses.

mod evaluate;
mod parse;

pub(super) use evaluate::matches;
pub(super) use parse::parse;

/// A filter, parsed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    /// True: there is no filter.
    Everything,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Call(Function, String, Vec<Literal>),
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

/// The part of a filter that stands for the user who asks.
pub(super) const CURRENT_USER: &str = "{{current_user.id}}";

/// A filter with the user who asks put in.
pub(super) fn for_user(filter: &str, user_id: i64) -> String {
    filter.replace(CURRENT_USER, &user_id.to_string())
}
