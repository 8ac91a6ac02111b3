//! The epoch counts changes of accounts, MCP servers and tokens: each once, and nothing else.

use deskhand::store::{AccountFilter, AccountRow, AccountStatus, McpServerRow, SealedAt, Store as _};

use crate::place::Place;
use crate::rows::{NOW, account, api_token, call, hash, mcp_server, sealed, whole};

on_both!(each_change_counts_once, what_changes_nothing_counts_for_nothing);

async fn each_change_counts_once(place: Place) {
    let store = place.store().await;
    let other = place.store().await;
    let start = other.epoch().await.unwrap();
    let mut counted = 0;
    macro_rules! counts {
        ($change:expr) => {
            $change.await.unwrap();
            counted += 1;
            assert_eq!(other.epoch().await.unwrap(), start + counted, stringify!($change));
        };
    }
    let changed = AccountRow {
        revision: 2,
        ..account("acc_1")
    };
    let server = mcp_server("mcp_1", "acc_1");
    let changed_server = McpServerRow {
        revision: 2,
        expires_at: Some(NOW + 5),
        ..server.clone()
    };
    counts!(store.insert_account(&account("acc_1")));
    counts!(store.update_account(&changed));
    counts!(store.set_account_status("acc_1", 2, AccountStatus::NeedsReauth, NOW));
    counts!(store.insert_mcp_server(&server, &hash("one")));
    counts!(store.update_mcp_server(&changed_server));
    counts!(store.rotate_mcp_token("acc_1", "mcp_1", &hash("two"), NOW, NOW));
    counts!(store.insert_first_api_token(&api_token("tok_1"), &hash("tok_1")));
    counts!(store.insert_api_token(&api_token("tok_2"), &hash("tok_2")));
    counts!(store.delete_api_token("tok_2"));
    counts!(store.delete_expired(NOW));
    let at = SealedAt {
        kind: "account",
        id: "acc_1".to_owned(),
        sealed: account("acc_1").credentials,
    };
    counts!(store.reseal(&at, &sealed("key-2", "bmV3")));
    counts!(store.delete_mcp_server("acc_1", "mcp_1"));
    counts!(store.delete_account("acc_1"));
}

async fn what_changes_nothing_counts_for_nothing(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store
        .insert_mcp_server(&mcp_server("mcp_1", "acc_1"), &hash("one"))
        .await
        .unwrap();
    store
        .insert_api_token(&api_token("tok_1"), &hash("tok_1"))
        .await
        .unwrap();
    let before = store.epoch().await.unwrap();

    store.insert_account(&account("acc_1")).await.unwrap_err();
    store.update_account(&account("acc_1")).await.unwrap();
    store
        .set_account_status("acc_1", 1, AccountStatus::Active, NOW)
        .await
        .unwrap();
    store.delete_account("acc_none").await.unwrap();
    store
        .insert_mcp_server(&mcp_server("mcp_2", "acc_none"), &hash("two"))
        .await
        .unwrap_err();
    store.update_mcp_server(&mcp_server("mcp_1", "acc_1")).await.unwrap();
    store
        .rotate_mcp_token("acc_1", "mcp_none", &hash("three"), NOW, NOW)
        .await
        .unwrap();
    store.delete_mcp_server("acc_1", "mcp_none").await.unwrap();
    store
        .insert_api_token(&api_token("tok_1"), &hash("tok_2"))
        .await
        .unwrap_err();
    store
        .insert_first_api_token(&api_token("tok_2"), &hash("tok_2"))
        .await
        .unwrap();
    store.delete_api_token("tok_none").await.unwrap();
    store.delete_expired(NOW).await.unwrap();
    store
        .setting_or_insert("secret", &sealed("key-1", "YQ=="))
        .await
        .unwrap();
    let at = SealedAt {
        kind: "account",
        id: "acc_1".to_owned(),
        sealed: sealed("key-1", "another"),
    };
    store.reseal(&at, &sealed("key-2", "bmV3")).await.unwrap();
    store.insert_calls(&[call("call_1", NOW)]).await.unwrap();
    store.delete_calls_before(NOW + 1, 10).await.unwrap();
    store.accounts(&AccountFilter::default(), &whole()).await.unwrap();
    store.ping().await.unwrap();

    assert_eq!(store.epoch().await.unwrap(), before);
}
