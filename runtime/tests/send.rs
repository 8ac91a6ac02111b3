//! Sending over real connections: once, as whom, where to, and what can go wrong.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod vendor;

use std::time::Duration;

use deskhand_runtime::client::Connection;
use deskhand_runtime::error::{Code, Error, Origin};
use deskhand_runtime::operation::{AnswerKind, Body, Effect};
use deskhand_runtime::shape::{Place, QueryStyle, Shape};
use deskhand_runtime::{Limits, Operation, operation::Answer};
use serde_json::{Map, Value, json};
use vendor::{ANSWER, INTEGRATION, Reply, SECRET, Server, account, answer, connect, field, ok};

operation!(GET, [field("word", Place::Query(QueryStyle::Repeat), Shape::Text)], {});
operation!(CREATE, [field("word", Place::Body, Shape::Text)], {
    http_method: "POST",
    method: "create",
    body: Body::Json,
    effect: Effect::Write,
    idempotent: false,
    counts_as_read: false,
});
operation!(DOWNLOAD, [], {
    path: "/download",
    answer: Answer { kind: AnswerKind::Redirect, ..ANSWER },
});

async fn run(connection: &Connection, operation: &'static Operation) -> Result<Value, Error> {
    use deskhand_runtime::answer::Content;
    connection
        .run(operation, Map::new(), None)
        .await
        .map(|ran| match ran.outcome.content {
            Content::Record(value) => value,
            Content::Redirect(location) => json!({ "location": location }),
            other => panic!("{other:?}"),
        })
}

fn assert_silent(error: &Error) {
    for text in [format!("{error}"), format!("{error:?}"), error.to_json().to_string()] {
        assert!(!text.contains(SECRET), "{text}");
        // `ann@example.com:s3cr3t-k3y-0123456789`
        assert!(!text.contains("YW5uQGV4YW1wbGUuY29t"), "{text}");
    }
}

#[tokio::test]
async fn a_request_carries_the_account_and_nothing_else() {
    let server = Server::always(|| ok(&json!({"id": 1}))).await;
    run(&connect(&server), &GET).await.unwrap();
    let seen = server.only();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("GET", "/things?key=s3cr3t-k3y-0123456789")
    );
    // base64 of `ann@example.com:s3cr3t-k3y-0123456789`
    assert_eq!(
        seen.header("Authorization"),
        Some("Basic YW5uQGV4YW1wbGUuY29tOnMzY3IzdC1rM3ktMDEyMzQ1Njc4OQ==")
    );
    assert_eq!(seen.header("X-Acme-Tier"), Some("plugin"));
    assert_eq!(seen.header("X-Acme-Account"), Some("north"));
    assert_eq!(
        seen.header("User-Agent"),
        Some(concat!("deskhand/", env!("CARGO_PKG_VERSION")))
    );
    let mut names: Vec<_> = seen.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "host",
            "user-agent",
            "x-acme-account",
            "x-acme-tier"
        ]
    );
    assert_eq!(seen.text(), "");
}

