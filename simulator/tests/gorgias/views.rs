//! Views, their items, and searching.

use serde_json::{Value, json};

use crate::harness::Desk;

async fn search(desk: &Desk, view: Value) -> Vec<Value> {
    let page = desk
        .put("/api/views/0/items?limit=100", json!({"view": view}))
        .await
        .done(202);
    page["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn filters_choose_tickets() {
    let desk = Desk::new().await;
    let state = desk.state();
    let all = state["tickets"].as_object().unwrap().values();
    let open = all.filter(|one| one["status"] == "open" && one["spam"] == false && one["trashed_datetime"].is_null());
    let chats: Vec<&Value> = open.filter(|one| one["channel"] == "chat").collect();
    assert!(!chats.is_empty() && chats.len() < 100);
    let filters = "eq(ticket.status, 'open') && eq(ticket.channel, 'chat')";
    let found = search(&desk, json!({"filters": filters})).await;
    assert_eq!(found.len(), chats.len());
    assert!(
        found
            .iter()
            .all(|one| one["status"] == "open" && one["channel"] == "chat")
    );
    for wrong in [
        "startsWith(ticket.subject, 'x')",
        "eq(ticket.colour, 'red')",
        "eq(ticket.status, 'open'",
    ] {
        let data = desk
            .put("/api/views/0/items", json!({"view": {"filters": wrong}}))
            .await
            .refused(400);
        assert!(data["view"]["filters"][0].is_string(), "{wrong}: {data}");
    }
    desk.put("/api/views/0/items", json!({})).await.refused(400);
}

#[tokio::test]
async fn the_texts_are_searched() {
    let desk = Desk::new().await;
    let found = search(&desk, json!({"search": "A-20417 jacket"})).await;
    let subjects: Vec<&Value> = found.iter().map(|one| &one["subject"]).collect();
    assert_eq!(subjects, ["Money back for A-20417"], "all words, in the messages");
    assert_eq!(search(&desk, json!({"search": "zyzzyva"})).await.len(), 0);
}

#[tokio::test]
async fn pages_of_items_are_addresses() {
    let desk = Desk::new().await;
    let view = desk.with("views", "name", "Inbox")["id"].as_i64().unwrap();
    let first = desk.get(&format!("/api/views/{view}/items?limit=10")).await.done(200);
    assert_eq!(first["meta"]["prev_items"], Value::Null);
    let next = first["meta"]["next_items"].as_str().unwrap();
    assert!(next.starts_with(&format!("/api/views/{view}/items?cursor=")), "{next}");
    assert!(next.contains("direction=next") && next.contains("ignored_item=") && next.contains("limit=10"));
    let second = desk.get(next).await.done(200);
    assert_ne!(second["data"][0]["id"], first["data"][9]["id"]);
    let back = second["meta"]["prev_items"].as_str().unwrap();
    assert_eq!(desk.get(back).await.done(200)["data"], first["data"]);
    // A search goes on with the same body.
    let body = json!({"view": {"filters": "eq(ticket.status, 'closed')"}});
    let page = desk.put("/api/views/0/items?limit=10", body.clone()).await.done(202);
    let next = page["meta"]["next_items"].as_str().unwrap();
    desk.put(next, body).await.done(202);
    desk.put(next, json!({"view": {"filters": "eq(ticket.status, 'open')"}}))
        .await
        .refused(400);
}

#[tokio::test]
async fn the_user_who_asks_is_put_in() {
    let desk = Desk::new().await;
    let view = desk.with("views", "name", "Assigned to me");
    assert!(view["filters"].as_str().unwrap().contains("{{current_user.id}}"));
    let shown = desk.get(&format!("/api/views/{}", view["id"])).await.done(200);
    let me = desk.get("/api/users/0").await.done(200)["id"].clone();
    assert!(
        shown["filters"].as_str().unwrap().contains(&format!("'{me}'")),
        "{shown}"
    );
    desk.delete(&format!("/api/views/{}", desk.with("views", "name", "Inbox")["id"]))
        .await
        .refused(400);
}
