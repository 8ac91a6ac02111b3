//! OAuth2 grants and their leases; links and flows.

use deskhand::store::{AccountRow, ConnectFlowRow, ConnectLinkRow, OAuthGrantRow, OAuthStore as _, Store as _};
use serde_json::json;

use crate::place::Place;
use crate::rows::{NOW, account, hash, object, sealed, whole};

on_both!(
    an_account_is_connected_with_its_link_or_not_at_all,
    one_holds_the_lease,
    a_link_lasts_until_it_is_used_or_ends,
    a_flow_is_taken_once,
    connecting_and_deleting_do_not_block_each_other,
    what_has_ended_goes,
    seals_of_grants_and_flows_are_replaced,
);

fn grant(account_id: &str, text: &str, revision: i64) -> OAuthGrantRow {
    OAuthGrantRow {
        account_id: account_id.to_owned(),
        sealed: sealed("key-1", text),
        expires_at: Some(NOW + 1_000),
        revision,
        lease_until: None,
    }
}

fn link(id: &str) -> ConnectLinkRow {
    ConnectLinkRow {
        id: id.to_owned(),
        integration: "desk".to_owned(),
        name: "Acme".to_owned(),
        tenant_id: Some("t".to_owned()),
        variables: object(json!({ "subdomain": "acme" })),
        base_url: None,
        account_id: None,
        created_at: NOW,
        expires_at: NOW + 100,
        used_at: None,
    }
}

fn flow(link_id: &str) -> ConnectFlowRow {
    ConnectFlowRow {
        link_id: link_id.to_owned(),
        browser_hash: hash("browser"),
        verifier: sealed("key-1", "dmVyaWZpZXI="),
        variables: object(json!({ "subdomain": "acme" })),
        created_at: NOW,
        expires_at: NOW + 10,
    }
}

fn connected(id: &str, revision: i64) -> AccountRow {
    AccountRow {
        revision,
        granted: true,
        ..account(id)
    }
}

async fn an_account_is_connected_with_its_link_or_not_at_all(place: Place) {
    let store = place.store().await;
    for id in ["link_1", "link_2", "link_3"] {
        store.insert_connect_link(&link(id), &hash(id)).await.unwrap();
    }
    let epoch = store.epoch().await.unwrap();
    let (one, first) = (connected("acc_1", 1), grant("acc_1", "first", 1));
    assert!(!store.connect_account("link_none", NOW, &one, &first).await.unwrap());
    assert!(
        !store.connect_account("link_1", NOW + 100, &one, &first).await.unwrap(),
        "it has ended"
    );
    assert_eq!(store.account("acc_1").await.unwrap(), None);
    assert_eq!(store.epoch().await.unwrap(), epoch);
    assert!(store.connect_account("link_1", NOW, &one, &first).await.unwrap());
    assert_eq!(store.epoch().await.unwrap(), epoch + 1);
    assert_eq!(store.account("acc_1").await.unwrap(), Some(one.clone()));
    assert_eq!(store.oauth_grant("acc_1").await.unwrap(), Some(first));
    let other = connected("acc_2", 1);
    assert!(
        !store
            .connect_account("link_1", NOW, &other, &grant("acc_2", "x", 1))
            .await
            .unwrap()
    );
    assert_eq!(store.account("acc_2").await.unwrap(), None);

    // Anew: the grant counts on, so that who holds the older one notices.
    let again = connected("acc_1", 2);
    assert!(
        !store
            .connect_account("link_2", NOW, &connected("acc_1", 5), &grant("acc_1", "x", 1))
            .await
            .unwrap()
    );
    assert!(
        store
            .connect_account("link_2", NOW, &again, &grant("acc_1", "second", 1))
            .await
            .unwrap()
    );
    assert_eq!(
        store.oauth_grant("acc_1").await.unwrap(),
        Some(grant("acc_1", "second", 2))
    );

    let plain = AccountRow {
        granted: false,
        ..connected("acc_1", 3)
    };
    assert!(
        !store
            .update_account_without_grant(&connected("acc_1", 9))
            .await
            .unwrap()
    );
    assert!(store.oauth_grant("acc_1").await.unwrap().is_some());
    assert!(store.update_account_without_grant(&plain).await.unwrap());
    assert_eq!(store.account("acc_1").await.unwrap(), Some(plain));
    assert_eq!(store.oauth_grant("acc_1").await.unwrap(), None);

    let anew = connected("acc_1", 4);
    assert!(
        store
            .connect_account("link_3", NOW, &anew, &grant("acc_1", "third", 1))
            .await
            .unwrap()
    );
    assert!(store.delete_account("acc_1").await.unwrap());
    assert_eq!(place.count("oauth_grants").await, 0);
}

