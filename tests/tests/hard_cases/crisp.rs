//! Crisp: tiers, the envelope, null and absent, HEAD, bodies in DELETE, throttling by three statuses, raw tree paths.

use deskhand_runtime::record::{Names, to_object};
use deskhand_runtime::{Code, Patch};
use deskhand_sample_crisp as crisp;
use deskhand_tests::server::Reply;
use serde_json::{Value, json};

use super::{Desk, code, connect, empty, ok, request, typed_code};

pub(crate) const WEBSITE: &str = "8c842203-7ed8-4e29-a608-7cf78a7d2fcc";
pub(crate) const SESSION: &str = "session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44";
const OTHER_SESSION: &str = "session_b58a1f0e-6d3e-4b68-8d0b-0f6f6a1d9a02";
const OPERATOR: &str = "a4c32c68-be91-4e29-a608-976e93abbe3f";
const INBOX: &str = "5f2b7d4c-1b6e-4a8c-9f0d-3c2b1a0e9d8f";
const PERSON: &str = "c5a2f70c-f605-4648-b47f-8c39d4b03a50";

/// The settings of an account; base64 of identifier, colon and key is in [`HEADERS`].
pub(crate) const ACCOUNT: [(&str, &str); 3] = [
    ("website_id", WEBSITE),
    ("identifier", "e47d500b-7e27-4c5f-8bd4-4e7b8e4b2b7d"),
    ("key", "0123456789abcdef0123456789abcdef"),
];

pub(crate) const HEADERS: [&str; 3] = [
    "accept: application/json",
    "authorization: Basic ZTQ3ZDUwMGItN2UyNy00YzVmLThiZDQtNGU3YjhlNGIyYjdkOjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm",
    "x-crisp-tier: website",
];

pub(crate) async fn desk(replies: Vec<Reply>) -> Desk {
    Desk::start(&crisp::INTEGRATION, &ACCOUNT, "/v1", replies).await
}

/// A request as it must be; the line goes on after the path of the website.
pub(crate) fn to(method: &str, path: &str, json: &str) -> String {
    let line = format!("{method} /v1/website/8c842203-7ed8-4e29-a608-7cf78a7d2fcc{path}");
    request(&line, &HEADERS, json)
}

/// An answer in the vendor's envelope.
pub(crate) fn data(status: u16, reason: &str, data: Value) -> Reply {
    Reply::json(
        status,
        json!({"error": false, "reason": reason, "data": data}).to_string(),
    )
}

fn failure(status: u16, reason: &str, data: Value) -> Reply {
    Reply::json(
        status,
        json!({"error": true, "reason": reason, "data": data}).to_string(),
    )
}

#[tokio::test]
async fn every_request_bears_login_and_tier() {
    for (given, tier) in [(None, "website"), (Some("plugin"), "plugin"), (Some("user"), "user")] {
        let mut settings = ACCOUNT.to_vec();
        settings.extend(given.map(|tier| ("tier", tier)));
        let replies = vec![data(201, "added", json!({"session_id": SESSION}))];
        let desk = Desk::start(&crisp::INTEGRATION, &settings, "/v1", replies).await;
        let created = desk.ask("create_a_crisp_conversation", json!({})).await;
        assert_eq!(created, json!({"session_id": SESSION}));
        let tier = format!("x-crisp-tier: {tier}");
        let headers = [HEADERS[0], HEADERS[1], &tier];
        let line = "POST /v1/website/8c842203-7ed8-4e29-a608-7cf78a7d2fcc/conversation";
        assert_eq!(desk.sent(), request(line, &headers, ""));
    }
}

#[test]
fn settings_are_checked_when_the_account_is_made() {
    let with = |name: &'static str, value: &'static str| {
        let mut settings = ACCOUNT.to_vec();
        settings.retain(|(known, _)| *known != name);
        settings.push((name, value));
        connect(&crisp::INTEGRATION, &settings, None).map(|_| ())
    };
    for (name, value, told) in [
        ("tier", "admin", "one of website, plugin, user"),
        ("website_id", "my-website", "a UUID"),
        ("website_id", "", "is missing"),
        ("key", "", "is missing"),
        ("identifier", "me", "a UUID"),
        ("key", "a\r\nX-Evil: 1", "line breaks"),
    ] {
        let error = with(name, value).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArguments);
        assert_eq!(error.faults()[0].argument, name);
        assert!(error.message().contains(told), "{error}");
        assert!(!error.to_string().contains("X-Evil"), "{error}");
    }
    // People copy with blanks around.
    with("website_id", " 8c842203-7ed8-4e29-a608-7cf78a7d2fcc\n").unwrap();
}

