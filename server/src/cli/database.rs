//! Where commands find what the server keeps: the database, and the master key that opens it.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use deskhand_runtime::oauth2::{self, Application};
use etcetera::BaseStrategy as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::Failure;
use crate::catalog::Integrations;
use crate::control::{ControlPlane, Options, application_variables, master_key_id};
use crate::destination::AllowedOrigin;
use crate::output;
use crate::store::sql::SqlStore;
use crate::vault::Keyring;

/// The environment variable with the master keys themselves.
const MASTER_KEY: &str = "DESKHAND_MASTER_KEY";
/// The environment variable with the data directory.
const DATA_DIR: &str = "DESKHAND_DATA_DIR";

/// Which database, and which key.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data")]
pub(super) struct DatabaseArgs {
    /// Where everything is kept: a file for SQLite, or postgres://… [default: deskhand.db in the data directory]
    #[arg(
        long,
        env = "DESKHAND_DATABASE_URL",
        hide_env_values = true,
        value_name = "FILE|URL",
        value_parser = secret
    )]
    database: Option<SecretString>,

    /// File with the master key, which seals credentials, unless DESKHAND_MASTER_KEY holds it [default: master.key
    /// in the data directory]
    #[arg(long, env = "DESKHAND_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// Addresses that accounts may be called at besides.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Data")]
pub(super) struct BaseUrlArgs {
    /// An address that accounts may name as their base_url, besides those of their helpdesk and of this machine
    #[arg(
        long = "allow-base-url",
        env = "DESKHAND_ALLOW_BASE_URL",
        value_delimiter = ',',
        value_name = "URL"
    )]
    allowed: Vec<AllowedOrigin>,
}

impl BaseUrlArgs {
    pub(super) fn into_options(self, integrations: Integrations) -> Result<Options, Failure> {
        Ok(Options {
            allowed_base_urls: self.allowed,
            applications: applications(integrations)?,
            ..Options::default()
        })
    }
}

/// The applications that accounts are connected to over OAuth2, from the environment.
fn applications(integrations: Integrations) -> Result<BTreeMap<String, Application>, Failure> {
    let read = |name: &str| {
        let value = env::var(name).ok()?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let mut applications = BTreeMap::new();
    for integration in integrations
        .iter()
        .filter(|integration| oauth2::scheme(integration).is_some())
    {
        let [id, secret] = application_variables(integration);
        match (read(&id), read(&secret)) {
            (None, None) => {}
            (Some(client_id), Some(client_secret)) => {
                let client_secret = SecretString::from(client_secret);
                let application = Application {
                    client_id,
                    client_secret,
                };
                applications.insert(integration.slug.to_owned(), application);
            }
            _ => {
                return Err(Failure::Usage(format!(
                    "only one of {id} and {secret} is set: {} gives both where its application is registered",
                    integration.title
                )));
            }
        }
    }
    Ok(applications)
}

#[expect(clippy::unnecessary_wraps, reason = "what a parser of values looks like")]
pub(super) fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text))
}

impl DatabaseArgs {
    /// Opens the installation, and makes it when there is none yet.
    pub(super) async fn open(
        &self,
        integrations: Integrations,
        options: Options,
    ) -> Result<Arc<ControlPlane>, Failure> {
        Ok(self.open_with_keys(integrations, options).await?.0)
    }

    /// As [`open`](Self::open), with the keys that it is sealed with.
    pub(super) async fn open_with_keys(
        &self,
        integrations: Integrations,
        options: Options,
    ) -> Result<(Arc<ControlPlane>, Arc<Keyring>), Failure> {
        let given = self.given_keys()?;
        let url = match &self.database {
            Some(url) => url.clone(),
            None => {
                let file = data_directory()?.join("deskhand.db");
                let file = file.to_str().ok_or_else(|| {
                    Failure::Usage(format!(
                        "the path {} is no UTF-8: name another with --database",
                        file.display()
                    ))
                })?;
                SecretString::from(file)
            }
        };
        let store = SqlStore::open(url.expose_secret())
            .await
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let keyring = match given {
            Some(keyring) => keyring,
            None => {
                let sealed_with = master_key_id(&store)
                    .await
                    .map_err(|error| Failure::Failed(error.to_string()))?;
                self.read_or_create_key(sealed_with.as_deref())?
            }
        };
        let keyring = Arc::new(keyring);
        let control = ControlPlane::open(integrations, Arc::new(store), Arc::clone(&keyring), options).await?;
        Ok((control, keyring))
    }

