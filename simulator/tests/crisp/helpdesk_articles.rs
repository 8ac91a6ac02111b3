//! Articles, categories and sections: the knowledge base before it became a tree.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Desk, column, with};

const EN: &str = "/helpdesk/locale/en";

/// Whether a record is meant.
type Test<'a> = &'a dyn Fn(&Value) -> bool;

async fn article(desk: &Desk, locale: &str, title: &str) -> String {
    let path = format!("/helpdesk/locale/{locale}/article");
    let (reason, data) = desk.post(&path, json!({"title": title})).await.done(201);
    assert_eq!(reason, "added");
    data["article_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_article_goes_from_draft_to_page_and_back() {
    let desk = Desk::new().await;
    let id = article(&desk, "en", "Screws & where they go").await;
    let path = format!("{EN}/article/{id}");
    let shown = desk.get(&path).await.data();
    let members = [
        "title",
        "description",
        "content",
        "status",
        "visibility",
        "featured",
        "visits",
    ]
    .map(|name| shown[name].clone());
    let expected = json!(["Screws & where they go", null, "", "draft", "visible", false, 0]);
    assert_eq!(json!(members), expected);
    assert!(shown.get("url").is_none() && shown.get("published_at").is_none());
    desk.get(&format!("{path}/page")).await.refused(404, "not_found");
    desk.patch(
        &path,
        json!({"content": "# Screws\n\n*Which?*", "description": "All of them"}),
    )
    .await
    .data();
    let (_, published) = desk.post(&format!("{path}/publish"), json!({})).await.done(200);
    let url = published["url"].as_str().unwrap();
    assert!(
        url.starts_with("https://acme-help.helpdesk.example/en/article/screws-where-they-go-"),
        "{url}"
    );
    let page = desk.get(&format!("{path}/page")).await.data();
    assert_eq!(page, json!({"title": "Screws & where they go", "url": url}));
    let shown = desk.get(&path).await.data();
    assert_eq!((&shown["status"], &shown["url"]), (&json!("published"), &json!(url)));
    assert!(shown["published_at"].is_i64());
    desk.put(&path, json!({"title": "Screws"}))
        .await
        .refused(400, "invalid_data");
    let whole = json!({"title": "Screws", "description": null, "content": "", "featured": true, "order": 3});
    desk.put(&path, whole).await.data();
    let shown = desk.get(&path).await.data();
    let members = ["title", "description", "content", "featured", "order"].map(|name| shown[name].clone());
    assert_eq!(json!(members), json!(["Screws", null, "", true, 3]));
    desk.post(&format!("{path}/unpublish"), json!({})).await.data();
    desk.get(&format!("{path}/page")).await.refused(404, "not_found");
    assert_eq!(desk.head(&path).await, 200);
    desk.delete(&path).await.data();
    assert_eq!(desk.head(&path).await, 404);
}

#[tokio::test]
async fn articles_are_listed_without_content_and_filtered() {
    let desk = Desk::new().await;
    let state = desk.state();
    let articles = state["helpdesk"]["articles"].as_array().unwrap();
    let list = async |query: &[(&str, &str)]| desk.pages(&format!("{EN}/articles/{{n}}"), query).await;
    let matching = |wanted: &dyn Fn(&Value) -> bool| {
        let english = articles.iter().filter(|one| one["locale"] == "en" && wanted(one));
        english.map(|one| one["article_id"].clone()).collect::<Vec<_>>()
    };
    let all = list(&[]).await;
    assert_eq!(column(&all, "article_id"), matching(&|_| true));
    assert!(all.iter().all(|one| one.get("content").is_none()));
    assert_eq!(
        desk.get(&format!("{EN}/articles/1"))
            .await
            .data()
            .as_array()
            .unwrap()
            .len(),
        20
    );
    let categories = desk.get(&format!("{EN}/categories/1")).await.data();
    let payments = with(&categories, "name", "Payments")["category_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let sections = desk.get(&format!("{EN}/category/{payments}/sections/1")).await.data();
    let section = sections[0]["section_id"].as_str().unwrap();
    let cases: [(&[(&str, &str)], Test<'_>); 6] = [
        (&[("filter_status_draft", "1")], &|one| one["status"] == "draft"),
        (
            &[("filter_status_published", "1"), ("filter_visibility_visible", "1")],
            &|one| one["status"] == "published" && one["visibility"] == "visible",
        ),
        (&[("filter_visibility_hidden", "1")], &|one| {
            one["visibility"] == "hidden"
        }),
        (&[("filter_category_id", &payments)], &|one| {
            one["category_id"] == payments.as_str()
        }),
        (&[("filter_section_id", section)], &|one| one["section_id"] == section),
        (&[("search_title", "ASSEMBLE")], &|one| {
            one["title"].as_str().unwrap().starts_with("Assemble")
        }),
    ];
    for (query, wanted) in cases {
        let expected = matching(wanted);
        assert!(!expected.is_empty() && expected.len() < all.len(), "{query:?}");
        assert_eq!(column(&list(query).await, "article_id"), expected, "{query:?}");
    }
    let visits: Vec<_> = column(&list(&[("order_visits", "1")]).await, "visits");
    assert!(
        visits
            .iter()
            .map(|one| one.as_i64().unwrap())
            .collect::<Vec<_>>()
            .is_sorted_by(|one, next| one >= next)
    );
}

#[tokio::test]
async fn an_article_is_put_into_categories_and_sections() {
    let desk = Desk::new().await;
    let (_, data) = desk
        .post(&format!("{EN}/category"), json!({"name": "Tools"}))
        .await
        .done(201);
    let category = data["category_id"].as_str().unwrap();
    let path = format!("{EN}/category/{category}");
    let whole = json!({"name": "Tools", "description": "Hammers", "color": "#FF0000", "image": null, "order": 9});
    desk.put(&path, whole).await.data();
    desk.patch(&path, json!({"name": "All tools"})).await.data();
    let shown = desk.get(&path).await.data();
    let members = ["name", "description", "color", "order"].map(|name| shown[name].clone());
    assert_eq!(json!(members), json!(["All tools", "Hammers", "#FF0000", 9]));
    let (_, data) = desk
        .post(&format!("{path}/section"), json!({"name": "Sharp"}))
        .await
        .done(201);
    let section = data["section_id"].as_str().unwrap();
    let section_path = format!("{path}/section/{section}");
    desk.put(&section_path, json!({"name": "Very sharp"}))
        .await
        .refused(400, "invalid_data");
    desk.put(&section_path, json!({"name": "Very sharp", "order": 2}))
        .await
        .data();
    desk.patch(&section_path, json!({"order": 4})).await.data();
    assert_eq!(desk.get(&section_path).await.data()["name"], "Very sharp");
    let sections = desk
        .find(&format!("{path}/sections/1"), &[("search_name", "SHARP")])
        .await
        .data();
    assert_eq!(column(sections.as_array().unwrap(), "order"), [json!(4)]);

    let id = article(&desk, "en", "Saws").await;
    let of = format!("{EN}/article/{id}/category");
    assert_eq!(desk.get(&of).await.data(), json!({}));
    let both = json!({"category_id": category, "section_id": section});
    desk.patch(&of, both.clone()).await.data();
    assert_eq!(desk.get(&of).await.data(), both);
    let other = desk.state()["helpdesk"]["categories"][0]["category_id"].clone();
    let misplaced = json!({"category_id": other, "section_id": section});
    desk.patch(&of, misplaced).await.refused(400, "invalid_data");
    desk.delete(&section_path).await.data();
    assert_eq!(desk.get(&of).await.data(), json!({"category_id": category}));
    assert_eq!(desk.head(&section_path).await, 404);
    desk.patch(&of, json!({"category_id": ""})).await.data();
    assert_eq!(desk.get(&of).await.data(), json!({}));
    desk.patch(&of, json!({"category_id": category})).await.data();
    desk.delete(&path).await.data();
    assert_eq!(desk.get(&of).await.data(), json!({}));
    assert_eq!(desk.head(&path).await, 404);
    desk.get(&format!("{path}/sections/1")).await.refused(404, "not_found");
    // A category of another locale is another's.
    let french = format!("/helpdesk/locale/fr/category/{}", other.as_str().unwrap());
    desk.get(&french).await.refused(404, "not_found");
}

#[tokio::test]
async fn alternates_tie_articles_both_ways() {
    let desk = Desk::new().await;
    let english = article(&desk, "en", "Weights").await;
    let french = article(&desk, "fr", "Poids").await;
    let path = format!("{EN}/article/{english}");
    let alternate = format!("{path}/alternate/fr");
    assert_eq!(desk.get(&format!("{path}/alternates")).await.data(), json!([]));
    assert_eq!(desk.head(&alternate).await, 404);
    desk.put(&alternate, json!({"article_id": english}))
        .await
        .refused(400, "invalid_data");
    desk.put(&alternate, json!({"article_id": french})).await.data();
    let tied = json!({"locale": "fr", "article_id": french});
    assert_eq!(desk.head(&alternate).await, 200);
    assert_eq!(desk.get(&alternate).await.data(), tied);
    assert_eq!(desk.get(&format!("{path}/alternates")).await.data(), json!([tied]));
    let back = desk
        .get(&format!("/helpdesk/locale/fr/article/{french}/alternates"))
        .await
        .data();
    assert_eq!(back, json!([{"locale": "en", "article_id": english}]));
    desk.delete(&alternate).await.data();
    desk.get(&alternate).await.refused(404, "not_found");
    let back = desk
        .get(&format!("/helpdesk/locale/fr/article/{french}/alternates"))
        .await
        .data();
    assert_eq!(back, json!([]));
}

#[tokio::test]
async fn a_workspace_that_has_moved_does_not_know_these_routes() {
    let desk = Desk::new().await.acting_as("birchwood", "website");
    for (method, path) in [
        (Method::GET, "/helpdesk/locale/en/articles/1"),
        (Method::POST, "/helpdesk/locale/en/article"),
        (Method::GET, "/helpdesk/locale/en/categories/1"),
        (Method::GET, "/helpdesk/locale/en/feedback/ratings"),
        (
            Method::GET,
            "/helpdesk/locale/en/article/0b0c0d0e-1111-4222-8333-444455556666/page",
        ),
    ] {
        let body = (method == Method::POST).then(|| json!({"title": "x"}));
        desk.call(method, path, &[], body).await.refused(404, "not_found");
    }
    assert_eq!(desk.head("/helpdesk/locale/en").await, 200, "locales are shared");
    assert!(desk.get("/helpdesk/locale/en").await.data().get("articles").is_none());
    assert_eq!(desk.get("/helpdesk/tree/list/en/articles/1").await.status, 200);
}
