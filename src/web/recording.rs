//! A body or a file on its way into the ledger, batch after batch: while one is made durable, the next is read, and
//! what of it is known already.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::LocalBoxFuture;

use crate::{
    actions::{BATCH_ITEMS, Batch, Gathering, Summary},
    domain::{ids::Source, time::Moment},
    ingest::Item,
    storage::StorageError,
    web::{auth::Shared, error::Problem},
};

/// A batch grows to so many usual ones: the more it holds, the fewer pages of a table are written over and over.
const LARGEST: usize = 8;

/// Longer than this none is to take: others wait for all of it, and a slow database is given no more at once.
const LONG: Duration = Duration::from_secs(1);

/// See the module.
pub struct Recording<'a> {
    state: &'a Shared,
    source: Source,
    now: Moment,
    /// The batch that is being written; one at a time, so that a body of any length takes little memory.
    writing: Option<LocalBoxFuture<'a, Result<(Summary, Duration), Problem>>>,
    /// Items of the batch that comes together now.
    size: usize,
    /// Decisions that this server's writer had taken in by the end of the batch before. (Those of other servers on the
    /// same PostgreSQL are not seen: for them there is [`LONG`].)
    decisions: u64,
    summary: Summary,
}

impl std::fmt::Debug for Recording<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recording({}, {:?})", self.source, self.summary)
    }
}

impl<'a> Recording<'a> {
    /// Nothing is recorded yet. Items are of this source and told now.
    pub fn new(state: &'a Shared, source: Source, now: Moment) -> Self {
        let decisions = state.store.decisions();
        Self { state, source, now, writing: None, size: BATCH_ITEMS, decisions, summary: Summary::default() }
    }

    /// Records what has come in so far, if that is worth a transaction.
    ///
    /// # Errors
    /// The batch before could not be recorded, or too many items were refused.
    pub async fn take(&mut self, gathering: &mut Gathering) -> Result<(), Problem> {
        if gathering.is_full(self.size) { self.write(gathering.take()).await } else { Ok(()) }
    }

    /// Waits until all that was taken is durable.
    ///
    /// # Errors
    /// The last batch could not be recorded.
    pub async fn settle(&mut self) -> Result<(), Problem> {
        let Some(writing) = self.writing.take() else { return Ok(()) };
        let (summary, took) = writing.await?;
        self.summary.add(summary);
        if let Some(why) = self.summary.hopeless() {
            return Err(Problem::bad_request(why));
        }
        let decisions = std::mem::replace(&mut self.decisions, self.state.store.decisions());
        self.size = if decisions != self.decisions || took > LONG {
            BATCH_ITEMS
        } else if took < LONG / 2 {
            (2 * self.size).min(LARGEST * BATCH_ITEMS)
        } else {
            self.size
        };
        Ok(())
    }

    /// Records the last items and tells what became of all of them, durably.
    ///
    /// # Errors
    /// They could not be recorded; those before are.
    pub async fn finish(mut self, items: Vec<Item>) -> Result<Summary, Problem> {
        if !items.is_empty() {
            self.write(items).await?;
        }
        self.settle().await?;
        Ok(self.summary)
    }

    async fn write(&mut self, items: Vec<Item>) -> Result<(), Problem> {
        let (batch, now) = (Arc::new(Batch::new(self.source.clone(), items)), self.now);
        let mut known = None;
        if self.writing.is_some() {
            let batch = Arc::clone(&batch);
            // What cannot be read now, the writer reads.
            known = self.state.read(move |db| batch.look_ahead(db)).await.ok();
        }
        self.settle().await?;
        let write = self.state.write(move |db| {
            let begun = Instant::now();
            Ok::<_, StorageError>((batch.record(db, known.as_ref(), now)?, begun.elapsed()))
        });
        self.writing = Some(Box::pin(async move {
            let (summary, took) = write.await?;
            summary.count();
            Ok((summary, took))
        }));
        Ok(())
    }
}
