//! Calls that are refused before anything is sent, with what to do instead.

use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::{gorgias, tool};
use serde_json::{Value, json};

#[tokio::test]
async fn what_cannot_be_meant_is_refused_with_the_way_out() {
    let many: Vec<u32> = (1..=31).collect();
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        // A condition stands in the view, and a saved view takes none.
        ("gorgias_views_search_items", json!({"view_id": 0}), "view", "required"),
        (
            "gorgias_views_search_items",
            json!({"view_id": 0, "view": {"search": "a"}, "status": "open"}),
            "status",
            "view.filters",
        ),
        (
            "gorgias_views_search_items",
            json!({"view_id": 0, "view": {"search": "a"}, "order_by": "priority"}),
            "order_by",
            "priority:desc",
        ),
        (
            "list_all_gorgias_view_items",
            json!({"view_id": 501, "filters": "isEmpty(ticket.assignee_user.id)"}),
            "filters",
            "gorgias_views_search_items",
        ),
        (
            "gorgias_search",
            json!({"type": "ticket", "query": "a"}),
            "type",
            "customer_profile",
        ),
        ("gorgias_search", json!({"type": "tag", "limit": 5}), "limit", "size"),
        // Nothing given would take every tag off.
        (
            "gorgias_ticket_tags_set",
            json!({"ticket_id": 9001}),
            "",
            "`ids`, `names`",
        ),
        (
            "gorgias_ticket_tags_add",
            json!({"ticket_id": 9001}),
            "",
            "`ids`, `names`",
        ),
        ("update_a_gorgias_tag_by_id", json!({"id": 12}), "", "decoration"),
        ("create_a_gorgias_tag", json!({"name": ""}), "name", "1"),
        // A message counts in one order only, and that order needs its ticket.
        (
            "list_all_gorgias_macros",
            json!({"ticket_id": 9001, "message_id": 70001, "order_by": "usage:desc"}),
            "order_by",
            "relevance",
        ),
        (
            "list_all_gorgias_macros",
            json!({"order_by": "relevance:desc"}),
            "ticket_id",
            "relevant to a ticket",
        ),
        ("gorgias_macros_archive", json!({ "ids": many }), "ids", "30"),
        (
            "create_a_gorgias_macro",
            json!({"name": "M", "actions": [{"name": "setStatus", "title": "S", "arguments": {"status": "solved"}}]}),
            "actions.0.arguments.status",
            "closed",
        ),
        // The value is the body, not a member of it.
        (
            "update_a_gorgias_ticket_field_value_by_id",
            json!({"ticket_id": 9001, "id": 5, "body": "a", "value": "a"}),
            "value",
            "body",
        ),
    ];
    let server = RawServer::start(|_, _| Reply::json(200, "{}")).await;
    for (name, arguments, argument, way_out) in cases {
        let told = tool(&gorgias(&server.host()), name, arguments.clone())
            .await
            .into_structured();
        let error = &told["error"];
        assert_eq!(error["code"], "invalid_arguments", "{name} {arguments}: {told:#}");
        let faults = error["arguments"].as_array().unwrap_or_else(|| panic!("{told:#}"));
        assert!(
            faults
                .iter()
                .any(|fault| fault["argument"] == argument && fault.to_string().contains(way_out)),
            "{name} {arguments}: no word of {way_out} at {argument}: {told:#}"
        );
    }
    assert!(server.take().is_empty(), "nothing was sent");
}
