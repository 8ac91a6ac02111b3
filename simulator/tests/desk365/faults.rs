//! Misbehaviour on demand, and the record of requests.

use std::time::Duration;

use deskhand_simulator::{Fault, Trigger};
use serde_json::{Value, json};

use crate::harness::Desk;

#[tokio::test]
async fn faults_strike_in_order_and_are_used_up() {
    let desk = Desk::new().await;
    let control = desk.control();
    control.inject(Fault::HtmlGateway { status: 502 }, Trigger::Next(1));
    control.inject(
        Fault::EmptyBody { status: 500 },
        Trigger::NextOn("/v3/agents".into(), 1),
    );
    control.inject(
        Fault::ErrorStatus {
            status: 503,
            body: json!({"oops": 1}),
        },
        Trigger::Path("/v3/surveys".into()),
    );

    let html = desk.get("/v3/tickets", &[]).await;
    assert_eq!((html.status, html.header("content-type")), (502, Some("text/html")));
    assert!(html.text.contains("502 Bad Gateway"));
    assert_eq!(desk.get("/v3/tickets", &[]).await.status, 200);
    let empty = desk.get("/v3/agents", &[]).await;
    assert_eq!((empty.status, empty.text.as_str()), (500, ""));
    assert_eq!(desk.get("/v3/agents", &[]).await.status, 200);
    for _ in 0..3 {
        let answer = desk.get("/v3/surveys", &[]).await;
        assert_eq!((answer.status, answer.json()), (503, json!({"oops": 1})));
    }
    control.clear_faults();
    assert_eq!(desk.get("/v3/surveys", &[]).await.status, 200);
}

#[tokio::test]
async fn vendor_like_faults() {
    let desk = Desk::new().await;
    let control = desk.control();
    control.inject(Fault::RateLimited { retry_after: Some(12) }, Trigger::Next(1));
    let limited = desk.get("/v3/agents", &[]).await;
    limited.refused(429);
    assert_eq!(limited.header("retry-after"), Some("12"));
    control.inject(Fault::RateLimited { retry_after: None }, Trigger::Next(1));
    let limited = desk.get("/v3/agents", &[]).await;
    limited.refused(429);
    assert_eq!((limited.header("retry-after"), limited.remaining()), (None, Some(0)));
    control.inject(Fault::Unauthorized, Trigger::Next(1));
    desk.get("/v3/agents", &[]).await.refused(401);
    control.inject(
        Fault::ErrorStatus {
            status: 500,
            body: Value::Null,
        },
        Trigger::Next(1),
    );
    desk.get("/v3/agents", &[]).await.refused(500);
    control.inject(
        Fault::Redirect {
            location: "https://other.example/x".into(),
        },
        Trigger::Next(1),
    );
    let redirect = desk.get("/v3/agents", &[]).await;
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (302, Some("https://other.example/x"))
    );
}

