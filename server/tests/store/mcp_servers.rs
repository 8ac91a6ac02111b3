//! MCP servers and their tokens: what a token opens, and when no more.

use deskhand::store::{McpGrant, McpServerRow, Page, Store as _, StoreError};
use serde_json::json;

use crate::place::Place;
use crate::rows::{NOW, account, hash, mcp_server, mixed_ids, object, whole};

on_both!(
    a_token_opens_its_server_and_account,
    a_server_needs_its_account,
    ids_and_tokens_are_taken_once,
    a_server_is_found_with_its_account_only,
    a_change_of_an_older_revision_is_refused,
    access_ends_when_the_end_is_reached,
    a_rotated_token_lives_on_for_the_overlap,
    rotating_again_never_lengthens_a_life,
    what_is_gone_is_not_rotated,
    deletion_takes_its_tokens,
    what_has_expired_is_deleted,
    lists_are_those_of_the_account,
);

async fn a_token_opens_its_server_and_account(place: Place) {
    let store = place.store().await;
    let other = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store.insert_account(&account("acc_2")).await.unwrap();
    let server = McpServerRow {
        expires_at: Some(NOW + 1_000),
        ..mcp_server("mcp_1", "acc_2")
    };
    store.insert_mcp_server(&server, &hash("one")).await.unwrap();
    store
        .insert_mcp_server(&mcp_server("mcp_2", "acc_1"), &hash("two"))
        .await
        .unwrap();
    let wanted = McpGrant {
        server,
        account: account("acc_2"),
        token_expires_at: None,
    };
    assert_eq!(other.mcp_grant(&hash("one"), NOW).await.unwrap(), Some(wanted));
    let wanted = McpGrant {
        server: mcp_server("mcp_2", "acc_1"),
        account: account("acc_1"),
        token_expires_at: None,
    };
    assert_eq!(other.mcp_grant(&hash("two"), NOW).await.unwrap(), Some(wanted));
    assert_eq!(other.mcp_grant(&hash("three"), NOW).await.unwrap(), None);
}

async fn a_server_needs_its_account(place: Place) {
    let store = place.store().await;
    let refused = store
        .insert_mcp_server(&mcp_server("mcp_1", "acc_none"), &hash("one"))
        .await;
    assert!(matches!(refused, Err(StoreError::Orphan)), "{refused:?}");
    assert_eq!(place.count("mcp_servers").await, 0);
    assert_eq!(place.count("mcp_tokens").await, 0);
}

async fn ids_and_tokens_are_taken_once(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    let insert = async |id: &str, token: &str| store.insert_mcp_server(&mcp_server(id, "acc_1"), &hash(token)).await;
    insert("mcp_1", "one").await.unwrap();
    for (id, token) in [("mcp_1", "two"), ("mcp_2", "one")] {
        let refused = insert(id, token).await;
        assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    }
    // All or nothing: the server whose token was taken is not there.
    assert_eq!(place.count("mcp_servers").await, 1);
    assert_eq!(place.count("mcp_tokens").await, 1);
    let refused = store.rotate_mcp_token("acc_1", "mcp_1", &hash("one"), NOW, NOW).await;
    assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    let grant = store.mcp_grant(&hash("one"), NOW).await.unwrap().unwrap();
    assert_eq!(grant.token_expires_at, None);
}

async fn a_server_is_found_with_its_account_only(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store.insert_account(&account("acc_2")).await.unwrap();
    let row = mcp_server("mcp_1", "acc_1");
    store.insert_mcp_server(&row, &hash("one")).await.unwrap();
    assert_eq!(
        store.mcp_server("acc_1", "mcp_1", NOW).await.unwrap(),
        Some(row.clone())
    );
    assert_eq!(store.mcp_server("acc_2", "mcp_1", NOW).await.unwrap(), None);
    let foreign = McpServerRow {
        account_id: "acc_2".to_owned(),
        revision: 2,
        ..row.clone()
    };
    assert!(!store.update_mcp_server(&foreign).await.unwrap());
    assert!(
        !store
            .rotate_mcp_token("acc_2", "mcp_1", &hash("two"), NOW, NOW)
            .await
            .unwrap()
    );
    assert!(!store.delete_mcp_server("acc_2", "mcp_1").await.unwrap());
    assert_eq!(store.mcp_server("acc_1", "mcp_1", NOW).await.unwrap(), Some(row));
    assert_eq!(store.mcp_grant(&hash("two"), NOW).await.unwrap(), None);
    assert!(store.mcp_grant(&hash("one"), NOW).await.unwrap().is_some());
}

