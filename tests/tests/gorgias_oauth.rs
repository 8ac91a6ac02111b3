//! Accounts of Gorgias that their owner connects in a browser, with links from the shell.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::collections::BTreeSet;
use std::process::{Child, Output, Stdio};

use deskhand_tests::browser::Browser;
use deskhand_tests::desk::{
    Captured, Client, Desk, Environment, ask, command, connect, eventually, fail, http, http_builder, run, with,
};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode, Url};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROBE: &str = "get_single_gorgias_account";

/// `deskhand serve`, and the shell beside it; it ends with this value.
struct House {
    child: Child,
    /// What the server logs.
    logs: Captured,
    _data: TempDir,
    environment: Environment,
    base: String,
}

impl House {
    /// With the application that the simulated Gorgias knows.
    async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let environment = vec![
            ("DESKHAND_DATA_DIR".to_owned(), data.path().display().to_string()),
            ("DESKHAND_FIELDS_INTERVAL".to_owned(), "none".to_owned()),
            ("DESKHAND_GORGIAS_CLIENT_ID".to_owned(), "sample-app".to_owned()),
            (
                "DESKHAND_GORGIAS_CLIENT_SECRET".to_owned(),
                "sample-app-secret-for-the-simulator-only".to_owned(),
            ),
        ];
        let mut command = command(&["serve", "--listen", "127.0.0.1:0"], &environment);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (Captured::default(), Captured::default());
        stdout.follow(child.stdout.take().unwrap());
        stderr.follow(child.stderr.take().unwrap());
        let base = eventually("the address is printed", || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "the program has ended: {}", stderr.text());
            let told = stdout.text();
            let whole = told.rsplit_once('\n').map_or("", |(whole, _)| whole);
            let base = whole.lines().find_map(|line| line.trim().strip_prefix("Deskhand on "));
            std::future::ready(base.map(str::to_owned))
        })
        .await;
        Self {
            child,
            logs: stderr,
            environment: with(environment, "DESKHAND_PUBLIC_URL", &base),
            _data: data,
            base,
        }
    }

    fn try_shell(&self, arguments: &[&str]) -> Output {
        run(arguments, &self.environment, "")
    }

    /// What a command prints, which has to succeed.
    fn shell(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.try_shell(arguments);
        assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.shell(&[arguments, &["--format", "json"]].concat())).unwrap()
    }

    /// The accounts that the shell shows.
    fn accounts(&self) -> Vec<Value> {
        let Value::Array(accounts) = self.json(&["account", "list"]) else {
            panic!("it is a list");
        };
        accounts
    }

    async fn client(&self, account: &str) -> Client {
        let made = self.json(&["mcp", "create", account, "--name", "Tests"]);
        connect(made["url"].as_str().unwrap()).await
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn renewals(desk: &Desk) -> Value {
    desk.state()["oauth"]["token_requests"]["refresh_token"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_connects_an_account_and_connects_it_again() {
    let (desk, house) = (Desk::start("gorgias").await, House::start().await);
    let (base_url, mut browser) = (desk.running.base_url(), Browser::new());
    let connect = [
        "account",
        "connect",
        "gorgias",
        "--name",
        "Acme",
        "--base-url",
        &base_url,
    ];
    let told = house.shell(&connect);
    let link = told.trim();
    assert!(
        link.starts_with(&format!("{}/connect/gorgias?link=dh_", house.base)),
        "{told}"
    );
    assert_eq!(house.accounts(), [] as [Value; 0], "a link is no account");

    // They are asked for what the shell was not told, then by their helpdesk whether they agree.
    let asked = browser.open(link).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked.words().contains("The first part of the helpdesk's address."),
        "{}",
        asked.words()
    );
    let consent = browser
        .submit(&asked, &[("variable.domain", "https://acme.gorgias.com")])
        .await;
    assert!(
        consent
            .url
            .as_str()
            .starts_with(&format!("{base_url}/oauth/authorize?")),
        "{}",
        consent.url
    );
    let words = consent.words();
    assert!(
        words.contains("sample-app asks for:") && words.contains("tickets:write"),
        "{words}"
    );
    let denied = browser.submit(&consent, &[("account", "")]).await;
    assert_eq!(denied.status, StatusCode::BAD_REQUEST);
    assert!(
        denied.words().contains("access_denied: The owner refused"),
        "{}",
        denied.words()
    );
    assert_eq!(house.accounts(), [] as [Value; 0]);

    // The link is good until something is connected.
    let asked = browser.open(link).await;
    let consent = browser.submit(&asked, &[("variable.domain", "acme")]).await;
    let done = browser.submit(&consent, &[("account", "acme")]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.words());
    assert!(done.words().contains("Acme is connected."), "{}", done.words());
    assert_eq!(browser.open(link).await.status, StatusCode::NOT_FOUND, "it works once");

    let accounts = house.accounts();
    assert_eq!(accounts.len(), 1, "{accounts:?}");
    let account = &accounts[0];
    for (member, value) in [
        ("integration", json!("gorgias")),
        ("name", json!("Acme")),
        ("status", json!("active")),
        ("connected_by", json!("oauth2")),
        ("variables", json!({ "domain": "acme" })),
        ("credential_fields", json!([])),
    ] {
        assert_eq!(account[member], value, "{member}: {account}");
    }
    let id = account["id"].as_str().unwrap();
    assert_eq!(house.json(&["account", "test", id])["ok"], true);
    let client = house.client(id).await;
    assert_eq!(ask(&client, PROBE, json!({})).await["domain"], "acme");
    // Custom fields are read with the access, too.
    let fields = house.json(&["account", "refresh", id]);
    assert_eq!(
        (&fields["number"], fields.get("problems")),
        (&json!(1), None),
        "{fields}"
    );

    // The secret of the link, and what it led to, are in no log.
    let logs = house.logs.text();
    for secret in [link.rsplit_once('=').unwrap().1, "code=", "access-", "refresh-"] {
        assert!(!logs.contains(secret), "{secret}: {logs}");
    }

    // The owner takes back what they allowed. The call that notices is not repeated; the next one finds that there is
    // no other access.
    desk.control().adjust("revoke_grants", &json!("acme")).unwrap();
    assert_eq!(fail(&client, PROBE, json!({})).await["code"], "unauthorized");
    let error = fail(&client, PROBE, json!({})).await;
    assert_eq!(error["code"], "needs_reauth", "{error}");
    assert!(
        error["hint"].as_str().unwrap().contains("deskhand account reconnect"),
        "{error}"
    );
    assert_eq!(renewals(&desk), 1);
    eventually("the shell says so", || {
        std::future::ready((house.accounts()[0]["status"] == "needs_reauth").then_some(()))
    })
    .await;
    let tested = house.try_shell(&["account", "test", id]);
    assert_eq!(tested.status.code(), Some(1));
    assert_eq!(renewals(&desk), 1, "nobody asks again");

    // Of the account everything is known: they only have to agree.
    let link = house.json(&["account", "reconnect", id]);
    let consent = browser.open(link["url"].as_str().unwrap()).await;
    let done = browser.submit(&consent, &[("account", "acme")]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.words());
    let again = house.accounts();
    assert_eq!((again.len(), &again[0]["id"]), (1, &json!(id)));
    assert_eq!(again[0]["status"], "active");
    // The MCP server stayed, and so did the client.
    assert_eq!(ask(&client, PROBE, json!({})).await["domain"], "acme");
    assert_eq!(renewals(&desk), 1);
}

/// An access token that the owner of the account has allowed these scopes, by the helpdesk's own pages.
async fn token(desk: &Desk, scopes: &BTreeSet<String>) -> String {
    let (base, browser) = (desk.running.base_url(), http_builder().redirect(Policy::none()));
    let browser = browser.build().unwrap();
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let mut address = Url::parse(&format!("{base}/oauth/authorize")).unwrap();
    address.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", "sample-app"),
        ("redirect_uri", "http://127.0.0.1:9/back"),
        ("scope", &scopes.join(" ")),
    ]);
    let agreed = browser.get(address).send().await.unwrap();
    let back = Url::parse(agreed.headers()[LOCATION].to_str().unwrap()).unwrap();
    let code = back
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned();
    let mut form = Url::parse("http://form").unwrap();
    form.query_pairs_mut().extend_pairs([
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "http://127.0.0.1:9/back"),
    ]);
    let asked = browser
        .post(format!("{base}/oauth/token"))
        .basic_auth("sample-app", Some("sample-app-secret-for-the-simulator-only"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.query().unwrap().to_owned());
    let given: Value = asked.send().await.unwrap().json().await.unwrap();
    given["access_token"].as_str().unwrap().to_owned()
}

