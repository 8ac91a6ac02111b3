//! What listing the tools costs, once the server runs.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::calls::{self, Target};
use super::fixture::Fixture;
use super::plane::Plane;
use super::{Figure, program, stats, traffic, wire};

/// Lists of each choice of tools.
const LISTS: usize = 200;

/// `tools/list` over one kept-alive connection to a `deskhand serve` that is set up over its REST API, for every helpdesk that
/// is linked: all tools, those that read, and those of each tag that the helpdesk describes.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::server(root)?;
    let fixture = Fixture::read(root)?;
    // Listing asks the helpdesk nothing.
    let upstream = traffic::upstream(&fixture, Duration::ZERO).map_err(|error| error.to_string())?;
    let mut plane = Plane::start(&program, &fixture, upstream, None)?;
    let helpdesks = plane.ask("/integration", None)?;
    let mut figures = Vec::new();
    for helpdesk in helpdesks["result"].as_array().into_iter().flatten() {
        let slug = helpdesk["slug"].as_str().unwrap_or_default();
        let about = plane.ask(&format!("/integration/{slug}"), None)?;
        plane.connect(&sample(&about, upstream))?;
        let tags = about["tags"].as_array().into_iter().flatten();
        let mut choices = vec![
            ("all".to_owned(), json!({})),
            ("methods read".to_owned(), json!({"methods": ["read"]})),
        ];
        choices.extend(
            tags.filter_map(|tag| tag["name"].as_str())
                .map(|tag| (format!("tag {tag}"), json!({"tags": [tag]}))),
        );
        for (name, config) in choices {
            let name = format!("{slug}, {name}");
            eprintln!("  {name}");
            let path = plane.server(&name, &config)?;
            let address = plane.served.address;
            let target = Target::new(address, wire::mcp(address, &path, "tools/list", &json!({})))?;
            let before = plane.served.cpu();
            let mut each = calls::block(&target, 1, LISTS, Duration::ZERO)?.each;
            let used = plane.served.cpu().zip(before);
            figures.extend([
                Figure::new(format!("{name}: answer"), target.bytes() as f64, "bytes"),
                Figure::new(format!("{name}: p50"), stats::millis(stats::median(&mut each)), "ms"),
                Figure::new(
                    format!("{name}: p99"),
                    stats::millis(stats::quantile(&mut each, 0.99)),
                    "ms",
                ),
            ]);
            if let Some((after, before)) = used {
                let each = after.saturating_sub(before).as_secs_f64() * 1e6 / LISTS as f64;
                figures.push(Figure::new(
                    format!("{name}: server's processor time each"),
                    each,
                    "µs CPU",
                ));
            }
        }
    }
    Ok(figures)
}

/// An account that what is told about its helpdesk gives as an example.
fn sample(about: &Value, upstream: SocketAddr) -> Value {
    let examples = |settings: &Value, wanted: &dyn Fn(&str) -> bool| -> Map<String, Value> {
        let settings = settings.as_array().into_iter().flatten();
        settings
            .filter_map(|setting| Some((setting["name"].as_str()?, setting["example"].clone())))
            .filter(|(name, _)| wanted(name))
            .map(|(name, example)| (name.to_owned(), example))
            .collect()
    };
    let needs = &about["authentication"][0]["needs"];
    let needed = |name: &str| {
        needs
            .as_array()
            .is_some_and(|needs| needs.iter().any(|need| need == name))
    };
    // The path of the API, on another host.
    let address = about["base_url"].as_str().unwrap_or_default();
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = host.find('/').map_or("", |at| &host[at..]);
    json!({
        "integration": about["slug"],
        "name": "Bench",
        "variables": examples(&about["variables"], &|_| true),
        "credentials": examples(&about["credentials"], &needed),
        "base_url": format!("http://{upstream}{path}"),
    })
}
