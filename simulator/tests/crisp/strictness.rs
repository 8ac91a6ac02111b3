//! What is refused before any record is looked at.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Desk;

async fn refused_query(desk: &Desk, path: &str, query: &[(&str, &str)], told: &str) {
    let message = desk.find(path, query).await.refused(400, "invalid_data");
    assert!(message.contains(told), "{message}");
}

#[tokio::test]
async fn queries_are_checked() {
    let desk = Desk::new().await;
    let list = "/conversations/1";
    refused_query(
        &desk,
        list,
        &[("filter_unassigned", "true")],
        "filter_unassigned must be one of 0, 1",
    )
    .await;
    refused_query(&desk, list, &[("filter_open", "1")], "Unknown parameter: filter_open").await;
    refused_query(
        &desk,
        list,
        &[("per_page", "19")],
        "per_page must be a number from 20 to 50",
    )
    .await;
    refused_query(&desk, list, &[("per_page", "51")], "per_page").await;
    refused_query(
        &desk,
        list,
        &[("filter_assigned", "1")],
        "filter_assigned must be a UUID",
    )
    .await;
    refused_query(&desk, list, &[("filter_inbox_id", "main")], "filter_inbox_id").await;
    refused_query(&desk, list, &[("filter_date_start", "yesterday")], "ISO 8601").await;
    refused_query(&desk, list, &[("search_type", "regex")], "text, segment, filter").await;
    refused_query(&desk, list, &[("search_query", " ")], "search_query is empty").await;
    refused_query(&desk, list, &[("per_page", "20"), ("per_page", "30")], "given twice").await;
    let filter = [("search_type", "filter"), ("search_query", "state:open")];
    refused_query(&desk, list, &filter, "JSON array").await;
    refused_query(
        &desk,
        "/people/profiles/1",
        &[("search_filter", "{}")],
        "search_filter must be a JSON array",
    )
    .await;
    refused_query(
        &desk,
        "/people/profiles/1",
        &[("sort_order", "asc")],
        "ascending, descending",
    )
    .await;
    refused_query(
        &desk,
        "/visitors/map",
        &[("center_latitude", "north")],
        "must be a number",
    )
    .await;
    refused_query(&desk, "/visitors/map", &[("center_latitude", "1.5")], "go together").await;
    // Routes without a query take none.
    refused_query(&desk, "/people/stats", &[("page", "1")], "Unknown parameter: page").await;
    // All problems are told at once.
    let two = [("filter_unread", "yes"), ("page", "2")];
    let message = desk.find(list, &two).await.refused(400, "invalid_data");
    assert!(
        message.contains("filter_unread") && message.contains("page"),
        "{message}"
    );
}

