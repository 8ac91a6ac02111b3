//! `/log`: one record of each call.

use axum::extract::State;
use deskhand_runtime::arguments::nearest;
use deskhand_runtime::error::Code;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{one_more, page};
use super::{Api, ApiCaller, Listing, Query, Refusal};
use crate::control::{Problem, moment, timestamp};
use crate::store::{CallFilter, CallRow, Millis};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which calls are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListCalls {
    /// Only those of this account.
    integrated_account_id: Option<String>,
    /// Only those of this MCP server.
    mcp_server_id: Option<String>,
    /// Only those of this tool.
    tool: Option<String>,
    /// Only those that ended so: `ok`, the code of an error such as `rate_limited`, or `error` for all errors.
    #[param(schema_with = code_schema)]
    code: Option<String>,
    /// Only those at or after this time (RFC 3339).
    #[param(format = DateTime)]
    since: Option<String>,
    /// Only those before this time (RFC 3339).
    #[param(format = DateTime)]
    until: Option<String>,
    /// Most calls on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page starts: `next_cursor` of the page before.
    next_cursor: Option<String>,
}

/// The words that [`known_code`] takes.
fn code_schema() -> Object {
    let words = Code::ALL.iter().map(|code| code.word());
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["ok", "error"].into_iter().chain(words)))
        .build()
}

/// A call of a tool: who, what, how it went; never arguments or answers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CallView {
    /// Sorts by the time at which it ended.
    id: String,
    /// When it came in.
    #[schema(format = DateTime)]
    time: String,
    /// The account.
    account_id: String,
    /// The MCP server; null for calls over REST.
    mcp_server_id: Option<String>,
    /// Slug of the helpdesk.
    integration: String,
    /// The tool; `(unknown)` when there is none of the name that was called.
    tool: String,
    /// The tool's method, such as `list`; null when there is no such tool.
    method: Option<String>,
    /// How it came in: `mcp`, `call_tool`, `run` or `proxy`.
    door: String,
    /// The helpdesk's HTTP status; null when nothing came back, or nothing was sent.
    status: Option<i64>,
    /// `ok`, or the code of the error.
    code: String,
    /// Milliseconds that it took in all.
    duration_ms: i64,
    /// Milliseconds that it waited for the helpdesk; null when nothing was sent.
    upstream_ms: Option<i64>,
    /// Who called, as the client says of itself.
    client: ClientView,
    /// Identifies the HTTP request: `X-Request-Id` of the answer.
    request_id: Option<String>,
}

/// A client, as it says of itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ClientView {
    /// Its name.
    name: Option<String>,
    /// Its version.
    version: Option<String>,
}

impl From<&CallRow> for CallView {
    fn from(row: &CallRow) -> Self {
        let row = row.clone();
        Self {
            id: row.id,
            time: timestamp(row.at),
            account_id: row.account_id,
            mcp_server_id: row.mcp_server_id,
            integration: row.integration,
            tool: row.tool,
            method: Some(row.method).filter(|method| !method.is_empty()),
            door: row.door,
            status: row.status,
            code: row.code,
            duration_ms: row.duration_ms,
            upstream_ms: row.upstream_ms,
            client: ClientView {
                name: row.client_name,
                version: row.client_version,
            },
            request_id: row.request_id,
        }
    }
}

/// List calls of tools, newest first. A token that reaches one account lists those of that one. A call is here a moment
/// after it has ended.
#[utoipa::path(
    get,
    path = "/log",
    tag = "Log",
    operation_id = "list_calls",
    params(ListCalls),
    responses(
        (status = 200, description = "A page of calls.", body = Listing<CallView>),
        (status = 400, description = "A filter makes no sense."),
        (status = 401, description = "No API token that reaches the account."),
    ),
    security(("api_token" = []))
)]
pub async fn list(
    State(api): State<Api>,
    caller: ApiCaller,
    Query(query): Query<ListCalls>,
) -> Result<Listing<CallView>, Refusal> {
    let account_id = match (query.integrated_account_id, caller.only_account()) {
        (Some(asked), _) => {
            caller.reach(&asked)?;
            Some(asked)
        }
        (None, only) => only.map(str::to_owned),
    };
    let mut problems = Vec::new();
    if let Some(Err(problem)) = query.code.as_deref().map(known_code) {
        problems.push(problem);
    }
    let mut time = |field: &str, text: Option<String>| -> Option<Millis> {
        let text = text?;
        let time = moment(&text);
        if time.is_none() {
            problems.push(Problem::new(field, "expected a time such as 2030-01-31T09:30:00Z"));
        }
        time
    };
    let (since, until) = (time("since", query.since), time("until", query.until));
    if !problems.is_empty() {
        return Err(Refusal::bad_request(problems));
    }
    let filter = CallFilter {
        account_id,
        mcp_server_id: query.mcp_server_id,
        tool: query.tool,
        code: query.code,
        since,
        until,
        ended_since: None,
    };
    let page = page(query.limit, query.next_cursor.as_deref())?;
    let rows = api.control.calls(&filter, &one_more(&page)).await?;
    Ok(Listing::new(rows, &page, |row| (row.at, &row.id), |row| row.into()))
}

/// Checks a code to filter by.
///
/// # Errors
/// No call can have ended so.
pub(crate) fn known_code(code: &str) -> Result<(), Problem> {
    if matches!(code, "ok" | "error") || Code::from_word(code).is_some() {
        return Ok(());
    }
    let words = Code::ALL.iter().map(|code| code.word());
    let hint = match nearest(code, words.chain(["ok", "error"])) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "expected `ok`, `error` or the code of an error such as `rate_limited`".to_owned(),
    };
    Err(Problem::new("code", format!("no call ends so; {hint}")))
}
