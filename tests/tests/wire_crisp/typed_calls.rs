//! The calls that matter most, written as a user of the typed client writes them, and their answers as types.

use std::collections::BTreeMap;

use deskhand_crisp::{
    ActingUser, AnimationContent, AssignedOperator, AudioContent, BatchResolveConversations, CarouselAction,
    CarouselCard, CarouselContent, Client, ConversationSearchType, ConversationState, CreateConversation,
    CreateMessage, CreateMessageContent, EventContent, FieldContent, FileContent, FilterOperator, Fingerprint,
    GetConversation, InboxId, ListConversations, ListConversationsSearchQuery, ListMessages, MessageContent,
    MessageFrom, MessageOrigin, MessageOriginalText, MessageReference, MessageType, OperatorId, PickerAction,
    PickerChoice, PickerContent, SearchFilter, SearchOperator, Segment, SessionId, UpdateConversationInbox,
    UpdateConversationRouting,
};
use deskhand_runtime::client::Call;
use deskhand_runtime::{Code, Patch};
use deskhand_tests::crisp;
use deskhand_tests::server::{RawServer, Reply};
use serde_json::{Value, json};

const SESSION: &str = "session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44";
const OPERATOR: &str = "a4c32c68-be91-4e29-a608-976e93abbe3f";

/// Sends a call to a vendor that answers this; gives what came back, and the request line and body that were sent.
async fn send<C: Call<Api = deskhand_crisp::Api>>(call: &C, data: Value) -> (C::Answer, String, String) {
    let body = json!({"error": false, "reason": "x", "data": data}).to_string();
    let server = RawServer::start(move |_, _| Reply::json(200, body.clone())).await;
    let client = Client::new(crisp(&server.host())).unwrap();
    let answer = client.send(call).await.unwrap();
    let mut seen = server.take();
    assert_eq!(seen.len(), 1);
    let seen = seen.remove(0);
    let website = "/v1/website/8c842203-7ed8-4e29-a608-7cf78a7d2fcc";
    let target = seen.target.strip_prefix(website).unwrap();
    (
        answer,
        format!("{} {target}", seen.method),
        String::from_utf8(seen.body).unwrap(),
    )
}

fn message(kind: MessageType, content: CreateMessageContent) -> CreateMessage {
    CreateMessage {
        fingerprint: Some(Fingerprint(524_653_764_345)),
        ..CreateMessage::new(SESSION, kind, MessageFrom::Operator, MessageOrigin::Chat, content)
    }
}