#[tokio::test]
async fn identifiers_have_forms() {
    let desk = Desk::with("user").await;
    let uuid = "0b0c0d0e-1111-4222-8333-444455556666";
    for (path, told) in [
        ("/conversations/0", "page_number"),
        ("/conversations/01", "page_number"),
        ("/conversations/first", "page_number"),
        (
            &format!("/conversation/{uuid}"),
            "session_id must be session_ and a UUID",
        ),
        ("/conversation/session_1/messages", "session_id"),
        (
            &format!("/conversation/session_{uuid}/message/abc"),
            "fingerprint must be an integer",
        ),
        (
            "/people/profile/42",
            "people_id must be a UUID in lower case, or an email address",
        ),
        ("/people/data/not%20an%20address", "people_id"),
        ("/inbox/main", "inbox_id"),
        ("/operator/linden", "user_id"),
        ("/campaign/1", "campaign_id"),
        (
            &format!("/campaign/{uuid}/statistics/bounced/1"),
            "opened, clicked, unsubscribed",
        ),
        ("/helpdesk/tree/list/en/pages/1", "articles, guides, references, news"),
        ("/helpdesk/locale/english/articles/1", "locale"),
        (
            "/helpdesk/tree/content/en/articles/orders%2Ftrack",
            "slashes are not percent-encoded",
        ),
    ] {
        let message = desk.get(path).await.refused(400, "invalid_data");
        assert!(message.contains(told), "{path}: {message}");
    }
    // A percent sign is one, whatever follows it.
    desk.get("/helpdesk/tree/content/en/articles/orders%252Ftrack")
        .await
        .refused(404, "not_found");
    // The right form without a record is another matter.
    desk.get(&format!("/conversation/session_{uuid}"))
        .await
        .refused(404, "not_found");
    desk.get(&format!("/people/profile/{uuid}"))
        .await
        .refused(404, "not_found");
    desk.get("/people/profile/nobody%40nowhere.example")
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn bodies_are_checked() {
    let desk = Desk::with("user").await;
    let session = desk.conversation().await;
    let before = desk.state();
    let message = |changes: Value| {
        let mut message = json!({"type": "text", "from": "operator", "origin": "chat", "content": "hi"});
        for (name, value) in changes.as_object().unwrap() {
            message[name] = value.clone();
        }
        message
    };
    let at = |path: &str| format!("/conversation/{session}/{path}");
    for (method, path, body, told) in [
        (
            Method::POST,
            at("message"),
            json!({"type": "text"}),
            "Missing field: from",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"type": "html"})),
            "type must be one of",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"from": "visitor"})),
            "from must be one of user, operator",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"origin": "sms"})),
            "origin must be chat, email or urn",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"subject": "x"})),
            "Unknown field: subject",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"fingerprint": "1"})),
            "fingerprint must be an integer",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"mentions": ["me"]})),
            "mentions[0] must be a UUID",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"user": {"name": "x"}})),
            "Unknown field: user.name",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"properties": {"a": []}})),
            "properties.a must be a string",
        ),
        (
            Method::POST,
            at("message"),
            message(json!({"content": {"text": "hi"}})),
            "content must be a string",
        ),
        (
            Method::PATCH,
            at("state"),
            json!({"state": "open"}),
            "pending, unresolved, resolved",
        ),
        (Method::PATCH, at("routing"), json!({}), "Missing field: assigned"),
        (
            Method::PATCH,
            at("routing"),
            json!({"assigned": "linden"}),
            "assigned must be an object",
        ),
        (
            Method::PATCH,
            at("routing"),
            json!({"assigned": {}}),
            "Missing field: assigned.user_id",
        ),
        (Method::PATCH, at("inbox"), json!({}), "Missing field: inbox_id"),
        (
            Method::PATCH,
            at("block"),
            json!({"blocked": 1}),
            "blocked must be a boolean",
        ),
        (
            Method::PATCH,
            at("open"),
            json!({"blocked": true}),
            "Missing field: opened",
        ),
        (
            Method::PATCH,
            at("meta"),
            json!({"segments": "vip"}),
            "segments must be a list",
        ),
        (
            Method::PATCH,
            at("meta"),
            json!({"data": {"a": null}}),
            "data.a must be a string, a number or a boolean",
        ),
        (
            Method::PATCH,
            at("meta"),
            json!({"email": "nobody"}),
            "email must be an email address",
        ),
        (
            Method::POST,
            at("report"),
            json!({"flag": "abuse"}),
            "flag must be one of spam",
        ),
        (
            Method::POST,
            at("reminder"),
            json!({"date": "soon", "note": "x"}),
            "ISO 8601",
        ),
        (
            Method::PATCH,
            at("delivered"),
            json!({"from": "user", "origin": "chat", "fingerprints": []}),
            "operator",
        ),
        (
            Method::PUT,
            at("participants"),
            json!({"participants": [{"type": "phone", "target": "1"}]}),
            "type must be",
        ),
        (
            Method::POST,
            "/conversation".into(),
            json!({"nickname": "x"}),
            "Unknown field: nickname",
        ),
        (
            Method::POST,
            "/people/profile".into(),
            json!({"email": "a@b.example"}),
            "Missing field: person",
        ),
        (
            Method::PATCH,
            "/people/data/a@b.example".into(),
            json!({"plan": "Plus"}),
            "Missing field: data",
        ),
        (
            Method::POST,
            "/campaign".into(),
            json!({"type": "one_shot", "name": "x"}),
            "one-shot, automated",
        ),
        (
            Method::POST,
            "/inbox".into(),
            json!({"name": "x"}),
            "Missing field: emoji",
        ),
        (
            Method::PATCH,
            "/settings".into(),
            json!({"website_id": "x"}),
            "Unknown field: website_id",
        ),
        (
            Method::PATCH,
            "/settings".into(),
            json!({"emails": {"enrich": true}}),
            "Unknown field: emails.enrich",
        ),
        (Method::DELETE, "".into(), json!({}), "Missing field: verify"),
        (
            Method::PATCH,
            "/batch/remove".into(),
            json!({}),
            "Missing field: sessions",
        ),
        (
            Method::PATCH,
            "/batch/remove".into(),
            json!({"people": {}, "sessions": []}),
            "Unknown field: sessions",
        ),
    ] {
        let answer = desk.call(method.clone(), &path, &[], Some(body.clone())).await;
        let message = answer.refused(400, "invalid_data");
        assert!(message.contains(told), "{method} {path} {body}: {message}");
    }
    assert!(desk.state() == before, "refused requests change nothing");
}

