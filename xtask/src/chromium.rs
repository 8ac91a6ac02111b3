//! Chromium for the tests of the web console: one that the environment names, or one that is installed.

use std::process::Command;

use crate::debian;

/// The variable that names a browser to use.
const VARIABLE: &str = "DESKHAND_TEST_CHROMIUM";

/// The program, and the Debian package that has it.
const PROGRAM: &str = "chromium";

/// Where the browser comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The environment names it.
    Named,
    /// It is installed here.
    Installed,
    /// A Debian package is to be installed first.
    Package,
    /// There is none, and none can be had.
    Missing,
}

impl Source {
    pub(crate) fn find() -> Self {
        let named = std::env::var_os(VARIABLE).is_some_and(|path| !path.is_empty());
        let told = Command::new(PROGRAM).arg("--version").output();
        let installed = told.is_ok_and(|told| told.status.success());
        Self::choose(named, installed, debian::may_install())
    }

    fn choose(named: bool, installed: bool, may_install: bool) -> Self {
        match (named, installed, may_install) {
            (true, ..) => Self::Named,
            (_, true, _) => Self::Installed,
            (_, _, true) => Self::Package,
            _ => Self::Missing,
        }
    }

    /// What is going to happen, as a line.
    pub(crate) fn announcement(self) -> String {
        match self {
            Self::Named => format!("Uses the browser of {VARIABLE} for the web console."),
            Self::Installed => format!("Uses the installed `{PROGRAM}` for the web console."),
            Self::Package => {
                format!("Installs the Debian package `{PROGRAM}` with apt-get for the web console; it stays.")
            }
            Self::Missing => format!(
                "The web console's tests will fail: they need Chromium. Install it (on Debian: apt-get install {PROGRAM}), or \
                 set {VARIABLE} to the path of a browser made from it."
            ),
        }
    }

    /// Installs what is missing. Without a browser its own tests fail, and say why.
    pub(crate) fn provide(self) {
        if self == Self::Package && debian::install(PROGRAM) != Ok(true) {
            eprintln!("error: apt-get could not install `{PROGRAM}`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_that_is_not_needed() {
        assert_eq!(Source::choose(true, false, true), Source::Named);
        assert_eq!(Source::choose(false, true, true), Source::Installed);
        assert_eq!(Source::choose(false, false, true), Source::Package);
        assert_eq!(Source::choose(false, false, false), Source::Missing);
    }

    #[test]
    fn what_will_be_installed_is_said_before() {
        assert!(
            Source::Package
                .announcement()
                .starts_with("Installs the Debian package `chromium`")
        );
        assert!(Source::Missing.announcement().contains("apt-get install chromium"));
    }
}
