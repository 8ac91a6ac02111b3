//! A database and the processes on it.

use std::process::{Child, Output, Stdio};
use std::sync::Mutex;

use deskhand::store::sql::SqlStore;
use deskhand_test_postgres::databases::Database;
use deskhand_tests::desk::{Captured, Client, Desk, Environment, command, connect, eventually, http, run};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// An empty database, and a data directory that all processes share.
pub(crate) struct Installation {
    data: TempDir,
    /// Dropped after the test; none when the database is a file in the data directory.
    database: Option<Database>,
}

impl Installation {
    pub(crate) fn sqlite() -> Self {
        Self {
            data: TempDir::new().unwrap(),
            database: None,
        }
    }

    pub(crate) async fn postgres() -> Self {
        Self {
            data: TempDir::new().unwrap(),
            database: Some(Database::create().await),
        }
    }

    fn environment(&self) -> Environment {
        let data = self.data.path().display().to_string();
        let mut environment = vec![
            ("DESKHAND_DATA_DIR".to_owned(), data),
            // Helpdesks are asked by the tests alone.
            ("DESKHAND_FIELDS_INTERVAL".to_owned(), "none".to_owned()),
            // The app that the simulated helpdesk knows.
            ("DESKHAND_GORGIAS_CLIENT_ID".to_owned(), "sample-app".to_owned()),
            (
                "DESKHAND_GORGIAS_CLIENT_SECRET".to_owned(),
                "sample-app-secret-for-the-simulator-only".to_owned(),
            ),
        ];
        if let Some(database) = &self.database {
            environment.push(("DESKHAND_DATABASE_URL".to_owned(), database.url().to_owned()));
        }
        environment
    }

    /// The database as another process sees it.
    pub(crate) async fn store(&self) -> SqlStore {
        let url = match &self.database {
            Some(database) => database.url().to_owned(),
            None => self.data.path().join("deskhand.db").display().to_string(),
        };
        SqlStore::open(&url).await.unwrap()
    }

    /// Runs a command to its end, which must be a good one.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = run(arguments, &self.environment(), "");
        assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Starts one process.
    pub(crate) async fn replica(&self) -> Replica {
        Replica::start(&self.environment()).await
    }

    /// Starts several processes at the same moment.
    pub(crate) async fn replicas(&self, number: usize) -> Vec<Replica> {
        let environment = self.environment();
        join_all((0..number).map(|_| Replica::start(&environment))).await
    }

    /// Two processes, and an API token that reaches everything.
    pub(crate) async fn pair(&self) -> (Replica, Replica, String) {
        let one = self.replica().await;
        let token = one.first_token().expect("the first process shows a token");
        (one, self.replica().await, token)
    }
}

/// A running `deskhand serve`; it ends with this value.
pub(crate) struct Replica {
    child: Mutex<Child>,
    base: String,
    stdout: Captured,
    http: reqwest::Client,
}

impl Replica {
    async fn start(environment: &[(String, String)]) -> Self {
        let mut command = command(&["serve", "--listen", "127.0.0.1:0"], environment);
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
            let line = told.lines().next().filter(|_| told.contains('\n'));
            std::future::ready(line.and_then(|line| Some(line.strip_prefix("Deskhand on ")?.to_owned())))
        })
        .await;
        let replica = Self {
            child: Mutex::new(child),
            base,
            stdout,
            http: http(),
        };
        // It listens before it serves; what it prints in between is printed by then.
        let alive = eventually("it answers", || async {
            let answered = replica.http.get(replica.url("/healthz")).send().await;
            answered.ok().map(|answered| answered.status())
        });
        assert_eq!(alive.await, StatusCode::OK);
        replica
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The API token that it has printed.
    pub(crate) fn first_token(&self) -> Option<String> {
        let told = self.stdout.text();
        told.lines()
            .map(str::trim)
            .find(|line| line.starts_with("dh_"))
            .map(str::to_owned)
    }

    /// Sends a request that has to be answered.
    pub(crate) async fn ask(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        self.try_ask(token, method, path, body).await.unwrap()
    }

    /// Sends a request, which fails when the process is gone.
    pub(crate) async fn try_ask(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> reqwest::Result<(StatusCode, Value)> {
        let mut request = self.http.request(method, self.url(path)).bearer_auth(token);
        if let Some(body) = &body {
            request = request.json(body);
        }
        let answered = request.send().await?;
        let status = answered.status();
        let text = answered.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> (StatusCode, Value) {
        self.ask(token, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> (StatusCode, Value) {
        self.ask(token, Method::POST, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, token: &str, path: &str) -> StatusCode {
        self.ask(token, Method::DELETE, path, None).await.0
    }

    /// Connects an account at a simulated helpdesk; gives its id.
    pub(crate) async fn connect(&self, token: &str, desk: &Desk, name: &str) -> String {
        let (status, made) = self.post(token, "/integrated-account", account(desk, name)).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    /// Whether a token opens an MCP server of this process: 404 is the answer to all that do not.
    pub(crate) async fn opens(&self, mcp_token: &str) -> bool {
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let sent = self.http.post(self.url(&format!("/mcp/{mcp_token}")));
        let sent = sent.header("Accept", "application/json, text/event-stream").json(&ping);
        let status = sent.send().await.unwrap().status();
        assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&status), "{status}");
        status == StatusCode::OK
    }

    /// Looks again and again until a token opens nothing here any more.
    pub(crate) async fn closes(&self, mcp_token: &str) {
        eventually("the token opens nothing", || async {
            (!self.opens(mcp_token).await).then_some(())
        })
        .await;
    }

    /// An MCP client that has said hello.
    pub(crate) async fn client(&self, mcp_token: &str) -> Client {
        connect(&self.url(&format!("/mcp/{mcp_token}"))).await
    }

    /// Whether the helpdesk takes an account's credentials, by this process.
    pub(crate) async fn can_call(&self, token: &str, account: &str) -> bool {
        let path = format!("/integrated-account/{account}/test");
        let (status, told) = self.ask(token, Method::POST, &path, None).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        told["ok"] == true
    }

    /// Ends the process as `kill -9` does, whatever it is at.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What connects an account at a simulated helpdesk.
pub(crate) fn account(desk: &Desk, name: &str) -> Value {
    json!({
        "integration": "desk365",
        "name": name,
        "credentials": { "api_key": desk.credential("api_key") },
        "variables": { "subdomain": "acme" },
        "base_url": desk.running.base_url(),
    })
}
