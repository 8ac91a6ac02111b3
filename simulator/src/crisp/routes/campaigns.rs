//! Campaigns and their templates.

use super::super::forms::ANY_PER_PAGE;
use super::super::operations::{campaign_templates, campaigns};
use super::super::shapes::{
    CAMPAIGN_TEMPLATES_CREATE, CAMPAIGN_TEMPLATES_SAVE, CAMPAIGN_TEMPLATES_UPDATE, CAMPAIGNS_CREATE, CAMPAIGNS_SAVE,
    CAMPAIGNS_UPDATE,
};
use super::{Operation, USER_ONLY, delete, flag, get, head, patch, post, put, query_may, w};
use crate::engine::ParamKind::{Form, Text};

pub(super) static CAMPAIGNS: &[Operation] = &[
    get("list_campaigns", w!("/campaigns/list/{page_number}"))
        .tiers(USER_ONLY)
        .query(&[
            query_may("search_name", Text),
            query_may("filter_tag", Text),
            flag("filter_type_one_shot"),
            flag("filter_type_automated"),
            flag("filter_status_not_configured"),
            flag("filter_status_ready"),
            flag("filter_status_paused"),
            flag("filter_status_sending"),
            flag("filter_status_done"),
        ])
        .listed()
        .on(campaigns::list),
    get("list_campaign_tags", w!("/campaigns/tags"))
        .tiers(USER_ONLY)
        .listed()
        .on(campaigns::tags),
    get("list_campaign_templates", w!("/campaigns/templates/{page_number}"))
        .query(&[
            query_may("search_name", Text),
            flag("filter_type_static"),
            flag("filter_type_custom"),
        ])
        .listed()
        .on(campaign_templates::list),
    post("create_new_campaign_template", w!("/campaigns/template"))
        .json(&CAMPAIGN_TEMPLATES_CREATE)
        .status(201)
        .on(campaign_templates::create),
    head(
        "check_campaign_template_exists",
        w!("/campaigns/template/{template_id}"),
    )
    .on(campaign_templates::exists),
    get("get_campaign_template", w!("/campaigns/template/{template_id}")).on(campaign_templates::get),
    put("save_campaign_template", w!("/campaigns/template/{template_id}"))
        .json(&CAMPAIGN_TEMPLATES_SAVE)
        .on(campaign_templates::save),
    patch("update_campaign_template", w!("/campaigns/template/{template_id}"))
        .json(&CAMPAIGN_TEMPLATES_UPDATE)
        .on(campaign_templates::save),
    delete("remove_campaign_template", w!("/campaigns/template/{template_id}")).on(campaign_templates::remove),
    post("create_new_campaign", w!("/campaign"))
        .tiers(USER_ONLY)
        .json(&CAMPAIGNS_CREATE)
        .status(201)
        .on(campaigns::create),
    head("check_campaign_exists", w!("/campaign/{campaign_id}"))
        .tiers(USER_ONLY)
        .on(campaigns::exists),
    get("get_campaign", w!("/campaign/{campaign_id}"))
        .tiers(USER_ONLY)
        .on(campaigns::get),
    put("save_campaign", w!("/campaign/{campaign_id}"))
        .tiers(USER_ONLY)
        .json(&CAMPAIGNS_SAVE)
        .on(campaigns::save),
    patch("update_campaign", w!("/campaign/{campaign_id}"))
        .tiers(USER_ONLY)
        .json(&CAMPAIGNS_UPDATE)
        .on(campaigns::update),
    delete("remove_campaign", w!("/campaign/{campaign_id}"))
        .tiers(USER_ONLY)
        .on(campaigns::remove),
    post("dispatch_campaign", w!("/campaign/{campaign_id}/dispatch"))
        .tiers(USER_ONLY)
        .status(202)
        .on(campaigns::dispatch),
    post("resume_campaign", w!("/campaign/{campaign_id}/resume"))
        .tiers(USER_ONLY)
        .status(202)
        .on(campaigns::resume),
    post("pause_campaign", w!("/campaign/{campaign_id}/pause"))
        .tiers(USER_ONLY)
        .status(202)
        .on(campaigns::pause),
    post("test_campaign", w!("/campaign/{campaign_id}/test"))
        .tiers(USER_ONLY)
        .status(202)
        .by(campaigns::test),
    get(
        "list_campaign_recipients",
        w!("/campaign/{campaign_id}/recipients/{page_number}"),
    )
    .tiers(USER_ONLY)
    .listed()
    .on(campaigns::recipients_list),
    get(
        "list_campaign_statistics",
        w!("/campaign/{campaign_id}/statistics/{action}/{page_number}"),
    )
    .tiers(USER_ONLY)
    .query(&[query_may("per_page", Form(&ANY_PER_PAGE))])
    .listed()
    .on(campaigns::statistics),
];
