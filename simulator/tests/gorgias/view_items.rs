//! The tickets of views: filters, searching, order, pages.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Answer, Desk, ids};

const FOUND: &str = "/api/views/0/items";

impl Desk {
    async fn search(&self, query: &str, view: Value) -> Answer {
        self.put(&format!("{FOUND}{query}"), json!({"view": view})).await
    }

    /// All tickets that a view given in the request has, in its order.
    async fn all(&self, view: Value) -> Vec<Value> {
        let mut found = Vec::new();
        let mut page = self.search("?limit=100", view.clone()).await.done(202);
        loop {
            found.extend(page["data"].as_array().unwrap().iter().cloned());
            let Some(next) = page["meta"]["next_items"].as_str() else {
                return found;
            };
            assert!(next.starts_with("/api/views/0/items?cursor="), "{next}");
            page = self.put(next, json!({"view": view})).await.done(202);
        }
    }

    async fn filtered(&self, filters: &str) -> Vec<i64> {
        let mut found = ids(&self.all(json!({"filters": filters})).await);
        found.sort_unstable();
        found
    }
}

fn sorted(tickets: &[Value]) -> Vec<i64> {
    let mut ids = ids(tickets);
    ids.sort_unstable();
    ids
}

/// Neither spam nor in the trash.
fn shown(ticket: &Value) -> bool {
    ticket["trashed_datetime"].is_null() && ticket["spam"] != true
}

/// Whether a ticket has a tag of this name.
fn tagged(state: &Value, ticket: &Value, name: &str) -> bool {
    let tags = state["tags"].as_object().unwrap().values();
    let id = tags.into_iter().find(|tag| tag["name"] == name).unwrap()["id"].clone();
    ticket["tags"].as_array().unwrap().contains(&id)
}

#[tokio::test]
async fn filters_let_the_right_tickets_through() {
    let desk = Desk::new().await;
    let state = desk.state();
    let open = |ticket: &Value| ticket["status"] == "open" && shown(ticket);
    let expected = desk.tickets(|ticket| open(ticket) && tagged(&state, ticket, "refund"));
    assert!(expected.len() > 2, "the sample has some");
    let found = desk
        .filtered("eq(ticket.status, 'open') && containsAll(ticket.tags.name, ['refund'])")
        .await;
    assert_eq!(found, sorted(&expected));

    let expected = desk.tickets(|ticket| {
        let free = ticket["assignee_user_id"].is_null() || ticket["channel"] == "sms";
        open(ticket) && free && !tagged(&state, ticket, "refund")
    });
    let filters = "eq(ticket.status, 'open') && (isEmpty(ticket.assignee_user.id) || eq(ticket.channel, \"sms\")) \
                   && notContains(ticket.tags.name, ['refund'])";
    assert!(!expected.is_empty());
    assert_eq!(desk.filtered(filters).await, sorted(&expected));

    let all = desk.tickets(shown);
    assert_eq!(desk.filtered("").await, sorted(&all));
    let hidden = desk.tickets(|ticket| !ticket["trashed_datetime"].is_null() && ticket["spam"] != true);
    assert!(!hidden.is_empty(), "the sample has some");
    assert_eq!(
        desk.filtered("isNotEmpty(ticket.trashed_datetime)").await,
        sorted(&hidden)
    );
    // A path in quotes is a text like any other.
    assert_eq!(
        desk.filtered("neq(ticket.subject, 'ticket.spam ticket.trashed_datetime')")
            .await,
        sorted(&all)
    );
}

#[tokio::test]
async fn the_user_who_asks_is_put_into_filters() {
    let desk = Desk::new().await;
    let me = desk.get("/api/users/0").await.done(200)["id"].clone();
    let mine = desk.tickets(|ticket| ticket["assignee_user_id"] == me && shown(ticket));
    assert!(!mine.is_empty());
    for filters in [
        "eq(ticket.assignee_user.id, '{{current_user.id}}')",
        "eq(ticket.assignee_user.id, {{current_user.id}})",
    ] {
        assert_eq!(desk.filtered(filters).await, sorted(&mine), "{filters}");
        let view = desk
            .post(
                "/api/views",
                json!({"slug": "mine", "name": "Mine", "filters": filters}),
            )
            .await
            .done(201);
        let told = view["filters"].as_str().unwrap();
        assert_eq!(told, filters.replace("{{current_user.id}}", &me.to_string()));
        let id = view["id"].as_i64().unwrap();
        let items = desk.get(&format!("/api/views/{id}/items?limit=100")).await.done(200);
        assert_eq!(sorted(items["data"].as_array().unwrap()), sorted(&mine));
    }
}

