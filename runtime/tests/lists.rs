//! Pages, cursors, and what tools answer.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod vendor;

use deskhand_runtime::Operation;
use deskhand_runtime::cursor::{Binding, CursorKey, MAX_TOKEN, open, seal};
use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::operation::{Answer, AnswerKind, Body, Effect, PageSize, PageStyle, Pages, Tool};
use deskhand_runtime::page::{PageState, next};
use deskhand_runtime::shape::{Field, Form, IdKind, Place, Presence, QueryStyle, Shape, Style};
use deskhand_runtime::tool::{CallContext, ToolOutcome, call_tool};
use serde_json::{Map, Value, json};
use vendor::{ANSWER, Reply, SECRET, Server, account, answer, connect, field, ok};

const fn query(name: &'static str, shape: Shape) -> Field {
    field(name, Place::Query(QueryStyle::Repeat), shape)
}

const fn tool(name: &'static str) -> Option<Tool> {
    Some(Tool {
        name,
        aliases: &[],
        title: "",
        doc: "",
        tags: &[],
    })
}

const SIZE: PageSize = PageSize {
    field: "per_page",
    default: 3,
    min: 1,
    max: 100,
    allowed: &[],
};

const fn pages(style: PageStyle, size: Option<PageSize>, cap: u64) -> Option<Pages> {
    Some(Pages { style, size, cap })
}

const LIST: Answer = Answer {
    kind: AnswerKind::List,
    at: &["/data"],
    total: Some("/total"),
    ..ANSWER
};

operation!(NUMBER, [
    Field { presence: Presence::Required, ..field("page", Place::Path, Shape::Int) },
    query("per_page", Shape::Int),
    query("word", Shape::Text),
], {
    method: "list", path: "/things/{page}", answer: LIST, tool: tool("list_numbers"),
    pages: pages(PageStyle::Number { field: "page", first: 1 }, Some(SIZE), 0),
});
operation!(NUMBER_OPEN, [query("page", Shape::Int)], {
    method: "list", answer: LIST, tool: tool("list_open"),
    pages: pages(PageStyle::Number { field: "page", first: 0 }, None, 0),
});
operation!(OFFSET, [
    query("offset", Shape::Int),
    Field { style: Style::Text, ..query("per_page", Shape::Int) },
    query("word", Shape::Text),
], {
    method: "list", answer: LIST, tool: tool("list_offsets"),
    pages: pages(PageStyle::Offset { field: "offset" }, Some(PageSize { allowed: &[3, 5], ..SIZE }), 9),
});
operation!(CURSOR, [query("cursor", Shape::Text), query("word", Shape::Text)], {
    method: "list", answer: LIST, tool: tool("list_cursors"),
    pages: pages(PageStyle::Cursor { field: "cursor", next: "/meta/next" }, None, 0),
});
operation!(LINK, [query("word", Shape::Text)], {
    method: "list", answer: LIST, tool: tool("list_links"),
    pages: pages(PageStyle::NextUrl { next: "/meta/next", fields: &["cursor", "direction"] }, None, 0),
});
operation!(BACK, [query("before", Shape::Int)], {
    method: "list", answer: LIST, tool: tool("list_back"),
    pages: pages(PageStyle::WalkBack { field: "before", member: "/at/ms" }, None, 0),
});
operation!(PLAIN, [], { method: "list", answer: LIST, tool: tool("list_plain") });
operation!(GET, [query("id", Shape::Text)], { tool: tool("get_one") });
operation!(CREATE, [field("word", Place::Body, Shape::Text)], {
    method: "create", http_method: "POST", body: Body::Json, effect: Effect::Write, idempotent: false,
    answer: Answer { at: &["/data"], ..ANSWER }, tool: tool("create_one"),
});
operation!(TEXT, [], { answer: Answer { kind: AnswerKind::Text, ..ANSWER }, tool: tool("ping") });
operation!(EMPTY, [], { answer: Answer { kind: AnswerKind::Empty, ..ANSWER }, effect: Effect::Write });
operation!(EXISTS, [], { http_method: "HEAD", answer: Answer { kind: AnswerKind::Exists, ..ANSWER } });
operation!(REDIRECT, [], { answer: Answer { kind: AnswerKind::Redirect, ..ANSWER } });
const ID: Field = Field {
    presence: Presence::Required,
    ..field("id", Place::Path, Shape::Int)
};
operation!(DELETE, [
    Field { variable: Some("subdomain"), presence: Presence::Required, ..field("site", Place::Path, Shape::Text) },
    Field { name: "owner", wire: "owner", ..ID },
    ID,
], {
    method: "delete", http_method: "DELETE", path: "/site/{site}/owner/{owner}/thing/{id}",
    answer: Answer { kind: AnswerKind::Empty, ..ANSWER }, effect: Effect::Destructive,
});
operation!(DELETE_PAIR, [
    Field { presence: Presence::Required, ..query("shelf", Shape::Text) },
    Field { presence: Presence::Required, ..query("book", Shape::Text) },
    query("really", Shape::Bool),
], { method: "delete", http_method: "DELETE", answer: Answer { may_be_empty: true, ..ANSWER }, effect: Effect::Destructive });
operation!(DELETE_ONE, [Field { presence: Presence::Required, ..query("name", Shape::Text) }], {
    method: "delete", http_method: "DELETE", answer: Answer { may_be_empty: true, ..ANSWER }, effect: Effect::Destructive,
});
static KEY: IdKind = IdKind {
    name: "Key",
    integer: false,
    form: Form::Any,
    doc: "",
    yielded_by: &[],
};
operation!(DELETE_KEY, [
    Field { variable: Some("subdomain"), presence: Presence::Required, ..field("site", Place::Path, Shape::Text) },
    Field { presence: Presence::Required, ..field("password", Place::Body, Shape::Text) },
    Field { presence: Presence::Required, ..field("key", Place::Body, Shape::Id(&KEY)) },
], {
    method: "delete", http_method: "DELETE", path: "/site/{site}/key", answer: Answer { kind: AnswerKind::Empty, ..ANSWER },
    effect: Effect::Destructive, body: Body::Json,
});
operation!(DELETE_SITE, [
    Field { variable: Some("subdomain"), presence: Presence::Required, ..field("site", Place::Path, Shape::Text) },
], {
    method: "delete", http_method: "DELETE", path: "/site/{site}", answer: Answer { kind: AnswerKind::Empty, ..ANSWER },
    effect: Effect::Destructive,
});

