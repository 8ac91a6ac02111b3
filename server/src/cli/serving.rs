//! Options of `serve` for those who operate it.

use std::time::Duration;

use clap::Args;

use crate::control::FieldsInterval;
use crate::control::Retention;
use crate::duration;
use crate::http::{MAX_CONNECTIONS, Settings};
use crate::quota::{Limit, Quotas};

/// How it is served.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Operation")]
pub(super) struct ServingArgs {
    /// Another host that clients may name, with or without a port, besides that of the public URL and this machine's
    /// names for itself
    #[arg(long = "allow-host", env = "DESKHAND_ALLOW_HOST", value_delimiter = ',', value_name = "HOST", value_parser = host)]
    allowed_hosts: Vec<String>,

    /// How often one token may be used: a number a second, minute or hour, or none
    #[arg(long, default_value = "100/s", env = "DESKHAND_TOKEN_LIMIT", value_name = "LIMIT")]
    token_limit: Limit,

    /// How often tools of one account may be called, whoever calls
    #[arg(long, default_value = "200/s", env = "DESKHAND_ACCOUNT_LIMIT", value_name = "LIMIT")]
    account_limit: Limit,

    /// How long the log of calls is kept: a length of time such as 30d, forever, or none to log no call
    #[arg(long, default_value_t, env = "DESKHAND_LOG_RETENTION", value_name = "TIME")]
    pub(super) log_retention: Retention,

    /// How often the custom fields that accounts in use define are read from their helpdesks, besides when an account
    /// is connected: a length of time such as 24h, or none to read them only when somebody asks
    #[arg(long, default_value = "24h", env = "DESKHAND_FIELDS_INTERVAL", value_name = "TIME")]
    pub(super) fields_interval: FieldsInterval,

    /// Show /metrics without an API token
    #[arg(long, env = "DESKHAND_PUBLIC_METRICS")]
    public_metrics: bool,

    /// How many connections may be open at once; others wait
    #[arg(
        long,
        default_value_t = MAX_CONNECTIONS,
        env = "DESKHAND_MAX_CONNECTIONS",
        value_name = "NUMBER",
        value_parser = connections
    )]
    max_connections: usize,

    /// How long requests are still taken once the server is told to stop, while /readyz says that it is not ready
    #[arg(long, default_value = "0s", env = "DESKHAND_SHUTDOWN_DELAY", value_name = "TIME", value_parser = delay)]
    shutdown_delay: Duration,
}

impl ServingArgs {
    pub(super) fn settings(&self) -> Settings {
        Settings {
            allowed_hosts: self.allowed_hosts.clone(),
            public_metrics: self.public_metrics,
            max_connections: self.max_connections,
            shutdown_delay: self.shutdown_delay,
            ..Settings::default()
        }
    }

    pub(super) fn quotas(&self) -> Quotas {
        Quotas::new(self.token_limit, self.account_limit)
    }
}

fn host(text: &str) -> Result<String, String> {
    let authority: Result<http::uri::Authority, _> = text.trim().parse();
    match authority {
        Ok(authority) if !authority.as_str().contains('@') => Ok(authority.as_str().to_owned()),
        _ => Err("expected a host, perhaps with a port, such as deskhand.internal:8787".to_owned()),
    }
}

fn connections(text: &str) -> Result<usize, String> {
    const MOST: usize = 1_000_000;
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("expected a number from 1 to {MOST}"))
}

fn delay(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_secs(600);
    let length = duration::parse(text).filter(|length| *length <= LONGEST);
    length.ok_or_else(|| "expected a length of time of at most 10 minutes, such as 5s".to_owned())
}
