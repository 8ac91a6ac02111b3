//! A PostgreSQL server for tests.
//!
//! [`Server::provide`] takes the one that `DESKHAND_TEST_POSTGRES` names, or starts one of its own in a temporary
//! directory, found where PostgreSQL is installed. That one is stopped and its directory removed when the process
//! that started it ends, however it ends.

#[cfg(feature = "databases")]
pub mod databases;

use std::fmt;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The variable that names a server to use: a URL of a user who may create databases.
pub const VARIABLE: &str = "DESKHAND_TEST_POSTGRES";

/// The superuser of a server that is started here.
const USER: &str = "deskhand";
/// How often another port is tried.
const TRIES: usize = 5;

/// Starts the server in `$2` with the programs in `$1` on port `$3`, says so, and waits for the end of its input: for
/// the end of whoever holds the other end of the pipe, killed or not. Then nothing is left.
const KEEPER: &str = r#"
trap '' HUP INT TERM
if "$1/pg_ctl" start -D "$2/data" -l "$2/log" -w -t 120 -o "-p $3" >"$2/start" 2>&1; then
    echo started
    cat >/dev/null
    "$1/pg_ctl" stop -D "$2/data" -m immediate -w >/dev/null 2>&1
else
    cat "$2/start" "$2/log" 2>/dev/null
    cat >/dev/null
fi
rm -rf "$2"
"#;

/// What a server for tests is set to. Its data need not outlive the machine, so it need not wait for the disk.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 250
fsync = off
log_statement = none
";

/// Why there is no server.
#[derive(Debug)]
pub enum Failure {
    /// PostgreSQL is not installed.
    NotInstalled,
    /// It does not start.
    Broken(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => write!(
                f,
                "these tests need PostgreSQL: install it (on Debian and Ubuntu: apt-get install postgresql), or set \
                 {VARIABLE} to the URL of a server, with a user who may create databases"
            ),
            Self::Broken(why) => write!(f, "PostgreSQL could not be started for tests: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

fn broken(what: &str) -> impl Fn(io::Error) -> Failure + '_ {
    move |error| Failure::Broken(format!("{what}: {error}"))
}

/// A PostgreSQL server.
#[derive(Debug)]
pub struct Server {
    url: String,
    /// The process that stops it when our end of the pipe is closed; none for a server that somebody else runs.
    keeper: Option<Child>,
}

impl Server {
    /// The server that the environment names, or one of our own.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn provide() -> Result<Self, Failure> {
        match std::env::var(VARIABLE) {
            Ok(url) if !url.is_empty() => Ok(Self { url, keeper: None }),
            _ => Self::start(),
        }
    }

    /// Starts a server of our own.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> Result<Self, Failure> {
        let programs = programs().ok_or(Failure::NotInstalled)?;
        let user = unprivileged()?;
        let mut told = String::new();
        for _ in 0..TRIES {
            match Self::start_once(&programs, user.as_ref())? {
                Ok(server) => return Ok(server),
                // Somebody may have taken the port first.
                Err(why) => told = why,
            }
        }
        Err(Failure::Broken(told))
    }

    /// A URL of a user who may create databases.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn start_once(programs: &Path, user: Option<&User>) -> Result<Result<Self, String>, Failure> {
        let directory = Directory::create(user)?;
        let password = random()?;
        directory.write("password", &password, user)?;
        // MD5 since a debug build takes long over SCRAM, for each of many connections; it still keeps others out.
        let mut initdb = as_user(Command::new(programs.join("initdb")), user);
        initdb
            .args(["--no-sync", "--encoding=UTF8", "--locale=C", "--auth-local=trust"])
            .args(["--auth-host=md5", "--username", USER, "--pwfile"])
            .arg(directory.path.join("password"))
            .arg("--pgdata")
            .arg(directory.path.join("data"))
            .current_dir(&directory.path);
        let made = initdb.output().map_err(broken("initdb cannot be run"))?;
        if !made.status.success() {
            let told = String::from_utf8_lossy(&made.stderr).into_owned();
            return Err(Failure::Broken(format!("initdb failed: {told}")));
        }
        let settings = format!("{SETTINGS}unix_socket_directories = '{}'\n", directory.path.display());
        directory.write("data/postgresql.auto.conf", &settings, user)?;
        let port = free_port().map_err(broken("no port is free"))?;
        let mut keeper = as_user(Command::new("/bin/sh"), user);
        keeper
            .args(["-c", KEEPER, "keeper"])
            .arg(programs)
            .arg(&directory.path)
            .arg(port.to_string())
            .current_dir(&directory.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal is not for it: it has to clean up.
            .process_group(0);
        let mut keeper = keeper.spawn().map_err(broken("a shell cannot be run"))?;
        // From here on the keeper removes it.
        std::mem::forget(directory);
        let Some(output) = keeper.stdout.take() else {
            return Err(Failure::Broken("the shell has no output".to_owned()));
        };
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output
            .read_line(&mut line)
            .map_err(broken("the shell cannot be read"))?;
        let server = Self {
            url: format!("postgres://{USER}:{password}@127.0.0.1:{port}/postgres"),
            keeper: Some(keeper),
        };
        if line.trim() == "started" {
            return Ok(Ok(server));
        }
        // It says why, until it sees that nobody waits any more.
        drop(server);
        let _ = output.read_to_string(&mut line);
        Ok(Err(line))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

/// A directory that is removed again unless it is forgotten.
struct Directory {
    path: PathBuf,
}

impl Directory {
    fn create(user: Option<&User>) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("deskhand-postgres-{}", random()?));
        let wrong = broken("no directory can be made");
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(&wrong)?;
        let directory = Self { path };
        own(&directory.path, user).map_err(&wrong)?;
        Ok(directory)
    }

