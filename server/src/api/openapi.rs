//! `/openapi.json`: this API as OpenAPI 3.1, put together from the routes and what stands beside their handlers.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use serde::Serialize;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Any error of the API.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct Problem {
    /// The HTTP status.
    status_code: u16,
    /// The status in words.
    error: String,
    /// What is wrong and what to do instead.
    message: String,
    /// What is wrong with which field, for 400.
    problems: Option<Vec<FieldProblem>>,
    /// `rate_limited` when a limit of this server is reached.
    code: Option<String>,
    /// `deskhand` when the limit is this server's, not the helpdesk's.
    origin: Option<String>,
    /// Seconds to wait.
    #[serde(rename = "retry_after")]
    retry_after: Option<u64>,
}

/// What is wrong with a field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FieldProblem {
    /// The field, as a dotted path; empty for the whole.
    field: String,
    /// What is wrong and what was expected.
    message: String,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Deskhand",
        description = "Connected helpdesk accounts, their MCP servers, and their tools for agent frameworks. \
            MCP itself is served at `POST /mcp/{token}`, and at `POST /mcp` with the token as bearer."
    ),
    components(schemas(Problem, FieldProblem)),
    tags(
        (name = "Integrations", description = "The helpdesks compiled in."),
        (name = "Accounts", description = "Connected accounts. Their credentials are never shown."),
        (name = "Connect links", description = "How people connect their helpdesk through its OAuth2 flow."),
        (name = "MCP servers", description = "What MCP clients of an account may use, and until when."),
        (name = "Tools", description = "An account's tools for agent frameworks."),
        (name = "Proxy", description = "The same operations, REST style."),
        (name = "API tokens", description = "Tokens that open this API."),
        (name = "Log", description = "One record of each call of a tool."),
        (name = "Operation", description = "For those who run the server."),
    )
)]
struct Base;

/// What the document holds besides the routes.
pub(crate) fn base() -> OpenApi {
    let mut document = Base::openapi();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "An API token: `dh_…`, printed at the first start or made with `deskhand token create`.",
        ))
        .build();
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("api_token", SecurityScheme::Http(bearer));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The token of an MCP server of the account: what the server offers, as long as it lasts.",
        ))
        .build();
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("mcp_token", SecurityScheme::Http(bearer));
    document
}

/// The document, once all routes are known.
pub(crate) type Document = Arc<OnceLock<Bytes>>;

pub(crate) fn routes(document: Document) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(read)).with_state(document)
}

/// Read this document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "Operation",
    operation_id = "get_openapi",
    responses((status = 200, description = "This API as OpenAPI 3.1.", body = Object))
)]
async fn read(State(document): State<Document>) -> Response {
    let text = document.get().cloned().unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

/// Says of each operation what holds for all: the form of errors, and what every call with a token can meet.
pub(crate) fn complete(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.patch,
            &mut item.delete,
            &mut item.put,
        ];
        for operation in operations.into_iter().flatten() {
            complete_operation(operation);
        }
    }
}

fn complete_operation(operation: &mut Operation) {
    let problem = || {
        Content::new(Some(RefOr::<utoipa::openapi::Schema>::from(Ref::from_schema_name(
            "Problem",
        ))))
    };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(never_null);
    }
    let responses = &mut operation.responses.responses;
    if operation.security.is_some() {
        for (status, about) in [
            (
                "429",
                "A limit of this server is reached; `Retry-After` tells when it is not.",
            ),
            ("503", "The database does not answer."),
        ] {
            let response = || ResponseBuilder::new().description(about).build().into();
            responses.entry(status.to_owned()).or_insert_with(response);
        }
    }
    let other = ResponseBuilder::new().description("Any other error.").build();
    responses.entry("default".to_owned()).or_insert(RefOr::T(other));
    for (status, response) in responses {
        let is_error = status.starts_with(['4', '5']) || status == "default";
        if let RefOr::T(response) = response
            && is_error
            && response.content.is_empty()
        {
            response.content.insert("application/json".to_owned(), problem().into());
        }
    }
}

/// A body that may be left out is described as one that may be null, which no operation takes.
fn never_null(content: &mut RefOr<Content>) {
    let RefOr::T(content) = content else { return };
    let Some(RefOr::T(schema)) = &mut content.schema else {
        return;
    };
    match schema {
        Schema::Object(object) => drop_null(&mut object.schema_type),
        Schema::OneOf(several) => {
            several
                .items
                .retain(|item| !matches!(item, RefOr::T(Schema::Object(object)) if is_null(&object.schema_type)));
            if let [_] = several.items[..]
                && let Some(only) = several.items.pop()
            {
                content.schema = Some(only);
            }
        }
        _ => {}
    }
}

fn is_null(kind: &SchemaType) -> bool {
    matches!(kind, SchemaType::Type(Type::Null))
}

fn drop_null(kind: &mut SchemaType) {
    if let SchemaType::Array(kinds) = kind {
        kinds.retain(|kind| *kind != Type::Null);
        if let [only] = &kinds[..] {
            *kind = SchemaType::Type(only.clone());
        }
    }
}
