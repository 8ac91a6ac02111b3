//! Desk365: triage, knowledge base, lists, files, time, wrong arguments, and many calls at once.

use std::collections::BTreeSet;

use base64::Engine as _;
use deskhand_simulator::Options;
use deskhand_tests::desk::{
    Client, Desk, Served, ask, changes, connect, desk365, eventually, fail, http, run, stdio, with,
};
use serde_json::{Map, Value, json};

use crate::{places, read_all};

/// The sample's story: the only urgent ticket of a VIP that nobody has taken. It was opened at 08:22:00, and the
/// simulated clock stands at 09:00:00 and moves by a second with every change.
const VIP_TICKET: i64 = 1197;
const VIP: &str = "marina.quayside@halcyonfreight.example";

// ---- triage ------------------------------------------------------------------------------------

async fn triage(desk: &Desk, client: &Client) {
    let before = desk.state();
    assert_eq!(
        before["acme"]["tickets"][196]["ticket_number"], VIP_TICKET,
        "the sample is the expected one"
    );

    let queue = ask(
        client,
        "list_all_desk_365_tickets",
        json!({
            "filters": { "status": ["Open"], "priority": ["urgent"], "assigned_to": ["--"] },
            "order_by": "created_time",
            "order_type": "desc",
            "limit": 30,
        }),
    )
    .await;
    let waiting: BTreeSet<i64> = before["acme"]["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|ticket| ticket["status"] == "Open" && ticket["priority"] == 20 && ticket["assigned_to"].is_null())
        .map(|ticket| ticket["ticket_number"].as_i64().unwrap())
        .collect();
    assert!(waiting.contains(&VIP_TICKET));
    let listed = queue["result"].as_array().unwrap();
    assert_eq!(
        listed
            .iter()
            .map(|ticket| ticket["ticket_number"].as_i64().unwrap())
            .collect::<BTreeSet<_>>(),
        waiting
    );
    assert_eq!(queue["result_count"], waiting.len());
    assert_eq!(queue["total"], waiting.len());
    assert_eq!(queue["next_cursor"], Value::Null);
    assert_eq!(listed[0]["ticket_number"], VIP_TICKET, "the newest comes first");

    let ticket = ask(
        client,
        "get_single_desk_365_ticket_by_id",
        json!({ "ticket_number": listed[0]["ticket_number"] }),
    )
    .await;
    assert_eq!(
        ticket["subject"],
        "URGENT: checkout down in all our depots, nothing ships"
    );
    assert!(
        ticket["description"]
            .as_str()
            .unwrap()
            .contains("<b>every</b> checkout"),
        "HTML is left as it is"
    );
    assert_eq!(ticket["contact_email"], VIP);

    let contact = ask(
        client,
        "get_single_desk_365_contact_by_id",
        json!({ "primary_email": ticket["contact_email"] }),
    )
    .await;
    assert_eq!(contact["name"], "Marina Quayside");
    assert_eq!(contact["title"], "Head of Operations");

    // Blanks and an ampersand in an identifier that travels in the query.
    let company = ask(
        client,
        "get_single_desk_365_company_by_id",
        json!({ "name": contact["company_name"] }),
    )
    .await;
    assert_eq!(company["name"], "Halcyon Freight & Co.");
    assert_eq!(company["sla"], "VIP SLA ⭐");

    let conversation = ask(
        client,
        "list_all_desk_365_ticket_conversations",
        json!({ "ticket_number": VIP_TICKET }),
    )
    .await;
    assert_eq!(conversation["result"], json!([]));
    assert_eq!(changes(&before, &desk.state()), Map::new(), "reading changes nothing");

    let note = ask(
        client,
        "create_a_desk_365_ticket_note",
        json!({
            "ticket_number": VIP_TICKET,
            "body": "<p>VIP: twelve depots stand still & nobody took it. \"Now\", please — 急ぎ 🚚</p>",
            "notify_emails": ["fern.dispatch@acme.example", "coral.queue@acme.example"],
        }),
    )
    .await;
    assert_eq!(note["private_note"], 1);

    let updated = ask(
        client,
        "update_a_desk_365_ticket_by_id",
        json!({ "ticket_number": VIP_TICKET, "assign_to": "fern.dispatch@acme.example", "priority": "high" }),
    )
    .await;
    assert_eq!(updated["assigned_to"], "fern.dispatch@acme.example");
    assert_eq!(updated["priority"], 10);

    let reply = ask(
        client,
        "create_a_desk_365_ticket_reply",
        json!({
            "ticket_number": VIP_TICKET,
            "body": "<p>Hello Marina,<br>we are on it: next word by 10:00 UTC.</p>",
            "agent_email": "fern.dispatch@acme.example",
        }),
    )
    .await;
    assert_eq!(reply["to_email"], VIP);

    let state = desk.state();
    let changed = changes(&before, &state);
    let ticket = |field: &str| format!("/acme/tickets/196/{field}");
    let fields = [
        ("assigned_to", json!("fern.dispatch@acme.example")),
        // Four hours for a ticket of high priority under the VIP agreement, counted from its opening.
        ("due_date", json!("2026-03-02 12:22:00")),
        ("first_assigned_time", json!("2026-03-02 09:00:02")),
        ("first_response_time", json!("2026-03-02 09:00:03")),
        ("priority", json!(10)),
        ("updated_by", json!("fern.dispatch@acme.example")),
        ("updated_by_type", json!(2)),
        ("updated_on", json!("2026-03-02 09:00:03")),
    ];
    for (field, expected) in &fields {
        assert_eq!(changed.get(&ticket(field)), Some(expected), "{field}");
    }
    let mut expected: Vec<String> = fields.iter().map(|(field, _)| ticket(field)).collect();
    expected.extend(["/acme/conversations/1197", "/acme/mails/0", "/acme/now"].map(str::to_owned));
    expected.sort();
    assert_eq!(places(&changed), expected, "nothing else changed, of either tenant");

    assert_eq!(before["acme"]["mails"], json!([]));
    assert_eq!(
        state["acme"]["mails"],
        json!([{
            "ticket_number": VIP_TICKET,
            "kind": "reply",
            "from": "support@acme.example",
            "to": VIP,
            "cc": [],
            "bcc": [],
            "subject": "Re: URGENT: checkout down in all our depots, nothing ships [#1197]",
            "body": "<p>Hello Marina,<br>we are on it: next word by 10:00 UTC.</p>",
            "attachments": [],
            "sent_on": "2026-03-02 09:00:03",
        }]),
        "one mail, to the one who asked"
    );
    let messages = state["acme"]["conversations"]["1197"].as_array().unwrap();
    let told = |index: usize, names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| messages[index][*name].clone()).collect()
    };
    assert_eq!(messages.len(), 2);
    assert_eq!(
        told(0, &["kind", "to_address", "notified_agents", "created_by", "body"]),
        [
            json!("private_note"),
            Value::Null,
            json!("fern.dispatch@acme.example,coral.queue@acme.example"),
            json!("amber.desk@acme.example"),
            json!("<p>VIP: twelve depots stand still & nobody took it. \"Now\", please — 急ぎ 🚚</p>"),
        ]
    );
    assert_eq!(
        told(1, &["kind", "to_address", "cc_address", "bcc_address", "created_by"]),
        [
            json!("agent_reply"),
            json!(VIP),
            Value::Null,
            Value::Null,
            json!("fern.dispatch@acme.example")
        ]
    );

    let conversation = ask(
        client,
        "list_all_desk_365_ticket_conversations",
        json!({ "ticket_number": VIP_TICKET }),
    )
    .await;
    let ids: Vec<&Value> = conversation["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["id"])
        .collect();
    assert_eq!(ids, [&note["id"], &reply["id"]]);
    assert_eq!(conversation["result"][0]["public_note"], false);
}

