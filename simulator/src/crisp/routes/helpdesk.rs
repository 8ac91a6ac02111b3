//! The knowledge base: what both generations share, and the current one.

use super::super::forms::{LOCALE, MOMENT};
use super::super::operations::{feedback, helpdesk, history, tree};
use super::super::shapes::{
    HELPDESK_ADD_LOCALE, HELPDESK_ADD_REDIRECTION, HELPDESK_CHANGE_DOMAIN, HELPDESK_DELETE, HELPDESK_IMPORT,
    HELPDESK_INITIALIZE, HELPDESK_SETTINGS, HELPDESK_TREE_METADATA, HISTORY_CANCEL, TREE_SAVE_CONTENT, TREE_UPDATE,
};
use super::{Operation, USER_ONLY, delete, get, head, patch, post, put, query_may, query_must, w};
use crate::engine::ParamKind::{Form, Text};

pub(super) static HELPDESK: &[Operation] = &[
    head("check_helpdesk_exists", w!("/helpdesk")).on(helpdesk::exists),
    get("resolve_helpdesk", w!("/helpdesk")).on(helpdesk::get),
    post("initialize_helpdesk", w!("/helpdesk"))
        .tiers(USER_ONLY)
        .json(&HELPDESK_INITIALIZE)
        .status(201)
        .on(helpdesk::initialize),
    delete("delete_helpdesk", w!("/helpdesk"))
        .tiers(USER_ONLY)
        .json(&HELPDESK_DELETE)
        .on(helpdesk::delete),
    get("list_helpdesk_locales", w!("/helpdesk/locales/{page_number}"))
        .listed()
        .on(helpdesk::locales),
    post("add_helpdesk_locale", w!("/helpdesk/locale"))
        .json(&HELPDESK_ADD_LOCALE)
        .status(201)
        .on(helpdesk::add_locale),
    head("check_helpdesk_locale_exists", w!("/helpdesk/locale/{locale}")).on(helpdesk::locale_exists),
    get("resolve_helpdesk_locale", w!("/helpdesk/locale/{locale}")).on(helpdesk::get_locale),
    delete("delete_helpdesk_locale", w!("/helpdesk/locale/{locale}")).on(helpdesk::delete_locale),
    get(
        "list_helpdesk_pages",
        w!("/helpdesk/page/list/{locale}/{content_type}/{page_number}"),
    )
    .listed()
    .on(tree::pages),
    get(
        "resolve_helpdesk_page_entity",
        w!("/helpdesk/page/entity/{locale}/{content_type}/{entity_id}"),
    )
    .on(tree::page_entity),
    get(
        "list_helpdesk_tree",
        w!("/helpdesk/tree/list/{locale}/{content_type}/{page_number}"),
    )
    .query(&[
        query_may("sub_path", Text),
        query_may("search_title", Text),
        query_may("filter_date_start", Form(&MOMENT)),
        query_may("filter_date_end", Form(&MOMENT)),
    ])
    .listed()
    .on(tree::list),
    post(
        "create_helpdesk_tree_path",
        w!("/helpdesk/tree/path/{locale}/{content_type}/{path*}"),
    )
    .status(201)
    .on(tree::create),
    get(
        "resolve_helpdesk_tree_path",
        w!("/helpdesk/tree/path/{locale}/{content_type}/{path*}"),
    )
    .on(tree::get),
    patch(
        "update_helpdesk_tree_path",
        w!("/helpdesk/tree/path/{locale}/{content_type}/{path*}"),
    )
    .json(&TREE_UPDATE)
    .on(tree::update),
    delete(
        "delete_helpdesk_tree_path",
        w!("/helpdesk/tree/path/{locale}/{content_type}/{path*}"),
    )
    .on(tree::delete),
    get(
        "resolve_helpdesk_tree_content",
        w!("/helpdesk/tree/content/{locale}/{content_type}/{path*}"),
    )
    .on(tree::content),
    put(
        "save_helpdesk_tree_content",
        w!("/helpdesk/tree/content/{locale}/{content_type}/{path*}"),
    )
    .json(&TREE_SAVE_CONTENT)
    .on(tree::save_content),
    get(
        "resolve_helpdesk_tree_metadata",
        w!("/helpdesk/tree/metadata/{locale}/{content_type}/{path*}"),
    )
    .on(tree::metadata),
    patch(
        "update_helpdesk_tree_metadata",
        w!("/helpdesk/tree/metadata/{locale}/{content_type}/{path*}"),
    )
    .json(&HELPDESK_TREE_METADATA)
    .on(tree::update_metadata),
    get(
        "resolve_helpdesk_tree_page",
        w!("/helpdesk/tree/page/{locale}/{content_type}/{path*}"),
    )
    .on(tree::page_of),
    get(
        "list_helpdesk_history_changes",
        w!("/helpdesk/history/changes/{page_number}"),
    )
    .query(&[
        query_may("filter_locale", Form(&LOCALE)),
        query_may("filter_type", Text),
        query_may("filter_tree_path", Text),
    ])
    .listed()
    .on(history::list),
    get(
        "resolve_helpdesk_history_change",
        w!("/helpdesk/history/change/{change_id}"),
    )
    .on(history::get),
    delete(
        "cancel_helpdesk_history_change",
        w!("/helpdesk/history/change/{change_id}"),
    )
    .json(&HISTORY_CANCEL)
    .on(history::cancel),
    post(
        "request_helpdesk_content_refresh",
        w!("/helpdesk/refresh/{locale}/{content_type}"),
    )
    .status(202)
    .on(helpdesk::refresh),
    get(
        "map_helpdesk_locale_feedback_ratings",
        w!("/helpdesk/feedback/ratings/{locale}/{content_type}"),
    )
    .query(&[
        query_may("filter_date_start", Form(&MOMENT)),
        query_may("filter_date_end", Form(&MOMENT)),
    ])
    .on(feedback::ratings),
    get(
        "list_helpdesk_locale_feedbacks",
        w!("/helpdesk/feedback/list/{locale}/{content_type}/{page_number}"),
    )
    .query(&[
        query_may("filter_date_start", Form(&MOMENT)),
        query_may("filter_date_end", Form(&MOMENT)),
    ])
    .listed()
    .on(feedback::list),
    post(
        "import_external_helpdesk_to_locale",
        w!("/helpdesk/import/{locale}/{content_type}"),
    )
    .tiers(USER_ONLY)
    .json(&HELPDESK_IMPORT)
    .status(202)
    .on(helpdesk::import),
    post(
        "export_helpdesk_locale_articles",
        w!("/helpdesk/export/{locale}/{content_type}"),
    )
    .tiers(USER_ONLY)
    .status(202)
    .on(helpdesk::export),
    get("list_helpdesk_redirections", w!("/helpdesk/redirections/{page_number}"))
        .listed()
        .on(helpdesk::redirections),
    post("add_helpdesk_redirection", w!("/helpdesk/redirection"))
        .json(&HELPDESK_ADD_REDIRECTION)
        .status(201)
        .on(helpdesk::add_redirection),
    head(
        "check_helpdesk_redirection_exists",
        w!("/helpdesk/redirection/{redirection_id}"),
    )
    .on(helpdesk::redirection_exists),
    get(
        "resolve_helpdesk_redirection",
        w!("/helpdesk/redirection/{redirection_id}"),
    )
    .on(helpdesk::get_redirection),
    delete(
        "delete_helpdesk_redirection",
        w!("/helpdesk/redirection/{redirection_id}"),
    )
    .on(helpdesk::delete_redirection),
    get("resolve_helpdesk_settings", w!("/helpdesk/settings")).on(helpdesk::get_settings),
    patch("save_helpdesk_settings", w!("/helpdesk/settings"))
        .json(&HELPDESK_SETTINGS)
        .on(helpdesk::save_settings),
    get("resolve_helpdesk_domain", w!("/helpdesk/domain"))
        .tiers(USER_ONLY)
        .on(helpdesk::get_domain),
    patch("request_helpdesk_domain_change", w!("/helpdesk/domain"))
        .tiers(USER_ONLY)
        .json(&HELPDESK_CHANGE_DOMAIN)
        .status(202)
        .on(helpdesk::change_domain),
    get("generate_helpdesk_domain_setup_flow", w!("/helpdesk/domain/setup"))
        .tiers(USER_ONLY)
        .query(&[query_must("custom", Text)])
        .on(helpdesk::domain_setup),
];
