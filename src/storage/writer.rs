//! One writer, many writes in one transaction: durable writes cost one fsync for all that wait together.
//!
//! Each write is a job in a bounded queue. The writer takes what has come in since its last commit (that is
//! the gathering: while one group is being made durable, the next one assembles), runs each job within a
//! savepoint, commits, and answers only then. A job that fails is undone alone. Decisions, of which there are
//! most, are made together: they share their reads and their writes, too.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use diesel::{
    RunQueryDsl,
    connection::SimpleConnection,
    dsl::{select, sql},
    sql_types::Bool,
};

use super::{
    assignments::{PendingDecision, decide_together},
    connection::{DatabaseUrl, Db, KEPT_FOR_BATCHES, Purpose},
    error::{Result, StorageError},
    memory::Memory,
    queue::{Limits, Queue},
    turns::begin,
    wal::Wal,
};
use crate::domain::assignment::Decision;

/// Jobs that may wait; the next one is told to come again.
const QUEUE: usize = 1024;

/// Jobs of one transaction.
const GROUP: usize = 256;

/// A transaction takes no more jobs after this long: over a slow link each of them takes its time, and other servers
/// that write wait for all of it.
const LONGEST: Duration = Duration::from_secs(2);

/// How long PostgreSQL may take for a transaction, or to begin one, before another writer sits down. Longer than the
/// server's own limit for a statement, and less than requests wait: the first that comes again finds the new one.
const OVERDUE: Duration = Duration::from_secs(8);

/// How much of an SQLite file the writer keeps in memory for decisions, in KiB: less than for batches, as a commit
/// may look at every page that is kept. (The pages of a balanced tree are swapped by way of the number (2^30 / page
/// size) + 1, after which SQLite looks for pages behind the end of a file that has fewer.)
const KEPT_FOR_DECISIONS: u32 = 8192;

/// Writers that may be lost at a time.
const LOST: u32 = 16;

/// One write of somebody who waits for its answer.
pub(super) trait Job: Send {
    /// Does the work; whether its changes are to be kept.
    fn run(&mut self, db: &mut Db) -> bool;

    /// Answers, with what became of the transaction.
    fn answer(self: Box<Self>, transaction: Result<()>);
}

/// The usual job: a closure, run again where the transaction has to be.
pub(super) struct Call<F, T, E, R> {
    work: F,
    outcome: Option<Result<T, E>>,
    reply: R,
}

impl<F, T, E, R> Call<F, T, E, R> {
    pub(super) fn new(work: F, reply: R) -> Self {
        Self { work, outcome: None, reply }
    }
}

impl<F, T, E, R> Job for Call<F, T, E, R>
where
    F: Fn(&mut Db) -> Result<T, E> + Send,
    T: Send,
    E: From<StorageError> + Send,
    R: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, db: &mut Db) -> bool {
        self.outcome.insert((self.work)(db)).is_ok()
    }

    fn answer(self: Box<Self>, transaction: Result<()>) {
        (self.reply)(match (self.outcome, transaction) {
            (Some(Err(error)), _) => Err(error),
            (Some(outcome), Ok(())) => outcome,
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(StorageError::Busy.into()),
        });
    }
}

/// A request that waits to be decided.
struct Waiting {
    asked: PendingDecision,
    outcome: Option<Result<Decision>>,
    reply: Box<dyn FnOnce(Result<Decision>) + Send>,
}

/// What somebody waits for.
enum Work {
    Job(Box<dyn Job>),
    Decision(Box<Waiting>),
}

impl Work {
    fn answer(self, transaction: Result<()>) {
        match self {
            Self::Job(job) => job.answer(transaction),
            Self::Decision(waiting) => {
                let outcome = waiting.outcome.unwrap_or(Err(StorageError::Busy));
                (waiting.reply)(outcome.and_then(|decision| transaction.map(|()| decision)));
            }
        }
    }
}

/// The writer's end that others hold.
#[derive(Debug)]
pub(super) struct Writer {
    desk: Arc<Desk>,
    thread: Mutex<JoinHandle<()>>,
}

/// Where the writer works.
#[derive(Debug)]
struct Desk {
    url: DatabaseUrl,
    memory: Arc<Memory>,
    queue: Queue<Work>,
    decisions: AtomicU64,
}

impl Writer {
    pub(super) fn start(url: DatabaseUrl, memory: Arc<Memory>) -> Result<Self> {
        let db = url.connect(Purpose::Ledger)?;
        // A file answers sooner or later; a server may not.
        let overdue = matches!(url, DatabaseUrl::Postgres(_)).then_some(OVERDUE);
        let queue = Queue::new(Limits { waiting: QUEUE, group: GROUP, overdue, lost: LOST });
        let desk = Arc::new(Desk { url, memory, queue, decisions: AtomicU64::new(0) });
        let thread = Mutex::new(desk.sit_down(0, Some(db))?);
        Ok(Self { desk, thread })
    }

