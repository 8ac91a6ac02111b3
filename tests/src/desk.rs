//! The real program in front of a simulated helpdesk, and real MCP clients for it.

use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use deskhand_simulator::{Control, Options, Running, Simulator};
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use serde_json::{Map, Value};
use tempfile::TempDir;

/// A connected MCP client.
pub type Client = RunningService<RoleClient, ()>;

/// Longest wait for anything. It ends a test that hangs; no test is about how long something takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Environment variables of a child process.
pub type Environment = Vec<(String, String)>;

/// The built `deskhand`. `DESKHAND_BIN` names another one to test.
///
/// # Panics
/// It cannot be built.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
        if let Some(named) = std::env::var_os("DESKHAND_BIN") {
            return named.into();
        }
        // Cargo builds no binaries of dependencies for a test.
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "build",
            "--quiet",
            "--package=deskhand",
            "--bin=deskhand",
            "--message-format=json",
        ]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        // What cargo tells about this crate does not hold for others; build scripts that look at it would run anew,
        // and everything above them be compiled again.
        for (name, _) in std::env::vars_os() {
            let told = name.to_string_lossy();
            if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
                build.env_remove(&name);
            }
        }
        let built = build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).output();
        let built = built.expect("cargo can be started");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let messages = String::from_utf8_lossy(&built.stdout);
        let executable = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| {
                let is_it = message["reason"] == "compiler-artifact" && message["target"]["name"] == "deskhand";
                Some(PathBuf::from(message["executable"].as_str().filter(|_| is_it)?))
            });
        executable.expect("cargo names what it built")
    });
    &BINARY
}

/// The program with these arguments, and of all settings only these.
#[must_use]
pub fn command(arguments: &[&str], environment: &[(String, String)]) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("DESKHAND_") || name_text == "RUST_LOG" {
            command.env_remove(&name);
        }
    }
    command.args(arguments);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

/// Runs the program to its end, with this text on stdin.
///
/// # Panics
/// It cannot be started.
#[must_use]
pub fn run(arguments: &[&str], environment: &[(String, String)], stdin: &str) -> Output {
    let mut command = command(arguments, environment);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("stdin is a pipe");
    // A program that reads no stdin may be gone by now.
    let _ = input.write_all(stdin.as_bytes());
    drop(input);
    child.wait_with_output().expect("the program can be waited for")
}

/// A simulated helpdesk.
pub struct Desk {
    slug: &'static str,
    /// The simulator.
    pub running: Running,
}

impl Desk {
    /// One without a rate limit.
    pub async fn start(slug: &'static str) -> Self {
        let plan = "unlimited".to_owned();
        Self::with(
            slug,
            Options {
                plan,
                ..Options::default()
            },
        )
        .await
    }

    /// One with these options.
    ///
    /// # Panics
    /// They are refused.
    pub async fn with(slug: &'static str, options: Options) -> Self {
        let running = Simulator::serve(slug, options, ([127, 0, 0, 1], 0).into()).await;
        Self {
            slug,
            running: running.expect("the simulator starts"),
        }
    }

    /// Looks into the simulator and makes it misbehave.
    #[must_use]
    pub fn control(&self) -> Control {
        self.running.control()
    }

    /// All records of all tenants.
    #[must_use]
    pub fn state(&self) -> Value {
        self.control().state()
    }

    /// One of the usual credentials of the first tenant.
    ///
    /// # Panics
    /// There is none of this name.
    #[must_use]
    pub fn credential(&self, name: &str) -> String {
        self.running.credentials()[name].clone()
    }

    /// The first tenant as the program's account, with the usual credentials.
    #[must_use]
    pub fn account(&self) -> Environment {
        account(self.slug, &self.running.base_url(), self.running.credentials())
    }

    /// The same with credentials of another kind.
    ///
    /// # Panics
    /// There is no such kind.
    #[must_use]
    pub fn account_with(&self, access: &str) -> Environment {
        let credentials = self.running.credentials_with("acme", access);
        let credentials = credentials.expect("the simulator has credentials of this kind");
        account(self.slug, &self.running.base_url(), credentials)
    }
}

/// An account as environment variables.
#[must_use]
pub fn account<N: AsRef<str>, V: Into<String>>(
    slug: &str,
    base_url: &str,
    settings: impl IntoIterator<Item = (N, V)>,
) -> Environment {
    let name = |field: &str| format!("DESKHAND_{}_{}", slug.to_uppercase(), field.to_uppercase());
    let settings = settings.into_iter();
    let settings = settings.map(|(field, value)| (name(field.as_ref()), value.into()));
    settings.chain([(name("base_url"), base_url.to_owned())]).collect()
}

