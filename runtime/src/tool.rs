//! Operations as tools: arguments in, what the contract says out.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::answer::Content;
use crate::arguments::{self, CheckSettings};
use crate::client::{Connection, Ran};
use crate::cursor::{self, Binding, CursorKey};
use crate::error::{Code, Error};
use crate::limits::RateLimit;
use crate::operation::Operation;
use crate::page::{self, PageState};
use crate::shape::{Field, Place, Presence, Shape};

/// What a tool call needs besides the account.
#[derive(Clone, Copy)]
pub struct CallContext<'a> {
    /// The key that seals cursors.
    pub cursor_key: &'a CursorKey,
    /// Identifier of the account, which cursors are bound to.
    pub binding: &'a str,
    /// Whether a tool is visible to the caller; only such tools are named in errors.
    pub visible: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether an argument is fixed by the server; errors do not name it to the caller.
    pub fixed: &'a (dyn Fn(&str) -> bool + Sync),
}

impl std::fmt::Debug for CallContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallContext")
            .field("binding", &self.binding)
            .finish_non_exhaustive()
    }
}

/// What a tool answered.
#[derive(Clone)]
pub struct ToolOutcome {
    /// The answer in the contract's form, or why there is none.
    pub result: Result<Value, Error>,
    /// What the vendor told about its limits.
    pub rate_limit: Option<RateLimit>,
    /// The vendor's status; `None` when nothing came back.
    pub status: Option<u16>,
    /// How long the vendor took; `None` when nothing was sent.
    pub upstream_time: Option<Duration>,
}

/// Shows no answer: it can hold customers' data.
impl std::fmt::Debug for ToolOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToolOutcome")
            .field("error", &self.result.as_ref().err())
            .field("rate_limit", &self.rate_limit)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl ToolOutcome {
    /// The structured content: the answer, or `{"error": {…}}`. Always an object.
    #[must_use]
    pub fn to_structured(&self) -> Value {
        match &self.result {
            Ok(value) => value.clone(),
            Err(error) => error.to_json(),
        }
    }

    /// As [`ToolOutcome::to_structured`], without copying the answer.
    #[must_use]
    pub fn into_structured(self) -> Value {
        self.result.unwrap_or_else(|error| error.to_json())
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.result.is_err()
    }
}

impl From<Error> for ToolOutcome {
    fn from(error: Error) -> Self {
        Self {
            rate_limit: error.rate_limit().copied(),
            status: error.status(),
            upstream_time: None,
            result: Err(error),
        }
    }
}

/// Runs a tool once. Nothing is repeated; dropping the future cancels the request.
pub async fn call_tool(
    connection: &Connection,
    operation: &'static Operation,
    arguments: Map<String, Value>,
    context: &CallContext<'_>,
) -> ToolOutcome {
    match call(connection, operation, arguments, context).await {
        Ok(outcome) => outcome,
        Err(error) => error.into(),
    }
}

async fn call(
    connection: &Connection,
    operation: &'static Operation,
    arguments: Map<String, Value>,
    context: &CallContext<'_>,
) -> Result<ToolOutcome, Error> {
    let settings = CheckSettings {
        fixed: context.fixed,
        ..connection.check_settings(context.visible)
    };
    let checked = arguments::check(operation, arguments, &settings)?;
    let sent = checked.values.clone();
    // A caller may begin at a position of its own and go on with the cursor instead of it.
    let position = page::position_of(operation);
    let lasting: Vec<_> = sent
        .iter()
        .filter(|(field, _)| Some(field.name) != position)
        .cloned()
        .collect();
    let binding = Binding {
        account: context.binding,
        tool: operation.tool.as_ref().map_or(operation.name, |tool| tool.name),
        arguments: &lasting,
    };
    let state = match &checked.next_cursor {
        Some(token) => Some(cursor::open(context.cursor_key, &binding, token)?),
        None => None,
    };
    let started = Instant::now();
    let ran = connection.run_checked(operation, checked, state.as_ref()).await;
    let upstream_time = Some(started.elapsed());
    let ran = match ran {
        Ok(ran) => ran,
        Err(error) => {
            let sent = error.status().is_some() || was_sent(error.code());
            return Ok(ToolOutcome {
                upstream_time: upstream_time.filter(|_| sent),
                ..error.into()
            });
        }
    };
    let (status, rate_limit) = (ran.outcome.status, ran.outcome.rate_limit);
    let result = shaped(operation, &sent, ran, |state| {
        cursor::seal(context.cursor_key, &binding, state)
    })
    .map_err(|error| error.with_status(status).with_limits(rate_limit, None));
    Ok(ToolOutcome {
        result,
        rate_limit,
        status: Some(status),
        upstream_time,
    })
}

