//! The master key is replaced while processes run.

use deskhand_tests::desk::Desk;

use crate::installation::Installation;

on_both!(the_key_is_replaced_under_running_processes);

async fn the_key_is_replaced_under_running_processes(installation: Installation) {
    let desk = Desk::start("desk365").await;
    let (one, other, token) = installation.pair().await;
    // One has the credentials in use, the other has to open them anew.
    let before = one.connect(&token, &desk, "Before").await;
    assert!(one.can_call(&token, &before).await);
    let id = installation.run(&["key", "show-id"]);
    installation.run(&["key", "rotate"]);
    assert_ne!(installation.run(&["key", "show-id"]), id);
    for replica in [&one, &other] {
        assert!(replica.can_call(&token, &before).await);
    }
    let after = other.connect(&token, &desk, "After").await;
    // What was made after the rotation is sealed with the new key, so the old one can go.
    let pruned = installation.run(&["key", "prune"]);
    assert!(pruned.contains(id.trim()), "{pruned}");
    let third = installation.replica().await;
    for replica in [&one, &other, &third] {
        for account in [&before, &after] {
            assert!(replica.can_call(&token, account).await);
        }
    }
}
