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

/// Tells something on stderr that must not be missed, whatever is logged.
pub fn announce(text: &str) {
    let _ = writeln!(io::stderr().lock(), "deskhand: {text}");
}

/// Writes a table for people.
///
/// # Errors
/// When stdout cannot be written; see [`is_closed`].
pub fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> io::Result<()> {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(head);
    for row in rows {
        table.add_row(row.map(tidy));
    }
    line(table.trim_fmt())
}

/// Writes facts for people, a line each.
///
/// # Errors
/// When stdout cannot be written; see [`is_closed`].
pub fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, String)>) -> io::Result<()> {
    let facts: Vec<_> = facts.into_iter().collect();
    let wide = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> = facts
        .into_iter()
        .map(|(name, value)| format!("{name:wide$}  {}", tidy(value)))
        .collect();
    line(lines.join("\n"))
}

/// A terminal obeys control characters, and what is shown was written by others.
fn tidy(text: String) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
