//! A handmade helpdesk whose operations take arguments of every kind and place.

use deskhand_runtime::operation::{
    Answer, AnswerKind, AuthPart, Body, Confidence, Effect, ErrorRules, Integration, LimitRules, Operation, PageSize,
    PageStyle, Pages, ResetUnit, Scheme, Setting, Tool,
};
use deskhand_runtime::shape::{
    Clear, EnumTable, EnumValue, Field, Form, IdKind, Marks, Place, Presence, QueryStyle, Rule, Shape, Style, Table,
    Unknown, Variant,
};

static BOARD: IdKind = IdKind {
    name: "BoardId",
    integer: false,
    form: Form::Any,
    doc: "A board.",
    yielded_by: &[],
};
static TICKET: IdKind = IdKind {
    name: "TicketNumber",
    integer: true,
    form: Form::Digits,
    doc: "A ticket.",
    yielded_by: &["list_all_paper_desk_tickets"],
};
static NOTE: IdKind = IdKind {
    name: "NoteNumber",
    integer: true,
    form: Form::Digits,
    doc: "A note.",
    yielded_by: &["list_all_paper_desk_notes"],
};
static EMAIL: IdKind = IdKind {
    name: "Email",
    integer: false,
    form: Form::Email,
    doc: "A person.",
    yielded_by: &[],
};

static KIND: EnumTable = EnumTable {
    name: "Kind",
    doc: "Kind of content.",
    coded: false,
    extensible: false,
    values: &[
        EnumValue {
            word: "text",
            code: 0,
            doc: "",
        },
        EnumValue {
            word: "list",
            code: 0,
            doc: "",
        },
    ],
};
static PRIORITY: EnumTable = EnumTable {
    name: "Priority",
    doc: "How urgent.",
    coded: true,
    extensible: false,
    values: &[
        EnumValue {
            word: "low",
            code: 1,
            doc: "",
        },
        EnumValue {
            word: "high",
            code: 10,
            doc: "",
        },
    ],
};

const fn field(name: &'static str, doc: &'static str, shape: Shape, place: Place) -> Field {
    Field {
        name,
        wire: name,
        doc,
        shape,
        presence: Presence::Optional,
        place,
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
    }
}

const fn needed(field: Field) -> Field {
    Field {
        presence: Presence::Required,
        ..field
    }
}

const BOARD_FIELD: Field = Field {
    variable: Some("board"),
    ..needed(field("board", "The board.", Shape::Id(&BOARD), Place::Path))
};
const TICKET_FIELD: Field = needed(field(
    "ticket",
    "Number of the ticket.",
    Shape::Id(&TICKET),
    Place::Path,
));
const ASSIGNEE: Field = Field {
    clear: Some(Clear::Null),
    ..field("assignee", "Who works on it.", Shape::Text, Place::Body)
};
const SUBJECT: Field = field("subject", "Subject line.", Shape::Text, Place::Body);

const fn table(fields: &'static [Field], rules: &'static [Rule]) -> Table {
    Table {
        name: "Arguments",
        doc: "",
        fields,
        rules,
        unknown: Unknown::Refuse,
    }
}

static LIST_TICKETS_ARGUMENTS: Table = table(
    &[
        BOARD_FIELD,
        field(
            "status",
            "States of tickets.",
            Shape::List(&Shape::Text),
            Place::Query(QueryStyle::Repeat),
        ),
        field(
            "fields",
            "Columns.",
            Shape::List(&Shape::Text),
            Place::Query(QueryStyle::Comma),
        ),
        field(
            "open",
            "Only open ones. Not together with status.",
            Shape::Bool,
            Place::Query(QueryStyle::Repeat),
        ),
        field("per_page", "Page size.", Shape::Int, Place::Query(QueryStyle::Repeat)),
        field("page", "Page.", Shape::Int, Place::Query(QueryStyle::Repeat)),
    ],
    &[],
);
static GET_TICKET_ARGUMENTS: Table = table(&[BOARD_FIELD, TICKET_FIELD], &[]);
static CREATE_TICKET_ARGUMENTS: Table = table(
    &[
        BOARD_FIELD,
        needed(SUBJECT),
        field("kind", "Kind of content.", Shape::Enum(&KIND), Place::Body),
        Field {
            chosen_by: Some("kind"),
            ..field(
                "content",
                "What it says.",
                Shape::Variants(&[
                    Variant {
                        tag: "text",
                        shape: Shape::Text,
                        doc: "Words.",
                    },
                    Variant {
                        tag: "list",
                        shape: Shape::List(&Shape::Text),
                        doc: "Points.",
                    },
                ]),
                Place::Body,
            )
        },
        field("priority", "How urgent it is.", Shape::Enum(&PRIORITY), Place::Body),
        field("team", "Team that works on it.", Shape::Text, Place::Body),
        ASSIGNEE,
        field(
            "silent",
            "Whether nobody is told.",
            Shape::Bool,
            Place::Query(QueryStyle::Repeat),
        ),
    ],
    &[Rule::AtMostOne(&["team", "assignee"])],
);
static UPDATE_TICKET_ARGUMENTS: Table = table(&[BOARD_FIELD, TICKET_FIELD, SUBJECT, ASSIGNEE], &[]);
static MERGE_ARGUMENTS: Table = table(
    &[
        BOARD_FIELD,
        TICKET_FIELD,
        needed(field("into", "Ticket that stays.", Shape::Id(&TICKET), Place::Body)),
    ],
    &[],
);
static LIST_NOTES_ARGUMENTS: Table = table(&[BOARD_FIELD, TICKET_FIELD], &[]);
static GET_NOTE_ARGUMENTS: Table = table(
    &[
        BOARD_FIELD,
        needed(field("note", "Number of the note.", Shape::Id(&NOTE), Place::Path)),
        TICKET_FIELD,
    ],
    &[],
);
static PERSON_ARGUMENTS: Table = table(
    &[needed(field(
        "email",
        "Address of the person.",
        Shape::Id(&EMAIL),
        Place::Query(QueryStyle::Repeat),
    ))],
    &[],
);
static LABELS_ARGUMENTS: Table = table(
    &[needed(field(
        "body",
        "All labels.",
        Shape::List(&Shape::Text),
        Place::WholeBody,
    ))],
    &[],
);
static NO_ARGUMENTS: Table = table(&[], &[]);

