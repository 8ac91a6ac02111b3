//! `deskhand log`.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;

use super::database::DatabaseArgs;
use super::{Failure, Format, FormatArgs, asked_to_stop, every_page};
use crate::access::now;
use crate::api::log::{CallView, known_code};
use crate::catalog::Integrations;
use crate::control::{ControlError, ControlPlane, Options, moment, timestamp};
use crate::duration;
use crate::output;
use crate::store::{CallFilter, CallRow, Millis, call_ids_from};

/// The pause between two looks for new calls.
const PAUSE: Duration = Duration::from_secs(1);
/// How far back calls that have ended are looked for: they are logged a moment later, and clocks differ.
const LOOK_BACK: Millis = 90_000;

/// Show which calls of tools were made, newest last: who, what, how it went; never arguments or answers.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand log                                  the latest calls
  deskhand log --code error --since 1h          what went wrong in the last hour
  deskhand log --account acc_... --tool {tool}
  deskhand log --follow                         calls as they come, until Ctrl-C
  deskhand log --since 1d --limit 100000 --format json | jq -r '.[].tool' | sort | uniq -c

Works on the database of the server, whether it runs or not. With --follow, --format json prints one
object a line; a call is shown when it has ended.")]
pub(super) struct Log {
    /// Only calls of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,

    /// Only calls through this MCP server
    #[arg(long, value_name = "MCP_SERVER")]
    mcp_server: Option<String>,

    /// Only calls of this tool
    #[arg(long)]
    tool: Option<String>,

    /// Only calls that ended so: ok, the code of an error such as rate_limited, or error for all errors
    #[arg(long, value_parser = code)]
    code: Option<String>,

    /// Only calls at or after this time, such as 2030-01-31T09:30:00Z, or this long ago, such as 1h
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Millis>,

    /// Only calls before this time, or longer ago than this
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "follow")]
    until: Option<Millis>,

    /// Most calls to show
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    limit: usize,

    /// Go on showing calls as they come
    #[arg(long, short)]
    follow: bool,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

fn code(text: &str) -> Result<String, String> {
    known_code(text)
        .map(|()| text.to_owned())
        .map_err(|problem| problem.message)
}

fn time(text: &str) -> Result<Millis, String> {
    let ago = |length: Duration| now().saturating_sub(i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
    let time = moment(text).or_else(|| duration::parse(text).map(ago));
    time.ok_or_else(|| "expected a time such as 2030-01-31T09:30:00Z, or a length of time such as 1h".to_owned())
}

impl Log {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        let filter = CallFilter {
            account_id: self.account,
            mcp_server_id: self.mcp_server,
            tool: self.tool,
            code: self.code,
            since: self.since,
            until: self.until,
            ended_since: None,
        };
        // Looked for first: what is logged in between is new, or among the latest.
        let known = match self.follow {
            true => oldest_first(&control, &just_ended(&filter), None).await?,
            false => Vec::new(),
        };
        let latest = oldest_first(&control, &filter, Some(self.limit)).await?;
        if self.follow {
            let shown = follow(&control, &filter, known, latest, self.format.format);
            return tokio::select! {
                shown = shown => shown,
                () = asked_to_stop() => Ok(()),
            };
        }
        match self.format.format {
            Format::Json => output::json(&latest.iter().map(CallView::from).collect::<Vec<_>>())?,
            Format::Table => output::table(HEAD, latest.iter().map(cells))?,
        }
        Ok(())
    }
}

async fn oldest_first(
    control: &ControlPlane,
    filter: &CallFilter,
    limit: Option<usize>,
) -> Result<Vec<CallRow>, Failure> {
    let mut rows = every_page(
        limit,
        async |page| -> Result<Vec<CallRow>, ControlError> { control.calls(filter, page).await },
        |row| (row.at, row.id.clone()),
    )
    .await?;
    rows.reverse();
    Ok(rows)
}

/// Those calls of a filter that have ended lately.
fn just_ended(filter: &CallFilter) -> CallFilter {
    CallFilter {
        ended_since: Some(now() - LOOK_BACK),
        ..filter.clone()
    }
}

/// Shows `latest`, and then all calls that are logged from now on but were not `known`.
async fn follow(
    control: &ControlPlane,
    filter: &CallFilter,
    known: Vec<CallRow>,
    latest: Vec<CallRow>,
    format: Format,
) -> Result<(), Failure> {
    let mut seen: BTreeSet<String> = known.into_iter().map(|row| row.id).collect();
    for row in latest {
        show_line(&row, format)?;
        seen.insert(row.id);
    }
    loop {
        let filter = just_ended(filter);
        for row in oldest_first(control, &filter, None).await? {
            if seen.insert(row.id.clone()) {
                show_line(&row, format)?;
            }
        }
        // What is not asked for again need not be remembered.
        seen = seen.split_off(&call_ids_from(filter.ended_since.unwrap_or_default()));
        tokio::time::sleep(PAUSE).await;
    }
}

const HEAD: [&str; 8] = [
    "TIME",
    "ACCOUNT",
    "MCP SERVER",
    "TOOL",
    "CODE",
    "STATUS",
    "MS",
    "CLIENT",
];

fn cells(row: &CallRow) -> [String; 8] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let client = row.client_name.as_ref().map(|name| match &row.client_version {
        Some(version) => format!("{name}/{version}"),
        None => name.clone(),
    });
    [
        timestamp(row.at),
        row.account_id.clone(),
        or_dash(row.mcp_server_id.clone()),
        row.tool.clone(),
        row.code.clone(),
        or_dash(row.status.map(|status| status.to_string())),
        row.duration_ms.to_string(),
        or_dash(client),
    ]
}

/// Shows a call as one line: a table cannot be laid out before its last row is known.
fn show_line(row: &CallRow, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => {
            let line = serde_json::to_string(&CallView::from(row)).map_err(std::io::Error::from)?;
            output::line(line)?;
        }
        Format::Table => output::line(cells(row).join("  ").replace(char::is_control, " "))?,
    }
    Ok(())
}