#[tokio::test]
async fn a_vip_ticket_is_triaged_over_http() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    triage(&desk, &served.client().await).await;
}

#[tokio::test]
async fn a_vip_ticket_is_triaged_over_stdio() {
    let desk = Desk::start("desk365").await;
    let (client, _) = stdio("desk365", &desk.account()).await;
    triage(&desk, &client).await;
    client.cancel().await.unwrap();
}

// ---- knowledge base ----------------------------------------------------------------------------

const CATEGORY: &str = "Billing & Refunds";
const FOLDER: &str = "Holidays / 2026 + \"Gifts\"";
const TITLE: &str = "Gifts: how & when to return? 🎁 50%";
const NEW_TITLE: &str = "Returning gifts #1";

async fn titles(client: &Client) -> Vec<String> {
    let list = ask(client, "list_all_desk_365_kb_articles", json!({})).await;
    let titles: Vec<String> = list["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|title| title.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(list["result_count"], titles.len());
    assert_eq!(list["next_cursor"], Value::Null);
    titles
}

async fn write_an_article(desk: &Desk, client: &Client) {
    let before = desk.state();
    let articles = before["acme"]["kb_articles"].as_array().unwrap().len();
    let live: BTreeSet<String> = before["acme"]["kb_articles"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|article| article["status"] != 0)
        .map(|article| article["article_title"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(titles(client).await.into_iter().collect::<BTreeSet<_>>(), live);

    let known = ask(
        client,
        "get_single_desk_365_kb_article_by_id",
        json!({ "article_name": "How refunds work" }),
    )
    .await;
    assert_eq!(known["category_name"], CATEGORY);
    let category = ask(
        client,
        "get_single_desk_365_kb_category_by_id",
        json!({ "category_name": known["category_name"] }),
    )
    .await;
    assert_eq!(category["category_name"], CATEGORY);
    assert_eq!(changes(&before, &desk.state()), Map::new());

    let folder = json!({ "category_name": CATEGORY, "folder_name": FOLDER });
    ask(client, "create_a_desk_365_kb_folder", folder.clone()).await;
    let read = ask(client, "get_single_desk_365_kb_folder_by_id", folder.clone()).await;
    // Its name lies in `category_name`, the category's in `parent_category_name`: a wart of the vendor's, left alone.
    assert_eq!(
        (&read["category_name"], &read["parent_category_name"]),
        (&json!(FOLDER), &json!(CATEGORY))
    );

    let content = "<h2>Gifts</h2><p>Até 30 dias &amp; unopened.<br>\u{201c}No\u{201d} receipt needed.</p>";
    let made = ask(
        client,
        "create_a_desk_365_kb_article",
        json!({
            "article_title": TITLE, "article_content": content, "category_name": CATEGORY, "folder_name": FOLDER,
            "status": "draft", "created_by_email": "heath.nightshift@acme.example",
        }),
    )
    .await;
    assert_eq!(made["status"], 0);
    let article = |state: &Value, names: &[&str]| -> Vec<Value> {
        let article = &state["acme"]["kb_articles"][articles];
        names.iter().map(|name| article[*name].clone()).collect()
    };
    let shelf = [
        "article_title",
        "article_content",
        "category_name",
        "folder_name",
        "status",
        "created_by_email",
    ];
    let author = json!("heath.nightshift@acme.example");
    assert_eq!(
        article(&desk.state(), &shelf),
        [
            json!(TITLE),
            json!(content),
            json!(CATEGORY),
            json!(FOLDER),
            json!(0),
            author.clone()
        ]
    );
    assert!(
        !titles(client).await.contains(&TITLE.to_owned()),
        "a draft is not listed"
    );
    let unseen = fail(
        client,
        "get_single_desk_365_kb_article_by_id",
        json!({ "article_name": TITLE }),
    )
    .await;
    assert_eq!(unseen["code"], "not_found");

    let published = json!({ "article_name": TITLE, "status": "published" });
    assert_eq!(
        ask(client, "update_a_desk_365_kb_article_by_id", published).await["status"],
        1
    );
    assert!(titles(client).await.contains(&TITLE.to_owned()));
    let read = ask(
        client,
        "get_single_desk_365_kb_article_by_id",
        json!({ "article_name": TITLE }),
    )
    .await;
    assert_eq!(read["article_content"], content);
    assert_eq!(read["folder_name"], FOLDER);

    let renamed = json!({
        "article_name": TITLE, "article_title": NEW_TITLE, "article_content": "<p>Thirty days.</p>",
    });
    ask(client, "update_a_desk_365_kb_article_by_id", renamed).await;
    assert_eq!(
        article(&desk.state(), &shelf),
        [
            json!(NEW_TITLE),
            json!("<p>Thirty days.</p>"),
            json!(CATEGORY),
            json!(FOLDER),
            json!(1),
            author
        ],
        "what was not named stays"
    );
    let gone = fail(
        client,
        "get_single_desk_365_kb_article_by_id",
        json!({ "article_name": TITLE }),
    )
    .await;
    assert_eq!(gone["code"], "not_found", "the title was the key");

    ask(
        client,
        "delete_a_desk_365_kb_article_by_id",
        json!({ "article_name": NEW_TITLE }),
    )
    .await;
    let again = fail(
        client,
        "delete_a_desk_365_kb_article_by_id",
        json!({ "article_name": NEW_TITLE }),
    )
    .await;
    assert_eq!((&again["code"], &again["status"]), (&json!("not_found"), &json!(404)));
    ask(client, "delete_a_desk_365_kb_folder_by_id", folder).await;
    assert_eq!(
        places(&changes(&before, &desk.state())),
        ["/acme/now"],
        "all is as it was"
    );
}

#[tokio::test]
async fn an_article_lives_and_goes_over_http() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    write_an_article(&desk, &served.client().await).await;
}

#[tokio::test]
async fn an_article_lives_and_goes_over_stdio() {
    let desk = Desk::start("desk365").await;
    let (client, _) = stdio("desk365", &desk.account()).await;
    write_an_article(&desk, &client).await;
    client.cancel().await.unwrap();
}

// ---- lists -------------------------------------------------------------------------------------

#[tokio::test]
async fn every_ticket_comes_once() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    // The sample has tickets 1001 to 1200; 1015 is archived, which no list shows.
    let expected: Vec<i64> = (1001..=1200).filter(|number| *number != 1015).collect();
    for (arguments, pages) in [
        (json!({}), 7),
        (json!({ "limit": 50 }), 4),
        // 40 is no size the vendor has; the next larger one is taken.
        (json!({ "limit": 40 }), 4),
        (json!({ "limit": 100, "order_type": "asc" }), 2),
    ] {
        desk.control().clear();
        let (tickets, read) = read_all(&client, "list_all_desk_365_tickets", &arguments).await;
        let mut numbers: Vec<i64> = tickets
            .iter()
            .map(|ticket| ticket["ticket_number"].as_i64().unwrap())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, expected, "{arguments}");
        assert_eq!(read, pages, "{arguments}");
        assert_eq!(desk.control().requests().len(), pages, "a page is one request");
    }

    // A list that was begun somewhere goes on from there.
    let (tickets, _) = read_all(
        &client,
        "list_all_desk_365_tickets",
        &json!({ "filters": { "priority": ["urgent"] } }),
    )
    .await;
    let urgent = desk.state()["acme"]["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|ticket| ticket["priority"] == 20 && ticket["archived"] == false)
        .count();
    assert_eq!(tickets.len(), urgent);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_call_only() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    let page = ask(&client, "list_all_desk_365_tickets", json!({ "order_type": "asc" })).await;
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    desk.control().clear();
    let mut bytes = cursor.clone().into_bytes();
    bytes[3] = if bytes[3] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(bytes).unwrap();
    for (tool, arguments) in [
        (
            "list_all_desk_365_tickets",
            json!({ "order_type": "desc", "next_cursor": cursor }),
        ),
        ("list_all_desk_365_contacts", json!({ "next_cursor": cursor })),
        (
            "list_all_desk_365_tickets",
            json!({ "order_type": "asc", "next_cursor": forged }),
        ),
        (
            "list_all_desk_365_tickets",
            json!({ "order_type": "asc", "next_cursor": "30" }),
        ),
        (
            "list_all_desk_365_tickets",
            json!({ "order_type": "asc", "next_cursor": cursor, "offset": 60 }),
        ),
    ] {
        let error = fail(&client, tool, arguments.clone()).await;
        assert_eq!(error["code"], "invalid_arguments", "{arguments}");
        assert!(error["message"].as_str().unwrap().contains("next_cursor"), "{error}");
    }
    assert_eq!(desk.control().requests().len(), 0, "nothing is sent for a wrong cursor");

    // Another process with the same account goes on; one with another account does not.
    let (second, _) = stdio("desk365", &desk.account()).await;
    let next = ask(
        &second,
        "list_all_desk_365_tickets",
        json!({ "order_type": "asc", "next_cursor": cursor }),
    )
    .await;
    assert_eq!(
        next["result"][0]["ticket_number"], 1032,
        "thirty after 1001, one of them archived"
    );
    let key = desk.running.credentials_of("birchwood").unwrap()["api_key"].clone();
    let (other, _) = stdio("desk365", &desk365(&desk.running.base_url(), "birchwood", &key)).await;
    let error = fail(
        &other,
        "list_all_desk_365_tickets",
        json!({ "order_type": "asc", "next_cursor": cursor }),
    )
    .await;
    assert_eq!(error["code"], "invalid_arguments");
}

#[tokio::test]
async fn lists_of_all_kinds_are_read_to_their_end() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    let state = desk.state();
    let held = |kind: &str| state["acme"][kind].as_array().unwrap().len();
    for (tool, key, expected) in [
        ("list_all_desk_365_companies", "name", held("companies")),
        ("list_all_desk_365_time_entries", "id", held("time_entries")),
        ("list_all_desk_365_contracts", "reference_number", 6),
        ("list_all_desk_365_agents", "email", 8),
        ("list_all_desk_365_locations", "location_name", 5),
    ] {
        let (items, _) = read_all(&client, tool, &json!({})).await;
        let keys: BTreeSet<String> = items.iter().map(|item| item[key].to_string()).collect();
        assert_eq!((items.len(), keys.len()), (expected, expected), "{tool}");
    }
    // 54 drawn and 6 named contacts, on pages of 30; one of the named is deleted.
    let (contacts, pages) = read_all(&client, "list_all_desk_365_contacts", &json!({})).await;
    let emails: BTreeSet<&str> = contacts
        .iter()
        .map(|contact| contact["primary_email"].as_str().unwrap())
        .collect();
    assert_eq!(emails.len(), contacts.len());
    assert!(emails.contains(VIP) && emails.contains("dot+orders@mailbox.example"));
    assert_eq!(pages, 2);

    let surveys = ask(&client, "list_all_desk_365_surveys", json!({})).await;
    let names: Vec<&Value> = surveys["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|survey| &survey["survey_name"])
        .collect();
    assert_eq!(names, ["Customer Satisfaction", "Five Stars ★ & More"]);
    let survey = ask(
        &client,
        "get_single_desk_365_survey_by_id",
        json!({ "survey_name": "Five Stars ★ & More" }),
    )
    .await;
    assert_eq!(survey["survey_type"], 2);
}

// ---- files and time ----------------------------------------------------------------------------

#[tokio::test]
async fn attachments_arrive_byte_for_byte() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    let before = desk.state();
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    // Every byte there is, line ends of all kinds, and what looks like a boundary.
    let mut every: Vec<u8> = (0..=255).collect();
    every.extend_from_slice(b"\r\n--boundary--\r\n\n\r\0");
    let large: Vec<u8> = (0..300_000_u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let files = [
        ("all bytes.bin", "application/octet-stream", every),
        (
            "Rechnung 'März' & Co; 50%.pdf",
            "application/pdf",
            b"%PDF-1.4\n\xff".to_vec(),
        ),
        ("größe 🐝.txt", "text/plain", Vec::new()),
        ("large.dat", "application/octet-stream", large),
    ];
    let given: Vec<Value> = files
        .iter()
        .map(|(name, kind, bytes)| json!({ "name": name, "media_type": kind, "content_base64": encode(bytes) }))
        .collect();
    let reply = ask(
        &client,
        "desk_365_ticket_replies_create_with_attachment",
        json!({
            "ticket_number": VIP_TICKET,
            "reply_object": { "body": "<p>See \"attached\" & tell us.</p>", "cc_emails": "books@ledger.example" },
            "files": given,
        }),
    )
    .await;
    let attached = reply["attachments"].as_array().unwrap();
    assert_eq!(attached.len(), files.len());
    for ((name, kind, bytes), attachment) in files.iter().zip(attached) {
        assert_eq!(attachment["file_name"], *name);
        assert_eq!(attachment["file_type"], *kind);
        let address = attachment["attachment_url"].as_str().unwrap();
        let stored = http().get(address).send().await.unwrap().bytes().await.unwrap();
        assert!(stored == bytes.as_slice(), "{name} is stored as it was given");
    }
    let state = desk.state();
    let mails = state["acme"]["mails"].as_array().unwrap();
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (&mails[0]["to"], &mails[0]["cc"]),
        (&json!(VIP), &json!(["books@ledger.example"]))
    );
    assert_eq!(mails[0]["body"], "<p>See \"attached\" & tell us.</p>");
    assert_eq!(mails[0]["attachments"], json!(files.each_ref().map(|(name, ..)| *name)));

    // One file goes into the part for one; a ticket and a note take files too.
    let one = json!({ "name": "one.txt", "content_base64": encode(b"one") });
    let note = json!({
        "ticket_number": VIP_TICKET, "note_object": { "body": "kept among us" }, "file": one,
    });
    let note = ask(&client, "desk_365_ticket_notes_create_with_attachment", note).await;
    assert_eq!(note["attachments"][0]["file_size"], 3);
    let ticket = json!({
        "ticket_object": { "email": "new.person@unknown.example", "subject": "With a file", "priority": "low" },
        "file": one,
    });
    let ticket = ask(&client, "desk_365_tickets_create_with_attachment", ticket).await;
    assert_eq!(ticket["ticket_number"], 1201);
    assert_eq!(ticket["attachments"][0]["file_name"], "one.txt");
    let state = desk.state();
    assert_eq!(
        state["acme"]["mails"].as_array().unwrap().len(),
        1,
        "notes are private unless told"
    );
    assert_eq!(state["acme"]["tickets"][200]["priority"], 1);
    let files_before = before["acme"]["attachments"].as_array().unwrap().len();
    assert_eq!(state["acme"]["attachments"].as_array().unwrap().len(), files_before + 6);

    // What is no base64 is told before anything is sent.
    desk.control().clear();
    let broken = json!({
        "ticket_number": VIP_TICKET, "note_object": { "body": "x" },
        "file": { "name": "x", "content_base64": "not base64!" },
    });
    let error = fail(&client, "desk_365_ticket_notes_create_with_attachment", broken).await;
    assert_eq!(error["code"], "invalid_arguments");
    assert_eq!(desk.control().requests().len(), 0);
}

