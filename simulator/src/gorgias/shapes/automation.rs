//! Bodies for macros, rules and jobs.

use crate::engine::Kind::{Boolean, Items, List, Map, Object, OneOf, Texts, Whole};
use crate::engine::{Kind, Shape, TextForm};
use crate::gorgias::forms::{ADDRESS, ANY, ID, IDS, LANGUAGE_CODE, NAME, OBJECT, TEXT, WHEN, may, must, null};
use crate::gorgias::words::{ACTION_TYPE, JOB_STATUS, JOB_TYPE, MACRO_INTENT, RULE_EVENT};

static ACTION: Shape = Shape::new(&[
    must("name", NAME),
    must("title", TITLE),
    must("arguments", OBJECT),
    may("type", OneOf(ACTION_TYPE)),
    null("description", &TEXT),
]);
/// Text that may be empty although it is required.
const TITLE: Kind = Kind::Form(&TextForm {
    wanted: "a string",
    fits: |_| true,
});
const ACTIONS: Kind = List(&Object(&ACTION));
const INTENT: Kind = OneOf(MACRO_INTENT);

pub(in crate::gorgias) static MACRO_CREATE: Shape = Shape::new(&[
    must("name", NAME),
    may("actions", ACTIONS),
    null("external_id", &TEXT),
    null("intent", &INTENT),
    null("language", &LANGUAGE_CODE),
]);
pub(in crate::gorgias) static MACRO_UPDATE: Shape = Shape::new(&[
    may("name", NAME),
    may("actions", ACTIONS),
    null("external_id", &TEXT),
    null("intent", &INTENT),
    null("language", &LANGUAGE_CODE),
]);
pub(in crate::gorgias) static MACRO_IDS: Shape = Shape::new(&[must("ids", Items(&ID, 1, 30))]);

static EVENT_TYPES: TextForm = TextForm {
    wanted: "rule events separated by commas",
    fits: |text| text.split(',').all(|word| RULE_EVENT.contains(&word.trim())),
};
const EVENTS: Kind = Kind::Form(&EVENT_TYPES);
pub(in crate::gorgias) static RULE_CREATE: Shape = Shape::new(&[
    must("name", NAME),
    must("code", NAME),
    may("code_ast", OBJECT),
    null("description", &TEXT),
    may("event_types", EVENTS),
    may("priority", Whole),
    null("deactivated_datetime", &WHEN),
]);
pub(in crate::gorgias) static RULE_UPDATE: Shape = Shape::new(&[
    may("name", NAME),
    may("code", NAME),
    may("code_ast", OBJECT),
    null("description", &TEXT),
    may("event_types", EVENTS),
    may("priority", Whole),
    null("deactivated_datetime", &WHEN),
]);
static PRIORITY: Shape = Shape::new(&[must("id", ID), must("priority", Whole)]);
pub(in crate::gorgias) static RULE_PRIORITIES: Shape =
    Shape::new(&[must("priorities", Items(&Object(&PRIORITY), 1, 1000))]);

static JOB_VIEW: Shape = Shape::new(&[may("filters", TEXT)]).open();
static JOB_CONTEXT: Shape = Shape::new(&[may("channel_connection_external_ids", Texts)]);
static PARAMS: Shape = Shape::new(&[
    may("ticket_ids", IDS),
    may("view_id", ID),
    may("view", Object(&JOB_VIEW)),
    null("start_datetime", &WHEN),
    null("end_datetime", &WHEN),
    may("updates", Map(&ANY)),
    may("macro_id", ID),
    may("apply_and_close", Boolean),
    may("url", ADDRESS),
    may("context", Object(&JOB_CONTEXT)),
])
.open();
pub(in crate::gorgias) static JOB_CREATE: Shape = Shape::new(&[
    must("type", OneOf(JOB_TYPE)),
    must("params", Object(&PARAMS)),
    null("scheduled_datetime", &WHEN),
    null("meta", &ANY),
]);
pub(in crate::gorgias) static JOB_UPDATE: Shape = Shape::new(&[
    may("params", Object(&PARAMS)),
    may("status", OneOf(JOB_STATUS)),
    null("scheduled_datetime", &WHEN),
    null("meta", &ANY),
]);