#[tokio::test]
async fn a_body_is_sent_with_its_length_and_type() {
    let server = Server::always(|| ok(&json!({"id": 1}))).await;
    let mut arguments = Map::new();
    arguments.insert("word".into(), "é".into());
    connect(&server).run(&CREATE, arguments, None).await.unwrap();
    let seen = server.only();
    assert_eq!(seen.header("Content-Type"), Some("application/json"));
    assert_eq!(seen.header("Content-Length"), Some("13"));
    assert_eq!(seen.text(), r#"{"word":"é"}"#);
}

#[tokio::test]
async fn the_first_complete_scheme_is_used() {
    let server = Server::always(|| ok(&json!({}))).await;
    let connection = account(&server.url).credential("token", "tok-en-1").build().unwrap();
    assert_eq!(connection.scheme().unwrap().name, "oauth");
    run(&connection, &GET).await.unwrap();
    let seen = server.only();
    assert_eq!(seen.header("Authorization"), Some("Bearer tok-en-1"));
    assert_eq!(seen.header("X-Acme-Tier"), None);
    assert_eq!(seen.target, "/things");
}

#[tokio::test]
async fn failures_are_sent_once() {
    for status in [400, 401, 404, 408, 409, 420, 423, 425, 429, 500, 502, 503, 504] {
        for operation in [&GET, &CREATE] {
            let server = Server::always(move || answer(status, &[("Retry-After", "0")], "{}")).await;
            let error = run(&connect(&server), operation).await.unwrap_err();
            assert_eq!(error.status(), Some(status));
            assert_eq!(error.origin(), Origin::Upstream);
            server.only();
            assert_silent(&error);
        }
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_request_is_not_made_again() {
    for operation in [&GET, &CREATE] {
        for reset in [true, false] {
            let lose = move || if reset { Reply::Reset } else { Reply::Close(Vec::new()) };
            let server = Server::always(lose).await;
            let error = run(&connect(&server), operation).await.unwrap_err();
            assert_eq!(error.code(), Code::UpstreamUnreachable, "{error}");
            assert_eq!((error.origin(), error.status()), (Origin::Deskhand, None));
            assert!(error.message().contains("before an answer came"), "{error}");
            server.only();
            assert_silent(&error);
            let unsure = error.hint().unwrap().contains("not known whether the change was made");
            assert_eq!(unsure, operation.name == "CREATE", "{error}");
        }
    }
}

#[tokio::test]
async fn a_reused_connection_lost_after_the_request_is_not_made_again() {
    for operation in [&GET, &CREATE] {
        for reset in [true, false] {
            let server = Server::start(move |number, _| match (number, reset) {
                (0, _) => ok(&json!({})),
                (_, true) => Reply::Reset,
                (_, false) => Reply::Close(Vec::new()),
            })
            .await;
            let connection = connect(&server);
            run(&connection, operation).await.unwrap();
            let error = run(&connection, operation).await.unwrap_err();
            assert_eq!(error.code(), Code::UpstreamUnreachable, "{error}");
            assert_eq!(server.seen().len(), 2);
        }
    }
}

#[tokio::test]
async fn an_idle_connection_that_was_closed_costs_no_call() {
    let server = Server::start(|number, _| match number {
        0 => Reply::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_vec()),
        _ => ok(&json!({})),
    })
    .await;
    let connection = connect(&server);
    run(&connection, &GET).await.unwrap();
    run(&connection, &GET).await.unwrap();
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn nobody_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = run(&account(&url).build().unwrap(), &CREATE).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnreachable);
    assert!(error.message().contains("connection refused"), "{error}");
    assert!(error.hint().unwrap().contains("Nothing was sent"), "{error}");
    assert_silent(&error);
}

#[tokio::test]
async fn no_tls_at_the_other_end() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 4096];
        let length = stream.read(&mut heard).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        heard.truncate(length);
        heard
    });
    let error = run(&account(&url).build().unwrap(), &GET).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnreachable, "{error}");
    assert!(error.message().contains("TLS"), "{error}");
    let heard = server.await.unwrap();
    assert_eq!(heard.first(), Some(&22), "a TLS handshake");
    assert!(!String::from_utf8_lossy(&heard).contains(SECRET));
    assert_silent(&error);
}

#[tokio::test]
async fn silence_ends_in_a_timeout() {
    for operation in [&GET, &CREATE] {
        let server = Server::always(|| Reply::Silence).await;
        let limits = Limits::default().total_timeout(Duration::from_millis(200));
        let connection = account(&server.url).settings(limits).build().unwrap();
        let error = run(&connection, operation).await.unwrap_err();
        assert_eq!((error.code(), error.status()), (Code::UpstreamTimeout, None));
        assert!(error.message().contains("200 ms"), "{error}");
        server.gone.notified().await;
        server.only();
        assert_silent(&error);
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_is_a_timeout_too() {
    let server = Server::start(|_, _| Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec())).await;
    let limits = Limits::default().total_timeout(Duration::from_millis(200));
    let connection = account(&server.url).settings(limits).build().unwrap();
    let error = run(&connection, &GET).await.unwrap_err();
    assert_eq!((error.code(), error.status()), (Code::UpstreamTimeout, Some(200)));
}

#[tokio::test]
async fn a_dropped_call_is_dropped_at_the_vendor() {
    let server = Server::always(|| Reply::Silence).await;
    let connection = connect(&server);
    let call = tokio::spawn(async move { run(&connection, &CREATE).await });
    server.came.notified().await;
    call.abort();
    server.gone.notified().await;
    assert!(call.await.unwrap_err().is_cancelled());
    server.only();
}

#[tokio::test]
async fn an_answer_too_large_is_not_read_to_its_end() {
    // 50 MB in blocks of 64 KiB, once with a length told and once without.
    const BLOCKS: usize = 800;
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 500 Broken\r\nConnection: close\r\n\r\n",
    ] {
        let server = Server::always(move || Reply::Flood(head, BLOCKS)).await;
        let error = run(&connect(&server), &GET).await.unwrap_err();
        assert_eq!(error.code(), Code::UpstreamInvalidResponse);
        assert!(error.message().contains("10485760 bytes"), "{error}");
        server.gone.notified().await;
        let blocks = *server.blocks.lock().unwrap();
        assert!(blocks < BLOCKS, "{blocks} blocks were taken");
    }
}

