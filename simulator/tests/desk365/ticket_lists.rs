//! The ticket list, its filters and the search.

use deskhand_simulator::Options;
use serde_json::{Value, json};

use crate::harness::{Desk, column, keys};

#[tokio::test]
async fn pages_cover_everything_once() {
    let desk = Desk::new().await;
    for (size, asked) in [(30, None), (30, Some("30")), (50, Some("50")), (100, Some("100"))] {
        let mut numbers = Vec::new();
        loop {
            let offset = numbers.len().to_string();
            let mut query = vec![("offset", offset.as_str())];
            query.extend(asked.map(|size| ("ticket_count", size)));
            let page = desk.get("/v3/tickets", &query).await.ok();
            assert_eq!(keys(&page), ["count", "tickets"]);
            // 200, less one in the archive.
            assert_eq!(page["count"], 199);
            let part = column(&page["tickets"], "ticket_number");
            assert!(part.len() <= size);
            if part.is_empty() {
                break;
            }
            numbers.extend(part);
        }
        let expected: Vec<Value> = (1001..=1200)
            .rev()
            .filter(|number| *number != 1015)
            .map(Value::from)
            .collect();
        assert_eq!(numbers, expected, "newest first");
    }
}

#[tokio::test]
async fn list_items_carry_what_is_asked_for() {
    let desk = Desk::new().await;
    let plain = desk.get("/v3/tickets", &[]).await.ok();
    for ticket in plain["tickets"].as_array().unwrap() {
        for absent in [
            "description",
            "description_text",
            "custom_fields",
            "attachments",
            "completed_within_sla",
        ] {
            assert!(ticket.get(absent).is_none(), "{absent}");
        }
        assert!(ticket.get("survey_rating").is_none());
        for there in [
            "ticket_number",
            "assigned_to",
            "subcategory",
            "conversation_count",
            "watchers",
            "company_name",
        ] {
            assert!(ticket.get(there).is_some(), "{there}");
        }
        for request_name in ["assign_to", "sub_category"] {
            assert!(ticket.get(request_name).is_none(), "{request_name}");
        }
    }
    let query = [
        ("include_description", "1"),
        ("include_custom_fields", "1"),
        ("include_survey_details", "1"),
    ];
    let query = [&query[..], &[("ticket_count", "100"), ("order_type", "asc")]].concat();
    let full = desk.get("/v3/tickets", &query).await.ok();
    let first = &full["tickets"][0];
    assert!(first["description"].is_string() && first["description_text"].is_string());
    let fields = [
        "cf_Order Number",
        "cf_Product Area",
        "cf_Refund Amount",
        "cf_Escalated ⚠️",
        "cf_Browser/OS",
    ];
    assert_eq!(keys(&first["custom_fields"]), fields);
    let rated = full["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|ticket| ticket.get("survey_rating").is_some())
        .unwrap();
    assert!(rated["survey_rating"]["sv_name"].is_string());

    let flat = desk
        .get("/v3/tickets", &[&query[..], &[("nested_fields", "1")]].concat())
        .await
        .ok();
    let same = flat["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["ticket_number"] == rated["ticket_number"])
        .unwrap();
    assert!(same.get("custom_fields").is_none() && same.get("survey_rating").is_none());
    assert_eq!(same["cf_Order Number"], rated["custom_fields"]["cf_Order Number"]);
    assert_eq!(same["sv_name"], rated["survey_rating"]["sv_name"]);
}

#[tokio::test]
async fn order_and_time() {
    let desk = Desk::new().await;
    let oldest = desk.get("/v3/tickets", &[("order_type", "asc")]).await.ok();
    assert_eq!(oldest["tickets"][0]["ticket_number"], 1001);
    let number = oldest["tickets"][0]["ticket_number"].to_string();
    desk.put(
        "/v3/tickets/update",
        &[("ticket_number", &number)],
        json!({"priority": 10}),
    )
    .await
    .ok();
    let latest = desk.get("/v3/tickets", &[("order_by", "updated_time")]).await.ok();
    assert_eq!(latest["tickets"][0]["ticket_number"], 1001);
    let updated = latest["tickets"][0]["updated_on"].as_str().unwrap().to_owned();
    assert_eq!(updated, "2026-03-02 09:00:01");
    let since = desk.get("/v3/tickets", &[("updated_since", &updated)]).await.ok();
    assert_eq!(
        (since["count"].as_i64(), &since["tickets"][0]["ticket_number"]),
        (Some(1), &json!(1001))
    );
    let later = desk
        .get("/v3/tickets", &[("updated_since", "2026-03-02 09:00:02")])
        .await
        .ok();
    assert_eq!(later, json!({"count": 0, "tickets": []}));
}

async fn filtered(desk: &Desk, filters: Value) -> Vec<Value> {
    let text = filters.to_string();
    let mut found = Vec::new();
    loop {
        let offset = found.len().to_string();
        let page = desk
            .get(
                "/v3/tickets",
                &[("filters", &text), ("offset", &offset), ("ticket_count", "100")],
            )
            .await
            .ok();
        let part = page["tickets"].as_array().unwrap().clone();
        if part.is_empty() {
            assert_eq!(page["count"], found.len());
            return found;
        }
        found.extend(part);
    }
}

#[tokio::test]
async fn filters_narrow() {
    let desk = Desk::new().await;
    let open = filtered(&desk, json!({"status": ["open"]})).await;
    assert!(!open.is_empty() && open.iter().all(|ticket| ticket["status"] == "Open"));
    let two = filtered(&desk, json!({"status": ["Open", "Pending"], "priority": ["10", "20"]})).await;
    assert!(!two.is_empty());
    for ticket in &two {
        assert!(["Open", "Pending"].contains(&ticket["status"].as_str().unwrap()));
        assert!([10, 20].contains(&ticket["priority"].as_i64().unwrap()));
    }
    let nobody = filtered(
        &desk,
        json!({"assigned_to": ["--"], "status": ["Open"], "priority": ["20"]}),
    )
    .await;
    assert!(
        nobody
            .iter()
            .any(|ticket| ticket["subject"] == "URGENT: checkout down in all our depots, nothing ships")
    );
    assert!(nobody.iter().all(|ticket| ticket["assigned_to"].is_null()));
    let some = filtered(&desk, json!({"assigned_to": ["amber.desk@acme.example", "--"]})).await;
    assert!(
        some.iter()
            .any(|ticket| ticket["assigned_to"] == "amber.desk@acme.example")
    );
    assert!(some.iter().any(|ticket| ticket["assigned_to"].is_null()));
    let company = filtered(&desk, json!({"company_name": ["Halcyon Freight & Co."]})).await;
    assert!(
        !company.is_empty()
            && company
                .iter()
                .all(|ticket| ticket["company_name"] == "Halcyon Freight & Co.")
    );
    let contact = filtered(&desk, json!({"contact": ["dot+orders@mailbox.example"]})).await;
    assert!(!contact.is_empty() && contact.iter().all(|ticket| ticket["contact_name"] == "Dot Plus"));
    let category = filtered(
        &desk,
        json!({"category": ["Billing & Refunds"], "subcategory": ["Refunds"]}),
    )
    .await;
    assert!(!category.is_empty() && category.iter().all(|ticket| ticket["subcategory"] == "Refunds"));
    let source = filtered(&desk, json!({"source": ["6"]})).await;
    assert!(!source.is_empty() && source.iter().all(|ticket| ticket["source"] == 6));
    let kind = filtered(&desk, json!({"type": ["Feature 💡"]})).await;
    assert!(!kind.is_empty() && kind.iter().all(|ticket| ticket["type"] == "Feature 💡"));
    let group = filtered(&desk, json!({"group": ["Shipping / Logistics"]})).await;
    assert!(!group.is_empty() && group.iter().all(|ticket| ticket["group"] == "Shipping / Logistics"));
    assert!(
        !filtered(&desk, json!({"custom_fields": {"cf_Product Area": ["Checkout"]}}))
            .await
            .is_empty()
    );
    assert_eq!(filtered(&desk, json!({"include_merged": 0})).await.len(), 197);
    assert_eq!(filtered(&desk, json!({"include_merged": 1})).await.len(), 199);
    assert_eq!(filtered(&desk, json!({"status": ["Nonsense"]})).await.len(), 0);
    assert_eq!(filtered(&desk, json!({})).await.len(), 199);
}

#[tokio::test]
async fn quotes_in_filters_take_an_extra_backslash() {
    let desk = Desk::new().await;
    desk.post(
        "/v3/tickets/create",
        &[],
        json!({"email": "new@quoted.example", "subject": "quoted"}),
    )
    .await
    .ok();
    let escaped = filtered(&desk, json!({"company_name": [r#"The \"Quoted\" Company"#]})).await;
    assert!(escaped.iter().any(|ticket| ticket["subject"] == "quoted"));
    let bare = json!({"company_name": [r#"The "Quoted" Company"#]}).to_string();
    desk.get("/v3/tickets", &[("filters", &bare)]).await.refused(400);
}

#[tokio::test]
async fn filters_are_lists_of_strings() {
    let desk = Desk::new().await;
    for wrong in [
        json!({"status": "Open"}),
        json!({"priority": [20]}),
        json!({"priority": ["urgent"]}),
        json!({"source": ["99"]}),
        json!({"assign_to": ["--"]}),
        json!({"sub_category": ["Refunds"]}),
        json!({"include_merged": "0"}),
        json!({"include_merged": 2}),
        json!({"custom_fields": {"cf_Nope": ["x"]}}),
        json!({"custom_fields": {"cf_Product Area": "Checkout"}}),
        json!({"custom_fields": []}),
    ] {
        desk.get("/v3/tickets", &[("filters", &wrong.to_string())])
            .await
            .refused(400);
    }
}

async fn search(desk: &Desk, kind: &str, query: Value, more: &[(&str, &str)]) -> Value {
    let text = query.to_string();
    let query = [&[("search_type", kind), ("search_query", text.as_str())][..], more].concat();
    desk.get("/v3/tickets/search", &query).await.ok()
}

#[tokio::test]
async fn free_text_search_looks_into_its_areas() {
    let desk = Desk::new().await;
    let found = search(&desk, "1", json!({"query": "CHECKOUT DOWN"}), &[]).await;
    assert_eq!(keys(&found), ["count", "tickets"]);
    assert_eq!(
        (found["count"].as_i64(), &found["tickets"][0]["ticket_number"]),
        (Some(1), &json!(1197))
    );
    // "maintenance mode" stands in a description only.
    for (area, count) in [(1, 0), (2, 1), (3, 0)] {
        let found = search(
            &desk,
            "1",
            json!({"query": "maintenance mode", "search_in": [area]}),
            &[],
        )
        .await;
        assert_eq!(found["count"], count, "{area}");
    }
    let company = search(&desk, "1", json!({"query": "halcyon", "search_in": [6]}), &[]).await;
    assert!(
        column(&company["tickets"], "company_name")
            .iter()
            .all(|name| name == "Halcyon Freight & Co.")
    );
    let attachments = search(&desk, "1", json!({"query": "invoice & receipt", "search_in": [4]}), &[]).await;
    assert!(attachments["count"].as_i64().unwrap() > 0);
    let number = search(&desk, "1", json!({"query": "1042", "search_in": [1]}), &[]).await;
    assert_eq!(number["tickets"][0]["ticket_number"], 1042);
    let hidden = search(&desk, "1", json!({"query": "1015", "search_in": [1]}), &[]).await;
    assert_eq!(hidden["count"], 0);
    let archived = search(&desk, "1", json!({"query": "1015", "search_in": [1, 7]}), &[]).await;
    assert_eq!(archived["tickets"][0]["ticket_number"], 1015);
    let merged = json!({"query": "1004", "search_in": [1]});
    assert_eq!(search(&desk, "1", merged.clone(), &[]).await["count"], 1);
    assert_eq!(search(&desk, "1", merged, &[("include_merged", "0")]).await["count"], 0);
    let full = search(
        &desk,
        "1",
        json!({"query": "checkout down"}),
        &[("include_description", "1")],
    )
    .await;
    assert!(full["tickets"][0]["description"].is_string());
}

#[tokio::test]
async fn field_search_wants_every_term() {
    let desk = Desk::new().await;
    let one = json!({"query": "refund", "search_in": ["subject"]});
    let all = search(&desk, "2", json!({"search_term": [one]}), &[]).await;
    assert!(all["count"].as_i64().unwrap() > 3);
    let subject = |ticket: &Value| ticket["subject"].as_str().unwrap().to_lowercase();
    assert!(
        all["tickets"]
            .as_array()
            .unwrap()
            .iter()
            .all(|ticket| subject(ticket).contains("refund"))
    );
    let both = json!({"search_term": [one, {"query": "order", "search_in": ["subject"]}]});
    let fewer = search(&desk, "2", both, &[]).await;
    assert!(fewer["count"].as_i64() < all["count"].as_i64());
    let custom = json!({"search_term": [{"query": "checkout", "search_in": ["cf_Product Area"]}]});
    assert!(search(&desk, "2", custom, &[]).await["count"].as_i64().unwrap() > 0);
    let number = json!({"search_term": [{"query": "1042", "search_in": ["ticket_number"]}]});
    assert_eq!(
        search(&desk, "2", number, &[]).await["tickets"][0]["ticket_number"],
        1042
    );
}

#[tokio::test]
async fn search_queries_are_checked() {
    let desk = Desk::new().await;
    for (kind, wrong) in [
        ("3", json!({"query": "x"})),
        ("1", json!("x")),
        ("1", json!({})),
        ("1", json!({"query": ""})),
        ("1", json!({"query": 5})),
        ("1", json!({"query": "x", "search_in": [8]})),
        ("1", json!({"query": "x", "search_in": ["1"]})),
        ("1", json!({"query": "x", "where": [1]})),
        ("1", json!({"search_term": [{"query": "x", "search_in": ["subject"]}]})),
        ("2", json!({"query": "x"})),
        ("2", json!({"search_term": []})),
        ("2", json!({"search_term": [{"query": "x", "search_in": ["body"]}]})),
        ("2", json!({"search_term": [{"query": "x", "search_in": ["cf_Nope"]}]})),
    ] {
        let text = wrong.to_string();
        desk.get("/v3/tickets/search", &[("search_type", kind), ("search_query", &text)])
            .await
            .refused(400);
    }
}

#[tokio::test]
async fn search_ends_after_a_thousand() {
    let desk = Desk::with(Options {
        plan: "unlimited".into(),
        tickets: Some(1300),
        ..Options::default()
    })
    .await;
    // Every ticket number holds no blank, every mail address an "e": look where all match.
    let query = json!({"query": "e", "search_in": [1, 2, 6]});
    let page = |offset: &'static str| {
        let query = query.clone();
        let desk = &desk;
        async move { search(desk, "1", query, &[("offset", offset), ("ticket_count", "100")]).await }
    };
    let first = page("0").await;
    assert!(first["count"].as_i64().unwrap() > 1200);
    assert_eq!(page("900").await["tickets"].as_array().unwrap().len(), 100);
    assert_eq!(page("950").await["tickets"].as_array().unwrap().len(), 50);
    assert_eq!(page("1000").await["tickets"], json!([]));
    // The list has no such end.
    let list = desk.get("/v3/tickets", &[("offset", "1200")]).await.ok();
    assert_eq!(list["tickets"].as_array().unwrap().len(), 30);
}
