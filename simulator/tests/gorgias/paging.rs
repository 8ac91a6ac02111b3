//! Cursors.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::harness::Desk;

fn ids(page: &Value) -> Vec<i64> {
    let items = page["data"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_read_to_its_end_and_back() {
    let desk = Desk::new().await;
    let (mut all, mut pages) = (Vec::new(), Vec::new());
    let mut path = "/api/tickets?limit=90".to_owned();
    loop {
        let page = desk.get(&path).await.done(200);
        assert_eq!((&page["object"], &page["uri"]), (&"list".into(), &path.as_str().into()));
        all.extend(ids(&page));
        let next = page["meta"]["next_cursor"].as_str().map(str::to_owned);
        pages.push(page);
        match next {
            Some(cursor) => path = format!("/api/tickets?limit=90&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!((all.len(), pages.len()), (500, 6));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 500, "each comes once");
    assert_eq!(pages[0]["meta"]["prev_cursor"], Value::Null);
    let back = pages[2]["meta"]["prev_cursor"].as_str().unwrap();
    let page = desk
        .get(&format!("/api/tickets?limit=90&cursor={back}"))
        .await
        .done(200);
    assert_eq!(ids(&page), ids(&pages[1]));
    let newest = desk.get("/api/tickets").await.done(200);
    assert_eq!(ids(&newest), all[..30]);
    let mut sorted = pages.iter().flat_map(|page| page["data"].as_array().unwrap());
    let mut before = sorted.next().unwrap()["created_datetime"].as_str().unwrap();
    for ticket in sorted {
        let created = ticket["created_datetime"].as_str().unwrap();
        assert!(created <= before, "newest first");
        before = created;
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_request_and_ends() {
    let desk = Desk::new().await;
    let page = desk.get("/api/tickets?limit=10").await.done(200);
    let cursor = page["meta"]["next_cursor"].as_str().unwrap();
    desk.get(&format!("/api/tickets?limit=20&cursor={cursor}"))
        .await
        .done(200);
    for other in [
        format!("/api/tickets?order_by=created_datetime:asc&cursor={cursor}"),
        format!("/api/tickets?trashed=false&cursor={cursor}"),
        format!("/api/customers?cursor={cursor}"),
        format!("/api/tickets?cursor={}", cursor.replacen('e', "f", 1)),
    ] {
        let data = desk.get(&other).await.refused(400);
        assert!(data["cursor"][0].is_string(), "{other}: {data}");
    }
    desk.control().advance(Duration::from_secs(31 * 60));
    let data = desk
        .get(&format!("/api/tickets?limit=10&cursor={cursor}"))
        .await
        .refused(400);
    assert!(data["cursor"][0].as_str().unwrap().contains("expired"), "{data}");
    let desk = desk.acting_as("globex", "api_key");
    desk.get(&format!("/api/tickets?cursor={cursor}")).await.refused(400);
}

#[tokio::test]
async fn what_is_added_meanwhile_shifts_nothing() {
    let desk = Desk::new().await;
    let whole = ids(&desk.get("/api/tags?limit=20&order_by=name:asc").await.done(200));
    let page = desk.get("/api/tags?limit=10&order_by=name:asc").await.done(200);
    desk.post("/api/tags", serde_json::json!({"name": "aaa"}))
        .await
        .done(201);
    let cursor = page["meta"]["next_cursor"].as_str().unwrap();
    let next = desk
        .get(&format!("/api/tags?limit=10&order_by=name:asc&cursor={cursor}"))
        .await;
    assert_eq!(ids(&next.done(200)), whole[10..]);
}