    /// The keys alone, as they are: nothing is opened and nothing is made.
    pub(super) fn keys(&self) -> Result<Keyring, Failure> {
        let keyring = match self.given_keys()? {
            Some(keyring) => Ok(keyring),
            None => Keyring::read(&self.key_path()?),
        };
        keyring.map_err(Failure::Usage)
    }

    /// The keys of the environment, if they are there.
    fn given_keys(&self) -> Result<Option<Keyring>, Failure> {
        let Some(given) = read_environment(MASTER_KEY) else {
            return Ok(None);
        };
        if self.key_file.is_some() {
            return Err(Failure::Usage(format!(
                "both {MASTER_KEY} and a key file are given, and they may differ: give one of them"
            )));
        }
        let keyring = Keyring::parse(given.expose_secret());
        keyring
            .map(Some)
            .map_err(|why| Failure::Usage(format!("{MASTER_KEY}: {why}")))
    }

    fn key_path(&self) -> Result<PathBuf, Failure> {
        match &self.key_file {
            Some(file) => Ok(file.clone()),
            None => Ok(data_directory()?.join("master.key")),
        }
    }

    /// The keys of the key file, which is made unless something was sealed already.
    fn read_or_create_key(&self, sealed_with: Option<&str>) -> Result<Keyring, Failure> {
        let file = self.key_path()?;
        let exists = file.try_exists().unwrap_or(true);
        if let (false, Some(key)) = (exists, sealed_with) {
            return Err(Failure::Usage(format!(
                "the database is sealed with master key {key}, and there is no key file {}: put its backup there, name \
                 another with --key-file, or set {MASTER_KEY}. Without that key the stored credentials cannot be read",
                file.display()
            )));
        }
        if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            create_private_directory(directory)?;
        }
        let (keyring, made) = Keyring::read_or_create(&file).map_err(Failure::Usage)?;
        if made {
            let replicas = if self.is_postgres() {
                " Every process on this database needs the same key."
            } else {
                ""
            };
            output::announce(&format!(
                "made a master key in {}\n\
                 It seals the credentials of accounts. BACK IT UP, apart from the database: without it they are lost,\n\
                 and whoever has both can read them.{replicas}",
                file.display()
            ));
        }
        Ok(keyring)
    }

    fn is_postgres(&self) -> bool {
        self.database.as_ref().is_some_and(|url| {
            let url = url.expose_secret();
            url.starts_with("postgres:") || url.starts_with("postgresql:")
        })
    }

    /// Several processes on one database need one key, and a file is on one machine.
    pub(super) fn warn_of_replicas(&self, keyring: &Keyring) {
        if self.is_postgres() && keyring.is_file() {
            tracing::warn!(
                "the master key is in a file: every other process on this database needs the same key, in a file or \
                 in {MASTER_KEY}"
            );
        }
    }
}

fn read_environment(name: &str) -> Option<SecretString> {
    let value = env::var(name).ok().filter(|value| !value.trim().is_empty());
    value.map(SecretString::from)
}

/// Where the database and the master key are, unless somebody says otherwise.
fn data_directory() -> Result<PathBuf, Failure> {
    if let Some(named) = env::var_os(DATA_DIR).filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    let strategy = etcetera::choose_base_strategy().map_err(|_| {
        Failure::Usage(format!(
            "there is no home directory to keep data in: set {DATA_DIR}, or give --database and --key-file"
        ))
    })?;
    Ok(strategy.data_dir().join("deskhand"))
}

fn create_private_directory(directory: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(directory)
        .map_err(|error| Failure::Failed(format!("the directory {} cannot be made: {error}", directory.display())))
}
