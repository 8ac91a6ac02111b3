//! `deskhand completions`.

use clap::Args;
use clap_complete::Shell;

use super::Failure;
use crate::output;

/// Print a script that completes commands and options in a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand completions bash > ~/.local/share/bash-completion/completions/deskhand
  deskhand completions zsh > ~/.zfunc/_deskhand            with ~/.zfunc in $fpath
  deskhand completions fish > ~/.config/fish/completions/deskhand.fish
  deskhand completions powershell >> $PROFILE")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, mut command: clap::Command) -> Result<(), Failure> {
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        Ok(output::line(String::from_utf8_lossy(&script).trim_end())?)
    }
}
