//! Macros and rules.

use serde_json::{Value, json};

use crate::harness::Desk;

/// The members of this name in a list.
fn each<'a>(list: &'a Value, member: &str) -> Vec<&'a Value> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one[member])
        .collect()
}

#[tokio::test]
async fn macros_are_made_changed_and_taken_away() {
    let desk = Desk::new().await;
    let tags = json!({"name": "addTags", "title": "Add tags", "arguments": {"tags": "vip, urgent"}});
    let answer =
        json!({"name": "setResponseText", "title": "", "arguments": {"body_text": "Hi {{ticket.customer.firstname}}"}});
    let body = json!({"name": "Greet", "intent": "other/thanks", "language": "en", "actions": [answer, tags]});
    let made = desk.post("/api/macros", body).await.done(201);
    assert_eq!((&made["usage"], &made["archived_datetime"]), (&json!(0), &Value::Null));
    assert_eq!(
        made["actions"][0]["arguments"]["body_text"],
        "Hi {{ticket.customer.firstname}}"
    );
    assert_eq!(
        (&made["actions"][0]["type"], &made["actions"][0]["description"]),
        (&json!("user"), &Value::Null)
    );
    let path = format!("/api/macros/{}", made["id"]);
    assert_eq!(made["uri"], format!("{path}/"));
    let changed = desk.put(&path, json!({"actions": [tags]})).await.done(202);
    assert_eq!(
        (&changed["name"], changed["actions"].as_array().unwrap().len()),
        (&json!("Greet"), 1)
    );
    assert_eq!(desk.get(&path).await.done(200), changed);
    desk.delete(&path).await.empty(204);
    desk.delete(&path).await.refused(404);
    let state = desk.state();
    let events = state["events"].as_object().unwrap().values();
    let kinds: Vec<&Value> = events
        .filter(|event| event["object_id"] == made["id"])
        .map(|event| &event["type"])
        .collect();
    assert_eq!(kinds, ["macro-created", "macro-updated", "macro-deleted"]);
}

#[tokio::test]
async fn actions_take_the_arguments_they_are_known_by() {
    let desk = Desk::new().await;
    for (name, arguments, member) in [
        ("addTags", json!({"tags": ["vip"]}), "tags"),
        ("removeTags", json!({}), "tags"),
        ("setStatus", json!({"status": "snoozed"}), "status"),
        ("setResponseText", json!({}), "body_text"),
        ("addAttachments", json!({"attachments": "a.png"}), "attachments"),
    ] {
        let action = json!({"name": name, "title": name, "arguments": arguments});
        let data = desk
            .post("/api/macros", json!({"name": "x", "actions": [action]}))
            .await
            .refused(400);
        assert!(
            data["actions"]["0"]["arguments"][member][0].is_string(),
            "{name}: {data}"
        );
    }
    let own = json!({"name": "ownAction", "title": "Own", "arguments": {"any": [1]}, "type": "system"});
    desk.post("/api/macros", json!({"name": "x", "actions": [own]}))
        .await
        .done(201);
    desk.post("/api/macros", json!({"name": "x", "actions": [{"name": "setStatus"}]}))
        .await
        .refused(400);
    desk.post("/api/macros", json!({"name": "x", "intent": "refund"}))
        .await
        .refused(400);
}

#[tokio::test]
async fn macros_are_listed_by_what_they_are_for() {
    let desk = Desk::new().await;
    let usual = desk.get("/api/macros?limit=100").await.done(200);
    let usages: Vec<i64> = each(&usual, "usage")
        .into_iter()
        .map(|usage| usage.as_i64().unwrap())
        .collect();
    assert!(
        usages.len() > 10 && usages.is_sorted_by(|one, other| one >= other),
        "{usages:?}"
    );
    assert!(!each(&usual, "name").contains(&&json!("Winter sale 2025")));
    let archived = desk.get("/api/macros?archived=true").await.done(200);
    assert_eq!(each(&archived, "name"), ["Winter sale 2025"]);
    let found = desk.get("/api/macros?search=PARCEL&order_by=name:asc").await.done(200);
    assert_eq!(each(&found, "name"), ["Shipping: parcel is late"]);
    let both = desk
        .get("/api/macros?tags=shipping&tags=late-parcel&order_by=name:asc")
        .await
        .done(200);
    assert_eq!(each(&both, "name"), ["Paket verspätet", "Shipping: parcel is late"]);
    let german = desk.get("/api/macros?languages=de&languages=fr").await.done(200);
    assert_eq!(each(&german, "name"), ["Paket verspätet"]);
}

