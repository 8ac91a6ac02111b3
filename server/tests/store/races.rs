//! Several processes on one database at the same moment.

use std::collections::BTreeSet;
use std::future::Future;

use deskhand::store::sql::SqlStore;
use deskhand::store::{AccountFilter, AccountRow, McpServerRow, SealedAt, Store as _, StoreError};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::rows::{NOW, account, api_token, call, hash, mcp_server, sealed, whole};

on_both!(
    all_open_an_empty_database_at_once,
    fifty_write_at_once,
    of_equal_changes_one_wins,
    one_first_api_token_is_made,
    all_agree_on_a_setting,
    rotations_leave_one_token_without_an_end,
    nothing_hangs_on_a_deleted_account,
    deletions_do_not_block_each_other,
    no_seal_is_lost_to_a_change_at_the_same_time,
    whoever_sees_an_epoch_sees_its_changes,
);

/// Runs all at once and gives what they give.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    tasks: impl IntoIterator<Item = F>,
) -> Vec<T> {
    let tasks: JoinSet<T> = tasks.into_iter().collect();
    tasks.join_all().await
}

/// The stores of two processes, one after the other, for ever.
async fn two(place: &Place) -> impl Iterator<Item = SqlStore> {
    place.stores(2).await.into_iter().cycle()
}

async fn all_open_an_empty_database_at_once(place: Place) {
    let opening = (0..8).map(|_| {
        let url = place.url().to_owned();
        async move { SqlStore::open(&url).await }
    });
    for opened in at_once(opening).await {
        assert_eq!(opened.unwrap().epoch().await.unwrap(), 0);
    }
    assert_eq!(place.count("epoch").await, 1);
}

async fn fifty_write_at_once(place: Place) {
    const WRITERS: usize = 50;
    let writers = two(&place)
        .await
        .take(WRITERS)
        .enumerate()
        .map(|(number, store)| async move {
            let id = format!("acc_{number}");
            store.insert_account(&account(&id)).await?;
            let server = mcp_server(&format!("mcp_{number}"), &id);
            store.insert_mcp_server(&server, &hash(&id)).await?;
            store.insert_calls(&[call(&format!("call_{number}"), NOW)]).await?;
            let changed = McpServerRow { revision: 2, ..server };
            assert!(store.update_mcp_server(&changed).await?);
            assert!(store.mcp_grant(&hash(&id), NOW).await?.is_some());
            Ok::<(), StoreError>(())
        });
    for written in at_once(writers.collect::<Vec<_>>()).await {
        written.unwrap();
    }
    let store = place.store().await;
    assert_eq!(
        store.accounts(&AccountFilter::default(), &whole()).await.unwrap().len(),
        WRITERS
    );
    assert_eq!(place.count("mcp_tokens").await, 50);
    assert_eq!(place.count("calls").await, 50);
    // Each writer made three changes.
    assert_eq!(store.epoch().await.unwrap(), 150);
}

async fn of_equal_changes_one_wins(place: Place) {
    let mut stores = two(&place).await;
    let store = stores.next().unwrap();
    store.insert_account(&account("acc_1")).await.unwrap();
    store
        .insert_mcp_server(&mcp_server("mcp_1", "acc_1"), &hash("one"))
        .await
        .unwrap();
    for revision in 2..6 {
        let changes = stores.by_ref().take(10).enumerate().map(|(number, store)| async move {
            let row = AccountRow {
                name: format!("account {number}"),
                revision,
                ..account("acc_1")
            };
            let server = McpServerRow {
                name: format!("server {number}"),
                revision,
                ..mcp_server("mcp_1", "acc_1")
            };
            let won = store.update_account(&row).await.unwrap();
            let server_won = store.update_mcp_server(&server).await.unwrap();
            (won.then_some(row), server_won.then_some(server))
        });
        let (rows, servers): (Vec<_>, Vec<_>) = at_once(changes.collect::<Vec<_>>()).await.into_iter().unzip();
        let rows: Vec<AccountRow> = rows.into_iter().flatten().collect();
        let servers: Vec<McpServerRow> = servers.into_iter().flatten().collect();
        assert_eq!(store.account("acc_1").await.unwrap().as_slice(), rows);
        assert_eq!(
            store.mcp_server("acc_1", "mcp_1", NOW).await.unwrap().as_slice(),
            servers
        );
    }
}

