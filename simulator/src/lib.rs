//! Helpdesk simulators: strict, stateful, seeded stand-ins for the APIs of helpdesk vendors.
//!
//! A simulator answers like the vendor's API, from a small sample company held in memory. It checks every request as
//! strictly as the vendor is known to (routes, methods, names, types, codes, credentials, limits), remembers what was
//! written, and records what was sent. Its rules come from what is known of the vendor, never from code shared with a
//! client, so a client and its simulator cannot be wrong together.
//!
//! ```no_run
//! # async fn example() -> Result<(), deskhand_simulator::Error> {
//! use deskhand_simulator::{Fault, Options, Simulator, Trigger};
//!
//! let running = Simulator::serve("desk365", Options::default(), ([127, 0, 0, 1], 0).into()).await?;
//! // http://127.0.0.1:PORT/{subdomain}/apis, with {subdomain} to be replaced from the credentials
//! let address = running.base_url();
//! let subdomain = &running.credentials()["subdomain"];
//! running.control().inject(Fault::HtmlGateway { status: 502 }, Trigger::Next(1));
//! // ... send requests, then look at what came in and what changed
//! let seen = running.control().requests();
//! let tickets = &running.control().state()["acme"]["tickets"];
//! # let _ = (address, subdomain, seen, tickets);
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is inside
//!
//! The engine knows no vendor: route tables as data, strict checking of queries, JSON bodies and uploads, recording,
//! faults, rate limits, serving. Each helpdesk is one module that brings its tables, its rules and its sample data.
//! [`available`] lists them; a new one is a module and a line there.
//!
//! # Faults over HTTP
//!
//! Besides [`Control::inject`], any request may ask for a fault with the header `X-Simulate`:
//!
//! | value | answer |
//! |---|---|
//! | `html-502` | an HTML error page, as a gateway sends it, with that status |
//! | `empty-500` | that status without a body |
//! | `truncated` | the real answer (the request takes effect), its body cut in half |
//! | `huge-50000000` | status 200 and that many bytes of JSON, streamed |
//! | `no-answer` | nothing, until the client leaves |
//! | `slow-1500` | the real answer after that many milliseconds |
//! | `rate-limited`, `rate-limited-30` | the vendor's throttle answer, with `Retry-After` in seconds when a number is given |
//! | `unauthorized` | the vendor's answer to an unknown key |
//! | `status-503` | that status with an error body in the vendor's form |
//! | `redirect-https://other.example/` | 302 to that address |
//!
//! # Determinism
//!
//! The same [`Options`] give the same company, byte for byte. Sample dates hang on [`Options::start`], not on the wall
//! clock; every change moves the simulated clock by one second.

mod control;
mod crisp;
mod desk365;
mod engine;
mod gorgias;
mod options;
mod serve;

pub use control::{Control, Fault, RecordedRequest, Trigger};
pub use options::{Error, Options};
pub use serve::{Running, Simulator};

use std::time::Duration;

/// What is known about a simulated helpdesk before it runs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Descriptor {
    /// The name the simulator is asked for by, `desk365` for instance.
    pub slug: &'static str,
    /// The helpdesk's name as its vendor writes it.
    pub name: &'static str,
    /// What follows host and port in the base address; parts in braces are to be replaced from the credentials.
    pub base_path: &'static str,
    /// The rate-limit plans [`Options::plan`] may name.
    pub plans: &'static [Plan],
    /// The name of the plan that holds when [`Options::plan`] names none.
    pub default_plan: &'static str,
    /// The kinds of credentials a tenant has, for [`Options::access`] and [`Running::credentials_with`]; the first one is
    /// what integrations usually have.
    pub accesses: &'static [&'static str],
    /// The one of them that is let in most widely, to look around with.
    pub widest_access: &'static str,
    /// The tenants in the sample data; the first one is the one [`Running::credentials`] speaks of.
    pub tenants: &'static [&'static str],
    /// Makes the helpdesk with its sample data.
    make: fn(&Options) -> Box<dyn engine::Helpdesk>,
}

/// How many calls a tenant may make in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The name used in [`Options::plan`].
    pub name: &'static str,
    /// Calls a window; `None` is without limit.
    pub calls: Option<u32>,
    /// Length of the window, which starts with the first call in it.
    pub window: Duration,
    /// Calls leave the window one by one, evenly, as a bucket leaks; otherwise all at its end.
    pub leaks: bool,
}

/// The helpdesks that can be simulated.
#[must_use]
pub fn available() -> &'static [&'static Descriptor] {
    static AVAILABLE: &[&Descriptor] = &[&crisp::DESCRIPTOR, &desk365::DESCRIPTOR, &gorgias::DESCRIPTOR];
    AVAILABLE
}

/// A support workflow over a simulated helpdesk's sample data, as JSON: a `title`, and `steps` of `say`, `tool`,
/// `arguments` (where `{{steps.<id>.<path>}}` stands for a part of an earlier answer) and `show`.
#[must_use]
pub fn tour(slug: &str) -> Option<&'static str> {
    match slug {
        "crisp" => Some(include_str!("crisp/tour.json")),
        "desk365" => Some(include_str!("desk365/tour.json")),
        "gorgias" => Some(include_str!("gorgias/tour.json")),
        _ => None,
    }
}
