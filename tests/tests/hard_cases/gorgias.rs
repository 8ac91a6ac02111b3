//! Gorgias: used and limit in one header, deep objects, bare bodies, a redirect as an answer, 202 with and without a
//! body, DELETE with a body, files, and lists of words that grow.

use deskhand_runtime::limits::RateLimit;
use deskhand_runtime::record::{Names, to_object};
use deskhand_runtime::{Code, File, Patch, Redirect};
use deskhand_sample_gorgias as gorgias;
use deskhand_tests::server::{RawServer, Reply};
use serde_json::{Value, json};

use super::{Desk, code, connect, empty, ok, request, typed_code};

const ACCOUNT: [(&str, &str); 3] = [
    ("domain", "example-shop"),
    ("email", "agent@example.com"),
    ("api_key", "0123456789abcdef0123456789abcdef"),
];

/// Base64 of `agent@example.com:0123456789abcdef0123456789abcdef`.
pub(crate) const LOGIN: &str = "Basic YWdlbnRAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

pub(crate) async fn desk(replies: Vec<Reply>) -> Desk {
    Desk::start(&gorgias::INTEGRATION, &ACCOUNT, "", replies).await
}

/// A request as it must be; `json` is empty for no body.
pub(crate) fn to(method: &str, target: &str, json: &str) -> String {
    let login = format!("authorization: {LOGIN}");
    request(&format!("{method} {target}"), &["accept: */*", &login], json)
}

