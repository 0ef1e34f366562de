//! One writer, many writes in one transaction: durable writes cost one fsync for all that wait together.
//!
//! Each write is a job in a bounded queue. The writer takes what has come in since its last commit (that is
//! the gathering: while one group is being made durable, the next one assembles), runs each job within a
//! savepoint, commits, and answers only then. A job that fails is undone alone. Decisions, of which there are
//! most, are made together: they share their reads and their writes, too.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
};

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Integer};

use super::{
    assignments::{Asked, decide_together},
    connection::{DatabaseUrl, Db, Purpose},
    error::{Result, StorageError},
    memory::Memory,
};
use crate::domain::assignment::Decision;

/// Jobs that may wait; the next one is told to come again.
const QUEUE: usize = 1024;

/// Jobs of one transaction.
const GROUP: usize = 256;

/// The log is copied into the database when this many bytes of it are in use.
const CHECKPOINT_BYTES: u64 = 4 << 20;

/// On PostgreSQL all writers take turns by this lock, as SQLite's do by BEGIN IMMEDIATE: the ledger's numbers
/// then ascend in the order of commits, and a read before a write in one transaction cannot go stale.
const BEGIN_POSTGRES: &str = "BEGIN; SELECT pg_advisory_xact_lock(8097859565118061);";

/// Begins a transaction that writes.
pub(super) fn begin(db: &mut Db) -> Result<()> {
    Ok(db.batch_execute(match db {
        Db::Sqlite(_) => "BEGIN IMMEDIATE",
        Db::Postgres(_) => BEGIN_POSTGRES,
    })?)
}

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
    asked: Asked,
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

enum Message {
    Work(Work),
    Stop,
}

