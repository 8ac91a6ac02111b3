//! Fresh databases on the server.

use std::sync::LazyLock;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{Failure, Server, random};

/// One server for all tests of a process. It ends with the process.
static SERVER: LazyLock<Result<Server, Failure>> = LazyLock::new(Server::provide);

/// A database of one test, dropped at its end.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
}

impl Database {
    /// Makes an empty database.
    ///
    /// # Panics
    /// When there is no server, and says what to install; or when it refuses.
    pub async fn create() -> Self {
        let server = match &*SERVER {
            Ok(server) => server,
            Err(failure) => panic!("{failure}"),
        };
        let name = match random() {
            Ok(random) => format!("deskhand_{random}"),
            Err(failure) => panic!("{failure}"),
        };
        run(server.url(), format!("CREATE DATABASE {name}")).await;
        let url = beside(server.url(), &name);
        Self { name, url }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Ok(server) = &*SERVER else { return };
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime
                .expect("a runtime for dropping a database")
                .block_on(run(server.url(), drop));
        });
        let dropped = dropping.join();
        assert!(
            dropped.is_ok() || std::thread::panicking(),
            "the database of a test could not be dropped"
        );
    }
}

async fn run(url: &str, sql: String) {
    let mut connection = PgConnection::connect(url).await.expect("PostgreSQL can be reached");
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .expect("PostgreSQL does what tests need");
    connection.close().await.expect("the connection closes");
}

/// The URL of another database on the same server.
fn beside(url: &str, database: &str) -> String {
    let (place, settings) = match url.split_once('?') {
        Some((place, settings)) => (place, format!("?{settings}")),
        None => (url, String::new()),
    };
    let after_scheme = place.find("://").map_or(0, |at| at + 3);
    let host_end = place[after_scheme..]
        .find('/')
        .map_or(place.len(), |slash| after_scheme + slash);
    format!("{}/{database}{settings}", &place[..host_end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_has_the_same_server() {
        assert_eq!(beside("postgres://u:p@h:1/postgres", "x"), "postgres://u:p@h:1/x");
        assert_eq!(
            beside("postgres://%2Ftmp%2Fa?sslmode=disable", "x"),
            "postgres://%2Ftmp%2Fa/x?sslmode=disable"
        );
    }
}
