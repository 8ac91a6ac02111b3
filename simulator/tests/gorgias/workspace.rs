//! Settings, agents, teams, integrations, widgets and the type-ahead search.

use serde_json::{Value, json};

use crate::harness::Desk;

fn names(list: &Value) -> Vec<&str> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_account_tells_its_settings() {
    let desk = Desk::new().await;
    let account = desk.get("/api/account").await.done(200);
    assert_eq!(
        (&account["domain"], &account["status"]["status"]),
        (&json!("acme"), &json!("active"))
    );
    let hours = desk.get("/api/account/settings?type=business-hours").await.done(200);
    assert_eq!(names(&hours), ["Business hours", "Phone line"]);
    assert_eq!(hours["data"][0]["data"]["business_hours"][0]["days"], "1,2,3,4,5");
    let made = desk
        .post("/api/account/settings", json!({"type": "own", "data": {"a": [1]}}))
        .await
        .done(201);
    let path = format!("/api/account/settings/{}", made["id"]);
    let changed = desk.put(&path, json!({"type": "own", "data": 7})).await.done(200);
    assert_eq!((&changed["data"], &changed["id"]), (&json!(7), &made["id"]));
    desk.put("/api/account/settings/5", json!({"type": "own"}))
        .await
        .refused(404);
    desk.post("/api/account/settings", json!({"data": 1}))
        .await
        .refused(400);
}

#[tokio::test]
async fn agents_are_found_made_and_changed() {
    let desk = Desk::new().await;
    let me = desk.get("/api/users/0").await.done(200);
    assert_eq!(
        (&me["email"], &me["role"]["name"]),
        (&json!("linden@acme.example"), &json!("admin"))
    );
    desk.get("/api/users/me").await.refused(400);
    let agents = desk
        .get("/api/users?roles=agent&roles=bot&order_by=email:desc")
        .await
        .done(200);
    assert_eq!(
        names(&agents),
        ["Wren Ferry", "Sorrel Beacon", "Marlow Relay", "Helper Bot"]
    );
    let one = desk
        .get("/api/users?email=wren@acme.example&relationships=availability_status")
        .await
        .done(200);
    assert_eq!(
        (
            one["data"].as_array().unwrap().len(),
            &one["data"][0]["availability_status"]["status"]
        ),
        (1, &json!("available"))
    );
    let body = json!({"email": "ash@acme.example", "name": "Ash Hollow", "role": {"name": "agent"}});
    let made = desk.post("/api/users", body.clone()).await.done(201);
    assert_eq!(
        (&made["firstname"], &made["lastname"], &made["active"]),
        (&json!("Ash"), &json!("Hollow"), &json!(true))
    );
    desk.post("/api/users", body).await.refused(409);
    let path = format!("/api/users/{}", made["id"]);
    assert!(
        desk.put(&path, json!({"email": "oak@acme.example"})).await.refused(400)["password_confirmation"].is_array()
    );
    let body = json!({"email": "oak@acme.example", "password_confirmation": "sample"});
    assert_eq!(desk.put(&path, body).await.done(202)["email"], "oak@acme.example");
    assert!(!desk.state().to_string().contains("password_confirmation"));
    desk.post(
        "/api/users",
        json!({"email": "x@acme.example", "name": "X", "role": {"name": "chief"}}),
    )
    .await
    .refused(400);
    desk.post(
        "/api/users",
        json!({"email": "x@acme.example", "name": "X", "role": {"name": "agent"}, "channels": []}),
    )
    .await
    .refused(400);
}

#[tokio::test]
async fn who_is_gone_is_gone_from_teams_and_tickets() {
    let desk = Desk::new().await;
    let wren = desk.with("users", "firstname", "Wren")["id"].clone();
    let ticket = desk.ticket("Money back for A-20417");
    desk.put(
        &format!("/api/tickets/{ticket}"),
        json!({"assignee_user": {"id": wren}}),
    )
    .await
    .done(202);
    desk.delete(&format!("/api/users/{wren}")).await.empty(204);
    let state = desk.state();
    assert!(
        state["teams"]
            .as_object()
            .unwrap()
            .values()
            .all(|team| !team["members"].as_array().unwrap().contains(&wren))
    );
    assert_eq!(state["tickets"][ticket.to_string()]["assignee_user_id"], Value::Null);
    desk.get(&format!("/api/users/{wren}")).await.refused(404);
}

