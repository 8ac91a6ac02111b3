//! What callers are told when things go wrong, that nothing is tried twice, and that no secret gets out.
//!
//! All of it through the real program, which logs everything it ever logs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deskhand_runtime::{Connection, Limits};
use deskhand_simulator::{Fault, Options, Trigger};
use deskhand_tests::desk::{
    Client, Desk, Logs, Served, ask, binary, call, changes, desk365, eventually, fail, http, run, stdio, with,
};
use rmcp::model::{CallToolRequest, CallToolRequestParams, CallToolResult, ClientRequest};
use rmcp::service::PeerRequestOptions;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Written by "customers" and to them; no log may hold it.
const BODY: &str = "mauve-walrus-4711";

fn trace(environment: Vec<(String, String)>) -> Vec<(String, String)> {
    with(environment, "DESKHAND_LOG", "trace")
}

const READ: &str = "list_all_desk_365_tickets";
const WRITE: &str = "create_a_desk_365_ticket_reply";

fn arguments(tool: &str) -> Value {
    match tool {
        WRITE => json!({ "ticket_number": 1197, "body": format!("<p>{BODY}</p>") }),
        _ => json!({}),
    }
}

#[track_caller]
fn no_secrets(text: &str, secrets: &[&str]) {
    for secret in secrets.iter().chain([&BODY, &"Eighty trucks", &"Authorization: "]) {
        // The secrets of the simulator are known to everybody; no harm in naming them here.
        assert!(!text.contains(secret), "`{secret}` got out:\n{text}");
    }
    assert!(!text.to_lowercase().contains("panicked"), "{text}");
}

/// Looks at all that an ended process logged.
fn quiet(logs: Logs, secrets: &[&str]) {
    let logs = logs.whole();
    assert!(logs.contains("milliseconds"), "calls are logged: {logs}");
    no_secrets(&logs, secrets);
}

/// Ends the server and looks at all that it printed and logged.
fn end(mut served: Served, secrets: &[&str]) {
    assert!(served.is_alive(), "the server has come through it all");
    let token = served.token().to_owned();
    let (stdout, stderr) = served.end();
    // Shown once, at the start: as an address, and in a client's configuration.
    assert_eq!(stdout.matches(&token).count(), 2, "{stdout}");
    // So is the first API token, with an example of its use.
    let (example, printed): (Vec<&str>, Vec<&str>) = stdout.lines().partition(|line| line.starts_with("  curl "));
    assert_eq!(example.len(), 1, "{stdout}");
    no_secrets(&printed.join("\n"), secrets);
    let mut all: Vec<&str> = secrets.to_vec();
    all.extend([token.as_str(), &token[3..]]);
    no_secrets(&stderr, &all);
    assert!(stderr.contains("milliseconds"), "calls are logged: {stderr}");
}

// ---- what the helpdesk may answer --------------------------------------------------------------

struct Case {
    fault: Fault,
    code: &'static str,
    status: u16,
    /// A word that the advice must have.
    advice: &'static str,
    retry_after: Option<u64>,
    /// Whether a request that changes something was carried out all the same.
    done: bool,
}

fn case(fault: Fault, code: &'static str, status: u16, advice: &'static str) -> Case {
    Case {
        fault,
        code,
        status,
        advice,
        retry_after: None,
        done: false,
    }
}

fn cases() -> Vec<Case> {
    let error = |status, body| Fault::ErrorStatus { status, body };
    vec![
        case(Fault::Unauthorized, "unauthorized", 401, "API key"),
        case(error(403, Value::Null), "forbidden", 403, "subdomain"),
        case(error(404, Value::Null), "not_found", 404, "List"),
        case(error(409, Value::Null), "conflict", 409, "Read the record"),
        case(error(413, Value::Null), "payload_too_large", 413, "Send less"),
        case(Fault::HtmlGateway { status: 414 }, "payload_too_large", 414, "too long"),
        case(error(400, Value::Null), "upstream_error", 400, "name"),
        case(error(500, Value::Null), "upstream_error", 500, "later"),
        case(Fault::EmptyBody { status: 500 }, "upstream_error", 500, "later"),
        case(Fault::HtmlGateway { status: 502 }, "upstream_error", 502, "later"),
        case(Fault::EmptyBody { status: 503 }, "upstream_error", 503, "later"),
        case(Fault::HtmlGateway { status: 504 }, "upstream_timeout", 504, "later"),
        case(
            Fault::HtmlGateway { status: 200 },
            "upstream_invalid_response",
            200,
            "base URL",
        ),
        case(error(200, json!([1, 2])), "upstream_invalid_response", 200, "base URL"),
        case(
            Fault::HugeBody { bytes: 50_000_000 },
            "upstream_invalid_response",
            200,
            "Ask for less",
        ),
        Case {
            done: true,
            ..case(Fault::TruncatedJson, "upstream_invalid_response", 200, "base URL")
        },
        case(Fault::RateLimited { retry_after: None }, "rate_limited", 429, "minute"),
        Case {
            retry_after: Some(30),
            ..case(
                Fault::RateLimited { retry_after: Some(30) },
                "rate_limited",
                429,
                "Wait",
            )
        },
        case(Fault::EmptyBody { status: 429 }, "rate_limited", 429, "minute"),
    ]
}

