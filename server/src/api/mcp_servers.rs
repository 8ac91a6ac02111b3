//! `/integrated-account/{id}/mcp`: MCP servers of an account.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{MAX_BODY_BYTES, answer, from_json, one_more, page, present, read_body, sent_json};
use super::{Api, ApiCaller, Body, Listing, Path, Query, Refusal};
use crate::control::mcp_servers::{
    DEFAULT_OVERLAP, McpConfig, McpServerDetail, McpServerPatch, McpServerView, NewMcpServer, OpenedMcpServer,
};
use crate::control::{Problem, moment};
use crate::store::Millis;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(read, patch, delete))
        .routes(routes!(rotate))
}

/// An MCP server to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateMcpServer {
    /// Name for people; MCP clients show it.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it offers; all tools of the helpdesk when left out.
    #[serde(default)]
    #[schema(value_type = McpConfig)]
    pub config: Map<String, Value>,
    /// When access ends (RFC 3339), at least 60 seconds ahead; never when left out.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
}

/// Changes of an MCP server. What is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchMcpServer {
    /// Name for people.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 200, value_type = String)]
    pub name: Option<String>,
    /// Settings to be replaced, each as a whole; null puts one back to what it is by default.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = McpConfig)]
    pub config: Option<Map<String, Value>>,
    /// When access ends (RFC 3339), at least 60 seconds ahead; null for never.
    #[serde(default, deserialize_with = "present")]
    #[schema(format = DateTime, value_type = Option<String>)]
    pub expires_at: Option<Option<String>>,
}

/// How an MCP server gets another token.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateMcpServer {
    /// How long the tokens it had stay good, in seconds.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 86400, default = 300)]
    pub overlap_seconds: Option<u32>,
}

/// Which MCP servers are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListMcpServers {
    /// Most servers on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page starts: `next_cursor` of the page before.
    next_cursor: Option<String>,
}

/// Make an MCP server of an account. Its token and address are in this answer only.
#[utoipa::path(
    post,
    path = "/integrated-account/{id}/mcp",
    tag = "MCP servers",
    operation_id = "create_mcp_server",
    params(("id" = String, Path, description = "The account.")),
    request_body = CreateMcpServer,
    responses(
        (status = 201, description = "Made.", body = OpenedMcpServer,
            headers(("location" = String, description = "Its path."))),
        (status = 400, description = "Some fields are wrong, or no tool would be left; `problems` names them."),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such account."),
        (status = 413, description = "The body is too long."),
        (status = 415, description = "The body is not sent as JSON."),
    ),
    security(("api_token" = []))
)]
pub async fn create(
    State(api): State<Api>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Body(body): Body<CreateMcpServer>,
) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    let new = NewMcpServer {
        name: body.name,
        config: body.config,
        expires_at: body.expires_at.as_deref().map(end).transpose()?,
    };
    let (row, token) = api.control.create_mcp_server(&id, new).await?;
    let detail = api.control.show_mcp_server(&row).await?;
    let opened = OpenedMcpServer::new(detail, &token, &api.public_url, None);
    let mut response = answer(StatusCode::CREATED, &opened)?;
    let path = format!("/integrated-account/{}/mcp/{}", row.account_id, row.id);
    if let Ok(path) = HeaderValue::try_from(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    Ok(response)
}

/// List the MCP servers of an account that have not expired, newest first.
#[utoipa::path(
    get,
    path = "/integrated-account/{id}/mcp",
    tag = "MCP servers",
    operation_id = "list_mcp_servers",
    params(("id" = String, Path, description = "The account."), ListMcpServers),
    responses(
        (status = 200, description = "A page of MCP servers.", body = Listing<McpServerView>),
        (status = 400, description = "The page makes no sense."),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such account."),
    ),
    security(("api_token" = []))
)]
pub async fn list(
    State(api): State<Api>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Query(query): Query<ListMcpServers>,
) -> Result<Listing<McpServerView>, Refusal> {
    caller.reach(&id)?;
    let page = page(query.limit, query.next_cursor.as_deref())?;
    let rows = api.control.mcp_servers(&id, &one_more(&page)).await?;
    Ok(Listing::new(
        rows,
        &page,
        |row| (row.created_at, &row.id),
        |row| row.into(),
    ))
}

