//! Views, their items, and searching.

use super::{BY_CREATION, CURSOR, LIMIT, Operation, delete, get, post, put};
use crate::engine::Param;
use crate::engine::ParamKind::OneOf;
use crate::gorgias::forms::{NUMBER_PARAM, query};
use crate::gorgias::operations::{search, view_items, views};
use crate::gorgias::shapes::content::{SEARCH, VIEW_CREATE, VIEW_ITEMS, VIEW_UPDATE};

static ITEMS: &[Param] = &[
    CURSOR,
    query("direction", OneOf(&["prev", "next"])),
    query("ignored_item", NUMBER_PARAM),
    LIMIT,
    query(
        "order_by",
        OneOf(&[
            "created_datetime:asc",
            "created_datetime:desc",
            "updated_datetime:asc",
            "updated_datetime:desc",
            "last_message_datetime:asc",
            "last_message_datetime:desc",
            "last_received_message_datetime:asc",
            "last_received_message_datetime:desc",
            "closed_datetime:asc",
            "closed_datetime:desc",
            "snooze_datetime:asc",
            "snooze_datetime:desc",
            "priority:asc",
            "priority:desc",
        ]),
    ),
];

pub(super) static VIEWS: &[Operation] = &[
    get("list_views", "/api/views")
        .scope("tickets:read")
        .query(&[BY_CREATION, CURSOR, LIMIT])
        .on(views::list),
    post("create_view", "/api/views")
        .scope("tickets:write")
        .json(&VIEW_CREATE)
        .on(views::create),
    get("get_view", "/api/views/{id}").scope("tickets:read").on(views::get),
    put("update_view", "/api/views/{id}")
        .scope("tickets:write")
        .json(&VIEW_UPDATE)
        .on(views::update),
    delete("delete_view", "/api/views/{id}")
        .scope("tickets:write")
        .on(views::remove),
    get("list_view_items", "/api/views/{view_id}/items")
        .scope("tickets:read")
        .query(ITEMS)
        .on(view_items::list),
    put("search_view_items", "/api/views/{view_id}/items")
        .scope("tickets:read")
        .query(ITEMS)
        .json(&VIEW_ITEMS)
        .on(view_items::search),
    post("search", "/api/search").json(&SEARCH).on(search::search),
];
