//! Programs written for Node.js, installed once from a lock file.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::python::target_directory;

/// A folder with the packages of one lock file.
pub struct Packages {
    /// Where they are.
    pub directory: PathBuf,
}

impl Packages {
    /// Those of `tests/clients/<name>/package-lock.json`, and the scripts beside it. They are installed below cargo's
    /// target directory when they are not there yet. No package runs a script of its own while it is installed.
    ///
    /// # Panics
    /// There is no npm, or the packages cannot be installed.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name);
        let lock = fs::read(source.join("package-lock.json")).expect("the lock file is there");
        let mut hasher = DefaultHasher::new();
        lock.hash(&mut hasher);
        let all = target_directory().join("node");
        fs::create_dir_all(&all).expect("the target directory can be written");
        let packages = Self {
            directory: all.join(format!("{name}-{:016x}", hasher.finish())),
        };
        // Another test may be installing the same.
        let turn = File::create(all.join(format!("{name}.lock"))).expect("a lock can be made");
        turn.lock().expect("the lock can be had");
        fs::create_dir_all(&packages.directory).expect("the target directory can be written");
        // Written last: what an interrupted installation leaves behind is not taken for one.
        let complete = packages.directory.join("complete");
        if !complete.exists() {
            packages.install(name, &source);
            fs::write(complete, "").expect("the target directory can be written");
        }
        for file in fs::read_dir(&source).expect("the folder can be read") {
            let file = file.expect("its entries, too").path();
            if file.extension().is_some_and(|extension| extension == "mjs") {
                packages.take(&file);
            }
        }
        packages
    }

    /// Copies a file into the folder, unless it is there already: another test may be reading it.
    fn take(&self, file: &Path) {
        let bytes = fs::read(file).expect("a script can be read");
        let copy = self.directory.join(file.file_name().unwrap_or_default());
        if !fs::read(&copy).is_ok_and(|there| there == bytes) {
            fs::write(copy, bytes).expect("the target directory can be written");
        }
    }

    fn install(&self, name: &str, source: &Path) {
        for file in ["package.json", "package-lock.json"] {
            self.take(&source.join(file));
        }
        let _ = writeln!(
            std::io::stderr(),
            "installs the packages of tests/clients/{name}/package-lock.json with npm into {}",
            self.directory.display()
        );
        let installation = run(Command::new("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                // The program that npm runs on may be older than the one that comes with the packages.
                "--engine-strict=false",
            ])
            .current_dir(&self.directory));
        assert!(
            installation.status.success(),
            "the packages of tests/clients/{name} cannot be installed: {}",
            String::from_utf8_lossy(&installation.stderr)
        );
    }

    /// A script of the folder, run by the Node.js that came with the packages, else by the installed one. Neither
    /// proxies nor options of the environment reach it.
    #[must_use]
    pub fn command(&self, script: impl AsRef<Path>) -> Command {
        let brought = self.directory.join("node_modules/.bin/node");
        let mut node = Command::new(if brought.is_file() { brought } else { "node".into() });
        node.arg(self.directory.join(script))
            .current_dir(&self.directory)
            .stdin(Stdio::null());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NODE_OPTIONS"] {
            node.env_remove(name);
        }
        node
    }
}

/// Runs a program to its end.
///
/// # Panics
/// It cannot be started; the message says what is missing.
#[must_use]
pub fn run(command: &mut Command) -> Output {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("this test needs Node.js 18 or later with npm; `{program}`: {error}"))
}