async fn a_change_of_an_older_revision_is_refused(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store
        .insert_mcp_server(&mcp_server("mcp_1", "acc_1"), &hash("one"))
        .await
        .unwrap();
    let change = |name: &str, revision| McpServerRow {
        name: name.to_owned(),
        config: object(json!({"tags": ["x"]})),
        expires_at: Some(NOW + 7),
        revision,
        updated_at: NOW + 3,
        ..mcp_server("mcp_1", "acc_1")
    };
    assert!(store.update_mcp_server(&change("first", 2)).await.unwrap());
    assert!(!store.update_mcp_server(&change("second", 2)).await.unwrap());
    let found = store.mcp_server("acc_1", "mcp_1", NOW).await.unwrap();
    assert_eq!(found, Some(change("first", 2)));
    let cleared = McpServerRow {
        expires_at: None,
        ..change("third", 3)
    };
    assert!(store.update_mcp_server(&cleared).await.unwrap());
    assert_eq!(
        store.mcp_server("acc_1", "mcp_1", NOW + 99).await.unwrap(),
        Some(cleared)
    );
}

async fn access_ends_when_the_end_is_reached(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    let row = McpServerRow {
        expires_at: Some(NOW),
        ..mcp_server("mcp_1", "acc_1")
    };
    store.insert_mcp_server(&row, &hash("one")).await.unwrap();
    for (now, there) in [(NOW - 1, true), (NOW, false), (NOW + 1, false)] {
        assert_eq!(
            store.mcp_grant(&hash("one"), now).await.unwrap().is_some(),
            there,
            "{now}"
        );
        assert_eq!(store.mcp_server("acc_1", "mcp_1", now).await.unwrap().is_some(), there);
        assert_eq!(
            store.mcp_servers("acc_1", now, &whole()).await.unwrap().len(),
            usize::from(there)
        );
    }
}

async fn a_rotated_token_lives_on_for_the_overlap(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    for id in ["mcp_1", "mcp_2"] {
        store
            .insert_mcp_server(&mcp_server(id, "acc_1"), &hash(id))
            .await
            .unwrap();
    }
    let until = NOW + 100;
    let rotated = store
        .rotate_mcp_token("acc_1", "mcp_1", &hash("new"), until, NOW + 1)
        .await;
    assert!(rotated.unwrap());
    let end = async |token: &str, now| {
        let grant = store.mcp_grant(&hash(token), now).await.unwrap();
        grant.map(|grant| (grant.server.id, grant.token_expires_at))
    };
    let old = Some(("mcp_1".to_owned(), Some(until)));
    assert_eq!(end("mcp_1", NOW).await, old);
    assert_eq!(end("mcp_1", until - 1).await, old);
    assert_eq!(end("mcp_1", until).await, None);
    assert_eq!(end("new", until).await, Some(("mcp_1".to_owned(), None)));
    assert_eq!(end("mcp_2", until).await, Some(("mcp_2".to_owned(), None)));
    // Without an overlap it ends at once.
    let at_once = store.rotate_mcp_token("acc_1", "mcp_2", &hash("newer"), NOW, NOW).await;
    assert!(at_once.unwrap());
    assert_eq!(end("mcp_2", NOW).await, None);
    assert_eq!(end("newer", NOW).await, Some(("mcp_2".to_owned(), None)));
}

async fn rotating_again_never_lengthens_a_life(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store
        .insert_mcp_server(&mcp_server("mcp_1", "acc_1"), &hash("t0"))
        .await
        .unwrap();
    for (token, until) in [("t1", NOW + 100), ("t2", NOW + 500), ("t3", NOW + 50)] {
        let rotated = store.rotate_mcp_token("acc_1", "mcp_1", &hash(token), until, NOW).await;
        assert!(rotated.unwrap());
    }
    // By then t0 was to end at 100, t1 at 500, and all at 50.
    for token in ["t0", "t1", "t2"] {
        let grant = store.mcp_grant(&hash(token), NOW).await.unwrap().unwrap();
        assert_eq!(grant.token_expires_at, Some(NOW + 50), "{token}");
    }
    let rotated = store
        .rotate_mcp_token("acc_1", "mcp_1", &hash("t4"), NOW + 900, NOW)
        .await;
    assert!(rotated.unwrap());
    let end = async |token: &str| {
        store
            .mcp_grant(&hash(token), NOW)
            .await
            .unwrap()
            .unwrap()
            .token_expires_at
    };
    assert_eq!(end("t0").await, Some(NOW + 50));
    assert_eq!(end("t3").await, Some(NOW + 900));
    assert_eq!(end("t4").await, None);
}

