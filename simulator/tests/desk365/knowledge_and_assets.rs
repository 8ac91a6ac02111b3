//! The knowledge base and the locations.

use serde_json::{Value, json};

use crate::harness::{Desk, column, keys};

#[tokio::test]
async fn articles_are_listed_and_read_when_live() {
    let desk = Desk::new().await;
    let list = desk.get("/v3/kb/article/", &[]).await.ok();
    assert_eq!(
        (keys(&list), &list["count"]),
        (vec!["count", "article_titles"], &json!(23))
    );
    let titles = list["article_titles"].as_array().unwrap();
    assert!(titles.contains(&json!("What's new in 4.2 🚀")) && !titles.contains(&json!("Draft: status page")));
    for title in titles {
        let article = desk
            .get("/v3/kb/article/details", &[("article_name", title.as_str().unwrap())])
            .await
            .ok();
        assert_eq!(article["article_title"], *title);
        assert_ne!(article["status"], 0);
        assert!(!article["article_content_text"].as_str().unwrap().contains('<'));
    }
    desk.get("/v3/kb/article/details", &[("article_name", "Draft: status page")])
        .await
        .refused(404);
    let labels = desk
        .get("/v3/kb/article/details", &[("article_name", "Return labels")])
        .await
        .ok();
    assert_eq!(
        (&labels["has_attachments"], &labels["folder_name"]),
        (&json!(true), &json!("Refunds"))
    );
    let file = desk
        .send(
            desk.client
                .get(labels["attachments"][0]["attachment_url"].as_str().unwrap()),
        )
        .await;
    assert_eq!(file.status, 200);
}

#[tokio::test]
async fn articles_are_written_renamed_and_deleted() {
    let desk = Desk::new().await;
    let body =
        json!({"article_title": "A & B / C?", "article_content": "<p>x</p>", "category_name": "Shipping + Returns"});
    let created = desk.post("/v3/kb/article/create", &[], body.clone()).await.ok();
    assert_eq!(
        (&created["status"], &created["updated_on"]),
        (&json!(0), &json!("1970-01-01 00:00:00"))
    );
    desk.post("/v3/kb/article/create", &[], body).await.refused(400);
    let query = [("article_name", "A & B / C?")];
    desk.get("/v3/kb/article/details", &query).await.refused(404);
    // The same names in query and body: which one, and its new value.
    let renamed = desk
        .put(
            "/v3/kb/article/update",
            &query,
            json!({"article_title": "D", "status": 1}),
        )
        .await
        .ok();
    assert_eq!(
        (&renamed["article_title"], &renamed["status"]),
        (&json!("D"), &json!(1))
    );
    assert_eq!(
        desk.get("/v3/kb/article/details", &[("article_name", "D")]).await.ok()["article_content"],
        "<p>x</p>"
    );
    desk.put("/v3/kb/article/update", &query, json!({"status": 0}))
        .await
        .refused(404);
    let moved = json!({"category_name": "Billing & Refunds", "folder_name": "Invoices"});
    let moved = desk
        .put("/v3/kb/article/update", &[("article_name", "D")], moved)
        .await
        .ok();
    assert_eq!(
        (&moved["category_name"], &moved["folder_name"]),
        (&json!("Billing & Refunds"), &json!("Invoices"))
    );
    for wrong in [
        json!({"status": 2}),
        json!({"article_title": "First steps"}),
        json!({"article_title": ""}),
        json!({"category_name": "Nope"}),
        json!({"folder_name": "Password & 2FA"}),
        json!({"article_name": "E"}),
        json!({"article_content": null}),
    ] {
        desk.put("/v3/kb/article/update", &[("article_name", "D")], wrong)
            .await
            .refused(400);
    }
    let gone = desk
        .delete("/v3/kb/article/delete", &[("article_name", "D")])
        .await
        .ok();
    assert_eq!(keys(&gone), ["message"]);
    desk.delete("/v3/kb/article/delete", &[("article_name", "D")])
        .await
        .refused(404);
}

#[tokio::test]
async fn folders_answer_their_name_as_category_name() {
    let desk = Desk::new().await;
    let query = [("category_name", "Accounts / Login"), ("folder_name", "Password & 2FA")];
    let folder = desk.get("/v3/kb/folder/details", &query).await.ok();
    assert_eq!(
        keys(&folder),
        [
            "category_name",
            "parent_category_name",
            "created_by_email",
            "created_on"
        ]
    );
    assert_eq!(
        (&folder["category_name"], &folder["parent_category_name"]),
        (&json!("Password & 2FA"), &json!("Accounts / Login"))
    );
    let change = json!({"category_name": "Getting Started", "folder_name": "Login"});
    let moved = desk.put("/v3/kb/folder/update", &query, change).await.ok();
    assert_eq!(
        (&moved["category_name"], &moved["parent_category_name"]),
        (&json!("Login"), &json!("Getting Started"))
    );
    desk.get("/v3/kb/folder/details", &query).await.refused(404);
    let article = desk
        .get("/v3/kb/article/details", &[("article_name", "Two-factor login")])
        .await
        .ok();
    assert_eq!(
        (&article["category_name"], &article["folder_name"]),
        (&json!("Getting Started"), &json!("Login"))
    );
    let body = json!({"category_name": "Getting Started", "folder_name": "Neu 🚀", "created_by_email": "elm.ledger@acme.example"});
    let created = desk.post("/v3/kb/folder/create", &[], body.clone()).await.ok();
    assert_eq!(
        (&created["category_name"], &created["created_by_email"]),
        (&json!("Neu 🚀"), &json!("elm.ledger@acme.example"))
    );
    desk.post("/v3/kb/folder/create", &[], body).await.refused(400);
    desk.post(
        "/v3/kb/folder/create",
        &[],
        json!({"category_name": "Nope", "folder_name": "x"}),
    )
    .await
    .refused(400);
    let query = [("category_name", "Getting Started"), ("folder_name", "Neu 🚀")];
    assert_eq!(
        keys(&desk.delete("/v3/kb/folder/delete", &query).await.ok()),
        ["message"]
    );
    desk.get("/v3/kb/folder/details", &query).await.refused(404);
}

