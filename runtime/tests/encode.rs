//! Requests, byte for byte.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod vendor;

use std::collections::BTreeMap;

use deskhand_runtime::Operation;
use deskhand_runtime::arguments::{CheckSettings, check};
use deskhand_runtime::encode::{WireBody, WireRequest, encode};
use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::http::BaseUrl;
use deskhand_runtime::operation::{Body, Effect};
use deskhand_runtime::shape::{Field, Place, Presence, QueryStyle, Shape};
use proptest::prelude::*;
use serde_json::{Value, json};
use vendor::field;

const fn query(name: &'static str, style: QueryStyle, shape: Shape) -> Field {
    field(name, Place::Query(style), shape)
}

const fn path(name: &'static str) -> Field {
    Field {
        presence: Presence::Required,
        ..field(name, Place::Path, Shape::Text)
    }
}

const TEXTS: Shape = Shape::List(&Shape::Text);
const FILES: Shape = Shape::List(&Shape::File);
const OBJECT: Shape = Shape::Map(&Shape::Any);

operation!(SEARCH, [
    query("word", QueryStyle::Repeat, Shape::Text),
    query("count", QueryStyle::Repeat, Shape::Int),
    query("open", QueryStyle::Repeat, Shape::Bool),
    query("repeat", QueryStyle::Repeat, TEXTS),
    query("comma", QueryStyle::Comma, TEXTS),
    query("brackets", QueryStyle::Brackets, TEXTS),
    query("deep", QueryStyle::Deep, OBJECT),
    query("json", QueryStyle::Json, OBJECT),
    Field { wire: "renamed-on.wire", ..query("renamed", QueryStyle::Repeat, Shape::Text) },
    Field { wire: "X-Trace", ..field("trace", Place::Header, Shape::Text) },
    field("really", Place::Flag, Shape::Bool),
], { path: "/things/search/" });

operation!(ONE, [path("account"), path("thing")], { path: "/account/{account}/thing/{thing}/" });
operation!(PART, [path("thing")], { path: "/things/v-{thing}" });
operation!(TAIL, [path("page"), query("word", QueryStyle::Repeat, Shape::Text)], { path: "/tree/{page*}" });
operation!(VARIABLE, [path("thing")], { path: "/site/{subdomain}/{thing}" });
operation!(WORD, [path("thing"), query("word", QueryStyle::Repeat, Shape::Text)], { path: "/thing/{thing}/words" });

const MEMBERS: [Field; 3] = [
    Field {
        wire: "subject-line",
        ..field("subject", Place::Body, Shape::Text)
    },
    field("tags", Place::Body, TEXTS),
    field("more", Place::Body, OBJECT),
];
operation!(JSON, [MEMBERS[0], MEMBERS[1], MEMBERS[2]], { http_method: "POST", body: Body::Json, effect: Effect::Write });
operation!(UNDER, [MEMBERS[0], MEMBERS[1], MEMBERS[2]], { http_method: "PUT", body: Body::JsonUnder("data"), effect: Effect::Write });
operation!(FORM, [MEMBERS[0], MEMBERS[1], MEMBERS[2]], { http_method: "POST", body: Body::Form, effect: Effect::Write });
operation!(REMOVE, [MEMBERS[0], MEMBERS[1], MEMBERS[2]], { http_method: "DELETE", body: Body::Json, effect: Effect::Destructive });
operation!(BARE_REMOVE, [path("thing")], { http_method: "DELETE", path: "/thing/{thing}", effect: Effect::Destructive });
operation!(WHOLE, [field("body", Place::WholeBody, Shape::List(&Shape::Int))], { http_method: "PUT", body: Body::WholeJson });
operation!(WHOLE_TEXT, [field("body", Place::WholeBody, Shape::Text)], { http_method: "PUT", body: Body::WholeJson });
operation!(UPLOAD, [
    query("kind", QueryStyle::Repeat, Shape::Text),
    field("record", Place::QueryOrPart, OBJECT),
    field("number", Place::QueryOrPart, Shape::Int),
    field("files", Place::Part, FILES),
    field("labels", Place::Part, TEXTS),
    field("note", Place::Body, Shape::Text),
], { http_method: "POST", path: "/upload", body: Body::Multipart, effect: Effect::Write });

