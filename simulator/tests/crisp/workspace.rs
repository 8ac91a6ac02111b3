//! A workspace: inboxes, teams, operators, settings, visitors, analytics, its own life.

use serde_json::{Value, json};

use crate::harness::{Desk, column, keys, with};

#[tokio::test]
async fn inboxes_are_ordered_made_saved_and_deleted() {
    let desk = Desk::with("user").await;
    let list = async || desk.pages("/inboxes/list/{n}", &[]).await;
    let inboxes = list().await;
    assert_eq!(
        column(&inboxes, "name"),
        ["VIP", "Billing", "Technical", "Returns"].map(|name| json!(name))
    );
    let state = desk.state();
    let operator = state["operators"][1]["user_id"].clone();
    let team = state["teams"][0].clone();
    let condition = json!({"model": "session", "criterion": "segments", "operator": "eq", "query": ["late"]});
    let mut body = json!({
        "name": "Late", "emoji": "🌙", "order": 9, "operators": [operator], "teams": [team["team_id"]],
        "operator": "or", "conditions": [condition],
    });
    let (_, data) = desk.post("/inbox", body.clone()).await.done(201);
    let path = format!("/inbox/{}", data["inbox_id"].as_str().unwrap());
    let shown = desk.get(&path).await.data();
    for name in ["name", "emoji", "order", "operators", "teams", "operator", "conditions"] {
        assert_eq!(shown[name], body[name], "{name}");
    }
    assert_eq!(shown["team_operators"], team["operators"]);
    body["teams"] = json!(["0b0c0d0e-1111-4222-8333-444455556666"]);
    desk.put(&path, body.clone()).await.refused(400, "invalid_data");
    body["teams"] = json!([]);
    body["name"] = json!("Very late");
    desk.put(&path, body).await.data();
    assert_eq!(desk.get(&path).await.data()["name"], "Very late");
    let orders = json!({"orders": [{"inbox_id": data["inbox_id"], "order": 0}, {"inbox_id": inboxes[0]["inbox_id"], "order": 7}]});
    desk.patch("/inboxes/batch/order", orders).await.data();
    let names = column(&list().await, "name");
    assert_eq!(
        names,
        ["Very late", "Billing", "Technical", "Returns", "VIP"].map(|name| json!(name))
    );
    let stranger = json!({"orders": [{"inbox_id": "0b0c0d0e-1111-4222-8333-444455556666", "order": 0}]});
    desk.patch("/inboxes/batch/order", stranger)
        .await
        .refused(404, "not_found");

    let billing = inboxes[1]["inbox_id"].as_str().unwrap();
    let conversations = state["conversations"].as_object().unwrap().values();
    let inside: Vec<_> = conversations
        .filter(|one| one["inbox_id"] == billing)
        .map(|one| one["session_id"].as_str().unwrap())
        .collect();
    assert!(!inside.is_empty());
    desk.delete(&format!("/inbox/{billing}")).await.data();
    assert_eq!(desk.head(&format!("/inbox/{billing}")).await, 404);
    let state = desk.state();
    assert!(
        inside
            .iter()
            .all(|session| state["conversations"][session]["inbox_id"].is_null()),
        "they are in the main one"
    );
}

#[tokio::test]
async fn teams_are_made_saved_and_deleted() {
    let desk = Desk::new().await;
    assert_eq!(desk.pages("/teams/list/{n}", &[]).await.len(), 2);
    let operator = desk.state()["operators"][4]["user_id"].clone();
    let body = json!({"name": "Night", "emoji": "🌙", "operators": [operator]});
    let (_, data) = desk.post("/team", body.clone()).await.done(201);
    let path = format!("/team/{}", data["team_id"].as_str().unwrap());
    let shown = desk.get(&path).await.data();
    assert_eq!(
        keys(&shown),
        ["team_id", "name", "emoji", "operators", "created_at", "updated_at"]
    );
    assert_eq!(shown["operators"], json!([operator]));
    desk.put(&path, json!({"name": "Day"})).await.data();
    let shown = desk.get(&path).await.data();
    assert_eq!(
        (&shown["name"], &shown["emoji"], &shown["operators"]),
        (&json!("Day"), &json!(""), &json!([]))
    );
    let stranger = json!({"operators": ["0b0c0d0e-1111-4222-8333-444455556666"]});
    desk.put(&path, stranger).await.refused(400, "invalid_data");
    assert_eq!(desk.head(&path).await, 200);
    desk.delete(&path).await.data();
    assert_eq!(desk.head(&path).await, 404);
}

