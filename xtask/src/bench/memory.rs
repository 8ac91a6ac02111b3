//! How much memory the server holds.

use std::path::Path;
use std::time::Duration;

use super::calls::{self, Target};
use super::fixture::Fixture;
use super::program::{self, Memory, Served};
use super::{Figure, traffic};

/// Tool calls between the two looks.
const CALLS: usize = 10_000;
/// Connections that make them.
const CONNECTIONS: usize = 8;

/// Resident memory of a `deskhand serve` with one account, as the system tells it (Linux
/// only): after start, and after 10,000 calls over eight connections, half of them for one record and
/// half for a page of them.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::server(root)?;
    let fixture = Fixture::read(root)?;
    let upstream = traffic::upstream(&fixture, Duration::ZERO).map_err(|error| error.to_string())?;
    let served = Served::declared(&program, &fixture, upstream)?;
    let look = || {
        served
            .memory()
            .ok_or("this system does not tell the memory of a process")
    };
    let start: Memory = look()?;
    for call in [&fixture.record, &fixture.page] {
        let target = Target::call(served.address, &served.key, call)?;
        calls::block(&target, CONNECTIONS, CALLS / 2, Duration::ZERO)?;
    }
    let end: Memory = look()?;
    let size = std::fs::metadata(&program).map_err(|error| error.to_string())?.len();
    Ok(vec![
        Figure::new("after start", start.resident, "MiB"),
        Figure::new("after 10,000 calls", end.resident, "MiB"),
        Figure::new("most at any time", end.peak, "MiB"),
        Figure::new("size of the program", size as f64 / 1_048_576.0, "MiB"),
    ])
}
