//! A helpdesk made of awkward names: keywords, recursion, great numbers, odd signs, every way to write a list.

use std::collections::BTreeMap;

use deskhand_runtime::record::{Names, to_object};
use deskhand_runtime::{Code, File, Patch};
use deskhand_sample_obstacles as obstacles;
use deskhand_tests::server::Reply;
use serde_json::{Value, json};

use super::{Desk, code, connect, empty, ok, request, typed_code};

const ACCOUNT: [(&str, &str); 3] = [
    ("tenant", "example-desk"),
    ("brand", "7"),
    ("api_key", "0123456789abcdef0123"),
];

const HEADERS: [&str; 2] = ["accept: */*", "x-api-key: 0123456789abcdef0123"];

pub(crate) async fn desk(replies: Vec<Reply>) -> Desk {
    Desk::start(&obstacles::INTEGRATION, &ACCOUNT, "/v1", replies).await
}

/// A request as it must be. The brand is part of how it authenticates, so it ends every query.
fn to(method: &str, target: &str, json: &str) -> String {
    let sign = if target.contains('?') { '&' } else { '?' };
    request(&format!("{method} /v1{target}{sign}brand=7"), &HEADERS, json)
}

#[tokio::test]
async fn keys_travel_in_headers_and_queries() {
    let url = |settings: &[(&str, &str)]| {
        connect(&obstacles::INTEGRATION, settings, None).map(|connection| connection.base_url().as_str().to_owned())
    };
    assert_eq!(url(&ACCOUNT).unwrap(), "https://example-desk.eu.example.com/v1");
    let mut other = ACCOUNT.to_vec();
    other.push(("region", "us"));
    assert_eq!(url(&other).unwrap(), "https://example-desk.us.example.com/v1");
    other.push(("region", "cn"));
    assert_eq!(url(&other).unwrap_err().faults()[0].argument, "region");
    // A token needs no brand.
    let token = [("tenant", "example-desk"), ("access_token", "eyJhbGciOiJIUzI1NiJ9")];
    let desk = Desk::start(&obstacles::INTEGRATION, &token, "/v1", vec![ok(json!({}))]).await;
    desk.ask("get_single_obstacles_result", json!({})).await;
    let headers = ["accept: */*", "authorization: Bearer eyJhbGciOiJIUzI1NiJ9"];
    assert_eq!(desk.sent(), request("GET /v1/me", &headers, ""));
    // A secret that comes back in an error is not shown.
    let body = json!({"code": "bad_key", "message": "Key 0123456789abcdef0123 is bad"});
    let desk = super::obstacles::desk(vec![Reply::json(401, body.to_string())]).await;
    let error = desk.fail("get_single_obstacles_result", json!({})).await;
    assert_eq!(code(&error), "unauthorized");
    assert!(!error.to_string().contains("0123456789abcdef0123"), "{error}");
}

