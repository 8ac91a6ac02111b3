//! The doors for agent frameworks: an account's tools, running one, and the proxy.

use deskhand_runtime::schema::lint;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::house::{House, answered};
use crate::workshop::PAPER;

fn tools(house: &House, rest: &str) -> String {
    format!("/integrated-account/{}/tools{rest}", house.account)
}

fn proxy(house: &House, rest: &str) -> String {
    let and = if rest.contains('?') { '&' } else { '?' };
    format!("/proxy/{rest}{and}integrated_account_id={}", house.account)
}

#[tokio::test]
async fn tools_come_with_what_frameworks_need() {
    let house = House::of(&PAPER).await;
    let listed = house.get(&tools(&house, "")).await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    assert_eq!(listed.body["next_cursor"], Value::Null);
    let all = listed.body["result"].as_array().unwrap();
    assert_eq!(all.len(), 11);
    let keys: Vec<&String> = all[0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "resource",
            "method",
            "name",
            "description",
            "query_schema",
            "body_schema",
            "input_schema",
            "required",
            "tags"
        ]
    );
    let names = |schema: &Value| -> Vec<String> { schema["properties"].as_object().unwrap().keys().cloned().collect() };
    for (name, query, body, required) in [
        (
            "list_all_paper_desk_tickets",
            vec!["board", "status", "fields", "open", "page", "limit", "next_cursor"],
            vec![],
            json!([]),
        ),
        (
            "create_a_paper_desk_ticket",
            vec!["board", "silent"],
            vec!["subject", "kind", "content", "priority", "team", "assignee", "clear"],
            json!(["subject"]),
        ),
        (
            "paper_desk_tickets_merge",
            vec!["board", "ticket"],
            vec!["into"],
            json!(["ticket", "into"]),
        ),
        ("update_a_paper_desk_label_by_id", vec![], vec!["body"], json!(["body"])),
    ] {
        let tool = all.iter().find(|tool| tool["name"] == name).unwrap();
        assert_eq!(names(&tool["query_schema"]), query, "{name}");
        assert_eq!(names(&tool["body_schema"]), body, "{name}");
        assert_eq!(tool["required"], required, "{name}");
        let mut both = names(&tool["query_schema"]);
        both.extend(names(&tool["body_schema"]));
        let mut flat = names(&tool["input_schema"]);
        flat.sort();
        both.sort();
        assert_eq!(flat, both, "{name}");
        for schema in ["query_schema", "body_schema", "input_schema"] {
            assert_eq!(lint(tool[schema].as_object().unwrap()), Vec::<String>::new());
        }
    }
    let merge = all
        .iter()
        .find(|tool| tool["name"] == "paper_desk_tickets_merge")
        .unwrap();
    assert_eq!(merge["resource"], "tickets");
    assert_eq!(merge["method"], "merge");
    assert_eq!(merge["tags"], json!(["tickets", "danger"]));
    assert_eq!(merge["query_schema"]["required"], json!(["ticket"]));
    assert_eq!(merge["body_schema"]["required"], json!(["into"]));
    assert!(all[0]["body_schema"].get("required").is_none());
}

