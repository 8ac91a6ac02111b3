//! Snapshots of what accounts have defined for themselves.

use deskhand::store::{FieldsRow, Store as _, StoreError};

use crate::place::Place;
use crate::rows::{NOW, account};

on_both!(
    snapshots_are_numbered_and_kept,
    a_snapshot_is_a_change_of_the_account,
    one_process_is_told_to_read,
);

fn snapshot(number: i64, fields: &str) -> FieldsRow {
    FieldsRow {
        number,
        fields: fields.to_owned(),
        read_at: NOW + number,
    }
}

async fn snapshots_are_numbered_and_kept(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store.insert_account(&account("acc_2")).await.unwrap();
    assert_eq!(store.account_fields("acc_1", None).await.unwrap(), None);
    for number in 1..=5 {
        let row = snapshot(number, &format!("{{\"n\": \"ü{number}\"}}"));
        store.insert_account_fields("acc_1", &row, 3).await.unwrap();
    }
    let newest = store.account_fields("acc_1", None).await.unwrap().unwrap();
    assert_eq!(newest, snapshot(5, "{\"n\": \"ü5\"}"));
    assert_eq!(store.account_fields("acc_1", Some(3)).await.unwrap().unwrap().number, 3);
    assert_eq!(store.account_fields("acc_1", Some(2)).await.unwrap(), None);
    assert_eq!(store.account_fields("acc_2", None).await.unwrap(), None);
    let taken = store.insert_account_fields("acc_1", &snapshot(5, "{}"), 3).await;
    assert!(matches!(taken, Err(StoreError::Taken)), "{taken:?}");
    let orphan = store.insert_account_fields("acc_none", &snapshot(1, "{}"), 3).await;
    assert!(matches!(orphan, Err(StoreError::Orphan)), "{orphan:?}");
    store.delete_account("acc_1").await.unwrap();
    assert_eq!(store.account_fields("acc_1", None).await.unwrap(), None);
}

async fn a_snapshot_is_a_change_of_the_account(place: Place) {
    let store = place.store().await;
    let row = account("acc_1");
    store.insert_account(&row).await.unwrap();
    let epoch = store.epoch().await.unwrap();
    store
        .insert_account_fields("acc_1", &snapshot(1, "{}"), 3)
        .await
        .unwrap();
    assert_eq!(store.epoch().await.unwrap(), epoch + 1);
    let found = store.account("acc_1").await.unwrap().unwrap();
    assert_eq!(found.revision, row.revision + 1);
}

async fn one_process_is_told_to_read(place: Place) {
    let (one, other) = (place.store().await, place.store().await);
    one.insert_account(&account("acc_1")).await.unwrap();
    let claims = [
        one.claim_field_read("acc_1", NOW, NOW - 10),
        other.claim_field_read("acc_1", NOW, NOW - 10),
        one.claim_field_read("acc_1", NOW, NOW - 10),
    ];
    let claimed = futures_util::future::join_all(claims).await;
    assert_eq!(claimed.iter().filter(|claim| *claim.as_ref().unwrap()).count(), 1);
    assert!(!other.claim_field_read("acc_1", NOW + 5, NOW).await.unwrap());
    assert!(other.claim_field_read("acc_1", NOW + 11, NOW + 1).await.unwrap());
}