/// Whether a failure of this kind, without a status, means that a request went out.
fn was_sent(code: Code) -> bool {
    matches!(
        code,
        Code::UpstreamTimeout | Code::UpstreamUnreachable | Code::UpstreamInvalidResponse
    )
}

/// The answer in the contract's form.
fn shaped(
    operation: &Operation,
    sent: &[(&'static Field, Value)],
    ran: Ran,
    seal: impl Fn(&PageState) -> Result<String, Error>,
) -> Result<Value, Error> {
    Ok(match ran.outcome.content {
        Content::List { items, total, .. } => {
            let next = ran.next.as_ref().map(seal).transpose()?;
            let mut object = Map::new();
            let count = items.len();
            object.insert("result".into(), Value::Array(items));
            object.insert("next_cursor".into(), next.map_or(Value::Null, Value::from));
            object.insert("result_count".into(), count.into());
            if let Some(total) = total {
                object.insert("total".into(), total.into());
            }
            Value::Object(object)
        }
        Content::Record(value @ Value::Object(_)) => value,
        Content::Record(Value::Null) if operation.method == "delete" => deleted(sent),
        Content::Record(value) => one("result", value),
        Content::Text(text) => one("result", text.into()),
        Content::Empty if operation.method == "list" => {
            serde_json::json!({"result": [], "next_cursor": null, "result_count": 0})
        }
        Content::Empty if operation.method == "delete" => deleted(sent),
        Content::Empty => one("ok", true.into()),
        Content::Exists(exists) => one("exists", exists.into()),
        Content::Redirect(location) => one("location", location.into()),
    })
}

fn one(name: &str, value: Value) -> Value {
    let mut object = Map::new();
    object.insert(name.to_owned(), value);
    Value::Object(object)
}

/// What stands for the vendor's silence after a deletion: the identifier that was deleted.
///
/// It is the last path argument that is no account variable; else the required arguments of the query
/// and identifiers of the body, alone or together as an object; else that it was deleted.
fn deleted(sent: &[(&'static Field, Value)]) -> Value {
    let own = |field: &&(&'static Field, Value)| field.0.variable.is_none();
    let in_path = |field: &&(&'static Field, Value)| field.0.place == Place::Path;
    if let Some((_, value)) = sent.iter().filter(own).rfind(in_path) {
        return one("id", value.clone());
    }
    let named: Vec<_> = sent
        .iter()
        .filter(own)
        .filter(|(field, _)| {
            let names = match field.place {
                Place::Query(_) | Place::QueryOrPart => true,
                Place::Body => matches!(field.shape, Shape::Id(_)),
                _ => false,
            };
            names && field.presence == Presence::Required
        })
        .collect();
    match named.as_slice() {
        [(_, value)] => one("id", value.clone()),
        [] => match sent.iter().rfind(in_path) {
            Some((_, value)) => one("id", value.clone()),
            None => one("deleted", true.into()),
        },
        several => {
            let ids: Map<String, Value> = several
                .iter()
                .map(|(field, value)| (field.name.to_owned(), value.clone()))
                .collect();
            one("id", Value::Object(ids))
        }
    }
}
