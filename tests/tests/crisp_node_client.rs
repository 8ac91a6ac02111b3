//! The vendor's own Node client, run against the simulated Crisp: what the simulator wants and answers is what the client
//! sends and takes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

use std::collections::BTreeMap;

use deskhand_simulator::{Options, Running, Simulator};
use deskhand_tests::node::{Packages, run};
use serde_json::{Value, json};

/// The lines of the script, by the method they tell of.
struct Lines(Vec<Value>);

impl Lines {
    /// What the calls of a method gave, in order.
    fn of(&self, method: &str) -> Vec<&Value> {
        let found = self
            .0
            .iter()
            .filter(|line| line["method"] == method && line.get("data").is_some());
        found.map(|line| &line["data"]).collect()
    }

    fn last(&self) -> &Value {
        self.0.last().expect("the script prints something")
    }
}

/// Plays the script against a simulator.
fn play(simulator: &Running) -> Lines {
    let accounts: BTreeMap<_, _> = ["website", "user", "plugin"]
        .into_iter()
        .map(|access| (access, simulator.credentials_with("acme", access).unwrap()))
        .collect();
    let mut node = Packages::of("crisp-node").command("run.mjs");
    node.env("CRISP_HOST", format!("http://{}", simulator.address()))
        .env("CRISP_ACCOUNTS", json!(accounts).to_string());
    let output = run(&mut node);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        output.status.success(),
        "{}\n{}",
        lines.last().unwrap_or(&Value::Null),
        String::from_utf8_lossy(&output.stderr)
    );
    Lines(lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_gets_along_with_the_simulator() {
    let simulator = Simulator::serve("crisp", Options::default(), ([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let lines = tokio::task::block_in_place(|| play(&simulator));
    let end = lines.last();
    assert_eq!(end["done"], true, "{end}");
    // Every method of the client, but those that want what only a visitor's mailbox or browser holds.
    let missed = json!([
        "website.redeemIdentityVerificationLinkForConversation",
        "website.getSessionIdentifierFromToken",
    ]);
    assert_eq!(end["missed"], missed);
    assert!(end["called"].as_u64().unwrap() > 200, "{end}");

    let requests = simulator.control().requests();
    let agents = requests
        .iter()
        .filter(|one| one.header("user-agent") == Some("node-crisp-api/11.3.0"));
    assert_eq!(agents.count(), requests.len(), "all requests are the client's");
    let refused: Vec<_> = requests
        .iter()
        .filter_map(|one| one.status.filter(|status| *status >= 400))
        .collect();
    assert_eq!(refused, [404, 403, 404]);

    client_got(&lines);
    simulator_kept(
        &simulator,
        end["session"].as_str().unwrap(),
        end["batched"].as_str().unwrap(),
    );
    simulator.shutdown().await;
}

/// What the client handed to its caller.
fn client_got(lines: &Lines) {
    let sent = lines.of("website.sendMessageInConversation");
    assert_eq!(sent[1], sent[2], "one fingerprint, one message");
    assert_eq!(sent[1]["fingerprint"], 163_239_623_329_114_i64);
    let lists = lines.of("website.listConversations");
    assert_eq!(lists[0].as_array().unwrap().len(), 20);
    assert_eq!(lists[0][0]["last_message"], "By mail");
    assert!(
        lists[1]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["state"] == "resolved")
    );
    let messages = lines.of("website.getMessagesInConversation");
    assert_eq!(messages[0].as_array().unwrap().len(), 5);
    assert_eq!(messages[1].as_array().unwrap().len(), 2, "those before the third");
    assert_eq!(
        lines.of("website.getOriginalMessageInConversation")[0]["content"],
        "<p>By mail</p>"
    );
    assert_eq!(
        lines.of("website.getConversationMetas")[0]["segments"],
        json!(["node", "vip"])
    );
    assert_eq!(lines.of("website.getConversationState")[0]["state"], "unresolved");
    assert_eq!(lines.of("website.getBlockStatusForConversation")[0]["blocked"], true);
    assert_eq!(
        lines.of("website.getPeopleData")[0]["data"],
        json!({"plan": "Plus", "seats": 4})
    );
    assert_eq!(
        lines.of("website.listPeopleProfiles")[0][0]["email"],
        "person@client.example"
    );
    assert_eq!(lines.of("website.getCampaign")[0]["tag"], "node");
    assert_eq!(lines.of("website.resolveHelpdeskTreeContent")[0]["content"], "# Ecke");
    assert_eq!(lines.of("website.listHelpdeskTree")[0][0]["title"], "Eckregal");
    assert_eq!(lines.of("website.getInbox")[0]["name"], "Node!");
    assert_eq!(lines.of("website.getWebsiteSettings")[0]["chatbox"]["tile"], "node");
    assert_eq!(
        lines.of("plugin.getSubscriptionSettings")[0]["settings"],
        json!({"shop": "node", "deep": {"a": 1}})
    );
}

/// What is in the records afterwards.
fn simulator_kept(simulator: &Running, session: &str, batched: &str) {
    let state = simulator.control().state();
    let acme = &state["acme"];
    let conversation = &acme["conversations"][session];
    let messages = conversation["messages"].as_array().unwrap().iter();
    let messages: Vec<_> = messages
        .map(|one| json!([one["type"], one["from"], one["content"]]))
        .collect();
    let expected = json!([
        ["text", "user", "Hello from the official client"],
        ["text", "operator", "Edited"],
        ["note", "operator", "Nobody but us reads this"],
        ["text", "user", "By mail"],
    ]);
    assert_eq!(json!(messages), expected);
    assert_eq!(
        (&conversation["state"], &conversation["is_blocked"]),
        (&json!("resolved"), &json!(true))
    );
    assert_eq!(conversation["assigned"], acme["operators"][0]["user_id"]);
    assert_eq!(
        conversation["participants"],
        json!([{"type": "email", "target": "second@client.example"}])
    );
    let sent: Vec<_> = acme["sent_to_customers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(
        sent,
        ["message", "message", "identity verification", "feedback request"]
    );
    let batched = &acme["conversations"][batched];
    assert_eq!(
        batched["meta"],
        json!({"data": {"batch": true}, "segments": ["batched"]})
    );
    assert_eq!(batched["inbox_id"], {
        let first = acme["inboxes"]
            .as_array()
            .unwrap()
            .iter()
            .min_by_key(|inbox| inbox["order"].as_i64());
        first.unwrap()["inbox_id"].clone()
    });
    let people = acme["people"].as_object().unwrap();
    let with = |email: &str| people.values().find(|person| person["email"] == email);
    assert_eq!(with("person@client.example").unwrap()["subscribed"], false);
    assert!(with("node@client.example").is_some(), "the metas made a person");
    assert!(with("renamed@client.example").is_none() && with("batch@client.example").is_none());
    assert_eq!(acme["helpdesk"]["name"], "Made by Node");
    assert!(acme["deletion_at"].is_null());
    assert_eq!(state["account"]["requests"].as_array().unwrap().len(), 2);
    let made = state
        .as_object()
        .unwrap()
        .values()
        .find(|website| website["domain"] == "made.client.example");
    assert_eq!(made.unwrap()["name"], "Made by Node");
}