fn base() -> BaseUrl {
    BaseUrl::parse("https://api.acme.example/v1").unwrap()
}

fn request(operation: &'static Operation, arguments: Value) -> Result<WireRequest, Error> {
    let Value::Object(arguments) = arguments else {
        panic!("an object")
    };
    let checked = check(operation, arguments, &CheckSettings::default())?;
    let variables = BTreeMap::from([("subdomain".to_owned(), "no rth".to_owned())]);
    encode(operation, &base(), &checked.values, &[], &variables)
}

/// Without the check of arguments: encoding is safe on its own.
fn unchecked(operation: &'static Operation, arguments: Value) -> Result<WireRequest, Error> {
    let fields = (operation.input)().fields.iter();
    let values: Vec<_> = fields
        .filter_map(|field| Some((field, arguments.get(field.name)?.clone())))
        .collect();
    let variables = BTreeMap::from([("subdomain".to_owned(), "no rth".to_owned())]);
    encode(operation, &base(), &values, &[], &variables)
}

fn url(request: Result<WireRequest, Error>) -> String {
    let request = request.unwrap();
    request
        .url
        .strip_prefix("https://api.acme.example/v1")
        .unwrap()
        .to_owned()
}

fn body(operation: &'static Operation, arguments: Value) -> (String, String) {
    let (media_type, bytes) = request(operation, arguments).unwrap().body.into_wire().unwrap();
    (media_type, String::from_utf8(bytes).unwrap())
}

#[test]
fn queries() {
    for (arguments, expected) in [
        (json!({}), "/things/search/"),
        (json!({"word": "a b"}), "/things/search/?word=a%20b"),
        (
            json!({"word": "a+b&c=d/é"}),
            "/things/search/?word=a%2Bb%26c%3Dd%2F%C3%A9",
        ),
        (json!({"word": ""}), "/things/search/?word="),
        (json!({"open": true, "count": -3}), "/things/search/?count=-3&open=true"),
        (json!({"repeat": ["a", "b c"]}), "/things/search/?repeat=a&repeat=b%20c"),
        (json!({"repeat": []}), "/things/search/"),
        (json!({"comma": ["a", "b c"]}), "/things/search/?comma=a,b%20c"),
        (
            json!({"brackets": ["a", "b"]}),
            "/things/search/?brackets%5B%5D=a&brackets%5B%5D=b",
        ),
        (
            json!({"deep": {"state": "open", "by": {"id": 5}, "in": ["x", "y"]}}),
            "/things/search/?deep%5Bstate%5D=open&deep%5Bby%5D%5Bid%5D=5&deep%5Bin%5D%5B%5D=x&deep%5Bin%5D%5B%5D=y",
        ),
        (
            json!({"json": {"a": [1, "x"]}}),
            "/things/search/?json=%7B%22a%22%3A%5B1%2C%22x%22%5D%7D",
        ),
        (json!({"renamed": "1"}), "/things/search/?renamed-on.wire=1"),
        (json!({"really": true}), "/things/search/"),
        // Table order, whatever the order of the arguments.
        (
            json!({"renamed": "z", "count": 1, "word": "a"}),
            "/things/search/?word=a&count=1&renamed-on.wire=z",
        ),
    ] {
        assert_eq!(url(request(&SEARCH, arguments.clone())), expected, "{arguments}");
    }
}

#[test]
fn link_parameters_replace_values_of_the_same_name() {
    let arguments = json!({"word": "a", "count": 1}).as_object().unwrap().clone();
    let checked = check(&SEARCH, arguments, &CheckSettings::default()).unwrap();
    let link = [
        ("word".to_owned(), "b&c".to_owned()),
        ("cursor".to_owned(), "x=".to_owned()),
    ];
    let request = encode(&SEARCH, &base(), &checked.values, &link, &BTreeMap::new()).unwrap();
    assert_eq!(
        request.url,
        "https://api.acme.example/v1/things/search/?count=1&word=b%26c&cursor=x%3D"
    );
}

