//! Many connections at a slow helpdesk.

use std::path::Path;
use std::time::Duration;

use deskhand_test_postgres::{Server, programs};
use serde_json::json;

use super::calls::{self, Target};
use super::cores::Apart;
use super::fixture::Fixture;
use super::machine::Watch;
use super::plane::Plane;
use super::traffic::{self, Block};
use super::{Figure, program, stats, wire};

/// Connections for each processor of the server.
const EACH_PROCESSOR: usize = 128;
/// Processors that the server is measured on.
const PROCESSORS: usize = 2;
/// What the helpdesk takes for an answer.
const DELAY: Duration = Duration::from_millis(50);
/// Blocks that are measured, in turn with blocks straight to the helpdesk.
const BLOCKS: usize = 10;
/// Tool calls of each connection in a block.
const EACH: usize = 40;
/// Calls straight to the helpdesk of each connection in a block.
const EACH_STRAIGHT: usize = 20;
/// The blocks after which memory is looked at.
const LOOKS: [usize; 3] = [1, 5, BLOCKS];

/// 256 connections, each making one tool call after another to a `deskhand serve` that is set up over its REST
/// API, without limits of its own, in front of a helpdesk that takes 50 ms for an answer in the mean; one record each. The ideal is
/// what the same client reaches straight at the helpdesk, in blocks that take turns. Load generator and helpdesk are this process.
///
/// It is done twice: all on all processors of the machine; and with two processors for the server alone, the others for this
/// process and PostgreSQL, as if they were other machines. A machine with less than four gives the server half of them, and 128
/// connections for each.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::server(root)?;
    let fixture = Fixture::read(root)?;
    let mut figures = Vec::new();
    for alone in [false, true] {
        let apart = if alone { Apart::with(PROCESSORS) } else { None };
        if alone && apart.is_none() {
            eprintln!("  there are no processors that the server could have to itself");
            continue;
        }
        let setting = |database: &str| match &apart {
            None => database.to_owned(),
            Some(apart) => format!("{database}, {} of its own", processors(apart.processors)),
        };
        figures.extend(measured(&program, &fixture, &setting("SQLite"), None, apart.as_ref())?);
        if programs().is_none() {
            eprintln!("  PostgreSQL is not installed, so it is left out");
            continue;
        }
        let server = Server::start().map_err(|failure| failure.to_string())?;
        let url = Some(server.url());
        figures.extend(measured(
            &program,
            &fixture,
            &setting("PostgreSQL"),
            url,
            apart.as_ref(),
        )?);
    }
    Ok(figures)
}

fn processors(number: usize) -> String {
    if number == 1 {
        "1 processor".to_owned()
    } else {
        format!("{number} processors")
    }
}

fn measured(
    program: &Path,
    fixture: &Fixture,
    name: &str,
    database: Option<&str>,
    apart: Option<&Apart>,
) -> Result<Vec<Figure>, String> {
    let connections = EACH_PROCESSOR * apart.map_or(PROCESSORS, |apart| apart.processors);
    let upstream = traffic::upstream(fixture, DELAY).map_err(|error| error.to_string())?;
    let start = || Plane::start(program, fixture, upstream, database);
    let mut plane = match apart {
        Some(apart) => apart.start(start)?,
        None => start()?,
    };
    let path = plane.server("Load", &json!({}))?;
    let direct = Target::new(upstream, wire::get(upstream, &fixture.record.request))?;
    let through = Target::call(plane.served.address, &path, &fixture.record)?;
    let memory = |plane: &Plane| {
        let memory = plane.served.memory();
        memory.ok_or("this system does not tell the memory of a process")
    };
    let mut looks = vec![("after start".to_owned(), memory(&plane)?)];
    let (mut straight, mut tools) = (Side::default(), Side::default());
    let mut used = Duration::ZERO;
    let mut shares = Vec::new();
    for number in 1..=BLOCKS {
        eprintln!("  {name}, block {number} of {BLOCKS}");
        straight.add(calls::block(&direct, connections, connections * EACH_STRAIGHT, DELAY)?);
        let before = plane.served.cpu().unwrap_or_default();
        let watch = Watch::start();
        tools.add(calls::block(&through, connections, connections * EACH, DELAY)?);
        let served = plane.served.cpu().unwrap_or_default().saturating_sub(before);
        used += served;
        shares.push(watch.figures(name, served));
        if LOOKS.contains(&number) {
            let calls = number * connections * EACH;
            looks.push((format!("after {calls} calls"), memory(&plane)?));
        }
    }
    let lost = plane.log_rows_lost()?;
    if !plane.has_logged()? {
        return Err("no call is in the log".to_owned());
    }
    let figure = |what: &str, value: f64, unit| Figure::new(format!("{name}: {what}"), value, unit);
    let ideal = connections as f64 / DELAY.as_secs_f64();
    let (ideal_reached, reached) = (straight.rate(), tools.rate());
    let mut figures = vec![
        figure("straight at the helpdesk", ideal_reached, "1/s"),
        figure("tool calls", reached, "1/s"),
        figure(
            "… of those straight at the helpdesk",
            100.0 * reached / ideal_reached,
            "%",
        )
        .at_least(95.0),
        figure("… of the arithmetical ideal", 100.0 * reached / ideal, "%"),
        figure("straight, p50", stats::millis(stats::median(&mut straight.each)), "ms"),
        figure(
            "straight, p99",
            stats::millis(stats::quantile(&mut straight.each, 0.99)),
            "ms",
        ),
        figure("tool call, p50", stats::millis(stats::median(&mut tools.each)), "ms"),
        figure(
            "tool call, p99",
            stats::millis(stats::quantile(&mut tools.each, 0.99)),
            "ms",
        ),
        figure(
            "server's processor time each",
            used.as_secs_f64() * 1e6 / tools.each.len() as f64,
            "µs CPU",
        ),
    ];
    figures.extend(mean(&shares));
    for (when, memory) in looks {
        figures.push(figure(&format!("resident {when}"), memory.resident, "MiB"));
    }
    figures.push(figure("calls that could not be logged", lost, "").at_most(0.0));
    Ok(figures)
}

/// The calls of one side.
#[derive(Default)]
struct Side {
    each: Vec<Duration>,
    rates: Vec<f64>,
}

impl Side {
    fn add(&mut self, block: Block) {
        self.rates.push(block.rate);
        self.each.extend(block.each);
    }

    /// The median of the blocks' calls a second.
    fn rate(&mut self) -> f64 {
        stats::middle(&mut self.rates)
    }
}

/// The means of figures that were taken several times.
fn mean(taken: &[Vec<Figure>]) -> Vec<Figure> {
    let Some(first) = taken.first() else {
        return Vec::new();
    };
    let mean = |index: usize, figure: &Figure| {
        let values = taken
            .iter()
            .filter_map(|figures| figures.get(index))
            .map(|figure| figure.value);
        Figure::new(
            figure.what.clone(),
            values.sum::<f64>() / taken.len() as f64,
            figure.unit,
        )
    };
    first
        .iter()
        .enumerate()
        .map(|(index, figure)| mean(index, figure))
        .collect()
}
