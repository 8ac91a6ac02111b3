//! The demo: every simulated helpdesk to play with, and tours through them.

use deskhand_tests::desk::{Served, ask, connect, eventually, run};
use serde_json::{Value, json};

/// The client configuration that the demo prints.
async fn configuration(served: &Served) -> Value {
    eventually("a client configuration is printed", || async {
        let text = served.stdout.text();
        let start = text.find("\n{\n")? + 1;
        let end = start + text[start..].find("\n}\n")? + 2;
        Some(serde_json::from_str(&text[start..end]).expect("it is JSON"))
    })
    .await
}

#[tokio::test]
async fn every_helpdesk_is_there_to_play_with() {
    let served = Served::of(&["demo", "--listen", "127.0.0.1:0"], &[]).await;
    let servers = configuration(&served).await["mcpServers"].take();
    let known = deskhand_simulator::available();
    let slugs: Vec<&str> = known.iter().map(|descriptor| descriptor.slug).collect();
    assert_eq!(
        servers.as_object().unwrap().keys().collect::<Vec<_>>(),
        slugs,
        "each simulated helpdesk has its server"
    );
    let url = |slug: &str| servers[slug]["url"].as_str().unwrap().to_owned();

    let client = connect(&url("desk365")).await;
    assert!(client.list_all_tools().await.unwrap().len() >= 44);
    let page = ask(&client, "list_all_desk_365_tickets", json!({})).await;
    assert_eq!(page["total"], 199);
    let note = json!({ "ticket_number": 1197, "body": "seen" });
    ask(&client, "create_a_desk_365_ticket_note", note).await;
    // Far more calls than a real plan would allow in a minute.
    for _ in 0..60 {
        ask(&client, "list_all_desk_365_agents", json!({})).await;
    }

    let client = connect(&url("crisp")).await;
    assert!(client.list_all_tools().await.unwrap().len() > 250);
    let page = ask(&client, "list_all_crisp_conversations", json!({ "limit": 50 })).await;
    assert_eq!(page["result_count"], 50);
    // What is closed to the tokens of most integrations can be tried all the same.
    let spam = ask(&client, "list_all_crisp_spam_conversations", json!({})).await;
    assert_eq!(spam["result_count"], 5);
    let figures = json!({
        "metric": "conversation", "type": "total",
        "date": { "from": "2020-01-01", "to": "2030-01-01", "split": "year", "timezone": "UTC" },
    });
    let figures = ask(&client, "crisp_analytics_generate", figures).await;
    assert!(figures["result_count"].as_u64().unwrap() > 0, "{figures}");
}

#[test]
fn every_tour_plays_to_its_end() {
    let played = run(&["demo", "--listen", "127.0.0.1:0", "--tour", "--exit"], &[], "");
    let text = String::from_utf8_lossy(&played.stdout);
    assert!(
        played.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&played.stderr)
    );
    let known = deskhand_simulator::available().iter();
    let tours = known.filter(|descriptor| deskhand_simulator::tour(descriptor.slug).is_some());
    assert_eq!(text.matches("The tour has ended.").count(), tours.count(), "{text}");
    assert!(!text.contains("\"error\""), "{text}");
    // What a step wants to show is there to be shown.
    let missing = text.lines().filter(|line| line.ends_with(": -"));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new(), "{text}");
}