fn key() -> CursorKey {
    CursorKey::new([7; 32])
}

async fn call_as(
    server: &Server,
    operation: &'static Operation,
    arguments: Value,
    key: &CursorKey,
    binding: &str,
) -> ToolOutcome {
    let Value::Object(arguments) = arguments else {
        panic!("an object")
    };
    let context = CallContext {
        cursor_key: key,
        binding,
        visible: &|_| true,
        fixed: &|_| false,
    };
    call_tool(&connect(server), operation, arguments, &context).await
}

async fn call(server: &Server, operation: &'static Operation, arguments: Value) -> ToolOutcome {
    call_as(server, operation, arguments, &key(), "account-1").await
}

fn items(count: u64) -> Value {
    (0..count).map(|id| json!({ "id": id })).collect()
}

/// Walks all pages; what comes back are the request targets without the key, and the counts.
async fn walk(server: &Server, operation: &'static Operation, arguments: Value) -> (Vec<String>, Vec<u64>) {
    let mut counts = Vec::new();
    let mut arguments = arguments;
    loop {
        let answered = call(server, operation, arguments.clone()).await.to_structured();
        assert!(answered.get("error").is_none(), "{answered}");
        counts.push(answered["result_count"].as_u64().unwrap());
        assert_eq!(
            answered["result"].as_array().unwrap().len() as u64,
            counts[counts.len() - 1]
        );
        match &answered["next_cursor"] {
            Value::String(cursor) => arguments["next_cursor"] = json!(cursor),
            Value::Null => break,
            other => panic!("{other}"),
        }
        // A position of one's own is given up for the cursor.
        for own in ["page", "offset", "cursor", "before"] {
            arguments.as_object_mut().unwrap().shift_remove(own);
        }
    }
    let bare = |target: &str| {
        target
            .split("key=")
            .next()
            .unwrap()
            .trim_end_matches(['?', '&'])
            .to_owned()
    };
    (server.seen().iter().map(|seen| bare(&seen.target)).collect(), counts)
}

