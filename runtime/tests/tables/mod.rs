//! A made-up helpdesk that uses every shape, place and rule.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its share")]

use deskhand_runtime::operation::{
    Answer, AnswerKind, Body, Confidence, Effect, Operation, PageSize, PageStyle, Pages, Tool,
};
use deskhand_runtime::shape::*;

pub const BASE: Field = Field {
    name: "",
    wire: "",
    doc: "",
    shape: Shape::Text,
    presence: Presence::Optional,
    place: Place::Body,
    style: Style::Plain,
    form: Form::Any,
    min: None,
    max: None,
    default: None,
    example: None,
    clear: None,
    chosen_by: None,
    variable: None,
    generate: None,
    dynamic: None,
    marks: Marks::NONE,
};

pub const fn text(name: &'static str, doc: &'static str) -> Field {
    Field {
        name,
        wire: name,
        doc,
        ..BASE
    }
}

pub const fn of(name: &'static str, doc: &'static str, shape: Shape) -> Field {
    Field {
        name,
        wire: name,
        doc,
        shape,
        ..BASE
    }
}

pub const fn formed(name: &'static str, doc: &'static str, form: Form) -> Field {
    Field {
        name,
        wire: name,
        doc,
        form,
        ..BASE
    }
}

pub static TICKET_NUMBER: IdKind = IdKind {
    name: "TicketNumber",
    integer: true,
    form: Form::Digits,
    doc: "Number of a ticket.",
    yielded_by: &[
        "list_all_acme_tickets",
        "create_a_acme_ticket",
        "acme_tickets_search",
        "acme_hidden",
    ],
};
pub static SESSION_ID: IdKind = IdKind {
    name: "SessionId",
    integer: false,
    form: Form::PrefixedUuid("session_"),
    doc: "A conversation.",
    yielded_by: &["list_all_acme_conversations"],
};
pub static PERSON_ID: IdKind = IdKind {
    name: "PersonId",
    integer: false,
    form: Form::Uuid,
    doc: "A person.",
    yielded_by: &["list_all_acme_people"],
};
pub static WEBSITE_ID: IdKind = IdKind {
    name: "WebsiteId",
    integer: false,
    form: Form::Any,
    doc: "A website.",
    yielded_by: &["list_all_acme_websites"],
};
pub static SLUG: IdKind = IdKind {
    name: "Slug",
    integer: false,
    form: Form::Any,
    doc: "A short name.",
    yielded_by: &[],
};

const fn value(word: &'static str, code: i64, doc: &'static str) -> EnumValue {
    EnumValue { word, code, doc }
}

pub static PRIORITY: EnumTable = EnumTable {
    name: "Priority",
    doc: "How urgent.",
    coded: true,
    extensible: false,
    values: &[
        value("low", 1, ""),
        value("medium", 5, ""),
        value("high", 10, ""),
        value("urgent", 20, ""),
    ],
};
pub static CHANNEL: EnumTable = EnumTable {
    name: "Channel",
    doc: "Where from.",
    coded: false,
    extensible: false,
    values: &[
        value("email", 0, "By mail."),
        value("chat", 0, "By chat."),
        value("phone", 0, "By phone."),
    ],
};
pub static STATUS: EnumTable = EnumTable {
    name: "Status",
    doc: "State of a ticket.",
    coded: false,
    extensible: true,
    values: &[value("open", 0, ""), value("closed", 0, "")],
};
pub static GRADE: EnumTable = EnumTable {
    name: "Grade",
    doc: "A grade.",
    coded: true,
    extensible: true,
    values: &[value("good", 1, ""), value("bad", 2, "")],
};
pub static KIND: EnumTable = EnumTable {
    name: "Kind",
    doc: "What a message holds.",
    coded: false,
    extensible: true,
    values: &[value("text", 0, ""), value("file", 0, ""), value("picker", 0, "")],
};

