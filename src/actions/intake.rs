//! Recording what was told: batches of items, each kept whole or not at all.

use serde::Serialize;

use crate::{
    domain::{
        event::{Event, Rejection},
        feed::Feed,
        ids::Source,
        time::Moment,
    },
    ingest::{Item, Told},
    storage::{
        Db, StorageError,
        feeds::{self, Arrived, RejectedLine},
        ledger,
        preview::{Foresight, Would},
    },
};

/// How many items go into one transaction: enough that a commit's cost does not show, few enough that
/// memory stays flat and others get their turn.
pub const BATCH_ITEMS: usize = 8000;

/// What the items of a batch may take in memory, about, in bytes: more than the largest batch of usual ones.
const BATCH_BYTES: usize = 128 << 20;

/// More items of one body or file are not refused one by one: it is another file than it should be. Fewer in debug
/// builds, so that tests meet it.
const MOST_REFUSED: usize = if cfg!(debug_assertions) { 10_000 } else { 100_000 };

/// Items that come together to a batch.
#[derive(Debug, Default)]
pub struct Gathering {
    /// So far.
    pub items: Vec<Item>,
    /// Of so many the weight is known.
    weighed: usize,
    bytes: usize,
}

impl Gathering {
    /// Whether they are worth a transaction, by their number, or take so much memory that they must not be more.
    pub fn is_full(&mut self, number: usize) -> bool {
        self.bytes += self.items[self.weighed..].iter().map(Item::weight).sum::<usize>();
        self.weighed = self.items.len();
        self.items.len() >= number || self.bytes >= BATCH_BYTES
    }

    /// The items, and begins anew.
    pub fn take(&mut self) -> Vec<Item> {
        std::mem::take(self).items
    }
}

/// The answer to a body or a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Summary {
    /// Items that are in the ledger now.
    pub accepted: u64,
    /// Items that were there already.
    pub duplicates: u64,
    /// Items that were refused.
    pub rejected: Vec<Refused>,
}

/// An item that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Refused {
    /// Its place, from 0.
    pub index: u64,
    /// Its id, where it could be read.
    pub id: Option<String>,
    /// What is wrong and how to mend it.
    pub detail: String,
}

impl Summary {
    /// Adds what became of later items.
    pub fn add(&mut self, later: Self) {
        self.accepted += later.accepted;
        self.duplicates += later.duplicates;
        self.rejected.extend(later.rejected);
    }

    /// Why the rest need not be read, where too many were refused already.
    pub fn hopeless(&self) -> Option<String> {
        let first = self.rejected.first().filter(|_| self.rejected.len() > MOST_REFUSED)?;
        Some(format!(
            "more than {MOST_REFUSED} are refused, the first at index {}: {}; what was good before that is kept: mend the \
             rest and send all of it again",
            first.index, first.detail
        ))
    }

    /// Counts it for `GET /metrics`.
    pub fn count(&self) {
        let count = |outcome: &'static str, n| {
            metrics::counter!("patience_items_total", "outcome" => outcome).increment(n);
        };
        count("accepted", self.accepted);
        count("duplicate", self.duplicates);
        count("rejected", self.rejected.len() as u64);
    }
}

/// What items would do if they were recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// Items that tell of what is not known yet.
    pub new: u64,
    /// Items that change what is known.
    pub changed: u64,
    /// Items that change nothing.
    pub known: u64,
    /// Items that would be refused.
    pub refused: Vec<Refused>,
}

impl Preview {
    /// Adds what later items would do.
    pub fn add(&mut self, later: Self) {
        self.new += later.new;
        self.changed += later.changed;
        self.known += later.known;
        self.refused.extend(later.refused);
    }
}

/// Items that are recorded together.
#[derive(Debug)]
pub struct Batch {
    source: Source,
    entries: Vec<ledger::Entry>,
    entry_index: Vec<u64>,
    rows: Vec<Vec<Event>>,
    row_index: Vec<u64>,
    refused: Vec<(u64, Rejection, String)>,
}

impl Batch {
    /// Sorts items into those that may be recorded and those that cannot.
    pub fn new(source: Source, items: Vec<Item>) -> Self {
        let mut batch = Self {
            source,
            entries: Vec::new(),
            entry_index: Vec::new(),
            rows: Vec::new(),
            row_index: Vec::new(),
            refused: Vec::new(),
        };
        for Item { index, told, line } in items {
            match told {
                Ok(Told::Event(entry)) => {
                    batch.entries.push(*entry);
                    batch.entry_index.push(index);
                }
                Ok(Told::Row(events)) => {
                    batch.rows.push(events);
                    batch.row_index.push(index);
                }
                Err(rejection) => batch.refused.push((index, rejection, line)),
            }
        }
        batch
    }

