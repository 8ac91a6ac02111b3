//! Drives the client of rmcp by commands, one line of JSON each; `tests/clients/javascript/driver.mjs` tells them.

use std::io::{BufRead as _, Write as _};

use deskhand_tests::desk::http;
use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest, ContentBlock, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, PeerRequestOptions, RequestHandle, RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

type Client = RunningService<RoleClient, ()>;

/// The client, and a call of it that goes on.
#[derive(Default)]
struct Driver {
    client: Option<Client>,
    started: Option<RequestHandle<RoleClient>>,
}

/// An error in its own words, and those of what caused it.
fn told(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}

fn params(command: &Value) -> CallToolRequestParams {
    let tool = command["tool"].as_str().unwrap_or_default().to_owned();
    let arguments = command["arguments"].as_object().cloned().unwrap_or_default();
    CallToolRequestParams::new(tool).with_arguments(arguments)
}

impl Driver {
    fn client(&self) -> Result<&Client, String> {
        self.client.as_ref().ok_or_else(|| "not open".to_owned())
    }

    async fn open(&mut self, command: &Value) -> Result<Value, String> {
        let config = StreamableHttpClientTransportConfig::with_uri(command["url"].as_str().unwrap_or_default());
        let transport = StreamableHttpClientTransport::with_client(http(), config);
        let lifecycle = match command["era"].as_str() {
            Some("stateless") => ClientLifecycleMode::Discover {
                preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            },
            _ => ClientLifecycleMode::Initialize,
        };
        let opened = rmcp::service::serve_client_with_lifecycle((), transport, lifecycle).await;
        self.client = Some(opened.map_err(|error| told(&error))?);
        Ok(json!({"ok": true}))
    }

    async fn list(&self) -> Result<Value, String> {
        let tools = self.client()?.list_all_tools().await.map_err(|error| told(&error))?;
        let tools = tools
            .iter()
            .map(|tool| json!({"name": tool.name, "schema": *tool.input_schema}));
        Ok(json!({"tools": tools.collect::<Vec<_>>()}))
    }

    async fn call(&self, command: &Value) -> Result<Value, String> {
        let result = self
            .client()?
            .call_tool(params(command))
            .await
            .map_err(|error| told(&error))?;
        let texts = result.content.iter().filter_map(ContentBlock::as_text);
        let shown: Vec<&str> = texts.map(|text| text.text.as_str()).collect();
        Ok(json!({
            "answer": result.structured_content,
            "error": result.is_error == Some(true),
            "shown": shown.join("\n"),
        }))
    }

    async fn start(&mut self, command: &Value) -> Result<Value, String> {
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params(command)));
        let options = PeerRequestOptions::no_options();
        let started = self.client()?.send_cancellable_request(request, options).await;
        self.started = Some(started.map_err(|error| told(&error))?);
        Ok(json!({"ok": true}))
    }

    async fn abort(&mut self) -> Result<Value, String> {
        let started = self.started.take().ok_or("nothing was started")?;
        started.cancel(None).await.map_err(|error| told(&error))?;
        Err("given up".to_owned())
    }

    async fn follow(&mut self, command: &Value) -> Result<Value, String> {
        match command["do"].as_str().unwrap_or_default() {
            "open" => self.open(command).await,
            "list" => self.list().await,
            "call" => self.call(command).await,
            "start" => self.start(command).await,
            "abort" => self.abort().await,
            "close" => {
                if let Some(client) = self.client.take() {
                    client.cancel().await.map_err(|error| error.to_string())?;
                }
                Ok(json!({"ok": true}))
            }
            other => Err(format!("`{other}` is no command")),
        }
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> std::io::Result<()> {
    let mut driver = Driver::default();
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        let answer = driver.follow(&command).await;
        let answer = answer.unwrap_or_else(|failed| json!({"failed": failed}));
        writeln!(std::io::stdout(), "{answer}")?;
    }
    Ok(())
}
