//! A body or a file on its way into the ledger, batch after batch: while one is made durable, the next is read.

use futures_util::future::LocalBoxFuture;

use crate::{
    actions::{BATCH_ITEMS, Batch, Summary},
    domain::{ids::Source, time::Moment},
    ingest::Item,
    web::{auth::Shared, error::Problem},
};

/// See the module.
pub struct Recording<'a> {
    state: &'a Shared,
    source: Source,
    now: Moment,
    /// The batch that is being written; one at a time, so that a body of any length takes little memory.
    writing: Option<LocalBoxFuture<'a, Result<Summary, Problem>>>,
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
        Self { state, source, now, writing: None, summary: Summary::default() }
    }

    /// Records what has come in so far, if that is worth a transaction.
    ///
    /// # Errors
    /// The batch before could not be recorded.
    pub async fn take(&mut self, items: &mut Vec<Item>) -> Result<(), Problem> {
        if items.len() >= BATCH_ITEMS { self.write(std::mem::take(items)).await } else { Ok(()) }
    }

    /// Waits until all that was taken is durable.
    ///
    /// # Errors
    /// The last batch could not be recorded.
    pub async fn settle(&mut self) -> Result<(), Problem> {
        if let Some(writing) = self.writing.take() {
            self.summary.add(writing.await?);
        }
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
        self.settle().await?;
        let (batch, now) = (Batch::new(self.source.clone(), items), self.now);
        let write = self.state.write(move |db| batch.record(db, now));
        self.writing = Some(Box::pin(async move {
            let summary = write.await?;
            summary.count();
            Ok(summary)
        }));
        Ok(())
    }
}
