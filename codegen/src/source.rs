//! Collects spec files. The only module that reads specs, from disk or out of git.

mod revision;

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// One spec file as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path relative to the directory of all specs, with `/`.
    pub path: Arc<str>,
    /// Its bytes, as they are on disk.
    pub bytes: Vec<u8>,
}

impl Source {
    /// The helpdesk the file belongs to: the first part of its path.
    pub fn helpdesk(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

/// The spec files, sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Files given in memory, in any order; the last one wins where a path occurs twice.
    pub fn in_memory<P, T>(files: impl IntoIterator<Item = (P, T)>) -> Self
    where
        P: Into<String>,
        T: Into<Vec<u8>>,
    {
        let files: std::collections::BTreeMap<String, Vec<u8>> = files
            .into_iter()
            .map(|(path, text)| (path.into().replace('\\', "/"), text.into()))
            .collect();
        let files = files
            .into_iter()
            .map(|(path, bytes)| Source {
                path: path.into(),
                bytes,
            })
            .collect();
        Self { files }
    }

    /// All `<helpdesk>/**/*.yaml` below `directory`. Names starting with `.` or `_` and the
    /// author's notes (`tour.*`) are left out.
    ///
    /// # Errors
    /// When a directory or a file cannot be read; the message names it.
    pub fn collect(directory: &Path) -> io::Result<Self> {
        let mut found = Vec::new();
        for entry in entries(directory)? {
            if entry.is_dir {
                walk(&directory.join(&entry.name), &entry.name, &mut found)?;
            }
        }
        Ok(Self::in_memory(found))
    }

    /// The files by path.
    pub fn files(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    /// The helpdesks that have files, sorted.
    pub fn helpdesks(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.files.iter().map(Source::helpdesk).collect();
        names.dedup();
        names
    }

    /// The files of these helpdesks only.
    #[must_use]
    pub fn only(&self, helpdesks: &[impl AsRef<str>]) -> Self {
        let wanted = |file: &&Source| helpdesks.iter().any(|name| name.as_ref() == file.helpdesk());
        Self {
            files: self.files.iter().filter(wanted).cloned().collect(),
        }
    }

    /// Text of a file as the parser saw it: line ends as `\n`, no byte order mark.
    pub fn text(&self, path: &str) -> Option<Cow<'_, str>> {
        let at = self.files.binary_search_by(|file| (*file.path).cmp(path)).ok()?;
        Some(normalize(String::from_utf8_lossy(&self.files.get(at)?.bytes)))
    }
}

/// Text without a byte order mark and with `\n` as its only line end, so that positions and values
/// do not depend on the editor that wrote a file.
pub fn normalize(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Cow::Owned(text) => match text.strip_prefix('\u{feff}') {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => Cow::Owned(text),
        },
    };
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => text,
    }
}

/// Whether a file below the directory of specs is one: `<helpdesk>/**/*.yaml`, no hidden or private name, no notes.
fn is_spec(path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    let last = names.last().copied().unwrap_or_default();
    names.len() > 1
        && names.iter().all(|name| !name.starts_with(['.', '_']))
        && last.ends_with(".yaml")
        && !last.starts_with("tour.")
}

struct Entry {
    name: String,
    is_dir: bool,
}

/// What is in a directory, sorted, hidden and private names left out.
fn entries(directory: &Path) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(|error| named(directory, &error))? {
        let entry = entry.map_err(|error| named(directory, &error))?;
        let path = entry.path();
        // A link to a directory is not followed: it might lead back here.
        let is_dir = entry.file_type().map_err(|error| named(&path, &error))?.is_dir();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(named(&path, &io::Error::other("the name is not UTF-8")));
        };
        if !name.starts_with(['.', '_']) {
            found.push(Entry {
                name: name.to_owned(),
                is_dir,
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn walk(directory: &Path, prefix: &str, found: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in entries(directory)? {
        let path = directory.join(&entry.name);
        let relative = format!("{prefix}/{}", entry.name);
        if entry.is_dir {
            walk(&path, &relative, found)?;
        } else if is_spec(&relative) {
            found.push((relative, std::fs::read(&path).map_err(|error| named(&path, &error))?));
        }
    }
    Ok(())
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_collected_in_order() {
        let root = tempfile::tempdir().unwrap();
        for path in [
            "b/integration.yaml",
            "a/tickets.yaml",
            "a/integration.yaml",
            "a/types/common.yaml",
            "a/tour.yaml",
            "a/tour.json",
            "a/notes.md",
            "a/_draft.yaml",
            "a/.hidden.yaml",
            "_later/integration.yaml",
            "spec.schema.json",
            "loose.yaml",
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x: 1\n").unwrap();
        }
        let sources = Sources::collect(root.path()).unwrap();
        let paths: Vec<&str> = sources.files().map(|file| &*file.path).collect();
        assert_eq!(
            paths,
            [
                "a/integration.yaml",
                "a/tickets.yaml",
                "a/types/common.yaml",
                "b/integration.yaml"
            ]
        );
        assert_eq!(sources.helpdesks(), ["a", "b"]);
        assert_eq!(sources.only(&["b"]).helpdesks(), ["b"]);
        let error = Sources::collect(&root.path().join("none")).unwrap_err().to_string();
        assert!(error.contains("none"), "{error}");
    }

    #[test]
    fn text_is_as_the_parser_saw_it() {
        let sources = Sources::in_memory([("b", &b"\xef\xbb\xbfx\r\ny\rz\n"[..]), ("a", b"\xff")]);
        assert_eq!(sources.text("b").unwrap(), "x\ny\nz\n");
        assert_eq!(sources.text("a").unwrap(), "\u{fffd}");
        assert_eq!(sources.text("c"), None);
        assert_eq!(sources.files().next().unwrap().path, "a".into());
    }
}
