//! Lists of conversations: pages, filters, orders, searches, suggestions.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Desk, column};

/// Whether a record is meant.
type Test<'a> = &'a dyn Fn(&Value) -> bool;

/// The sessions of the visible sample conversations that pass a test.
fn sessions(state: &Value, wanted: impl Fn(&Value) -> bool) -> HashSet<String> {
    let all = state["conversations"].as_object().unwrap().values();
    let visible = all.filter(|one| one["visible"] == true && wanted(one));
    visible
        .map(|one| one["session_id"].as_str().unwrap().to_owned())
        .collect()
}

/// The sessions a query lists, page by page.
async fn listed(desk: &Desk, query: &[(&str, &str)]) -> HashSet<String> {
    let all = desk.pages("/conversations/{n}", query).await;
    let set: HashSet<String> = all
        .iter()
        .map(|one| one["session_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(set.len(), all.len(), "nothing is listed twice");
    set
}

#[tokio::test]
async fn pages_cover_everything_once_and_end_empty() {
    let desk = Desk::new().await;
    let state = desk.state();
    let all = sessions(&state, |_| true);
    assert_eq!(listed(&desk, &[]).await, all);
    assert_eq!(listed(&desk, &[("per_page", "50")]).await, all);
    let (reason, first) = desk.get("/conversations/1").await.done(206);
    assert_eq!((reason.as_str(), first.as_array().unwrap().len()), ("listed", 20));
    let last = all.len() / 20 + 1;
    let page = desk.get(&format!("/conversations/{last}")).await.data();
    assert_eq!(page.as_array().unwrap().len(), all.len() % 20);
    assert_eq!(
        desk.get(&format!("/conversations/{}", last + 1)).await.done(206).1,
        json!([])
    );
    assert_eq!(desk.get("/conversations/4000000000").await.data(), json!([]));
    let with_empty = listed(&desk, &[("include_empty", "1")]).await;
    assert_eq!(with_empty.len(), state["conversations"].as_object().unwrap().len());
    assert!(with_empty.len() > all.len());
}

#[tokio::test]
async fn filters_narrow() {
    let desk = Desk::new().await;
    let state = desk.state();
    let operator = state["operators"][2]["user_id"].as_str().unwrap();
    let inbox = state["inboxes"][1]["inbox_id"].as_str().unwrap();
    let unread = |one: &Value| {
        let messages = one["messages"].as_array().unwrap().iter();
        messages
            .filter(|message| message["from"] == "user" && message["read"].is_null())
            .count()
            > 0
    };
    let cases: [(&str, &str, Test<'_>); 6] = [
        ("filter_resolved", "1", &|one| one["state"] == "resolved"),
        ("filter_not_resolved", "1", &|one| one["state"] != "resolved"),
        ("filter_unassigned", "1", &|one| one["assigned"].is_null()),
        ("filter_assigned", operator, &|one| one["assigned"] == operator),
        ("filter_inbox_id", inbox, &|one| one["inbox_id"] == inbox),
        ("filter_unread", "1", &unread),
    ];
    let all = sessions(&state, |_| true);
    for (name, value, wanted) in cases {
        let expected = sessions(&state, wanted);
        assert!(
            !expected.is_empty() && expected.len() < all.len(),
            "{name} tells some from others"
        );
        assert_eq!(listed(&desk, &[(name, value)]).await, expected, "{name}");
    }
    assert_eq!(listed(&desk, &[("filter_resolved", "0")]).await, all);
    let both = [("filter_unassigned", "1"), ("filter_not_resolved", "1")];
    let expected = sessions(&state, |one| one["assigned"].is_null() && one["state"] != "resolved");
    assert_eq!(listed(&desk, &both).await, expected);
}

#[tokio::test]
async fn dates_are_of_the_last_change() {
    let desk = Desk::new().await;
    let state = desk.state();
    // 2026-02-01T00:00:00Z and 2026-02-08T00:00:00Z
    let (start, end) = (1_769_904_000_000_i64, 1_770_508_800_000_i64);
    let expected = sessions(&state, |one| {
        (start..=end).contains(&one["updated_at"].as_i64().unwrap())
    });
    assert!(expected.len() > 10);
    for dates in [
        [("filter_date_start", "2026-02-01"), ("filter_date_end", "2026-02-08")],
        [
            ("filter_date_start", "2026-02-01T01:00:00+01:00"),
            ("filter_date_end", "2026-02-08T00:00:00.000Z"),
        ],
    ] {
        assert_eq!(listed(&desk, &dates).await, expected);
    }
}

#[tokio::test]
async fn orders() {
    let desk = Desk::new().await;
    let numbers = async |name: &str, query: &[(&str, &str)]| {
        let all = desk.pages("/conversations/{n}", query).await;
        column(&all, name).iter().filter_map(Value::as_i64).collect::<Vec<_>>()
    };
    let descending = |numbers: &[i64]| numbers.is_sorted_by(|one, next| one >= next);
    assert!(descending(&numbers("updated_at", &[]).await));
    assert!(descending(&numbers("updated_at", &[("order_date_updated", "1")]).await));
    let created = numbers("created_at", &[("order_date_created", "1")]).await;
    assert!(descending(&created));
    assert!(!descending(
        &numbers("updated_at", &[("order_date_created", "1")]).await
    ));
    let waiting = numbers(
        "waiting_since",
        &[("order_date_waiting", "1"), ("filter_not_resolved", "1")],
    )
    .await;
    assert!(waiting.len() > 5 && waiting.is_sorted());
}

#[tokio::test]
async fn searches_read_text_segments_and_filters() {
    let desk = Desk::new().await;
    let state = desk.state();
    let session = desk.conversation_saying("Where is my Zebrafish order?").await;
    for query in [
        &[("search_query", "ZEBRAfish")][..],
        &[("search_query", "zebrafish"), ("search_type", "text")],
    ] {
        assert_eq!(listed(&desk, query).await, HashSet::from([session.clone()]));
    }
    let by_mail = listed(&desk, &[("search_query", "petra.lighthouse@north-pier")]).await;
    assert_eq!(by_mail.len(), 1);

    let segment =
        |name: &'static str| move |one: &Value| one["meta"]["segments"].as_array().unwrap().contains(&json!(name));
    let query = [("search_query", "returns"), ("search_type", "segment")];
    assert_eq!(listed(&desk, &query).await, sessions(&state, segment("returns")));
    let part = [("search_query", "return"), ("search_type", "segment")];
    assert!(listed(&desk, &part).await.is_empty(), "a segment is named whole");

    let filters = json!([
        {"model": "session", "criterion": "segments", "operator": "eq", "query": ["billing"]},
        {"model": "people", "criterion": "data.plan", "operator": "eq", "query": ["Enterprise"]},
    ])
    .to_string();
    let enterprise = |one: &Value| {
        let person = one["people_id"].as_str().map(|id| &state["people"][id]);
        person.is_some_and(|person| person["data"]["plan"] == "Enterprise")
    };
    let mut query = vec![("search_query", filters.as_str()), ("search_type", "filter")];
    let both = sessions(&state, |one| segment("billing")(one) && enterprise(one));
    assert!(!both.is_empty());
    assert_eq!(listed(&desk, &query).await, both);
    query.push(("search_operator", "or"));
    let either = sessions(&state, |one| segment("billing")(one) || enterprise(one));
    assert!(either.len() > both.len());
    assert_eq!(listed(&desk, &query).await, either);
}

#[tokio::test]
async fn mentions_are_of_the_user() {
    let desk = Desk::with("user").await;
    let session = desk.conversation_saying("hi").await;
    let (me, other) = (
        desk.state()["operators"][0]["user_id"].clone(),
        desk.state()["operators"][1]["user_id"].clone(),
    );
    let note = |who: &Value| json!({"type": "note", "from": "operator", "origin": "chat", "content": "look", "mentions": [who]});
    let path = format!("/conversation/{session}/message");
    desk.post(&path, note(&other)).await.data();
    assert!(listed(&desk, &[("filter_mention", "1")]).await.is_empty());
    desk.post(&path, note(&me)).await.data();
    assert_eq!(
        listed(&desk, &[("filter_mention", "1")]).await,
        HashSet::from([session])
    );
}

#[tokio::test]
async fn suggestions_are_counted_and_forgotten() {
    let desk = Desk::new().await;
    let state = desk.state();
    for (kind, path, name, forget) in [
        (
            "conversations",
            "/conversations/suggest/segments/{n}",
            "segment",
            "/conversations/suggest/segment",
        ),
        (
            "conversations",
            "/conversations/suggest/data/{n}",
            "key",
            "/conversations/suggest/data",
        ),
        (
            "people",
            "/people/suggest/segments/{n}",
            "segment",
            "/people/suggest/segment",
        ),
        ("people", "/people/suggest/data/{n}", "key", "/people/suggest/data"),
        ("people", "/people/suggest/events/{n}", "text", "/people/suggest/event"),
    ] {
        let all = desk.pages(path, &[]).await;
        assert!(!all.is_empty(), "{path}");
        let counts: Vec<_> = column(&all, "count")
            .iter()
            .map(|count| count.as_i64().unwrap())
            .collect();
        assert!(
            counts.is_sorted_by(|one, next| one >= next),
            "the most frequent comes first"
        );
        let gone = all[0][name].clone();
        assert_eq!(
            desk.delete_with(forget, json!({name: gone})).await.done(200).0,
            "deleted"
        );
        let left = desk.pages(path, &[]).await;
        assert_eq!(left.len(), all.len() - 1);
        assert!(!column(&left, name).contains(&gone));
        assert_eq!(desk.state()[kind], state[kind], "the records keep it");
        let answer = desk.call(Method::DELETE, forget, &[], None).await;
        answer.refused(415, "invalid_data");
    }
    let segments = desk.pages("/people/suggest/segments/{n}", &[]).await;
    let newsletter = segments.iter().find(|one| one["segment"] == "newsletter").unwrap();
    let people = state["people"].as_object().unwrap().values();
    let expected = people
        .filter(|one| one["segments"].as_array().unwrap().contains(&json!("newsletter")))
        .count();
    assert_eq!(newsletter["count"], expected);
}
