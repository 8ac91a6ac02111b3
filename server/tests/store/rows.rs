//! Rows to store.

use deskhand::store::{AccountRow, AccountStatus, ApiTokenRow, CallRow, McpServerRow, Millis, Page};
use deskhand::token::{TokenHash, TokenKey};
use deskhand::vault::Sealed;
use serde_json::{Map, Value, json};

/// When the tests take place.
pub(crate) const NOW: Millis = 1_800_000_000_000;

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

pub(crate) fn sealed(key_id: &str, text: &str) -> Sealed {
    Sealed {
        key_id: key_id.to_owned(),
        text: text.to_owned(),
    }
}

pub(crate) fn hash(token: &str) -> TokenHash {
    TokenKey::new([7; 32]).hash(token)
}

pub(crate) fn account(id: &str) -> AccountRow {
    AccountRow {
        id: id.to_owned(),
        integration: "desk".to_owned(),
        name: "Ünïted “Support” 🛟".to_owned(),
        tenant_id: None,
        status: AccountStatus::Active,
        variables: object(json!({"subdomain": "acme", "nested": {"z": 1, "a": [null, true, "\u{0}"]}})),
        base_url: None,
        credentials: sealed("key-1", "c2VhbGVk"),
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
        granted: false,
    }
}

pub(crate) fn mcp_server(id: &str, account_id: &str) -> McpServerRow {
    McpServerRow {
        id: id.to_owned(),
        account_id: account_id.to_owned(),
        name: "Triage".to_owned(),
        config: object(json!({"methods": ["read"], "pinned": {"status": "open"}})),
        expires_at: None,
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn api_token(id: &str) -> ApiTokenRow {
    ApiTokenRow {
        id: id.to_owned(),
        name: "CI".to_owned(),
        account_id: None,
        created_at: NOW,
        expires_at: None,
    }
}

pub(crate) fn call(id: &str, at: Millis) -> CallRow {
    CallRow {
        id: id.to_owned(),
        at,
        account_id: "acc_1".to_owned(),
        mcp_server_id: Some("mcp_1".to_owned()),
        integration: "desk".to_owned(),
        tool: "list_all_desk_tickets".to_owned(),
        method: "list".to_owned(),
        door: "mcp".to_owned(),
        status: Some(200),
        code: "ok".to_owned(),
        duration_ms: 31,
        upstream_ms: Some(30),
        client_name: Some("client".to_owned()),
        client_version: Some("1.2".to_owned()),
        request_id: Some("req-1".to_owned()),
    }
}

/// The first page, longer than any list of the tests.
pub(crate) fn whole() -> Page {
    Page {
        after: None,
        limit: 1_000,
    }
}

/// Ids in an order that neither their spelling nor the order of insertion gives away.
pub(crate) fn mixed_ids(prefix: &str, number: usize) -> Vec<String> {
    let id = |index: usize| {
        format!(
            "{prefix}_{:02}{}",
            index * 7 % number,
            if index.is_multiple_of(2) { "-Zz" } else { "_aA" }
        )
    };
    (0..number).map(id).collect()
}
