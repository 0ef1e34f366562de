//! SQLite's write-ahead log, kept short.
//!
//! Most of it is copied into the database beside the writer, by a thread with a connection of its own: whoever waits
//! for a commit would wait for that too. The writer itself only copies what came meanwhile, so that nothing is left
//! and the log can begin anew. Where what came meanwhile is much, as in a bulk load, it is left to the thread again,
//! until the log has become as long as it may.
//!
//! What is committed stands in the log until it is copied into the database, and the log begins anew only when all of
//! it is copied and nobody reads from it. Its file is kept then, and written over: to make durable what lies where
//! something lay before takes about half as long as to make a file longer (0.13 ms against 0.22 on a quiet disk). What a
//! bulk load made of it is given back when nobody writes, or when little is written again.
//!
//! A reader that sees one state for long holds that up, and the log grows by all that is written meanwhile. So the
//! writer waits a moment for the readers when the log is long, and long readers that can go on with a newer state
//! step aside when they see it so.

use std::{
    fs::{self, File},
    mem::ManuallyDrop,
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use diesel::{
    QueryResult, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Integer, Text},
};

use super::{
    connection::{BUSY_TIMEOUT, DatabaseUrl, Db, Purpose},
    error::{Result, StorageError, end_of_io},
};

/// The rest of the log is copied into the database, so that it begins anew, when this many bytes of it are in use.
const CHECKPOINT_AT: u64 = 16 << 20;

/// So much at a time, in bytes, is copied beside the writer before that. While a copy is made durable commits wait
/// for the disk, too, and the less it is the shorter they do: of 10,000 decisions a second, each with a conversation,
/// the 99th percentile is 2 to 4 ms with this, 9 to 14 with 4 MB. With 128 KB it is no better.
const PIECE: u64 = 512 << 10;

/// Where a reader was in the way, it is tried again when so much more is in use.
const AGAIN_AFTER: u64 = 4 << 20;

/// How much of its file is kept when it begins anew: what it takes until it is copied, and the last commit before.
pub(super) const KEPT: u64 = CHECKPOINT_AT + (8 << 20);

/// So little is left to the writer, in bytes.
const LEFT: u64 = 1 << 20;

/// How often it is tried to leave so little, before the writer copies what there is.
const ROUNDS: usize = 4;

/// So much is not left to the writer, in bytes, while the log may grow.
const MUCH: u64 = 16 << 20;

/// How long the log may be while it is copied beside and nobody waits, in bytes: whoever starts after a kill reads all of
/// it, 500 MB in a quarter of a second.
const FULL: u64 = 256 << 20;

/// A group that writes so much, in bytes, is one of a bulk load.
const BULK: u64 = 4 << 20;

/// How long nobody writes until the file of a log that was long is given back.
const IDLE: Duration = Duration::from_secs(1);

/// From this length on the writer waits for readers that are in the way, and long readers step aside.
const LONG: u64 = 32 << 20;

/// What a page takes in the log: itself and a head.
const PAGE: u64 = 4096 + 24;

/// How long the writer waits for readers.
const FOR_READERS: Duration = Duration::from_millis(250);

/// How long a reader waits for the writer, which may have nothing to write.
const FOR_WRITER: Duration = Duration::from_secs(1);

/// The writer's side.
#[derive(Debug)]
pub(super) struct Wal {
    /// The length at which it is copied next.
    checkpoint_at: u64,
    /// Whether a reader needed some of it when it was copied last.
    is_read: bool,
    /// How long it was after the last group.
    length: u64,
    /// Whether its file is left as long as it is when it begins anew.
    is_left_long: bool,
    url: DatabaseUrl,
    /// Who copies most of it, from the first time on.
    checkpointer: Option<Checkpointer>,
}

impl Wal {
    /// Of a database that is written to from here on.
    pub(super) fn new(url: &DatabaseUrl) -> Self {
        Self {
            checkpoint_at: CHECKPOINT_AT,
            is_read: false,
            length: 0,
            is_left_long: false,
            url: url.clone(),
            checkpointer: None,
        }
    }

