//! The knowledge base: what both its generations share.

use serde_json::{Value, json};

use crate::harness::{Desk, column, keys};

#[tokio::test]
async fn a_helpdesk_is_shown_deleted_and_made_again() {
    let desk = Desk::with("user").await;
    let shown = desk.get("/helpdesk").await.data();
    assert_eq!(
        shown,
        json!({"name": "Acme Help", "url": "https://acme-help.helpdesk.example"})
    );
    let new = json!({"name": "Second", "domain_basic": "second"});
    desk.post("/helpdesk", new.clone()).await.refused(400, "invalid_data");
    let verify = json!({"verify": {"method": "password", "secret": "sample"}});
    desk.delete_with("/helpdesk", json!({"verify": {"method": "sms", "secret": "1"}}))
        .await
        .refused(400, "invalid_data");
    assert_eq!(desk.delete_with("/helpdesk", verify).await.done(200).0, "deleted");
    assert_eq!(desk.head("/helpdesk").await, 404);
    desk.get("/helpdesk/locales/1").await.refused(404, "not_found");
    desk.post("/helpdesk", new).await.done(201);
    assert_eq!(desk.get("/helpdesk").await.data()["name"], "Second");
    assert_eq!(desk.get("/helpdesk/locales/1").await.data(), json!([]));
}

#[tokio::test]
async fn locales_are_added_and_deleted_with_what_is_written_in_them() {
    let desk = Desk::new().await;
    let locales = desk.pages("/helpdesk/locales/{n}", &[]).await;
    assert_eq!(column(&locales, "locale"), [json!("en"), json!("fr")]);
    assert_eq!(
        (&locales[0]["articles"], &locales[0]["categories"]),
        (&json!(24), &json!(3))
    );
    assert_eq!(locales[0]["statistics"]["articles"], json!({"entries": 6, "groups": 2}));
    assert_eq!(locales[0]["statistics"]["news"], json!({"entries": 23, "groups": 0}));
    desk.post("/helpdesk/locale", json!({"locale": "fr"}))
        .await
        .refused(400, "invalid_data");
    desk.post("/helpdesk/locale", json!({"locale": "German"}))
        .await
        .refused(400, "invalid_data");
    desk.post("/helpdesk/locale", json!({"locale": "pt-br"}))
        .await
        .done(201);
    assert_eq!(desk.get("/helpdesk/locale/pt-br").await.data()["articles"], 0);
    desk.delete("/helpdesk/locale/fr").await.data();
    assert_eq!(desk.head("/helpdesk/locale/fr").await, 404);
    desk.get("/helpdesk/locale/fr/articles/1")
        .await
        .refused(404, "not_found");
    desk.get("/helpdesk/tree/list/fr/articles/1")
        .await
        .refused(404, "not_found");
    let helpdesk = &desk.state()["helpdesk"];
    for kind in ["articles", "nodes"] {
        assert!(
            !column(helpdesk[kind].as_array().unwrap(), "locale").contains(&json!("fr")),
            "{kind}"
        );
    }
    assert!(helpdesk["articles"][0]["alternates"].as_object().unwrap().is_empty());
}

#[tokio::test]
async fn redirections_settings_and_domain() {
    let desk = Desk::with("user").await;
    assert_eq!(desk.pages("/helpdesk/redirections/{n}", &[]).await.len(), 3);
    let (_, data) = desk
        .post("/helpdesk/redirection", json!({"path": "/a b", "target": "/en/"}))
        .await
        .done(201);
    let path = format!("/helpdesk/redirection/{}", data["redirection_id"].as_str().unwrap());
    let shown = desk.get(&path).await.data();
    assert_eq!(
        keys(&shown),
        ["redirection_id", "path", "target", "created_at", "updated_at"]
    );
    assert_eq!((&shown["path"], &shown["target"]), (&json!("/a b"), &json!("/en/")));
    assert_eq!(desk.head(&path).await, 200);
    desk.delete(&path).await.data();
    assert_eq!(desk.head(&path).await, 404);

    let change = json!({"name": "Help!", "behavior": {"show_chatbox": false}, "appearance": {"banner": null}});
    desk.patch("/helpdesk/settings", change).await.data();
    let settings = desk.get("/helpdesk/settings").await.data();
    assert_eq!(settings["name"], "Help!");
    assert_eq!(
        settings["behavior"],
        json!({"show_chatbox": false, "ask_feedback": true, "table_of_contents": true})
    );
    desk.patch("/helpdesk/settings", json!({"behavior": {"dance": true}}))
        .await
        .refused(400, "invalid_data");

    let domain = desk.get("/helpdesk/domain").await.data();
    assert_eq!(
        (&domain["basic"], &domain["custom"]),
        (&json!("acme-help"), &Value::Null)
    );
    let setup = desk
        .find("/helpdesk/domain/setup", &[("custom", "help.acme.example")])
        .await
        .data();
    assert_eq!(setup["setup"]["records"][0]["query"], "help.acme.example");
    desk.get("/helpdesk/domain/setup").await.refused(400, "invalid_data");
    desk.patch("/helpdesk/domain", json!({"custom": "help.acme.example"}))
        .await
        .done(202);
    assert_eq!(desk.get("/helpdesk").await.data()["url"], "https://help.acme.example");
}

#[tokio::test]
async fn feedback_is_the_same_in_both_generations() {
    let desk = Desk::new().await;
    for base in [
        "/helpdesk/feedback/{kind}/en/articles",
        "/helpdesk/locale/en/feedback/{kind}",
    ] {
        let ratings = base.replace("{kind}", "ratings");
        assert_eq!(
            desk.get(&ratings).await.data(),
            json!({"ratings": {"helpful": 20, "unhelpful": 10}})
        );
        let all = desk
            .pages(&format!("{}/{{n}}", base.replace("{kind}", "list")), &[])
            .await;
        assert_eq!(all.len(), 30);
        assert_eq!(keys(&all[0]), ["rating", "comment", "article", "session", "created_at"]);
        // The last three days.
        let since = [("filter_date_start", "2026-02-27T08:00:00Z")];
        assert_eq!(
            desk.find(&ratings, &since).await.data(),
            json!({"ratings": {"helpful": 2, "unhelpful": 1}})
        );
    }
    let none = desk.get("/helpdesk/feedback/ratings/en/guides").await.data();
    assert_eq!(none, json!({"ratings": {"helpful": 0, "unhelpful": 0}}));
}

#[tokio::test]
async fn imports_exports_and_refreshes_are_remembered() {
    let desk = Desk::with("user").await;
    let import = json!({"helpdesk_url": "https://old.example/help", "detect_locales": true});
    desk.post("/helpdesk/import/en/guides", import.clone()).await.done(202);
    desk.post("/helpdesk/locale/en/import", import).await.done(202);
    desk.post("/helpdesk/export/fr/articles", json!({})).await.done(202);
    desk.post("/helpdesk/locale/fr/export", json!({})).await.done(202);
    desk.post("/helpdesk/refresh/en/news", json!({})).await.done(202);
    desk.post("/helpdesk/export/de/articles", json!({}))
        .await
        .refused(404, "not_found");
    let requests = desk.state()["requests"].as_array().unwrap().clone();
    let kinds = [
        "helpdesk import",
        "helpdesk import",
        "helpdesk export",
        "helpdesk export",
        "helpdesk refresh",
    ];
    assert_eq!(column(&requests, "kind"), kinds.map(|kind| json!(kind)));
    assert_eq!(requests[0]["details"]["content_type"], "guides");
    assert_eq!(requests[1]["details"]["content_type"], Value::Null);
}
