//! Accounts, tokens and keys from the shell, alone and beside a server that runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use deskhand::accounts::variable;
use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::operation::Integration;
use deskhand_simulator::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection as _, Row as _};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::plane::answer;
use crate::toy::{client, request};

/// What the program is run with: a data directory of its own, and nothing else of this environment.
struct Shell {
    data: TempDir,
    environment: BTreeMap<String, String>,
}

/// What a command did.
struct Done {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Done {
    /// Its result, which it printed as JSON.
    fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Why it was used wrongly.
    fn misuse(&self) -> &str {
        assert_eq!(self.code, Some(2), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        &self.stderr
    }
}

impl Shell {
    fn new() -> Self {
        Self {
            data: TempDir::new().unwrap(),
            environment: BTreeMap::new(),
        }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn path(&self, file: &str) -> std::path::PathBuf {
        self.data.path().join(file)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskhand"));
        command
            .env_clear()
            .env("DESKHAND_DATA_DIR", self.data.path())
            .envs(&self.environment)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Done {
        self.run_with(arguments, "").await
    }

    async fn run_with(&self, arguments: &[&str], stdin: &str) -> Done {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // A program that reads no stdin may be gone by now.
        let _ = input.write_all(stdin.as_bytes()).await;
        drop(input);
        let output = child.wait_with_output().await.unwrap();
        let done = Done {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
        done
    }

    async fn serve(&self) -> Served {
        let mut child = self.command(&["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = match lines.next_line().await.unwrap() {
            Some(first) => first,
            None => panic!(
                "{}",
                String::from_utf8_lossy(&child.wait_with_output().await.unwrap().stderr)
            ),
        };
        let base = first.strip_prefix("Deskhand on ").unwrap().to_owned();
        Served { child, lines, base }
    }
}

/// A server that runs; it ends with this value.
struct Served {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    base: String,
}

impl Served {
    /// The next line that it prints and that holds `text`.
    async fn line(&mut self, text: &str) -> String {
        loop {
            let line = self.lines.next_line().await.unwrap().expect("it goes on");
            if line.contains(text) {
                return line;
            }
        }
    }

    async fn ask(&self, token: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let sent = client()
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(token);
        let (status, value) = answer(sent.json(&body)).await;
        (status.as_u16(), value)
    }

    /// Asks it to stop; what it has logged, and what it still had to print.
    async fn stop(mut self) -> (String, String) {
        let id = self.child.id().unwrap().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(asked.success());
        let mut logs = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut logs)
            .await
            .unwrap();
        let mut printed = String::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            printed += &line;
        }
        assert!(self.child.wait().await.unwrap().success(), "{logs}");
        (logs, printed)
    }
}

/// A linked helpdesk, played by its simulator.
struct Helpdesk {
    integration: &'static Integration,
    simulator: Running,
}

impl Helpdesk {
    async fn start() -> Self {
        let known = deskhand_simulator::available();
        let (integration, known) = INTEGRATIONS
            .iter()
            .find_map(|integration| Some((integration, known.iter().find(|known| known.slug == integration.slug)?)))
            .expect("a linked helpdesk has a simulator");
        let unlimited = known.plans.iter().find(|plan| plan.calls.is_none());
        let options = Options {
            plan: unlimited.expect("a plan without limit").name.to_owned(),
            ..Options::default()
        };
        let simulator = Simulator::serve(integration.slug, options, ([127, 0, 0, 1], 0).into());
        Self {
            integration,
            simulator: simulator.await.unwrap(),
        }
    }

    fn is_variable(&self, name: &str) -> bool {
        self.integration.variables.iter().any(|setting| setting.name == name)
    }

    /// `--variable` options.
    fn variables(&self) -> Vec<String> {
        let all = self.simulator.credentials().into_iter();
        let variables = all.filter(|(name, _)| self.is_variable(name));
        variables
            .map(|(name, value)| format!("--variable={name}={value}"))
            .collect()
    }

    /// What a file of credentials holds.
    fn credentials(&self) -> BTreeMap<String, String> {
        let all = self.simulator.credentials().into_iter();
        all.filter(|(name, _)| !self.is_variable(name)).collect()
    }

    /// The arguments that connect an account, its credentials read from stdin.
    fn create(&self, name: &str) -> Vec<String> {
        let mut arguments: Vec<String> = [
            "account",
            "create",
            self.integration.slug,
            "--name",
            name,
            "--format",
            "json",
        ]
        .map(str::to_owned)
        .into();
        arguments.extend(["--base-url".to_owned(), self.simulator.base_url()]);
        arguments.extend(["--credentials-file".to_owned(), "-".to_owned()]);
        arguments.extend(self.variables());
        arguments
    }
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[cfg(unix)]
fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn accounts_are_administered_from_the_shell() {
    let (shell, helpdesk) = (Shell::new(), Helpdesk::start().await);
    let credentials = helpdesk.credentials();
    let stdin = json!(credentials).to_string();
    let created = shell.run_with(&borrowed(&helpdesk.create("Acme")), &stdin).await;
    assert!(
        created.stderr.contains("made a master key in") && created.stderr.contains("BACK IT UP"),
        "{}",
        created.stderr
    );
    #[cfg(unix)]
    for file in ["master.key", "deskhand.db"] {
        assert_eq!(mode(&shell.path(file)), 0o600, "{file}");
    }
    let account = created.json();
    let id = account["id"].as_str().unwrap();
    let names: Vec<&String> = credentials.keys().collect();
    assert_eq!(account["credential_fields"], json!(names));

    let tested = shell.run(&["account", "test", id, "--format", "json"]).await;
    let tested = tested.json();
    assert_eq!(
        (&tested["ok"], &tested["code"]),
        (&json!(true), &json!("ok")),
        "{tested}"
    );
    let shown = shell.run(&["account", "test", id]).await;
    assert!(shown.stdout.starts_with("ok ("), "{}", shown.stdout);
    assert_eq!(shown.stderr.matches("master key").count(), 0, "the key is made once");

    let listed = shell.run(&["account", "list", "--format", "json"]).await.json();
    assert_eq!(listed, json!([account]));
    let table = shell.run(&["account", "list"]).await.stdout;
    let mut lines = table.lines();
    let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["ID", "NAME", "HELPDESK", "STATUS", "TENANT", "CREATED"]);
    assert!(lines.next().unwrap().trim().starts_with(id));
    let none = shell
        .run(&["account", "list", "--status", "needs_reauth", "--format", "json"])
        .await;
    assert_eq!(none.json(), json!([]));

    let changed = [
        "account",
        "update",
        id,
        "--name",
        "Acme Ltd",
        "--tenant-id",
        "t-1",
        "--format",
        "json",
    ];
    let changed = shell.run(&changed).await.json();
    assert_eq!(
        (&changed["name"], &changed["tenant_id"]),
        (&json!("Acme Ltd"), &json!("t-1"))
    );
    let cleared = shell
        .run(&["account", "update", id, "--clear", "tenant_id", "--format", "json"])
        .await
        .json();
    assert_eq!(cleared["tenant_id"], Value::Null);
    let shown = shell.run(&["account", "get", id]).await.stdout;
    assert!(shown.contains("Acme Ltd") && shown.contains("base_url"), "{shown}");
    assert_eq!(
        shell.run(&["account", "get", id, "--format", "json"]).await.json(),
        cleared
    );

    // Credentials that the helpdesk refuses: noted, and replaced.
    let secret = helpdesk
        .integration
        .credentials
        .iter()
        .find(|setting| setting.secret)
        .unwrap()
        .name;
    let wrong = json!({ secret: "0123456789wrong" }).to_string();
    let update = ["account", "update", id, "--credentials-file", "-"];
    assert_eq!(shell.run_with(&update, &wrong).await.code, Some(0));
    let refused = shell.run(&["account", "test", id]).await;
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stdout.starts_with("unauthorized (") && refused.stdout.contains("needs_reauth"),
        "{}",
        refused.stdout
    );
    let listed = shell
        .run(&["account", "list", "--status", "needs_reauth", "--format", "json"])
        .await
        .json();
    assert_eq!(listed[0]["id"], id);
    let file = shell.path("right.json");
    std::fs::write(&file, &stdin).unwrap();
    let update = [
        "account",
        "update",
        id,
        "--credentials-file",
        file.to_str().unwrap(),
        "--format",
        "json",
    ];
    assert_eq!(shell.run(&update).await.json()["status"], "active");
    assert_eq!(shell.run(&["account", "test", id]).await.code, Some(0));

    assert_eq!(
        shell.run(&["account", "delete", id]).await.stdout,
        format!("deleted {id}\n")
    );
    for command in [
        &["account", "get", id][..],
        &["account", "delete", id],
        &["account", "test", id],
    ] {
        let gone = shell.run(command).await;
        assert_eq!(gone.code, Some(1), "{command:?}");
        assert_eq!(
            (gone.stdout.as_str(), gone.stderr.as_str()),
            ("", "deskhand: there is no such account\n")
        );
    }
}

#[tokio::test]
async fn what_an_account_is_not_given_comes_from_the_environment() {
    let helpdesk = Helpdesk::start().await;
    let mut shell = Shell::new().with(
        &variable(helpdesk.integration, "BASE_URL"),
        &helpdesk.simulator.base_url(),
    );
    for (name, value) in helpdesk.simulator.credentials() {
        shell = shell.with(&variable(helpdesk.integration, &name), &value);
    }
    let slug = helpdesk.integration.slug;
    let account = shell
        .run(&["account", "create", slug, "--name", "x", "--format", "json"])
        .await
        .json();
    let id = account["id"].as_str().unwrap();
    assert_eq!(account["base_url"], helpdesk.simulator.base_url());
    assert_eq!(shell.run(&["account", "test", id]).await.code, Some(0));
    // What is given goes before it.
    let secret = helpdesk
        .integration
        .credentials
        .iter()
        .find(|setting| setting.secret)
        .unwrap()
        .name;
    let given = format!("--credential={secret}=0123456789other");
    let account = shell
        .run(&["account", "create", slug, "--name", "y", &given, "--format", "json"])
        .await
        .json();
    assert_eq!(
        shell
            .run(&["account", "test", account["id"].as_str().unwrap()])
            .await
            .code,
        Some(1)
    );
}

#[tokio::test]
async fn misuse_is_told_without_repeating_secrets() {
    let shell = Shell::new();
    let slug = INTEGRATIONS[0].slug;
    let create = ["account", "create", slug, "--name", "x"];
    let file = shell.path("broken.json");
    std::fs::write(&file, "{\"api_key\": \"sesame-0815").unwrap();
    let list = shell.path("list.json");
    std::fs::write(&list, "[\"sesame-0815\"]").unwrap();
    for (more, told) in [
        (&["--credential", "sesame-0815"][..], "--credential expects NAME=VALUE"),
        (&["--variable", "acme"], "--variable expects NAME=VALUE"),
        (&["--credentials-file", file.to_str().unwrap()], "is no JSON (line 1"),
        (&["--credentials-file", list.to_str().unwrap()], "a JSON object"),
        (
            &["--credentials-file", "/nowhere/at/all.json"],
            "cannot be read from /nowhere/at/all.json",
        ),
        (
            &["--credential", "no_such_name=sesame-0815"],
            "`credentials.no_such_name`",
        ),
        (&["--allow-base-url", "evil.example"], "--allow-base-url"),
        (&[], "is missing"),
    ] {
        let arguments: Vec<&str> = create.iter().chain(more).copied().collect();
        let done = shell.run(&arguments).await;
        assert!(done.misuse().contains(told), "{more:?}: {}", done.stderr);
        assert!(!done.stderr.contains("sesame"), "{}", done.stderr);
    }
    for (arguments, told) in [
        (
            &["account", "create", "no-such-helpdesk", "--name", "x"][..],
            "unknown helpdesk",
        ),
        (&["account", "list", "--status", "broken"], "needs_reauth"),
        (
            &["account", "list", "--integration", "no-such-helpdesk"],
            "unknown helpdesk",
        ),
        (&["token", "create"], "--name"),
        (&["token", "create", "--name", ""], "1 to 200 characters"),
        (
            &["token", "create", "--name", "x", "--expires-at", "soon"],
            "2030-01-31",
        ),
        (
            &["token", "create", "--name", "x", "--expires-at", "2001-01-01T00:00:00Z"],
            "60 seconds ahead",
        ),
        (
            &["token", "create", "--name", "x", "--account", "acc_none"],
            "no such account",
        ),
        (&["token", "revoke", "dh_sesame-0815"], "tok_"),
    ] {
        let done = shell.run(arguments).await;
        assert!(done.misuse().contains(told), "{arguments:?}: {}", done.stderr);
        assert!(!done.stderr.contains("sesame"), "{}", done.stderr);
    }
    let nowhere = Shell::new().with("DESKHAND_DATABASE_URL", "mysql://me:sesame-0815@db/x");
    let done = nowhere.run(&["account", "list"]).await;
    assert_eq!(done.code, Some(1));
    assert!(
        done.stderr.contains("`mysql` databases are not supported") && !done.stderr.contains("sesame"),
        "{}",
        done.stderr
    );
}

#[tokio::test]
async fn a_server_starts_from_nothing_and_shares_its_database_with_the_shell() {
    let shell = Shell::new();
    let mut served = shell.serve().await;
    let told = served.line("dh_").await;
    let first = told.trim().to_owned();
    assert!(
        served
            .line("curl -H")
            .await
            .contains(&format!("Authorization: Bearer {first}"))
    );
    let (status, list) = served.ask(&first, Method::GET, "/api-token", Value::Null).await;
    assert_eq!((status, list["result"].as_array().unwrap().len()), (200, 1));

    let made = shell
        .run(&["token", "create", "--name", "ci", "--format", "json"])
        .await
        .json();
    let members: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "token"]);
    let (id, token) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let (status, list) = served.ask(token, Method::GET, "/api-token", Value::Null).await;
    assert_eq!(
        (status, list["result"].as_array().unwrap().len()),
        (200, 2),
        "it opens at once"
    );
    let listed = shell.run(&["token", "list", "--format", "json"]).await.json();
    assert_eq!(listed, list["result"]);
    assert!(shell.run(&["token", "list"]).await.stdout.contains("everything"));
    assert_eq!(
        shell.run(&["token", "revoke", id]).await.stdout,
        format!("revoked {id}\n")
    );
    assert_eq!(
        served.ask(token, Method::GET, "/api-token", Value::Null).await.0,
        401,
        "it is looked up each time"
    );
    assert_eq!(shell.run(&["token", "revoke", id]).await.code, Some(1));

