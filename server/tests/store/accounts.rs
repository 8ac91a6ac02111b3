//! Accounts: what is kept, lists, optimistic changes, deletion.

use deskhand::store::{AccountFilter, AccountRow, AccountStatus, Page, Store as _, StoreError};
use serde_json::json;

use crate::place::Place;
use crate::rows::{NOW, account, api_token, hash, mcp_server, mixed_ids, object, sealed, whole};

on_both!(
    everything_is_kept,
    an_id_is_taken_once,
    lists_are_filtered,
    pages_are_complete_and_newest_first,
    pages_stay_stable_while_rows_come_and_go,
    a_change_of_an_older_revision_is_refused,
    the_status_is_that_of_the_credentials,
    deletion_takes_all_that_hangs_on_it,
    text_that_cannot_be_stored_is_refused,
);

async fn everything_is_kept(place: Place) {
    let store = place.store().await;
    let bare = account("acc_bare");
    let full = AccountRow {
        integration: "other".to_owned(),
        tenant_id: Some("tenant-9; DROP TABLE accounts".to_owned()),
        status: AccountStatus::NeedsReauth,
        base_url: Some("http://127.0.0.1:9/x?y='z'".to_owned()),
        credentials: sealed("key-2", "+/=="),
        revision: i64::from(u32::MAX) + 7,
        created_at: NOW + 1,
        updated_at: i64::MAX,
        ..account("acc_full")
    };
    store.insert_account(&bare).await.unwrap();
    store.insert_account(&full).await.unwrap();
    // By eyes of another process.
    let other = place.store().await;
    assert_eq!(other.account("acc_bare").await.unwrap(), Some(bare.clone()));
    assert_eq!(other.account("acc_full").await.unwrap(), Some(full.clone()));
    assert_eq!(other.account("acc_none").await.unwrap(), None);
    let listed = other.accounts(&AccountFilter::default(), &whole()).await.unwrap();
    assert_eq!(listed, [full.clone(), bare]);

    let changed = AccountRow {
        name: "New".to_owned(),
        tenant_id: None,
        status: AccountStatus::Active,
        variables: object(json!({})),
        base_url: None,
        credentials: sealed("key-3", "bmV3"),
        revision: full.revision + 1,
        updated_at: NOW + 2,
        ..full
    };
    assert!(store.update_account(&changed).await.unwrap());
    assert_eq!(other.account("acc_full").await.unwrap(), Some(changed));
}

async fn an_id_is_taken_once(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    let again = AccountRow {
        name: "Another".to_owned(),
        ..account("acc_1")
    };
    let refused = store.insert_account(&again).await.unwrap_err();
    assert!(matches!(refused, StoreError::Taken), "{refused:?}");
    assert_eq!(store.account("acc_1").await.unwrap(), Some(account("acc_1")));
}

async fn lists_are_filtered(place: Place) {
    let store = place.store().await;
    let of = |id: &str, integration: &str, tenant: Option<&str>, status| AccountRow {
        integration: integration.to_owned(),
        tenant_id: tenant.map(str::to_owned),
        status,
        ..account(id)
    };
    for row in [
        of("acc_1", "desk", Some("t1"), AccountStatus::Active),
        of("acc_2", "desk", Some("t2"), AccountStatus::NeedsReauth),
        of("acc_3", "chat", Some("t1"), AccountStatus::NeedsReauth),
        of("acc_4", "chat", None, AccountStatus::Active),
    ] {
        store.insert_account(&row).await.unwrap();
    }
    let ids = async |filter: AccountFilter| -> Vec<String> {
        let rows = store.accounts(&filter, &whole()).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    let none = AccountFilter::default;
    let by_id = AccountFilter {
        id: Some("acc_2".to_owned()),
        ..none()
    };
    assert_eq!(ids(by_id).await, ["acc_2"]);
    let by_integration = AccountFilter {
        integration: Some("chat".to_owned()),
        ..none()
    };
    assert_eq!(ids(by_integration).await, ["acc_4", "acc_3"]);
    let by_tenant = AccountFilter {
        tenant_id: Some("t1".to_owned()),
        ..none()
    };
    assert_eq!(ids(by_tenant).await, ["acc_3", "acc_1"]);
    let by_status = AccountFilter {
        status: Some(AccountStatus::NeedsReauth),
        ..none()
    };
    assert_eq!(ids(by_status).await, ["acc_3", "acc_2"]);
    let by_all = AccountFilter {
        id: Some("acc_3".to_owned()),
        integration: Some("chat".to_owned()),
        tenant_id: Some("t1".to_owned()),
        status: Some(AccountStatus::NeedsReauth),
    };
    assert_eq!(ids(by_all.clone()).await, ["acc_3"]);
    let by_none = AccountFilter {
        integration: Some("desk".to_owned()),
        ..by_all
    };
    assert_eq!(ids(by_none).await, [""; 0]);
}

async fn pages_are_complete_and_newest_first(place: Place) {
    let store = place.store().await;
    let ids = mixed_ids("acc", 23);
    for (index, id) in ids.iter().enumerate() {
        // Several were made at the same moment.
        let row = AccountRow {
            created_at: NOW + i64::try_from(index * 5 % 23 / 4).unwrap(),
            ..account(id)
        };
        store.insert_account(&row).await.unwrap();
    }
    for limit in [1, 2, 5, 22, 23, 24] {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = Page { after, limit };
            let rows = store.accounts(&AccountFilter::default(), &page).await.unwrap();
            assert!(rows.len() <= limit as usize);
            let Some(last) = rows.last() else { break };
            after = Some((last.created_at, last.id.clone()));
            seen.extend(rows.iter().map(|row| (row.created_at, row.id.clone())));
            assert!(seen.len() <= ids.len(), "a row came twice");
        }
        assert!(seen.is_sorted_by(|newer, older| newer.0 >= older.0), "{seen:?}");
        let mut found: Vec<_> = seen.into_iter().map(|(_, id)| id).collect();
        found.sort();
        let mut wanted = ids.clone();
        wanted.sort();
        assert_eq!(found, wanted, "limit {limit}");
    }
}