#[tokio::test]
async fn page_numbers_end_at_a_short_or_empty_page() {
    let server = Server::start(|number, _| ok(&json!({"data": items([3, 3, 2][number])}))).await;
    let (targets, counts) = walk(&server, &NUMBER, json!({"word": "a"})).await;
    assert_eq!(targets, ["/things/1?word=a", "/things/2?word=a", "/things/3?word=a"]);
    assert_eq!(counts, [3, 3, 2]);

    let server = Server::start(|number, _| ok(&json!({"data": items([5, 0][number])}))).await;
    let (targets, counts) = walk(&server, &NUMBER, json!({"limit": 5, "page": 4})).await;
    assert_eq!(targets, ["/things/4?per_page=5", "/things/5?per_page=5"]);
    assert_eq!(counts, [5, 0]);

    // Without a known size a short page means nothing.
    let server = Server::start(|number, _| ok(&json!({"data": items([5, 1, 0][number])}))).await;
    let (targets, _) = walk(&server, &NUMBER_OPEN, json!({})).await;
    assert_eq!(targets, ["/things", "/things?page=1", "/things?page=2"]);
}

#[tokio::test]
async fn page_numbers_end_at_the_total() {
    let server = Server::always(|| ok(&json!({"data": items(3), "total": 6}))).await;
    let (targets, _) = walk(&server, &NUMBER, json!({})).await;
    assert_eq!(targets, ["/things/1", "/things/2"]);
}

#[tokio::test]
async fn offsets_end_at_the_total_or_cap() {
    let server = Server::start(|number, _| ok(&json!({"data": items([3, 3, 1][number]), "total": 7}))).await;
    let (targets, counts) = walk(&server, &OFFSET, json!({"word": "a"})).await;
    assert_eq!(
        targets,
        ["/things?word=a", "/things?offset=3&word=a", "/things?offset=6&word=a"]
    );
    assert_eq!(counts, [3, 3, 1]);

    // At most nine are served, however many match; a size that is not allowed is rounded up.
    let server = Server::always(|| ok(&json!({"data": items(5), "total": 1000}))).await;
    let (targets, counts) = walk(&server, &OFFSET, json!({"limit": 4})).await;
    assert_eq!(targets, ["/things?per_page=5", "/things?offset=5&per_page=5"]);
    assert_eq!(counts, [5, 5], "what the vendor sends is not cut");

    let server = Server::always(|| ok(&json!({"data": [], "total": 1000}))).await;
    assert_eq!(walk(&server, &OFFSET, json!({"offset": 2})).await.1, [0]);
    let server = Server::always(|| ok(&json!({"data": items(2)}))).await;
    assert_eq!(walk(&server, &OFFSET, json!({})).await.1, [2]);
}

#[tokio::test]
async fn cursors_end_at_null_nothing_or_empty() {
    for last in [json!({"next": null}), json!({}), json!({"next": ""}), Value::Null] {
        let server = Server::start(move |number, _| {
            let meta = [json!({"next": "a/+ b=="}), json!({"next": 17}), last.clone()][number].clone();
            ok(&json!({"data": items(1), "meta": meta}))
        })
        .await;
        let (targets, _) = walk(&server, &CURSOR, json!({"word": "x"})).await;
        assert_eq!(
            targets,
            [
                "/things?word=x",
                "/things?cursor=a%2F%2B%20b%3D%3D&word=x",
                "/things?cursor=17&word=x"
            ]
        );
    }
}

#[tokio::test]
async fn links_are_taken_apart_and_never_followed() {
    for link in [
        "/api/things?cursor=c%2F1&direction=next&evil=1",
        "https://evil.example/steal?direction=next&cursor=c%2F1#x",
        "?cursor=c%2F1&direction=next",
    ] {
        let server = Server::start(move |number, _| match number {
            0 => ok(&json!({"data": items(1), "meta": {"next": link}})),
            _ => ok(&json!({"data": items(1), "meta": {"next": null}})),
        })
        .await;
        let (targets, _) = walk(&server, &LINK, json!({"word": "x"})).await;
        let mut pairs: Vec<_> = targets[1].strip_prefix("/things?").unwrap().split('&').collect();
        pairs.sort_unstable();
        assert_eq!(pairs, ["cursor=c%2F1", "direction=next", "word=x"], "{link}");
        assert_eq!(targets.len(), 2);
    }
    for link in [json!("/api/things?page=2"), json!("http://[bad"), json!(5)] {
        let server = Server::always(move || ok(&json!({"data": items(1), "meta": {"next": link}}))).await;
        let error = call(&server, &LINK, json!({})).await.result.unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            (Code::UpstreamInvalidResponse, Some(200))
        );
    }
}

