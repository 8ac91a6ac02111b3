//! What answers mean: contents, failures, limits.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod vendor;

use deskhand_runtime::Operation;
use deskhand_runtime::answer::{Content, Outcome, read};
use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::http::RawAnswer;
use deskhand_runtime::limits::{self, RateLimit};
use deskhand_runtime::operation::{Answer, AnswerKind, Effect, LimitRules, ResetUnit};
use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use serde_json::{Value, json};
use vendor::{ANSWER, INTEGRATION};

operation!(WHOLE, [], {});
operation!(RECORD, [], { answer: Answer { at: &["/data", "/thing"], ..ANSWER } });
operation!(MAYBE, [], { answer: Answer { at: &["/data"], may_be_empty: true, ..ANSWER } });
operation!(CHANGE, [], { effect: Effect::Write, idempotent: false, answer: Answer { at: &["/data"], ..ANSWER } });
operation!(LIST, [], { answer: Answer { kind: AnswerKind::List, at: &["/data", "/things", ""], total: Some("/meta/count"), ..ANSWER } });
operation!(MAYBE_LIST, [], { answer: Answer { kind: AnswerKind::List, at: &["/data"], may_be_empty: true, ..ANSWER } });
operation!(TEXT, [], { answer: Answer { kind: AnswerKind::Text, ..ANSWER } });
operation!(SILENT, [], { answer: Answer { kind: AnswerKind::Empty, ..ANSWER } });
operation!(EXISTS, [], { answer: Answer { kind: AnswerKind::Exists, ..ANSWER } });
operation!(REDIRECT, [], { answer: Answer { kind: AnswerKind::Redirect, ..ANSWER } });
operation!(GRANTED, [], { access: &["scope `tickets:read`", "plan Pro"] });

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    pairs.iter().map(pair).collect()
}

fn answered(operation: &Operation, status: u16, told: &[(&str, &str)], body: &str) -> Result<Outcome, Error> {
    let raw = RawAnswer {
        status,
        headers: headers(told),
        body: body.as_bytes().to_vec(),
    };
    read(
        &INTEGRATION,
        operation,
        "https://acme.example/api/things?a=1",
        raw,
        Timestamp::UNIX_EPOCH,
    )
}

fn content(operation: &Operation, status: u16, body: &str) -> Content {
    answered(operation, status, &[], body).unwrap().content
}

fn failed(operation: &Operation, status: u16, body: &str) -> Error {
    answered(operation, status, &[], body).unwrap_err()
}

fn list(items: Value, total: Option<u64>, rest: Value) -> Content {
    Content::List {
        items: items.as_array().unwrap().clone(),
        total,
        rest,
    }
}

