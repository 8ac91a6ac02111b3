//! Crisp: triage by what is known of the customer, answers with articles, notes by night, audits, spam, greetings, new
//! articles, and what is refused before it is sent.

use std::collections::BTreeSet;

use deskhand_simulator::{Fault, Trigger};
use deskhand_tests::desk::{Client, Desk, Served, account, ask, changes, fail};
use serde_json::{Map, Value, json};

use crate::{places, read_all};

/// The sample's story: an Enterprise customer whose conversation nobody has taken.
const VIP: &str = "petra.lighthouse@north-pier.example";

/// A simulated Crisp, and a client of a server in front of it whose token has this access.
async fn start(access: &str) -> (Desk, Served, Client) {
    let desk = Desk::start("crisp").await;
    let served = Served::start(&desk.account_with(access)).await;
    let client = served.client().await;
    (desk, served, client)
}

fn text<'a>(record: &'a Value, pointer: &str) -> &'a str {
    let found = record.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} of {record}"))
}

fn list(record: &Value) -> &Vec<Value> {
    record.as_array().unwrap_or_else(|| panic!("no list: {record}"))
}

/// The conversations that inboxes show and a test lets through, by session_id.
fn sessions(state: &Value, wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let all = state["acme"]["conversations"].as_object().unwrap().iter();
    all.filter(|(_, one)| one["visible"] == true && wanted(one))
        .map(|(session_id, _)| session_id.clone())
        .collect()
}

fn session_ids(listed: &[Value]) -> BTreeSet<String> {
    let ids: BTreeSet<String> = listed.iter().map(|one| text(one, "/session_id").to_owned()).collect();
    assert_eq!(ids.len(), listed.len(), "each comes once");
    ids
}

fn conversation<'a>(state: &'a Value, session_id: &str) -> &'a Value {
    &state["acme"]["conversations"][session_id]
}

fn done(answer: &Value) {
    assert_eq!(*answer, json!({ "ok": true }));
}

/// The item that has this text there.
fn having<'a>(items: &'a Value, pointer: &str, wanted: &str) -> &'a Value {
    let found = list(items)
        .iter()
        .find(|item| item.pointer(pointer) == Some(&json!(wanted)));
    found.unwrap_or_else(|| panic!("nothing has {pointer} {wanted}: {items}"))
}

fn sorted(mut places: Vec<String>) -> Vec<String> {
    places.sort_unstable();
    places
}

// ---- triage ------------------------------------------------------------------------------------

#[tokio::test]
async fn enterprise_customers_are_found_and_routed() {
    let (desk, _served, client) = start("website").await;
    let before = desk.state();
    let plan = |one: &Value| {
        let person = one["people_id"].as_str().map(|id| &before["acme"]["people"][id]);
        person.is_some_and(|person| person["data"]["plan"] == "Enterprise")
    };
    let waiting = |one: &Value| one["state"] != "resolved" && one["assigned"].is_null();
    let expected = sessions(&before, |one| waiting(one) && plan(one));
    let vip = sessions(&before, |one| one["meta"]["email"] == VIP);
    assert!(
        expected.is_superset(&vip) && expected.len() > 1,
        "the sample is the expected one"
    );

    let operators = ask(&client, "list_all_crisp_operators", json!({})).await;
    let lead = having(&operators["result"], "/details/availability", "online")["details"]["user_id"].clone();
    let inboxes = ask(&client, "list_all_crisp_inboxes", json!({})).await;
    let inbox = having(&inboxes["result"], "/name", "VIP")["inbox_id"].clone();

    let open = json!({ "filter_not_resolved": true, "filter_unassigned": true, "limit": 20 });
    let (queue, _) = read_all(&client, "list_all_crisp_conversations", &open).await;
    assert_eq!(session_ids(&queue), sessions(&before, waiting));
    let mut routed = BTreeSet::new();
    for one in &queue {
        let Some(people_id) = one.get("people_id") else {
            continue;
        };
        let data = ask(
            &client,
            "get_single_crisp_people_datum_by_id",
            json!({ "people_id": people_id }),
        )
        .await;
        if data["plan"] != "Enterprise" {
            continue;
        }
        let session_id = &one["session_id"];
        let assigned = json!({ "session_id": session_id, "assigned": { "user_id": lead }, "silent": true });
        done(&ask(&client, "crisp_conversations_update_routing", assigned).await);
        let moved = json!({ "session_id": session_id, "inbox_id": inbox });
        done(&ask(&client, "crisp_conversations_update_inbox", moved).await);
        routed.insert(text(one, "/session_id").to_owned());
    }
    assert_eq!(routed, expected);

    let state = desk.state();
    let mut all = vec!["/acme/now".to_owned()];
    for session_id in &expected {
        let (old, new) = (conversation(&before, session_id), conversation(&state, session_id));
        assert_eq!((&new["assigned"], &new["inbox_id"]), (&lead, &inbox));
        let mut fields = vec!["assigned", "updated_at"];
        if old["inbox_id"] != inbox {
            fields.push("inbox_id");
        }
        all.extend(
            fields
                .iter()
                .map(|field| format!("/acme/conversations/{session_id}/{field}")),
        );
    }
    assert_eq!(
        places(&changes(&before, &state)),
        sorted(all),
        "nothing else changed, of either workspace"
    );
}

