//! Opening a database, and transactions on it.

use std::future::Future;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::error::ErrorKind;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Any, AnyPool, ConnectOptions as _, Connection as _, SqlSafeStr as _};

use super::StoreError;
use super::statement::Statement;

/// What has ever been done to the tables, in order. Released ones are never changed: another is added.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "control plane", include_str!("migrations/0001_control_plane.sql")),
    (2, "fields", include_str!("migrations/0002_fields.sql")),
    (3, "oauth", include_str!("migrations/0003_oauth.sql")),
];

/// How long one step may take, waiting for a connection or a lock included.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a connection may be waited for.
const CONNECT: Duration = Duration::from_secs(5);
/// How many connections a process has to a PostgreSQL server at most.
const POSTGRES_CONNECTIONS: u32 = 10;
/// How many readers of an SQLite file a process has at most.
const SQLITE_READERS: u32 = 8;
/// What holds for each connection to an SQLite file. `FULL`: what was acknowledged survives a power cut, too. `MEMORY`: what a
/// statement of many rows keeps to undo itself goes to no file, which took as many writes as the rows.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                               PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;";

/// Where this program's advisory locks begin, out of the way of others on the same server: "deskhand".
const LOCKS: i64 = 0x6465_736b_6861_6e64;

/// What may be done by one process at a time, where rows alone do not settle it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// Bringing the tables up to date.
    Migrate = 1,
    /// Deleting rows with others that hang on them: two that delete the same ones in another order would block
    /// each other.
    Delete = 2,
    /// Making the first API token.
    FirstToken = 3,
    /// Deleting from the log.
    Log = 4,
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// An open database.
#[derive(Clone)]
pub(super) struct Database {
    kind: Kind,
    /// What it is called where people read it: nothing secret.
    name: String,
    readers: AnyPool,
    /// One connection for SQLite, which takes one writer at a time: those of this process queue here, fairly.
    writers: AnyPool,
}

impl Database {
    /// Opens what `url` names and brings its tables up to date.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let database = match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => Self::postgres(url).await?,
            Some(("sqlite", path)) => Self::sqlite(path.strip_prefix("//").unwrap_or(path)).await?,
            Some((scheme, rest)) if rest.starts_with("//") => {
                return Err(StoreError::Unavailable(format!(
                    "`{scheme}` databases are not supported; name a file for SQLite, or postgres://user@host/database"
                )));
            }
            _ => Self::sqlite(url).await?,
        };
        database.migrate().await?;
        Ok(database)
    }

    async fn sqlite(path: &str) -> Result<Self, StoreError> {
        if path.is_empty() || path.starts_with(':') || path.contains('?') {
            return Err(StoreError::Unavailable(
                "name a file for SQLite, such as sqlite:deskhand.db: neither a database in memory nor settings after a \
                 question mark are supported"
                    .to_owned(),
            ));
        }
        create_private(Path::new(path))
            .map_err(|error| StoreError::Unavailable(format!("the file {path} cannot be opened: {error}")))?;
        let options = AnyConnectOptions::from_str(&format!("sqlite:{}", encoded(path)))?;
        bounded(write_ahead(&options)).await?;
        let pool = |connections| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(PATIENCE)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .after_connect(|connection, _| {
                    Box::pin(async move { sqlx::raw_sql(SQLITE_SETTINGS).execute(connection).await.map(drop) })
                })
                .connect_lazy_with(options.clone())
        };
        Ok(Self {
            kind: Kind::Sqlite,
            name: format!("sqlite:{path}"),
            readers: pool(SQLITE_READERS),
            writers: pool(1),
        })
    }

    async fn postgres(url: &str) -> Result<Self, StoreError> {
        let options = AnyConnectOptions::from_str(url)?;
        let place = &options.database_url;
        let name = format!("postgres://{}{}", place.host_str().unwrap_or_default(), place.path());
        // The pool would try again and again, and not say what is wrong.
        let first = tokio::time::timeout(CONNECT, options.connect()).await;
        let first = first.map_err(|_| StoreError::Unavailable(format!("{name} does not answer")))??;
        first.close().await?;
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(CONNECT)
            .idle_timeout(Duration::from_secs(300))
            .max_lifetime(Duration::from_secs(1800))
            // A server that was started anew has closed them all; no request is to fail for that.
            .test_before_acquire(true)
            .connect_lazy_with(options);
        Ok(Self {
            kind: Kind::Postgres,
            name,
            readers: pool.clone(),
            writers: pool,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// All or nothing, and one process at a time.
    async fn migrate(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        transaction.wait_for(Turn::Migrate).await?;
        let mut migrator = migrator();
        // The transaction is the lock, and unlike the migrator's own it is gone when something fails.
        migrator.set_locking(false);
        migrator
            .run_direct(None, &mut *transaction.inner, false)
            .await
            .map_err(|error| StoreError::Unavailable(migration_refused(&error)))?;
        transaction.commit().await
    }

    /// Gives the rows that a statement finds.
    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<AnyRow>, StoreError> {
        bounded(async {
            let mut connection = self.readers.acquire().await?;
            statement.rows(&mut connection).await
        })
        .await
    }

    /// Begins to change something.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        // SQLite: the right to write comes first, since a reader that becomes a writer may be turned away.
        // PostgreSQL: each statement sees what was committed before it, whatever the server's default is.
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        };
        let inner = bounded(async { Ok(self.writers.begin_with(begin).await?) }).await?;
        Ok(Transaction { inner, kind: self.kind })
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

/// Changes that happen together or not at all: not at all, unless it is committed.
pub(super) struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    kind: Kind,
}

impl Transaction {
    /// How a statement that takes each value once, in order, names the one with this number. Among many, SQLite would look
    /// for each number through all of them.
    pub(super) fn next_value(&self, number: usize) -> String {
        match self.kind {
            Kind::Sqlite => "?".to_owned(),
            Kind::Postgres => format!("${number}"),
        }
    }

    /// Waits until no other process is at this until its transaction has ended.
    pub(super) async fn wait_for(&mut self, turn: Turn) -> Result<(), StoreError> {
        // SQLite has one writer at a time anyway.
        if self.kind == Kind::Postgres {
            self.run(Statement::new("SELECT pg_advisory_xact_lock($1)").bind(LOCKS + turn as i64))
                .await?;
        }
        Ok(())
    }

    /// Says how many rows the statement has changed.
    pub(super) async fn run(&mut self, statement: Statement) -> Result<u64, StoreError> {
        bounded(statement.run(&mut self.inner)).await
    }

    /// Makes the changes last.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        bounded(async { Ok(self.inner.commit().await?) }).await
    }

    /// Makes the changes last and counts the epoch up. All who change something meet at that row, so it is the last
    /// to be locked, and whoever sees the new value sees all changes before it.
    pub(super) async fn commit_as_change(mut self) -> Result<(), StoreError> {
        self.run(Statement::new("UPDATE epoch SET value = value + 1")).await?;
        self.commit().await
    }

    /// Commits as a change if `changed` says so, and passes that on.
    pub(super) async fn commit_if(self, changed: bool) -> Result<bool, StoreError> {
        if changed {
            self.commit_as_change().await?;
        } else {
            self.undo().await?;
        }
        Ok(changed)
    }

    /// Leaves everything as it was.
    pub(super) async fn undo(self) -> Result<(), StoreError> {
        bounded(async { Ok(self.inner.rollback().await?) }).await
    }
}

