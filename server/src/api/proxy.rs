//! `/proxy/…`: the same operations, REST style.

use axum::extract::{Request, State};
use axum::response::Response;
use deskhand_runtime::arguments::{CLEAR, nearest};
use deskhand_runtime::error::{ArgumentFault, Code, Error};
use deskhand_runtime::operation::Operation;
use deskhand_runtime::shape::{Field, Place, Presence, QueryStyle, Shape};
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::doors::{self, Called};
use super::tools::json_body;
use super::{Api, Path, Query, Refusal};
use crate::call::Door;
use crate::control::Problem;
use crate::discovery;
use crate::filter::Entry;
use crate::http::response::bearer;
use crate::scope::Scope;

/// The parameter of the query that names the account.
const ACCOUNT: &str = "integrated_account_id";

/// The parameters of a query, in their order.
type Pairs = Vec<(String, String)>;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create, update, delete))
        .routes(routes!(get_one, custom, update_one, delete_one))
}

/// List the records of a resource. Further parameters of the query are arguments; a repeated one is a list.
#[utoipa::path(
    get,
    path = "/proxy/{resource}",
    tag = "Proxy",
    operation_id = "proxy_list",
    params(
        ("resource" = String, Path, description = "The resource, as the list of tools names it."),
        ("integrated_account_id" = String, Query, description = "The account."),
    ),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn list(
    State(api): State<Api>,
    Path(resource): Path<String>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    Asked::new(resource, "list", None).call(&api, query, request).await
}

/// Create a record of a resource. The body is an object of arguments; parameters of the query are arguments too.
#[utoipa::path(
    post,
    path = "/proxy/{resource}",
    tag = "Proxy",
    operation_id = "proxy_create",
    params(
        ("resource" = String, Path, description = "The resource, as the list of tools names it."),
        ("integrated_account_id" = String, Query, description = "The account."),
    ),
    request_body(content = Option<Object>, description = "Arguments."),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn create(
    State(api): State<Api>,
    Path(resource): Path<String>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    Asked::new(resource, "create", None).call(&api, query, request).await
}

/// Update a record that the arguments name.
#[utoipa::path(
    patch,
    path = "/proxy/{resource}",
    tag = "Proxy",
    operation_id = "proxy_update",
    params(
        ("resource" = String, Path, description = "The resource, as the list of tools names it."),
        ("integrated_account_id" = String, Query, description = "The account."),
    ),
    request_body(content = Option<Object>, description = "Arguments."),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn update(
    State(api): State<Api>,
    Path(resource): Path<String>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    Asked::new(resource, "update", None).call(&api, query, request).await
}

/// Delete a record that the arguments name.
#[utoipa::path(
    delete,
    path = "/proxy/{resource}",
    tag = "Proxy",
    operation_id = "proxy_delete",
    params(
        ("resource" = String, Path, description = "The resource, as the list of tools names it."),
        ("integrated_account_id" = String, Query, description = "The account."),
    ),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn delete(
    State(api): State<Api>,
    Path(resource): Path<String>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    Asked::new(resource, "delete", None).call(&api, query, request).await
}

/// Read a record.
#[utoipa::path(
    get,
    path = "/proxy/{resource}/{id_or_method}",
    tag = "Proxy",
    operation_id = "proxy_get",
    params(
        ("resource" = String, Path, description = "The resource, as the list of tools names it."),
        ("id_or_method" = String, Path, description = "Identifier of the record."),
        ("integrated_account_id" = String, Query, description = "The account."),
    ),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn get_one(
    State(api): State<Api>,
    Path((resource, id)): Path<(String, String)>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    Asked::new(resource, "get", Some(id)).call(&api, query, request).await
}

/// Call any other method of a resource.
#[utoipa::path(
    post,
    path = "/proxy/{resource}/{id_or_method}",
    tag = "Proxy",
    operation_id = "proxy_custom",
    params(
        ("resource" = String, Path, description = "The resource, as the list of tools names it."),
        ("id_or_method" = String, Path, description = "The method, as the list of tools names it."),
        ("integrated_account_id" = String, Query, description = "The account."),
    ),
    request_body(content = Option<Object>, description = "Arguments."),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn custom(
    State(api): State<Api>,
    Path((resource, method)): Path<(String, String)>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    let asked = Asked {
        resource,
        method,
        custom: true,
        id: None,
    };
    asked.call(&api, query, request).await
}