async fn one_first_api_token_is_made(place: Place) {
    for round in 0..5 {
        let attempts = two(&place)
            .await
            .take(10)
            .enumerate()
            .map(|(number, store)| async move {
                let id = format!("tok_{round}_{number}");
                let made = store.insert_first_api_token(&api_token(&id), &hash(&id)).await.unwrap();
                made.then_some(id)
            });
        let made: Vec<String> = at_once(attempts.collect::<Vec<_>>())
            .await
            .into_iter()
            .flatten()
            .collect();
        let store = place.store().await;
        let kept = store.api_tokens(None, NOW, &whole()).await.unwrap();
        assert_eq!(kept.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), made);
        assert_eq!(made.len(), 1);
        assert!(store.delete_api_token(&made[0]).await.unwrap());
    }
}

async fn all_agree_on_a_setting(place: Place) {
    for round in 0..5 {
        let name = format!("secret {round}");
        let attempts = two(&place).await.take(10).enumerate().map(|(number, store)| {
            let name = name.clone();
            async move {
                let mine = sealed("key-1", &number.to_string());
                store.setting_or_insert(&name, &mine).await.unwrap().text
            }
        });
        let told: BTreeSet<String> = at_once(attempts.collect::<Vec<_>>()).await.into_iter().collect();
        let kept = place.store().await.setting(&name).await.unwrap().unwrap();
        assert_eq!(told, BTreeSet::from([kept.text]));
    }
}

async fn rotations_leave_one_token_without_an_end(place: Place) {
    let mut stores = two(&place).await;
    let store = stores.next().unwrap();
    store.insert_account(&account("acc_1")).await.unwrap();
    store
        .insert_mcp_server(&mcp_server("mcp_1", "acc_1"), &hash("token"))
        .await
        .unwrap();
    let rotations = stores.take(20).enumerate().map(|(number, store)| async move {
        let token = hash(&format!("token {number}"));
        store.rotate_mcp_token("acc_1", "mcp_1", &token, NOW + 50, NOW).await
    });
    for rotated in at_once(rotations.collect::<Vec<_>>()).await {
        assert!(rotated.unwrap());
    }
    assert_eq!(place.count("mcp_tokens").await, 21);
    assert_eq!(place.count("mcp_tokens WHERE expires_at IS NULL").await, 1);
    let ending = format!("mcp_tokens WHERE expires_at = {}", NOW + 50);
    assert_eq!(place.count(&ending).await, 20);
}