/// A conversation as the vendor might send it, with values and members that no spec knows.
fn conversation() -> Value {
    json!({
        "session_id": SESSION,
        "website_id": WEBSITE,
        "inbox_id": null,
        "people_id": PERSON,
        "state": "snoozed",
        "status": 7,
        "is_verified": false,
        "is_blocked": false,
        "availability": "away",
        "active": {"now": false, "last": 1_767_225_600_123_i64},
        "last_message": "Where is my order?",
        "mentions": [],
        "assigned": {"user_id": OPERATOR, "since": 1},
        "meta": {
            "nickname": "A visitor",
            "email": "visitor@example.com",
            "phone": "",
            "ip": "203.0.113.7",
            "data": {"plan": "pro", "seats": 4, "trial": false, "ratio": 0.5},
            "segments": ["vip", "émigré"],
            "device": {"geolocation": {"country": "FR", "coordinates": {"latitude": 48.85, "longitude": 2.35}}},
        },
        "created_at": 1_767_225_600_000_i64,
        "updated_at": 1_767_225_600_999_i64,
        "waiting_since": null,
        "topic": null,
        "unread": {"operator": 0, "visitor": 9_007_199_254_740_993_i64},
    })
}

#[tokio::test]
async fn the_envelope_is_taken_off_and_nothing_else() {
    let desk = desk(vec![data(200, "resolved", conversation())]).await;
    let sent = to("GET", "/conversation/session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44", "");
    let outcome = desk
        .call("get_single_crisp_conversation_by_id", json!({"session_id": SESSION}))
        .await;
    assert_eq!(desk.sent(), sent);
    assert_eq!((outcome.status, outcome.rate_limit), (Some(200), None));
    // As text, so that the order of members counts too.
    assert_eq!(outcome.to_structured().to_string(), conversation().to_string());

    let typed = desk.typed(&crisp::GetConversation::new(SESSION)).await.unwrap();
    assert_eq!(desk.sent(), sent);
    assert_eq!(typed.inbox_id, Patch::Clear);
    assert_eq!(typed.status, Some(crisp::ConversationState::Unknown(7)));
    assert_eq!(typed.availability, Some(crisp::Availability::Unknown("away".into())));
    assert_eq!(typed.waiting_since, Patch::Clear);
    assert_eq!(Value::Object(to_object(&typed, Names::Wire)), conversation());
}

#[tokio::test]
async fn the_website_comes_from_the_account_unless_it_is_given() {
    let desk = desk(vec![data(200, "resolved", json!({"session_id": SESSION}))]).await;
    let other = "11111111-2222-4333-8444-555555555555";
    let tool = "get_single_crisp_conversation_by_id";
    desk.ask(tool, json!({"session_id": SESSION, "website_id": other}))
        .await;
    let line = "GET /v1/website/11111111-2222-4333-8444-555555555555/conversation/\
                session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44";
    assert_eq!(desk.sent(), request(line, &HEADERS, ""));
    // Null is as good as left out.
    desk.ask(tool, json!({"session_id": SESSION, "website_id": null})).await;
    assert_eq!(
        desk.sent(),
        to("GET", "/conversation/session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44", "")
    );
    let mut call = crisp::GetConversation::new(SESSION);
    call.website_id = Some(other.into());
    desk.typed(&call).await.unwrap();
    assert_eq!(desk.sent(), request(line, &HEADERS, ""));
    let arguments = json!({"session_id": SESSION, "website_id": "example.com"});
    let message = desk.refuses_only(tool, arguments, "website_id").await;
    assert!(message.contains("a UUID"), "{message}");
}