#[tokio::test]
async fn members_of_teams_are_replaced() {
    let desk = Desk::new().await;
    let user = |first: &str| desk.with("users", "firstname", first)["id"].clone();
    let (wren, rowan) = (user("Wren"), user("Rowan"));
    let made = desk
        .post(
            "/api/teams",
            json!({"name": "Night", "members": [{"id": wren}], "decoration": {"emoji": "🌙"}}),
        )
        .await
        .done(201);
    assert_eq!(made["members"][0]["email"], "wren@acme.example");
    let path = format!("/api/teams/{}", made["id"]);
    let changed = desk.put(&path, json!({"members": [{"id": rowan}]})).await.done(202);
    assert_eq!(
        (&changed["name"], changed["members"].as_array().unwrap().len()),
        (&json!("Night"), 1)
    );
    assert_eq!(changed["members"][0]["id"], rowan);
    assert!(desk.put(&path, json!({"members": [{"id": 5}]})).await.refused(400)["members"]["0"]["id"].is_array());
    let listed = desk.get("/api/teams?order_by=name:asc").await.done(200);
    assert_eq!(
        names(&listed),
        ["Accounts", "Billing", "Escalations", "First Line", "Night", "Returns"]
    );
    desk.delete(&path).await.empty(204);
    desk.get(&path).await.refused(404);
}

#[tokio::test]
async fn web_hooks_are_integrations_whose_secret_is_not_told() {
    let desk = Desk::new().await;
    let http = json!({
        "url": "https://hooks.example/{{ticket.id}}", "method": "POST", "request_content_type": "application/json",
        "response_content_type": "application/json", "hmac_secret": "not to be told", "triggers": {"ticket_created": true},
    });
    let hours = desk.with("settings", "name", "Phone line")["id"].clone();
    let body = json!({"name": "Hook", "type": "http", "http": http, "business_hours_id": hours});
    let made = desk.post("/api/integrations", body.clone()).await.done(201);
    assert!(!made.to_string().contains("not to be told"));
    assert_eq!(
        (
            &made["http"]["triggers"]["ticket-created"],
            &made["http"]["triggers"]["ticket-updated"]
        ),
        (&json!(true), &json!(false))
    );
    let path = format!("/api/integrations/{}", made["id"]);
    let changed = desk
        .put(
            &path,
            json!({"name": "Hook 2", "http": {"url": "https://other.example"}}),
        )
        .await
        .done(202);
    assert_eq!(
        (&changed["http"]["url"], &changed["http"]["method"]),
        (&json!("https://other.example"), &json!("POST"))
    );
    assert_eq!(desk.get(&path).await.done(200), changed);
    assert!(
        desk.put(&path, json!({"http": {"url": "https://other.example"}}))
            .await
            .refused(400)["name"]
            .is_array()
    );
    assert!(
        desk.put(&path, json!({"name": "x", "http": {"method": "GET"}}))
            .await
            .refused(400)["http"]["url"]
            .is_array()
    );
    for (name, value) in [
        ("type", json!("email")),
        ("business_hours_id", json!(5)),
        ("http", json!({"url": "https://x.example"})),
    ] {
        let mut wrong = body.clone();
        wrong[name] = value;
        assert!(
            !desk.post("/api/integrations", wrong).await.refused(400)[name].is_null(),
            "{name}"
        );
    }
    let mail = desk.with("integrations", "type", "gmail")["id"].clone();
    let wrong = json!({"name": "x", "http": {"url": "https://x.example"}});
    assert!(desk.put(&format!("/api/integrations/{mail}"), wrong).await.refused(400)["http"].is_array());
    let hooks = desk.get("/api/integrations?type=http").await.done(200);
    assert_eq!(names(&hooks), ["Hook 2", "Old warehouse", "Warehouse", "Orders"]);
}

#[tokio::test]
async fn an_integration_in_use_stays_and_views_of_one_that_goes_are_deactivated() {
    let desk = Desk::new().await;
    let hook = desk.with("integrations", "name", "Warehouse")["id"].clone();
    let path = format!("/api/integrations/{hook}");
    let code =
        format!("if (containsAny(ticket.messages.integration_id, [{hook}])) {{ Action('addTags', {{tags: 'vip'}}); }}");
    let rule = desk
        .post("/api/rules", json!({"name": "x", "code": code}))
        .await
        .done(201);
    let filters = format!("containsAny(ticket.messages.integration_id, [{hook}])");
    let view = desk
        .post(
            "/api/views",
            json!({"slug": "x", "name": "Of the hook", "filters": filters}),
        )
        .await
        .done(201);
    desk.delete(&path).await.refused(409);
    desk.delete(&format!("/api/rules/{}", rule["id"])).await.empty(204);
    desk.delete(&path).await.empty(204);
    desk.delete(&path).await.refused(404);
    assert!(desk.with("views", "name", "Of the hook")["deactivated_datetime"].is_string());
    let events = desk
        .get(&format!("/api/events?object_type=View&object_id={}", view["id"]))
        .await
        .done(200);
    let kinds: Vec<&Value> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["type"])
        .collect();
    assert_eq!(kinds, ["view-deactivated", "view-created"]);
}

