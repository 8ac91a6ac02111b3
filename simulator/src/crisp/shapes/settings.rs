//! What a workspace's settings take.

use super::super::forms::{LOCALE, URL};
use super::may;
use crate::engine::Kind::{Boolean, Email, Form, List, Object, Text};
use crate::engine::Shape;

pub(in crate::crisp) static WEBSITE_SETTINGS: Shape = Shape::new(&[
    may("name", Text),
    may("domain", Text),
    may("domain_alternates", List(&Text)),
    may("logo", Form(&URL)),
    may("audit", Object(&WEBSITE_SETTINGS_AUDIT)),
    may("contact", Object(&WEBSITE_SETTINGS_CONTACT)),
    may("inbox", Object(&WEBSITE_SETTINGS_INBOX)),
    may("emails", Object(&WEBSITE_SETTINGS_EMAILS)),
    may("chatbox", Object(&WEBSITE_SETTINGS_CHATBOX)),
]);

pub(in crate::crisp) static WEBSITE_SETTINGS_AUDIT: Shape = Shape::new(&[may("log", Boolean)]);

pub(in crate::crisp) static WEBSITE_SETTINGS_CONTACT: Shape = Shape::new(&[
    may("email", Email),
    may("phone", Text),
    may("messenger", Text),
    may("telegram", Text),
    may("twitter", Text),
    may("whatsapp", Text),
    may("instagram", Text),
]);

pub(in crate::crisp) static WEBSITE_SETTINGS_INBOX: Shape = Shape::new(&[
    may("lock_removal", Boolean),
    may("force_operator_token", Boolean),
    may("locale", Form(&LOCALE)),
]);

pub(in crate::crisp) static WEBSITE_SETTINGS_EMAILS: Shape = Shape::new(&[
    may("rating", Boolean),
    may("transcript", Boolean),
    may("trackers", Boolean),
    may("junk_filter", Boolean),
]);

pub(in crate::crisp) static WEBSITE_SETTINGS_CHATBOX: Shape = Shape::new(&[
    may("tile", Text),
    may("conversations", Boolean),
    may("wait_game", Boolean),
    may("website_logo", Boolean),
    may("last_operator_face", Boolean),
    may("ongoing_operator_face", Boolean),
    may("activity_metrics", Boolean),
    may("operator_privacy", Boolean),
    may("visitor_privacy", Boolean),
    may("availability_tooltip", Boolean),
    may("hide_vacation", Boolean),
    may("hide_on_away", Boolean),
    may("hide_on_mobile", Boolean),
    may("position_reverse", Boolean),
    may("email_visitors", Boolean),
    may("phone_visitors", Boolean),
    may("force_identify", Boolean),
    may("ignore_privacy", Boolean),
    may("visitor_compose", Boolean),
    may("file_transfer", Boolean),
    may("audio_record", Boolean),
    may("guard_level", Text),
    may("mode_initial", Text),
    may("home", Boolean),
    may("overlay_search", Boolean),
    may("overlay_mode", Boolean),
    may("helpdesk_link", Boolean),
    may("helpdesk_only", Boolean),
    may("helpdesk_navigate", Text),
    may("status_health_dead", Boolean),
    may("check_domain", Boolean),
    may("color_theme", Text),
    may("color_mode", Text),
    may("layout_theme", Text),
    may("text_theme", Text),
    may("welcome_message", Text),
    may("locale", Form(&LOCALE)),
    may("allowed_pages", List(&Text)),
    may("blocked_pages", List(&Text)),
    may("blocked_countries", List(&Text)),
    may("blocked_locales", List(&Text)),
    may("blocked_ips", List(&Text)),
]);
