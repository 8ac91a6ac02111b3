//! Lists over several pages in every style of paging, and cursors that were not given out for the call.

use deskhand_runtime::cursor::CursorKey;
use deskhand_runtime::tool::{CallContext, call_tool};
use deskhand_runtime::{Code, Page};
use deskhand_sample_crisp as crisp;
use deskhand_sample_gorgias as gorgias;
use deskhand_tests::server::Reply;
use serde_json::{Value, json};

use super::crisp::{SESSION, data};
use super::{Desk, code, ok, with_cursor};

/// Items with numbers, newest first.
fn numbered(from: usize, length: usize) -> Value {
    (from..from + length)
        .map(|number| json!({"timestamp": number}))
        .collect()
}

/// Calls with each cursor in turn; gives how many items each page had.
async fn follow(desk: &Desk, tool: &str, arguments: &Value) -> Vec<u64> {
    let mut lengths = Vec::new();
    let mut next = Value::Null;
    loop {
        let arguments = if next.is_null() {
            arguments.clone()
        } else {
            with_cursor(arguments, &next)
        };
        let page = desk.ask(tool, arguments).await;
        assert_eq!(page["result_count"], json!(page["result"].as_array().unwrap().len()));
        lengths.push(page["result_count"].as_u64().unwrap());
        next = page["next_cursor"].clone();
        if next.is_null() {
            return lengths;
        }
        assert!(lengths.len() < 10, "no end");
    }
}

// ---- a page number in the path ------------------------------------------------------------------

const CONVERSATIONS: &str = "GET /v1/website/8c842203-7ed8-4e29-a608-7cf78a7d2fcc/conversations";

#[tokio::test]
async fn a_page_number_in_the_path_goes_on_until_a_short_page() {
    let page = |length| data(206, "listed", numbered(1, length));
    let desk = super::crisp::desk(vec![page(25), page(25), page(7)]).await;
    let arguments = json!({"limit": 25, "filter_unread": true});
    assert_eq!(
        follow(&desk, "list_all_crisp_conversations", &arguments).await,
        [25, 25, 7]
    );
    let target = |number: u32| format!("{CONVERSATIONS}/{number}?per_page=25&filter_unread=1");
    assert_eq!(desk.targets(), [target(1), target(2), target(3)]);
}

#[tokio::test]
async fn the_pages_of_a_typed_list_are_the_same() {
    let page = |length| data(206, "listed", numbered(1, length));
    let desk = super::crisp::desk(vec![page(20), page(20), page(0)]).await;
    let client = desk.client::<crisp::Api>();
    let mut pages = client.pages(&crisp::ListConversations::new());
    let mut lengths = Vec::new();
    while let Some(page) = pages.next().await {
        let Page { items, .. } = page.unwrap();
        lengths.push(items.len());
    }
    assert_eq!(lengths, [20, 20, 0]);
    let target = |number: u32| format!("{CONVERSATIONS}/{number}");
    assert_eq!(desk.targets(), [target(1), target(2), target(3)]);
}

#[tokio::test]
async fn the_vendors_own_page_number_and_size_are_accepted() {
    let desk = super::crisp::desk(vec![data(206, "listed", numbered(1, 50))]).await;
    let tool = "list_all_crisp_conversations";
    let page = desk.ask(tool, json!({"page_number": 4, "per_page": "50"})).await;
    assert_eq!(desk.targets(), [format!("{CONVERSATIONS}/4?per_page=50")]);
    // It goes on from there, with the cursor instead of the number.
    desk.ask(tool, json!({"per_page": 50, "next_cursor": page["next_cursor"]}))
        .await;
    assert_eq!(desk.targets(), [format!("{CONVERSATIONS}/5?per_page=50")]);
    let both = json!({"page_number": 5, "per_page": 50, "next_cursor": page["next_cursor"]});
    desk.refuses_only(tool, both, "page_number").await;
    desk.refuses_only(tool, json!({"limit": 20, "per_page": 20}), "limit")
        .await;
    desk.refuses_only(tool, json!({"limit": 10}), "limit").await;
    desk.refuses_only(tool, json!({"limit": 51}), "limit").await;
    desk.refuses_only(tool, json!({"page_number": 0}), "page_number").await;
    desk.refuses_only(tool, json!({"page_number": "../1"}), "page_number")
        .await;
}

