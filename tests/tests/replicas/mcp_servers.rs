//! MCP servers: made, changed and ended on one process, used on the other. Access that ends takes the calls under way
//! with it.

use std::time::Duration;

use deskhand::access::now;
use deskhand::store::{McpServerRow, Store as _};
use deskhand_simulator::{Fault, Trigger};
use deskhand_tests::desk::{Desk, ask, connect_stateless, eventually, fail};
use reqwest::{Method, StatusCode};
use rmcp::model::{ServerNotification, SubscriptionFilter};
use serde_json::{Value, json};

use crate::installation::{Installation, Replica};

on_both!(
    a_server_made_on_one_is_open_on_the_other,
    a_change_on_one_holds_on_the_other,
    a_change_on_one_is_told_by_the_other,
    deleting_a_server_ends_its_calls_on_the_other,
    deleting_its_account_ends_its_calls_on_the_other,
    rotating_without_an_overlap_ends_its_calls_on_the_other,
    its_end_is_the_same_everywhere_and_takes_calls_along,
    a_rotated_token_is_good_everywhere_until_the_overlap_is_over,
    other_calls_go_on,
);

const READ: &str = "list_all_desk_365_tickets";
const WRITE: &str = "create_a_desk_365_ticket";
/// Where the helpdesk is asked by the first.
const PATH: &str = "/v3/tickets";

/// Two processes, an account, an MCP server of it, and a call under way on the second process.
struct Scene {
    desk: Desk,
    one: Replica,
    other: Replica,
    api_token: String,
    account: String,
    server: String,
    token: String,
}

impl Scene {
    async fn set(installation: &Installation) -> Self {
        let desk = Desk::start("desk365").await;
        let (one, other, api_token) = installation.pair().await;
        let account = one.connect(&api_token, &desk, "Support").await;
        let (server, token) = open(&one, &api_token, &account, json!({})).await;
        Self {
            desk,
            one,
            other,
            api_token,
            account,
            server,
            token,
        }
    }

    fn path(&self) -> String {
        format!("/integrated-account/{}/mcp/{}", self.account, self.server)
    }

    /// How often the helpdesk was asked for tickets.
    fn asked(&self) -> usize {
        self.desk.control().count("GET", PATH)
    }

    async fn change(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, told) = self.one.ask(&self.api_token, method, path, body).await;
        assert!(status.is_success(), "{status} {told}");
        told
    }

    /// Has a call hang on the second process, does something, and checks that the call is cut off and that the token
    /// opens nothing any more.
    async fn ends_by(&self, end: impl Future<Output = ()>) {
        let client = self.other.client(&self.token).await;
        let asked = self.asked();
        self.desk
            .control()
            .inject(Fault::NoAnswer, Trigger::NextOn(PATH.to_owned(), 1));
        let ending = async {
            eventually("the helpdesk is asked", || {
                std::future::ready((self.asked() > asked).then_some(()))
            })
            .await;
            end.await;
        };
        let (error, ()) = tokio::join!(fail(&client, READ, json!({})), ending);
        assert_eq!(
            (&error["code"], &error["origin"]),
            (&json!("unauthorized"), &json!("deskhand")),
            "{error}"
        );
        assert!(error["message"].as_str().unwrap().contains("cut off"), "{error}");
        eventually("the helpdesk sees the caller go", || {
            std::future::ready((self.desk.control().abandoned() == 1).then_some(()))
        })
        .await;
        self.other.closes(&self.token).await;
        self.one.closes(&self.token).await;
    }
}

