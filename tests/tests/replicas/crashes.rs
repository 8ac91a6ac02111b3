//! `kill -9` in the midst of writing: what was acknowledged is there, for those who live and those who come after.

use std::collections::BTreeMap;
use std::sync::Mutex;

use deskhand_tests::desk::{Desk, eventually};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};

use crate::installation::{Installation, Replica, account};

on_both!(nothing_that_was_acknowledged_is_lost);

/// What was acknowledged of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Made,
    Deleted,
    /// Its deletion was asked for, and the answer did not come.
    Unknown,
}

/// Makes accounts, and deletes every third one, until the process is gone.
async fn write(replica: &Replica, token: &str, desk: &Desk, told: &Mutex<BTreeMap<String, Told>>) {
    for number in 0.. {
        let made = replica
            .try_ask(
                token,
                Method::POST,
                "/integrated-account",
                Some(account(desk, "Support")),
            )
            .await;
        let Ok((status, made)) = made else { return };
        assert_eq!(status, StatusCode::CREATED, "{made}");
        let id = made["id"].as_str().unwrap().to_owned();
        told.lock().unwrap().insert(id.clone(), Told::Made);
        if number % 3 != 0 {
            continue;
        }
        told.lock().unwrap().insert(id.clone(), Told::Unknown);
        let path = format!("/integrated-account/{id}");
        match replica.try_ask(token, Method::DELETE, &path, None).await {
            Ok((status, deleted)) => assert!(status.is_success(), "{deleted}"),
            Err(_) => return,
        }
        told.lock().unwrap().insert(id, Told::Deleted);
    }
}

async fn check(replica: &Replica, token: &str, told: &BTreeMap<String, Told>) {
    for (id, told) in told {
        let (status, _) = replica.get(token, &format!("/integrated-account/{id}")).await;
        match told {
            Told::Made => assert_eq!(status, StatusCode::OK, "{id}"),
            Told::Deleted => assert_eq!(status, StatusCode::NOT_FOUND, "{id}"),
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
                std::future::ready((written > 6 + 5 * round).then_some(()))
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
    assert!(all.values().any(|told| *told == Told::Deleted));
    // With nobody left, the database alone has to tell.
    survivor.kill();
    check(&installation.replica().await, &token, &all).await;
}
