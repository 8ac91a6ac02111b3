//! `cargo xtask dist`

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::bench::profile;
use crate::{Outcome, Verdict, shell};

/// Build the program for shipping, laid out by what it does most.
///
/// Builds `deskhand` with counters, plays tool calls and lists of tools at it (SQLite, and PostgreSQL where it is installed), and
/// builds it again with what was counted. A call then takes about a fifth less processor time than with `cargo build
/// --profile dist` alone, for twice the time of building. The path of the program goes to stdout, progress to stderr.
///
/// The counts are put together by llvm-profdata, which has to be of the compiler's version: `rustup component add
/// llvm-tools` installs it; LLVM_PROFDATA names another one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask dist
  cargo xtask dist -- --no-default-features      without the simulators
  DESKHAND_BIN=$(cargo xtask dist) cargo xtask bench load")]
pub(crate) struct Arguments {
    /// Passed on to both runs of `cargo build`.
    #[arg(last = true, value_name = "CARGO ARGUMENTS")]
    cargo: Vec<OsString>,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome {
    let compiler = Compiler::ask(root)?;
    let merge = compiler.profdata()?;
    let target = root.join("target").join("guided");
    let counts = target.join("counts");
    // Counts of an older build would be counted in.
    if counts.exists() {
        std::fs::remove_dir_all(&counts).map_err(|error| format!("{}: {error}", counts.display()))?;
    }
    let build = |folder: &str, option: &str, path: &Path| {
        let mut flag = OsString::from(option);
        flag.push(path);
        let mut command = shell::cargo(root, &["build", "--profile", "dist", "--package", "deskhand"]);
        // With a target named, what runs while building is built without the flag.
        command.arg("--target").arg(&compiler.host);
        command.arg("--target-dir").arg(target.join(folder));
        command.args(&arguments.cargo);
        command.env("CARGO_ENCODED_RUSTFLAGS", with_flag(&flag));
        shell::built(command)
    };
    eprintln!("1 of 3: building with counters");
    let counting = build("counting", "-Cprofile-generate=", &counts)?;
    eprintln!("2 of 3: counting");
    profile::play(root, &counting)?;
    let profile = target.join("deskhand.profdata");
    merged(merge, &counts, &profile)?;
    eprintln!("3 of 3: building with what was counted");
    let program = build("program", "-Cprofile-use=", &profile)?;
    println!("{}", program.display());
    Ok(Verdict::Good)
}

/// Puts the counts of all processes into one file.
fn merged(mut command: Command, counts: &Path, profile: &Path) -> Result<(), String> {
    command.arg("merge").arg("--output").arg(profile).arg(counts);
    if shell::succeeds(command)? {
        Ok(())
    } else {
        Err("the counts cannot be put together; llvm-profdata has to be of the compiler's version of LLVM".to_owned())
    }
}

/// What the caller has the compiler do, and this.
fn with_flag(flag: &OsStr) -> OsString {
    let given = |name: &str| std::env::var_os(name).filter(|flags| !flags.is_empty());
    joined(given("CARGO_ENCODED_RUSTFLAGS"), given("RUSTFLAGS"), flag)
}

/// Flags as cargo reads them, parted by a character that no path holds. Cargo itself takes `plain` only without `encoded`.
fn joined(encoded: Option<OsString>, plain: Option<OsString>, flag: &OsStr) -> OsString {
    const BETWEEN: &str = "\u{1f}";
    let words = |plain: OsString| {
        let plain = plain.to_string_lossy();
        plain.split_whitespace().collect::<Vec<_>>().join(BETWEEN).into()
    };
    let mut all = encoded.or_else(|| plain.map(words)).unwrap_or_default();
    if !all.is_empty() {
        all.push(BETWEEN);
    }
    all.push(flag);
    all
}

/// The compiler that cargo uses.
struct Compiler {
    /// The system that it runs on.
    host: String,
    /// Where it is installed.
    sysroot: PathBuf,
    /// Version of its LLVM.
    llvm: String,
}

impl Compiler {
    fn ask(root: &Path) -> Result<Self, String> {
        let about = told(root, &["--version", "--verbose"])?;
        let line = |name: &str| {
            let found = about
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::to_owned);
            found.ok_or_else(|| format!("`rustc --version --verbose` does not tell its `{name}`"))
        };
        Ok(Self {
            host: line("host: ")?,
            llvm: line("LLVM version: ")?,
            sysroot: told(root, &["--print", "sysroot"])?.into(),
        })
    }

    /// The tool that belongs to it.
    fn profdata(&self) -> Result<Command, String> {
        if let Some(named) = std::env::var_os("LLVM_PROFDATA") {
            return Ok(Command::new(named));
        }
        let folder = self.sysroot.join("lib/rustlib").join(&self.host).join("bin");
        let installed = folder.join(format!("llvm-profdata{}", std::env::consts::EXE_SUFFIX));
        if installed.is_file() {
            return Ok(Command::new(installed));
        }
        Err(format!(
            "llvm-profdata is not installed: `rustup component add llvm-tools` does it, or LLVM_PROFDATA names one of LLVM {}. \
             Without it, `cargo build --profile dist --package deskhand` builds a program that takes more time for a call",
            self.llvm
        ))
    }
}

/// What the compiler of the repository says.
fn told(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.args(arguments).current_dir(root);
    let output = command.output().map_err(|error| shell::cannot_run(&command, &error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("`{}` failed: {}", shell::shown(&command), output.status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_the_caller_are_kept() {
        let joined = |encoded: &str, plain: &str| {
            let given = |text: &str| (!text.is_empty()).then(|| OsString::from(text));
            joined(given(encoded), given(plain), OsStr::new("-Cprofile-use=/a b"))
        };
        assert_eq!(joined("", ""), "-Cprofile-use=/a b");
        assert_eq!(
            joined("", " -C  target-cpu=native "),
            "-C\u{1f}target-cpu=native\u{1f}-Cprofile-use=/a b"
        );
        assert_eq!(
            joined("--cfg\u{1f}x=\"a b\"", "-O"),
            "--cfg\u{1f}x=\"a b\"\u{1f}-Cprofile-use=/a b"
        );
    }
}