#[tokio::test]
async fn filters_that_cannot_be_read_are_refused_with_the_place() {
    let desk = Desk::new().await;
    for (filters, told) in [
        (
            "startsWith(ticket.subject, 'a')",
            "there is no function `startsWith`, at position 0",
        ),
        (
            "eq(ticket.status, 'open') && eq(ticket.colour, 'red')",
            "there is no path `ticket.colour`, at position 32",
        ),
        ("eq(ticket.status, 'open'", "expected ) at position 24"),
        (
            "gteTimedelta(ticket.created_datetime, 'soon')",
            "expected a span such as '1d' at position 38",
        ),
        (
            "gteTimedelta(ticket.status, '1d')",
            "expected the path of a moment at position 13",
        ),
        (
            "lt(ticket.created_datetime, 'yesterday')",
            "expected a moment at position 28",
        ),
        ("lt(ticket.created_datetime, 5)", "expected a moment at position 28"),
    ] {
        let problems = desk.search("", json!({"filters": filters})).await.refused(400);
        assert_eq!(problems, json!({"view": {"filters": [told]}}), "{filters}");
        let view = json!({"slug": "bad", "filters": filters});
        let problems = desk.post("/api/views", view).await.refused(400);
        assert_eq!(problems, json!({"filters": [told]}), "{filters}");
    }
    let problems = desk.search("", json!({})).await.refused(400);
    assert!(problems["view"][0].is_string(), "{problems}");
    let problems = desk
        .search("", json!({"filters": "", "query": "refund"}))
        .await
        .refused(400);
    assert!(problems["view"]["query"][0].is_string(), "{problems}");
    desk.put("/api/views/1/items", json!({"view": {"filters": ""}}))
        .await
        .refused(404);
}

#[tokio::test]
async fn words_are_looked_for_in_subjects_and_messages() {
    let desk = Desk::new().await;
    let subjects = |tickets: Vec<Value>| -> Vec<String> {
        let subject = |ticket: &Value| ticket["subject"].as_str().unwrap().to_owned();
        tickets.iter().map(subject).collect()
    };
    let found = desk.all(json!({"search": "RIDGE a-20417 returned"})).await;
    assert_eq!(
        subjects(found),
        ["Money back for A-20417"],
        "case does not matter, all words are needed"
    );
    let found = desk
        .all(json!({"search": "maren.holloway", "order_by": "created_datetime", "order_dir": "asc"}))
        .await;
    let expected = ["Tear in the Fjord sleeping bag", "Voucher", "Sole of the Alder boots"];
    assert_eq!(subjects(found), expected);
    let found = desk
        .all(json!({"search": "exception", "filters": "eq(ticket.customer.email, 'maren.holloway@letters.example')"}))
        .await;
    assert_eq!(
        subjects(found),
        ["Tear in the Fjord sleeping bag"],
        "notes are searched too"
    );
    assert_eq!(desk.all(json!({"search": "zzyzx"})).await, Vec::<Value>::new());
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions() {
    let desk = Desk::new().await;
    let view = json!({"filters": "eq(ticket.status, 'closed')"});
    let whole = ids(&desk.all(view.clone()).await);
    assert!(whole.len() > 100, "more than one page of the largest size");
    assert_eq!(
        whole.len(),
        desk.tickets(|ticket| ticket["status"] == "closed" && shown(ticket))
            .len()
    );
    let first = desk
        .search("?limit=7&order_by=updated_datetime:desc", view.clone())
        .await
        .done(202);
    assert_eq!(ids(first["data"].as_array().unwrap()), whole[..7]);
    assert_eq!(
        (&first["meta"]["prev_items"], &first["meta"]["current_cursor"]),
        (&Value::Null, &Value::Null)
    );
    let next = first["meta"]["next_items"].as_str().unwrap().to_owned();
    for part in ["direction=next", "limit=7", &format!("ignored_item={}", whole[6])] {
        assert!(next.contains(part), "{next}");
    }
    let second = desk.put(&next, json!({"view": view})).await.done(202);
    assert_eq!(ids(second["data"].as_array().unwrap()), whole[7..14]);
    let back = second["meta"]["prev_items"].as_str().unwrap();
    assert!(back.contains("direction=prev"), "{back}");
    let again = desk.put(back, json!({"view": view})).await.done(202);
    assert_eq!(again["data"], first["data"]);

    // A cursor belongs to what was asked for, and not for ever.
    let other = json!({"view": {"filters": "eq(ticket.status, 'open')"}});
    let problems = desk.put(&next, other).await.refused(400);
    assert!(problems["cursor"][0].is_string(), "{problems}");
    let problems = desk.search("?cursor=made-up", view.clone()).await.refused(400);
    assert!(problems["cursor"][0].is_string(), "{problems}");
    desk.control().advance(Duration::from_secs(31 * 60));
    let problems = desk.put(&next, json!({"view": view})).await.refused(400);
    assert!(
        problems["cursor"][0].as_str().unwrap().contains("expired"),
        "{problems}"
    );
}

#[tokio::test]
async fn views_are_sorted_as_asked() {
    let desk = Desk::new().await;
    let ranks = |tickets: &[Value]| -> Vec<usize> {
        let rank = |ticket: &Value| {
            ["low", "normal", "high", "critical"]
                .iter()
                .position(|word| ticket["priority"] == *word)
        };
        tickets.iter().map(|ticket| rank(ticket).unwrap()).collect()
    };
    let found = desk.all(json!({"filters": "", "order_by": "priority"})).await;
    let told = ranks(&found);
    assert!(told.is_sorted_by(|one, next| one >= next), "the most urgent first");
    assert!(told.first() > told.last());
    let problems = desk.search("", json!({"order_by": "subject"})).await.refused(400);
    assert!(problems["order_by"][0].is_string(), "{problems}");
    let problems = desk.search("?limit=101", json!({"filters": ""})).await.refused(400);
    assert!(problems["limit"][0].is_string(), "{problems}");
}
