//! What is refused, and what is let through without a word.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Desk;

/// Method and path of all operations.
const OPERATIONS: [(&str, &str); 50] = [
    ("GET", "/v3/ping"),
    ("GET", "/v3/tickets"),
    ("GET", "/v3/tickets/search"),
    ("GET", "/v3/tickets/details"),
    ("POST", "/v3/tickets/create"),
    ("POST", "/v3/tickets/create_with_attachment"),
    ("PUT", "/v3/tickets/update"),
    ("GET", "/v3/tickets/conversations"),
    ("POST", "/v3/tickets/add_reply"),
    ("POST", "/v3/tickets/add_reply_with_attachment"),
    ("POST", "/v3/tickets/add_note"),
    ("POST", "/v3/tickets/add_note_with_attachment"),
    ("GET", "/v3/contacts"),
    ("GET", "/v3/contacts/details"),
    ("POST", "/v3/contacts/create"),
    ("POST", "/v3/contacts/create_with_attachment"),
    ("PUT", "/v3/contacts/update"),
    ("GET", "/v3/companies"),
    ("GET", "/v3/companies/details"),
    ("POST", "/v3/companies/create"),
    ("POST", "/v3/companies/create_with_attachment"),
    ("PUT", "/v3/companies/update"),
    ("GET", "/v3/time_entries"),
    ("GET", "/v3/time_entries/details"),
    ("POST", "/v3/time_entries/create"),
    ("GET", "/v3/surveys"),
    ("GET", "/v3/surveys/details"),
    ("GET", "/v3/surveys/ratings"),
    ("GET", "/v3/contracts"),
    ("GET", "/v3/contracts/details"),
    ("POST", "/v3/contracts/create"),
    ("PUT", "/v3/contracts/update"),
    ("GET", "/v3/kb/category/details"),
    ("POST", "/v3/kb/category/create"),
    ("PUT", "/v3/kb/category/update"),
    ("DELETE", "/v3/kb/category/delete"),
    ("GET", "/v3/kb/folder/details"),
    ("POST", "/v3/kb/folder/create"),
    ("PUT", "/v3/kb/folder/update"),
    ("DELETE", "/v3/kb/folder/delete"),
    ("GET", "/v3/kb/article/"),
    ("GET", "/v3/kb/article/details"),
    ("POST", "/v3/kb/article/create"),
    ("PUT", "/v3/kb/article/update"),
    ("DELETE", "/v3/kb/article/delete"),
    ("GET", "/v3/agents"),
    ("GET", "/v3/asset_mgmt/locations"),
    ("GET", "/v3/asset_mgmt/locations/details"),
    ("POST", "/v3/asset_mgmt/locations/create"),
    ("PUT", "/v3/asset_mgmt/locations/update"),
];

#[tokio::test]
async fn all_operations_are_there_and_other_verbs_are_refused() {
    let desk = Desk::new().await;
    for (method, path) in OPERATIONS {
        for verb in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let answer = desk.call(verb.parse().unwrap(), path, &[], None).await;
            if verb == method {
                assert!(![404, 405].contains(&answer.status), "{verb} {path}: {}", answer.text);
            } else {
                answer.refused(405);
                assert_eq!(answer.header("allow"), Some(method), "{verb} {path}");
            }
        }
    }
}

#[tokio::test]
async fn paths_are_taken_to_the_letter() {
    let desk = Desk::new().await;
    for path in [
        "/v3/kb/article",
        "/v3/tickets/",
        "/v3/Tickets",
        "/v2/tickets",
        "/tickets",
        "/v3//tickets",
        "/v3/tickets/1001",
        "/v3/kb/category",
        "/v3/time_entries/add",
    ] {
        desk.get(path, &[]).await.refused(404);
    }
    assert_eq!(desk.get("/v3/kb/article/", &[]).await.status, 200);
    // Without the tenant or the prefix before the version there is nothing.
    let origin = desk.running.base_url().replace("/{subdomain}/apis", "");
    for path in ["/", "/acme", "/acme/v3/tickets", "/apis/v3/tickets"] {
        desk.send(
            desk.client
                .get(format!("{origin}{path}"))
                .header("Authorization", &desk.key),
        )
        .await
        .refused(404);
    }
}