#[tokio::test]
async fn time_is_logged() {
    let desk = Desk::start("desk365").await;
    let (client, _) = stdio("desk365", &desk.account()).await;
    let before = desk.state();
    let entries = before["acme"]["time_entries"].as_array().unwrap().len();
    let entry = ask(
        &client,
        "create_a_desk_365_time_entry",
        json!({
            "ticket_number": VIP_TICKET, "agent_email": "fern.dispatch@acme.example", "time_spent_in_minutes": 45,
            "start_time": "2026-03-02 08:30:00", "note": "Called the depots & checked logs", "billable": true,
        }),
    )
    .await;
    let state = desk.state();
    let changed = changes(&before, &state);
    let place = format!("/acme/time_entries/{entries}");
    assert_eq!(places(&changed), ["/acme/now", &place]);
    let mut stored = changed[&place].clone();
    assert_eq!(stored["id"], entry["id"]);
    stored.as_object_mut().unwrap().remove("id");
    assert_eq!(
        stored,
        json!({
            "ticket_number": VIP_TICKET, "agent_email": "fern.dispatch@acme.example",
            "note": "Called the depots & checked logs", "billable": 1, "created_time": "2026-03-02 09:00:01",
            "updated_time": null, "start_time": "2026-03-02 08:30:00", "time_spent_in_minutes": 45,
            "timer_running": 0, "additional_info": null,
        })
    );
    // The identifier is larger than 32 bits and survives the way through JSON.
    let id = entry["id"].as_i64().unwrap();
    assert!(id > i64::from(u32::MAX));
    assert_eq!(
        ask(&client, "get_single_desk_365_time_entry_by_id", json!({ "id": id })).await["note"],
        entry["note"]
    );
    let (listed, _) = read_all(
        &client,
        "list_all_desk_365_time_entries",
        &json!({ "ticket_number": VIP_TICKET }),
    )
    .await;
    assert_eq!(
        listed
            .iter()
            .map(|entry| entry["id"].as_i64().unwrap())
            .collect::<Vec<_>>(),
        [id]
    );
    client.cancel().await.unwrap();
}

