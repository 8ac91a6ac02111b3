//! Plans, plugins, and what is asked for outside a workspace.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Desk, column, keys, with};

impl Desk {
    /// Calls a path that begins at the API's root.
    async fn root(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.send(request).await
    }
}

#[tokio::test]
async fn plans_are_subscribed_billed_and_ended() {
    let desk = Desk::with("user").await;
    let path = format!("/plans/subscription/{}", desk.credentials["website_id"]);
    let plan = desk.root(Method::GET, &path, None).await.data();
    assert_eq!(
        (&plan["name"], &plan["bill_period"]),
        (&json!("plus"), &json!("monthly"))
    );
    assert_eq!(plan["owner"]["email"], "linden@acme.example");
    let all = desk.root(Method::GET, "/plans/subscription", None).await.data();
    assert_eq!(all, json!([plan]), "of one's own workspaces only");
    let period = |period: &str| Some(json!({"period": period}));
    desk.root(Method::PATCH, &format!("{path}/bill/period"), period("weekly"))
        .await
        .refused(400, "invalid_data");
    desk.root(Method::PATCH, &format!("{path}/bill/period"), period("yearly"))
        .await
        .data();
    let coupon = |code: &str| format!("{path}/coupon?code={code}");
    desk.root(Method::GET, &coupon("NO"), None)
        .await
        .refused(404, "not_found");
    let shown = desk.root(Method::GET, &coupon("SPRING-20"), None).await.data();
    assert_eq!(shown["policy"]["rebate_percent"], 20);
    let redeem = || Some(json!({"code": "SPRING-20"}));
    desk.root(Method::PATCH, &format!("{path}/coupon"), redeem())
        .await
        .data();
    desk.root(Method::PATCH, &format!("{path}/coupon"), redeem())
        .await
        .refused(400, "invalid_data");
    let plan = desk.root(Method::GET, &path, None).await.data();
    assert_eq!(
        (&plan["bill_period"], &plan["coupon_redeemed"]),
        (&json!("yearly"), &json!(true))
    );
    desk.root(Method::DELETE, &path, None).await.data();
    desk.root(Method::GET, &path, None).await.refused(404, "not_found");
    let unknown = json!({"plan_id": "0b0c0d0e-1111-4222-8333-444455556666"});
    desk.root(Method::POST, &path, Some(unknown))
        .await
        .refused(400, "invalid_data");
    desk.root(Method::POST, &path, Some(json!({"plan_id": plan["id"]})))
        .await
        .data();
    // Others may look, not touch.
    let desk = desk.acting_as("acme", "website");
    assert_eq!(desk.root(Method::GET, &path, None).await.status, 200);
    desk.root(Method::DELETE, &path, None)
        .await
        .refused(403, "restricted_route_tier");
}

#[tokio::test]
async fn plugins_are_installed_and_removed() {
    let desk = Desk::with("user").await;
    let path = format!("/plugins/subscription/{}", desk.credentials["website_id"]);
    let listed = desk.root(Method::GET, &path, None).await.data();
    assert_eq!(
        column(listed.as_array().unwrap(), "name"),
        [json!("Orderbook"), json!("Parcel Tracker")]
    );
    let all = desk.root(Method::GET, "/plugins/subscription", None).await.data();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let survey = json!({"plugin_id": "c4d1f6e2-77aa-4b0e-9a64-1f0b8e55d103"});
    desk.root(Method::POST, &path, Some(survey.clone())).await.data();
    desk.root(Method::POST, &path, Some(survey))
        .await
        .refused(400, "invalid_data");
    let unknown = json!({"plugin_id": "0b0c0d0e-1111-4222-8333-444455556666"});
    desk.root(Method::POST, &path, Some(unknown))
        .await
        .refused(400, "invalid_data");
    let one = format!("{path}/c4d1f6e2-77aa-4b0e-9a64-1f0b8e55d103");
    let shown = desk.root(Method::GET, &one, None).await.data();
    assert_eq!(shown["urn"], "urn:surveys.example:smile:0");
    desk.root(Method::DELETE, &one, None).await.data();
    desk.root(Method::GET, &one, None).await.refused(404, "not_found");

    // Who takes a plugin away takes its token's way in.
    let orderbook = with(&listed, "name", "Orderbook")["id"].as_str().unwrap().to_owned();
    desk.root(Method::DELETE, &format!("{path}/{orderbook}"), None)
        .await
        .data();
    let desk = desk.acting_as("acme", "plugin");
    desk.get("/conversations/1").await.refused(404, "not_subscribed");
}