#[tokio::test]
async fn encodings_are_checked() {
    let desk = Desk::new().await;
    for path in [
        "/v3/companies/details?name=%",
        "/v3/companies/details?name=%zz",
        "/v3/companies/details?name=%FF",
    ] {
        desk.send(desk.request(Method::GET, path)).await.refused(400);
    }
    // A plus sign that was not encoded is a blank.
    let unencoded = desk.request(
        Method::GET,
        "/v3/contacts/details?primary_email=dot+orders@mailbox.example",
    );
    desk.send(unencoded).await.refused(404);
    let encoded = desk.request(
        Method::GET,
        "/v3/contacts/details?primary_email=dot%2Borders%40mailbox.example",
    );
    assert_eq!(desk.send(encoded).await.ok()["name"], "Dot Plus");
    // A raw brace is no part of a query.
    desk.send(desk.request(Method::GET, "/v3/tickets?filters={}"))
        .await
        .refused(400);
}

#[tokio::test]
async fn a_long_target_meets_the_gateway() {
    let desk = Desk::new().await;
    let long = "x".repeat(9000);
    let answer = desk.get("/v3/tickets", &[("filters", &long)]).await;
    assert_eq!((answer.status, answer.header("content-type")), (414, Some("text/html")));
}

#[tokio::test]
async fn unknown_query_parameters_are_ignored() {
    let desk = Desk::new().await;
    let all = desk.get("/v3/tickets", &[]).await.ok();
    let same = desk
        .get(
            "/v3/tickets",
            &[("status", "Closed"), ("page", "7"), ("per_page", "2"), ("limit", "2")],
        )
        .await
        .ok();
    assert_eq!(all, same);
}

#[tokio::test]
async fn query_values_are_checked() {
    let desk = Desk::new().await;
    for (path, name, wrong) in [
        ("/v3/tickets", "ticket_count", "20"),
        ("/v3/tickets", "ticket_count", ""),
        ("/v3/tickets", "offset", "-1"),
        ("/v3/tickets", "offset", "abc"),
        ("/v3/tickets", "include_description", "true"),
        ("/v3/tickets", "include_custom_fields", "2"),
        ("/v3/tickets", "nested_fields", "yes"),
        ("/v3/tickets", "order_by", "created_on"),
        ("/v3/tickets", "order_type", "DESC"),
        ("/v3/tickets", "updated_since", "2026-03-01"),
        ("/v3/tickets", "updated_since", "2026-03-01T00:00:00Z"),
        ("/v3/tickets", "filters", "open"),
        ("/v3/tickets", "filters", "[]"),
        ("/v3/contacts", "order_by", "name"),
        ("/v3/contacts", "offset", "1.5"),
        ("/v3/companies", "include_custom_fields", "false"),
        ("/v3/time_entries", "time_entries_count", "10"),
        ("/v3/time_entries", "billable", "true"),
        ("/v3/time_entries", "started_after", "yesterday"),
        ("/v3/time_entries", "ticket_number", "#5"),
        ("/v3/contracts", "include_expired_contracts", "no"),
        ("/v3/tickets/details", "ticket_number", "12a"),
    ] {
        let message = desk.get(path, &[(name, wrong)]).await.refused(400);
        assert!(message.contains(name), "{path} {name}={wrong}: {message}");
    }
}

#[tokio::test]
async fn identifying_parameters_are_required() {
    let desk = Desk::new().await;
    for (path, name) in [
        ("/v3/tickets/details", "ticket_number"),
        ("/v3/tickets/conversations", "ticket_number"),
        ("/v3/tickets/search", "search_query"),
        ("/v3/contacts/details", "primary_email"),
        ("/v3/companies/details", "name"),
        ("/v3/time_entries/details", "id"),
        ("/v3/surveys/details", "survey_name"),
        ("/v3/contracts/details", "contract_name"),
        ("/v3/kb/category/details", "category_name"),
        ("/v3/kb/folder/details", "folder_name"),
        ("/v3/kb/article/details", "article_name"),
        ("/v3/asset_mgmt/locations/details", "location_name"),
    ] {
        let message = desk.get(path, &[]).await.refused(400);
        assert!(message.contains(name), "{path}: {message}");
    }
    // The company is called name on details and company_name on update.
    desk.get("/v3/companies/details", &[("company_name", "Odd Socks Ltd")])
        .await
        .refused(400);
    desk.put("/v3/companies/update", &[("name", "Odd Socks Ltd")], json!({}))
        .await
        .refused(400);
}