/// A Desk365 account as environment variables.
#[must_use]
pub fn desk365(base_url: &str, subdomain: &str, key: &str) -> Environment {
    account("desk365", base_url, [("subdomain", subdomain), ("api_key", key)])
}

/// The same environment and one more variable.
#[must_use]
pub fn with(mut environment: Environment, name: &str, value: &str) -> Environment {
    environment.push((name.to_owned(), value.to_owned()));
    environment
}

/// What a stream has held so far.
#[derive(Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Keeps what the stream has until it ends.
    pub fn follow(&self, mut stream: impl Read + Send + 'static) -> JoinHandle<()> {
        let kept = self.clone();
        std::thread::spawn(move || {
            let mut chunk = [0; 8 * 1024];
            while let Ok(read @ 1..) = stream.read(&mut chunk) {
                let mut kept = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&chunk[..read]);
            }
        })
    }

    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }
}

/// What a process logs until it ends.
pub struct Logs(Captured, JoinHandle<()>);

impl Logs {
    /// All of it, once the process has ended.
    ///
    /// # Panics
    /// It could not be read.
    #[must_use]
    pub fn whole(self) -> String {
        self.1.join().expect("the logs were read");
        self.0.text()
    }
}

/// The program serving MCP over HTTP on a free port; it ends with this value.
pub struct Served {
    child: Child,
    /// What it keeps, such as its database.
    _data: TempDir,
    followed: Vec<JoinHandle<()>>,
    /// Address of the MCP server, token included.
    pub url: String,
    /// What it printed.
    pub stdout: Captured,
    /// What it logged.
    pub stderr: Captured,
}

impl Served {
    /// Starts `deskhand serve`.
    pub async fn start(environment: &[(String, String)]) -> Self {
        Self::of(&["serve", "--listen", "127.0.0.1:0"], environment).await
    }

    /// Starts the program with these arguments, which make it serve.
    ///
    /// # Panics
    /// It ends, or tells no address.
    pub async fn of(arguments: &[&str], environment: &[(String, String)]) -> Self {
        let data = TempDir::new().expect("a directory can be made");
        let mut command = command(arguments, environment);
        command
            .env("DESKHAND_DATA_DIR", data.path())
            // One that is given, so that none is made and nothing has to be said about it.
            .env("DESKHAND_MASTER_KEY", "0f".repeat(32))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (stdout, stderr) = (Captured::default(), Captured::default());
        let followed = vec![
            stdout.follow(child.stdout.take().expect("stdout is a pipe")),
            stderr.follow(child.stderr.take().expect("stderr is a pipe")),
        ];
        let find = |text: String| {
            let at = text.find("/mcp/dh_")?;
            let start = text[..at].rfind("http://")?;
            let line = text[start..].split_once('\n')?.0;
            Some(line.trim().to_owned())
        };
        let url = eventually("the address is printed", || {
            let ended = child.try_wait().expect("the process can be looked at");
            assert!(ended.is_none(), "the program has ended: {}", stderr.text());
            std::future::ready(find(stdout.text()))
        })
        .await;
        Self {
            child,
            _data: data,
            followed,
            url,
            stdout,
            stderr,
        }
    }

    /// Address without the token.
    #[must_use]
    pub fn base(&self) -> &str {
        self.url.split("/mcp/").next().unwrap_or_default()
    }

    /// The secret at the end of the address.
    #[must_use]
    pub fn token(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }

    /// A client that has said hello.
    ///
    /// # Panics
    /// It is not let in.
    pub async fn client(&self) -> Client {
        connect(&self.url).await
    }