#[tokio::test]
async fn an_identifier_of_the_wrong_kind_is_refused_with_where_to_get_the_right_one() {
    let desk = desk(vec![empty(500)]).await;
    let error = desk
        .refused("get_single_crisp_people_datum_by_id", json!({"people_id": SESSION}))
        .await;
    let fault = &error["arguments"][0];
    assert_eq!(fault["argument"], json!("people_id"));
    assert_eq!(
        fault["get_it_from"],
        json!(["list_all_crisp_conversations", "get_single_crisp_conversation_by_id"])
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("PeopleId") && message.contains("list_all_crisp_conversations"),
        "{message}"
    );
    // The other way round, where the form tells which kind it is not; and a UUID without its prefix.
    for wrong in [PERSON, "session_", "session_3e1c6a8a", ""] {
        let error = desk
            .refused("get_single_crisp_conversation_by_id", json!({"session_id": wrong}))
            .await;
        let fault = &error["arguments"][0];
        assert_eq!(fault["argument"], json!("session_id"));
        assert_eq!(
            fault["get_it_from"],
            json!(["list_all_crisp_conversations", "create_a_crisp_conversation"])
        );
    }
    // Missing altogether.
    let error = desk.refused("get_single_crisp_people_datum_by_id", json!({})).await;
    assert_eq!(error["arguments"][0]["argument"], json!("people_id"));
    assert_eq!(
        error["arguments"][0]["get_it_from"],
        json!(["list_all_crisp_conversations", "get_single_crisp_conversation_by_id"])
    );
    // Typed clients are checked as well.
    assert_eq!(
        typed_code(desk.typed(&crisp::GetPeopleData::new(SESSION)).await),
        Code::InvalidArguments
    );
    assert_eq!(desk.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn null_absent_and_a_value_are_three_things() {
    let desk = desk(vec![data(200, "updated", json!({}))]).await;
    let tool = "crisp_conversations_update_routing";
    let path = "/conversation/session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44/routing";
    let operator = r#"{"assigned":{"user_id":"a4c32c68-be91-4e29-a608-976e93abbe3f"}}"#;
    for (arguments, body) in [
        (
            json!({"session_id": SESSION, "assigned": {"user_id": OPERATOR}}),
            operator,
        ),
        // JSON given as text.
        (
            json!({"session_id": SESSION, "assigned": "{\"user_id\": \"a4c32c68-be91-4e29-a608-976e93abbe3f\"}"}),
            operator,
        ),
        (json!({"session_id": SESSION, "assigned": null}), r#"{"assigned":null}"#),
        (
            json!({"session_id": SESSION, "clear": ["assigned"]}),
            r#"{"assigned":null}"#,
        ),
        (
            json!({"session_id": SESSION, "clear": "[\"assigned\"]"}),
            r#"{"assigned":null}"#,
        ),
        (
            json!({"session_id": SESSION, "clear": ["assigned"], "silent": true}),
            r#"{"assigned":null,"silent":true}"#,
        ),
    ] {
        assert_eq!(desk.ask(tool, arguments).await, json!({"ok": true}));
        assert_eq!(desk.sent(), to("PATCH", path, body));
    }
    // The key must be there: left out is no way to say nobody.
    let message = desk
        .refuses_only(tool, json!({"session_id": SESSION}), "assigned")
        .await;
    assert!(message.contains("required"), "{message}");
    let both = json!({"session_id": SESSION, "assigned": {"user_id": OPERATOR}, "clear": ["assigned"]});
    desk.refuses_only(tool, both, "assigned").await;
    let message = desk
        .refuses_only(
            tool,
            json!({"session_id": SESSION, "assigned": null, "clear": ["silent"]}),
            "clear.0",
        )
        .await;
    assert!(message.contains("assigned"), "{message}");
    desk.refuses_only(tool, json!({"session_id": SESSION, "assigned": {}}), "assigned.user_id")
        .await;

    let assigned = crisp::UserRef::new(OPERATOR);
    let mut call = crisp::UpdateRouting::new(SESSION);
    call.assigned = assigned.into();
    desk.typed(&call).await.unwrap();
    assert_eq!(desk.sent(), to("PATCH", path, operator));
    call.assigned = Patch::Clear;
    desk.typed(&call).await.unwrap();
    assert_eq!(desk.sent(), to("PATCH", path, r#"{"assigned":null}"#));
    let absent = desk.typed(&crisp::UpdateRouting::new(SESSION)).await;
    assert_eq!(typed_code(absent), Code::InvalidArguments);
    assert_eq!(desk.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_main_inbox_is_null() {
    let desk = desk(vec![data(200, "updated", json!({}))]).await;
    let path = "/conversation/session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44/inbox";
    for (arguments, body) in [
        (json!({"session_id": SESSION, "inbox_id": null}), r#"{"inbox_id":null}"#),
        (
            json!({"session_id": SESSION, "clear": ["inbox_id"]}),
            r#"{"inbox_id":null}"#,
        ),
        (
            json!({"session_id": SESSION, "inbox_id": INBOX}),
            r#"{"inbox_id":"5f2b7d4c-1b6e-4a8c-9f0d-3c2b1a0e9d8f"}"#,
        ),
    ] {
        desk.ask("crisp_conversations_update_inbox", arguments).await;
        assert_eq!(desk.sent(), to("PATCH", path, body));
    }
}

#[tokio::test]
async fn blocking_says_what_it_is_told() {
    let desk = desk(vec![data(200, "updated", json!({}))]).await;
    let path = "/conversation/session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44/block";
    for (given, body) in [
        (json!(true), r#"{"blocked":true}"#),
        (json!("false"), r#"{"blocked":false}"#),
    ] {
        let arguments = json!({"session_id": SESSION, "blocked": given});
        let answer = desk.ask("update_a_crisp_conversation_block_by_id", arguments).await;
        assert_eq!(answer, json!({"ok": true}));
        assert_eq!(desk.sent(), to("PATCH", path, body));
    }
}

#[tokio::test]
async fn no_conversations_at_all_is_not_all_conversations() {
    let desk = desk(vec![data(200, "resolved", json!({}))]).await;
    let tool = "crisp_conversations_resolve_many";
    let message = desk.refuses_only(tool, json!({"sessions": []}), "sessions").await;
    assert!(
        message.contains("resolves every conversation") && message.contains("`all`"),
        "{message}"
    );
    desk.refuses_only(tool, json!({"sessions": "[]"}), "sessions").await;
    desk.refuses_only(tool, json!({"sessions": [], "all": false}), "sessions")
        .await;
    // Left out means all to the vendor, too.
    desk.refused(tool, json!({"all": false})).await;
    desk.refused(tool, json!({})).await;
    desk.refuses_only(tool, json!({"sessions": [PERSON]}), "sessions.0")
        .await;

    for (arguments, body) in [
        (json!({"sessions": [], "all": true}), r#"{"sessions":[]}"#),
        (
            json!({"sessions": [], "all": true, "inbox_id": INBOX}),
            r#"{"inbox_id":"5f2b7d4c-1b6e-4a8c-9f0d-3c2b1a0e9d8f","sessions":[]}"#,
        ),
        (
            json!({"sessions": [SESSION, OTHER_SESSION], "clear": ["inbox_id"]}),
            r#"{"inbox_id":null,"sessions":["session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44","session_b58a1f0e-6d3e-4b68-8d0b-0f6f6a1d9a02"]}"#,
        ),
    ] {
        assert_eq!(desk.ask(tool, arguments).await, json!({"ok": true}));
        assert_eq!(desk.sent(), to("PATCH", "/batch/resolve", body));
    }

    let mut call = crisp::ResolveMany::new([]);
    assert_eq!(typed_code(desk.typed(&call).await), Code::InvalidArguments);
    assert_eq!(desk.requests(), Vec::<String>::new());
    call.all = Some(true);
    desk.typed(&call).await.unwrap();
    assert_eq!(desk.sent(), to("PATCH", "/batch/resolve", r#"{"sessions":[]}"#));
}

#[tokio::test]
async fn a_head_request_tells_whether_it_exists() {
    let path = "/conversation/session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44";
    for (status, exists) in [(200, true), (404, false)] {
        let desk = desk(vec![empty(status)]).await;
        let answer = desk
            .ask("crisp_conversations_check", json!({"session_id": SESSION}))
            .await;
        assert_eq!(answer, json!({ "exists": exists }));
        assert_eq!(desk.sent(), to("HEAD", path, ""));
        assert_eq!(
            desk.typed(&crisp::CheckConversation::new(SESSION)).await.unwrap(),
            exists
        );
        assert_eq!(desk.sent(), to("HEAD", path, ""));
    }
    // Anything else is no answer to the question.
    for (status, expected) in [
        (401, "unauthorized"),
        (403, "forbidden"),
        (429, "rate_limited"),
        (500, "upstream_error"),
    ] {
        let desk = desk(vec![empty(status)]).await;
        let error = desk
            .fail("crisp_conversations_check", json!({"session_id": SESSION}))
            .await;
        assert_eq!((code(&error), &error["status"]), (expected, &json!(status)));
        assert_eq!(desk.sent(), to("HEAD", path, ""));
    }
}

#[tokio::test]
async fn a_delete_carries_a_body() {
    let desk = desk(vec![data(200, "deleted", json!({}))]).await;
    let answer = desk
        .ask("crisp_people_data_delete_suggested_key", json!({"key": "plan"}))
        .await;
    assert_eq!(answer, json!({"ok": true}));
    assert_eq!(desk.sent(), to("DELETE", "/people/suggest/data", r#"{"key":"plan"}"#));
    desk.typed(&crisp::DeleteSuggestedPeopleDataKey::new("plan"))
        .await
        .unwrap();
    assert_eq!(desk.sent(), to("DELETE", "/people/suggest/data", r#"{"key":"plan"}"#));

    // Under its alias, too; what was deleted is named by the account's variable.
    let verify = json!({"verify": {"method": "password", "secret": "correct horse"}});
    let body = r#"{"verify":{"method":"password","secret":"correct horse"}}"#;
    for tool in ["delete_a_crisp_website", "delete_a_crisp_website_by_id"] {
        assert_eq!(desk.ask(tool, verify.clone()).await, json!({ "id": WEBSITE }));
        assert_eq!(desk.sent(), to("DELETE", "", body));
    }
    let wrong = json!({"verify": {"method": "guess", "secret": "correct horse"}});
    let error = desk.refused("delete_a_crisp_website_by_id", wrong).await;
    assert_eq!(error["arguments"][0]["argument"], json!("verify.method"));
    assert!(!error.to_string().contains("correct horse"), "{error}");
    let debug = format!(
        "{:?}",
        crisp::Verification::new(crisp::VerificationMethod::Password, "correct horse")
    );
    assert!(!debug.contains("correct horse"), "{debug}");
}

#[tokio::test]
async fn throttling_is_handed_over_at_once_and_sent_once() {
    let path = "/conversation/session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44";
    for (status, reason, expected) in [
        (420, "rate_limited", "rate_limited"),
        (429, "rate_limited", "rate_limited"),
        (423, "quota_limit_exceeded", "quota_exhausted"),
    ] {
        let desk = desk(vec![failure(status, reason, json!({}))]).await;
        let tool = "get_single_crisp_conversation_by_id";
        let outcome = desk.call(tool, json!({"session_id": SESSION})).await;
        assert_eq!(desk.sent(), to("GET", path, ""));
        assert_eq!(outcome.status, Some(status));
        assert_eq!(outcome.rate_limit, None);
        let error = &outcome.to_structured()["error"];
        assert_eq!(error["status"], json!(status));
        assert_eq!(code(error), expected);
        assert_eq!(error["origin"], json!("upstream"));
        assert_eq!(error.get("retry_after"), None, "the vendor told no wait");
        assert_eq!(error["upstream"], json!({"error": true, "reason": reason, "data": {}}));
        if status == 423 {
            let advice = "The day's allowance of the token is used up. Wait until tomorrow.";
            assert_eq!(error["hint"], json!(advice));
        }
        let typed = desk.typed(&crisp::GetConversation::new(SESSION)).await.unwrap_err();
        assert_eq!((typed.code().word(), typed.status()), (expected, Some(status)));
        assert!(typed.is_rate_limited());
        assert_eq!(desk.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_reason_tells_more_than_the_status() {
    let not_installed = "The plugin is not installed on this website, or the website ID is another's. \
                         Install the plugin or correct the ID.";
    let tier = "This route is closed to the token's tier. Connect a token of another tier.";
    let scope = "The token lacks the scope. Grant it in the marketplace settings of the plugin.";
    for (status, reason, expected, advice) in [
        (404, "not_subscribed", "forbidden", Some(not_installed)),
        (404, "not_found", "not_found", None),
        (403, "restricted_route_tier", "forbidden", Some(tier)),
        (400, "restricted_route_tier", "forbidden", Some(tier)),
        (403, "not_allowed", "forbidden", Some(scope)),
        (401, "invalid_session", "unauthorized", None),
        (405, "method_not_allowed", "upstream_error", None),
    ] {
        let desk = desk(vec![failure(status, reason, json!({"message": "Said by the vendor"}))]).await;
        let error = desk.fail("list_all_crisp_spam_conversations", json!({})).await;
        assert_eq!((code(&error), &error["status"]), (expected, &json!(status)), "{reason}");
        assert_eq!(
            error["message"],
            json!(format!("HTTP {status} {reason}: Said by the vendor")),
            "{reason}"
        );
        if let Some(advice) = advice {
            assert_eq!(error["hint"], json!(advice), "{reason}");
        } else {
            assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{reason}");
        }
        assert_eq!(desk.requests().len(), 1);
    }
    // Without a word of the vendor, what the operation needs is named.
    let desk = desk(vec![empty(403)]).await;
    let error = desk.fail("list_all_crisp_spam_conversations", json!({})).await;
    assert!(error["hint"].as_str().unwrap().contains("user tier"), "{error:#}");
}

#[tokio::test]
async fn an_error_inside_a_good_status_is_an_error() {
    for (reason, expected) in [("not_subscribed", "forbidden"), ("invalid_data", "upstream_error")] {
        let desk = desk(vec![failure(200, reason, json!({"message": "No."}))]).await;
        for (tool, arguments) in [
            ("list_all_crisp_conversations", json!({})),
            ("get_single_crisp_conversation_by_id", json!({"session_id": SESSION})),
            // Also where nothing else of the answer is read.
            (
                "crisp_conversations_update_inbox",
                json!({"session_id": SESSION, "inbox_id": null}),
            ),
        ] {
            let error = desk.fail(tool, arguments).await;
            assert_eq!((code(&error), &error["status"]), (expected, &json!(200)), "{tool}");
            assert_eq!(error["origin"], json!("upstream"));
            assert_eq!(error["message"], json!(format!("HTTP 200 {reason}: No.")));
            assert_eq!(desk.requests().len(), 1);
        }
        let mut call = crisp::UpdateInbox::new(SESSION);
        call.inbox_id = Patch::Clear;
        let typed = desk.typed(&call).await;
        assert_eq!(typed_code(typed).word(), expected);
    }
}

#[tokio::test]
async fn only_the_slashes_of_a_tree_path_stay() {
    let entry = json!({"type": "article", "slug": "refunds", "children": [{"slug": "x", "children": []}]});
    let desk = desk(vec![data(200, "resolved", entry.clone())]).await;
    let tool = "crisp_helpdesk_trees_get_path";
    for (path, target) in [
        ("refunds", "refunds"),
        ("billing/refunds", "billing/refunds"),
        ("/billing/refunds", "billing/refunds"),
        ("billing/refunds/", "billing/refunds/"),
        ("how to/pay & go", "how%20to/pay%20%26%20go"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("50%/100%2f", "50%25/100%252f"),
        ("a%2e%2e/b", "a%252e%252e/b"),
        ("...", "..."),
        (".hidden/a..b", ".hidden/a..b"),
        ("a;b:c@d/e+f,g=h", "a%3Bb%3Ac%40d/e%2Bf%2Cg%3Dh"),
        ("caf\u{e9}/\u{65e5}\u{672c}", "caf%C3%A9/%E6%97%A5%E6%9C%AC"),
        ("https:/example.com", "https%3A/example.com"),
        ("back\\slash", "back%5Cslash"),
        ("{locale}", "%7Blocale%7D"),
    ] {
        let arguments = json!({"locale": "en", "content_type": "articles", "path": path});
        assert_eq!(desk.ask(tool, arguments).await, entry);
        let sent = to("GET", &format!("/helpdesk/tree/path/en/articles/{target}"), "");
        assert_eq!(desk.sent(), sent);
        let call = crisp::GetHelpdeskTree::new("en", crisp::HelpdeskContent::Articles, path);
        let typed = desk.typed(&call).await.unwrap();
        assert_eq!(desk.sent(), sent);
        assert_eq!(Value::Object(to_object(&typed, Names::Wire)), entry);
    }
    for hostile in [
        "",
        "/",
        "//",
        "..",
        ".",
        "../x",
        "a/../b",
        "a/..",
        "a/.",
        "./a",
        "a//b",
        "//a",
        "a//",
        "..\\x",
        "a\\..\\b",
        "a\nb",
        "a\r\nX: y",
        "a\tb",
        "a\0b",
    ] {
        let arguments = json!({"locale": "en", "content_type": "articles", "path": hostile});
        desk.refuses_only(tool, arguments, "path").await;
    }
    // What is no tail keeps no slash.
    for (locale, argument) in [("en/../de", "locale"), ("e", "locale"), ("en?x", "locale")] {
        let arguments = json!({"locale": locale, "content_type": "articles", "path": "a"});
        desk.refuses_only(tool, arguments, argument).await;
    }
    let arguments = json!({"locale": "en", "content_type": "articels", "path": "a"});
    let error = desk.refused(tool, arguments).await;
    assert_eq!(error["arguments"][0]["did_you_mean"], json!("articles"));
}

#[tokio::test]
async fn a_member_of_the_body_may_be_called_like_a_part_of_the_path() {
    let desk = desk(vec![data(200, "updated", json!({}))]).await;
    let arguments = json!({
        "locale": "pt-br", "content_type": "guides", "path": "old/place", "action": "move",
        "target": {"to": "new/place"}, "position": 0,
    });
    assert_eq!(
        desk.ask("crisp_helpdesk_trees_move", arguments).await,
        json!({"ok": true})
    );
    let body = r#"{"action":"move","path":{"to":"new/place"},"position":0}"#;
    let sent = to("PATCH", "/helpdesk/tree/path/pt-br/guides/old/place", body);
    assert_eq!(desk.sent(), sent);
    let mut call = crisp::MoveHelpdeskTree::new("pt-br", crisp::HelpdeskContent::Guides, "old/place", "move");
    call.target = Some(crisp::HelpdeskTarget::new("new/place"));
    call.position = Some(0);
    desk.typed(&call).await.unwrap();
    assert_eq!(desk.sent(), sent);
}

#[tokio::test]
async fn the_data_of_people_is_wrapped_both_ways() {
    let kept = json!({"data": {"plan": "pro", "seats": 4, "trial": false, "score": 0.1}});
    let desk = desk(vec![data(200, "resolved", kept.clone())]).await;
    let answer = desk
        .ask("get_single_crisp_people_datum_by_id", json!({"people_id": PERSON}))
        .await;
    assert_eq!(answer, kept);
    let path = "/people/data/c5a2f70c-f605-4648-b47f-8c39d4b03a50";
    assert_eq!(desk.sent(), to("GET", path, ""));
    let typed = desk.typed(&crisp::GetPeopleData::new(PERSON)).await.unwrap();
    assert_eq!(Value::Object(to_object(&typed, Names::Wire)), kept);
    desk.requests();

    let tool = "update_a_crisp_people_datum_by_id";
    let body = r#"{"data":{"plan":"pro","seats":4,"trial":false,"1st":"x","ratio":0.25}}"#;
    let values = r#"{"plan":"pro","seats":4,"trial":false,"1st":"x","ratio":0.25}"#;
    let values: Value = serde_json::from_str(values).unwrap();
    for given in [values.clone(), json!(values.to_string())] {
        let answer = desk.ask(tool, json!({"people_id": PERSON, "data": given})).await;
        assert_eq!(answer, json!({"ok": true}));
        assert_eq!(desk.sent(), to("PATCH", path, body));
    }
    for (name, wrong) in [
        ("list", json!([1])),
        ("object", json!({"a": 1})),
        ("nothing", Value::Null),
    ] {
        let arguments = json!({"people_id": PERSON, "data": {name: wrong}});
        desk.refuses_only(tool, arguments, &format!("data.{name}")).await;
    }
}

#[tokio::test]
async fn a_search_is_checked_and_written_by_its_type() {
    let desk = desk(vec![data(206, "listed", json!([]))]).await;
    let tool = "list_all_crisp_conversations";
    let filter = json!([{"model": "people", "criterion": "email", "operator": "eq", "query": ["a&b@example.com"]}]);
    let wire = "%5B%7B%22model%22%3A%22people%22%2C%22criterion%22%3A%22email%22%2C%22operator%22%3A%22eq%22%2C\
                %22query%22%3A%5B%22a%26b%40example.com%22%5D%7D%5D";
    for (arguments, query) in [
        (
            json!({"search_type": "text", "search_query": "refund & return", "limit": 20}),
            "?per_page=20&search_type=text&search_query=refund%20%26%20return".to_owned(),
        ),
        // Text stays text, even if it is JSON.
        (
            json!({"search_type": "segment", "search_query": "[1]"}),
            "?search_type=segment&search_query=%5B1%5D".to_owned(),
        ),
        (
            json!({"search_type": "filter", "search_query": filter, "search_operator": "or"}),
            format!("?search_type=filter&search_query={wire}&search_operator=or"),
        ),
        (
            json!({"search_type": "filter", "search_query": filter.to_string()}),
            format!("?search_type=filter&search_query={wire}"),
        ),
        (
            json!({
                "include_empty": true, "filter_unread": false, "filter_not_resolved": "true",
                "filter_assigned": OPERATOR, "filter_date_start": "2026-01-01T00:00:00Z", "filter_inbox_id": INBOX,
            }),
            "?include_empty=1&filter_inbox_id=5f2b7d4c-1b6e-4a8c-9f0d-3c2b1a0e9d8f&filter_unread=0\
             &filter_not_resolved=1&filter_assigned=a4c32c68-be91-4e29-a608-976e93abbe3f\
             &filter_date_start=2026-01-01T00%3A00%3A00Z"
                .to_owned(),
        ),
    ] {
        let answer = desk.ask(tool, arguments).await;
        assert_eq!(answer, json!({"result": [], "next_cursor": null, "result_count": 0}));
        assert_eq!(desk.sent(), to("GET", &format!("/conversations/1{query}"), ""));
    }
    for (arguments, argument) in [
        (json!({"search_query": "refund"}), "search_query"),
        (
            json!({"search_type": "filter", "search_query": "refund"}),
            "search_query",
        ),
        (json!({"search_type": "text", "search_query": filter}), "search_query"),
        (
            json!({"search_type": "filter", "search_query": [{"model": "people"}]}),
            "search_query.0.criterion",
        ),
        (
            json!({"search_type": "text", "search_query": "a", "search_operator": "and"}),
            "search_operator",
        ),
        (json!({"filter_resolved": true, "filter_not_resolved": true}), ""),
        (json!({"filter_assigned": OPERATOR, "filter_unassigned": true}), ""),
        (json!({"filter_date_start": "yesterday"}), "filter_date_start"),
        (json!({"filter_assigned": SESSION}), "filter_assigned"),
    ] {
        let error = desk.refused(tool, arguments.clone()).await;
        assert_eq!(
            error["arguments"][0]["argument"],
            json!(argument),
            "{arguments}: {error:#}"
        );
    }

    let mut call = crisp::ListConversations::new();
    call.search_type = Some(crisp::SearchType::Filter);
    let mut condition =
        crisp::SearchFilter::new("people", "email", crisp::FilterOperator::Eq, [json!("a&b@example.com")]);
    call.search_query = Some(crisp::ListConversationsSearchQuery::Filter(vec![condition.clone()]));
    desk.typed(&call).await.unwrap();
    let sent = format!("/conversations/1?search_type=filter&search_query={wire}");
    assert_eq!(desk.sent(), to("GET", &sent, ""));
    // An operator that the spec does not know yet.
    condition.operator = crisp::FilterOperator::Unknown("like".into());
    call.search_query = Some(crisp::ListConversationsSearchQuery::Filter(vec![condition]));
    desk.typed(&call).await.unwrap();
    assert!(desk.sent().contains("%22operator%22%3A%22like%22"));
}

#[tokio::test]
async fn an_answer_without_a_body_is_no_failure_of_an_upload_address() {
    let arguments = json!({
        "namespace": "upload", "id": "my-1", "file": {"name": "invoice.pdf", "type": "application/pdf"},
        "resource": {"type": "session", "id": SESSION},
    });
    let body = r#"{"namespace":"upload","id":"my-1","file":{"name":"invoice.pdf","type":"application/pdf"},"resource":{"type":"session","id":"session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44"}}"#;
    for reply in [empty(202), data(200, "processing", json!({})), ok(json!({}))] {
        let desk = desk(vec![reply]).await;
        let answer = desk.ask("crisp_bucket_urls_generate", arguments.clone()).await;
        assert_eq!(answer, json!({"ok": true}));
        assert_eq!(desk.sent(), request("POST /v1/bucket/url/generate", &HEADERS, body));
    }
}
