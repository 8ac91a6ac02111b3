//! Processes that start at the same moment.

use std::collections::BTreeSet;

use deskhand_tests::desk::Desk;
use reqwest::StatusCode;

use crate::installation::Installation;

on_both!(all_start_at_once_on_an_empty_database);

/// One secret, one master key, one first token: what one has sealed or hashed, all can open or know.
async fn all_start_at_once_on_an_empty_database(installation: Installation) {
    let desk = Desk::start("desk365").await;
    let replicas = installation.replicas(4).await;
    let tokens: Vec<String> = replicas.iter().filter_map(|replica| replica.first_token()).collect();
    let [token] = &tokens[..] else {
        panic!("one process shows the first token, not {}", tokens.len())
    };
    let (status, listed) = replicas[0].get(token, "/api-token").await;
    assert_eq!(
        (status, listed["result"].as_array().unwrap().len()),
        (StatusCode::OK, 1)
    );
    let mut accounts = BTreeSet::new();
    for replica in &replicas {
        accounts.insert(replica.connect(token, &desk, "Support").await);
    }
    for replica in &replicas {
        for account in &accounts {
            assert!(replica.can_call(token, account).await);
        }
    }
    assert_eq!(accounts.len(), 4);
    // Whoever comes later shows none.
    assert_eq!(installation.replica().await.first_token(), None);
}
