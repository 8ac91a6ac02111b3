//! What the remaining routes of a workspace take.

use super::super::forms::{SESSION, URL, UUID};
use super::{BATCH_PEOPLE_SELECTOR, USER_REF, VERIFY_CHALLENGE, may, must};
use crate::engine::Kind::{Any, Boolean, Email, Form, Integer, List, Map, Nullable, Object, OneOf, Scalar, Text};
use crate::engine::Shape;

pub(in crate::crisp) static ANALYTICS_DATE: Shape = Shape::new(&[
    must("from", Text),
    must("to", Text),
    must("split", Text),
    must("timezone", Text),
    may("days", Object(&ANALYTICS_DAYS)),
]);

pub(in crate::crisp) static ANALYTICS_DAYS: Shape = Shape::new(&[
    may("monday", Object(&ANALYTICS_DAY)),
    may("tuesday", Object(&ANALYTICS_DAY)),
    may("wednesday", Object(&ANALYTICS_DAY)),
    may("thursday", Object(&ANALYTICS_DAY)),
    may("friday", Object(&ANALYTICS_DAY)),
    may("saturday", Object(&ANALYTICS_DAY)),
    may("sunday", Object(&ANALYTICS_DAY)),
]);

pub(in crate::crisp) static ANALYTICS_DAY: Shape = Shape::new(&[must("hour_from", Text), must("hour_to", Text)]);

pub(in crate::crisp) static ANALYTICS_IF: Shape = Shape::new(&[must("metric", Text), must("split_by", Text)]);

pub(in crate::crisp) static ANALYTICS_THEN: Shape = Shape::new(&[may("type", Text), may("filter", Any)]);

pub(in crate::crisp) static INBOX_ORDER: Shape = Shape::new(&[must("inbox_id", Form(&UUID)), must("order", Integer)]);

pub(in crate::crisp) static INBOX_CONDITION: Shape = Shape::new(&[
    may("model", OneOf(&["session"])),
    may("criterion", Text),
    may("operator", OneOf(&["eq", "neq", "gte", "lte", "gt", "lt"])),
    may("query", List(&Text)),
]);

pub(in crate::crisp) static EMAIL_TARGET: Shape = Shape::new(&[may("label", Text), may("url", Form(&URL))]);

pub(in crate::crisp) static ANALYTICS_GENERATE: Shape = Shape::new(&[
    must(
        "metric",
        OneOf(&[
            "conversation",
            "conversation_assigned",
            "conversation_shortcut",
            "conversation_segment",
            "conversation_state",
            "helpdesk_read",
            "helpdesk_search",
            "visitor_visit",
            "visitor_trigger",
            "campaign_activity",
            "campaign_sent",
            "people_created",
            "status_downtime",
        ]),
    ),
    must(
        "type",
        OneOf(&[
            "metric",
            "total",
            "unique",
            "response_time",
            "resolution_time",
            "handle_time",
            "messages",
            "visitor_messages",
            "operator_messages",
            "rating",
        ]),
    ),
    may(
        "aggregator",
        OneOf(&["average", "moving_average", "median", "minimum", "maximum", "sum"]),
    ),
    may("split_by", Text),
    may("filter", Any),
    must("date", Object(&ANALYTICS_DATE)),
    may("if", Object(&ANALYTICS_IF)),
    may("then", Object(&ANALYTICS_THEN)),
    may("raw_export", Boolean),
]);

pub(in crate::crisp) static WEBSITE_CREATE: Shape = Shape::new(&[must("name", Text), must("domain", Text)]);

pub(in crate::crisp) static WEBSITE_DELETE: Shape = Shape::new(&[must("verify", Object(&VERIFY_CHALLENGE))]);

pub(in crate::crisp) static BATCH_RESOLVE: Shape = Shape::new(&[
    may("inbox_id", Nullable(&Form(&UUID))),
    may("sessions", List(&Form(&SESSION))),
]);

pub(in crate::crisp) static BATCH_UNRESOLVE: Shape = Shape::new(&[
    may("inbox_id", Nullable(&Form(&UUID))),
    must("sessions", List(&Form(&SESSION))),
]);

pub(in crate::crisp) static BATCH_READ: Shape = Shape::new(&[
    may("inbox_id", Nullable(&Form(&UUID))),
    may("sessions", List(&Form(&SESSION))),
]);

