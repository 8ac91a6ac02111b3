//! The sample workspaces.

use std::collections::HashSet;

use deskhand_simulator::{Options, Simulator, tour};
use serde_json::{Value, json};

fn state(options: Options) -> Value {
    Simulator::new("crisp", options).unwrap().control().state()
}

#[test]
fn the_same_seed_gives_the_same_workspaces() {
    let text = |seed| {
        state(Options {
            seed,
            ..Options::default()
        })
        .to_string()
    };
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn the_workspaces_are_as_described() {
    let state = state(Options::default());
    let acme = &state["acme"];
    let len = |name: &str| match &acme[name] {
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    };
    assert_eq!(len("conversations"), 303);
    assert_eq!(len("people"), 151);
    assert_eq!(len("operators"), 6);
    assert_eq!(len("inboxes"), 4);
    assert_eq!(len("teams"), 2);
    assert_eq!(len("campaigns"), 6);
    assert_eq!(len("templates"), 4);
    assert_eq!(len("visitors"), 27);
    assert_eq!(len("spams"), 5);
    assert_eq!(len("blocked_rules"), 3);
    assert_eq!(acme["helpdesk"]["articles"].as_array().unwrap().len(), 30);
    assert_eq!(acme["helpdesk"]["nodes"].as_array().unwrap().len(), 36);
    assert_eq!((len("sent_to_customers"), len("requests")), (0, 0));
    let birchwood = &state["birchwood"];
    assert_eq!(birchwood["conversations"].as_object().unwrap().len(), 24);
    assert_eq!(birchwood["helpdesk"]["articles"], json!([]));

    let conversations: Vec<_> = acme["conversations"].as_object().unwrap().values().collect();
    let messages: Vec<_> = conversations
        .iter()
        .flat_map(|one| one["messages"].as_array().unwrap())
        .collect();
    let kinds: HashSet<_> = messages.iter().map(|one| one["type"].as_str().unwrap()).collect();
    let all = [
        "text",
        "note",
        "file",
        "animation",
        "audio",
        "picker",
        "field",
        "carousel",
        "event",
    ];
    assert_eq!(kinds, HashSet::from(all));
    let states: HashSet<_> = conversations.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, HashSet::from(["pending", "unresolved", "resolved"]));
    let fingerprints: HashSet<_> = messages
        .iter()
        .map(|one| one["fingerprint"].as_i64().unwrap())
        .collect();
    assert_eq!(fingerprints.len(), messages.len());
    assert!(fingerprints.iter().all(|number| *number > i64::from(u32::MAX)));
    assert!(messages.iter().any(|one| {
        one["content"]
            .as_str()
            .is_some_and(|text| text.contains("Ignore previous"))
    }));

    for one in &conversations {
        let times: Vec<_> = one["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["timestamp"].as_i64().unwrap())
            .collect();
        assert!(times.is_sorted_by(|earlier, later| earlier < later), "{one}");
        let created = one["created_at"].as_i64().unwrap();
        assert!(times.first().is_none_or(|first| *first >= created));
        // Not more than 62 days back.
        assert!(created > 1_772_442_000_000 - 62 * 86_400_000, "{one}");
        assert_eq!(
            one["updated_at"].as_i64().unwrap(),
            times.last().copied().unwrap_or(created)
        );
        assert!(one["updated_at"].as_i64().unwrap() < 1_772_442_000_000);
    }
    let people = acme["people"].as_object().unwrap();
    let emails: HashSet<_> = people.values().map(|one| one["email"].as_str().unwrap()).collect();
    assert_eq!(emails.len(), people.len(), "addresses are unique");
}

#[test]
fn any_seed_and_size_will_do() {
    for seed in (0..12).chain([u64::MAX]) {
        for conversations in [0, 60, 400] {
            let state = state(Options {
                seed,
                conversations,
                start: 40_000_000,
                ..Options::default()
            });
            let made = state["acme"]["conversations"].as_object().unwrap().len();
            assert_eq!(made, conversations.max(60) + 3);
        }
    }
}

#[test]
fn keys_are_not_among_the_records() {
    let simulator = Simulator::new("crisp", Options::default()).unwrap();
    let text = simulator.control().state().to_string();
    for access in ["website", "user", "plugin", "plugin_reader"] {
        let credentials = simulator.credentials_with("acme", access).unwrap();
        assert!(text.contains(&credentials["identifier"]));
        assert!(!text.contains(&credentials["key"]));
    }
}

#[test]
fn the_tour_is_about_a_conversation_of_the_sample() {
    let tour: Value = serde_json::from_str(tour("crisp").unwrap()).unwrap();
    let steps = tour["steps"].as_array().unwrap();
    assert!(steps.len() >= 8);
    assert_eq!(steps[0]["arguments"]["search_query"], "enterprise");
    let state = state(Options::default());
    let conversations = state["acme"]["conversations"].as_object().unwrap().values();
    let waiting = conversations.filter(|one| {
        one["meta"]["segments"]
            .as_array()
            .unwrap()
            .contains(&json!("enterprise"))
            && one["state"] != "resolved"
            && one["assigned"].is_null()
    });
    let newest = waiting.max_by_key(|one| one["updated_at"].as_i64()).unwrap();
    assert_eq!(newest["meta"]["nickname"], "Petra Lighthouse");
}
