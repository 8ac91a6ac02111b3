//! `deskhand key`.

use clap::{Args, Subcommand};

use super::Failure;
use super::database::DatabaseArgs;
use crate::catalog::Integrations;
use crate::control::Options;
use crate::output;
use crate::vault::MasterKey;

/// Make and replace the master key, which seals the credentials of accounts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  export DESKHAND_MASTER_KEY=$(deskhand key generate)
  deskhand key show-id
  deskhand key rotate

The key is in a file, master.key in the data directory, unless DESKHAND_MASTER_KEY holds it. Keep
a backup of it apart from the database: without the key the stored credentials are lost.")]
pub(super) struct Key {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print a new key, for DESKHAND_MASTER_KEY
    #[command(after_help = "\
Examples:
  deskhand key generate
  export DESKHAND_MASTER_KEY=$(deskhand key generate)")]
    Generate,
    /// Print the id of the key that seals; it tells nothing of the key
    #[command(name = "show-id")]
    ShowId(ShowId),
    /// Replace the key: seal everything that is stored anew, while servers run
    Rotate(Rotate),
    /// Take the keys that seal nothing any more out of the key file
    Prune(Prune),
}

/// Print the id of the key that seals.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand key show-id
  deskhand key show-id --key-file /run/secrets/master.key")]
struct ShowId {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Replace the master key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand key rotate                                       the key is in the key file
  DESKHAND_MASTER_KEY=<new>,<old> deskhand key rotate       the key is in the environment

With a key file, a new key is put first in it, and servers that run find it there. The one before
stays in the file until `deskhand key prune`. Back the file up again.

With DESKHAND_MASTER_KEY, first restart all servers with the new key before the old one, separated
by a comma; then run this with the same value; then restart them with the new key alone.")]
struct Rotate {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Take old keys out of the key file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand key prune

What is still sealed with one of them is sealed anew first.")]
struct Prune {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Key {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        match self.action {
            Action::Generate => {
                let key = MasterKey::random().map_err(|error| Failure::Failed(error.to_string()))?;
                output::line(key.reveal().as_str())?;
            }
            Action::ShowId(show) => output::line(show.database.keys()?.sealing_id())?,
            Action::Rotate(rotate) => rotate.run(integrations).await?,
            Action::Prune(prune) => prune.run(integrations).await?,
        }
        Ok(())
    }
}

impl Rotate {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let (control, keyring) = self.database.open_with_keys(integrations, Options::default()).await?;
        if keyring.is_file() {
            keyring.add_to_file().map_err(Failure::Failed)?;
        } else if keyring.ids().len() < 2 {
            return Err(Failure::Usage(
                "DESKHAND_MASTER_KEY holds one key: put a new one before it, separated by a comma, restart the servers \
                 with that, and run this again with it; `deskhand key generate` makes a key"
                    .to_owned(),
            ));
        }
        let sealed = control.reseal().await?;
        let next = if keyring.is_file() {
            "back the key file up, and run `deskhand key prune` when the key before is not needed any more"
        } else {
            "restart the servers with the new key alone"
        };
        output::line(format!(
            "sealed {sealed} values anew, with master key {}; now {next}",
            keyring.sealing_id()
        ))?;
        Ok(())
    }
}

impl Prune {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let (control, keyring) = self.database.open_with_keys(integrations, Options::default()).await?;
        control.reseal().await?;
        let dropped = keyring.drop_old_from_file().map_err(Failure::Usage)?;
        output::line(match dropped.as_slice() {
            [] => format!("the key file holds master key {} only", keyring.sealing_id()),
            ids => format!(
                "took {} out of the key file; master key {} stays",
                ids.join(", "),
                keyring.sealing_id()
            ),
        })?;
        Ok(())
    }
}
