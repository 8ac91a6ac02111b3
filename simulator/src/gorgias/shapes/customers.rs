//! Bodies for customers and for the values of fields.

use super::account::or_null;
use crate::engine::Kind::{Any, Boolean, Items, List, Object, Scalar};
use crate::engine::{Kind, Shape};
use crate::gorgias::forms::{ANY, ID, LANGUAGE_CODE, MAIL, TEXT, WHEN, WORD, may, must, null};

const CHANNEL_ADDRESS: Kind = Kind::TextUpTo(320);

pub(super) static CHANNEL: Shape = Shape::new(&[
    must("type", WORD),
    must("address", CHANNEL_ADDRESS),
    must("preferred", Boolean),
]);
static CHANNEL_OF_MERGE: Shape = Shape::new(&[
    must("type", WORD),
    must("address", CHANNEL_ADDRESS),
    may("preferred", Boolean),
]);
/// The value of one field, as it stands in bodies of other records.
pub(super) static VALUE_INPUT: Shape = Shape::new(&[must("id", ID), must("value", or_null(&Scalar))]);

pub(in crate::gorgias) static CUSTOMER_CREATE: Shape = Shape::new(&[
    may("channels", List(&Object(&CHANNEL))),
    null("email", &MAIL),
    null("external_id", &TEXT),
    null("language", &LANGUAGE_CODE),
    null("name", &TEXT),
    null("timezone", &TEXT),
    null("note", &TEXT),
    null("meta", &ANY),
    may("firstname", TEXT),
    may("lastname", TEXT),
    may("custom_fields", List(&Object(&VALUE_INPUT))),
]);
pub(in crate::gorgias) static CUSTOMER_UPDATE: Shape = Shape::new(&[
    may("channels", List(&Object(&CHANNEL))),
    null("email", &MAIL),
    null("external_id", &TEXT),
    null("language", &LANGUAGE_CODE),
    null("name", &TEXT),
    null("timezone", &TEXT),
    null("note", &TEXT),
    null("meta", &ANY),
    null("firstname", &TEXT),
    null("lastname", &TEXT),
    may("custom_fields", List(&Object(&VALUE_INPUT))),
]);
pub(in crate::gorgias) static CUSTOMER_MERGE: Shape = Shape::new(&[
    null("email", &MAIL),
    null("name", &TEXT),
    null("external_id", &TEXT),
    may("channels", List(&Object(&CHANNEL_OF_MERGE))),
    null("language", &LANGUAGE_CODE),
    null("timezone", &TEXT),
    null("note", &TEXT),
    null("meta", &ANY),
    null("data", &ANY),
]);
pub(in crate::gorgias) static CUSTOMER_DATA: Shape = Shape::new(&[must("data", Any), null("version", &WHEN)]);
pub(in crate::gorgias) static IDS_BODY: Shape = Shape::new(&[must("ids", Items(&ID, 1, 1_000_000))]);

pub(in crate::gorgias) static FIELD_VALUES: Kind = List(&Object(&VALUE_INPUT));
/// The bare value; whether it fits is told by the field.
pub(in crate::gorgias) static FIELD_VALUE: Kind = Any;