// ---- what a model may get wrong ----------------------------------------------------------------

#[tokio::test]
async fn wrong_arguments_are_told_and_not_sent() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    let before = desk.state();
    for (tool, arguments, named) in [
        ("get_single_desk_365_ticket_by_id", json!({}), "ticket_number"),
        (
            "get_single_desk_365_ticket_by_id",
            json!({ "ticket_number": VIP }),
            "ticket_number",
        ),
        (
            "get_single_desk_365_ticket_by_id",
            json!({ "ticket_number": null }),
            "ticket_number",
        ),
        (
            "get_single_desk_365_ticket_by_id",
            json!({ "ticket_number": 1197, "ticket": 1 }),
            "ticket",
        ),
        (
            "update_a_desk_365_ticket_by_id",
            json!({ "ticket_number": 1197, "assigned_to": "x" }),
            "assigned_to",
        ),
        (
            "update_a_desk_365_ticket_by_id",
            json!({ "ticket_number": 1197, "priority": "highest" }),
            "priority",
        ),
        (
            "update_a_desk_365_ticket_by_id",
            json!({ "ticket_number": 1197, "priority": 11 }),
            "priority",
        ),
        (
            "update_a_desk_365_ticket_by_id",
            json!({ "ticket_number": 1197, "watchers": {} }),
            "watchers",
        ),
        (
            "list_all_desk_365_tickets",
            json!({ "filters": { "state": ["Open"] } }),
            "state",
        ),
        (
            "list_all_desk_365_tickets",
            json!({ "filters": { "status": [1] } }),
            "status",
        ),
        ("list_all_desk_365_tickets", json!({ "limit": 0 }), "limit"),
        ("list_all_desk_365_tickets", json!({ "limit": 101 }), "limit"),
        (
            "list_all_desk_365_tickets",
            json!({ "updated_since": "yesterday" }),
            "updated_since",
        ),
        (
            "create_a_desk_365_ticket_reply",
            json!({ "ticket_number": 1197 }),
            "body",
        ),
        (
            "create_a_desk_365_ticket",
            json!({ "email": "nobody", "subject": "x" }),
            "email",
        ),
        ("get_single_desk_365_contract_by_id", json!({}), "reference_number"),
    ] {
        let error = fail(&client, tool, arguments.clone()).await;
        assert_eq!(error["code"], "invalid_arguments", "{tool} {arguments}: {error}");
        assert_eq!(error["status"], Value::Null);
        assert_eq!(error["origin"], "deskhand");
        assert!(
            error["message"].as_str().unwrap().contains(named),
            "{tool} {arguments}: {error}"
        );
    }
    let error = fail(
        &client,
        "get_single_desk_365_ticket_by_id",
        json!({ "ticket_number": VIP }),
    )
    .await;
    assert!(
        error["message"].as_str().unwrap().contains("list_all_desk_365_tickets"),
        "where to get one: {error}"
    );
    let error = fail(&client, "list_all_desk_365_ticket", json!({})).await;
    assert_eq!(error["code"], "unknown_tool");
    assert!(
        error["hint"].as_str().unwrap().contains("list_all_desk_365_tickets"),
        "{error}"
    );
    assert_eq!(desk.control().requests().len(), 0, "nothing was sent");

    // What means the same is taken: text that is a number or JSON, codes beside words.
    let ticket = ask(
        &client,
        "get_single_desk_365_ticket_by_id",
        json!({ "ticket_number": "1197" }),
    )
    .await;
    assert_eq!(ticket["ticket_number"], VIP_TICKET);
    let filters = json!({ "filters": "{\"priority\": [20], \"status\": [\"open\"]}", "limit": "30" });
    let urgent = ask(&client, "list_all_desk_365_tickets", filters).await;
    assert!(
        urgent["result"]
            .as_array()
            .unwrap()
            .iter()
            .all(|ticket| ticket["priority"] == 20)
    );
    assert_eq!(changes(&before, &desk.state()), Map::new());

    // Text stays text, even when it reads like JSON; what is to be emptied is said by null or by name.
    let body = "{\"not\": \"parsed\"}";
    ask(
        &client,
        "create_a_desk_365_ticket_note",
        json!({ "ticket_number": 1197, "body": body }),
    )
    .await;
    assert_eq!(desk.state()["acme"]["conversations"]["1197"][0]["body"], body);
    let grouped = json!({ "ticket_number": 1197, "group": "Engineering", "assign_to": "elm.ledger@acme.example" });
    ask(&client, "update_a_desk_365_ticket_by_id", grouped).await;
    assert_eq!(desk.state()["acme"]["tickets"][196]["group"], "Engineering");
    ask(
        &client,
        "update_a_desk_365_ticket_by_id",
        json!({ "ticket_number": 1197, "clear": ["group"] }),
    )
    .await;
    let ticket = desk.state()["acme"]["tickets"][196].clone();
    assert_eq!(
        (&ticket["group"], &ticket["assigned_to"]),
        (&Value::Null, &json!("elm.ledger@acme.example"))
    );
}