pub(in crate::crisp) static BATCH_UNREAD: Shape = Shape::new(&[
    may("inbox_id", Nullable(&Form(&UUID))),
    must("sessions", List(&Form(&SESSION))),
]);

pub(in crate::crisp) static BATCH_REMOVE: Shape = Shape::new(&[
    may("inbox_id", Nullable(&Form(&UUID))),
    must("sessions", List(&Form(&SESSION))),
]);

pub(in crate::crisp) static BATCH_REMOVE_PEOPLE: Shape = Shape::new(&[must("people", Object(&BATCH_PEOPLE_SELECTOR))]);

pub(in crate::crisp) static BATCH_REPORT: Shape =
    Shape::new(&[must("sessions", List(&Form(&SESSION))), must("flag", OneOf(&["spam"]))]);

pub(in crate::crisp) static BATCH_BLOCK: Shape =
    Shape::new(&[must("sessions", List(&Form(&SESSION))), must("blocked", Boolean)]);

pub(in crate::crisp) static BATCH_ROUTING: Shape = Shape::new(&[
    must("sessions", List(&Form(&SESSION))),
    must("assigned", Nullable(&Object(&USER_REF))),
]);

pub(in crate::crisp) static BATCH_INBOX: Shape = Shape::new(&[
    must("sessions", List(&Form(&SESSION))),
    must("inbox_id", Nullable(&Form(&UUID))),
]);

pub(in crate::crisp) static BATCH_DATA: Shape =
    Shape::new(&[must("sessions", List(&Form(&SESSION))), must("data", Map(&Scalar))]);

pub(in crate::crisp) static BATCH_DATA_PEOPLE: Shape = Shape::new(&[
    must("people", Object(&BATCH_PEOPLE_SELECTOR)),
    must("data", Map(&Scalar)),
]);

pub(in crate::crisp) static BATCH_SEGMENTS: Shape =
    Shape::new(&[must("sessions", List(&Form(&SESSION))), must("segments", List(&Text))]);

pub(in crate::crisp) static BATCH_SEGMENTS_PEOPLE: Shape = Shape::new(&[
    must("people", Object(&BATCH_PEOPLE_SELECTOR)),
    must("segments", List(&Text)),
]);

pub(in crate::crisp) static INBOXES_ORDER: Shape = Shape::new(&[must("orders", List(&Object(&INBOX_ORDER)))]);

pub(in crate::crisp) static INBOXES_CREATE: Shape = Shape::new(&[
    must("name", Text),
    must("emoji", Text),
    must("order", Integer),
    must("operators", List(&Form(&UUID))),
    may("teams", List(&Form(&UUID))),
    may("operator", OneOf(&["and", "or"])),
    may("conditions", List(&Object(&INBOX_CONDITION))),
]);

pub(in crate::crisp) static INBOXES_SAVE: Shape = Shape::new(&[
    must("name", Text),
    must("emoji", Text),
    must("order", Integer),
    must("operators", List(&Form(&UUID))),
    may("teams", List(&Form(&UUID))),
    may("operator", OneOf(&["and", "or"])),
    may("conditions", List(&Object(&INBOX_CONDITION))),
]);

pub(in crate::crisp) static OPERATORS_SEND_EMAIL: Shape = Shape::new(&[
    must("recipient", OneOf(&["all", "owners", "members", "user"])),
    may("user_id", Form(&UUID)),
    must("subject", Text),
    must("message", Text),
    may("target", Object(&EMAIL_TARGET)),
]);

pub(in crate::crisp) static OPERATORS_INVITE: Shape = Shape::new(&[
    must("email", Email),
    must("role", OneOf(&["owner", "member"])),
    must("verify", Object(&VERIFY_CHALLENGE)),
]);

pub(in crate::crisp) static OPERATORS_CHANGE: Shape =
    Shape::new(&[may("role", OneOf(&["owner", "member"])), may("title", Text)]);

pub(in crate::crisp) static INBOXES_CREATE_TEAM: Shape = Shape::new(&[
    may("name", Text),
    may("emoji", Text),
    may("operators", List(&Form(&UUID))),
]);

pub(in crate::crisp) static INBOXES_SAVE_TEAM: Shape = Shape::new(&[
    may("name", Text),
    may("emoji", Text),
    may("operators", List(&Form(&UUID))),
]);

pub(in crate::crisp) static WEBSITE_UPDATE_VERIFY_SETTINGS: Shape = Shape::new(&[must("enabled", Boolean)]);