const fn tool(
    name: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    doc: &'static str,
    tags: &'static [&'static str],
) -> Option<Tool> {
    Some(Tool {
        name,
        aliases,
        title,
        doc,
        tags,
    })
}

const BASE: Operation = Operation {
    name: "",
    resource: "tickets",
    method: "",
    http_method: "GET",
    path: "",
    input: || &NO_ARGUMENTS,
    body: Body::None,
    answer: Answer {
        kind: AnswerKind::Record,
        shape: Shape::Any,
        at: &[""],
        total: None,
        may_be_empty: true,
    },
    pages: None,
    effect: Effect::Read,
    idempotent: false,
    counts_as_read: false,
    cost: 1,
    access: &[],
    confidence: Confidence::High,
    source: "handmade",
    deprecated: false,
    tool: None,
};

const LIST: Answer = Answer {
    kind: AnswerKind::List,
    shape: Shape::Any,
    at: &["/items"],
    total: None,
    may_be_empty: true,
};

static LIST_TICKETS: Operation = Operation {
    name: "list_tickets",
    method: "list",
    path: "/boards/{board}/tickets",
    input: || &LIST_TICKETS_ARGUMENTS,
    answer: LIST,
    pages: Some(Pages {
        style: PageStyle::Number {
            field: "page",
            first: 1,
        },
        size: Some(PageSize {
            field: "per_page",
            default: 30,
            min: 1,
            max: 100,
            allowed: &[],
        }),
        cap: 0,
    }),
    tool: tool(
        "list_all_paper_desk_tickets",
        &[],
        "List tickets",
        "Lists tickets of a board. To change one, use update_a_paper_desk_ticket_by_id; open narrows the list.",
        &["tickets"],
    ),
    ..BASE
};
static GET_TICKET: Operation = Operation {
    name: "get_ticket",
    method: "get",
    path: "/boards/{board}/tickets/{ticket}",
    input: || &GET_TICKET_ARGUMENTS,
    tool: tool(
        "get_single_paper_desk_ticket_by_id",
        &[],
        "Read a ticket",
        "Reads a ticket with all it has.",
        &["tickets"],
    ),
    ..BASE
};
static CREATE_TICKET: Operation = Operation {
    name: "create_ticket",
    method: "create",
    http_method: "POST",
    path: "/boards/{board}/tickets",
    input: || &CREATE_TICKET_ARGUMENTS,
    body: Body::Json,
    effect: Effect::Write,
    tool: tool(
        "create_a_paper_desk_ticket",
        &[],
        "Create a ticket",
        "Opens a new ticket.",
        &["tickets"],
    ),
    ..BASE
};
static UPDATE_TICKET: Operation = Operation {
    name: "update_ticket",
    method: "update",
    http_method: "PATCH",
    path: "/boards/{board}/tickets/{ticket}",
    input: || &UPDATE_TICKET_ARGUMENTS,
    body: Body::Json,
    effect: Effect::Write,
    idempotent: true,
    counts_as_read: false,
    tool: tool(
        "update_a_paper_desk_ticket_by_id",
        &[],
        "Update a ticket",
        "Changes a ticket.",
        &["tickets"],
    ),
    ..BASE
};
static DELETE_TICKET: Operation = Operation {
    name: "delete_ticket",
    method: "delete",
    http_method: "DELETE",
    path: "/boards/{board}/tickets/{ticket}",
    input: || &GET_TICKET_ARGUMENTS,
    effect: Effect::Destructive,
    tool: tool(
        "delete_a_paper_desk_ticket_by_id",
        &["delete_a_paper_desk_ticket"],
        "Delete a ticket",
        "Deletes a ticket for good.",
        &["tickets", "danger"],
    ),
    ..BASE
};
static MERGE_TICKETS: Operation = Operation {
    name: "merge_tickets",
    method: "merge",
    http_method: "POST",
    path: "/boards/{board}/tickets/{ticket}/merge",
    input: || &MERGE_ARGUMENTS,
    body: Body::Json,
    effect: Effect::Destructive,
    tool: tool(
        "paper_desk_tickets_merge",
        &[],
        "Merge tickets",
        "Merges a ticket into another.",
        &["tickets", "danger"],
    ),
    ..BASE
};
static LIST_NOTES: Operation = Operation {
    name: "list_notes",
    resource: "notes",
    method: "list",
    path: "/boards/{board}/tickets/{ticket}/notes",
    input: || &LIST_NOTES_ARGUMENTS,
    answer: LIST,
    tool: tool(
        "list_all_paper_desk_notes",
        &[],
        "List notes",
        "Lists the notes of a ticket.",
        &["notes"],
    ),
    ..BASE
};
static GET_NOTE: Operation = Operation {
    name: "get_note",
    resource: "notes",
    method: "get",
    path: "/boards/{board}/tickets/{ticket}/notes/{note}",
    input: || &GET_NOTE_ARGUMENTS,
    tool: tool(
        "get_single_paper_desk_note_by_id",
        &[],
        "Read a note",
        "Reads a note of a ticket.",
        &["notes"],
    ),
    ..BASE
};
static GET_PERSON: Operation = Operation {
    name: "get_person",
    resource: "people",
    method: "get",
    path: "/people",
    input: || &PERSON_ARGUMENTS,
    tool: tool(
        "get_single_paper_desk_person_by_id",
        &[],
        "Read a person",
        "Reads a person by address.",
        &["people"],
    ),
    ..BASE
};
/// Its method has the name of a category that it is not in.
static READ_PEOPLE: Operation = Operation {
    name: "mark_people",
    resource: "people",
    method: "read",
    http_method: "POST",
    path: "/people/read",
    effect: Effect::Write,
    tool: tool(
        "paper_desk_people_read",
        &[],
        "Mark people as read",
        "Marks everybody as read.",
        &["people"],
    ),
    ..BASE
};
static REPLACE_LABELS: Operation = Operation {
    name: "replace_labels",
    resource: "labels",
    method: "update",
    http_method: "PUT",
    path: "/labels",
    input: || &LABELS_ARGUMENTS,
    body: Body::WholeJson,
    effect: Effect::Write,
    tool: tool(
        "update_a_paper_desk_label_by_id",
        &[],
        "Replace labels",
        "Replaces all labels.",
        &["labels"],
    ),
    ..BASE
};
static UNDOCUMENTED: Operation = Operation {
    name: "peek",
    resource: "labels",
    method: "get",
    path: "/labels",
    ..BASE
};

