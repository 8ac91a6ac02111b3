//! `kill -9` in the midst of writing: what was acknowledged is there, for those who live and those who come after.

use std::collections::BTreeMap;
use std::sync::Mutex;

use deskhand_tests::desk::{Desk, eventually};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Installation, Replica, account};

on_both!(nothing_that_was_acknowledged_is_lost);

/// What was acknowledged of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Made,
    /// Deleted, revoked or replaced.
    Ended,
    /// Its end was asked for, and the answer did not come.
    Unknown,
}

/// What can be made, and how it is found again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// By its id.
    Account(String),
    /// By a token of it.
    McpServer(String),
    /// By itself.
    ApiToken(String),
}

type Tally = BTreeMap<Thing, Told>;

/// Makes accounts, MCP servers and API tokens, and ends some of them, until the process is gone.
async fn write(replica: &Replica, token: &str, desk: &Desk, told: &Mutex<Tally>) {
    let note = |thing: &Thing, what| {
        told.lock().unwrap().insert(thing.clone(), what);
    };
    let ask = async |method, path: &str, body| {
        let (status, answer) = replica.try_ask(token, method, path, body).await.ok()?;
        assert!(status.is_success(), "{path}: {answer}");
        Some(answer)
    };
    let text = |answer: &Value, member: &str| answer[member].as_str().unwrap().to_owned();
    for number in 0.. {
        let body = Some(account(desk, "Support"));
        let Some(made) = ask(Method::POST, "/integrated-account", body).await else {
            return;
        };
        let id = text(&made, "id");
        let kept = Thing::Account(id.clone());
        note(&kept, Told::Made);
        let path = format!("/integrated-account/{id}");
        if number % 3 == 0 {
            note(&kept, Told::Unknown);
            if ask(Method::DELETE, &path, None).await.is_none() {
                return;
            }
            note(&kept, Told::Ended);
            continue;
        }
        let path = format!("{path}/mcp");
        let Some(made) = ask(Method::POST, &path, Some(json!({ "name": "Triage" }))).await else {
            return;
        };
        let first = Thing::McpServer(text(&made, "token"));
        note(&first, Told::Made);
        let Some(api_token) = ask(Method::POST, "/api-token", Some(json!({ "name": "ci" }))).await else {
            return;
        };
        let kept = Thing::ApiToken(text(&api_token, "token"));
        note(&kept, Told::Made);
        if number % 3 == 1 {
            continue;
        }
        note(&first, Told::Unknown);
        let path = format!("{path}/{}/rotate", text(&made, "id"));
        let Some(rotated) = ask(Method::POST, &path, Some(json!({ "overlap_seconds": 0 }))).await else {
            return;
        };
        note(&first, Told::Ended);
        note(&Thing::McpServer(text(&rotated, "token")), Told::Made);
        note(&kept, Told::Unknown);
        let path = format!("/api-token/{}", text(&api_token, "id"));
        if ask(Method::DELETE, &path, None).await.is_none() {
            return;
        }
        note(&kept, Told::Ended);
    }
}

async fn check(replica: &Replica, token: &str, told: &Tally) {
    for (thing, told) in told {
        let is_there = match thing {
            Thing::Account(id) => {
                let (status, _) = replica.get(token, &format!("/integrated-account/{id}")).await;
                assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&status), "{status}");
                status == StatusCode::OK
            }
            Thing::McpServer(token) => replica.opens(token).await,
            Thing::ApiToken(token) => replica.get(token, "/integration").await.0 == StatusCode::OK,
        };
        match told {
            Told::Made => assert!(is_there, "{thing:?}"),
            Told::Ended => assert!(!is_there, "{thing:?}"),
            Told::Unknown => {}
        }
    }
}

async fn nothing_that_was_acknowledged_is_lost(installation: Installation) {
    let desk = Desk::start("desk365").await;
    let (survivor, first, token) = installation.pair().await;
    drop(first);
    let mut all = BTreeMap::new();
    for round in 0..4 {
        let victim = installation.replica().await;
        let told = Mutex::new(BTreeMap::new());
        let writers = join_all((0..4).map(|_| write(&victim, &token, &desk, &told)));
        let killing = async {
            eventually("enough is written", || {
                let written = told.lock().unwrap().len();
                std::future::ready((written > 20 + 10 * round).then_some(()))
            })
            .await;
            // The writers are waiting for answers now.
            victim.kill();
        };
        tokio::join!(writers, killing);
        let told = told.into_inner().unwrap();
        check(&survivor, &token, &told).await;
        all.extend(told);
    }
    let ended = |of: fn(&Thing) -> bool| all.iter().any(|(thing, told)| of(thing) && *told == Told::Ended);
    assert!(ended(|thing| matches!(thing, Thing::Account(_))));
    assert!(ended(|thing| matches!(thing, Thing::McpServer(_))));
    assert!(ended(|thing| matches!(thing, Thing::ApiToken(_))));
    // With nobody left, the database alone has to tell.
    survivor.kill();
    check(&installation.replica().await, &token, &all).await;
}
