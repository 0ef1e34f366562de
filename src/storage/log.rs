//! SQLite's write-ahead log, kept short.
//!
//! What is committed stands in the log until it is copied into the database, and the log begins anew only when all of
//! it is copied and nobody reads from it. Its file is kept then, and written over: to make durable what lies where
//! something lay before takes about half as long as to make a file longer (0.13 ms against 0.22 on a quiet disk). A reader
//! that sees one state for long holds that up, and the log grows by all that is written meanwhile. So the writer waits a
//! moment for the readers when the log is long, and long readers
//! that can go on with a newer state step aside when they see it so.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Integer, Text},
};

use super::{
    connection::{BUSY_TIMEOUT, Db},
    error::{Result, StorageError},
};

/// The log is copied into the database when this many bytes of it are in use: writers wait meanwhile, and a page that
/// changed many times is copied once.
const COPIED_AT: u64 = 16 << 20;

/// Where a reader was in the way, it is tried again when so much more is in use.
const AGAIN_AFTER: u64 = 4 << 20;

/// How much of its file is kept when it begins anew: what it takes until it is copied, and the last commit before.
pub(super) const KEPT: u64 = COPIED_AT + (8 << 20);

/// From this length on the writer waits for readers, and long readers step aside.
const LONG: u64 = 32 << 20;

/// What a page takes in the log: itself and a head.
const PAGE: u64 = 4096 + 24;

/// How long the writer waits for readers.
const FOR_READERS: Duration = Duration::from_millis(250);

/// How long a reader waits for the writer, which may have nothing to write.
const FOR_WRITER: Duration = Duration::from_secs(1);

/// The writer's side.
#[derive(Debug)]
pub(super) struct Log {
    /// The length at which it is copied next.
    copied_at: u64,
}

impl Default for Log {
    fn default() -> Self {
        Self { copied_at: COPIED_AT }
    }
}

impl Log {
    /// Copies the log into the database when enough of it is in use, and reads the result: SQLite's own
    /// checkpoints fail silently.
    pub(super) fn checkpoint(&mut self, db: &mut Db) {
        let Db::Sqlite(connection) = db else { return };
        // Copies nothing: tells how much of the file is in use.
        let used = sql_query("PRAGMA wal_checkpoint(NOOP)").get_result::<Checkpoint>(connection);
        let length = used.map_or(0, |used| PAGE * u64::from(used.log.unsigned_abs()));
        let is_due = length >= self.copied_at;
        // A long log is copied as soon as readers allow: one may have stepped aside just now.
        if !is_due && length < LONG {
            return;
        }
        let mut done = sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Checkpoint>(connection);
        if is_due && length >= LONG && done.as_ref().is_ok_and(|done| !done.is_whole()) {
            let patience = |most: Duration| format!("PRAGMA busy_timeout = {}", most.as_millis());
            done = sql_query(patience(FOR_READERS))
                .execute(connection)
                .and_then(|_| sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(connection));
            if let Err(error) = sql_query(patience(BUSY_TIMEOUT)).execute(connection) {
                tracing::error!(%error, "the writer waits for other processes only for a moment");
            }
        }
        match done.map_err(StorageError::from) {
            // All of it was copied: the next write begins the log anew.
            Ok(done) if done.is_whole() => self.copied_at = COPIED_AT,
            // A reader still needs the rest. The longer the log, the longer until it is waited for again.
            Ok(_) if is_due => self.copied_at = length + AGAIN_AFTER.max(length / 8),
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "the checkpoint failed");
                self.copied_at = length + AGAIN_AFTER;
            }
        }
    }
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

impl Checkpoint {
    fn is_whole(&self) -> bool {
        self.busy == 0 && self.log == self.checkpointed
    }
}

/// The side of a reader that reads page after page and can go on with a newer state.
#[derive(Debug)]
pub struct Aside {
    log: Option<PathBuf>,
    /// How long the log was when this state was begun.
    begun_at: u64,
}

impl Aside {
    /// For a connection that only reads; another one never steps aside.
    pub fn new(db: &mut Db) -> Result<Self> {
        let Db::Sqlite(connection) = db else { return Ok(Self { log: None, begun_at: 0 }) };
        let query = "SELECT file AS value FROM pragma_database_list, pragma_query_only
                     WHERE name = 'main' AND query_only = 1";
        let file = sql_query(query).load::<Value>(connection)?.pop();
        let log = file.map(|file| PathBuf::from(file.value + "-wal"));
        let mut aside = Self { log, begun_at: 0 };
        aside.begun_at = aside.length();
        Ok(aside)
    }

    fn length(&self) -> u64 {
        self.log.as_ref().and_then(|log| fs::metadata(log).ok()).map_or(0, |data| data.len())
    }

    /// Between two pages: where the log has become long meanwhile, lets the writer copy it and goes on with the state
    /// of then.
    pub(super) fn step(&mut self, db: &mut Db) -> Result<()> {
        let length = self.length();
        if length < LONG.max(self.begun_at + AGAIN_AFTER) {
            return Ok(());
        }
        db.batch_execute("ROLLBACK")?;
        let began = Instant::now();
        while self.length() >= LONG && began.elapsed() < FOR_WRITER {
            thread::sleep(Duration::from_millis(1));
        }
        db.batch_execute("BEGIN")?;
        self.begun_at = self.length();
        tracing::debug!(length, "a long read stepped aside for the log to be cut");
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}
