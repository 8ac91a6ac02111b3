//! Accounts are connected through OAuth2 by links: all of the way, and all ways to leave it.

use std::sync::atomic::Ordering;

use deskhand::control::Options;
use deskhand::vault::Keyring;
use reqwest::Method;
use serde_json::{Value, json};

use crate::oauth_vendor::{BronzeVendor, Home, connected, follow, invitation, link, open};
use crate::plane::{DESK, answer};
use crate::toy::logs;

fn assert_is_private(seen: &crate::oauth_vendor::Seen) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(seen.headers[name], value);
    }
    let policy = seen.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; form-action "));
}

#[tokio::test]
async fn somebody_connects_their_helpdesk() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let one = home.plane(vendor.options()).await;
    let (_, desk) = one.get("/integration/bronze-desk").await;
    let ways = json!([
        { "name": "oauth2", "needs": ["access_token"], "oauth2": true },
        { "name": "api_key", "needs": ["api_key"], "oauth2": false },
    ]);
    assert_eq!(desk["authentication"], ways, "which of them takes links");
    let mut body = invitation(&vendor);
    body["variables"] = json!({});
    body["tenant_id"] = json!("t-1");
    let link = link(&one, body).await;

    let form = open(&link, None).await;
    assert_eq!(form.status, 200);
    assert_is_private(&form);
    let policy = form.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains(&format!("form-action 'self' {};", vendor.origin)),
        "{policy}"
    );
    assert!(
        form.text.contains("Sub&lt;domain&gt;") && form.text.contains("Bronze &amp; Desk"),
        "{}",
        form.text
    );
    assert!(!form.headers.contains_key("set-cookie"));
    let hostile = open(&format!("{link}&variable.subdomain=%22%3E%3Cscript%3E"), None).await;
    assert_eq!(hostile.status, 200, "asked again");
    assert!(hostile.text.contains("value=\"&quot;&gt;&lt;script&gt;\"") && !hostile.text.contains("<script>"));
    let elsewhere = open(&format!("{link}&variable.subdomain=evil.example%2Fx"), None).await;
    assert_eq!(elsewhere.status, 200, "asked again");

    let started = open(&format!("{link}&variable.subdomain=https://acme.bronze.example/"), None).await;
    assert_eq!(started.status, 303);
    assert_is_private(&started);
    let cookie = started.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("deskhand_connect=dh_")
            && cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/connect; Max-Age=600"),
        "{cookie}"
    );
    assert!(
        started
            .location()
            .starts_with(&format!("{}/oauth/authorize?", vendor.origin))
    );
    let agreed = open(started.location(), None).await;
    let back = agreed.location();
    assert!(back.starts_with(&format!("{}/connect/bronze-desk/callback?", one.base)));
    let other = home.plane(vendor.options()).await;
    let back = back.replace(&one.base, &other.base);
    // The address that the code was asked for is part of the exchange; this process has another.
    let refused = open(&back, Some(&started.cookie())).await;
    assert_eq!(refused.status, 502);
    assert!(refused.text.contains("invalid_grant"), "{}", refused.text);
    let again = open(&format!("{link}&variable.subdomain=acme"), None).await;
    let agreed = open(again.location(), None).await;
    // The start and the way back meet different processes.
    let beside = home.plane_beside(&one, vendor.options()).await;
    let back = agreed.location().replace(&one.base, &beside.base);
    let done = open(&back, Some(&again.cookie())).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_is_private(&done);
    assert!(done.text.contains("Acme &lt;b&gt; is connected"), "{}", done.text);
    assert!(done.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));

    let (_, accounts) = other.get("/integrated-account").await;
    let account = &accounts["result"][0];
    assert_eq!(accounts["result"].as_array().unwrap().len(), 1);
    assert_eq!(account["connected_by"], "oauth2");
    assert_eq!(account["status"], "active");
    assert_eq!(account["name"], "Acme <b>");
    assert_eq!(account["tenant_id"], "t-1");
    assert_eq!(account["variables"], json!({ "subdomain": "acme" }));
    assert_eq!(account["credential_fields"], json!([]));
    let id = account["id"].as_str().unwrap();
    for plane in [&one, &other] {
        plane.call(id).await.result.unwrap();
    }
    assert_eq!(vendor.refreshes(), 0);

    // Neither the link nor the way back works twice.
    for gone in [link.as_str(), agreed.location()] {
        let seen = open(gone, Some(&again.cookie())).await;
        assert_eq!(seen.status, 404);
        assert_is_private(&seen);
        assert_eq!(
            seen.text,
            open(&format!("{}/connect/bronze-desk?link=dh_none", one.base), None)
                .await
                .text
        );
    }
    let (_, links) = one.get("/connect-link").await;
    assert!(links["result"][0]["used_at"].is_string());
    assert_eq!(home.count("connect_flows").await, 0);
}

