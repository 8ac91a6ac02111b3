//! Bodies for messages.

use super::customers::CHANNEL;
use crate::engine::Kind::{Between, Boolean, List, Object};
use crate::engine::{Kind, Shape};
use crate::gorgias::forms::{ANY, ANYTHING, ID, IDS, MAIL, NAME, OBJECT, TEXT, TEXT_255, WHEN, WORD, may, must, null};

static PLACE: Shape = Shape::new(&[must("address", NAME), null("name", &TEXT)]).open();
static SOURCE: Shape = Shape::new(&[
    may("type", WORD),
    null("from", &Object(&PLACE)),
    may("to", List(&Object(&PLACE))),
    may("cc", List(&Object(&PLACE))),
    may("bcc", List(&Object(&PLACE))),
    null("extra", &ANY),
]);
static PERSON: Shape = Shape::new(&[
    may("id", Between(0, i64::MAX)),
    null("email", &MAIL),
    null("name", &TEXT),
    null("external_id", &TEXT),
    null("language", &TEXT),
    null("timezone", &TEXT),
    null("note", &TEXT),
    may("channels", List(&Object(&CHANNEL))),
]);
const SIZE: Kind = Between(0, i64::MAX);
static ATTACHMENT: Shape = Shape::new(&[
    must("url", NAME),
    must("name", NAME),
    must("content_type", NAME),
    must("size", Kind::Nullable(&SIZE)),
    may("public", Boolean),
    null("extra", &ANY),
]);
const ATTACHMENTS: Kind = List(&Object(&ATTACHMENT));
static REFERENCE: Shape = Shape::new(&[must("id", ID)]);
const REFERENCES: Kind = List(&Object(&REFERENCE));
static ERROR: Shape = Shape::new(&[may("error", TEXT)]).open();

pub(in crate::gorgias) static MESSAGE_CREATE: Shape = Shape::new(&[
    must("channel", WORD),
    must("from_agent", Boolean),
    must("via", WORD),
    null("source", &Object(&SOURCE)),
    null("sender", &Object(&PERSON)),
    null("receiver", &Object(&PERSON)),
    null("body_text", &TEXT),
    null("body_html", &TEXT),
    null("subject", &TEXT),
    may("public", Boolean),
    null("attachments", &ATTACHMENTS),
    null("integration_id", &ID),
    null("message_id", &TEXT),
    null("external_id", &TEXT_255),
    null("sent_datetime", &WHEN),
    null("failed_datetime", &WHEN),
    null("mention_ids", &IDS),
    null("headers", &OBJECT),
    null("meta", &ANY),
    null("stripped_text", &TEXT),
    null("stripped_html", &TEXT),
    null("stripped_signature", &TEXT),
    null("created_datetime", &WHEN),
    null("opened_datetime", &WHEN),
    null("deleted_datetime", &WHEN),
    null("macros", &REFERENCES),
    null("actions", &ANYTHING),
    null("last_sending_error", &Object(&ERROR)),
]);
pub(in crate::gorgias) static MESSAGE_UPDATE: Shape = Shape::new(&[
    must("channel", WORD),
    must("from_agent", Boolean),
    must("via", WORD),
    null("source", &Object(&SOURCE)),
    null("sender", &Object(&PERSON)),
    null("receiver", &Object(&PERSON)),
    null("body_text", &TEXT),
    null("body_html", &TEXT),
    null("subject", &TEXT),
    may("public", Boolean),
    null("attachments", &ATTACHMENTS),
    null("integration_id", &ID),
    null("message_id", &TEXT),
    null("external_id", &TEXT_255),
    null("sent_datetime", &WHEN),
    null("failed_datetime", &WHEN),
    null("mention_ids", &IDS),
    null("headers", &OBJECT),
    null("meta", &ANY),
]);