#[tokio::test]
async fn every_tool_can_be_called() {
    let great = 9_223_372_036_854_775_807_i64;
    let cases: Vec<(&str, Value, Reply, &str, &str, Value)> = vec![
        (
            "list_all_obstacles_news",
            json!({}),
            ok(json!([{"id": "7", "x": 1}])),
            "GET /news",
            "",
            json!({"result": [{"id": "7", "x": 1}], "next_cursor": null, "result_count": 1}),
        ),
        (
            "list_all_obstacles_news",
            json!({}),
            ok(json!({"news": []})),
            "GET /news",
            "",
            json!({"result": [], "next_cursor": null, "result_count": 0}),
        ),
        (
            "get_single_obstacles_news_item_by_id",
            json!({"id": "007"}),
            ok(json!({"a": [1, {"b": null}]})),
            "GET /news/007",
            "",
            json!({"a": [1, {"b": null}]}),
        ),
        (
            "list_all_obstacles_people_data",
            json!({}),
            ok(json!([1, "two", null, {"three": 3}])),
            "GET /data",
            "",
            json!({"result": [1, "two", null, {"three": 3}], "next_cursor": null, "result_count": 4}),
        ),
        (
            "obstacles_people_data_everything",
            json!({}),
            ok(json!([])),
            "GET /data",
            "",
            json!({"result": [], "next_cursor": null, "result_count": 0}),
        ),
        (
            "delete_a_obstacles_people_datum_by_id",
            json!({"id": great, "confirmed_id": great}),
            empty(204),
            "DELETE /data/9223372036854775807",
            r#"{"id":9223372036854775807}"#,
            json!({ "id": great }),
        ),
        (
            "get_single_obstacles_result",
            json!({}),
            ok(json!({"client": {"send": "x"}})),
            "GET /me",
            "",
            json!({"client": {"send": "x"}}),
        ),
        (
            "obstacles_results_send",
            json!({"id": "-9223372036854775808"}),
            empty(200),
            "POST /results/-9223372036854775808/send",
            "",
            json!({"ok": true}),
        ),
        (
            "obstacles_results_move",
            json!({"id": 1, "to": "a b/c?d/"}),
            empty(200),
            "POST /results/1/move/a%20b/c%3Fd/",
            "",
            json!({"ok": true}),
        ),
        (
            "obstacles_results_default",
            json!({}),
            ok(json!({"some": "x", "none": "y"})),
            "GET /results/default",
            "",
            json!({"some": "x", "none": "y"}),
        ),
        (
            "obstacles_files_exists",
            json!({"name": "a/b c"}),
            empty(200),
            "HEAD /files/a/b%20c",
            "",
            json!({"exists": true}),
        ),
        (
            "obstacles_files_exists",
            json!({"name": "a"}),
            empty(404),
            "HEAD /files/a",
            "",
            json!({"exists": false}),
        ),
        (
            "obstacles_results_new",
            json!({}),
            ok(json!({"id": 1})),
            "POST /results",
            "{}",
            json!({"id": 1}),
        ),
        (
            "create_a_obstacles_comment",
            json!({"text": "x"}),
            ok(json!({"comment": {"id": great, "deep": true}})),
            "POST /comments",
            r#"{"comment":{"text":"x"}}"#,
            json!({"id": great, "deep": true}),
        ),
    ];
    for (tool, arguments, reply, line, body, result) in cases {
        let desk = desk(vec![reply]).await;
        assert_eq!(desk.ask(tool, arguments).await, result, "{tool}");
        let (method, target) = line.split_once(' ').unwrap();
        assert_eq!(desk.sent(), to(method, target, body), "{tool}");
    }
    // Without documentation it is no tool, but a typed call.
    assert!(
        obstacles::INTEGRATION
            .tools()
            .all(|(operation, _)| operation.name != "type")
    );
    let desk = desk(vec![Reply {
        status: 200,
        headers: vec![("Content-Type".into(), "text/plain".into())],
        body: b"plain \xc3\xa9".to_vec(),
    }])
    .await;
    assert_eq!(
        desk.typed(&obstacles::Type::new("a/b", "self")).await.unwrap(),
        "plain \u{e9}"
    );
    assert_eq!(desk.sent(), to("GET", "/results/a%2Fb/self", ""));
}

