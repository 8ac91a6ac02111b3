//! What the routes of the knowledge base take, in both its generations.

use super::super::forms::{ANY_TEXT, LOCALE, URL, UUID, UUID_OR_BLANK};
use super::{USER_REF, VERIFY_CHALLENGE, may, must};
use crate::engine::Kind::{Boolean, Form, Integer, List, Nullable, Object, Text};
use crate::engine::Shape;

pub(in crate::crisp) static TREE_PATH_TARGET: Shape = Shape::new(&[must("to", Text)]);

pub(in crate::crisp) static HELPDESK_TREE_METADATA: Shape = Shape::new(&[
    may("format", Text),
    may("title", Text),
    may("description", Text),
    may("state", Object(&HELPDESK_TREE_STATE)),
    may("author", Object(&USER_REF)),
    may("color", Text),
    may("image", Form(&URL)),
]);

pub(in crate::crisp) static HELPDESK_TREE_STATE: Shape = Shape::new(&[
    may("published", Boolean),
    may("hidden", Boolean),
    may("featured", Boolean),
]);

pub(in crate::crisp) static HELPDESK_SETTINGS: Shape = Shape::new(&[
    may("name", Text),
    may("appearance", Object(&HELPDESK_SETTINGS_APPEARANCE)),
    may("localization", Object(&HELPDESK_SETTINGS_LOCALIZATION)),
    may("section", Object(&HELPDESK_SETTINGS_SECTION)),
    may("behavior", Object(&HELPDESK_SETTINGS_BEHAVIOR)),
    may("service", Object(&HELPDESK_SETTINGS_SERVICE)),
    may("include", Object(&HELPDESK_SETTINGS_INCLUDE)),
    may("access", Object(&HELPDESK_SETTINGS_ACCESS)),
]);

pub(in crate::crisp) static HELPDESK_SETTINGS_APPEARANCE: Shape = Shape::new(&[
    may("color", Object(&HELPDESK_SETTINGS_APPEARANCE_COLOR)),
    may("logos", Object(&HELPDESK_SETTINGS_APPEARANCE_LOGOS)),
    may("banner", Nullable(&Form(&URL))),
]);

pub(in crate::crisp) static HELPDESK_SETTINGS_APPEARANCE_COLOR: Shape =
    Shape::new(&[may("mode", Text), may("mode_changeable", Boolean)]);

pub(in crate::crisp) static HELPDESK_SETTINGS_APPEARANCE_LOGOS: Shape = Shape::new(&[
    may("favicon", Nullable(&Form(&URL))),
    may("header", Nullable(&Text)),
    may("footer", Nullable(&Text)),
]);

pub(in crate::crisp) static HELPDESK_SETTINGS_LOCALIZATION: Shape = Shape::new(&[
    may("writing_locale", Text),
    may("translated_automatic", Boolean),
    may("translated_locales_readonly", Boolean),
]);

pub(in crate::crisp) static HELPDESK_SETTINGS_SECTION: Shape = Shape::new(&[
    may("articles", Text),
    may("guides", Text),
    may("references", Text),
    may("news", Text),
]);

pub(in crate::crisp) static HELPDESK_SETTINGS_BEHAVIOR: Shape = Shape::new(&[
    may("frequently_read", Boolean),
    may("show_category_images", Boolean),
    may("show_chatbox", Boolean),
    may("ask_feedback", Boolean),
    may("report_incorrect", Boolean),
    may("serve_markdown", Boolean),
    may("agent_chat_bar", Boolean),
    may("agent_copy_button", Boolean),
    may("table_of_contents", Boolean),
    may("locale_picker", Boolean),
    may("refer_link", Boolean),
    may("forbid_indexing", Boolean),
    may("status_health_dead", Boolean),
]);

pub(in crate::crisp) static HELPDESK_SETTINGS_SERVICE: Shape = Shape::new(&[may("mcp_server", Boolean)]);

pub(in crate::crisp) static HELPDESK_SETTINGS_INCLUDE: Shape = Shape::new(&[may("html", Nullable(&Text))]);

