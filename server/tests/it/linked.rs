//! The program with the helpdesks it is built with, each played by its simulator.

use std::collections::BTreeMap;
use std::process::Stdio;

use deskhand::accounts::variable;
use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::operation::{Integration, Operation, Tool};
use deskhand_simulator::{Options, Running, Simulator};
use rmcp::model::CallToolRequestParams;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::toy::client;

/// A linked helpdesk, its simulator, and the environment of an account there.
struct Linked {
    integration: &'static Integration,
    simulator: Running,
    environment: BTreeMap<String, String>,
    data: TempDir,
}

async fn linked() -> Vec<Linked> {
    let mut all = Vec::new();
    for integration in INTEGRATIONS {
        let known = deskhand_simulator::available()
            .iter()
            .find(|known| known.slug == integration.slug);
        let Some(known) = known else { continue };
        let unlimited = known
            .plans
            .iter()
            .find(|plan| plan.calls.is_none())
            .expect("a plan without limit");
        let options = Options {
            plan: unlimited.name.to_owned(),
            ..Options::default()
        };
        let simulator = Simulator::serve(integration.slug, options, ([127, 0, 0, 1], 0).into())
            .await
            .unwrap();
        let mut environment: BTreeMap<String, String> = simulator
            .credentials()
            .into_iter()
            .map(|(field, value)| (variable(integration, &field), value))
            .collect();
        environment.insert(variable(integration, "BASE_URL"), simulator.base_url());
        all.push(Linked {
            integration,
            simulator,
            environment,
            data: TempDir::new().unwrap(),
        });
    }
    assert!(!all.is_empty(), "at least one linked helpdesk has a simulator");
    all
}

impl Linked {
    fn deskhand(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskhand"));
        command
            .env_clear()
            .envs(&self.environment)
            .env("DESKHAND_DATA_DIR", self.data.path())
            .args(arguments)
            .kill_on_drop(true);
        command
    }

    /// A tool that lists something and needs no argument.
    fn plain_list(&self) -> (&'static Operation, &'static Tool) {
        let options = deskhand_runtime::schema::SchemaOptions {
            variables_present: self
                .integration
                .variables
                .iter()
                .map(|variable| variable.name.to_owned())
                .collect(),
            ..Default::default()
        };
        let needs_nothing = |operation: &Operation| {
            let schema = deskhand_runtime::schema::input_schema(operation, &options);
            schema
                .get("required")
                .and_then(Value::as_array)
                .is_none_or(Vec::is_empty)
        };
        self.integration
            .tools()
            .find(|(operation, _)| operation.method == "list" && operation.pages.is_some() && needs_nothing(operation))
            .expect("a list without required arguments")
    }

    fn names(&self) -> Vec<&'static str> {
        self.integration.tools().map(|(_, tool)| tool.name).collect()
    }
}

#[tokio::test]
async fn stdio_serves_a_client_that_starts_it() {
    for helpdesk in linked().await {
        let child = TokioChildProcess::new(helpdesk.deskhand(&["stdio", helpdesk.integration.slug])).unwrap();
        let client = rmcp::serve_client((), child).await.unwrap();
        let tools = client.list_all_tools().await.unwrap();
        assert_eq!(
            tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(),
            helpdesk.names()
        );
        let (_, list) = helpdesk.plain_list();
        let answer = client.call_tool(CallToolRequestParams::new(list.name)).await.unwrap();
        let content = answer.structured_content.unwrap();
        assert_eq!(answer.is_error, Some(false), "{content}");
        let result = content["result"].as_array().expect("a list");
        assert_eq!(content["result_count"], result.len());
        assert!(!helpdesk.simulator.control().requests().is_empty());
        client.cancel().await.unwrap();
    }
}

