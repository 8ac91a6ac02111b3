//! MCP servers of an account over REST: what they are made of, and how long they last.

use deskhand::store::Store as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, answered};
use crate::workshop::PAPER;

/// The fields that problems are at.
fn fields(body: &Value) -> Vec<&str> {
    let problems = body["problems"].as_array().unwrap();
    problems
        .iter()
        .map(|problem| problem["field"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_server_is_made_shown_listed_changed_and_deleted() {
    let house = House::of(&PAPER).await;
    let body = json!({
        "name": "  Triage ",
        "config": { "methods": ["READ", "update"], "tags": ["tickets"], "pinned": { "board": "b1" } },
        "expires_at": "2999-01-31T09:30:00+01:00",
    });
    let made = house.ask(Method::POST, &house.mcp(""), body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let token = made.body["token"].as_str().unwrap().to_owned();
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert!(token.starts_with("dh_") && id.starts_with("mcp_"));
    assert_eq!(made.body["url"], format!("{}/mcp/{token}", house.base));
    assert!(made.body.get("previous_token_valid_until").is_none());

    let one = house.mcp(&format!("/{id}"));
    let mut shown = made.body.clone();
    for secret in ["token", "url"] {
        shown.as_object_mut().unwrap().shift_remove(secret);
    }
    let read = house.get(&one).await;
    assert_eq!((read.status, &read.body), (200, &shown));
    assert!(!read.body.to_string().contains(&token));
    assert_eq!(shown["integrated_account_id"], house.account);
    assert_eq!(shown["name"], "Triage");
    assert_eq!(shown["expires_at"], "2999-01-31T08:30:00.000Z");
    assert_eq!(
        shown["config"],
        json!({
            "methods": ["read", "update"],
            "tags": ["tickets"],
            "require_api_token_auth": false,
            "tool_exposure": "all",
            "pinned": { "board": "b1" },
        })
    );
    assert_eq!(shown["tools"]["count"], 3);

    let mut listed = shown.clone();
    listed.as_object_mut().unwrap().shift_remove("tools");
    let list = house.get(&house.mcp("")).await;
    assert_eq!(list.body, json!({ "result": [listed], "next_cursor": null }));

    let patch = json!({ "config": { "tags": null, "methods": ["delete"] }, "expires_at": null });
    let changed = house.ask(Method::PATCH, &one, patch).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.body["config"]["methods"], json!(["delete"]));
    assert_eq!(changed.body["config"]["tags"], Value::Null);
    assert_eq!(
        changed.body["config"]["pinned"],
        json!({ "board": "b1" }),
        "what is left out stays"
    );
    assert_eq!(changed.body["expires_at"], Value::Null);
    assert_eq!(changed.body["name"], "Triage");
    assert_eq!(house.get(&one).await.body, changed.body);
    let server = crate::house::Server {
        id,
        url: made.body["url"].as_str().unwrap().to_owned(),
        token,
    };
    let tools = house.tools(&server).await;
    assert_eq!(tools.len(), 1, "the token sees the change at once");

    for nothing_new in [json!({}), json!({ "config": changed.body["config"] })] {
        let unchanged = house.ask(Method::PATCH, &one, nothing_new).await;
        assert_eq!(unchanged.body, changed.body);
    }
    let deleted = house.ask(Method::DELETE, &one, Value::Null).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    for method in [Method::GET, Method::DELETE] {
        let gone = house.ask(method, &one, Value::Null).await;
        assert_eq!(
            (gone.status, gone.body["message"].as_str()),
            (404, Some("there is no such MCP server"))
        );
    }
    let refused = answered(house.message(&server.url, "tools/list", json!({}))).await;
    assert_eq!(refused.status, 404);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_place() {
    let house = House::of(&PAPER).await;
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(59);
    for (body, at, told) in [
        (json!({}), "name", "is missing"),
        (json!({ "name": "" }), "name", "expected a name"),
        (json!({ "name": "a\nb" }), "name", "expected a name"),
        (json!({ "name": "x", "nmae": "y" }), "nmae", "did you mean `name`?"),
        (json!({ "name": "x", "config": [] }), "config", "expected"),
        (
            json!({ "name": "x", "config": { "methods": "read" } }),
            "config.methods",
            "expected a list",
        ),
        (
            json!({ "name": "x", "config": { "methods": [] } }),
            "config.methods",
            "an empty list would offer nothing",
        ),
        (
            json!({ "name": "x", "config": { "methods": ["read"], "tags": [] } }),
            "config.tags",
            "an empty list would offer nothing",
        ),
        (
            json!({ "name": "x", "config": { "methods": ["read", ""] } }),
            "config.methods.1",
            "expected a word",
        ),
        (
            json!({ "name": "x", "config": { "methods": [7] } }),
            "config.methods.0",
            "expected a word",
        ),
        (
            json!({ "name": "x", "config": { "methods": ["read", "updaet"] } }),
            "config.methods.1",
            "unknown method `updaet`; did you mean `update`?",
        ),
        (
            json!({ "name": "x", "config": { "tags": ["tikets"] } }),
            "config.tags.0",
            "did you mean `tickets`?",
        ),
        (
            json!({ "name": "x", "config": { "methods": ["merge"], "tags": ["notes"] } }),
            "config",
            "no tool of Paper Desk has methods merge and tags notes",
        ),
        (
            json!({ "name": "x", "config": { "method": ["read"] } }),
            "config.method",
            "did you mean `methods`?",
        ),
        (
            json!({ "name": "x", "config": { "tool_exposure": "some" } }),
            "config.tool_exposure",
            "expected `all` or `discovery`",
        ),
        (
            json!({ "name": "x", "config": { "require_api_token_auth": "yes" } }),
            "config.require_api_token_auth",
            "expected true or false",
        ),
        (
            json!({ "name": "x", "config": { "pinned": [] } }),
            "config.pinned",
            "expected an object",
        ),
        (
            json!({ "name": "x", "expires_at": "tomorrow" }),
            "expires_at",
            "expected a time such as",
        ),
        (
            json!({ "name": "x", "expires_at": soon.to_string() }),
            "expires_at",
            "at least 60 seconds ahead",
        ),
        (json!({ "name": "x", "expires_at": 7 }), "expires_at", "expected"),
    ] {
        let refused = house.ask(Method::POST, &house.mcp(""), body.clone()).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.body);
        assert_eq!(fields(&refused.body), [at], "{body}: {}", refused.body);
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.contains(told), "{body}: {message}");
    }
    // All at once.
    let body =
        json!({ "name": "", "config": { "methods": ["lst"], "tags": ["nots"] }, "expires_at": "2001-01-01T00:00:00Z" });
    let refused = house.ask(Method::POST, &house.mcp(""), body).await;
    assert_eq!(
        fields(&refused.body),
        ["name", "expires_at", "config.methods.0", "config.tags.0"]
    );
    assert_eq!(
        house.get(&house.mcp("")).await.body["result"],
        json!([]),
        "nothing was made"
    );
}

#[tokio::test]
async fn pinned_arguments_are_checked_against_the_tools_that_take_them() {
    let house = House::of(&PAPER).await;
    let long = "x".repeat(70_000);
    for (config, at, told) in [
        (
            json!({ "pinned": { "bord": "x" } }),
            "config.pinned.bord",
            "did you mean `board`?",
        ),
        (
            json!({ "tags": ["notes"], "pinned": { "subject": "x" } }),
            "config.pinned.subject",
            "no tool chosen here has such an argument",
        ),
        (
            json!({ "pinned": { "next_cursor": "x" } }),
            "config.pinned.next_cursor",
            "cannot be pinned",
        ),
        (
            json!({ "pinned": { "clear": ["assignee"] } }),
            "config.pinned.clear",
            "cannot be pinned",
        ),
        (
            json!({ "pinned": { "page": 2 } }),
            "config.pinned.page",
            "cannot be pinned",
        ),
        (
            json!({ "pinned": { "per_page": 2 } }),
            "config.pinned.per_page",
            "pin `limit`",
        ),
        (
            json!({ "pinned": { "limit": 101 } }),
            "config.pinned.limit",
            "must be from 1 to 100",
        ),
        (
            json!({ "pinned": { "limit": null } }),
            "config.pinned.limit",
            "cannot be emptied",
        ),
        (
            json!({ "pinned": { "ticket": "seven" } }),
            "config.pinned.ticket",
            "(for get_single_paper_desk_ticket_by_id)",
        ),
        (
            json!({ "pinned": { "email": "no address" } }),
            "config.pinned.email",
            "an e-mail address",
        ),
        (
            json!({ "pinned": { "subject": null } }),
            "config.pinned.subject",
            "cannot be emptied",
        ),
        (
            json!({ "pinned": { "priority": "hihg" } }),
            "config.pinned.priority",
            "did you mean `high`?",
        ),
        (
            json!({ "pinned": { "kind": "list", "content": "words" } }),
            "config.pinned.content",
            "expected a list",
        ),
        (
            json!({ "pinned": { "team": "a", "assignee": "b" } }),
            "config.pinned",
            "only one of `team`, `assignee` may be given",
        ),
        (json!({ "pinned": { "subject": long } }), "config.pinned", "65536 bytes"),
    ] {
        let body = json!({ "name": "x", "config": config });
        let refused = house.ask(Method::POST, &house.mcp(""), body).await;
        assert_eq!(refused.status, 400, "{config}: {}", refused.body);
        assert_eq!(fields(&refused.body), [at], "{config}: {}", refused.body);
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.contains(told), "{config}: {message}");
    }
    let server = house
        .server(json!({ "pinned": { "assignee": null, "limit": 5, "content": ["a"], "ticket": "7" } }))
        .await;
    // A change of the filter has to suit what is pinned.
    let one = house.mcp(&format!("/{}", server.id));
    let refused = house
        .ask(Method::PATCH, &one, json!({ "config": { "tags": ["people"] } }))
        .await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        fields(&refused.body),
        [
            "config.pinned.assignee",
            "config.pinned.limit",
            "config.pinned.content",
            "config.pinned.ticket"
        ]
    );
}