#[tokio::test]
async fn messages_of_every_type() {
    let mut choice = PickerChoice::new("l", "Large", true);
    choice.icon = Some("https://example.com/shirt.png".into());
    choice.action = Some(PickerAction::new("link", "https://example.com/l"));
    let mut picker = PickerContent::new(
        "size",
        "Which size?",
        vec![PickerChoice::new("s", "Small", false), choice],
    );
    picker.required = Some(true);
    let mut event = EventContent::new("state:resolved");
    event.text = Some("Done".into());
    let mut card = CarouselCard::new(
        "One",
        "First",
        vec![CarouselAction::new("Open", "https://example.com/1")],
    );
    card.image = Some("https://example.com/1.png".into());
    for (kind, name, content, written) in [
        (
            MessageType::Text,
            "text",
            CreateMessageContent::Text("Hello".into()),
            r#""Hello""#,
        ),
        (
            MessageType::Note,
            "note",
            CreateMessageContent::Note("{\"a\": 1}".into()),
            r#""{\"a\": 1}""#,
        ),
        (
            MessageType::File,
            "file",
            CreateMessageContent::File(FileContent::new(
                "a.pdf",
                "https://example.com/a.pdf",
                "application/pdf",
            )),
            r#"{"name":"a.pdf","url":"https://example.com/a.pdf","type":"application/pdf"}"#,
        ),
        (
            MessageType::Animation,
            "animation",
            CreateMessageContent::Animation(AnimationContent::new("https://example.com/a.gif", "image/gif")),
            r#"{"url":"https://example.com/a.gif","type":"image/gif"}"#,
        ),
        (
            MessageType::Audio,
            "audio",
            CreateMessageContent::Audio(AudioContent::new("https://example.com/a.mp3", "audio/mp3", 40)),
            r#"{"url":"https://example.com/a.mp3","type":"audio/mp3","duration":40}"#,
        ),
        (
            MessageType::Picker,
            "picker",
            CreateMessageContent::Picker(picker),
            r#"{"id":"size","text":"Which size?","choices":[{"value":"s","label":"Small","selected":false},{"value":"l","label":"Large","selected":true,"icon":"https://example.com/shirt.png","action":{"type":"link","target":"https://example.com/l"}}],"required":true}"#,
        ),
        (
            MessageType::Field,
            "field",
            CreateMessageContent::Field(FieldContent::new("order", "Order?", "A-1001")),
            r#"{"id":"order","text":"Order?","explain":"A-1001"}"#,
        ),
        (
            MessageType::Carousel,
            "carousel",
            CreateMessageContent::Carousel(CarouselContent::new("Look", vec![card])),
            r#"{"text":"Look","targets":[{"title":"One","description":"First","image":"https://example.com/1.png","actions":[{"label":"Open","url":"https://example.com/1"}]}]}"#,
        ),
        (
            MessageType::Event,
            "event",
            CreateMessageContent::Event(event),
            r#"{"namespace":"state:resolved","text":"Done"}"#,
        ),
    ] {
        let (sent, line, body) = send(&message(kind, content), json!({"fingerprint": 524_653_764_345_i64})).await;
        assert_eq!(sent.fingerprint, Some(Fingerprint(524_653_764_345)));
        assert_eq!(line, format!("POST /conversation/{SESSION}/message"));
        let expected = format!(
            r#"{{"type":"{name}","from":"operator","origin":"chat","content":{written},"fingerprint":524653764345}}"#
        );
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn a_note_with_everything() {
    let call = CreateMessage {
        mentions: Some(vec![OPERATOR.into()]),
        fingerprint: Some(Fingerprint(9_007_199_254_740_991)),
        user: Some(ActingUser {
            nickname: Some("Bot".into()),
            ..ActingUser::new()
        }),
        references: Some(vec![MessageReference {
            name: Some("Refunds".into()),
            target: Some("https://example.com/help".into()),
            ..MessageReference::new()
        }]),
        original: Some(MessageOriginalText::new("text/html", "<p>Look</p>")),
        properties: Some(BTreeMap::from([
            ("bot".to_owned(), json!("triage")),
            ("score".to_owned(), json!(0.5)),
        ])),
        timestamp: Some(1_767_225_600_123),
        stealth: Some(true),
        translated: Some(false),
        automated: Some(true),
        ..CreateMessage::new(
            SESSION,
            MessageType::Note,
            MessageFrom::Operator,
            MessageOrigin::Unknown("urn:acme.example.com:bot:0".into()),
            CreateMessageContent::Note("Look".into()),
        )
    };
    let (_, _, body) = send(&call, json!({"fingerprint": 9_007_199_254_740_991_i64})).await;
    let expected = concat!(
        r#"{"type":"note","from":"operator","origin":"urn:acme.example.com:bot:0","content":"Look","#,
        r#""mentions":["a4c32c68-be91-4e29-a608-976e93abbe3f"],"fingerprint":9007199254740991,"#,
        r#""user":{"nickname":"Bot"},"references":[{"name":"Refunds","target":"https://example.com/help"}],"#,
        r#""original":{"type":"text/html","content":"<p>Look</p>"},"properties":{"bot":"triage","score":0.5},"#,
        r#""timestamp":1767225600123,"stealth":true,"translated":false,"automated":true}"#,
    );
    assert_eq!(body, expected);
}

/// A message without a fingerprint gets one of its own, which the answer tells even if the vendor's does not.
#[tokio::test]
async fn a_fingerprint_left_out_is_made_and_told() {
    let mut call = message(MessageType::Text, CreateMessageContent::Text("Hello".into()));
    call.fingerprint = None;
    let mut made = Vec::new();
    for data in [json!({}), Value::Null] {
        let (sent, _, body) = send(&call, data).await;
        let written: Value = serde_json::from_str(&body).unwrap();
        let number = written["fingerprint"].as_i64().unwrap();
        assert!((1..=9_007_199_254_740_991).contains(&number), "{number}");
        assert_eq!(sent.fingerprint, Some(Fingerprint(number)));
        made.push(number);
    }
    assert_ne!(made[0], made[1]);
    // The vendor's word counts where it says one.
    let (sent, _, _) = send(&call, json!({"fingerprint": 7})).await;
    assert_eq!(sent.fingerprint, Some(Fingerprint(7)));
}

/// Where the outcome is unknown the error tells the number, so that a repeated call cannot send twice.
#[tokio::test]
async fn a_message_of_unknown_fate_can_be_repeated() {
    let server = RawServer::start(|number, _| {
        let status = if number == 0 { 502 } else { 202 };
        Reply::json(status, r#"{"error": false, "reason": "dispatched", "data": {}}"#)
    })
    .await;
    let client = Client::new(crisp(&server.host())).unwrap();
    let mut call = message(MessageType::Text, CreateMessageContent::Text("Hello".into()));
    call.fingerprint = None;
    let error = client.send(&call).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamError);
    let hint = error.hint().unwrap();
    let (_, after) = hint.split_once("`fingerprint` ").unwrap();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    call.fingerprint = Some(Fingerprint(digits.parse().unwrap()));
    client.send(&call).await.unwrap();
    let bodies: Vec<_> = server.take().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies.len(), 2, "each call was sent once");
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn routing_to_somebody_and_to_nobody() {
    let assign = |assigned| UpdateConversationRouting {
        assigned,
        ..UpdateConversationRouting::new(SESSION)
    };
    let line = format!("PATCH /conversation/{SESSION}/routing");
    let somebody = Patch::Value(AssignedOperator::new(OPERATOR));
    let ((), sent, body) = send(&assign(somebody), json!({})).await;
    assert_eq!(
        (sent, body),
        (line.clone(), format!(r#"{{"assigned":{{"user_id":"{OPERATOR}"}}}}"#))
    );
    let ((), sent, body) = send(&assign(Patch::Clear), json!({})).await;
    assert_eq!((sent, body), (line, r#"{"assigned":null}"#.to_owned()));

    let to = |inbox_id| UpdateConversationInbox {
        inbox_id,
        ..UpdateConversationInbox::new(SESSION)
    };
    let ((), _, body) = send(&to(Patch::Clear), json!({})).await;
    assert_eq!(body, r#"{"inbox_id":null}"#);
    let inbox = InboxId::from("5f2b7d4c-1b6e-4a8c-9f0d-3c2b1a0e9d8f");
    let ((), _, body) = send(&to(Patch::Value(inbox)), json!({})).await;
    assert_eq!(body, r#"{"inbox_id":"5f2b7d4c-1b6e-4a8c-9f0d-3c2b1a0e9d8f"}"#);

    // Nothing said is not the same as nobody.
    let server = RawServer::start(|_, _| Reply::json(200, "{}")).await;
    let client = Client::new(crisp(&server.host())).unwrap();
    let error = client.send(&assign(Patch::Absent)).await.unwrap_err();
    assert_eq!(
        (error.code(), error.faults()[0].argument.as_str()),
        (Code::InvalidArguments, "assigned")
    );
    assert!(server.take().is_empty());
}

#[tokio::test]
async fn conversations_by_conditions_and_their_members() {
    let condition = SearchFilter::new("people", "email", FilterOperator::Eq, vec![json!("a+b@example.com")]);
    let call = ListConversations {
        per_page: Some(50),
        search_type: Some(ConversationSearchType::Filter),
        search_query: Some(ListConversationsSearchQuery::Filter(vec![condition])),
        search_operator: Some(SearchOperator::And),
        filter_unread: Some(true),
        filter_assigned: Some(OperatorId::from(OPERATOR)),
        ..ListConversations::new()
    };
    let data = json!([{
        "session_id": SESSION, "state": "unresolved", "inbox_id": null, "assigned": {"user_id": OPERATOR},
        "preview_message": {"type": "text", "fingerprint": 9_007_199_254_740_993_i64}, "unread": {"operator": 2},
        "meta": {"segments": ["vip"], "data": {"seats": 4}}, "waiting_since": 1_767_225_602_000_i64, "brand_new": [1],
    }]);
    let (page, line, body) = send(&call, data).await;
    let expected = concat!(
        "GET /conversations/1?per_page=50&search_type=filter&search_query=%5B%7B%22model%22%3A%22people%22%2C%22criterion%22%3A",
        "%22email%22%2C%22operator%22%3A%22eq%22%2C%22query%22%3A%5B%22a%2Bb%40example.com%22%5D%7D%5D&search_operator=and",
        "&filter_unread=1&filter_assigned=a4c32c68-be91-4e29-a608-976e93abbe3f",
    );
    assert_eq!((line.as_str(), body.as_str()), (expected, ""));
    let conversation = &page.items[0];
    assert_eq!(conversation.session_id, Some(SessionId::from(SESSION)));
    assert_eq!(conversation.state, Some(ConversationState::Unresolved));
    assert_eq!(conversation.inbox_id, Patch::Clear);
    assert_eq!(
        conversation.assigned,
        Patch::Value(AssignedOperator {
            extra: Default::default(),
            ..AssignedOperator::new(OPERATOR)
        })
    );
    let preview = conversation.preview_message.as_ref().unwrap();
    assert_eq!(preview.fingerprint, Some(Fingerprint(9_007_199_254_740_993)));
    let meta = conversation.meta.as_ref().unwrap();
    assert_eq!(meta.segments, Some(vec![Segment::from("vip")]));
    assert_eq!(meta.data.as_ref().unwrap()["seats"], json!(4));
    assert_eq!(conversation.extra["brand_new"], json!([1]));
    assert!(page.next.is_none(), "a page shorter than asked for is the last");
}

#[tokio::test]
async fn messages_are_read_back_to_the_first() {
    let server = RawServer::start(|number, _| {
        let messages = match number {
            0 => json!([{"type": "text", "content": "b", "timestamp": 200}, {"type": "poll", "content": {"q": 1}, "timestamp": 300}]),
            1 => json!([{"type": "note", "content": "a", "timestamp": 100}]),
            _ => json!([]),
        };
        Reply::json(206, json!({"error": false, "reason": "listed", "data": messages}).to_string())
    })
    .await;
    let client = Client::new(crisp(&server.host())).unwrap();
    let mut pages = client.pages(&ListMessages::new(SESSION));
    let mut read = Vec::new();
    while let Some(page) = pages.next().await {
        read.push(page.unwrap().items);
    }
    let sizes: Vec<usize> = read.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 1, 0]);
    assert_eq!(read[0][0].content, Some(MessageContent::Text("b".into())));
    assert_eq!(read[0][1].r#type, Some(MessageType::Unknown("poll".into())));
    let queries: Vec<String> = server
        .take()
        .iter()
        .map(|seen| seen.path_and_query().1.to_owned())
        .collect();
    assert_eq!(queries, ["", "timestamp_before=200", "timestamp_before=100"]);
}

#[tokio::test]
async fn opening_reading_and_resolving() {
    let (created, line, body) = send(&CreateConversation::new(), json!({"session_id": SESSION})).await;
    assert_eq!(created.session_id, Some(SessionId::from(SESSION)));
    assert_eq!((line.as_str(), body.as_str()), ("POST /conversation", ""));
    let (conversation, line, _) = send(&GetConversation::new(SESSION), json!({"state": "pending"})).await;
    assert_eq!(conversation.state, Some(ConversationState::Pending));
    assert_eq!(line, format!("GET /conversation/{SESSION}"));

    let ((), line, body) = send(
        &BatchResolveConversations::new(vec![SessionId::from(SESSION)]),
        json!({}),
    )
    .await;
    assert_eq!(
        (line.as_str(), body),
        ("PATCH /batch/resolve", format!(r#"{{"sessions":["{SESSION}"]}}"#))
    );
    let mut every = BatchResolveConversations::new(vec![]);
    let server = RawServer::start(|_, _| Reply::json(200, r#"{"error": false, "data": {}}"#)).await;
    let client = Client::new(crisp(&server.host())).unwrap();
    assert_eq!(client.send(&every).await.unwrap_err().code(), Code::InvalidArguments);
    assert!(server.take().is_empty());
    every.all = Some(true);
    client.send(&every).await.unwrap();
    assert_eq!(server.take()[0].body, br#"{"sessions":[]}"#);
}