#[tokio::test]
async fn tools_are_narrowed_by_query_and_by_token() {
    let house = House::of(&PAPER).await;
    let server = house
        .server(json!({ "methods": ["list", "get", "update"], "pinned": { "ticket": 7 } }))
        .await;
    let own = house.token_of(&house.account).await;
    let names = |token: String, query: &'static str| {
        let house = &house;
        async move {
            let listed = house
                .ask_as(&token, Method::GET, &tools(house, query), Value::Null)
                .await;
            assert_eq!(listed.status, 200, "{query}: {}", listed.body);
            let result = listed.body["result"].as_array().unwrap().clone();
            let pinned = result.iter().any(|tool| {
                let schema = tool["input_schema"].to_string();
                schema.contains("\"ticket\"")
            });
            (result.len(), pinned)
        }
    };
    assert_eq!(names(house.admin.clone(), "").await, (11, true));
    assert_eq!(names(own.clone(), "?methods=read").await, (5, true));
    assert_eq!(names(own.clone(), "?methods=merge,delete&tags=danger").await, (2, true));
    assert_eq!(names(server.token.clone(), "").await, (7, false));
    assert_eq!(
        names(server.token.clone(), "?methods=read&tags=notes").await,
        (2, false)
    );
    for (token, query, field, told) in [
        (&own, "?methods=raed", "methods", "did you mean `read`?"),
        (&own, "?methods=", "methods", "expected words"),
        (&own, "?tags=,", "tags", "expected words"),
        (
            &own,
            "?methods=list&tags=danger",
            "",
            "no tool of Paper Desk has methods list and tags danger",
        ),
        (&own, "?method=read", "method", "did you mean `methods`?"),
        // What the server does not offer is not known to it.
        (&server.token, "?methods=merge", "methods", "unknown method `merge`"),
        (&server.token, "?tags=danger", "tags", "unknown tag `danger`"),
    ] {
        let refused = house
            .ask_as(token, Method::GET, &tools(&house, query), Value::Null)
            .await;
        assert_eq!(refused.status, 400, "{query}");
        assert_eq!(refused.body["problems"][0]["field"], field, "{query}: {}", refused.body);
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.contains(told), "{query}: {message}");
    }
    // Narrowed, a tool is not there.
    let path = tools(&house, "/delete_a_paper_desk_ticket?methods=read");
    let refused = house.ask(Method::POST, &path, json!({ "ticket": 7 })).await;
    assert_eq!(
        (refused.status, refused.body["code"].as_str()),
        (404, Some("unknown_tool"))
    );
    assert_eq!(house.upstream.take(), []);
}

#[tokio::test]
async fn a_run_answers_what_the_tool_answers() {
    let house = House::of(&PAPER).await;
    let path = tools(&house, "/create_a_paper_desk_ticket");
    house.upstream.replies(
        201,
        &[("x-left", "49"), ("x-allowed", "50"), ("x-reset", "60")],
        json!({ "number": 7, "subject": "s" }).to_string(),
    );
    let sent = house.request(&house.admin, Method::POST, &path);
    let sent = sent
        .header("User-Agent", "framework/2.1 (x)")
        .header("X-Request-Id", "req-7");
    let response = sent
        .json(&json!({ "subject": "s", "silent": true }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("ratelimit-limit"), "50");
    assert_eq!(header("ratelimit-remaining"), "49");
    assert_eq!(header("ratelimit-reset"), "60");
    assert_eq!(header("ratelimit"), "\"default\";r=49;t=60");
    assert_eq!(header("ratelimit-policy"), "\"default\";q=50");
    assert_eq!(response.headers().get("retry-after"), None);
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({ "number": 7, "subject": "s" })
    );
    assert_eq!(
        house.upstream.one(),
        (
            "POST /boards/main/tickets?silent=true".to_owned(),
            json!({ "subject": "s" })
        )
    );
    let row = house.logged(1).await.remove(0);
    assert_eq!(
        (row.door.as_str(), row.tool.as_str()),
        ("run", "create_a_paper_desk_ticket")
    );
    assert_eq!(row.client_name.as_deref(), Some("framework"));
    assert_eq!(row.client_version.as_deref(), Some("2.1"));
    assert_eq!(row.request_id.as_deref(), Some("req-7"));
    assert_eq!((row.status, row.mcp_server_id), (Some(201), None));

    // An empty answer of the helpdesk is one of ours.
    house.upstream.replies(204, &[], "");
    let gone = house
        .ask(
            Method::POST,
            &tools(&house, "/delete_a_paper_desk_ticket"),
            json!({ "ticket": 7 }),
        )
        .await;
    assert_eq!((gone.status, gone.body), (200, json!({ "id": 7 })));
}