/// Browsers that look at redirects after a form let it lead to the helpdesk, and nowhere else.
#[tokio::test]
async fn the_form_leads_to_the_helpdesk_alone() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let plane = home.plane(vendor.options()).await;
    for (base_url, target) in [
        (Value::Null, "https://*.bronze.example"),
        (json!("http://127.0.0.1:4711/{subdomain}/api"), "http://127.0.0.1:4711"),
        (json!("http://[::1]:4711"), "http://[::1]:4711"),
    ] {
        let mut body = invitation(&vendor);
        body["variables"] = json!({});
        body["base_url"] = base_url;
        let form = open(&link(&plane, body).await, None).await;
        assert_eq!(form.status, 200, "{}", form.text);
        let policy = form.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains(&format!("; form-action 'self' {target};")),
            "{target}: {policy}"
        );
    }
}

/// Two browsers follow one link, and both come back at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_come_back_at_once_one_connects() {
    for home in [Home::sqlite(), Home::postgres().await] {
        let vendor = BronzeVendor::start().await;
        let plane = home.plane(vendor.options()).await;
        let other = home.plane(vendor.options()).await;
        let first = link(&plane, invitation(&vendor)).await;
        assert_eq!(both_come_back(&vendor, &first).await, [200, 404]);
        let (_, accounts) = other.get("/integrated-account").await;
        let accounts = accounts["result"].as_array().unwrap();
        assert_eq!(accounts.len(), 1, "{accounts:?}");
        assert_eq!(home.count("oauth_grants").await, 1);
        // Whoever came first: what is kept works, and so for an account that is connected anew.
        let id = accounts[0]["id"].as_str().unwrap();
        other.call(id).await.result.unwrap();
        let again = link(&plane, json!({ "account_id": id })).await;
        assert_eq!(both_come_back(&vendor, &again).await, [200, 404]);
        other.call(id).await.result.unwrap();
        assert_eq!((home.count("accounts").await, home.count("oauth_grants").await), (1, 1));
    }
}

async fn both_come_back(vendor: &BronzeVendor, link: &str) -> [u16; 2] {
    let mut ways = Vec::new();
    for _ in 0..2 {
        let started = open(link, None).await;
        let agreed = open(started.location(), None).await;
        ways.push((agreed.location().to_owned(), started.cookie()));
    }
    // Each has its own access, as with helpdesks that do not take back what others were given.
    vendor.state.keep_all();
    let coming = ways
        .into_iter()
        .map(|(location, cookie)| tokio::spawn(async move { open(&location, Some(&cookie)).await.status.as_u16() }));
    let mut seen = Vec::new();
    for coming in coming.collect::<Vec<_>>() {
        seen.push(coming.await.unwrap());
    }
    seen.sort_unstable();
    seen.try_into().unwrap()
}

#[tokio::test]
async fn nobody_else_can_finish_what_one_browser_began() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let plane = home.plane(vendor.options()).await;
    let link = link(&plane, invitation(&vendor)).await;
    for cookie in [None, Some("deskhand_connect=dh_guessed"), Some("deskhand_connect=")] {
        let started = open(&link, None).await;
        let agreed = open(started.location(), None).await;
        assert_eq!(open(agreed.location(), cookie).await.status, 404);
        // And the state is worth nothing after that.
        assert_eq!(open(agreed.location(), Some(&started.cookie())).await.status, 404);
    }
    let started = open(&link, None).await;
    let agreed = open(started.location(), None).await;
    let (before, _) = agreed.location().split_once("&state=").unwrap();
    for state in ["", "&state=", "&state=dh_guessed"] {
        let seen = open(&format!("{before}{state}"), Some(&started.cookie())).await;
        assert_eq!(seen.status, 404, "{state}");
    }
    assert_eq!(vendor.state.exchanges.load(Ordering::SeqCst), 0);
    home.execute("UPDATE connect_flows SET expires_at = 1").await;
    assert_eq!(
        open(agreed.location(), Some(&started.cookie())).await.status,
        404,
        "too late"
    );
    assert_eq!(home.count("accounts").await, 0);
    home.execute("UPDATE connect_links SET expires_at = 1").await;
    assert_eq!(open(&link, None).await.status, 404, "the link has ended");
    let late = open(&link.replace("bronze-desk", "brass-desk"), None).await;
    assert_eq!(late.status, 404, "it is for another helpdesk");
}