/// Who lacks a scope is refused by the operations whose tools say that they need it, and by no other.
#[tokio::test]
async fn each_scope_opens_what_is_said_to_need_it() {
    let desk = Desk::start("gorgias").await;
    desk.control().adjust("consent", &json!("acme")).unwrap();
    let told = run(&["tools", "gorgias", "--format", "json"], &[], "");
    let tools: Vec<Value> = serde_json::from_slice(&told.stdout).unwrap();
    let needs = |tool: &Value| {
        let (_, needs) = tool["description"].as_str().unwrap().split_once("Needs: scope ")?;
        Some(needs.split(['.', '\n']).next().unwrap().to_owned())
    };
    let declared: BTreeSet<String> = tools.iter().filter_map(needs).collect();
    assert_eq!(declared.len(), 24, "{declared:?}");

    // Whoever connects an account by a link is asked for these, who they are, and access that can be renewed.
    let house = House::start().await;
    let base_url = desk.running.base_url();
    let link = [
        "account",
        "connect",
        "gorgias",
        "--name",
        "Acme",
        "--variable",
        "domain=acme",
    ];
    let link = house.shell(&[&link[..], &["--base-url", &base_url]].concat());
    let browser = http_builder().redirect(Policy::none()).build().unwrap();
    let sent = browser.get(link.trim()).send().await.unwrap();
    let address = Url::parse(sent.headers()[LOCATION].to_str().unwrap()).unwrap();
    let scopes = address.query_pairs().find(|(name, _)| name == "scope").unwrap().1;
    let asked: BTreeSet<String> = scopes.split(' ').map(str::to_owned).collect();
    let besides: Vec<&str> = asked.difference(&declared).map(String::as_str).collect();
    assert_eq!(besides, ["email", "offline", "openid", "profile"]);
    assert!(asked.is_superset(&declared), "{asked:?}");

    let mut wrong = Vec::new();
    for lacking in &declared {
        let mut scopes = asked.clone();
        scopes.remove(lacking);
        let token = token(&desk, &scopes).await;
        for tool in &tools {
            let path = tool["path"].as_str().unwrap();
            // What is named need not be there: who may not ask does not learn that.
            let parts = path
                .split('/')
                .map(|part| if part.starts_with('{') { "999999999" } else { part });
            let address = format!("{base_url}{}", parts.collect::<Vec<_>>().join("/"));
            let method: Method = tool["http_method"].as_str().unwrap().parse().unwrap();
            let answered = http()
                .request(method, address)
                .bearer_auth(&token)
                .send()
                .await
                .unwrap();
            let refused = answered.status() == StatusCode::FORBIDDEN;
            if refused != (needs(tool).as_ref() == Some(lacking)) {
                wrong.push(format!("{} without {lacking}: {}", tool["name"], answered.status()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_shell_says_what_is_missing_for_a_link() {
    let house = House::start().await;
    for (arguments, told) in [
        (
            vec!["account", "connect", "desk365", "--name", "Acme"],
            "not connected through OAuth2",
        ),
        (vec!["account", "reconnect", "acc_none"], "account"),
        (
            vec![
                "account",
                "connect",
                "gorgias",
                "--name",
                "Acme",
                "--variable",
                "domain=a b",
            ],
            "variables.domain",
        ),
        (
            vec!["account", "connect", "gorgias", "--name", "Acme", "--expires-in", "40d"],
            "30 days",
        ),
        (
            vec![
                "account",
                "connect",
                "gorgias",
                "--name",
                "Acme",
                "--base-url",
                "https://gorgias.example",
            ],
            "--allow-base-url",
        ),
    ] {
        let output = house.try_shell(&arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && error.contains(told),
            "{arguments:?}: {error}"
        );
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