#[tokio::test]
async fn every_typed_call_can_be_sent() {
    let great = i64::MAX;
    macro_rules! sends {
        ($reply:expr, $call:expr, $method:literal, $target:literal, $body:literal) => {{
            let desk = desk(vec![$reply]).await;
            let answer = desk.typed(&$call).await.unwrap();
            assert_eq!(desk.sent(), to($method, $target, $body));
            answer
        }};
    }
    let news = sends!(ok(json!([{"id": 7}])), obstacles::ListNews::new(), "GET", "/news", "");
    // The vendor's number is read where text is meant.
    assert_eq!(news.items[0].id, Some(obstacles::TypeId("7".into())));
    let news = sends!(ok(json!({"a": 1})), obstacles::GetNews::new("7"), "GET", "/news/7", "");
    assert_eq!(news["a"], json!(1));
    let list = sends!(
        ok(json!([null, 1])),
        obstacles::ListPeopleData::new(),
        "GET",
        "/data",
        ""
    );
    assert_eq!(list.items, [Value::Null, json!(1)]);
    sends!(
        empty(204),
        obstacles::DeletePeopleData::new(great, great),
        "DELETE",
        "/data/9223372036854775807",
        r#"{"id":9223372036854775807}"#
    );
    let results = sends!(
        ok(json!({"data": {"results": [{"id": great, "page": {"items": []}}]}})),
        obstacles::ListResults::new(),
        "GET",
        "/results",
        ""
    );
    assert_eq!(results.items[0].id, Some(obstacles::GreatId(great)));
    sends!(
        ok(json!({"box": {"inside": {}}})),
        obstacles::GetSelf::new(),
        "GET",
        "/me",
        ""
    );
    sends!(empty(200), obstacles::SendType::new(1), "POST", "/results/1/send", "");
    sends!(
        empty(200),
        obstacles::Move::new(1, "a/b"),
        "POST",
        "/results/1/move/a/b",
        ""
    );
    let default = sends!(
        ok(json!({"some": "x"})),
        obstacles::DefaultType::new(),
        "GET",
        "/results/default",
        ""
    );
    assert_eq!(default.some.as_deref(), Some("x"));
    sends!(
        empty(204),
        obstacles::Crowd::new(1, 2, 3, 4, 5, 6, 7, 8),
        "POST",
        "/results/crowd",
        r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8}"#
    );
    let there = sends!(empty(200), obstacles::Exists::new("a/b"), "HEAD", "/files/a/b", "");
    assert!(there);
    let page = sends!(
        ok(json!({"statuses": []})),
        obstacles::ListStatuses::new(),
        "GET",
        "/statuses/",
        ""
    );
    assert_eq!((page.items.len(), page.total), (0, None));
    sends!(
        ok(json!({"comment": {}})),
        obstacles::GetComment::new(1),
        "GET",
        "/comments/1",
        ""
    );
}

