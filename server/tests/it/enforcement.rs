//! What a filter leaves out does not exist, by any door; what is pinned cannot be chosen; and what has ended is over.
//!
//! Whether something "does not exist" is not judged by rules here: a second installation has a helpdesk that really
//! lacks those operations, and both have to answer the same, byte by byte.

use std::collections::BTreeSet;
use std::time::Duration;

use deskhand::store::Store as _;
use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::operation::{ErrorRules, Integration, LimitRules, Operation};
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Answered, House, Server, answered};
use crate::workshop::PAPER;

/// The helpdesk without the operations that are not kept.
fn lacking(integration: &'static Integration, keep: impl Fn(&Operation) -> bool) -> &'static Integration {
    let kept = integration
        .operations
        .iter()
        .copied()
        .filter(|operation| keep(operation));
    let (limits, errors) = (&integration.limits, &integration.errors);
    Box::leak(Box::new(Integration {
        operations: Vec::leak(kept.collect()),
        limits: LimitRules {
            remaining: limits.remaining,
            limit: limits.limit,
            reset: limits.reset,
            used_of_limit: limits.used_of_limit,
            retry_after: limits.retry_after,
            throttle_statuses: limits.throttle_statuses,
            quota_statuses: limits.quota_statuses,
            doc: limits.doc,
        },
        errors: ErrorRules {
            code: errors.code,
            message: errors.message,
            failure_flag: errors.failure_flag,
            hints: errors.hints,
        },
        slug: integration.slug,
        title: integration.title,
        doc: integration.doc,
        documentation: integration.documentation,
        base_url: integration.base_url,
        variables: integration.variables,
        credentials: integration.credentials,
        schemes: integration.schemes,
        headers: integration.headers,
        probe: None,
        dynamic_fields: integration.dynamic_fields,
        tags: integration.tags,
    }))
}

/// An installation with an MCP server that lists its tools and one that has them found.
struct World {
    house: House,
    plain: Server,
    discovering: Server,
    /// What narrows an API token to the same tools.
    narrow: String,
}

impl World {
    async fn new(integration: &'static Integration, methods: &[&str], tags: &[&str]) -> Self {
        let house = House::of(integration).await;
        let some = |words: &[&str]| (!words.is_empty()).then(|| json!(words));
        let config = json!({ "methods": some(methods), "tags": some(tags) });
        let mut discovery = config.clone();
        discovery["tool_exposure"] = "discovery".into();
        let (plain, discovering) = (house.server(config).await, house.server(discovery).await);
        let words = [("methods", methods), ("tags", tags)].map(|(name, words)| match words {
            [] => String::new(),
            words => format!("&{name}={}", words.join(",")),
        });
        Self {
            house,
            plain,
            discovering,
            narrow: words.concat().replacen('&', "?", 1),
        }
    }

    async fn called(&self, server: &Server, tool: &str, arguments: Value) -> Answered {
        let params = json!({ "name": tool, "arguments": arguments });
        answered(self.house.message(&server.url, "tools/call", params)).await
    }

    /// What every door answers to a call of this tool.
    async fn by_name(&self, name: &str, arguments: &Value) -> Vec<(&'static str, Answered)> {
        let run = format!("/integrated-account/{}/tools/{name}", self.house.account);
        let narrowed = format!("{run}{}", self.narrow);
        let post = |token: &str, path: &str| {
            let request = self.house.request(token, Method::POST, path);
            answered(request.json(arguments))
        };
        let by_call_tool = json!({ "tool_name": name, "arguments": arguments });
        vec![
            ("call", self.called(&self.plain, name, arguments.clone()).await),
            (
                "direct call",
                self.called(&self.discovering, name, arguments.clone()).await,
            ),
            (
                "call_tool",
                self.called(&self.discovering, "call_tool", by_call_tool.clone()).await,
            ),
            (
                "get_tool_schema",
                self.called(&self.discovering, "get_tool_schema", json!({ "tool_names": [name] }))
                    .await,
            ),
            ("run", post(&self.plain.token, &run).await),
            ("run where tools are found", post(&self.discovering.token, &run).await),
            ("run, narrowed", post(&self.house.admin, &narrowed).await),
        ]
    }

    /// What the proxy answers to a call of this operation.
    async fn by_proxy(&self, operation: &Operation) -> Vec<(&'static str, Answered)> {
        let (method, rest) = match operation.method {
            "list" => (Method::GET, String::new()),
            "create" => (Method::POST, String::new()),
            "get" => (Method::GET, "/1".to_owned()),
            "update" => (Method::PATCH, "/1".to_owned()),
            "delete" => (Method::DELETE, "/1".to_owned()),
            other => (Method::POST, format!("/{other}")),
        };
        let path = format!(
            "/proxy/{}{rest}?integrated_account_id={}",
            operation.resource, self.house.account
        );
        let ask = |token: &str| answered(self.house.request(token, method.clone(), &path));
        vec![
            ("proxy", ask(&self.plain.token).await),
            ("proxy where tools are found", ask(&self.discovering.token).await),
        ]
    }

    async fn names(&self) -> BTreeSet<String> {
        let tools = self.house.tools(&self.plain).await;
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Calls everything outside a filter by every door; `disguise` makes further names of a tool's.
async fn outside_of(
    integration: &'static Integration,
    methods: &[&str],
    tags: &[&str],
    disguise: impl Fn(&str) -> Vec<String>,
) {
    let all: Vec<_> = integration.tools().collect();
    let filter = crate::toy::filter(methods, tags);
    let inside: BTreeSet<&str> = filter
        .select(integration.title, &all)
        .unwrap()
        .iter()
        .map(|(_, tool)| tool.name)
        .collect();
    let is_inside = |operation: &Operation| operation.tool.as_ref().is_some_and(|tool| inside.contains(tool.name));
    let outside: Vec<_> = all.iter().filter(|(operation, _)| !is_inside(operation)).collect();
    assert!(!outside.is_empty(), "{} {methods:?} {tags:?}", integration.slug);

    let world = World::new(integration, methods, tags).await;
    let other = World::new(lacking(integration, is_inside), &[], &[]).await;
    assert_eq!(
        world.names().await,
        inside.iter().map(|name| (*name).to_owned()).collect()
    );
    assert_eq!(other.names().await, world.names().await);
    for (operation, tool) in outside {
        let mut names: Vec<String> = tool.aliases.iter().map(|alias| (*alias).to_owned()).collect();
        names.push(tool.name.to_owned());
        names.extend(disguise(tool.name));
        for name in names {
            let here = world.by_name(&name, &json!({})).await;
            assert_eq!(here, other.by_name(&name, &json!({})).await, "{name}");
            for (door, answer) in here {
                assert!(
                    answer.body.to_string().contains("unknown_tool"),
                    "{name} by {door}: {answer:?}"
                );
            }
        }
        let here = world.by_proxy(operation).await;
        assert_eq!(here, other.by_proxy(operation).await, "{}", tool.name);
        for (door, answer) in here {
            assert_eq!(
                (answer.status, &answer.body["code"]),
                (404, &json!("unknown_tool")),
                "{} by {door}",
                tool.name
            );
        }
    }
    assert_eq!(world.house.upstream.take(), []);
    assert_eq!(other.house.upstream.take(), []);
}

#[tokio::test]
async fn a_handmade_tool_outside_a_filter_does_not_exist() {
    for (methods, tags) in [
        (vec!["read"], vec![]),
        (vec!["write"], vec![]),
        (vec!["custom"], vec!["people"]),
        (vec!["list", "merge"], vec!["tickets"]),
        (vec![], vec!["notes", "labels"]),
    ] {
        let disguise = |name: &str| vec![name.to_uppercase(), format!("{name}%20"), format!("{name}%00")];
        outside_of(&PAPER, &methods, &tags, disguise).await;
    }
}

#[tokio::test]
async fn a_linked_tool_outside_a_filter_does_not_exist() {
    for integration in INTEGRATIONS {
        outside_of(integration, &["read"], &[], |_| Vec::new()).await;
    }
}

/// What is inside works by every door, or the tests above would prove nothing.
#[tokio::test]
async fn a_tool_inside_a_filter_is_reached_by_every_door() {
    let world = World::new(&PAPER, &["get"], &["tickets"]).await;
    let name = "get_single_paper_desk_ticket_by_id";
    for (door, answer) in world.by_name(name, &json!({ "ticket": 7 })).await {
        assert_eq!(answer.status, 200, "{door}");
        assert!(!answer.body.to_string().contains("\"error\""), "{door}: {answer:?}");
    }
    let (operation, _) = PAPER.tools().find(|(_, tool)| tool.name == name).unwrap();
    for (door, answer) in world.by_proxy(operation).await {
        assert_eq!(answer.status, 200, "{door}: {answer:?}");
    }
    let reached: Vec<String> = world
        .house
        .upstream
        .take()
        .into_iter()
        .map(|reached| reached.request)
        .collect();
    let (named, proxied) = ("GET /boards/main/tickets/7", "GET /boards/main/tickets/1");
    assert_eq!(reached, [[named; 6].as_slice(), &[proxied; 2]].concat());
}

#[tokio::test]
async fn what_is_pinned_cannot_be_chosen_by_any_door() {
    let house = House::of(&PAPER).await;
    let pinned = json!({ "board": "b1", "ticket": 7, "assignee": "anna", "limit": 5 });
    let plain = house.server(json!({ "pinned": pinned })).await;
    let discovering = house
        .server(json!({ "pinned": pinned, "tool_exposure": "discovery" }))
        .await;
    let (update, list) = ("update_a_paper_desk_ticket_by_id", "list_all_paper_desk_tickets");
    for (tool, arguments) in [
        (update, json!({ "ticket": 8 })),
        (update, json!({ "ticket": "8" })),
        (update, json!({ "ticket": "7" })),
        (update, json!({ "ticket": null })),
        (update, json!({ "board": "b2" })),
        (update, json!({ "assignee": "bert" })),
        (update, json!({ "assignee": null })),
        (update, json!({ "clear": ["assignee"] })),
        (update, json!({ "clear": "[\"assignee\"]" })),
        (list, json!({ "limit": 6 })),
        (list, json!({ "per_page": 6 })),
        (list, json!({ "per_page": 5 })),
    ] {
        let run = format!("/integrated-account/{}/tools/{tool}", house.account);
        let wrapped = json!({ "tool_name": tool, "arguments": arguments });
        let (method, resource) = if tool == list {
            (Method::GET, "tickets")
        } else {
            (Method::PATCH, "tickets")
        };
        let proxied = format!("/proxy/{resource}?integrated_account_id={}", house.account);
        let over_rest = [
            house.ask_as(&plain.token, Method::POST, &run, arguments.clone()).await,
            house
                .ask_as(&discovering.token, Method::POST, &run, arguments.clone())
                .await,
            house.ask_as(&plain.token, method, &proxied, arguments.clone()).await,
        ];
        for answer in over_rest {
            assert_eq!(
                (answer.status, &answer.body["code"]),
                (400, &json!("invalid_arguments")),
                "{tool} {arguments}: {}",
                answer.body
            );
        }
        for (server, called, arguments) in [
            (&plain, tool, &arguments),
            (&discovering, tool, &arguments),
            (&discovering, "call_tool", &wrapped),
        ] {
            let result = house.call(server, called, arguments.clone()).await;
            let code = &result["structuredContent"]["error"]["code"];
            assert_eq!(code, "invalid_arguments", "{called} {arguments}: {result}");
        }
    }
    // In the address, and in the query.
    for (method, rest) in [
        (Method::GET, "tickets/8?"),
        (Method::DELETE, "tickets/8?"),
        (Method::PATCH, "tickets/8?"),
        (Method::GET, "notes/3?ticket=8&"),
        (Method::GET, "tickets?board=b2&"),
        (Method::GET, "tickets?board=b1&board=b2&"),
        (Method::GET, "tickets?per_page=6&"),
        (Method::PATCH, "tickets?clear=assignee&"),
    ] {
        let path = format!("/proxy/{rest}integrated_account_id={}", house.account);
        let answer = house.ask_as(&plain.token, method.clone(), &path, Value::Null).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (400, &json!("invalid_arguments")),
            "{method} {rest}: {}",
            answer.body
        );
    }
    assert_eq!(house.upstream.take(), []);

    // Left out, or said as it is, it is what it is.
    for arguments in [json!({}), json!({ "ticket": 7, "board": "b1" })] {
        house.call(&plain, update, arguments).await;
        assert_eq!(
            house.upstream.one(),
            ("PATCH /boards/b1/tickets/7".to_owned(), json!({ "assignee": "anna" }))
        );
    }
    let path = format!("/proxy/notes/3?integrated_account_id={}", house.account);
    house.ask_as(&plain.token, Method::GET, &path, Value::Null).await;
    assert_eq!(house.upstream.one().0, "GET /boards/b1/tickets/7/notes/3");
    // A cursor belongs to what was pinned when it was made.
    house
        .upstream
        .replies(200, &[], json!({ "items": [1, 2, 3, 4, 5] }).to_string());
    let first = house.call(&plain, list, json!({})).await;
    let cursor = first["structuredContent"]["next_cursor"].as_str().unwrap().to_owned();
    let other = house.server(json!({ "pinned": { "board": "b2", "limit": 5 } })).await;
    house.upstream.take();
    let next = house.call(&plain, list, json!({ "next_cursor": cursor })).await;
    assert_eq!(next["isError"], false, "{next}");
    assert_eq!(house.upstream.one().0, "GET /boards/b1/tickets?per_page=5&page=2");
    let foreign = house.call(&other, list, json!({ "next_cursor": cursor })).await;
    assert_eq!(foreign["structuredContent"]["error"]["code"], "invalid_arguments");
    assert_eq!(house.upstream.take(), []);
}

/// How access to an MCP server ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Deleted,
    Rotated,
    Expired,
    AccountDeleted,
}

impl End {
    async fn come(self, house: &House, server: &Server) {
        let path = house.mcp(&format!("/{}", server.id));
        match self {
            Self::Deleted => {
                let deleted = house.ask(Method::DELETE, &path, Value::Null).await;
                assert_eq!(deleted.status, 204);
            }
            Self::Rotated => {
                let body = json!({ "overlap_seconds": 0 });
                let rotated = house.ask(Method::POST, &format!("{path}/rotate"), body).await;
                assert_eq!(rotated.status, 200);
            }
            Self::Expired => {
                // As if it had been made a while ago: nobody can ask for less than a minute.
                let mut row = house.control.mcp_server(&house.account, &server.id).await.unwrap();
                row.expires_at = Some(jiff::Timestamp::now().as_millisecond() + 50);
                row.revision += 1;
                assert!(house.store.update_mcp_server(&row).await.unwrap());
            }
            Self::AccountDeleted => {
                house.control.delete_account(&house.account).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn what_has_ended_is_over_for_calls_under_way_too() {
    let tool = "get_single_paper_desk_ticket_by_id";
    for end in [End::Deleted, End::Rotated, End::Expired, End::AccountDeleted] {
        for door in ["mcp", "call_tool", "run", "proxy"] {
            let house = House::of(&PAPER).await;
            house.upstream.hangs();
            let exposure = if door == "call_tool" { "discovery" } else { "all" };
            let server = house.server(json!({ "tool_exposure": exposure })).await;
            let call = |arguments: Value| match door {
                "mcp" => {
                    let params = json!({ "name": tool, "arguments": arguments });
                    house.message(&server.url, "tools/call", params)
                }
                "call_tool" => {
                    let arguments = json!({ "tool_name": tool, "arguments": arguments });
                    house.message(
                        &server.url,
                        "tools/call",
                        json!({ "name": "call_tool", "arguments": arguments }),
                    )
                }
                "run" => {
                    let path = format!("/integrated-account/{}/tools/{tool}", house.account);
                    house.request(&server.token, Method::POST, &path).json(&arguments)
                }
                _ => {
                    let path = format!("/proxy/tickets/7?integrated_account_id={}", house.account);
                    house.request(&server.token, Method::GET, &path)
                }
            };
            let under_way = tokio::spawn(answered(call(json!({ "ticket": 7 }))));
            house.upstream.arrived.notified().await;
            end.come(&house, &server).await;
            let cut = under_way.await.unwrap();
            let error = match door {
                "mcp" | "call_tool" => &cut.body["result"]["structuredContent"]["error"],
                _ => &cut.body,
            };
            assert_eq!(error["code"], "unauthorized", "{end:?} {door}: {}", cut.body);
            assert_eq!(error["origin"], "deskhand", "{end:?} {door}");
            assert!(error["message"].as_str().unwrap().contains("cut off"), "{end:?} {door}");
            house.upstream.abandoned.notified().await;
            // And nobody gets in any more.
            let refused = answered(call(json!({ "ticket": 7 }))).await;
            let expected = if door == "mcp" || door == "call_tool" { 404 } else { 401 };
            assert_eq!(refused.status, expected, "{end:?} {door}: {}", refused.body);
            assert_eq!(house.upstream.take().len(), 1, "{end:?} {door}");
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_call_along() {
    let house = House::of(&PAPER).await;
    house.upstream.hangs();
    let path = format!("/proxy/tickets/7?integrated_account_id={}", house.account);
    let call = tokio::spawn(answered(house.request(&house.admin, Method::GET, &path)));
    house.upstream.arrived.notified().await;
    call.abort();
    house.upstream.abandoned.notified().await;
    let row = house.logged(1).await.remove(0);
    assert_eq!(
        (row.door.as_str(), row.code.as_str(), row.status),
        ("proxy", "internal", None)
    );
}

#[tokio::test]
async fn a_change_of_the_filter_holds_at_once() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({ "methods": ["read"] })).await;
    let one = house.mcp(&format!("/{}", server.id));
    let tool = "list_all_paper_desk_tickets";
    assert_eq!(house.call(&server, tool, json!({})).await["isError"], false);
    let changed = house
        .ask(Method::PATCH, &one, json!({ "config": { "methods": ["get"] } }))
        .await;
    assert_eq!(changed.status, 200);
    let refused = house.call(&server, tool, json!({})).await;
    assert_eq!(refused["structuredContent"]["error"]["code"], "unknown_tool");
    assert_eq!(house.upstream.take().len(), 1);

    // So it does when another process makes it, as soon as this one has looked.
    let mut row = house.control.mcp_server(&house.account, &server.id).await.unwrap();
    row.config["methods"] = json!(["merge"]);
    row.revision += 1;
    assert!(house.store.update_mcp_server(&row).await.unwrap());
    loop {
        let names = house.tools(&server).await;
        if names.len() == 1 {
            assert_eq!(names[0]["name"], "paper_desk_tickets_merge");
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