#[tokio::test]
async fn widgets_go_with_what_they_show() {
    let desk = Desk::new().await;
    let hook = desk.with("integrations", "name", "Orders")["id"].clone();
    let template = json!({"type": "wrapper", "widgets": [{"type": "card", "title": "A", "widgets": [{"type": "text", "path": "a.b"}]}]});
    let body = json!({"type": "http", "template": template, "integration_id": hook, "context": "user", "order": 9});
    let made = desk.post("/api/widgets", body).await.done(201);
    assert_eq!((&made["context"], &made["template"]), (&json!("customer"), &template));
    let path = format!("/api/widgets/{}", made["id"]);
    let changed = desk
        .put(&path, json!({"template": {"type": "wrapper"}}))
        .await
        .done(202);
    assert_eq!(
        (&changed["template"], &changed["order"]),
        (&json!({"type": "wrapper"}), &json!(9))
    );
    let by_hook = desk
        .get(&format!("/api/widgets?integration_id={hook}&order_by=order:desc"))
        .await
        .done(200);
    assert_eq!(
        (by_hook["data"].as_array().unwrap().len(), &by_hook["data"][0]["id"]),
        (2, &made["id"])
    );
    let by_app = desk.get("/api/widgets?app_id=acme-loyalty").await.done(200);
    assert_eq!(by_app["data"][0]["type"], "customer_external_data");
    for (wrong, place) in [
        (
            json!({"type": "shopify", "template": template, "integration_id": hook}),
            "integration_id",
        ),
        (
            json!({"type": "http", "template": template, "integration_id": 5}),
            "integration_id",
        ),
        (json!({"type": "http", "template": template, "app_id": "x"}), "app_id"),
        (json!({"type": "http", "template": {}}), "template"),
        (json!({"type": "http", "template": template, "order": -1}), "order"),
    ] {
        let data = desk.post("/api/widgets", wrong).await.refused(400);
        assert!(!data[place].is_null(), "{place}: {data}");
    }
    desk.delete(&path).await.empty(204);
    desk.delete(&path).await.refused(404);
}

#[tokio::test]
async fn the_type_ahead_finds_what_is_named_so() {
    let desk = Desk::new().await;
    let search = async |body: Value| desk.post("/api/search", body).await.done(201);
    let agents = search(json!({"type": "agent", "query": "re"})).await;
    assert_eq!(names(&agents), ["Marlow Relay", "Sorrel Beacon", "Wren Ferry"]);
    let first = search(json!({"type": "team", "query": "e", "size": 1})).await;
    assert_eq!(names(&first), ["Escalations"], "what begins with the words comes first");
    assert_eq!(names(&search(json!({"type": "tag", "query": "VIP"})).await), ["vip"]);
    let mail = search(json!({"type": "integration", "query": "on instagram"})).await;
    assert_eq!(mail["data"][0]["type"], "facebook");
    let customers = desk.state()["customers"].as_object().unwrap().clone();
    let customer = customers.values().next().unwrap();
    let found = search(json!({"type": "customer", "query": customer["email"]})).await;
    assert_eq!(
        (found["data"].as_array().unwrap().len(), &found["data"][0]["id"]),
        (1, &customer["id"])
    );
    let channel = search(json!({"type": "customer_channel_email", "query": customer["email"]})).await;
    assert_eq!(
        (&channel["data"][0]["type"], &channel["data"][0]["customer"]["id"]),
        (&json!("email"), &customer["id"])
    );
    assert_eq!(
        search(json!({"type": "customer"})).await["data"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
    desk.post("/api/search", json!({"type": "ticket", "query": "x"}))
        .await
        .refused(400);
    desk.post("/api/search", json!({"type": "tag", "size": 51}))
        .await
        .refused(400);
    desk.post("/api/search", json!({"query": "x"})).await.refused(400);
}
