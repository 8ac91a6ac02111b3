//! Credentials, tenants, rate limits, determinism.

use std::time::Duration;

use deskhand_simulator::{Error, Options, Simulator, available};

use crate::harness::{Desk, http};

#[tokio::test]
async fn the_bare_key_is_wanted() {
    let desk = Desk::new().await;
    let url = format!("{}/v3/tickets", desk.base);
    for wrong in [
        "nonsense".to_owned(),
        format!("Bearer {}", desk.key),
        format!("Basic {}", desk.key),
        format!("{}x", desk.key),
        String::new(),
    ] {
        let answer = desk.send(desk.client.get(&url).header("Authorization", &wrong)).await;
        answer.refused(401);
    }
    desk.send(desk.client.get(&url)).await.refused(401);
    assert_eq!(desk.get("/v3/tickets", &[]).await.status, 200);
}

#[tokio::test]
async fn a_key_is_bound_to_its_subdomain() {
    let desk = Desk::new().await;
    let other = desk.running.base_url().replace("{subdomain}", "birchwood");
    let answer = desk
        .send(
            desk.client
                .get(format!("{other}/v3/tickets"))
                .header("Authorization", &desk.key),
        )
        .await;
    answer.refused(403);
    let nobody = desk.running.base_url().replace("{subdomain}", "nobody");
    desk.send(
        desk.client
            .get(format!("{nobody}/v3/tickets"))
            .header("Authorization", &desk.key),
    )
    .await
    .refused(404);
    let desk = desk.second();
    let list = desk.get("/v3/tickets", &[("include_custom_fields", "1")]).await.ok();
    assert_eq!(list["count"], 23);
    assert_eq!(
        crate::harness::keys(&list["tickets"][0]["custom_fields"]),
        ["cf_Room", "cf_Hurry 🔥"]
    );
}

