//! Crisp, as its users rely on it.

use crate::Helpdesk;

/// What is written by hand about Crisp.
pub(crate) static CRISP: Helpdesk = Helpdesk {
    integration: &deskhand_crisp::INTEGRATION,
    prefix: "crisp",
    promised: &PROMISED,
    needed: &NEEDED,
    routes: Some(include_str!("../../routes/crisp.txt")),
    singulars: &SINGULARS,
    singletons: &SINGLETONS,
    effects: &EFFECTS,
    words: &[],
    tags: &[
        "support",
        "campaigns",
        "helpdesk",
        "conversations",
        "people",
        "visitors",
        "analytics",
        "helpdesk_legacy",
        "helpdesk_tree",
        "batch",
        "administration",
    ],
};

/// The tools that users rely on, and where each goes. Copied by hand from the contract.
const PROMISED: [(&str, &str, &str); 24] = [
    (
        "list_all_crisp_conversations",
        "GET",
        "/website/{website_id}/conversations/{page_number}",
    ),
    (
        "get_single_crisp_conversation_by_id",
        "GET",
        "/website/{website_id}/conversation/{session_id}",
    ),
    (
        "create_a_crisp_conversation",
        "POST",
        "/website/{website_id}/conversation",
    ),
    (
        "get_single_crisp_conversation_state_by_id",
        "GET",
        "/website/{website_id}/conversation/{session_id}/state",
    ),
    (
        "crisp_conversations_update_routing",
        "PATCH",
        "/website/{website_id}/conversation/{session_id}/routing",
    ),
    (
        "crisp_conversations_update_inbox",
        "PATCH",
        "/website/{website_id}/conversation/{session_id}/inbox",
    ),
    (
        "update_a_crisp_conversation_block_by_id",
        "PATCH",
        "/website/{website_id}/conversation/{session_id}/block",
    ),
    (
        "list_all_crisp_spam_conversations",
        "GET",
        "/website/{website_id}/conversations/spams/{page_number}",
    ),
    (
        "list_all_crisp_messages",
        "GET",
        "/website/{website_id}/conversation/{session_id}/messages",
    ),
    (
        "create_a_crisp_message",
        "POST",
        "/website/{website_id}/conversation/{session_id}/message",
    ),
    (
        "list_all_crisp_helpdesk_articles",
        "GET",
        "/website/{website_id}/helpdesk/locale/{locale}/articles/{page_number}",
    ),
    (
        "create_a_crisp_helpdesk_article",
        "POST",
        "/website/{website_id}/helpdesk/locale/{locale}/article",
    ),
    (
        "update_a_crisp_helpdesk_article_by_id",
        "PATCH",
        "/website/{website_id}/helpdesk/locale/{locale}/article/{article_id}",
    ),
    (
        "crisp_helpdesk_articles_resolve_page",
        "GET",
        "/website/{website_id}/helpdesk/locale/{locale}/article/{article_id}/page",
    ),
    (
        "crisp_helpdesk_articles_publish",
        "POST",
        "/website/{website_id}/helpdesk/locale/{locale}/article/{article_id}/publish",
    ),
    (
        "crisp_helpdesk_articles_unpublish",
        "POST",
        "/website/{website_id}/helpdesk/locale/{locale}/article/{article_id}/unpublish",
    ),
    (
        "get_single_crisp_people_datum_by_id",
        "GET",
        "/website/{website_id}/people/data/{people_id}",
    ),
    (
        "update_a_crisp_people_datum_by_id",
        "PATCH",
        "/website/{website_id}/people/data/{people_id}",
    ),
    (
        "update_a_crisp_people_profile_by_id",
        "PATCH",
        "/website/{website_id}/people/profile/{people_id}",
    ),
    ("create_a_crisp_campaign", "POST", "/website/{website_id}/campaign"),
    (
        "crisp_campaigns_pause",
        "POST",
        "/website/{website_id}/campaign/{campaign_id}/pause",
    ),
    (
        "list_all_crisp_visitors_lists",
        "GET",
        "/website/{website_id}/visitors/list/{page_number}",
    ),
    (
        "create_a_crisp_report",
        "POST",
        "/website/{website_id}/conversation/{session_id}/report",
    ),
    ("delete_a_crisp_website", "DELETE", "/website/{website_id}"),
];

