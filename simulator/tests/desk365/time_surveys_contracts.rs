//! Time entries, surveys and contracts.

use serde_json::{Value, json};

use crate::harness::{Desk, column, keys};

#[tokio::test]
async fn time_entries_are_filtered() {
    let desk = Desk::new().await;
    let all = desk
        .get("/v3/time_entries", &[("time_entries_count", "100")])
        .await
        .ok();
    assert_eq!(keys(&all), ["count", "content"]);
    let count = all["count"].as_u64().unwrap();
    assert_eq!(all["content"].as_array().unwrap().len() as u64, count);
    let page = desk.get("/v3/time_entries", &[("offset", "10")]).await.ok();
    assert_eq!(page["content"][0], all["content"][10]);
    assert_eq!(page["content"].as_array().unwrap().len() as u64, (count - 10).min(30));
    let entry = &all["content"][0];
    let (number, agent) = (
        entry["ticket_number"].to_string(),
        entry["agent_email"].as_str().unwrap(),
    );
    let one = desk
        .get(
            "/v3/time_entries",
            &[("ticket_number", &number), ("agent_email", agent)],
        )
        .await
        .ok();
    assert_eq!(one["content"][0], *entry);
    let started = entry["start_time"].as_str().unwrap();
    let before = desk.get("/v3/time_entries", &[("started_before", started)]).await.ok()["count"]
        .as_u64()
        .unwrap();
    let after = desk.get("/v3/time_entries", &[("started_after", started)]).await.ok()["count"]
        .as_u64()
        .unwrap();
    assert_eq!(before + after, count - 1);
    let free = desk.get("/v3/time_entries", &[("billable", "0")]).await.ok()["count"]
        .as_u64()
        .unwrap();
    let billed = desk.get("/v3/time_entries", &[("billable", "1")]).await.ok()["count"]
        .as_u64()
        .unwrap();
    assert!(free > 0 && billed > 0 && free + billed == count);
    let running = desk.get("/v3/time_entries", &[("timer_running", "1")]).await.ok();
    assert_eq!(running["count"], 1);
    let company = desk
        .get("/v3/time_entries", &[("company_name", "Ziggurat Toys")])
        .await
        .ok();
    assert!(company["count"].as_u64().unwrap() < count);
    assert_eq!(
        desk.get("/v3/time_entries", &[("created_after", "2026-03-02 09:00:00")])
            .await
            .ok()["count"],
        0
    );
    let updated = desk
        .get("/v3/time_entries", &[("updated_after", "2020-01-01 00:00:00")])
        .await
        .ok();
    assert!(
        column(&updated["content"], "updated_time")
            .iter()
            .all(|time| time != "1970-01-01 00:00:00")
    );
}

#[tokio::test]
async fn time_entries_are_written() {
    let desk = Desk::new().await;
    let body = json!({"ticket_number": 1197, "agent_email": "elm.ledger@acme.example", "time_spent_in_minutes": 30, "note": "n"});
    let entry = desk.post("/v3/time_entries/create", &[], body).await.ok();
    assert!(entry["id"].as_i64().unwrap() > i64::from(u32::MAX));
    assert_eq!(
        (&entry["start_time"], &entry["billable"]),
        (&json!("2026-03-02 08:30:01"), &json!(0))
    );
    let id = entry["id"].to_string();
    assert_eq!(desk.get("/v3/time_entries/details", &[("id", &id)]).await.ok(), entry);
    for wrong in [
        json!({"ticket_number": "1197", "agent_email": "elm.ledger@acme.example", "time_spent_in_minutes": 30}),
        json!({"ticket_number": 1197, "agent_email": "elm.ledger@acme.example", "time_spent_in_minutes": -1}),
        json!({"ticket_number": 1197, "agent_email": "nobody@acme.example", "time_spent_in_minutes": 1}),
        json!({"ticket_number": 1197, "agent_email": "elm.ledger@acme.example"}),
        json!({"ticket_number": 1197, "agent_email": "elm.ledger@acme.example", "time_spent_in_minutes": 1, "billable": true}),
        json!({"ticket_number": 1197, "agent_email": "elm.ledger@acme.example", "time_spent_in_minutes": 1, "start_time": "08:30"}),
    ] {
        desk.post("/v3/time_entries/create", &[], wrong).await.refused(400);
    }
    let lost = json!({"ticket_number": 1, "agent_email": "elm.ledger@acme.example", "time_spent_in_minutes": 1});
    desk.post("/v3/time_entries/create", &[], lost).await.refused(404);
    // The largest number does no harm.
    let body =
        json!({"ticket_number": 1197, "agent_email": "elm.ledger@acme.example", "time_spent_in_minutes": i64::MAX});
    desk.post("/v3/time_entries/create", &[], body).await.ok();
}