#[tokio::test]
async fn without_a_known_size_only_an_empty_page_is_the_end() {
    let page = |length| data(200, "listed", numbered(1, length));
    let desk = super::crisp::desk(vec![page(3), page(1), page(0)]).await;
    let tool = "list_all_crisp_spam_conversations";
    assert_eq!(follow(&desk, tool, &json!({})).await, [3, 1, 0]);
    let target = |number: u32| format!("{CONVERSATIONS}/spams/{number}");
    assert_eq!(desk.targets(), [target(1), target(2), target(3)]);
    let message = desk.refuses_only(tool, json!({"limit": 5}), "limit").await;
    assert!(message.contains("the page size is fixed"), "{message}");
}

#[tokio::test]
async fn page_numbers_may_begin_at_zero() {
    let page = |length| ok(json!({"data": {"results": numbered(1, length)}}));
    let desk = super::obstacles::desk(vec![page(2), page(2), page(0)]).await;
    assert_eq!(follow(&desk, "list_all_obstacles_results", &json!({})).await, [2, 2, 0]);
    let targets = desk.targets();
    assert_eq!(
        targets,
        [
            "GET /v1/results?brand=7",
            "GET /v1/results?page=1&brand=7",
            "GET /v1/results?page=2&brand=7"
        ]
    );
}

// ---- walking back in time -----------------------------------------------------------------------

const MESSAGES: &str = "GET /v1/website/8c842203-7ed8-4e29-a608-7cf78a7d2fcc/conversation/\
                        session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44/messages";

#[tokio::test]
async fn messages_are_walked_back_by_the_smallest_time() {
    let at = |times: &[i64]| {
        let items: Vec<_> = times.iter().map(|time| json!({"timestamp": time})).collect();
        data(206, "listed", json!(items))
    };
    let replies = || {
        vec![
            // In no order; the smallest counts, by value and not by its digits.
            at(&[1_767_225_600_300, 1_767_225_600_100, 1_767_225_600_200]),
            at(&[1_000_000_000_000, 999_999_999_999]),
            at(&[]),
        ]
    };
    let desk = super::crisp::desk(replies()).await;
    let arguments = json!({"session_id": SESSION});
    assert_eq!(follow(&desk, "list_all_crisp_messages", &arguments).await, [3, 2, 0]);
    let targets = [
        MESSAGES.to_owned(),
        format!("{MESSAGES}?timestamp_before=1767225600100"),
        format!("{MESSAGES}?timestamp_before=999999999999"),
    ];
    assert_eq!(desk.targets(), targets);

    let desk = super::crisp::desk(replies()).await;
    let client = desk.client::<crisp::Api>();
    let mut pages = client.pages(&crisp::ListMessages::new(SESSION));
    let mut lengths = Vec::new();
    while let Some(page) = pages.next().await {
        lengths.push(page.unwrap().items.len());
    }
    assert_eq!(lengths, [3, 2, 0]);
    assert_eq!(desk.targets(), targets);
}

#[tokio::test]
async fn a_walk_that_does_not_get_on_is_an_error() {
    // The vendor answers the same page again, as one does that takes "before" for "until".
    let desk = super::crisp::desk(vec![data(206, "listed", numbered(500, 3))]).await;
    let tool = "list_all_crisp_messages";
    let first = desk.ask(tool, json!({"session_id": SESSION})).await;
    let again = json!({"session_id": SESSION, "next_cursor": first["next_cursor"]});
    let error = desk.fail(tool, again).await;
    assert_eq!(
        (code(&error), &error["origin"]),
        ("upstream_invalid_response", &json!("upstream"))
    );
    assert!(
        error["message"].as_str().unwrap().contains("does not advance"),
        "{error:#}"
    );
    assert_eq!(
        desk.targets(),
        [MESSAGES.to_owned(), format!("{MESSAGES}?timestamp_before=500")]
    );
    // No item tells its time: there is no way to go on, and no end either.
    let desk = super::crisp::desk(vec![data(206, "listed", json!([{"type": "text"}]))]).await;
    let error = desk.fail(tool, json!({"session_id": SESSION})).await;
    assert_eq!(code(&error), "upstream_invalid_response");
}