// ---- an answer from the knowledge base ---------------------------------------------------------

#[tokio::test]
async fn a_question_is_answered_with_an_article() {
    let (desk, _served, client) = start("website").await;
    let before = desk.state();
    let search = json!({
        "search_type": "text", "search_query": "charged twice", "filter_not_resolved": true, "order_date_waiting": true,
    });
    let found = ask(&client, "list_all_crisp_conversations", search).await;
    let asked = having(&found["result"], "/meta/origin", "chat");
    let session = text(asked, "/session_id");

    // What fits best is a draft, which readers cannot open.
    let search = |words: &str| json!({ "locale": "en", "search_title": words });
    let drafts = ask(&client, "list_all_crisp_helpdesk_articles", search("charged twice")).await;
    assert_eq!(
        (&drafts["result_count"], &drafts["result"][0]["status"]),
        (&json!(1), &json!("draft"))
    );
    let draft = json!({ "locale": "en", "article_id": drafts["result"][0]["article_id"] });
    let unseen = fail(&client, "crisp_helpdesk_articles_resolve_page", draft).await;
    assert_eq!((&unseen["code"], &unseen["status"]), (&json!("not_found"), &json!(404)));
    let articles = ask(&client, "list_all_crisp_helpdesk_articles", search("refunds")).await;
    let article = &articles["result"][0]["article_id"];
    let page = json!({ "locale": "en", "article_id": article });
    let page = ask(&client, "crisp_helpdesk_articles_resolve_page", page).await;
    let short = article.as_str().unwrap().split('-').next().unwrap();
    let url = format!("https://acme-help.helpdesk.example/en/article/refunds-and-how-long-they-take-{short}/");
    assert_eq!(page, json!({ "title": "Refunds and how long they take", "url": url }));
    assert_eq!(changes(&before, &desk.state()), Map::new(), "reading changes nothing");

    let content = format!("The second charge comes back within \"5\" days; see {url} & tell us if not. — Später 🌙");
    let sent = ask(
        &client,
        "create_a_crisp_message",
        json!({
            "session_id": session, "type": "text", "from": "operator", "origin": "chat", "content": content,
            "references": [{ "type": "web", "name": page["title"], "target": page["url"] }],
        }),
    )
    .await;
    let read = json!({ "session_id": session, "from": "user", "origin": "chat" });
    done(&ask(&client, "crisp_messages_mark_read", read).await);
    let resolved = json!({ "session_id": session, "state": "resolved" });
    done(&ask(&client, "update_a_crisp_conversation_state_by_id", resolved).await);

    let state = desk.state();
    let (old, new) = (conversation(&before, session), conversation(&state, session));
    let messages = list(&new["messages"]);
    assert_eq!(messages.len(), list(&old["messages"]).len() + 1);
    let answer = messages.last().unwrap();
    assert_eq!(answer["fingerprint"], sent["fingerprint"]);
    for (name, value) in [
        ("type", json!("text")),
        ("from", json!("operator")),
        ("origin", json!("chat")),
        ("content", json!(content)),
        (
            "references",
            json!([{ "type": "web", "name": page["title"], "target": url }]),
        ),
        ("stealth", json!(false)),
    ] {
        assert_eq!(answer[name], value, "{name}");
    }
    assert!(
        messages
            .iter()
            .all(|one| one["from"] == "operator" || one["read"] == "chat"),
        "what the customer said has been read"
    );
    assert_eq!(
        (&new["state"], &new["waiting_since"]),
        (&json!("resolved"), &Value::Null)
    );
    let told = list(&state["acme"]["sent_to_customers"]);
    assert_eq!(told.len(), 1, "one message, to the one who asked");
    assert_eq!(told[0]["details"]["session_id"], session);
    assert_eq!(told[0]["details"]["content"], content);
    let elsewhere = changes(&before, &state);
    let here = format!("/acme/conversations/{session}/");
    let elsewhere: Vec<&str> = places(&elsewhere)
        .into_iter()
        .filter(|place| !place.starts_with(&here))
        .collect();
    assert_eq!(elsewhere, ["/acme/now", "/acme/sent_to_customers/0"]);
}