/// What one member is binds members of the record beside it.
pub static BESIDE_TABLE: Table = Table {
    name: "Beside",
    doc: "",
    fields: &[
        of("channel", "Where it came from.", Shape::Enum(&CHANNEL)),
        of("address", "Address.", Shape::record(address)),
    ],
    rules: &[Rule::When {
        field: "channel",
        equals: &["email"],
        requires: &[],
        refuses: &[],
        allows: &[("address.city", &["Bern", "Basel"]), ("address.urgency", &["low"])],
        because: "others have no mailbox",
    }],
    unknown: Unknown::Refuse,
};

pub static ADDRESS: Table = Table {
    name: "Address",
    doc: "An address.",
    fields: &[
        Field {
            presence: Presence::Required,
            wire: "cityName",
            min: Some(1),
            ..text("city", "City.")
        },
        formed("country", "Country by language code.", Form::Locale),
        Field {
            presence: Presence::Patch,
            clear: Some(Clear::Null),
            ..text("street", "Street and number.")
        },
        Field {
            marks: Marks::READ_ONLY,
            ..text("created_at", "When it was made.")
        },
        of("urgency", "Urgency.", Shape::Enum(&PRIORITY)),
    ],
    rules: &[],
    unknown: Unknown::Refuse,
};
pub fn address() -> &'static Table {
    &ADDRESS
}

pub static NODE: Table = Table {
    name: "Node",
    doc: "A node of a tree.",
    fields: &[
        text("label", "Label."),
        of("children", "Nodes below.", Shape::List(&Shape::record(node))),
        of("left", "Node to the left.", Shape::record(node)),
    ],
    rules: &[],
    unknown: Unknown::Keep,
};
pub fn node() -> &'static Table {
    &NODE
}

pub static LEVEL_3: Table = Table {
    name: "Level3",
    doc: "",
    fields: &[
        of("tags", "Tags.", Shape::List(&Shape::Text)),
        of("four", "Deeper.", Shape::record(address)),
    ],
    rules: &[],
    unknown: Unknown::Refuse,
};
pub fn level_3() -> &'static Table {
    &LEVEL_3
}
pub static LEVEL_2: Table = Table {
    name: "Level2",
    doc: "",
    fields: &[of("three", "Deeper.", Shape::record(level_3))],
    rules: &[],
    unknown: Unknown::Refuse,
};
pub fn level_2() -> &'static Table {
    &LEVEL_2
}

pub static ATTACHMENT: Table = Table {
    name: "Attachment",
    doc: "",
    fields: &[
        Field {
            presence: Presence::Required,
            ..formed("url", "Address of the file.", Form::Url)
        },
        text("name", "Name."),
    ],
    rules: &[],
    unknown: Unknown::Refuse,
};
pub fn attachment() -> &'static Table {
    &ATTACHMENT
}

pub const CONTENT: Shape = Shape::Variants(&[
    Variant {
        tag: "text",
        shape: Shape::Text,
        doc: "The words.",
    },
    Variant {
        tag: "file",
        shape: Shape::record(attachment),
        doc: "A file.",
    },
    Variant {
        tag: "picker",
        shape: Shape::List(&Shape::Text),
        doc: "Choices.",
    },
]);

pub static MESSAGE: Table = Table {
    name: "Message",
    doc: "A message.",
    fields: &[
        Field {
            chosen_by: Some("type"),
            ..of("content", "What it holds.", CONTENT)
        },
        Field {
            presence: Presence::Required,
            ..of("type", "Kind of content.", Shape::Enum(&KIND))
        },
    ],
    rules: &[Rule::When {
        field: "type",
        equals: &["text"],
        requires: &["content"],
        refuses: &[],
        allows: &[],
        because: "a text needs words",
    }],
    unknown: Unknown::Refuse,
};
pub fn message() -> &'static Table {
    &MESSAGE
}

