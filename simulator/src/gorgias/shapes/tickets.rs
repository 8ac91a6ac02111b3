//! Bodies for tickets and their tags.

use super::account::or_null;
use super::content::DECORATION;
use super::customers::VALUE_INPUT;
use super::messages::MESSAGE_CREATE;
use crate::engine::Kind::{Boolean, Items, List, Object, OneOf, Texts};
use crate::engine::{Kind, Shape};
use crate::gorgias::forms::{
    ANY, BOOL, ID, IDS, LANGUAGE_CODE, MAIL, TAG_NAME, TEXT, TEXT_255, TEXT_998, WHEN, WORD, may, must, null,
};
use crate::gorgias::words::{TICKET_PRIORITY, TICKET_STATUS};

static CUSTOMER: Shape = Shape::new(&[null("id", &ID), null("email", &MAIL), null("name", &TEXT)]);
static ASSIGNEE: Shape = Shape::new(&[must("id", or_null(&ID))]);
static TAG: Shape = Shape::new(&[must("name", TAG_NAME), null("decoration", &Object(&DECORATION))]);
const TAGS: Kind = List(&Object(&TAG));
const VALUES: Kind = List(&Object(&VALUE_INPUT));

pub(in crate::gorgias) static TICKET_CREATE: Shape = Shape::new(&[
    must("messages", Items(&Object(&MESSAGE_CREATE), 1, 500)),
    may("status", OneOf(TICKET_STATUS)),
    may("priority", OneOf(TICKET_PRIORITY)),
    null("subject", &TEXT_998),
    may("channel", WORD),
    may("via", WORD),
    null("customer", &Object(&CUSTOMER)),
    null("assignee_user", &Object(&ASSIGNEE)),
    null("assignee_team", &Object(&ASSIGNEE)),
    null("tags", &TAGS),
    null("custom_fields", &VALUES),
    null("external_id", &TEXT_255),
    null("from_agent", &BOOL),
    null("language", &LANGUAGE_CODE),
    null("spam", &BOOL),
    null("meta", &ANY),
    null("opened_datetime", &WHEN),
    null("closed_datetime", &WHEN),
    null("trashed_datetime", &WHEN),
    null("snooze_datetime", &WHEN),
    null("last_message_datetime", &WHEN),
    null("last_received_message_datetime", &WHEN),
    null("updated_datetime", &WHEN),
    null("created_datetime", &WHEN),
]);
pub(in crate::gorgias) static TICKET_UPDATE: Shape = Shape::new(&[
    may("status", OneOf(TICKET_STATUS)),
    may("priority", OneOf(TICKET_PRIORITY)),
    null("subject", &TEXT_998),
    may("channel", WORD),
    may("via", WORD),
    null("customer", &Object(&CUSTOMER)),
    null("assignee_user", &Object(&ASSIGNEE)),
    null("assignee_team", &Object(&ASSIGNEE)),
    null("tags", &TAGS),
    null("custom_fields", &VALUES),
    null("external_id", &TEXT_255),
    null("from_agent", &BOOL),
    null("language", &LANGUAGE_CODE),
    null("spam", &BOOL),
    null("meta", &ANY),
    null("opened_datetime", &WHEN),
    null("closed_datetime", &WHEN),
    null("trashed_datetime", &WHEN),
    null("snooze_datetime", &WHEN),
    null("last_message_datetime", &WHEN),
    null("last_received_message_datetime", &WHEN),
    null("updated_datetime", &WHEN),
    may("is_unread", Boolean),
]);
pub(in crate::gorgias) static TAG_SELECTION: Shape = Shape::new(&[may("ids", IDS), may("names", Texts)]);
