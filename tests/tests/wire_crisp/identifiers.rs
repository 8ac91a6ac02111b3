//! What is refused before anything is sent, and which tool the caller is sent to instead.

use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::{crisp, tool};
use serde_json::{Value, json};

const SESSION: &str = "session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44";
const PERSON: &str = "c5a2f70c-f605-4648-b47f-8c39d4b03a50";

/// The faults of a call that must be refused: argument, and the first tool that it names.
async fn refused(name: &str, arguments: Value) -> Vec<(String, Option<String>)> {
    let server = RawServer::start(|_, _| Reply::json(200, r#"{"error": false, "reason": "x", "data": {}}"#)).await;
    let outcome = tool(&crisp(&server.host()), name, arguments.clone()).await;
    assert!(server.take().is_empty(), "{name} {arguments}: nothing is sent");
    let told = outcome.into_structured();
    assert_eq!(
        told["error"]["code"], "invalid_arguments",
        "{name} {arguments}: {told:#}"
    );
    let faults = told["error"]["arguments"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    faults
        .iter()
        .map(|fault| {
            (
                text(&fault["argument"]).unwrap_or_default(),
                text(&fault["get_it_from"][0]),
            )
        })
        .collect()
}

#[tokio::test]
async fn an_identifier_of_another_kind_is_refused_and_its_tool_named() {
    let operator = "a4c32c68-be91-4e29-a608-976e93abbe3f";
    for (name, arguments, argument, source) in [
        (
            "get_single_crisp_people_datum_by_id",
            json!({"people_id": SESSION}),
            "people_id",
            "list_all_crisp_people_profiles",
        ),
        (
            "get_single_crisp_people_profile_by_id",
            json!({"people_id": SESSION}),
            "people_id",
            "list_all_crisp_people_profiles",
        ),
        (
            "update_a_crisp_people_datum_by_id",
            json!({"people_id": SESSION, "data": {"a": 1}}),
            "people_id",
            "list_all_crisp_people_profiles",
        ),
        (
            "get_single_crisp_conversation_by_id",
            json!({"session_id": PERSON}),
            "session_id",
            "list_all_crisp_conversations",
        ),
        (
            "list_all_crisp_messages",
            json!({"session_id": "browsing_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44"}),
            "session_id",
            "list_all_crisp_conversations",
        ),
        (
            "crisp_batch_conversations_unresolve",
            json!({"sessions": [SESSION, PERSON]}),
            "sessions.1",
            "list_all_crisp_conversations",
        ),
        (
            "crisp_conversations_update_routing",
            json!({"session_id": SESSION, "assigned": {"user_id": SESSION}}),
            "assigned.user_id",
            "list_all_crisp_operators",
        ),
        (
            "list_all_crisp_conversations",
            json!({"filter_assigned": "kim@example.com"}),
            "filter_assigned",
            "list_all_crisp_operators",
        ),
        (
            "crisp_conversations_update_inbox",
            json!({"session_id": SESSION, "inbox_id": "main"}),
            "inbox_id",
            "list_all_crisp_inboxes",
        ),
        (
            "get_single_crisp_spam_conversation_by_id",
            json!({"spam_id": SESSION}),
            "spam_id",
            "list_all_crisp_spam_conversations",
        ),
        (
            "get_single_crisp_original_message_by_id",
            json!({"session_id": SESSION, "original_id": "1"}),
            "original_id",
            "list_all_crisp_messages",
        ),
        (
            "crisp_conversation_browsing_sessions_control",
            json!({"session_id": SESSION, "browsing_id": SESSION, "action": "stop"}),
            "browsing_id",
            "list_all_crisp_conversation_browsing_sessions",
        ),
        (
            "delete_a_crisp_conversation_call_by_id",
            json!({"session_id": SESSION, "call_id": operator}),
            "call_id",
            "get_single_crisp_conversation_call_by_id",
        ),
    ] {
        let expected = vec![(argument.to_owned(), Some(source.to_owned()))];
        assert_eq!(refused(name, arguments.clone()).await, expected, "{name} {arguments}");
    }
}

#[tokio::test]
async fn fingerprints_are_those_of_messages_that_were_read() {
    for name in [
        "get_single_crisp_message_by_id",
        "update_a_crisp_message_by_id",
        "delete_a_crisp_message_by_id",
    ] {
        let with = |fingerprint: Option<Value>| {
            let mut arguments = json!({"session_id": SESSION});
            if name.starts_with("update") {
                arguments["content"] = "x".into();
            }
            if let Some(fingerprint) = fingerprint {
                arguments["fingerprint"] = fingerprint;
            }
            arguments
        };
        let expected = vec![("fingerprint".to_owned(), Some("list_all_crisp_messages".to_owned()))];
        for invented in [
            json!("msg_1"),
            json!(SESSION),
            json!(""),
            json!(-1),
            json!("-1"),
            json!(1.5),
            json!([1]),
            json!(true),
            json!("9223372036854775808"),
        ] {
            assert_eq!(
                refused(name, with(Some(invented.clone()))).await,
                expected,
                "{name} {invented}"
            );
        }
        assert_eq!(refused(name, with(None)).await, expected, "{name}");
    }
    for name in ["crisp_messages_mark_read", "crisp_messages_mark_delivered"] {
        let arguments =
            json!({"session_id": SESSION, "from": "operator", "origin": "chat", "fingerprints": [1, "-2", "x"]});
        let source = Some("list_all_crisp_messages".to_owned());
        let expected = vec![
            ("fingerprints.1".to_owned(), source.clone()),
            ("fingerprints.2".to_owned(), source),
        ];
        assert_eq!(refused(name, arguments).await, expected);
    }
}

/// A number of one's own is not found anywhere: nobody is sent to look for one.
#[tokio::test]
async fn the_fingerprint_of_a_new_message_is_the_callers_own() {
    let message = |fingerprint: Value| json!({"session_id": SESSION, "type": "text", "from": "operator", "origin": "chat", "content": "Hello", "fingerprint": fingerprint});
    for wrong in [json!("x"), json!(0), json!(-1), json!(9_007_199_254_740_992_i64)] {
        let faults = refused("create_a_crisp_message", message(wrong.clone())).await;
        assert_eq!(faults, [("fingerprint".to_owned(), None)], "{wrong}");
    }
}

/// To Crisp an empty list means all: that is refused unless it is said, and a list left out always is.
#[tokio::test]
async fn nothing_is_done_to_every_conversation_by_slip() {
    for method in ["resolve", "read"] {
        let name = format!("crisp_batch_conversations_{method}");
        for arguments in [
            json!({}),
            json!({"all": true}),
            json!({"sessions": null, "all": true}),
            json!({"sessions": []}),
            json!({"sessions": "[]"}),
            json!({"sessions": [], "all": false}),
            json!({"sessions": [], "inbox_id": "5f2b7d4c-1b6e-4a8c-9f0d-3c2b1a0e9d8f"}),
        ] {
            let faults = refused(&name, arguments.clone()).await;
            assert_eq!(faults.len(), 1, "{name} {arguments}");
            assert_eq!(faults[0].0, "sessions", "{name} {arguments}");
        }
    }
    // Elsewhere an empty list is never meant.
    for (method, more) in [
        ("unresolve", json!({})),
        ("unread", json!({})),
        ("remove", json!({})),
        ("report", json!({"flag": "spam"})),
        ("block", json!({"blocked": true})),
        ("update_routing", json!({"assigned": null})),
        ("update_inbox", json!({"inbox_id": null})),
        ("update_data", json!({"data": {"a": 1}})),
        ("update_segments", json!({"segments": ["a"]})),
    ] {
        let name = format!("crisp_batch_conversations_{method}");
        let mut arguments = more;
        arguments["sessions"] = json!([]);
        assert_eq!(
            refused(&name, arguments).await,
            [("sessions".to_owned(), None)],
            "{name}"
        );
    }
    for people in [
        json!({}),
        json!({"profiles": []}),
        json!({"search": {"filter": []}}),
        json!({"profiles": [PERSON], "search": {"filter": [{"model": "people", "criterion": "email", "operator": "eq", "query": []}]}}),
    ] {
        let faults = refused("crisp_batch_people_remove", json!({"people": people})).await;
        assert!(
            faults.iter().all(|(argument, _)| argument.starts_with("people")),
            "{people}: {faults:?}"
        );
    }
}

#[tokio::test]
async fn null_is_said_and_never_guessed() {
    for (name, argument) in [
        ("crisp_conversations_update_routing", "assigned"),
        ("crisp_conversations_update_inbox", "inbox_id"),
    ] {
        let faults = refused(name, json!({"session_id": SESSION})).await;
        assert_eq!(faults.len(), 1, "{name}");
        assert_eq!(faults[0].0, argument, "{name}");
    }
}

#[tokio::test]
async fn searches_that_contradict_themselves_are_refused() {
    for (arguments, argument) in [
        (json!({"search_query": "refund"}), "search_query"),
        (json!({"search_type": "text"}), "search_query"),
        (
            json!({"search_type": "filter", "search_query": "refund"}),
            "search_query",
        ),
        (
            json!({"search_type": "filter", "search_query": [{"model": "people"}]}),
            "search_query.0.criterion",
        ),
        (
            json!({"search_type": "text", "search_query": ["refund"]}),
            "search_query",
        ),
        (
            json!({"search_type": "text", "search_query": "refund", "search_operator": "or"}),
            "search_operator",
        ),
        (json!({"search_operator": "or"}), "search_type"),
        (json!({"limit": 10}), "limit"),
        (json!({"limit": 51}), "limit"),
        (json!({"page_number": 0}), "page_number"),
        (json!({"filter_date_start": "yesterday"}), "filter_date_start"),
    ] {
        let faults = refused("list_all_crisp_conversations", arguments.clone()).await;
        assert!(
            faults.iter().any(|(name, _)| name == argument),
            "{arguments}: {faults:?}"
        );
    }
    for (arguments, argument) in [
        (json!({"timestamp_before": 1, "timestamp_after": 1}), ""),
        (json!({"timestamp_before": "2026-01-31T00:00:00Z"}), "timestamp_before"),
        (json!({"timestamp_around": -1}), "timestamp_around"),
    ] {
        let mut arguments = arguments;
        arguments["session_id"] = SESSION.into();
        assert_eq!(
            refused("list_all_crisp_messages", arguments).await,
            [(argument.to_owned(), None)]
        );
    }
    for action in ["mouse", "click", "scroll"] {
        let arguments = json!({"session_id": SESSION, "browsing_id": "browsing_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44", "action": action});
        let faults = refused("crisp_conversation_browsing_sessions_assist", arguments).await;
        assert_eq!(faults, [(action.to_owned(), None)]);
    }
}