#[tokio::test]
async fn the_cost_of_the_tools_is_told() {
    let house = House::of(&PAPER).await;
    let made = |config: Value| {
        let house = &house;
        async move {
            let body = json!({ "name": "x", "config": config });
            let made = house.ask(Method::POST, &house.mcp(""), body).await;
            assert_eq!(made.status, 201, "{}", made.body);
            made.body["tools"].clone()
        }
    };
    let all = made(json!({})).await;
    assert_eq!(all["count"], 11);
    assert_eq!(all["listed"], 11);
    assert_eq!(all["destructive"], 2);
    assert_eq!(
        all["clients"],
        json!({ "40_tools": true, "80_tools": true, "128_tools": true })
    );
    let few = made(json!({ "methods": ["list"] })).await;
    assert_eq!((&few["count"], &few["destructive"]), (&json!(2), &json!(0)));
    let found = made(json!({ "tool_exposure": "discovery" })).await;
    assert_eq!(
        (&found["count"], &found["listed"], &found["destructive"]),
        (&json!(11), &json!(3), &json!(2))
    );
    let tokens = |tools: &Value| tools["estimated_tokens"].as_u64().unwrap();
    assert!(tokens(&few) < tokens(&all) && tokens(&few) > 100);

    // By the same rule, from what MCP lists.
    let server = house.server(json!({ "methods": ["list"] })).await;
    let bytes: usize = house
        .tools(&server)
        .await
        .iter()
        .map(|tool| {
            let text = |name: &str| tool[name].as_str().unwrap().len();
            text("name") + text("description") + tool["inputSchema"].to_string().len()
        })
        .sum();
    assert_eq!(tokens(&few), bytes.div_ceil(4) as u64);
}

