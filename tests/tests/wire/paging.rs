//! Lists over several pages: what is asked for next, and when it ends.

use deskhand_desk365::{Client, ListTickets, ListTimeEntries, TicketNumber};
use deskhand_runtime::cursor::CursorKey;
use deskhand_runtime::tool::{CallContext, ToolOutcome, call_tool};
use deskhand_runtime::{Code, Connection};
use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::{desk365, operation_of_tool, tool};
use serde_json::{Value, json};

/// A page as the vendor sends it: `name` holds records numbered from `first`, `count` tells all matches.
fn page(name: &str, first: usize, length: usize, count: usize) -> Reply {
    let items: Vec<Value> = (first..first + length)
        .map(|number| json!({"ticket_number": number}))
        .collect();
    Reply::json(200, json!({"count": count, name: items}).to_string())
}

fn numbers(outcome: &ToolOutcome) -> Vec<u64> {
    let result = outcome.result.as_ref().unwrap_or_else(|error| panic!("{error}"));
    let items = result["result"].as_array().unwrap();
    assert_eq!(result["result_count"], json!(items.len()));
    items
        .iter()
        .map(|item| item["ticket_number"].as_u64().unwrap())
        .collect()
}

fn cursor(outcome: &ToolOutcome) -> Option<String> {
    let result = outcome.result.as_ref().unwrap_or_else(|error| panic!("{error}"));
    match &result["next_cursor"] {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => panic!("next_cursor is {other}"),
    }
}

fn with_cursor(arguments: &Value, cursor: &str) -> Value {
    let mut arguments = arguments.clone();
    arguments["next_cursor"] = json!(cursor);
    arguments
}

fn targets(server: &RawServer) -> Vec<String> {
    server.take().into_iter().map(|seen| seen.target).collect()
}

fn assert_refused(outcome: &ToolOutcome, server: &RawServer, argument: &str) {
    let error = outcome.result.as_ref().expect_err("a refusal");
    assert_eq!(
        (error.code(), error.status()),
        (Code::InvalidArguments, None),
        "{error}"
    );
    assert!(error.message().contains(argument), "{error}");
    assert_eq!(targets(server), Vec::<String>::new(), "{error}");
}

#[tokio::test]
async fn tickets_are_followed_through_three_pages() {
    let pages = |number, _: &_| match number {
        0 => page("tickets", 1, 30, 75),
        1 => page("tickets", 31, 30, 75),
        _ => page("tickets", 61, 15, 75),
    };
    let server = RawServer::start(pages).await;
    let connection = desk365(&server.host());
    let arguments = json!({"order_type": "asc", "filters": {"status": ["Open"]}});
    let filters = "filters=%7B%22status%22%3A%5B%22Open%22%5D%7D";
    let mut all = Vec::new();
    let mut next = None;
    for _ in 0..3 {
        let arguments = next
            .as_deref()
            .map_or(arguments.clone(), |cursor| with_cursor(&arguments, cursor));
        let outcome = tool(&connection, "list_all_desk_365_tickets", arguments).await;
        assert_eq!(outcome.result.as_ref().unwrap()["total"], json!(75));
        all.extend(numbers(&outcome));
        next = cursor(&outcome);
    }
    assert_eq!(next, None);
    assert_eq!(all, (1..=75).collect::<Vec<u64>>());
    assert_eq!(
        targets(&server),
        [
            format!("/apis/v3/tickets?order_type=asc&{filters}"),
            format!("/apis/v3/tickets?offset=30&order_type=asc&{filters}"),
            format!("/apis/v3/tickets?offset=60&order_type=asc&{filters}"),
        ]
    );
}

#[tokio::test]
async fn typed_pages_ask_for_the_same() {
    let pages = |number, _: &_| match number {
        0 => page("tickets", 1, 30, 75),
        1 => page("tickets", 31, 30, 75),
        _ => page("tickets", 61, 15, 75),
    };
    let server = RawServer::start(pages).await;
    let client = Client::new(desk365(&server.host())).unwrap();
    let mut pager = client.pages(&ListTickets::new());
    let mut all = Vec::new();
    while let Some(page) = pager.next().await {
        let page = page.unwrap();
        assert_eq!(page.total, Some(75));
        all.extend(page.items.into_iter().map(|ticket| ticket.ticket_number.unwrap()));
    }
    assert_eq!(all, (1..=75).map(TicketNumber).collect::<Vec<_>>());
    assert_eq!(
        targets(&server),
        [
            "/apis/v3/tickets",
            "/apis/v3/tickets?offset=30",
            "/apis/v3/tickets?offset=60"
        ]
    );
}