#[tokio::test]
async fn a_walk_may_begin_anywhere() {
    let desk = super::crisp::desk(vec![
        data(206, "listed", numbered(100, 3)),
        data(206, "listed", json!([])),
    ])
    .await;
    let tool = "list_all_crisp_messages";
    let page = desk
        .ask(tool, json!({"session_id": SESSION, "timestamp_before": 400}))
        .await;
    let next = json!({"session_id": SESSION, "next_cursor": page["next_cursor"]});
    let last = desk.ask(tool, next).await;
    assert_eq!(last, json!({"result": [], "next_cursor": null, "result_count": 0}));
    assert_eq!(
        desk.targets(),
        [
            format!("{MESSAGES}?timestamp_before=400"),
            format!("{MESSAGES}?timestamp_before=100")
        ]
    );
    for both in [
        json!({"session_id": SESSION, "timestamp_before": 1, "timestamp_after": 1}),
        json!({"session_id": SESSION, "timestamp_after": 1, "timestamp_around": 1}),
    ] {
        desk.refused(tool, both).await;
    }
}

/// The vendor takes only one of the three times, so a window after or around a time has no page before it.
#[tokio::test]
async fn a_window_after_a_time_is_one_page() {
    let desk = super::crisp::desk(vec![data(206, "listed", numbered(100, 3))]).await;
    for name in ["timestamp_after", "timestamp_around"] {
        let arguments = json!({"session_id": SESSION, name: 50});
        let page = desk.ask("list_all_crisp_messages", arguments).await;
        assert_eq!(desk.targets(), [format!("{MESSAGES}?{name}=50")]);
        assert_eq!((&page["next_cursor"], &page["result_count"]), (&Value::Null, &json!(3)));
    }
}

// ---- a cursor in the body -----------------------------------------------------------------------

fn views(cursor: Value) -> Reply {
    ok(json!({"data": [{"id": 1}], "object": "list", "meta": {"prev_cursor": null, "next_cursor": cursor}}))
}

#[tokio::test]
async fn a_cursor_is_sent_on_until_it_is_null() {
    let replies = || vec![views(json!("bmV4dA==")), views(json!("a&b=c d")), views(Value::Null)];
    let desk = super::gorgias::desk(replies()).await;
    assert_eq!(
        follow(&desk, "list_all_gorgias_views", &json!({"limit": 1})).await,
        [1, 1, 1]
    );
    let targets = [
        "GET /api/views?limit=1",
        "GET /api/views?cursor=bmV4dA%3D%3D&limit=1",
        "GET /api/views?cursor=a%26b%3Dc%20d&limit=1",
    ];
    assert_eq!(desk.targets(), targets);
    let desk = super::gorgias::desk(replies()).await;
    let mut call = gorgias::ListViews::new();
    call.limit = Some(1);
    let client = desk.client::<gorgias::Api>();
    let mut pages = client.pages(&call);
    while let Some(page) = pages.next().await {
        assert_eq!(page.unwrap().items[0].id, Some(gorgias::ViewId(1)));
    }
    assert_eq!(desk.targets(), targets);
}

