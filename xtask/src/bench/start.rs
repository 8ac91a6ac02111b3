//! How long an MCP client that starts the server itself waits for the list of tools.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fixture::Fixture;
use super::{Figure, program, stats};
use crate::shell;

const SPAWNS: usize = 20;

/// From the spawn of a `deskhand stdio` to the whole answer to `tools/list`, the handshake
/// before it included, over so many spawns. `deskhand --version` is what a process costs that does
/// nothing. Runs before the first counted one have filled the page cache.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::server(root)?;
    let fixture = Fixture::read(root)?;
    // Nothing is asked there.
    let environment = fixture.environment("127.0.0.1:9");
    let stdio = || program::command(&program, &["stdio", fixture.slug()], &environment);
    let (_, answer) = first_list(stdio())?;
    let listed: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    let tools = listed
        .pointer("/result/tools")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    if tools == 0 {
        return Err("`deskhand stdio` lists no tools".to_owned());
    }
    let mut started = Vec::new();
    let mut nothing = Vec::new();
    for _ in 0..SPAWNS {
        started.push(first_list(stdio())?.0);
        let mut version = Command::new(&program);
        version.arg("--version");
        nothing.push(shell::measure(version)?.wall);
    }
    Ok(vec![
        Figure::new("tools listed", tools as f64, ""),
        Figure::new("answer to tools/list", answer.trim_end().len() as f64, "bytes"),
        Figure::new(
            "spawn to that answer, median",
            stats::millis(stats::median(&mut started)),
            "ms",
        )
        .at_most(50.0),
        Figure::new(
            "… at most, of 20",
            stats::millis(stats::quantile(&mut started, 1.0)),
            "ms",
        ),
        Figure::new(
            "spawn of --version, median",
            stats::millis(stats::median(&mut nothing)),
            "ms",
        ),
    ])
}

/// Starts the program, asks for the tools, and says how long it took and what came.
fn first_list(mut command: Command) -> Result<(Duration, String), String> {
    let hello =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}});
    let requests = [
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}),
    ];
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| shell::cannot_run(&command, &error))?;
    let talked = (|| {
        let (mut stdin, stdout) = (child.stdin.take()?, child.stdout.take()?);
        let mut stdout = BufReader::new(stdout);
        let mut answer = String::new();
        writeln!(stdin, "{}", requests[0]).ok()?;
        stdout.read_line(&mut answer).ok()?;
        answer.clear();
        writeln!(stdin, "{}\n{}", requests[1], requests[2]).ok()?;
        stdout.read_line(&mut answer).ok()?;
        Some((start.elapsed(), answer))
    })();
    program::end(&mut child);
    talked.ok_or_else(|| format!("`{}` did not answer", shell::shown(&command)))
}