#[tokio::test]
async fn a_truncated_answer_has_taken_effect() {
    let desk = Desk::new().await;
    desk.control().inject(Fault::TruncatedJson, Trigger::Next(1));
    let answer = desk
        .post(
            "/v3/tickets/add_reply",
            &[("ticket_number", "1001")],
            json!({"body": "<p>Hi</p>"}),
        )
        .await;
    assert_eq!(answer.status, 201);
    assert!(serde_json::from_str::<Value>(&answer.text).is_err());
    assert_eq!(desk.state()["mails"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_huge_answer_has_the_length_asked_for() {
    let desk = Desk::new().await;
    desk.control()
        .inject(Fault::HugeBody { bytes: 3_000_000 }, Trigger::Next(1));
    let answer = desk.get("/v3/agents", &[]).await;
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(answer.text.len(), 3_000_000);
    assert!(answer.json()["padding"].is_string());
}

#[tokio::test]
async fn a_request_without_answer_ends_when_the_client_leaves() {
    let desk = Desk::new().await;
    let control = desk.control();
    control.inject(Fault::NoAnswer, Trigger::Next(1));
    let request = desk.request(reqwest::Method::POST, "/v3/tickets/add_reply?ticket_number=1001");
    let sent = tokio::spawn(request.json(&json!({"body": "x"})).send());
    while control.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(control.abandoned(), 0);
    sent.abort();
    while control.abandoned() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(control.abandoned(), 1);
    assert_eq!(control.requests()[0].status, None);
    assert_eq!(desk.state()["mails"], json!([]));
    control.clear();
    assert_eq!((control.abandoned(), control.requests().len()), (0, 0));
}

#[tokio::test]
async fn a_shutdown_frees_those_who_wait() {
    let desk = Desk::new().await;
    let control = desk.control();
    control.inject(Fault::NoAnswer, Trigger::Next(1));
    let sent = tokio::spawn(desk.request(reqwest::Method::GET, "/v3/agents").send());
    while control.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    desk.running.shutdown().await;
    assert_eq!(sent.await.unwrap().unwrap().status().as_u16(), 503);
    assert_eq!(control.abandoned(), 0);
}

#[tokio::test]
async fn a_slow_answer_is_the_real_one() {
    let desk = Desk::new().await;
    desk.control()
        .inject(Fault::SlowAnswer(Duration::from_millis(30)), Trigger::Next(1));
    assert!(desk.get("/v3/agents", &[]).await.ok()["content"].is_array());
}

#[tokio::test]
async fn faults_can_be_asked_for_over_http() {
    let desk = Desk::new().await;
    for (fault, status) in [
        ("html-502", 502),
        ("empty-500", 500),
        ("truncated", 200),
        ("huge-1000", 200),
        ("slow-5", 200),
        ("rate-limited", 429),
        ("rate-limited-30", 429),
        ("unauthorized", 401),
        ("status-503", 503),
        ("redirect-https://other.example/", 302),
        ("explode", 400),
    ] {
        let request = desk
            .request(reqwest::Method::GET, "/v3/agents")
            .header("X-Simulate", fault);
        assert_eq!(desk.send(request).await.status, status, "{fault}");
    }
}

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let desk = Desk::new().await;
    let control = desk.control();
    desk.get("/v3/companies/details", &[("name", "Halcyon Freight & Co.")])
        .await
        .ok();
    desk.put(
        "/v3/contacts/update",
        &[("primary_email", "dot+orders@mailbox.example")],
        json!({"title": "Boß"}),
    )
    .await;
    desk.get("/v3/nowhere", &[]).await;
    let seen = control.requests();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].method, "GET");
    assert_eq!(seen[0].path, "/v3/companies/details");
    assert_eq!(
        seen[0].target,
        "/acme/apis/v3/companies/details?name=Halcyon+Freight+%26+Co."
    );
    assert_eq!(seen[0].status, Some(200));
    assert_eq!(seen[0].header("AUTHORIZATION"), Some(desk.key.as_str()));
    assert_eq!(seen[1].json(), Some(json!({"title": "Boß"})));
    assert_eq!(&seen[1].body[..], r#"{"title":"Boß"}"#.as_bytes());
    assert_eq!(seen[2].status, Some(404));
    assert_eq!(control.count("GET", "/v3/companies/details"), 1);
    assert_eq!(control.count("POST", "/v3/companies/details"), 0);
    assert_eq!(control.last_request(), Some(seen[2].clone()));
}

#[tokio::test]
async fn old_requests_are_forgotten() {
    let options = deskhand_simulator::Options {
        recorded_requests: 2,
        ..Default::default()
    };
    let desk = Desk::with(options).await;
    for path in ["/v3/ping", "/v3/agents", "/v3/surveys"] {
        desk.get(path, &[]).await;
    }
    let paths: Vec<_> = desk
        .control()
        .requests()
        .into_iter()
        .map(|request| (request.path, request.status))
        .collect();
    assert_eq!(
        paths,
        [
            ("/v3/agents".to_owned(), Some(200)),
            ("/v3/surveys".to_owned(), Some(200))
        ]
    );
}
