//! Tokens for the REST API.

use deskhand::store::{ApiTokenRow, Page, Store as _, StoreError};

use crate::place::Place;
use crate::rows::{NOW, account, api_token, hash, whole};

on_both!(
    a_token_is_found_by_its_hash,
    a_token_ends_when_its_end_is_reached,
    lists_are_newest_first_and_by_account,
    ids_and_hashes_are_taken_once,
    a_token_needs_its_account,
    a_revoked_token_is_gone,
    the_first_is_made_only_when_there_is_none,
);

async fn a_token_is_found_by_its_hash(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    let all = api_token("tok_1");
    let one = ApiTokenRow {
        account_id: Some("acc_1".to_owned()),
        expires_at: Some(NOW + 1),
        ..api_token("tok_2")
    };
    store.insert_api_token(&all, &hash("one")).await.unwrap();
    store.insert_api_token(&one, &hash("two")).await.unwrap();
    let other = place.store().await;
    assert_eq!(other.api_token(&hash("one"), NOW).await.unwrap(), Some(all));
    assert_eq!(other.api_token(&hash("two"), NOW).await.unwrap(), Some(one));
    assert_eq!(other.api_token(&hash("three"), NOW).await.unwrap(), None);
}

async fn a_token_ends_when_its_end_is_reached(place: Place) {
    let store = place.store().await;
    let row = ApiTokenRow {
        expires_at: Some(NOW),
        ..api_token("tok_1")
    };
    store.insert_api_token(&row, &hash("one")).await.unwrap();
    for (now, there) in [(NOW - 1, true), (NOW, false), (NOW + 1, false)] {
        assert_eq!(
            store.api_token(&hash("one"), now).await.unwrap().is_some(),
            there,
            "{now}"
        );
        assert_eq!(
            store.api_tokens(None, now, &whole()).await.unwrap().len(),
            usize::from(there)
        );
    }
}

async fn lists_are_newest_first_and_by_account(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store.insert_account(&account("acc_2")).await.unwrap();
    for (id, of, at) in [
        ("tok_1", None, 1),
        ("tok_2", Some("acc_1"), 2),
        ("tok_3", Some("acc_2"), 2),
        ("tok_4", Some("acc_1"), 3),
    ] {
        let row = ApiTokenRow {
            account_id: of.map(str::to_owned),
            created_at: NOW + at,
            ..api_token(id)
        };
        store.insert_api_token(&row, &hash(id)).await.unwrap();
    }
    let ids = async |of: Option<&str>, page: Page| -> Vec<String> {
        let rows = store.api_tokens(of, NOW, &page).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(ids(None, whole()).await, ["tok_4", "tok_3", "tok_2", "tok_1"]);
    assert_eq!(ids(Some("acc_1"), whole()).await, ["tok_4", "tok_2"]);
    let second = Page {
        after: Some((NOW + 2, "tok_3".to_owned())),
        limit: 1,
    };
    assert_eq!(ids(None, second.clone()).await, ["tok_2"]);
    assert_eq!(ids(Some("acc_2"), second).await, [""; 0]);
}

async fn ids_and_hashes_are_taken_once(place: Place) {
    let store = place.store().await;
    store.insert_api_token(&api_token("tok_1"), &hash("one")).await.unwrap();
    for (id, token) in [("tok_1", "two"), ("tok_2", "one")] {
        let refused = store.insert_api_token(&api_token(id), &hash(token)).await;
        assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    }
    assert_eq!(place.count("api_tokens").await, 1);
}

async fn a_token_needs_its_account(place: Place) {
    let store = place.store().await;
    let row = ApiTokenRow {
        account_id: Some("acc_none".to_owned()),
        ..api_token("tok_1")
    };
    let refused = store.insert_api_token(&row, &hash("one")).await;
    assert!(matches!(refused, Err(StoreError::Orphan)), "{refused:?}");
    let refused = store.insert_first_api_token(&row, &hash("one")).await;
    assert!(matches!(refused, Err(StoreError::Orphan)), "{refused:?}");
}

async fn a_revoked_token_is_gone(place: Place) {
    let store = place.store().await;
    let other = place.store().await;
    store.insert_api_token(&api_token("tok_1"), &hash("one")).await.unwrap();
    store.insert_api_token(&api_token("tok_2"), &hash("two")).await.unwrap();
    assert!(other.delete_api_token("tok_1").await.unwrap());
    assert!(!store.delete_api_token("tok_1").await.unwrap());
    assert_eq!(store.api_token(&hash("one"), NOW).await.unwrap(), None);
    assert!(store.api_token(&hash("two"), NOW).await.unwrap().is_some());
}

async fn the_first_is_made_only_when_there_is_none(place: Place) {
    let store = place.store().await;
    assert!(
        store
            .insert_first_api_token(&api_token("tok_1"), &hash("one"))
            .await
            .unwrap()
    );
    assert!(
        !store
            .insert_first_api_token(&api_token("tok_2"), &hash("two"))
            .await
            .unwrap()
    );
    assert_eq!(
        store.api_token(&hash("one"), NOW).await.unwrap(),
        Some(api_token("tok_1"))
    );
    assert_eq!(store.api_token(&hash("two"), NOW).await.unwrap(), None);
}
