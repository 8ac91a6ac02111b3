//! Logs tell what happened and give nothing away.

use deskhand::accounts::Account;
use serde_json::json;

use crate::toy::{Server, TOY, client, logs, request};

#[tokio::test]
async fn neither_tokens_nor_contents_are_logged() {
    let server = Server::start().await;
    let token = server.token.reveal();
    server
        .call("get_single_toy_thing_by_id", json!({ "id": "said-by-a-customer" }))
        .await;
    server.call("toy_boxes_break", json!({})).await;
    server.call("made-up-tool-name", json!({})).await;
    for sent in [
        client().post(format!("{}/mcp/dh_guessed-token", server.base)),
        client().post(format!("{}/mcp", server.base)).bearer_auth(token),
        client()
            .post(format!("{}/mcp", server.base))
            .bearer_auth("dh_guessed-token"),
        client().post(server.url()).header("Origin", "https://evil.example"),
        client().post(server.url()).header("MCP-Protocol-Version", "1999-01-01"),
    ] {
        sent.json(&request("tools/list", json!({}))).send().await.unwrap();
    }
    let logs = logs();
    for secret in [
        token,
        &token[3..],
        "guessed-token",
        "said-by-a-customer",
        "made-up-tool-name",
    ] {
        assert!(!logs.contains(secret), "{secret} is in the logs");
    }
    let line = logs
        .lines()
        .find(|line| line.contains(&server.id) && line.contains("get_single_toy_thing_by_id"))
        .expect("a call leaves a line with the server's public id");
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["result"], "ok");
    assert!(line["milliseconds"].is_u64());
}

#[test]
fn accounts_come_from_the_environment() {
    let read = |pairs: &[(&str, &str)]| {
        Account::from_environment(&TOY, |name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    };
    let account = read(&[
        ("DESKHAND_TOY_SHOP_SHOP", " acme "),
        ("DESKHAND_TOY_SHOP_API_KEY", "toy_secret"),
        ("DESKHAND_TOY_SHOP_BASE_URL", "http://127.0.0.1:9/{shop}"),
    ])
    .unwrap();
    assert_eq!(account.values["shop"], "acme");
    assert_eq!(account.base_url.as_deref(), Some("http://127.0.0.1:9/{shop}"));
    assert!(!format!("{account:?}").contains("toy_secret"));

    let missing = read(&[]).unwrap_err().to_string();
    for told in [
        "Toy Shop needs its account in the environment",
        "DESKHAND_TOY_SHOP_SHOP=acme",
        "DESKHAND_TOY_SHOP_API_KEY=toy_123",
        "A toy setting: Under the lid.",
    ] {
        assert!(missing.contains(told), "{missing}");
    }
    let partly = read(&[("DESKHAND_TOY_SHOP_API_KEY", "toy_secret")])
        .unwrap_err()
        .to_string();
    assert!(partly.contains("the rest of its account"), "{partly}");
    assert!(
        !partly.contains("API_KEY") && !partly.contains("toy_secret"),
        "{partly}"
    );

    let refused = read(&[
        ("DESKHAND_TOY_SHOP_SHOP", "acme"),
        ("DESKHAND_TOY_SHOP_API_KEY", "toy_secret"),
        ("DESKHAND_TOY_SHOP_BASE_URL", "http://toys.example"),
    ]);
    let refused = refused.unwrap().connect(&TOY).err().unwrap().to_string();
    assert!(refused.contains("DESKHAND_TOY_SHOP_BASE_URL: "), "{refused}");
    assert!(
        refused.contains("https://") && !refused.contains("toy_secret"),
        "{refused}"
    );

    for (timeout, usable) in [
        ("1", true),
        ("600", true),
        ("0", false),
        ("601", false),
        ("soon", false),
    ] {
        let pairs = [
            ("DESKHAND_TOY_SHOP_SHOP", "acme"),
            ("DESKHAND_TOY_SHOP_API_KEY", "toy_secret"),
            ("DESKHAND_TOY_SHOP_TIMEOUT", timeout),
        ];
        match read(&pairs).unwrap().connect(&TOY) {
            Ok(_) => assert!(usable, "{timeout}"),
            Err(refused) => {
                let refused = refused.to_string();
                assert!(
                    !usable && refused.contains("DESKHAND_TOY_SHOP_TIMEOUT: expected a number of seconds"),
                    "{refused}"
                );
            }
        }
    }
}
