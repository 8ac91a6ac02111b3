//! A workspace: batches, inboxes, teams, operators, settings, visitors.

use super::super::forms::DECIMAL;
use super::super::operations::{analytics, batch, inboxes, operators, visitors, website};
use super::super::shapes::{
    ANALYTICS_GENERATE, BATCH_BLOCK, BATCH_DATA, BATCH_DATA_PEOPLE, BATCH_INBOX, BATCH_READ, BATCH_REMOVE,
    BATCH_REMOVE_PEOPLE, BATCH_REPORT, BATCH_RESOLVE, BATCH_ROUTING, BATCH_SEGMENTS, BATCH_SEGMENTS_PEOPLE,
    BATCH_UNREAD, BATCH_UNRESOLVE, INBOXES_CREATE, INBOXES_CREATE_TEAM, INBOXES_ORDER, INBOXES_SAVE, INBOXES_SAVE_TEAM,
    OPERATORS_CHANGE, OPERATORS_INVITE, OPERATORS_SEND_EMAIL, WEBSITE_CREATE, WEBSITE_DELETE, WEBSITE_SETTINGS,
    WEBSITE_UPDATE_VERIFY_SETTINGS,
};
use super::{Operation, USER_ONLY, delete, get, head, patch, post, put, query_may, query_must, w};
use crate::engine::ParamKind::{Digits, Form, Text};

