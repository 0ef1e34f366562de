//! The storage floor, each test on both engines where both have something to say.

mod audit;
mod backup;
mod copy;
mod durability;
mod folding;
mod interleavings;
mod ledger;
mod memory;
mod opening;
mod partitioned;
mod people;
mod shares;
mod surveys;
mod turns;
mod units;
mod verify;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use patience::storage::{Db, Result, StorageError, Store};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(db: &mut Db, query: &str) -> Result<Vec<String>> {
    let rows: Vec<Line> = sql_query(query).load(db).map_err(StorageError::from)?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

/// Runs SQL that Patience itself never would.
fn tamper(store: &Store, statement: &'static str) {
    let changed =
        store.write(move |db| sql_query(statement).execute(db).map_err(StorageError::from)).unwrap();
    assert_eq!(changed, 1, "{statement}");
}

/// Every derived row, byte for byte.
fn derived(store: &Store) -> Vec<String> {
    store
        .read(|db| {
            let hex = match db {
                Db::Sqlite(_) => "hex(state)",
                Db::Postgres(_) => "upper(encode(state, 'hex'))",
            };
            let mut all = Vec::new();
            for query in [
                format!("SELECT customer_id || ' ' || coalesce(account_id, '') || ' ' || {hex} AS line FROM customers ORDER BY customer_id"),
                format!("SELECT customer_id || ' ' || conversation_id || ' ' || {hex} AS line FROM conversations ORDER BY customer_id, conversation_id"),
                "SELECT experiment || ' ' || unit_id || ' ' || cohort || ' ' || assigned_at || ' ' || told_source || ' ' || told_id || ' ' || coalesce(first_customer, '') || ' ' || coalesce(first_conversation, '') || ' ' || coalesce(attributes, '-') AS line FROM assignments ORDER BY experiment, unit_id".to_owned(),
            ] {
                all.extend(lines(db, &query)?);
            }
            Ok::<_, StorageError>(all)
        })
        .unwrap()
}