async fn pages_stay_stable_while_rows_come_and_go(place: Place) {
    let store = place.store().await;
    for index in 0..6 {
        let row = AccountRow {
            created_at: NOW + index,
            ..account(&format!("acc_{index}"))
        };
        store.insert_account(&row).await.unwrap();
    }
    let page = async |after: Option<(i64, String)>| -> Vec<String> {
        let rows = store
            .accounts(&AccountFilter::default(), &Page { after, limit: 2 })
            .await;
        rows.unwrap().into_iter().map(|row| row.id).collect()
    };
    assert_eq!(page(None).await, ["acc_5", "acc_4"]);
    let newer = AccountRow {
        created_at: NOW + 9,
        ..account("acc_9")
    };
    store.insert_account(&newer).await.unwrap();
    // The row that the next page starts after is gone.
    assert!(store.delete_account("acc_4").await.unwrap());
    assert_eq!(page(Some((NOW + 4, "acc_4".to_owned()))).await, ["acc_3", "acc_2"]);
}

async fn a_change_of_an_older_revision_is_refused(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    let change = |name: &str, revision| AccountRow {
        name: name.to_owned(),
        revision,
        ..account("acc_1")
    };
    assert!(store.update_account(&change("first", 2)).await.unwrap());
    assert!(!store.update_account(&change("second", 2)).await.unwrap());
    assert!(!store.update_account(&change("ahead", 4)).await.unwrap());
    assert_eq!(store.account("acc_1").await.unwrap(), Some(change("first", 2)));
    assert!(
        !store
            .update_account(&AccountRow {
                revision: 2,
                ..account("acc_none")
            })
            .await
            .unwrap()
    );
}

async fn the_status_is_that_of_the_credentials(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    let set = async |revision, status| {
        store
            .set_account_status("acc_1", revision, status, NOW + 5)
            .await
            .unwrap()
    };
    assert!(!set(1, AccountStatus::Active).await, "it is so already");
    assert!(!set(2, AccountStatus::NeedsReauth).await, "another revision");
    assert!(set(1, AccountStatus::NeedsReauth).await);
    assert!(!set(1, AccountStatus::NeedsReauth).await);
    let noted = AccountRow {
        status: AccountStatus::NeedsReauth,
        updated_at: NOW + 5,
        ..account("acc_1")
    };
    assert_eq!(store.account("acc_1").await.unwrap(), Some(noted));
    assert!(set(1, AccountStatus::Active).await);
    let none = store
        .set_account_status("acc_none", 1, AccountStatus::NeedsReauth, NOW)
        .await;
    assert!(!none.unwrap());
}

async fn deletion_takes_all_that_hangs_on_it(place: Place) {
    let store = place.store().await;
    for id in ["acc_1", "acc_2"] {
        store.insert_account(&account(id)).await.unwrap();
        for server in ["a", "b"] {
            let row = mcp_server(&format!("mcp_{id}_{server}"), id);
            store.insert_mcp_server(&row, &hash(&row.id)).await.unwrap();
        }
        let mut of_account = api_token(&format!("tok_{id}"));
        of_account.account_id = Some(id.to_owned());
        store
            .insert_api_token(&of_account, &hash(&of_account.id))
            .await
            .unwrap();
    }
    store
        .insert_api_token(&api_token("tok_all"), &hash("tok_all"))
        .await
        .unwrap();
    store
        .rotate_mcp_token("acc_1", "mcp_acc_1_a", &hash("second"), NOW + 9, NOW)
        .await
        .unwrap();
    assert_eq!(place.count("mcp_tokens").await, 5);

    assert!(store.delete_account("acc_1").await.unwrap());
    assert!(!store.delete_account("acc_1").await.unwrap());
    for gone in ["mcp_acc_1_a", "mcp_acc_1_b", "second"] {
        assert_eq!(store.mcp_grant(&hash(gone), NOW).await.unwrap(), None, "{gone}");
    }
    assert_eq!(store.api_token(&hash("tok_acc_1"), NOW).await.unwrap(), None);
    assert_eq!(store.mcp_servers("acc_1", NOW, &whole()).await.unwrap(), []);
    // Nothing is left, and nothing of the other account went.
    for (table, rows) in [
        ("accounts", 1),
        ("mcp_servers", 2),
        ("mcp_tokens", 2),
        ("api_tokens", 2),
    ] {
        assert_eq!(place.count(table).await, rows, "{table}");
    }
    assert!(store.mcp_grant(&hash("mcp_acc_2_a"), NOW).await.unwrap().is_some());
    assert!(store.api_token(&hash("tok_all"), NOW).await.unwrap().is_some());
}

async fn text_that_cannot_be_stored_is_refused(place: Place) {
    let store = place.store().await;
    let named = AccountRow {
        name: "a\0b".to_owned(),
        ..account("acc_1")
    };
    let refusals = [
        store.insert_account(&named).await.err(),
        store.account("acc_\0").await.err(),
        store.delete_account("\0").await.err(),
        store.mcp_server("acc_1", "\0", NOW).await.err(),
    ];
    for refused in refusals {
        assert!(matches!(refused, Some(StoreError::Unstorable)), "{refused:?}");
    }
    // The connection that was to do it is as good as new.
    store.insert_account(&account("acc_1")).await.unwrap();
    assert_eq!(place.count("accounts").await, 1);
}