#[tokio::test]
async fn walking_back_goes_on_before_the_smallest_time() {
    let server = Server::start(|number, _| {
        let at = |ms: i64| json!({"at": {"ms": ms}});
        let pages = [vec![at(900), at(700), at(800)], vec![at(650), at(-5)], vec![]];
        ok(&json!({"data": pages[number]}))
    })
    .await;
    let (targets, counts) = walk(&server, &BACK, json!({"before": 1000})).await;
    assert_eq!(
        targets,
        ["/things?before=1000", "/things?before=700", "/things?before=-5"]
    );
    assert_eq!(counts, [3, 2, 0]);

    let server = Server::always(|| ok(&json!({"data": [{"id": 1}]}))).await;
    let error = call(&server, &BACK, json!({})).await.result.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamInvalidResponse);
}

#[tokio::test]
async fn a_position_that_does_not_advance_is_an_error() {
    for (operation, body) in [
        (&CURSOR, json!({"data": [1], "meta": {"next": "same"}})),
        (&LINK, json!({"data": [1], "meta": {"next": "?cursor=same"}})),
        (&BACK, json!({"data": [{"at": {"ms": 5}}]})),
    ] {
        let server = Server::always(move || ok(&body)).await;
        let first = call(&server, operation, json!({})).await.to_structured();
        let second = call(&server, operation, json!({"next_cursor": first["next_cursor"]})).await;
        let error = second.result.unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            (Code::UpstreamInvalidResponse, Some(200)),
            "{}",
            operation.name
        );
        assert!(error.message().contains("does not advance"), "{error}");
        assert_eq!(server.seen().len(), 2);
    }
}

#[test]
fn positions_of_strange_answers() {
    let at = |operation: &Operation, items: &[Value], rest: &Value| next(operation, &[], &[], items, rest, None);
    assert_eq!(
        at(&CURSOR, &[], &json!({"meta": {"next": {}}})).unwrap_err().code(),
        Code::UpstreamInvalidResponse
    );
    assert_eq!(at(&PLAIN, &[json!(1)], &Value::Null).unwrap(), None);
    let dates = [
        json!({"at": {"ms": "2026-02-01"}}),
        json!({"at": {"ms": "2026-01-31"}}),
        json!({"at": {}}),
    ];
    assert_eq!(
        at(&BACK, &dates, &Value::Null).unwrap(),
        Some(PageState::At(json!("2026-01-31")))
    );
}

#[tokio::test]
async fn cursors_are_bound_to_account_tool_arguments_and_key() {
    let server = Server::always(|| ok(&json!({"data": items(3), "total": 100}))).await;
    let arguments = json!({"word": "a", "limit": 3});
    let cursor = call(&server, &OFFSET, arguments.clone()).await.to_structured()["next_cursor"].clone();
    let token = cursor.as_str().unwrap();
    assert!(
        token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
        "{token}"
    );
    let with = |change: Value| {
        let mut all = arguments.clone();
        all["next_cursor"] = cursor.clone();
        for (name, value) in change.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    // The same arguments in another form and order are the same.
    let again = json!({"next_cursor": cursor, "limit": "3", "word": "a"});
    assert!(call(&server, &OFFSET, again).await.result.is_ok());
    let before = server.seen().len();

    let mut flipped = token.to_owned().into_bytes();
    flipped[3] ^= 1;
    let flipped = String::from_utf8(flipped).unwrap();
    let without_word = json!({"next_cursor": cursor, "limit": 3});
    let (own, other) = (key(), CursorKey::new([8; 32]));
    for (operation, arguments, key, binding) in [
        (&OFFSET, with(json!({"word": "b"})), &own, "account-1"),
        (&OFFSET, with(json!({"limit": 5})), &own, "account-1"),
        (&OFFSET, without_word, &own, "account-1"),
        (&OFFSET, with(json!({})), &own, "account-2"),
        (&OFFSET, with(json!({})), &other, "account-1"),
        (&CURSOR, json!({"word": "a", "next_cursor": cursor}), &own, "account-1"),
        (&OFFSET, with(json!({"next_cursor": flipped})), &own, "account-1"),
        (
            &OFFSET,
            with(json!({"next_cursor": token[..token.len() - 2].to_owned()})),
            &own,
            "account-1",
        ),
        (&OFFSET, with(json!({"next_cursor": "AQ"})), &own, "account-1"),
        (&OFFSET, with(json!({"next_cursor": "100"})), &own, "account-1"),
        (&OFFSET, with(json!({"next_cursor": "not base64!"})), &own, "account-1"),
        (
            &OFFSET,
            with(json!({"next_cursor": "A".repeat(4000)})),
            &own,
            "account-1",
        ),
    ] {
        let outcome = call_as(&server, operation, arguments.clone(), key, binding).await;
        let error = outcome.result.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArguments, "{arguments}");
        assert_eq!(error.faults()[0].argument, "next_cursor", "{arguments}");
        assert!(error.message().contains("same arguments"), "{error}");
    }
    let both = call(&server, &OFFSET, with(json!({"offset": 3})))
        .await
        .result
        .unwrap_err();
    assert_eq!(both.code(), Code::InvalidArguments);
    assert_eq!(server.seen().len(), before, "nothing was sent");
}