#[tokio::test]
async fn time_entries_are_followed_with_a_page_size() {
    let pages = |number, _: &_| match number % 3 {
        0 => page("content", 1, 100, 250),
        1 => page("content", 101, 100, 250),
        _ => page("content", 201, 50, 250),
    };
    let server = RawServer::start(pages).await;
    let connection = desk365(&server.host());
    let arguments = json!({"ticket_number": 7, "limit": 100});
    let first = tool(&connection, "list_all_desk_365_time_entries", arguments.clone()).await;
    let second = with_cursor(&arguments, &cursor(&first).unwrap());
    let second = tool(&connection, "list_all_desk_365_time_entries", second).await;
    let third = with_cursor(&arguments, &cursor(&second).unwrap());
    let third = tool(&connection, "list_all_desk_365_time_entries", third).await;
    assert_eq!(numbers(&third).last(), Some(&250));
    assert_eq!(cursor(&third), None);
    let expected = [
        "/apis/v3/time_entries?ticket_number=7&time_entries_count=100",
        "/apis/v3/time_entries?ticket_number=7&time_entries_count=100&offset=100",
        "/apis/v3/time_entries?ticket_number=7&time_entries_count=100&offset=200",
    ];
    let sent: Vec<_> = server.take();
    assert_eq!(
        sent.iter().map(|seen| seen.target.as_str()).collect::<Vec<_>>(),
        expected
    );

    // The server counts requests from 0 again, as they were taken.
    let client = Client::new(connection).unwrap();
    let call = ListTimeEntries {
        ticket_number: Some(TicketNumber(7)),
        time_entries_count: Some(100),
        ..ListTimeEntries::new()
    };
    let mut pager = client.pages(&call);
    let mut count = 0;
    while let Some(page) = pager.next().await {
        count += page.unwrap().items.len();
    }
    assert_eq!(count, 250);
    assert_eq!(targets(&server), expected);
}

#[tokio::test]
async fn every_list_by_offset_goes_on_and_ends_at_the_total() {
    for (name, path, items) in [
        ("list_all_desk_365_tickets", "/apis/v3/tickets", "tickets"),
        ("list_all_desk_365_contacts", "/apis/v3/contacts", "content"),
        ("list_all_desk_365_companies", "/apis/v3/companies", "content"),
        ("list_all_desk_365_time_entries", "/apis/v3/time_entries", "content"),
        (
            "list_all_desk_365_survey_ratings",
            "/apis/v3/surveys/ratings",
            "survey_ratings",
        ),
        ("list_all_desk_365_contracts", "/apis/v3/contracts", "contracts"),
    ] {
        // The last page is full: the total alone tells the end.
        let server = RawServer::start(move |number, _| page(items, 1 + 30 * number, 30, 60)).await;
        let connection = desk365(&server.host());
        let first = tool(&connection, name, json!({})).await;
        let second = tool(&connection, name, json!({"next_cursor": cursor(&first).unwrap()})).await;
        assert_eq!(cursor(&second), None, "{name}");
        assert_eq!(numbers(&second).first(), Some(&31), "{name}");
        assert_eq!(
            targets(&server),
            [path.to_owned(), format!("{path}?offset=30")],
            "{name}"
        );
    }
}

#[tokio::test]
async fn lists_that_come_at_once_take_no_page() {
    for name in [
        "list_all_desk_365_surveys",
        "list_all_desk_365_kb_articles",
        "list_all_desk_365_locations",
        "list_all_desk_365_agents",
    ] {
        let server = RawServer::start(|_, _| Reply::json(200, "{}")).await;
        let connection = desk365(&server.host());
        for argument in ["next_cursor", "limit", "offset"] {
            let outcome = tool(&connection, name, json!({argument: "30"})).await;
            assert_refused(&outcome, &server, argument);
        }
    }
}

#[tokio::test]
async fn an_empty_page_ends_a_list_whatever_the_total_says() {
    let pages = |number, _: &_| match number {
        0 => page("tickets", 1, 30, 75),
        _ => page("tickets", 31, 0, 75),
    };
    let server = RawServer::start(pages).await;
    let connection = desk365(&server.host());
    let first = tool(&connection, "list_all_desk_365_tickets", json!({})).await;
    let second = json!({"next_cursor": cursor(&first).unwrap()});
    let second = tool(&connection, "list_all_desk_365_tickets", second).await;
    assert_eq!((numbers(&second), cursor(&second)), (Vec::new(), None));
}

#[tokio::test]
async fn a_search_ends_at_the_thousandth_ticket() {
    for (offset, goes_on) in [(800, true), (900, false)] {
        let server = RawServer::start(move |_, _| page("tickets", offset + 1, 100, 5000)).await;
        let arguments =
            json!({"search_type": "free_text", "search_query": {"query": "x"}, "limit": 100, "offset": offset});
        let outcome = tool(&desk365(&server.host()), "desk_365_tickets_search", arguments).await;
        assert_eq!(cursor(&outcome).is_some(), goes_on, "from {offset}");
        let expected = format!(
            "/apis/v3/tickets/search?search_type=1&search_query=%7B%22query%22%3A%22x%22%7D&ticket_count=100&offset={offset}"
        );
        assert_eq!(targets(&server), [expected]);
    }
}

