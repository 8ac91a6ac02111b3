//! Routes that take files.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::{Answer, Desk};

fn part(name: &str, text: &str) -> Part {
    Part::text(text.to_owned())
        .file_name(name.to_owned())
        .mime_str("text/plain")
        .unwrap()
}

async fn upload(desk: &Desk, path: &str, query: &[(&str, &str)], form: Form) -> Answer {
    desk.send(desk.request(Method::POST, path).query(query).multipart(form))
        .await
}

#[tokio::test]
async fn a_ticket_with_a_file_the_object_in_the_query() {
    let desk = Desk::new().await;
    let object = json!({"email": "dot+orders@mailbox.example", "subject": "with a file & more"}).to_string();
    let form = Form::new().part("file", part("a b+c & d.txt", "hello"));
    let answer = upload(
        &desk,
        "/v3/tickets/create_with_attachment",
        &[("ticket_object", &object)],
        form,
    )
    .await;
    assert_eq!(answer.status, 200);
    let ticket = answer.json();
    assert_eq!(ticket["subject"], "with a file & more");
    let attachment = &ticket["attachments"][0];
    assert_eq!(
        (&attachment["file_name"], &attachment["file_size"]),
        (&json!("a b+c & d.txt"), &json!(5))
    );
    assert_eq!(attachment["file_type"], "text/plain");
    assert_eq!(attachment["created_on"], "2026-03-02 09:00:01");
    // The link works, without a key.
    let file = desk
        .send(desk.client.get(attachment["attachment_url"].as_str().unwrap()))
        .await;
    assert_eq!(
        (file.status, file.text.as_str(), file.header("content-type")),
        (200, "hello", Some("text/plain"))
    );
    let number = ticket["ticket_number"].to_string();
    let details = desk
        .get("/v3/tickets/details", &[("ticket_number", &number)])
        .await
        .ok();
    assert_eq!(details["attachments"], ticket["attachments"]);
}

#[tokio::test]
async fn a_reply_with_files_everything_in_the_form() {
    let desk = Desk::new().await;
    // Too long for a query.
    let text = format!("<p>{}</p>", "long ".repeat(4000));
    let form = Form::new()
        .text("ticket_number", "1197")
        .text("reply_object", json!({"body": text}).to_string())
        .part("files", part("one.txt", "1"))
        .part("files", part("two.txt", "22"));
    let answer = upload(&desk, "/v3/tickets/add_reply_with_attachment", &[], form).await;
    assert_eq!(answer.status, 200);
    let reply = answer.json();
    assert_eq!(reply["body"], text);
    assert_eq!(
        crate::harness::column(&reply["attachments"], "file_name"),
        ["one.txt", "two.txt"]
    );
    let list = desk
        .get("/v3/tickets/conversations", &[("ticket_number", "1197")])
        .await
        .ok();
    assert_eq!(list["conversations"][0]["attachments_count"], 2);
    assert_eq!(list["conversations"][0]["attachments"], reply["attachments"]);
    assert_eq!(desk.state()["mails"][0]["attachments"], json!(["one.txt", "two.txt"]));
}

#[tokio::test]
async fn the_same_object_in_the_query_is_too_long() {
    let desk = Desk::new().await;
    let object = json!({"body": "long ".repeat(4000)}).to_string();
    let query = [("ticket_number", "1197"), ("reply_object", object.as_str())];
    let answer = upload(
        &desk,
        "/v3/tickets/add_reply_with_attachment",
        &query,
        Form::new().part("file", part("a", "a")),
    )
    .await;
    assert_eq!(answer.status, 414);
    assert_eq!(desk.state()["mails"], json!([]));
}

