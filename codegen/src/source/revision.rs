//! Spec files as they were at a revision of git.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Sources, is_spec};

impl Sources {
    /// The spec files below `folder` of a repository as git has them at `revision`, such as `HEAD`, `main` or `v1.2`.
    ///
    /// # Errors
    /// When git cannot be run, or the folder does not lie in a repository that has this revision.
    pub fn at_revision(root: &Path, folder: &str, revision: &str) -> io::Result<Self> {
        let commit = format!("{revision}^{{commit}}");
        let commit = git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
            .map_err(|error| unknown(revision, &error))?;
        let commit = String::from_utf8_lossy(&commit).trim().to_owned();
        let listed = git(root, &["ls-tree", "-r", "-z", &commit, "--", &format!("{folder}/")])?;
        let mut found: Vec<(String, String)> = Vec::new();
        for entry in String::from_utf8_lossy(&listed).split('\0') {
            // `<mode> <type> <object>\t<path>`; links and submodules are no files of ours.
            let Some((about, path)) = entry.split_once('\t') else {
                continue;
            };
            let path = path.strip_prefix(&format!("{folder}/")).unwrap_or(path);
            if let ["100644" | "100755", "blob", object] = about.split(' ').collect::<Vec<_>>()[..]
                && is_spec(path)
            {
                found.push((path.to_owned(), object.to_owned()));
            }
        }
        let objects: Vec<&str> = found.iter().map(|(_, object)| object.as_str()).collect();
        let texts = contents(root, &objects)?;
        Ok(Self::in_memory(found.into_iter().map(|(path, _)| path).zip(texts)))
    }
}

fn unknown(revision: &str, error: &io::Error) -> io::Error {
    let message = format!("git knows no revision `{revision}` here ({error}); name a commit, a branch or a tag");
    io::Error::new(io::ErrorKind::NotFound, message)
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments);
    // A hook of git names its repository there; this one is asked about `root`.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    command
}

fn cannot_run(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("git cannot be run: {error}"))
}

fn git(root: &Path, arguments: &[&str]) -> io::Result<Vec<u8>> {
    let output = command(root, arguments).output().map_err(cannot_run)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let told = if told.is_empty() {
        output.status.to_string()
    } else {
        told
    };
    Err(io::Error::other(format!(
        "git {}: {told}",
        arguments.first().unwrap_or(&"")
    )))
}

/// The contents of objects, in one run of git.
fn contents(root: &Path, objects: &[&str]) -> io::Result<Vec<Vec<u8>>> {
    let mut child = command(root, &["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(cannot_run)?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (mut asked, told) = pipes.ok_or_else(|| io::Error::other("git has no pipes"))?;
    let asking = objects.join("\n") + "\n";
    // Git answers while it is asked: one thread alone could wait for the other's pipe for ever.
    let texts = std::thread::scope(|scope| {
        let asker = scope.spawn(move || asked.write_all(asking.as_bytes()));
        let mut told = BufReader::new(told);
        let texts: io::Result<Vec<Vec<u8>>> = objects.iter().map(|_| content(&mut told)).collect();
        drop(told);
        // What could not be asked is missing in the answers, which told so.
        let _ = asker.join();
        texts
    });
    child.wait().map_err(cannot_run)?;
    texts
}

/// `<object> blob <size>\n<content>\n`
fn content(told: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut head = String::new();
    told.read_line(&mut head)?;
    let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse().ok());
    let size: u64 = size.ok_or_else(|| io::Error::other(format!("git cat-file: `{}`", head.trim_end())))?;
    let mut text = Vec::new();
    told.take(size + 1).read_to_end(&mut text)?;
    text.pop();
    match text.len() as u64 == size {
        true => Ok(text),
        false => Err(io::Error::other("git cat-file ended early")),
    }
}