#[tokio::test]
async fn surveys_and_ratings() {
    let desk = Desk::new().await;
    let surveys = desk.get("/v3/surveys", &[]).await.ok();
    assert_eq!(keys(&surveys), ["count", "surveys"]);
    assert_eq!(
        column(&surveys["surveys"], "survey_name"),
        ["Customer Satisfaction", "Five Stars ★ & More"]
    );
    let survey = &surveys["surveys"][0];
    assert_eq!(
        keys(&survey["questions"]),
        ["survey_question", "cs_question_2", "cs_question_3"]
    );
    assert_eq!(keys(&survey["cs_scale_point_map"]), ["-3", "-1", "0", "1", "3"]);
    let details = desk
        .get("/v3/surveys/details", &[("survey_name", "Five Stars ★ & More")])
        .await
        .ok();
    assert_eq!(details, surveys["surveys"][1]);
    desk.get("/v3/surveys/details", &[("survey_name", "Old Survey")])
        .await
        .refused(404);

    let ratings = desk.get("/v3/surveys/ratings", &[]).await.ok();
    assert_eq!(keys(&ratings), ["count", "survey_ratings"]);
    let times: Vec<String> = column(&ratings["survey_ratings"], "rated_on")
        .iter()
        .map(Value::to_string)
        .collect();
    assert!(times.is_sorted() && times.len() > 10);
    assert!(ratings["survey_ratings"][0]["ratings"]["rating"].is_i64());
    let rest = desk.get("/v3/surveys/ratings", &[("offset", "5")]).await.ok();
    assert_eq!(rest["survey_ratings"][0], ratings["survey_ratings"][5]);
}

#[tokio::test]
async fn contracts_are_listed_and_read() {
    let desk = Desk::new().await;
    let all = desk.get("/v3/contracts", &[]).await.ok();
    assert_eq!((keys(&all), &all["count"]), (vec!["count", "contracts"], &json!(6)));
    let names = |query: &'static [(&'static str, &'static str)]| {
        let desk = &desk;
        async move { column(&desk.get("/v3/contracts", query).await.ok()["contracts"], "name") }
    };
    assert!(
        !names(&[("include_inactive_contracts", "0")])
            .await
            .contains(&json!("Paused"))
    );
    assert!(
        !names(&[("include_expired_contracts", "0")])
            .await
            .contains(&json!("Starter & Setup"))
    );
    assert!(
        !names(&[("include_upcoming_contracts", "0")])
            .await
            .contains(&json!("Next Year / Renewal"))
    );
    assert_eq!(names(&[("company", "Lumen + Loom")]).await, ["Gold Support"]);
    assert_eq!(names(&[("contract_category", "Support")]).await.len(), 3);
    // Two have this name.
    desk.get("/v3/contracts/details", &[("contract_name", "Gold Support")])
        .await
        .refused(400);
    let gold = desk
        .get("/v3/contracts/details", &[("reference_number", "CT-0001")])
        .await
        .ok();
    assert_eq!(
        (&gold["company"], &gold["category"]),
        (&json!("Halcyon Freight & Co."), &json!("Support"))
    );
    assert_eq!(gold["rollover_unused_hours"], 1, "an integer in answers");
    assert_eq!(gold["start_date"], "2025-08-14");
    assert!(
        gold["usage_hours"][0].get("contractMins").is_some(),
        "camel case on the wire"
    );
    assert!(gold["rollover_details"][0].get("contract_mins").is_some());
    let named = desk
        .get("/v3/contracts/details", &[("contract_name", "Next Year / Renewal")])
        .await
        .ok();
    assert_eq!(named["reference_number"], "CT-0005");
}