#[tokio::test]
async fn ping_answers_a_sentence_to_anybody() {
    let desk = Desk::new().await;
    let answer = desk.send(desk.client.get(format!("{}/v3/ping", desk.base))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(
        serde_json::from_str::<serde_json::Value>(&answer.text).is_err(),
        "{}",
        answer.text
    );
    assert_eq!(answer.remaining(), None);
}

#[tokio::test]
async fn the_window_counts_down_and_ends() {
    let desk = Desk::with(Options::default()).await;
    assert_eq!(desk.get("/v3/agents", &[]).await.remaining(), Some(49));
    desk.get("/v3/ping", &[]).await;
    assert_eq!(desk.get("/v3/nowhere", &[]).await.remaining(), Some(48));
    // A search counts five.
    let search = desk
        .get(
            "/v3/tickets/search",
            &[("search_type", "1"), ("search_query", r#"{"query":"refund"}"#)],
        )
        .await;
    assert_eq!((search.status, search.remaining()), (200, Some(43)));
    for left in (0..43).rev() {
        assert_eq!(desk.get("/v3/agents", &[]).await.remaining(), Some(left));
    }
    let over = desk.get("/v3/agents", &[]).await;
    over.refused(429);
    assert_eq!(over.remaining(), Some(0));
    assert_eq!(over.header("retry-after"), None);
    assert_eq!(desk.get("/v3/ping", &[]).await.status, 200);
    desk.control().advance(Duration::from_secs(59));
    desk.get("/v3/agents", &[]).await.refused(429);
    desk.control().advance(Duration::from_secs(61));
    assert_eq!(desk.get("/v3/agents", &[]).await.remaining(), Some(49));
}

#[tokio::test]
async fn standard_is_a_hundred_an_hour() {
    let desk = Desk::with(Options {
        plan: "standard".into(),
        ..Options::default()
    })
    .await;
    assert_eq!(desk.get("/v3/agents", &[]).await.remaining(), Some(99));
    desk.control().advance(Duration::from_secs(600));
    assert_eq!(desk.get("/v3/agents", &[]).await.remaining(), Some(98));
    // A wrong key is not counted against the tenant.
    let answer = desk
        .send(
            desk.client
                .get(format!("{}/v3/agents", desk.base))
                .header("Authorization", "no"),
        )
        .await;
    answer.refused(401);
    assert_eq!(answer.remaining(), Some(98));
    // Another tenant has a window of its own.
    let desk = desk.second();
    assert_eq!(desk.get("/v3/agents", &[]).await.remaining(), Some(99));
}

#[tokio::test]
async fn a_search_needs_five_calls_left() {
    let desk = Desk::with(Options::default()).await;
    for _ in 0..47 {
        desk.get("/v3/agents", &[]).await;
    }
    let query = [("search_type", "1"), ("search_query", r#"{"query":"refund"}"#)];
    desk.get("/v3/tickets/search", &query).await.refused(429);
    assert_eq!(desk.get("/v3/agents", &[]).await.remaining(), Some(2));
}

#[test]
fn the_same_seed_gives_the_same_company() {
    let state = |seed| {
        let simulator = Simulator::new(
            "desk365",
            Options {
                seed,
                ..Options::default()
            },
        )
        .unwrap();
        simulator.control().state().to_string()
    };
    assert_eq!(state(1), state(1));
    assert_ne!(state(1), state(2));
}

#[test]
fn the_sample_company_is_as_described() {
    let simulator = Simulator::new("desk365", Options::default()).unwrap();
    let state = simulator.control().state();
    let acme = &state["acme"];
    let len = |name: &str| acme[name].as_array().unwrap().len();
    assert_eq!(len("tickets"), 200);
    assert_eq!(len("contacts"), 60);
    assert_eq!(len("companies"), 15);
    assert_eq!(len("agents"), 8);
    assert_eq!(len("kb_articles"), 25);
    assert_eq!(len("contracts"), 6);
    assert!(len("time_entries") > 30, "{}", len("time_entries"));
    assert!(acme["conversations"].as_object().unwrap().len() > 100);
    let mut emails: Vec<_> = crate::harness::column(&acme["contacts"], "primary_email");
    emails.sort_by_key(ToString::to_string);
    emails.dedup();
    assert_eq!(emails.len(), 60, "addresses are unique");
    let hostile = acme["tickets"].as_array().unwrap().iter().any(|ticket| {
        ticket["description"]
            .as_str()
            .is_some_and(|text| text.contains("ignore previous instructions"))
    });
    assert!(hostile);
    for ticket in acme["tickets"].as_array().unwrap() {
        let text = |name: &str| ticket[name].as_str().unwrap_or("9999");
        assert!(text("created_on") < "2026-03-02 09:00:00");
        assert!(
            text("created_on") <= text("resolved_on") && text("created_on") <= text("updated_on"),
            "{ticket}"
        );
        assert!(
            ticket["resolved_on"].as_str().unwrap_or("") < "2026-03-02 09:00:00",
            "{ticket}"
        );
    }
}

#[test]
fn what_cannot_be_made_is_told() {
    assert_eq!(
        available().iter().map(|known| known.slug).collect::<Vec<_>>(),
        ["crisp", "desk365", "gorgias"]
    );
    let error = Simulator::new("desk366", Options::default()).unwrap_err();
    assert!(matches!(error, Error::UnknownHelpdesk { .. }));
    assert!(error.to_string().contains("desk365"), "{error}");
    let error = Simulator::new(
        "desk365",
        Options {
            plan: "gold".into(),
            ..Options::default()
        },
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("standard, plus, premium, unlimited"),
        "{error}"
    );
    let error = Simulator::new(
        "desk365",
        Options {
            start: i64::MAX,
            ..Options::default()
        },
    )
    .unwrap_err();
    assert!(matches!(error, Error::StartOutOfRange(_)));
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let desk = Desk::new().await;
    let error = Simulator::serve("desk365", Options::default(), desk.running.address())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Listen(_)));
}

#[tokio::test]
async fn after_a_shutdown_nobody_listens() {
    let desk = Desk::new().await;
    assert_eq!(desk.get("/v3/ping", &[]).await.status, 200);
    let Desk { running, base, .. } = desk;
    running.shutdown().await;
    assert!(http().get(format!("{base}/v3/ping")).send().await.is_err());
}

#[test]
fn any_seed_and_size_will_do() {
    for seed in (0..30).chain([u64::MAX]) {
        for tickets in [0, 40, 333] {
            let options = Options {
                seed,
                tickets: Some(tickets),
                start: 40_000_000,
                ..Options::default()
            };
            let simulator = Simulator::new("desk365", options).unwrap();
            let state = simulator.control().state();
            assert_eq!(state["acme"]["tickets"].as_array().unwrap().len(), tickets.max(40));
        }
    }
}

#[tokio::test]
async fn a_router_can_be_served_by_others() {
    let simulator = Simulator::new("desk365", Options::default()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, simulator.router()).into_future());
    let answer = http()
        .get(format!("http://{address}/acme/apis/v3/ping"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(simulator.control().count("GET", "/v3/ping"), 1);
    assert_eq!(simulator.credentials_of("acme").unwrap()["subdomain"], "acme");
    assert!(simulator.credentials_of("nobody").is_none());
    server.abort();
}
