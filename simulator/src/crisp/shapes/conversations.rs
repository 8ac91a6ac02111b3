//! What the conversation routes take, and what messages of each type hold.

use super::super::forms::{ANY_TEXT, MOMENT, ORIGIN, URL, UUID};
use super::{GEOLOCATION, SIGNED_USER, USER_REF, may, must};
use crate::engine::Kind::{
    Any, Boolean, Email, Form, Integer, List, Map, Nullable, Object, OneOf, Scalar, Text, Whole,
};
use crate::engine::Shape;

pub(in crate::crisp) static MESSAGE_CREATE: Shape = Shape::new(&[
    must(
        "type",
        OneOf(&[
            "text",
            "note",
            "file",
            "animation",
            "audio",
            "picker",
            "field",
            "carousel",
            "event",
        ]),
    ),
    must("from", OneOf(&["user", "operator"])),
    must("origin", Form(&ORIGIN)),
    must("content", Any),
    may("mentions", List(&Form(&UUID))),
    may("fingerprint", Whole),
    may("user", Object(&SIGNED_USER)),
    may("references", List(&Object(&MESSAGE_REFERENCE))),
    may("original", Object(&ORIGINAL_INPUT)),
    may("properties", Map(&Scalar)),
    may("timestamp", Integer),
    may("stealth", Boolean),
    may("translated", Boolean),
    may("automated", Boolean),
]);

pub(in crate::crisp) static MESSAGE_REFERENCE: Shape =
    Shape::new(&[may("type", Text), may("name", Text), may("target", Text)]);

pub(in crate::crisp) static ORIGINAL_INPUT: Shape = Shape::new(&[must("type", Text), must("content", Text)]);

pub(in crate::crisp) static CONVERSATION_META_DEVICE: Shape = Shape::new(&[
    may("capabilities", List(&Text)),
    may("geolocation", Object(&GEOLOCATION)),
    may("system", Object(&DEVICE_SYSTEM)),
    may("timezone", Whole),
    may("locales", List(&Text)),
]);

pub(in crate::crisp) static DEVICE_SYSTEM: Shape = Shape::new(&[
    may("os", Object(&DEVICE_SYSTEM_OS)),
    may("engine", Object(&DEVICE_SYSTEM_ENGINE)),
    may("browser", Object(&DEVICE_SYSTEM_BROWSER)),
    may("useragent", Text),
]);

pub(in crate::crisp) static DEVICE_SYSTEM_OS: Shape = Shape::new(&[may("version", Text), may("name", Text)]);

pub(in crate::crisp) static DEVICE_SYSTEM_ENGINE: Shape = Shape::new(&[may("name", Text), may("version", Text)]);

pub(in crate::crisp) static DEVICE_SYSTEM_BROWSER: Shape =
    Shape::new(&[may("major", Text), may("version", Text), may("name", Text)]);

pub(in crate::crisp) static CONVERSATION_PARTICIPANT: Shape =
    Shape::new(&[may("type", OneOf(&["email", "urn"])), may("target", Text)]);

pub(in crate::crisp) static POINT: Shape = Shape::new(&[may("x", Whole), may("y", Whole)]);

pub(in crate::crisp) static FILE_CONTENT: Shape =
    Shape::new(&[must("name", Text), must("url", Form(&URL)), must("type", Text)]);

pub(in crate::crisp) static ANIMATION_CONTENT: Shape = Shape::new(&[must("url", Form(&URL)), must("type", Text)]);

pub(in crate::crisp) static AUDIO_CONTENT: Shape =
    Shape::new(&[must("url", Form(&URL)), must("type", Text), must("duration", Integer)]);

pub(in crate::crisp) static PICKER_CONTENT: Shape = Shape::new(&[
    must("id", Text),
    must("text", Text),
    must("choices", List(&Object(&PICKER_CONTENT_CHOICE))),
    may("required", Boolean),
]);