/// Makes an MCP server; gives its id and token.
async fn open(replica: &Replica, api_token: &str, account: &str, config: Value) -> (String, String) {
    let path = format!("/integrated-account/{account}/mcp");
    let (status, made) = replica
        .post(api_token, &path, json!({ "name": "Triage", "config": config }))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

async fn a_server_made_on_one_is_open_on_the_other(installation: Installation) {
    let scene = Scene::set(&installation).await;
    assert!(scene.other.opens(&scene.token).await);
    let client = scene.other.client(&scene.token).await;
    assert!(ask(&client, READ, json!({})).await["result"].is_array());
    // And the other way round, a token that was refused there before it was made.
    assert!(!scene.one.opens("dh_unknown").await);
    let (_, token) = open(&scene.other, &scene.api_token, &scene.account, json!({})).await;
    assert!(scene.one.opens(&token).await);
}

async fn a_change_on_one_holds_on_the_other(installation: Installation) {
    let scene = Scene::set(&installation).await;
    let client = scene.other.client(&scene.token).await;
    let names = async || -> Vec<String> {
        let tools = client.list_all_tools().await.unwrap();
        tools.into_iter().map(|tool| tool.name.into_owned()).collect()
    };
    let before = names().await;
    assert!(before.iter().any(|name| name == READ) && before.iter().any(|name| name == WRITE));
    let only_reading = json!({ "config": { "methods": ["read"] } });
    scene.change(Method::PATCH, &scene.path(), Some(only_reading)).await;
    eventually("the tool is gone from the list", || async {
        let names = names().await;
        (!names.iter().any(|name| name == WRITE)).then(|| assert!(names.iter().any(|name| name == READ)))
    })
    .await;
    let refused = fail(&client, WRITE, json!({})).await;
    assert_eq!(refused["code"], "unknown_tool");
    assert!(ask(&client, READ, json!({})).await["result"].is_array());
}

async fn a_change_on_one_is_told_by_the_other(installation: Installation) {
    let scene = Scene::set(&installation).await;
    let client = connect_stateless(&scene.other.url(&format!("/mcp/{}", scene.token))).await;
    let of_tools = SubscriptionFilter::builder().tools_list_changed().build();
    let mut listening = client.listen(of_tools).await.unwrap();
    let only_reading = json!({ "config": { "methods": ["read"] } });
    scene.change(Method::PATCH, &scene.path(), Some(only_reading)).await;
    let told = listening.next().await.unwrap().unwrap();
    assert!(
        matches!(told, ServerNotification::ToolListChangedNotification(_)),
        "{told:?}"
    );
    let tools = client.list_all_tools().await.unwrap();
    assert!(!tools.iter().any(|tool| tool.name == WRITE));
    scene.change(Method::DELETE, &scene.path(), None).await;
    let told = listening.next().await.unwrap();
    assert!(told.is_none(), "{told:?}");
}

async fn deleting_a_server_ends_its_calls_on_the_other(installation: Installation) {
    let scene = Scene::set(&installation).await;
    scene
        .ends_by(async {
            scene.change(Method::DELETE, &scene.path(), None).await;
        })
        .await;
}

async fn deleting_its_account_ends_its_calls_on_the_other(installation: Installation) {
    let scene = Scene::set(&installation).await;
    scene
        .ends_by(async {
            let path = format!("/integrated-account/{}", scene.account);
            scene.change(Method::DELETE, &path, None).await;
        })
        .await;
}

async fn rotating_without_an_overlap_ends_its_calls_on_the_other(installation: Installation) {
    let scene = Scene::set(&installation).await;
    let mut new = Value::Null;
    scene
        .ends_by(async {
            let path = format!("{}/rotate", scene.path());
            new = scene
                .change(Method::POST, &path, Some(json!({ "overlap_seconds": 0 })))
                .await;
        })
        .await;
    let token = new["token"].as_str().unwrap();
    assert!(scene.other.opens(token).await && scene.one.opens(token).await);
}

/// The end of a server is at least a minute ahead when it is set over the API, so the database is told to have it sooner.
async fn its_end_is_the_same_everywhere_and_takes_calls_along(installation: Installation) {
    let scene = Scene::set(&installation).await;
    let store = installation.store().await;
    scene
        .ends_by(async {
            let found = store.mcp_server(&scene.account, &scene.server, now()).await;
            let row = found.unwrap().unwrap();
            let soon = McpServerRow {
                expires_at: Some(now() + 1_500),
                revision: row.revision + 1,
                ..row
            };
            assert!(store.update_mcp_server(&soon).await.unwrap());
        })
        .await;
    let (status, _) = scene.other.get(&scene.api_token, &scene.path()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    // The row goes with the next cleaning up, which a process begins with.
    let third = installation.replica().await;
    assert!(!third.opens(&scene.token).await);
    eventually("the row is gone", || async {
        let found = store.mcp_server(&scene.account, &scene.server, i64::MIN).await;
        found.unwrap().is_none().then_some(())
    })
    .await;
}

async fn a_rotated_token_is_good_everywhere_until_the_overlap_is_over(installation: Installation) {
    let scene = Scene::set(&installation).await;
    let rotate = async |overlap: u32| {
        let path = format!("{}/rotate", scene.path());
        let told = scene
            .change(Method::POST, &path, Some(json!({ "overlap_seconds": overlap })))
            .await;
        told["token"].as_str().unwrap().to_owned()
    };
    // The second process has used the old one already.
    assert!(scene.other.opens(&scene.token).await);
    let second = rotate(3_600).await;
    for replica in [&scene.one, &scene.other] {
        assert!(replica.opens(&scene.token).await && replica.opens(&second).await);
    }
    let third = rotate(1).await;
    for replica in [&scene.one, &scene.other] {
        replica.closes(&scene.token).await;
        replica.closes(&second).await;
        assert!(replica.opens(&third).await);
    }
}

/// Changes next to a call do not touch it, however many there are.
async fn other_calls_go_on(installation: Installation) {
    let scene = Scene::set(&installation).await;
    let client = scene.other.client(&scene.token).await;
    let asked = scene.asked();
    let slow = Fault::SlowAnswer(Duration::from_secs(3));
    scene.desk.control().inject(slow, Trigger::NextOn(PATH.to_owned(), 1));
    let changing = async {
        eventually("the helpdesk is asked", || {
            std::future::ready((scene.asked() > asked).then_some(()))
        })
        .await;
        let account = scene.one.connect(&scene.api_token, &scene.desk, "Another").await;
        let (server, token) = open(&scene.one, &scene.api_token, &account, json!({})).await;
        let path = format!("/integrated-account/{account}/mcp/{server}");
        scene.change(Method::DELETE, &path, None).await;
        scene.other.closes(&token).await;
        let rename = json!({ "name": "Sorting" });
        scene.change(Method::PATCH, &scene.path(), Some(rename)).await;
        let rotate = format!("{}/rotate", scene.path());
        scene
            .change(Method::POST, &rotate, Some(json!({ "overlap_seconds": 3600 })))
            .await;
    };
    let (answer, ()) = tokio::join!(ask(&client, READ, json!({})), changing);
    assert!(answer["result"].is_array(), "{answer}");
    assert_eq!(scene.desk.control().abandoned(), 0);
}