// ---- load --------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_calls_over_many_connections() {
    const CONNECTIONS: usize = 32;
    const CALLS: usize = 2_000;
    let desk = Desk::with(
        "desk365",
        Options {
            plan: "unlimited".to_owned(),
            recorded_requests: CALLS * 2,
            ..Options::default()
        },
    )
    .await;
    let before = desk.state();
    // A key is given, so that none is made, which would be told.
    let key = run(&["key", "generate"], &[], "").stdout;
    let environment = with(
        desk.account(),
        "DESKHAND_MASTER_KEY",
        String::from_utf8_lossy(&key).trim(),
    );
    // As many calls as the machine can make: this server's own limits are not what is tested.
    let environment = ["DESKHAND_TOKEN_LIMIT", "DESKHAND_ACCOUNT_LIMIT"]
        .iter()
        .fold(environment, |environment, limit| with(environment, limit, "none"));
    let mut served = Served::start(&with(environment, "DESKHAND_LOG", "warn")).await;
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..CONNECTIONS {
        let url = served.url.clone();
        workers.spawn(async move {
            let client = connect(&url).await;
            let mut done = 0;
            for index in (worker..CALLS).step_by(CONNECTIONS) {
                let number = 1001 + i64::try_from(index % 200).unwrap();
                match index % 4 {
                    0 => {
                        let page = ask(&client, "list_all_desk_365_tickets", json!({})).await;
                        assert_eq!(page["result_count"], 30);
                    }
                    3 => {
                        let body = format!("note {index}");
                        let arguments = json!({ "ticket_number": number, "body": body });
                        let note = ask(&client, "create_a_desk_365_ticket_note", arguments).await;
                        assert_eq!((&note["ticket_number"], &note["body"]), (&json!(number), &json!(body)));
                    }
                    _ => {
                        let arguments = json!({ "ticket_number": number });
                        let ticket = ask(&client, "get_single_desk_365_ticket_by_id", arguments).await;
                        assert_eq!(ticket["ticket_number"], number, "answers are not mixed up");
                    }
                }
                done += 1;
            }
            client.cancel().await.unwrap();
            done
        });
    }
    assert_eq!(workers.join_all().await.into_iter().sum::<usize>(), CALLS);

    let control = desk.control();
    assert_eq!(control.count("GET", "/v3/tickets"), 500);
    assert_eq!(control.count("GET", "/v3/tickets/details"), 1_000);
    assert_eq!(control.count("POST", "/v3/tickets/add_note"), 500);
    let requests = control.requests();
    assert_eq!(requests.len(), CALLS);
    assert!(
        requests.iter().all(|request| matches!(request.status, Some(200 | 201))),
        "none is still under way"
    );
    assert_eq!(control.abandoned(), 0);
    let messages = |state: &Value| -> usize {
        state["acme"]["conversations"]
            .as_object()
            .unwrap()
            .values()
            .map(|of| of.as_array().unwrap().len())
            .sum()
    };
    assert_eq!(messages(&desk.state()), messages(&before) + 500);
    assert!(served.is_alive());

    // All clients have left; the process holds no connection to the helpdesk or to them that is in use.
    let client = served.client().await;
    ask(&client, "list_all_desk_365_ping", json!({})).await;
    client.cancel().await.unwrap();
    #[cfg(target_os = "linux")]
    eventually("sockets are closed", || async {
        let open = served.open_sockets();
        (open <= CONNECTIONS + 16).then_some(())
    })
    .await;
    let (_, logs) = served.end();
    assert_eq!(logs, "", "nothing to warn about");
}
