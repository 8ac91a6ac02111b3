//! What `serve` and `demo` share: MCP servers declared at start, listened for on one address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use deskhand_runtime::operation::Integration;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::Failure;
use crate::accounts::Account;
use crate::call::Calls;
use crate::directory::Declared;
use crate::filter::Filter;
use crate::http::{self, Doors, Settings};
use crate::public_url::PublicUrl;
use crate::scope::Scope;
use crate::token::{self, Token};

/// MCP servers declared at start.
pub(super) struct Hosting {
    directory: Declared,
    servers: Vec<Hosted>,
}

/// One of them.
struct Hosted {
    integration: &'static Integration,
    filter: Filter,
    scope: Arc<Scope>,
    token: Token,
}

impl Hosting {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self {
            directory: Declared::new()?,
            servers: Vec::new(),
        })
    }

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
        let token = self.directory.add(Arc::clone(&scope))?;
        self.servers.push(Hosted {
            integration,
            filter: filter.clone(),
            scope,
            token,
        });
        Ok(())
    }

    /// Listens on `listen`; nothing is served before [`Open::run`].
    pub(super) async fn open(
        self,
        listen: SocketAddr,
        public_url: Option<PublicUrl>,
        allowed_origins: Vec<String>,
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
        let base = match &public_url {
            Some(url) => url.clone(),
            None => format!("http://{shown}").parse().map_err(Failure::Failed)?,
        };
        if public_url.is_none() && listen.ip().is_unspecified() {
            tracing::warn!(
                "listening on every interface, but only requests to this machine's loopback names \
                 are answered: tell the address clients use with --public-url"
            );
        }
        let settings = Settings {
            public_url: Some(base.clone()),
            allowed_origins,
            ..Settings::default()
        };
        let doors = Doors {
            directory: Arc::new(self.directory),
            calls: Calls::watched(vec![Arc::new(settings.metrics.clone())]),
            api: None,
        };
        let router = http::router(doors, &settings);
        Ok(Open {
            listener,
            router,
            settings,
            base,
            servers: self.servers,
        })
    }
}

/// MCP servers whose address is taken.
pub(super) struct Open {
    listener: TcpListener,
    router: axum::Router,
    settings: Settings,
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

    /// What to show the one who started it, secrets included: it is not shown again.
    pub(super) fn announcement(&self) -> String {
        let mut text = format!("MCP servers on {}\n", self.base);
        for (Hosted { filter, scope, .. }, (_, url)) in self.servers.iter().zip(self.urls()) {
            let only = match filter {
                all if *all == Filter::default() => String::new(),
                filter => format!(" with {filter}"),
            };
            text += &format!(
                "\n  {}, {} tools{only} ({})\n  {url}\n",
                scope.title(),
                scope.tools().len(),
                scope.id()
            );
        }
        text += "\nWho has a URL can use the account behind it: the last part is a secret. It is shown this once,\n\
                 only its hash is kept, and it ends with this process.\n\nFor an MCP client:\n\n";
        text + &format!("{:#}\n", self.client_configuration())
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
        for Hosted {
            integration,
            filter,
            scope,
            ..
        } in &self.servers
        {
            tracing::info!(
                server = scope.id(),
                helpdesk = integration.slug,
                tools = scope.tools().len(),
                %filter,
                "serving"
            );
        }
        http::serve(self.listener, self.router, self.settings, stop).await?;
        tracing::info!("stopped");
        Ok(())
    }
}
