//! `/api-token`: the tokens that open this API.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{answer, one_more, page};
use super::{Api, ApiCaller, Body, Listing, Path, Query, Refusal};
use crate::control::api_tokens::{ApiTokenView, NewApiToken};
use crate::control::{Problem, moment};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(revoke))
}

/// An API token to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiToken {
    /// Name for people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The one account that it reaches; all, and everything else, when left out.
    #[serde(default)]
    pub account_id: Option<String>,
    /// When it ends (RFC 3339), at least 60 seconds ahead; never when left out.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
}

/// An API token, with its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CreatedApiToken {
    /// What was made.
    #[serde(flatten)]
    pub token_view: ApiTokenView,
    /// The token itself. It is shown this once; only its keyed hash is kept.
    pub token: String,
}

/// Which API tokens are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListApiTokens {
    /// Most tokens on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page starts: `next_cursor` of the page before.
    next_cursor: Option<String>,
}

/// Make an API token. The token itself is in this answer only.
#[utoipa::path(
    post,
    path = "/api-token",
    tag = "API tokens",
    operation_id = "create_api_token",
    request_body = CreateApiToken,
    responses(
        (status = 201, description = "Made.", body = CreatedApiToken),
        (status = 400, description = "Some fields are wrong; `problems` names them."),
        (status = 401, description = "No API token that reaches all accounts."),
        (status = 413, description = "The body is too long."),
        (status = 415, description = "The body is not sent as JSON."),
    ),
    security(("api_token" = []))
)]
pub async fn create(
    State(api): State<Api>,
    caller: ApiCaller,
    Body(body): Body<CreateApiToken>,
) -> Result<Response, Refusal> {
    caller.reach_all()?;
    let expires_at = match &body.expires_at {
        None => None,
        Some(text) => Some(moment(text).ok_or_else(|| {
            Refusal::bad_request(vec![Problem::new(
                "expires_at",
                "expected a time such as 2030-01-31T09:30:00Z, or null",
            )])
        })?),
    };
    let new = NewApiToken {
        name: body.name,
        account_id: body.account_id,
        expires_at,
    };
    let (row, token) = api.control.create_api_token(new).await?;
    let created = CreatedApiToken {
        token_view: (&row).into(),
        token: token.reveal().to_owned(),
    };
    answer(StatusCode::CREATED, &created)
}

/// List the API tokens that have not ended, newest first. The tokens themselves are not kept.
#[utoipa::path(
    get,
    path = "/api-token",
    tag = "API tokens",
    operation_id = "list_api_tokens",
    params(ListApiTokens),
    responses(
        (status = 200, description = "A page of API tokens.", body = Listing<ApiTokenView>),
        (status = 400, description = "The page makes no sense."),
        (status = 401, description = "No API token that reaches all accounts."),
    ),
    security(("api_token" = []))
)]
pub async fn list(
    State(api): State<Api>,
    caller: ApiCaller,
    Query(query): Query<ListApiTokens>,
) -> Result<Listing<ApiTokenView>, Refusal> {
    caller.reach_all()?;
    let page = page(query.limit, query.next_cursor.as_deref())?;
    let rows = api.control.api_tokens(&one_more(&page)).await?;
    Ok(Listing::new(
        rows,
        &page,
        |row| (row.created_at, &row.id),
        |row| row.into(),
    ))
}

/// Revoke an API token: it ends at once here, and within a second in every other process on the same database.
#[utoipa::path(
    delete,
    path = "/api-token/{id}",
    tag = "API tokens",
    operation_id = "revoke_api_token",
    params(("id" = String, Path, description = "The token's id.")),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 401, description = "No API token that reaches all accounts."),
        (status = 404, description = "There is no such API token."),
    ),
    security(("api_token" = []))
)]
pub async fn revoke(State(api): State<Api>, caller: ApiCaller, Path(id): Path<String>) -> Result<Response, Refusal> {
    caller.reach_all()?;
    api.control.delete_api_token(&id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