#[tokio::test]
async fn notes_contacts_and_companies_take_files() {
    let desk = Desk::new().await;
    let form = || Form::new().part("file", part("a.txt", "a"));
    let note = json!({"body": "see file", "private_note": 1}).to_string();
    let query = [("ticket_number", "1197"), ("note_object", note.as_str())];
    let answer = upload(&desk, "/v3/tickets/add_note_with_attachment", &query, form())
        .await
        .ok();
    assert_eq!(answer["attachments"][0]["file_name"], "a.txt");
    let contact = json!({"name": "New", "primary_email": "new@x.example"}).to_string();
    let query = [("contact_object", contact.as_str())];
    let answer = upload(&desk, "/v3/contacts/create_with_attachment", &query, form())
        .await
        .ok();
    assert_eq!(answer["primary_email"], "new@x.example");
    let company = json!({"name": "New / Company"}).to_string();
    let form = form().text("company_object", company);
    let answer = upload(&desk, "/v3/companies/create_with_attachment", &[], form)
        .await
        .ok();
    assert_eq!(answer["name"], "New / Company");
}

#[tokio::test]
async fn files_are_not_required() {
    let desk = Desk::new().await;
    let form = Form::new().text("note_object", r#"{"body":"none"}"#);
    let answer = upload(
        &desk,
        "/v3/tickets/add_note_with_attachment",
        &[("ticket_number", "1197")],
        form,
    )
    .await
    .ok();
    assert_eq!(answer["attachments"], json!([]));
}

#[tokio::test]
async fn uploads_are_checked() {
    let desk = Desk::new().await;
    let path = "/v3/tickets/create_with_attachment";
    let object = json!({"email": "a@b.example", "subject": "s"}).to_string();
    let query = [("ticket_object", object.as_str())];
    let twice = Form::new().part("file", part("a", "a")).part("file", part("b", "b"));
    upload(&desk, path, &query, twice).await.refused(400);
    upload(&desk, path, &query, Form::new().part("attachment", part("a", "a")))
        .await
        .refused(400);
    upload(&desk, path, &query, Form::new().text("file", "no file name"))
        .await
        .refused(400);
    upload(&desk, path, &query, Form::new().text("subject", "s"))
        .await
        .refused(400);
    upload(&desk, path, &[], Form::new().part("file", part("a", "a")))
        .await
        .refused(400);
    upload(
        &desk,
        path,
        &[("ticket_object", "{")],
        Form::new().part("file", part("a", "a")),
    )
    .await
    .refused(400);
    let unknown = json!({"email": "a@b.example", "subject": "s", "nope": 1}).to_string();
    upload(
        &desk,
        path,
        &[("ticket_object", &unknown)],
        Form::new().part("file", part("a", "a")),
    )
    .await
    .refused(400);
    // JSON where a form is wanted, and a form label without a form.
    desk.post(path, &query, json!({"email": "a@b.example", "subject": "s"}))
        .await
        .refused(400);
    let request = desk.request(Method::POST, path).query(&query);
    desk.send(request.header("Content-Type", "multipart/form-data").body("x"))
        .await
        .refused(400);
    let request = desk.request(Method::POST, path).query(&query);
    desk.send(
        request
            .header("Content-Type", "multipart/form-data; boundary=x")
            .body("x"),
    )
    .await
    .refused(400);
    assert_eq!(
        desk.state()["attachments"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|file| file["file_name"] == "a")
            .count(),
        0
    );
}

#[tokio::test]
async fn sample_files_can_be_fetched() {
    let desk = Desk::new().await;
    let list = desk.get(
        "/v3/tickets/search",
        &[
            ("search_type", "1"),
            ("search_query", r#"{"query":"screenshot","search_in":[4]}"#),
        ],
    );
    let list = list.await.ok();
    assert!(list["count"].as_i64().unwrap() > 0);
    let origin = desk.running.base_url().replace("/{subdomain}/apis", "");
    let answer = desk.send(desk.client.get(format!("{origin}/acme/files/1/any"))).await;
    assert_eq!(answer.status, 200);
    desk.send(desk.client.get(format!("{origin}/acme/files/99999/any")))
        .await
        .refused(404);
    desk.send(desk.client.post(format!("{origin}/acme/files/1/any")))
        .await
        .refused(405);
    let none: Value = desk.get("/v3/tickets", &[]).await.ok();
    assert!(none["tickets"][0].get("attachments").is_none());
}