pub static ALL: Table = Table {
    name: "UpdateTicket",
    doc: "",
    fields: &[
        Field {
            place: Place::Path,
            presence: Presence::Required,
            example: Some("1042"),
            ..of("ticket_number", "Number of the ticket.", Shape::Id(&TICKET_NUMBER))
        },
        Field {
            place: Place::Path,
            presence: Presence::Required,
            variable: Some("website_id"),
            ..of("website_id", "The website.", Shape::Id(&WEBSITE_ID))
        },
        of("session_id", "The conversation.", Shape::Id(&SESSION_ID)),
        of("person_id", "The person.", Shape::Id(&PERSON_ID)),
        Field {
            place: Place::Path,
            ..of("slug", "Short name in the path.", Shape::Id(&SLUG))
        },
        Field {
            style: Style::Text,
            ..of("number_text", "Number sent as text.", Shape::Id(&TICKET_NUMBER))
        },
        Field {
            wire: "Subject",
            min: Some(1),
            max: Some(20),
            ..text("subject", "Subject line.")
        },
        Field {
            marks: Marks::SECRET,
            min: Some(8),
            ..text("password", "Secret word.")
        },
        formed("requester", "Who asked.", Form::Email),
        formed("copies", "Who gets copies.", Form::CommaList),
        formed("homepage", "Home page.", Form::Url),
        formed("body_html", "Text of the ticket.", Form::Html),
        formed("due", "Due date.", Form::Date),
        formed("updated_since", "Changed since.", Form::UtcDateTime),
        formed("solved_at", "Solved at.", Form::Iso8601),
        Field {
            form: Form::UnixMillis,
            ..of("stamp", "Time of the event.", Shape::Int)
        },
        Field {
            style: Style::Digit,
            place: Place::Query(QueryStyle::Repeat),
            ..of("include_closed", "Also closed ones.", Shape::Bool)
        },
        Field {
            style: Style::DigitText,
            ..of("is_public", "Visible to all.", Shape::Bool)
        },
        of("urgent", "Urgent or not.", Shape::Bool),
        Field {
            min: Some(0),
            max: Some(100),
            default: Some("10"),
            ..of("score", "Score of the ticket.", Shape::Int)
        },
        Field {
            min: Some(0),
            max: Some(24),
            ..of("hours", "Hours worked.", Shape::Number)
        },
        of("priority", "Priority of the ticket.", Shape::Enum(&PRIORITY)),
        Field {
            style: Style::Text,
            ..of("priority_text", "Priority sent as text.", Shape::Enum(&PRIORITY))
        },
        of("channel", "Where it came from.", Shape::Enum(&CHANNEL)),
        of("status", "State of the ticket.", Shape::Enum(&STATUS)),
        of("grade", "Grade of the ticket.", Shape::Enum(&GRADE)),
        Field {
            min: Some(1),
            max: Some(3),
            ..of("tags", "Tags of the ticket.", Shape::List(&Shape::Text))
        },
        Field {
            form: Form::Email,
            ..of("watchers", "Who watches.", Shape::List(&Shape::Text))
        },
        Field {
            style: Style::Text,
            ..of("numbers", "Numbers sent as text.", Shape::List(&Shape::Int))
        },
        Field {
            place: Place::Query(QueryStyle::Comma),
            ..of("fields", "Columns.", Shape::List(&Shape::Text))
        },
        Field {
            place: Place::Header,
            ..text("trace", "Trace mark.")
        },
        of("counts", "Counts by name.", Shape::Map(&Shape::Int)),
        Field {
            dynamic: Some("custom_fields"),
            ..of("custom_fields", "Own fields of the account.", Shape::Map(&Shape::Any))
        },
        of("address", "Postal address.", Shape::record(address)),
        of("tree", "A tree.", Shape::record(node)),
        of("deep", "Levels below levels.", Shape::record(level_2)),
        Field {
            chosen_by: Some("kind"),
            ..of("content", "What the message holds.", CONTENT)
        },
        of("kind", "Kind of content.", Shape::Enum(&KIND)),
        of(
            "text_or_number",
            "Text or number.",
            Shape::OneOf(&[Shape::Int, Shape::Text]),
        ),
        of(
            "number_or_list",
            "A number or several.",
            Shape::OneOf(&[Shape::Int, Shape::List(&Shape::Int)]),
        ),
        of(
            "text_or_address",
            "A place.",
            Shape::OneOf(&[Shape::Text, Shape::record(address)]),
        ),
        Field {
            place: Place::Part,
            max: Some(64),
            ..of("upload", "A file.", Shape::File)
        },
        of("anything", "Free data.", Shape::Any),
        Field {
            presence: Presence::Patch,
            clear: Some(Clear::Null),
            ..of("assignee", "Who works on it.", Shape::Id(&PERSON_ID))
        },
        Field {
            clear: Some(Clear::Text("")),
            ..formed("due_mail", "Who is told.", Form::Email)
        },
        of("flagged", "Flagged ones.", Shape::List(&Shape::Id(&TICKET_NUMBER))),
        Field {
            place: Place::Flag,
            ..of("flag_all", "Whether an empty list means all.", Shape::Bool)
        },
        of("choice_a", "First choice.", Shape::Text),
        of("choice_b", "Second choice.", Shape::Text),
    ],
    rules: &[
        Rule::AtMostOne(&["choice_a", "choice_b"]),
        Rule::When {
            field: "channel",
            equals: &["phone"],
            requires: &["trace"],
            refuses: &["homepage"],
            allows: &[],
            because: "calls are traced",
        },
        Rule::When {
            field: "priority",
            equals: &["urgent"],
            requires: &["due"],
            refuses: &[],
            allows: &[],
            because: "",
        },
        Rule::NotEmptyUnless {
            field: "flagged",
            flag: "flag_all",
            because: "it would flag every ticket",
        },
    ],
    unknown: Unknown::Refuse,
};

