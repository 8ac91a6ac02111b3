//! How much memory the server holds.

use std::path::Path;

use serde_json::json;

use super::calls::{self, Target};
use super::program::{self, Memory, Served};
use super::{Figure, wire};

/// Tool calls between the two looks.
const CALLS: usize = 10_000;
/// Connections that make them.
const CONNECTIONS: usize = 8;

/// Resident memory of a release `deskhand serve` with one account, as the system tells it (Linux
/// only): after start, and after 10,000 calls over eight connections, half of them for one ticket and
/// half for thirty.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::release_build(root, "deskhand")?;
    let upstream = wire::upstream().map_err(|error| error.to_string())?;
    let served = Served::start(&program, upstream)?;
    let look = || {
        served
            .memory()
            .ok_or("this system does not tell the memory of a process")
    };
    let start: Memory = look()?;
    for (tool, arguments) in [
        ("get_single_desk_365_ticket_by_id", json!({"ticket_number": 1000})),
        ("list_all_desk_365_tickets", json!({"limit": 30})),
    ] {
        let target = Target::new(served.address, calls::call(&served, tool, &arguments));
        calls::checked(&target)?;
        calls::block(&target, CONNECTIONS, CALLS / 2)?;
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
