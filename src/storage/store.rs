//! A database, opened: how everybody above reads and writes.

use std::{fmt, sync::Arc, time::Duration};

use diesel::connection::SimpleConnection;

use super::{
    assignments::PendingDecision,
    connection::{DatabaseUrl, Db, Purpose},
    error::{Result, StorageError},
    locks::Presence,
    memory::Memory,
    migrations,
    readers::{Length, Readers},
    turns,
    writer::{Call, Writer},
};
use crate::domain::assignment::Decision;

/// How long a caller that blocks waits for a PostgreSQL that does not answer.
const ANSWER: Duration = Duration::from_mins(1);

/// A database. Cloning gives another handle to the same one; the last handle dropped finishes what waits.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    url: DatabaseUrl,
    readers: Readers,
    memory: Arc<Memory>,
    writer: Writer,
    /// Last, so that it is given back when all connections are closed.
    _presence: Presence,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.inner.url)
    }
}

impl Store {
    /// Opens a database; makes and migrates it where needed.
    ///
    /// # Errors
    /// It cannot be reached or written, its schema is newer than this binary, or it would not be durable.
    pub fn open(url: &DatabaseUrl) -> Result<Self> {
        let mut presence = url.enter()?;
        url.create_file()?;
        let mut db = url.connect(Purpose::Write)?;
        let migrate = |db: &mut Db| {
            migrations::run(db).map_err(|error| match error {
                StorageError::ReadOnly(_) => StorageError::ReadOnly(url.to_string()),
                other => other,
            })
        };
        if migrations::wants_to_be_alone(&mut db)? {
            drop((db, presence));
            let alone = url.enter_to_migrate()?;
            migrate(&mut url.connect(Purpose::Write)?)?;
            drop(alone);
            presence = url.enter()?;
            db = url.connect(Purpose::Write)?;
        }
        migrate(&mut db)?;
        let memory = Arc::new(Memory::new(&mut db)?);
        let writer = Writer::start(url.clone(), Arc::clone(&memory))?;
        let readers = Readers::new(url.clone());
        Ok(Self { inner: Arc::new(Inner { url: url.clone(), readers, memory, writer, _presence: presence }) })
    }

    /// Opens a database that must be there already.
    ///
    /// # Errors
    /// [`StorageError::NoDatabase`], and those of [`Store::open`].
    pub fn open_existing(url: &DatabaseUrl) -> Result<Self> {
        if url.exists()? { Self::open(url) } else { Err(StorageError::NoDatabase(url.to_string())) }
    }

    /// Where it lies.
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.url
    }

    /// Reads: all of the closure sees one state of the database, whatever is written meanwhile. For a few rows: a
    /// read that takes longer than eight seconds may be given up for lost. Blocks; call it off the async threads.
    ///
    /// # Errors
    /// The closure's own; [`StorageError::Busy`] when too many reads wait; [`StorageError::Unreachable`].
    pub fn read<T, E: From<StorageError>>(&self, work: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E> {
        self.inner.readers.read(Length::Short, work)
    }

    /// The same for work that may take minutes. Few of these run at once, so that short reads find their place.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_long<T, E: From<StorageError>>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        self.inner.readers.read(Length::Long, work)
    }

    /// The same with so many other connections that show the same state, for work on several cores. What the ledger does
    /// not hold may be newer there.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_together<T, E: From<StorageError>>(
        &self,
        others: usize,
        work: impl FnOnce(&mut Db, &mut [Db]) -> Result<T, E>,
    ) -> Result<T, E> {
        self.inner.readers.read_together(others, work)
    }

    /// The same on a connection to a file that is free already; none where there is none.
    pub(super) fn read_at_once<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> Option<Result<T>> {
        if self.is_shared() { None } else { self.inner.readers.read_at_once(work) }
    }

    /// Writes: the closure runs alone, what it does is kept whole or not at all, and the answer comes when it
    /// is durable. It may be run again, so it must change nothing but the database. Blocks.
    ///
    /// # Errors
    /// The closure's own; [`StorageError::Busy`] when too many writes wait; [`StorageError::Full`];
    /// [`StorageError::Unreachable`], after which it may have been kept all the same.
    pub fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        self.inner.writer.submit(Call::new(work, move |outcome| drop(reply.send(outcome))))?;
        if self.is_shared() {
            return answer.recv_timeout(ANSWER).unwrap_or_else(|_| {
                Err(StorageError::Unreachable(format!("{} does not answer", self.inner.url)).into())
            });
        }
        answer.recv().unwrap_or_else(|_| Err(StorageError::Busy.into()))
    }

    /// As [`Store::write`], for async callers. The write is queued at once, not when the future is polled, and
    /// a future that is dropped does not take it back.
    pub fn write_async<T, E, F>(&self, work: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: Fn(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let queued = self.inner.writer.submit(Call::new(work, move |outcome| drop(reply.send(outcome))));
        async move {
            queued?;
            answer.await.unwrap_or_else(|_| Err(StorageError::Busy.into()))
        }
    }

    /// Writes by a connection of its own, for work that takes long and borrows: one transaction, kept whole or not
    /// at all. Other writers wait.
    pub(super) fn write_alone<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut db = self.inner.url.connect(Purpose::Write)?;
        turns::begin(&mut db, Purpose::Write)?;
        let done = work(&mut db)?;
        db.batch_execute("COMMIT")?;
        Ok(done)
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.inner.memory
    }

    /// Forgets what decisions go by: something else than the ledger may have changed it.
    pub fn forget(&self) {
        self.inner.memory.forget();
    }

    /// Takes notice of what other processes told, so that what is remembered of it no longer counts. Blocks.
    ///
    /// # Errors
    /// The database cannot be read; then nothing that is remembered counts.
    pub fn follow(&self) -> Result<()> {
        self.read(|db| self.inner.memory.follow(db))
    }

    /// Whether other servers may write to it at the same time.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.url, DatabaseUrl::Postgres(_))
    }

    /// Decides a request together with others that wait and records what is new; answers when that is durable.
    /// Queued at once, as [`Store::write_async`].
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn decide(&self, asked: PendingDecision) -> impl Future<Output = Result<Decision>> + Send + use<> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let queued = self.inner.writer.decide(asked, move |outcome| drop(reply.send(outcome)));
        async move {
            queued?;
            answer.await.unwrap_or(Err(StorageError::Busy))
        }
    }

    /// How many decisions have waited to be recorded since the start: who writes much at once sees whether others wait.
    pub fn decisions(&self) -> u64 {
        self.inner.writer.decisions()
    }

    /// How long the write-ahead log is, in bytes; none where the engine keeps its own.
    pub fn log_bytes(&self) -> Option<u64> {
        self.inner.url.log_file()?.metadata().ok().map(|log| log.len())
    }

    /// Waits until all that was queued before is durable.
    pub fn flush(&self) -> Result<()> {
        self.write(|_| Ok(()))
    }

    /// Finishes what waits and ends the writer; later writes are answered [`StorageError::Busy`].
    pub fn shutdown(&self) {
        self.inner.writer.stop();
    }
}
