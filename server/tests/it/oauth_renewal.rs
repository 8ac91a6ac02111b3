//! Access that ends is renewed: once, whoever asks.

use std::sync::Arc;

use deskhand_runtime::error::Code;
use serde_json::json;

use crate::oauth_vendor::{BronzeVendor, Home, call_at, connected, connected_quietly, follow, link};
use crate::plane::Plane;

async fn at_once(planes: &[Arc<Plane>], account: &str, calls: usize) {
    let calls: Vec<_> = (0..calls)
        .map(|index| {
            let (plane, account) = (Arc::clone(&planes[index % planes.len()]), account.to_owned());
            tokio::spawn(async move { plane.call(&account).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().result.unwrap();
    }
}

async fn one_renewal_for_all(home: Home, processes: usize) {
    let vendor = BronzeVendor::start().await;
    vendor.expires_in(0);
    let first = home.plane(vendor.options()).await;
    let id = connected(&first, &vendor).await;
    vendor.expires_in(3600);
    let mut planes = vec![Arc::new(first)];
    for _ in 1..processes {
        planes.push(Arc::new(home.plane(vendor.options()).await));
    }
    let before = vendor.calls();
    at_once(&planes, &id, 100).await;
    assert_eq!(vendor.refreshes(), 1);
    assert_eq!(vendor.calls() - before, 100);
    at_once(&planes, &id, 10).await;
    assert_eq!(vendor.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_calls_renew_once() {
    one_renewal_for_all(Home::sqlite(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_renew_once() {
    one_renewal_for_all(Home::sqlite(), 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_renew_once_on_postgres() {
    one_renewal_for_all(Home::postgres().await, 2).await;
}

#[tokio::test]
async fn a_refused_renewal_wants_somebody_to_connect_again() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    vendor.expires_in(0);
    let plane = home.plane(vendor.options()).await;
    let id = connected(&plane, &vendor).await;
    let (status, server) = plane
        .post(&format!("/integrated-account/{id}/mcp"), json!({ "name": "All" }))
        .await;
    assert_eq!(status, 201, "{server}");
    let url = server["url"].as_str().unwrap();
    vendor.token_answers(400, "invalid_grant");
    let before = vendor.calls();
    let told = call_at(url).await;
    let error = &told["result"]["structuredContent"]["error"];
    assert_eq!(error["code"], "needs_reauth", "{told}");
    assert!(
        error["hint"].as_str().unwrap().contains("deskhand account reconnect"),
        "{told}"
    );
    plane.becomes(&id, "needs_reauth").await;
    let other = home.plane(vendor.options()).await;
    for plane in [&plane, &other] {
        assert_eq!(plane.call(&id).await.result.unwrap_err().code(), Code::NeedsReauth);
    }
    assert_eq!(vendor.refreshes(), 1, "nobody asks again");
    assert_eq!(vendor.calls(), before, "nothing is sent with it");

    vendor.token_answers(200, "");
    vendor.expires_in(3600);
    assert_eq!(
        follow(&link(&plane, json!({ "account_id": id })).await).await.status,
        200
    );
    plane.becomes(&id, "active").await;
    let told = call_at(url).await;
    assert_eq!(told["result"]["structuredContent"]["name"], "a thing", "{told}");
    for plane in [&plane, &other] {
        plane.call(&id).await.result.unwrap();
    }
    let (_, accounts) = plane.get("/integrated-account").await;
    assert_eq!(accounts["result"].as_array().unwrap().len(), 1, "{accounts}");
    assert_eq!(vendor.refreshes(), 1);
}

#[tokio::test]
async fn a_refusal_is_noted_though_the_account_has_changed_meanwhile() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    vendor.expires_in(0);
    let plane = home.plane(vendor.options()).await;
    let id = connected(&plane, &vendor).await;
    plane.call(&id).await.result.unwrap();
    // Its name, say, by a process whose change is not known here yet.
    home.execute("UPDATE accounts SET revision = revision + 1").await;
    vendor.token_answers(400, "invalid_grant");
    assert_eq!(plane.call(&id).await.result.unwrap_err().code(), Code::NeedsReauth);
    plane.becomes(&id, "needs_reauth").await;
}

/// What accounts are tested with need be no tool: it is tried when an account is connected, and it alone, whatever
/// tools answer, takes back that credentials were refused.
#[tokio::test]
async fn what_accounts_are_tested_with_may_be_no_tool() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let plane = home.plane(vendor.options()).await;
    let before = vendor.calls();
    let id = connected_quietly(&plane, &vendor).await;
    assert_eq!(vendor.calls() - before, 1);
    plane.call(&id).await.result.unwrap();
    vendor.state.revoke_all();
    assert_eq!(plane.call(&id).await.result.unwrap_err().code(), Code::Unauthorized);
    assert_eq!(plane.call(&id).await.result.unwrap_err().code(), Code::NeedsReauth);
    plane.becomes(&id, "needs_reauth").await;
    vendor.state.accept_all();
    plane.call(&id).await.result.unwrap();
    for _ in 0..50 {
        plane.becomes(&id, "needs_reauth").await;
        tokio::task::yield_now().await;
    }
    let (_, tested) = plane.post(&format!("/integrated-account/{id}/test"), json!({})).await;
    assert_eq!(
        (&tested["ok"], &tested["operation"], &tested["account_status"]),
        (&json!(true), &json!("look_around"), &json!("active")),
        "{tested}"
    );
}

#[tokio::test]
async fn a_helpdesk_that_fails_is_asked_later() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let first = home.plane(vendor.options()).await;
    let id = connected(&first, &vendor).await;
    vendor.token_answers(500, "");
    // It should be renewed, but is good for a while: half a minute is less than any margin.
    let end = jiff::Timestamp::now().as_millisecond() + 30_000;
    home.execute(&format!("UPDATE oauth_grants SET expires_at = {end}"))
        .await;
    let plane = home.plane(vendor.options()).await;
    plane.call(&id).await.result.unwrap();
    assert_eq!(vendor.refreshes(), 1);
    plane.call(&id).await.result.unwrap();
    assert_eq!(vendor.refreshes(), 1, "not at once again");

    home.execute("UPDATE oauth_grants SET expires_at = 1").await;
    let plane = home.plane(vendor.options()).await;
    let error = plane.call(&id).await.result.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamError, "{error}");
    assert_eq!(plane.control.account(&id).await.unwrap().status.word(), "active");
    vendor.token_answers(401, "invalid_client");
    let plane = home.plane(vendor.options()).await;
    let error = plane.call(&id).await.result.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamError, "{error}");
    assert!(
        error.hint().unwrap().contains("DESKHAND_BRONZE_DESK_CLIENT_SECRET"),
        "{error}"
    );
    vendor.token_answers(200, "");
    home.plane(vendor.options()).await.call(&id).await.result.unwrap();
}

/// Whether the account is one that somebody has to connect again is told by few answers, and never by a gateway.
#[tokio::test]
async fn only_words_about_the_grant_end_it() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let first = home.plane(vendor.options()).await;
    let id = connected(&first, &vendor).await;
    home.execute("UPDATE oauth_grants SET expires_at = 1").await;
    for (status, word) in [
        (400, ""),
        (401, ""),
        (403, ""),
        (403, "temporarily_unavailable"),
        (400, "invalid_request"),
        (400, "unsupported_grant_type"),
        (400, "invalid_scope"),
        (401, "unauthorized_client"),
        (429, "slow_down"),
        (503, "invalid_grant"),
        (302, "invalid_grant"),
    ] {
        vendor.token_answers(status, word);
        let plane = home.plane(vendor.options()).await;
        let error = plane.call(&id).await.result.unwrap_err();
        assert_eq!(error.code(), Code::UpstreamError, "{status} {word}: {error}");
        let (_, account) = plane.get(&format!("/integrated-account/{id}")).await;
        assert_eq!(account["status"], "active", "{status} {word}");
    }
    vendor.token_answers(200, "");
    home.plane(vendor.options()).await.call(&id).await.result.unwrap();
}

/// Two processes renew at once, since the lease of the first has ended.
struct Overtaken {
    home: Home,
    vendor: BronzeVendor,
    id: String,
    planes: [Arc<Plane>; 2],
}

impl Overtaken {
    /// `first` and `second`: how the helpdesk answers them.
    async fn new(home: Home, first: (u16, &'static str), second: (u16, &'static str)) -> (Self, [Call; 2]) {
        let vendor = BronzeVendor::start().await;
        vendor.expires_in(0);
        let connecting = home.plane(vendor.options()).await;
        let id = connected(&connecting, &vendor).await;
        vendor.expires_in(3600);
        vendor.state.hold();
        let planes = [
            Arc::new(home.plane(vendor.options()).await),
            Arc::new(home.plane(vendor.options()).await),
        ];
        let call = |plane: &Arc<Plane>| {
            let (plane, id) = (Arc::clone(plane), id.clone());
            tokio::spawn(async move { plane.call(&id).await.result.map(drop).map_err(|error| error.code()) })
        };
        vendor.token_answers(first.0, first.1);
        let one = call(&planes[0]);
        vendor.state.decided(1).await;
        home.execute("UPDATE oauth_grants SET lease_until = 1").await;
        vendor.token_answers(second.0, second.1);
        let two = call(&planes[1]);
        vendor.state.decided(2).await;
        vendor.token_answers(200, "");
        let overtaken = Self {
            home,
            vendor,
            id,
            planes,
        };
        (overtaken, [one, two])
    }

    /// What is stored works, and nobody is to connect anything again.
    async fn works(&self) {
        let later = self.home.plane(self.vendor.options()).await;
        later.call(&self.id).await.result.unwrap();
        for plane in &self.planes {
            plane.call(&self.id).await.result.unwrap();
        }
        assert_eq!(self.vendor.refreshes(), 2);
    }
}

type Call = tokio::task::JoinHandle<Result<(), Code>>;

#[tokio::test]
async fn a_refusal_by_who_has_lost_the_lease_ends_nothing() {
    for home in [Home::sqlite(), Home::postgres().await] {
        let (refused, given) = ((400, "invalid_grant"), (200, ""));
        let (overtaken, [one, two]) = Overtaken::new(home, refused, given).await;
        overtaken.vendor.state.let_go(1);
        // It waits for the other now.
        overtaken.vendor.state.let_go(2);
        assert_eq!((one.await.unwrap(), two.await.unwrap()), (Ok(()), Ok(())));
        overtaken.works().await;
        let account = overtaken.planes[0].control.account(&overtaken.id).await.unwrap();
        assert_eq!(account.status.word(), "active");
    }
}

#[tokio::test]
async fn tokens_that_come_late_count_more_than_the_refusal_of_who_came_later() {
    for home in [Home::sqlite(), Home::postgres().await] {
        let (overtaken, [one, two]) = Overtaken::new(home, (200, ""), (400, "invalid_grant")).await;
        overtaken.vendor.state.let_go(2);
        assert_eq!(two.await.unwrap(), Err(Code::NeedsReauth));
        overtaken.vendor.state.let_go(1);
        assert_eq!(one.await.unwrap(), Ok(()));
        overtaken.works().await;
    }
}

#[tokio::test]
async fn of_two_that_were_given_tokens_the_first_to_keep_them_counts() {
    for home in [Home::sqlite(), Home::postgres().await] {
        let vendor_forgets_nothing = |overtaken: &Overtaken| overtaken.vendor.state.keep_all();
        let (overtaken, [one, two]) = Overtaken::new(home, (200, ""), (500, "")).await;
        vendor_forgets_nothing(&overtaken);
        overtaken.vendor.state.let_go(2);
        assert_eq!(two.await.unwrap(), Err(Code::UpstreamError));
        // The lease is nobody's now.
        overtaken.vendor.state.let_go(1);
        assert_eq!(one.await.unwrap(), Ok(()));
        let later = overtaken.home.plane(overtaken.vendor.options()).await;
        later.call(&overtaken.id).await.result.unwrap();
        assert_eq!(overtaken.vendor.refreshes(), 2);
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_kept_are_kept_later() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    vendor.expires_in(0);
    let first = home.plane(vendor.options()).await;
    let id = connected(&first, &vendor).await;
    vendor.expires_in(3600);
    let plane = Arc::new(home.plane(vendor.options()).await);
    vendor.state.hold();
    let call = {
        let (plane, id) = (Arc::clone(&plane), id.clone());
        tokio::spawn(async move {
            plane
                .call(&id)
                .await
                .result
                .map(drop)
                .map_err(|error| error.to_string())
        })
    };
    vendor.state.decided(1).await;
    home.alter("ALTER TABLE oauth_grants RENAME TO away").await;
    vendor.state.let_go(1);
    assert_eq!(call.await.unwrap(), Ok(()), "they are used nevertheless");
    home.alter("ALTER TABLE away RENAME TO oauth_grants").await;
    while home.count("oauth_grants WHERE revision = 2").await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let later = home.plane(vendor.options()).await;
    later.call(&id).await.result.unwrap();
    assert_eq!(vendor.refreshes(), 1);
}

#[tokio::test]
async fn the_lease_of_the_dead_ends() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let first = home.plane(vendor.options()).await;
    let id = connected(&first, &vendor).await;
    let until = jiff::Timestamp::now().as_millisecond() + 1_500;
    home.execute(&format!(
        "UPDATE oauth_grants SET expires_at = 1, lease_holder = 'ren_dead', lease_until = {until}"
    ))
    .await;
    let plane = home.plane(vendor.options()).await;
    plane.call(&id).await.result.unwrap();
    assert!(
        jiff::Timestamp::now().as_millisecond() >= until,
        "nobody else renews before"
    );
    assert_eq!(vendor.refreshes(), 1);
}

#[tokio::test]
async fn access_that_is_refused_early_is_renewed_for_the_next_call() {
    let (home, vendor) = (Home::sqlite(), BronzeVendor::start().await);
    let plane = home.plane(vendor.options()).await;
    let id = connected(&plane, &vendor).await;
    plane.call(&id).await.result.unwrap();
    vendor.state.revoke();
    let before = vendor.calls();
    let error = plane.call(&id).await.result.unwrap_err();
    assert_eq!((error.code(), error.status()), (Code::Unauthorized, Some(401)));
    assert!(error.hint().unwrap().contains("not repeated"), "{error}");
    assert_eq!((vendor.calls() - before, vendor.refreshes()), (1, 0));
    plane.call(&id).await.result.unwrap();
    assert_eq!((vendor.calls() - before, vendor.refreshes()), (2, 1));
    assert_eq!(plane.control.account(&id).await.unwrap().status.word(), "active");

    // Also when the account was changed in between, such as by reading its fields.
    vendor.state.revoke();
    assert_eq!(plane.call(&id).await.result.unwrap_err().code(), Code::Unauthorized);
    let (status, _) = plane
        .patch(&format!("/integrated-account/{id}"), json!({ "name": "New" }))
        .await;
    assert_eq!(status, 200);
    plane.call(&id).await.result.unwrap();
    assert_eq!((vendor.calls() - before, vendor.refreshes()), (4, 2));

    // A helpdesk that refuses what it has just given is not asked for more and more.
    vendor.state.revoke();
    assert_eq!(plane.call(&id).await.result.unwrap_err().code(), Code::Unauthorized);
    vendor.state.revoke_all();
    for _ in 0..3 {
        assert_eq!(plane.call(&id).await.result.unwrap_err().code(), Code::NeedsReauth);
    }
    assert_eq!(vendor.refreshes(), 3);
    plane.becomes(&id, "needs_reauth").await;
    vendor.state.accept_all();
    let (_, tested) = plane.post(&format!("/integrated-account/{id}/test"), json!({})).await;
    assert_eq!(
        (&tested["ok"], &tested["account_status"]),
        (&json!(true), &json!("active")),
        "{tested}"
    );
}