/// A read is safe to repeat; after a write of unknown fate the caller is told to look first.
fn is_unsure(case: &Case) -> bool {
    case.status >= 500 || case.code == "upstream_invalid_response"
}

async fn suffer(desk: &Desk, client: &Client) {
    for case in cases() {
        for tool in [READ, WRITE] {
            // A reply of another form is taken as it is: there is no form that all replies have.
            if tool == WRITE && matches!(&case.fault, Fault::ErrorStatus { status: 200, .. }) {
                continue;
            }
            let what = format!("{:?} on {tool}", case.fault);
            desk.control().clear();
            let before = desk.state();
            // A second request would be answered, and so would the call.
            desk.control().inject(case.fault.clone(), Trigger::Next(1));
            let result = call(client, tool, arguments(tool)).await;
            assert_eq!(result.is_error, Some(true), "{what}");
            assert_eq!(desk.control().requests().len(), 1, "{what}: sent once");

            let error = result.structured_content.as_ref().unwrap()["error"].clone();
            let status = if case.done && tool == WRITE { 201 } else { case.status };
            assert_eq!(error["code"], case.code, "{what}: {error}");
            assert_eq!(error["status"], status, "{what}: {error}");
            assert_eq!(error["origin"], "upstream", "{what}: {error}");
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains(&status.to_string()) || message.contains("larger"),
                "{what}: {message}"
            );
            assert!(!message.contains(BODY) && !message.contains('<'), "{what}: {message}");
            let hint = error["hint"].as_str().unwrap_or_default();
            assert!(hint.contains(case.advice), "{what}: {error}");
            assert_eq!(
                hint.contains("not known whether"),
                tool == WRITE && is_unsure(&case),
                "{what}: {hint}"
            );
            assert_eq!(
                error.get("retry_after").cloned(),
                case.retry_after.map(Value::from),
                "{what}: {error}"
            );
            assert_eq!(
                error.get("reset_at").is_some(),
                case.retry_after.is_some(),
                "{what}: {error}"
            );
            if let Some(seconds) = case.retry_after {
                let reset = error["reset_at"].as_str().unwrap();
                assert_eq!((reset.len(), &reset[10..11], &reset[19..]), (20, "T", "Z"), "{reset}");
                let limit = json!({ "remaining": 0, "reset": seconds });
                assert_eq!(error["ratelimit"], limit);
                assert_eq!(meta(&result), Some(limit), "{what}");
            }

            let mails = desk.state()["acme"]["mails"].as_array().unwrap().len();
            let before = before["acme"]["mails"].as_array().unwrap().len();
            assert_eq!(
                mails - before,
                usize::from(case.done && tool == WRITE),
                "{what}: mail is sent at most once"
            );
        }
    }
    // None of it was for ever.
    let page = ask(client, READ, json!({})).await;
    assert_eq!(page["result_count"], 30);
}

fn meta(result: &CallToolResult) -> Option<Value> {
    serde_json::to_value(result).unwrap()["_meta"]
        .get("deskhand/ratelimit")
        .cloned()
}

#[tokio::test]
async fn every_failure_has_its_code_over_http() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&trace(desk.account())).await;
    suffer(&desk, &served.client().await).await;
    end(served, &[&desk.credential("api_key")]);
}

#[tokio::test]
async fn every_failure_has_its_code_over_stdio() {
    let desk = Desk::start("desk365").await;
    let (client, logs) = stdio("desk365", &trace(desk.account())).await;
    suffer(&desk, &client).await;
    client.cancel().await.unwrap();
    quiet(logs, &[&desk.credential("api_key")]);
}

