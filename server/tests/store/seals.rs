//! Settings, and the replacement of seals.

use deskhand::store::{AccountRow, SealedAt, Store as _, StoreError};

use crate::place::Place;
use crate::rows::{account, sealed};

on_both!(
    a_setting_is_kept_once,
    values_with_other_keys_are_found,
    a_seal_is_replaced_if_it_is_still_there,
    an_older_change_does_not_bring_the_older_seal_back,
);

fn at(kind: &'static str, id: &str, key_id: &str, text: &str) -> SealedAt {
    SealedAt {
        kind,
        id: id.to_owned(),
        sealed: sealed(key_id, text),
    }
}

async fn a_setting_is_kept_once(place: Place) {
    let store = place.store().await;
    assert_eq!(store.setting("secret").await.unwrap(), None);
    let first = sealed("key-1", "Zmlyc3Q=");
    let second = sealed("key-2", "c2Vjb25k");
    assert_eq!(store.setting_or_insert("secret", &first).await.unwrap(), first);
    assert_eq!(store.setting_or_insert("secret", &second).await.unwrap(), first);
    assert_eq!(store.setting_or_insert("other", &second).await.unwrap(), second);
    assert_eq!(place.store().await.setting("secret").await.unwrap(), Some(first));
}

async fn values_with_other_keys_are_found(place: Place) {
    let store = place.store().await;
    store.setting_or_insert("secret", &sealed("old", "a")).await.unwrap();
    store.setting_or_insert("other", &sealed("new", "b")).await.unwrap();
    for (id, key_id) in [("acc_1", "old"), ("acc_2", "new"), ("acc_3", "older")] {
        let row = AccountRow {
            credentials: sealed(key_id, id),
            ..account(id)
        };
        store.insert_account(&row).await.unwrap();
    }
    let found = store.sealed_with_other_keys("new", 10).await.unwrap();
    let wanted = [
        at("setting", "secret", "old", "a"),
        at("account", "acc_1", "old", "acc_1"),
        at("account", "acc_3", "older", "acc_3"),
    ];
    assert_eq!(found, wanted);
    assert_eq!(store.sealed_with_other_keys("new", 1).await.unwrap(), wanted[..1]);
    assert_eq!(store.sealed_with_other_keys("new", 2).await.unwrap(), wanted[..2]);
    assert_eq!(store.sealed_with_other_keys("none", 10).await.unwrap().len(), 5);
}

async fn a_seal_is_replaced_if_it_is_still_there(place: Place) {
    let store = place.store().await;
    store.setting_or_insert("secret", &sealed("old", "a")).await.unwrap();
    store.insert_account(&account("acc_1")).await.unwrap();
    let new = sealed("new", "bmV3");
    let old = account("acc_1").credentials;
    let of_account = SealedAt {
        kind: "account",
        id: "acc_1".to_owned(),
        sealed: old,
    };
    for there in [at("setting", "secret", "old", "a"), of_account] {
        let others = [
            SealedAt {
                sealed: sealed("other", &there.sealed.text),
                ..there.clone()
            },
            SealedAt {
                sealed: sealed(&there.sealed.key_id, "other"),
                ..there.clone()
            },
            SealedAt {
                id: "none".to_owned(),
                ..there.clone()
            },
        ];
        for other in others {
            assert!(!store.reseal(&other, &new).await.unwrap(), "{other:?}");
        }
        assert!(store.reseal(&there, &new).await.unwrap());
        assert!(!store.reseal(&there, &new).await.unwrap());
    }
    assert_eq!(store.setting("secret").await.unwrap(), Some(new.clone()));
    let resealed = AccountRow {
        credentials: new,
        revision: 2,
        ..account("acc_1")
    };
    assert_eq!(store.account("acc_1").await.unwrap(), Some(resealed));
    assert_eq!(store.sealed_with_other_keys("new", 10).await.unwrap(), []);
    let unknown = store
        .reseal(&at("token", "tok_1", "old", "a"), &sealed("new", "b"))
        .await;
    assert!(matches!(unknown, Err(StoreError::Unavailable(_))), "{unknown:?}");
}

async fn an_older_change_does_not_bring_the_older_seal_back(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    // Somebody reads the account, the key is replaced, and then the change comes.
    let read = store.account("acc_1").await.unwrap().unwrap();
    let there = SealedAt {
        kind: "account",
        id: read.id.clone(),
        sealed: read.credentials.clone(),
    };
    let new = sealed("new", "bmV3");
    assert!(store.reseal(&there, &new).await.unwrap());
    let change = AccountRow {
        name: "Renamed".to_owned(),
        revision: read.revision + 1,
        ..read
    };
    assert!(!store.update_account(&change).await.unwrap());
    let read = store.account("acc_1").await.unwrap().unwrap();
    assert_eq!(read.credentials, new);
    let again = AccountRow {
        name: "Renamed".to_owned(),
        revision: read.revision + 1,
        ..read
    };
    assert!(store.update_account(&again).await.unwrap());
    assert_eq!(store.account("acc_1").await.unwrap(), Some(again));
}