#[tokio::test]
async fn a_list_begun_at_an_offset_goes_on_by_cursor() {
    let server = RawServer::start(|number, _| page("tickets", 31 + 30 * number, 30, 200)).await;
    let connection = desk365(&server.host());
    let first = tool(&connection, "list_all_desk_365_tickets", json!({"offset": 30})).await;
    let cursor = cursor(&first).unwrap();
    let second = tool(&connection, "list_all_desk_365_tickets", json!({"next_cursor": cursor})).await;
    assert_eq!(numbers(&second).first(), Some(&61));
    assert_eq!(
        targets(&server),
        ["/apis/v3/tickets?offset=30", "/apis/v3/tickets?offset=60"]
    );
    let both = json!({"offset": 60, "next_cursor": cursor});
    let both = tool(&connection, "list_all_desk_365_tickets", both).await;
    assert_refused(&both, &server, "offset");
}

#[tokio::test]
async fn page_sizes_are_those_the_vendor_knows() {
    let server = RawServer::start(|_, _| page("tickets", 1, 1, 1)).await;
    let connection = desk365(&server.host());
    for (asked, sent) in [(1, 30), (30, 30), (31, 50), (50, 50), (51, 100), (100, 100)] {
        for argument in ["limit", "ticket_count"] {
            let outcome = tool(&connection, "list_all_desk_365_tickets", json!({argument: asked})).await;
            assert!(!outcome.is_error(), "{argument} {asked}: {outcome:?}");
            assert_eq!(
                targets(&server),
                [format!("/apis/v3/tickets?ticket_count={sent}")],
                "{argument} {asked}"
            );
        }
    }
    for wrong in [
        json!(0),
        json!(-1),
        json!(101),
        json!("many"),
        json!(1.5),
        json!(true),
        json!(1e30),
    ] {
        let outcome = tool(&connection, "list_all_desk_365_tickets", json!({"limit": wrong})).await;
        assert_refused(&outcome, &server, "limit");
    }
    let both = json!({"limit": 30, "ticket_count": 50});
    let both = tool(&connection, "list_all_desk_365_tickets", both).await;
    assert_refused(&both, &server, "ticket_count");
    let fixed = tool(&connection, "list_all_desk_365_contacts", json!({"limit": 30})).await;
    assert_refused(&fixed, &server, "limit");
}

async fn as_account(connection: &Connection, account: &str, name: &str, arguments: Value) -> ToolOutcome {
    let cursor_key = CursorKey::new([7; 32]);
    let context = CallContext {
        cursor_key: &cursor_key,
        binding: account,
        visible: &|_| true,
        fixed: &|_| false,
    };
    let operation = operation_of_tool(connection.integration(), name).unwrap();
    let Value::Object(arguments) = arguments else {
        panic!("an object")
    };
    call_tool(connection, operation, arguments, &context).await
}

#[tokio::test]
async fn cursors_that_are_not_ones_own_are_refused_unsent() {
    let server = RawServer::start(|_, _| page("tickets", 1, 30, 75)).await;
    let connection = desk365(&server.host());
    let tickets = "list_all_desk_365_tickets";
    let first = as_account(&connection, "one", tickets, json!({"limit": 30})).await;
    let cursor = cursor(&first).unwrap();
    assert_eq!(targets(&server).len(), 1);
    let mut forged = cursor.clone().into_bytes();
    let middle = forged.len() / 2;
    forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for (why, account, name, arguments) in [
        ("forged", "one", tickets, json!({"limit": 30, "next_cursor": forged})),
        (
            "cut",
            "one",
            tickets,
            json!({"limit": 30, "next_cursor": &cursor[..cursor.len() - 1]}),
        ),
        ("made up", "one", tickets, json!({"limit": 30, "next_cursor": "30"})),
        ("empty", "one", tickets, json!({"limit": 30, "next_cursor": ""})),
        (
            "another account",
            "two",
            tickets,
            json!({"limit": 30, "next_cursor": cursor}),
        ),
        (
            "another tool",
            "one",
            "list_all_desk_365_time_entries",
            json!({"limit": 30, "next_cursor": cursor}),
        ),
        (
            "other arguments",
            "one",
            tickets,
            json!({"limit": 30, "order_type": "asc", "next_cursor": cursor}),
        ),
        (
            "another page size",
            "one",
            tickets,
            json!({"limit": 100, "next_cursor": cursor}),
        ),
    ] {
        let outcome = as_account(&connection, account, name, arguments).await;
        let error = outcome.result.as_ref().expect_err(why);
        assert_eq!(error.code(), Code::InvalidArguments, "{why}: {error}");
        assert_eq!(targets(&server), Vec::<String>::new(), "{why}");
    }
    let own = as_account(&connection, "one", tickets, json!({"limit": 30, "next_cursor": cursor})).await;
    assert!(!own.is_error(), "{own:?}");
    assert_eq!(targets(&server), ["/apis/v3/tickets?ticket_count=30&offset=30"]);
}