#[tokio::test]
async fn bodies_are_json() {
    let desk = Desk::new().await;
    let session = desk.conversation().await;
    let path = desk.w(&format!("/conversation/{session}/state"));
    let plain = desk.request(Method::PATCH, &path).body(r#"{"state": "resolved"}"#);
    desk.send(plain).await.refused(415, "invalid_data");
    let labelled = |body: &'static str| {
        desk.request(Method::PATCH, &path)
            .header("Content-Type", "application/json")
            .body(body)
    };
    for broken in ["", "{", "[]", "null", r#"{"state": "resolved",}"#] {
        desk.send(labelled(broken)).await.refused(400, "invalid_data");
    }
    let form = desk
        .request(Method::PATCH, &path)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("state=resolved");
    desk.send(form).await.refused(415, "invalid_data");
    assert_eq!(desk.send(labelled(r#"{"state": "resolved"}"#)).await.status, 200);
    // Where nothing is wanted, nothing and an empty object are the same.
    let create = desk.w("/conversation");
    assert_eq!(desk.send(desk.request(Method::POST, &create)).await.status, 201);
    assert_eq!(desk.post("/conversation", json!({})).await.status, 201);
    desk.post("/conversation", json!([])).await.refused(400, "invalid_data");
}

#[tokio::test]
async fn contents_fit_the_types_of_their_messages() {
    let desk = Desk::new().await;
    let session = desk.conversation().await;
    let path = format!("/conversation/{session}/message");
    let right = [
        ("text", json!("hello")),
        ("note", json!("for us")),
        (
            "file",
            json!({"name": "a.pdf", "url": "https://a.example/a.pdf", "type": "application/pdf"}),
        ),
        (
            "animation",
            json!({"url": "https://a.example/a.gif", "type": "image/gif"}),
        ),
        (
            "audio",
            json!({"url": "https://a.example/a.mp3", "type": "audio/mp3", "duration": 4}),
        ),
        (
            "picker",
            json!({"id": "a", "text": "?", "required": true, "choices": [
                {"value": "y", "label": "Yes", "selected": false, "action": {"type": "link", "target": "https://a.example"}}]}),
        ),
        (
            "field",
            json!({"id": "a", "text": "?", "explain": "type", "value": "x"}),
        ),
        (
            "carousel",
            json!({"text": "see", "targets": [{"title": "t", "description": "d", "actions": [{"label": "l", "url": "https://a.example"}]}]}),
        ),
        ("event", json!({"namespace": "user:left"})),
    ];
    for (kind, content) in &right {
        let message = json!({"type": kind, "from": "operator", "origin": "chat", "content": content});
        let answer = desk.post(&path, message).await;
        assert_eq!(answer.done(202).0, "dispatched", "{kind}");
    }
    for (kind, content, told) in [
        ("text", json!(""), "content must not be empty"),
        ("note", json!({"text": "x"}), "content must be a string"),
        ("file", json!("https://a.example/a.pdf"), "content must be an object"),
        (
            "file",
            json!({"name": "a", "url": "a.pdf", "type": "x"}),
            "content.url must be an http or https URL",
        ),
        (
            "audio",
            json!({"url": "https://a.example/a", "type": "x"}),
            "Missing field: content.duration",
        ),
        (
            "picker",
            json!({"id": "a", "text": "?", "choices": [{"value": "y"}]}),
            "content.choices[0].label",
        ),
        (
            "field",
            json!({"id": "a", "text": "?"}),
            "Missing field: content.explain",
        ),
        ("carousel", json!({"text": "see"}), "Missing field: content.targets"),
        ("event", json!({"text": "x"}), "Missing field: content.namespace"),
    ] {
        let message = json!({"type": kind, "from": "operator", "origin": "chat", "content": content});
        let told_really = desk.post(&path, message).await.refused(400, "invalid_data");
        assert!(told_really.contains(told), "{kind}: {told_really}");
    }
    assert_eq!(desk.stored(&session)["messages"].as_array().unwrap().len(), right.len());
}