// ---- accounts that do not work -----------------------------------------------------------------

#[tokio::test]
async fn wrong_credentials_are_told_without_repeating_them() {
    let desk = Desk::start("desk365").await;
    let wrong = "no-such-key-5e7d1c";
    let birchwood = desk.running.credentials_of("birchwood").unwrap()["api_key"].clone();
    for (subdomain, key, code, status, advice) in [
        ("acme", wrong, "unauthorized", 401, "API key"),
        // Desk365 takes the bare key; a pasted `Bearer` is cut off, not sent.
        ("acme", "Bearer no-such-key-5e7d1c", "unauthorized", 401, "API key"),
        ("acme", birchwood.as_str(), "forbidden", 403, "subdomain"),
        ("nobody", wrong, "not_found", 404, "List"),
    ] {
        let environment = trace(desk365(&desk.running.base_url(), subdomain, key));
        let (client, logs) = stdio("desk365", &environment).await;
        for tool in [READ, WRITE] {
            desk.control().clear();
            let error = fail(&client, tool, arguments(tool)).await;
            assert_eq!(
                (&error["code"], &error["status"]),
                (&json!(code), &json!(status)),
                "{error}"
            );
            assert_eq!(error["origin"], "upstream");
            assert!(error["hint"].as_str().unwrap().contains(advice), "{error}");
            let requests = desk.control().requests();
            assert_eq!(requests.len(), 1);
            assert_eq!(
                requests[0].header("Authorization"),
                Some(key.trim_start_matches("Bearer "))
            );
            no_secrets(&error.to_string(), &[key, wrong]);
        }
        client.cancel().await.unwrap();
        quiet(logs, &[key, wrong]);
    }
    assert_eq!(desk.state()["acme"]["mails"], json!([]));
}

#[tokio::test]
async fn a_key_that_the_helpdesk_repeats_is_blanked() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&trace(desk.account())).await;
    let client = served.client().await;
    let key = desk.credential("api_key");
    let body = json!({
        "status": 401, "error": format!("Unauthorized {key}"), "message": format!("key {key} is unknown"),
        "request": { "headers": [format!("Authorization: {key}")], key.clone(): true },
    });
    desk.control()
        .inject(Fault::ErrorStatus { status: 401, body }, Trigger::Next(1));
    let error = fail(&client, READ, json!({})).await;
    assert_eq!(error["code"], "unauthorized");
    assert!(!error.to_string().contains(&key), "{error}");
    assert!(
        error["message"].as_str().unwrap().contains("is unknown"),
        "the rest is kept: {error}"
    );
    drop(client);
    end(served, &[&key]);
}

#[tokio::test]
async fn missing_or_wrong_settings_are_named() {
    for command in [
        &["stdio", "desk365"][..],
        &["call", READ],
        &["serve", "--listen", "127.0.0.1:0", "--server", "desk365"],
    ] {
        let told = run(command, &[], "");
        assert_eq!(told.status.code(), Some(2), "{command:?}");
        assert!(told.stdout.is_empty(), "{command:?}");
        let text = String::from_utf8_lossy(&told.stderr);
        for variable in ["DESKHAND_DESK365_SUBDOMAIN", "DESKHAND_DESK365_API_KEY"] {
            assert!(text.contains(variable), "{command:?}: {text}");
        }
        // One is there: only the other is asked for, and what was given is not repeated.
        let half = [("DESKHAND_DESK365_API_KEY".to_owned(), "half-a-secret-99".to_owned())];
        let told = run(command, &half, "");
        let text = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{command:?}: {text}");
        assert!(text.contains("DESKHAND_DESK365_SUBDOMAIN"), "{text}");
        assert!(
            !text.contains("DESKHAND_DESK365_API_KEY") && !text.contains("half-a-secret-99"),
            "{text}"
        );

        for (base_url, subdomain, key, variable) in [
            (
                "http://desk.example/{subdomain}",
                "acme",
                "k-123456789",
                "DESKHAND_DESK365_BASE_URL",
            ),
            (
                "ftp://127.0.0.1/{subdomain}",
                "acme",
                "k-123456789",
                "DESKHAND_DESK365_BASE_URL",
            ),
            (
                "https://user:pw@desk.example",
                "acme",
                "k-123456789",
                "DESKHAND_DESK365_BASE_URL",
            ),
            (
                "https://desk.example/{api_key}",
                "acme",
                "k-123456789",
                "DESKHAND_DESK365_BASE_URL",
            ),
            (
                "http://127.0.0.1:9/{subdomain}",
                "ac me/../x",
                "k-123456789",
                "DESKHAND_DESK365_SUBDOMAIN",
            ),
            (
                "http://127.0.0.1:9/{subdomain}",
                "acme",
                "k-123\n456789",
                "DESKHAND_DESK365_API_KEY",
            ),
        ] {
            let told = run(command, &desk365(base_url, subdomain, key), "");
            let text = String::from_utf8_lossy(&told.stderr);
            assert_eq!(told.status.code(), Some(2), "{command:?} {base_url}: {text}");
            assert!(text.contains(variable), "{command:?}: {text}");
            assert!(!text.contains("456789"), "{text}");
        }
    }
}