/// The writer's end that others hold.
#[derive(Debug)]
pub(super) struct Writer {
    queue: SyncSender<Message>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(url: DatabaseUrl, db: Db, memory: Arc<Memory>) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || Loop { url, db, memory, checkpoint_at: CHECKPOINT_BYTES }.run(&jobs))
            .map_err(|error| StorageError::Unfit(format!("cannot start the writer's thread: {error}")))?;
        Ok(Self { queue, thread: Some(thread).into() })
    }

    /// Takes a job in, or says that too many wait. The job's answer is given from the writer's thread.
    pub(super) fn submit(&self, job: impl Job + 'static) -> Result<()> {
        self.queue_up(Work::Job(Box::new(job)))
    }

    /// As [`Writer::submit`], of a request to decide.
    pub(super) fn decide(
        &self,
        asked: Asked,
        reply: impl FnOnce(Result<Decision>) + Send + 'static,
    ) -> Result<()> {
        self.queue_up(Work::Decision(Box::new(Waiting { asked, outcome: None, reply: Box::new(reply) })))
    }

    fn queue_up(&self, work: Work) -> Result<()> {
        self.queue.try_send(Message::Work(work)).map_err(|error| match error {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => StorageError::Busy,
        })
    }

    /// Does all that waits, and ends.
    pub(super) fn stop(&self) {
        let thread = self.thread.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        let _ = self.queue.send(Message::Stop);
        // The last handle may be dropped within a job, on the writer's own thread.
        if thread.thread().id() != thread::current().id() {
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
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

struct Loop {
    url: DatabaseUrl,
    db: Db,
    memory: Arc<Memory>,
    checkpoint_at: u64,
}

impl Loop {
    fn run(mut self, jobs: &Receiver<Message>) {
        let _guard = AbortOnPanic;
        let mut stopping = false;
        while !stopping && let Ok(first) = jobs.recv() {
            let mut group = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Work(work) => group.push(work),
                    Message::Stop => {
                        stopping = true;
                        break;
                    }
                }
                next = if group.len() < GROUP { jobs.try_recv().ok() } else { None };
            }
            self.settle(group);
            self.checkpoint();
        }
    }

    /// Commits a group and answers it. Where the transaction as a whole fails, each job gets one of its own,
    /// so that one that asks too much cannot fail its neighbours.
    fn settle(&mut self, mut group: Vec<Work>) {
        let outcome = self.transaction(&mut group);
        if outcome.is_err() && group.len() > 1 {
            for mut work in group {
                let outcome = self.transaction(std::slice::from_mut(&mut work));
                work.answer(outcome);
            }
        } else {
            for work in group {
                work.answer(outcome.clone());
            }
        }
    }

    /// One transaction; where PostgreSQL met another one it is tried again, three times at most.
    fn transaction(&mut self, group: &mut [Work]) -> Result<()> {
        let mut attempts = 1;
        loop {
            let outcome = self.try_transaction(group);
            if let Err(error) = &outcome {
                tracing::warn!(%error, jobs = group.len(), attempts, "a write failed");
                // Says "no transaction is active" where SQLite has undone it already: as good.
                let _ = self.db.batch_execute("ROLLBACK");
            }
            match outcome {
                Err(StorageError::Conflict) if attempts < 3 => attempts += 1,
                outcome => return outcome,
            }
        }
    }

    fn try_transaction(&mut self, group: &mut [Work]) -> Result<()> {
        self.begin()?;
        let mut waiting = Vec::new();
        for work in group {
            match work {
                Work::Job(job) => within_savepoint(&mut self.db, |db| job.run(db))?,
                Work::Decision(decision) => waiting.push(&mut **decision),
            }
        }
        if !waiting.is_empty() {
            decide(&mut self.db, &mut waiting)?;
        }
        self.db.batch_execute("COMMIT")?;
        // Before anybody is answered, so that nobody who knows of a change is decided for without it.
        if let Err(error) = self.memory.follow(&mut self.db) {
            tracing::warn!(%error, "the ledger cannot be followed: all is read anew");
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<()> {
        match begin(&mut self.db) {
            // The server was started anew: so are we.
            Err(_) if matches!(self.db, Db::Postgres(_)) => {
                self.db = self.url.connect(Purpose::Write)?;
                begin(&mut self.db)
            }
            outcome => outcome,
        }
    }

    /// Copies the log into the database when enough of it is in use, and reads the result: SQLite's own
    /// checkpoints fail silently.
    fn checkpoint(&mut self) {
        let Db::Sqlite(connection) = &mut self.db else { return };
        let length = self.url.log_file().and_then(|file| file.metadata().ok()).map_or(0, |data| data.len());
        if length < self.checkpoint_at {
            return;
        }
        let done = sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Checkpoint>(connection);
        match done.map_err(StorageError::from) {
            // All of it was copied: the next write begins the log anew and cuts it.
            Ok(done) if done.busy == 0 && done.log == done.checkpointed => {
                self.checkpoint_at = CHECKPOINT_BYTES;
            }
            // A reader still needs the rest.
            Ok(_) => self.checkpoint_at = length + CHECKPOINT_BYTES,
            Err(error) => {
                tracing::error!(%error, "the checkpoint failed");
                self.checkpoint_at = length + CHECKPOINT_BYTES;
            }
        }
    }
}

/// Keeps what some work changed where it says so.
fn within_savepoint(db: &mut Db, work: impl FnOnce(&mut Db) -> bool) -> Result<()> {
    db.batch_execute("SAVEPOINT job")?;
    if !work(db) {
        db.batch_execute("ROLLBACK TO SAVEPOINT job")?;
    }
    Ok(db.batch_execute("RELEASE SAVEPOINT job")?)
}

/// Decides all that wait together; where that fails, one by one, so that one cannot fail its neighbours.
fn decide(db: &mut Db, waiting: &mut [&mut Waiting]) -> Result<()> {
    within_savepoint(db, |db| {
        let asked: Vec<_> = waiting.iter().map(|waiting| &waiting.asked).collect();
        match decide_together(db, &asked) {
            Ok(decisions) => {
                for (waiting, decision) in waiting.iter_mut().zip(decisions) {
                    waiting.outcome = Some(Ok(decision));
                }
                true
            }
            Err(error) => {
                for waiting in waiting.iter_mut() {
                    waiting.outcome = Some(Err(error.clone()));
                }
                false
            }
        }
    })?;
    if waiting.len() > 1 && waiting.iter().any(|waiting| matches!(waiting.outcome, Some(Err(_)))) {
        for alone in waiting.chunks_mut(1) {
            decide(db, alone)?;
        }
    }
    Ok(())
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