#[test]
fn paths() {
    for (operation, arguments, expected) in [
        (&ONE, json!({"account": "a", "thing": "b"}), "/account/a/thing/b/"),
        (
            &ONE,
            json!({"account": "a/../b", "thing": "x?y#z"}),
            "/account/a%2F..%2Fb/thing/x%3Fy%23z/",
        ),
        (
            &ONE,
            json!({"account": "%2e%2e", "thing": "..."}),
            "/account/%252e%252e/thing/.../",
        ),
        (&PART, json!({"thing": ".."}), "/things/v-.."),
        (&VARIABLE, json!({"thing": "b"}), "/site/no%20rth/b"),
        (&TAIL, json!({"page": "en/a b/c.d"}), "/tree/en/a%20b/c.d"),
        (&TAIL, json!({"page": "/en/articles/"}), "/tree/en/articles/"),
        (&TAIL, json!({"page": "en/%2e%2e/x"}), "/tree/en/%252e%252e/x"),
    ] {
        assert_eq!(url(unchecked(operation, arguments.clone())), expected, "{arguments}");
    }
}

#[test]
fn what_would_leave_its_place_in_the_path_is_refused() {
    for (operation, arguments, named) in [
        (&ONE, json!({"account": "", "thing": "b"}), "account"),
        (&ONE, json!({"account": "..", "thing": "b"}), "account"),
        (&ONE, json!({"account": "a", "thing": "."}), "thing"),
        (&TAIL, json!({"page": "a/../b"}), "page"),
        (&TAIL, json!({"page": "a/./b"}), "page"),
        (&TAIL, json!({"page": ".."}), "page"),
        (&TAIL, json!({"page": "../b"}), "page"),
        (&TAIL, json!({"page": "a//b"}), "page"),
        (&TAIL, json!({"page": "//evil.example/b"}), "page"),
        (&TAIL, json!({"page": "a//"}), "page"),
        (&TAIL, json!({"page": "/"}), "page"),
        (&TAIL, json!({"page": ""}), "page"),
    ] {
        for refused in [
            unchecked(operation, arguments.clone()),
            request(operation, arguments.clone()),
        ] {
            let error = refused.unwrap_err();
            assert_eq!(error.code(), Code::InvalidArguments, "{arguments}");
            assert!(error.message().contains(named), "{arguments}: {error}");
        }
    }
}

