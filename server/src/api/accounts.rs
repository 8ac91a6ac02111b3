//! `/integrated-account`: connected accounts.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{answer, one_more, page, present};
use super::{Api, ApiCaller, Body, Listing, Path, Query, Refusal};
use crate::control::Problem;
use crate::control::accounts::{AccountPatch, AccountTest, AccountView, Given, NewAccount};
use crate::control::fields::FieldsView;
use crate::store::{AccountFilter, AccountStatus};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(read, patch, delete))
        .routes(routes!(test))
        .routes(routes!(fields))
        .routes(routes!(refresh))
}

/// An account to be connected.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// Slug of the helpdesk, as `GET /integration` lists it.
    pub integration: String,
    /// Name for people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Your own name for your customer.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub tenant_id: Option<String>,
    /// What `GET /integration/{slug}` asks for under `credentials`, by name. Never shown again.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub credentials: Given,
    /// What `GET /integration/{slug}` asks for under `variables`, by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub variables: Given,
    /// The address to use instead of the vendor's: one of the vendor's, this machine's loopback, or one that the
    /// operator allows.
    #[serde(default)]
    #[schema(max_length = 2048)]
    pub base_url: Option<String>,
}

/// Changes of an account. What is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchAccount {
    /// Name for people.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 200, value_type = String)]
    pub name: Option<String>,
    /// Your own name for your customer; null clears it.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 200, value_type = Option<String>)]
    pub tenant_id: Option<Option<String>>,
    /// Credentials by name, merged with those there are; null clears one.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub credentials: Given,
    /// Variables by name, merged with those there are; null clears one.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub variables: Given,
    /// The address to use instead of the vendor's; null clears it.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 2048, value_type = Option<String>)]
    pub base_url: Option<Option<String>>,
}

/// Which snapshot of an account's fields is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SnapshotQuery {
    /// Its number; the newest when left out.
    number: Option<i64>,
}

/// Which accounts are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    /// Only those of this helpdesk.
    integration: Option<String>,
    /// Only those of this tenant.
    tenant_id: Option<String>,
    /// Only those with this status.
    #[param(inline, value_type = Option<AccountStatus>)]
    status: Option<String>,
    /// Most accounts on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page starts: `next_cursor` of the page before.
    next_cursor: Option<String>,
}

/// Connect an account. Its credentials are checked for their form and sealed; `test` tells whether the helpdesk takes
/// them.
#[utoipa::path(
    post,
    path = "/integrated-account",
    tag = "Accounts",
    operation_id = "create_integrated_account",
    request_body = CreateAccount,
    responses(
        (status = 201, description = "Connected.", body = AccountView, headers(("Location" = String, description = "Where the account is."))),
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
    Body(body): Body<CreateAccount>,
) -> Result<Response, Refusal> {
    caller.reach_all()?;
    let row = api.control.create_account(body.into()).await?;
    let location =
        HeaderValue::from_str(&format!("/integrated-account/{}", row.id)).map_err(|_| Refusal::internal())?;
    let mut response = answer(StatusCode::CREATED, &api.control.show_account(&row))?;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

impl From<CreateAccount> for NewAccount {
    fn from(body: CreateAccount) -> Self {
        Self {
            integration: body.integration,
            name: body.name,
            tenant_id: body.tenant_id,
            credentials: body.credentials,
            variables: body.variables,
            base_url: body.base_url,
        }
    }
}

/// List accounts, newest first. A token that reaches one account lists that one.
#[utoipa::path(
    get,
    path = "/integrated-account",
    tag = "Accounts",
    operation_id = "list_integrated_accounts",
    params(ListAccounts),
    responses(
        (status = 200, description = "A page of accounts.", body = Listing<AccountView>),
        (status = 400, description = "A filter makes no sense."),
        (status = 401, description = "No live API token."),
    ),
    security(("api_token" = []))
)]
pub async fn list(
    State(api): State<Api>,
    caller: ApiCaller,
    Query(query): Query<ListAccounts>,
) -> Result<Listing<AccountView>, Refusal> {
    let status = match &query.status {
        None => None,
        Some(word) => Some(AccountStatus::from_word(word).ok_or_else(|| {
            Refusal::bad_request(vec![Problem::new("status", "expected `active` or `needs_reauth`")])
        })?),
    };
    let filter = AccountFilter {
        id: caller.only_account().map(str::to_owned),
        integration: query.integration,
        tenant_id: query.tenant_id,
        status,
    };
    let page = page(query.limit, query.next_cursor.as_deref())?;
    let rows = api.control.accounts(filter, &one_more(&page)).await?;
    Ok(Listing::new(
        rows,
        &page,
        |row| (row.created_at, &row.id),
        |row| api.control.show_account(row),
    ))
}