#[tokio::test]
async fn a_plugin_keeps_settings_and_reports() {
    let desk = Desk::with("plugin").await;
    let account = desk.root(Method::GET, "/plugin/connect/account", None).await.data();
    let own = account["plugin_id"].as_str().unwrap();
    let path = format!("/plugins/subscription/{}/{own}", desk.credentials["website_id"]);
    let settings = format!("{path}/settings");
    let shown = desk.root(Method::GET, &settings, None).await.data();
    assert_eq!(shown["settings"], json!({"shop": "acme-shelving", "show_orders": true}));
    desk.root(
        Method::PATCH,
        &settings,
        Some(json!({"colors": {"a": 1}, "shop": "second"})),
    )
    .await
    .data();
    desk.root(Method::PATCH, &settings, Some(json!({"colors": {"b": [2]}})))
        .await
        .data();
    let merged = json!({"shop": "second", "show_orders": true, "colors": {"a": 1, "b": [2]}});
    assert_eq!(desk.root(Method::GET, &settings, None).await.data()["settings"], merged);
    desk.root(Method::PUT, &settings, Some(json!({"only": true})))
        .await
        .data();
    assert_eq!(
        desk.root(Method::GET, &settings, None).await.data()["settings"],
        json!({"only": true})
    );
    let usage = json!({"name": "sms", "units": 12, "price": 0.04});
    desk.root(Method::POST, &format!("{path}/bill/usage"), Some(usage.clone()))
        .await
        .done(200);
    assert_eq!(
        desk.root(Method::GET, &format!("{path}/bill/usage"), None).await.data(),
        json!([usage])
    );
    let payload = json!({"namespace": "orders", "payload": {"id": 4}});
    desk.root(Method::POST, &format!("{path}/channel"), Some(payload.clone()))
        .await
        .done(200);
    let event = json!({"name": "order", "data": {"id": 4}});
    desk.root(Method::POST, &format!("{path}/event"), Some(event.clone()))
        .await
        .done(200);
    let installed = &desk.state()["plugins"][own];
    assert_eq!(
        (&installed["payloads"], &installed["events"]),
        (&json!([payload]), &json!([event]))
    );
    let attested = desk
        .root(Method::GET, &format!("{path}/attest/provenance"), None)
        .await
        .data();
    assert_eq!(keys(&attested["payload"]), ["website", "user", "plugin"]);
    // Another plugin's settings are not its business.
    let other = path.replace(own, "c4d1f6e2-77aa-4b0e-9a64-1f0b8e55d102");
    desk.root(Method::GET, &format!("{other}/settings"), None)
        .await
        .refused(403, "not_allowed");
}

#[tokio::test]
async fn a_plugin_learns_who_installed_it() {
    let desk = Desk::new().await.acting_as("birchwood", "plugin");
    assert_eq!(
        desk.root(Method::HEAD, "/plugin/connect/session", None).await.status,
        200
    );
    let list = async |query: &str| {
        desk.root(Method::GET, &format!("/plugin/connect/websites/{query}"), None)
            .await
    };
    let all = list("all/1").await.data();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert!(all[0].get("plan").is_none());
    assert_eq!(list("all/2").await.data(), json!([]));
    let configured = list("all/1?filter_configured=1&include_plan=1").await.data();
    assert_eq!(
        column(configured.as_array().unwrap(), "website_id"),
        [json!(desk.credentials["website_id"])]
    );
    let planned = list("all/1?include_plan=1").await.data();
    let plans: Vec<_> = planned
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one.get("plan"))
        .collect();
    assert_eq!(
        (plans.len(), &plans[0]["name"]),
        (1, &json!("plus")),
        "Birchwood is on no plan"
    );
    let since = list("since?date_since=2020-01-01").await.data();
    assert_eq!(
        column(since.as_array().unwrap(), "difference"),
        [json!("created"), json!("created")]
    );
    assert_eq!(list("since?date_since=2026-03-01T00:00:00Z").await.data(), json!([]));
    list("since").await.refused(400, "invalid_data");
    let endpoints = desk.root(Method::GET, "/plugin/connect/endpoints", None).await.data();
    assert!(endpoints["rescue"]["socket"]["app"].is_string());
}

#[tokio::test]
async fn what_is_answered_by_events_is_remembered() {
    let desk = Desk::with("user").await;
    let bucket = json!({
        "namespace": "upload", "id": "my-upload-1", "file": {"name": "a b.pdf", "type": "application/pdf"},
        "resource": {"type": "website", "id": desk.credentials["website_id"]},
    });
    let (reason, data) = desk
        .root(Method::POST, "/bucket/url/generate", Some(bucket.clone()))
        .await
        .done(202);
    assert_eq!((reason.as_str(), data), ("dispatched", json!({})));
    let list = "0b0c0d0e-1111-4222-8333-444455556666";
    let search = format!("/media/animation/list/2?list_id={list}&search_query=thank%20you");
    desk.root(Method::GET, &search, None).await.done(202);
    desk.root(Method::GET, "/media/animation/list/1", None)
        .await
        .refused(400, "invalid_data");
    let requests = desk.control().state()["account"]["requests"].clone();
    assert_eq!(requests[0]["details"], bucket);
    let expected = json!({"list_id": list, "search_query": "thank you", "page_number": "2"});
    assert_eq!(requests[1]["details"], expected);
    let endpoints = desk.root(Method::GET, "/user/connect/endpoints", None).await.data();
    assert!(endpoints["socket"]["app"].is_string());
    desk.root(Method::GET, "/website/connect/endpoints", None)
        .await
        .refused(403, "restricted_route_tier");
}