#[tokio::test]
async fn operators_and_whether_they_are_there() {
    let desk = Desk::new().await;
    let listed = desk.get("/operators/list").await.data();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 6);
    assert!(listed.iter().all(|one| one["type"] == "operator"));
    let details = &listed[0]["details"];
    let expected = [
        "user_id",
        "email",
        "first_name",
        "last_name",
        "role",
        "title",
        "availability",
        "has_token",
    ];
    assert_eq!(keys(details), expected);
    let id = details["user_id"].as_str().unwrap();
    assert_eq!(&desk.get(&format!("/operator/{id}")).await.data(), details);
    let status = desk.get("/availability/status").await.data();
    assert_eq!(status["status"], "online");
    let availabilities = desk.get("/availability/operators").await.data();
    let types = column(availabilities.as_array().unwrap(), "type");
    assert_eq!(
        types,
        ["online", "online", "away", "offline", "offline", "offline"].map(|one| json!(one))
    );
    let time = &availabilities[0]["time"];
    assert_eq!(time["for"].as_i64().unwrap(), 10 * 60_000);
    assert_eq!(desk.get("/operators/active").await.data().as_array().unwrap().len(), 4);

    let mail = json!({"recipient": "owners", "subject": "News", "message": "Hello", "target": {"label": "Look", "url": "https://a.example"}});
    desk.post("/operators/email", mail.clone()).await.done(202);
    desk.patch("/operators/email", mail).await.done(202);
    let to = desk.state()["requests"][0]["details"]["to"].clone();
    assert_eq!(to, json!(["linden@acme.example", "rowan@acme.example"]));
    let one = json!({"recipient": "user", "subject": "News", "message": "Hello"});
    desk.post("/operators/email", one).await.refused(400, "invalid_data");
}

#[tokio::test]
async fn operators_are_invited_changed_and_unlinked() {
    let desk = Desk::with("user").await;
    let invite =
        json!({"email": "new@acme.example", "role": "member", "verify": {"method": "token", "secret": "123456"}});
    desk.post("/operator", invite.clone()).await.done(201);
    desk.post("/operator", invite).await.refused(400, "invalid_data");
    let listed = desk.get("/operators/list").await.data();
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[6]["type"]),
        (7, &json!("invite"))
    );
    let state = desk.state();
    let operator = |index: usize| format!("/operator/{}", state["operators"][index]["user_id"].as_str().unwrap());
    desk.patch(&operator(1), json!({"title": "Head of Billing", "role": "owner"}))
        .await
        .data();
    let shown = desk.get(&operator(1)).await.data();
    assert_eq!(
        (&shown["title"], &shown["role"]),
        (&json!("Head of Billing"), &json!("owner"))
    );
    let assigned = |state: &Value, index: usize| {
        let id = &state["operators"][index]["user_id"];
        state["conversations"]
            .as_object()
            .unwrap()
            .values()
            .filter(|one| one["assigned"] == *id)
            .count()
    };
    assert!(assigned(&state, 3) > 0);
    desk.delete(&operator(3)).await.data();
    desk.get(&operator(3)).await.refused(404, "not_found");
    let gone = state["operators"][3]["user_id"].as_str().unwrap();
    assert!(
        !desk.state().to_string().contains(gone),
        "nothing points at who is gone"
    );
    // The last owner stays.
    desk.delete(&operator(1)).await.data();
    desk.delete(&operator(5)).await.data();
    desk.delete(&operator(0)).await.refused(403, "not_allowed");
    desk.patch(&operator(0), json!({"role": "member"}))
        .await
        .refused(403, "not_allowed");
    desk.delete("/operators/active").await.data();
    assert_eq!(desk.get("/operators/active").await.data(), json!([]));
}

