//! People.

use super::super::forms::{FILTERS, MOMENT, PER_PAGE};
use super::super::operations::{people, people_lists};
use super::super::shapes::{
    PEOPLE_ADD_EVENT, PEOPLE_CREATE, PEOPLE_LISTS_EXPORT, PEOPLE_LISTS_FORGET_EVENT, PEOPLE_LISTS_FORGET_KEY,
    PEOPLE_LISTS_FORGET_SEGMENT, PEOPLE_LISTS_IMPORT, PEOPLE_SAVE, PEOPLE_SAVE_DATA, PEOPLE_UPDATE, PEOPLE_UPDATE_DATA,
    PEOPLE_UPDATE_SUBSCRIPTION,
};
use super::{Operation, USER_ONLY, delete, flag, get, head, patch, post, put, query_may, w};
use crate::engine::ParamKind::{Form, OneOf, Text};

pub(super) static PEOPLE: &[Operation] = &[
    get("get_people_statistics", w!("/people/stats"))
        .scope("people:statistics")
        .on(people_lists::statistics),
    get(
        "list_suggested_people_segments",
        w!("/people/suggest/segments/{page_number}"),
    )
    .scope("people:profiles")
    .listed()
    .on(people_lists::suggested_segments),
    delete("delete_suggested_people_segment", w!("/people/suggest/segment"))
        .scope("people:profiles")
        .json(&PEOPLE_LISTS_FORGET_SEGMENT)
        .on(people_lists::forget_segment),
    get(
        "list_suggested_people_data_keys",
        w!("/people/suggest/data/{page_number}"),
    )
    .scope("people:profiles")
    .listed()
    .on(people_lists::suggested_keys),
    delete("delete_suggested_people_data_key", w!("/people/suggest/data"))
        .scope("people:profiles")
        .json(&PEOPLE_LISTS_FORGET_KEY)
        .on(people_lists::forget_key),
    get(
        "list_suggested_people_events",
        w!("/people/suggest/events/{page_number}"),
    )
    .scope("people:profiles")
    .listed()
    .on(people_lists::suggested_events),
    delete("delete_suggested_people_event", w!("/people/suggest/event"))
        .scope("people:profiles")
        .json(&PEOPLE_LISTS_FORGET_EVENT)
        .on(people_lists::forget_event),
    get("list_people_profiles", w!("/people/profiles/{page_number}"))
        .scope("people:profiles")
        .query(&[
            query_may("per_page", Form(&PER_PAGE)),
            query_may("sort_field", Text),
            query_may("sort_order", OneOf(&["ascending", "descending"])),
            query_may("search_operator", OneOf(&["and", "or"])),
            query_may("search_filter", Form(&FILTERS)),
            query_may("search_text", Text),
            query_may("filter_date_start", Form(&MOMENT)),
            query_may("filter_date_end", Form(&MOMENT)),
        ])
        .listed()
        .on(people_lists::list),
    post("add_new_people_profile", w!("/people/profile"))
        .scope("people:profiles")
        .json(&PEOPLE_CREATE)
        .status(201)
        .on(people::create),
    head("check_people_profile_exists", w!("/people/profile/{people_id}"))
        .scope("people:profiles")
        .on(people::exists),
    get("get_people_profile", w!("/people/profile/{people_id}"))
        .scope("people:profiles")
        .on(people::get),
    put("save_people_profile", w!("/people/profile/{people_id}"))
        .scope("people:profiles")
        .json(&PEOPLE_SAVE)
        .on(people::save),
    patch("update_people_profile", w!("/people/profile/{people_id}"))
        .scope("people:profiles")
        .json(&PEOPLE_UPDATE)
        .on(people::update),
    delete("remove_people_profile", w!("/people/profile/{people_id}"))
        .scope("people:profiles")
        .on(people::remove),
    get(
        "list_people_conversations",
        w!("/people/conversations/{people_id}/list/{page_number}"),
    )
    .scope("people:conversations")
    .query(&[
        flag("filter_unread"),
        flag("filter_resolved"),
        flag("filter_not_resolved"),
    ])
    .listed()
    .on(people_lists::conversations),
    get(
        "list_people_campaigns",
        w!("/people/campaigns/{people_id}/list/{page_number}"),
    )
    .tiers(USER_ONLY)
    .listed()
    .on(people_lists::campaigns),
    post("add_people_event", w!("/people/events/{people_id}"))
        .scope("people:profiles")
        .json(&PEOPLE_ADD_EVENT)
        .status(201)
        .on(people::add_event),
    get(
        "list_people_events",
        w!("/people/events/{people_id}/list/{page_number}"),
    )
    .scope("people:profiles")
    .listed()
    .on(people::events),
    get("get_people_data", w!("/people/data/{people_id}"))
        .scope("people:data")
        .on(people::data),
    put("save_people_data", w!("/people/data/{people_id}"))
        .scope("people:data")
        .json(&PEOPLE_SAVE_DATA)
        .on(people::save_data),
    patch("update_people_data", w!("/people/data/{people_id}"))
        .scope("people:data")
        .json(&PEOPLE_UPDATE_DATA)
        .on(people::update_data),
    get("get_people_subscription_status", w!("/people/subscription/{people_id}"))
        .scope("people:subscriptions")
        .on(people::subscription),
    patch(
        "update_people_subscription_status",
        w!("/people/subscription/{people_id}"),
    )
    .scope("people:subscriptions")
    .json(&PEOPLE_UPDATE_SUBSCRIPTION)
    .on(people::update_subscription),
    post("export_people_profiles", w!("/people/export/profiles"))
        .tiers(USER_ONLY)
        .optional_json(&PEOPLE_LISTS_EXPORT)
        .status(202)
        .on(people_lists::export),
    post("import_people_profiles", w!("/people/import/profiles"))
        .tiers(USER_ONLY)
        .json(&PEOPLE_LISTS_IMPORT)
        .status(202)
        .on(people_lists::import),
];
