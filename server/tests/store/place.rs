//! An empty database for one test.

use deskhand::store::sql::SqlStore;
use deskhand_test_postgres::databases::Database;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _};
use tempfile::TempDir;

/// Where the database of a test is.
pub(crate) struct Place {
    url: String,
    _kept: Kept,
}

/// What goes when the test ends.
enum Kept {
    Directory { _it: TempDir },
    Database { _it: Database },
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let directory = TempDir::new().unwrap();
        Self {
            url: format!("sqlite:{}/store.db", directory.path().display()),
            _kept: Kept::Directory { _it: directory },
        }
    }

    pub(crate) async fn postgres() -> Self {
        let database = Database::create().await;
        Self {
            url: database.url().to_owned(),
            _kept: Kept::Database { _it: database },
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A store as one process has it.
    pub(crate) async fn store(&self) -> SqlStore {
        SqlStore::open(&self.url).await.unwrap()
    }

    /// Stores as several processes have them.
    pub(crate) async fn stores(&self, number: usize) -> Vec<SqlStore> {
        let mut stores = Vec::new();
        for _ in 0..number {
            stores.push(self.store().await);
        }
        stores
    }

    /// A connection past the store.
    async fn connection(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        let create = if self.url.starts_with("sqlite") {
            "?mode=rwc"
        } else {
            ""
        };
        AnyConnection::connect(&format!("{}{create}", self.url)).await.unwrap()
    }

    /// Does something past the store.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut connection = self.connection().await;
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Counts rows past the store.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let mut connection = self.connection().await;
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let row = sqlx::query(AssertSqlSafe(sql))
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        row.get(0)
    }
}