#[tokio::test]
async fn what_is_pinned_is_gone_from_the_list_and_forced_on_calls() {
    let house = House::of(&PAPER).await;
    let pinned = json!({ "board": "b 1", "kind": "list", "team": "red", "limit": 5, "silent": true });
    let server = house
        .server(json!({ "methods": ["list", "create", "update"], "tags": ["tickets"], "pinned": pinned }))
        .await;
    let tools = house.tools(&server).await;
    let properties = |name: &str| -> Vec<String> {
        let tool = tools.iter().find(|tool| tool["name"] == name).unwrap();
        tool["inputSchema"]["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(
        properties("list_all_paper_desk_tickets"),
        ["status", "fields", "open", "page", "next_cursor"]
    );
    // The rival of what is pinned goes as well, and its place in `clear`.
    assert_eq!(
        properties("create_a_paper_desk_ticket"),
        ["subject", "content", "priority"]
    );
    assert_eq!(
        properties("update_a_paper_desk_ticket_by_id"),
        ["ticket", "subject", "assignee", "clear"]
    );
    let create = tools
        .iter()
        .find(|tool| tool["name"] == "create_a_paper_desk_ticket")
        .unwrap();
    assert_eq!(create["inputSchema"]["required"], json!(["subject"]));
    assert_eq!(create["inputSchema"]["properties"]["content"]["type"], "array");

    let list = tools
        .iter()
        .find(|tool| tool["name"] == "list_all_paper_desk_tickets")
        .unwrap();
    assert_eq!(
        list["description"],
        "Lists tickets of a board. To change one, use update_a_paper_desk_ticket_by_id; open narrows the list."
    );
    assert_eq!(
        house.call(&server, "list_all_paper_desk_tickets", json!({})).await["isError"],
        false
    );
    assert_eq!(house.upstream.one().0, "GET /boards/b%201/tickets?per_page=5");
    house
        .call(
            &server,
            "create_a_paper_desk_ticket",
            json!({ "subject": "s", "content": ["a"] }),
        )
        .await;
    assert_eq!(
        house.upstream.one(),
        (
            "POST /boards/b%201/tickets?silent=true".to_owned(),
            json!({ "subject": "s", "kind": "list", "content": ["a"], "team": "red" })
        )
    );
}

#[tokio::test]
async fn another_token_can_be_had_and_the_old_one_ends_when_it_is_said() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({})).await;
    let rotate = house.mcp(&format!("/{}/rotate", server.id));
    let works = |token: &str| {
        let url = format!("{}/mcp/{token}", house.base);
        let listing = answered(house.message(&url, "tools/list", json!({})));
        async move { listing.await.status }
    };
    let before = jiff::Timestamp::now();
    let rotated = house.ask(Method::POST, &rotate, Value::Null).await;
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    let second = rotated.body["token"].as_str().unwrap().to_owned();
    assert_eq!(rotated.body["id"], server.id);
    assert_eq!(rotated.body["url"], format!("{}/mcp/{second}", house.base));
    let until: jiff::Timestamp = rotated.body["previous_token_valid_until"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let overlap = until.as_second() - before.as_second();
    assert!((300..=360).contains(&overlap), "{overlap}");
    assert_ne!(second, server.token);
    assert_eq!((works(&server.token).await, works(&second).await), (200, 200));

    let rotated = house.ask(Method::POST, &rotate, json!({ "overlap_seconds": 0 })).await;
    let third = rotated.body["token"].as_str().unwrap().to_owned();
    assert_eq!(
        (works(&server.token).await, works(&second).await, works(&third).await),
        (404, 404, 200)
    );
    for (body, at) in [
        (json!({ "overlap_seconds": -1 }), "overlap_seconds"),
        (json!({ "overlap_seconds": 86_401 }), "overlap_seconds"),
        (json!({ "overlap_seconds": "1" }), "overlap_seconds"),
        (json!({ "overlap": 1 }), "overlap"),
    ] {
        let refused = house.ask(Method::POST, &rotate, body).await;
        assert_eq!((refused.status, fields(&refused.body)), (400, vec![at]));
    }
    assert_eq!(works(&third).await, 200, "what is refused changes nothing");
    let unknown = house
        .ask(Method::POST, &house.mcp("/mcp_none/rotate"), Value::Null)
        .await;
    assert_eq!(unknown.status, 404);

    // The overlap is no longer than the server's own life.
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(100);
    let one = house.mcp(&format!("/{}", server.id));
    house
        .ask(Method::PATCH, &one, json!({ "expires_at": soon.to_string() }))
        .await;
    let rotated = house
        .ask(Method::POST, &rotate, json!({ "overlap_seconds": 86_400 }))
        .await;
    assert_eq!(rotated.body["previous_token_valid_until"], rotated.body["expires_at"]);
}