/// Creates the file that does not exist yet, for its owner alone. SQLite makes its other files like it.
fn create_private(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        let mut directory = std::fs::DirBuilder::new();
        directory.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut directory, 0o700);
        directory.create(parent)?;
    }
    let mut file = std::fs::OpenOptions::new();
    file.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file.open(path).map(drop)
}

/// Has the file written ahead, so that readers and the writer do not wait for each other; it stays so.
async fn write_ahead(options: &AnyConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    sqlx::raw_sql(SQLITE_SETTINGS).execute(&mut connection).await?;
    loop {
        let asked = Statement::new("PRAGMA journal_mode = WAL").rows(&mut connection).await;
        let mode = match asked {
            // Whoever else opens the file now may be in the way, and SQLite does not wait for that.
            Err(StoreError::Unavailable(why)) if why.contains("locked") => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            asked => asked?,
        };
        let mode = match mode.first() {
            Some(row) => super::statement::Columns::of(row).text()?,
            None => String::new(),
        };
        if mode != "wal" {
            return Err(StoreError::Unavailable(
                "the file system does not let SQLite write ahead; put the file on a local disk, or use PostgreSQL"
                    .to_owned(),
            ));
        }
        return Ok(connection.close().await?);
    }
}

/// A path as a part of a URL.
fn encoded(path: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(encode).collect()
}

/// A database that does not answer must not hold up who asks for ever.
async fn bounded<T>(step: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = || StoreError::Unavailable(format!("there was no answer within {} seconds", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, step).await.map_err(|_| late())?
}

fn migrator() -> Migrator {
    let all = MIGRATIONS.iter().map(|&(version, about, sql)| {
        Migration::new(version, about.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(all.collect())
}

fn migration_refused(error: &MigrateError) -> String {
    let newest = MIGRATIONS.last().map_or(0, |(version, ..)| *version);
    match error {
        MigrateError::VersionMissing(version) => format!(
            "its tables are of version {version}, made by a newer deskhand; this one knows version {newest} and does \
             not go back: use the newer deskhand, or a copy of the database from before"
        ),
        MigrateError::VersionMismatch(version) => format!(
            "its tables of version {version} were made by something that is no release of deskhand; use another database"
        ),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            format!(
                "its tables could not be brought up to version {newest}: {}",
                reason(error)
            )
        }
        error => format!("its tables could not be brought up to version {newest}: {error}"),
    }
}

/// Why the database refused. Never holds values of the statement, nor how to reach the database.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "no connection to it could be had in time".to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => format!("TLS: {error}"),
        sqlx::Error::Configuration(error) => format!("its address makes no sense: {error}"),
        sqlx::Error::PoolClosed => "it has been closed".to_owned(),
        sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => "the connection broke".to_owned(),
        _ => "it gave an answer that cannot be read".to_owned(),
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().map(sqlx::error::DatabaseError::kind) {
            Some(ErrorKind::UniqueViolation) => Self::Taken,
            Some(ErrorKind::ForeignKeyViolation) => Self::Orphan,
            _ => Self::Unavailable(reason(&error)),
        }
    }
}
