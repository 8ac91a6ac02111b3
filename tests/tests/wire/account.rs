//! What an account's settings become: the address, and the key in its header.

use deskhand_desk365::INTEGRATION;
use deskhand_runtime::{Code, Connection};
use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::tool;
use serde_json::json;

#[test]
fn every_tenant_has_its_host() {
    for subdomain in ["acme", " acme ", "https://acme.desk365.io", "acme.desk365.io/apis/"] {
        let connection = Connection::builder(&INTEGRATION)
            .variable("subdomain", subdomain)
            .credential("api_key", "k")
            .build();
        let connection = connection.unwrap();
        assert_eq!(
            connection.base_url().as_str(),
            "https://acme.desk365.io/apis",
            "{subdomain}"
        );
    }
}

#[test]
fn settings_that_lead_elsewhere_are_refused() {
    for (subdomain, key) in [
        ("", "k"),
        ("evil.example.com/", "k"),
        ("evil.example.com#", "k"),
        ("a/../b", "k"),
        ("user@acme", "k"),
        ("acme:1", "k"),
        ("ac me", "k"),
        ("acme\r\n", "k\r\nX-Injected: 1"),
        ("acme", "k\r\nX-Injected: 1"),
        ("acme", "k\0"),
        ("acme", ""),
    ] {
        let connection = Connection::builder(&INTEGRATION)
            .variable("subdomain", subdomain)
            .credential("api_key", key)
            .build();
        let error = connection.expect_err(subdomain);
        assert_eq!(error.code(), Code::InvalidArguments, "{subdomain:?} {key:?}");
        assert!(!error.to_string().contains("X-Injected"), "{error}");
    }
}

#[tokio::test]
async fn the_key_is_sent_bare() {
    let server = RawServer::start(|_, _| Reply::json(200, r#"{"count": 0, "surveys": []}"#)).await;
    for given in ["s3cr3t-k3y==", " s3cr3t-k3y== ", "Bearer s3cr3t-k3y=="] {
        let connection = Connection::builder(&INTEGRATION)
            .variable("subdomain", "acme")
            .credential("api_key", given)
            .base_url(Some(format!("http://{}/{{subdomain}}/apis/", server.host())))
            .build()
            .unwrap();
        let outcome = tool(&connection, "list_all_desk_365_surveys", json!({})).await;
        assert!(!outcome.is_error(), "{outcome:?}");
        let seen = server.take().remove(0);
        assert_eq!(seen.header("authorization"), ["s3cr3t-k3y=="], "{given:?}");
        assert_eq!(seen.target, "/acme/apis/v3/surveys");
        assert!(
            !format!("{connection:?}{outcome:?}").contains("s3cr3t"),
            "{connection:?}"
        );
    }
}
