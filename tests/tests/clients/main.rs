//! Real MCP clients, from their registries, against the real program and simulated helpdesks.
//!
//! `cargo xtask clients` runs this and prints the table. With `DESKHAND_ACCEPT=1` the table is written to `docs/clients.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

mod driver;
mod play;
mod proxy;
mod roster;
mod table;

use std::sync::Arc;
use std::time::Duration;

use deskhand_integrations::INTEGRATIONS;
use deskhand_tests::desk::Desk;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tokio::time::Instant;

use driver::Driver;
use play::{Expiry, Outcome, Product, play};
use proxy::Damage;
use roster::{CLIENTS, Era, Roster};

/// How many clients are at work at once.
const TURNS: usize = 2;

/// The shortest life that an MCP server can be given, and a little more for its being asked for.
const LIFE: Duration = Duration::from_secs(65);

/// Those whose names are in `DESKHAND_CLIENTS`, separated by commas, in any case; else all.
fn chosen() -> Vec<&'static Roster> {
    let named = std::env::var("DESKHAND_CLIENTS").unwrap_or_default();
    if named.is_empty() {
        return CLIENTS.iter().collect();
    }
    let found = |name: &str| {
        CLIENTS
            .iter()
            .find(|client| client.name.eq_ignore_ascii_case(name.trim()))
    };
    let known: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
    let chosen = named.split(',').map(|name| {
        found(name).unwrap_or_else(|| panic!("there is no client `{name}`; there are: {}", known.join(", ")))
    });
    chosen.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_can_use_every_helpdesk() {
    // Installed before anything is timed by an expiry.
    let clients = chosen();
    let installing = clients.clone();
    tokio::task::spawn_blocking(move || installing.iter().for_each(|client| drop(client.command())))
        .await
        .unwrap();
    let product = Arc::new(Product::start().await);
    let desk = Desk::start(INTEGRATIONS[0].slug).await;
    let account = product.connect(INTEGRATIONS[0], &desk).await;
    let at = Instant::now() + LIFE;
    let (_, path) = product.open(&account, json!({"expires_at": expires_at()})).await;
    let turns = Arc::new(Semaphore::new(TURNS));
    let mut playing = FuturesOrdered::new();
    for client in clients {
        for way in client.eras {
            let (product, path, turns) = (Arc::clone(&product), path.clone(), Arc::clone(&turns));
            let played = tokio::spawn(async move {
                let expiry = Expiry {
                    path: &path,
                    at,
                    turns: &turns,
                };
                play(&product, client, *way, None, Some(expiry)).await
            });
            playing.push_back(async move {
                let outcome = played.await.unwrap_or_else(|error| Outcome::stopped(&told(error)));
                (*client, way.0, outcome)
            });
        }
    }
    let outcomes: Vec<_> = playing.collect().await;
    let page = table::page(&outcomes);
    println!("{page}");
    let problems: Vec<String> = outcomes
        .iter()
        .flat_map(|(client, era, outcome)| {
            let told = outcome
                .problems
                .iter()
                .flat_map(|(slug, problems)| problems.iter().map(move |told| (slug, told)));
            told.map(move |(slug, told)| format!("{}, {era}, {slug}: {told}", client.name))
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    if std::env::var_os("DESKHAND_CLIENTS").is_some() {
        return;
    }
    if std::env::var_os("DESKHAND_ACCEPT").is_some() {
        std::fs::write(table::file(), page).unwrap();
    } else {
        // What clients show is in their words, and has numbers of requests in it: the table alone has to be the same.
        let kept = std::fs::read_to_string(table::file()).unwrap_or_default();
        let table = |page: &str| page.split("\n## ").next().unwrap_or_default().to_owned();
        assert!(
            table(&kept) == table(&page),
            "docs/clients.md is not what came of it; run this with DESKHAND_ACCEPT=1 and read the difference"
        );
    }
}

/// What a task has panicked with.
fn told(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else {
        return "cancelled".to_owned();
    };
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
        .to_owned()
}

/// The end of [`LIFE`] from now, as the API reads it.
fn expires_at() -> String {
    let end = jiff::Timestamp::now() + LIFE;
    end.to_string()
}

/// What is broken on purpose is noticed, whether the client refuses it or takes it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_is_noticed() {
    let product = Product::start().await;
    let client = |name: &str| CLIENTS.iter().find(|client| client.name == name).unwrap();
    for (name, damage, told) in [
        ("TypeScript SDK 1", Damage::InputSchema, "list: "),
        ("TypeScript SDK 1", Damage::ToolMissing, "list: "),
        ("TypeScript SDK 1", Damage::StructuredContent, "page 0: "),
        ("rmcp", Damage::InputSchema, "list: "),
        ("Python SDK 2", Damage::InputSchema, "list: "),
        ("Python SDK 2", Damage::StructuredContent, "page 0: "),
    ] {
        let client = client(name);
        let outcome = play(&product, client, client.eras[0], Some(damage), None).await;
        for (slug, problems) in outcome.problems {
            let found = problems.iter().any(|problem| problem.starts_with(told));
            assert!(found, "{name}, {damage:?}, {slug}: {problems:?}");
        }
    }
}

/// Clients that want to know are told that the tools have changed, and list those that there are now.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_wants_to_know_is_told_of_changed_tools() {
    let product = Product::start().await;
    let desk = Desk::start(INTEGRATIONS[0].slug).await;
    let account = product.connect(INTEGRATIONS[0], &desk).await;
    for (name, era) in [
        ("TypeScript SDK 1", Era::Initialize),
        ("TypeScript SDK 2", Era::Initialize),
        ("TypeScript SDK 2", Era::Stateless),
    ] {
        let client = CLIENTS.iter().find(|client| client.name == name).unwrap();
        let (server, path) = product.open(&account, json!({})).await;
        let all = product.list(&path).await;
        let mut driver = Driver::start(client);
        let opened = driver.follow(&format!("{}{path}", product.base()), era).await;
        assert!(opened.is_ok(), "{name}, {era}: {opened:?}");
        product.narrow(&account, &server).await;
        let told = driver.changed().await.0;
        let left = product.list(&path).await;
        assert!(left.len() < all.len());
        assert_eq!(told["tools"], json!(left), "{name}, {era}: {told}");
        assert!(driver.close().await.is_ok());
    }
}