#[tokio::test]
async fn a_cursor_that_comes_back_is_an_error_and_a_missing_one_the_end() {
    let desk = super::gorgias::desk(vec![views(json!("same"))]).await;
    let first = desk.ask("list_all_gorgias_views", json!({})).await;
    let error = desk
        .fail("list_all_gorgias_views", json!({"next_cursor": first["next_cursor"]}))
        .await;
    assert_eq!(code(&error), "upstream_invalid_response");
    for meta in [
        json!({"data": []}),
        json!({"data": [], "meta": {}}),
        json!({"data": [], "meta": {"next_cursor": ""}}),
    ] {
        let desk = super::gorgias::desk(vec![ok(meta)]).await;
        let page = desk.ask("list_all_gorgias_views", json!({})).await;
        assert_eq!(page, json!({"result": [], "next_cursor": null, "result_count": 0}));
    }
    let desk = super::gorgias::desk(vec![views(json!({"evil": 1}))]).await;
    let error = desk.fail("list_all_gorgias_views", json!({})).await;
    assert_eq!(code(&error), "upstream_invalid_response");
    // The vendor's own cursor stays accepted.
    let desk = super::gorgias::desk(vec![views(Value::Null)]).await;
    desk.ask("list_all_gorgias_views", json!({"cursor": "mine"})).await;
    assert_eq!(desk.targets(), ["GET /api/views?cursor=mine"]);
}

// ---- an address in the body ---------------------------------------------------------------------

fn items(next: Value) -> Reply {
    ok(json!({"data": [{"id": 7}], "meta": {"current_cursor": "x", "next_items": next, "prev_items": null}}))
}

#[tokio::test]
async fn of_a_next_address_only_the_listed_parameters_are_taken_over() {
    for (next, query) in [
        // Relative, as the vendor writes it.
        (
            "/api/views/9/items?cursor=abc%3D&direction=next&ignored_item=12&limit=99&view_id=1",
            "limit=5&cursor=abc%3D&direction=next&ignored_item=12",
        ),
        ("?cursor=abc", "limit=5&cursor=abc"),
        ("items?direction=next&cursor=a+b", "limit=5&direction=next&cursor=a%20b"),
        // Absolute, even to another host, and with a path and a user of its own.
        (
            "https://evil.example/steal/../x?cursor=abc&token=1&direction=next#f",
            "limit=5&cursor=abc&direction=next",
        ),
        ("//evil.example:1/api?cursor=abc", "limit=5&cursor=abc"),
        (
            "http://user:pass@evil.example?cursor=%0D%0AX%3A%201",
            "limit=5&cursor=%0D%0AX%3A%201",
        ),
    ] {
        let desk = super::gorgias::desk(vec![items(json!(next)), items(Value::Null)]).await;
        let arguments = json!({"view_id": 9, "limit": 5});
        assert_eq!(
            follow(&desk, "gorgias_views_list_items", &arguments).await,
            [1, 1],
            "{next}"
        );
        let seen = desk.server.take();
        assert_eq!(seen.len(), 2, "{next}");
        // Both came here, and the second to the same path as the first.
        assert_eq!(seen[0].target, "/api/views/9/items?limit=5", "{next}");
        assert_eq!(seen[1].target, format!("/api/views/9/items?{query}"), "{next}");
        for request in &seen {
            assert_eq!(request.header("host"), [desk.server.host()], "{next}");
            assert_eq!(request.header("authorization"), [super::gorgias::LOGIN], "{next}");
        }
    }
}