#[tokio::test]
async fn names_that_are_keywords_or_no_names_at_all_are_the_vendors_on_the_wire() {
    let desk = desk(vec![ok(json!({"id": 1, "error": {"source": "x"}}))]).await;
    let arguments = json!({
        "type": "self", "self": "a", "self_type": "b", "crate": "c", "super": "d", "fn": "e", "async": true, "gen": 1,
        "first": "f", "plus_one": 2, "minus_one": 3, "deja_vu": "g", "a_b": "h", "a_hyphen_b": "i", "camel_case": "j",
        "pascal_case": "k", "dotted": "l", "blank": "m", "new": "n", "extra": {"x": [null]}, "table": "o", "shape": "p",
        "most": 4, "empty": false, "ahead": "q", "send": true, "into": "r", "default": "s",
        "result": {"id": 5, "error": {"description": "t"}, "option": {"none": "u"}, "page": {"next": "v", "items": [{"id": 6}]}},
    });
    let body = concat!(
        r#"{"type":"self","self":"a","Self":"b","crate":"c","super":"d","fn":"e","async":true,"gen":1,"1st":"f","#,
        r#""+1":2,"-1":3,"déjà_vu":"g","a_b":"h","a-b":"i","camelCase":"j","CamelCase":"k","a.b.c":"l","a b":"m","#,
        r#""new":"n","extra":{"x":[null]},"table":"o","shape":"p","limit":4,"clear":false,"next_cursor":"q","#,
        r#""send":true,"into":"r","default":"s","result":{"id":5,"error":{"description":"t"},"option":{"none":"u"},"#,
        r#""page":{"items":[{"id":6}],"next":"v"}}}"#
    );
    let answer = desk.ask("obstacles_results_new", arguments).await;
    assert_eq!(answer, json!({"id": 1, "error": {"source": "x"}}));
    assert_eq!(desk.sent(), to("POST", "/results", body));
    // Names of the wire are not names of arguments: the right one is named.
    let error = desk
        .refused("obstacles_results_new", json!({"camelCase": "x", "limit": 1}))
        .await;
    let near: Vec<&Value> = error["arguments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["did_you_mean"])
        .collect();
    assert_eq!(near, [&json!("camel_case"), &json!("most")]);

    let mut call = obstacles::NewType::new();
    call.r#type = Some(obstacles::Order::SelfValue);
    call.self_ = Some("a".into());
    call.self_type = Some("b".into());
    call.crate_ = Some("c".into());
    call.super_ = Some("d".into());
    call.r#fn = Some("e".into());
    call.r#async = Some(true);
    call.r#gen = Some(1);
    call.minus_one = Some(3);
    call.deja_vu = Some("g".into());
    call.extra_ = Some(json!({"x": [null]}));
    call.most = Some(4);
    call.empty = Some(false);
    call.ahead = Some("q".into());
    let typed = desk.typed(&call).await.unwrap();
    let body = concat!(
        r#"{"type":"self","self":"a","Self":"b","crate":"c","super":"d","fn":"e","async":true,"gen":1,"-1":3,"#,
        r#""déjà_vu":"g","extra":{"x":[null]},"limit":4,"clear":false,"next_cursor":"q"}"#
    );
    assert_eq!(desk.sent(), to("POST", "/results", body));
    assert_eq!(typed.error.unwrap().source.as_deref(), Some("x"));
}

#[tokio::test]
async fn odd_words_are_sent_as_they_stand() {
    let desk = desk(vec![ok(json!({"statuses": []}))]).await;
    for (word, written) in [
        ("1st", "1st"),
        ("24-7", "24-7"),
        ("Super", "Super"),
        ("true", "true"),
        ("null", "null"),
        ("+1", "%2B1"),
        ("-1", "-1"),
        ("*", "%2A"),
        ("unknown", "unknown"),
        ("d\u{e9}j\u{e0}_vu", "d%C3%A9j%C3%A0_vu"),
        ("\u{65e5}\u{672c}", "%E6%97%A5%E6%9C%AC"),
        ("with blank", "with%20blank"),
        ("slash/ed", "slash%2Fed"),
        ("mixed", "MiXed"),
    ] {
        desk.ask("list_all_obstacles_statuses", json!({ "order": word })).await;
        assert_eq!(desk.sent(), to("GET", &format!("/statuses/?order={written}"), ""));
    }
    for wrong in [json!("2 nd"), json!(""), json!(1), json!(true), json!(["self"])] {
        desk.refuses_only("list_all_obstacles_statuses", json!({ "order": wrong }), "order")
            .await;
    }
    // Codes are offered as words and accepted as they are.
    let file = json!([{"name": "a", "content_base64": ""}]);
    for (level, code) in [
        (json!("unknown"), "-1"),
        (json!("low"), "0"),
        (json!(10), "10"),
        (json!("10"), "10"),
        (json!("most"), "9223372036854775807"),
    ] {
        desk.ask("obstacles_files_upload", json!({"files": file, "kind": level}))
            .await;
        assert_eq!(desk.targets(), [format!("POST /v1/files?kind={code}&brand=7")]);
    }
    desk.refuses_only("obstacles_files_upload", json!({"files": file, "kind": 5}), "kind")
        .await;
}

#[tokio::test]
async fn every_way_to_write_a_list_and_headers_of_arguments() {
    let desk = desk(vec![ok(json!({"statuses": [], "count": 0}))]).await;
    let arguments = json!({
        "offset": 0, "limit": 30, "ids": [1, "9223372036854775807"], "words": ["a b", "c&d"],
        "tags": {"color": "red & blue", "a[b]": "c"}, "where": {"field": "f", "values": ["x", 1, 2.5, true]},
        "locale": "pt-br", "trace": "my trace; 1",
    });
    desk.ask("list_all_obstacles_statuses", arguments).await;
    let target = "/v1/statuses/?offset=0&limit=30&ids%5B%5D=1&ids%5B%5D=9223372036854775807&words=a%20b,c%26d\
                  &tags%5Bcolor%5D=red%20%26%20blue&tags%5Ba%5Bb%5D%5D=c\
                  &where=%7B%22field%22%3A%22f%22%2C%22values%22%3A%5B%22x%22%2C1%2C2.5%2Ctrue%5D%7D&brand=7";
    let headers = [
        HEADERS[0],
        HEADERS[1],
        "accept-language: pt-br",
        "x-request-id: my trace; 1",
    ];
    assert_eq!(desk.sent(), request(&format!("GET {target}"), &headers, ""));

    let mut call = obstacles::ListStatuses::new();
    call.ids = Some(vec![obstacles::GreatId(i64::MAX)]);
    call.words = Some(vec!["a".into(), "b".into()]);
    call.tags = Some(BTreeMap::from([("color".to_owned(), "red".to_owned())]));
    call.trace = Some("t".into());
    desk.typed(&call).await.unwrap();
    let target = "/v1/statuses/?ids%5B%5D=9223372036854775807&words=a,b&tags%5Bcolor%5D=red&brand=7";
    let headers = [HEADERS[0], HEADERS[1], "x-request-id: t"];
    assert_eq!(desk.sent(), request(&format!("GET {target}"), &headers, ""));

    for trace in ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\tb", "a\0b", "\u{85}"] {
        desk.refuses_only("list_all_obstacles_statuses", json!({ "trace": trace }), "trace")
            .await;
        let mut call = obstacles::ListStatuses::new();
        call.trace = Some(trace.into());
        assert_eq!(typed_code(desk.typed(&call).await), Code::InvalidArguments);
        assert_eq!(desk.requests(), Vec::<String>::new());
    }
    for (arguments, argument) in [
        (json!({"locale": "en\r\nX: y"}), "locale"),
        (json!({"words": ["a,b"]}), "words.0"),
        (json!({"ids": [9_223_372_036_854_775_808_u64]}), "ids.0"),
        (json!({"ids": [1.5]}), "ids.0"),
        (json!({"tags": {"a": 1}}), "tags.a"),
        (json!({"where": {"values": []}}), "where.field"),
        (json!({"where": {"field": "f", "values": [null]}}), "where.values.0"),
        (json!({"offset": -1}), "offset"),
        (json!({"limit": 101}), "limit"),
    ] {
        desk.refuses_only("list_all_obstacles_statuses", arguments, argument)
            .await;
    }
}

