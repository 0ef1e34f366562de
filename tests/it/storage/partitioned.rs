//! Fit for a PostgreSQL that spreads rows by a hash of the unit: Citus asks that the column a table is spread by stands
//! in each of its unique keys, and so does PostgreSQL for its own partitions. So the hot tables are made partitioned
//! ones here, and everything has to go on as before.

use diesel::connection::SimpleConnection;
use patience::storage::{StorageError, Store, ledger, verify};
use serde_json::json;

use super::{lines, verify::differences};
use crate::{
    installation::{Installation, json as answer},
    support::{entry, noon},
};

/// The tables that grow with customers, and what each is spread by.
const SPREAD: [(&str, &str); 3] =
    [("customers", "customer_id"), ("conversations", "customer_id"), ("assignments", "unit_id")];

#[test]
fn the_hot_tables_can_be_spread_by_a_hash_of_the_unit() {
    let Some(installation) = Installation::on_postgres() else { return };
    let file = installation.file("torture.toml", crate::faults::DEFINITION);
    installation.must(&["apply", file.to_str().unwrap()]);
    installation.must(&["start", "torture"]);
    let key = installation.key("admin");
    let store = Store::open_existing(&installation.url()).unwrap();
    store
        .write(|db| {
            for (table, column) in SPREAD {
                db.batch_execute(&format!(
                    "ALTER TABLE {table} RENAME TO {table}_whole;
                     CREATE TABLE {table} (LIKE {table}_whole INCLUDING ALL) PARTITION BY HASH ({column});
                     DROP TABLE {table}_whole;"
                ))?;
                for n in 0..4 {
                    let rows = format!("FOR VALUES WITH (MODULUS 4, REMAINDER {n})");
                    db.batch_execute(&format!("CREATE TABLE {table}_{n} PARTITION OF {table} {rows}"))?;
                }
            }
            Ok::<_, StorageError>(())
        })
        .unwrap();
    let server = installation.serve();
    for n in 0..40 {
        let body = json!({"customer": {"id": format!("c{n}"), "account_id": format!("a{}", n % 7)},
            "conversation": {"id": format!("v{n}"), "opened_at": "2026-03-02T09:00:00Z"}});
        let first = answer(server.post("/api/v1/assignments", &key, body.to_string()), 200);
        let again = answer(server.post("/api/v1/assignments", &key, body.to_string()), 200);
        assert_eq!(first["assignments"][0]["cohort"], again["assignments"][0]["cohort"]);
        assert_eq!(again["assignments"][0]["reason"], "sticky");
    }
    let told: Vec<_> = (0..200)
        .map(|n| {
            let fields = json!({"customer_id": format!("c{}", n % 50), "conversation_id": format!("v{}", n % 90), "score": 1 + n % 5});
            entry("conversation.rated", &format!("r{n}"), "2026-03-03T09:00:00Z", &fields)
        })
        .collect();
    store.write(move |db| ledger::append(db, &told, noon())).unwrap();
    answer(server.post("/api/v1/experiments/torture/refresh", &key, ""), 200);
    assert_eq!(differences(&store), Vec::<String>::new());
    // Each part holds some of each.
    for (table, _) in SPREAD {
        for part in 0..4 {
            let some = format!("SELECT '' AS line FROM {table}_{part} LIMIT 1");
            assert_eq!(store.read(|db| lines(db, &some)).unwrap().len(), 1, "{table}_{part}");
        }
    }
    drop(server);
    assert_eq!(verify::rebuild(store.url(), &mut |_| {}).unwrap().differences, 0);
}