#[tokio::test]
async fn who_does_not_agree_can_try_again() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let plane = home.plane(vendor.options()).await;
    let link = link(&plane, invitation(&vendor)).await;
    *vendor.state.denial.lock().unwrap() =
        Some("error=access_denied&error_description=%3Cscript%3Ealert(%22x%22)%3C/script%3E");
    let denied = follow(&link).await;
    assert_eq!(denied.status, 400);
    assert_is_private(&denied);
    assert!(
        denied
            .text
            .contains("access_denied: &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;")
            && !denied.text.contains("<script>"),
        "{}",
        denied.text
    );
    *vendor.state.denial.lock().unwrap() = None;
    vendor.token_answers(500, "");
    assert_eq!(follow(&link).await.status, 502);
    assert_eq!(home.count("accounts").await, 0);
    vendor.token_answers(200, "");
    assert_eq!(follow(&link).await.status, 200);
    assert_eq!(home.count("accounts").await, 1);
}

#[tokio::test]
async fn a_link_that_makes_no_sense_is_not_made() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let plane = home.plane(vendor.options()).await;
    let with = |field: &str, value: Value| {
        let mut body = invitation(&vendor);
        body[field] = value;
        body
    };
    for (body, field) in [
        (with("integration", json!("no-desk")), "integration"),
        (with("integration", json!(DESK.slug)), "integration"),
        (with("integration", Value::Null), "integration"),
        (with("name", json!(" ")), "name"),
        (with("variables", json!({ "subdomain": "a b" })), "variables.subdomain"),
        (with("variables", json!({ "region": "eu" })), "variables.region"),
        (with("base_url", json!("https://evil.example")), "base_url"),
        (with("expires_in_seconds", json!(5)), "expires_at"),
        (with("expires_at", json!("2020-01-01T00:00:00Z")), "expires_at"),
    ] {
        let (status, problem) = plane.post("/connect-link", body.clone()).await;
        assert_eq!(
            (status.as_u16(), &problem["problems"][0]["field"]),
            (400, &json!(field)),
            "{body} {problem}"
        );
    }
    // Also while it is not known where the account will be.
    for base_url in [
        "https://evil.example",
        "https://bronze.example.evil.example/api",
        "nowhere",
    ] {
        let mut body = with("variables", json!({}));
        body["base_url"] = json!(base_url);
        let (status, problem) = plane.post("/connect-link", body).await;
        assert_eq!(
            (status.as_u16(), &problem["problems"][0]["field"]),
            (400, &json!("base_url")),
            "{base_url} {problem}"
        );
    }
    let account = connected(&plane, &vendor).await;
    let (status, problem) = plane.post("/connect-link", with("account_id", json!(account))).await;
    assert_eq!(status, 400);
    assert_eq!(problem["problems"].as_array().unwrap().len(), 4, "{problem}");
    let (status, _) = plane.post("/connect-link", json!({ "account_id": "acc_none" })).await;
    assert_eq!(status, 404);

    let (status, token) = plane
        .post("/api-token", json!({ "name": "one", "account_id": account }))
        .await;
    assert_eq!(status, 201);
    let token = token["token"].as_str().unwrap();
    let request = plane.request_as(token, Method::POST, "/connect-link");
    assert_eq!(answer(request.json(&invitation(&vendor))).await.0, 401);
    assert_eq!(
        answer(plane.request_as(token, Method::GET, "/connect-link")).await.0,
        401
    );

    let (_, made) = plane.post("/connect-link", invitation(&vendor)).await;
    let path = format!("/connect-link/{}", made["id"].as_str().unwrap());
    assert_eq!(plane.delete(&path).await.0, 204);
    assert_eq!(plane.delete(&path).await.0, 404);
    assert_eq!(open(made["url"].as_str().unwrap(), None).await.status, 404);

    let without = home.plane(Options::default()).await;
    let (status, problem) = without.post("/connect-link", invitation(&vendor)).await;
    assert_eq!(status, 400);
    let told = problem["message"].as_str().unwrap();
    for name in ["DESKHAND_BRONZE_DESK_CLIENT_ID", "DESKHAND_BRONZE_DESK_CLIENT_SECRET"] {
        assert!(told.contains(name), "{told}");
    }
}