/// Names of a free object become part of a parameter's name: they stay inside it.
#[tokio::test]
async fn the_names_of_a_free_object_stay_in_their_parameter() {
    let desk = desk(vec![ok(json!({"statuses": []}))]).await;
    let arguments = json!({"tags": {"a]=1&brand=8&x[": "b", "": "empty", "é": "f"}});
    desk.ask("list_all_obstacles_statuses", arguments).await;
    let target = "/statuses/?tags%5Ba%5D%3D1%26brand%3D8%26x%5B%5D=b&tags%5B%5D=empty&tags%5B%C3%A9%5D=f";
    assert_eq!(desk.sent(), to("GET", target, ""));
}

#[tokio::test]
async fn records_that_contain_themselves_are_read_and_written() {
    let comment = json!({
        "id": i64::MAX,
        "parent": {"id": -1, "parent": {"id": 0}},
        "answers": [{"id": 2, "answers": [{"id": 3, "answers": []}]}],
        "by_word": {"a b": {"id": 4, "by_word": {}}},
        "author": {"name": "A writer", "latest": {"id": 5, "author": {"manager": {"manager": {}}}}},
        "text": "x",
    });
    let desk = desk(vec![ok(json!({"comment": comment, "ignored": true}))]).await;
    let answer = desk
        .ask(
            "get_single_obstacles_comment_by_id",
            json!({"id": "9223372036854775807"}),
        )
        .await;
    assert_eq!(answer.to_string(), comment.to_string());
    assert_eq!(desk.sent(), to("GET", "/comments/9223372036854775807", ""));
    let typed = desk.typed(&obstacles::GetComment::new(i64::MAX)).await.unwrap();
    assert_eq!(Value::Object(to_object(&typed, Names::Wire)), comment);
    desk.requests();

    let arguments = json!({
        "html": "<p>x</p>", "answers": [{"text": "a", "answers": [{"html": "b"}, {"text": "c", "id": 1}]}],
        "notify": true, "rank": 1.5, "assignee": "user-1", "due": null, "at": "2026-01-31 09:30:00",
        "labels": ["x", "y"], "color": "Vermilion", "secret_word": "hush",
    });
    desk.ask("create_a_obstacles_comment", arguments).await;
    let body = concat!(
        r#"{"comment":{"html":"<p>x</p>","answers":[{"text":"a","answers":[{"html":"b"},{"text":"c"}]}],"#,
        r#""notify":"1","rank":"1.5","assignee":"user-1","due":null,"at":"2026-01-31 09:30:00","labels":"x,y","#,
        r#""color":"vermilion","secret_word":"hush"}}"#
    );
    assert_eq!(desk.sent(), to("POST", "/comments", body));
    // Cleared by the vendor's own text, and by null.
    desk.ask(
        "create_a_obstacles_comment",
        json!({"text": "x", "clear": ["assignee", "due"], "notify": false}),
    )
    .await;
    let body = r#"{"comment":{"text":"x","notify":"0","assignee":"--","due":null}}"#;
    assert_eq!(desk.sent(), to("POST", "/comments", body));

    for (arguments, argument) in [
        (json!({}), ""),
        (json!({"text": "a", "html": "b"}), ""),
        (
            json!({"text": "a", "answers": [{"answers": [{"text": "a", "html": "b"}]}]}),
            "answers.0.answers.0",
        ),
        (json!({"text": "a", "answers": [{"txt": "a"}]}), "answers.0.txt"),
        (json!({"text": "x".repeat(2001)}), "text"),
        (json!({"text": "a", "at": "2026-01-31T09:30:00Z"}), "at"),
        (json!({"text": "a", "due": "2026-02-30"}), "due"),
    ] {
        let error = desk.refused("create_a_obstacles_comment", arguments.clone()).await;
        assert_eq!(
            error["arguments"][0]["argument"],
            json!(argument),
            "{arguments}: {error:#}"
        );
    }
    // Deeper than anybody writes.
    let mut deep = json!({"text": "a"});
    for _ in 0..100 {
        deep = json!({"text": "a", "answers": [deep]});
    }
    desk.refused("create_a_obstacles_comment", deep).await;

    let mut call = obstacles::CreateComment::new();
    call.text = Some("x".into());
    call.assignee = Patch::Clear;
    call.color = Some(obstacles::Color::Wine);
    call.rank = Some(0.1);
    desk.typed(&call).await.unwrap();
    let body = r#"{"comment":{"text":"x","rank":"0.1","assignee":"--","color":"wine"}}"#;
    assert_eq!(desk.sent(), to("POST", "/comments", body));
    call.secret_word = Some("hush".into());
    assert!(!format!("{call:?}").contains("hush"), "{call:?}");
}

