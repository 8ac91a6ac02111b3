//! The log of calls.

use deskhand::store::{CallFilter, CallRow, Page, Store as _, StoreError, call_ids_from};

use crate::place::Place;
use crate::rows::{NOW, account, call, whole};

on_both!(
    everything_is_kept,
    any_number_is_added_at_once,
    all_or_nothing_is_added,
    lists_are_filtered,
    pages_are_complete_and_newest_first,
    the_oldest_are_deleted_in_steps,
    the_log_outlives_the_account,
    a_clients_name_never_spoils_the_log,
);

async fn everything_is_kept(place: Place) {
    let store = place.store().await;
    let full = call("call_2", NOW + 1);
    let bare = CallRow {
        mcp_server_id: None,
        status: None,
        code: "unknown_tool".to_owned(),
        upstream_ms: None,
        client_name: None,
        client_version: None,
        request_id: None,
        method: String::new(),
        ..call("call_1", NOW)
    };
    store.insert_calls(&[bare.clone(), full.clone()]).await.unwrap();
    let found = place
        .store()
        .await
        .calls(&CallFilter::default(), &whole())
        .await
        .unwrap();
    assert_eq!(found, [full, bare]);
}

async fn any_number_is_added_at_once(place: Place) {
    let store = place.store().await;
    let mut all = 0_i64;
    for rows in [0, 1, 3, 4, 21, 64, 85, 500] {
        let calls: Vec<CallRow> = (all..all + rows)
            .map(|number| call(&format!("call_{number:04}"), NOW + number))
            .collect();
        store.insert_calls(&calls).await.unwrap();
        all += rows;
        assert_eq!(place.count("calls").await, all);
    }
    let found = store.calls(&CallFilter::default(), &whole()).await.unwrap();
    let wanted: Vec<CallRow> = (0..all)
        .rev()
        .map(|number| call(&format!("call_{number:04}"), NOW + number))
        .collect();
    assert_eq!(found, wanted);
}

async fn all_or_nothing_is_added(place: Place) {
    let store = place.store().await;
    store.insert_calls(&[call("call_70", NOW)]).await.unwrap();
    let calls: Vec<CallRow> = (0..80).map(|number| call(&format!("call_{number}"), NOW)).collect();
    let refused = store.insert_calls(&calls).await;
    assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    assert_eq!(place.count("calls").await, 1);
}