    /// What [`record`](Self::record) would do now, after the batches that `known` has seen; reads only.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn preview(&self, db: &mut Db, known: &mut Foresight) -> Result<Preview, StorageError> {
        let mut found = Preview::default();
        found.refused.extend(self.refused.iter().map(|(index, rejection, _)| {
            let Rejection { id, detail, .. } = rejection.clone();
            Refused { index: *index, id, detail }
        }));
        let events = self.entries.iter().map(|entry| &entry.event);
        let events = known.events(db, &self.entries)?.into_iter().zip(&self.entry_index).zip(events);
        let rows = known.rows(db, &self.rows)?.into_iter().zip(&self.row_index);
        let rows = rows.zip(self.rows.iter().filter_map(|row| row.first()));
        for ((would, index), event) in events.chain(rows) {
            match would {
                Would::Add => found.new += 1,
                Would::Change => found.changed += 1,
                Would::Nothing => found.known += 1,
                Would::Refuse(detail) => {
                    found.refused.push(Refused { index: *index, id: name_of(event), detail });
                }
            }
        }
        found.refused.sort_by_key(|refused| refused.index);
        Ok(found)
    }

    /// Reads what of its events is known already: while another batch is written, to spare the writer that.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn look_ahead(&self, db: &mut Db) -> Result<ledger::Foreknown, StorageError> {
        ledger::Foreknown::read(db, &self.entries)
    }

    /// Records it within a transaction that writes, and what came of it for the data page. `known` is what a
    /// [look ahead](Self::look_ahead) found, if there was one.
    ///
    /// # Errors
    /// The database refuses; nothing of the batch is recorded.
    pub fn record(
        &self,
        db: &mut Db,
        known: Option<&ledger::Foreknown>,
        now: Moment,
    ) -> Result<Summary, StorageError> {
        let mut tally = Tally::default();
        let answers = match known {
            Some(known) => ledger::append_foreknown(db, &self.entries, known, now)?,
            None => ledger::append(db, &self.entries, now)?,
        };
        for (told, (entry, index)) in answers.into_iter().zip(self.entries.iter().zip(&self.entry_index)) {
            let (id, event) = (Some(entry.event.id.to_string()), std::slice::from_ref(&entry.event));
            tally.add(told, *index, id, event, || entry.body.clone());
        }
        let mut mended = Vec::new();
        for (told, (row, index)) in
            ledger::append_rows(db, &self.rows, now)?.into_iter().zip(self.rows.iter().zip(&self.row_index))
        {
            if let Some(event) = row.first() {
                if !matches!(told, ledger::Told::Rejected(_)) {
                    mended.extend(name_of(event));
                }
                tally.add(told, *index, name_of(event), row, || event.to_canonical_json());
            }
        }
        feeds::mended(db, &self.source, &mended)?;
        for (index, rejection, line) in &self.refused {
            let Rejection { feed, id, customer, detail } = rejection.clone();
            tally.refuse(*index, RejectedLine { feed, id, customer, detail, line: line.clone() });
        }
        let Tally { mut summary, lines, arrived } = tally;
        summary.rejected.sort_by_key(|refused| refused.index);
        feeds::record(db, &self.source, &arrived, &lines, now)?;
        Ok(summary)
    }
}

#[derive(Default)]
struct Tally {
    summary: Summary,
    lines: Vec<RejectedLine>,
    arrived: Arrived,
}

impl Tally {
    /// An item of one event or more: all of them were told the same.
    fn add(
        &mut self,
        told: ledger::Told,
        index: u64,
        id: Option<String>,
        events: &[Event],
        line: impl FnOnce() -> String,
    ) {
        let Some(first) = events.first() else { return };
        match told {
            ledger::Told::Accepted => {
                self.summary.accepted += 1;
                self.arrived.count(events, |counts| &mut counts.accepted);
            }
            ledger::Told::Duplicate => {
                self.summary.duplicates += 1;
                self.arrived.count(events, |counts| &mut counts.duplicates);
            }
            ledger::Told::Rejected(detail) => {
                let (feed, customer) = (Feed::of(&first.fact), first.fact.customer().cloned());
                self.refuse(index, RejectedLine { feed, id, customer, detail, line: line() });
            }
        }
    }

    fn refuse(&mut self, index: u64, line: RejectedLine) {
        self.arrived.refuse(line.feed);
        self.summary.rejected.push(Refused { index, id: line.id.clone(), detail: line.detail.clone() });
        self.lines.push(line);
    }
}

/// What a row is about, for the answer.
fn name_of(event: &Event) -> Option<String> {
    let conversation = event.fact.conversation().map(ToString::to_string);
    conversation.or_else(|| event.fact.customer().map(ToString::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Intake, Kind};

    fn gathered(lines: &[String]) -> Gathering {
        let mut intake = Intake::new(Kind::Events, Source::new("desk").unwrap(), Moment::from_stored_ms(0));
        let mut gathering = Gathering::default();
        for line in lines {
            intake.push(format!("{line}\n").as_bytes(), &mut gathering.items).unwrap();
        }
        assert!(gathering.items.iter().all(|item| item.told.is_ok()));
        gathering
    }

    fn updated(id: usize, attributes: &str) -> String {
        format!(
            r#"{{"type":"customer.updated","id":"e{id}","occurred_at":"2026-03-02T09:00:00Z","customer_id":"c{id}","attributes":{attributes}}}"#
        )
    }

    #[test]
    fn a_batch_is_full_by_number_or_by_what_it_takes_in_memory() {
        let usual: Vec<_> =
            (0..4 * BATCH_ITEMS).map(|n| updated(n, r#"{"plan":"team","seats":3}"#)).collect();
        let mut gathering = gathered(&usual);
        assert!(!gathering.is_full(usual.len() + 1));
        assert!(gathering.is_full(usual.len()));
        assert_eq!(gathering.take().len(), usual.len());
        assert!(!gathering.is_full(1));

        // Less than a megabyte of text each, and some sixty by their weight.
        let list = format!(r#"{{"list":[{}{{}}]}}"#, r#"{"":1},"#.repeat(100_000));
        let heavy: Vec<_> = (0..3).map(|n| updated(n, &list)).collect();
        assert!(!gathered(&heavy[..1]).is_full(BATCH_ITEMS));
        assert!(gathered(&heavy).is_full(BATCH_ITEMS));
    }
}