    /// Who copies most of it: made when there is much for the first time.
    fn checkpointer(&mut self) -> Option<&mut Checkpointer> {
        if self.checkpointer.is_none() {
            match Checkpointer::new(&self.url) {
                Ok(checkpointer) => self.checkpointer = Some(checkpointer),
                Err(error) => tracing::error!(%error, "the writer copies the whole log by itself"),
            }
        }
        self.checkpointer.as_mut()
    }

    /// Copies the log into the database when enough of it is in use, and reads the result: SQLite's own
    /// checkpoints fail silently.
    pub(super) fn checkpoint(&mut self, db: &mut Db) {
        let Db::Sqlite(connection) = db else { return };
        let (length, left) = Checkpoint::noop(connection).map_or((0, 0), |used| (used.length(), used.left()));
        let before = std::mem::replace(&mut self.length, length);
        // Where it is shorter than before it has begun anew.
        let is_bulk = length.checked_sub(before).unwrap_or(length) >= BULK;
        if is_bulk {
            self.leave_long(connection, true);
        }
        let is_due = length >= self.checkpoint_at;
        // A long log is copied as soon as readers allow: one may have stepped aside just now.
        if !is_due && length < LONG {
            if left >= PIECE
                && let Some(checkpointer) = self.checkpointer()
            {
                checkpointer.helps();
            }
            return;
        }
        let is_in_the_way = self.is_read && length >= LONG;
        if !is_in_the_way
            && self.checkpointer().is_some_and(|checkpointer| checkpointer.goes_on(length, left))
        {
            return;
        }
        let mut done = sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Checkpoint>(connection);
        if is_due && length >= LONG && done.as_ref().is_ok_and(|done| !done.is_whole()) {
            done = cut(connection, FOR_READERS);
        }
        self.is_read = done.as_ref().is_ok_and(|done| !done.is_whole());
        if !is_bulk && done.as_ref().is_ok_and(Checkpoint::is_whole) {
            self.leave_long(connection, false);
        }
        if length > KEPT && !self.is_read {
            // To give the file back as soon as nobody writes.
            self.checkpointer().inspect(|checkpointer| checkpointer.cuts_when_idle());
        }
        match done.map_err(StorageError::from) {
            // All of it was copied: the next write begins the log anew.
            Ok(done) if done.is_whole() => self.checkpoint_at = CHECKPOINT_AT,
            // A reader still needs the rest. The longer the log, the longer until it is waited for again.
            Ok(_) if is_due => self.checkpoint_at = length + AGAIN_AFTER.max(length / 8),
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "the checkpoint failed");
                self.checkpoint_at = length + AGAIN_AFTER;
            }
        }
    }

    /// Whether the log's file is left as it is when it begins anew, or the next write shortens it to [`KEPT`]. What a bulk
    /// load cuts off it would write again at once.
    fn leave_long(&mut self, connection: &mut SqliteConnection, long: bool) {
        if long == self.is_left_long {
            return;
        }
        let limit = if long { "-1".to_owned() } else { KEPT.to_string() };
        match sql_query(format!("PRAGMA journal_size_limit = {limit}")).execute(connection) {
            Ok(_) => self.is_left_long = long,
            Err(error) => tracing::error!(%error, "the log's file is as long as it was"),
        }
    }

    /// At the end of the writer: empties a long log, so that the next start need not read it.
    pub(super) fn leave(&mut self, db: &mut Db) {
        // Who copies leaves first.
        self.checkpointer = None;
        let Db::Sqlite(connection) = db else { return };
        if Checkpoint::noop(connection).is_ok_and(|used| used.length() > KEPT)
            && let Err(error) = cut(connection, FOR_READERS).map_err(StorageError::from)
        {
            tracing::error!(%error, "emptying the log failed");
        }
    }
}