async fn one_holds_the_lease(place: Place) {
    let stores = place.stores(4).await;
    let store = &stores[0];
    store
        .insert_connect_link(&link("link_1"), &hash("link_1"))
        .await
        .unwrap();
    let (one, first) = (connected("acc_1", 1), grant("acc_1", "first", 1));
    assert!(store.connect_account("link_1", NOW, &one, &first).await.unwrap());
    let asking: Vec<_> = (0..16)
        .map(|index| {
            let store = stores[index % stores.len()].clone();
            tokio::spawn(async move {
                let holder = format!("ren_{index}");
                let leased = store.lease_grant("acc_1", 1, &holder, NOW, NOW + 40);
                leased.await.unwrap().then_some(holder)
            })
        })
        .collect();
    let mut holders = Vec::new();
    for asked in asking {
        holders.extend(asked.await.unwrap());
    }
    assert_eq!(holders.len(), 1);
    assert_eq!(
        store.oauth_grant("acc_1").await.unwrap().unwrap().lease_until,
        Some(NOW + 40)
    );
    store.release_grant("acc_1", "ren_other").await.unwrap();
    assert!(
        !store
            .lease_grant("acc_1", 1, "ren_a", NOW + 39, NOW + 80)
            .await
            .unwrap()
    );
    assert!(
        store
            .lease_grant("acc_1", 1, "ren_a", NOW + 40, NOW + 80)
            .await
            .unwrap(),
        "it has ended"
    );
    store.release_grant("acc_1", "ren_a").await.unwrap();
    assert!(
        !store.lease_grant("acc_1", 2, "ren_b", NOW, NOW + 40).await.unwrap(),
        "of another revision"
    );
    assert!(store.lease_grant("acc_1", 1, "ren_b", NOW, NOW + 40).await.unwrap());
    assert!(!store.replace_grant(&grant("acc_1", "late", 3), None).await.unwrap());
    let second = grant("acc_1", "second", 2);
    assert!(
        !store.replace_grant(&second, Some("ren_a")).await.unwrap(),
        "it is another's"
    );
    assert!(store.replace_grant(&second, Some("ren_b")).await.unwrap());
    assert!(!store.replace_grant(&second, None).await.unwrap());
    assert_eq!(
        store.oauth_grant("acc_1").await.unwrap(),
        Some(second),
        "and the lease is over"
    );
    let third = grant("acc_1", "third", 3);
    assert!(!store.replace_grant(&third, Some("ren_b")).await.unwrap(), "nobody's");
    assert!(store.replace_grant(&third, None).await.unwrap());
}

async fn a_link_lasts_until_it_is_used_or_ends(place: Place) {
    let store = place.store().await;
    let row = link("link_1");
    store.insert_connect_link(&row, &hash("one")).await.unwrap();
    assert_eq!(
        store.connect_link(&hash("one"), NOW + 99).await.unwrap(),
        Some(row.clone())
    );
    assert_eq!(
        store.connect_link_by_id("link_1", NOW + 99).await.unwrap(),
        Some(row.clone())
    );
    assert_eq!(store.connect_link(&hash("one"), NOW + 100).await.unwrap(), None);
    assert_eq!(store.connect_link(&hash("two"), NOW).await.unwrap(), None);
    let (account, grant) = (connected("acc_1", 1), grant("acc_1", "x", 1));
    assert!(
        store
            .connect_account("link_1", NOW + 5, &account, &grant)
            .await
            .unwrap()
    );
    assert_eq!(store.connect_link(&hash("one"), NOW).await.unwrap(), None);
    assert_eq!(store.connect_link_by_id("link_1", NOW).await.unwrap(), None);
    let used = ConnectLinkRow {
        used_at: Some(NOW + 5),
        ..row
    };
    assert_eq!(store.connect_links(NOW, &whole()).await.unwrap(), [used]);
    assert_eq!(store.connect_links(NOW + 100, &whole()).await.unwrap(), []);
    assert!(store.delete_connect_link("link_1").await.unwrap());
    assert!(!store.delete_connect_link("link_1").await.unwrap());
}

