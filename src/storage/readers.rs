//! The connections that read: few, kept open, and none of them lent for ever.
//!
//! A read blocks its thread within SQLite or PostgreSQL's client, and nobody can call it back: a server that lives
//! but does not answer holds it for as long as it likes. So each read has a time by which it must be over. One that
//! is not is given up: its place is free for the next, and its connection is closed when it comes back at last.
//! The connections that lie idle are closed with it, since they lead to the same server over the same wires.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};

use super::{
    connection::{DatabaseUrl, Db, Purpose},
    error::{Result, StorageError},
    ledger,
};

/// Reads that may run at once.
const READERS: usize = 8;

/// Of these, long ones: the others are kept for what is answered at once.
const LONG_READERS: usize = 3;

/// How long a read waits for its place.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads that were given up and have not come back: beyond that no more are begun.
const GIVEN_UP: usize = 64;

/// So often connections begin anew to show one state, until they are answered that it is busy.
const TRIES: usize = 1000;

/// What each of the connections that read together remembers of the file: none reads anything twice.
const TOGETHER_KIB: usize = 4096;

/// How long a read takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// A few rows, for somebody who waits.
    Short,
    /// All units of an experiment.
    Long,
}

impl Length {
    /// When it is given up.
    fn most(self) -> Duration {
        match self {
            Self::Short => Duration::from_secs(8),
            Self::Long => Duration::from_mins(5),
        }
    }
}

/// See the module.
pub(super) struct Readers {
    url: DatabaseUrl,
    lent: Mutex<Lent>,
    freed: Condvar,
}

#[derive(Default)]
struct Lent {
    idle: Vec<Db>,
    /// Reads under way, by number.
    busy: BTreeMap<u64, (Length, Instant)>,
    last: u64,
    given_up: usize,
}

impl Lent {
    /// Gives up what should be over.
    fn reap(&mut self, now: Instant) {
        let before = self.busy.len();
        self.busy.retain(|_, (_, until)| *until > now);
        let overdue = before - self.busy.len();
        if overdue > 0 {
            self.given_up += overdue;
            self.idle.clear();
            tracing::warn!(reads = overdue, "reads did not come back in time and are given up");
        }
    }

    fn has_place(&self, length: Length) -> bool {
        let long = || self.busy.values().filter(|(length, _)| *length == Length::Long).count();
        self.busy.len() < READERS
            && self.given_up < GIVEN_UP
            && (length == Length::Short || long() < LONG_READERS)
    }

    fn begin(&mut self, length: Length, now: Instant) -> u64 {
        self.last += 1;
        self.busy.insert(self.last, (length, now + length.most()));
        self.last
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Readers({})", self.url)
    }
}

impl Readers {
    /// None is connected yet: each is when it is needed first.
    pub(super) fn new(url: DatabaseUrl) -> Self {
        Self { url, lent: Mutex::default(), freed: Condvar::new() }
    }

