//! Logs: to stderr, as text or JSON, without customers' data and without secrets.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry};

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged: `DESKHAND_LOG`, else `RUST_LOG`, else `default`.
///
/// The MCP library prints whole requests and answers, customers' data included, from its `info`
/// level on. It stays at `warn` whatever the general level, unless a directive names it; its service, which calls each client
/// that leaves an error, says nothing.
///
/// # Errors
/// When the directives cannot be read; says how they look.
pub fn directives(read: impl Fn(&str) -> Option<String>, default: LevelFilter) -> Result<Targets, String> {
    let (variable, text) = ["DESKHAND_LOG", "RUST_LOG"]
        .into_iter()
        .find_map(|variable| Some((variable, read(variable).filter(|text| !text.is_empty())?)))
        .unwrap_or_else(|| ("DESKHAND_LOG", default.to_string()));
    let targets: Targets = text.parse().map_err(|error| {
        format!("{variable}=`{text}`: {error}; expected for example `info` or `warn,deskhand=debug`")
    })?;
    let names_rmcp = targets.iter().any(|(target, _)| target.starts_with("rmcp"));
    Ok(if names_rmcp {
        targets
    } else {
        targets
            .with_target("rmcp", LevelFilter::WARN)
            .with_target("rmcp::service", LevelFilter::OFF)
    })
}

/// A subscriber that writes to `writer`: what [`init`] installs, for tests to look at.
pub fn subscriber<W>(
    targets: Targets,
    format: LogFormat,
    ansi: bool,
    writer: W,
) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(ansi).boxed(),
        LogFormat::Json => layer.with_ansi(false).json().flatten_event(true).boxed(),
    };
    Registry::default().with(layer.with_filter(targets))
}

/// Installs logging for the process, from level `default` on when the environment names none, and
/// reports panics through it.
///
/// # Errors
/// When the directives in the environment cannot be read.
pub fn init(format: LogFormat, default: LevelFilter) -> Result<(), String> {
    let targets = directives(|name| std::env::var(name).ok(), default)?;
    // A second initialisation in one process keeps the first: harmless.
    let _ = subscriber(targets, format, io::stderr().is_terminal(), io::stderr).try_init();
    // A panic's own message may quote the text it stumbled over, so only the place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "internal fault: a task panicked");
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn with(pairs: &'static [(&'static str, &'static str)]) -> Targets {
        let read = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| (*value).to_owned())
        };
        directives(read, LevelFilter::INFO).unwrap()
    }

    #[test]
    fn the_mcp_library_stays_quiet_unless_named() {
        for targets in [
            with(&[]),
            with(&[("RUST_LOG", "trace")]),
            with(&[("DESKHAND_LOG", "debug")]),
        ] {
            assert!(targets.would_enable("rmcp::transport", &Level::WARN));
            assert!(!targets.would_enable("rmcp::transport", &Level::INFO));
            assert!(!targets.would_enable("rmcp::service", &Level::ERROR));
        }
        assert!(with(&[("RUST_LOG", "info,rmcp=debug")]).would_enable("rmcp::service", &Level::DEBUG));
    }

    #[test]
    fn the_products_own_variable_wins() {
        let targets = with(&[("RUST_LOG", "trace"), ("DESKHAND_LOG", "error")]);
        assert!(!targets.would_enable("deskhand", &Level::WARN));
        assert!(with(&[]).would_enable("deskhand", &Level::INFO));
        let quiet = directives(|_| None, LevelFilter::WARN).unwrap();
        assert!(quiet.would_enable("deskhand", &Level::WARN) && !quiet.would_enable("deskhand", &Level::INFO));
        assert!(
            directives(|_| Some("deskhand=loud".to_owned()), LevelFilter::INFO)
                .unwrap_err()
                .contains("DESKHAND_LOG")
        );
    }
}