pub static GROUPS: Table = Table {
    name: "Groups",
    doc: "",
    fields: &[
        text("one", "First."),
        text("two", "Second."),
        text("three", "Third."),
        Field {
            variable: Some("four"),
            ..text("four", "Fourth.")
        },
    ],
    rules: &[Rule::AtLeastOne(&["one", "two"]), Rule::ExactlyOne(&["three", "four"])],
    unknown: Unknown::Refuse,
};

pub static LIST: Table = Table {
    name: "ListTickets",
    doc: "",
    fields: &[
        Field {
            place: Place::Path,
            presence: Presence::Required,
            ..of("page_number", "Number of the page.", Shape::Int)
        },
        Field {
            place: Place::Query(QueryStyle::Repeat),
            style: Style::Text,
            ..of("per_page", "Page size.", Shape::Int)
        },
        of("status", "State of the ticket.", Shape::Enum(&STATUS)),
    ],
    rules: &[],
    unknown: Unknown::Refuse,
};

pub static CURSOR_LIST: Table = Table {
    name: "ListCustomers",
    doc: "",
    fields: &[
        text("cursor", "Cursor of the vendor."),
        Field {
            place: Place::Query(QueryStyle::Repeat),
            ..of("limit", "Page size.", Shape::Int)
        },
    ],
    rules: &[],
    unknown: Unknown::Refuse,
};

pub static WHOLE: Table = Table {
    name: "TagTickets",
    doc: "",
    fields: &[Field {
        place: Place::WholeBody,
        presence: Presence::Required,
        ..of("body", "The tags.", Shape::List(&Shape::Text))
    }],
    rules: &[],
    unknown: Unknown::Refuse,
};

pub static NOTHING: Table = Table {
    name: "Nothing",
    doc: "",
    fields: &[],
    rules: &[],
    unknown: Unknown::Refuse,
};

pub static MESSAGES: Table = Table {
    name: "SendMessages",
    doc: "",
    fields: &[of(
        "messages",
        "Messages to send.",
        Shape::List(&Shape::record(message)),
    )],
    rules: &[],
    unknown: Unknown::Refuse,
};

