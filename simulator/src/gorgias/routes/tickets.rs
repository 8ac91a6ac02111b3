//! Tickets, their messages, tags and field values; tags; surveys.

use super::{BY_CREATION, CURSOR, LIMIT, Operation, delete, get, post, put};
use crate::engine::ParamKind::{OneOf, Repeated, Text};
use crate::gorgias::forms::{FLAG, NUMBER_PARAM, query};
use crate::gorgias::operations::{field_values, messages, surveys, tags, ticket_tags, tickets};
use crate::gorgias::shapes::content::{SURVEY, TAG_CREATE, TAG_MERGE, TAG_UPDATE};
use crate::gorgias::shapes::customers::{FIELD_VALUE, FIELD_VALUES, IDS_BODY};
use crate::gorgias::shapes::messages::{MESSAGE_CREATE, MESSAGE_UPDATE};
use crate::gorgias::shapes::tickets::{TAG_SELECTION, TICKET_CREATE, TICKET_UPDATE};
use crate::gorgias::words::MESSAGE_ACTION;

const ACTION: crate::engine::Param = query("action", OneOf(MESSAGE_ACTION));

pub(super) static TICKETS: &[Operation] = &[
    get("list_tickets", "/api/tickets")
        .scope("tickets:read")
        .query(&[
            query("customer_id", NUMBER_PARAM),
            query("external_id", Text),
            query("view_id", NUMBER_PARAM),
            query("rule_id", NUMBER_PARAM),
            query("ticket_ids", Repeated(&NUMBER_PARAM, 100)),
            query("trashed", FLAG),
            query(
                "order_by",
                OneOf(&[
                    "created_datetime:asc",
                    "created_datetime:desc",
                    "updated_datetime:asc",
                    "updated_datetime:desc",
                ]),
            ),
            CURSOR,
            LIMIT,
        ])
        .on(tickets::list),
    post("create_ticket", "/api/tickets")
        .scope("tickets:write")
        .json(&TICKET_CREATE)
        .on(tickets::create),
    get("get_ticket", "/api/tickets/{id}")
        .scope("tickets:read")
        .query(&[query("relationships", Repeated(&OneOf(&["custom_fields"]), 1))])
        .on(tickets::get),
    put("update_ticket", "/api/tickets/{id}")
        .scope("tickets:write")
        .json(&TICKET_UPDATE)
        .on(tickets::update),
    delete("delete_ticket", "/api/tickets/{id}")
        .scope("tickets:write")
        .on(tickets::remove),
    get("list_messages", "/api/messages")
        .scope("tickets:read")
        .query(&[query("ticket_id", NUMBER_PARAM), BY_CREATION, CURSOR, LIMIT])
        .on(messages::list),
    get("list_ticket_messages", "/api/tickets/{ticket_id}/messages")
        .scope("tickets:read")
        .on(messages::list_of_ticket),
    post("create_ticket_message", "/api/tickets/{ticket_id}/messages")
        .scope("tickets:write")
        .query(&[ACTION])
        .json(&MESSAGE_CREATE)
        .on(messages::create),
    get("get_ticket_message", "/api/tickets/{ticket_id}/messages/{id}")
        .scope("tickets:read")
        .on(messages::get),
    put("update_ticket_message", "/api/tickets/{ticket_id}/messages/{id}")
        .scope("tickets:write")
        .query(&[ACTION])
        .json(&MESSAGE_UPDATE)
        .on(messages::update),
    delete("delete_ticket_message", "/api/tickets/{ticket_id}/messages/{id}")
        .scope("tickets:write")
        .on(messages::remove),
    get("list_ticket_tags", "/api/tickets/{ticket_id}/tags")
        .scope("tickets:read")
        .on(ticket_tags::list),
    post("add_ticket_tags", "/api/tickets/{ticket_id}/tags")
        .scope("tickets:write")
        .json(&TAG_SELECTION)
        .on(ticket_tags::add),
    put("set_ticket_tags", "/api/tickets/{ticket_id}/tags")
        .scope("tickets:write")
        .json(&TAG_SELECTION)
        .on(ticket_tags::set),
    delete("remove_ticket_tags", "/api/tickets/{ticket_id}/tags")
        .scope("tickets:write")
        .json(&TAG_SELECTION)
        .on(ticket_tags::remove),
    get("list_ticket_field_values", "/api/tickets/{ticket_id}/custom-fields")
        .scope("tickets:read")
        .on(field_values::list_of_ticket),
    put("update_ticket_field_values", "/api/tickets/{ticket_id}/custom-fields")
        .scope("tickets:write")
        .status(200)
        .value(&FIELD_VALUES)
        .on(field_values::replace_of_ticket),
    put(
        "update_ticket_field_value",
        "/api/tickets/{ticket_id}/custom-fields/{id}",
    )
    .scope("tickets:write")
    .status(200)
    .value(&FIELD_VALUE)
    .on(field_values::set_of_ticket),
    delete(
        "delete_ticket_field_value",
        "/api/tickets/{ticket_id}/custom-fields/{id}",
    )
    .scope("tickets:write")
    .on(field_values::clear_of_ticket),
    get("list_tags", "/api/tags")
        .scope("tags:read")
        .query(&[
            query("search", Text),
            query(
                "order_by",
                OneOf(&[
                    "created_datetime:asc",
                    "created_datetime:desc",
                    "name:asc",
                    "name:desc",
                    "usage:asc,name:asc",
                    "usage:desc,name:desc",
                ]),
            ),
            CURSOR,
            LIMIT,
        ])
        .on(tags::list),
    post("create_tag", "/api/tags")
        .scope("tags:write")
        .json(&TAG_CREATE)
        .on(tags::create),
    delete("delete_tags", "/api/tags")
        .scope("tags:write")
        .json(&IDS_BODY)
        .on(tags::remove_many),
    get("get_tag", "/api/tags/{id}").scope("tags:read").on(tags::get),
    put("update_tag", "/api/tags/{id}")
        .scope("tags:write")
        .json(&TAG_UPDATE)
        .on(tags::update),
    delete("delete_tag", "/api/tags/{id}")
        .scope("tags:write")
        .on(tags::remove),
    put("merge_tags", "/api/tags/{destination_tag_id}/merge")
        .scope("tags:write")
        .json(&TAG_MERGE)
        .on(tags::merge),
    get("list_satisfaction_surveys", "/api/satisfaction-surveys")
        .scope("satisfaction_survey:read")
        .query(&[query("ticket_id", NUMBER_PARAM), BY_CREATION, CURSOR, LIMIT])
        .on(surveys::list),
    post("create_satisfaction_survey", "/api/satisfaction-surveys")
        .scope("satisfaction_survey:write")
        .json(&SURVEY)
        .on(surveys::create),
    get("get_satisfaction_survey", "/api/satisfaction-surveys/{id}")
        .scope("satisfaction_survey:read")
        .on(surveys::get),
    put("update_satisfaction_survey", "/api/satisfaction-surveys/{id}")
        .scope("satisfaction_survey:write")
        .json(&SURVEY)
        .on(surveys::update),
];
