//! A tampered row is named, and made anew.

use diesel::{RunQueryDsl, sql_query};
use patience::{
    analysis::document::Analysis,
    domain::time::Moment,
    storage::{
        Db, StorageError, Store, analyses, ledger,
        verify::{self, Step},
    },
};
use rand::RngExt;
use serde_json::json;

use super::{derived, lines, tamper};
use crate::support::{MakeStore, TestStore, definition, entry, noon, start};

crate::on_both_engines!(
    each_tampered_row_is_named,
    every_derived_row_that_goes_comes_or_changes_is_named_and_rebuilt,
    what_the_ledger_cannot_mend_is_refused,
    an_analysis_that_was_touched_is_named,
    whatever_row_is_touched_is_named,
);

/// What `verify` finds, as it prints it.
pub fn differences(store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    verify::run(store, &mut |step| {
        if let Step::Difference(difference) = step {
            found.push(difference.to_string());
        }
    })
    .unwrap();
    found
}

fn each_tampered_row_is_named(make: MakeStore<'_>) {
    for (statement, named) in [
        (
            "UPDATE customers SET state = (SELECT state FROM customers WHERE customer_id = 'c2') WHERE customer_id = 'c1'",
            "customers c1: differs",
        ),
        ("UPDATE customers SET account_id = 'Z' WHERE customer_id = 'c1'", "customers c1: differs"),
        ("DELETE FROM customers WHERE customer_id = 'c1'", "customers c1: missing"),
        (
            "UPDATE conversations SET state = (SELECT state FROM conversations WHERE conversation_id = 'v2') WHERE conversation_id = 'v1'",
            "conversations c1 / v1: differs",
        ),
        ("DELETE FROM conversations WHERE conversation_id = 'v1'", "conversations c1 / v1: missing"),
        (
            "INSERT INTO conversations SELECT customer_id, 'v0', state FROM conversations WHERE conversation_id = 'v1'",
            "conversations c1 / v0: extra",
        ),
        ("UPDATE assignments SET cohort = 'longer' WHERE unit_id = 'c1'", "assignments frt / c1: differs"),
        ("UPDATE assignments SET assigned_at = 0 WHERE unit_id = 'c1'", "assignments frt / c1: differs"),
        ("DELETE FROM assignments WHERE unit_id = 'c1'", "assignments frt / c1: missing"),
        (
            "INSERT INTO assignments SELECT experiment, 'c9', cohort, assigned_at, told_source, told_id, NULL, NULL, NULL FROM assignments WHERE unit_id = 'c1'",
            "assignments frt / c9: extra",
        ),
        (
            "UPDATE ledger SET body = replace(body, '\"score\":4', '\"score\":5') WHERE id = 'rated'",
            "ledger 4: body was changed",
        ),
        ("UPDATE ledger SET customer_id = 'c2' WHERE id = 'rated'", "ledger 4: customer_id was changed"),
        ("UPDATE ledger SET source = 'crm' WHERE id = 'rated'", "ledger 4: source was changed"),
        ("DELETE FROM ledger WHERE id = 'updated'", "ledger 2: missing"),
        (
            "INSERT INTO analyses VALUES ('frt', 1, 0, 0, 0, 1, (SELECT digest FROM ledger WHERE seq = 1), '{}', NULL)",
            "analyses frt / 1: was changed",
        ),
    ] {
        let Some(store) = make() else { return };
        start(&store, definition("frt", &json!({})));
        let when = "2026-02-01T00:00:00Z";
        let entries = vec![
            entry(
                "cohort.assigned",
                "assigned",
                when,
                &json!({"customer_id": "c1", "experiment": "frt", "cohort": "usual"}),
            ),
            entry(
                "customer.updated",
                "updated",
                when,
                &json!({"customer_id": "c1", "account_id": "A", "attributes": {"spend": 1.5}}),
            ),
            entry(
                "conversation.opened",
                "opened",
                when,
                &json!({"customer_id": "c1", "conversation_id": "v1"}),
            ),
            entry(
                "conversation.rated",
                "rated",
                when,
                &json!({"customer_id": "c1", "conversation_id": "v1", "score": 4}),
            ),
            entry(
                "conversation.opened",
                "other",
                when,
                &json!({"customer_id": "c2", "conversation_id": "v2"}),
            ),
        ];
        store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
        assert_eq!(differences(&store), Vec::<String>::new());
        tamper(&store, statement);
        let found = differences(&store);
        assert!(found.iter().any(|line| line.starts_with(named)), "{statement}\n{found:#?}");
    }
}