#[tokio::test]
async fn call_answers_on_stdout_and_by_exit_code() {
    for helpdesk in linked().await {
        let (_, list) = helpdesk.plain_list();
        let answered = helpdesk.deskhand(&["call", list.name]).output().await.unwrap();
        assert_eq!(
            answered.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&answered.stdout)
        );
        let answer: Value = serde_json::from_slice(&answered.stdout).unwrap();
        assert!(answer["result"].is_array());

        let sent = helpdesk.simulator.control().requests().len();
        let refused = helpdesk
            .deskhand(&["call", list.name, r#"{"no_such_argument": 1}"#])
            .output()
            .await
            .unwrap();
        assert_eq!(refused.status.code(), Some(1));
        let answer: Value = serde_json::from_slice(&refused.stdout).unwrap();
        assert_eq!(answer["error"]["code"], "invalid_arguments");
        assert_eq!(helpdesk.simulator.control().requests().len(), sent, "nothing was sent");

        let lost = helpdesk
            .deskhand(&["call", list.name])
            .env_clear()
            .output()
            .await
            .unwrap();
        assert_eq!(lost.status.code(), Some(2));
        assert!(lost.stdout.is_empty());
        let told = String::from_utf8(lost.stderr).unwrap();
        for setting in helpdesk
            .integration
            .credentials
            .iter()
            .filter(|setting| !setting.optional && setting.default.is_empty())
        {
            assert!(told.contains(&variable(helpdesk.integration, setting.name)), "{told}");
            assert!(told.contains(setting.help), "{told}");
        }
    }
}

#[tokio::test]
async fn the_example_of_a_call_can_be_called() {
    let all = linked().await;
    let first = all.first().unwrap();
    let help = first.deskhand(&["call", "--help"]).output().await.unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let example = help
        .lines()
        .find_map(|line| line.trim().strip_prefix("deskhand call "))
        .expect("an example");
    let (tool, arguments) = example.split_once(' ').unwrap();
    let output = first.deskhand(&["call", tool, arguments.trim_matches('\'')]).output();
    let output = output.await.unwrap();
    let answer = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{example}: {answer}");
}

#[tokio::test]
async fn serve_prints_an_url_that_works() {
    for helpdesk in linked().await {
        let server = format!("{}:read", helpdesk.integration.slug);
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--server", &server];
        let mut child = helpdesk
            .deskhand(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut filtered = false;
        let url = loop {
            let line = lines.next_line().await.unwrap().expect("an URL is printed");
            filtered |= line.contains(" tools with methods read (");
            if line.trim_start().starts_with("http://127.0.0.1:") {
                break line.trim().to_owned();
            }
        };
        assert!(filtered, "servers of one helpdesk can be told apart");
        let transport = StreamableHttpClientTransport::with_client(
            client(),
            StreamableHttpClientTransportConfig::with_uri(url.as_str()),
        );
        let client = rmcp::serve_client((), transport).await.unwrap();
        let tools = client.list_all_tools().await.unwrap();
        assert!(!tools.is_empty() && tools.len() < helpdesk.names().len());
        assert!(
            tools
                .iter()
                .all(|tool| tool.annotations.as_ref().unwrap().read_only_hint == Some(true))
        );
        client.cancel().await.unwrap();
        child.kill().await.unwrap();
        let logs = child.wait_with_output().await.unwrap().stderr;
        let logs = String::from_utf8(logs).unwrap();
        let token = url.rsplit_once('/').unwrap().1;
        assert!(!logs.contains(token));
        for setting in helpdesk.integration.credentials {
            if let Some(secret) = helpdesk.environment.get(&variable(helpdesk.integration, setting.name)) {
                assert!(!logs.contains(secret.as_str()), "{} is in the logs", setting.name);
            }
        }
    }
}

#[tokio::test]
async fn a_tour_is_not_torn_apart_by_logs_and_says_that_the_demo_goes_on() {
    // What it keeps goes with the test, though it is given no time to tidy up.
    let data = TempDir::new().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_deskhand"));
    demo.env_clear()
        .env("TMPDIR", data.path())
        .kill_on_drop(true)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut demo = demo
        .args(["demo", "--listen", "127.0.0.1:0", "--tour"])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut before = String::new();
    loop {
        let line = lines.next_line().await.unwrap().expect("the demo goes on");
        if line == "The MCP servers above go on; Ctrl-C ends them." {
            break;
        }
        before = line;
    }
    assert_eq!(before, "The tour has ended.");
    demo.kill().await.unwrap();
    let logs = demo.wait_with_output().await.unwrap().stderr;
    assert_eq!(String::from_utf8(logs).unwrap(), "");
}

#[tokio::test]
async fn the_demo_plays_its_tour_and_logs_no_secret_and_no_content() {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_deskhand"));
    demo.env_clear().env("DESKHAND_LOG", "trace").kill_on_drop(true);
    let played = demo
        .args(["demo", "--listen", "127.0.0.1:0", "--seed", "3", "--tour", "--exit"])
        .output()
        .await
        .unwrap();
    let told = String::from_utf8(played.stdout).unwrap();
    let logs = String::from_utf8(played.stderr).unwrap();
    assert_eq!(played.status.code(), Some(0), "{told}\n{logs}");
    assert!(
        told.contains("\"mcpServers\"") && told.contains("The tour has ended."),
        "{told}"
    );
    assert!(logs.contains("result=\"ok\""), "calls are logged: {logs}");

    let tokens = told
        .match_indices("dh_")
        .map(|(at, _)| told[at..].split(['"', '\n']).next().unwrap());
    for token in tokens {
        assert!(token.len() > 40 && !logs.contains(token), "a token is in the logs");
    }
    for helpdesk in linked().await {
        for setting in helpdesk.integration.credentials.iter().filter(|setting| setting.secret) {
            // An account is let in in one way, so that not all of them are there.
            let credentials = helpdesk.simulator.credentials();
            let Some(secret) = credentials.get(setting.name) else {
                continue;
            };
            assert!(!logs.contains(secret.as_str()), "{} is in the logs", setting.name);
        }
    }
    // Whatever the tour showed of answers is content, and none of it belongs in a log.
    for shown in told
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(_, value)| value.trim())
    {
        let telling = shown.len() > 20 && !shown.starts_with("http");
        assert!(!telling || !logs.contains(shown), "`{shown}` is in the logs");
    }
}
