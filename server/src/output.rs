//! The one place that writes results to stdout. Logs go to stderr.

use std::io::{self, Write as _};

use serde::Serialize;

/// Writes a line.
///
/// # Errors
/// When stdout cannot be written; see [`is_closed`].
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_ref().as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes a value as indented JSON, followed by a newline.
///
/// # Errors
/// When stdout cannot be written; see [`is_closed`].
pub fn json(value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Whether the reader went away, as `head` does: nothing to complain about.
#[must_use]
pub fn is_closed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// Tells on stderr why a command ends without success.
pub fn complain(text: &str) {
    // When even stderr is gone there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "deskhand: {text}");
}