/// Ten customers with conversations, accounts, replies and cohorts.
fn history(store: &Store) {
    start(store, definition("frt", &json!({})));
    let when = |n: usize| format!("2026-02-{:02}T00:00:00Z", n % 28 + 1);
    let entries: Vec<_> = (0..10)
        .flat_map(|n| {
            let fields = json!({"customer_id": format!("c{n}"), "conversation_id": format!("v{n}"),
                "account_id": format!("a{}", n % 3), "attributes": {"n": n}, "by": "agent",
                "experiment": "frt", "cohort": if n % 2 == 0 { "usual" } else { "longer" }});
            ["customer.updated", "conversation.opened", "conversation.replied", "cohort.assigned"]
                .map(|kind| entry(kind, &format!("{kind}{n}"), &when(n), &fields))
        })
        .collect();
    store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
}

fn execute(store: &Store, statement: String, rows: Option<usize>) {
    store
        .write(move |db| match sql_query(&statement).execute(db) {
            Ok(touched) if rows.is_none_or(|rows| rows == touched) => Ok(()),
            other => Err(StorageError::Refused(format!("{statement}: {other:?}"))),
        })
        .unwrap();
}

/// Row by row, in every table that is made from the ledger, with every column: a row that is deleted, one that is
/// put in, and each column that is changed.
fn every_derived_row_that_goes_comes_or_changes_is_named_and_rebuilt(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    history(&store);
    let right = derived(&store);
    let mut tried = 0;
    for (table, key, values) in [
        ("customers", &["customer_id"][..], &["account_id", "state"][..]),
        ("conversations", &["customer_id", "conversation_id"], &["state"]),
        (
            "assignments",
            &["experiment", "unit_id"],
            &[
                "cohort",
                "assigned_at",
                "told_source",
                "told_id",
                "first_customer",
                "first_conversation",
                "attributes",
            ],
        ),
    ] {
        let name = key.join(" || ' / ' || ");
        let rows =
            store.read(|db| lines(db, &format!("SELECT {name} AS line FROM {table} ORDER BY 1"))).unwrap();
        assert_eq!(rows.len(), 10);
        for (n, row) in rows.iter().enumerate() {
            let is_row = format!("{name} = '{row}'");
            // Deleting and inserting are tried on each row, changes on one row a column.
            let mut changes = vec![format!("DELETE FROM {table} WHERE {is_row}")];
            let last = key[key.len() - 1];
            let copied = [key, values].concat().join(", ");
            let under_another_key = copied.replacen(last, &format!("{last} || '-{n}'"), 1);
            changes.push(format!(
                "INSERT INTO {table} ({copied}) SELECT {under_another_key} FROM {table} WHERE {is_row}"
            ));
            for (i, column) in values.iter().enumerate().filter(|(i, _)| i + 3 == n) {
                let value = match *column {
                    "assigned_at" => "assigned_at + 1".to_owned(),
                    "state" => format!(
                        "(SELECT state FROM {table} WHERE {key} > '{first}' ORDER BY {key} DESC LIMIT 1)",
                        key = key[0],
                        first = row.split(' ').next().unwrap()
                    ),
                    _ => format!("coalesce({column}, '') || '{i}'"),
                };
                changes.push(format!("UPDATE {table} SET {column} = {value} WHERE {is_row}"));
            }
            for change in changes {
                execute(&store, change.clone(), Some(1));
                let found = differences(&store);
                assert!(
                    found.len() == 1 && found[0].starts_with(&format!("{table} {row}")),
                    "{change}: {found:#?}"
                );
                let summary = verify::rebuild(store.url(), &mut |_| {}).unwrap();
                assert_eq!((summary.differences, summary.mended), (1, 1), "{change}");
                assert_eq!(derived(&store), right, "{change}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 30 * 2 + 2 + 1 + 7);
    // All of it at once.
    for table in ["customers", "conversations", "assignments"] {
        store
            .write(move |db| Ok::<_, StorageError>(sql_query(format!("DELETE FROM {table}")).execute(db)?))
            .unwrap();
    }
    assert_eq!(verify::rebuild(store.url(), &mut |_| {}).unwrap().mended, 30);
    assert_eq!(derived(&store), right);
    assert_eq!(differences(&store), Vec::<String>::new());
}

fn what_the_ledger_cannot_mend_is_refused(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    history(&store);
    tamper(&store, "DELETE FROM ledger WHERE id = 'customer.updated7'");
    tamper(&store, "DELETE FROM customers WHERE customer_id = 'c3'");
    let before = derived(&store);
    let error = verify::rebuild(store.url(), &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("the ledger itself is damaged") && error.contains("restore a backup"), "{error}");
    assert_eq!(derived(&store), before);
}

fn an_analysis_that_was_touched_is_named(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    history(&store);
    let mut analysis: Analysis =
        serde_json::from_str(include_str!("../../fixtures/analysis_ship.json")).unwrap();
    analysis.ledger_position = store.read(ledger::position).unwrap();
    for day in 1..=4 {
        analysis.made_at = Moment::from_stored_ms(day);
        let analysis = analysis.clone();
        store.write(move |db| analyses::insert(db, &analysis)).unwrap();
    }
    assert_eq!(differences(&store), Vec::<String>::new());
    let name = "longer-frt-low-spend";
    for (statement, named, mended) in [
        (
            "UPDATE analyses SET summary = replace(summary, 'longer', 'usual') WHERE number = 2",
            "2: differs",
            true,
        ),
        ("UPDATE analyses SET summary = '{}' WHERE number = 4", "4: differs", true),
        ("UPDATE analyses SET as_of = as_of + 1 WHERE number = 1", "1: differs", true),
        ("UPDATE analyses SET made_at = made_at + 1 WHERE number = 1", "1: differs", true),
        ("UPDATE analyses SET ledger_position = 0 WHERE number = 1", "1: differs", true),
        ("UPDATE analyses SET definition_version = 2 WHERE number = 1", "1: differs", true),
        (
            "UPDATE analyses SET document = replace(document, 'running', 'stopped') WHERE number = 3",
            "3: was changed",
            false,
        ),
        (
            "UPDATE analyses SET document = (SELECT document FROM analyses WHERE number = 1), digest = (SELECT digest FROM analyses WHERE number = 1) WHERE number = 3",
            "3: its document is analysis 1",
            false,
        ),
        ("DELETE FROM analyses WHERE number = 4", "4: missing", false),
        ("DELETE FROM analyses WHERE number = 2", "2: missing", false),
        ("DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)", "1: was made from", false),
    ] {
        tamper(&store, statement);
        let found = differences(&store);
        assert!(
            found.iter().any(|line| line.contains(&format!(" {name} / {named}"))),
            "{statement}\n{found:#?}"
        );
        let summary = verify::rebuild(store.url(), &mut |_| {}).unwrap();
        assert_eq!(summary.mended == summary.differences, mended, "{statement}");
        assert_eq!(differences(&store).is_empty(), mended, "{statement}");
    }
}

/// A table whose every row can be checked: the columns of its key, and the others.
type Table = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Left out: `ledger.received_at`, which nothing else tells of, and `analyses.summary`, which may be another writing of
/// the same.
const TABLES: [Table; 7] = [
    ("ledger", &["seq"], &["key", "digest", "kind", "source", "id", "customer_id", "occurred_at", "body"]),
    ("customers", &["customer_id"], &["account_id", "state"]),
    ("conversations", &["customer_id", "conversation_id"], &["state"]),
    (
        "assignments",
        &["experiment", "unit_id"],
        &[
            "cohort",
            "assigned_at",
            "told_source",
            "told_id",
            "first_customer",
            "first_conversation",
            "attributes",
        ],
    ),
    (
        "analyses",
        &["experiment", "number"],
        &["as_of", "made_at", "ledger_position", "definition_version", "digest", "document"],
    ),
    ("audit", &["seq"], &["at", "who", "what", "about", "hash"]),
    ("settings", &["key"], &["value"]),
];

/// Another value in place of a column's.
fn another(db: &Db, column: &str) -> String {
    match column {
        "seq" | "number" | "occurred_at" | "assigned_at" | "as_of" | "made_at" | "ledger_position"
        | "definition_version" | "at" => format!("{column} + 1000"),
        "key" | "digest" | "state" | "hash" => match db {
            Db::Sqlite(_) => format!("CAST(x'00' || {column} AS BLOB)"),
            Db::Postgres(_) => format!("'\\x00'::bytea || {column}"),
        },
        text => format!("coalesce({text}, '') || '1'"),
    }
}

/// Any row, in any table that can be checked, deleted, doubled or changed in any column: it is named.
fn whatever_row_is_touched_is_named(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    history(&store);
    super::audit::recorded(&store, 5);
    let mut analysis: Analysis =
        serde_json::from_str(include_str!("../../fixtures/analysis_ship.json")).unwrap();
    analysis.ledger_position = store.read(ledger::position).unwrap();
    for _ in 0..3 {
        let analysis = analysis.clone();
        store.write(move |db| analyses::insert(db, &analysis)).unwrap();
    }
    assert_eq!(differences(&store), Vec::<String>::new());
    let mut random = crate::faults::random("verify");
    for _ in 0..crate::faults::tier(60, 2000) {
        let (table, key, others) = TABLES[random.random_range(0..TABLES.len())];
        let (key, which) = (key.join(", "), if table == "settings" { "WHERE key LIKE 'last.%'" } else { "" });
        let count =
            store.read(|db| lines(db, &format!("SELECT '' AS line FROM {table} {which}"))).unwrap().len();
        let offset = random.random_range(0..count);
        let row =
            format!("({key}) = (SELECT {key} FROM {table} {which} ORDER BY {key} LIMIT 1 OFFSET {offset})");
        let columns: Vec<&str> = key.split(", ").chain(others.iter().copied()).collect();
        let column = columns[random.random_range(0..columns.len())];
        let value = store.read(|db| {
            // The key of a setting is a text.
            let column = if table == "settings" { "value" } else { column };
            Ok::<_, StorageError>(another(db, column))
        });
        let (column, value) = (if table == "settings" { "value" } else { column }, value.unwrap());
        let statement = match random.random_range(0..4) {
            0 => format!("DELETE FROM {table} WHERE {row}"),
            1 if table != "ledger" && table != "settings" => {
                let last = key.rsplit(", ").next().unwrap();
                let copy = store.read(|db| Ok::<_, StorageError>(another(db, last))).unwrap();
                let all = columns.join(", ");
                let copied = all.replacen(last, &copy, 1);
                format!("INSERT INTO {table} ({all}) SELECT {copied} FROM {table} WHERE {row}")
            }
            _ => format!("UPDATE {table} SET {column} = {value} WHERE {row}"),
        };
        execute(&store, format!("CREATE TABLE kept AS SELECT * FROM {table}"), None);
        execute(&store, statement.clone(), Some(1));
        let found = differences(&store);
        assert!(!found.is_empty(), "{statement}");
        let named = if table == "settings" { "" } else { table };
        assert!(
            table == "ledger" || found.iter().any(|line| line.contains(named)),
            "{statement}\n{found:#?}"
        );
        for undo in [
            format!("DELETE FROM {table}"),
            format!("INSERT INTO {table} SELECT * FROM kept"),
            "DROP TABLE kept".to_owned(),
        ] {
            execute(&store, undo, None);
        }
    }
    assert_eq!(differences(&store), Vec::<String>::new());
}

#[test]
fn a_rebuild_is_refused_while_a_server_serves() {
    let store = TestStore::sqlite();
    history(&store);
    let lock = store.url().lock_for_server().unwrap();
    let error = verify::rebuild(store.url(), &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("stop it first"), "{error}");
    drop(lock);
    assert_eq!(verify::rebuild(store.url(), &mut |_| {}).unwrap().mended, 0);
}