// ---- hosts that do not work --------------------------------------------------------------------

/// What a broken host does with a request.
#[derive(Clone, Copy, Debug)]
enum Broken {
    /// Leaves without a word.
    Closes,
    /// Speaks something else.
    Babbles,
    /// Announces more than it sends.
    Stops,
    /// Answers the first request of a connection, and leaves at the second.
    LeavesAtTheSecond,
    /// Sends its answer for ever.
    Drips,
    /// Says nothing.
    IsSilent,
}

/// A host; requests that came are counted.
async fn host(broken: Broken) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://{}/{{subdomain}}/apis", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(misbehave(stream, broken, Arc::clone(&counted)));
        }
    });
    (base, count)
}

async fn misbehave(mut stream: TcpStream, broken: Broken, count: Arc<AtomicUsize>) {
    const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{\"tickets\":[],\"count\":0}";
    let mut on_this = 0;
    while request(&mut stream).await {
        count.fetch_add(1, Ordering::SeqCst);
        on_this += 1;
        let answer: &[u8] = match broken {
            Broken::Closes => return,
            Broken::Babbles => b"220 mail.example ESMTP\r\n\r\n",
            Broken::Stops => b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"tickets\": [",
            Broken::LeavesAtTheSecond if on_this > 1 => return,
            Broken::LeavesAtTheSecond => PAGE,
            Broken::IsSilent => {
                std::future::pending::<()>().await;
                return;
            }
            Broken::Drips => {
                let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                let mut gone = stream.write_all(head).await.is_err();
                while !gone {
                    gone = stream.write_all(b"1\r\n \r\n").await.is_err();
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                return;
            }
        };
        let _ = stream.write_all(answer).await;
        if !matches!(broken, Broken::LeavesAtTheSecond) {
            return;
        }
    }
}

/// Reads one request; whether there was one.
async fn request(stream: &mut TcpStream) -> bool {
    let (mut read, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&read).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
                return true;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return false,
            Ok(more) => read.extend_from_slice(&chunk[..more]),
        }
    }
}

#[tokio::test]
async fn hosts_that_break_off_are_asked_once() {
    for (broken, code, status, origin) in [
        (Broken::Closes, "upstream_unreachable", Value::Null, "deskhand"),
        (Broken::Babbles, "upstream_unreachable", Value::Null, "deskhand"),
        (Broken::Stops, "upstream_invalid_response", json!(200), "upstream"),
    ] {
        let (base, count) = host(broken).await;
        let (client, logs) = stdio("desk365", &trace(desk365(&base, "acme", "k-0123456789"))).await;
        for (done, tool) in [READ, WRITE].into_iter().enumerate() {
            let error = fail(&client, tool, arguments(tool)).await;
            assert_eq!(error["code"], code, "{broken:?}: {error}");
            assert_eq!(error["status"], status, "{broken:?}: {error}");
            assert_eq!(error["origin"], origin, "{broken:?}: {error}");
            let hint = error["hint"].as_str().unwrap();
            assert_eq!(
                hint.contains("not known whether"),
                tool == WRITE,
                "{broken:?} {tool}: {hint}"
            );
            assert_eq!(count.load(Ordering::SeqCst), done + 1, "{broken:?}");
        }
        client.cancel().await.unwrap();
        quiet(logs, &["k-0123456789"]);
    }
}