pub(in crate::crisp) static PICKER_CONTENT_CHOICE: Shape = Shape::new(&[
    must("value", Text),
    may("icon", Form(&URL)),
    must("label", Text),
    must("selected", Boolean),
    may("action", Object(&PICKER_CONTENT_CHOICE_ACTION)),
]);

pub(in crate::crisp) static PICKER_CONTENT_CHOICE_ACTION: Shape =
    Shape::new(&[must("type", Text), must("target", Text)]);

pub(in crate::crisp) static FIELD_CONTENT: Shape = Shape::new(&[
    must("id", Text),
    must("text", Text),
    must("explain", Text),
    may("value", Text),
    may("required", Boolean),
]);

pub(in crate::crisp) static CAROUSEL_CONTENT: Shape = Shape::new(&[
    must("text", Form(&ANY_TEXT)),
    must("targets", List(&Object(&CAROUSEL_CONTENT_TARGET))),
]);

pub(in crate::crisp) static CAROUSEL_CONTENT_TARGET: Shape = Shape::new(&[
    must("title", Form(&ANY_TEXT)),
    must("description", Form(&ANY_TEXT)),
    may("image", Form(&URL)),
    must("actions", List(&Object(&CAROUSEL_CONTENT_TARGET_ACTION))),
]);

pub(in crate::crisp) static CAROUSEL_CONTENT_TARGET_ACTION: Shape =
    Shape::new(&[must("label", Text), must("url", Form(&URL))]);

pub(in crate::crisp) static EVENT_CONTENT: Shape = Shape::new(&[must("namespace", Text), may("text", Text)]);

pub(in crate::crisp) static CONVERSATION_LISTS_FORGET_SEGMENT: Shape = Shape::new(&[must("segment", Text)]);

pub(in crate::crisp) static CONVERSATION_LISTS_FORGET_KEY: Shape = Shape::new(&[must("key", Text)]);

pub(in crate::crisp) static SPAMS_DECIDE: Shape = Shape::new(&[must("action", OneOf(&["accept", "reject"]))]);

pub(in crate::crisp) static MESSAGES_UPDATE: Shape = Shape::new(&[must("content", Any)]);

pub(in crate::crisp) static MESSAGES_COMPOSE: Shape = Shape::new(&[
    must("type", OneOf(&["start", "stop"])),
    must("from", OneOf(&["user", "operator"])),
    may("excerpt", Text),
    may("stealth", Boolean),
    may("automated", Boolean),
]);

pub(in crate::crisp) static MESSAGES_MARK_READ: Shape = Shape::new(&[
    must("from", OneOf(&["user", "operator"])),
    must("origin", Form(&ORIGIN)),
    may("fingerprints", List(&Scalar)),
]);

pub(in crate::crisp) static MESSAGES_MARK_UNREAD: Shape = Shape::new(&[must("from", OneOf(&["user", "operator"]))]);

pub(in crate::crisp) static MESSAGES_MARK_DELIVERED: Shape = Shape::new(&[
    must("from", OneOf(&["operator"])),
    must("origin", Text),
    must("fingerprints", List(&Scalar)),
]);

pub(in crate::crisp) static CONVERSATIONS_OPEN: Shape = Shape::new(&[must("opened", Boolean)]);

pub(in crate::crisp) static CONVERSATIONS_ASSIGN: Shape =
    Shape::new(&[must("assigned", Nullable(&Object(&USER_REF))), may("silent", Boolean)]);

pub(in crate::crisp) static CONVERSATIONS_MOVE_TO_INBOX: Shape =
    Shape::new(&[must("inbox_id", Nullable(&Form(&UUID)))]);

pub(in crate::crisp) static CONVERSATIONS_UPDATE_METAS: Shape = Shape::new(&[
    may("nickname", Text),
    may("email", Email),
    may("avatar", Form(&URL)),
    may("ip", Text),
    may("data", Map(&Scalar)),
    may("phone", Text),
    may("address", Text),
    may("subject", Text),
    may("origin", Text),
    may("segments", List(&Text)),
    may("device", Object(&CONVERSATION_META_DEVICE)),
]);