const fn setting(name: &'static str, secret: bool, example: &'static str) -> Setting {
    Setting {
        name,
        title: "A setting",
        help: "Under the paper.",
        form: Form::Any,
        one_of: &[],
        secret,
        optional: false,
        example,
        default: "",
        strip: &[],
    }
}

pub(crate) static PAPER: Integration = Integration {
    slug: "paper-desk",
    title: "Paper Desk",
    doc: "A helpdesk of paper.",
    documentation: "",
    base_url: "https://paper.example",
    variables: &[setting("board", false, "main")],
    credentials: &[setting("api_key", true, "paper-key")],
    schemes: &[Scheme {
        name: "api_key",
        needs: &["api_key"],
        parts: &[AuthPart::Bearer("{api_key}")],
        oauth2: None,
    }],
    headers: &[],
    limits: LimitRules {
        remaining: Some("X-Left"),
        limit: Some("X-Allowed"),
        reset: Some(("X-Reset", ResetUnit::Seconds)),
        used_of_limit: None,
        retry_after: Some("Retry-After"),
        throttle_statuses: &[429],
        quota_statuses: &[],
        doc: "",
    },
    errors: ErrorRules {
        code: &[],
        message: &["/message"],
        failure_flag: Some("/failed"),
        hints: &[],
    },
    probe: None,
    dynamic_fields: &[],
    tags: &[
        ("tickets", ""),
        ("notes", ""),
        ("people", ""),
        ("labels", ""),
        ("danger", ""),
    ],
    operations: &[
        &LIST_TICKETS,
        &GET_TICKET,
        &CREATE_TICKET,
        &UPDATE_TICKET,
        &DELETE_TICKET,
        &MERGE_TICKETS,
        &LIST_NOTES,
        &GET_NOTE,
        &GET_PERSON,
        &READ_PEOPLE,
        &REPLACE_LABELS,
        &UNDOCUMENTED,
    ],
};
