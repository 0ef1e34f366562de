//! Whose turn it is to write: one at a time, so that the ledger's numbers ascend in the order of commits and a read
//! before a write in one transaction cannot go stale.
//!
//! SQLite sees to that by BEGIN IMMEDIATE. On PostgreSQL all writers take turns by one lock, and a server whose link
//! is slow would hold it for as long as its statements take to arrive. Nobody else's customers may wait for that: who
//! has seen the same transaction hold it for too long ends it.

use std::time::Duration;

use diesel::{
    OptionalExtension, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Bool, Integer, Text},
};

use super::{
    connection::{Db, LEDGER_WRITER, Purpose},
    error::{Result, StorageError},
};

/// The name of the lock.
const LOCK: i64 = 8_097_859_565_118_061;

/// How long a turn is waited for before one looks who holds it. Whoever holds it at two looks in a row has done so for
/// the time between them: longer than a writer goes on taking jobs. All together are less than a request may wait.
const LOOKS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_millis(2500),
    Duration::from_millis(500),
];

/// A transaction that has its turn.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Holder {
    #[diesel(sql_type = Integer)]
    pid: i32,
    /// When it began: one connection has many transactions.
    #[diesel(sql_type = Text)]
    begun: String,
}

/// Begins a transaction that writes, when it is its turn.
///
/// # Errors
/// [`StorageError::Busy`] where that takes too long for somebody who waits; other work waits for as long as it takes.
pub(super) fn begin(db: &mut Db, purpose: Purpose) -> Result<()> {
    match db {
        Db::Sqlite(connection) => Ok(connection.batch_execute("BEGIN IMMEDIATE")?),
        Db::Postgres(connection) if purpose == Purpose::Ledger => begin_among_others(connection),
        Db::Postgres(connection) => {
            Ok(connection.batch_execute(&format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})"))?)
        }
    }
}

fn begin_among_others(connection: &mut PgConnection) -> Result<()> {
    let mut before = None;
    for look in LOOKS {
        let begin = format!(
            "BEGIN; SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({LOCK}); \
             SET LOCAL lock_timeout TO DEFAULT",
            look.as_millis()
        );
        match connection.batch_execute(&begin).map_err(StorageError::from) {
            Err(StorageError::Busy) => connection.batch_execute("ROLLBACK")?,
            outcome => return outcome,
        }
        let holder = holder(connection)?;
        if let Some(holder) = holder.as_ref().filter(|holder| before.as_ref() == Some(*holder)) {
            // Where the link is lost, the next try says so.
            if let Err(error) = end(connection, holder) {
                tracing::error!(%error, "another server's write holds up all others and cannot be ended: \
                    have all servers use the same PostgreSQL role");
            }
        }
        before = holder;
    }
    Err(StorageError::Busy)
}

/// Another server's transaction that holds up all others; none where it is work that takes as long as it takes.
fn holder(connection: &mut PgConnection) -> Result<Option<Holder>> {
    let query = "SELECT pid, xact_start::text AS begun FROM pg_locks JOIN pg_stat_activity USING (pid) \
                 WHERE locktype = 'advisory' AND granted AND datname = current_database() \
                 AND database = datid AND classid = ($1 >> 32)::oid \
                 AND objid = ($1 & 4294967295)::oid AND objsubid = 1 \
                 AND application_name = $2 AND xact_start IS NOT NULL";
    let found = sql_query(query).bind::<BigInt, _>(LOCK).bind::<Text, _>(LEDGER_WRITER);
    Ok(found.get_result(connection).optional()?)
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = Bool)]
    ended: bool,
}

fn end(connection: &mut PgConnection, holder: &Holder) -> Result<()> {
    let query = "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity \
                 WHERE pid = $1 AND xact_start::text = $2";
    let ended: Option<Ended> = sql_query(query)
        .bind::<Integer, _>(holder.pid)
        .bind::<Text, _>(&holder.begun)
        .get_result(connection)
        .optional()?;
    if ended.is_some_and(|outcome| outcome.ended) {
        tracing::warn!(
            "another server's write held up all others for too long: it was ended, and is tried again"
        );
    }
    Ok(())
}
