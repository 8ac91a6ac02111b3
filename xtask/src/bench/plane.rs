//! A server that is set up over its REST API, as a platform engineer does it.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};

use super::fixture::Fixture;
use super::program::Served;
use super::wire;

/// A running server on an empty database, with one account.
pub(super) struct Plane {
    pub(super) served: Served,
    connection: wire::Connection,
    account: String,
}

impl Plane {
    /// Starts it, on a file of its own or on the database named, and connects the account.
    pub(super) fn start(
        program: &Path,
        fixture: &Fixture,
        upstream: SocketAddr,
        database: Option<&str>,
    ) -> Result<Self, String> {
        let served = Served::empty(program, database)?;
        let connection = wire::Connection::open(served.address).map_err(|error| error.to_string())?;
        let mut plane = Self {
            served,
            connection,
            account: String::new(),
        };
        plane.connect(&fixture.account(&upstream.to_string()))?;
        Ok(plane)
    }

    /// Connects another account, whose MCP servers are made from now on.
    pub(super) fn connect(&mut self, account: &Value) -> Result<(), String> {
        let made = self.ask("/integrated-account", Some(account))?;
        self.account = text(&made, "id")?;
        Ok(())
    }

    /// Makes an MCP server; gives its path, token included.
    pub(super) fn server(&mut self, name: &str, config: &Value) -> Result<String, String> {
        let path = format!("/integrated-account/{}/mcp", self.account);
        let made = self.ask(&path, Some(&json!({"name": name, "config": config})))?;
        Ok(format!("/mcp/{}", text(&made, "token")?))
    }

    /// How many calls could not be logged.
    pub(super) fn log_rows_lost(&mut self) -> Result<f64, String> {
        let metrics = self.send("/metrics", None)?;
        let metrics = String::from_utf8_lossy(&metrics);
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix("deskhand_log_rows_lost_total "));
        let number = line.and_then(|number| number.trim().parse().ok());
        number.ok_or_else(|| "/metrics does not tell how many calls could not be logged".to_owned())
    }

    /// Whether a call is in the log.
    pub(super) fn has_logged(&mut self) -> Result<bool, String> {
        let log = self.ask("/log?limit=1", None)?;
        Ok(log["result"].as_array().is_some_and(|calls| !calls.is_empty()))
    }

    /// Asks the REST API for something, or sends something to it.
    pub(super) fn ask(&mut self, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let answer = self.send(path, body)?;
        serde_json::from_slice(&answer).map_err(|error| format!("{path} answers no JSON: {error}"))
    }

    fn send(&mut self, path: &str, body: Option<&Value>) -> Result<Vec<u8>, String> {
        let request = wire::rest(self.served.address, &self.served.key, path, body);
        let answer = self.connection.round_trip(&request);
        answer.map(<[u8]>::to_vec).map_err(|error| format!("{path}: {error}"))
    }
}

fn text(answer: &Value, member: &str) -> Result<String, String> {
    let text = answer[member].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("an answer has no `{member}`"))
}
