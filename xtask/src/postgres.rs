//! PostgreSQL for the tests: a server that the environment names, or one that is started here and stopped at the end.

use std::path::{Path, PathBuf};
use std::process::Command;

use deskhand_test_postgres::{Failure, Server, VARIABLE, is_root, programs};

use crate::shell;

/// The Debian package that has the server.
const PACKAGE: &str = "postgresql";

/// Where the server comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The environment names it.
    Named,
    /// It is installed here.
    Installed(PathBuf),
    /// A Debian package is to be installed first.
    Package,
    /// There is none, and none can be had.
    Missing,
}

impl Source {
    pub(crate) fn find() -> Self {
        let named = std::env::var_os(VARIABLE).is_some_and(|url| !url.is_empty());
        let may_install = is_root() && Path::new("/usr/bin/apt-get").is_file();
        Self::choose(named, programs(), may_install)
    }

    fn choose(named: bool, installed: Option<PathBuf>, may_install: bool) -> Self {
        match installed {
            _ if named => Self::Named,
            Some(programs) => Self::Installed(programs),
            None if may_install => Self::Package,
            None => Self::Missing,
        }
    }

    /// What is going to happen, as a line.
    pub(crate) fn announcement(&self) -> String {
        match self {
            Self::Named => format!("Uses the PostgreSQL server of {VARIABLE}: makes databases there and drops them."),
            Self::Installed(programs) => format!(
                "Starts PostgreSQL from {} in a temporary directory, and stops and removes it at the end.",
                programs.display()
            ),
            Self::Package => format!(
                "Installs the Debian package `{PACKAGE}` with apt-get, starts it in a temporary directory, and stops \
                 and removes that server at the end; the package stays."
            ),
            Self::Missing => Failure::NotInstalled.to_string(),
        }
    }

    /// Installs what is missing, and provides the server.
    pub(crate) fn provide(&self) -> Result<Server, String> {
        if *self == Self::Package {
            let installed = apt_get(&["install", "--yes", "--no-install-recommends", PACKAGE])?;
            // Its lists of packages may be missing or old.
            let installed = installed
                || (apt_get(&["update"])? && apt_get(&["install", "--yes", "--no-install-recommends", PACKAGE])?);
            if !installed {
                return Err(format!(
                    "apt-get could not install `{PACKAGE}`; {}",
                    Failure::NotInstalled
                ));
            }
        }
        Server::provide().map_err(|failure| failure.to_string())
    }
}

fn apt_get(arguments: &[&str]) -> Result<bool, String> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    shell::succeeds(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_that_is_not_needed() {
        let here = || Some(PathBuf::from("/usr/lib/postgresql/15/bin"));
        assert_eq!(Source::choose(true, None, true), Source::Named);
        assert_eq!(Source::choose(true, here(), true), Source::Named);
        assert_eq!(Some(Source::choose(false, here(), true)), here().map(Source::Installed));
        assert_eq!(Source::choose(false, None, true), Source::Package);
        assert_eq!(Source::choose(false, None, false), Source::Missing);
    }

    #[test]
    fn what_will_be_installed_is_said_before() {
        assert!(
            Source::Package
                .announcement()
                .starts_with("Installs the Debian package `postgresql`")
        );
        let missing = Source::Missing.announcement();
        assert!(missing.contains("apt-get install postgresql") && missing.contains("DESKHAND_TEST_POSTGRES"));
    }
}