/// Copies all of the log and empties its file, if nobody reads from it for so long.
fn cut(connection: &mut SqliteConnection, wait: Duration) -> QueryResult<Checkpoint> {
    let patience = |most: Duration| format!("PRAGMA busy_timeout = {}", most.as_millis());
    let cut = sql_query(patience(wait))
        .execute(connection)
        .and_then(|_| sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(connection));
    if let Err(error) = sql_query(patience(BUSY_TIMEOUT)).execute(connection) {
        tracing::error!(%error, "the writer waits for other processes only for a moment");
    }
    cut
}

/// Copies all of the log of a database that nobody else has open into its file, and empties it.
///
/// # Errors
/// The disk is full, or somebody has it open.
pub(super) fn write_out(db: &mut Db) -> Result<()> {
    let Db::Sqlite(connection) = db else { return Ok(()) };
    let done = cut(connection, FOR_READERS)?;
    if done.is_whole() {
        return Ok(());
    }
    let why = "its log cannot be written into it: another program has it open, end that first";
    Err(StorageError::Refused(why.to_owned()))
}

/// What the checkpointer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// To copy most of the log.
    Most,
    /// To empty the log's file when nothing was asked for so long as [`IDLE`].
    CutWhenIdle,
}

/// What the checkpointer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copied {
    /// All that there was when it began.
    Whole,
    /// A reader was in the way, or an error.
    Part,
}

