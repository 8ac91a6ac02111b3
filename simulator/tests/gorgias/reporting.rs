//! Figures, the audit log, surveys and phone calls.

use serde_json::{Value, json};

use crate::harness::Desk;

async fn ask(desk: &Desk, query: Value) -> Value {
    let answer = desk
        .post("/api/reporting/stats", json!({"query": query}))
        .await
        .done(200);
    answer["data"].clone()
}

fn tickets(desk: &Desk) -> Vec<Value> {
    desk.state()["tickets"].as_object().unwrap().values().cloned().collect()
}

#[tokio::test]
async fn tickets_are_counted_by_what_they_have() {
    let desk = Desk::new().await;
    let all = ask(
        &desk,
        json!({"scope": "tickets-created", "filters": [], "timezone": "UTC"}),
    )
    .await;
    assert_eq!(all, json!([{"ticketCount": 500}]));
    let by_channel = json!({
        "scope": "tickets-created", "filters": [], "timezone": "UTC", "dimensions": ["channel"],
        "measures": ["ticketCount"], "order": [["ticketCount", "desc"]],
    });
    let rows = ask(&desk, by_channel).await;
    let rows = rows.as_array().unwrap();
    let tickets = tickets(&desk);
    for row in rows {
        let count = tickets
            .iter()
            .filter(|ticket| ticket["channel"] == row["channel"])
            .count();
        assert_eq!(row["ticketCount"], count, "{row}");
    }
    let counts: Vec<i64> = rows.iter().map(|row| row["ticketCount"].as_i64().unwrap()).collect();
    assert!(
        counts.len() > 5 && counts.is_sorted_by(|one, other| one >= other),
        "{counts:?}"
    );
    let filter = json!({"member": "channel", "operator": "not-one-of", "values": ["email"]});
    let others = ask(
        &desk,
        json!({"scope": "tickets-created", "filters": [filter], "timezone": "UTC"}),
    )
    .await;
    let mails = rows.iter().find(|row| row["channel"] == "email").unwrap()["ticketCount"]
        .as_i64()
        .unwrap();
    assert_eq!(others[0]["ticketCount"], 500 - mails);
}

#[tokio::test]
async fn a_period_bounds_what_is_counted_and_time_is_cut_in_the_zone() {
    let desk = Desk::new().await;
    let message = json!({"channel": "api", "via": "api", "from_agent": false, "sender": {"email": "a@b.example"}, "body_text": "x"});
    let body = json!({"messages": [message], "created_datetime": "2026-01-10T23:30:00Z"});
    desk.post("/api/tickets", body.clone()).await.done(201);
    desk.post("/api/tickets", body).await.done(201);
    let query = |zone: &str| {
        json!({
            "scope": "tickets-created", "timezone": zone,
            "filters": [
                {"member": "periodStart", "operator": "afterDate", "values": ["2026-01-10T23:00:00Z"]},
                {"member": "periodEnd", "operator": "beforeDate", "values": ["2026-01-10T23:59:59Z"]},
                {"member": "channel", "operator": "one-of", "values": ["api"]},
            ],
            "time_dimensions": [{"dimension": "createdDatetime", "granularity": "day"}],
        })
    };
    let at = |day: &str| json!([{"createdDatetime": format!("{day}T00:00:00.000"), "ticketCount": 2}]);
    assert_eq!(ask(&desk, query("UTC")).await, at("2026-01-10"));
    assert_eq!(ask(&desk, query("Europe/Berlin")).await, at("2026-01-11"));
}

