//! Making a simulator, mounting it and serving it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::engine::Engine;
use crate::{Control, Descriptor, Error, Options, available};

/// How long a shutdown waits for answers under way before it cuts them off.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// A simulated helpdesk, not yet listening.
#[derive(Clone)]
pub struct Simulator {
    engine: Arc<Engine>,
}

impl Simulator {
    /// Makes the simulator of a helpdesk with its sample data.
    ///
    /// # Errors
    /// [`Error::UnknownHelpdesk`], [`Error::UnknownPlan`], [`Error::UnknownAccess`] and [`Error::StartOutOfRange`].
    pub fn new(slug: &str, mut options: Options) -> Result<Self, Error> {
        let Some(descriptor) = available().iter().find(|known| known.slug == slug) else {
            let known = available().iter().map(|known| known.slug).collect();
            return Err(Error::UnknownHelpdesk {
                slug: slug.to_owned(),
                known,
            });
        };
        if options.plan.is_empty() {
            descriptor.default_plan.clone_into(&mut options.plan);
        }
        let Some(plan) = descriptor.plans.iter().find(|plan| plan.name == options.plan) else {
            let known = descriptor.plans.iter().map(|plan| plan.name).collect();
            return Err(Error::UnknownPlan {
                plan: options.plan,
                known,
            });
        };
        if options.access.is_empty() {
            let usual = descriptor.accesses.first().copied().unwrap_or_default();
            usual.clone_into(&mut options.access);
        }
        if !descriptor.accesses.contains(&options.access.as_str()) {
            return Err(Error::UnknownAccess {
                access: options.access,
                known: descriptor.accesses.to_vec(),
            });
        }
        if !(31_536_000..=221_845_392_000).contains(&options.start) {
            return Err(Error::StartOutOfRange(options.start));
        }
        let helpdesk = (descriptor.make)(&options);
        Ok(Self {
            engine: Arc::new(Engine::new(
                descriptor,
                helpdesk,
                plan,
                options.access,
                options.recorded_requests,
            )),
        })
    }

    /// The simulator as an axum router, to be served or nested by the caller.
    ///
    /// Requests that never get an answer ([`Fault::NoAnswer`](crate::Fault::NoAnswer)) end here only when the client leaves.
    pub fn router(&self) -> Router {
        async fn answer(State(engine): State<Arc<Engine>>, request: Request) -> axum::response::Response {
            engine.answer(request).await
        }
        Router::new().fallback(answer).with_state(Arc::clone(&self.engine))
    }

    /// What is known about the helpdesk.
    #[must_use]
    pub fn descriptor(&self) -> &'static Descriptor {
        self.engine.descriptor()
    }

    /// Looks into the simulator and makes it misbehave.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.engine))
    }

    /// The credentials of a tenant of the sample data, by field name, of the kind [`Options::access`] says; `None` for an
    /// unknown tenant.
    #[must_use]
    pub fn credentials_of(&self, tenant: &str) -> Option<BTreeMap<String, String>> {
        self.engine.credentials(tenant, None)
    }

    /// The same, of a kind that [`Descriptor::accesses`] names; `None` for an unknown tenant or kind too.
    #[must_use]
    pub fn credentials_with(&self, tenant: &str, access: &str) -> Option<BTreeMap<String, String>> {
        let known = self.descriptor().accesses.contains(&access);
        known.then(|| self.engine.credentials(tenant, Some(access))).flatten()
    }

    /// Makes a simulator and serves it on the address (port 0 for any free one) until [`Running::shutdown`] or drop.
    ///
    /// # Errors
    /// What [`Simulator::new`] refuses, and [`Error::Listen`] when the address cannot be bound.
    pub async fn serve(slug: &str, options: Options, address: SocketAddr) -> Result<Running, Error> {
        Self::new(slug, options)?.listen(address).await
    }

    /// Serves this simulator on the address (port 0 for any free one).
    ///
    /// # Errors
    /// [`Error::Listen`] when the address cannot be bound.
    pub async fn listen(self, address: SocketAddr) -> Result<Running, Error> {
        let listener = TcpListener::bind(address).await.map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let (stop, stopped) = oneshot::channel::<()>();
        self.engine.open();
        let router = self.router();
        let task = tokio::spawn(async move {
            // Answers are small; without TCP_NODELAY each may wait for the client's delayed acknowledgement. A socket
            // that refuses the option is served all the same.
            let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
            let served = axum::serve(listener, router).with_graceful_shutdown(async move {
                // A dropped sender means stop as well.
                drop(stopped.await);
            });
            // Accept errors are retried inside; the result is always Ok.
            drop(served.await);
        });
        Ok(Running {
            simulator: self,
            address,
            stop: Some(stop),
            task,
        })
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator")
            .field("slug", &self.descriptor().slug)
            .finish_non_exhaustive()
    }
}

/// A simulator that listens. Dropping it stops it at once; [`Running::shutdown`] lets answers under way finish.
#[derive(Debug)]
pub struct Running {
    simulator: Simulator,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// The address listened on, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address of the API, with the parts in braces left for the client to fill from the credentials,
    /// `http://127.0.0.1:4000/{subdomain}/apis` for instance.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.address, self.simulator.descriptor().base_path)
    }

    /// The base address of the first tenant, filled in: `http://127.0.0.1:4000/acme/apis` for instance.
    #[must_use]
    pub fn sample_url(&self) -> String {
        self.credentials().iter().fold(self.base_url(), |url, (field, value)| {
            url.replace(&format!("{{{field}}}"), value)
        })
    }

    /// The credentials of the first tenant, by field name.
    #[must_use]
    pub fn credentials(&self) -> BTreeMap<String, String> {
        let tenant = self.simulator.descriptor().tenants.first().copied().unwrap_or_default();
        self.credentials_of(tenant).unwrap_or_default()
    }

    /// The credentials of a tenant of the sample data, by field name, of the kind [`Options::access`] says; `None` for an
    /// unknown tenant.
    #[must_use]
    pub fn credentials_of(&self, tenant: &str) -> Option<BTreeMap<String, String>> {
        self.simulator.credentials_of(tenant)
    }

    /// The same, of a kind that [`Descriptor::accesses`] names; `None` for an unknown tenant or kind too.
    #[must_use]
    pub fn credentials_with(&self, tenant: &str, access: &str) -> Option<BTreeMap<String, String>> {
        self.simulator.credentials_with(tenant, access)
    }

    /// Looks into the simulator and makes it misbehave.
    #[must_use]
    pub fn control(&self) -> Control {
        self.simulator.control()
    }

    /// Stops listening, lets answers under way finish for two seconds at most, and closes.
    pub async fn shutdown(mut self) {
        self.simulator.engine.close();
        drop(self.stop.take());
        if tokio::time::timeout(SHUTDOWN_GRACE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.simulator.engine.close();
        self.task.abort();
    }
}