#[tokio::test]
async fn a_call_that_dies_on_a_kept_connection_is_not_repeated() {
    let (base, count) = host(Broken::LeavesAtTheSecond).await;
    let (client, _) = stdio("desk365", &desk365(&base, "acme", "k-0123456789")).await;
    assert_eq!(ask(&client, READ, json!({})).await["total"], 0);
    let error = fail(&client, WRITE, arguments(WRITE)).await;
    assert_eq!(error["code"], "upstream_unreachable", "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 2);
    // The next call makes a connection of its own.
    assert_eq!(ask(&client, READ, json!({})).await["total"], 0);
    assert_eq!(count.load(Ordering::SeqCst), 3);
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let base = format!("http://{free}/{{subdomain}}/apis");
    let (client, logs) = stdio("desk365", &trace(desk365(&base, "acme", "k-0123456789"))).await;
    for tool in [READ, WRITE] {
        let error = fail(&client, tool, arguments(tool)).await;
        assert_eq!(error["code"], "upstream_unreachable");
        assert_eq!((&error["status"], &error["origin"]), (&Value::Null, &json!("deskhand")));
        assert!(error["message"].as_str().unwrap().contains("refused"), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("Nothing was sent"), "{error}");
    }
    client.cancel().await.unwrap();
    quiet(logs, &["k-0123456789"]);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let desk = Desk::start("desk365").await;
    let (other, reached) = host(Broken::Closes).await;
    let elsewhere = other.replace("{subdomain}", "acme");
    let served = Served::start(&trace(desk.account())).await;
    let client = served.client().await;
    for (location, told) in [
        (format!("{elsewhere}/v3/tickets"), None),
        ("//evil.example/v3/tickets".to_owned(), None),
        ("/moved/v3/tickets".to_owned(), Some("/moved/v3/tickets")),
    ] {
        for tool in [READ, WRITE] {
            desk.control().clear();
            desk.control().inject(
                Fault::Redirect {
                    location: location.clone(),
                },
                Trigger::Next(1),
            );
            let error = fail(&client, tool, arguments(tool)).await;
            assert_eq!(error["code"], "upstream_invalid_response");
            assert_eq!((&error["status"], &error["origin"]), (&json!(302), &json!("upstream")));
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("redirects"), "{message}");
            assert_eq!(
                message.contains("It points to"),
                told.is_some(),
                "other hosts are not named: {message}"
            );
            assert!(told.is_none_or(|told| message.contains(told)), "{message}");
            assert!(error["hint"].as_str().unwrap().contains("base URL"));
            assert_eq!(desk.control().requests().len(), 1);
        }
    }
    assert_eq!(
        reached.load(Ordering::SeqCst),
        0,
        "the other host never heard of it, nor of the key"
    );
    end(served, &[&desk.credential("api_key")]);
}

#[tokio::test]
async fn proxies_of_the_environment_are_not_used() {
    let desk = Desk::start("desk365").await;
    let (proxy, reached) = host(Broken::Closes).await;
    let proxy = proxy.replace("/{subdomain}/apis", "");
    let mut environment = desk.account();
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        environment.push((name.to_owned(), proxy.clone()));
    }
    let (client, _) = stdio("desk365", &environment).await;
    ask(&client, READ, json!({})).await;
    // What goes out encrypted does not go there either: nobody listens at this port, and that is the end of it.
    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    environment.extend(desk365(
        &format!("https://{closed}/{{subdomain}}"),
        "acme",
        "k-0123456789",
    ));
    let (stranded, _) = stdio("desk365", &environment).await;
    fail(&stranded, READ, json!({})).await;
    assert_eq!(reached.load(Ordering::SeqCst), 0);
    assert_eq!(desk.control().requests().len(), 1);
}