#[tokio::test]
async fn what_a_scope_does_not_have_is_refused() {
    let desk = Desk::new().await;
    let whole = json!({"scope": "tickets-created", "filters": [], "timezone": "UTC"});
    let start = |day: &str| json!({"member": "periodStart", "operator": "afterDate", "values": [day]});
    let end = |day: &str| json!({"member": "periodEnd", "operator": "beforeDate", "values": [day]});
    for (member, value) in [
        ("scope", json!("tickets")),
        ("timezone", json!("Mars/Olympus")),
        ("measures", json!(["messagesCount"])),
        ("dimensions", json!(["teamId"])),
        (
            "time_dimensions",
            json!([{"dimension": "closedDatetime", "granularity": "day"}]),
        ),
        (
            "time_dimensions",
            json!([{"dimension": "createdDatetime", "granularity": "year"}]),
        ),
        ("filters", json!([{"member": "teamId", "values": [1]}])),
        (
            "filters",
            json!([{"member": "periodStart", "operator": "beforeDate", "values": ["2026-01-01T00:00:00"]}]),
        ),
        ("filters", json!([start("yesterday"), end("2026-01-01T00:00:00")])),
        (
            "filters",
            json!([start("2025-01-01T00:00:00"), end("2026-01-03T00:00:00")]),
        ),
        ("order", json!([["channel", "asc"]])),
        ("order", json!([["ticketCount", "up"]])),
    ] {
        let mut query = whole.clone();
        query[member] = value;
        let data = desk
            .post("/api/reporting/stats", json!({"query": query}))
            .await
            .refused(400);
        assert!(!data["query"][member].is_null(), "{member}: {data}");
    }
    let fields = json!({"scope": "ticket-fields", "filters": [], "timezone": "UTC"});
    desk.post("/api/reporting/stats", json!({"query": fields}))
        .await
        .refused(400);
    desk.post("/api/reporting/stats", whole).await.refused(400);
    for scope in [
        "online-time",
        "automation-rate",
        "voice-calls",
        "voice-agent-events",
        "voice-calls-summary",
    ] {
        let query = json!({"scope": scope, "filters": [], "timezone": "UTC"});
        desk.post("/api/reporting/stats", json!({"query": query}))
            .await
            .refused(500);
    }
    let period = json!({"period": {"start_datetime": "2026-01-01T00:00:00", "end_datetime": "2026-02-01T00:00:00"}});
    desk.post("/api/stats/overview", json!({"filters": period}))
        .await
        .refused(400);
    desk.post("/api/stats/overview/download", json!({"filters": period}))
        .await
        .refused(400);
}

#[tokio::test]
async fn values_of_fields_and_scores_are_counted() {
    let desk = Desk::new().await;
    let id = desk.with("custom_fields", "label", "Resolution")["id"].clone();
    let filter = json!({"member": "customFieldId", "operator": "one-of", "values": [id]});
    let query =
        json!({"scope": "ticket-fields", "filters": [filter], "timezone": "UTC", "dimensions": ["customFieldValue"]});
    let rows = ask(&desk, query).await;
    let tickets = tickets(&desk);
    for row in rows.as_array().unwrap() {
        let has = |ticket: &&Value| ticket["custom_fields"][id.to_string()]["value"] == row["customFieldValue"];
        assert_eq!(row["ticketCount"], tickets.iter().filter(has).count(), "{row}");
    }
    assert!(rows.as_array().unwrap().len() > 1);
    let scores = ask(
        &desk,
        json!({"scope": "satisfaction-surveys", "filters": [], "timezone": "UTC"}),
    )
    .await;
    let state = desk.state();
    let surveys: Vec<&Value> = state["surveys"].as_object().unwrap().values().collect();
    let scored: Vec<f64> = surveys.iter().filter_map(|survey| survey["score"].as_f64()).collect();
    assert_eq!(scores[0]["scoredSurveysCount"], scored.len());
    let count = scored.iter().fold(0.0, |count, _| count + 1.0);
    let average = scored.iter().sum::<f64>() / count;
    assert!(
        (scores[0]["averageSurveyScore"].as_f64().unwrap() - average).abs() < 1e-9,
        "{scores}"
    );
}

#[tokio::test]
async fn pages_of_figures_follow_each_other() {
    let desk = Desk::new().await;
    let query = json!({"query": {"scope": "tickets-created", "filters": [], "timezone": "UTC", "dimensions": ["channel", "agentId"]}});
    let first = desk.post("/api/reporting/stats?limit=4", query.clone()).await.done(200);
    assert_eq!(first["data"].as_array().unwrap().len(), 4);
    let cursor = first["meta"]["next_cursor"].as_str().unwrap();
    let second = desk
        .post(&format!("/api/reporting/stats?limit=4&cursor={cursor}"), query.clone())
        .await
        .done(200);
    let all = desk
        .post("/api/reporting/stats?limit=10000", query.clone())
        .await
        .done(200);
    let (first, second, all) = (&first["data"], &second["data"], all["data"].as_array().unwrap());
    assert_eq!(
        [first.as_array().unwrap().as_slice(), second.as_array().unwrap()].concat(),
        all[..8]
    );
    let other = json!({"query": {"scope": "tickets-closed", "filters": [], "timezone": "UTC", "dimensions": ["channel", "agentId"]}});
    desk.post(&format!("/api/reporting/stats?limit=4&cursor={cursor}"), other)
        .await
        .refused(400);
    desk.post("/api/reporting/stats?limit=10001", query).await.refused(400);
}

