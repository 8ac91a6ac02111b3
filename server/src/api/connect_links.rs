//! `/connect-link`: links by which the people whose helpdesk it is connect an account.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{answer, one_more, page};
use super::{Api, ApiCaller, Body, Listing, Path, Query, Refusal};
use crate::access::now;
use crate::control::accounts::Given;
use crate::control::connecting::{ConnectLinkView, NewConnectLink, link_url};
use crate::control::{Problem, moment};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(delete))
}

/// A link to be made: for a new account, or with `account_id` for one that is to be connected anew.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConnectLink {
    /// Slug of the helpdesk, as `GET /integration` lists it.
    #[serde(default)]
    pub integration: Option<String>,
    /// Name that the account gets, for people.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Your own name for your customer.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub tenant_id: Option<String>,
    /// Variables that are known already, by name. Who follows the link is asked for the others.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub variables: Given,
    /// The address to use instead of the vendor's.
    #[serde(default)]
    #[schema(max_length = 2048)]
    pub base_url: Option<String>,
    /// The account to be connected anew; its id and its MCP servers stay. All of the above is its own then.
    #[serde(default)]
    pub account_id: Option<String>,
    /// When the link ends (RFC 3339), 60 seconds to 30 days ahead; in an hour when left out.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// The same as a number of seconds from now.
    #[serde(default)]
    #[schema(minimum = 60, maximum = 2_592_000)]
    pub expires_in_seconds: Option<u32>,
}

/// A link, with its address.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CreatedConnectLink {
    /// What was made.
    #[serde(flatten)]
    pub link: ConnectLinkView,
    /// The address that somebody opens in a browser. It is shown this once.
    pub url: String,
}

/// Which links are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListConnectLinks {
    /// Most links on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page starts: `next_cursor` of the page before.
    next_cursor: Option<String>,
}

/// Make a link by which somebody connects an account through their helpdesk's OAuth2 flow. It works once.
#[utoipa::path(
    post,
    path = "/connect-link",
    tag = "Connect links",
    operation_id = "create_connect_link",
    request_body = CreateConnectLink,
    responses(
        (status = 201, description = "Made.", body = CreatedConnectLink),
        (status = 400, description = "Some fields are wrong; `problems` names them."),
        (status = 401, description = "No API token that reaches all accounts."),
        (status = 404, description = "There is no such account."),
        (status = 413, description = "The body is too long."),
        (status = 415, description = "The body is not sent as JSON."),
    ),
    security(("api_token" = []))
)]
pub async fn create(
    State(api): State<Api>,
    caller: ApiCaller,
    Body(body): Body<CreateConnectLink>,
) -> Result<Response, Refusal> {
    caller.reach_all()?;
    let wrong = |message: &str| Refusal::bad_request(vec![Problem::new("expires_at", message)]);
    let expires_at = match (&body.expires_at, body.expires_in_seconds) {
        (None, None) => None,
        (None, Some(seconds)) => Some(now() + i64::from(seconds) * 1000),
        (Some(text), None) => Some(moment(text).ok_or_else(|| wrong("expected a time such as 2030-01-31T09:30:00Z"))?),
        (Some(_), Some(_)) => return Err(wrong("leave it out beside `expires_in_seconds`")),
    };
    let new = NewConnectLink {
        integration: body.integration,
        name: body.name,
        tenant_id: body.tenant_id,
        variables: body.variables,
        base_url: body.base_url,
        account_id: body.account_id,
        expires_at,
    };
    let (row, secret) = api.control.create_connect_link(new).await?;
    let created = CreatedConnectLink {
        url: link_url(&api.public_url, &row, &secret),
        link: (&row).into(),
    };
    answer(StatusCode::CREATED, &created)
}

/// List the links that have not ended, newest first. Their addresses are not kept.
#[utoipa::path(
    get,
    path = "/connect-link",
    tag = "Connect links",
    operation_id = "list_connect_links",
    params(ListConnectLinks),
    responses(
        (status = 200, description = "A page of links.", body = Listing<ConnectLinkView>),
        (status = 400, description = "The page makes no sense."),
        (status = 401, description = "No API token that reaches all accounts."),
    ),
    security(("api_token" = []))
)]
pub async fn list(
    State(api): State<Api>,
    caller: ApiCaller,
    Query(query): Query<ListConnectLinks>,
) -> Result<Listing<ConnectLinkView>, Refusal> {
    caller.reach_all()?;
    let page = page(query.limit, query.next_cursor.as_deref())?;
    let rows = api.control.connect_links(&one_more(&page)).await?;
    Ok(Listing::new(
        rows,
        &page,
        |row| (row.created_at, &row.id),
        |row| row.into(),
    ))
}

/// Take a link back. What was connected with it stays.
#[utoipa::path(
    delete,
    path = "/connect-link/{id}",
    tag = "Connect links",
    operation_id = "delete_connect_link",
    params(("id" = String, Path, description = "The link's id.")),
    responses(
        (status = 204, description = "It opens nothing any more."),
        (status = 401, description = "No API token that reaches all accounts."),
        (status = 404, description = "There is no such link."),
    ),
    security(("api_token" = []))
)]
pub async fn delete(State(api): State<Api>, caller: ApiCaller, Path(id): Path<String>) -> Result<Response, Refusal> {
    caller.reach_all()?;
    api.control.delete_connect_link(&id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
