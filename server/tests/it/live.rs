//! What changes at an awkward moment: between a caller being let in and his call, or in the midst of a call.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use deskhand::access::{Access, Directory as _};
use deskhand::control::api_tokens::NewApiToken;
use deskhand::control::mcp_servers::NewMcpServer;
use deskhand::control::{ControlPlane, Options};
use deskhand::scope::Offer;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::plane::{Place, Plane, Vendor, answer};

/// The change is seen while no call is under way; then the call begins, and the process goes on looking.
async fn begins_too_late(control: Arc<ControlPlane>, access: &Access) {
    // Making something looks for the changes of others first.
    let new = NewApiToken {
        name: "any".to_owned(),
        ..Default::default()
    };
    control.create_api_token(new).await.unwrap();
    assert!(!access.has_ended(), "nobody has looked at what is not used");
    let under_way = access.enter();
    let stop = CancellationToken::new();
    let running = tokio::spawn(Arc::clone(&control).run(stop.clone()));
    let ended = tokio::time::timeout(Duration::from_secs(120), access.ended()).await;
    assert!(ended.is_ok(), "the call is never cut off");
    drop(under_way);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_call_that_begins_after_its_token_has_ended_is_cut_off() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let one = Plane::start(&place).await;
    let account = one.connect("Acme", &vendor, "key-of-acme").await;
    let new = NewMcpServer {
        name: "Triage".to_owned(),
        ..Default::default()
    };
    let (server, token) = one.control.create_mcp_server(&account, new).await.unwrap();
    let other = place.control(Options::default()).await;
    let access = other.resolve(token.reveal()).await.unwrap().unwrap();
    one.control.delete_mcp_server(&account, &server.id).await.unwrap();
    begins_too_late(other, &access).await;
}

#[tokio::test]
async fn a_call_that_begins_after_its_account_has_gone_is_cut_off() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let one = Plane::start(&place).await;
    let account = one.connect("Acme", &vendor, "key-of-acme").await;
    let other = place.control(Options::default()).await;
    let access = other.account_access(&account, &Offer::default()).await.unwrap();
    one.control.delete_account(&account).await.unwrap();
    begins_too_late(other, &access).await;
}

/// A helpdesk that refuses every request, and has the account renamed before it does.
async fn renames_and_refuses(change: Arc<OnceLock<reqwest::RequestBuilder>>) -> String {
    let refuse = async move || {
        let change = change.get().and_then(reqwest::RequestBuilder::try_clone).unwrap();
        assert_eq!(change.send().await.unwrap().status(), StatusCode::OK);
        (
            StatusCode::UNAUTHORIZED,
            axum::Json(json!({ "message": "who are you?" })),
        )
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/api", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(refuse);
    tokio::spawn(async move { axum::serve(listener, router).await });
    base_url
}

#[tokio::test]
async fn a_refusal_is_noted_though_the_account_was_renamed_meanwhile() {
    let change = Arc::new(OnceLock::new());
    let vendor = Vendor::at(renames_and_refuses(Arc::clone(&change)).await);
    let place = Place::new();
    let plane = Plane::start(&place).await;
    let id = plane.connect("Acme", &vendor, "key-of-acme").await;
    let path = format!("/integrated-account/{id}");
    let renaming = plane.request(Method::PATCH, &path).json(&json!({ "name": "Apex" }));
    assert!(change.set(renaming).is_ok());
    let (_, told) = answer(plane.request(Method::POST, &format!("{path}/test"))).await;
    assert_eq!(
        (&told["ok"], &told["account_status"]),
        (&json!(false), &json!("needs_reauth")),
        "{told}"
    );
    let (_, account) = plane.get(&path).await;
    assert_eq!(
        (&account["name"], &account["status"]),
        (&json!("Apex"), &json!("needs_reauth")),
        "{account}"
    );
}