#[tokio::test]
async fn the_audit_log_is_narrowed() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Money back for A-20417");
    desk.put(&format!("/api/tickets/{ticket}"), json!({"status": "closed"}))
        .await
        .done(202);
    let path = format!("/api/events?object_type=Ticket&object_id={ticket}");
    let events = desk.get(&path).await.done(200);
    let closed = &events["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["type"] == "ticket-closed")
        .unwrap();
    assert_eq!(
        (&closed["object_type"], &closed["object_id"]),
        (&json!("Ticket"), &json!(ticket))
    );
    let lead = desk.with("users", "firstname", "Linden")["id"].clone();
    assert_eq!(closed["user_id"], lead);
    assert_eq!(
        desk.get(&format!("/api/events/{}", closed["id"])).await.done(200),
        **closed
    );
    let at = closed["created_datetime"].as_str().unwrap().replace('+', "%2B");
    let since = desk
        .get(&format!("/api/events?created_datetime[gte]={at}&types=ticket-closed"))
        .await
        .done(200);
    assert_eq!(since["data"].as_array().unwrap().len(), 1);
    let after = desk
        .get(&format!("/api/events?created_datetime[gt]={at}"))
        .await
        .done(200);
    assert_eq!(after["data"], json!([]));
    let mine = desk
        .get(&format!(
            "/api/events?user_ids={lead}&types=user-logged-in&types=user-logged-out&limit=100"
        ))
        .await
        .done(200);
    assert_eq!(mine["data"].as_array().unwrap().len(), 28);
    assert!(desk.get("/api/events?object_type=Ticket").await.refused(400)["object_id"].is_array());
    desk.get("/api/events?user_ids=1&user_ids=2").await.refused(400);
    desk.get("/api/events?created_datetime[gt]=yesterday")
        .await
        .refused(400);
    desk.get("/api/events?created_datetime=2026-03-01").await.refused(400);
    desk.get("/api/events/5").await.refused(404);
}