pub(super) static WEBSITE: &[Operation] = &[
    post("generate_analytics", w!("/analytics/generate"))
        .tiers(USER_ONLY)
        .json(&ANALYTICS_GENERATE)
        .listed()
        .on(analytics::generate),
    get("get_website_availability_status", w!("/availability/status"))
        .scope("availability")
        .on(operators::availability_status),
    get("list_website_operator_availabilities", w!("/availability/operators"))
        .scope("availability")
        .listed()
        .on(operators::availabilities),
    head("check_website_exists", "/website")
        .query(&[query_must("domain", Text)])
        .account(website::exists),
    post("create_website", "/website")
        .tiers(USER_ONLY)
        .json(&WEBSITE_CREATE)
        .account(website::create),
    get("get_website", w!("")).on(website::get),
    delete("delete_website", w!(""))
        .tiers(USER_ONLY)
        .json(&WEBSITE_DELETE)
        .on(website::delete),
    delete("abort_website_deletion", w!("/expunge"))
        .tiers(USER_ONLY)
        .on(website::abort_deletion),
    patch("batch_resolve_conversations", w!("/batch/resolve"))
        .tiers(USER_ONLY)
        .json(&BATCH_RESOLVE)
        .on(batch::resolve),
    patch("batch_unresolve_conversations", w!("/batch/unresolve"))
        .tiers(USER_ONLY)
        .json(&BATCH_UNRESOLVE)
        .on(batch::unresolve),
    patch("batch_read_conversations", w!("/batch/read"))
        .tiers(USER_ONLY)
        .json(&BATCH_READ)
        .on(batch::read),
    patch("batch_unread_conversations", w!("/batch/unread"))
        .tiers(USER_ONLY)
        .json(&BATCH_UNREAD)
        .on(batch::unread),
    patch("batch_remove_conversations", w!("/batch/remove"))
        .tiers(USER_ONLY)
        .either("people", &BATCH_REMOVE_PEOPLE, &BATCH_REMOVE)
        .on(batch::remove),
    post("batch_report_conversations", w!("/batch/report"))
        .tiers(USER_ONLY)
        .json(&BATCH_REPORT)
        .on(batch::report),
    patch("batch_block_conversations", w!("/batch/block"))
        .tiers(USER_ONLY)
        .json(&BATCH_BLOCK)
        .on(batch::block),
    patch("batch_routing_conversations", w!("/batch/routing"))
        .tiers(USER_ONLY)
        .json(&BATCH_ROUTING)
        .on(batch::routing),
    patch("batch_inbox_conversations", w!("/batch/inbox"))
        .tiers(USER_ONLY)
        .json(&BATCH_INBOX)
        .on(batch::inbox),
    patch("batch_update_conversations_data", w!("/batch/data"))
        .tiers(USER_ONLY)
        .either("people", &BATCH_DATA_PEOPLE, &BATCH_DATA)
        .on(batch::data),
    patch("batch_update_conversations_segments", w!("/batch/segments"))
        .tiers(USER_ONLY)
        .either("people", &BATCH_SEGMENTS_PEOPLE, &BATCH_SEGMENTS)
        .on(batch::segments),
    get("get_website_connect_endpoints", w!("/connect/endpoints")).on(website::endpoints),
    get("list_inboxes", w!("/inboxes/list/{page_number}"))
        .listed()
        .on(inboxes::list),
    patch("batch_order_inboxes", w!("/inboxes/batch/order"))
        .tiers(USER_ONLY)
        .json(&INBOXES_ORDER)
        .on(inboxes::order),
    post("create_new_inbox", w!("/inbox"))
        .tiers(USER_ONLY)
        .json(&INBOXES_CREATE)
        .status(201)
        .on(inboxes::create),
    head("check_inbox_exists", w!("/inbox/{inbox_id}")).on(inboxes::exists),
    get("get_inbox", w!("/inbox/{inbox_id}")).on(inboxes::get),
    put("save_inbox", w!("/inbox/{inbox_id}"))
        .tiers(USER_ONLY)
        .json(&INBOXES_SAVE)
        .on(inboxes::save),
    delete("delete_inbox", w!("/inbox/{inbox_id}"))
        .tiers(USER_ONLY)
        .on(inboxes::delete),
    get("list_website_operators", w!("/operators/list"))
        .scope("operators")
        .listed()
        .on(operators::list),
    get("list_last_active_website_operators", w!("/operators/active"))
        .scope("operators")
        .listed()
        .on(operators::list_active),
    delete("flush_last_active_website_operators", w!("/operators/active"))
        .tiers(USER_ONLY)
        .on(operators::flush_active),
    post("send_email_to_website_operators", w!("/operators/email"))
        .scope("operators")
        .json(&OPERATORS_SEND_EMAIL)
        .status(202)
        .on(operators::send_email),
    // The reference says PATCH, the official clients send POST.
    patch("send_email_to_website_operators", w!("/operators/email"))
        .scope("operators")
        .json(&OPERATORS_SEND_EMAIL)
        .status(202)
        .on(operators::send_email),
    get("get_website_operator", w!("/operator/{user_id}"))
        .scope("operators")
        .on(operators::get),
    post("invite_website_operator", w!("/operator"))
        .tiers(USER_ONLY)
        .json(&OPERATORS_INVITE)
        .status(201)
        .on(operators::invite),
    patch("change_operator_membership", w!("/operator/{user_id}"))
        .tiers(USER_ONLY)
        .json(&OPERATORS_CHANGE)
        .on(operators::change),
    delete("unlink_operator_from_website", w!("/operator/{user_id}"))
        .tiers(USER_ONLY)
        .on(operators::unlink),
    get("get_website_settings", w!("/settings"))
        .scope("settings")
        .on(website::get_settings),
    patch("update_website_settings", w!("/settings"))
        .scope("settings")
        .json(&WEBSITE_SETTINGS)
        .on(website::update_settings),
    get("list_teams", w!("/teams/list/{page_number}"))
        .listed()
        .on(inboxes::list_teams),
    post("create_new_team", w!("/team"))
        .json(&INBOXES_CREATE_TEAM)
        .status(201)
        .on(inboxes::create_team),
    head("check_team_exists", w!("/team/{team_id}")).on(inboxes::team_exists),
    get("get_team", w!("/team/{team_id}")).on(inboxes::get_team),
    put("save_team", w!("/team/{team_id}"))
        .json(&INBOXES_SAVE_TEAM)
        .on(inboxes::save_team),
    delete("delete_team", w!("/team/{team_id}")).on(inboxes::delete_team),
    get("get_verify_settings", w!("/verify/settings"))
        .scope("verify")
        .on(website::get_verify_settings),
    patch("update_verify_settings", w!("/verify/settings"))
        .scope("verify")
        .json(&WEBSITE_UPDATE_VERIFY_SETTINGS)
        .on(website::update_verify_settings),
    get("get_verify_key", w!("/verify/key"))
        .scope("verify")
        .on(website::get_verify_key),
    post("roll_verify_key", w!("/verify/key"))
        .scope("verify")
        .status(201)
        .on(website::roll_verify_key),
    get("count_visitors", w!("/visitors/count"))
        .scope("visitors")
        .on(visitors::count),
    get("list_visitors", w!("/visitors/list/{page_number}"))
        .scope("visitors")
        .listed()
        .on(visitors::list),
    get("pinpoint_visitors_on_map", w!("/visitors/map"))
        .scope("visitors")
        .query(&[
            query_may("center_longitude", Form(&DECIMAL)),
            query_may("center_latitude", Form(&DECIMAL)),
            query_may("center_radius", Digits),
        ])
        .listed()
        .on(visitors::map),
    get("get_session_identifier_from_token", w!("/visitors/token/{token_id}"))
        .scope("visitors")
        .on(visitors::session_of_token),
    get("count_blocked_visitors", w!("/visitors/blocked"))
        .tiers(USER_ONLY)
        .listed()
        .on(visitors::blocked),
    get("count_blocked_visitors_in_rule", w!("/visitors/blocked/{rule}"))
        .tiers(USER_ONLY)
        .on(visitors::blocked_in_rule),
    delete("clear_blocked_visitors_in_rule", w!("/visitors/blocked/{rule}"))
        .tiers(USER_ONLY)
        .on(visitors::clear_rule),
];