#[tokio::test]
async fn macros_are_sorted_by_relevance_to_a_ticket() {
    let desk = Desk::new().await;
    let message = json!({"channel": "api", "via": "api", "from_agent": false, "sender": {"email": "a@b.example"},
        "body_text": "Please exchange it, the other size must fit better"});
    let ticket = desk
        .post("/api/tickets", json!({"messages": [message], "subject": "Exchange"}))
        .await
        .done(201);
    let path = format!("/api/macros?order_by=relevance:desc&ticket_id={}&limit=1", ticket["id"]);
    assert_eq!(each(&desk.get(&path).await.done(200), "name"), ["Exchange: other size"]);
    let of_message = format!("{path}&message_id={}", ticket["messages"][0]["id"]);
    assert_eq!(
        each(&desk.get(&of_message).await.done(200), "name"),
        ["Exchange: other size"]
    );
    assert!(desk.get(&format!("{path}&message_id=1")).await.refused(400)["message_id"][0].is_string());
    assert!(desk.get("/api/macros?order_by=relevance:desc").await.refused(400)["ticket_id"][0].is_string());
    let without = format!("/api/macros?message_id={}", ticket["messages"][0]["id"]);
    assert!(desk.get(&without).await.refused(400)["message_id"][0].is_string());
    // Where nothing is relevant, the other order holds.
    let message = json!({"channel": "api", "via": "api", "from_agent": false, "sender": {"email": "a@b.example"}, "body_text": "Hm?"});
    let ticket = desk
        .post("/api/tickets", json!({"messages": [message]}))
        .await
        .done(201);
    let path = format!(
        "/api/macros?order_by=relevance:desc&ticket_id={}&_fallback_order_by=name&limit=2",
        ticket["id"]
    );
    assert_eq!(
        each(&desk.get(&path).await.done(200), "name"),
        ["Close without answer", "Escalate"]
    );
}

#[tokio::test]
async fn archiving_tells_how_it_went_with_each() {
    let desk = Desk::new().await;
    let id = |name: &str| desk.with("macros", "name", name)["id"].clone();
    let (thanks, used, old) = (id("Thanks"), id("Shipping: parcel is late"), id("Winter sale 2025"));
    let body = json!({"ids": [thanks, used, old, 5, thanks]});
    let told = desk.put("/api/macros/archive", body).await.done(207);
    assert_eq!(
        each(&told, "status"),
        ["archived", "macro_used", "already_archived", "not_found"]
    );
    assert_eq!(each(&told, "id"), [&thanks, &used, &old, &json!(5)]);
    let rule = desk.with("rules", "name", "Answer late parcels at night");
    assert_eq!(
        told["data"][1]["error"]["data"]["rules"],
        json!([{"id": rule["id"], "name": rule["name"]}])
    );
    assert_eq!(told["data"][0]["error"], Value::Null);
    assert!(desk.with("macros", "name", "Thanks")["archived_datetime"].is_string());
    assert_eq!(
        desk.with("macros", "name", "Shipping: parcel is late")["archived_datetime"],
        Value::Null
    );
    let told = desk
        .put("/api/macros/unarchive", json!({"ids": [thanks, used, 5]}))
        .await
        .done(207);
    assert_eq!(
        each(&told, "status"),
        ["unarchived", "already_not_archived", "not_found"]
    );
    desk.put("/api/macros/archive", json!({"ids": []})).await.refused(400);
    let many: Vec<i64> = (1..=31).collect();
    desk.put("/api/macros/archive", json!({"ids": many})).await.refused(400);
    desk.put("/api/macros/archive", json!({})).await.refused(400);
}