    /// Takes a job in, or says that too many wait. The job's answer is given from the writer's thread.
    pub(super) fn submit(&self, job: impl Job + 'static) -> Result<()> {
        self.queue_up(Work::Job(Box::new(job)))
    }

    /// As [`Writer::submit`], of a request to decide.
    pub(super) fn decide(
        &self,
        asked: PendingDecision,
        reply: impl FnOnce(Result<Decision>) + Send + 'static,
    ) -> Result<()> {
        self.desk.decisions.fetch_add(1, Ordering::Relaxed);
        self.queue_up(Work::Decision(Box::new(Waiting { asked, outcome: None, reply: Box::new(reply) })))
    }

    /// How many decisions were taken in.
    pub(super) fn decisions(&self) -> u64 {
        self.desk.decisions.load(Ordering::Relaxed)
    }

    fn queue_up(&self, work: Work) -> Result<()> {
        if let Some(number) = self.desk.queue.take_over() {
            tracing::warn!("the database does not answer the ledger's writer: another one takes its place");
            let thread = self.desk.sit_down(number, None).unwrap_or_else(|error| {
                tracing::error!(%error, "nobody can write any more: ending the process");
                std::process::abort()
            });
            *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = thread;
        }
        if self.desk.queue.submit(work) { Ok(()) } else { Err(StorageError::Busy) }
    }

    /// Does all that waits, and ends. A writer whose database does not answer is left to itself.
    pub(super) fn stop(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut told, queue) = (false, &self.desk.queue);
        // The last handle may be dropped within a job, on the writer's own thread.
        while thread.thread().id() != thread::current().id() && !thread.is_finished() && !queue.is_overdue() {
            told = told || queue.stop();
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Desk {
    fn sit_down(self: &Arc<Self>, number: u64, db: Option<Db>) -> Result<JoinHandle<()>> {
        let desk = Arc::clone(self);
        thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || {
                let _guard = AbortOnPanic;
                let mut sitting = Sitting { desk: &desk, number, db, kept: None, wal: Wal::new(&desk.url) };
                desk.queue.serve(number, |group| {
                    sitting.settle(group);
                    sitting.checkpoint();
                });
                sitting.leave();
            })
            .map_err(|error| StorageError::Unfit(format!("cannot start the writer's thread: {error}")))
    }
}

/// A writer that panicked has lost track of what it promised to whom.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!("the ledger's writer panicked: ending the process");
            std::process::abort();
        }
    }
}

/// One writer at the desk, until the end or until another one takes its place.
struct Sitting<'d> {
    desk: &'d Desk,
    number: u64,
    /// None until the first transaction, where another writer sat there before.
    db: Option<Db>,
    /// What the connection keeps of an SQLite file, as it was told last.
    kept: Option<u32>,
    wal: Wal,
}