#[tokio::test]
async fn a_read_by_put_is_paged_with_its_body_kept() {
    let next = "/api/views/9/items?cursor=abc&direction=next&ignored_item=12";
    let desk = super::gorgias::desk(vec![items(json!(next)), items(Value::Null)]).await;
    let arguments = json!({"view_id": 9, "view": {"filters": "eq(ticket.status, 'open')", "search": null}});
    assert_eq!(follow(&desk, "gorgias_views_search_items", &arguments).await, [1, 1]);
    let body = r#"{"view":{"filters":"eq(ticket.status, 'open')","search":null}}"#;
    assert_eq!(
        desk.requests(),
        [
            super::gorgias::to("PUT", "/api/views/9/items", body),
            super::gorgias::to(
                "PUT",
                "/api/views/9/items?cursor=abc&direction=next&ignored_item=12",
                body
            ),
        ]
    );
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_an_error() {
    for next in [
        json!("/api/views/9/items"),
        json!("/x?other=1"),
        json!("https://"),
        json!({"href": "?cursor=1"}),
        json!(7),
    ] {
        let desk = super::gorgias::desk(vec![items(next.clone())]).await;
        let error = desk.fail("gorgias_views_list_items", json!({"view_id": 9})).await;
        assert_eq!(code(&error), "upstream_invalid_response", "{next}");
    }
    // The same page again.
    let desk = super::gorgias::desk(vec![items(json!("?cursor=abc"))]).await;
    let first = desk.ask("gorgias_views_list_items", json!({"view_id": 9})).await;
    let again = json!({"view_id": 9, "next_cursor": first["next_cursor"]});
    let error = desk.fail("gorgias_views_list_items", again).await;
    assert_eq!(code(&error), "upstream_invalid_response");
    assert!(
        error["message"].as_str().unwrap().contains("does not advance"),
        "{error:#}"
    );
    // No address: the end.
    for next in [Value::Null, json!("")] {
        let desk = super::gorgias::desk(vec![items(next)]).await;
        let page = desk.ask("gorgias_views_list_items", json!({"view_id": 9})).await;
        assert_eq!(page["next_cursor"], Value::Null);
    }
}

// ---- skipping -----------------------------------------------------------------------------------

#[tokio::test]
async fn an_offset_goes_on_until_the_total() {
    let page = |length| ok(json!({"statuses": numbered(1, length), "count": 25}));
    let desk = super::obstacles::desk(vec![page(10), page(10), page(5)]).await;
    let tool = "list_all_obstacles_statuses";
    // Rounded up to a size that the vendor has.
    let arguments = json!({"limit": 7, "order": "1st"});
    assert_eq!(follow(&desk, tool, &arguments).await, [10, 10, 5]);
    assert_eq!(
        desk.targets(),
        [
            "GET /v1/statuses/?limit=10&order=1st&brand=7",
            "GET /v1/statuses/?offset=10&limit=10&order=1st&brand=7",
            "GET /v1/statuses/?offset=20&limit=10&order=1st&brand=7",
        ]
    );
    let page = desk.ask(tool, json!({"offset": 20})).await;
    assert_eq!(page["total"], json!(25));
    // Beyond what the vendor serves.
    let desk = super::obstacles::desk(vec![ok(json!({"statuses": numbered(1, 10), "count": "99999"}))]).await;
    let page = desk.ask(tool, json!({"offset": 9990})).await;
    assert_eq!((&page["next_cursor"], &page["total"]), (&Value::Null, &json!(99999)));
}

// ---- cursors of other hands ---------------------------------------------------------------------

struct Style {
    desk: Desk,
    tool: &'static str,
    arguments: Value,
    /// The same call but for one argument.
    others: Vec<Value>,
    /// Another list with the same style of paging.
    other_tool: (&'static str, Value),
}

async fn styles() -> Vec<Style> {
    let listed = |items| data(206, "listed", items);
    let crisp_page = || super::crisp::desk(vec![listed(numbered(100, 20))]);
    let gorgias_items = || super::gorgias::desk(vec![items(json!("?cursor=abc"))]);
    vec![
        Style {
            desk: crisp_page().await,
            tool: "list_all_crisp_conversations",
            arguments: json!({"limit": 20}),
            others: vec![
                json!({"limit": 20, "filter_unread": true}),
                json!({}),
                json!({"limit": 20, "website_id": "11111111-2222-4333-8444-555555555555"}),
            ],
            other_tool: ("list_all_crisp_spam_conversations", json!({})),
        },
        Style {
            desk: crisp_page().await,
            tool: "list_all_crisp_messages",
            arguments: json!({"session_id": SESSION}),
            others: vec![json!({"session_id": "session_b58a1f0e-6d3e-4b68-8d0b-0f6f6a1d9a02"})],
            other_tool: ("list_all_crisp_conversations", json!({})),
        },
        Style {
            desk: super::gorgias::desk(vec![views(json!("abc"))]).await,
            tool: "list_all_gorgias_views",
            arguments: json!({}),
            others: vec![json!({"limit": 2})],
            other_tool: ("list_all_gorgias_tickets", json!({})),
        },
        Style {
            desk: gorgias_items().await,
            tool: "gorgias_views_list_items",
            arguments: json!({"view_id": 9}),
            others: vec![json!({"view_id": 10}), json!({"view_id": 9, "direction": "prev"})],
            other_tool: ("gorgias_views_search_items", json!({"view_id": 9})),
        },
        Style {
            desk: super::obstacles::desk(vec![ok(json!({"statuses": numbered(1, 10)}))]).await,
            tool: "list_all_obstacles_statuses",
            arguments: json!({"ids": [1, 2]}),
            others: vec![json!({"ids": [1]}), json!({}), json!({"ids": [2, 1]})],
            other_tool: ("list_all_obstacles_results", json!({})),
        },
    ]
}

/// The token with one of its letters replaced by another of the same alphabet.
fn edited(token: &str, at: usize) -> String {
    let mut letters: Vec<char> = token.chars().collect();
    letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
    letters.into_iter().collect()
}

#[tokio::test]
async fn a_cursor_serves_only_the_call_that_it_was_given_out_for() {
    for Style {
        desk,
        tool,
        arguments,
        others,
        other_tool: (other_tool, other_arguments),
    } in styles().await
    {
        let first = desk.ask(tool, arguments.clone()).await;
        desk.requests();
        let token = first["next_cursor"]
            .as_str()
            .unwrap_or_else(|| panic!("{tool}: {first}"));
        // Edited, shortened, lengthened, made up.
        let length = token.chars().count();
        let mut forged: Vec<String> = (0..length).map(|at| edited(token, at)).collect();
        forged.push(token[..length - 1].to_owned());
        forged.push(format!("{token}A"));
        forged.push(format!("{token}{token}"));
        // {"at":2} in base64, without and with a version and bytes where the seal would be.
        forged.extend(
            [
                "eyJhdCI6Mn0",
                "AXsiYXQiOjJ9AAAAAAAAAAAAAAAAAAAAAA",
                "2",
                "https://evil.example/?cursor=1",
            ]
            .map(str::to_owned),
        );
        for forged in forged {
            let error = desk.refused(tool, with_cursor(&arguments, &json!(forged))).await;
            assert_eq!(error["arguments"][0]["argument"], json!("next_cursor"), "{tool}");
        }
        // Of another set of arguments, and for another tool.
        for other in others {
            desk.refuses_only(tool, with_cursor(&other, &json!(token)), "next_cursor")
                .await;
        }
        desk.refuses_only(other_tool, with_cursor(&other_arguments, &json!(token)), "next_cursor")
            .await;
        // Of another account, and under another key.
        let operation = desk.connection.integration().tool(tool).unwrap();
        for (key, account) in [([7; 32], "account-2"), ([8; 32], "account-1")] {
            let context = CallContext {
                cursor_key: &CursorKey::new(key),
                binding: account,
                visible: &|_| true,
                fixed: &|_| false,
            };
            let given = with_cursor(&arguments, &json!(token)).as_object().unwrap().clone();
            let outcome = call_tool(&desk.connection, operation, given, &context).await;
            assert_eq!(
                outcome.result.unwrap_err().code(),
                Code::InvalidArguments,
                "{tool}, {account}"
            );
            assert_eq!(desk.requests(), Vec::<String>::new(), "{tool}, {account}");
        }
        // Unchanged it is taken, and leads to one request.
        desk.call(tool, with_cursor(&arguments, &json!(token))).await;
        assert_eq!(desk.requests().len(), 1, "{tool}");
    }
}