#[tokio::test]
async fn a_token_for_one_account_reaches_that_account_alone() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({})).await;
    let other = house.another_account("http://127.0.0.1:9").await;
    let (own, foreign) = (house.token_of(&house.account).await, house.token_of(&other).await);
    let of_server = |rest: &str| house.mcp(&format!("/{}{rest}", server.id));
    let unknown = "dh_unknown".to_owned();
    for (method, path, body) in [
        (Method::GET, house.mcp(""), Value::Null),
        (Method::POST, house.mcp(""), json!({ "name": "x" })),
        (Method::GET, of_server(""), Value::Null),
        (Method::PATCH, of_server(""), json!({})),
        (Method::POST, of_server("/rotate"), Value::Null),
        (Method::DELETE, of_server(""), Value::Null),
    ] {
        let mut refusals = Vec::new();
        for token in [&foreign, &unknown, &server.token] {
            let refused = house.ask_as(token, method.clone(), &path, body.clone()).await;
            assert_eq!(refused.status, 401, "{method} {path}");
            refusals.push(refused.body);
        }
        assert!(refusals.iter().all(|refusal| *refusal == refusals[0]));
        let allowed = house.ask_as(&own, method.clone(), &path, body).await;
        assert!(allowed.status < 300, "{method} {path}: {}", allowed.body);
    }
    // An id of another account's server is none of this one's.
    let mine = house.server(json!({})).await;
    let path = format!("/integrated-account/{other}/mcp/{}", mine.id);
    assert_eq!(house.get(&path).await.status, 404);
    let none = house.get("/integrated-account/acc_none/mcp").await;
    assert_eq!(
        (none.status, none.body["message"].as_str()),
        (404, Some("there is no such account"))
    );
}

