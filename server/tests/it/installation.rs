//! A whole installation: the toy helpdesk, a database of its own, and a server on a real socket.

use std::sync::Arc;

use deskhand::api::Api;
use deskhand::call::Calls;
use deskhand::control::api_tokens::NewApiToken;
use deskhand::control::{ControlPlane, Options, Records};
use deskhand::http::{self, Doors, Settings};
use deskhand::quota::{Limit, Quotas};
use deskhand::store::sql::SqlStore;
use deskhand::vault::{Keyring, MasterKey};
use deskhand_runtime::operation::Integration;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::toy::{TOY, capture_logs, client};

static INTEGRATIONS: [&Integration; 1] = [&TOY];

/// It ends when dropped.
pub(crate) struct Installation {
    pub(crate) base: String,
    pub(crate) control: Arc<ControlPlane>,
    pub(crate) store: Arc<SqlStore>,
    stop: CancellationToken,
    _directory: TempDir,
}

impl Drop for Installation {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Installation {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default(), Limit::NONE, Options::default()).await
    }

    pub(crate) async fn with(settings: Settings, token_limit: Limit, options: Options) -> Self {
        capture_logs();
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("store.db");
        let store = Arc::new(SqlStore::open(file.to_str().unwrap()).await.unwrap());
        let key = MasterKey::random().unwrap();
        let keyring = Arc::new(Keyring::parse(&key.reveal()).unwrap());
        let opened = ControlPlane::open(&INTEGRATIONS, Arc::clone(&store) as _, keyring, options);
        let control = opened.await.unwrap();
        let quotas = Arc::new(Quotas::new(token_limit, Limit::NONE));
        let calls = Calls::watched(vec![
            Arc::clone(&quotas) as _,
            Arc::new(settings.metrics.clone()),
            Arc::new(Records(Arc::clone(&control))),
        ]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let doors = Doors {
            directory: Arc::clone(&control) as _,
            calls: calls.clone(),
            api: Some(Api {
                control: Arc::clone(&control),
                calls,
                quotas,
                public_url: base.parse().unwrap(),
                cut_off: settings.cut_off.clone(),
            }),
        };
        let stop = CancellationToken::new();
        let router = http::router(doors, &settings);
        tokio::spawn(http::serve(listener, router, settings, stop.clone().cancelled_owned()));
        tokio::spawn(Arc::clone(&control).run(stop.clone()));
        Self {
            base,
            control,
            store,
            stop,
            _directory: directory,
        }
    }

    /// A token for the REST API, and its id; it reaches one account when one is given.
    pub(crate) async fn token(&self, account_id: Option<&str>) -> (String, String) {
        let new = NewApiToken {
            name: "test".to_owned(),
            account_id: account_id.map(str::to_owned),
            expires_at: None,
        };
        let (row, token) = self.control.create_api_token(new).await.unwrap();
        (token.reveal().to_owned(), row.id)
    }

    /// The status and the JSON of a `GET`.
    pub(crate) async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        let sent = client().get(format!("{}{path}", self.base)).bearer_auth(token);
        let answered = sent.send().await.unwrap();
        (answered.status().as_u16(), answered.json().await.unwrap())
    }
}