#[tokio::test]
async fn the_cap_is_exact() {
    let body = format!("\"{}\"", "x".repeat(998));
    for (cap, good) in [(1000, true), (999, false)] {
        let body = body.clone();
        let server = Server::always(move || answer(200, &[], &body)).await;
        let limits = Limits::default().max_answer_bytes(cap);
        let connection = account(&server.url).settings(limits).build().unwrap();
        assert_eq!(run(&connection, &GET).await.is_ok(), good);
    }
}

#[tokio::test]
async fn answers_that_break_off() {
    for (raw, what) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":", "broke off"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n{\"id\":", "JSON"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"id\":\r\n",
            "broke off",
        ),
    ] {
        let server = Server::always(move || Reply::Close(raw.as_bytes().to_vec())).await;
        let error = run(&connect(&server), &CREATE).await.unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            (Code::UpstreamInvalidResponse, Some(200)),
            "{error}"
        );
        assert!(error.message().contains(what), "{error}");
        assert!(
            error.hint().unwrap().contains("not known whether the change was made"),
            "{error}"
        );
        server.only();
    }
    let server = Server::always(|| Reply::Close(b"SMTP ready\r\n\r\n".to_vec())).await;
    let error = run(&connect(&server), &GET).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnreachable, "{error}");
}

#[tokio::test]
async fn redirects_are_never_followed() {
    let other = Server::always(|| ok(&json!({"stolen": true}))).await;
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = format!("{}/loot", other.url);
        let server = Server::always(move || answer(status, &[("Location", &elsewhere)], "")).await;
        let connection = connect(&server);
        for operation in [&GET, &CREATE] {
            let error = run(&connection, operation).await.unwrap_err();
            assert_eq!(
                (error.code(), error.status()),
                (Code::UpstreamInvalidResponse, Some(status))
            );
            assert!(error.hint().unwrap().contains("base URL"), "{error}");
            assert_silent(&error);
        }
        let location = run(&connection, &DOWNLOAD).await.unwrap();
        assert_eq!(location, json!({"location": format!("{}/loot", other.url)}));
        assert_eq!(server.seen().len(), 3);
    }
    assert!(other.seen().is_empty(), "credentials never go to another host");
}

#[tokio::test]
async fn redirects_as_answers() {
    for (location, expected) in [
        (
            "https://files.example/a?sig=1#x",
            Some("https://files.example/a?sig=1#x".to_owned()),
        ),
        ("/files/a", Some("BASE/files/a".to_owned())),
        ("//files.example/a", Some("http://files.example/a".to_owned())),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        // Made of the request's own address, without the credentials of its query.
        ("", Some("BASE/download".to_owned())),
    ] {
        let server = Server::always(move || answer(307, &[("Location", location)], "")).await;
        let answered = run(&connect(&server), &DOWNLOAD).await;
        match expected {
            Some(expected) => {
                assert_eq!(
                    answered.unwrap(),
                    json!({"location": expected.replace("BASE", &server.url)})
                );
            }
            None => assert_eq!(
                answered.unwrap_err().code(),
                Code::UpstreamInvalidResponse,
                "{location}"
            ),
        }
    }
    let server = Server::always(|| answer(302, &[], "")).await;
    let error = run(&connect(&server), &DOWNLOAD).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (Code::UpstreamInvalidResponse, Some(302))
    );
}

