//! The knowledge base as a tree: paths, contents, metadata, pages, history.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Desk, column, keys};

fn tree(kind: &str, path: &str) -> String {
    format!("/helpdesk/tree/{kind}/en/articles/{path}")
}

async fn titles(desk: &Desk, list: &str, query: &[(&str, &str)]) -> Vec<Value> {
    column(
        &desk.pages(&format!("/helpdesk/tree/list/{list}/{{n}}"), query).await,
        "title",
    )
}

#[tokio::test]
async fn an_article_is_written_published_and_found() {
    let desk = Desk::new().await;
    let path = |kind: &str| tree(kind, "orders/gift%20wrap%20%26%20cards");
    assert_eq!(
        desk.call(Method::POST, &path("path"), &[], None).await.done(201).1,
        json!({})
    );
    desk.post(&path("path"), json!({})).await.refused(400, "invalid_data");
    let shown = desk.get(&path("path")).await.data();
    assert_eq!(keys(&shown), ["type", "slug", "title", "state", "children"]);
    assert_eq!(
        (&shown["type"], &shown["slug"]),
        (&json!("entry"), &json!("gift wrap & cards"))
    );
    desk.put(&path("content"), json!({"content": "# Gift wrap\n\n*Yes.*"}))
        .await
        .data();
    assert_eq!(
        desk.get(&path("content")).await.data(),
        json!({"content": "# Gift wrap\n\n*Yes.*"})
    );
    desk.get(&path("page")).await.refused(404, "not_found");
    let metadata = json!({"title": "Gift wrap", "description": "Paper", "state": {"published": true}});
    desk.patch(&path("metadata"), metadata).await.data();
    let stored = desk.get(&path("metadata")).await.data();
    assert_eq!(
        stored["state"],
        json!({"published": true, "hidden": false, "featured": false})
    );
    assert_eq!(
        (&stored["title"], &stored["format"]),
        (&json!("Gift wrap"), &json!("markdown"))
    );
    let page = desk.get(&path("page")).await.data();
    let url = "https://acme-help.helpdesk.example/en/articles/orders/gift wrap & cards/";
    assert_eq!(page, json!({"title": "Gift wrap", "url": url}));
    let pages = desk.pages("/helpdesk/page/list/en/articles/{n}", &[]).await;
    let listed = pages
        .iter()
        .find(|one| one["tree_path"] == "orders/gift wrap & cards")
        .unwrap();
    assert_eq!(listed["url"], url);
    let entity = format!(
        "/helpdesk/page/entity/en/articles/{}",
        listed["entity_id"].as_str().unwrap()
    );
    assert_eq!(&desk.get(&entity).await.data(), listed);
    desk.patch(&path("metadata"), json!({"state": {"published": false}}))
        .await
        .data();
    desk.get(&path("page")).await.refused(404, "not_found");
    desk.get(&entity).await.refused(404, "not_found");
    desk.delete(&path("path")).await.data();
    desk.get(&path("content")).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_path_needs_the_one_above_it() {
    let desk = Desk::new().await;
    desk.post(&tree("path", "nowhere/deep"), json!({}))
        .await
        .refused(404, "not_found");
    desk.post(&tree("path", "nowhere"), json!({})).await.done(201);
    desk.post(&tree("path", "nowhere/deep"), json!({})).await.done(201);
    let shown = desk.get(&tree("path", "nowhere")).await.data();
    assert_eq!(shown["type"], "group");
    assert_eq!(column(shown["children"].as_array().unwrap(), "slug"), [json!("deep")]);
    // The other trees do not have it.
    desk.get("/helpdesk/tree/path/en/guides/nowhere")
        .await
        .refused(404, "not_found");
    desk.get("/helpdesk/tree/path/fr/articles/nowhere")
        .await
        .refused(404, "not_found");
    desk.get("/helpdesk/tree/path/de/articles/nowhere")
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn trees_are_listed_level_by_level() {
    let desk = Desk::new().await;
    let top = desk.pages("/helpdesk/tree/list/en/articles/{n}", &[]).await;
    assert_eq!(
        column(&top, "title"),
        [json!("Orders"), json!("Payments"), json!("Contact us")]
    );
    assert_eq!(column(&top, "type"), [json!("group"), json!("group"), json!("entry")]);
    let orders = column(top[0]["children"].as_array().unwrap(), "title");
    assert_eq!(
        orders,
        [
            json!("Track an order"),
            json!("Cancel an order"),
            json!("Orders from abroad")
        ]
    );
    assert_eq!(top[0]["children"][2]["state"]["published"], false);
    let below = titles(&desk, "en/articles", &[("sub_path", "orders")]).await;
    assert_eq!(below, orders);
    desk.find("/helpdesk/tree/list/en/articles/1", &[("sub_path", "nothing")])
        .await
        .refused(404, "not_found");
    let found = desk
        .find("/helpdesk/tree/list/en/articles/1", &[("search_title", "INVOICE")])
        .await
        .data();
    assert_eq!(column(found.as_array().unwrap(), "title"), [json!("Payments")]);
    assert_eq!(
        column(found[0]["children"].as_array().unwrap(), "title"),
        [json!("Pay by invoice")]
    );
    assert_eq!(titles(&desk, "en/news", &[]).await.len(), 23);
    assert_eq!(
        desk.get("/helpdesk/tree/list/en/news/2")
            .await
            .data()
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(desk.get("/helpdesk/tree/list/en/news/3").await.data(), json!([]));
    assert!(
        titles(&desk, "en/news", &[("filter_date_end", "2020-01-01")])
            .await
            .is_empty()
    );
    assert_eq!(titles(&desk, "fr/articles", &[]).await, [json!("Commandes")]);
}

#[tokio::test]
async fn branches_move_and_change_places() {
    let desk = Desk::new().await;
    let moved = json!({"action": "move", "path": {"to": "payments/orders"}});
    desk.patch(&tree("path", "orders"), moved).await.data();
    desk.get(&tree("path", "orders")).await.refused(404, "not_found");
    assert_eq!(desk.get(&tree("content", "payments/orders/track")).await.status, 200);
    let payments = desk.get(&tree("path", "payments")).await.data();
    assert_eq!(payments["children"].as_array().unwrap().len(), 3);
    for wrong in [
        json!({"action": "move"}),
        json!({"action": "move", "path": {"to": "payments/orders/track/x"}}),
        json!({"action": "move", "path": {"to": "contact"}}),
    ] {
        desk.patch(&tree("path", "payments/orders"), wrong)
            .await
            .refused(400, "invalid_data");
    }
    let nowhere = json!({"action": "move", "path": {"to": "nowhere/orders"}});
    desk.patch(&tree("path", "payments/orders"), nowhere)
        .await
        .refused(404, "not_found");
    assert_eq!(
        titles(&desk, "en/articles", &[]).await,
        [json!("Payments"), json!("Contact us")]
    );
    desk.patch(&tree("path", "contact"), json!({"action": "order", "position": 0}))
        .await
        .data();
    assert_eq!(
        titles(&desk, "en/articles", &[]).await,
        [json!("Contact us"), json!("Payments")]
    );
}

#[tokio::test]
async fn changes_are_remembered_and_can_be_taken_back() {
    let desk = Desk::new().await;
    let changes = async |query: &[(&str, &str)]| desk.pages("/helpdesk/history/changes/{n}", query).await;
    assert!(changes(&[]).await.is_empty());
    let before = desk.get(&tree("content", "contact")).await.data();
    desk.put(
        &tree("content", "contact"),
        json!({"content": "one\ntwo\nthree\nfour\nfive"}),
    )
    .await
    .data();
    desk.delete(&tree("path", "orders")).await.data();
    desk.post("/helpdesk/tree/path/fr/guides/montage", json!({}))
        .await
        .data();
    let all = changes(&[]).await;
    assert_eq!(
        column(&all, "message"),
        ["created montage", "deleted orders", "edited contact"].map(|text| json!(text))
    );
    assert_eq!(all[2]["edits"], json!({"insertions": 2, "deletions": 0}));
    assert_eq!(changes(&[("filter_locale", "fr")]).await.len(), 1);
    assert_eq!(changes(&[("filter_type", "articles")]).await.len(), 2);
    assert_eq!(changes(&[("filter_tree_path", "orders")]).await.len(), 1);
    let id = |index: usize| format!("/helpdesk/history/change/{}", all[index]["change_id"].as_str().unwrap());
    let whole = desk.get(&id(1)).await.data();
    assert_eq!(
        whole["files"].as_array().unwrap().len(),
        4,
        "a branch goes with all in it"
    );
    let cancel = json!({"action": "cancel"});
    desk.call(Method::DELETE, &id(1), &[], None)
        .await
        .refused(415, "invalid_data");
    for index in 0..3 {
        desk.delete_with(&id(index), cancel.clone()).await.data();
    }
    assert_eq!(desk.get(&tree("content", "contact")).await.data(), before);
    assert_eq!(desk.get(&tree("content", "orders/track")).await.status, 200);
    desk.get("/helpdesk/tree/path/fr/guides/montage")
        .await
        .refused(404, "not_found");
    desk.get(&id(0)).await.refused(404, "not_found");
    assert!(changes(&[]).await.is_empty());
}
