//! That the spec language says every hard case of two vendors, of a helpdesk made of awkward names, and of one that was
//! imported.
//!
//! The crates under test are generated from the sample specs of the generator. Each case is a real call over HTTP to
//! a server in the test: what must be sent, what the vendor answers and what must come of it are written by hand,
//! from the vendors' facts.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crisp;
mod crisp_messages;
mod gorgias;
mod lantern;
mod obstacles;
mod pages;
mod schemas;

use deskhand_runtime::client::{Call, Client};
use deskhand_runtime::operation::Api;
use deskhand_runtime::tool::ToolOutcome;
use deskhand_runtime::{Code, Connection, Error, Integration};
use deskhand_tests::cases::normalised;
use deskhand_tests::server::{RawServer, Reply, Seen};
use serde_json::{Value, json};

/// An account of a sample helpdesk, and the server that stands for the vendor.
struct Desk {
    server: RawServer,
    connection: Connection,
}

/// The settings of an account: variables and credentials.
type Settings<'a> = &'a [(&'a str, &'a str)];

fn connect(
    integration: &'static Integration,
    settings: Settings<'_>,
    base_url: Option<String>,
) -> Result<Connection, Error> {
    let builder = Connection::builder(integration).base_url(base_url);
    let with = |builder: deskhand_runtime::client::ConnectionBuilder, (name, value): &(&str, &str)| {
        builder.value(*name, *value)
    };
    settings.iter().fold(builder, with).build()
}

impl Desk {
    /// An account whose requests below `path` are answered one after the other; the last answer repeats.
    async fn start(integration: &'static Integration, settings: Settings<'_>, path: &str, replies: Vec<Reply>) -> Self {
        let server = RawServer::start(move |number, _| replies[number.min(replies.len() - 1)].clone()).await;
        let base = format!("http://{}{path}", server.host());
        let connection = connect(integration, settings, Some(base)).unwrap();
        Self { server, connection }
    }

    /// Calls a tool.
    async fn call(&self, tool: &str, arguments: Value) -> ToolOutcome {
        deskhand_tests::tool(&self.connection, tool, arguments).await
    }

    /// Calls a tool that answers.
    async fn ask(&self, tool: &str, arguments: Value) -> Value {
        let outcome = self.call(tool, arguments).await;
        outcome.result.unwrap_or_else(|error| panic!("{tool}: {error}"))
    }

    /// Calls a tool that fails; gives what is under `error`.
    async fn fail(&self, tool: &str, arguments: Value) -> Value {
        let outcome = self.call(tool, arguments).await;
        assert!(outcome.is_error(), "{tool}: {:#}", outcome.to_structured());
        outcome.into_structured()["error"].take()
    }

    /// Calls a tool whose arguments are refused: nothing is sent. Gives what is under `error`.
    async fn refused(&self, tool: &str, arguments: Value) -> Value {
        let error = self.fail(tool, arguments.clone()).await;
        assert_eq!(
            error["code"],
            json!("invalid_arguments"),
            "{tool} {arguments}: {error:#}"
        );
        assert_eq!(error["origin"], json!("deskhand"), "{tool} {arguments}: {error:#}");
        assert_eq!(error["status"], Value::Null, "{tool} {arguments}: {error:#}");
        assert_eq!(self.requests(), Vec::<String>::new(), "{tool} {arguments}");
        error
    }

    /// Calls a tool that refuses exactly one argument; gives its message.
    async fn refuses_only(&self, tool: &str, arguments: Value, argument: &str) -> String {
        let error = self.refused(tool, arguments).await;
        let faults = error["arguments"].as_array().unwrap();
        assert_eq!(faults.len(), 1, "{tool}: {error:#}");
        assert_eq!(faults[0]["argument"], json!(argument), "{tool}: {error:#}");
        faults[0]["message"].as_str().unwrap().to_owned()
    }

    /// Sends a typed call.
    async fn typed<C: Call>(&self, call: &C) -> Result<C::Answer, Error> {
        self.client::<C::Api>().send(call).await
    }

    fn client<A: Api>(&self) -> Client<A> {
        Client::new(self.connection.clone()).unwrap()
    }

    /// What came since the last time, each request as text.
    fn requests(&self) -> Vec<String> {
        let host = self.server.host();
        self.server.take().into_iter().map(|seen| shown(seen, &host)).collect()
    }

    /// The one request that came since the last time, as text.
    fn sent(&self) -> String {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests.remove(0)
    }

    /// Method and target of what came since the last time.
    fn targets(&self) -> Vec<String> {
        let seen = self.server.take().into_iter();
        seen.map(|seen| format!("{} {}", seen.method, seen.target)).collect()
    }
}

/// A request as text: its first line, its headers in the order of the alphabet, and its body.
///
/// Checked here and left out: `Host`, `User-Agent`, and that `Content-Length` is the length of the body.
fn shown(seen: Seen, host: &str) -> String {
    assert_eq!(seen.header("host"), [host], "{seen:?}");
    assert!(seen.header("user-agent").concat().starts_with("deskhand/"), "{seen:?}");
    let length = seen.header("content-length").concat();
    let told = length.is_empty() && seen.body.is_empty();
    assert!(told || length == seen.body.len().to_string(), "{seen:?}");
    let seen = normalised(seen);
    let mut headers: Vec<String> = seen
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| !["host", "user-agent", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    headers.sort();
    let body = String::from_utf8_lossy(&seen.body);
    format!("{} {}\n{}\n{body}", seen.method, seen.target, headers.concat())
}

/// A request as [`shown`] gives it: `json` is the body, empty for none.
fn request(line: &str, headers: &[&str], json: &str) -> String {
    let mut headers = headers.to_vec();
    if !json.is_empty() {
        headers.push("content-type: application/json");
    }
    headers.sort_unstable();
    let headers: String = headers.iter().map(|header| format!("{header}\n")).collect();
    format!("{line}\n{headers}\n{json}")
}

/// An answer of status 200.
fn ok(body: Value) -> Reply {
    Reply::json(200, body.to_string())
}

/// An answer without a body.
fn empty(status: u16) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        body: Vec::new(),
    }
}

fn code(error: &Value) -> &str {
    error["code"].as_str().unwrap()
}

/// Arguments together with a cursor.
fn with_cursor(arguments: &Value, cursor: &Value) -> Value {
    let mut arguments = arguments.clone();
    arguments["next_cursor"] = cursor.clone();
    arguments
}

/// The failure of a typed call.
fn typed_code<T>(result: Result<T, Error>) -> Code {
    match result {
        Ok(_) => panic!("it answered"),
        Err(error) => error.code(),
    }
}
