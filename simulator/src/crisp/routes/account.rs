//! Routes outside a workspace, of plans and of plugins.

use super::super::forms::{ANY_PER_PAGE, MOMENT, UUID};
use super::super::operations::{bucket, plans, plugin_connect, plugins};
use super::super::shapes::{
    ANY_OBJECT, BUCKET_GENERATE_URL, PLANS_CHANGE_PERIOD, PLANS_REDEEM_COUPON, PLANS_SUBSCRIBE, PLUGINS_DISPATCH_EVENT,
    PLUGINS_FORWARD_PAYLOAD, PLUGINS_REPORT_USAGE, PLUGINS_SUBSCRIBE,
};
use super::{
    Operation, PLUGIN_ONLY, USER_ONLY, WEBSITE_ONLY, delete, flag, get, head, patch, post, put, query_may, query_must,
};
use crate::engine::ParamKind::{Form, Text};

pub(super) static ACCOUNT: &[Operation] = &[
    post("generate_bucket_url", "/bucket/url/generate")
        .scope("bucket:url")
        .json(&BUCKET_GENERATE_URL)
        .status(202)
        .account(bucket::generate_url),
    get("list_animation_medias", "/media/animation/list/{page_number}")
        .tiers(USER_ONLY)
        .query(&[
            query_must("list_id", Form(&UUID)),
            query_may("search_query", Text),
            query_may("per_page", Form(&ANY_PER_PAGE)),
        ])
        .status(202)
        .account(bucket::list_animations),
    get("list_all_active_plan_subscriptions", "/plans/subscription")
        .tiers(USER_ONLY)
        .listed()
        .account(plans::list),
    get("get_plan_subscription_for_website", "/plans/subscription/{website_id}")
        .scope("plan:subscription")
        .on(plans::get),
    post("subscribe_website_to_plan", "/plans/subscription/{website_id}")
        .tiers(USER_ONLY)
        .json(&PLANS_SUBSCRIBE)
        .on(plans::subscribe),
    delete("unsubscribe_plan_from_website", "/plans/subscription/{website_id}")
        .tiers(USER_ONLY)
        .on(plans::unsubscribe),
    patch(
        "change_bill_period_for_website_plan_subscription",
        "/plans/subscription/{website_id}/bill/period",
    )
    .tiers(USER_ONLY)
    .json(&PLANS_CHANGE_PERIOD)
    .on(plans::change_period),
    get(
        "check_coupon_availability_for_website_plan_subscription",
        "/plans/subscription/{website_id}/coupon",
    )
    .tiers(USER_ONLY)
    .query(&[query_must("code", Text)])
    .on(plans::check_coupon),
    patch(
        "redeem_coupon_for_website_plan_subscription",
        "/plans/subscription/{website_id}/coupon",
    )
    .tiers(USER_ONLY)
    .json(&PLANS_REDEEM_COUPON)
    .on(plans::redeem_coupon),
    get("get_connect_account", "/plugin/connect/account")
        .tiers(PLUGIN_ONLY)
        .account(plugin_connect::account),
    head("check_connect_session_validity", "/plugin/connect/session")
        .tiers(PLUGIN_ONLY)
        .account(plugin_connect::session),
    get(
        "list_all_connect_websites",
        "/plugin/connect/websites/all/{page_number}",
    )
    .tiers(PLUGIN_ONLY)
    .query(&[flag("filter_configured"), flag("include_plan")])
    .listed()
    .account(plugin_connect::websites),
    get("list_connect_websites_since", "/plugin/connect/websites/since")
        .tiers(PLUGIN_ONLY)
        .query(&[
            query_must("date_since", Form(&MOMENT)),
            flag("filter_configured"),
            flag("include_plan"),
        ])
        .listed()
        .account(plugin_connect::websites_since),
    get("get_plugin_connect_endpoints", "/plugin/connect/endpoints")
        .tiers(PLUGIN_ONLY)
        .account(bucket::endpoints),
    get("list_all_active_plugin_subscriptions", "/plugins/subscription")
        .tiers(USER_ONLY)
        .listed()
        .account(plugins::list_all),
    get("list_subscriptions_for_website", "/plugins/subscription/{website_id}")
        .tiers(USER_ONLY)
        .listed()
        .account(plugins::list),
    get(
        "get_subscription_details",
        "/plugins/subscription/{website_id}/{plugin_id}",
    )
    .account(plugins::get),
    post("subscribe_website_to_plugin", "/plugins/subscription/{website_id}")
        .tiers(USER_ONLY)
        .json(&PLUGINS_SUBSCRIBE)
        .account(plugins::subscribe),
    delete(
        "unsubscribe_plugin_from_website",
        "/plugins/subscription/{website_id}/{plugin_id}",
    )
    .tiers(USER_ONLY)
    .by(plugins::unsubscribe),
    get(
        "get_subscription_settings",
        "/plugins/subscription/{website_id}/{plugin_id}/settings",
    )
    .by(plugins::get_settings),
    put(
        "save_subscription_settings",
        "/plugins/subscription/{website_id}/{plugin_id}/settings",
    )
    .json(&ANY_OBJECT)
    .by(plugins::save_settings),
    patch(
        "update_subscription_settings",
        "/plugins/subscription/{website_id}/{plugin_id}/settings",
    )
    .json(&ANY_OBJECT)
    .by(plugins::update_settings),
    get(
        "get_plugin_usage_bills",
        "/plugins/subscription/{website_id}/{plugin_id}/bill/usage",
    )
    .listed()
    .by(plugins::usage_bills),
    post(
        "report_plugin_usage_to_bill",
        "/plugins/subscription/{website_id}/{plugin_id}/bill/usage",
    )
    .tiers(PLUGIN_ONLY)
    .json(&PLUGINS_REPORT_USAGE)
    .by(plugins::report_usage),
    get(
        "get_plugin_attest_provenance",
        "/plugins/subscription/{website_id}/{plugin_id}/attest/provenance",
    )
    .by(plugins::attest_provenance),
    post(
        "forward_plugin_payload_to_channel",
        "/plugins/subscription/{website_id}/{plugin_id}/channel",
    )
    .json(&PLUGINS_FORWARD_PAYLOAD)
    .by(plugins::forward_payload),
    post(
        "dispatch_plugin_event",
        "/plugins/subscription/{website_id}/{plugin_id}/event",
    )
    .json(&PLUGINS_DISPATCH_EVENT)
    .by(plugins::dispatch_event),
    get("get_website_tier_connect_endpoints", "/website/connect/endpoints")
        .tiers(WEBSITE_ONLY)
        .account(bucket::endpoints),
    get("get_user_tier_connect_endpoints", "/user/connect/endpoints")
        .tiers(USER_ONLY)
        .account(bucket::endpoints),
];