pub static QUOTED: Table = Table {
    name: "Quote",
    doc: "",
    fields: &[
        text("before", "Text before it."),
        Field {
            min: Some(1),
            max: Some(9_007_199_254_740_991),
            generate: Some(Generate::RandomInt),
            ..of("number", "Number of the quote.", Shape::Int)
        },
        text("after", "Text after it."),
    ],
    rules: &[],
    unknown: Unknown::Refuse,
};

pub const fn operation(name: &'static str, input: fn() -> &'static Table, pages: Option<Pages>) -> Operation {
    Operation {
        name,
        resource: "tickets",
        method: "update",
        http_method: "POST",
        path: "tickets/{ticket_number}",
        input,
        body: Body::Json,
        answer: Answer {
            kind: if pages.is_some() {
                AnswerKind::List
            } else {
                AnswerKind::Record
            },
            shape: Shape::record(ticket),
            at: &[""],
            total: Some("/count"),
            may_be_empty: false,
        },
        pages,
        effect: Effect::Write,
        idempotent: false,
        counts_as_read: false,
        cost: 1,
        access: &[],
        confidence: Confidence::High,
        source: "made up",
        deprecated: false,
        tool: Some(Tool {
            name: "update_a_acme_ticket_by_id",
            aliases: &[],
            title: "Update a ticket",
            doc: "Updates.",
            tags: &[],
        }),
    }
}

pub static TICKET: Table = Table {
    name: "Ticket",
    doc: "A ticket.",
    fields: &[
        of(
            "number",
            "Number of the ticket. It never changes.",
            Shape::Id(&TICKET_NUMBER),
        ),
        Field {
            wire: "Subject",
            marks: Marks::UNTRUSTED,
            ..text("subject", "Subject line.")
        },
        of("priority", "Priority.", Shape::Enum(&PRIORITY)),
        of("address", "Postal address.", Shape::record(address)),
        of("tree", "A tree.", Shape::List(&Shape::record(node))),
        formed("created", "When it was made.", Form::UtcDateTime),
        Field {
            marks: Marks::WRITE_ONLY,
            ..text("password", "Secret.")
        },
    ],
    rules: &[],
    unknown: Unknown::Keep,
};
pub fn ticket() -> &'static Table {
    &TICKET
}

pub static UPDATE: Operation = operation("update_ticket", || &ALL, None);
pub static BESIDE: Operation = operation("tell_address", || &BESIDE_TABLE, None);
pub static GROUPED: Operation = operation("grouped", || &GROUPS, None);
pub static LISTING: Operation = operation(
    "list_tickets",
    || &LIST,
    Some(Pages {
        style: PageStyle::Number {
            field: "page_number",
            first: 1,
        },
        size: Some(PageSize {
            field: "per_page",
            default: 30,
            min: 30,
            max: 100,
            allowed: &[30, 50, 100],
        }),
        cap: 0,
    }),
);
pub static CURSORED: Operation = operation(
    "list_customers",
    || &CURSOR_LIST,
    Some(Pages {
        style: PageStyle::Cursor {
            field: "cursor",
            next: "/meta/next_cursor",
        },
        size: Some(PageSize {
            field: "limit",
            default: 30,
            min: 1,
            max: 100,
            allowed: &[],
        }),
        cap: 0,
    }),
);
pub static FIXED: Operation = operation(
    "list_fixed",
    || &NOTHING,
    Some(Pages {
        style: PageStyle::NextUrl {
            next: "/next",
            fields: &["page"],
        },
        size: None,
        cap: 0,
    }),
);
pub static WHOLE_BODY: Operation = operation("tag_tickets", || &WHOLE, None);
pub static NO_ARGUMENTS: Operation = operation("nothing", || &NOTHING, None);
pub static QUOTE: Operation = operation("quote", || &QUOTED, None);
pub static SEND: Operation = operation("send_messages", || &MESSAGES, None);

pub static OPERATIONS: &[&Operation] = &[
    &UPDATE,
    &GROUPED,
    &LISTING,
    &CURSORED,
    &FIXED,
    &WHOLE_BODY,
    &NO_ARGUMENTS,
    &QUOTE,
    &SEND,
];