#[test]
fn records() {
    for status in [200, 201, 202, 206, 207] {
        assert_eq!(
            content(&WHOLE, status, r#"{"id": 1}"#),
            Content::Record(json!({"id": 1}))
        );
    }
    for (operation, body, expected) in [
        (&WHOLE, "[1]", json!([1])),
        (&WHOLE, "\"x\"", json!("x")),
        (&WHOLE, "null", json!(null)),
        (
            &RECORD,
            r#"{"error": false, "data": {"id": 1, "odd": [null]}}"#,
            json!({"id": 1, "odd": [null]}),
        ),
        (&RECORD, r#"{"thing": {"id": 2}}"#, json!({"id": 2})),
        (&RECORD, r#"{"thing": {"id": 2}, "data": {}}"#, json!({})),
        (
            &WHOLE,
            r#"{"big": 9007199254740993, "z": 1, "a": 2}"#,
            json!({"big": 9_007_199_254_740_993_i64, "z": 1, "a": 2}),
        ),
    ] {
        assert_eq!(content(operation, 200, body), Content::Record(expected), "{body}");
    }
    // Members keep their order.
    let Content::Record(value) = content(&WHOLE, 200, r#"{"z":1,"a":2}"#) else {
        panic!()
    };
    assert_eq!(value.to_string(), r#"{"z":1,"a":2}"#);
}

#[test]
fn answers_without_content() {
    for (status, body) in [(204, ""), (200, ""), (200, " \r\n")] {
        assert_eq!(content(&MAYBE, status, body), Content::Empty);
        assert_eq!(content(&SILENT, status, body), Content::Empty);
        // A change that was made is no failure.
        assert_eq!(content(&CHANGE, status, body), Content::Empty);
        assert_eq!(content(&MAYBE_LIST, status, body), list(json!([]), None, json!(null)));
        assert_eq!(failed(&RECORD, status, body).code(), Code::UpstreamInvalidResponse);
        assert_eq!(failed(&LIST, status, body).code(), Code::UpstreamInvalidResponse);
    }
    assert_eq!(content(&MAYBE, 200, r#"{"data": null}"#), Content::Empty);
    assert_eq!(content(&MAYBE, 200, r#"{"ok": 1}"#), Content::Empty);
    assert_eq!(content(&SILENT, 200, "whatever"), Content::Empty);
}

#[test]
fn lists() {
    for (body, expected) in [
        (
            r#"{"data": [1, 2], "meta": {"count": 7}}"#,
            list(json!([1, 2]), Some(7), json!({"data": null, "meta": {"count": 7}})),
        ),
        (
            r#"{"things": [], "meta": {"count": "7"}}"#,
            list(json!([]), Some(7), json!({"things": null, "meta": {"count": "7"}})),
        ),
        (r#"[{"id": 1}]"#, list(json!([{"id": 1}]), None, json!(null))),
        (
            r#"{"data": null, "meta": {"count": -1}}"#,
            list(json!([]), None, json!({"data": null, "meta": {"count": -1}})),
        ),
        (
            r#"{"data": {}, "things": [3]}"#,
            list(json!([3]), None, json!({"data": {}, "things": null})),
        ),
    ] {
        assert_eq!(content(&LIST, 200, body), expected, "{body}");
    }
    for body in [r#"{"other": []}"#, r#"{"data": {}}"#, "3"] {
        let error = failed(&LIST, 200, body);
        assert_eq!(error.code(), Code::UpstreamInvalidResponse, "{body}");
        assert!(error.message().contains("/data or /things"), "{error}");
    }
}

#[test]
fn other_kinds() {
    assert_eq!(content(&TEXT, 200, "pong"), Content::Text("pong".into()));
    assert_eq!(content(&TEXT, 200, "{\"a\":1}"), Content::Text("{\"a\":1}".into()));
    assert_eq!(content(&EXISTS, 200, ""), Content::Exists(true));
    assert_eq!(content(&EXISTS, 204, ""), Content::Exists(true));
    assert_eq!(content(&EXISTS, 404, ""), Content::Exists(false));
    assert_eq!(
        content(&EXISTS, 404, r#"{"reason": "not_found"}"#),
        Content::Exists(false)
    );
    assert_eq!(
        failed(&EXISTS, 404, r#"{"reason": "not_subscribed"}"#).code(),
        Code::Forbidden
    );
    assert_eq!(failed(&EXISTS, 401, "").code(), Code::Unauthorized);
    assert_eq!(failed(&REDIRECT, 200, "{}").code(), Code::UpstreamInvalidResponse);
}

#[test]
fn redirects_of_the_same_host_are_told() {
    let answer = |location| answered(&RECORD, 301, &[("Location", location)], "").unwrap_err();
    let moved = answer("/api/things/7?token=1");
    assert_eq!(
        moved.message(),
        "HTTP 301: the helpdesk redirects this call; redirects are not followed. It points to /api/things/7."
    );
    assert!(!answer("https://login.example/x").message().contains("login.example"));
}

#[test]
fn a_flag_inside_a_good_status_is_a_failure() {
    let error = failed(
        &RECORD,
        200,
        r#"{"error": true, "reason": "invalid_data", "data": {"message": "No."}}"#,
    );
    assert_eq!((error.code(), error.status()), (Code::UpstreamError, Some(200)));
    assert_eq!(error.message(), "HTTP 200 invalid_data: No.");
    let error = failed(&SILENT, 206, r#"{"error": true, "reason": "x"}"#);
    assert_eq!(error.message(), "HTTP 206: x");
}

#[test]
fn statuses() {
    for (status, code) in [
        (400, Code::UpstreamError),
        (401, Code::Unauthorized),
        (402, Code::UpstreamError),
        (403, Code::Forbidden),
        (404, Code::NotFound),
        (405, Code::UpstreamError),
        (408, Code::UpstreamTimeout),
        (409, Code::Conflict),
        (410, Code::NotFound),
        (413, Code::PayloadTooLarge),
        (414, Code::UpstreamError),
        (415, Code::UpstreamError),
        (420, Code::RateLimited),
        (422, Code::UpstreamError),
        (423, Code::QuotaExhausted),
        (429, Code::RateLimited),
        (500, Code::UpstreamError),
        (502, Code::UpstreamError),
        (503, Code::UpstreamError),
        (504, Code::UpstreamTimeout),
        (599, Code::UpstreamError),
    ] {
        for body in ["", "{}", "<html>", "null", "[]"] {
            let error = failed(&RECORD, status, body);
            assert_eq!((error.code(), error.status()), (code, Some(status)), "{status} {body}");
            assert!(!error.hint().unwrap().is_empty());
            assert!(error.message().starts_with(&format!("HTTP {status}")), "{error}");
        }
    }
}

#[test]
fn failures_say_what_the_vendor_said() {
    for (status, body, message) in [
        (
            404,
            r#"{"error": true, "reason": "not_found", "data": {}}"#,
            "HTTP 404: not_found",
        ),
        (400, r#"{"error": {"msg": "Bad thing"}}"#, "HTTP 400: Bad thing"),
        (
            400,
            r#"{"error": {"code": 17, "msg": "Bad thing"}}"#,
            "HTTP 400 17: Bad thing",
        ),
        (500, r#"{"status": 500, "message": "a\r\n\u0000 b"}"#, "HTTP 500: a b"),
        (
            500,
            r#"{"message": ["one", {"field": "two"}]}"#,
            "HTTP 500: one; field: two",
        ),
        (502, "<html><body>Bad</body></html>", "HTTP 502: Bad Gateway"),
        (599, "", "HTTP 599"),
        (500, r#"{"message": ""}"#, "HTTP 500: Internal Server Error"),
    ] {
        assert_eq!(failed(&RECORD, status, body).message(), message, "{body}");
    }
    let long = failed(&RECORD, 400, &json!({"message": "é".repeat(5000)}).to_string());
    assert_eq!(long.message().chars().count(), "HTTP 400: ".len() + 500 + 1);
}

#[test]
fn hints() {
    let error = failed(&RECORD, 404, r#"{"reason": "not_subscribed"}"#);
    assert_eq!(
        (error.code(), error.hint()),
        (Code::Forbidden, Some("Install the plugin."))
    );
    let error = failed(&RECORD, 422, "{}");
    assert_eq!(
        (error.code(), error.hint()),
        (Code::UpstreamError, Some("Look at the field names."))
    );
    let error = failed(&RECORD, 400, r#"{"reason": "not_subscribed"}"#);
    assert_eq!(error.code(), Code::UpstreamError);
    let error = failed(&GRANTED, 403, "");
    assert!(
        error.hint().unwrap().contains("scope `tickets:read`, plan Pro"),
        "{error}"
    );
    assert!(
        failed(&CHANGE, 503, "")
            .hint()
            .unwrap()
            .contains("not known whether the change was made")
    );
    assert!(!failed(&RECORD, 503, "").hint().unwrap().contains("not known whether"));
}

#[test]
fn bodies_of_failures_are_kept_when_they_are_short() {
    let kept = |status, body: &str| failed(&RECORD, status, body).upstream_body().cloned();
    assert_eq!(kept(400, r#"{"a": [1]}"#), Some(json!({"a": [1]})));
    assert_eq!(kept(502, ""), None);
    assert_eq!(
        kept(
            502,
            "<html><head><style>b{}</style><SCRIPT>x<y</SCRIPT></head><h1>Bad&nbsp;Gateway</h1>\n nginx 1 < 2</html>"
        ),
        Some(json!("Bad&nbsp;Gateway nginx 1 < 2"))
    );
    assert_eq!(kept(502, "upstream\u{0} down"), Some(json!("upstream down")));
    assert_eq!(kept(502, &"x".repeat(2048)), Some(json!("x".repeat(2048))));
    assert_eq!(kept(502, &"x".repeat(2049)), None);
    assert_eq!(kept(502, &format!("<div>{}</div>", "x ".repeat(2000))), None);
    assert_eq!(kept(400, &json!({"a": "x".repeat(20_000)}).to_string()), None);
    let invalid = RawAnswer {
        status: 500,
        headers: HeaderMap::new(),
        body: vec![0xff, 0xfe, b'<'],
    };
    let error = read(
        &INTEGRATION,
        &RECORD,
        "https://acme.example",
        invalid,
        Timestamp::UNIX_EPOCH,
    )
    .unwrap_err();
    assert_eq!(error.code(), Code::UpstreamError);
}

#[test]
fn bad_json_with_a_good_status() {
    for body in [r#"{"data": {"#, "<html>Sign in</html>", "{} {}", "\u{feff}{}"] {
        let error = failed(&RECORD, 200, body);
        assert_eq!(
            (error.code(), error.status()),
            (Code::UpstreamInvalidResponse, Some(200)),
            "{body}"
        );
    }
    assert_eq!(
        failed(&RECORD, 200, "<p>Sign in</p>").upstream_body(),
        Some(&json!("Sign in"))
    );
    let error = failed(&RECORD, 200, r#"{"other": 1}"#);
    assert!(error.message().contains("/data or /thing"), "{error}");
}

const RULES: LimitRules = LimitRules {
    remaining: None,
    limit: None,
    reset: None,
    used_of_limit: None,
    retry_after: None,
    throttle_statuses: &[429],
    quota_statuses: &[],
    doc: "",
};
const TRIPLE: LimitRules = LimitRules {
    remaining: Some("X-RateLimit-Remaining"),
    limit: Some("X-RateLimit-Limit"),
    reset: Some(("X-RateLimit-Reset", ResetUnit::UnixSeconds)),
    ..RULES
};
const MILLIS: LimitRules = LimitRules {
    reset: Some(("X-Reset", ResetUnit::UnixMillis)),
    ..RULES
};
const SECONDS: LimitRules = LimitRules {
    reset: Some(("X-Reset", ResetUnit::Seconds)),
    ..RULES
};
const USED: LimitRules = LimitRules {
    used_of_limit: Some("X-Gorgias-Account-Api-Call-Limit"),
    retry_after: Some("Retry-after"),
    ..RULES
};
const LEFT: LimitRules = LimitRules {
    remaining: Some("X-Rate-Limit-Remaining"),
    ..RULES
};

#[test]
fn limits_told_by_headers() {
    type Case = (
        &'static LimitRules,
        &'static [(&'static str, &'static str)],
        [Option<u64>; 3],
        Option<u64>,
    );
    // 1,000,000 s after 1970 is Mon, 12 Jan 1970 13:46:40 GMT.
    let now = Timestamp::from_second(1_000_000).unwrap();
    let cases: &[Case] = &[
        (
            &USED,
            &[("x-gorgias-account-api-call-limit", "40/40"), ("Retry-after", "12")],
            [Some(40), Some(0), Some(12)],
            Some(12),
        ),
        (
            &USED,
            &[("X-Gorgias-Account-Api-Call-Limit", " 10 / 80 ")],
            [Some(80), Some(70), None],
            None,
        ),
        (
            &USED,
            &[("X-Gorgias-Account-Api-Call-Limit", "41/40")],
            [Some(40), Some(0), None],
            None,
        ),
        (
            &USED,
            &[("X-Gorgias-Account-Api-Call-Limit", "many")],
            [None, None, None],
            None,
        ),
        (&LEFT, &[("x-rate-limit-remaining", "49")], [None, Some(49), None], None),
        (&LEFT, &[("x-rate-limit-remaining", "-1")], [None, None, None], None),
        (&LEFT, &[("x-rate-limit-remaining", "")], [None, None, None], None),
        (&LEFT, &[("RateLimit-Limit", "9")], [None, None, None], None),
        (
            &TRIPLE,
            &[
                ("x-ratelimit-limit", "100, 100;w=60"),
                ("x-ratelimit-remaining", "7"),
                ("x-ratelimit-reset", "1000030"),
            ],
            [Some(100), Some(7), Some(30)],
            None,
        ),
        (&TRIPLE, &[("x-ratelimit-reset", "999000")], [None, None, Some(0)], None),
        (&TRIPLE, &[("x-ratelimit-reset", "soon")], [None, None, None], None),
        (
            &TRIPLE,
            &[("x-ratelimit-reset", "99999999999999999999")],
            [None, None, None],
            None,
        ),
        (
            &TRIPLE,
            &[("x-ratelimit-reset", "4102444800")],
            [None, None, None],
            None,
        ),
        (&MILLIS, &[("x-reset", "1000000500")], [None, None, Some(1)], None),
        (&SECONDS, &[("x-reset", "1.2")], [None, None, Some(2)], None),
        (
            &SECONDS,
            &[("x-reset", "20"), ("Retry-After", "3")],
            [None, None, Some(20)],
            Some(3),
        ),
        (
            &RULES,
            &[("Retry-After", "Mon, 12 Jan 1970 13:47:10 GMT")],
            [None, None, Some(30)],
            Some(30),
        ),
        (
            &RULES,
            &[("Retry-After", "Mon, 12 Jan 1970 13:00:00 GMT")],
            [None, None, Some(0)],
            Some(0),
        ),
        (&RULES, &[("Retry-After", "-5")], [None, None, None], None),
        (&RULES, &[("Retry-After", "99999999999")], [None, None, None], None),
        (
            &RULES,
            &[
                ("RateLimit-Limit", "10"),
                ("RateLimit-Remaining", "3"),
                ("RateLimit-Reset", "9"),
            ],
            [Some(10), Some(3), Some(9)],
            None,
        ),
        (
            &RULES,
            &[
                ("RateLimit", "\"default\";r=50;t=30"),
                ("RateLimit-Policy", "\"default\";q=100;w=60"),
            ],
            [Some(100), Some(50), Some(30)],
            None,
        ),
        (
            &RULES,
            &[("RateLimit", "limit=100, remaining=50, reset=30")],
            [Some(100), Some(50), Some(30)],
            None,
        ),
        (
            &RULES,
            &[("X-RateLimit-Reset", "1000010")],
            [None, None, Some(1_000_010)],
            None,
        ),
        (&RULES, &[("X-RateLimit-Remaining", "5")], [None, Some(5), None], None),
        (&RULES, &[], [None, None, None], None),
    ];
    for (rules, told, [limit, remaining, reset], wait) in cases {
        let read = limits::read(rules, &headers(told), now);
        let expected = RateLimit {
            limit: *limit,
            remaining: *remaining,
            reset: *reset,
        };
        assert_eq!(
            read.rate_limit,
            (expected != RateLimit::default()).then_some(expected),
            "{told:?}"
        );
        assert_eq!(read.retry_after.map(|wait| wait.as_secs()), *wait, "{told:?}");
    }
}

#[test]
fn limits_come_with_good_and_bad_answers() {
    let told = [("X-Left", "0"), ("X-Limit", "50"), ("X-Reset", "17")];
    let facts = Some(RateLimit {
        limit: Some(50),
        remaining: Some(0),
        reset: Some(17),
    });
    assert_eq!(answered(&WHOLE, 200, &told, "{}").unwrap().rate_limit, facts);
    let error = answered(&WHOLE, 200, &told, "{").unwrap_err();
    assert_eq!((error.rate_limit().copied(), error.retry_after()), (facts, None));
    // Without a pause told, a refusal points to the reset.
    let error = answered(&WHOLE, 429, &told, "").unwrap_err();
    assert_eq!(error.rate_limit().copied(), facts);
    assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(17));
    let error = answered(
        &WHOLE,
        429,
        &[("X-Acme-Call-Limit", "40/40"), ("Retry-after", "12")],
        "",
    )
    .unwrap_err();
    let shown = error.to_json();
    assert_eq!(
        shown["error"]["ratelimit"],
        json!({"limit": 40, "remaining": 0, "reset": 12})
    );
    assert_eq!(shown["error"]["retry_after"], 12);
    let error = answered(&WHOLE, 503, &[("Retry-After", "3")], "").unwrap_err();
    assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(3));
}

#[test]
fn debug_output_shows_no_content() {
    let outcome = answered(&WHOLE, 200, &[], r#"{"email": "ann@example.com"}"#).unwrap();
    assert!(!format!("{outcome:?}").contains("ann@"));
    let error = failed(&RECORD, 400, r#"{"email": "ann@example.com"}"#);
    assert!(!format!("{error:?}").contains("ann@"));
}
