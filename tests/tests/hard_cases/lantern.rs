//! A helpdesk whose spec was made of an OpenAPI document and not touched: what it sends is what the document describes.

use deskhand_runtime::{Code, Patch};
use deskhand_sample_lantern as lantern;
use deskhand_tests::server::Reply;
use serde_json::{Value, json};

use super::{Desk, connect, empty, ok, request, typed_code, with_cursor};

const HEADERS: [&str; 2] = ["accept: */*", "x-lantern-key: 0123456789abcdef"];

async fn desk(replies: Vec<Reply>) -> Desk {
    let account = [("tenant", "acme"), ("api_key", "0123456789abcdef")];
    Desk::start(&lantern::INTEGRATION, &account, "/api/v2", replies).await
}

fn to(line: &str, json: &str) -> String {
    let (method, target) = line.split_once(' ').unwrap();
    request(&format!("{method} /api/v2{target}"), &HEADERS, json)
}

#[test]
fn its_address_is_that_of_the_account() {
    let url = |settings: &[(&str, &str)]| {
        connect(&lantern::INTEGRATION, settings, None).map(|connection| connection.base_url().as_str().to_owned())
    };
    let key = ("api_key", "0123456789abcdef");
    assert_eq!(url(&[key]).unwrap(), "https://acme.eu.lantern.example/api/v2");
    let other = [("tenant", "my-desk"), ("region", "us"), key];
    assert_eq!(url(&other).unwrap(), "https://my-desk.us.lantern.example/api/v2");
    assert_eq!(
        url(&[("tenant", "evil.example/"), key]).unwrap_err().faults()[0].argument,
        "tenant"
    );
}

#[tokio::test]
async fn queries_are_written_in_the_styles_of_the_document() {
    let page = json!({"tickets": [{"id": 7, "subject": "Lamp"}], "meta": {"page": 2, "total_count": 31}});
    let desk = desk(vec![ok(page)]).await;
    let arguments = json!({
        "page": 2, "status": ["open", "waiting"], "label": ["a b", "c"], "created": {"after": "2026-01-02T03:04:05Z"},
        "facets": ["x", "y"], "x_request_source": "nightly run",
    });
    let answer = desk.ask("list_all_lantern_tickets", arguments).await;
    assert_eq!(answer["result"], json!([{"id": 7, "subject": "Lamp"}]));
    assert_eq!(answer["total"], json!(31));
    let target = "/api/v2/tickets?page=2&status=open,waiting&label%5B%5D=a%20b&label%5B%5D=c\
                  &created%5Bafter%5D=2026-01-02T03%3A04%3A05Z&facets=%5B%22x%22%2C%22y%22%5D";
    let headers = [HEADERS[0], HEADERS[1], "x-request-source: nightly run"];
    assert_eq!(desk.sent(), request(&format!("GET {target}"), &headers, ""));
    desk.refuses_only("list_all_lantern_tickets", json!({"status": ["spam"]}), "status.0")
        .await;
    desk.refuses_only("list_all_lantern_tickets", json!({"limit": 101}), "limit")
        .await;
}