async fn what_is_gone_is_not_rotated(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    let row = McpServerRow {
        expires_at: Some(NOW),
        ..mcp_server("mcp_1", "acc_1")
    };
    store.insert_mcp_server(&row, &hash("one")).await.unwrap();
    let rotate = async |id: &str, now| {
        let token = hash(&format!("new {id} {now}"));
        store.rotate_mcp_token("acc_1", id, &token, now, now).await.unwrap()
    };
    assert!(!rotate("mcp_none", NOW - 1).await);
    assert!(!rotate("mcp_1", NOW).await);
    assert_eq!(place.count("mcp_tokens").await, 1);
    assert!(rotate("mcp_1", NOW - 1).await);
}

async fn deletion_takes_its_tokens(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    for id in ["mcp_1", "mcp_2"] {
        store
            .insert_mcp_server(&mcp_server(id, "acc_1"), &hash(id))
            .await
            .unwrap();
    }
    store
        .rotate_mcp_token("acc_1", "mcp_1", &hash("new"), NOW + 9, NOW)
        .await
        .unwrap();
    assert!(store.delete_mcp_server("acc_1", "mcp_1").await.unwrap());
    assert!(!store.delete_mcp_server("acc_1", "mcp_1").await.unwrap());
    for token in ["mcp_1", "new"] {
        assert_eq!(store.mcp_grant(&hash(token), NOW).await.unwrap(), None);
    }
    assert!(store.mcp_grant(&hash("mcp_2"), NOW).await.unwrap().is_some());
    assert_eq!(place.count("mcp_tokens").await, 1);
}

async fn what_has_expired_is_deleted(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    for (id, end) in [
        ("mcp_past", Some(NOW - 1)),
        ("mcp_now", Some(NOW)),
        ("mcp_soon", Some(NOW + 1)),
        ("mcp_on", None),
    ] {
        let row = McpServerRow {
            expires_at: end,
            ..mcp_server(id, "acc_1")
        };
        store.insert_mcp_server(&row, &hash(id)).await.unwrap();
    }
    // One token that has ended, of a server that goes on.
    store
        .rotate_mcp_token("acc_1", "mcp_on", &hash("on 2"), NOW, NOW - 5)
        .await
        .unwrap();
    let mut ended = crate::rows::api_token("tok_now");
    ended.expires_at = Some(NOW);
    store.insert_api_token(&ended, &hash("tok_now")).await.unwrap();
    let mut soon = crate::rows::api_token("tok_soon");
    soon.expires_at = Some(NOW + 1);
    store.insert_api_token(&soon, &hash("tok_soon")).await.unwrap();

    // Two servers, a token of the third, an API token.
    assert_eq!(store.delete_expired(NOW).await.unwrap(), 4);
    assert_eq!(place.count("mcp_servers").await, 2);
    assert_eq!(place.count("mcp_tokens").await, 2);
    assert_eq!(place.count("api_tokens").await, 1);
    for token in ["mcp_soon", "on 2"] {
        assert!(store.mcp_grant(&hash(token), NOW).await.unwrap().is_some(), "{token}");
    }
    assert!(store.api_token(&hash("tok_soon"), NOW).await.unwrap().is_some());
    assert_eq!(store.delete_expired(NOW).await.unwrap(), 0);
}

async fn lists_are_those_of_the_account(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store.insert_account(&account("acc_2")).await.unwrap();
    let ids = mixed_ids("mcp", 9);
    for (index, id) in ids.iter().enumerate() {
        let row = McpServerRow {
            created_at: NOW + i64::try_from(index / 3).unwrap(),
            ..mcp_server(id, "acc_1")
        };
        store.insert_mcp_server(&row, &hash(id)).await.unwrap();
    }
    store
        .insert_mcp_server(&mcp_server("mcp_other", "acc_2"), &hash("other"))
        .await
        .unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let rows = store
            .mcp_servers("acc_1", NOW, &Page { after, limit: 2 })
            .await
            .unwrap();
        let Some(last) = rows.last() else { break };
        after = Some((last.created_at, last.id.clone()));
        seen.extend(rows);
        assert!(seen.len() <= ids.len(), "a row came twice");
    }
    assert!(seen.is_sorted_by(|newer, older| newer.created_at >= older.created_at));
    let mut found: Vec<_> = seen.into_iter().map(|row| row.id).collect();
    found.sort();
    let mut wanted = ids;
    wanted.sort();
    assert_eq!(found, wanted);
}