/// Read an MCP server. Its token is not kept.
#[utoipa::path(
    get,
    path = "/integrated-account/{id}/mcp/{mcp_id}",
    tag = "MCP servers",
    operation_id = "get_mcp_server",
    params(
        ("id" = String, Path, description = "The account."),
        ("mcp_id" = String, Path, description = "The MCP server."),
    ),
    responses(
        (status = 200, description = "The MCP server.", body = McpServerDetail),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such MCP server, or it has expired."),
    ),
    security(("api_token" = []))
)]
pub async fn read(
    State(api): State<Api>,
    caller: ApiCaller,
    Path((id, mcp_id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    let row = api.control.mcp_server(&id, &mcp_id).await?;
    answer(StatusCode::OK, &api.control.show_mcp_server(&row).await?)
}

/// Change an MCP server. Its token stays. Of `config` only the settings given are replaced.
#[utoipa::path(
    patch,
    path = "/integrated-account/{id}/mcp/{mcp_id}",
    tag = "MCP servers",
    operation_id = "update_mcp_server",
    params(
        ("id" = String, Path, description = "The account."),
        ("mcp_id" = String, Path, description = "The MCP server."),
    ),
    request_body = PatchMcpServer,
    responses(
        (status = 200, description = "The MCP server as it is now.", body = McpServerDetail),
        (status = 400, description = "Some fields are wrong, or no tool would be left; `problems` names them."),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such MCP server, or it has expired."),
        (status = 409, description = "Somebody else changed it at the same time."),
        (status = 413, description = "The body is too long."),
        (status = 415, description = "The body is not sent as JSON."),
    ),
    security(("api_token" = []))
)]
pub async fn patch(
    State(api): State<Api>,
    caller: ApiCaller,
    Path((id, mcp_id)): Path<(String, String)>,
    Body(body): Body<PatchMcpServer>,
) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    let expires_at = match &body.expires_at {
        None => None,
        Some(None) => Some(None),
        Some(Some(text)) => Some(Some(end(text)?)),
    };
    let patch = McpServerPatch {
        name: body.name,
        config: body.config,
        expires_at,
    };
    let row = api.control.patch_mcp_server(&id, &mcp_id, patch).await?;
    answer(StatusCode::OK, &api.control.show_mcp_server(&row).await?)
}

/// Delete an MCP server. Its token ends at once here, and within a second in every other process on the same database;
/// calls under way are cut off.
#[utoipa::path(
    delete,
    path = "/integrated-account/{id}/mcp/{mcp_id}",
    tag = "MCP servers",
    operation_id = "delete_mcp_server",
    params(
        ("id" = String, Path, description = "The account."),
        ("mcp_id" = String, Path, description = "The MCP server."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such MCP server, or it has expired."),
    ),
    security(("api_token" = []))
)]
pub async fn delete(
    State(api): State<Api>,
    caller: ApiCaller,
    Path((id, mcp_id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    api.control.delete_mcp_server(&id, &mcp_id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Give an MCP server another token. The tokens it had stay good for a while, so that clients can change over. The new
/// token and address are in this answer only.
#[utoipa::path(
    post,
    path = "/integrated-account/{id}/mcp/{mcp_id}/rotate",
    tag = "MCP servers",
    operation_id = "rotate_mcp_server",
    params(
        ("id" = String, Path, description = "The account."),
        ("mcp_id" = String, Path, description = "The MCP server."),
    ),
    request_body = Option<RotateMcpServer>,
    responses(
        (status = 200, description = "The MCP server with its new token.", body = OpenedMcpServer),
        (status = 400, description = "The overlap makes no sense."),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such MCP server, or it has expired."),
        (status = 413, description = "The body is too long."),
        (status = 415, description = "The body is not sent as JSON."),
    ),
    security(("api_token" = []))
)]
pub async fn rotate(
    State(api): State<Api>,
    caller: ApiCaller,
    Path((id, mcp_id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    let is_json = sent_json(request.headers());
    let body = read_body(request, MAX_BODY_BYTES).await?;
    let body = if body.is_empty() {
        RotateMcpServer::default()
    } else {
        is_json?;
        from_json(&body)?
    };
    let overlap = body.overlap_seconds.unwrap_or(DEFAULT_OVERLAP);
    let (row, token, until) = api.control.rotate_mcp_server(&id, &mcp_id, overlap).await?;
    let detail = api.control.show_mcp_server(&row).await?;
    answer(
        StatusCode::OK,
        &OpenedMcpServer::new(detail, &token, &api.public_url, Some(until)),
    )
}

fn end(text: &str) -> Result<Millis, Refusal> {
    moment(text).ok_or_else(|| {
        Refusal::bad_request(vec![Problem::new(
            "expires_at",
            "expected a time such as 2030-01-31T09:30:00Z, or null",
        )])
    })
}