    /// Reads one state of the database. Waits a while where all places are taken.
    ///
    /// # Errors
    /// The work's own; [`StorageError::Busy`] where no place becomes free; the database cannot be reached.
    pub(super) fn read<T, E: From<StorageError>>(
        &self,
        length: Length,
        work: impl FnOnce(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let (place, idle) = self.place(length)?;
        place.read(self.begin(idle)?, work)
    }

    /// A long read with further connections of its own that show the same state, for work on several cores.
    ///
    /// # Errors
    /// As [`Readers::read`].
    pub(super) fn read_together<T, E: From<StorageError>>(
        &self,
        others: usize,
        work: impl FnOnce(&mut Db, &mut [Db]) -> Result<T, E>,
    ) -> Result<T, E> {
        let (place, idle) = self.place(Length::Long)?;
        let mut db = self.begin(idle)?;
        let others: Result<Vec<Db>> = (0..others).map(|_| self.url.connect(Purpose::Read)).collect();
        let mut others = others?;
        show_the_same(&mut db, &mut others)?;
        place.read(db, |db| work(db, &mut others))
    }

    /// The same on a connection that lies idle; none where there is none.
    pub(super) fn read_at_once<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> Option<Result<T>> {
        let mut lent = self.lent();
        if !lent.has_place(Length::Short) {
            return None;
        }
        let idle = lent.idle.pop()?;
        let place = Place { readers: self, number: lent.begin(Length::Short, Instant::now()) };
        drop(lent);
        Some(self.begin(Some(idle)).and_then(|db| place.read(db, work)))
    }

    fn place(&self, length: Length) -> Result<(Place<'_>, Option<Db>)> {
        let began = Instant::now();
        let mut lent = self.lent();
        loop {
            let now = Instant::now();
            lent.reap(now);
            if lent.has_place(length) {
                return Ok((Place { readers: self, number: lent.begin(length, now) }, lent.idle.pop()));
            }
            let left = PATIENCE.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(StorageError::Busy);
            }
            // Nobody says when somebody is overdue.
            let most = left.min(Duration::from_millis(500));
            lent = self.freed.wait_timeout(lent, most).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Begins on a connection, or on a new one where it has ended meanwhile.
    fn begin(&self, idle: Option<Db>) -> Result<Db> {
        if let Some(mut db) = idle {
            match begin(&mut db) {
                Ok(()) => return Ok(db),
                // The server was started anew: so the others have ended, too.
                Err(StorageError::Unreachable(_)) => self.lent().idle.clear(),
                Err(error) => return Err(error),
            }
        }
        let mut db = self.url.connect(Purpose::Read)?;
        begin(&mut db)?;
        Ok(db)
    }

    fn lent(&self) -> MutexGuard<'_, Lent> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn begin(db: &mut Db) -> Result<()> {
    Ok(db.batch_execute(match db {
        Db::Sqlite(_) => "BEGIN",
        Db::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    })?)
}

/// Begins on further connections with the state that the first one shows. PostgreSQL can be asked for that; on SQLite
/// all begin at once, again and again until nothing was recorded meanwhile.
fn show_the_same(db: &mut Db, others: &mut [Db]) -> Result<()> {
    if others.is_empty() {
        return Ok(());
    }
    if let Db::Postgres(connection) = db {
        let state: Snapshot = sql_query("SELECT pg_export_snapshot() AS id").get_result(connection)?;
        for other in others {
            begin(other)?;
            other.batch_execute(&format!("SET TRANSACTION SNAPSHOT '{}'", state.id))?;
        }
        return Ok(());
    }
    for other in &mut *others {
        other.batch_execute(&format!("PRAGMA cache_size = -{TOGETHER_KIB}"))?;
        begin(other)?;
    }
    for _ in 0..TRIES {
        let state = ledger::position(db)?;
        let shown: Result<Vec<i64>> = others.iter_mut().map(ledger::position).collect();
        if shown?.into_iter().all(|shown| shown == state) {
            return Ok(());
        }
        for db in others.iter_mut().chain([&mut *db]) {
            db.batch_execute("ROLLBACK")?;
            begin(db)?;
        }
    }
    Err(StorageError::Busy)
}

#[derive(QueryableByName)]
struct Snapshot {
    #[diesel(sql_type = Text)]
    id: String,
}

/// One read's place among those that may run, free again when dropped.
struct Place<'r> {
    readers: &'r Readers,
    number: u64,
}

impl Place<'_> {
    fn read<T, E>(self, mut db: Db, work: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E> {
        let outcome = work(&mut db);
        if db.batch_execute("ROLLBACK").is_ok() {
            let mut lent = self.readers.lent();
            // One that was given up does not come back to the others.
            if lent.busy.contains_key(&self.number) {
                lent.idle.push(db);
            }
        }
        outcome
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut lent = self.readers.lent();
        if lent.busy.remove(&self.number).is_none() {
            lent.given_up -= 1;
        }
        self.readers.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads as they are counted, without connections.
    fn lent(reads: &[(Length, u64)]) -> (Lent, Instant) {
        let now = Instant::now();
        let mut lent = Lent::default();
        for (length, ago) in reads {
            lent.begin(*length, now.checked_sub(Duration::from_secs(*ago)).unwrap());
        }
        (lent, now)
    }

    #[test]
    fn long_reads_leave_places_for_short_ones() {
        let (lent, _) = lent(&[(Length::Long, 0); LONG_READERS]);
        assert!(!lent.has_place(Length::Long));
        assert!(lent.has_place(Length::Short));
        let (lent, _) = self::lent(&[(Length::Short, 0); READERS]);
        assert!(!lent.has_place(Length::Short));
    }

    #[test]
    fn a_read_that_is_overdue_is_given_up_and_its_place_is_free() {
        let mut reads = [(Length::Short, 0); READERS];
        reads[3] = (Length::Short, 9);
        reads[5] = (Length::Long, 9);
        let (mut lent, now) = lent(&reads);
        lent.reap(now);
        assert_eq!((lent.busy.len(), lent.given_up), (READERS - 1, 1));
        assert!(lent.has_place(Length::Short));
        // But not so many that threads pile up for ever.
        lent.given_up = GIVEN_UP;
        assert!(!lent.has_place(Length::Short));
    }
}
