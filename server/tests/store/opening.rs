//! Opening a database: what is accepted, what is refused and how it is told, and what is left on the disk.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use deskhand::store::sql::SqlStore;
use deskhand::store::{Store as _, StoreError};
use tempfile::TempDir;

use crate::place::Place;
use crate::rows::{account, sealed};

on_both!(
    opening_again_keeps_everything,
    tables_of_a_newer_version_are_refused,
    tables_that_were_made_otherwise_are_refused,
    what_was_altered_is_told_without_showing_it,
);

async fn refused(url: &str) -> String {
    match SqlStore::open(url).await {
        Err(StoreError::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}

async fn opening_again_keeps_everything(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    store.close().await;
    let again = place.store().await;
    assert_eq!(again.account("acc_1").await.unwrap(), Some(account("acc_1")));
    assert_eq!(place.count("_sqlx_migrations").await, 3);
}

async fn tables_of_a_newer_version_are_refused(place: Place) {
    place.store().await.insert_account(&account("acc_1")).await.unwrap();
    place
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 4711, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    let why = refused(place.url()).await;
    assert!(
        why.contains("4711") && why.contains("newer deskhand") && why.contains("knows version 3"),
        "{why}"
    );
    assert_eq!(place.count("accounts").await, 1);
    // Refusing leaves no lock behind.
    place.execute("DELETE FROM _sqlx_migrations WHERE version = 4711").await;
    place.store().await.ping().await.unwrap();
}

async fn tables_that_were_made_otherwise_are_refused(place: Place) {
    place.execute("CREATE TABLE calls (id TEXT)").await;
    let why = refused(place.url()).await;
    assert!(
        why.contains("could not be brought up") && why.contains("calls"),
        "{why}"
    );
    // All or nothing: the tables that could be made are not there, and the next attempt fails alike.
    assert_eq!(refused(place.url()).await, why);
    place.execute("DROP TABLE calls").await;
    place.store().await.ping().await.unwrap();
}

async fn what_was_altered_is_told_without_showing_it(place: Place) {
    let store = place.store().await;
    store.insert_account(&account("acc_1")).await.unwrap();
    for altered in ["variables = '{\"token\": \"hunter2\"'", "status = 'hunter2'"] {
        place.execute(&format!("UPDATE accounts SET {altered}")).await;
        let told = store.account("acc_1").await.unwrap_err();
        let shown = format!("{told} {told:?}");
        assert!(
            shown.contains("not written by this program") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_new_file_is_for_its_owner_alone() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("new/deeper/store with space, 100% #1.db");
    let store = SqlStore::open(file.to_str().unwrap()).await.unwrap();
    store.setting_or_insert("secret", &sealed("key-1", "a")).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let parent = file.parent().unwrap();
    assert_eq!(mode(parent), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(parent).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    let name = "store with space, 100% #1.db";
    assert_eq!(names, [name.to_owned(), format!("{name}-shm"), format!("{name}-wal")]);
    // Closed, it is one file, to be copied as it is.
    store.close().await;
    assert_eq!(std::fs::read_dir(parent).unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_is_named_in_three_ways() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.db").display().to_string();
    let first = SqlStore::open(&path).await.unwrap();
    first.setting_or_insert("secret", &sealed("key-1", "a")).await.unwrap();
    for url in [format!("sqlite:{path}"), format!("sqlite://{path}")] {
        let store = SqlStore::open(&url).await.unwrap();
        assert_eq!(store.setting("secret").await.unwrap(), Some(sealed("key-1", "a")));
        assert_eq!(format!("{store:?}"), format!("SqlStore(\"sqlite:{path}\")"));
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_told() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().display();
    for (url, wanted) in [
        ("sqlite::memory:".to_owned(), "in memory"),
        (":memory:".to_owned(), "in memory"),
        (String::new(), "name a file"),
        ("sqlite:".to_owned(), "name a file"),
        (format!("sqlite:{path}/a.db?mode=ro"), "question mark"),
        (
            "mysql://root:hunter2@localhost/x".to_owned(),
            "`mysql` databases are not supported",
        ),
        (format!("{path}"), "cannot be opened"),
        ("/proc/none/store.db".to_owned(), "/proc/none/store.db cannot be opened"),
        ("postgres://u:hunter2@127.0.0.1:1/x".to_owned(), "refused"),
        (
            "postgres://u:hunter2@127.0.0.1:none/x".to_owned(),
            "address makes no sense",
        ),
    ] {
        let why = refused(&url).await;
        assert!(why.contains(wanted) && !why.contains("hunter2"), "{url}: {why}");
    }
    let no_database = directory.path().join("text.db");
    std::fs::write(
        &no_database,
        "this is some text that is no database at all, of any kind",
    )
    .unwrap();
    let why = refused(no_database.to_str().unwrap()).await;
    assert!(why.contains("not a database"), "{why}");
}

#[tokio::test]
async fn no_password_is_shown() {
    let place = Place::postgres().await;
    let url = place.url().to_owned();
    let (user, rest) = url.strip_prefix("postgres://").unwrap().split_once(':').unwrap();
    let (password, host) = rest.split_once('@').unwrap();
    assert!(!user.is_empty() && password.len() > 8);
    let store = place.store().await;
    let shown = format!("{store:?}");
    assert!(
        !shown.contains(password) && shown.contains(host.rsplit('/').next().unwrap()),
        "{shown}"
    );

    let wrong = url.replace(password, "wrong-passw0rd");
    let why = refused(&wrong).await;
    assert!(
        why.contains("authentication failed") && !why.contains("wrong-passw0rd"),
        "{why}"
    );

    // A database that goes away is told of, and told apart from everything else.
    drop(place);
    let told = store.ping().await.unwrap_err();
    assert!(matches!(told, StoreError::Unavailable(_)), "{told:?}");
    assert!(!told.to_string().contains(password), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_has_cut_its_connections_is_found_again() {
    let place = Place::postgres().await;
    let store = place.store().await;
    // All connections of the pool are open and idle.
    assert!(pings(&store).await);
    place
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    store.insert_account(&account("acc_1")).await.unwrap();
    assert!(pings(&store).await);
    assert_eq!(place.count("accounts").await, 1);
}

/// Whether many questions at the same time are all answered.
async fn pings(store: &SqlStore) -> bool {
    let pings: tokio::task::JoinSet<_> = (0..30)
        .map(|_| {
            let store = store.clone();
            async move { store.ping().await }
        })
        .collect();
    pings.join_all().await.iter().all(Result::is_ok)
}
