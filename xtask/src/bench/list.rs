//! What listing the tools costs, once the server runs.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::calls::{self, Target};
use super::fixture::Fixture;
use super::program::{self, Served};
use super::{Figure, stats, traffic, wire};

const LISTS: usize = 640;

/// `tools/list` of all tools of a helpdesk over one kept-alive connection to a `deskhand serve`.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::server(root)?;
    let fixture = Fixture::read(root)?;
    let upstream = traffic::upstream(&fixture, Duration::ZERO).map_err(|error| error.to_string())?;
    let served = Served::declared(&program, &fixture, upstream)?;
    let request = wire::mcp(served.address, &served.key, "tools/list", &json!({}));
    let target = Target::new(served.address, request)?;
    let before = served.cpu();
    let mut each = calls::block(&target, 1, LISTS, Duration::ZERO)?.each;
    let used = served
        .cpu()
        .zip(before)
        .map(|(after, before)| after.saturating_sub(before));
    let mut figures = vec![
        Figure::new("answer", target.bytes() as f64, "bytes"),
        Figure::new("p50", stats::millis(stats::median(&mut each)), "ms"),
        Figure::new("p99", stats::millis(stats::quantile(&mut each, 0.99)), "ms"),
    ];
    if let Some(used) = used {
        let each = used.as_secs_f64() * 1e6 / LISTS as f64;
        figures.push(Figure::new("server's processor time each", each, "µs CPU"));
    }
    Ok(figures)
}