#[tokio::test]
async fn settings_merge() {
    let desk = Desk::new().await;
    let before = desk.get("/settings").await.data();
    assert_eq!(
        (&before["name"], &before["domain"]),
        (&json!("Acme Shelving"), &json!("acme.example"))
    );
    let change = json!({"name": "Acme", "chatbox": {"tile": "noise", "blocked_ips": ["203.0.113.1"]}, "emails": {"trackers": true}});
    desk.patch("/settings", change).await.data();
    let after = desk.get("/settings").await.data();
    assert_eq!(
        (&after["name"], &after["chatbox"]["tile"]),
        (&json!("Acme"), &json!("noise"))
    );
    assert_eq!(after["chatbox"]["color_theme"], before["chatbox"]["color_theme"]);
    assert_eq!(
        after["emails"],
        json!({"rating": true, "transcript": true, "trackers": true, "junk_filter": true})
    );
    assert_eq!(desk.get("").await.data()["name"], "Acme");

    assert_eq!(desk.get("/verify/settings").await.data(), json!({"enabled": false}));
    desk.patch("/verify/settings", json!({"enabled": true})).await.data();
    assert_eq!(desk.get("/verify/settings").await.data(), json!({"enabled": true}));
    let key = desk.get("/verify/key").await.data();
    desk.post("/verify/key", json!({})).await.done(201);
    let rolled = desk.get("/verify/key").await.data();
    assert_eq!(rolled["secret"].as_str().unwrap().len(), 32);
    assert_ne!(rolled, key);
    let endpoints = desk.get("/connect/endpoints").await.data();
    assert!(
        endpoints["socket"]["app"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
}

#[tokio::test]
async fn visitors_are_counted_listed_and_mapped() {
    let desk = Desk::new().await;
    let visitors = desk.pages("/visitors/list/{n}", &[]).await;
    assert_eq!(visitors.len(), 27);
    let active = visitors.iter().filter(|one| one["active"] == true).count();
    assert_eq!(
        desk.get("/visitors/count").await.data(),
        json!({"count": 27, "active": active, "limited": false})
    );
    let initiated: Vec<_> = visitors.iter().filter(|one| one["initiated"] == true).collect();
    assert!(!initiated.is_empty());
    let session = initiated[0]["session_id"].as_str().unwrap();
    assert_eq!(desk.head(&format!("/conversation/{session}")).await, 200);

    let points = desk.get("/visitors/map").await.data();
    let counts = points
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["visitors"]["count"].as_u64().unwrap());
    assert_eq!((points.as_array().unwrap().len(), counts.sum::<u64>()), (5, 27));
    // Paris: Nantes is within 400 km, Leipzig is not.
    let centre = [
        ("center_latitude", "48.8566"),
        ("center_longitude", "2.3522"),
        ("center_radius", "400"),
    ];
    let near = desk.find("/visitors/map", &centre).await.data();
    let cities: Vec<_> = near
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["geolocation"]["city"].clone())
        .collect();
    assert_eq!(cities, [json!("Nantes")]);

    let token = desk.state()["visitors"][3].clone();
    let path = format!("/visitors/token/{}", token["token_id"].as_str().unwrap());
    assert_eq!(desk.get(&path).await.data(), json!({"session_id": token["session_id"]}));
    desk.get("/visitors/token/0b0c0d0e-1111-4222-8333-444455556666")
        .await
        .refused(404, "not_found");

    let desk = desk.acting_as("acme", "user");
    assert_eq!(desk.get("/visitors/blocked").await.data().as_array().unwrap().len(), 3);
    assert_eq!(
        desk.get("/visitors/blocked/ip").await.data(),
        json!({"rule": ["ip"], "blocked": 15})
    );
    desk.delete("/visitors/blocked/ip").await.data();
    assert_eq!(desk.get("/visitors/blocked/ip").await.data()["blocked"], 0);
    desk.delete("/visitors/blocked/ip").await.refused(404, "not_found");
    assert_eq!(desk.get("/visitors/blocked").await.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn analytics_add_up() {
    let desk = Desk::with("user").await;
    let state = desk.state();
    let date = json!({"from": "2025-01-01", "to": "2026-12-31", "split": "month", "timezone": "Europe/Paris"});
    let figures = async |metric: &str, kind: &str, more: Value| {
        let mut body = json!({"metric": metric, "type": kind, "date": date});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        desk.post("/analytics/generate", body)
            .await
            .data()
            .as_array()
            .unwrap()
            .clone()
    };
    let sum = |points: &[Value]| points.iter().map(|one| one["value"].as_f64().unwrap()).sum::<f64>();
    let visible: Vec<_> = state["conversations"]
        .as_object()
        .unwrap()
        .values()
        .filter(|one| one["visible"] == true)
        .collect();
    let monthly = figures("conversation", "total", json!({})).await;
    assert_eq!(sum(&monthly), visible.len() as f64);
    assert_eq!(monthly.last().unwrap()["period"], "2026-03-01T00:00:00Z");
    let split = figures("conversation_state", "total", json!({"split_by": "state"})).await;
    for name in ["pending", "unresolved", "resolved"] {
        let points: Vec<_> = split.iter().filter(|one| one["split_by"] == name).cloned().collect();
        let expected = visible.iter().filter(|one| one["state"] == name).count();
        assert_eq!(sum(&points), expected as f64, "{name}");
    }
    let messages = figures("conversation", "messages", json!({})).await;
    let expected: usize = visible
        .iter()
        .map(|one| one["messages"].as_array().unwrap().len())
        .sum();
    assert_eq!(sum(&messages), expected as f64);
    let slowest = figures("conversation", "response_time", json!({"aggregator": "maximum"})).await;
    let quickest = figures("conversation", "response_time", json!({"aggregator": "minimum"})).await;
    assert!(sum(&quickest) > 0.0 && sum(&quickest) < sum(&slowest));
    assert!(!figures("people_created", "total", json!({})).await.is_empty());
    assert!(
        !figures("campaign_activity", "total", json!({"split_by": "type"}))
            .await
            .is_empty()
    );
    assert!(figures("status_downtime", "total", json!({})).await.is_empty());
    let mut wrong = json!({"metric": "conversation", "type": "total", "date": date});
    wrong["date"]["split"] = json!("fortnight");
    desk.post("/analytics/generate", wrong.clone())
        .await
        .refused(400, "invalid_data");
    wrong["metric"] = json!("mood");
    desk.post("/analytics/generate", wrong)
        .await
        .refused(400, "invalid_data");
}

#[tokio::test]
async fn a_workspace_is_made_and_its_deletion_taken_back() {
    let desk = Desk::with("user").await;
    let shown = desk.get("").await.data();
    assert_eq!(shown["website_id"], json!(desk.credentials["website_id"]));
    let verify = json!({"verify": {"method": "password", "secret": "sample"}});
    desk.delete("/expunge").await.refused(404, "not_found");
    assert_eq!(desk.delete_with("", verify).await.done(200).1, json!({}));
    assert_eq!(
        desk.state()["deletion_at"].as_i64().unwrap() - 1_772_442_001_000,
        7 * 86_400_000
    );
    assert_eq!(desk.get("").await.status, 200, "it is still there");
    desk.delete("/expunge").await.data();
    assert_eq!(desk.state()["deletion_at"], Value::Null);

    let create = |domain: &str| {
        desk.request(reqwest::Method::POST, "/website")
            .json(&json!({"name": "Third", "domain": domain}))
    };
    desk.send(create("acme.example")).await.refused(400, "invalid_data");
    let made = desk.send(create("third.example")).await.data();
    let id = made["website_id"].as_str().unwrap();
    let conversations = format!("/website/{id}/conversations/1");
    assert_eq!(
        desk.send(desk.request(reqwest::Method::GET, &conversations))
            .await
            .data(),
        json!([])
    );
    let state = desk.control().state();
    assert_eq!(
        with(&state[id]["operators"], "role", "owner")["email"],
        "linden@acme.example"
    );
}
