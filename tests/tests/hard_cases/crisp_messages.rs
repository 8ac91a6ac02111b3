//! Messages of Crisp: nine types, each with a content of its own.

use deskhand_runtime::Code;
use deskhand_runtime::record::{Names, to_object};
use deskhand_sample_crisp as crisp;
use serde_json::{Value, json};

use super::crisp::{SESSION, data, desk, to};
use super::typed_code;

const TOOL: &str = "create_a_crisp_message";
const PATH: &str = "/conversation/session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44/message";

fn message(kind: &str, content: &Value) -> Value {
    json!({"session_id": SESSION, "type": kind, "from": "operator", "origin": "chat", "content": content})
}

/// Every type with a content that fits, as the vendor's members in the vendor's order.
fn good() -> Vec<(&'static str, &'static str)> {
    vec![
        ("text", r#""Your order is on its way.""#),
        ("note", r#""Call back tomorrow""#),
        (
            "file",
            r#"{"name":"invoice.pdf","url":"https://example.com/invoice.pdf","type":"application/pdf"}"#,
        ),
        ("animation", r#"{"url":"https://example.com/a.gif","type":"image/gif"}"#),
        (
            "audio",
            r#"{"url":"https://example.com/a.mp3","type":"audio/mp3","duration":40}"#,
        ),
        (
            "picker",
            r#"{"id":"size","text":"Which size?","choices":[{"value":"s","label":"Small","selected":false},{"value":"l","label":"Large","selected":true,"icon":"https://example.com/l.png","action":{"type":"link","target":"https://example.com/l"}}],"required":true}"#,
        ),
        (
            "field",
            r#"{"id":"mail","text":"Your address?","explain":"Type it here"}"#,
        ),
        (
            "carousel",
            r#"{"text":"Look","targets":[{"title":"One","description":"First","actions":[{"label":"Open","url":"https://example.com/1"}]}]}"#,
        ),
        ("event", r#"{"namespace":"state:resolved","text":"Done"}"#),
    ]
}

#[tokio::test]
async fn each_type_takes_its_own_content_as_value_or_as_text() {
    let desk = desk(vec![data(202, "dispatched", json!({"fingerprint": 9_876_543_210_i64}))]).await;
    for (kind, content) in good() {
        let body = format!(r#"{{"type":"{kind}","from":"operator","origin":"chat","content":{content}}}"#);
        let value: Value = serde_json::from_str(content).unwrap();
        let mut ways = vec![value.clone()];
        if value.is_object() {
            ways.push(json!(content));
        }
        for way in ways {
            let answer = desk.ask(TOOL, message(kind, &way)).await;
            assert_eq!(answer, json!({"fingerprint": 9_876_543_210_i64}));
            assert_eq!(desk.sent(), to("POST", PATH, &body), "{kind}");
        }
    }
}

/// The order of arguments does not matter, nor does the order of members.
#[tokio::test]
async fn the_content_may_come_before_the_type() {
    let desk = desk(vec![data(202, "dispatched", json!({"fingerprint": 1}))]).await;
    let arguments = json!({
        "content": {"type": "image/gif", "url": "https://example.com/a.gif"},
        "origin": "urn:example.com:plugin:0", "from": "user", "type": "animation", "session_id": SESSION,
    });
    desk.ask(TOOL, arguments).await;
    let body = r#"{"type":"animation","from":"user","origin":"urn:example.com:plugin:0","content":{"url":"https://example.com/a.gif","type":"image/gif"}}"#;
    assert_eq!(desk.sent(), to("POST", PATH, body));
}

#[tokio::test]
async fn text_is_never_taken_for_json() {
    let desk = desk(vec![data(202, "dispatched", json!({"fingerprint": 1}))]).await;
    for (kind, text, written) in [
        ("text", r#"{"a":1}"#, r#""{\"a\":1}""#),
        ("note", "[1, 2]", r#""[1, 2]""#),
        ("text", "true", r#""true""#),
        ("text", "42", r#""42""#),
        ("note", "line\nline", r#""line\nline""#),
    ] {
        desk.ask(TOOL, message(kind, &json!(text))).await;
        let body = format!(r#"{{"type":"{kind}","from":"operator","origin":"chat","content":{written}}}"#);
        assert_eq!(desk.sent(), to("POST", PATH, &body));
    }
}

/// An object with these members first.
fn in_order(value: &Value, first: &[&str]) -> Value {
    let members = value.as_object().unwrap();
    let known = first.iter().map(|name| ((*name).to_owned(), members[*name].clone()));
    let others = members.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    let others = others.map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(known.chain(others).collect())
}

#[tokio::test]
async fn content_that_does_not_fit_its_type_is_refused() {
    let desk = desk(vec![data(202, "dispatched", json!({}))]).await;
    // Every content under every other type that has another shape.
    let shape = |kind: &str| {
        if kind == "note" {
            "text".to_owned()
        } else {
            kind.to_owned()
        }
    };
    for (kind, _) in good() {
        for (other, content) in good() {
            if shape(kind) == shape(other) {
                continue;
            }
            let value: Value = serde_json::from_str(content).unwrap();
            if kind == "animation" && ["file", "audio"].contains(&other) {
                // They have all that an animation has. Records that also come back keep what they have besides.
                desk.ask(TOOL, message(kind, &value)).await;
                let body = format!(r#""content":{}"#, in_order(&value, &["url", "type"]));
                assert!(desk.sent().contains(&body), "{body}");
                continue;
            }
            let error = desk.refused(TOOL, message(kind, &value)).await;
            let places: Vec<&str> = error["arguments"]
                .as_array()
                .unwrap()
                .iter()
                .map(|fault| fault["argument"].as_str().unwrap())
                .collect();
            assert!(
                places
                    .iter()
                    .all(|place| *place == "content" || place.starts_with("content.")),
                "{kind} with the content of {other}: {places:?}"
            );
        }
    }
}

#[tokio::test]
async fn faults_inside_a_content_are_told_with_their_place() {
    let desk = desk(vec![data(202, "dispatched", json!({}))]).await;
    for (kind, content, place) in [
        ("text", json!(7), "content"),
        ("text", json!({"text": "x"}), "content"),
        ("note", json!(["x"]), "content"),
        (
            "file",
            json!({"name": "a", "url": "https://example.com/a"}),
            "content.type",
        ),
        (
            "file",
            json!({"name": "a", "url": "ftp://example.com/a", "type": "a/b"}),
            "content.url",
        ),
        ("file", json!("not JSON"), "content"),
        (
            "audio",
            json!({"url": "https://example.com/a", "type": "a/b", "duration": -1}),
            "content.duration",
        ),
        (
            "audio",
            json!({"url": "https://example.com/a", "type": "a/b", "duration": 1.5}),
            "content.duration",
        ),
        (
            "picker",
            json!({"id": "a", "text": "b", "choices": []}),
            "content.choices",
        ),
        (
            "picker",
            json!({"id": "a", "text": "b", "choices": [{"value": "x", "label": "X"}]}),
            "content.choices.0.selected",
        ),
        (
            "carousel",
            json!({"text": "a", "targets": [{"title": "b", "description": "c", "actions": [{"label": "d"}]}]}),
            "content.targets.0.actions.0.url",
        ),
        ("event", json!({"text": "x"}), "content.namespace"),
    ] {
        desk.refuses_only(TOOL, message(kind, &content), place).await;
    }
    let mut without_type = message("text", &json!("Hello"));
    without_type.as_object_mut().unwrap().remove("type");
    desk.refuses_only(TOOL, without_type, "type").await;
    desk.refuses_only(TOOL, message("txt", &json!("Hello")), "type").await;
    let mut without_content = message("text", &json!("Hello"));
    without_content.as_object_mut().unwrap().remove("content");
    desk.refuses_only(TOOL, without_content, "content").await;
}

#[tokio::test]
async fn everything_else_of_a_message_is_written_as_the_vendor_wants_it() {
    let desk = desk(vec![data(
        202,
        "dispatched",
        json!({"fingerprint": 9_007_199_254_740_993_i64}),
    )])
    .await;
    let mut arguments = message("note", &json!("Look at this"));
    let more = json!({
        "mentions": ["a4c32c68-be91-4e29-a608-976e93abbe3f"],
        // Digits in text, as the vendor's own sample has it.
        "fingerprint": "9007199254740993",
        "user": {"type": "website", "nickname": "A name", "avatar": "https://example.com/a.png",
                 "user_id": "a4c32c68-be91-4e29-a608-976e93abbe3f"},
        "references": [{"type": "web", "name": "Help", "target": "https://example.com/help"}],
        "original": {"type": "text/html", "content": "<p>Look</p>"},
        "properties": {"a b": 1, "c": "d", "e": true},
        "timestamp": 1_767_225_600_123_i64,
        "stealth": "true", "translated": false, "automated": true,
    });
    arguments
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let answer = desk.ask(TOOL, arguments).await;
    assert_eq!(answer.to_string(), r#"{"fingerprint":9007199254740993}"#);
    // What only answers hold, `user_id` here, is left out.
    let body = concat!(
        r#"{"type":"note","from":"operator","origin":"chat","content":"Look at this","#,
        r#""mentions":["a4c32c68-be91-4e29-a608-976e93abbe3f"],"fingerprint":9007199254740993,"#,
        r#""user":{"type":"website","nickname":"A name","avatar":"https://example.com/a.png"},"#,
        r#""references":[{"type":"web","name":"Help","target":"https://example.com/help"}],"#,
        r#""original":{"type":"text/html","content":"<p>Look</p>"},"#,
        r#""properties":{"a b":1,"c":"d","e":true},"timestamp":1767225600123,"#,
        r#""stealth":true,"translated":false,"automated":true}"#,
    );
    assert_eq!(desk.sent(), to("POST", PATH, body));
}

#[tokio::test]
async fn typed_messages_name_their_type_by_their_content() {
    let desk = desk(vec![data(202, "dispatched", json!({"fingerprint": 3_000_000_000_i64}))]).await;
    let file = crisp::FileContent::new("invoice.pdf", "https://example.com/invoice.pdf", "application/pdf");
    let mut event = crisp::EventContent::new("state:resolved");
    event.text = Some("Done".into());
    let message = |kind, content| {
        let (from, origin) = (crisp::MessageFrom::Operator, crisp::MessageOrigin::Chat);
        crisp::CreateMessage::new(SESSION, kind, from, origin, content)
    };
    for (kind, content, body) in [
        (
            crisp::MessageType::Text,
            crisp::CreateMessageContent::Text("Hello".into()),
            r#"{"type":"text","from":"operator","origin":"chat","content":"Hello"}"#,
        ),
        (
            crisp::MessageType::File,
            crisp::CreateMessageContent::File(file.clone()),
            r#"{"type":"file","from":"operator","origin":"chat","content":{"name":"invoice.pdf","url":"https://example.com/invoice.pdf","type":"application/pdf"}}"#,
        ),
        (
            crisp::MessageType::Event,
            crisp::CreateMessageContent::Event(event),
            r#"{"type":"event","from":"operator","origin":"chat","content":{"namespace":"state:resolved","text":"Done"}}"#,
        ),
    ] {
        let sent = desk.typed(&message(kind, content)).await.unwrap();
        assert_eq!(sent.fingerprint, Some(crisp::Fingerprint(3_000_000_000)));
        assert_eq!(desk.sent(), to("POST", PATH, body));
    }
    // A content of another type than the message, and one that breaks the bounds of its own record.
    for (kind, content) in [
        (crisp::MessageType::Text, crisp::CreateMessageContent::File(file)),
        (
            crisp::MessageType::File,
            crisp::CreateMessageContent::Text("Hello".into()),
        ),
        (
            crisp::MessageType::Picker,
            crisp::CreateMessageContent::Picker(crisp::PickerContent::new("id", "text", [])),
        ),
        (
            crisp::MessageType::Unknown("poll".into()),
            crisp::CreateMessageContent::Text("Hello".into()),
        ),
    ] {
        let answer = desk.typed(&message(kind, content)).await;
        assert_eq!(typed_code(answer), Code::InvalidArguments);
        assert_eq!(desk.requests(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn messages_come_back_as_they_are_also_those_of_types_not_yet_known() {
    let of = |kind: &str, content: Value, timestamp: i64| {
        json!({
            "session_id": SESSION, "type": kind, "from": "user", "origin": "urn:example.com:plugin:0",
            "content": content, "read": "chat", "ignored": {"email": {"type": "bounce", "reason": "full"}},
            "fingerprint": timestamp, "timestamp": timestamp, "preview": [], "edited": false,
            "user": {"type": "website", "user_id": "a4c32c68-be91-4e29-a608-976e93abbe3f", "nickname": ""},
            "properties": {"n": 1.25},
        })
    };
    let mut list: Vec<Value> = Vec::new();
    for (at, (kind, content)) in good().into_iter().enumerate() {
        let content = serde_json::from_str(content).unwrap();
        list.push(of(kind, content, 1_767_225_600_000 + i64::try_from(at).unwrap()));
    }
    list.push(of(
        "poll",
        json!({"question": "?", "answers": [1, null]}),
        1_767_225_700_000,
    ));
    list.push(of("hologram", json!("text"), 1_767_225_700_001));
    let desk = desk(vec![data(206, "listed", json!(list))]).await;
    let answer = desk
        .ask("list_all_crisp_messages", json!({"session_id": SESSION}))
        .await;
    assert_eq!(answer["result"].to_string(), json!(list).to_string());
    let page = desk.typed(&crisp::ListMessages::new(SESSION)).await.unwrap();
    let back: Vec<Value> = page
        .items
        .iter()
        .map(|item| to_object(item, Names::Wire).into())
        .collect();
    assert_eq!(json!(back), json!(list));
    assert_eq!(page.items[9].r#type, Some(crisp::MessageType::Unknown("poll".into())));
}