#[tokio::test]
async fn secrets_that_a_vendor_repeats_are_blanked() {
    let body =
        json!({"reason": "bad", "data": {"message": format!("key {SECRET} is unknown")}, "seen": [{SECRET: SECRET}]});
    let server = Server::always(move || answer(401, &[], &body.to_string())).await;
    let error = run(&connect(&server), &GET).await.unwrap_err();
    assert_silent(&error);
    assert_eq!(error.message(), "HTTP 401 bad: key <hidden> is unknown");
    assert_eq!(
        error.upstream_body().unwrap()["seen"],
        json!([{"<hidden>": "<hidden>"}])
    );
}

#[test]
fn settings_are_checked_before_anything_is_sent() {
    let build = |change: &dyn Fn(
        deskhand_runtime::client::ConnectionBuilder,
    ) -> deskhand_runtime::client::ConnectionBuilder| {
        change(account("https://api.acme.example")).build()
    };
    for (value, stripped) in [
        ("north", "north"),
        (" north ", "north"),
        ("https://north.acme.example/", "north"),
        ("HTTPS://North.Acme.Example", "North"),
    ] {
        let connection = build(&|builder| builder.variable("subdomain", value)).unwrap();
        assert_eq!(connection.variables()["subdomain"], stripped, "{value}");
    }
    for (name, value, says) in [
        ("subdomain", "", "First part of the address."),
        ("subdomain", "a/b", "letters, digits"),
        ("subdomain", "a.evil.example", "letters, digits"),
        ("email", "nobody", "e-mail"),
        ("tier", "user", "plugin, website"),
        ("api_key", "s3cr3t\r\nX-Evil: 1", "control characters"),
        ("colour", "blue", "no such setting"),
    ] {
        let error = build(&|builder| builder.value(name, value)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArguments);
        assert!(
            error.message().contains(name) && error.message().contains(says),
            "{error}"
        );
        assert_eq!(error.faults()[0].argument, name);
        assert!(!error.message().contains("s3cr3t"), "{error}");
    }
    let error = Connection::builder(&INTEGRATION)
        .variable("subdomain", "north")
        .credential("email", "ann@example.com")
        .build()
        .unwrap_err();
    let named: Vec<_> = error.faults().iter().map(|fault| fault.argument.as_str()).collect();
    assert_eq!(named, ["token", "api_key"]);
    assert!(error.message().contains("Settings, then API."), "{error}");
}

#[test]
fn addresses_are_checked_and_filled() {
    let build = |base_url: Option<&str>| {
        let builder = Connection::builder(&INTEGRATION)
            .variable("subdomain", "north")
            .credential("token", SECRET);
        builder.base_url(base_url).build()
    };
    for (base_url, expected) in [
        (None, "https://north.acme.example/api"),
        (
            Some("https://{subdomain}.proxy.example/x/"),
            "https://north.proxy.example/x",
        ),
        (Some("http://127.0.0.1:8080/acme"), "http://127.0.0.1:8080/acme"),
    ] {
        assert_eq!(build(base_url).unwrap().base_url().as_str(), expected);
    }
    for base_url in [
        "http://acme.example",
        "https://user:pass@acme.example",
        "https://acme.example?x=1",
        "https://acme.example/{token}",
        "https://{nothing}.example",
        "acme.example",
    ] {
        let error = build(Some(base_url)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArguments, "{base_url}");
        assert_eq!(error.faults()[0].argument, "base_url", "{base_url}");
        assert_silent(&error);
    }
}

#[test]
fn debug_output_shows_no_secret() {
    let builder = account("http://127.0.0.1:1");
    let shown = format!("{builder:?} {:?}", account("http://127.0.0.1:1").build().unwrap());
    assert!(shown.contains("acme") && !shown.contains(SECRET), "{shown}");
}

#[tokio::test]
async fn a_name_that_nobody_knows() {
    let connection = account("https://no-such-host.invalid").build().unwrap();
    let error = run(&connection, &GET).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnreachable, "{error}");
    assert!(error.message().contains("host name is not known"), "{error}");
    assert_silent(&error);
}
