//! `deskhand demo`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use deskhand_runtime::operation::Integration;
use deskhand_simulator::{Options, Running, Simulator};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::LevelFilter;

use super::hosting::Hosting;
use super::tour::{self, Tour};
use super::{Failure, asked_to_stop};
use crate::catalog::Integrations;
use crate::control::accounts::{Given, NewAccount};
use crate::control::mcp_servers::NewMcpServer;
use crate::control::{ControlPlane, Options as ControlOptions};
use crate::http::Settings;
use crate::output;
use crate::quota::{Limit, Quotas};
use crate::store::sql::SqlStore;
use crate::vault::{Keyring, MasterKey};

/// Start simulated helpdesks with sample data, and an MCP server for each.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand demo
  deskhand demo --tour
  deskhand demo --listen 127.0.0.1:0 --seed 7
  deskhand demo --access user

Nothing leaves this machine, and nothing is kept once it stops.")]
pub(super) struct Demo {
    /// Where to listen; port 0 takes any free one
    #[arg(
        long,
        default_value = "127.0.0.1:8787",
        env = "DESKHAND_LISTEN",
        value_name = "ADDRESS:PORT"
    )]
    listen: SocketAddr,

    /// Play a support workflow through MCP and show each step; the demo then goes on
    #[arg(long)]
    tour: bool,

    /// End when the tour has ended
    #[arg(long, requires = "tour")]
    exit: bool,

    /// Chooses the sample data: the same seed makes the same data
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,

    /// The kind of credentials the accounts have, where a helpdesk knows several; without, what integrations usually have
    #[arg(long, value_name = "KIND")]
    access: Option<String>,
}

impl Demo {
    /// A tour tells each call itself, so logging them too would only tear it apart.
    pub(super) fn log_level(&self) -> LevelFilter {
        if self.tour {
            LevelFilter::WARN
        } else {
            LevelFilter::INFO
        }
    }

    /// Refuses a kind of credentials that no simulated helpdesk knows.
    fn check_access(&self) -> Result<(), Failure> {
        let Some(access) = self.access.as_deref() else {
            return Ok(());
        };
        let known = deskhand_simulator::available();
        let known: Vec<_> = known.iter().flat_map(|one| one.accesses.iter().copied()).collect();
        if known.contains(&access) {
            return Ok(());
        }
        Err(Failure::Usage(format!(
            "no simulated helpdesk has credentials of the kind `{access}`; there are: {}",
            known.join(", ")
        )))
    }

    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        self.check_access()?;
        let data = tempfile::tempdir()?;
        let control = installation(integrations, &data.path().join("demo.db")).await?;
        let mut hosting = Hosting::new()?;
        let mut simulators = Vec::new();
        for integration in integrations {
            let Some(running) = simulate(integration.slug, self.seed, self.access.as_deref()).await? else {
                continue;
            };
            let account = control.create_account(connected(integration, &running)).await?;
            let server = NewMcpServer {
                name: integration.title.to_owned(),
                ..NewMcpServer::default()
            };
            let (server, token) = control.create_mcp_server(&account.id, server).await?;
            hosting.tell(integration, server, token);
            simulators.push(running);
        }
        if simulators.is_empty() {
            return Err(Failure::Failed("no linked helpdesk has a simulator".to_owned()));
        }
        let quotas = Quotas::new(Limit::NONE, Limit::NONE);
        let open = hosting
            .open(Arc::clone(&control), self.listen, Settings::default(), quotas)
            .await?;
        let asked = asked_to_stop();
        if let Some(servers) = open.announcement() {
            output::line(servers)?;
        }
        if let Some((row, token)) = control.first_api_token("demo").await? {
            output::line(open.show_api_token(&row, &token))?;
        }
        output::line(format!(
            "The helpdesks behind them are simulated; their sample data is made from seed {}. Ctrl-C ends the demo.",
            self.seed
        ))?;
        let urls = open.urls();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let serving = open.run(async move {
            tokio::select! {
                () = asked => {}
                () = stopped.cancelled() => {}
            }
        });
        let touring = async {
            if self.tour {
                let played = play(urls).await;
                if self.exit || played.is_err() {
                    stop.cancel();
                } else {
                    output::line("The MCP servers above go on; Ctrl-C ends them.")?;
                }
                return played;
            }
            Ok(())
        };
        // A stop asked for during the tour ends both.
        let mut toured = Ok(());
        let served = {
            let mut serving = std::pin::pin!(serving);
            tokio::select! {
                served = &mut serving => served,
                played = touring => {
                    toured = played;
                    serving.await
                }
            }
        };
        for simulator in simulators {
            simulator.shutdown().await;
        }
        data.close()?;
        served.and(toured)
    }
}

