//! Desk365's route table: the 50 operations of API version 3.

use super::shapes::{
    COMPANY_CREATE, COMPANY_UPDATE, CONTACT_CREATE, CONTACT_UPDATE, CONTRACT_CREATE, CONTRACT_UPDATE,
    KB_ARTICLE_CREATE, KB_ARTICLE_UPDATE, KB_CATEGORY_CREATE, KB_CATEGORY_UPDATE, KB_FOLDER_CREATE, KB_FOLDER_UPDATE,
    LOCATION_CREATE, LOCATION_UPDATE, NOTE, REPLY, TICKET_CREATE, TICKET_UPDATE, TIME_ENTRY_CREATE,
};
use crate::engine::ParamKind::{Digits, Moment, OneOf, Text};
use crate::engine::{FLAG, Param, Route};

/// The feature behind the contract routes.
pub(super) const CONTRACTS: &str = "contracts";

const fn must(name: &'static str) -> Param {
    Param::required(name, Text)
}

const fn may(name: &'static str) -> Param {
    Param::optional(name, Text)
}

const fn flag(name: &'static str) -> Param {
    Param::optional(name, FLAG)
}

const TICKET_NUMBER: Param = Param::required("ticket_number", Digits);
const OFFSET: Param = Param::optional("offset", Digits);
const TICKET_COUNT: Param = Param::optional("ticket_count", OneOf(&["30", "50", "100"]));
const ORDER_TYPE: Param = Param::optional("order_type", OneOf(&["asc", "desc"]));