/// Update a record.
#[utoipa::path(
    patch,
    path = "/proxy/{resource}/{id_or_method}",
    tag = "Proxy",
    operation_id = "proxy_update_one",
    params(
        ("resource" = String, Path, description = "The resource, as the list of tools names it."),
        ("id_or_method" = String, Path, description = "Identifier of the record."),
        ("integrated_account_id" = String, Query, description = "The account."),
    ),
    request_body(content = Option<Object>, description = "Arguments."),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn update_one(
    State(api): State<Api>,
    Path((resource, id)): Path<(String, String)>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    Asked::new(resource, "update", Some(id))
        .call(&api, query, request)
        .await
}

/// Delete a record.
#[utoipa::path(
    delete,
    path = "/proxy/{resource}/{id_or_method}",
    tag = "Proxy",
    operation_id = "proxy_delete_one",
    params(
        ("resource" = String, Path, description = "The resource, as the list of tools names it."),
        ("id_or_method" = String, Path, description = "Identifier of the record."),
        ("integrated_account_id" = String, Query, description = "The account."),
    ),
    responses(Called),
    security(("api_token" = []), ("mcp_token" = []))
)]
pub async fn delete_one(
    State(api): State<Api>,
    Path((resource, id)): Path<(String, String)>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    Asked::new(resource, "delete", Some(id))
        .call(&api, query, request)
        .await
}

/// What an address asks for.
struct Asked {
    resource: String,
    method: String,
    /// Whether the method is one that no verb of HTTP stands for.
    custom: bool,
    id: Option<String>,
}

impl Asked {
    fn new(resource: String, method: &str, id: Option<String>) -> Self {
        Self {
            resource,
            method: method.to_owned(),
            custom: false,
            id,
        }
    }

    async fn call(self, api: &Api, mut query: Pairs, request: Request) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        bearer(&parts.headers).ok_or_else(Refusal::unauthorized)?;
        let account = account(&mut query)?;
        let access = doors::enter(api, &parts, &account).await?;
        let (operation, tool) = match self.find(access.scope()) {
            Ok(found) => found,
            Err(error) => return Ok(doors::respond(error.into())),
        };
        let body = json_body(&parts.headers, body).await?;
        let arguments = match arguments(operation, access.scope(), self.id, query, body) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(doors::respond(error.into())),
        };
        Ok(doors::call(api, doors::caller(&parts, Door::Proxy), access, tool.name, arguments).await)
    }

    /// The operation that is asked for, among those of the scope: the others do not exist.
    fn find(&self, scope: &Scope) -> Result<Entry, Error> {
        let unknown = |message: String, hint: String| Err(Error::deskhand(Code::UnknownTool, message).with_hint(hint));
        let of_it: Vec<&Entry> = scope
            .tools()
            .iter()
            .filter(|(operation, _)| operation.resource == self.resource)
            .collect();
        if of_it.is_empty() {
            return unknown(
                format!("there is no resource `{}` here", shortened(&self.resource)),
                suggestion(&self.resource, &discovery::resources(scope.tools())),
            );
        }
        let is_it = |entry: &&&Entry| entry.0.method == self.method && entry.0.has_own_method() == self.custom;
        if let Some(found) = of_it.iter().find(is_it) {
            return Ok(**found);
        }
        let methods = of_it.iter().map(|(operation, _)| operation);
        let methods: Vec<&str> = if self.custom {
            let custom = methods.filter(|operation| operation.has_own_method());
            custom.map(|operation| operation.method).collect()
        } else {
            methods.map(|operation| operation.method).collect()
        };
        unknown(
            format!("`{}` has no method `{}` here", self.resource, shortened(&self.method)),
            if self.custom {
                suggestion(&self.method, &methods)
            } else {
                format!("It has: {}.", methods.join(", "))
            },
        )
    }
}

/// The account, taken out of the query.
fn account(query: &mut Pairs) -> Result<String, Refusal> {
    let (accounts, rest): (Pairs, Pairs) = query.drain(..).partition(|(name, _)| name == ACCOUNT);
    *query = rest;
    match <[_; 1]>::try_from(accounts) {
        Ok([(_, account)]) => Ok(account),
        Err(_) => Err(Refusal::bad_request(vec![Problem::new(
            ACCOUNT,
            "expected the id of one account",
        )])),
    }
}