// ---- a night's triage --------------------------------------------------------------------------

#[tokio::test]
async fn notes_are_left_by_night_and_nothing_is_sent() {
    let (desk, _served, client) = start("website").await;
    let before = desk.state();
    let unread = |one: &Value| {
        let mut messages = list(&one["messages"]).iter();
        one["state"] != "resolved" && messages.any(|message| message["from"] == "user" && message["read"].is_null())
    };
    let expected = sessions(&before, unread);
    let open = json!({ "filter_not_resolved": true, "filter_unread": true, "limit": 20 });
    let (queue, pages) = read_all(&client, "list_all_crisp_conversations", &open).await;
    assert_eq!(session_ids(&queue), expected);
    assert!(pages > 1, "more than a page of them");
    let mut notes = Vec::new();
    for one in &queue {
        let session = text(one, "/session_id");
        let (messages, _) = read_all(&client, "list_all_crisp_messages", &json!({ "session_id": session })).await;
        let told = list(&conversation(&before, session)["messages"]);
        assert_eq!(
            messages.len(),
            told.len(),
            "{session}: read to its beginning, each message once"
        );
        // Batches go back in time; what was said last is the newest of all.
        let said = messages.iter().filter(|message| message["from"] == "user");
        let last = said.max_by_key(|message| message["timestamp"].as_i64()).unwrap();
        let words = last["content"].as_str().unwrap_or("(no words)");
        let content = format!("Night shift.\n{}\nLast word: {words}", text(one, "/meta/subject"));
        let note = json!({
            "session_id": session, "type": "note", "from": "operator", "origin": "chat", "content": content,
            "automated": true,
        });
        let kept = ask(&client, "create_a_crisp_message", note).await;
        notes.push((session, content, kept["fingerprint"].clone()));
    }

    let state = desk.state();
    assert_eq!(
        state["acme"]["sent_to_customers"],
        json!([]),
        "no customer got anything"
    );
    let mut all = vec!["/acme/now".to_owned()];
    for (session, content, fingerprint) in &notes {
        let index = list(&conversation(&before, session)["messages"]).len();
        let note = &conversation(&state, session)["messages"][index];
        assert_eq!((&note["type"], &note["from"]), (&json!("note"), &json!("operator")));
        assert_eq!((&note["content"], &note["fingerprint"]), (&json!(content), fingerprint));
        assert_eq!(note["automated"], true);
        all.push(format!("/acme/conversations/{session}/messages/{index}"));
        all.push(format!("/acme/conversations/{session}/updated_at"));
    }
    assert_eq!(
        places(&changes(&before, &state)),
        sorted(all),
        "no state, no mark of reading, no assignment changed"
    );
    // What a stranger wrote is quoted as it is, not done.
    let quoted = |words: &str| notes.iter().any(|(_, content, _)| content.contains(words));
    assert!(quoted(
        "100 % off? {\"json\": true} [link](https://acme.example/?a=1&b=2#c)"
    ));
}

// ---- an audit of articles ----------------------------------------------------------------------