#[tokio::test]
async fn a_server_that_has_expired_is_gone() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({})).await;
    let mut row = house.control.mcp_server(&house.account, &server.id).await.unwrap();
    row.expires_at = Some(jiff::Timestamp::now().as_millisecond() - 1);
    row.revision += 1;
    assert!(house.store.update_mcp_server(&row).await.unwrap());
    // Another process has done that; this one notices by itself.
    loop {
        let refused = answered(house.message(&server.url, "tools/list", json!({}))).await;
        if refused.status != 200 {
            let unknown = format!("{}/mcp/dh_unknown", house.base);
            assert_eq!(
                refused,
                answered(house.message(&unknown, "tools/list", json!({}))).await
            );
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let one = house.mcp(&format!("/{}", server.id));
    assert_eq!(house.get(&one).await.status, 404);
    assert_eq!(house.ask(Method::PATCH, &one, json!({ "name": "y" })).await.status, 404);
    assert_eq!(house.get(&house.mcp("")).await.body["result"], json!([]));
    house.control.sweep().await.unwrap();
    let found = house.store.mcp_server(&house.account, &server.id, 0).await.unwrap();
    assert_eq!(found, None, "the row is gone, too");
}

#[tokio::test]
async fn an_api_token_is_wanted_besides_where_the_server_says_so() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({ "require_api_token_auth": true })).await;
    let other = house.another_account("http://127.0.0.1:9").await;
    let foreign = house.token_of(&other).await;
    for (token, status) in [
        (None, 401),
        (Some(&foreign), 401),
        (Some(&server.token), 401),
        (Some(&house.admin), 200),
    ] {
        let message = house.message(&server.url, "tools/list", json!({}));
        let message = match token {
            Some(token) => message.bearer_auth(token),
            None => message,
        };
        assert_eq!(answered(message).await.status, status);
    }
    // Its token alone does not open the doors for frameworks either.
    let tools = format!("/integrated-account/{}/tools", house.account);
    let refused = house.ask_as(&server.token, Method::GET, &tools, Value::Null).await;
    let unknown = house.ask_as("dh_unknown", Method::GET, &tools, Value::Null).await;
    assert_eq!((refused.status, &refused), (401, &unknown));
    assert_eq!(house.upstream.take(), []);
}

#[tokio::test]
async fn servers_are_listed_in_pages() {
    let house = House::of(&PAPER).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(house.server(json!({})).await.id);
    }
    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = house.get(&house.mcp(&format!("?limit=2{cursor}"))).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let result = page.body["result"].as_array().unwrap();
        assert!(result.len() <= 2);
        listed.extend(result.iter().map(|server| server["id"].as_str().unwrap().to_owned()));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&next_cursor={next}"),
            None => break,
        }
    }
    listed.sort();
    made.sort();
    assert_eq!(listed, made);
    for bad in ["?limit=0", "?limit=x", "?next_cursor=!", "?lmit=2"] {
        assert_eq!(house.get(&house.mcp(bad)).await.status, 400, "{bad}");
    }
}