#[tokio::test]
async fn values_of_many_shapes_come_back_as_they_were() {
    let statuses = json!([
        {"id": i64::MIN, "level": -1, "order": "unknown", "value": "x"},
        {"id": "5", "level": 11, "order": "sideways", "value": 3},
        {"level": 9_223_372_036_854_775_807_i64, "order": "+1", "value": 0.25, "new": [{}]},
        {"value": true},
        {"value": {"nothing": "known"}},
        {"value": ["a", "b"]},
    ]);
    let desk = desk(vec![ok(json!({"statuses": statuses, "count": 6}))]).await;
    let answer = desk.ask("list_all_obstacles_statuses", json!({"limit": 100})).await;
    assert_eq!(answer["result"].to_string(), statuses.to_string());
    assert_eq!((&answer["total"], &answer["next_cursor"]), (&json!(6), &Value::Null));
    let page = desk.typed(&obstacles::ListStatuses::new()).await.unwrap();
    assert_eq!(page.total, Some(6));
    assert_eq!(page.items[0].level, Some(obstacles::Level::UnknownValue));
    assert_eq!(page.items[1].level, Some(obstacles::Level::Unknown(11)));
    assert_eq!(page.items[1].order, Some(obstacles::Order::Unknown("sideways".into())));
    assert_eq!(page.items[1].id, Some(obstacles::GreatId(5)));
    let back: Vec<Value> = page
        .items
        .iter()
        .map(|item| to_object(item, Names::Wire).into())
        .collect();
    // An identifier is a number whichever way the vendor wrote it.
    let mut expected = statuses;
    expected[1]["id"] = json!(5);
    assert_eq!(json!(back), expected);
}

