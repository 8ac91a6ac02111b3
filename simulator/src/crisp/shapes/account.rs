//! What the routes outside a workspace, of plans and of plugins take.

use super::super::forms::UUID;
use super::{may, must};
use crate::engine::Kind::{Any, Form, Integer, Map, Number, Object, OneOf, Text};
use crate::engine::Shape;

pub(in crate::crisp) static BUCKET_FILE: Shape = Shape::new(&[must("name", Text), must("type", Text)]);

pub(in crate::crisp) static BUCKET_RESOURCE: Shape = Shape::new(&[must("type", Text), must("id", Text)]);

pub(in crate::crisp) static BUCKET_GENERATE_URL: Shape = Shape::new(&[
    must(
        "namespace",
        OneOf(&[
            "avatar",
            "upload",
            "website",
            "campaign",
            "helpdesk",
            "status",
            "processing",
        ]),
    ),
    must("id", Text),
    must("file", Object(&BUCKET_FILE)),
    may("resource", Object(&BUCKET_RESOURCE)),
]);

pub(in crate::crisp) static PLANS_SUBSCRIBE: Shape = Shape::new(&[must("plan_id", Form(&UUID))]);

pub(in crate::crisp) static PLANS_CHANGE_PERIOD: Shape = Shape::new(&[must("period", OneOf(&["monthly", "yearly"]))]);

pub(in crate::crisp) static PLANS_REDEEM_COUPON: Shape = Shape::new(&[must("code", Text)]);

pub(in crate::crisp) static PLUGINS_SUBSCRIBE: Shape = Shape::new(&[must("plugin_id", Form(&UUID))]);

pub(in crate::crisp) static PLUGINS_REPORT_USAGE: Shape =
    Shape::new(&[must("name", Text), must("units", Integer), must("price", Number)]);

pub(in crate::crisp) static PLUGINS_FORWARD_PAYLOAD: Shape = Shape::new(&[
    must("namespace", Text),
    may("identifier", Text),
    must("payload", Map(&Any)),
]);

pub(in crate::crisp) static PLUGINS_DISPATCH_EVENT: Shape = Shape::new(&[must("name", Text), must("data", Map(&Any))]);