impl Sitting<'_> {
    fn checkpoint(&mut self) {
        if let Some(db) = &mut self.db {
            self.wal.checkpoint(db);
        }
    }

    fn leave(&mut self) {
        if let Some(db) = &mut self.db {
            self.wal.leave(db);
        }
    }

    /// Commits a group and answers it. Where the transaction as a whole fails, each job gets one of its own,
    /// so that one that asks too much cannot fail its neighbours; unless the failure is none of theirs.
    fn settle(&mut self, mut group: Vec<Work>) {
        while !group.is_empty() {
            let (done, outcome) = self.transaction(&mut group);
            let rest = group.split_off(done);
            let is_of_one =
                !matches!(outcome, Ok(()) | Err(StorageError::Unreachable(_) | StorageError::Busy));
            for mut work in group {
                let outcome = if is_of_one && done > 1 {
                    self.transaction(std::slice::from_mut(&mut work)).1
                } else {
                    outcome.clone()
                };
                work.answer(outcome);
            }
            group = rest;
        }
    }

    /// One transaction, and how many of the group it was for; where PostgreSQL met another one it is tried again,
    /// three times at most.
    fn transaction(&mut self, group: &mut [Work]) -> (usize, Result<()>) {
        let mut attempts = 1;
        loop {
            let mut done = group.len();
            let outcome = self.try_transaction(group, &mut done);
            if let Err(error) = &outcome {
                tracing::warn!(%error, jobs = done, attempts, "a write failed");
                // Says "no transaction is active" where SQLite has undone it already: as good.
                if let Some(db) = &mut self.db {
                    let _ = db.batch_execute("ROLLBACK");
                }
                // Another server may have taken this one's place.
                if matches!(error, StorageError::Unreachable(_)) {
                    self.db = None;
                }
            }
            match outcome {
                Err(StorageError::Conflict) if attempts < 3 => attempts += 1,
                outcome => return (done, outcome),
            }
        }
    }

    /// `done` becomes less where others that write had to wait too long for the whole group.
    fn try_transaction(&mut self, group: &mut [Work], done: &mut usize) -> Result<()> {
        let mut all_kept = true;
        let outcome = self.try_jobs(group, done, &mut all_kept);
        if !all_kept && self.db.as_mut().is_some_and(is_read_only) {
            tracing::warn!(
                "the database can no longer be written to: another server may have taken its place"
            );
            self.db = None;
        }
        outcome
    }

    /// The same on the connection that there is; `all_kept` becomes false where a job fails.
    fn try_jobs(&mut self, group: &mut [Work], done: &mut usize, all_kept: &mut bool) -> Result<()> {
        let (desk, number) = (self.desk, self.number);
        desk.queue.begins(number);
        self.keep_for(group)?;
        let db = self.begin()?;
        desk.queue.begins(number);
        let begun = Instant::now();
        // A savepoint costs a copy of every page that is changed within: only where one may have to be undone alone.
        let savepoints = group.len() > 1 && group.iter().any(|work| matches!(work, Work::Job(_)));
        let mut waiting = Vec::new();
        for (n, work) in group.iter_mut().enumerate() {
            if n > 0 && begun.elapsed() > LONGEST {
                *done = n;
                break;
            }
            match work {
                Work::Job(job) if savepoints => *all_kept &= within_savepoint(db, |db| job.run(db))?,
                Work::Job(job) => {
                    if !job.run(db) {
                        *all_kept = false;
                        return Ok(db.batch_execute("ROLLBACK")?);
                    }
                }
                Work::Decision(decision) => waiting.push(&mut **decision),
            }
        }
        if !waiting.is_empty() {
            decide(db, &mut waiting)?;
        }
        db.batch_execute("COMMIT")?;
        // Before anybody is answered, so that nobody who knows of a change is decided for without it.
        if let Err(error) = desk.memory.follow(db) {
            tracing::warn!(%error, "the ledger cannot be followed: all is read anew");
        }
        Ok(())
    }

    /// Makes room for the pages of a group.
    fn keep_for(&mut self, group: &[Work]) -> Result<()> {
        let decides = group.iter().all(|work| matches!(work, Work::Decision(_)));
        let wanted = if decides { KEPT_FOR_DECISIONS } else { KEPT_FOR_BATCHES };
        if let Some(Db::Sqlite(connection)) = &mut self.db
            && self.kept != Some(wanted)
        {
            connection.batch_execute(&format!("PRAGMA cache_size = -{wanted}"))?;
            self.kept = Some(wanted);
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<&mut Db> {
        if let Some(mut db) = self.db.take() {
            match begin(&mut db, Purpose::Ledger) {
                // The server was started anew: so are we.
                Err(error) if matches!(db, Db::Postgres(_)) && error != StorageError::Busy => {}
                outcome => {
                    let db = self.db.insert(db);
                    return outcome.map(|()| db);
                }
            }
        }
        let mut db = self.desk.url.connect(Purpose::Ledger)?;
        begin(&mut db, Purpose::Ledger)?;
        Ok(self.db.insert(db))
    }
}

/// Keeps what some work changed where it says so; whether it did.
fn within_savepoint(db: &mut Db, work: impl FnOnce(&mut Db) -> bool) -> Result<bool> {
    db.batch_execute("SAVEPOINT job")?;
    let is_kept = work(db);
    if !is_kept {
        db.batch_execute("ROLLBACK TO SAVEPOINT job")?;
    }
    db.batch_execute("RELEASE SAVEPOINT job")?;
    Ok(is_kept)
}

/// Whether a connection to PostgreSQL has become one that only reads: it goes on answering, and every write fails.
/// One that is lost altogether is found at the next transaction.
fn is_read_only(db: &mut Db) -> bool {
    let Db::Postgres(connection) = db else { return false };
    let query =
        select(sql::<Bool>("current_setting('default_transaction_read_only')::bool OR pg_is_in_recovery()"));
    query.get_result(connection).unwrap_or(false)
}

/// Decides all that wait together. Where that fails the transaction does, and each gets one of its own.
fn decide(db: &mut Db, waiting: &mut [&mut Waiting]) -> Result<()> {
    let asked: Vec<_> = waiting.iter().map(|waiting| &waiting.asked).collect();
    match decide_together(db, &asked) {
        Ok(decisions) => {
            for (waiting, decision) in waiting.iter_mut().zip(decisions) {
                waiting.outcome = Some(Ok(decision));
            }
            Ok(())
        }
        Err(error) => {
            for waiting in waiting.iter_mut() {
                waiting.outcome = Some(Err(error.clone()));
            }
            Err(error)
        }
    }
}
