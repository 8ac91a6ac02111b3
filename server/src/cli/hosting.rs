//! What `serve` and `demo` share: the control plane, and MCP servers declared at start, on one address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use deskhand_runtime::operation::Integration;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::accounts::Account;
use crate::api::Api;
use crate::call::Calls;
use crate::control::{ControlPlane, Records};
use crate::directory::{Declared, Several};
use crate::filter::Filter;
use crate::http::{self, Doors, Settings};
use crate::public_url::PublicUrl;
use crate::quota::Quotas;
use crate::scope::Scope;
use crate::store::ApiTokenRow;
#[cfg(feature = "demo")]
use crate::store::McpServerRow;
use crate::token::{self, Token};

/// What is going to be served.
pub(super) struct Hosting {
    declared: Declared,
    servers: Vec<Hosted>,
}

/// An MCP server that is told of at start.
struct Hosted {
    integration: &'static Integration,
    id: String,
    title: String,
    tools: usize,
    filter: Filter,
    token: Token,
}

impl Hosting {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self {
            declared: Declared::new()?,
            servers: Vec::new(),
        })
    }

    /// Declares an MCP server for an account that is stored nowhere.
    pub(super) fn add(
        &mut self,
        integration: &'static Integration,
        account: &Account,
        filter: &Filter,
    ) -> Result<(), Failure> {
        let sender = account.connect(integration)?;
        let id = token::public_id("mcp")?;
        let scope = Arc::new(Scope::new(
            id,
            integration.title,
            integration,
            &filter.clone().into(),
            sender,
        )?);
        let token = self.declared.add(Arc::clone(&scope))?;
        self.servers.push(Hosted {
            integration,
            id: scope.id().to_owned(),
            title: scope.title().to_owned(),
            tools: scope.tools().len(),
            filter: filter.clone(),
            token,
        });
        Ok(())
    }

    /// Tells of a stored MCP server, too, which has all tools of its helpdesk.
    #[cfg(feature = "demo")]
    pub(super) fn tell(&mut self, integration: &'static Integration, server: McpServerRow, token: Token) {
        self.servers.push(Hosted {
            integration,
            id: server.id,
            title: server.name,
            tools: integration.tools().count(),
            filter: Filter::default(),
            token,
        });
    }

    /// Listens on `listen`; nothing is served before [`Open::run`].
    pub(super) async fn open(
        self,
        control: Arc<ControlPlane>,
        listen: SocketAddr,
        mut settings: Settings,
        quotas: Quotas,
    ) -> Result<Open, Failure> {
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            Failure::Failed(format!(
                "cannot listen on {listen}: {error}; choose another with --listen"
            ))
        })?;
        let listen = listener.local_addr()?;
        // Every interface is no address to call; this machine's own name for itself is.
        let shown = match listen.ip() {
            ip if !ip.is_unspecified() => listen,
            IpAddr::V4(_) => (Ipv4Addr::LOCALHOST, listen.port()).into(),
            IpAddr::V6(_) => (Ipv6Addr::LOCALHOST, listen.port()).into(),
        };
        let base = match &settings.public_url {
            Some(url) => url.clone(),
            None => format!("http://{shown}").parse().map_err(Failure::Failed)?,
        };
        if settings.public_url.is_none() && settings.allowed_hosts.is_empty() && listen.ip().is_unspecified() {
            tracing::warn!(
                "listening on every interface, but only requests to this machine's loopback names \
                 are answered: tell the address clients use with --public-url"
            );
        }
        settings.public_url = Some(base.clone());
        let quotas = Arc::new(quotas);
        let calls = Calls::watched(vec![
            Arc::clone(&quotas) as _,
            Arc::new(settings.metrics.clone()),
            Arc::new(Records(Arc::clone(&control))),
        ]);
        let doors = Doors {
            directory: Arc::new(Several(vec![Arc::new(self.declared), Arc::clone(&control) as _])),
            calls: calls.clone(),
            api: Some(Api {
                control: Arc::clone(&control),
                calls,
                quotas,
                public_url: base.clone(),
                cut_off: settings.cut_off.clone(),
            }),
        };
        Ok(Open {
            listener,
            router: http::router(doors, &settings),
            settings,
            control,
            base,
            servers: self.servers,
        })
    }
}

/// What is served on an address that is taken.
pub(super) struct Open {
    listener: TcpListener,
    router: axum::Router,
    settings: Settings,
    control: Arc<ControlPlane>,
    base: PublicUrl,
    servers: Vec<Hosted>,
}

impl Open {
    /// Slug, title and URL (which holds the secret) of every server.
    pub(super) fn urls(&self) -> Vec<(&'static Integration, String)> {
        self.servers
            .iter()
            .map(|hosted| {
                let path = format!("/mcp/{}", hosted.token.reveal());
                (hosted.integration, self.base.join(&path))
            })
            .collect()
    }

    /// Where it is served.
    pub(super) fn base(&self) -> &PublicUrl {
        &self.base
    }

    /// An API token and how to use it; it is not shown again.
    pub(super) fn show_api_token(&self, row: &ApiTokenRow, token: &Token) -> String {
        let (list, console) = (self.base.join("/integrated-account"), self.base.join("/"));
        format!(
            "API token {} ({}), reaching {}:\n\n  {token}\n\nIt opens the console at {console} and the REST API, and is shown \
             this once; only its hash is kept. For example:\n\n  curl -H 'Authorization: Bearer {token}' {list}\n",
            row.name,
            row.id,
            row.account_id.as_deref().unwrap_or("everything"),
            token = token.reveal()
        )
    }

    /// The MCP servers that are told of, secrets included: they are not shown again. Nothing when there are none.
    pub(super) fn announcement(&self) -> Option<String> {
        if self.servers.is_empty() {
            return None;
        }
        let mut text = format!("MCP servers on {}\n", self.base);
        for (hosted, (_, url)) in self.servers.iter().zip(self.urls()) {
            let only = match &hosted.filter {
                all if *all == Filter::default() => String::new(),
                filter => format!(" with {filter}"),
            };
            text += &format!(
                "\n  {}, {} tools{only} ({})\n  {url}\n",
                hosted.title, hosted.tools, hosted.id
            );
        }
        text += "\nWho has a URL can use the account behind it: the last part is a secret. It is shown this once,\n\
                 only its hash is kept, and it ends with this process.\n\nFor an MCP client:\n\n";
        Some(text + &format!("{:#}\n", self.client_configuration()))
    }

    /// The `mcpServers` part of a client's configuration.
    fn client_configuration(&self) -> Value {
        let mut servers = Map::new();
        for (integration, url) in self.urls() {
            let taken = servers.keys().filter(|name| name.starts_with(integration.slug)).count();
            let name = match taken {
                0 => integration.slug.to_owned(),
                more => format!("{}-{}", integration.slug, more + 1),
            };
            servers.insert(name, json!({ "type": "http", "url": url }));
        }
        json!({ "mcpServers": servers })
    }

    /// Serves until `stop` resolves.
    pub(super) async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Failure> {
        for hosted in &self.servers {
            tracing::info!(
                server = hosted.id,
                helpdesk = hosted.integration.slug,
                tools = hosted.tools,
                filter = %hosted.filter,
                "serving"
            );
        }
        let ended = CancellationToken::new();
        let background = tokio::spawn(self.control.run(ended.clone()));
        let served = http::serve(self.listener, self.router, self.settings, stop).await;
        // Now that no call is under way, the rest of the log is written.
        ended.cancel();
        let _ = background.await;
        tracing::info!("stopped");
        Ok(served?)
    }
}