#[tokio::test]
async fn a_form_is_sent_as_a_form() {
    let token = Reply {
        status: 200,
        headers: vec![("Content-Type".into(), "text/plain".into())],
        body: b"token".to_vec(),
    };
    let desk = desk(vec![token]).await;
    let arguments = json!({"name": "A & B=é", "password": "p+w %26", "remember": true, "roles": ["a", "b c"]});
    assert_eq!(
        desk.ask("obstacles_files_login", arguments).await,
        json!({"result": "token"})
    );
    let body = "name=A%20%26%20B%3D%C3%A9&password=p%2Bw%20%2526&remember=1&roles=a&roles=b%20c";
    let headers = [
        HEADERS[0],
        HEADERS[1],
        "content-type: application/x-www-form-urlencoded",
    ];
    let sent = format!("{}{body}", request("POST /v1/login?brand=7", &headers, ""));
    assert_eq!(desk.sent(), sent);
    let mut call = obstacles::Login::new("A & B=é", "p+w %26");
    call.remember = Some(true);
    call.roles = Some(vec!["a".into(), "b c".into()]);
    assert_eq!(desk.typed(&call).await.unwrap(), "token");
    assert_eq!(desk.sent(), sent);
    let error = desk
        .refused("obstacles_files_login", json!({"name": "a", "password": ["hush-hush"]}))
        .await;
    assert!(!error.to_string().contains("hush-hush"), "{error}");
}

#[tokio::test]
async fn parts_have_the_vendors_names_and_long_queries_become_parts() {
    let desk = desk(vec![ok(json!({"stored": 3}))]).await;
    let tool = "obstacles_files_upload";
    let file = |name: &str, text: &str| json!({"name": name, "media_type": "text/plain", "content_base64": text});
    let arguments = json!({
        "description": "Two & more", "kind": "high", "files": [file("a.txt", "YQ=="), file("b.txt", "Yg==")],
        "cover": file("c.txt", "Yw=="), "details": {"field": "f", "values": [1, "x"]},
    });
    assert_eq!(desk.ask(tool, arguments).await, json!({"stored": 3}));
    let part = |name: &str, file: &str, content: &str| {
        format!(
            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
             Content-Type: text/plain\r\n\r\n{content}\r\n"
        )
    };
    let details = "--BOUNDARY\r\nContent-Disposition: form-data; name=\"details\"\r\n\r\n\
                   {\"field\":\"f\",\"values\":[1,\"x\"]}\r\n";
    let body = [
        &part("files[]", "a.txt", "a"),
        &part("files[]", "b.txt", "b"),
        &part("cover", "c.txt", "c"),
        details,
        "--BOUNDARY--\r\n",
    ]
    .concat();
    let headers = [
        HEADERS[0],
        HEADERS[1],
        "content-type: multipart/form-data; boundary=BOUNDARY",
    ];
    let line = "POST /v1/files?description=Two%20%26%20more&kind=10&brand=7";
    assert_eq!(desk.sent(), format!("{}{body}", request(line, &headers, "")));

    // Too long for an address: the same text as a part.
    let long = "x".repeat(5000);
    let mut call = obstacles::UploadFiles::new([File {
        name: "a.txt".into(),
        media_type: "text/plain".into(),
        content: b"a".to_vec(),
    }]);
    call.description = Some(long.clone());
    assert_eq!(desk.typed(&call).await.unwrap(), json!({"stored": 3}));
    let body = format!(
        "--BOUNDARY\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n{long}\r\n{}--BOUNDARY--\r\n",
        part("files[]", "a.txt", "a")
    );
    assert_eq!(
        desk.sent(),
        format!("{}{body}", request("POST /v1/files?brand=7", &headers, ""))
    );

    let many: Vec<Value> = (0..11).map(|_| file("a", "")).collect();
    desk.refuses_only(tool, json!({ "files": many }), "files").await;
    desk.refuses_only(tool, json!({"files": [file("a", "")], "cover": "text"}), "cover")
        .await;
}