#[tokio::test]
async fn contracts_are_written() {
    let desk = Desk::new().await;
    let body = json!({
        "name": "Fresh", "company": "Odd Socks Ltd", "start_date": "2026-04-01", "end_date": "2027-03-31",
        "contract_type": 2, "contract_category": "Development & Design", "block_hours": {"contract_hours": 10, "rollover_unused_hours": true},
    });
    let created = desk.post("/v3/contracts/create", &[], body.clone()).await.ok();
    assert_eq!(created["contract_category"], "Development & Design");
    assert_eq!(
        created["block_hours"]["rollover_unused_hours"], true,
        "a boolean in requests"
    );
    assert!(created.get("block_tickets").is_none() && created.get("usage_hours").is_none());
    let reference = created["reference_number"].as_str().unwrap();
    let query = [("reference_number", reference)];
    assert_eq!(
        desk.get("/v3/contracts/details", &query).await.ok()["contract_hours"],
        10
    );
    let change = json!({"name": "Fresh 2", "contract_category": "--", "end_date": "2027-04-30", "block_hours": {"rollover_unused_hours": false}});
    let updated = desk.put("/v3/contracts/update", &query, change).await.ok();
    assert_eq!(
        (&updated["contract_category"], &updated["end_date"]),
        (&Value::Null, &json!("2027-04-30"))
    );
    let read = desk
        .get("/v3/contracts/details", &[("contract_name", "Fresh 2")])
        .await
        .ok();
    assert_eq!(
        (&read["category"], &read["rollover_unused_hours"]),
        (&Value::Null, &json!(0))
    );

    let with = |name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        body
    };
    for wrong in [
        with("contract_type", json!(3)),
        with("block_tickets", json!({"contract_tickets": 5})),
        with("contract_type", json!(1)),
        with("company", json!("Nobody")),
        with("start_date", json!("01.04.2026")),
        with("end_date", json!("2026-03-31")),
        with("is_active", json!(1)),
        with("block_hours", json!({"contract_hours": "10"})),
        with("block_hours", json!({"hours": 10})),
        with("block_hours", json!({"contract_hours": 10, "rollover_unused_hours": 1})),
        with("category", json!("Support")),
        with("reference_number", json!("CT-0001")),
        json!({"name": "x", "company": "Odd Socks Ltd"}),
    ] {
        desk.post("/v3/contracts/create", &[], wrong.clone()).await.refused(400);
    }
    desk.put("/v3/contracts/update", &query, json!({"company": "Lumen + Loom"}))
        .await
        .refused(400);
    desk.put("/v3/contracts/update", &[], json!({"name": "x"}))
        .await
        .refused(400);
    let tickets = [("contract_name", "Ticket Pack 50")];
    desk.put(
        "/v3/contracts/update",
        &tickets,
        json!({"block_hours": {"rollover_value": 1}}),
    )
    .await
    .refused(400);
}

#[tokio::test]
async fn contracts_must_have_been_enabled() {
    let desk = Desk::new().await.second();
    desk.get("/v3/contracts", &[]).await.refused(403);
    desk.get("/v3/contracts/details", &[("contract_name", "x")])
        .await
        .refused(403);
    desk.post("/v3/contracts/create", &[], json!({})).await.refused(403);
    desk.put("/v3/contracts/update", &[], json!({})).await.refused(403);
}