#[test]
fn json_bodies() {
    let all = json!({"subject": "Hi \"you\"", "tags": ["a"], "more": {"n": null}});
    let members = r#"{"subject-line":"Hi \"you\"","tags":["a"],"more":{"n":null}}"#;
    for (operation, arguments, expected) in [
        (&JSON, json!({}), "{}".to_owned()),
        (&JSON, all.clone(), members.to_owned()),
        (&UNDER, json!({}), r#"{"data":{}}"#.to_owned()),
        (&UNDER, all.clone(), format!(r#"{{"data":{members}}}"#)),
        (&REMOVE, json!({"subject": "x"}), r#"{"subject-line":"x"}"#.to_owned()),
        (&WHOLE, json!({"body": [3, 1]}), "[3,1]".to_owned()),
        (&WHOLE, json!({"body": []}), "[]".to_owned()),
        (&WHOLE_TEXT, json!({"body": "x"}), r#""x""#.to_owned()),
    ] {
        let written = body(operation, arguments.clone());
        assert_eq!(written, ("application/json".to_owned(), expected), "{arguments}");
    }
    assert_eq!(
        request(&BARE_REMOVE, json!({"thing": "5"})).unwrap().body,
        WireBody::None
    );
    assert_eq!(request(&SEARCH, json!({"word": "5"})).unwrap().body, WireBody::None);
}

#[test]
fn form_bodies() {
    assert_eq!(
        body(&FORM, json!({"subject": "a b&c", "tags": ["x", "y"], "more": {"k": 1}})),
        (
            "application/x-www-form-urlencoded".to_owned(),
            "subject-line=a%20b%26c&tags=x&tags=y&more=%7B%22k%22%3A1%7D".to_owned()
        )
    );
}

#[test]
fn multipart_bodies() {
    let arguments = json!({
        "kind": "attachment",
        "record": {"subject": "Hi"},
        "number": 7,
        "files": [
            {"name": "a.txt", "media_type": "text/plain", "content_base64": "aGVsbG8="},
            {"name": "q\"\r\nX-Evil: 1.png", "media_type": "image/png", "content_base64": "AP8="},
        ],
        "labels": ["one", "two"],
        "note": "n",
    });
    let request = unchecked(&UPLOAD, arguments).unwrap();
    assert_eq!(
        request.url,
        "https://api.acme.example/v1/upload?kind=attachment&record=%7B%22subject%22%3A%22Hi%22%7D&number=7"
    );
    let (media_type, bytes) = request.body.clone().into_wire().unwrap();
    let boundary = media_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let mut expected = Vec::new();
    for (head, content) in [
        (
            "name=\"files\"; filename=\"a.txt\"\r\nContent-Type: text/plain",
            b"hello".as_slice(),
        ),
        (
            "name=\"files\"; filename=\"q%22%0D%0AX-Evil: 1.png\"\r\nContent-Type: image/png",
            b"\x00\xff",
        ),
        ("name=\"labels\"", b"one"),
        ("name=\"labels\"", b"two"),
        ("name=\"note\"", b"n"),
    ] {
        expected
            .extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        expected.extend_from_slice(content);
        expected.extend_from_slice(b"\r\n");
    }
    expected.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&expected));
    assert_eq!(bytes, expected);
    assert_eq!(
        request.body.into_wire().unwrap().0,
        media_type,
        "the same parts, the same boundary"
    );
}

#[test]
fn long_records_move_from_the_query_into_the_form_all_together() {
    // The target is `/v1/upload?record=%22…%22`-like; its length is counted exactly.
    let fixed = "/v1/upload?kind=k&record=%7B%22s%22%3A%22%22%7D&number=7".len();
    let arguments = |length: usize| json!({"kind": "k", "record": {"s": "x".repeat(length)}, "number": 7});
    let fits = request(&UPLOAD, arguments(4096 - fixed)).unwrap();
    assert_eq!(fits.url.len(), "https://api.acme.example".len() + 4096);
    assert_eq!(fits.body, WireBody::Multipart(Vec::new()));
    let long = request(&UPLOAD, arguments(4097 - fixed)).unwrap();
    assert_eq!(long.url, "https://api.acme.example/v1/upload?kind=k");
    let WireBody::Multipart(parts) = long.body else {
        panic!("a form")
    };
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part.name.as_str(), part.content.len(), part.file.is_none()))
        .collect();
    assert_eq!(parts, [("record", 4097 - fixed + 8, true), ("number", 1, true)]);
}

#[test]
fn headers_carry_no_line_breaks() {
    let request_with = |trace: &str| unchecked(&SEARCH, json!({ "trace": trace }));
    assert_eq!(request_with("a b").unwrap().headers, [("X-Trace", "a b".to_owned())]);
    for trace in ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\u{7f}"] {
        assert_eq!(
            request_with(trace).unwrap_err().code(),
            Code::InvalidArguments,
            "{trace:?}"
        );
    }
}

#[test]
fn files_that_cannot_be_written_are_refused() {
    for file in [
        json!({"name": "a", "media_type": "text/plain\r\nX: 1", "content_base64": ""}),
        json!({"name": "a", "media_type": "text", "content_base64": ""}),
        json!({"name": "a", "media_type": "text/plain", "content_base64": "***"}),
    ] {
        let error = unchecked(&UPLOAD, json!({ "files": [file] })).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArguments, "{error}");
    }
}

const HOSTILE: &[&str] = &[
    "a/../b?x=1&y",
    "a\r\nHost: evil.example",
    "a\0b",
    "🦊 emoji",
    "%2e%2e",
    "%2F..%2f",
    ";",
    "#",
    "\\",
    "\\\\evil.example\\x",
    "//evil.example",
    "@evil.example",
    ":80",
    "{thing}",
    "http://evil.example/",
    "\t \u{a0}",
    "\u{202e}",
    "+",
    "&&==",
    "'\"<>",
];

