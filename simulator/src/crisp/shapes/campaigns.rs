//! What the campaign routes take.

use super::super::forms::{ANY_TEXT, UUID};
use super::{USER_REF, WEBSITE_FILTER, may, must};
use crate::engine::Kind::{Boolean, Form, Integer, List, Nullable, Object, OneOf, Text};
use crate::engine::Shape;

pub(in crate::crisp) static CAMPAIGN_RECIPIENTS: Shape = Shape::new(&[
    may("type", Text),
    may("segments", List(&Text)),
    may("people", List(&Form(&UUID))),
    may("filter", List(&Object(&WEBSITE_FILTER))),
]);

pub(in crate::crisp) static CAMPAIGN_FLOW: Shape = Shape::new(&[
    may("launch_event", Text),
    may("assert_filter", List(&Object(&WEBSITE_FILTER))),
    may("assert_delay", Integer),
    may("deliver_once", Boolean),
    may("deliver_delay", Integer),
]);

pub(in crate::crisp) static CAMPAIGN_OPTIONS: Shape = Shape::new(&[
    may("deliver_to_chatbox", Boolean),
    may("deliver_to_email", Boolean),
    may("sender_name_website", Boolean),
    may("sender_email_reply", Nullable(&Boolean)),
    may("tracking", Boolean),
]);

pub(in crate::crisp) static CAMPAIGN_TEMPLATES_CREATE: Shape =
    Shape::new(&[must("format", OneOf(&["markdown", "html"])), must("name", Text)]);

pub(in crate::crisp) static CAMPAIGN_TEMPLATES_SAVE: Shape = Shape::new(&[
    must("name", Text),
    must("format", OneOf(&["markdown", "html"])),
    must("content", Form(&ANY_TEXT)),
]);

pub(in crate::crisp) static CAMPAIGN_TEMPLATES_UPDATE: Shape = Shape::new(&[
    may("name", Text),
    may("format", OneOf(&["markdown", "html"])),
    may("content", Text),
]);

pub(in crate::crisp) static CAMPAIGNS_CREATE: Shape =
    Shape::new(&[must("type", OneOf(&["one-shot", "automated"])), must("name", Text)]);

pub(in crate::crisp) static CAMPAIGNS_SAVE: Shape = Shape::new(&[
    must("type", Text),
    must("format", OneOf(&["markdown", "html"])),
    must("name", Text),
    must("subject", Form(&ANY_TEXT)),
    may("tag", Text),
    must("sender", Object(&USER_REF)),
    must("recipients", Object(&CAMPAIGN_RECIPIENTS)),
    must("flow", Object(&CAMPAIGN_FLOW)),
    must("message", Form(&ANY_TEXT)),
    may("options", Object(&CAMPAIGN_OPTIONS)),
]);

pub(in crate::crisp) static CAMPAIGNS_UPDATE: Shape = Shape::new(&[
    may("type", Text),
    may("format", OneOf(&["markdown", "html"])),
    may("name", Text),
    may("subject", Text),
    may("tag", Text),
    may("sender", Object(&USER_REF)),
    may("recipients", Object(&CAMPAIGN_RECIPIENTS)),
    may("flow", Object(&CAMPAIGN_FLOW)),
    may("message", Text),
    may("options", Object(&CAMPAIGN_OPTIONS)),
]);