#[tokio::test]
async fn a_ticket_has_one_survey() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Money back for A-20417");
    let customer = desk.state()["tickets"][ticket.to_string()]["customer_id"].clone();
    let body = json!({"ticket_id": ticket, "customer_id": customer});
    let survey = desk.post("/api/satisfaction-surveys", body.clone()).await.done(201);
    assert_eq!(
        (&survey["score"], &survey["scored_datetime"], &survey["sent_datetime"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    desk.post("/api/satisfaction-surveys", body.clone()).await.refused(409);
    let path = format!("/api/satisfaction-surveys/{}", survey["id"]);
    let scored = json!({"ticket_id": ticket, "customer_id": customer, "score": 4, "body_text": "Fine"});
    let scored = desk.put(&path, scored).await.done(202);
    assert_eq!(
        (&scored["score"], &scored["created_datetime"]),
        (&json!(4), &survey["created_datetime"])
    );
    assert!(scored["scored_datetime"].is_string());
    let emptied = desk.put(&path, body.clone()).await.done(202);
    assert_eq!(
        (&emptied["score"], &emptied["body_text"]),
        (&Value::Null, &Value::Null),
        "an update replaces"
    );
    let listed = desk
        .get(&format!("/api/satisfaction-surveys?ticket_id={ticket}"))
        .await
        .done(200);
    assert_eq!(listed["data"], json!([emptied]));
    for (name, value) in [
        ("score", json!(6)),
        ("score", json!(0)),
        ("ticket_id", json!(5)),
        ("customer_id", json!(5)),
        ("body_text", json!("x".repeat(1001))),
    ] {
        let mut wrong = body.clone();
        wrong[name] = value;
        assert!(desk.put(&path, wrong).await.refused(400)[name].is_array(), "{name}");
    }
    desk.put(&path, json!({"score": 5})).await.refused(400);
    desk.delete(&path).await.refused(405);
    assert!(desk.sent().is_empty());
}

#[tokio::test]
async fn a_survey_goes_out_when_it_is_due() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Money back for A-20417");
    let customer = desk.state()["tickets"][ticket.to_string()]["customer_id"].clone();
    let body = json!({"ticket_id": ticket, "customer_id": customer, "should_send_datetime": "2026-03-02T09:20:00Z"});
    let survey = desk.post("/api/satisfaction-surveys", body).await.done(201);
    let of_it = |desk: &Desk| desk.sent().iter().filter(|sent| sent["ticket_id"] == ticket).count();
    desk.control().advance(std::time::Duration::from_secs(19 * 60));
    assert_eq!(of_it(&desk), 0);
    desk.control().advance(std::time::Duration::from_secs(60));
    assert_eq!(of_it(&desk), 1);
    let sent = desk
        .get(&format!("/api/satisfaction-surveys/{}", survey["id"]))
        .await
        .done(200);
    assert!(sent["sent_datetime"].is_string());
}

#[tokio::test]
async fn surveys_of_the_sample_wait_for_a_day() {
    let desk = Desk::new().await;
    let day = std::time::Duration::from_secs(24 * 3600);
    desk.control().advance(day - std::time::Duration::from_secs(1));
    assert_eq!(desk.sent(), [] as [Value; 0]);
    desk.control().advance(day);
    let sent = desk.sent();
    assert!(
        sent.iter().any(|sent| sent["kind"] == "satisfaction-survey"),
        "{sent:?}"
    );
}

#[tokio::test]
async fn calls_have_events_and_recordings() {
    let desk = Desk::new().await;
    let calls = desk.get("/api/phone/voice-calls?limit=100").await.done(200);
    let calls = calls["data"].as_array().unwrap();
    let recorded = calls.iter().find(|call| call["has_call_recording"] == true).unwrap();
    let of_ticket = desk
        .get(&format!("/api/phone/voice-calls?ticket_id={}", recorded["ticket_id"]))
        .await
        .done(200);
    assert_eq!(of_ticket["data"], json!([recorded]));
    assert_eq!(
        desk.get(&format!("/api/phone/voice-calls/{}", recorded["id"]))
            .await
            .done(200),
        *recorded
    );
    let events = desk
        .get(&format!("/api/phone/voice-call-events?call_id={}", recorded["id"]))
        .await
        .done(200);
    let events = events["data"].as_array().unwrap();
    assert!(events.len() > 2 && events.iter().all(|event| event["call_id"] == recorded["id"]));
    assert_eq!(
        desk.get(&format!("/api/phone/voice-call-events/{}", events[0]["id"]))
            .await
            .done(200),
        events[0]
    );
    let recordings = desk
        .get(&format!("/api/phone/voice-call-recordings?call_id={}", recorded["id"]))
        .await
        .done(200);
    let recording = &recordings["data"][0];
    assert_eq!(recording["type"], "call-recording");
    assert_eq!(recorded["summaries"][0]["recording_id"], recording["id"]);
    let path = format!("/api/phone/voice-call-recordings/{}", recording["id"]);
    desk.delete(&path).await.empty(204);
    desk.delete(&path).await.refused(404);
    let gone = desk.get(&path).await.done(200);
    let lead = desk.with("users", "firstname", "Linden")["id"].clone();
    assert_eq!((&gone["url"], &gone["deleted_by_user_id"]), (&Value::Null, &lead));
    let call = desk
        .get(&format!("/api/phone/voice-calls/{}", recorded["id"]))
        .await
        .done(200);
    assert_eq!(call["has_call_recording"], false);
    desk.get("/api/phone/voice-calls/5").await.refused(404);
    desk.get("/api/phone/voice-calls?call_id=5").await.refused(400);
}

#[tokio::test]
async fn every_kind_of_call_is_in_the_sample_and_sounds_can_be_fetched() {
    let desk = Desk::new().await;
    let state = desk.state();
    let all = |kind: &str| {
        state[kind]
            .as_object()
            .unwrap()
            .values()
            .cloned()
            .collect::<Vec<Value>>()
    };
    let calls = all("voice_calls");
    let phone = tickets(&desk)
        .iter()
        .filter(|ticket| ticket["channel"] == "phone")
        .count();
    assert_eq!(calls.len(), phone);
    for (member, value) in [
        ("direction", json!("inbound")),
        ("direction", json!("outbound")),
        ("status", json!("completed")),
        ("status", json!("missed")),
        ("status", json!("busy")),
        ("has_voicemail", json!(true)),
    ] {
        assert!(calls.iter().any(|call| call[member] == value), "{member} {value}");
    }
    let recordings = all("voice_call_recordings");
    assert!(
        recordings
            .iter()
            .any(|one| one["error_code"] == "RECORDING_IS_PRIVATE" && one["url"].is_null())
    );
    let open = recordings.iter().find(|one| one["url"].is_string()).unwrap();
    let path = open["url"]
        .as_str()
        .unwrap()
        .strip_prefix("https://acme.gorgias.com")
        .unwrap();
    let redirect = desk.get(path).await;
    assert_eq!(redirect.status, 307);
    let sound = desk
        .client
        .get(redirect.header("location").unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(sound.headers()["content-type"], "audio/wav");
    assert!(sound.bytes().await.unwrap().starts_with(b"RIFF"));
}