#[tokio::test]
async fn bodies_are_checked() {
    let desk = Desk::new().await;
    let ticket = |name: &str, value: Value| {
        let mut body = json!({"email": "dot+orders@mailbox.example", "subject": "s"});
        body[name] = value;
        body
    };
    for (wrong, told) in [
        (json!({"email": "a@b.example"}), "subject"),
        (json!({"subject": "s"}), "email"),
        (ticket("subject", json!("  ")), "subject"),
        (ticket("subject", json!(5)), "subject"),
        (ticket("subject", Value::Null), "subject"),
        (ticket("email", json!("not an address")), "email"),
        (ticket("priority", json!("5")), "priority"),
        (ticket("priority", json!(2)), "priority"),
        (ticket("priority", json!(5.5)), "priority"),
        (ticket("status", json!("Sleeping")), "Sleeping"),
        (ticket("type", json!("question")), "question"),
        (ticket("group", json!("support")), "support"),
        (ticket("category", json!("Nope")), "Nope"),
        (ticket("sub_category", json!("Refunds")), "sub_category"),
        (ticket("assigned_to", json!("amber.desk@acme.example")), "assigned_to"),
        (ticket("subcategory", json!("Refunds")), "subcategory"),
        (ticket("assign_to", json!("nobody@acme.example")), "nobody@acme.example"),
        (
            ticket("watchers", json!({"add": ["amber.desk@acme.example"]})),
            "watchers",
        ),
        (ticket("watchers", json!("amber.desk@acme.example")), "watchers"),
        (
            ticket("watchers", json!(["nobody@acme.example"])),
            "nobody@acme.example",
        ),
        (
            ticket("custom_fields", json!({"cf_order number": "x"})),
            "cf_order number",
        ),
        (ticket("custom_fields", json!({"Order Number": "x"})), "Order Number"),
        (
            ticket("custom_fields", json!({"cf_Refund Amount": "5"})),
            "cf_Refund Amount",
        ),
        (
            ticket("custom_fields", json!({"cf_Product Area": "Moon"})),
            "cf_Product Area",
        ),
        (
            ticket("custom_fields", json!({"cf_Order Number": ["x"]})),
            "cf_Order Number",
        ),
        (ticket("custom_fields", json!([])), "custom_fields"),
        (ticket("attachments", json!([])), "attachments"),
        (json!([]), "object"),
        (json!("text"), "object"),
    ] {
        let message = desk.post("/v3/tickets/create", &[], wrong.clone()).await.refused(400);
        assert!(message.contains(told), "{wrong}: {message}");
    }
    assert_eq!(desk.state()["tickets"].as_array().unwrap().len(), 200);
}

#[tokio::test]
async fn a_body_must_be_json_and_say_so() {
    let desk = Desk::new().await;
    let request = || desk.request(Method::POST, "/v3/tickets/create");
    desk.send(request().body(r#"{"email":"a@b.example","subject":"s"}"#))
        .await
        .refused(415);
    desk.send(request().header("Content-Type", "text/plain").body("{}"))
        .await
        .refused(415);
    desk.send(request().header("Content-Type", "application/json").body("{\"email\":"))
        .await
        .refused(400);
    desk.send(request().header("Content-Type", "application/json"))
        .await
        .refused(400);
    let right = request().header("Content-Type", "application/json; charset=utf-8");
    desk.send(right.body(r#"{"email":"a@b.example","subject":"s"}"#))
        .await
        .ok();
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let desk = Desk::new().await;
    for (path, name) in [
        ("/v3/tickets/details", "ticket_number"),
        ("/v3/tickets/conversations", "ticket_number"),
        ("/v3/contacts/details", "primary_email"),
        ("/v3/contacts/details", "secondary_email"),
        ("/v3/companies/details", "name"),
        ("/v3/time_entries/details", "id"),
        ("/v3/surveys/details", "survey_name"),
        ("/v3/contracts/details", "contract_name"),
        ("/v3/contracts/details", "reference_number"),
        ("/v3/kb/category/details", "category_name"),
        ("/v3/kb/article/details", "article_name"),
        ("/v3/asset_mgmt/locations/details", "location_name"),
    ] {
        desk.get(path, &[(name, "77")]).await.refused(404);
    }
}
