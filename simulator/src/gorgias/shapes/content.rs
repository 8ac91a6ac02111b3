//! Bodies for tags, surveys, views and searching.

use super::account::EMOJI;
use crate::engine::Kind::{Between, List, Object, OneOf, Text};
use crate::engine::{Kind, Shape};
use crate::gorgias::forms::{ANY, COLOUR, ID, IDS, TAG_NAME, TEXT, TEXT_1000, TEXT_1024, WHEN, may, must, null};
use crate::gorgias::words::{DIRECTION, SEARCH_TYPE, VIEW_FIELD, VIEW_TYPE, VISIBILITY};

pub(super) static DECORATION: Shape = Shape::new(&[must("color", COLOUR)]);

pub(in crate::gorgias) static TAG_CREATE: Shape = Shape::new(&[
    must("name", TAG_NAME),
    may("description", TEXT_1024),
    may("decoration", Object(&DECORATION)),
]);
pub(in crate::gorgias) static TAG_UPDATE: Shape = Shape::new(&[
    may("name", TAG_NAME),
    null("description", &TEXT_1024),
    null("decoration", &Object(&DECORATION)),
]);
pub(in crate::gorgias) static TAG_MERGE: Shape = Shape::new(&[must("source_tags_ids", IDS)]);

const SCORE: Kind = Between(1, 5);
pub(in crate::gorgias) static SURVEY: Shape = Shape::new(&[
    must("ticket_id", ID),
    must("customer_id", ID),
    null("score", &SCORE),
    null("body_text", &TEXT_1000),
    null("meta", &ANY),
    null("should_send_datetime", &WHEN),
    null("sent_datetime", &WHEN),
    null("scored_datetime", &WHEN),
    null("created_datetime", &WHEN),
]);

const COLUMNS: Kind = List(&OneOf(VIEW_FIELD));
const SHARED: Kind = Kind::Items(&ID, 0, 100);
pub(in crate::gorgias) static VIEW_CREATE: Shape = Shape::new(&[
    must("slug", Text),
    may("name", TEXT),
    may("type", OneOf(VIEW_TYPE)),
    may("filters", TEXT),
    null("search", &TEXT),
    may("fields", COLUMNS),
    may("order_by", TEXT),
    may("order_dir", OneOf(DIRECTION)),
    may("visibility", OneOf(VISIBILITY)),
    may("shared_with_teams", SHARED),
    may("shared_with_users", SHARED),
    may("section_id", ID),
    null("decoration", &Object(&EMOJI)),
    may("category", TEXT),
]);
pub(in crate::gorgias) static VIEW_UPDATE: Shape = Shape::new(&[
    may("slug", Text),
    may("name", TEXT),
    may("type", OneOf(VIEW_TYPE)),
    may("filters", TEXT),
    null("search", &TEXT),
    may("fields", COLUMNS),
    may("order_by", TEXT),
    may("order_dir", OneOf(DIRECTION)),
    may("visibility", OneOf(VISIBILITY)),
    may("shared_with_teams", SHARED),
    may("shared_with_users", SHARED),
    may("section_id", ID),
    null("decoration", &Object(&EMOJI)),
    may("category", TEXT),
]);
static VIEW_INLINE: Shape = Shape::new(&[
    may("filters", TEXT),
    null("search", &TEXT),
    may("fields", COLUMNS),
    may("order_by", TEXT),
    may("order_dir", OneOf(DIRECTION)),
    may("type", OneOf(VIEW_TYPE)),
    null("category", &TEXT),
]);
pub(in crate::gorgias) static VIEW_ITEMS: Shape = Shape::new(&[may("view", Object(&VIEW_INLINE))]);

pub(in crate::gorgias) static SEARCH: Shape = Shape::new(&[
    must("type", OneOf(SEARCH_TYPE)),
    may("query", TEXT),
    may("size", Between(1, 50)),
]);
