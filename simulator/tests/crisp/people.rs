//! People: profiles, custom data, events, subscriptions, lists.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{Desk, column, keys, with};

async fn person(desk: &Desk) -> String {
    let profile = json!({
        "email": "dot+orders@mailbox.example",
        "person": {"nickname": "Dot Plus", "phone": "+1 555 0142", "locales": ["de"]},
        "company": {"name": "Dots / Dashes", "metrics": {"employees": 5_000_000_000_i64}},
        "segments": ["vip"],
        "notepad": "Likes tea.",
        "active": 1_772_000_000_000_i64,
    });
    let (reason, data) = desk.post("/people/profile", profile).await.done(201);
    assert_eq!(reason, "added");
    data["people_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_profile_is_made_merged_replaced_and_removed() {
    let desk = Desk::new().await;
    let id = person(&desk).await;
    let path = format!("/people/profile/{id}");
    let shown = desk.get(&path).await.data();
    assert_eq!(
        shown["person"],
        json!({"nickname": "Dot Plus", "phone": "+1 555 0142", "locales": ["de"]})
    );
    assert_eq!(shown["company"]["metrics"]["employees"], 5_000_000_000_i64);
    // A timestamp when written, an object when read.
    assert_eq!(shown["active"], json!({"now": false, "last": 1_772_000_000_000_i64}));
    desk.patch(&path, json!({"person": {"nickname": "Dot P."}, "segments": ["late"]}))
        .await
        .data();
    let shown = desk.get(&path).await.data();
    assert_eq!(
        shown["person"],
        json!({"nickname": "Dot P.", "phone": "+1 555 0142", "locales": ["de"]})
    );
    assert_eq!(
        (&shown["segments"], &shown["notepad"]),
        (&json!(["late"]), &json!("Likes tea."))
    );
    desk.put(&path, json!({"email": "dot@mailbox.example"}))
        .await
        .refused(400, "invalid_data");
    desk.put(
        &path,
        json!({"email": "dot@mailbox.example", "person": {"nickname": "Dot"}}),
    )
    .await
    .data();
    let shown = desk.get(&path).await.data();
    assert_eq!(
        (&shown["email"], &shown["person"]),
        (&json!("dot@mailbox.example"), &json!({"nickname": "Dot"}))
    );
    assert_eq!(shown["segments"], json!([]));
    assert!(shown.get("company").is_none() && shown.get("notepad").is_none());
    assert_eq!(desk.head(&path).await, 200);
    assert_eq!(desk.delete(&path).await.done(200).0, "deleted");
    assert_eq!(desk.head(&path).await, 404);
}

#[tokio::test]
async fn an_address_names_one_person() {
    let desk = Desk::new().await;
    let id = person(&desk).await;
    let by_email = "/people/profile/dot%2Borders%40mailbox.example";
    assert_eq!(desk.get(by_email).await.data()["people_id"], json!(id));
    let again = json!({"email": "DOT+orders@mailbox.example", "person": {"nickname": "Other"}});
    desk.post("/people/profile", again).await.refused(409, "people_exists");
    let other = desk.state()["people"]
        .as_object()
        .unwrap()
        .keys()
        .find(|key| **key != id)
        .unwrap()
        .clone();
    let taken = json!({"email": "dot+orders@mailbox.example"});
    desk.patch(&format!("/people/profile/{other}"), taken.clone())
        .await
        .refused(409, "people_exists");
    desk.patch(by_email, taken).await.data();
}

#[tokio::test]
async fn custom_data_is_wrapped_merged_and_replaced() {
    let desk = Desk::new().await;
    let id = person(&desk).await;
    let path = format!("/people/data/{id}");
    assert_eq!(desk.get(&path).await.data(), json!({"data": {}}));
    desk.put(&path, json!({"data": {"plan": "Plus", "seats": 3, "a b/c": true}}))
        .await
        .data();
    desk.patch(&path, json!({"data": {"seats": 4, "ünïcödé 🐝": "x"}}))
        .await
        .data();
    let expected = json!({"data": {"plan": "Plus", "seats": 4, "a b/c": true, "ünïcödé 🐝": "x"}});
    assert_eq!(desk.get(&path).await.data(), expected);
    desk.put(&path, json!({"data": {"seats": 1}})).await.data();
    assert_eq!(desk.get(&path).await.data(), json!({"data": {"seats": 1}}));
    for wrong in [
        json!({"seats": 1}),
        json!({"data": {"a": {}}}),
        json!({"data": {"a": null}}),
        json!({"data": []}),
    ] {
        desk.patch(&path, wrong).await.refused(400, "invalid_data");
    }
}

#[tokio::test]
async fn events_come_newest_first() {
    let desk = Desk::new().await;
    let id = person(&desk).await;
    let path = format!("/people/events/{id}");
    for number in 0..23 {
        desk.post(
            &path,
            json!({"text": format!("event {number}"), "data": {"n": number}, "color": "pink"}),
        )
        .await
        .done(201);
    }
    desk.post(&path, json!({"text": "x", "color": "cyan"}))
        .await
        .refused(400, "invalid_data");
    let events = desk.pages(&format!("{path}/list/{{n}}"), &[]).await;
    assert_eq!(events.len(), 23);
    assert_eq!(
        (&events[0]["text"], &events[0]["color"]),
        (&json!("event 22"), &json!("pink"))
    );
    assert_eq!(keys(&events[0]), ["text", "data", "color", "timestamp"]);
}

#[tokio::test]
async fn subscriptions_are_kept() {
    let desk = Desk::new().await;
    let id = person(&desk).await;
    let path = format!("/people/subscription/{id}");
    assert_eq!(desk.get(&path).await.data(), json!({"email": true}));
    desk.patch(&path, json!({"email": false})).await.data();
    assert_eq!(desk.get(&path).await.data(), json!({"email": false}));
    desk.patch(&path, json!({})).await.refused(400, "invalid_data");
}

fn ids(people: &[Value]) -> HashSet<String> {
    people
        .iter()
        .map(|one| one["people_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn lists_are_paged_sorted_searched_and_filtered() {
    let desk = Desk::new().await;
    let state = desk.state();
    let matching = |wanted: &dyn Fn(&Value) -> bool| {
        let people = state["people"].as_object().unwrap().values();
        people
            .filter(|one| wanted(one))
            .map(|one| one["people_id"].as_str().unwrap().to_owned())
            .collect::<HashSet<_>>()
    };
    let list = async |query: &[(&str, &str)]| desk.pages("/people/profiles/{n}", query).await;
    let all = list(&[]).await;
    assert_eq!((all.len(), ids(&all)), (151, matching(&|_| true)));
    assert_eq!(
        desk.find("/people/profiles/1", &[("per_page", "50")])
            .await
            .data()
            .as_array()
            .unwrap()
            .len(),
        50
    );
    assert_eq!(desk.get("/people/stats").await.data(), json!({"total": 151}));

    let ascending = list(&[("sort_field", "email"), ("sort_order", "ascending")]).await;
    let emails: Vec<_> = column(&ascending, "email")
        .iter()
        .map(|one| one.as_str().unwrap().to_lowercase())
        .collect();
    assert!(emails.is_sorted());
    let descending = list(&[("sort_field", "created_at"), ("sort_order", "descending")]).await;
    let dates: Vec<_> = column(&descending, "created_at")
        .iter()
        .map(|one| one.as_i64().unwrap())
        .collect();
    assert!(dates.is_sorted_by(|one, next| one >= next));

    let searched = list(&[("search_text", "bees 🐝")]).await;
    let company = |one: &Value| one["company"]["name"] == "Bees 🐝 & Blossoms";
    assert!(!searched.is_empty());
    assert_eq!(ids(&searched), matching(&company));

    let filter = json!([{"model": "people", "criterion": "segments", "operator": "eq", "query": ["enterprise"]},
        {"model": "people", "criterion": "data.seats", "operator": "gte", "query": [200]}])
    .to_string();
    let enterprise = |one: &Value| one["segments"].as_array().unwrap().contains(&json!("enterprise"));
    let large = |one: &Value| one["data"]["seats"].as_i64().unwrap() >= 200;
    let both = list(&[("search_filter", &filter)]).await;
    assert_eq!(ids(&both), matching(&|one| enterprise(one) && large(one)));
    let either = list(&[("search_filter", &filter), ("search_operator", "or")]).await;
    assert_eq!(ids(&either), matching(&|one| enterprise(one) || large(one)));
    assert!(either.len() > both.len() && !both.is_empty());
    let unknown = json!([{"model": "ticket", "criterion": "x", "operator": "eq", "query": []}]).to_string();
    desk.find("/people/profiles/1", &[("search_filter", &unknown)])
        .await
        .refused(400, "invalid_data");
}

#[tokio::test]
async fn conversations_of_a_person_are_identifiers() {
    let desk = Desk::new().await;
    let state = desk.state();
    let conversations: Vec<_> = state["conversations"].as_object().unwrap().values().collect();
    let of = |id: &Value, wanted: &dyn Fn(&Value) -> bool| {
        let theirs = conversations
            .iter()
            .filter(|one| one["people_id"] == *id && wanted(one));
        theirs.map(|one| one["session_id"].clone()).collect::<HashSet<_>>()
    };
    let people = state["people"].as_object().unwrap().values();
    let busy = people.max_by_key(|one| of(&one["people_id"], &|_| true).len()).unwrap();
    let path = format!(
        "/people/conversations/{}/list/{{n}}",
        busy["email"].as_str().unwrap().replace('@', "%40")
    );
    let listed = async |query: &[(&str, &str)]| desk.pages(&path, query).await.into_iter().collect::<HashSet<_>>();
    let all = listed(&[]).await;
    assert!(all.len() > 2 && all.iter().all(Value::is_string));
    assert_eq!(all, of(&busy["people_id"], &|_| true));
    assert_eq!(
        listed(&[("filter_resolved", "1")]).await,
        of(&busy["people_id"], &|one| one["state"] == "resolved")
    );
    assert_eq!(
        listed(&[("filter_not_resolved", "1")]).await,
        of(&busy["people_id"], &|one| one["state"] != "resolved")
    );
    // Who is removed leaves the conversations behind.
    desk.delete(&format!("/people/profile/{}", busy["people_id"].as_str().unwrap()))
        .await
        .data();
    let session = all.iter().next().unwrap().as_str().unwrap();
    assert!(
        desk.get(&format!("/conversation/{session}"))
            .await
            .data()
            .get("people_id")
            .is_none()
    );
}

#[tokio::test]
async fn campaigns_of_a_person_exports_and_imports() {
    let desk = Desk::with("user").await;
    let state = desk.state();
    let sale = with(&state["campaigns"], "name", "Spring sale");
    let reached = sale["reached"][0].as_str().unwrap();
    let campaigns = desk
        .pages(&format!("/people/campaigns/{reached}/list/{{n}}"), &[])
        .await;
    assert_eq!(campaigns.len(), 1);
    assert_eq!(campaigns[0]["campaign_id"], sale["campaign_id"]);
    assert_eq!(campaigns[0]["statistics"], json!(["opened", "clicked"]));
    desk.post("/people/export/profiles", json!({})).await.done(202);
    desk.post("/people/export/profiles", json!({"profiles": [reached]}))
        .await
        .done(202);
    let too_many = json!({"profiles": vec![reached; 101]});
    desk.post("/people/export/profiles", too_many)
        .await
        .refused(400, "invalid_data");
    let setup = json!({"url": "https://a.example/p.csv", "mapping": [{"column": 0, "field": "email"}], "options": {"skip_header": true}});
    let (_, data) = desk.post("/people/import/profiles", setup).await.done(202);
    assert!(data["import_id"].is_string());
    let requests = desk.state()["requests"].clone();
    assert_eq!(
        (&requests[0]["details"]["people"], &requests[1]["details"]["people"]),
        (&json!("all"), &json!([reached]))
    );
    assert_eq!(requests[2]["details"]["import_id"], data["import_id"]);
}