/// An installation that nobody uses again: its master key is kept nowhere.
async fn installation(integrations: Integrations, database: &Path) -> Result<Arc<ControlPlane>, Failure> {
    let database = database.to_string_lossy();
    let store = SqlStore::open(&database).await;
    let store = store.map_err(|error| Failure::Failed(error.to_string()))?;
    let key = MasterKey::random().map_err(|error| Failure::Failed(error.to_string()))?;
    let keyring = Keyring::parse(key.reveal().as_str()).map_err(Failure::Failed)?;
    Ok(ControlPlane::open(
        integrations,
        Arc::new(store),
        Arc::new(keyring),
        ControlOptions::default(),
    )
    .await?)
}

/// The account of a simulated helpdesk, as it is connected over REST.
fn connected(integration: &'static Integration, running: &Running) -> NewAccount {
    let is_variable = |name: &str| integration.variables.iter().any(|setting| setting.name == name);
    let settings = running.credentials().into_iter();
    let (variables, credentials): (Vec<_>, Vec<_>) = settings.partition(|(name, _)| is_variable(name));
    NewAccount {
        integration: integration.slug.to_owned(),
        name: format!("{} demo", integration.title),
        tenant_id: None,
        credentials: Given::from_iter(credentials),
        variables: Given::from_iter(variables),
        base_url: Some(running.base_url()),
    }
}

/// The simulator of a helpdesk, if there is one; with this kind of credentials, if it knows it.
async fn simulate(slug: &str, seed: u64, access: Option<&str>) -> Result<Option<Running>, Failure> {
    let known = deskhand_simulator::available();
    let Some(descriptor) = known.iter().find(|descriptor| descriptor.slug == slug) else {
        return Ok(None);
    };
    let mut options = Options {
        seed,
        access: descriptor.widest_access.to_owned(),
        ..Options::default()
    };
    if let Some(unlimited) = descriptor.plans.iter().find(|plan| plan.calls.is_none()) {
        unlimited.name.clone_into(&mut options.plan);
    }
    if let Some(access) = access.filter(|access| descriptor.accesses.contains(access)) {
        access.clone_into(&mut options.access);
    }
    Simulator::serve(slug, options, (Ipv4Addr::LOCALHOST, 0).into())
        .await
        .map(Some)
        .map_err(|error| Failure::Failed(error.to_string()))
}

/// Plays the tour of every helpdesk that has one.
async fn play(urls: Vec<(&'static Integration, String)>) -> Result<(), Failure> {
    let mut played = 0;
    for (integration, url) in urls {
        let Some(text) = deskhand_simulator::tour(integration.slug) else {
            continue;
        };
        let tour: Tour = serde_json::from_str(text)
            .map_err(|error| Failure::Failed(format!("the tour of {}: {error}", integration.slug)))?;
        tour::play(&tour, &url, output::line).await.map_err(Failure::Failed)?;
        played += 1;
    }
    if played == 0 {
        return Err(Failure::Failed("no simulated helpdesk has a tour".to_owned()));
    }
    Ok(())
}