async fn nothing_hangs_on_a_deleted_account(place: Place) {
    let mut stores = two(&place).await;
    for round in 0..10 {
        let id = format!("acc_{round}");
        stores.next().unwrap().insert_account(&account(&id)).await.unwrap();
        let work = stores.by_ref().take(9).enumerate().map(|(number, store)| {
            let id = id.clone();
            async move {
                if number == 4 {
                    assert!(store.delete_account(&id).await.unwrap());
                    return;
                }
                let server = mcp_server(&format!("mcp_{round}_{number}"), &id);
                match store.insert_mcp_server(&server, &hash(&server.id)).await {
                    Ok(()) | Err(StoreError::Orphan) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        });
        at_once(work.collect::<Vec<_>>()).await;
        assert_eq!(place.count("mcp_servers").await, 0);
        assert_eq!(place.count("mcp_tokens").await, 0);
    }
}

async fn deletions_do_not_block_each_other(place: Place) {
    let mut stores = two(&place).await;
    let store = stores.next().unwrap();
    for round in 0..4 {
        for number in 0..4 {
            let id = format!("acc_{number}");
            store.insert_account(&account(&id)).await.unwrap();
            for server in 0..6 {
                let row = McpServerRow {
                    expires_at: Some(NOW + server % 2),
                    // An index on the time finds them in another order than the table has them.
                    created_at: NOW - server,
                    ..mcp_server(&format!("mcp_{number}_{server}"), &id)
                };
                let token = |turn: usize| hash(&format!("{round} {} {turn}", row.id));
                store.insert_mcp_server(&row, &token(0)).await.unwrap();
                store
                    .rotate_mcp_token(&id, &row.id, &token(1), NOW, NOW - 1)
                    .await
                    .unwrap();
            }
        }
        let work = stores.by_ref().take(24).enumerate().map(|(number, store)| async move {
            let (account, server) = (format!("acc_{}", number % 4), number % 6);
            match number % 3 {
                0 => store.delete_expired(NOW).await.map(drop),
                1 => store.delete_account(&account).await.map(drop),
                _ => store
                    .delete_mcp_server(&account, &format!("mcp_{}_{server}", number % 4))
                    .await
                    .map(drop),
            }
        });
        for done in at_once(work.collect::<Vec<_>>()).await {
            done.unwrap();
        }
        for number in 0..4 {
            store.delete_account(&format!("acc_{number}")).await.unwrap();
        }
        assert_eq!(place.count("mcp_tokens").await, 0);
    }
}

async fn no_seal_is_lost_to_a_change_at_the_same_time(place: Place) {
    let mut stores = two(&place).await;
    let store = stores.next().unwrap();
    for round in 0..10 {
        let id = format!("acc_{round}");
        store.insert_account(&account(&id)).await.unwrap();
        let renaming = stores.by_ref().take(6).map(|store| {
            let id = id.clone();
            async move {
                // As the control plane does it: read, change, try again when it was changed meanwhile.
                loop {
                    let read = store.account(&id).await.unwrap().unwrap();
                    let changed = AccountRow {
                        name: format!("{}+", read.name),
                        revision: read.revision + 1,
                        ..read
                    };
                    if store.update_account(&changed).await.unwrap() {
                        return;
                    }
                }
            }
        });
        let renaming: Vec<_> = renaming.collect();
        let resealing = {
            let (store, id) = (stores.next().unwrap(), id.clone());
            async move {
                let there = SealedAt {
                    kind: "account",
                    id: id.clone(),
                    sealed: account(&id).credentials,
                };
                assert!(store.reseal(&there, &sealed("new", "bmV3")).await.unwrap());
            }
        };
        tokio::join!(at_once(renaming), resealing);
        let row = store.account(&id).await.unwrap().unwrap();
        assert_eq!(row.credentials, sealed("new", "bmV3"));
        assert_eq!(row.name, format!("{}++++++", account(&id).name));
        assert_eq!(row.revision, 8);
    }
}

async fn whoever_sees_an_epoch_sees_its_changes(place: Place) {
    const WRITERS: i64 = 4;
    const EACH: i64 = 15;
    let mut stores = two(&place).await;
    let watching = stores.next().unwrap();
    let writers = stores.take(4).enumerate().map(|(writer, store)| async move {
        for number in 0..EACH {
            store
                .insert_account(&account(&format!("acc_{writer}_{number}")))
                .await
                .unwrap();
        }
    });
    let writing = tokio::spawn(at_once(writers.collect::<Vec<_>>()));
    // Each change adds one account: to know an epoch is to see at least as many.
    loop {
        let epoch = watching.epoch().await.unwrap();
        let seen = watching
            .accounts(&AccountFilter::default(), &whole())
            .await
            .unwrap()
            .len();
        assert!(
            i64::try_from(seen).unwrap() >= epoch,
            "{seen} accounts at epoch {epoch}"
        );
        if epoch == WRITERS * EACH {
            break;
        }
        assert!(!writing.is_finished() || watching.epoch().await.unwrap() == WRITERS * EACH);
    }
    writing.await.unwrap();
}
