//! What the server adds to a call.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::fixture::{Call, Fixture};
use super::program::{self, Served};
use super::traffic::{self, Block, Exchange};
use super::{Figure, stats, wire};

/// Calls come in blocks, in turn straight to the upstream and through the server, so that both see
/// the same machine.
const BLOCKS: usize = 10;
/// Calls in one block, shared by its connections.
const BLOCK: usize = 640;
/// Blocks before the counted ones.
const WARM_UP: usize = 2;

/// The same call over kept-alive connections of the loopback address: straight to an upstream that
/// answers at once, and as a tool call through a `deskhand serve` in front of it. The client
/// is the same one, in this process; the client, the server and the upstream share the machine's
/// cores. What is added is the difference of the medians.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::server(root)?;
    let fixture = Fixture::read(root)?;
    let upstream = traffic::upstream(&fixture, Duration::ZERO).map_err(|error| error.to_string())?;
    let served = Served::declared(&program, &fixture, upstream)?;
    let mut figures = Vec::new();
    for call in [&fixture.record, &fixture.page] {
        let direct = Target::new(upstream, wire::get(upstream, &call.request))?;
        let through = Target::call(served.address, &served.key, call)?;
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

/// A request, where it goes, and the answer, which is the same each time.
pub(super) struct Target {
    address: SocketAddr,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Target {
    /// Asks once.
    pub(super) fn new(address: SocketAddr, request: Vec<u8>) -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        let mut connection = wire::Connection::open(address).map_err(failed)?;
        let answer = connection.round_trip(&request).map_err(failed)?.to_vec();
        Ok(Self {
            address,
            request,
            answer,
        })
    }

    /// A tool call to the MCP server at this path. It is made once, and has to work.
    pub(super) fn call(address: SocketAddr, path: &str, call: &Call) -> Result<Self, String> {
        let params = json!({"name": call.tool, "arguments": call.arguments});
        let target = Self::new(address, wire::mcp(address, path, "tools/call", &params))?;
        let answer: Value = serde_json::from_slice(&target.answer).map_err(|error| error.to_string())?;
        match answer.pointer("/result/isError") {
            Some(Value::Bool(false)) => Ok(target),
            _ => Err(format!("the call to be measured fails: {answer}")),
        }
    }

    /// Length of the answer's body, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.answer.len()
    }
}

/// Calls one target so often, over so many connections at once, which begin over `spread`.
pub(super) fn block(target: &Target, connections: usize, calls: usize, spread: Duration) -> Result<Block, String> {
    let exchange = Exchange {
        address: target.address,
        request: &target.request,
        answer: &target.answer,
    };
    traffic::block(&exchange, connections, calls, spread).map_err(|error| error.to_string())
}

fn compare(
    what: &str,
    connections: usize,
    direct: &Target,
    through: &Target,
    served: &Served,
) -> Result<Vec<Figure>, String> {
    for _ in 0..WARM_UP {
        block(direct, connections, BLOCK, Duration::ZERO)?;
        block(through, connections, BLOCK, Duration::ZERO)?;
    }
    let (mut plain, mut tools) = (Vec::new(), Vec::new());
    let mut rates = Vec::new();
    let before = served.cpu();
    for _ in 0..BLOCKS {
        plain.extend(block(direct, connections, BLOCK, Duration::ZERO)?.each);
        let block = block(through, connections, BLOCK, Duration::ZERO)?;
        tools.extend(block.each);
        rates.push(block.rate);
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
        Figure::new(format!("{what}: tool calls"), stats::middle(&mut rates), "1/s"),
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