#[tokio::test]
async fn a_run_that_fails_has_the_status_of_the_failure() {
    let house = House::of(&PAPER).await;
    let path = tools(&house, "/get_single_paper_desk_ticket_by_id");
    let run = |arguments: Value| house.ask(Method::POST, &path, arguments);
    for (status, headers, body, expected, code) in [
        (
            429,
            vec![("retry-after", "12")],
            r#"{"message": "slow"}"#,
            429,
            "rate_limited",
        ),
        (404, vec![], r#"{"message": "none"}"#, 404, "not_found"),
        (401, vec![], "{}", 401, "unauthorized"),
        (422, vec![], "{}", 422, "upstream_error"),
        (503, vec![], "<html>", 503, "upstream_error"),
        (
            200,
            vec![],
            r#"{"failed": true, "message": "no"}"#,
            502,
            "upstream_error",
        ),
        (200, vec![], "<html>", 502, "upstream_invalid_response"),
    ] {
        house.upstream.replies(status, &headers, body);
        let failed = run(json!({ "ticket": 7 })).await;
        assert_eq!(failed.status, expected, "{status} {body}: {}", failed.body);
        assert_eq!(failed.body["statusCode"], expected);
        assert_eq!(failed.body["code"], code, "{status} {body}");
        assert_eq!(failed.body["origin"], "upstream");
        assert!(failed.body["error"].is_string() && failed.body["message"].is_string());
    }
    house.upstream.take();
    let unsent = run(json!({ "ticket": "x", "tikcet": 1 })).await;
    assert_eq!(
        (unsent.status, unsent.body["code"].as_str()),
        (400, Some("invalid_arguments"))
    );
    let at: Vec<&Value> = unsent.body["arguments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["argument"])
        .collect();
    assert_eq!(at, ["ticket", "tikcet"]);
    let unknown = house
        .ask(
            Method::POST,
            &tools(&house, "/get_singl_paper_desk_ticket_by_id"),
            json!({}),
        )
        .await;
    assert_eq!(
        (unknown.status, unknown.body["code"].as_str()),
        (404, Some("unknown_tool"))
    );
    assert_eq!(
        unknown.body["hint"],
        "Did you mean `get_single_paper_desk_ticket_by_id`?"
    );
    assert_eq!(unknown.body["origin"], "deskhand");
    assert_eq!(house.upstream.take(), []);

    let nowhere = house.another_account("http://127.0.0.1:9").await;
    let path = format!("/integrated-account/{nowhere}/tools/get_single_paper_desk_ticket_by_id");
    let unreachable = house.ask(Method::POST, &path, json!({ "ticket": 7 })).await;
    assert_eq!(
        (unreachable.status, unreachable.body["code"].as_str()),
        (502, Some("upstream_unreachable"))
    );
}

#[tokio::test]
async fn who_may_not_gets_one_answer() {
    let house = House::of(&PAPER).await;
    let other = house.another_account("http://127.0.0.1:9").await;
    let foreign = house.token_of(&other).await;
    let server = house.server(json!({})).await;
    let path = |account: &str, rest: &str| format!("/integrated-account/{account}/tools{rest}");
    let call = "/get_single_paper_desk_ticket_by_id";
    let proxied = |account: &str| format!("/proxy/tickets/7?integrated_account_id={account}");
    let body = json!({ "ticket": 7 });
    let mut refusals = Vec::new();
    for (token, account) in [
        ("dh_unknown", house.account.as_str()),
        (&foreign, &house.account),
        (&server.token, &other),
        (&server.token, "acc_none"),
        (&foreign, "acc_none"),
    ] {
        refusals.push(house.ask_as(token, Method::GET, &path(account, ""), Value::Null).await);
        refusals.push(
            house
                .ask_as(token, Method::POST, &path(account, call), body.clone())
                .await,
        );
        refusals.push(house.ask_as(token, Method::GET, &proxied(account), Value::Null).await);
    }
    assert!(
        refusals
            .iter()
            .all(|refusal| refusal.status == 401 && *refusal == refusals[0])
    );
    let bare = reqwest::Method::GET;
    let unauthenticated = house
        .request("x", bare, &path(&house.account, ""))
        .header("Authorization", "Basic x");
    assert_eq!(answered(unauthenticated).await.status, 401);
    let none = house.get(&path("acc_none", "")).await;
    assert_eq!(
        (none.status, none.body["message"].as_str()),
        (404, Some("there is no such account"))
    );
    assert_eq!(house.upstream.take(), []);
}

#[tokio::test]
async fn the_proxy_speaks_rest() {
    let house = House::of(&PAPER).await;
    let json = Value::Null;
    for (method, path, body, request, sent) in [
        (
            Method::GET,
            "tickets",
            json.clone(),
            "GET /boards/main/tickets",
            Value::Null,
        ),
        (
            Method::GET,
            "tickets?status=a&status=b%20c&fields=x,y&open=true&limit=5",
            json.clone(),
            "GET /boards/main/tickets?status=a&status=b%20c&fields=x,y&open=true&per_page=5",
            Value::Null,
        ),
        (
            Method::GET,
            "tickets?status=a&fields=x&fields=y&board=b",
            json.clone(),
            "GET /boards/b/tickets?status=a&fields=x,y",
            Value::Null,
        ),
        (
            Method::GET,
            "tickets?status=%5B%22a%22%5D",
            json.clone(),
            "GET /boards/main/tickets?status=a",
            Value::Null,
        ),
        (
            Method::GET,
            "tickets/7",
            json.clone(),
            "GET /boards/main/tickets/7",
            Value::Null,
        ),
        (
            Method::GET,
            "notes?ticket=7",
            json.clone(),
            "GET /boards/main/tickets/7/notes",
            Value::Null,
        ),
        (
            Method::GET,
            "notes/3?ticket=7",
            json.clone(),
            "GET /boards/main/tickets/7/notes/3",
            Value::Null,
        ),
        (
            Method::GET,
            "people/a@b.example",
            json.clone(),
            "GET /people?email=a%40b.example",
            Value::Null,
        ),
        (
            Method::POST,
            "tickets?silent=true",
            json!({ "subject": "s", "priority": "high" }),
            "POST /boards/main/tickets?silent=true",
            json!({ "subject": "s", "priority": 10 }),
        ),
        (
            Method::PATCH,
            "tickets/7?clear=assignee",
            json!({ "subject": "t" }),
            "PATCH /boards/main/tickets/7",
            json!({ "subject": "t", "assignee": null }),
        ),
        (
            Method::PATCH,
            "tickets",
            json!({ "ticket": 7, "subject": "t" }),
            "PATCH /boards/main/tickets/7",
            json!({ "subject": "t" }),
        ),
        (
            Method::DELETE,
            "tickets/7",
            json.clone(),
            "DELETE /boards/main/tickets/7",
            Value::Null,
        ),
        (
            Method::POST,
            "tickets/merge?ticket=7",
            json!({ "into": 8 }),
            "POST /boards/main/tickets/7/merge",
            json!({ "into": 8 }),
        ),
        (
            Method::POST,
            "people/read",
            json.clone(),
            "POST /people/read",
            Value::Null,
        ),
        (
            Method::PATCH,
            "labels",
            json!(["a", "b"]),
            "PUT /labels",
            json!(["a", "b"]),
        ),
        (
            Method::PATCH,
            "labels",
            json!({ "body": ["a"] }),
            "PUT /labels",
            json!(["a"]),
        ),
    ] {
        let answer = house.ask(method.clone(), &proxy(&house, path), body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        assert_eq!(house.upstream.one(), (request.to_owned(), sent), "{method} {path}");
    }
    assert!(house.logged(16).await.iter().all(|row| row.door == "proxy"));
    house.upstream.replies(429, &[("retry-after", "3")], "{}");
    let slow = house.ask(Method::GET, &proxy(&house, "tickets/7"), Value::Null).await;
    assert_eq!((slow.status, &slow.body["retry_after"]), (429, &json!(3)));
}

#[tokio::test]
async fn the_proxy_tells_what_is_wrong() {
    let house = House::of(&PAPER).await;
    for (method, path, body, status, told) in [
        (Method::GET, "tikets", Value::Null, 404, "Did you mean `tickets`?"),
        (
            Method::GET,
            "zzz",
            Value::Null,
            404,
            "There are: tickets, notes, people, labels.",
        ),
        (Method::GET, "labels", Value::Null, 404, "It has: update."),
        (Method::POST, "tickets/mrege", json!({}), 404, "Did you mean `merge`?"),
        (Method::POST, "tickets/update", json!({}), 404, "There are: merge."),
        (Method::POST, "notes/merge", json!({}), 404, "There is none."),
        (Method::GET, "Tickets", Value::Null, 404, "Did you mean `tickets`?"),
        (Method::GET, "tickets?stauts=a", Value::Null, 400, "status"),
        (Method::GET, "tickets/seven", Value::Null, 400, "`ticket`"),
        (
            Method::GET,
            "tickets/7?ticket=8",
            Value::Null,
            400,
            "`ticket`: is given in the address and in the query",
        ),
        (
            Method::PATCH,
            "tickets/7",
            json!({ "ticket": 7 }),
            400,
            "`ticket`: is given in the address and in the body",
        ),
        (
            Method::POST,
            "tickets?subject=a",
            json!({ "subject": "b" }),
            400,
            "`subject`: is given in the address and in the body",
        ),
        (
            Method::PATCH,
            "labels/3",
            json!(["a"]),
            400,
            "takes no identifier in its address",
        ),
        (
            Method::PATCH,
            "labels?body=a",
            json!(["a"]),
            400,
            "in the address and as the body",
        ),
        (Method::POST, "tickets", json!(["a"]), 400, "the body must be an object"),
        (Method::POST, "tickets", json!({}), 400, "`subject`: is required"),
    ] {
        let answer = house.ask(method.clone(), &proxy(&house, path), body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert!(
            answer.body.to_string().contains(told),
            "{method} {path}: {}",
            answer.body
        );
    }
    for (method, path, status) in [
        (Method::GET, "/proxy/tickets".to_owned(), 400),
        (
            Method::GET,
            format!(
                "/proxy/tickets?integrated_account_id={0}&integrated_account_id={0}",
                house.account
            ),
            400,
        ),
        (Method::PUT, proxy(&house, "tickets/7"), 405),
        (Method::GET, proxy(&house, "tickets/7/notes"), 404),
    ] {
        let answer = house.ask(method.clone(), &path, Value::Null).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    }
    assert_eq!(house.upstream.take(), []);
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_refused() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({})).await;
    let deep = format!("{{\"name\": {}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let long = format!("{{\"name\": \"{}\"}}", "x".repeat(10 << 20));
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("broken", b"{\"name\": ".to_vec()),
        ("no UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("a list", b"[1, 2]".to_vec()),
        ("a text", b"\"x\"".to_vec()),
        ("null", b"null".to_vec()),
        ("two values", b"{} {}".to_vec()),
        (
            "wrong types",
            br#"{"name": {"a": 1}, "config": 7, "overlap_seconds": "x", "ticket": {}}"#.to_vec(),
        ),
        ("unknown fields", br#"{"zzz": 1}"#.to_vec()),
        ("deep", deep.into_bytes()),
        ("10 MB", long.into_bytes()),
        ("a bare zero byte", b"\0".to_vec()),
        (
            "a number beyond all",
            format!("{{\"name\": {}}}", "9".repeat(4000)).into_bytes(),
        ),
        ("surrogates", br#"{"name": "\ud800"}"#.to_vec()),
    ];
    let one = house.mcp(&format!("/{}", server.id));
    for (method, path) in [
        (Method::POST, house.mcp("")),
        (Method::PATCH, one.clone()),
        (Method::POST, format!("{one}/rotate")),
        (Method::POST, tools(&house, "/get_single_paper_desk_ticket_by_id")),
        (Method::POST, tools(&house, "/create_a_paper_desk_ticket")),
        (Method::POST, proxy(&house, "tickets")),
        (Method::PATCH, proxy(&house, "tickets/7")),
        (Method::POST, proxy(&house, "tickets/merge")),
        (Method::DELETE, proxy(&house, "tickets")),
    ] {
        for (about, body) in &bodies {
            let request = house.request(&house.admin, method.clone(), &path);
            let sent = request.header("Content-Type", "application/json").body(body.clone());
            let answer = answered(sent).await;
            assert!(
                (400..500).contains(&answer.status),
                "{method} {path}, {about}: {}",
                answer.status
            );
            assert_eq!(answer.body["statusCode"], answer.status, "{about}");
            let message = answer.body["message"].as_str().unwrap();
            assert!(!message.is_empty() && message.len() < 2_000, "{about}: {message}");
        }
        let request = house.request(&house.admin, method.clone(), &path).body("{}");
        assert_eq!(
            answered(request).await.status,
            415,
            "{method} {path}: not said to be JSON"
        );
    }
    // What is announced to be too long is refused before it is sent.
    let path = tools(&house, "/create_a_paper_desk_ticket");
    let mut stream = TcpStream::connect(house.base.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        house.admin,
        (40 << 20) + 1
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&status), "HTTP/1.1 413");
    assert_eq!(house.upstream.take(), []);
}
