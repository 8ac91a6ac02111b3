//! Jobs.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Desk;

/// What stands in a file that a path of the account tells of.
async fn read(desk: &Desk, path: &str) -> String {
    let redirect = desk.get(path).await;
    assert_eq!(redirect.status, 307, "{}", redirect.text);
    let location = redirect.header("location").unwrap().to_owned();
    let answer = desk.client.get(location).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// Makes a job, lets it run and gives it.
async fn done(desk: &Desk, body: Value) -> Value {
    let job = desk.post("/api/jobs", body).await.done(201);
    assert_eq!(job["status"], "pending");
    let path = format!("/api/jobs/{}", job["id"]);
    assert_eq!(desk.get(&path).await.done(202)["status"], "pending");
    desk.control().advance(Duration::from_secs(1));
    desk.get(&path).await.done(200)
}

/// Numbers of the newest open tickets by mail, with a customer who can be answered.
fn open_mails(desk: &Desk, count: usize) -> Vec<i64> {
    let state = desk.state();
    let tickets = state["tickets"].as_object().unwrap().values().rev();
    let open = tickets.filter(|ticket| {
        ticket["status"] == "open"
            && ticket["channel"] == "email"
            && ticket["trashed_datetime"].is_null()
            && ticket["spam"] == false
            && ticket["messages"][0]["from_agent"] == false
    });
    open.map(|ticket| ticket["id"].as_i64().unwrap()).take(count).collect()
}

#[tokio::test]
async fn a_job_changes_many_tickets_later() {
    let desk = Desk::new().await;
    let ids = open_mails(&desk, 3);
    let params = json!({"ticket_ids": ids, "updates": {"priority": "low", "status": "closed"}});
    let job = done(&desk, json!({"type": "updateTicket", "params": params})).await;
    assert_eq!(
        (&job["status"], &job["info"]),
        (&json!("done"), &json!({"progress_count": 3, "total_count": 3}))
    );
    assert!(job["started_datetime"].is_string() && job["ended_datetime"].is_string());
    let state = desk.state();
    for id in ids {
        let ticket = &state["tickets"][id.to_string()];
        assert_eq!(
            (&ticket["priority"], &ticket["status"]),
            (&json!("low"), &json!("closed"))
        );
    }
}

#[tokio::test]
async fn a_macro_is_applied_the_way_back_of_the_customers_message() {
    let desk = Desk::new().await;
    let ids = open_mails(&desk, 2);
    let answer = json!({"name": "setResponseText", "title": "", "arguments": {"body_text": "Hi {{ticket.customer.firstname}}, #{{ticket.id}} {{left.alone}}"}});
    let actions = json!([
        answer,
        {"name": "addTags", "title": "", "arguments": {"tags": "vip, brand new"}},
        {"name": "setPriority", "title": "", "arguments": {"priority": "critical"}},
        {"name": "addInternalNote", "title": "", "arguments": {"body_text": "Done by macro"}},
    ]);
    let one = desk
        .post("/api/macros", json!({"name": "Everything", "actions": actions}))
        .await
        .done(201);
    let before = desk.state();
    let params = json!({"ticket_ids": ids, "macro_id": one["id"], "apply_and_close": true});
    let job = done(&desk, json!({"type": "applyMacro", "params": params})).await;
    assert_eq!(job["info"], json!({"progress_count": 2, "total_count": 2}));
    let state = desk.state();
    let sent = desk.sent();
    assert_eq!(sent.len(), 2, "one mail for each ticket, none for the notes");
    for (id, sent) in ids.iter().zip(
        ids.iter()
            .map(|id| sent.iter().find(|sent| sent["ticket_id"] == *id).unwrap()),
    ) {
        let (old, ticket) = (&before["tickets"][id.to_string()], &state["tickets"][id.to_string()]);
        let customer = &state["customers"][ticket["customer_id"].to_string()];
        let wanted = format!(
            "Hi {}, #{id} {{{{left.alone}}}}",
            customer["firstname"].as_str().unwrap()
        );
        assert_eq!(
            (&sent["body_text"], &sent["channel"]),
            (&json!(wanted), &json!("email"))
        );
        let theirs = old["messages"]
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .find(|message| message["from_agent"] == false);
        assert_eq!(sent["to"], json!([theirs.unwrap()["source"]["from"]["address"]]));
        assert_eq!(
            (&ticket["priority"], &ticket["status"]),
            (&json!("critical"), &json!("closed"))
        );
        let messages = ticket["messages"].as_array().unwrap();
        assert_eq!(messages.len(), old["messages"].as_array().unwrap().len() + 2);
        assert!(
            messages
                .iter()
                .any(|message| message["macros"] == json!([{"id": one["id"]}]) && message["public"] == false)
        );
        let tag = desk.with("tags", "name", "brand new")["id"].clone();
        assert!(ticket["tags"].as_array().unwrap().contains(&tag));
    }
    assert_eq!(state["macros"][one["id"].to_string()]["usage"], 2);
}

#[tokio::test]
async fn what_a_job_wants_is_checked_when_it_is_made() {
    let desk = Desk::new().await;
    let old = desk.with("macros", "name", "Winter sale 2025")["id"].clone();
    let late = "2026-03-02T10:00:01+00:00";
    for (body, place) in [
        (json!({"type": "applyMacro", "params": {"ticket_ids": [1]}}), "macro_id"),
        (
            json!({"type": "applyMacro", "params": {"ticket_ids": [1], "macro_id": 5}}),
            "macro_id",
        ),
        (
            json!({"type": "applyMacro", "params": {"ticket_ids": [1], "macro_id": old}}),
            "macro_id",
        ),
        (
            json!({"type": "updateTicket", "params": {"ticket_ids": [1]}}),
            "updates",
        ),
        (
            json!({"type": "updateTicket", "params": {"ticket_ids": [1], "updates": {"state": "open"}}}),
            "updates",
        ),
        (json!({"type": "deleteTicket", "params": {"view_id": 5}}), "view_id"),
        (json!({"type": "importMacro", "params": {}}), "url"),
    ] {
        let data = desk.post("/api/jobs", body.clone()).await.refused(400);
        assert!(data["params"][place].is_array(), "{body}: {data}");
    }
    assert!(
        desk.post("/api/jobs", json!({"type": "deleteTicket", "params": {}}))
            .await
            .refused(400)["params"]
            .is_array()
    );
    desk.post("/api/jobs", json!({"type": "deleteEverything", "params": {}}))
        .await
        .refused(400);
    let too_far = json!({"type": "exportMacro", "params": {}, "scheduled_datetime": late});
    assert!(desk.post("/api/jobs", too_far).await.refused(400)["scheduled_datetime"].is_array());
    assert!(desk.sent().is_empty());
}

#[tokio::test]
async fn a_job_waits_for_its_time_and_can_be_cancelled() {
    let desk = Desk::new().await;
    let ids = open_mails(&desk, 2);
    let soon = json!("2026-03-02T09:30:00Z");
    let body = json!({"type": "deleteTicket", "params": {"ticket_ids": [ids[0]]}, "scheduled_datetime": soon});
    let first = desk.post("/api/jobs", body.clone()).await.done(201);
    assert_eq!(
        (&first["status"], &first["scheduled_datetime"]),
        (&json!("scheduled"), &json!("2026-03-02T09:30:00+00:00"))
    );
    let second = desk.post("/api/jobs", body).await.done(201);
    let (first, second) = (
        format!("/api/jobs/{}", first["id"]),
        format!("/api/jobs/{}", second["id"]),
    );
    let moved = desk
        .put(&first, json!({"params": {"ticket_ids": [ids[1]]}}))
        .await
        .done(202);
    assert_eq!(moved["status"], "scheduled");
    assert!(desk.put(&first, json!({"status": "done"})).await.refused(400)["status"].is_array());
    desk.delete(&second).await.empty(204);
    desk.control().advance(Duration::from_secs(29 * 60));
    assert_eq!(desk.get(&first).await.done(202)["status"], "scheduled");
    desk.control().advance(Duration::from_secs(60));
    assert_eq!(desk.get(&first).await.done(200)["status"], "done");
    let cancelled = desk.get(&second).await.done(200);
    assert_eq!(cancelled["status"], "canceled");
    assert!(cancelled["cancelled_datetime"].is_string() && cancelled["started_datetime"].is_null());
    desk.get(&format!("/api/tickets/{}", ids[0])).await.done(200);
    desk.get(&format!("/api/tickets/{}", ids[1])).await.refused(404);
    desk.put(&first, json!({"meta": null})).await.refused(400);
    desk.delete(&first).await.refused(400);
    desk.delete("/api/jobs/5").await.refused(404);
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_by_an_update_too() {
    let desk = Desk::new().await;
    let job = desk
        .post("/api/jobs", json!({"type": "exportMacro", "params": {}}))
        .await
        .done(201);
    let path = format!("/api/jobs/{}", job["id"]);
    let cancelled = desk.put(&path, json!({"status": "cancel_requested"})).await.done(202);
    assert_eq!(
        (&cancelled["status"], &cancelled["ended_datetime"]),
        (&json!("canceled"), &Value::Null)
    );
}

#[tokio::test]
async fn tickets_are_exported_as_a_table() {
    let desk = Desk::new().await;
    let filters = "eq(ticket.status, 'open') && containsAll(ticket.tags.name, ['refund'])";
    let job = done(
        &desk,
        json!({"type": "exportTicket", "params": {"view": {"filters": filters}}}),
    )
    .await;
    let table = read(&desk, job["info"]["url"].as_str().unwrap()).await;
    let mut lines = table.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("id,status,priority,channel,subject,customer,")
    );
    let lines: Vec<&str> = lines.filter(|line| line.starts_with("91")).collect();
    assert_eq!(json!(lines.len()), job["info"]["total_count"]);
    assert!(
        !lines.is_empty()
            && lines
                .iter()
                .all(|line| line.contains(",open,") && line.contains("refund"))
    );
}

#[tokio::test]
async fn macros_go_out_and_come_in_again() {
    let desk = Desk::new().await;
    let job = done(&desk, json!({"type": "exportMacro", "params": {}})).await;
    let table = read(&desk, job["info"]["url"].as_str().unwrap()).await;
    let count = desk.state()["macros"].as_object().unwrap().len();
    assert_eq!(job["info"]["total_count"], count);
    let globex = desk.acting_as("globex", "api_key");
    let before = globex.state()["macros"].as_object().unwrap().len();
    let broken = format!("{table}Nobody's,,not-an-intent,en,[]\n,,,,[]\n");
    let part = reqwest::multipart::Part::text(broken)
        .file_name("macros.csv")
        .mime_str("text/csv")
        .unwrap();
    let form = reqwest::multipart::Form::new().part("file", part);
    let upload = globex
        .send(globex.request(Method::POST, "/api/upload").multipart(form))
        .await
        .done(201);
    let job = done(
        &globex,
        json!({"type": "importMacro", "params": {"url": upload[0]["url"]}}),
    )
    .await;
    assert_eq!(
        (&job["status"], &job["info"]["progress_count"]),
        (&json!("done"), &json!(count))
    );
    assert_eq!(job["info"]["errors"].as_array().unwrap().len(), 2, "{}", job["info"]);
    assert_eq!(globex.state()["macros"].as_object().unwrap().len(), before + count);
    assert_eq!(globex.with("macros", "name", "Paket verspätet")["language"], "de");
    let elsewhere = json!({"type": "importMacro", "params": {"url": "https://elsewhere.example/macros.csv"}});
    let job = done(&globex, elsewhere).await;
    assert_eq!(
        (&job["status"], &job["info"]["error"]),
        (&json!("errored"), &json!("The file could not be fetched"))
    );
}

#[tokio::test]
async fn jobs_are_listed_by_status_and_type() {
    let desk = Desk::new().await;
    let all = desk.get("/api/jobs?order_by=created_datetime:asc").await.done(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 5);
    let failed = desk.get("/api/jobs?status=errored").await.done(200);
    assert_eq!(
        (&failed["data"][0]["type"], failed["data"].as_array().unwrap().len()),
        (&json!("importMacro"), 1)
    );
    let done = desk.get("/api/jobs?type=updateTicket&status=done").await.done(200);
    assert_eq!(done["data"][0]["info"]["progress_count"], 12);
    desk.get("/api/jobs?status=finished").await.refused(400);
}
