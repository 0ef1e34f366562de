//! A whole database into an empty one, and back.

use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query};
use patience::{
    domain::time::Moment,
    storage::{DatabaseUrl, Db, StorageError, Store, analyses, copy, ledger, settings, verify},
};
use serde_json::json;
use tempfile::TempDir;

use super::{derived, lines, verify::differences};
use crate::support::{TestStore, definition, entry, noon, postgres, start};

/// Writes at least two rows into every table that there is: events and an analysis as Patience makes them, and
/// rows that are hard to carry (long numbers, quotes, control characters, bytes, nulls) into all others.
fn fill(store: &Store) {
    start(store, definition("frt", &json!({})));
    for n in 0..3000 {
        let entries = vec![
            entry(
                "conversation.opened",
                &format!("e{n}"),
                "2026-02-01T00:00:00Z",
                &json!({"customer_id": format!("ä'\"{}", n % 70), "conversation_id": format!("v{n}"), "note": "\u{0}\u{1}\n\\ 😀"}),
            ),
            entry(
                "cohort.assigned",
                &format!("a{n}"),
                "2026-02-01T00:00:00Z",
                &json!({"customer_id": format!("ä'\"{}", n % 70), "experiment": "frt", "cohort": "usual"}),
            ),
        ];
        if n % 100 == 0 {
            store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
        }
    }
    let mut analysis: patience::analysis::document::Analysis =
        serde_json::from_str(include_str!("../../fixtures/analysis_ship.json")).unwrap();
    analysis.ledger_position = store.read(ledger::position).unwrap();
    for day in 1..4 {
        analysis.made_at = Moment::from_stored_ms(day);
        let analysis = analysis.clone();
        store.write(move |db| analyses::insert(db, &analysis)).unwrap();
    }
    store.write(|db| settings::set(db, "revision", "7")).unwrap();
    super::audit::recorded(store, 3);
    let columns = "SELECT m.name || ' ' || group_concat(c.name || ':' || c.type || ':' || (c.\"notnull\" OR c.pk)) AS line
        FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' GROUP BY m.name ORDER BY m.rowid";
    let tables = store.read(|db| lines(db, columns)).unwrap();
    for table in tables {
        let (name, columns) = table.split_once(' ').unwrap();
        if ["ledger", "customers", "conversations", "assignments", "analyses", "settings", "audit"]
            .contains(&name)
            || name.starts_with(INDEX)
        {
            continue;
        }
        for n in 1..=2 {
            let values: Vec<String> = columns
                .split(',')
                .map(|column| {
                    let [_, kind, needed] = column.split(':').collect::<Vec<_>>()[..] else {
                        panic!("{column}")
                    };
                    match (kind, needed, n) {
                        (_, "0", 2) => "NULL".to_owned(),
                        ("TEXT", ..) => format!("'{n} it''s \" \\ ' || char(1, 10, 128512)"),
                        ("BLOB", ..) => format!("x'00ff{n:02}'"),
                        ("BIGINT", ..) => format!("{}", i64::MIN + n),
                        _ => format!("{n}"),
                    }
                })
                .collect();
            let insert = format!("INSERT INTO {name} VALUES ({})", values.join(", "));
            store
                .write(move |db| {
                    // Ids that are the row number cannot be told from others by their kind.
                    match sql_query(&insert).execute(db) {
                        Ok(_) => Ok(()),
                        Err(error) => Err(StorageError::Refused(format!("{insert}: {error}"))),
                    }
                })
                .unwrap();
        }
    }
}

/// SQLite's tables of the ledger's keys are an index, which is made anew and held to the ledger by `verify`.
const INDEX: &str = "ledger_keys";

/// Rows of one SQLite database that another one does not hold, counted by table.
fn unequal(one: &Store, other: &DatabaseUrl) -> Vec<String> {
    let DatabaseUrl::Sqlite(path) = other else { unreachable!() };
    let attach = format!("ATTACH '{}' AS other", path.display());
    let Db::Sqlite(mut connection) = raw(one.url()) else { unreachable!() };
    connection.batch_execute(&attach).unwrap();
    let mut db = Db::Sqlite(connection);
    let tables = lines(&mut db, "SELECT name AS line FROM sqlite_master WHERE type = 'table'").unwrap();
    assert!(tables.len() > 15);
    let mut found = Vec::new();
    for table in tables.iter().filter(|name| !name.starts_with("__") && !name.starts_with(INDEX)) {
        let rows = lines(&mut db, &format!("SELECT count(*) || '' AS line FROM main.{table}")).unwrap();
        assert_ne!(rows, ["0"], "{table} is not tried");
        for (a, b) in [("main", "other"), ("other", "main")] {
            let query = format!(
                "SELECT count(*) || ' of {table} are in {a} only' AS line FROM
                 (SELECT * FROM {a}.{table} EXCEPT SELECT * FROM {b}.{table}) HAVING count(*) > 0"
            );
            found.extend(lines(&mut db, &query).unwrap());
        }
    }
    found
}