pub(super) static ROUTES: &[Route] = &[
    Route::new("ping", "GET", "/v3/ping").open(),
    Route::new("list_tickets", "GET", "/v3/tickets").params(&[
        TICKET_COUNT,
        OFFSET,
        flag("include_description"),
        flag("include_custom_fields"),
        flag("include_survey_details"),
        flag("nested_fields"),
        Param::optional("order_by", OneOf(&["created_time", "updated_time"])),
        ORDER_TYPE,
        Param::optional("updated_since", Moment),
        may("filters"),
    ]),
    Route::new("search_tickets", "GET", "/v3/tickets/search")
        .params(&[
            Param::required("search_type", OneOf(&["1", "2"])),
            must("search_query"),
            TICKET_COUNT,
            OFFSET,
            flag("include_description"),
            flag("include_custom_fields"),
            flag("include_survey_details"),
            Param::optional("order_by", OneOf(&["relevance", "created_time", "updated_time"])),
            flag("include_merged"),
        ])
        .cost(5),
    Route::new("get_ticket", "GET", "/v3/tickets/details").params(&[TICKET_NUMBER]),
    Route::new("create_ticket", "POST", "/v3/tickets/create").json(&TICKET_CREATE),
    Route::new(
        "create_ticket_with_attachment",
        "POST",
        "/v3/tickets/create_with_attachment",
    )
    .upload("ticket_object", &TICKET_CREATE),
    Route::new("update_ticket", "PUT", "/v3/tickets/update")
        .params(&[TICKET_NUMBER])
        .json(&TICKET_UPDATE),
    Route::new("list_ticket_conversations", "GET", "/v3/tickets/conversations").params(&[
        TICKET_NUMBER,
        Param::optional("sort_by", OneOf(&["earliest_on_top", "latest_on_top"])),
        flag("include_contact_replies"),
        flag("include_agent_replies"),
        flag("include_private_notes"),
        flag("include_public_notes"),
        flag("include_forward_messages"),
    ]),
    Route::new("create_ticket_reply", "POST", "/v3/tickets/add_reply")
        .params(&[TICKET_NUMBER])
        .json(&REPLY)
        .success(201),
    Route::new(
        "create_ticket_reply_with_attachment",
        "POST",
        "/v3/tickets/add_reply_with_attachment",
    )
    .params(&[TICKET_NUMBER])
    .upload("reply_object", &REPLY),
    Route::new("create_ticket_note", "POST", "/v3/tickets/add_note")
        .params(&[TICKET_NUMBER])
        .json(&NOTE)
        .success(201),
    Route::new(
        "create_ticket_note_with_attachment",
        "POST",
        "/v3/tickets/add_note_with_attachment",
    )
    .params(&[TICKET_NUMBER])
    .upload("note_object", &NOTE),
    Route::new("list_contacts", "GET", "/v3/contacts").params(&[
        OFFSET,
        may("company"),
        Param::optional("order_by", OneOf(&["1", "2", "3", "4"])),
        ORDER_TYPE,
        flag("include_custom_fields"),
    ]),
    Route::new("get_contact", "GET", "/v3/contacts/details")
        .params(&[may("primary_email"), may("secondary_email")])
        .one_of(&["primary_email", "secondary_email"]),
    Route::new("create_contact", "POST", "/v3/contacts/create").json(&CONTACT_CREATE),
    Route::new(
        "create_contact_with_attachment",
        "POST",
        "/v3/contacts/create_with_attachment",
    )
    .upload("contact_object", &CONTACT_CREATE),
    Route::new("update_contact", "PUT", "/v3/contacts/update")
        .params(&[must("primary_email")])
        .json(&CONTACT_UPDATE),
    Route::new("list_companies", "GET", "/v3/companies").params(&[OFFSET, flag("include_custom_fields")]),
    Route::new("get_company", "GET", "/v3/companies/details").params(&[must("name")]),
    Route::new("create_company", "POST", "/v3/companies/create").json(&COMPANY_CREATE),
    Route::new(
        "create_company_with_attachment",
        "POST",
        "/v3/companies/create_with_attachment",
    )
    .upload("company_object", &COMPANY_CREATE),
    Route::new("update_company", "PUT", "/v3/companies/update")
        .params(&[must("company_name")])
        .json(&COMPANY_UPDATE),
    Route::new("list_time_entries", "GET", "/v3/time_entries").params(&[
        Param::optional("ticket_number", Digits),
        Param::optional("time_entries_count", OneOf(&["30", "50", "100"])),
        may("agent_email"),
        may("company_name"),
        Param::optional("started_before", Moment),
        Param::optional("started_after", Moment),
        Param::optional("created_after", Moment),
        Param::optional("updated_after", Moment),
        flag("billable"),
        flag("timer_running"),
        OFFSET,
    ]),
    Route::new("get_time_entry", "GET", "/v3/time_entries/details").params(&[Param::required("id", Digits)]),
    Route::new("create_time_entry", "POST", "/v3/time_entries/create").json(&TIME_ENTRY_CREATE),
    Route::new("list_surveys", "GET", "/v3/surveys"),
    Route::new("get_survey", "GET", "/v3/surveys/details").params(&[must("survey_name")]),
    Route::new("list_survey_ratings", "GET", "/v3/surveys/ratings").params(&[OFFSET]),
    Route::new("list_contracts", "GET", "/v3/contracts")
        .params(&[
            OFFSET,
            may("company"),
            may("contract_category"),
            flag("include_inactive_contracts"),
            flag("include_expired_contracts"),
            flag("include_upcoming_contracts"),
        ])
        .feature(CONTRACTS),
    Route::new("get_contract", "GET", "/v3/contracts/details")
        .params(&[may("reference_number"), may("contract_name")])
        .one_of(&["reference_number", "contract_name"])
        .feature(CONTRACTS),
    Route::new("create_contract", "POST", "/v3/contracts/create")
        .json(&CONTRACT_CREATE)
        .feature(CONTRACTS),
    Route::new("update_contract", "PUT", "/v3/contracts/update")
        .params(&[may("reference_number"), may("contract_name")])
        .one_of(&["reference_number", "contract_name"])
        .json(&CONTRACT_UPDATE)
        .feature(CONTRACTS),
    Route::new("get_kb_category", "GET", "/v3/kb/category/details").params(&[must("category_name")]),
    Route::new("create_kb_category", "POST", "/v3/kb/category/create").json(&KB_CATEGORY_CREATE),
    Route::new("update_kb_category", "PUT", "/v3/kb/category/update")
        .params(&[must("category_name")])
        .json(&KB_CATEGORY_UPDATE),
    Route::new("delete_kb_category", "DELETE", "/v3/kb/category/delete").params(&[must("category_name")]),
    Route::new("get_kb_folder", "GET", "/v3/kb/folder/details").params(&[must("category_name"), must("folder_name")]),
    Route::new("create_kb_folder", "POST", "/v3/kb/folder/create").json(&KB_FOLDER_CREATE),
    Route::new("update_kb_folder", "PUT", "/v3/kb/folder/update")
        .params(&[must("category_name"), must("folder_name")])
        .json(&KB_FOLDER_UPDATE),
    Route::new("delete_kb_folder", "DELETE", "/v3/kb/folder/delete")
        .params(&[must("category_name"), must("folder_name")]),
    // The trailing slash is part of the route.
    Route::new("list_kb_articles", "GET", "/v3/kb/article/"),
    Route::new("get_kb_article", "GET", "/v3/kb/article/details").params(&[must("article_name")]),
    Route::new("create_kb_article", "POST", "/v3/kb/article/create").json(&KB_ARTICLE_CREATE),
    Route::new("update_kb_article", "PUT", "/v3/kb/article/update")
        .params(&[must("article_name")])
        .json(&KB_ARTICLE_UPDATE),
    Route::new("delete_kb_article", "DELETE", "/v3/kb/article/delete").params(&[must("article_name")]),
    Route::new("list_agents", "GET", "/v3/agents"),
    Route::new("list_locations", "GET", "/v3/asset_mgmt/locations"),
    Route::new("get_location", "GET", "/v3/asset_mgmt/locations/details").params(&[must("location_name")]),
    Route::new("create_location", "POST", "/v3/asset_mgmt/locations/create").json(&LOCATION_CREATE),
    Route::new("update_location", "PUT", "/v3/asset_mgmt/locations/update")
        .params(&[must("location_name")])
        .json(&LOCATION_UPDATE),
];