#[tokio::test]
async fn categories_are_written_renamed_and_deleted() {
    let desk = Desk::new().await;
    let category = desk
        .get("/v3/kb/category/details", &[("category_name", "Release Notes 🚀")])
        .await
        .ok();
    assert_eq!(category["category_order"], 5);
    let body = json!({"category_name": "Neu", "support_portal_visibility": 4, "company_list": ["Lumen + Loom"]});
    let created = desk.post("/v3/kb/category/create", &[], body).await.ok();
    assert_eq!(
        (&created["company_list"], &created["category_order"]),
        (&json!(["Lumen + Loom"]), &json!(6))
    );
    for wrong in [
        json!({"category_name": "Neu"}),
        json!({"category_name": "x", "support_portal_visibility": 4}),
        json!({"category_name": "x", "support_portal_visibility": 5}),
        json!({"category_name": "x", "agent_portal_visibility": 2}),
        json!({"category_name": "x", "company_list": ["Nobody"]}),
        json!({"category_name": "x", "company_list": "Lumen + Loom"}),
        json!({"category_name": "x", "created_by_email": "nobody@acme.example"}),
    ] {
        desk.post("/v3/kb/category/create", &[], wrong).await.refused(400);
    }
    let query = [("category_name", "Billing & Refunds")];
    let renamed = desk
        .put("/v3/kb/category/update", &query, json!({"category_name": "Money"}))
        .await
        .ok();
    assert_eq!(renamed["category_name"], "Money");
    desk.put("/v3/kb/category/update", &query, json!({})).await.refused(404);
    let article = desk
        .get("/v3/kb/article/details", &[("article_name", "How refunds work")])
        .await
        .ok();
    assert_eq!(article["category_name"], "Money");
    let gone = desk
        .delete("/v3/kb/category/delete", &[("category_name", "Money")])
        .await
        .ok();
    assert_eq!(keys(&gone), ["message"]);
    desk.get("/v3/kb/article/details", &[("article_name", "How refunds work")])
        .await
        .refused(404);
}

#[tokio::test]
async fn locations_are_listed_read_and_written() {
    let desk = Desk::new().await;
    let list = desk.get("/v3/asset_mgmt/locations", &[]).await.ok();
    assert_eq!((keys(&list), &list["total"]), (vec!["total", "locations"], &json!(5)));
    assert_eq!(column(&list["locations"], "location_name")[3], "Returns & Repairs 🔧");
    let one = desk
        .get(
            "/v3/asset_mgmt/locations/details",
            &[("location_name", "Warehouse A/B")],
        )
        .await
        .ok();
    assert_eq!(
        (&one["parent_location_name"], &one["location_zipcode"]),
        (&json!("Head Office"), &json!("01234"))
    );
    assert_eq!(list["locations"][0]["parent_location_name"], "", "empty at top level");
    let body = json!({"location_name": "Dock", "parent_location_name": "Warehouse A/B"});
    let created = desk
        .post("/v3/asset_mgmt/locations/create", &[], body.clone())
        .await
        .ok();
    assert_eq!(keys(&created).len(), 10);
    desk.post("/v3/asset_mgmt/locations/create", &[], body)
        .await
        .refused(400);
    for wrong in [
        json!({}),
        json!({"location_name": "x".repeat(129)}),
        json!({"location_name": "x", "contact_phone": "1".repeat(65)}),
        json!({"location_name": "x", "parent_location_name": "Nowhere"}),
        json!({"location_name": "x", "contact_name": null}),
        json!({"location_name": "x", "name": "x"}),
    ] {
        desk.post("/v3/asset_mgmt/locations/create", &[], wrong)
            .await
            .refused(400);
    }
    let long = json!({"location_name": "ü".repeat(128)});
    desk.post("/v3/asset_mgmt/locations/create", &[], long).await.ok();
    let query = [("location_name", "Warehouse A/B")];
    let renamed = desk
        .put(
            "/v3/asset_mgmt/locations/update",
            &query,
            json!({"location_name": "Hall"}),
        )
        .await
        .ok();
    assert_eq!(
        (&renamed["location_name"], &renamed["location_zipcode"]),
        (&json!("Hall"), &json!("01234"))
    );
    let child = desk
        .get("/v3/asset_mgmt/locations/details", &[("location_name", "Dock")])
        .await
        .ok();
    assert_eq!(child["parent_location_name"], "Hall");
    desk.put("/v3/asset_mgmt/locations/update", &query, json!({}))
        .await
        .refused(404);
    let none: Vec<Value> = column(&list["locations"], "location_city");
    assert_eq!(none[4], "");
}