#[tokio::test]
async fn articles_are_audited() {
    let (desk, _served, client) = start("website").await;
    let before = desk.state();
    let articles = list(&before["acme"]["helpdesk"]["articles"]);
    let english = |one: &&Value| one["locale"] == "en";
    let (listed, pages) = read_all(&client, "list_all_crisp_helpdesk_articles", &json!({ "locale": "en" })).await;
    assert_eq!(
        (listed.len(), pages),
        (articles.iter().filter(english).count(), 3),
        "two pages and an empty one"
    );

    // Rewritten are published articles without a summary; the three that are read least are taken down.
    let published = |one: &Value| one["status"] == "published";
    let mut rewritten = BTreeSet::new();
    for one in listed
        .iter()
        .filter(|one| published(one) && one["description"].is_null())
    {
        let article = json!({ "locale": "en", "article_id": one["article_id"] });
        let whole = ask(&client, "get_single_crisp_helpdesk_article_by_id", article.clone()).await;
        let mut change = article;
        change["description"] = format!("In short: {}", text(&whole, "/title")).into();
        change["content"] = format!("{}\nStill true in \"March\" & later.\n", text(&whole, "/content")).into();
        done(&ask(&client, "update_a_crisp_helpdesk_article_by_id", change).await);
        rewritten.insert(text(one, "/article_id").to_owned());
    }
    let by_visits = json!({ "locale": "en", "order_visits": true, "filter_status_published": true });
    let (by_visits, _) = read_all(&client, "list_all_crisp_helpdesk_articles", &by_visits).await;
    let mut taken_down = BTreeSet::new();
    for one in by_visits.iter().rev().take(3) {
        let article = json!({ "locale": "en", "article_id": one["article_id"] });
        done(&ask(&client, "crisp_helpdesk_articles_unpublish", article.clone()).await);
        let gone = fail(&client, "crisp_helpdesk_articles_resolve_page", article).await;
        assert_eq!(gone["code"], "not_found");
        taken_down.insert(text(one, "/article_id").to_owned());
    }

    let least = articles.iter().filter(english).filter(|one| published(one));
    let mut least: Vec<&Value> = least.collect();
    least.sort_by_key(|one| one["visits"].as_i64());
    let least = least[..3].iter().map(|one| text(one, "/article_id").to_owned());
    assert_eq!(taken_down, least.collect());
    let state = desk.state();
    let mut all = vec!["/acme/now".to_owned()];
    for (index, old) in articles.iter().enumerate() {
        let new = &state["acme"]["helpdesk"]["articles"][index];
        let id = text(old, "/article_id");
        let mut changed = |fields: &[&str]| {
            all.extend(
                fields
                    .iter()
                    .map(|field| format!("/acme/helpdesk/articles/{index}/{field}")),
            );
        };
        let short = old["description"].is_null() && published(old) && english(&old);
        assert_eq!(rewritten.contains(id), short, "{old}");
        if short {
            changed(&["content", "description"]);
            assert_eq!(new["description"], format!("In short: {}", text(old, "/title")));
            let content = format!("{}\nStill true in \"March\" & later.\n", text(old, "/content"));
            assert_eq!(new["content"], content);
        }
        if taken_down.contains(id) {
            changed(&["status", "published_at"]);
            assert_eq!((&new["status"], &new["published_at"]), (&json!("draft"), &Value::Null));
        }
        if short || taken_down.contains(id) {
            changed(&["updated_at"]);
        }
    }
    assert!(!rewritten.is_empty() && rewritten.len() < articles.len());
    assert_eq!(
        places(&changes(&before, &state)),
        sorted(all),
        "titles, order, places and French articles stay"
    );
}

// ---- spam --------------------------------------------------------------------------------------

#[tokio::test]
async fn spam_is_filtered_and_what_is_none_is_routed() {
    let (desk, _served, client) = start("user").await;
    let before = desk.state();
    let (held, _) = read_all(&client, "list_all_crisp_spam_conversations", &json!({})).await;
    assert_eq!(held.len(), 5);
    for one in &held {
        let spam = json!({ "spam_id": one["spam_id"] });
        let whole = ask(&client, "get_single_crisp_spam_conversation_by_id", spam.clone()).await;
        // A customer speaks of an order.
        let genuine = text(&whole, "/content/text").contains("my order 10422");
        let mut decision = spam;
        decision["action"] = if genuine { "accept" } else { "reject" }.into();
        done(&ask(&client, "crisp_spam_conversations_decide", decision).await);
    }
    let search = json!({ "search_type": "text", "search_query": "sender3@spam.example" });
    let found = ask(&client, "list_all_crisp_conversations", search).await;
    assert_eq!(found["result_count"], 1);
    let let_in = text(&found["result"][0], "/session_id");
    let inboxes = ask(&client, "list_all_crisp_inboxes", json!({})).await;
    let inbox = having(&inboxes["result"], "/name", "Returns")["inbox_id"].clone();
    let operators = ask(&client, "list_all_crisp_operators", json!({})).await;
    let colleague = having(&operators["result"], "/details/title", "Logistics")["details"]["user_id"].clone();
    let segments = json!({ "session_id": let_in, "segments": ["shipping"] });
    done(&ask(&client, "update_a_crisp_conversation_meta_by_id", segments).await);
    let moved = json!({ "session_id": let_in, "inbox_id": inbox });
    done(&ask(&client, "crisp_conversations_update_inbox", moved).await);
    let assigned = json!({ "session_id": let_in, "assigned": { "user_id": colleague } });
    done(&ask(&client, "crisp_conversations_update_routing", assigned).await);

    // What got through the filter is reported, and its sender kept out.
    let search = json!({ "search_type": "text", "search_query": "ignore previous instructions" });
    let found = ask(&client, "list_all_crisp_conversations", search).await;
    assert_eq!(found["result_count"], 1);
    let reported = text(&found["result"][0], "/session_id");
    let report = json!({ "session_id": reported, "flag": "spam" });
    done(&ask(&client, "create_a_crisp_report", report).await);
    let block = json!({ "session_id": reported, "blocked": true });
    done(&ask(&client, "update_a_crisp_conversation_block_by_id", block).await);
    let again = json!({
        "session_id": reported, "type": "text", "from": "user", "origin": "chat", "content": "Are you there?",
    });
    let refused = fail(&client, "create_a_crisp_message", again).await;
    assert_eq!(
        (&refused["code"], &refused["status"]),
        (&json!("forbidden"), &json!(403))
    );

    let state = desk.state();
    assert_eq!(state["acme"]["spams"], json!([]));
    let new = conversation(&state, let_in);
    for (name, value) in [
        ("inbox_id", inbox),
        ("assigned", colleague),
        ("state", json!("pending")),
        ("visible", json!(true)),
        (
            "meta",
            json!({
                "email": "sender3@spam.example", "origin": "email", "subject": "Re: order 10422",
                "segments": ["shipping"],
            }),
        ),
    ] {
        assert_eq!(new[name], value, "{name}");
    }
    assert_eq!(
        new["messages"][0]["content"],
        "Hello, my order 10422 came without screws. Please help."
    );
    let people_id = text(new, "/people_id");
    assert_eq!(state["acme"]["people"][people_id]["email"], "sender3@spam.example");
    let here = |field: &str| format!("/acme/conversations/{reported}/{field}");
    assert_eq!(conversation(&state, reported)["reported"], "spam");
    assert_eq!(conversation(&state, reported)["is_blocked"], true);
    let mut all: Vec<String> = (0..5).map(|index| format!("/acme/spams/{index}")).collect();
    all.extend(["reported", "is_blocked", "updated_at"].map(here));
    all.push(format!("/acme/conversations/{let_in}"));
    all.push(format!("/acme/people/{people_id}"));
    all.push("/acme/now".to_owned());
    assert_eq!(places(&changes(&before, &state)), sorted(all));
}

