//! One call of a tool, by whatever door it comes: MCP, `call_tool`, running a tool over REST, the proxy.
//!
//! Here, and only here, a call meets the end of its access, its client's leaving, this server's own limits, and the
//! log. What the caller may call at all is the [`Scope`](crate::scope::Scope)'s to say.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use deskhand_runtime::dialect::Dialect;
use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::tool::ToolOutcome;
use futures_util::FutureExt as _;
use http::HeaderMap;
use http::header::USER_AGENT;
use serde_json::{Map, Value};

use crate::access::{self, Access};
use crate::dialect;
use crate::store::{CallRow, call_id};

/// How a call came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// `tools/call` of MCP.
    Mcp,
    /// `call_tool` of discovery exposure.
    CallTool,
    /// `POST /integrated-account/{id}/tools/{name}`.
    Run,
    /// `/proxy/…`.
    Proxy,
}

impl Door {
    /// The word in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::CallTool => "call_tool",
            Self::Run => "run",
            Self::Proxy => "proxy",
        }
    }
}

/// Who calls, as far as it is told.
#[derive(Clone, Debug)]
pub struct Caller {
    /// How the call came in.
    pub door: Door,
    /// Name of the client, as it calls itself.
    pub client_name: Option<String>,
    /// Version of the client, as it says.
    pub client_version: Option<String>,
    /// Identifies the HTTP request.
    pub request_id: Option<String>,
    /// How the schemas are written that the arguments follow.
    pub dialect: Dialect,
}

impl Caller {
    /// A caller that tells nothing of itself.
    #[must_use]
    pub fn unnamed(door: Door) -> Self {
        Self {
            door,
            client_name: None,
            client_version: None,
            request_id: None,
            dialect: Dialect::Mcp,
        }
    }

    /// The sender of a request, by its `User-Agent`.
    #[must_use]
    pub fn by_agent(door: Door, headers: &HeaderMap, request_id: Option<String>) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let product = agent.and_then(|agent| agent.split(' ').next()).unwrap_or_default();
        let (name, version) = product.split_once('/').unwrap_or((product, ""));
        Self {
            request_id,
            ..Self::unnamed(door)
        }
        .named(name, version)
    }

    /// This caller, taking the dialect that they have chosen, or else the one that they are known to take.
    #[must_use]
    pub fn taking(self, chosen: Option<Dialect>) -> Self {
        let known = || dialect::of_client(self.client_name.as_deref().unwrap_or_default());
        Self {
            dialect: chosen.unwrap_or_else(known),
            ..self
        }
    }

    /// This caller under another name; shortened, since it is logged.
    #[must_use]
    pub fn named(self, name: &str, version: &str) -> Self {
        let told = |text: &str| (!text.is_empty()).then(|| text.chars().take(100).collect());
        Self {
            client_name: told(name),
            client_version: told(version),
            ..self
        }
    }
}

/// Asked before a call is made, and told of it afterwards.
pub trait CallWatch: Send + Sync + fmt::Debug + 'static {
    /// Whether the call may be made now.
    ///
    /// # Errors
    /// A limit of this server is used up: [`Code::RateLimited`], with the pause to make.
    fn admit(&self, access: &Access) -> Result<(), Error>;

    /// A call has ended.
    fn called(&self, access: &Access, call: &CallRow, outcome: &ToolOutcome);
}

/// Makes calls.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    watches: Arc<[Arc<dyn CallWatch>]>,
}

impl Calls {
    /// Calls watched by these, in this order.
    #[must_use]
    pub fn watched(watches: Vec<Arc<dyn CallWatch>>) -> Self {
        Self {
            watches: watches.into(),
        }
    }

    /// Calls a tool once, by name or alias. Ends early when access ends or `gone` resolves, which it does when the
    /// client leaves or the server stops; turns a panic into an answer.
    pub async fn call(
        &self,
        access: &Access,
        caller: Caller,
        name: &str,
        arguments: Map<String, Value>,
        gone: impl Future<Output = ()>,
    ) -> ToolOutcome {
        let (at, started) = (access::now(), Instant::now());
        let scope = access.scope();
        let _under_way = access.enter();
        let target = scope.target(name, &arguments);
        let admitted = self.watches.iter().try_for_each(|watch| watch.admit(access));
        let outcome = match admitted {
            Err(error) => error.into(),
            Ok(()) => {
                tokio::select! {
                    biased;
                    () = gone => internal("the call was cut off"),
                    () = access.ended() => Error::deskhand(
                        Code::Unauthorized,
                        "access to this MCP server has ended, and the call was cut off: whether it was carried out is not known",
                    )
                    .into(),
                    outcome = AssertUnwindSafe(scope.call(name, arguments, caller.dialect)).catch_unwind() => {
                        outcome.unwrap_or_else(|_| internal("an internal fault; the server's log tells where"))
                    }
                }
            }
        };
        let milliseconds = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let call = CallRow {
            id: call_id(),
            at,
            account_id: access.account_id().to_owned(),
            mcp_server_id: access.mcp_server_id().map(str::to_owned),
            integration: scope.integration().slug.to_owned(),
            tool: target.tool,
            method: target.method.to_owned(),
            door: (if target.by_call_tool {
                Door::CallTool
            } else {
                caller.door
            })
            .word()
            .to_owned(),
            status: outcome.status.map(i64::from),
            code: outcome
                .result
                .as_ref()
                .err()
                .map_or("ok", |error| error.code().word())
                .to_owned(),
            duration_ms: milliseconds,
            upstream_ms: outcome
                .upstream_time
                .map(|time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX)),
            client_name: caller.client_name,
            client_version: caller.client_version,
            request_id: caller.request_id,
        };
        tracing::info!(
            server = scope.id(),
            account = call.account_id,
            door = call.door,
            tool = call.tool,
            result = call.code,
            milliseconds,
            request_id = call.request_id,
            "call"
        );
        for watch in &*self.watches {
            watch.called(access, &call, &outcome);
        }
        outcome
    }
}

fn internal(message: &str) -> ToolOutcome {
    Error::deskhand(Code::Internal, message).into()
}