/// Arguments that the vendor cannot do without. The website has to be named because no account is connected here.
const NEEDED: [(&str, &[&str]); 12] = [
    ("list_all_crisp_conversations", &["website_id"]),
    ("get_single_crisp_conversation_by_id", &["website_id", "session_id"]),
    ("create_a_crisp_conversation", &["website_id"]),
    ("list_all_crisp_messages", &["website_id", "session_id"]),
    (
        "create_a_crisp_message",
        &["website_id", "session_id", "type", "from", "origin", "content"],
    ),
    ("get_single_crisp_people_datum_by_id", &["website_id", "people_id"]),
    (
        "update_a_crisp_people_datum_by_id",
        &["website_id", "people_id", "data"],
    ),
    ("create_a_crisp_campaign", &["website_id", "type", "name"]),
    ("crisp_campaigns_pause", &["website_id", "campaign_id"]),
    (
        "crisp_helpdesk_articles_publish",
        &["website_id", "locale", "article_id"],
    ),
    ("create_a_crisp_report", &["website_id", "session_id", "flag"]),
    // What may be named in `clear` instead of being given is not demanded by the schema, but by the check.
    ("crisp_conversations_update_routing", &["website_id", "session_id"]),
];

/// Resources whose singular is not made by taking an `s` off.
const SINGULARS: [(&str, &str); 9] = [
    ("helpdesk_feedback_ratings", "helpdesk_feedback_ratings"),
    ("helpdesk_legacy_feedback_ratings", "helpdesk_legacy_feedback_ratings"),
    ("helpdesk_settings", "helpdesk_settings"),
    ("inboxes", "inbox"),
    ("people_data", "people_datum"),
    ("people_statistics", "people_statistics"),
    ("plugin_subscription_settings", "plugin_subscription_settings"),
    ("website_settings", "website_settings"),
    ("website_verify_settings", "website_verify_settings"),
];

/// Resources of which a website, or an account, has one.
const SINGLETONS: [&str; 12] = [
    "helpdesk_domains",
    "helpdesk_feedback_ratings",
    "helpdesk_legacy_feedback_ratings",
    "helpdesk_settings",
    "helpdesks",
    "people_statistics",
    "plugin_connect_accounts",
    "visitor_counts",
    "website_availabilities",
    "website_settings",
    "website_verify_keys",
    "website_verify_settings",
];

/// Tools that do something else than their HTTP method says: they destroy, or only look.
const EFFECTS: [(&str, &str); 24] = [
    ("crisp_active_operators_flush", "destructive"),
    ("crisp_analytics_generate", "read"),
    ("crisp_batch_conversations_read", "destructive"),
    ("crisp_batch_conversations_remove", "destructive"),
    ("crisp_batch_conversations_resolve", "destructive"),
    ("crisp_batch_people_remove", "destructive"),
    ("crisp_blocked_visitors_clear", "destructive"),
    ("crisp_campaign_templates_replace", "destructive"),
    ("crisp_campaigns_dispatch", "destructive"),
    ("crisp_campaigns_replace", "destructive"),
    ("crisp_conversation_participants_replace", "destructive"),
    ("crisp_conversation_widgets_fetch_data", "read"),
    ("crisp_conversations_purge_chatbox_binding", "destructive"),
    ("crisp_helpdesk_articles_replace", "destructive"),
    ("crisp_helpdesk_categories_replace", "destructive"),
    ("crisp_helpdesk_changes_cancel", "destructive"),
    ("crisp_helpdesk_sections_replace", "destructive"),
    ("crisp_inboxes_replace", "destructive"),
    ("crisp_people_data_replace", "destructive"),
    ("crisp_people_profiles_replace", "destructive"),
    ("crisp_plugin_subscription_settings_replace", "destructive"),
    ("crisp_spam_conversations_decide", "destructive"),
    ("crisp_teams_replace", "destructive"),
    ("crisp_website_verify_keys_roll", "destructive"),
];