/// The arguments of a call: identifier of the address, parameters of the query, members of the body.
fn arguments(
    operation: &'static Operation,
    scope: &Scope,
    id: Option<String>,
    query: Pairs,
    body: Option<Value>,
) -> Result<Map<String, Value>, Error> {
    let mut arguments = Map::new();
    if let Some(id) = id {
        let Some(field) = identifier(operation, scope) else {
            return Err(refused(
                "",
                "this takes no identifier in its address: name it in the query or in the body",
            ));
        };
        arguments.insert(field.name.to_owned(), id.into());
    }
    let mut given: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in query {
        match given.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => given.push((name, vec![value])),
        }
    }
    for (name, values) in given {
        let value = from_query(operation, &name, values);
        if arguments.insert(name.clone(), value).is_some() {
            return Err(refused(&name, "is given in the address and in the query: give it once"));
        }
    }
    match body {
        None => {}
        Some(Value::Object(members)) => {
            for (name, value) in members {
                if arguments.insert(name.clone(), value).is_some() {
                    return Err(refused(&name, "is given in the address and in the body: give it once"));
                }
            }
        }
        Some(value) => match whole_body(operation) {
            Some(field) => {
                if arguments.insert(field.name.to_owned(), value).is_some() {
                    return Err(refused(
                        field.name,
                        "is given in the address and as the body: give it once",
                    ));
                }
            }
            None => return Err(refused("", "the body must be an object of arguments by name")),
        },
    }
    Ok(arguments)
}

/// The argument that an identifier in the address stands for: the last of the vendor's path, else the one identifier
/// that is required. What comes from the account or is fixed is not asked for.
fn identifier(operation: &'static Operation, scope: &Scope) -> Option<&'static Field> {
    let own = |field: &&'static Field| field.variable.is_none() && !scope.fixes(field.name);
    let fields: Vec<&'static Field> = (operation.input)().fields.iter().filter(own).collect();
    let place = |field: &Field| {
        let forms = [field.name, field.wire].map(|name| [format!("{{{name}}}"), format!("{{{name}*}}")]);
        forms
            .iter()
            .flatten()
            .find_map(|placeholder| operation.path.find(placeholder))
    };
    let in_path = fields.iter().filter(|field| field.place == Place::Path);
    if let Some(last) = in_path.max_by_key(|field| place(field)) {
        return Some(last);
    }
    let needed = |field: &&&'static Field| field.presence == Presence::Required && matches!(field.shape, Shape::Id(_));
    let mut needed = fields.iter().filter(needed);
    match (needed.next(), needed.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

fn whole_body(operation: &'static Operation) -> Option<&'static Field> {
    let mut fields = (operation.input)().fields.iter();
    fields.find(|field| field.place == Place::WholeBody)
}

/// A value of the query. Text stands for other kinds too, which the check knows; a list can be given as its items.
fn from_query(operation: &'static Operation, name: &str, mut values: Vec<String>) -> Value {
    let field = (operation.input)().field(name);
    let is_list = name == CLEAR || field.is_some_and(|field| matches!(field.shape, Shape::List(_)));
    match (values.len(), values.pop()) {
        (1, Some(text)) => {
            let as_json = serde_json::from_str::<Value>(&text).is_ok_and(|value| value.is_array());
            let by_commas = field.is_some_and(|field| field.place == Place::Query(QueryStyle::Comma));
            if !is_list || as_json {
                text.into()
            } else if by_commas {
                text.split(',').map(Value::from).collect()
            } else {
                Value::Array(vec![text.into()])
            }
        }
        (_, last) => values.into_iter().chain(last).map(Value::from).collect(),
    }
}

fn refused(argument: &str, message: &str) -> Error {
    Error::arguments(vec![ArgumentFault {
        argument: shortened(argument),
        message: message.to_owned(),
        did_you_mean: None,
        get_it_from: Vec::new(),
    }])
}

fn suggestion(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if known.is_empty() => "There is none.".to_owned(),
        None => format!("There are: {}.", known.join(", ")),
    }
}

/// A name that the caller made up, fit to be repeated.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}