#[tokio::test]
async fn an_api_key_takes_the_place_of_the_access() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let plane = home.plane(vendor.options()).await;
    let id = connected(&plane, &vendor).await;
    let path = format!("/integrated-account/{id}");
    let (status, account) = plane.patch(&path, json!({ "name": "Renamed" })).await;
    assert_eq!((status.as_u16(), &account["connected_by"]), (200, &json!("oauth2")));
    let (status, account) = plane
        .patch(&path, json!({ "variables": { "subdomain": "other" } }))
        .await;
    assert_eq!(
        (status.as_u16(), &account["connected_by"]),
        (200, &json!("oauth2")),
        "{account}"
    );
    plane.call(&id).await.result.unwrap();
    let (status, account) = plane.patch(&path, json!({ "credentials": { "api_key": "k" } })).await;
    assert_eq!(
        (status.as_u16(), &account["connected_by"]),
        (200, &json!("api_key")),
        "{account}"
    );
    assert_eq!(home.count("oauth_grants").await, 0);
    assert_eq!(
        plane.call(&id).await.status,
        Some(401),
        "it is called with the key, which is none here"
    );

    // And back.
    assert_eq!(
        follow(&link(&plane, json!({ "account_id": id })).await).await.status,
        200
    );
    let (_, account) = plane.get(&path).await;
    assert_eq!(
        (&account["connected_by"], &account["credential_fields"]),
        (&json!("oauth2"), &json!([]))
    );
    plane.call(&id).await.result.unwrap();
    assert_eq!(plane.delete(&path).await.0, 204);
    for table in ["oauth_grants", "connect_flows"] {
        assert_eq!(home.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn what_is_granted_is_sealed_and_told_nowhere() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let plane = home.plane(vendor.options()).await;
    let link = link(&plane, invitation(&vendor)).await;
    let denied = open(&link, None).await;
    assert_eq!(follow(&link).await.status, 200);
    let (_, accounts) = plane.get("/integrated-account").await;
    let id = accounts["result"][0]["id"].as_str().unwrap().to_owned();
    home.execute("UPDATE oauth_grants SET expires_at = 1").await;
    let restarted = home.plane(vendor.options()).await;
    restarted.call(&id).await.result.unwrap();
    assert_eq!(vendor.refreshes(), 1);

    // The master key is replaced, and the older one goes.
    let keyring: Keyring = home.keyring();
    keyring.add_to_file().unwrap();
    let flows = home.count("connect_flows").await;
    assert_eq!(flows, 1, "the one that nobody has come back for");
    let rotating = home.plane(vendor.options()).await;
    assert_eq!(
        rotating.control.reseal().await.unwrap(),
        4,
        "secret, account, grant, flow"
    );
    keyring.drop_old_from_file().unwrap();
    let after = home.plane(vendor.options()).await;
    after.call(&id).await.result.unwrap();

    let mut secrets = vendor.state.secrets.lock().unwrap().clone();
    assert!(secrets.len() >= 7, "{}", secrets.len());
    secrets.push(link.split_once("link=").unwrap().1.to_owned());
    secrets.push(denied.cookie().split_once('=').unwrap().1.to_owned());
    let (database, logs, shown) = (home.bytes(), logs(), format!("{:?} {accounts}", after.control));
    for secret in &secrets {
        let in_database = database.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
        assert!(!in_database, "{secret} is in the database");
        assert!(!logs.contains(secret), "{secret} is in the logs");
        assert!(!shown.contains(secret), "{secret} is shown");
    }
}
