//! `GET /log`.

use deskhand::control::{Options, Retention};
use deskhand::http::Settings;
use deskhand::quota::Limit;
use deskhand::store::{CallRow, Store as _};
use serde_json::{Value, json};

use crate::installation::Installation;

/// 2030-01-31T09:30:00Z.
const AT: i64 = 1_896_082_200_000;

fn call(number: i64, change: impl FnOnce(&mut CallRow)) -> CallRow {
    let mut row = CallRow {
        id: format!("call_{number:02}"),
        at: AT + number * 1000,
        account_id: "acc_1".to_owned(),
        mcp_server_id: Some("mcp_1".to_owned()),
        integration: "toy-shop".to_owned(),
        tool: "list_all_toy_things".to_owned(),
        method: "list".to_owned(),
        door: "mcp".to_owned(),
        status: Some(200),
        code: "ok".to_owned(),
        duration_ms: 12,
        upstream_ms: Some(10),
        client_name: Some("raw".to_owned()),
        client_version: Some("1.2".to_owned()),
        request_id: Some("req-1".to_owned()),
    };
    change(&mut row);
    row
}

async fn logged(rows: &[CallRow]) -> Installation {
    let installation = Installation::start().await;
    installation.store.insert_calls(rows).await.unwrap();
    installation
}

fn ids(page: &Value) -> Vec<&str> {
    let rows = page["result"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_record_has_the_form_of_the_contract() {
    let rest = call(2, |row| {
        row.mcp_server_id = None;
        row.tool = "(unknown)".to_owned();
        row.method = String::new();
        row.door = "run".to_owned();
        row.status = None;
        row.code = "unknown_tool".to_owned();
        row.upstream_ms = None;
        row.client_name = None;
        row.client_version = None;
        row.request_id = None;
    });
    let installation = logged(&[call(1, |_| {}), rest]).await;
    let (token, _) = installation.token(None).await;
    let (status, page) = installation.get("/log", &token).await;
    assert_eq!(status, 200);
    assert_eq!(
        page,
        json!({
            "result": [
                {
                    "id": "call_02", "time": "2030-01-31T09:30:02.000Z", "account_id": "acc_1", "mcp_server_id": null,
                    "integration": "toy-shop", "tool": "(unknown)", "method": null, "door": "run", "status": null,
                    "code": "unknown_tool", "duration_ms": 12, "upstream_ms": null,
                    "client": { "name": null, "version": null }, "request_id": null
                },
                {
                    "id": "call_01", "time": "2030-01-31T09:30:01.000Z", "account_id": "acc_1", "mcp_server_id": "mcp_1",
                    "integration": "toy-shop", "tool": "list_all_toy_things", "method": "list", "door": "mcp",
                    "status": 200, "code": "ok", "duration_ms": 12, "upstream_ms": 10,
                    "client": { "name": "raw", "version": "1.2" }, "request_id": "req-1"
                }
            ],
            "next_cursor": null
        })
    );
}

#[tokio::test]
async fn the_log_is_filtered_and_read_in_pages() {
    let rows = [
        call(1, |_| {}),
        call(2, |row| row.account_id = "acc_2".to_owned()),
        call(3, |row| row.mcp_server_id = Some("mcp_2".to_owned())),
        call(4, |row| row.tool = "toy_boxes_shake".to_owned()),
        call(5, |row| row.code = "rate_limited".to_owned()),
        call(6, |row| row.code = "not_found".to_owned()),
    ];
    let installation = logged(&rows).await;
    let (token, _) = installation.token(None).await;
    for (query, expected) in [
        ("integrated_account_id=acc_2", &["call_02"][..]),
        ("mcp_server_id=mcp_2", &["call_03"]),
        ("tool=toy_boxes_shake", &["call_04"]),
        ("code=rate_limited", &["call_05"]),
        ("code=error", &["call_06", "call_05"]),
        (
            "code=ok&integrated_account_id=acc_1",
            &["call_04", "call_03", "call_01"],
        ),
        ("since=2030-01-31T09:30:05Z", &["call_06", "call_05"]),
        ("until=2030-01-31T10:30:02%2B01:00", &["call_01"]),
        ("since=2031-01-01T00:00:00Z", &[]),
    ] {
        let (status, page) = installation.get(&format!("/log?{query}"), &token).await;
        assert_eq!((status, ids(&page)), (200, expected.to_vec()), "{query}");
    }
    let mut seen = Vec::new();
    let mut path = "/log?limit=4".to_owned();
    loop {
        let (_, page) = installation.get(&path, &token).await;
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/log?limit=4&next_cursor={cursor}");
    }
    assert_eq!(seen, ["call_06", "call_05", "call_04", "call_03", "call_02", "call_01"]);
}

#[tokio::test]
async fn filters_that_make_no_sense_are_told_with_their_field() {
    let installation = Installation::start().await;
    let (token, _) = installation.token(None).await;
    for (query, field, told) in [
        ("code=rate_limit", "code", "`rate_limited`"),
        ("code=zzz", "code", "`error`"),
        ("since=yesterday", "since", "2030-01-31T09:30:00Z"),
        ("until=2030-01-31", "until", "2030-01-31T09:30:00Z"),
        ("limit=0", "limit", "200"),
        ("limit=many", "limit", "expected"),
        ("next_cursor=x", "next_cursor", "unchanged"),
        (
            "integrated_acount_id=acc_1",
            "integrated_acount_id",
            "`integrated_account_id`",
        ),
    ] {
        let (status, body) = installation.get(&format!("/log?{query}"), &token).await;
        assert_eq!(status, 400, "{query}");
        assert_eq!(body["problems"][0]["field"], field, "{query}: {body}");
        assert!(
            body["problems"][0]["message"].as_str().unwrap().contains(told),
            "{query}: {body}"
        );
    }
}

#[tokio::test]
async fn a_token_of_one_account_sees_that_account_only() {
    let rows = [call(1, |_| {}), call(2, |row| row.account_id = "acc_2".to_owned())];
    let installation = logged(&rows).await;
    let row = installation
        .control
        .create_account(crate::toy::new_account())
        .await
        .unwrap();
    let own = call(3, |call| call.account_id = row.id.clone());
    installation.store.insert_calls(&[own]).await.unwrap();
    let (token, _) = installation.token(Some(&row.id)).await;
    for path in ["/log".to_owned(), format!("/log?integrated_account_id={}", row.id)] {
        let (status, page) = installation.get(&path, &token).await;
        assert_eq!((status, ids(&page)), (200, vec!["call_03"]), "{path}");
    }
    let (status, refused) = installation.get("/log?integrated_account_id=acc_2", &token).await;
    let (_, unknown) = installation.get("/log", "dh_nobody").await;
    assert_eq!((status, &refused), (401, &unknown));
}

#[tokio::test]
async fn what_is_not_kept_is_not_logged_and_goes() {
    let options = Options {
        log_retention: Retention::None,
        ..Options::default()
    };
    let installation = Installation::with(Settings::default(), Limit::NONE, options).await;
    let old = call(1, |row| row.at = 1);
    installation.store.insert_calls(&[old]).await.unwrap();
    installation.control.sweep().await.unwrap();
    let (token, _) = installation.token(None).await;
    let (_, page) = installation.get("/log", &token).await;
    assert_eq!(ids(&page), Vec::<&str>::new());
}
