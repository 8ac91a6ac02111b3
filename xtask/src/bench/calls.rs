//! What the server adds to a call.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fixture::{Call, Fixture};
use super::program::{self, Served};
use super::{Figure, stats, wire};

/// Calls come in blocks, in turn straight to the upstream and through the server, so that both see
/// the same machine.
const BLOCKS: usize = 10;
/// Calls in one block, shared by its connections.
const BLOCK: usize = 640;
/// Blocks before the counted ones.
const WARM_UP: usize = 2;

/// The same call over kept-alive connections of the loopback address: straight to an upstream that
/// answers at once, and as a tool call through a release `deskhand serve` in front of it. The client
/// is the same one, in this process; the client, the server and the upstream share the machine's
/// cores. What is added is the difference of the medians.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::server(root)?;
    let fixture = Fixture::read(root)?;
    let upstream = wire::upstream(&fixture, Duration::ZERO).map_err(|error| error.to_string())?;
    let served = Served::declared(&program, &fixture, upstream)?;
    let mut figures = Vec::new();
    for call in [&fixture.record, &fixture.page] {
        let direct = Target::new(upstream, wire::get(upstream, &call.request));
        let through = Target::call(served.address, &served.key, call);
        checked(&through)?;
        for connections in [1, 32] {
            let what = &call.what;
            eprintln!("  {what}, {connections} connections");
            figures.extend(compare(
                &format!("{what} × {connections}"),
                connections,
                &direct,
                &through,
                &served,
            )?);
        }
    }
    Ok(figures)
}

/// A request and where it goes.
pub(super) struct Target {
    address: SocketAddr,
    request: Vec<u8>,
}

impl Target {
    pub(super) fn new(address: SocketAddr, request: Vec<u8>) -> Self {
        Self { address, request }
    }

    /// A tool call to the MCP server at this path.
    pub(super) fn call(address: SocketAddr, path: &str, call: &Call) -> Self {
        let params = json!({"name": call.tool, "arguments": call.arguments});
        Self::new(address, wire::mcp(address, path, "tools/call", &params))
    }
}

/// Makes sure that a call works before it is measured.
pub(super) fn checked(target: &Target) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let mut connection = wire::Connection::open(target.address).map_err(failed)?;
    let body = connection.round_trip(&target.request).map_err(failed)?;
    let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    match answer.pointer("/result/isError") {
        Some(Value::Bool(false)) => Ok(()),
        _ => Err(format!("the call to be measured fails: {answer}")),
    }
}

/// How a block of calls went.
#[derive(Default)]
pub(super) struct Block {
    /// Time of each call.
    pub(super) each: Vec<Duration>,
    /// Time of all of them.
    pub(super) whole: Duration,
}

/// Calls one target over so many connections at once, from when all of them are open.
pub(super) fn block(target: &Target, connections: usize, calls: usize) -> Result<Block, String> {
    let ready = Barrier::new(connections + 1);
    let workers = || -> std::io::Result<Vec<Duration>> {
        let opened = wire::Connection::open(target.address);
        ready.wait();
        let mut connection = opened?;
        let mut each = Vec::with_capacity(calls / connections);
        for _ in 0..calls / connections {
            let start = Instant::now();
            connection.round_trip(&target.request)?;
            each.push(start.elapsed());
        }
        Ok(each)
    };
    let mut start = Instant::now();
    let ended: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..connections).map(|_| scope.spawn(workers)).collect();
        ready.wait();
        start = Instant::now();
        running.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let mut block = Block::default();
    for worker in ended {
        let each = worker.map_err(|_| "a client thread panicked".to_owned())?;
        block.each.extend(each.map_err(|error| error.to_string())?);
    }
    block.whole = start.elapsed();
    Ok(block)
}

fn compare(
    what: &str,
    connections: usize,
    direct: &Target,
    through: &Target,
    served: &Served,
) -> Result<Vec<Figure>, String> {
    for _ in 0..WARM_UP {
        block(direct, connections, BLOCK)?;
        block(through, connections, BLOCK)?;
    }
    let (mut plain, mut tools) = (Vec::new(), Vec::new());
    let mut wholes = Vec::new();
    let before = served.cpu();
    for _ in 0..BLOCKS {
        plain.extend(block(direct, connections, BLOCK)?.each);
        let block = block(through, connections, BLOCK)?;
        tools.extend(block.each);
        wholes.push(block.whole);
    }
    let used = served
        .cpu()
        .zip(before)
        .map(|(after, before)| after.saturating_sub(before));
    let added = stats::median(&mut tools).saturating_sub(stats::median(&mut plain));
    let figure = |name: &str, value: Duration| Figure::new(format!("{what}: {name}"), stats::millis(value), "ms");
    let mut figures = vec![
        figure("straight, p50", stats::median(&mut plain)),
        figure("straight, p99", stats::quantile(&mut plain, 0.99)),
        figure("tool call, p50", stats::median(&mut tools)),
        figure("tool call, p99", stats::quantile(&mut tools, 0.99)),
        figure("added, p50", added),
        Figure::new(
            format!("{what}: tool calls"),
            BLOCK as f64 / stats::median(&mut wholes).as_secs_f64(),
            "1/s",
        ),
    ];
    if let Some(used) = used {
        let each = used.as_secs_f64() * 1e6 / tools.len() as f64;
        figures.push(Figure::new(
            format!("{what}: server's processor time each"),
            each,
            "µs CPU",
        ));
    }
    Ok(figures)
}