async fn a_flow_is_taken_once(place: Place) {
    let stores = place.stores(4).await;
    let store = &stores[0];
    store
        .insert_connect_link(&link("link_1"), &hash("link_1"))
        .await
        .unwrap();
    let row = flow("link_1");
    for index in 0..3 {
        let state = hash(&format!("state {index}"));
        assert_eq!(store.insert_connect_flow(&row, &state, 2).await.unwrap(), index < 2);
    }
    let state = hash("state 0");
    let asking: Vec<_> = stores
        .iter()
        .map(|store| {
            let store = store.clone();
            tokio::spawn(async move { store.take_connect_flow(&state).await.unwrap() })
        })
        .collect();
    let mut taken = Vec::new();
    for asked in asking {
        taken.extend(asked.await.unwrap());
    }
    assert_eq!(taken, [row]);
    assert_eq!(store.take_connect_flow(&state).await.unwrap(), None);
    assert!(store.delete_connect_link("link_1").await.unwrap());
    assert_eq!(place.count("connect_flows").await, 0);
}

/// Accounts are connected anew with their links while they are deleted: each waits for the other at most once.
async fn connecting_and_deleting_do_not_block_each_other(place: Place) {
    let stores = place.stores(2).await;
    let mut running = Vec::new();
    for index in 0..40 {
        let (account, link_id) = (format!("acc_{index}"), format!("link_{index}"));
        stores[0].insert_account(&connected(&account, 1)).await.unwrap();
        let row = ConnectLinkRow {
            account_id: Some(account.clone()),
            ..link(&link_id)
        };
        stores[0].insert_connect_link(&row, &hash(&link_id)).await.unwrap();
        let (connecting, deleting) = (stores[0].clone(), stores[1].clone());
        let id = account.clone();
        running.push(tokio::spawn(async move {
            let (row, grant) = (connected(&account, 2), grant(&account, "x", 1));
            connecting.connect_account(&link_id, NOW, &row, &grant).await.map(drop)
        }));
        running.push(tokio::spawn(
            async move { deleting.delete_account(&id).await.map(drop) },
        ));
    }
    for ended in running {
        ended.await.unwrap().unwrap();
    }
    for table in ["accounts", "oauth_grants", "connect_links"] {
        assert_eq!(place.count(table).await, 0, "{table}");
    }
}

async fn what_has_ended_goes(place: Place) {
    let store = place.store().await;
    store
        .insert_connect_link(&link("link_1"), &hash("link_1"))
        .await
        .unwrap();
    assert!(
        store
            .insert_connect_flow(&flow("link_1"), &hash("state"), 9)
            .await
            .unwrap()
    );
    assert_eq!(store.delete_expired(NOW + 9).await.unwrap(), 0);
    assert_eq!(store.delete_expired(NOW + 10).await.unwrap(), 1);
    assert_eq!(
        (place.count("connect_flows").await, place.count("connect_links").await),
        (0, 1)
    );
    assert_eq!(store.delete_expired(NOW + 100).await.unwrap(), 1);
    assert_eq!(place.count("connect_links").await, 0);
}

async fn seals_of_grants_and_flows_are_replaced(place: Place) {
    let store = place.store().await;
    for id in ["link_1", "link_2"] {
        store.insert_connect_link(&link(id), &hash(id)).await.unwrap();
    }
    assert!(
        store
            .insert_connect_flow(&flow("link_2"), &hash("state"), 9)
            .await
            .unwrap()
    );
    let (account, grant) = (connected("acc_1", 1), grant("acc_1", "x", 1));
    assert!(store.connect_account("link_1", NOW, &account, &grant).await.unwrap());
    let found = store.sealed_with_other_keys("key-2", 10).await.unwrap();
    let kinds: Vec<(&str, &str)> = found.iter().map(|at| (at.kind, at.id.as_str())).collect();
    let state = hash("state").to_text();
    assert_eq!(
        kinds,
        [("account", "acc_1"), ("grant", "acc_1"), ("flow", state.as_str())]
    );
    for at in &found {
        assert!(store.reseal(at, &sealed("key-2", "new")).await.unwrap());
        assert!(!store.reseal(at, &sealed("key-2", "new")).await.unwrap());
    }
    assert_eq!(store.sealed_with_other_keys("key-2", 10).await.unwrap(), []);
    let kept = store.oauth_grant("acc_1").await.unwrap().unwrap();
    assert_eq!((kept.sealed, kept.revision), (sealed("key-2", "new"), 1));
    let kept = store.take_connect_flow(&hash("state")).await.unwrap().unwrap();
    assert_eq!(kept.verifier, sealed("key-2", "new"));
}
