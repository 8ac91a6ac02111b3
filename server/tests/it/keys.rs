//! The master key: what it opens, and how it is replaced.

use std::sync::Arc;

use deskhand::control::{ControlPlane, Options};
use deskhand::store::sql::SqlStore;
use deskhand::vault::{Keyring, MasterKey};
use serde_json::json;

use crate::plane::{Place, Plane, Vendor};

#[tokio::test]
async fn another_key_does_not_open_the_installation() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    Plane::start(&place).await.connect("Acme", &vendor, "first-key").await;
    let own = Keyring::read(&place.key_file()).unwrap().sealing_id();
    let store = SqlStore::open(&place.database()).await.unwrap();
    let other = Keyring::parse(MasterKey::random().unwrap().reveal().as_str()).unwrap();
    let opened = ControlPlane::open(&[], Arc::new(store), Arc::new(other), Options::default()).await;
    let told = opened.unwrap_err().to_string();
    assert!(told.contains(&format!("sealed with master key {own}")), "{told}");
    assert!(told.contains("DESKHAND_MASTER_KEY or the key file"), "{told}");
}

#[tokio::test]
async fn the_key_is_replaced_while_servers_run() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let (one, two) = (Plane::start(&place).await, Plane::start(&place).await);
    let before = one.connect("Before", &vendor, "key-before").await;
    let keyring = Keyring::read(&place.key_file()).unwrap();
    let old = keyring.sealing_id();

    let new = keyring.add_to_file().unwrap();
    // One that has heard nothing of the new key seals with it nevertheless.
    let during = one.connect("During", &vendor, "key-during").await;
    let rotating = {
        let store = SqlStore::open(&place.database()).await.unwrap();
        let keyring = Arc::new(Keyring::read(&place.key_file()).unwrap());
        ControlPlane::open(&[], Arc::new(store), keyring, Options::default())
            .await
            .unwrap()
    };
    assert_eq!(
        rotating.reseal().await.unwrap(),
        2,
        "the installation's secret, and the account from before"
    );
    assert_eq!(rotating.reseal().await.unwrap(), 0);
    assert_eq!(keyring.drop_old_from_file().unwrap(), std::slice::from_ref(&old));
    for id in [&before, &during] {
        let row = one.control.account(id).await.unwrap();
        assert_eq!(row.credentials.key_id, new);
    }
    let after = two.connect("After", &vendor, "key-after").await;
    two.patch(&format!("/integrated-account/{before}"), json!({ "tenant_id": "t" }))
        .await;

    // Those that ran all the time, and one that starts with the new key alone, call with all of them.
    let restarted = Plane::start(&place).await;
    for plane in [&one, &two, &restarted] {
        for (id, key) in [(&before, "key-before"), (&during, "key-during"), (&after, "key-after")] {
            plane.call(id).await.result.unwrap();
            assert_eq!(vendor.take().pop().unwrap().authorization, format!("Bearer {key}"));
        }
    }
    assert_ne!(old, new);
}

#[tokio::test]
async fn a_sealed_value_belongs_to_its_account() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let one = plane.connect("One", &vendor, "key-one").await;
    let two = plane.connect("Two", &vendor, "key-two").await;
    place
        .execute(&format!(
            "UPDATE accounts SET credentials = (SELECT credentials FROM accounts WHERE id = '{two}') WHERE id = '{one}'"
        ))
        .await;
    let restarted = Plane::start(&place).await;
    let (status, account) = restarted.get(&format!("/integrated-account/{one}")).await;
    assert_eq!(status, 200);
    assert_eq!(account["credential_fields"], json!(null));
    assert!(
        restarted
            .control
            .account_access(&one, &Default::default())
            .await
            .is_err()
    );
    assert!(vendor.take().is_empty());
}