/// Copies most of the log beside the writer, whenever it is asked to.
#[derive(Debug)]
struct Checkpointer {
    asks: Option<SyncSender<Ask>>,
    /// What it did, each time that it was asked to copy.
    done: Receiver<Copied>,
    /// Whether it was asked and the writer has not seen that it is done.
    asked: bool,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    fn new(url: &DatabaseUrl) -> Result<Self> {
        let DatabaseUrl::Sqlite(path) = url else {
            return Err(StorageError::Unfit("only SQLite has a log to copy".to_owned()));
        };
        let (asks, asked) = sync_channel(1);
        let (tells, done) = sync_channel(1);
        let mut db = url.connect(Purpose::Write)?;
        // Never closed: with any of its files the system gives back the locks that SQLite's own connections hold.
        let file = File::open(path).map(ManuallyDrop::new);
        let file =
            file.map_err(|error| StorageError::Unfit(format!("cannot open {}: {error}", path.display())))?;
        let copy = move || {
            let Db::Sqlite(connection) = &mut db else { return };
            let mut is_long = false;
            loop {
                let ask = if is_long {
                    asked.recv_timeout(IDLE)
                } else {
                    asked.recv().map_err(|_| RecvTimeoutError::Disconnected)
                };
                match ask {
                    Ok(Ask::Most) => {
                        // The writer, who copies the rest, is the next to see an error.
                        let copied = most(connection, &file)
                            .inspect_err(|error| tracing::error!(%error, "copying the log failed"));
                        is_long |= copied.as_ref().is_ok_and(|copied| copied.length() > KEPT);
                        let whole = copied.is_ok_and(|copied| copied.is_whole());
                        if tells.send(if whole { Copied::Whole } else { Copied::Part }).is_err() {
                            break;
                        }
                    }
                    Ok(Ask::CutWhenIdle) => is_long = true,
                    Err(RecvTimeoutError::Timeout) => {
                        // Where somebody reads or writes it is tried again.
                        let done = cut(connection, Duration::ZERO).map_err(StorageError::from);
                        is_long = done.as_ref().is_ok_and(|done| !done.is_whole());
                        if let Err(error) = done {
                            tracing::error!(%error, "emptying the log failed");
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        };
        let thread = thread::Builder::new().name("wal-checkpoint".into()).spawn(copy);
        let thread = thread.map_err(|error| {
            StorageError::Unfit(format!("cannot start the thread that copies the log: {error}"))
        })?;
        Ok(Self { asks: Some(asks), done, asked: false, thread: Some(thread) })
    }

    /// Whether it is at it: begins where it is not, and again where much has come meanwhile. Whoever writes more than is
    /// copied meanwhile waits in the end.
    fn goes_on(&mut self, length: u64, left: u64) -> bool {
        if self.asked {
            if length >= FULL {
                self.asked = false;
                let _ = self.done.recv();
                return false;
            }
            let done = self.done.try_recv();
            self.asked = done == Err(TryRecvError::Empty);
            // A reader needs the rest, or it is little.
            if !self.asked && (done != Ok(Copied::Whole) || left <= MUCH) {
                return false;
            }
        }
        self.asked = self.asked || self.ask(Ask::Most);
        self.asked
    }

    /// Begins, where it is not at it.
    fn helps(&mut self) {
        self.asked = self.asked && self.done.try_recv() == Err(TryRecvError::Empty);
        self.asked = self.asked || self.ask(Ask::Most);
    }

    /// Has the log's file emptied once nobody writes for a while.
    fn cuts_when_idle(&self) {
        // Where it is busy already, there is more to come.
        self.ask(Ask::CutWhenIdle);
    }

    fn ask(&self, ask: Ask) -> bool {
        self.asks.as_ref().is_some_and(|asks| asks.try_send(ask).is_ok())
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that copies the log panicked");
        }
    }
}

/// Copies until little is left: what is written meanwhile is less each time. SQLite makes what it copied durable only
/// when nothing is left, so what is copied here is made durable here, or the writer would wait for all of it at the end.
fn most(connection: &mut SqliteConnection, file: &File) -> Result<Checkpoint> {
    let mut rounds = 0;
    loop {
        let copied: Checkpoint = sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(connection)?;
        // What the kernel could not write it may have dropped, and it says so once.
        file.sync_data().unwrap_or_else(|error| end_of_io(&error.to_string()));
        rounds += 1;
        if rounds == ROUNDS || !copied.is_whole() || Checkpoint::noop(connection)?.left() <= LEFT {
            return Ok(copied);
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
    /// Copies nothing: tells how much of the file is in use.
    fn noop(connection: &mut SqliteConnection) -> QueryResult<Self> {
        sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(connection)
    }

    /// Of what is in use, in bytes.
    fn length(&self) -> u64 {
        PAGE * u64::from(self.log.unsigned_abs())
    }

    /// Of what is not copied yet.
    fn left(&self) -> u64 {
        PAGE * u64::from(self.log.abs_diff(self.checkpointed))
    }

    fn is_whole(&self) -> bool {
        self.busy == 0 && self.log == self.checkpointed
    }
}

/// The side of a reader that reads page after page and can go on with a newer state.
#[derive(Debug)]
pub struct Aside {
    log: Option<PathBuf>,
    /// How much of the log was in use when this state was begun, as far as that is known.
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
        Ok(Self { log, begun_at: 0 })
    }

    /// Between two pages: where the log has become long meanwhile, lets the writer copy it and goes on with the state
    /// of then.
    pub(super) fn step(&mut self, db: &mut Db) -> Result<()> {
        // How much of a long file is in use can be asked only outside of a transaction.
        let length = self.log.as_ref().and_then(|log| fs::metadata(log).ok()).map_or(0, |data| data.len());
        let Db::Sqlite(connection) = db else { return Ok(()) };
        if length < LONG {
            return Ok(());
        }
        connection.batch_execute("ROLLBACK")?;
        let began = Instant::now();
        let mut used = Checkpoint::noop(connection)?;
        let enough = LONG.max(self.begun_at + AGAIN_AFTER);
        while used.length() >= enough && used.left() > 0 && began.elapsed() < FOR_WRITER {
            thread::sleep(Duration::from_millis(1));
            used = Checkpoint::noop(connection)?;
        }
        connection.batch_execute("BEGIN")?;
        // Where all is copied, the next write begins it anew.
        self.begun_at = if used.left() == 0 { 0 } else { used.length() };
        tracing::debug!(length, waited = ?began.elapsed(), "a long read stepped aside for the log to be copied");
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}