#[tokio::test]
async fn a_ticket_is_made_changed_and_merged() {
    let desk = desk(vec![ok(json!({"ticket": {"id": 8, "subject": "Lamp", "more": 1}}))]).await;
    let arguments = json!({
        "subject": "Lamp", "requester": {"email": "jane@example.com", "name": "Jane"}, "priority": 4, "labels": ["a"],
    });
    let made = desk.ask("create_a_lantern_ticket", arguments).await;
    assert_eq!(made, json!({"id": 8, "subject": "Lamp", "more": 1}));
    let body =
        r#"{"subject":"Lamp","requester":{"name":"Jane","email":"jane@example.com"},"priority":4,"labels":["a"]}"#;
    assert_eq!(desk.sent(), to("POST /tickets", body));

    // Null empties; the body's own `limit` and number have other names here.
    let arguments =
        json!({"ticket_id": 8, "assignee_id": null, "clear": ["due"], "page_size": 3, "ticket_id_in_body": 9});
    desk.ask("update_a_lantern_ticket_by_id", arguments).await;
    let body = r#"{"assignee_id":null,"limit":3,"ticket-id":9,"due":null}"#;
    assert_eq!(desk.sent(), to("PATCH /tickets/8", body));

    desk.ask(
        "lantern_tickets_merge",
        json!({"ticket_id": 8, "into": 1, "mode": "keep"}),
    )
    .await;
    assert_eq!(desk.sent(), to("POST /tickets/8/merge", r#"{"into":1,"mode":"keep"}"#));

    let deleted = desk.ask("delete_a_lantern_ticket_by_id", json!({"ticket_id": 8})).await;
    assert_eq!(deleted, json!({"id": 8}));
    assert_eq!(desk.sent(), to("DELETE /tickets/8", ""));

    desk.refuses_only("create_a_lantern_ticket", json!({"subject": "Lamp"}), "requester")
        .await;
    let arguments = json!({"subject": "Lamp", "requester": {"email": "jane@example.com"}, "priority": 5});
    desk.refuses_only("create_a_lantern_ticket", arguments, "priority")
        .await;
}

#[tokio::test]
async fn a_list_goes_on_by_its_cursor() {
    let page =
        |number: u32, next: Value| ok(json!({"data": [{"id": number.to_string()}], "paging": {"next_cursor": next}}));
    let desk = desk(vec![page(1, json!("n/1")), page(2, Value::Null)]).await;
    let arguments = json!({"ticket_id": 8, "limit": 5});
    let first = desk.ask("list_all_lantern_ticket_comments", arguments.clone()).await;
    let arguments = with_cursor(&arguments, &first["next_cursor"]);
    let second = desk.ask("list_all_lantern_ticket_comments", arguments).await;
    assert_eq!(second["next_cursor"], Value::Null);
    let target = "GET /api/v2/tickets/8/comments";
    let expected = [format!("{target}?limit=5"), format!("{target}?cursor=n%2F1&limit=5")];
    assert_eq!(desk.targets(), expected);
}

#[tokio::test]
async fn bodies_are_lists_forms_and_parts_as_the_document_says() {
    let desk = desk(vec![empty(204)]).await;
    desk.ask("update_a_lantern_category", json!({"body": [3, 1]})).await;
    assert_eq!(desk.sent(), to("PUT /categories", "[3,1]"));

    desk.ask(
        "create_a_lantern_token",
        json!({"name": "ci & cd", "scopes": ["a", "b"]}),
    )
    .await;
    let headers = [
        HEADERS[0],
        "content-type: application/x-www-form-urlencoded",
        HEADERS[1],
    ];
    let sent = request("POST /api/v2/token", &headers, "");
    assert_eq!(desk.sent(), format!("{sent}name=ci%20%26%20cd&scopes=a&scopes=b"));

    let arguments = json!({"ticket_id": 8, "files": [{"name": "a.txt", "content_base64": "YQ=="}], "note": "one"});
    desk.ask("create_a_lantern_ticket_file", arguments).await;
    let headers = [
        HEADERS[0],
        "content-type: multipart/form-data; boundary=BOUNDARY",
        HEADERS[1],
    ];
    let parts = "--BOUNDARY\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\na\r\n\
                 --BOUNDARY\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\none\r\n--BOUNDARY--\r\n";
    let sent = request("POST /api/v2/tickets/8/files", &headers, "");
    assert_eq!(desk.sent(), format!("{sent}{parts}"));
}

#[tokio::test]
async fn errors_are_read_where_the_document_has_them() {
    let body = json!({"error": {"code": "gone", "message": "No such ticket"}});
    let reply = Reply::json(404, body.to_string());
    let desk = desk(vec![reply]).await;
    let error = desk
        .fail("get_single_lantern_ticket_by_id", json!({"ticket_id": 8}))
        .await;
    assert_eq!(
        (&error["code"], &error["message"]),
        (&json!("not_found"), &json!("HTTP 404 gone: No such ticket"))
    );
    assert_eq!(desk.sent(), to("GET /tickets/8", ""));
}

#[tokio::test]
async fn its_types_are_those_of_the_document() {
    let ticket = json!({"ticket": {
        "id": 7, "subject": "Lamp", "status": "waiting", "first-reply-at": null, "custom_fields": {"a": 1},
        "requester": {"id": "0e7c9b3a-5f0e-4b62-9b1e-0c0f6a1d2e3f", "name": "Jane", "email": "jane@example.com"},
    }});
    let good = desk(vec![ok(ticket)]).await;
    let ticket = good.typed(&lantern::GetTicket::new(7)).await.unwrap();
    assert_eq!(ticket.id, Some(lantern::TicketId(7)));
    assert_eq!(ticket.status, Some(lantern::TicketStatus::Waiting));
    assert_eq!(ticket.first_reply_at, None);
    let requester = ticket.requester.unwrap();
    assert_eq!(
        (requester.email.as_str(), requester.name.as_deref()),
        ("jane@example.com", Some("Jane"))
    );
    assert_eq!(good.sent(), to("GET /tickets/7", ""));

    let desk = desk(vec![Reply::json(404, "{}")]).await;
    let mut change = lantern::UpdateTicket::new(7);
    change.assignee_id = Patch::Clear;
    assert_eq!(typed_code(desk.typed(&change).await), Code::NotFound);
    assert_eq!(desk.sent(), to("PATCH /tickets/7", r#"{"assignee_id":null}"#));
}
