//! `/integrated-account/{id}/tools`: an account's tools for agent frameworks, and running one.

use axum::extract::{Request, State};
use axum::response::Response;
use deskhand_runtime::arguments::{CLEAR, LIMIT, NEXT_CURSOR};
use deskhand_runtime::dialect::Dialect;
use deskhand_runtime::operation::{Body as BodyKind, Operation};
use deskhand_runtime::schema::SchemaOptions;
use deskhand_runtime::shape::Place;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::doors::{self, Called, MAX_CALL_BYTES};
use super::extract::{from_json, read_body, sent_json};
use super::{Api, Listing, Path, Query, Refusal};
use crate::call::{Caller, Door};
use crate::catalog;
use crate::control::Problem;
use crate::dialect;
use crate::filter::{Entry, Filter};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(run))
}

/// Which of the tools are meant.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Narrow {
    /// `read`, `write`, `custom` or exact method names, separated by commas; all when left out.
    methods: Option<String>,
    /// Tags, any of which a tool must bear, separated by commas; all when left out.
    tags: Option<String>,
    /// How schemas are written: `mcp` (when left out), `anthropic`, `openai`, `openai-strict`, `gemini` or `cursor`. Arguments
    /// of a call follow it.
    dialect: Option<String>,
}

impl Narrow {
    fn filter(&self) -> Result<Filter, Refusal> {
        Ok(Filter::new(
            doors::words("methods", self.methods.as_deref())?,
            doors::words("tags", self.tags.as_deref())?,
        ))
    }

    fn dialect(&self) -> Result<Dialect, Refusal> {
        let named = self.dialect.as_deref().map(dialect::named).transpose();
        let refused = |message| Refusal::bad_request(vec![Problem::new("dialect", message)]);
        Ok(named.map_err(refused)?.unwrap_or_default())
    }
}

/// A tool, as agent frameworks need it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FrameworkTool {
    /// What it is about.
    resource: &'static str,
    /// What it does.
    method: &'static str,
    /// Its name.
    name: &'static str,
    /// What it does, for a language model.
    description: String,
    /// JSON Schema of the arguments in path, query and headers.
    #[schema(value_type = Object)]
    query_schema: Map<String, Value>,
    /// JSON Schema of the arguments in the body.
    #[schema(value_type = Object)]
    body_schema: Map<String, Value>,
    /// JSON Schema of all arguments, as a call takes them.
    #[schema(value_type = Object)]
    input_schema: Map<String, Value>,
    /// Arguments that must be given.
    #[schema(value_type = Vec<String>)]
    required: Value,
    /// Its tags.
    tags: &'static [&'static str],
}

impl FrameworkTool {
    fn of((operation, tool): &Entry, options: &SchemaOptions, dialect: Dialect) -> Self {
        let schema = catalog::lowered(catalog::input_schema(operation, options), dialect);
        Self {
            resource: operation.resource,
            method: operation.method,
            name: tool.name,
            description: catalog::doc(tool, options).into_owned(),
            query_schema: part(&schema, |name| !in_body(operation, name)),
            body_schema: part(&schema, |name| in_body(operation, name)),
            required: schema
                .get("required")
                .cloned()
                .unwrap_or_else(|| Value::Array(Vec::new())),
            input_schema: Map::clone(&schema),
            tags: tool.tags,
        }
    }
}

/// Whether an argument travels in the body.
fn in_body(operation: &Operation, name: &str) -> bool {
    if operation.body == BodyKind::None {
        return false;
    }
    match (operation.input)().field(name).map(|field| field.place) {
        Some(Place::Path | Place::Query(_) | Place::Header) => false,
        Some(Place::Body | Place::WholeBody | Place::Part | Place::QueryOrPart | Place::Flag) => true,
        None => name == CLEAR || ![LIMIT, NEXT_CURSOR].contains(&name),
    }
}

/// The part of an object schema that is about some of its properties.
fn part(schema: &Map<String, Value>, is_in: impl Fn(&str) -> bool) -> Map<String, Value> {
    let mut part = schema.clone();
    if let Some(Value::Object(properties)) = part.get_mut("properties") {
        properties.retain(|name, _| is_in(name));
    }
    if let Some(Value::Array(required)) = part.get_mut("required") {
        required.retain(|name| name.as_str().is_some_and(&is_in));
        if required.is_empty() {
            part.shift_remove("required");
        }
    }
    part
}

/// List the tools of an account. With the token of one of its MCP servers instead of an API token, those that the server
/// offers, without the arguments it has fixed.
#[utoipa::path(
    get,
    path = "/integrated-account/{id}/tools",
    tag = "Tools",
    operation_id = "list_tools",
    params(("id" = String, Path, description = "The account."), Narrow),
    responses(
        (status = 200, description = "All of them, on one page.", body = Listing<FrameworkTool>),
        (status = 400, description = "No tool has such a method or tag, or none is left."),
        (status = 401, description = "No token that reaches this account."),
        (status = 404, description = "There is no such account."),
    ),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn list(
    State(api): State<Api>,
    Path(id): Path<String>,
    Query(narrow): Query<Narrow>,
    request: Request,
) -> Result<Listing<FrameworkTool>, Refusal> {
    let (parts, _) = request.into_parts();
    let access = doors::enter(&api, &parts, &id).await?;
    if let Some(server) = access.mcp_server_id() {
        let reached = api.quotas.use_token(server);
        reached.map_err(|reached| Refusal::rate_limited(reached.message("this MCP server"), reached.wait))?;
    }
    let dialect = narrow.dialect()?;
    let access = doors::narrowed(access, &narrow.filter()?)?;
    let options = access.scope().schema_options();
    let tools = access.scope().tools().iter();
    Ok(Listing::whole(
        tools.map(|entry| FrameworkTool::of(entry, &options, dialect)).collect(),
    ))
}

/// Run a tool once. The body is an object of its arguments, as the tool's `input_schema` describes it. The answer has the
/// helpdesk's status; what is known of its limits is in the headers. Nothing is retried.
#[utoipa::path(
    post,
    path = "/integrated-account/{id}/tools/{name}",
    tag = "Tools",
    operation_id = "run_tool",
    params(
        ("id" = String, Path, description = "The account."),
        ("name" = String, Path, description = "The tool."),
        Narrow,
    ),
    request_body(content = Option<Object>, description = "The arguments; none when left out."),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn run(
    State(api): State<Api>,
    Path((id, name)): Path<(String, String)>,
    Query(narrow): Query<Narrow>,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let access = doors::enter(&api, &parts, &id).await?;
    let access = doors::narrowed(access, &narrow.filter()?)?;
    let arguments = match json_body(&parts.headers, body).await? {
        None => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => {
            return Err(Refusal::bad_request(vec![Problem::new(
                "",
                "expected an object of arguments by name",
            )]));
        }
    };
    let caller = Caller {
        dialect: narrow.dialect()?,
        ..doors::caller(&parts, Door::Run)
    };
    Ok(doors::call(&api, caller, access, &name, arguments).await)
}

/// The JSON of a call's body, if it has one.
///
/// # Errors
/// It is too long, not sent as JSON, or none.
pub(super) async fn json_body(headers: &http::HeaderMap, body: axum::body::Body) -> Result<Option<Value>, Refusal> {
    let body = read_body(Request::new(body), MAX_CALL_BYTES).await?;
    if body.is_empty() {
        return Ok(None);
    }
    sent_json(headers)?;
    from_json(&body).map(Some)
}
