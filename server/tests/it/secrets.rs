//! Logs tell what happened and give nothing away.

use std::collections::BTreeSet;

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

/// Whoever sets what is named is not told of more.
#[test]
fn all_that_an_account_lacks_is_named_at_once() {
    for integration in deskhand_integrations::INTEGRATIONS {
        let of = |name: &str| deskhand::accounts::variable(integration, name);
        let told = |given: &[&str]| {
            let given: Vec<String> = given.iter().map(|name| of(name)).collect();
            let read = |name: &str| given.iter().any(|known| known == name).then(|| "value".to_owned());
            let told = Account::from_environment(integration, read).unwrap_err().to_string();
            let names = told.lines().filter(|line| line.starts_with("  DESKHAND_"));
            let names = names.map(|line| line.trim().split('=').next().unwrap().to_owned());
            names.collect::<BTreeSet<_>>()
        };
        let required = integration.variables.iter().chain(integration.credentials);
        let required = required.filter(|setting| !setting.optional && setting.default.is_empty());
        let required: BTreeSet<String> = required.map(|setting| of(setting.name)).collect();
        let credentials = |needs: &'static [&'static str]| {
            let is_credential = |need: &&&str| {
                let mut credentials = integration.credentials.iter();
                credentials.any(|known| known.name == **need && known.default.is_empty())
            };
            needs.iter().filter(is_credential).copied().collect::<Vec<_>>()
        };
        let mut all = required.clone();
        all.extend(
            integration
                .schemes
                .iter()
                .flat_map(|scheme| credentials(scheme.needs))
                .map(of),
        );
        assert_eq!(told(&[]), all, "{}", integration.slug);
        for scheme in integration.schemes {
            let needs = credentials(scheme.needs);
            let shared = integration
                .schemes
                .iter()
                .any(|other| other.name != scheme.name && other.needs.iter().any(|need| needs.first() == Some(need)));
            if needs.len() < 2 || shared {
                continue;
            }
            let mut rest = required.clone();
            rest.extend(needs.iter().map(|need| of(need)));
            rest.remove(&of(needs[0]));
            assert_eq!(told(&needs[..1]), rest, "{}, {}", integration.slug, scheme.name);
        }
    }
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