async fn lists_are_filtered(place: Place) {
    let store = place.store().await;
    let other = |id: &str, at, change: fn(&mut CallRow)| {
        let mut row = call(id, NOW + at);
        change(&mut row);
        row
    };
    store
        .insert_calls(&[
            other("c0", 0, |_| {}),
            other("c1", 1, |row| row.account_id = "acc_2".to_owned()),
            other("c2", 2, |row| row.mcp_server_id = None),
            other("c3", 3, |row| row.tool = "other".to_owned()),
            other("c4", 4, |row| row.code = "rate_limited".to_owned()),
            other("c5", 5, |row| row.code = "not_found".to_owned()),
        ])
        .await
        .unwrap();
    let ids = async |filter: CallFilter| -> Vec<String> {
        let rows = store.calls(&filter, &whole()).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    let none = CallFilter::default;
    let account = Some("acc_2".to_owned());
    assert_eq!(
        ids(CallFilter {
            account_id: account,
            ..none()
        })
        .await,
        ["c1"]
    );
    let mcp_server_id = Some("mcp_1".to_owned());
    assert_eq!(
        ids(CallFilter {
            mcp_server_id,
            ..none()
        })
        .await,
        ["c5", "c4", "c3", "c1", "c0"]
    );
    let tool = Some("other".to_owned());
    assert_eq!(ids(CallFilter { tool, ..none() }).await, ["c3"]);
    for (code, wanted) in [
        ("ok", &["c3", "c2", "c1", "c0"][..]),
        ("error", &["c5", "c4"]),
        ("not_found", &["c5"]),
        ("conflict", &[]),
    ] {
        let code = Some(code.to_owned());
        assert_eq!(ids(CallFilter { code, ..none() }).await, wanted);
    }
    let span = CallFilter {
        since: Some(NOW + 1),
        until: Some(NOW + 4),
        ..none()
    };
    assert_eq!(ids(span).await, ["c3", "c2", "c1"]);
    // When a call has ended its id tells; when it began does not matter.
    let long = other(&format!("{}0", call_ids_from(NOW + 1)), 0, |_| ());
    let short = other(&format!("{}ffff", call_ids_from(NOW)), 9, |_| ());
    store.insert_calls(&[long.clone(), short.clone()]).await.unwrap();
    let ended = async |from| {
        let tool = Some("list_all_desk_tickets".to_owned());
        let ended_since = Some(from);
        let mut found = ids(CallFilter {
            ended_since,
            tool,
            ..none()
        })
        .await;
        found.retain(|id| !id.starts_with('c'));
        found
    };
    assert_eq!(ended(NOW + 1).await, [long.id.as_str()]);
    assert_eq!(ended(NOW).await, [short.id, long.id]);
    let all = CallFilter {
        account_id: Some("acc_1".to_owned()),
        mcp_server_id: Some("mcp_1".to_owned()),
        tool: Some("list_all_desk_tickets".to_owned()),
        code: Some("error".to_owned()),
        since: Some(NOW + 4),
        until: Some(NOW + 5),
        ended_since: None,
    };
    assert_eq!(ids(all).await, ["c4"]);
}

async fn pages_are_complete_and_newest_first(place: Place) {
    let store = place.store().await;
    let rows: Vec<CallRow> = (0..31)
        .map(|number| CallRow {
            code: if number % 3 == 0 { "not_found" } else { "ok" }.to_owned(),
            ..call(&format!("call_{:02}", number * 5 % 31), NOW + number / 4)
        })
        .collect();
    store.insert_calls(&rows).await.unwrap();
    for (code, limit) in [(None, 7), (Some("error"), 2)] {
        let filter = CallFilter {
            code: code.map(str::to_owned),
            ..CallFilter::default()
        };
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let found = store.calls(&filter, &Page { after, limit }).await.unwrap();
            let Some(last) = found.last() else { break };
            after = Some((last.at, last.id.clone()));
            seen.extend(found);
            assert!(seen.len() <= rows.len(), "a row came twice");
        }
        // Digits sort alike wherever text is sorted.
        let mut wanted: Vec<CallRow> = rows
            .iter()
            .filter(|row| code.is_none() || row.code != "ok")
            .cloned()
            .collect();
        wanted.sort_by(|one, two| (two.at, &two.id).cmp(&(one.at, &one.id)));
        assert_eq!(seen, wanted);
    }
}

async fn the_oldest_are_deleted_in_steps(place: Place) {
    let store = place.store().await;
    // Neither their ids nor the order they came in tells their age.
    let rows: Vec<CallRow> = (0..10)
        .map(|number| call(&format!("call_{number}"), NOW + number * 7 % 10))
        .collect();
    store.insert_calls(&rows).await.unwrap();
    let left = async || -> Vec<i64> {
        let rows = store.calls(&CallFilter::default(), &whole()).await.unwrap();
        rows.into_iter().map(|row| row.at - NOW).collect()
    };
    let before = NOW + 7;
    assert_eq!(store.delete_calls_before(before, 4).await.unwrap(), 4);
    assert_eq!(left().await, [9, 8, 7, 6, 5, 4]);
    assert_eq!(store.delete_calls_before(before, 4).await.unwrap(), 3);
    assert_eq!(store.delete_calls_before(before, 4).await.unwrap(), 0);
    assert_eq!(left().await, [9, 8, 7]);
}

async fn the_log_outlives_the_account(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store.insert_calls(&[call("call_1", NOW)]).await.unwrap();
    store.delete_account("acc_1").await.unwrap();
    store.insert_calls(&[call("call_2", NOW)]).await.unwrap();
    assert_eq!(place.count("calls").await, 2);
}

async fn a_clients_name_never_spoils_the_log(place: Place) {
    let store = place.store().await;
    let row = CallRow {
        client_name: Some("a\0b".to_owned()),
        client_version: Some("\0".to_owned()),
        request_id: Some("'; --".to_owned()),
        ..call("call_1", NOW)
    };
    store.insert_calls(&[row]).await.unwrap();
    let found = store.calls(&CallFilter::default(), &whole()).await.unwrap();
    assert_eq!(found[0].client_name.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(found[0].client_version.as_deref(), Some("\u{fffd}"));
    assert_eq!(found[0].request_id.as_deref(), Some("'; --"));
}
