//! Files.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::{Desk, reply};

fn file(name: &str, content_type: &str, bytes: Vec<u8>) -> Part {
    Part::bytes(bytes)
        .file_name(name.to_owned())
        .mime_str(content_type)
        .unwrap()
}

async fn upload(desk: &Desk, query: &str, form: Form) -> crate::harness::Answer {
    let request = desk.request(Method::POST, &format!("/api/upload{query}"));
    desk.send(request.multipart(form)).await
}

/// The path of an address in an answer.
fn path_of(desk: &Desk, file: &Value) -> String {
    let url = file["url"].as_str().unwrap();
    url.strip_prefix(&desk.running.base_url()).unwrap().to_owned()
}

#[tokio::test]
async fn files_go_in_and_come_out_by_a_signed_address() {
    let desk = Desk::new().await;
    let form = Form::new()
        .part("first", file("scan äö.png", "image/png", vec![1, 2, 3]))
        .part("second", file("note.txt", "text/plain", b"hello".to_vec()));
    let answer = upload(&desk, "?type=public_attachment", form).await.done(201);
    let told = &answer[0];
    assert_eq!(
        (&told["name"], &told["content_type"], &told["size"]),
        (&json!("scan äö.png"), &json!("image/png"), &json!(3))
    );
    assert_eq!(answer.as_array().unwrap().len(), 2);
    assert_eq!(desk.with("files", "name", "scan äö.png")["label"], "first");
    let path = path_of(&desk, told);
    assert!(path.starts_with("/api/public_attachment/download/"), "{path}");
    let redirect = desk.get(&path).await;
    assert_eq!(redirect.status, 307);
    let location = redirect.header("location").unwrap().to_owned();
    let read = desk.client.get(&location).send().await.unwrap();
    assert_eq!(read.headers()["content-type"], "image/png");
    assert_eq!(
        read.bytes().await.unwrap().as_ref(),
        [1, 2, 3],
        "no credentials are needed"
    );
    let mut other = location.clone();
    let last = other.pop().unwrap();
    other.push(if last == '1' { '2' } else { '1' });
    assert_eq!(
        desk.client.get(other).send().await.unwrap().status(),
        404,
        "the number alone does not open it"
    );
    desk.control().advance(Duration::from_secs(21 * 60));
    assert_eq!(
        desk.client.get(location).send().await.unwrap().status(),
        404,
        "the address holds for a while only"
    );
}

#[tokio::test]
async fn a_file_is_found_under_its_own_path_and_by_its_own_account_only() {
    let desk = Desk::new().await;
    let form = Form::new().part("file", file("a.txt", "text/plain", b"a".to_vec()));
    let answer = upload(&desk, "", form).await.done(201);
    let path = path_of(&desk, &answer[0]);
    assert!(path.starts_with("/api/attachment/download/"), "{path}");
    desk.get(&path.replace("/attachment/", "/profile_picture/"))
        .await
        .refused(404);
    desk.get(&format!("{path}x")).await.refused(404);
    assert_eq!(desk.send(desk.bare(Method::GET, &path)).await.status, 401);
    let globex = desk.acting_as("globex", "api_key");
    globex.get(&path).await.refused(404);
}

#[tokio::test]
async fn what_is_no_file_or_too_large_is_refused() {
    let desk = Desk::new().await;
    let large = Form::new().part(
        "file",
        file("large.bin", "application/octet-stream", vec![0; 10 * 1024 * 1024 + 1]),
    );
    upload(&desk, "", large).await.refused(413);
    upload(
        &desk,
        "?type=video",
        Form::new().part("file", file("a", "text/plain", vec![1])),
    )
    .await
    .refused(400);
    upload(&desk, "", Form::new().text("file", "just text"))
        .await
        .refused(400);
    upload(&desk, "", Form::new()).await.refused(400);
    desk.post("/api/upload", json!({})).await.refused(400);
    assert_eq!(desk.state()["files"], Desk::new().await.state()["files"]);
}

#[tokio::test]
async fn an_uploaded_file_is_attached_as_it_was_told() {
    let desk = Desk::new().await;
    let form = Form::new().part("file", file("label.pdf", "application/pdf", b"%PDF".to_vec()));
    let told = upload(&desk, "", form).await.done(201);
    let mut body = reply("ada@mail.example");
    body["attachments"] = told.clone();
    let path = format!("/api/tickets/{}/messages", desk.ticket("Money back for A-20417"));
    let message = desk.post(&path, body.clone()).await.done(201);
    assert_eq!(message["attachments"][0]["url"], told[0]["url"]);
    body["attachments"][0].as_object_mut().unwrap().remove("size");
    let data = desk.post(&path, body).await.refused(400);
    assert!(data["attachments"]["0"]["size"].is_array(), "{data}");
}