pub(in crate::crisp) static HELPDESK_SETTINGS_ACCESS: Shape = Shape::new(&[
    may("restrict_mode", Text),
    may("password", Nullable(&Text)),
    may("jwt_secret", Text),
]);

pub(in crate::crisp) static HELPDESK_INITIALIZE: Shape = Shape::new(&[must("name", Text), must("domain_basic", Text)]);

pub(in crate::crisp) static HELPDESK_DELETE: Shape = Shape::new(&[must("verify", Object(&VERIFY_CHALLENGE))]);

pub(in crate::crisp) static HELPDESK_ADD_LOCALE: Shape = Shape::new(&[must("locale", Form(&LOCALE))]);

pub(in crate::crisp) static TREE_UPDATE: Shape = Shape::new(&[
    must("action", Text),
    may("path", Object(&TREE_PATH_TARGET)),
    may("position", Integer),
]);

pub(in crate::crisp) static TREE_SAVE_CONTENT: Shape = Shape::new(&[must("content", Form(&ANY_TEXT))]);

pub(in crate::crisp) static HISTORY_CANCEL: Shape = Shape::new(&[must("action", Text)]);

pub(in crate::crisp) static HELPDESK_IMPORT: Shape = Shape::new(&[
    must("helpdesk_url", Form(&URL)),
    may("detect_locales", Boolean),
    may("other_locales", List(&Form(&LOCALE))),
]);

pub(in crate::crisp) static HELPDESK_ADD_REDIRECTION: Shape = Shape::new(&[must("path", Text), must("target", Text)]);

pub(in crate::crisp) static HELPDESK_CHANGE_DOMAIN: Shape = Shape::new(&[may("basic", Text), may("custom", Text)]);

pub(in crate::crisp) static ARTICLES_CREATE: Shape = Shape::new(&[must("title", Text)]);

pub(in crate::crisp) static ARTICLES_SAVE: Shape = Shape::new(&[
    must("title", Text),
    must("description", Nullable(&Text)),
    must("content", Form(&ANY_TEXT)),
    must("featured", Boolean),
    must("order", Integer),
]);

pub(in crate::crisp) static ARTICLES_UPDATE: Shape = Shape::new(&[
    may("title", Text),
    may("description", Nullable(&Text)),
    may("content", Text),
    may("featured", Boolean),
    may("order", Integer),
]);

pub(in crate::crisp) static ARTICLES_UPDATE_CATEGORY: Shape = Shape::new(&[
    must("category_id", Form(&UUID_OR_BLANK)),
    may("section_id", Form(&UUID_OR_BLANK)),
]);

pub(in crate::crisp) static ARTICLES_SAVE_ALTERNATE: Shape = Shape::new(&[must("article_id", Form(&UUID))]);

pub(in crate::crisp) static ARTICLE_GROUPS_CREATE: Shape = Shape::new(&[must("name", Text)]);

pub(in crate::crisp) static ARTICLE_GROUPS_SAVE: Shape = Shape::new(&[
    must("name", Text),
    must("description", Nullable(&Text)),
    must("color", Text),
    must("image", Nullable(&Form(&URL))),
    must("order", Integer),
]);

pub(in crate::crisp) static ARTICLE_GROUPS_UPDATE: Shape = Shape::new(&[
    may("name", Text),
    may("description", Nullable(&Text)),
    may("color", Text),
    may("image", Nullable(&Form(&URL))),
    may("order", Integer),
]);

pub(in crate::crisp) static ARTICLE_GROUPS_CREATE_SECTION: Shape = Shape::new(&[must("name", Text)]);

pub(in crate::crisp) static ARTICLE_GROUPS_SAVE_SECTION: Shape =
    Shape::new(&[must("name", Text), must("order", Integer)]);

pub(in crate::crisp) static ARTICLE_GROUPS_UPDATE_SECTION: Shape =
    Shape::new(&[may("name", Text), may("order", Integer)]);