/// The number that was made for a quote, as text, out of a request that must be as written but for it.
fn made(sent: &str) -> String {
    let (before, after) = sent.split_once(r#""quote-number":""#).unwrap();
    let (number, after) = after.split_once('"').unwrap();
    let rest = format!(r#"{before}"quote-number":"N"{after}"#);
    assert_eq!(
        rest,
        to("POST", "/comments/1/quotes", r#"{"text":"x","quote-number":"N"}"#)
    );
    number.to_owned()
}

#[tokio::test]
async fn a_number_left_out_is_made_sent_once_and_told() {
    let arguments = json!({"id": 1, "text": "x"});
    let mut all = Vec::new();
    // The vendor repeats the number, or says something else, or nothing at all.
    for (reply, told) in [
        (
            ok(json!({"comment": {"quote-number": "as the vendor has it"}})),
            Some("as the vendor has it"),
        ),
        (ok(json!({"comment": {"id": 5}})), None),
        (empty(202), None),
    ] {
        let desk = desk(vec![reply]).await;
        let answer = desk.ask("obstacles_comments_quote", arguments.clone()).await;
        let number = made(&desk.sent());
        assert_eq!(answer["quote-number"], json!(told.unwrap_or(&number)));
        all.push(number);
        let mut call = obstacles::QuoteComment::new(1);
        call.text = Some("x".into());
        let typed = desk.typed(&call).await.unwrap();
        let number = made(&desk.sent());
        assert_eq!(typed.extra["quote-number"], json!(told.unwrap_or(&number)));
        all.push(number);
    }
    for number in &all {
        let value: i64 = number.parse().unwrap();
        assert!((1..=9_007_199_254_740_991).contains(&value), "{number}");
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 6, "each call has its own: {all:?}");
}

#[tokio::test]
async fn a_number_given_is_kept_and_told_where_the_outcome_is_unknown() {
    let arguments = json!({"id": 1, "quote_number": 9_007_199_254_740_991_i64});
    let body = r#"{"quote-number":"9007199254740991"}"#;
    let tool = "obstacles_comments_quote";
    for reply in [Reply::json(500, "{}"), Reply::json(200, "<html>")] {
        let desk = desk(vec![reply]).await;
        let error = desk.fail(tool, arguments.clone()).await;
        assert_eq!(desk.sent(), to("POST", "/comments/1/quotes", body));
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("`quote_number` 9007199254740991"), "{hint}");
        // One that was made is told as well: the call can be repeated with it.
        let error = desk.fail(tool, json!({"id": 1, "text": "x"})).await;
        let number = made(&desk.sent());
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains(&format!("`quote_number` {number}:")), "{hint}");
    }
    // What was refused was not carried out: there is nothing to be known again.
    for status in [400, 404, 429] {
        let desk = desk(vec![Reply::json(status, "{}")]).await;
        let error = desk.fail(tool, arguments.clone()).await;
        assert!(!error["hint"].to_string().contains("quote_number"), "{error:#}");
    }
    let desk = desk(vec![empty(200)]).await;
    for wrong in [
        json!(0),
        json!(-5),
        json!(9_007_199_254_740_992_i64),
        json!("x"),
        json!(1.5),
    ] {
        desk.refuses_only(tool, json!({"id": 1, "quote_number": wrong}), "quote_number")
            .await;
    }
}