#[tokio::test]
async fn the_longest_wait_is_kept() {
    let desk = Desk::start("desk365").await;
    desk.control()
        .inject(Fault::NoAnswer, Trigger::Path("/v3/tickets".to_owned()));
    let silent = host(Broken::IsSilent).await;
    let drips = host(Broken::Drips).await;
    for (base, status) in [
        (desk.running.base_url(), None),
        (silent.0.clone(), None),
        // It has begun to answer, so its status is known.
        (drips.0.clone(), Some(200)),
    ] {
        let connection = Connection::builder(&deskhand_desk365::INTEGRATION)
            .variable("subdomain", "acme")
            .credential("api_key", desk.credential("api_key"))
            .base_url(Some(base.clone()))
            .settings(Limits::default().total_timeout(Duration::from_millis(250)))
            .build()
            .unwrap();
        let outcome = deskhand_tests::tool(&connection, READ, json!({})).await;
        let error = outcome.to_structured()["error"].clone();
        assert_eq!(error["code"], "upstream_timeout", "{base}: {error}");
        assert_eq!(error["origin"], if status.is_some() { "upstream" } else { "deskhand" });
        assert_eq!(error["status"], status.map_or(Value::Null, Value::from), "{error}");
        assert!(error["message"].as_str().unwrap().contains("250 ms"), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("later"), "{error}");
    }
    assert_eq!(desk.control().requests().len(), 1);
    eventually("the helpdesk sees the caller go", || async {
        (desk.control().abandoned() == 1).then_some(())
    })
    .await;
    assert_eq!(
        (silent.1.load(Ordering::SeqCst), drips.1.load(Ordering::SeqCst)),
        (1, 1)
    );
}

// ---- limits ------------------------------------------------------------------------------------

#[tokio::test]
async fn a_plan_used_up_for_real_is_told_and_ends() {
    let desk = Desk::with("desk365", Options::default()).await;
    let served = Served::start(&trace(desk.account())).await;
    let client = served.client().await;
    let before = desk.state();
    // Fifty calls a minute: 40 of one, and two searches that count as five each.
    for left in (10..50).rev() {
        let result = call(&client, READ, json!({ "limit": 30 })).await;
        assert_eq!(result.is_error, Some(false));
        assert_eq!(meta(&result), Some(json!({ "remaining": left })));
    }
    let search =
        json!({ "search_type": "free_text", "search_query": { "query": "refund", "search_in": ["description"] } });
    for left in [5, 0] {
        let result = call(&client, "desk_365_tickets_search", search.clone()).await;
        assert_eq!(meta(&result), Some(json!({ "remaining": left })), "{result:?}");
    }
    desk.control().clear();
    for (sent, tool) in [READ, WRITE, READ].into_iter().enumerate() {
        let result = call(&client, tool, arguments(tool)).await;
        let error = &result.structured_content.as_ref().unwrap()["error"];
        assert_eq!(
            (&error["code"], &error["status"]),
            (&json!("rate_limited"), &json!(429))
        );
        assert_eq!(error["origin"], "upstream");
        assert_eq!(error["ratelimit"], json!({ "remaining": 0 }));
        assert_eq!(error.get("retry_after"), None, "no pause is made up");
        assert!(error["hint"].as_str().unwrap().contains("minute"));
        assert_eq!(meta(&result), Some(json!({ "remaining": 0 })));
        assert_eq!(
            desk.control().requests().len(),
            sent + 1,
            "handed over at once, every time"
        );
    }
    assert_eq!(changes(&before, &desk.state()), Map::new());
    // Ping is free and tells nothing about limits.
    assert_eq!(meta(&call(&client, "list_all_desk_365_ping", json!({})).await), None);

    desk.control().advance(Duration::from_secs(60));
    let result = call(&client, READ, json!({})).await;
    assert_eq!(meta(&result), Some(json!({ "remaining": 49 })));
    end(served, &[&desk.credential("api_key")]);
}

// ---- callers that leave ------------------------------------------------------------------------

async fn is_held(desk: &Desk) {
    eventually("the request reaches the helpdesk", || async {
        (!desk.control().requests().is_empty()).then_some(())
    })
    .await;
}

async fn is_abandoned(desk: &Desk) {
    eventually("the helpdesk sees the caller go", || async {
        (desk.control().abandoned() == 1).then_some(())
    })
    .await;
    assert_eq!(desk.control().requests().len(), 1);
    assert_eq!(desk.control().requests()[0].status, None);
}

#[tokio::test]
async fn an_http_client_that_leaves_ends_its_call() {
    let desk = Desk::start("desk365").await;
    let mut served = Served::start(&trace(desk.account())).await;
    let call = |tool: &str| {
        json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments(tool) },
        })
    };
    for (tool, by_bearer) in [(READ, false), (WRITE, true)] {
        desk.control().clear();
        desk.control().inject(Fault::NoAnswer, Trigger::Next(1));
        let mut sent = if by_bearer {
            http()
                .post(format!("{}/mcp", served.base()))
                .bearer_auth(served.token())
        } else {
            http().post(&served.url)
        };
        sent = sent
            .header("Accept", "application/json, text/event-stream")
            .json(&call(tool));
        let waiting = tokio::spawn(async move { sent.send().await });
        is_held(&desk).await;
        waiting.abort();
        is_abandoned(&desk).await;
    }
    assert!(served.is_alive());
    assert_eq!(desk.state()["acme"]["mails"], json!([]));
    let client = served.client().await;
    ask(&client, READ, json!({})).await;
    end(served, &[&desk.credential("api_key")]);
}