pub(in crate::crisp) static CONVERSATIONS_CHANGE_STATE: Shape = Shape::new(&[
    must("state", OneOf(&["pending", "unresolved", "resolved"])),
    may("user", Object(&SIGNED_USER)),
    may("origin", Form(&ORIGIN)),
]);

pub(in crate::crisp) static CONVERSATIONS_SAVE_PARTICIPANTS: Shape = Shape::new(&[
    must("participants", List(&Object(&CONVERSATION_PARTICIPANT))),
    may("user", Object(&SIGNED_USER)),
    may("origin", Form(&ORIGIN)),
]);

pub(in crate::crisp) static CONVERSATIONS_BLOCK: Shape = Shape::new(&[
    must("blocked", Boolean),
    may("user", Object(&SIGNED_USER)),
    may("origin", Form(&ORIGIN)),
]);

pub(in crate::crisp) static VERIFICATION_UPDATE: Shape = Shape::new(&[must("verified", Boolean)]);

pub(in crate::crisp) static VERIFICATION_REQUEST_IDENTITY: Shape = Shape::new(&[
    must("identity", Text),
    may("method", OneOf(&["link"])),
    may("recipient", Text),
]);

pub(in crate::crisp) static VERIFICATION_REDEEM_LINK: Shape =
    Shape::new(&[must("identity", Text), must("recipient", Text), must("token", Text)]);

pub(in crate::crisp) static ACTIONS_TRANSCRIPT: Shape =
    Shape::new(&[must("to", OneOf(&["user", "operator"])), may("email", Email)]);

pub(in crate::crisp) static ACTIONS_BROWSING_ACTION: Shape =
    Shape::new(&[must("action", OneOf(&["start", "stop", "heartbeat"]))]);

pub(in crate::crisp) static ACTIONS_ASSIST_BROWSING: Shape = Shape::new(&[
    must(
        "action",
        OneOf(&["start", "stop", "heartbeat", "mouse", "scroll", "click"]),
    ),
    may("mouse", Object(&POINT)),
    may("click", Object(&POINT)),
    may("scroll", Object(&POINT)),
]);

pub(in crate::crisp) static ACTIONS_CALL: Shape = Shape::new(&[
    must("mode", OneOf(&["video", "audio"])),
    may("user", Object(&SIGNED_USER)),
    may("origin", Form(&ORIGIN)),
]);

pub(in crate::crisp) static ACTIONS_ABORT_CALL: Shape =
    Shape::new(&[may("user", Object(&SIGNED_USER)), may("origin", Form(&ORIGIN))]);

pub(in crate::crisp) static ACTIONS_SIGNAL_CALL: Shape =
    Shape::new(&[must("type", OneOf(&["sdp", "candidate"])), must("payload", Map(&Any))]);

pub(in crate::crisp) static ACTIONS_TOOL_CALL: Shape = Shape::new(&[must("command", Text), may("payload", Map(&Any))]);

pub(in crate::crisp) static ACTIONS_WIDGET_BUTTON: Shape = Shape::new(&[
    must("section_id", Text),
    must("item_id", Text),
    must("data", Map(&Any)),
    may("value", Any),
]);

// One route for two actions. The reference wants `action`, the official client leaves it out.
pub(in crate::crisp) static ACTIONS_WIDGET_DATA: Shape = Shape::new(&[
    must("section_id", Text),
    must("item_id", Text),
    may("action", OneOf(&["fetch", "edit"])),
    may("data", Map(&Any)),
    may("value", Text),
]);

pub(in crate::crisp) static ACTIONS_REMIND: Shape = Shape::new(&[
    must("date", Form(&MOMENT)),
    must("note", Text),
    may("user", Object(&SIGNED_USER)),
    may("origin", Form(&ORIGIN)),
]);

pub(in crate::crisp) static ACTIONS_REPORT: Shape = Shape::new(&[must("flag", OneOf(&["spam"]))]);
