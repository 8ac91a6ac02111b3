//! PostgreSQL for the tests: a server that the environment names, or one that is started here and stopped at the end.

use std::path::PathBuf;

use deskhand_test_postgres::{Failure, Server, VARIABLE, programs};

use crate::debian;

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
        Self::choose(named, programs(), debian::may_install())
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
        if *self == Self::Package && !debian::install(PACKAGE)? {
            return Err(format!(
                "apt-get could not install `{PACKAGE}`; {}",
                Failure::NotInstalled
            ));
        }
        Server::provide().map_err(|failure| failure.to_string())
    }
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
