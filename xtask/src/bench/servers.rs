//! Many stored MCP servers in one process.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::fixture::Fixture;
use super::plane::Plane;
use super::{Figure, program, stats, traffic, wire};

/// MCP servers of the process that has many.
const SERVERS: usize = 1000;
/// Rounds in which both sides list each kind of server.
const ROUNDS: usize = 15;
/// Lists of each kind in a round and on each side.
const EACH: usize = 16;

/// `tools/list` over one kept-alive connection to a `deskhand serve` that is set up over its REST API: one process
/// with 1,000 MCP servers of several kinds (filters, pinned values that no two servers share, discovery), asked with
/// random tokens, against one process for each kind with one server of that kind. Both list the same kinds equally often,
/// in turn.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::server(root)?;
    let fixture = Fixture::read(root)?;
    // Listing asks the helpdesk nothing.
    let upstream = traffic::upstream(&fixture, Duration::ZERO).map_err(|error| error.to_string())?;
    let memory = |plane: &Plane| {
        let memory = plane.served.memory();
        memory.ok_or("this system does not tell the memory of a process")
    };
    eprintln!("  {} processes with one MCP server each", fixture.kinds());
    let mut singles = Vec::new();
    for kind in 0..fixture.kinds() {
        let mut plane = Plane::start(&program, &fixture, upstream, None)?;
        let path = plane.server("One", &fixture.server(kind, 0))?;
        let lister = Lister::of(&plane, &[path])?;
        singles.push((plane, lister));
    }
    eprintln!("  one process with {SERVERS} MCP servers");
    let mut plane = Plane::start(&program, &fixture, upstream, None)?;
    let started = memory(&plane)?.resident;
    let mut paths = Vec::new();
    for number in 0..SERVERS {
        let config = fixture.server(number % fixture.kinds(), number);
        paths.push(plane.server(&format!("Server {number}"), &config)?);
    }
    let made = memory(&plane)?.resident;
    let mut many = Lister::of(&plane, &paths)?;
    eprintln!("  each token once");
    let mut bytes = 0;
    let mut first = Vec::new();
    for number in 0..SERVERS {
        let (took, length) = many.list(number)?;
        first.push(took);
        bytes += length;
    }
    let listed = memory(&plane)?.resident;
    for (_, single) in &mut singles {
        single.list(0)?;
    }
    eprintln!("  random tokens");
    let mut random = Random(1);
    let (mut alone, mut among) = (vec![Vec::new(); fixture.kinds()], vec![Vec::new(); fixture.kinds()]);
    for _ in 0..ROUNDS {
        for (kind, (_, single)) in singles.iter_mut().enumerate() {
            for _ in 0..EACH {
                alone[kind].push(single.list(0)?.0);
            }
            for _ in 0..EACH {
                let of_kind = SERVERS.div_ceil(fixture.kinds());
                let number = random.below(of_kind) * fixture.kinds() + kind;
                among[kind].push(many.list(number % SERVERS)?.0);
            }
        }
    }
    let ratio = |alone: &mut [Duration], among: &mut [Duration]| {
        stats::millis(stats::median(among)) / stats::millis(stats::median(alone)).max(1e-6)
    };
    let ratios = alone
        .iter_mut()
        .zip(&mut among)
        .map(|(alone, among)| ratio(alone, among));
    let worst = ratios.fold(0.0, f64::max);
    let (mut alone, mut among) = (alone.concat(), among.concat());
    let figure =
        |what: &str, times: &mut [Duration], part| Figure::new(what, stats::millis(stats::quantile(times, part)), "ms");
    Ok(vec![
        Figure::new("answer, mean of all tokens", bytes as f64 / SERVERS as f64, "bytes"),
        figure("one server in the process: p50", &mut alone, 0.5),
        figure("one server in the process: p99", &mut alone, 0.99),
        figure("1,000 servers, random token: p50", &mut among, 0.5),
        figure("1,000 servers, random token: p99", &mut among, 0.99),
        Figure::new("p50 of 1,000 : p50 of one", ratio(&mut alone, &mut among), "").at_most(2.0),
        Figure::new("… of the kind where it is greatest", worst, "").at_most(2.0),
        figure("first list of a token: p50", &mut first, 0.5),
        figure("first list of a token: p99", &mut first, 0.99),
        Figure::new(
            "resident, one server, its list made",
            memory(&singles[0].0)?.resident,
            "MiB",
        ),
        Figure::new("resident after start", started, "MiB"),
        Figure::new("resident, 1,000 servers made", made, "MiB"),
        Figure::new("resident, all 1,000 lists made", listed, "MiB"),
        Figure::new("resident at the end", memory(&plane)?.resident, "MiB"),
    ])
}

/// Lists tools over one connection.
struct Lister {
    connection: wire::Connection,
    requests: Vec<Vec<u8>>,
}

impl Lister {
    fn of(plane: &Plane, paths: &[String]) -> Result<Self, String> {
        let address = plane.served.address;
        let request = |path: &String| wire::mcp(address, path, "tools/list", &json!({}));
        Ok(Self {
            connection: wire::Connection::open(address).map_err(|error| error.to_string())?,
            requests: paths.iter().map(request).collect(),
        })
    }

    /// Lists the tools of one server: how long it took, and how long the answer is.
    fn list(&mut self, number: usize) -> Result<(Duration, usize), String> {
        let start = Instant::now();
        let answer = self.connection.round_trip(&self.requests[number]);
        let answer = answer.map_err(|error| error.to_string())?;
        let took = start.elapsed();
        if !answer.windows(8).take(200).any(|window| window == b"\"tools\":") {
            return Err(format!("no list of tools: {}", String::from_utf8_lossy(answer)));
        }
        Ok((took, answer.len()))
    }
}

/// Numbers in an order that is the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_drawn() {
        let mut random = Random(1);
        let mut seen = [false; 125];
        for _ in 0..5000 {
            seen[random.below(125)] = true;
        }
        assert!(seen.iter().all(|seen| *seen));
    }
}