/// Whatever the text, it arrives where its field says, and nothing else moves.
fn holds(path_text: &str, query_text: &str) {
    let variables = BTreeMap::new();
    let table = (WORD.input)();
    let values = [
        (&table.fields[0], Value::from(path_text)),
        (&table.fields[1], Value::from(query_text)),
    ];
    let encoded = encode(&WORD, &base(), &values, &[], &variables);
    if path_text.is_empty() || matches!(path_text, "." | "..") {
        assert_eq!(encoded.unwrap_err().code(), Code::InvalidArguments);
        return;
    }
    let url = url::Url::parse(&encoded.unwrap().url).unwrap();
    assert_eq!(url.origin().ascii_serialization(), "https://api.acme.example");
    assert!(url.fragment().is_none() && url.username().is_empty() && url.password().is_none());
    let segments: Vec<_> = url.path_segments().unwrap().map(decoded).collect();
    assert_eq!(segments, ["v1", "thing", path_text, "words"]);
    let pairs: Vec<_> = url.query().unwrap().split('&').collect();
    let [pair] = pairs[..] else { panic!("one pair") };
    assert_eq!(decoded(pair.strip_prefix("word=").unwrap()), query_text);
    assert!(url.query().unwrap().bytes().all(|b| b.is_ascii_graphic() && b != b'+'));
}

/// Percent-decodes; written here so that the test shares nothing with what it tests.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn hostile_texts_stay_in_their_place() {
    for path_text in HOSTILE {
        for query_text in HOSTILE {
            holds(path_text, query_text);
        }
    }
    holds(&"x".repeat(20_000), &"🦊".repeat(2_000));
}

#[test]
fn what_no_address_can_hold_is_refused() {
    let table = (WORD.input)();
    for (path_length, query_length) in [(100_000, 1), (1, 100_000)] {
        let values = [
            (&table.fields[0], Value::from("x".repeat(path_length))),
            (&table.fields[1], Value::from("x".repeat(query_length))),
        ];
        let error = encode(&WORD, &base(), &values, &[], &BTreeMap::new()).unwrap_err();
        assert_eq!(error.code(), Code::PayloadTooLarge);
        assert!(error.message().len() < 300);
    }
}

fn tail_holds(tail: &str) {
    let table = (TAIL.input)();
    let values = [(&table.fields[0], Value::from(tail))];
    let Ok(request) = encode(&TAIL, &base(), &values, &[], &BTreeMap::new()) else {
        let bare = tail.strip_prefix('/').unwrap_or(tail);
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        assert!(
            bare.split('/').any(|segment| matches!(segment, "" | "." | "..")),
            "{tail:?} was refused"
        );
        return;
    };
    let url = url::Url::parse(&request.url).unwrap();
    assert_eq!(url.origin().ascii_serialization(), "https://api.acme.example");
    assert!(url.query().is_none() && url.fragment().is_none());
    let path = url.path().strip_prefix("/v1/tree/").unwrap();
    let segments: Vec<_> = path.split('/').map(decoded).collect();
    let given: Vec<_> = tail.strip_prefix('/').unwrap_or(tail).split('/').collect();
    assert_eq!(segments, given);
}

proptest! {
    #[test]
    fn any_text_stays_in_its_place(path_text in ".{0,40}", query_text in ".{0,40}") {
        holds(&path_text, &query_text);
    }

    #[test]
    fn any_bytes_of_unicode_stay_in_their_place(
        path_text in prop::collection::vec(any::<char>(), 0..20),
        query_text in prop::collection::vec(any::<char>(), 0..20),
    ) {
        holds(&path_text.iter().collect::<String>(), &query_text.iter().collect::<String>());
    }

    #[test]
    fn dots_and_slashes_stay_in_their_place(text in r"[./\\%2eE]{0,8}") {
        holds(&text, &text);
        tail_holds(&text);
    }

    #[test]
    fn any_tail_stays_below_its_root(text in ".{1,40}") {
        tail_holds(&text);
    }
}

#[test]
fn debug_output_shows_no_values() {
    let request = request(&SEARCH, json!({"word": "confidential"})).unwrap();
    assert!(!format!("{request:?}").contains("confidential"));
}