#[test]
fn tokens_survive_and_stay_short() {
    let key = key();
    let binding = Binding {
        account: "a",
        tool: "t",
        arguments: &[],
    };
    for state in [
        PageState::At(json!(7)),
        PageState::At(json!(-1)),
        PageState::At(json!("é/+=")),
        PageState::At(json!("x".repeat(1400))),
        PageState::Link(vec![
            ("cursor".into(), "a&b".into()),
            ("direction".into(), String::new()),
        ]),
    ] {
        let token = seal(&key, &binding, &state).unwrap();
        assert!(token.len() <= MAX_TOKEN);
        assert_eq!(open(&key, &binding, &token).unwrap(), state);
        // What moves between account and tool makes another binding.
        let shifted = Binding {
            account: "at",
            tool: "",
            ..binding
        };
        assert!(open(&key, &shifted, &token).is_err());
    }
    let error = seal(&key, &binding, &PageState::At(json!("x".repeat(1600)))).unwrap_err();
    assert_eq!(error.code(), Code::UpstreamInvalidResponse);
    assert!(!format!("{key:?}").contains('7'));
}

async fn structured(
    operation: &'static Operation,
    arguments: Value,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> Value {
    let server = Server::always(reply).await;
    call(&server, operation, arguments).await.into_structured()
}

#[tokio::test]
async fn tools_answer_as_the_contract_says() {
    let list = |body: Value| move || ok(&body);
    assert_eq!(
        structured(&PLAIN, json!({}), list(json!({"data": [{"id": 1}], "total": 9}))).await,
        json!({"result": [{"id": 1}], "next_cursor": null, "result_count": 1, "total": 9})
    );
    assert_eq!(
        structured(&PLAIN, json!({}), list(json!({"data": []})))
            .await
            .to_string(),
        r#"{"result":[],"next_cursor":null,"result_count":0}"#
    );
    // The vendor's record: nothing dropped, nothing reordered, whole numbers as they were.
    let raw = r#"{"z":1,"a":{"cf_Größe 🦊":null},"big":12345678901234567890,"t":1.50}"#;
    let answered = structured(&GET, json!({}), move || answer(200, &[], raw)).await;
    assert_eq!(
        answered.to_string(),
        r#"{"z":1,"a":{"cf_Größe 🦊":null},"big":12345678901234567890,"t":1.5}"#
    );
    assert_eq!(
        structured(&GET, json!({}), || answer(200, &[], "[1]")).await,
        json!({"result": [1]})
    );
    assert_eq!(
        structured(&GET, json!({}), || answer(200, &[], "null")).await,
        json!({"result": null})
    );
    assert_eq!(
        structured(&CREATE, json!({"word": "a"}), || answer(
            201,
            &[],
            r#"{"error":false,"data":{"id":"x"}}"#
        ))
        .await,
        json!({"id": "x"})
    );
    assert_eq!(
        structured(&CREATE, json!({}), || answer(202, &[], "")).await,
        json!({"ok": true})
    );
    assert_eq!(
        structured(&TEXT, json!({}), || answer(200, &[], "pong")).await,
        json!({"result": "pong"})
    );
    assert_eq!(
        structured(&EMPTY, json!({}), || answer(200, &[], "x")).await,
        json!({"ok": true})
    );
    assert_eq!(
        structured(&REDIRECT, json!({}), || answer(
            307,
            &[("Location", "https://files.example/a?sig=1")],
            ""
        ))
        .await,
        json!({"location": "https://files.example/a?sig=1"})
    );
    assert_eq!(
        structured(&EXISTS, json!({}), || answer(200, &[], "")).await,
        json!({"exists": true})
    );
    assert_eq!(
        structured(&EXISTS, json!({}), || answer(404, &[], "")).await,
        json!({"exists": false})
    );
}

#[tokio::test]
async fn deletions_name_what_was_deleted() {
    let gone = || answer(204, &[], "");
    assert_eq!(
        structured(&DELETE, json!({"owner": 4, "id": 5}), gone).await,
        json!({"id": 5})
    );
    assert_eq!(
        structured(&DELETE_ONE, json!({"name": "n"}), gone).await,
        json!({"id": "n"})
    );
    assert_eq!(
        structured(&DELETE_PAIR, json!({"shelf": "s", "book": "b", "really": true}), gone).await,
        json!({"id": {"shelf": "s", "book": "b"}})
    );
    // An identifier in the body is what was deleted; other members are none.
    assert_eq!(
        structured(&DELETE_KEY, json!({"password": "p", "key": "k"}), gone).await,
        json!({"id": "k"})
    );
    assert_eq!(structured(&DELETE_SITE, json!({}), gone).await, json!({"id": "north"}));
    assert_eq!(
        structured(&DELETE_ONE, json!({"name": "n"}), || answer(
            200,
            &[],
            r#"{"status":"done"}"#
        ))
        .await,
        json!({"status": "done"})
    );
}

#[tokio::test]
async fn tools_hand_a_refusal_over_at_once() {
    let told = [("X-Acme-Call-Limit", "40/40"), ("Retry-after", "12")];
    let server = Server::always(move || answer(429, &told, r#"{"error": {"msg": "Slow down"}}"#)).await;
    let outcome = call(&server, &CREATE, json!({})).await;
    server.only();
    assert_eq!(outcome.status, Some(429));
    assert_eq!(
        outcome.rate_limit.unwrap().to_json(),
        json!({"limit": 40, "remaining": 0, "reset": 12})
    );
    let shown = outcome.to_structured();
    let error = &shown["error"];
    assert_eq!(error["status"], 429);
    assert_eq!(error["code"], "rate_limited");
    assert_eq!(error["origin"], "upstream");
    assert_eq!(error["message"], "HTTP 429: Slow down");
    assert_eq!(error["retry_after"], 12);
    assert_eq!(error["ratelimit"], json!({"limit": 40, "remaining": 0, "reset": 12}));
    assert_eq!(error["upstream"], json!({"error": {"msg": "Slow down"}}));
    assert!(error["reset_at"].as_str().unwrap().ends_with('Z') && error["hint"].is_string());
}

#[tokio::test]
async fn limits_come_along_with_good_answers() {
    let server = Server::always(|| answer(200, &[("X-Left", "49")], "{}")).await;
    let outcome = call(&server, &GET, json!({})).await;
    assert_eq!(outcome.status, Some(200));
    assert_eq!(outcome.rate_limit.unwrap().to_json(), json!({"remaining": 49}));
}

#[tokio::test]
async fn bad_arguments_are_refused_before_anything_is_sent() {
    let server = Server::always(|| ok(&json!({}))).await;
    let outcome = call(&server, &GET, json!({"nope": 1})).await;
    assert_eq!(
        (outcome.status, outcome.result.as_ref().unwrap_err().code()),
        (None, Code::InvalidArguments)
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn no_error_holds_a_secret_or_shows_content_in_debug() {
    let server = Server::always(|| ok(&json!({"email": "ann@example.com"}))).await;
    let outcome = call(&server, &GET, json!({"id": "confidential"})).await;
    assert!(!format!("{outcome:?}").contains("ann@"));
    let faults: Vec<Error> = vec![
        call(&Server::always(|| Reply::Reset).await, &GET, json!({}))
            .await
            .result
            .unwrap_err(),
        call(&Server::always(|| answer(500, &[], SECRET)).await, &GET, json!({}))
            .await
            .result
            .unwrap_err(),
        call(&Server::always(|| answer(200, &[], SECRET)).await, &GET, json!({}))
            .await
            .result
            .unwrap_err(),
        account("http://127.0.0.1:9")
            .build()
            .unwrap()
            .run(&GET, Map::new(), None)
            .await
            .unwrap_err(),
    ];
    for error in faults {
        assert!(
            !format!("{error} {error:?} {}", error.to_json()).contains(SECRET),
            "{error}"
        );
    }
}