#[tokio::test]
async fn a_macro_that_an_active_rule_applies_stays() {
    let desk = Desk::new().await;
    let path = format!(
        "/api/macros/{}",
        desk.with("macros", "name", "Shipping: parcel is late")["id"]
    );
    desk.delete(&path).await.refused(409);
    let rule = format!(
        "/api/rules/{}",
        desk.with("rules", "name", "Answer late parcels at night")["id"]
    );
    desk.put(&rule, json!({"deactivated_datetime": "2026-03-02T09:00:00"}))
        .await
        .done(202);
    desk.delete(&path).await.empty(204);
}

#[tokio::test]
async fn rules_are_read_into_a_tree() {
    let desk = Desk::new().await;
    let code = "if (eq(ticket.channel, 'email')) { Action('addTags', {tags: 'vip'}); }";
    let body = json!({"name": "Mail", "code": code, "event_types": "ticket-created,ticket-updated", "priority": 7});
    let rule = desk.post("/api/rules", body).await.done(201);
    assert_eq!((&rule["code"], &rule["priority"]), (&json!(code), &json!(7)));
    assert_eq!(rule["code_ast"]["body"][0]["test"]["callee"]["name"], "eq");
    let path = format!("/api/rules/{}", rule["id"]);
    let changed = desk
        .put(&path, json!({"code": "Action('setStatus', {status: 'closed'});"}))
        .await
        .done(202);
    assert_eq!(
        changed["code_ast"]["body"][0]["expression"]["arguments"][0]["value"],
        "setStatus"
    );
    assert_eq!(changed["event_types"], "ticket-created,ticket-updated");
    let data = desk.put(&path, json!({"code": "if (eq("})).await.refused(400);
    assert!(data["code"][0].as_str().unwrap().contains("line 1"), "{data}");
    assert!(
        desk.post(
            "/api/rules",
            json!({"name": "x", "code": "f()", "event_types": "never"})
        )
        .await
        .refused(400)["event_types"]
            .is_array()
    );
    assert!(desk.post("/api/rules", json!({"name": "x"})).await.refused(400)["code"].is_array());
    desk.delete(&path).await.empty(204);
    desk.get(&path).await.refused(404);
}

#[tokio::test]
async fn rules_come_by_the_hundred_and_their_priorities_are_set_together() {
    let desk = Desk::new().await;
    for number in 0..31 {
        desk.post("/api/rules", json!({"name": format!("Rule {number}"), "code": "f()"}))
            .await
            .done(201);
    }
    let all = desk.get("/api/rules").await.done(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 37);
    assert_eq!(all["data"][0]["name"], "Rule 30");
    let (first, second) = (&all["data"][0]["id"], &all["data"][1]["id"]);
    let wanted = json!({"priorities": [{"id": first, "priority": 500}, {"id": second, "priority": -1}]});
    let set = desk.post("/api/rules/priorities", wanted).await.done(202);
    assert_eq!(each(&set, "priority"), [500, -1]);
    assert_eq!(desk.with("rules", "name", "Rule 30")["priority"], 500);
    for wrong in [
        json!([{"id": first, "priority": 500}]),
        json!({"priorities": []}),
        json!({"priorities": [{"id": first}]}),
        json!({"priorities": [{"id": first, "priority": 1}, {"id": 5, "priority": 1}]}),
        json!({"priorities": [{"id": first, "priority": 1}, {"id": first, "priority": 2}]}),
    ] {
        desk.post("/api/rules/priorities", wrong).await.refused(400);
    }
    assert_eq!(
        desk.with("rules", "name", "Rule 30")["priority"],
        500,
        "a refused list changes nothing"
    );
}

#[tokio::test]
async fn only_who_leads_the_account_writes_rules() {
    let desk = Desk::new().await.acting_as("acme", "agent");
    desk.get("/api/rules").await.done(200);
    desk.post("/api/rules", json!({"name": "x", "code": "f()"}))
        .await
        .refused(403);
    desk.post("/api/macros", json!({"name": "x"})).await.done(201);
}