    fn write(&self, name: &str, text: &str, user: Option<&User>) -> Result<(), Failure> {
        let path = self.path.join(name);
        let written = fs::write(&path, text)
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o600)))
            .and_then(|()| own(&path, user));
        written.map_err(broken("its files cannot be written"))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A user who is not root: PostgreSQL refuses to run as root.
#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

/// Somebody to run the server as, when we are root.
fn unprivileged() -> Result<Option<User>, Failure> {
    if !is_root() {
        return Ok(None);
    }
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].iter().find_map(|name| user(&known, name));
    let found = found.ok_or_else(|| {
        Failure::Broken("it does not run as root, and there is no user `postgres` or `nobody` to run it as".to_owned())
    });
    found.map(Some)
}

/// Whether this process runs as root.
#[must_use]
pub fn is_root() -> bool {
    let told = Command::new("id").arg("-u").output();
    told.is_ok_and(|told| told.stdout.trim_ascii() == b"0")
}

fn user(passwd: &str, name: &str) -> Option<User> {
    let mut fields = passwd
        .lines()
        .map(|line| line.split(':'))
        .find(|fields| fields.clone().next() == Some(name))?
        .skip(2);
    let mut number = || fields.next()?.parse().ok();
    Some(User {
        uid: number()?,
        gid: number()?,
    })
}

fn as_user(mut command: Command, user: Option<&User>) -> Command {
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    // What is meant for other servers must not reach this one.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C");
    command
}

fn own(path: &Path, user: Option<&User>) -> io::Result<()> {
    match user {
        Some(user) => std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid)),
        None => Ok(()),
    }
}

/// The directory of PostgreSQL's programs: from the search path, from `pg_config`, or where systems put it; of several
/// the newest.
#[must_use]
pub fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let config = Command::new("pg_config").arg("--bindir").output();
    let config = config
        .ok()
        .map(|told| PathBuf::from(String::from_utf8_lossy(&told.stdout).trim()));
    let mut usual: Vec<PathBuf> = [
        ("/usr/lib/postgresql", "bin"),
        ("/usr", "bin"),
        ("/usr/local", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ]
    .iter()
    .flat_map(|(parent, below)| {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        entries.map(move |entry| entry.path().join(below))
    })
    .collect();
    usual.sort_by_key(|directory| std::cmp::Reverse(version(directory)));
    std::env::split_paths(&path)
        .chain(config)
        .chain(usual)
        .find_map(|directory| {
            // A link in the search path leads to where the other programs are.
            let initdb = fs::canonicalize(directory.join("initdb")).ok()?;
            let directory = initdb.parent()?;
            let all = ["initdb", "pg_ctl", "postgres"].iter();
            let complete = all
                .map(|program| directory.join(program))
                .all(|program| program.is_file());
            complete.then(|| directory.to_owned())
        })
}

/// The largest number in a path such as `/usr/lib/postgresql/15/bin`.
fn version(directory: &Path) -> u32 {
    let text = directory.to_string_lossy();
    let numbers = text.split(|letter: char| !letter.is_ascii_digit());
    numbers.filter_map(|digits| digits.parse().ok()).max().unwrap_or(0)
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// 128 random bits as hexadecimal digits.
fn random() -> Result<String, Failure> {
    let mut bits = [0_u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bits))
        .map_err(broken("the random source cannot be read"))?;
    Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104:P,,,:/var/lib/postgresql:/bin/sh\nbad:x:a:b\n";
        let found = user(passwd, "postgres").unwrap();
        assert_eq!((found.uid, found.gid), (101, 104));
        assert!(user(passwd, "post").is_none() && user(passwd, "bad").is_none());
    }

    #[test]
    fn the_newest_version_is_known_by_its_number() {
        assert_eq!(version(Path::new("/usr/lib/postgresql/15/bin")), 15);
        assert_eq!(version(Path::new("/usr/pgsql-9/bin")), 9);
        assert_eq!(version(Path::new("/usr/bin")), 0);
    }
}