/// A connection beside Patience's own.
fn raw(url: &DatabaseUrl) -> Db {
    use diesel::Connection;
    match url {
        DatabaseUrl::Sqlite(path) => {
            Db::Sqlite(diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap())
        }
        DatabaseUrl::Postgres(url) => Db::Postgres(diesel::PgConnection::establish(url).unwrap()),
    }
}

fn quietly(from: &DatabaseUrl, to: &DatabaseUrl) -> Result<copy::Copied, StorageError> {
    copy::run(from, to, &mut |_| {})
}

#[test]
fn a_database_goes_to_the_other_engine_and_back_and_is_the_same_row_by_row() {
    let store = TestStore::sqlite();
    fill(&store);
    let folder = TempDir::new().unwrap();
    let back = DatabaseUrl::Sqlite(folder.path().join("back.db"));
    let Some(other) = postgres::database() else { return };
    let there = quietly(store.url(), &other).unwrap();
    assert_eq!(there.entries, 60);
    assert_eq!(quietly(&other, &back).unwrap(), there);
    assert_eq!(unequal(&store, &back), Vec::<String>::new());
    let on_postgres = Store::open(&other).unwrap();
    assert_eq!(derived(&on_postgres), derived(&store));
    for url in [store.url(), &other, &back] {
        assert_eq!(differences(&Store::open(url).unwrap()), Vec::<String>::new());
    }
    // And the copy is alive.
    let told = entry("customer.churned", "new", "2026-03-01T00:00:00Z", &json!({"customer_id": "c"}));
    on_postgres.write(move |db| ledger::append(db, std::slice::from_ref(&told), noon())).unwrap();
    assert_eq!(on_postgres.read(ledger::position).unwrap(), 61);
}

#[test]
fn a_copy_within_an_engine_is_the_same_too() {
    let store = TestStore::sqlite();
    fill(&store);
    let folder = TempDir::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("copy.db"));
    quietly(store.url(), &url).unwrap();
    assert_eq!(unequal(&store, &url), Vec::<String>::new());
    assert_eq!(differences(&Store::open(&url).unwrap()), Vec::<String>::new());
}

#[test]
fn a_target_that_holds_something_is_refused_and_so_is_the_source_itself() {
    let store = TestStore::sqlite();
    fill(&store);
    let mut targets = vec![TestStore::sqlite()];
    targets.extend(TestStore::postgres());
    for target in &targets {
        target.write(|db| settings::set(db, "a", "b")).unwrap();
        let error = quietly(store.url(), target.url()).unwrap_err().to_string();
        assert!(error.contains("is not empty, it holds settings: choose a new database"), "{error}");
        assert_eq!(target.read(ledger::position).unwrap(), 0);
    }
    let error = quietly(store.url(), store.url()).unwrap_err().to_string();
    assert!(error.contains("cannot be copied to itself"), "{error}");
    let folder = TempDir::new().unwrap();
    let nothing = DatabaseUrl::Sqlite(folder.path().join("none.db"));
    assert!(matches!(quietly(&nothing, targets[0].url()), Err(StorageError::NoDatabase(_))));
    if let Some(empty) = postgres::database() {
        assert!(matches!(quietly(&empty, targets[0].url()), Err(StorageError::NoDatabase(_))));
    }
}

#[test]
fn a_source_that_does_not_verify_leaves_the_target_empty() {
    let store = TestStore::sqlite();
    fill(&store);
    super::tamper(&store, "DELETE FROM assignments WHERE unit_id = 'ä''\"0'");
    let mut targets = vec![TestStore::sqlite()];
    targets.extend(TestStore::postgres());
    for target in &targets {
        let error = quietly(store.url(), target.url()).unwrap_err().to_string();
        assert!(error.contains("does not verify (1 differences)"), "{error}");
        assert_eq!(target.read(ledger::position).unwrap(), 0);
    }
    verify::rebuild(store.url(), &mut |_| {}).unwrap();
    for target in &targets {
        quietly(store.url(), target.url()).unwrap();
        assert_eq!(derived(target), derived(&store));
    }
}