#[tokio::test]
async fn a_cancelled_request_ends_its_call() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let (piped, _) = stdio("desk365", &desk.account()).await;
    for client in [served.client().await, piped] {
        desk.control().clear();
        desk.control().inject(Fault::NoAnswer, Trigger::Next(1));
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(CallToolRequestParams::new(READ)));
        let options = PeerRequestOptions::no_options();
        let handle = client.send_cancellable_request(request, options).await.unwrap();
        is_held(&desk).await;
        handle.cancel(Some("changed my mind".to_owned())).await.unwrap();
        is_abandoned(&desk).await;
        // The connection goes on.
        assert_eq!(ask(&client, READ, json!({})).await["total"], 199);
        client.cancel().await.unwrap();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn processes_that_are_left_or_told_to_stop_end_their_calls() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    // A desktop client that closes the pipe in mid-call.
    let desk = Desk::start("desk365").await;
    desk.control().inject(Fault::NoAnswer, Trigger::Next(1));
    let mut command = Command::new(binary());
    command.args(["stdio", "desk365"]).envs(desk.account());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for message in [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" } } }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": READ } }),
    ] {
        writeln!(stdin, "{message}").unwrap();
    }
    is_held(&desk).await;
    drop(stdin);
    is_abandoned(&desk).await;
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
    assert!(
        tokio::time::timeout(Duration::from_secs(120), ended).await.is_ok(),
        "the process ends by itself"
    );

    // A call from the terminal that is interrupted.
    let desk = Desk::start("desk365").await;
    desk.control().inject(Fault::NoAnswer, Trigger::Next(1));
    let mut command = Command::new(binary());
    command.args(["call", READ]).envs(desk.account());
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    is_held(&desk).await;
    assert!(
        Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    is_abandoned(&desk).await;
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let ended = tokio::time::timeout(Duration::from_secs(120), ended)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stdout.is_empty());
}

// ---- secrets -----------------------------------------------------------------------------------

#[tokio::test]
async fn nothing_secret_is_logged_in_a_days_work() {
    for format in ["text", "json"] {
        let desk = Desk::start("desk365").await;
        let environment = with(trace(desk.account()), "DESKHAND_LOG_FORMAT", format);
        let served = Served::start(&environment).await;
        let client = served.client().await;
        let note = json!({ "ticket_number": 1197, "body": format!("note {BODY}") });
        for (tool, arguments) in [
            (READ, json!({ "include_description": true })),
            ("get_single_desk_365_ticket_by_id", json!({ "ticket_number": 1197 })),
            (WRITE, arguments(WRITE)),
            ("create_a_desk_365_ticket_note", note),
            (
                "list_all_desk_365_ticket_conversations",
                json!({ "ticket_number": 1197 }),
            ),
            ("get_single_desk_365_kb_article_by_id", json!({ "article_name": BODY })),
            ("create_a_desk_365_ticket", json!({ "email": BODY, "subject": BODY })),
            (
                "create_a_desk_365_ticket",
                json!({ "email": "a@b.example", "subject": BODY, BODY: BODY }),
            ),
            (BODY, json!({ BODY: BODY })),
        ] {
            call(&client, tool, arguments).await;
        }
        // Strangers, and clients that get their requests wrong.
        let base = served.base();
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": READ } });
        for (request, status) in [
            (http().post(format!("{base}/mcp/dh_{BODY}")).json(&message), 404),
            (http().post(format!("{base}/mcp")).bearer_auth(BODY).json(&message), 404),
            (http().post(format!("{base}/mcp")).json(&message), 401),
            (http().post(format!("{base}/{BODY}?key={BODY}")).json(&message), 404),
            (http().post(&served.url).body(format!("{{\"{BODY}\": ")), 415),
        ] {
            let answer = request
                .header("Accept", "application/json, text/event-stream")
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), status);
            assert!(!answer.text().await.unwrap().contains(BODY));
        }
        end(served, &[&desk.credential("api_key")]);
    }
}