// ---- a greeting --------------------------------------------------------------------------------

#[tokio::test]
async fn visitors_are_greeted_first() {
    let (desk, _served, client) = start("website").await;
    let before = desk.state();
    let (visitors, pages) = read_all(&client, "list_all_crisp_visitors_lists", &json!({})).await;
    assert_eq!((visitors.len(), pages), (27, 3), "two pages and an empty one");

    // A visitor at the checkout has a session already, in which nothing was said.
    let undecided = visitors
        .iter()
        .find(|one| one["last_page"]["page_url"] == "https://acme.example/checkout" && one["initiated"] == false);
    let undecided = undecided.unwrap();
    let greeted = text(undecided, "/session_id");
    assert_eq!(conversation(&before, greeted), &Value::Null);
    done(
        &ask(
            &client,
            "crisp_conversations_initiate",
            json!({ "session_id": greeted }),
        )
        .await,
    );
    let greeting = format!("Hello {}, may I help with the checkout?", text(undecided, "/nickname"));
    let hello = |session: &str, content: &str| json!({ "session_id": session, "type": "text", "from": "operator", "origin": "chat", "content": content });
    let first = ask(&client, "create_a_crisp_message", hello(greeted, &greeting)).await;

    // Somebody known, without a session: a conversation is opened for them.
    let known = json!({ "search_text": VIP });
    let known = ask(&client, "list_all_crisp_people_profiles", known).await;
    assert_eq!(known["result_count"], 1);
    let person = &known["result"][0];
    let opened = ask(&client, "create_a_crisp_conversation", json!({})).await;
    let opened = text(&opened, "/session_id");
    let who = json!({ "session_id": opened, "email": person["email"], "nickname": person["person"]["nickname"] });
    done(&ask(&client, "update_a_crisp_conversation_meta_by_id", who).await);
    let second = ask(
        &client,
        "create_a_crisp_message",
        hello(opened, "Your checkout is up again."),
    )
    .await;

    let state = desk.state();
    for (session, fingerprint, content, person) in [
        (greeted, &first["fingerprint"], greeting.as_str(), &Value::Null),
        (
            opened,
            &second["fingerprint"],
            "Your checkout is up again.",
            &person["people_id"],
        ),
    ] {
        let new = conversation(&state, session);
        assert_eq!(list(&new["messages"]).len(), 1);
        assert_eq!(new["messages"][0]["content"], content);
        assert_eq!(new["messages"][0]["fingerprint"], *fingerprint);
        assert_eq!(new["people_id"], *person);
        assert_eq!(new["visible"], false);
    }
    assert_eq!(conversation(&state, greeted)["meta"]["nickname"], undecided["nickname"]);
    let told: Vec<Value> = list(&state["acme"]["sent_to_customers"])
        .iter()
        .map(|one| json!([one["details"]["session_id"], one["details"]["content"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!([greeted, greeting]),
            json!([opened, "Your checkout is up again."])
        ]
    );
    let all = vec![
        format!("/acme/conversations/{greeted}"),
        format!("/acme/conversations/{opened}"),
        "/acme/now".to_owned(),
        "/acme/sent_to_customers/0".to_owned(),
        "/acme/sent_to_customers/1".to_owned(),
    ];
    assert_eq!(places(&changes(&before, &state)), sorted(all));

    // Inboxes show a conversation once the customer has written.
    let newest = async |empty: bool| {
        let newest = json!({ "include_empty": empty, "order_date_created": true });
        let page = ask(&client, "list_all_crisp_conversations", newest).await;
        session_ids(list(&page["result"]))
    };
    assert!(!newest(false).await.contains(opened));
    assert!(newest(true).await.contains(opened));
    let mut answer = hello(opened, "So it is, thank you!");
    answer["from"] = "user".into();
    ask(&client, "create_a_crisp_message", answer).await;
    assert!(newest(false).await.contains(opened));
}

// ---- a new article -----------------------------------------------------------------------------

#[tokio::test]
async fn an_article_comes_out_of_a_resolved_conversation() {
    let (desk, _served, client) = start("website").await;
    let before = desk.state();
    let search = json!({ "search_type": "text", "search_query": "bag was packed wrong", "filter_resolved": true });
    let found = ask(&client, "list_all_crisp_conversations", search).await;
    let session = text(&found["result"][0], "/session_id");
    let messages = ask(&client, "list_all_crisp_messages", json!({ "session_id": session })).await;
    let said = list(&messages["result"]).iter();
    let said = said.filter(|one| one["type"] == "text" && one["from"] == "operator");
    let advice: Vec<String> = said.map(|one| format!("- {}", text(one, "/content"))).collect();
    let expected =
        "- Is bag B in the box? The long screws are in there.\n- Then a bag was packed wrong. A new one is on its way.";
    assert_eq!(advice.join("\n"), expected);

    let title = "A screw is missing – where to look?";
    let content = format!("# {title}\n\n{}\n\n```\n\"B\" & <long>\n```\n", advice.join("\n"));
    let made = ask(
        &client,
        "create_a_crisp_helpdesk_article",
        json!({ "locale": "en", "title": title }),
    )
    .await;
    let article = json!({ "locale": "en", "article_id": made["article_id"] });
    let and = |fields: Value| {
        let mut all = article.clone();
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        all
    };
    let written = and(json!({ "content": content, "description": "Bag B", "featured": true }));
    done(&ask(&client, "update_a_crisp_helpdesk_article_by_id", written).await);
    let categories = json!({ "locale": "en", "search_name": "Products" });
    let categories = ask(&client, "list_all_crisp_helpdesk_categories", categories).await;
    let category = &categories["result"][0]["category_id"];
    let filed = and(json!({ "category_id": category }));
    done(&ask(&client, "update_a_crisp_helpdesk_article_category_by_id", filed).await);

    let index = list(&before["acme"]["helpdesk"]["articles"]).len();
    let kept = |state: &Value| state["acme"]["helpdesk"]["articles"][index].clone();
    assert_eq!(kept(&desk.state())["status"], "draft", "readers see nothing yet");
    let unseen = fail(&client, "crisp_helpdesk_articles_resolve_page", article.clone()).await;
    assert_eq!(unseen["code"], "not_found");
    let published = ask(&client, "crisp_helpdesk_articles_publish", article.clone()).await;
    let short = text(&made, "/article_id").split('-').next().unwrap();
    let url = format!("https://acme-help.helpdesk.example/en/article/a-screw-is-missing-where-to-look-{short}/");
    assert_eq!(published, json!({ "url": url }));
    let page = ask(&client, "crisp_helpdesk_articles_resolve_page", article).await;
    assert_eq!(page, json!({ "title": title, "url": url }));
    let note = json!({
        "session_id": session, "type": "note", "from": "operator", "origin": "chat", "content": format!("Now at {url}"),
    });
    ask(&client, "create_a_crisp_message", note).await;

    let state = desk.state();
    let new = kept(&state);
    for (name, value) in [
        ("article_id", made["article_id"].clone()),
        ("locale", json!("en")),
        ("title", json!(title)),
        ("description", json!("Bag B")),
        ("content", json!(content)),
        ("status", json!("published")),
        ("visibility", json!("visible")),
        ("featured", json!(true)),
        ("category_id", category.clone()),
        ("section_id", Value::Null),
    ] {
        assert_eq!(new[name], value, "{name}");
    }
    assert_eq!(
        conversation(&state, session)["state"],
        "resolved",
        "a note opens nothing again"
    );
    assert_eq!(state["acme"]["sent_to_customers"], json!([]));
    let last = list(&conversation(&before, session)["messages"]).len();
    let all = vec![
        format!("/acme/conversations/{session}/messages/{last}"),
        format!("/acme/conversations/{session}/updated_at"),
        format!("/acme/helpdesk/articles/{index}"),
        "/acme/now".to_owned(),
    ];
    assert_eq!(places(&changes(&before, &state)), sorted(all));
}

#[tokio::test]
async fn the_newer_knowledge_base_has_tools_of_its_own() {
    let desk = Desk::start("crisp").await;
    let credentials = desk.running.credentials_of("birchwood").unwrap();
    let served = Served::start(&account("crisp", &desk.running.base_url(), credentials)).await;
    let client = served.client().await;
    let before = desk.state();
    let article = json!({ "locale": "en", "title": "Breakfast" });
    let hinted = fail(&client, "create_a_crisp_helpdesk_article", article).await;
    assert_eq!(hinted["code"], "not_found");
    assert!(text(&hinted, "/hint").contains("helpdesk_tree"), "{hinted}");

    let place = json!({ "locale": "en", "content_type": "articles", "path": "contact/breakfast & more" });
    let and = |fields: Value| {
        let mut all = place.clone();
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        all
    };
    done(&ask(&client, "create_a_crisp_helpdesk_tree", place.clone()).await);
    let content = and(json!({ "content": "# Breakfast\n\n7 – 10, \"late\" ones & all." }));
    done(&ask(&client, "crisp_helpdesk_trees_save_content", content).await);
    let metadata = and(json!({ "title": "Breakfast & more", "state": { "published": true } }));
    done(&ask(&client, "crisp_helpdesk_trees_update_metadata", metadata).await);
    let page = ask(&client, "crisp_helpdesk_trees_resolve_page", place).await;
    let url = "https://birchwood-answers.helpdesk.example/en/articles/contact/breakfast & more/";
    assert_eq!(page["url"], url);

    let state = desk.state();
    let nodes = list(&before["birchwood"]["helpdesk"]["nodes"]).len();
    let node = &state["birchwood"]["helpdesk"]["nodes"][nodes];
    for (name, value) in [
        ("path", json!("contact/breakfast & more")),
        ("locale", json!("en")),
        ("content_type", json!("articles")),
        ("content", json!("# Breakfast\n\n7 – 10, \"late\" ones & all.")),
    ] {
        assert_eq!(node[name], value, "{name}");
    }
    assert_eq!(node["metadata"]["title"], "Breakfast & more");
    assert_eq!(node["metadata"]["state"]["published"], true);
    let changed = changes(&before, &state);
    let mut elsewhere = places(&changed).into_iter();
    assert!(elsewhere.all(|place| place.starts_with("/birchwood/helpdesk/") || place == "/birchwood/now"));
}

// ---- what is refused before it is sent ---------------------------------------------------------

#[tokio::test]
async fn identifiers_of_another_kind_are_refused_and_not_sent() {
    let (desk, _served, client) = start("user").await;
    let state = desk.state();
    let session = sessions(&state, |one| one["people_id"].is_string())
        .pop_first()
        .unwrap();
    let people = text(conversation(&state, &session), "/people_id").to_owned();
    let said = |fingerprint: Value| json!({ "session_id": session, "fingerprint": fingerprint });
    let sent = |fingerprint: Value| {
        json!({
            "session_id": session, "type": "note", "from": "operator", "origin": "chat", "content": "x",
            "fingerprint": fingerprint,
        })
    };
    let read = |fingerprint: Value| json!({ "session_id": session, "from": "user", "origin": "chat", "fingerprints": [fingerprint] });
    let (profiles, conversations) = ("list_all_crisp_people_profiles", "list_all_crisp_conversations");
    let (messages, operators) = ("list_all_crisp_messages", "list_all_crisp_operators");
    for (tool, arguments, argument, source) in [
        (
            "get_single_crisp_people_datum_by_id",
            json!({ "people_id": session }),
            "people_id",
            profiles,
        ),
        (
            "update_a_crisp_people_datum_by_id",
            json!({ "people_id": session, "data": { "plan": "Plus" } }),
            "people_id",
            profiles,
        ),
        (
            "get_single_crisp_people_profile_by_id",
            json!({ "people_id": 7 }),
            "people_id",
            profiles,
        ),
        (
            "list_all_crisp_people_events",
            json!({ "people_id": "petra" }),
            "people_id",
            profiles,
        ),
        (
            "get_single_crisp_conversation_by_id",
            json!({ "session_id": people }),
            "session_id",
            conversations,
        ),
        (
            "get_single_crisp_conversation_by_id",
            json!({ "session_id": format!("conversation_{people}") }),
            "session_id",
            conversations,
        ),
        (
            "crisp_batch_conversations_resolve",
            json!({ "sessions": [session, people] }),
            "sessions",
            conversations,
        ),
        (
            "crisp_conversations_update_routing",
            json!({ "session_id": session, "assigned": { "user_id": session } }),
            "user_id",
            operators,
        ),
        (
            "list_all_crisp_conversations",
            json!({ "filter_assigned": session }),
            "filter_assigned",
            operators,
        ),
        (
            "get_single_crisp_message_by_id",
            said(json!("msg_0001")),
            "fingerprint",
            messages,
        ),
        (
            "get_single_crisp_message_by_id",
            said(json!(people)),
            "fingerprint",
            messages,
        ),
        (
            "get_single_crisp_message_by_id",
            said(json!(5.5)),
            "fingerprint",
            messages,
        ),
        (
            "delete_a_crisp_message_by_id",
            said(json!("abc")),
            "fingerprint",
            messages,
        ),
        (
            "crisp_messages_mark_read",
            read(json!("last")),
            "fingerprints",
            messages,
        ),
        ("create_a_crisp_message", sent(json!("retry-1")), "fingerprint", ""),
        ("create_a_crisp_message", sent(json!(people)), "fingerprint", ""),
        ("create_a_crisp_message", sent(json!(0)), "fingerprint", ""),
        ("create_a_crisp_message", sent(json!(-4)), "fingerprint", ""),
        (
            "create_a_crisp_message",
            sent(json!(9_007_199_254_740_993_i64)),
            "fingerprint",
            "",
        ),
    ] {
        let error = fail(&client, tool, arguments.clone()).await;
        assert_eq!(error["code"], "invalid_arguments", "{tool} {arguments}: {error}");
        assert_eq!((&error["origin"], &error["status"]), (&json!("deskhand"), &Value::Null));
        let message = text(&error, "/message");
        assert!(
            message.contains(argument) && message.contains(source),
            "{tool} {arguments}: {error}"
        );
    }
    // An empty list would mean every conversation there is.
    let error = fail(&client, "crisp_batch_conversations_resolve", json!({ "sessions": [] })).await;
    assert_eq!(error["code"], "invalid_arguments");
    assert!(text(&error, "/message").contains("all"), "{error}");
    assert_eq!(desk.control().requests().len(), 0, "nothing was sent");
    assert_eq!(changes(&state, &desk.state()), Map::new());
}

#[tokio::test]
async fn a_message_sent_twice_is_one_message() {
    let (desk, _served, client) = start("website").await;
    let before = desk.state();
    let session = sessions(&before, |one| one["meta"]["email"] == VIP)
        .pop_first()
        .unwrap();
    let count = |state: &Value| list(&conversation(state, &session)["messages"]).len();
    let reply = json!({
        "session_id": session, "type": "text", "from": "operator", "origin": "chat", "content": "We are on it.",
    });
    // Left out, a fingerprint is made, sent along and told, so that the call can be repeated.
    desk.control().clear();
    let sent = ask(&client, "create_a_crisp_message", reply.clone()).await;
    let fingerprint = sent["fingerprint"].as_i64().unwrap();
    let bodies = || -> Vec<Value> {
        let requests = desk.control().requests();
        requests
            .iter()
            .map(|one| one.json().unwrap()["fingerprint"].clone())
            .collect()
    };
    assert_eq!(bodies(), [json!(fingerprint)]);
    let mut again = reply.clone();
    again["fingerprint"] = fingerprint.into();
    assert_eq!(ask(&client, "create_a_crisp_message", again.clone()).await, sent);
    assert_eq!(bodies(), [json!(fingerprint), json!(fingerprint)]);
    let state = desk.state();
    assert_eq!(count(&state), count(&before) + 1);
    assert_eq!(
        list(&state["acme"]["sent_to_customers"]).len(),
        1,
        "the customer got one"
    );

    // Also when the answer to the first was lost on its way: the failure tells the fingerprint that was sent.
    desk.control().clear();
    desk.control().inject(Fault::TruncatedJson, Trigger::Next(1));
    let lost = fail(&client, "create_a_crisp_message", reply.clone()).await;
    assert_eq!(lost["code"], "upstream_invalid_response");
    let tried = bodies()[0].clone();
    assert!(lost.to_string().contains(&tried.to_string()), "{lost}");
    again["fingerprint"] = tried.clone();
    assert_eq!(
        ask(&client, "create_a_crisp_message", again).await["fingerprint"],
        tried
    );
    let state = desk.state();
    assert_eq!(count(&state), count(&before) + 2);
    assert_eq!(list(&state["acme"]["sent_to_customers"]).len(), 2);
    assert_ne!(tried, fingerprint, "another message has another");
}