    let variables: Value = INTEGRATIONS[0]
        .variables
        .iter()
        .map(|setting| (setting.name.to_owned(), setting.example.into()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let credentials: Value = INTEGRATIONS[0]
        .credentials
        .iter()
        .map(|setting| (setting.name.to_owned(), setting.example.into()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let body = json!({
        "integration": INTEGRATIONS[0].slug, "name": "Over REST", "variables": variables, "credentials": credentials,
    });
    let (status, account) = served.ask(&first, Method::POST, "/integrated-account", body).await;
    assert_eq!(status, 201, "{account}");
    let listed = shell.run(&["account", "list", "--format", "json"]).await.json();
    assert_eq!(listed, json!([account]));

    let (logs, rest) = served.stop().await;
    assert!(
        logs.contains("made a master key in") && logs.contains("stopped"),
        "{logs}"
    );
    assert!(!logs.contains(&first[3..]) && !logs.contains(&token[3..]));
    assert!(!rest.contains("dh_"), "{rest}");
    let again = shell.serve().await;
    assert_eq!(
        again
            .ask(&first, Method::GET, "/integrated-account", Value::Null)
            .await
            .0,
        200
    );
    let (logs, printed) = again.stop().await;
    assert!(!printed.contains("dh_") && !printed.contains("token"), "{printed}");
    assert!(!logs.contains("master key"), "{logs}");
}

#[tokio::test]
async fn an_account_of_the_environment_is_served_besides_and_calls_are_logged_to_the_last() {
    let helpdesk = Helpdesk::start().await;
    let mut shell = Shell::new().with(
        &variable(helpdesk.integration, "BASE_URL"),
        &helpdesk.simulator.base_url(),
    );
    for (name, value) in helpdesk.simulator.credentials() {
        shell = shell.with(&variable(helpdesk.integration, &name), &value);
    }
    let mut served = shell.serve().await;
    let url = served.line("/mcp/dh_").await.trim().to_owned();
    let tool = helpdesk.integration.probe.unwrap().tool.as_ref().unwrap().name;
    for _ in 0..3 {
        let call = request("tools/call", json!({ "name": tool, "arguments": {} }));
        let sent = client()
            .post(&url)
            .header("Accept", "application/json, text/event-stream")
            .json(&call);
        let (status, answered) = answer(sent).await;
        assert_eq!(status, 200);
        assert_eq!(answered["result"]["isError"], false, "{answered}");
    }
    served.stop().await;
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(&format!("sqlite:{}", shell.path("deskhand.db").display()))
        .await
        .unwrap();
    let row = sqlx::query("SELECT COUNT(*) FROM calls WHERE tool = $1 AND code = 'ok' AND account_id = 'environment'")
        .bind(tool)
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(row.get::<i64, _>(0), 3);
}

#[tokio::test]
async fn a_server_does_not_start_with_a_key_that_opens_nothing() {
    let shell = Shell::new();
    assert_eq!(shell.run(&["token", "create", "--name", "x"]).await.code, Some(0));
    let id = shell.run(&["key", "show-id"]).await.stdout.trim().to_owned();
    let key = std::fs::read_to_string(shell.path("master.key")).unwrap();
    std::fs::rename(shell.path("master.key"), shell.path("moved.key")).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0"];

    let lost = shell.run(&serve).await;
    assert!(
        lost.misuse()
            .contains(&format!("sealed with master key {id}, and there is no key file")),
        "{}",
        lost.stderr
    );
    assert!(
        !shell.path("master.key").exists(),
        "no new key takes the place of the lost one"
    );
    assert!(shell.run(&["key", "show-id"]).await.misuse().contains("master.key"));

    let generated = shell.run(&["key", "generate"]).await.stdout;
    let other = Shell {
        data: shell.data,
        environment: BTreeMap::new(),
    }
    .with("DESKHAND_MASTER_KEY", generated.trim());
    let wrong = other.run(&serve).await;
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong.stderr.contains(&format!(
            "sealed with master key {id}, which is not among the keys given"
        )),
        "{}",
        wrong.stderr
    );
    assert!(!wrong.stderr.contains(generated.trim()));
    let moved = other.path("moved.key");
    let both = other
        .run(&["token", "list", "--key-file", moved.to_str().unwrap()])
        .await;
    assert!(both.misuse().contains("give one of them"));
    let unreadable = Shell {
        data: other.data,
        environment: BTreeMap::new(),
    }
    .with("DESKHAND_MASTER_KEY", "sesame-0815");
    let told = unreadable.run(&serve).await;
    assert!(
        told.misuse().contains("32 random bytes") && !told.stderr.contains("sesame"),
        "{}",
        told.stderr
    );

    // The same key by another way.
    let right = Shell {
        data: unreadable.data,
        environment: BTreeMap::new(),
    }
    .with("DESKHAND_MASTER_KEY", key.trim());
    assert_eq!(right.run(&["key", "show-id"]).await.stdout.trim(), id);
    right.serve().await.stop().await;
    let named = Shell {
        data: right.data,
        environment: BTreeMap::new(),
    };
    let listed = named
        .run(&[
            "token",
            "list",
            "--key-file",
            named.path("moved.key").to_str().unwrap(),
            "--format",
            "json",
        ])
        .await;
    assert_eq!(listed.json()[0]["name"], "x");
}

#[tokio::test]
async fn the_key_is_replaced_from_the_shell() {
    let (shell, helpdesk) = (Shell::new(), Helpdesk::start().await);
    let mut served = shell.serve().await;
    let token = served.line("dh_").await.trim().to_owned();
    let stdin = json!(helpdesk.credentials()).to_string();
    let account = shell.run_with(&borrowed(&helpdesk.create("Acme")), &stdin).await.json();
    let test = format!("/integrated-account/{}/test", account["id"].as_str().unwrap());
    assert_eq!(served.ask(&token, Method::POST, &test, Value::Null).await.1["ok"], true);
    let old = shell.run(&["key", "show-id"]).await.stdout;

    let rotated = shell.run(&["key", "rotate"]).await;
    let new = shell.run(&["key", "show-id"]).await.stdout;
    assert!(
        new != old
            && rotated
                .stdout
                .contains(&format!("sealed 2 values anew, with master key {}", new.trim())),
        "{}",
        rotated.stdout
    );
    assert_eq!(
        std::fs::read_to_string(shell.path("master.key"))
            .unwrap()
            .lines()
            .count(),
        2
    );
    let pruned = shell.run(&["key", "prune"]).await;
    assert!(
        pruned.stdout.contains(&format!("took {} out", old.trim())),
        "{}",
        pruned.stdout
    );
    assert_eq!(
        std::fs::read_to_string(shell.path("master.key"))
            .unwrap()
            .lines()
            .count(),
        1
    );
    #[cfg(unix)]
    assert_eq!(mode(&shell.path("master.key")), 0o600);
    assert_eq!(
        served.ask(&token, Method::POST, &test, Value::Null).await.1["ok"],
        true,
        "the server goes on"
    );
    served.stop().await;
    assert_eq!(
        shell
            .run(&["account", "test", account["id"].as_str().unwrap()])
            .await
            .code,
        Some(0)
    );

    // With the keys in the environment.
    let key = std::fs::read_to_string(shell.path("master.key")).unwrap();
    let alone = Shell {
        data: shell.data,
        environment: BTreeMap::new(),
    }
    .with("DESKHAND_MASTER_KEY", key.trim());
    assert!(
        alone
            .run(&["key", "rotate"])
            .await
            .misuse()
            .contains("put a new one before it")
    );
    assert!(
        alone
            .run(&["key", "prune"])
            .await
            .misuse()
            .contains("DESKHAND_MASTER_KEY")
    );
    let newest = alone.run(&["key", "generate"]).await.stdout;
    let both = format!("{},{}", newest.trim(), key.trim());
    let both = Shell {
        data: alone.data,
        environment: BTreeMap::new(),
    }
    .with("DESKHAND_MASTER_KEY", &both);
    assert!(
        both.run(&["key", "rotate"])
            .await
            .stdout
            .contains("sealed 2 values anew")
    );
    let after = Shell {
        data: both.data,
        environment: BTreeMap::new(),
    }
    .with("DESKHAND_MASTER_KEY", newest.trim());
    assert_eq!(
        after
            .run(&["account", "test", account["id"].as_str().unwrap()])
            .await
            .code,
        Some(0)
    );
}

#[tokio::test]
async fn processes_on_one_postgresql_need_one_key() {
    let database = deskhand_test_postgres::databases::Database::create().await;
    let on = |data: &str| {
        Shell::new()
            .with("DESKHAND_DATABASE_URL", database.url())
            .with("DESKHAND_KEY_FILE", data)
    };
    let keys = TempDir::new().unwrap();
    let (here, elsewhere) = (keys.path().join("here.key"), keys.path().join("elsewhere.key"));
    let one = on(here.to_str().unwrap());
    let mut served = one.serve().await;
    let token = served.line("dh_").await.trim().to_owned();

    let stranger = on(elsewhere.to_str().unwrap());
    let refused = stranger.run(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert!(
        refused.misuse().contains("the database is sealed with master key"),
        "{}",
        refused.stderr
    );
    assert!(!elsewhere.exists());
    std::fs::copy(&here, &elsewhere).unwrap();
    let other = stranger.serve().await;
    assert_eq!(
        other
            .ask(&token, Method::GET, "/integrated-account", Value::Null)
            .await
            .0,
        200
    );

    let (logs, _) = served.stop().await;
    for told in [
        "Every process on this database needs the same key",
        "every other process on this database needs the same key",
    ] {
        assert!(logs.contains(told), "{logs}");
    }
    let password = database
        .url()
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('@'));
    let password = password
        .and_then(|(user, _)| user.split_once(':'))
        .map(|(_, password)| password);
    assert!(password.is_none_or(|password| password.is_empty() || !logs.contains(password)));
    let (logs, rest) = other.stop().await;
    assert!(
        !logs.contains("made a master key") && !rest.contains("dh_"),
        "{logs}{rest}"
    );
}
