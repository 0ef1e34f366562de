//! Opening a database: made where it is missing, refused where it cannot be trusted, in words.

use std::thread;

use diesel::{RunQueryDsl, sql_query};
use patience::storage::{DatabaseUrl, StorageError, Store, settings};
use tempfile::TempDir;

use super::{lines, tamper};
use crate::support::{MakeStore, TestStore, postgres};

crate::on_both_engines!(a_schema_from_the_future_is_refused, opening_again_finds_what_was_written);

fn a_schema_from_the_future_is_refused(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    tamper(&store, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    let error = Store::open(store.url()).unwrap_err();
    assert!(matches!(error, StorageError::NewerSchema { .. }));
    let text = error.to_string();
    assert!(
        text.contains("(99990101000000) is newer than this binary") && text.contains("use a newer version")
    );
}

fn opening_again_finds_what_was_written(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    store.write(|db| settings::set(db, "a", "b")).unwrap();
    let again = Store::open_existing(store.url()).unwrap();
    assert_eq!(again.read(|db| settings::get(db, "a")).unwrap().as_deref(), Some("b"));
}

#[test]
fn many_may_open_a_new_database_at_once() {
    let folder = TempDir::new().unwrap();
    let mut urls = vec![DatabaseUrl::Sqlite(folder.path().join("new.db"))];
    urls.extend(postgres::database());
    for url in urls {
        thread::scope(|scope| {
            for n in 0..8 {
                let url = &url;
                scope.spawn(move || {
                    let store = Store::open(url).unwrap();
                    store.write(move |db| settings::set(db, &n.to_string(), "here")).unwrap();
                });
            }
        });
        let store = Store::open_existing(&url).unwrap();
        let here =
            store.read(|db| lines(db, "SELECT key AS line FROM settings WHERE value = 'here'")).unwrap();
        assert_eq!(here.len(), 8);
    }
}

#[test]
fn nothing_there_is_said_and_nothing_is_made() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("none.db");
    let error = Store::open_existing(&DatabaseUrl::Sqlite(path.clone())).unwrap_err();
    assert_eq!(error.to_string(), format!("no database at sqlite://{}", path.display()));
    assert!(!path.exists());
    let error = Store::open(&DatabaseUrl::Sqlite(folder.path().join("no/such/folder.db"))).unwrap_err();
    assert!(error.to_string().contains("cannot create"), "{error}");
}

#[test]
fn an_empty_postgres_is_no_database_and_stays_empty() {
    let Some(url) = postgres::database() else { return };
    for _ in 0..2 {
        assert_eq!(Store::open_existing(&url).unwrap_err(), StorageError::NoDatabase(url.to_string()));
    }
    Store::open(&url).unwrap();
    Store::open_existing(&url).unwrap();
    let DatabaseUrl::Postgres(address) = &url else { unreachable!() };
    let absent: DatabaseUrl = format!("{address}x").parse().unwrap();
    assert!(matches!(Store::open_existing(&absent), Err(StorageError::NoDatabase(_))));
}

#[test]
fn a_postgres_that_never_answers_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://u@{}/d", silent.local_addr().unwrap()).parse().unwrap();
    assert!(matches!(Store::open(&url), Err(StorageError::Unreachable(_))));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("p.db");
    let store = Store::open(&DatabaseUrl::Sqlite(path.clone())).unwrap();
    store.write(|db| settings::set(db, "a", "b")).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[test]
fn one_server_serves_a_database() {
    let store = TestStore::sqlite();
    let lock = store.url().lock_for_server().unwrap();
    let other = Store::open(store.url()).unwrap();
    let error = other.url().lock_for_server().unwrap_err().to_string();
    assert!(error.ends_with("another server is serving it: stop it first"), "{error}");
    drop(lock);
    other.url().lock_for_server().unwrap();
}

#[test]
fn something_that_is_no_database_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("text.db");
    std::fs::write(&path, "not a database, but long enough to be looked at ".repeat(100)).unwrap();
    let error = Store::open(&DatabaseUrl::Sqlite(path)).unwrap_err().to_string();
    assert!(error.contains("not a database"), "{error}");
}

#[test]
fn a_reader_cannot_write() {
    let store = TestStore::sqlite();
    let wrote = store.read(|db| sql_query("DELETE FROM settings").execute(db).map_err(StorageError::from));
    assert!(matches!(wrote, Err(StorageError::ReadOnly(_))), "{wrote:?}");
}

/// Column by column and index by index, from what each engine itself says of its tables.
#[test]
fn both_engines_have_the_same_schema() {
    let Some(postgres) = TestStore::postgres() else { return };
    let sqlite = TestStore::sqlite();
    let sorted = |store: &TestStore, query: &str| {
        let mut found = store.read(|db| lines(db, query)).unwrap();
        // The index of the ledger's keys is one of PostgreSQL's, and tables on SQLite.
        found.retain(|line| !line.starts_with("__diesel") && !line.starts_with("ledger_key"));
        found.sort();
        found
    };
    let columns = sorted(
        &sqlite,
        r#"SELECT m.name || '.' || c.name || ' ' ||
                  CASE WHEN c.type = 'BLOB' THEN 'bytea'
                       WHEN c.type = 'INTEGER' AND c.pk = 1 THEN 'bigint' -- SQLite's row number has 64 bits
                       ELSE lower(c.type) END || ' ' || (c."notnull" = 1) AS line
           FROM sqlite_master m JOIN pragma_table_info(m.name) c
           WHERE m.type = 'table'"#,
    );
    assert_eq!(
        columns,
        sorted(
            &postgres,
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' ||
                    (CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END) AS line
             FROM information_schema.columns NATURAL JOIN information_schema.tables
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
        ),
    );
    assert!(columns.len() > 80);
    let indexes =
        sorted(&sqlite, "SELECT name AS line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL");
    // Those that a primary key or UNIQUE makes have names of the engine's own.
    let of_postgres = sorted(
        &postgres,
        "SELECT c.relname::text AS line FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = c.oid)",
    );
    assert_eq!(indexes, of_postgres);
    let loose = sorted(
        &postgres,
        "SELECT table_name || '.' || column_name AS line FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' AND data_type = 'text'
         AND collation_name IS DISTINCT FROM 'C'",
    );
    assert!(loose.is_empty(), "text must sort as Rust sorts it: {loose:?}");
}
