//! Tools written in Python, installed once from a list of pinned packages.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A virtual environment with the packages of one list.
pub struct Tools {
    directory: PathBuf,
}

impl Tools {
    /// The packages of `tests/clients/<name>/requirements.txt`. They are installed below cargo's target directory
    /// when they are not there yet.
    ///
    /// # Panics
    /// There is no Python 3, or the packages cannot be installed.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
        let list = root.join(name).join("requirements.txt");
        let packages = fs::read_to_string(&list).expect("the list of packages is there");
        let python = run(Command::new("python3").arg("--version"));
        assert!(
            python.as_ref().is_some_and(|output| output.status.success()),
            "this test needs Python 3.11 or newer as `python3`"
        );
        let version = python.map(|output| output.stdout).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        (&packages, version).hash(&mut hasher);
        let all = target_directory().join("python");
        fs::create_dir_all(&all).expect("the target directory can be written");
        let tools = Self {
            directory: all.join(format!("{name}-{:016x}", hasher.finish())),
        };
        // Another test may be installing the same.
        let lock = File::create(all.join(format!("{name}.lock"))).expect("a lock can be made");
        lock.lock().expect("the lock can be had");
        let complete = tools.directory.join("complete");
        if !complete.exists() {
            tools.install(name, &list);
            fs::write(complete, "").expect("the target directory can be written");
        }
        tools
    }

    fn install(&self, name: &str, list: &Path) {
        let _ = writeln!(
            std::io::stderr(),
            "installs the Python packages of tests/clients/{name}/requirements.txt into {}",
            self.directory.display()
        );
        let made = run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&self.directory));
        succeeded(
            made,
            "`python3 -m venv` failed; on Debian it needs the package python3-venv",
        );
        let mut pip = self.command("python");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
        ]);
        let installed = run(pip.arg("--requirement").arg(list));
        succeeded(installed, "the Python packages cannot be installed");
    }

    /// One of the programs that the packages bring.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        let mut command = Command::new(self.directory.join(folder).join(program.as_ref()));
        command
            .stdin(Stdio::null())
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        command
    }
}

/// `None` when it cannot be started.
fn run(command: &mut Command) -> Option<Output> {
    command.stdin(Stdio::null()).output().ok()
}

fn succeeded(output: Option<Output>, or_else: &str) {
    let output = output.expect(or_else);
    let told = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{or_else}:\n{}",
        String::from_utf8_lossy(&told)
    );
}

/// Where cargo puts what it builds, this test too.
pub(crate) fn target_directory() -> PathBuf {
    let own = std::env::current_exe().expect("this program is a file");
    let marked = |directory: &&Path| directory.join("CACHEDIR.TAG").is_file();
    let found = own.ancestors().find(marked);
    found.expect("cargo marks its target directory").to_owned()
}
