//! Packages of Debian, for tests that need what is not installed.

use std::path::Path;
use std::process::Command;

use deskhand_test_postgres::is_root;

use crate::shell;

/// Whether packages can be installed here.
pub(crate) fn may_install() -> bool {
    is_root() && Path::new("/usr/bin/apt-get").is_file()
}

/// Installs a package; whether it is there now.
pub(crate) fn install(package: &str) -> Result<bool, String> {
    let install = ["install", "--yes", "--no-install-recommends", package];
    if apt_get(&install)? {
        return Ok(true);
    }
    // The lists of packages may be missing or old. One that cannot be had is not always the one that is needed.
    apt_get(&["update"])?;
    apt_get(&install)
}

fn apt_get(arguments: &[&str]) -> Result<bool, String> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    shell::succeeds(command)
}
