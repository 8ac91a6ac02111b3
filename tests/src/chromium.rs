//! The browser that people have, for pages with scripts.

use std::path::PathBuf;

/// The variable that names one to use instead of the installed one.
pub const VARIABLE: &str = "DESKHAND_TEST_CHROMIUM";

/// Chromium: the one that the environment names, else the one on the search path.
///
/// # Panics
/// There is none; the message says how to get one.
#[must_use]
pub fn program() -> PathBuf {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|directory| directory.join("chromium"));
    found.into_iter().find(|program| program.is_file()).unwrap_or_else(|| {
        panic!(
            "this test needs Chromium: install it (on Debian: apt-get install chromium), or set {VARIABLE} to the path \
             of a browser made from it"
        )
    })
}