    /// Whether the process runs.
    ///
    /// # Panics
    /// The system does not tell.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("the process can be looked at").is_none()
    }

    /// How many sockets the process has open.
    ///
    /// # Panics
    /// The system does not tell.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("open files are told");
        let targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        targets
            .filter(|target| target.to_string_lossy().starts_with("socket:"))
            .count()
    }

    /// Ends the process and gives what it printed and logged.
    ///
    /// # Panics
    /// It cannot be ended.
    #[must_use]
    pub fn end(mut self) -> (String, String) {
        self.child.kill().expect("the process can be ended");
        self.child.wait().expect("the process ends");
        for thread in self.followed.drain(..) {
            thread.join().expect("the output was read");
        }
        (self.stdout.text(), self.stderr.text())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP client for this machine: no proxy, and no TLS that would trust anybody.
///
/// # Panics
/// It cannot be made.
#[must_use]
pub fn http() -> reqwest::Client {
    http_builder().build().expect("a client can be made")
}

/// What [`http`] is made of.
///
/// # Panics
/// The provider does not know the protocol.
pub fn http_builder() -> reqwest::ClientBuilder {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the protocol")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    client.timeout(PATIENCE)
}

/// An MCP client over Streamable HTTP.
///
/// # Panics
/// It is not let in.
pub async fn connect(url: &str) -> Client {
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    let transport = StreamableHttpClientTransport::with_client(http(), config);
    rmcp::serve_client((), transport).await.expect("the client connects")
}

/// `deskhand stdio` of a helpdesk with an MCP client at its pipes, and what it logs.
///
/// # Panics
/// It cannot be started, or does not speak MCP.
pub async fn stdio(helpdesk: &str, environment: &[(String, String)]) -> (Client, Logs) {
    stdio_with(&["stdio", helpdesk], environment).await
}

/// A client of the program with these arguments, which let it speak MCP on its stdin and stdout, and what it logs.
///
/// # Panics
/// It cannot be started, or does not speak MCP.
pub async fn stdio_with(arguments: &[&str], environment: &[(String, String)]) -> (Client, Logs) {
    let command = tokio::process::Command::from(command(arguments, environment));
    let (logs, log_writer) = std::io::pipe().expect("a pipe can be made");
    let (transport, _) = TokioChildProcess::builder(command)
        .stderr(log_writer)
        .spawn()
        .expect("the program starts");
    let captured = Captured::default();
    let followed = captured.follow(logs);
    let client = rmcp::serve_client((), transport).await.expect("the client connects");
    (client, Logs(captured, followed))
}

/// Calls a tool.
///
/// # Panics
/// There is no answer, or it breaks the rule that the text of a result is its structured content.
pub async fn call(client: &Client, tool: &str, arguments: Value) -> CallToolResult {
    let Value::Object(arguments) = arguments else {
        panic!("arguments are an object")
    };
    let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
    let answered = tokio::time::timeout(PATIENCE, client.call_tool(params)).await;
    let result = answered.expect("the call ends").expect("a call is no protocol fault");
    let content = serde_json::to_value(&result.content).expect("content is JSON");
    let items = content.as_array().expect("content is a list");
    assert_eq!(items.len(), 1, "{tool}: {content}");
    assert_eq!(items[0]["type"], "text");
    let text = items[0]["text"].as_str().expect("the item has a text");
    let told: Value = serde_json::from_str(text).expect("the text is JSON");
    assert_eq!(Some(&told), result.structured_content.as_ref(), "{tool}");
    assert!(told.is_object(), "{tool}: {told}");
    assert_eq!(
        told.get("error").is_some_and(Value::is_object),
        result.is_error == Some(true),
        "{tool}: {told}"
    );
    result
}

/// Calls a tool that answers.
///
/// # Panics
/// It fails.
pub async fn ask(client: &Client, tool: &str, arguments: Value) -> Value {
    let result = call(client, tool, arguments).await;
    assert_ne!(result.is_error, Some(true), "{tool}: {:?}", result.structured_content);
    result.structured_content.unwrap_or_default()
}

/// Calls a tool that fails; gives what is under `error`.
///
/// # Panics
/// It answers.
pub async fn fail(client: &Client, tool: &str, arguments: Value) -> Value {
    let result = call(client, tool, arguments).await;
    assert_eq!(result.is_error, Some(true), "{tool}: {:?}", result.structured_content);
    result.structured_content.unwrap_or_default()["error"].take()
}

/// Looks again and again until there is something.
///
/// # Panics
/// There never is.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, found).await;
    found.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

/// Every place where two JSON values differ, as pointers, with what stands there afterwards; `null` for what is gone.
///
/// A member or item that one side lacks is one place, whatever it holds.
#[must_use]
pub fn changes(before: &Value, after: &Value) -> Map<String, Value> {
    fn walk(before: Option<&Value>, after: Option<&Value>, at: &str, found: &mut Map<String, Value>) {
        match (before, after) {
            // Most of what is compared has not changed, and its places need not be named.
            (before, after) if before == after => {}
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
                    let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                    walk(old.get(name), new.get(name), &place, found);
                }
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) => {
                for index in 0..old.len().max(new.len()) {
                    walk(old.get(index), new.get(index), &format!("{at}/{index}"), found);
                }
            }
            (_, after) => {
                found.insert(at.to_owned(), after.cloned().unwrap_or_default());
            }
        }
    }
    let mut found = Map::new();
    walk(Some(before), Some(after), "", &mut found);
    found
}