#[tokio::test]
async fn credentials_choose_the_scheme() {
    let key = [
        ("email", "agent@example.com"),
        ("api_key", "0123456789abcdef0123456789abcdef"),
    ];
    let token = [("access_token", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")];
    let bearer = "authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
    let basic = format!("authorization: {LOGIN}");
    for (credentials, header, name) in [
        (key.to_vec(), basic.as_str(), "api_key"),
        (token.to_vec(), bearer, "oauth2"),
        // Both: the first scheme of the spec.
        ([&key[..], &token[..]].concat(), bearer, "oauth2"),
        // Half a pair beside a token.
        ([&key[..1], &token[..]].concat(), bearer, "oauth2"),
    ] {
        let settings = [&[("domain", "example-shop")], credentials.as_slice()].concat();
        let desk = Desk::start(&gorgias::INTEGRATION, &settings, "", vec![ok(json!({"id": 1}))]).await;
        assert_eq!(desk.connection.scheme().unwrap().name, name);
        desk.ask("get_single_gorgias_ticket_by_id", json!({"id": 1})).await;
        assert_eq!(desk.sent(), request("GET /api/tickets/1", &["accept: */*", header], ""));
    }
    for half in [&key[..1], &key[1..], &[]] {
        let settings = [&[("domain", "example-shop")], half].concat();
        let error = connect(&gorgias::INTEGRATION, &settings, None).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArguments);
        assert!(
            error
                .faults()
                .iter()
                .any(|fault| fault.message.contains("is missing for")),
            "{error}"
        );
        assert!(!format!("{error} {error:?}").contains("0123456789abcdef"), "{error}");
    }
}

#[test]
fn the_domain_makes_the_address() {
    let url = |domain: &str| {
        let settings = [("domain", domain), ("access_token", "eyJhbGciOiJIUzI1NiJ9")];
        connect(&gorgias::INTEGRATION, &settings, None).map(|connection| connection.base_url().as_str().to_owned())
    };
    for domain in [
        "example-shop",
        "https://example-shop.gorgias.com/",
        " http://example-shop.gorgias.com",
    ] {
        assert_eq!(url(domain).unwrap(), "https://example-shop.gorgias.com", "{domain}");
    }
    for domain in [
        "",
        "evil.example",
        "a/b",
        "example-shop.gorgias.com.evil.example",
        "a@b",
        "a#b",
        "a:1",
        "-a",
    ] {
        assert_eq!(url(domain).unwrap_err().code(), Code::InvalidArguments, "{domain}");
    }
}

#[tokio::test]
async fn the_limit_is_told_by_every_answer() {
    let header = "X-Gorgias-Account-Api-Call-Limit";
    let fine = ok(json!({"id": 1})).header(header, "10/80");
    let desk = desk(vec![fine]).await;
    let told = RateLimit {
        limit: Some(80),
        remaining: Some(70),
        reset: None,
    };
    let outcome = desk.call("get_single_gorgias_ticket_by_id", json!({"id": 1})).await;
    assert_eq!(outcome.rate_limit, Some(told));
    assert_eq!(told.to_json(), json!({"limit": 80, "remaining": 70}));
    let response = desk
        .client::<gorgias::Api>()
        .send_with_limits(&gorgias::GetTicket::new(1))
        .await;
    assert_eq!(response.unwrap().rate_limit, Some(told));
    for odd in ["10", "a/b", "/", "-1/80", "10/80/1", ""] {
        let desk = super::gorgias::desk(vec![ok(json!({"id": 1})).header(header, odd)]).await;
        let outcome = desk.call("get_single_gorgias_ticket_by_id", json!({"id": 1})).await;
        assert_eq!((outcome.is_error(), outcome.rate_limit), (false, None), "{odd}");
    }
}

#[tokio::test]
async fn a_spent_limit_is_handed_over_with_its_wait() {
    let reply = Reply::json(429, r#"{"error":{"msg":"Too many requests"}}"#)
        .header("X-Gorgias-Account-Api-Call-Limit", "40/40")
        .header("Retry-after", "12");
    let desk = desk(vec![reply]).await;
    let outcome = desk
        .call("update_a_gorgias_ticket_by_id", json!({"id": 5, "status": "closed"}))
        .await;
    assert_eq!(desk.sent(), to("PUT", "/api/tickets/5", r#"{"status":"closed"}"#));
    assert_eq!(outcome.status, Some(429));
    assert_eq!(
        outcome.rate_limit.unwrap().to_json(),
        json!({"limit": 40, "remaining": 0, "reset": 12})
    );
    let error = &outcome.to_structured()["error"];
    assert_eq!(
        (code(error), &error["status"], &error["origin"], &error["retry_after"]),
        ("rate_limited", &json!(429), &json!("upstream"), &json!(12))
    );
    assert_eq!(error["ratelimit"], json!({"limit": 40, "remaining": 0, "reset": 12}));
    assert_eq!(error["message"], json!("HTTP 429: Too many requests"));
    assert_eq!(error["upstream"], json!({"error": {"msg": "Too many requests"}}));
    assert!(error["reset_at"].as_str().unwrap().ends_with('Z'));
    let typed = desk.typed(&gorgias::GetTicket::new(5)).await.unwrap_err();
    assert_eq!(typed.retry_after().unwrap().as_secs(), 12);
    assert_eq!(desk.requests().len(), 1);
}

#[tokio::test]
async fn failures_say_what_the_vendor_says() {
    let refused = json!({"error": {"msg": "Wrong parameters", "data": {"ids": ["Unknown field."]}}});
    for (status, body, expected, message) in [
        (400, refused.to_string(), "upstream_error", "HTTP 400: Wrong parameters"),
        (
            401,
            r#"{"error":{"msg":"Unauthorized"}}"#.into(),
            "unauthorized",
            "HTTP 401: Unauthorized",
        ),
        (
            403,
            r#"{"error":{"msg":"No scope"}}"#.into(),
            "forbidden",
            "HTTP 403: No scope",
        ),
        (
            404,
            r#"{"error":{"msg":"No such ticket"}}"#.into(),
            "not_found",
            "HTTP 404: No such ticket",
        ),
        (
            409,
            r#"{"error":{"msg":"In use"}}"#.into(),
            "conflict",
            "HTTP 409: In use",
        ),
        // A gateway speaks HTML, or nothing.
        (
            502,
            "<html><body><h1>Bad Gateway</h1></body></html>".into(),
            "upstream_error",
            "HTTP 502: Bad Gateway",
        ),
        (503, String::new(), "upstream_error", "HTTP 503: Service Unavailable"),
        (413, String::new(), "payload_too_large", "HTTP 413: Payload Too Large"),
    ] {
        let desk = desk(vec![Reply::json(status, body)]).await;
        let error = desk.fail("gorgias_tags_bulk_delete", json!({"ids": [1]})).await;
        assert_eq!((code(&error), &error["message"]), (expected, &json!(message)));
        assert_eq!(error["status"], json!(status));
        assert_eq!(desk.requests().len(), 1);
        if status == 400 {
            assert_eq!(error["upstream"], refused);
            assert!(
                error["hint"].as_str().unwrap().contains("refuses unknown parameters"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn objects_and_lists_in_a_query_are_written_as_the_vendor_reads_them() {
    let list = json!({"data": [], "object": "list", "meta": {"next_cursor": null, "prev_cursor": null}});
    let desk = desk(vec![ok(list)]).await;
    let day = "2026-01-31T00:00:00+02:00";
    for (tool, arguments, target) in [
        (
            "list_all_gorgias_events",
            json!({"created_datetime": {"gt": day, "lte": "2026-02-01"}, "types": ["ticket-created", "a&b"]}),
            "/api/events?created_datetime%5Bgt%5D=2026-01-31T00%3A00%3A00%2B02%3A00&created_datetime%5Blte%5D=2026-02-01\
             &types=ticket-created&types=a%26b",
        ),
        (
            "list_all_gorgias_events",
            json!({"created_datetime": "{\"gte\": \"2026-01-31\"}", "object_type": "Ticket", "object_id": 12}),
            "/api/events?created_datetime%5Bgte%5D=2026-01-31&object_type=Ticket&object_id=12",
        ),
        (
            "list_all_gorgias_tickets",
            json!({"ticket_ids": [1, "2", 9_007_199_254_740_993_i64], "order_by": "updated_datetime:desc", "trashed": "false"}),
            "/api/tickets?ticket_ids=1&ticket_ids=2&ticket_ids=9007199254740993&trashed=false\
             &order_by=updated_datetime%3Adesc",
        ),
        (
            "list_all_gorgias_tickets",
            json!({"limit": 100, "external_id": "a b/c", "ticket_ids": "[3]"}),
            "/api/tickets?limit=100&external_id=a%20b%2Fc&ticket_ids=3",
        ),
        (
            "list_all_gorgias_custom_fields",
            json!({"object_type": "Ticket", "archived": true}),
            "/api/custom-fields?object_type=Ticket&archived=true",
        ),
    ] {
        let answer = desk.ask(tool, arguments).await;
        assert_eq!(answer, json!({"result": [], "next_cursor": null, "result_count": 0}));
        assert_eq!(desk.sent(), to("GET", target, ""));
    }
    for (tool, arguments, argument) in [
        (
            "list_all_gorgias_events",
            json!({"created_datetime": {"gt": day, "gte": day}}),
            "created_datetime",
        ),
        (
            "list_all_gorgias_events",
            json!({"created_datetime": {"gt": "noon"}}),
            "created_datetime.gt",
        ),
        (
            "list_all_gorgias_events",
            json!({"created_datetime": {"after": day}}),
            "created_datetime.after",
        ),
        ("list_all_gorgias_events", json!({"object_type": "Ticket"}), "object_id"),
        ("list_all_gorgias_tickets", json!({"ticket_ids": []}), "ticket_ids"),
        ("list_all_gorgias_tickets", json!({"status": "open"}), "status"),
        ("list_all_gorgias_tickets", json!({"limit": 101}), "limit"),
        ("list_all_gorgias_custom_fields", json!({}), "object_type"),
    ] {
        desk.refuses_only(tool, arguments, argument).await;
    }
    let many: Vec<i64> = (1..=101).collect();
    desk.refuses_only("list_all_gorgias_tickets", json!({ "ticket_ids": many }), "ticket_ids")
        .await;

    let mut call = gorgias::ListEvents::new();
    let mut range = gorgias::DateRange::new();
    range.gt = Some(day.into());
    call.created_datetime = Some(range);
    call.object_type = Some(gorgias::EventObject::Unknown("Widget".into()));
    call.object_id = Some(7);
    desk.typed(&call).await.unwrap();
    let target =
        "/api/events?created_datetime%5Bgt%5D=2026-01-31T00%3A00%3A00%2B02%3A00&object_type=Widget&object_id=7";
    assert_eq!(desk.sent(), to("GET", target, ""));
}

/// A ticket as the vendor might send it, with words and members that no spec knows.
fn ticket() -> Value {
    json!({
        "id": 123_456_789_012_i64,
        "uri": "/api/tickets/123456789012",
        "external_id": null,
        "subject": "Where is it?",
        "status": "on-hold",
        "priority": "urgent",
        "channel": "tiktok-shop",
        "customer": {"id": 7, "email": null, "name": "A customer", "firstname": "A", "lastname": "", "meta": {"a": [1, 2.5]}},
        "assignee_user": {"id": 3, "email": "agent@example.com", "bio": null},
        "assignee_team": null,
        "tags": [{"id": 1, "name": "vip", "decoration": {"color": "#fff"}, "usage": 12}],
        "custom_fields": {"12": {"id": 12, "value": "Damaged"}, "13": null},
        "messages": [{
            "id": 1, "ticket_id": 123_456_789_012_i64, "public": false, "channel": "internal-note", "via": "ai-agent",
            "source": {"type": "whatsapp-ad", "from": {"name": null, "address": "a@example.com"}, "to": [], "extra": {"x": 1}},
            "sender": {"id": 3}, "receiver": null, "from_agent": true, "subject": null, "body_text": "Note",
            "attachments": [{"url": "https://example.com/a", "name": "a.png", "content_type": "image/png", "size": null}],
            "sent_datetime": "2026-01-31T09:30:00.123456", "failed_datetime": null, "last_sending_error": {"error": "x"},
            "rule_id": null,
        }],
        "created_datetime": "2026-01-31T09:30:00.123456",
        "snooze_datetime": null,
        "spam": false,
        "satisfaction_survey": {"score": 4.5},
    })
}

#[tokio::test]
async fn what_the_spec_does_not_know_is_kept() {
    let desk = desk(vec![ok(ticket())]).await;
    let arguments = json!({"id": 123_456_789_012_i64, "relationships": ["custom_fields"]});
    let answer = desk.ask("get_single_gorgias_ticket_by_id", arguments).await;
    assert_eq!(answer.to_string(), ticket().to_string());
    let sent = to("GET", "/api/tickets/123456789012?relationships=custom_fields", "");
    assert_eq!(desk.sent(), sent);

    let mut call = gorgias::GetTicket::new(123_456_789_012);
    call.relationships = Some(vec![gorgias::TicketRelationship::CustomFields]);
    let typed = desk.typed(&call).await.unwrap();
    assert_eq!(desk.sent(), sent);
    assert_eq!(typed.status, Some(gorgias::TicketStatus::Unknown("on-hold".into())));
    assert_eq!(typed.priority, Some(gorgias::TicketPriority::Unknown("urgent".into())));
    assert_eq!(typed.channel, Some(gorgias::Channel::Unknown("tiktok-shop".into())));
    assert_eq!(typed.external_id, Patch::Clear);
    let message = &typed.messages.as_ref().unwrap()[0];
    assert_eq!(message.channel, Some(gorgias::Channel::InternalNote));
    assert_eq!(message.via, Some(gorgias::Via::Unknown("ai-agent".into())));
    assert_eq!(Value::Object(to_object(&typed, Names::Wire)), ticket());
}

#[tokio::test]
async fn several_words_in_one_parameter_are_joined_by_commas() {
    let desk = desk(vec![ok(json!({"id": 1}))]).await;
    let tool = "get_single_gorgias_ticket_by_id";
    // The same word twice, as nothing forbids it: the vendor decides.
    desk.ask(
        tool,
        json!({"id": 1, "relationships": ["custom_fields", "custom_fields"]}),
    )
    .await;
    assert_eq!(
        desk.sent(),
        to("GET", "/api/tickets/1?relationships=custom_fields,custom_fields", "")
    );
    desk.ask(tool, json!({"id": 1, "relationships": []})).await;
    assert_eq!(desk.sent(), to("GET", "/api/tickets/1", ""));
    desk.refuses_only(
        tool,
        json!({"id": 1, "relationships": ["everything"]}),
        "relationships.0",
    )
    .await;
}

#[tokio::test]
async fn a_ticket_is_changed_by_what_is_given() {
    let desk = desk(vec![Reply::json(202, json!({"id": 5, "status": "open"}).to_string())]).await;
    let tool = "update_a_gorgias_ticket_by_id";
    for (arguments, body) in [
        (
            json!({"id": 5, "status": "closed", "priority": "critical"}),
            r#"{"status":"closed","priority":"critical"}"#,
        ),
        (
            json!({"id": 5, "clear": ["assignee_user", "snooze_datetime"], "subject": null}),
            r#"{"subject":null,"assignee_user":null,"snooze_datetime":null}"#,
        ),
        (
            json!({"id": 5, "assignee_user": {"id": 3}, "assignee_team": {"id": 4, "name": "Support"}}),
            // A name is what answers hold.
            r#"{"assignee_user":{"id":3},"assignee_team":{"id":4}}"#,
        ),
        (
            json!({"id": 5, "tags": [{"name": "VIP"}], "custom_fields": [{"id": 1, "value": null}, {"id": 2, "value": 3.5}]}),
            r#"{"tags":[{"name":"VIP"}],"custom_fields":[{"id":1,"value":null},{"id":2,"value":3.5}]}"#,
        ),
        (json!({"id": 5, "tags": []}), r#"{"tags":[]}"#),
    ] {
        let answer = desk.ask(tool, arguments).await;
        assert_eq!(answer, json!({"id": 5, "status": "open"}));
        assert_eq!(desk.sent(), to("PUT", "/api/tickets/5", body));
    }
    for (arguments, argument) in [
        (json!({"id": 5}), ""),
        (json!({"id": 5, "status": "solved"}), "status"),
        (json!({"id": 5, "subject": "x".repeat(999)}), "subject"),
        (json!({"id": 5, "custom_fields": [{"id": 1}]}), "custom_fields.0.value"),
        (json!({"id": 5, "clear": ["status"]}), "clear.0"),
        (json!({"status": "open"}), "id"),
    ] {
        let error = desk.refused(tool, arguments.clone()).await;
        assert_eq!(
            error["arguments"][0]["argument"],
            json!(argument),
            "{arguments}: {error:#}"
        );
    }
    let mut call = gorgias::UpdateTicket::new(5);
    call.assignee_user = Patch::Clear;
    call.tags = Patch::Value(vec![gorgias::TagName::new("VIP")]);
    let typed = desk.typed(&call).await.unwrap();
    assert_eq!(typed.status, Some(gorgias::TicketStatus::Open));
    assert_eq!(
        desk.sent(),
        to(
            "PUT",
            "/api/tickets/5",
            r#"{"assignee_user":null,"tags":[{"name":"VIP"}]}"#
        )
    );
}

#[tokio::test]
async fn accepted_with_and_without_a_body_is_done() {
    let customer = json!({"id": 9, "email": null, "integrations": {"5": {"x": 1}}, "data": {"vip": true}});
    let tool = "gorgias_customers_set_data";
    let arguments =
        json!({"customer_id": 9, "data": {"vip": true, "list": [1, null]}, "version": "2026-01-31T09:30:00Z"});
    let body = r#"{"data":{"vip":true,"list":[1,null]},"version":"2026-01-31T09:30:00Z"}"#;
    for (reply, expected, there) in [
        (Reply::json(202, customer.to_string()), customer.clone(), true),
        (empty(202), json!({"ok": true}), false),
        (Reply::json(202, ""), json!({"ok": true}), false),
        (Reply::json(200, "null"), json!({"ok": true}), false),
    ] {
        let desk = desk(vec![reply]).await;
        assert_eq!(desk.ask(tool, arguments.clone()).await, expected);
        assert_eq!(desk.sent(), to("PUT", "/api/customers/9/data", body));
        let typed = desk
            .typed(&gorgias::SetCustomerData::new(9, json!({"vip": true})))
            .await
            .unwrap();
        assert_eq!(typed.is_some(), there);
        assert_eq!(
            desk.sent(),
            to("PUT", "/api/customers/9/data", r#"{"data":{"vip":true}}"#)
        );
    }
    // Any JSON may be the data, and null is one.
    let desk = desk(vec![empty(202)]).await;
    for (data, written) in [
        (json!("text"), r#""text""#),
        (json!([1]), "[1]"),
        (json!(0), "0"),
        (json!("{\"a\":1}"), r#""{\"a\":1}""#),
    ] {
        desk.ask(tool, json!({"customer_id": 9, "data": data})).await;
        assert_eq!(
            desk.sent(),
            to("PUT", "/api/customers/9/data", &format!(r#"{{"data":{written}}}"#))
        );
    }
    // A merged customer: the redirect is not followed, and told.
    let moved = Reply::json(301, "").header("Location", "/api/customers/10/data");
    let desk = super::gorgias::desk(vec![moved]).await;
    let error = desk.fail(tool, arguments).await;
    assert_eq!(
        (code(&error), &error["status"]),
        ("upstream_invalid_response", &json!(301))
    );
    assert!(
        error["message"].as_str().unwrap().contains("/api/customers/10/data"),
        "{error}"
    );
    assert_eq!(desk.requests().len(), 1);
}

#[tokio::test]
async fn tags_come_bare_or_wrapped_or_not_at_all() {
    let tags = json!([{"id": 1, "name": "VIP", "description": null, "new": true}, {"id": 2, "name": "vip"}]);
    let wrapped = json!({"data": tags, "object": "list", "meta": {"next_cursor": null}});
    for body in [tags.clone(), wrapped] {
        let desk = desk(vec![ok(body)]).await;
        let answer = desk.ask("list_all_gorgias_ticket_tags", json!({"ticket_id": 5})).await;
        assert_eq!(answer, json!({"result": tags, "next_cursor": null, "result_count": 2}));
        assert_eq!(desk.sent(), to("GET", "/api/tickets/5/tags", ""));
        let typed = desk.typed(&gorgias::ListTicketTags::new(5)).await.unwrap();
        let back: Vec<Value> = typed
            .items
            .iter()
            .map(|tag| to_object(tag, Names::Wire).into())
            .collect();
        assert_eq!((json!(back), typed.next), (tags.clone(), None));
    }
    for reply in [empty(202), ok(json!([])), ok(json!({"data": []})), empty(204)] {
        let desk = desk(vec![reply]).await;
        let answer = desk
            .ask(
                "gorgias_ticket_tags_set",
                json!({"ticket_id": 5, "ids": [1], "names": ["VIP"]}),
            )
            .await;
        assert_eq!(answer, json!({"result": [], "next_cursor": null, "result_count": 0}));
        assert_eq!(
            desk.sent(),
            to("PUT", "/api/tickets/5/tags", r#"{"ids":[1],"names":["VIP"]}"#)
        );
        let mut call = gorgias::SetTicketTags::new(5);
        call.names = Some(vec!["VIP".into()]);
        assert_eq!(desk.typed(&call).await.unwrap().items, []);
        assert_eq!(desk.sent(), to("PUT", "/api/tickets/5/tags", r#"{"names":["VIP"]}"#));
    }
    // A read that is empty, or no list, is none.
    for body in ["", "{}", "\"text\"", "{\"data\":{}}"] {
        let desk = desk(vec![Reply::json(200, body)]).await;
        let error = desk.fail("list_all_gorgias_ticket_tags", json!({"ticket_id": 5})).await;
        assert_eq!(code(&error), "upstream_invalid_response", "{body}");
    }
}

#[tokio::test]
async fn a_body_may_be_a_bare_list() {
    let stored = json!([{"field": {"id": 1, "definition": {"data_type": "number", "input_settings": {"min": 0.5}}}, "value": 3}]);
    let desk = desk(vec![Reply::json(202, stored.to_string())]).await;
    let tool = "gorgias_ticket_field_values_bulk_update";
    let values = r#"[{"id":1,"value":"abc"},{"id":2,"value":3},{"id":3,"value":true},{"id":4,"value":null}]"#;
    let parsed: Value = serde_json::from_str(values).unwrap();
    for given in [parsed.clone(), json!(values)] {
        let answer = desk.ask(tool, json!({"ticket_id": 5, "body": given})).await;
        assert_eq!(
            answer,
            json!({"result": stored, "next_cursor": null, "result_count": 1})
        );
        assert_eq!(desk.sent(), to("PUT", "/api/tickets/5/custom-fields", values));
    }
    desk.ask(tool, json!({"ticket_id": 5, "body": []})).await;
    assert_eq!(desk.sent(), to("PUT", "/api/tickets/5/custom-fields", "[]"));
    for (body, argument) in [
        (json!({"id": 1, "value": "abc"}), "body"),
        (json!([{"id": 1}]), "body.0.value"),
        (json!([{"value": 1}]), "body.0.id"),
        (json!([{"id": 1, "value": [1]}]), "body.0.value"),
        (json!("abc"), "body"),
    ] {
        desk.refuses_only(tool, json!({"ticket_id": 5, "body": body}), argument)
            .await;
    }
    desk.refuses_only(tool, json!({"ticket_id": 5}), "body").await;
    let mut values = [gorgias::FieldValue::new(1), gorgias::FieldValue::new(4)];
    values[0].value = Patch::Value(json!("abc"));
    values[1].value = Patch::Clear;
    let typed = desk
        .typed(&gorgias::UpdateTicketFieldValues::new(5, values))
        .await
        .unwrap();
    assert_eq!(
        desk.sent(),
        to(
            "PUT",
            "/api/tickets/5/custom-fields",
            r#"[{"id":1,"value":"abc"},{"id":4,"value":null}]"#
        )
    );
    assert_eq!(typed.items[0].value, Patch::Value(json!(3)));
    assert_eq!(Value::Object(to_object(&typed.items[0], Names::Wire)), stored[0]);
}

#[tokio::test]
async fn a_body_may_be_a_bare_value() {
    let stored = json!({"field": {"id": 7}, "value": "abc"});
    let desk = desk(vec![Reply::json(202, stored.to_string())]).await;
    let tool = "update_a_gorgias_ticket_field_value_by_id";
    for (given, written) in [
        (json!("abc"), r#""abc""#),
        (json!(3), "3"),
        (json!(0.25), "0.25"),
        (json!(true), "true"),
        // Text is text, also where it looks like something else.
        (json!("3"), r#""3""#),
        (json!("true"), r#""true""#),
        (json!(""), r#""""#),
        (json!("a\"b\n"), r#""a\"b\n""#),
    ] {
        let answer = desk.ask(tool, json!({"ticket_id": 5, "id": 7, "body": given})).await;
        assert_eq!(answer, stored);
        assert_eq!(desk.sent(), to("PUT", "/api/tickets/5/custom-fields/7", written));
        let call = gorgias::UpdateTicketFieldValue::new(5, 7, given);
        assert_eq!(desk.typed(&call).await.unwrap(), stored);
        assert_eq!(desk.sent(), to("PUT", "/api/tickets/5/custom-fields/7", written));
    }
    for wrong in [json!([1]), json!({"a": 1}), Value::Null] {
        desk.refuses_only(tool, json!({"ticket_id": 5, "id": 7, "body": wrong}), "body")
            .await;
    }
    // A list may come back as well.
    let desk = super::gorgias::desk(vec![ok(json!([stored]))]).await;
    let answer = desk.ask(tool, json!({"ticket_id": 5, "id": 7, "body": "abc"})).await;
    assert_eq!(answer, json!({"result": [stored]}));
}

#[tokio::test]
async fn a_put_may_only_look() {
    let found = json!({"data": [{"id": 1, "channel": "email"}], "meta": {"next_items": null}});
    let desk = desk(vec![ok(found)]).await;
    let arguments = json!({
        "view_id": 9, "direction": "next", "ignored_item": 4, "limit": 2,
        "view": {"filters": "eq(ticket.status, 'open') && isEmpty(ticket.assignee_user.id)", "search": "refund"},
    });
    let answer = desk.ask("gorgias_views_search_items", arguments).await;
    assert_eq!(
        answer,
        json!({"result": [{"id": 1, "channel": "email"}], "next_cursor": null, "result_count": 1})
    );
    let body =
        r#"{"view":{"filters":"eq(ticket.status, 'open') && isEmpty(ticket.assignee_user.id)","search":"refund"}}"#;
    let target = "/api/views/9/items?direction=next&ignored_item=4&limit=2";
    assert_eq!(desk.sent(), to("PUT", target, body));
}

#[tokio::test]
async fn several_are_deleted_by_a_body() {
    let desk = desk(vec![empty(204)]).await;
    for ids in [json!([1, 2]), json!("[1,2]"), json!(["1", "2"])] {
        let answer = desk.ask("gorgias_tags_bulk_delete", json!({ "ids": ids })).await;
        assert_eq!(answer, json!({"ok": true}));
        assert_eq!(desk.sent(), to("DELETE", "/api/tags", r#"{"ids":[1,2]}"#));
    }
    desk.refuses_only("gorgias_tags_bulk_delete", json!({"ids": []}), "ids")
        .await;
    desk.refuses_only("gorgias_tags_bulk_delete", json!({"ids": [1, "x"]}), "ids.1")
        .await;
    desk.typed(&gorgias::DeleteTags::new([gorgias::TagId(1), gorgias::TagId(2)]))
        .await
        .unwrap();
    assert_eq!(desk.sent(), to("DELETE", "/api/tags", r#"{"ids":[1,2]}"#));
}

#[tokio::test]
async fn merging_has_numbers_in_the_query_and_values_in_the_body() {
    let customer = json!({"id": 2, "email": "user@example.com", "name": null});
    let desk = desk(vec![Reply::json(202, customer.to_string())]).await;
    let tool = "gorgias_customers_merge";
    for (arguments, body) in [
        (json!({"source_id": 1, "target_id": 2}), "{}"),
        (
            json!({"source_id": 1, "target_id": 2, "email": "user@example.com", "name": null}),
            r#"{"email":"user@example.com","name":null}"#,
        ),
        (
            json!({"source_id": "1", "target_id": 2, "clear": ["email"]}),
            r#"{"email":null}"#,
        ),
    ] {
        assert_eq!(desk.ask(tool, arguments).await, customer);
        assert_eq!(
            desk.sent(),
            to("PUT", "/api/customers/merge?source_id=1&target_id=2", body)
        );
    }
    let error = desk.refused(tool, json!({"target_id": 2, "email": "no address"})).await;
    let places: Vec<&Value> = error["arguments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["argument"])
        .collect();
    assert_eq!(places, [&json!("source_id"), &json!("email")]);
    // A personal value is not repeated in an error.
    assert!(!error.to_string().contains("no address"), "{error}");
    let mut call = gorgias::MergeCustomers::new(1, 2);
    call.name = Patch::Clear;
    let typed = desk.typed(&call).await.unwrap();
    assert_eq!((typed.id, typed.name), (Some(gorgias::CustomerId(2)), Patch::Clear));
    assert_eq!(
        desk.sent(),
        to(
            "PUT",
            "/api/customers/merge?source_id=1&target_id=2",
            r#"{"name":null}"#
        )
    );
}

#[tokio::test]
async fn files_are_sent_byte_by_byte() {
    let uploaded = json!([
        {"url": "https://example.com/a", "name": "a.png", "content_type": "image/png", "size": "7"},
        {"url": "https://example.com/b", "name": "b", "content_type": "text/plain", "size": 0},
    ]);
    let desk = desk(vec![Reply::json(201, uploaded.to_string())]).await;
    let arguments = json!({
        "type": "public_attachment",
        "file": [
            // Bytes that are no text: 00 ff 0d 0a 2d 2d 80.
            {"name": "a \"quoted\".png", "media_type": "image/png", "content_base64": "AP8NCi0tgA=="},
            {"name": "\u{fc}ber.txt", "content_base64": ""},
        ],
    });
    let answer = desk.ask("gorgias_files_upload", arguments).await;
    assert_eq!(
        answer,
        json!({"result": uploaded, "next_cursor": null, "result_count": 2})
    );
    let mut expected = Vec::new();
    expected.extend_from_slice(
        b"--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22quoted%22.png\"\r\n",
    );
    expected.extend_from_slice(b"Content-Type: image/png\r\n\r\n\x00\xff\r\n--\x80\r\n");
    expected.extend_from_slice(
        b"--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\xc3\xbcber.txt\"\r\n",
    );
    expected.extend_from_slice(b"Content-Type: application/octet-stream\r\n\r\n\r\n--BOUNDARY--\r\n");
    let seen = desk.server.take();
    assert_eq!(seen.len(), 1);
    let normal = deskhand_tests::cases::normalised(seen[0].clone());
    assert_eq!(normal.body, expected, "{normal:?}");
    assert_eq!(
        (seen[0].method.as_str(), seen[0].target.as_str()),
        ("POST", "/api/upload?type=public_attachment")
    );
    assert_eq!(seen[0].header("content-type").len(), 1);
    assert!(seen[0].header("content-type")[0].starts_with("multipart/form-data; boundary="));
    assert_eq!(seen[0].header("authorization"), [LOGIN]);
    assert_eq!(seen[0].header("content-length"), [seen[0].body.len().to_string()]);

    let call = gorgias::UploadFiles::new([File {
        name: "b".into(),
        media_type: "text/plain".into(),
        content: b"hello".to_vec(),
    }]);
    let typed = desk.typed(&call).await.unwrap();
    let back: Vec<Value> = typed
        .items
        .iter()
        .map(|item| to_object(item, Names::Wire).into())
        .collect();
    assert_eq!(json!(back), uploaded);
    let body = "--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b\"\r\nContent-Type: text/plain\r\n\r\n\
                hello\r\n--BOUNDARY--\r\n";
    let login = format!("authorization: {LOGIN}");
    let headers = [
        "accept: */*",
        login.as_str(),
        "content-type: multipart/form-data; boundary=BOUNDARY",
    ];
    assert_eq!(
        desk.sent(),
        format!("{}{body}", request("POST /api/upload", &headers, ""))
    );

    for (file, argument) in [
        (json!([]), "file"),
        (json!([{"name": "a"}]), "file.0"),
        (json!([{"name": "a", "content_base64": "%%%"}]), "file.0.content_base64"),
        (json!([{"name": "a/b", "content_base64": ""}]), "file.0.name"),
        (json!([{"name": "a\r\nX: y", "content_base64": ""}]), "file.0.name"),
        (
            json!([{"name": "a", "media_type": "image/png\r\nX: y", "content_base64": ""}]),
            "file.0.media_type",
        ),
    ] {
        desk.refuses_only("gorgias_files_upload", json!({ "file": file }), argument)
            .await;
    }
}

#[tokio::test]
async fn a_redirect_may_be_the_answer_and_is_never_followed() {
    // Where it points to: nobody may ever call there.
    let storage = RawServer::start(|_, _| ok(json!({"leaked": true}))).await;
    let signed = format!("http://{}/bucket/a.png?X-Signature=abc%2Fdef", storage.host());
    let desk = desk(vec![empty(307).header("Location", &signed)]).await;
    let arguments = json!({"file_type": "attachments", "domain_hash": "a/b", "resource_name": "my file.png"});
    let answer = desk.ask("gorgias_files_download", arguments).await;
    assert_eq!(answer, json!({ "location": signed }));
    let sent = to("GET", "/api/attachments/download/a%2Fb/my%20file.png", "");
    assert_eq!(desk.sent(), sent);
    let call = gorgias::DownloadFile::new("attachments", "a/b", "my file.png");
    let typed = desk.typed(&call).await.unwrap();
    assert_eq!(
        typed,
        Redirect {
            location: signed.clone()
        }
    );
    assert!(!format!("{typed:?}").contains("X-Signature"), "{typed:?}");
    assert_eq!(desk.sent(), sent);
    assert_eq!(storage.take().len(), 0);

    // Relative to the request; or no answer at all.
    let desk = super::gorgias::desk(vec![empty(302).header("Location", "../x/signed?a=1")]).await;
    let host = desk.server.host();
    let arguments = json!({"file_type": "attachments", "domain_hash": "b", "resource_name": "c"});
    let answer = desk.ask("gorgias_files_download", arguments.clone()).await;
    assert_eq!(
        answer,
        json!({"location": format!("http://{host}/api/attachments/download/x/signed?a=1")})
    );
    for reply in [
        empty(307),
        empty(307).header("Location", "javascript:alert(1)"),
        empty(307).header("Location", "file:///etc/passwd"),
        ok(json!({"a": 1})),
    ] {
        let desk = super::gorgias::desk(vec![reply]).await;
        let error = desk.fail("gorgias_files_download", arguments.clone()).await;
        assert_eq!(code(&error), "upstream_invalid_response");
    }
    // Where no redirect is expected, it is an error; and still not followed.
    let desk = super::gorgias::desk(vec![empty(307).header("Location", &signed)]).await;
    let error = desk.fail("list_all_gorgias_tickets", json!({})).await;
    assert_eq!(
        (code(&error), &error["status"]),
        ("upstream_invalid_response", &json!(307))
    );
    assert!(!error.to_string().contains("X-Signature"), "{error}");
    assert_eq!((desk.requests().len(), storage.take().len()), (1, 0));
    for hostile in ["..", ".", "", "a\nb"] {
        let arguments = json!({"file_type": hostile, "domain_hash": "b", "resource_name": "c"});
        desk.refuses_only("gorgias_files_download", arguments, "file_type")
            .await;
    }
}

#[tokio::test]
async fn a_message_is_checked_by_its_channel() {
    let created = json!({"id": 1, "ticket_id": 5, "channel": "internal-note", "via": "api", "public": false});
    let desk = desk(vec![Reply::json(201, created.to_string())]).await;
    let tool = "create_a_gorgias_message";
    let note = json!({
        "ticket_id": 5, "channel": "internal-note", "via": "api", "from_agent": true, "public": false,
        "sender": {"id": 3}, "body_text": "For us only", "mention_ids": [4],
    });
    assert_eq!(desk.ask(tool, note.clone()).await, created);
    let body = concat!(
        r#"{"channel":"internal-note","via":"api","from_agent":true,"sender":{"id":3},"body_text":"For us only","#,
        r#""public":false,"mention_ids":[4]}"#
    );
    assert_eq!(desk.sent(), to("POST", "/api/tickets/5/messages", body));

    let mut to_customer = note.clone();
    to_customer["receiver"] = json!({"email": "user@example.com"});
    let message = desk.refuses_only(tool, to_customer, "receiver").await;
    assert!(
        message.contains("internal-note") && message.contains("nobody outside"),
        "{message}"
    );
    let mut with_source = note.clone();
    with_source["source"] = json!({"type": "email", "to": [{"address": "user@example.com"}]});
    desk.refuses_only(tool, with_source, "source").await;
    let mut anonymous = note.clone();
    anonymous.as_object_mut().unwrap().remove("sender");
    let error = desk.refused(tool, anonymous).await;
    assert_eq!(error["arguments"][0]["argument"], json!("sender"));
    let mut silent = note.clone();
    silent.as_object_mut().unwrap().remove("body_text");
    let error = desk.refused(tool, silent).await;
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("at least one of `body_text`, `body_html`"),
        "{error}"
    );
    // What is public is no note, and what is hidden is one.
    let mut public = note.clone();
    public["public"] = json!(true);
    let message = desk.refuses_only(tool, public, "public").await;
    assert_eq!(
        message,
        "must be false when `channel` is internal-note: an internal note goes to nobody outside"
    );
    let mut hidden = note.clone();
    hidden["channel"] = json!("chat");
    let message = desk.refuses_only(tool, hidden.clone(), "channel").await;
    assert_eq!(
        message,
        "must be internal-note or phone when `public` is false: only these keep a text from the customer"
    );
    // Any of the values will do, and what is left out or wrong in itself is not told again.
    hidden["channel"] = json!("phone");
    desk.ask(tool, hidden).await;
    assert_eq!(desk.requests().len(), 1);
    let mut unsaid = note.clone();
    unsaid.as_object_mut().unwrap().remove("public");
    desk.ask(tool, unsaid).await;
    assert_eq!(desk.requests().len(), 1);
    let mut unclear = note.clone();
    unclear["public"] = json!("maybe");
    desk.refuses_only(tool, unclear, "public").await;
    // However the word is written.
    let mut loud = note;
    loud["channel"] = json!("Internal-Note");
    loud["receiver"] = json!({"id": 7});
    desk.refuses_only(tool, loud, "receiver").await;

    let mail = json!({
        "ticket_id": 5, "action": "cancel", "channel": "email", "via": "api", "from_agent": true,
        "source": {"type": "email", "from": {"name": null, "address": "shop@example.com"},
                   "to": [{"name": "A customer", "address": "user@example.com"}], "cc": []},
        "sender": {"email": "agent@example.com"}, "receiver": {"id": 7}, "body_html": "<p>Hi</p>",
        "attachments": [{"url": "https://example.com/a", "name": "a", "content_type": "image/png", "size": null}],
        "headers": {"X-Mailer": "a"}, "meta": {"any": ["thing"]}, "clear": ["subject"],
    });
    desk.ask(tool, mail.clone()).await;
    let body = concat!(
        r#"{"channel":"email","via":"api","from_agent":true,"source":{"type":"email","from":{"name":null,"#,
        r#""address":"shop@example.com"},"to":[{"name":"A customer","address":"user@example.com"}],"cc":[]},"#,
        r#""sender":{"email":"agent@example.com"},"receiver":{"id":7},"subject":null,"body_html":"<p>Hi</p>","#,
        r#""attachments":[{"url":"https://example.com/a","name":"a","content_type":"image/png","size":null}],"#,
        r#""headers":{"X-Mailer":"a"},"meta":{"any":["thing"]}}"#
    );
    assert_eq!(desk.sent(), to("POST", "/api/tickets/5/messages?action=cancel", body));

    // Rules inside a record.
    let mut wrong = mail.clone();
    wrong["source"]["type"] = json!("sms");
    desk.refuses_only(tool, wrong, "source.cc").await;
    let mut wrong = mail.clone();
    wrong["receiver"] = json!({"name": "Nobody"});
    let error = desk.refused(tool, wrong).await;
    assert_eq!(error["arguments"][0]["argument"], json!("receiver"));
    let mut wrong = mail;
    wrong["attachments"][0].as_object_mut().unwrap().remove("size");
    desk.refuses_only(tool, wrong, "attachments.0.size").await;
}

#[tokio::test]
async fn words_that_an_app_brought_along_are_sent_as_they_are() {
    let desk = desk(vec![Reply::json(201, json!({"id": 1}).to_string())]).await;
    let arguments = json!({
        "ticket_id": 5, "channel": "tiktok-shop", "via": "my_app", "from_agent": false, "body_text": "Hi",
        "source": {"type": "tiktok-comment"},
    });
    desk.ask("create_a_gorgias_message", arguments).await;
    let body = r#"{"channel":"tiktok-shop","via":"my_app","from_agent":false,"source":{"type":"tiktok-comment"},"body_text":"Hi"}"#;
    assert_eq!(desk.sent(), to("POST", "/api/tickets/5/messages", body));

    let channel = gorgias::Channel::Unknown("tiktok-shop".into());
    let mut call = gorgias::CreateMessage::new(5, channel, gorgias::Via::Api, false);
    call.body_text = "Hi".to_owned().into();
    let sent = desk.typed(&call).await.unwrap();
    assert_eq!(sent.id, Some(gorgias::MessageId(1)));
    let body = r#"{"channel":"tiktok-shop","via":"api","from_agent":false,"body_text":"Hi"}"#;
    assert_eq!(desk.sent(), to("POST", "/api/tickets/5/messages", body));
    // Typed notes are held to the rules, too.
    let mut note = gorgias::CreateMessage::new(5, gorgias::Channel::InternalNote, gorgias::Via::Api, true);
    note.body_text = "Hi".to_owned().into();
    let mut receiver = gorgias::Person::new();
    receiver.id = Some(7);
    note.sender = receiver.clone().into();
    note.receiver = receiver.into();
    assert_eq!(typed_code(desk.typed(&note).await), Code::InvalidArguments);
    assert_eq!(desk.requests(), Vec::<String>::new());
}

/// What the vendor does not have is no argument, and whoever gives it is told what has it.
#[tokio::test]
async fn a_filter_that_does_not_exist_is_answered_with_what_does() {
    let desk = desk(vec![ok(json!({"data": [], "meta": {}}))]).await;
    let tool = "list_all_gorgias_tickets";
    let error = desk
        .refused(tool, json!({"status": "open", "tags": ["vip"], "statuss": 1}))
        .await;
    let told = |index: usize| {
        let fault = &error["arguments"][index];
        (fault["argument"].as_str().unwrap(), fault["message"].as_str().unwrap())
    };
    let advice = "there is no such argument: the list does not filter by them; gorgias_views_search_items does";
    assert_eq!([told(0), told(1)], [("status", advice), ("tags", advice)]);
    assert!(
        told(2).1.starts_with("there is no such argument; known are "),
        "{error}"
    );
    assert_eq!(error["arguments"][0].get("did_you_mean"), None, "{error}");

    let arguments = json!({"id": 5, "tags": [{"name": "vip", "id": 4}]});
    let message = desk
        .refuses_only("update_a_gorgias_ticket_by_id", arguments, "tags.0.id")
        .await;
    assert_eq!(message, "there is no such member: tags are given by name here");
}
