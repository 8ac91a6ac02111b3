//! Bodies for the account, its fields, agents and teams, and what is connected.

use crate::engine::Kind::{Any, Boolean, Items, List, Map, Nullable, Number, Object, OneOf, Told};
use crate::engine::{Kind, Shape};
use crate::gorgias::forms::{
    ADDRESS, ANY, COUNTRY_CODE, ID, LABEL, MAIL, NAME, NUMBER, TEXT, TEXT_1024, WHEN, may, must, null,
};
use crate::gorgias::words::{
    HTTP_METHOD, INTEGRATION_TYPE, MANAGED_TYPE, OBJECT_TYPE, REQUEST_TYPE, USER_ROLE, WIDGET_CONTEXT, WIDGET_TYPE,
};

pub(in crate::gorgias) static SETTING_CREATE: Shape =
    Shape::new(&[must("type", NAME), may("data", Any), may("name", TEXT)]);
pub(in crate::gorgias) static SETTING_UPDATE: Shape =
    Shape::new(&[must("type", NAME), may("data", Any), null("name", &TEXT)]);

const PRIORITY: Kind = Kind::Between(0, 5000);
const CHOICE: Kind = LABEL;

static TEXT_INPUT: Shape = Shape::new(&[must("input_type", OneOf(&["input"])), null("placeholder", &TEXT_1024)]);
static DROPDOWN: Shape = Shape::new(&[
    must("input_type", OneOf(&["dropdown"])),
    must("choices", Items(&CHOICE, 1, 2000)),
    null("default", &TEXT),
]);
static NUMBER_INPUT: Shape = Shape::new(&[
    must("input_type", OneOf(&["input_number"])),
    null("placeholder", &TEXT_1024),
    null("min", &NUMBER),
    null("max", &NUMBER),
]);
static BOOLEAN_DROPDOWN: Shape = Shape::new(&[must("input_type", OneOf(&["dropdown"])), null("default", &Boolean)]);
const TEXT_SETTINGS: Kind = Told {
    by: "input_type",
    shapes: &[("input", &TEXT_INPUT), ("dropdown", &DROPDOWN)],
};
static TEXT_DEFINITION: Shape = Shape::new(&[
    must("data_type", OneOf(&["text"])),
    must("input_settings", TEXT_SETTINGS),
]);
static NUMBER_DEFINITION: Shape = Shape::new(&[
    must("data_type", OneOf(&["number"])),
    must("input_settings", Object(&NUMBER_INPUT)),
]);
static BOOLEAN_DEFINITION: Shape = Shape::new(&[
    must("data_type", OneOf(&["boolean"])),
    must("input_settings", Object(&BOOLEAN_DROPDOWN)),
]);
const DEFINITION: Kind = Told {
    by: "data_type",
    shapes: &[
        ("text", &TEXT_DEFINITION),
        ("number", &NUMBER_DEFINITION),
        ("boolean", &BOOLEAN_DEFINITION),
    ],
};

pub(in crate::gorgias) static FIELD_CREATE: Shape = Shape::new(&[
    must("object_type", OneOf(OBJECT_TYPE)),
    must("label", LABEL),
    must("definition", DEFINITION),
    null("description", &TEXT_1024),
    null("external_id", &TEXT),
    null("priority", &PRIORITY),
    may("required", Boolean),
    null("managed_type", &OneOf(MANAGED_TYPE)),
    null("deactivated_datetime", &WHEN),
]);
pub(in crate::gorgias) static FIELD_UPDATE: Shape = Shape::new(&[
    may("object_type", OneOf(OBJECT_TYPE)),
    may("label", LABEL),
    may("definition", DEFINITION),
    null("description", &TEXT_1024),
    null("external_id", &TEXT),
    null("priority", &PRIORITY),
    may("required", Boolean),
    null("managed_type", &OneOf(MANAGED_TYPE)),
    null("deactivated_datetime", &WHEN),
]);
static FIELD_BULK_ITEM: Shape = Shape::new(&[
    must("id", ID),
    may("object_type", OneOf(OBJECT_TYPE)),
    may("label", LABEL),
    may("definition", DEFINITION),
    null("description", &TEXT_1024),
    null("external_id", &TEXT),
    null("priority", &PRIORITY),
    may("required", Boolean),
    null("managed_type", &OneOf(MANAGED_TYPE)),
    null("deactivated_datetime", &WHEN),
]);
pub(in crate::gorgias) static FIELD_BULK: Kind = List(&Object(&FIELD_BULK_ITEM));

static ROLE: Shape = Shape::new(&[must("name", OneOf(USER_ROLE))]);
static USER_META: Shape = Shape::new(&[null("profile_picture_url", &ADDRESS)]).open();
const AGENT_LANGUAGE: Kind = OneOf(&["fr", "en"]);