/// Read an account. Its credentials are never shown.
#[utoipa::path(
    get,
    path = "/integrated-account/{id}",
    tag = "Accounts",
    operation_id = "get_integrated_account",
    params(("id" = String, Path, description = "The account.")),
    responses(
        (status = 200, description = "The account.", body = AccountView),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such account."),
    ),
    security(("api_token" = []))
)]
pub async fn read(State(api): State<Api>, caller: ApiCaller, Path(id): Path<String>) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    let row = api.control.account(&id).await?;
    answer(StatusCode::OK, &api.control.show_account(&row))
}

/// Change an account. Its MCP servers stay. Replacing what it connects with sets its status to `active`.
#[utoipa::path(
    patch,
    path = "/integrated-account/{id}",
    tag = "Accounts",
    operation_id = "update_integrated_account",
    params(("id" = String, Path, description = "The account.")),
    request_body = PatchAccount,
    responses(
        (status = 200, description = "The account as it is now.", body = AccountView),
        (status = 400, description = "Some fields are wrong; `problems` names them."),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such account."),
        (status = 409, description = "Somebody else changed it at the same time."),
        (status = 413, description = "The body is too long."),
        (status = 415, description = "The body is not sent as JSON."),
    ),
    security(("api_token" = []))
)]
pub async fn patch(
    State(api): State<Api>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Body(body): Body<PatchAccount>,
) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    let patch = AccountPatch {
        name: body.name,
        tenant_id: body.tenant_id,
        credentials: body.credentials,
        variables: body.variables,
        base_url: body.base_url,
    };
    let row = api.control.patch_account(&id, patch).await?;
    answer(StatusCode::OK, &api.control.show_account(&row))
}

/// Delete an account with its MCP servers and the tokens that reach only it. Calls under way are cut off.
#[utoipa::path(
    delete,
    path = "/integrated-account/{id}",
    tag = "Accounts",
    operation_id = "delete_integrated_account",
    params(("id" = String, Path, description = "The account.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such account."),
    ),
    security(("api_token" = []))
)]
pub async fn delete(State(api): State<Api>, caller: ApiCaller, Path(id): Path<String>) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    api.control.delete_account(&id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Read the custom fields that an account has defined, of the newest snapshot or of another.
#[utoipa::path(
    get,
    path = "/integrated-account/{id}/fields",
    tag = "Accounts",
    operation_id = "get_integrated_account_fields",
    params(("id" = String, Path, description = "The account."), SnapshotQuery),
    responses(
        (status = 200, description = "The fields.", body = FieldsView),
        (status = 400, description = "The number is none."),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such account or snapshot."),
    ),
    security(("api_token" = []))
)]
pub async fn fields(
    State(api): State<Api>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Query(query): Query<SnapshotQuery>,
) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    answer(StatusCode::OK, &api.control.fields(&id, query.number).await?)
}

/// Read the custom fields that an account has defined from its helpdesk. The schemas of its tools follow.
#[utoipa::path(
    post,
    path = "/integrated-account/{id}/refresh",
    tag = "Accounts",
    operation_id = "refresh_integrated_account",
    params(("id" = String, Path, description = "The account.")),
    responses(
        (status = 200, description = "The fields as they are now.", body = FieldsView),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such account."),
        (status = 409, description = "Accounts of this helpdesk define no fields that can be read."),
    ),
    security(("api_token" = []))
)]
pub async fn refresh(State(api): State<Api>, caller: ApiCaller, Path(id): Path<String>) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    answer(StatusCode::OK, &api.control.refresh_fields(&id).await?)
}

/// Test an account with one harmless call to its helpdesk, and note whether the credentials are accepted. The answer
/// is 200 whatever the helpdesk says.
#[utoipa::path(
    post,
    path = "/integrated-account/{id}/test",
    tag = "Accounts",
    operation_id = "test_integrated_account",
    params(("id" = String, Path, description = "The account.")),
    responses(
        (status = 200, description = "How it went.", body = AccountTest),
        (status = 401, description = "No API token that reaches this account."),
        (status = 404, description = "There is no such account."),
        (status = 409, description = "The helpdesk has no operation to test with."),
    ),
    security(("api_token" = []))
)]
pub async fn test(State(api): State<Api>, caller: ApiCaller, Path(id): Path<String>) -> Result<Response, Refusal> {
    caller.reach(&id)?;
    answer(StatusCode::OK, &api.control.test_account(&id).await?)
}
