//! Traffic by which a compiler can tell what a server does most.

use std::path::Path;
use std::time::Duration;

use deskhand_test_postgres::{Server, programs};
use serde_json::json;

use super::calls::{self, Target};
use super::fixture::Fixture;
use super::plane::Plane;
use super::{traffic, wire};

/// Connections that call at once.
const CONNECTIONS: usize = 64;
/// Calls of one record.
const RECORDS: usize = 20_000;
/// Calls of a page of records.
const PAGES: usize = 4_000;
/// Lists of all tools.
const LISTS: usize = 200;

/// Plays what servers are for, tool calls and lists of tools, at a `deskhand serve` that is set up over its REST API: on
/// SQLite, and on PostgreSQL where it is installed. The server is told to stop at the end, and writes its profile then.
pub(crate) fn play(root: &Path, program: &Path) -> Result<(), String> {
    let fixture = Fixture::read(root)?;
    eprintln!("playing calls on SQLite");
    on(program, &fixture, None)?;
    if programs().is_none() {
        eprintln!("PostgreSQL is not installed, so the profile knows SQLite only");
        return Ok(());
    }
    eprintln!("playing calls on PostgreSQL");
    let server = Server::start().map_err(|failure| failure.to_string())?;
    on(program, &fixture, Some(server.url()))
}

fn on(program: &Path, fixture: &Fixture, database: Option<&str>) -> Result<(), String> {
    let upstream = traffic::upstream(fixture, Duration::ZERO).map_err(|error| error.to_string())?;
    let mut plane = Plane::start(program, fixture, upstream, database)?;
    let path = plane.server("Profile", &json!({}))?;
    let address = plane.served.address;
    let lists = Target::new(address, wire::mcp(address, &path, "tools/list", &json!({})))?;
    calls::block(&lists, 1, LISTS, Duration::ZERO)?;
    for (call, times) in [(&fixture.record, RECORDS), (&fixture.page, PAGES)] {
        let target = Target::call(address, &path, call)?;
        calls::block(&target, CONNECTIONS, times, Duration::ZERO)?;
    }
    if plane.has_logged()? {
        plane.served.stop()
    } else {
        Err("no call is in the log".to_owned())
    }
}