pub(in crate::gorgias) static USER_CREATE: Shape = Shape::new(&[
    must("email", MAIL),
    must("name", NAME),
    must("role", Object(&ROLE)),
    null("bio", &TEXT),
    null("country", &COUNTRY_CODE),
    null("language", &AGENT_LANGUAGE),
    may("timezone", TEXT),
    may("external_id", TEXT),
    may("meta", Object(&USER_META)),
    may("firstname", TEXT),
    may("lastname", TEXT),
    may("active", Boolean),
]);
pub(in crate::gorgias) static USER_UPDATE: Shape = Shape::new(&[
    may("email", MAIL),
    may("name", NAME),
    may("role", Object(&ROLE)),
    null("bio", &TEXT),
    null("country", &COUNTRY_CODE),
    null("language", &AGENT_LANGUAGE),
    null("timezone", &TEXT),
    null("external_id", &TEXT),
    null("meta", &Object(&USER_META)),
    may("new_password", NAME),
    may("old_password", NAME),
    may("password_confirmation", NAME),
    null("two_fa_code", &TEXT),
    null("firstname", &TEXT),
    null("lastname", &TEXT),
    may("active", Boolean),
]);

pub(super) static EMOJI: Shape = Shape::new(&[null("emoji", &ANY)]);
static MEMBER: Shape = Shape::new(&[
    must("id", ID),
    null("name", &TEXT),
    null("email", &TEXT),
    null("meta", &ANY),
]);

pub(in crate::gorgias) static TEAM_CREATE: Shape = Shape::new(&[
    must("name", NAME),
    null("description", &TEXT),
    null("decoration", &Object(&EMOJI)),
    may("members", List(&Object(&MEMBER))),
]);
pub(in crate::gorgias) static TEAM_UPDATE: Shape = Shape::new(&[
    may("name", NAME),
    null("description", &TEXT),
    null("decoration", &Object(&EMOJI)),
    may("members", List(&Object(&MEMBER))),
]);

static TRIGGERS: Shape = Shape::new(&[
    may("ticket-created", Boolean),
    may("ticket-updated", Boolean),
    may("ticket-message-created", Boolean),
    may("ticket-self-unsnoozed", Boolean),
    may("ticket-message-failed", Boolean),
    may("ticket-assignment-updated", Boolean),
    may("ticket-status-updated", Boolean),
    may("ticket-handed-over", Boolean),
    may("ticket_created", Boolean),
    may("ticket_updated", Boolean),
    may("ticket_message_created", Boolean),
    may("ticket_self_unsnoozed", Boolean),
    may("ticket_message_failed", Boolean),
    may("ticket_assignment_updated", Boolean),
    may("ticket_status_updated", Boolean),
    may("ticket_handed_over", Boolean),
]);
const HEADERS: Kind = Map(&TEXT);
static HTTP_CREATE: Shape = Shape::new(&[
    must("url", ADDRESS),
    must("method", OneOf(HTTP_METHOD)),
    must("request_content_type", OneOf(REQUEST_TYPE)),
    must("response_content_type", OneOf(&["application/json"])),
    null("form", &ANY),
    null("headers", &HEADERS),
    may("hmac_secret", TEXT),
    may("triggers", Object(&TRIGGERS)),
]);
static HTTP_UPDATE: Shape = Shape::new(&[
    must("url", ADDRESS),
    may("method", OneOf(HTTP_METHOD)),
    may("request_content_type", OneOf(REQUEST_TYPE)),
    may("response_content_type", OneOf(&["application/json"])),
    null("form", &ANY),
    null("headers", &HEADERS),
    may("hmac_secret", TEXT),
    may("triggers", Object(&TRIGGERS)),
]);

pub(in crate::gorgias) static INTEGRATION_CREATE: Shape = Shape::new(&[
    must("name", NAME),
    must("type", OneOf(INTEGRATION_TYPE)),
    null("description", &TEXT),
    may("http", Object(&HTTP_CREATE)),
    null("business_hours_id", &ID),
    null("deactivated_datetime", &WHEN),
]);
pub(in crate::gorgias) static INTEGRATION_UPDATE: Shape = Shape::new(&[
    must("name", NAME),
    null("description", &TEXT),
    null("http", &Object(&HTTP_UPDATE)),
    null("business_hours_id", &ID),
    null("deactivated_datetime", &WHEN),
]);

static NODE: Shape = Shape::new(&[
    must("type", NAME),
    may("path", TEXT),
    may("title", TEXT),
    may("order", Number),
    may("meta", Any),
    may("widgets", List(&Object(&NODE))),
])
.open();
static TEMPLATE: Shape = Shape::new(&[must("type", NAME), may("widgets", List(&Object(&NODE)))]).open();
const ORDER: Kind = Kind::Between(0, i64::MAX);

pub(in crate::gorgias) static WIDGET_CREATE: Shape = Shape::new(&[
    must("type", OneOf(WIDGET_TYPE)),
    must("template", Object(&TEMPLATE)),
    may("context", OneOf(WIDGET_CONTEXT)),
    may("order", ORDER),
    null("integration_id", &ORDER),
    null("app_id", &TEXT),
    null("deactivated_datetime", &WHEN),
]);
pub(in crate::gorgias) static WIDGET_UPDATE: Shape = Shape::new(&[
    may("type", OneOf(WIDGET_TYPE)),
    may("template", Object(&TEMPLATE)),
    may("context", OneOf(WIDGET_CONTEXT)),
    may("order", ORDER),
    null("integration_id", &ORDER),
    null("app_id", &TEXT),
    null("deactivated_datetime", &WHEN),
]);

/// A value that may be null.
pub(super) const fn or_null(kind: &'static Kind) -> Kind {
    Nullable(kind)
}
