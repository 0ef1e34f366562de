//! Bodies and files that tell us things, cut into items: a JSON array or NDJSON of events, and the
//! four CSV files.
//!
//! Everything here is pushed: hand in bytes as they come, take items as they are complete, so that a
//! file of any size passes through little memory. A bad item is answered and the rest goes on.
//!
//! ```
//! use patience::{domain::{ids::Source, time::Moment}, ingest::{Intake, Kind}};
//!
//! let told_at = Moment::from_ms(1_772_000_000_000)?;
//! let mut intake = Intake::new(Kind::Revenue, Source::new("billing")?, told_at);
//! let mut items = Vec::new();
//! intake.push(b"customer_id,month,amount,curr", &mut items)?;
//! intake.push(b"ency\nc-1,2026-03,40,USD\nc-2,March,40,USD\n", &mut items)?;
//! intake.finish(&mut items)?;
//! assert!(items[0].told.is_ok());
//! let rejection = items[1].told.as_ref().unwrap_err();
//! assert_eq!(rejection.detail, "month: must be a month, such as 2026-03");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod rows;
pub mod sheet;
mod split;
mod table;

use std::{fmt, str::FromStr};

use crate::domain::{
    event::{Event, Fact, Rejection},
    event_json,
    feed::Feed,
    ids::Source,
    time::Moment,
};
use split::Splitter;
use table::Table;

/// The longest line, element or row that is read, in bytes.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;

/// What a body or file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JSON array or NDJSON of events.
    Events,
    /// CSV: customers and their attributes.
    Customers,
    /// CSV: conversations, one a row.
    Conversations,
    /// CSV: ratings of conversations.
    Ratings,
    /// CSV: recurring revenue by customer and month.
    Revenue,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Customers, Self::Conversations, Self::Ratings, Self::Revenue, Self::Events];

    /// The columns of its file, in the order in which to name them; events have none.
    pub fn columns(self) -> &'static [&'static str] {
        rows::columns(self)
    }

    /// The feed of its rows, where a row or its column does not say otherwise.
    pub fn feed(self) -> Feed {
        match self {
            Self::Events => Feed::Other,
            Self::Customers | Self::Revenue => Feed::Customers,
            Self::Conversations => Feed::Tickets,
            Self::Ratings => Feed::Ratings,
        }
    }

    /// The word for it in commands and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Customers => "customers",
            Self::Conversations => "conversations",
            Self::Ratings => "ratings",
            Self::Revenue => "revenue",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| "must be one of customers, conversations, ratings, revenue, events".to_owned())
    }
}

/// One line, array element or data row.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its place, from 0; blank lines do not count.
    pub index: u64,
    /// What it tells, or why it tells nothing.
    pub told: Result<Told, Rejection>,
    /// Of one that tells nothing: the text itself, or its beginning, to show to people.
    pub line: String,
}

/// About what each object and each fact takes in memory beside its text, in bytes: a leaf of a tree map, which has room
/// for eleven names and values, however many there are.
const OBJECT_BYTES: usize = 640;

impl Item {
    /// About how much memory it takes, in bytes; of an event that is full of small objects, a hundred times its text.
    pub fn weight(&self) -> usize {
        let text = |text: &str| text.len() + OBJECT_BYTES * text.bytes().filter(|byte| *byte == b'{').count();
        match &self.told {
            Ok(Told::Event(entry)) => text(&entry.body),
            Ok(Told::Row(events)) => events.iter().map(|event| OBJECT_BYTES + text_of(event)).sum(),
            Err(rejection) => self.line.len() + rejection.detail.len() + OBJECT_BYTES,
        }
    }
}

/// The bytes of what may be long in an event of a CSV file.
fn text_of(event: &Event) -> usize {
    match &event.fact {
        Fact::CustomerUpdated { attributes, .. } => {
            attributes.iter().map(|(name, value)| name.len() + value.as_str().map_or(0, str::len)).sum()
        }
        Fact::Rated { comment, emotions, .. } => comment.iter().chain(emotions).map(String::len).sum(),
        _ => 0,
    }
}

/// How much of a refused line is kept, of why, and of its id.
const SHOWN_CHARS: usize = 500;

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
}

/// What an item tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// An event, with the text that the ledger keeps of it.
    Event(Box<event_json::Entry>),
    /// A row of a CSV file: its facts, which count only where they change what is known.
    Row(Vec<Event>),
}

/// A file that cannot be read as what it should be, as a whole: a header that lacks a column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FileError(pub String);

/// Takes bytes, gives items.
#[derive(Debug)]
pub struct Intake {
    source: Source,
    told_at: Moment,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Events(Splitter),
    Table(Box<Table>),
}

impl Intake {
    /// For a body of this kind. `source` is that of events that name none; `told_at`, the time of import,
    /// dates what a CSV row leaves undated and lets a later file correct an earlier one.
    pub fn new(kind: Kind, source: Source, told_at: Moment) -> Self {
        let shape = match kind {
            Kind::Events => Shape::Events(Splitter::default()),
            kind => Shape::Table(Box::new(Table::new(kind))),
        };
        Self { source, told_at, shape }
    }

    /// Takes the next bytes, wherever they were cut, and adds the items that are now complete.
    ///
    /// # Errors
    /// The file as a whole cannot be read; nothing of it became an item.
    pub fn push(&mut self, bytes: &[u8], items: &mut Vec<Item>) -> Result<(), FileError> {
        match &mut self.shape {
            Shape::Events(splitter) => {
                splitter.push(bytes, &mut |index, text| items.push(event(index, text, &self.source)));
                Ok(())
            }
            Shape::Table(table) => table.push(bytes, &self.source, self.told_at, items),
        }
    }

    /// There are no more bytes: adds what the last line held, or why it is not whole.
    ///
    /// # Errors
    /// As [`Intake::push`]; also where a CSV file has no header at all.
    pub fn finish(mut self, items: &mut Vec<Item>) -> Result<(), FileError> {
        match &mut self.shape {
            Shape::Events(splitter) => {
                splitter.finish(&mut |index, text| items.push(event(index, text, &self.source)));
                Ok(())
            }
            Shape::Table(table) => table.finish(&self.source, self.told_at, items),
        }
    }
}

fn event(index: u64, text: Result<&[u8], &'static str>, source: &Source) -> Item {
    let told = match text {
        Ok(text) => serde_json::from_slice(text)
            .map_err(|error| Rejection::unreadable(format!("is not JSON: {error}")))
            .and_then(|value| event_json::Entry::from_json(value, source.as_str()))
            .map(|entry| Told::Event(Box::new(entry)))
            .map_err(|Rejection { feed, id, customer, detail }| {
                // Both may quote what was sent.
                Rejection { feed, id: id.as_deref().map(shown), customer, detail: shown(&detail) }
            }),
        Err(detail) => Err(Rejection::unreadable(detail)),
    };
    let line = match (&told, text) {
        (Err(_), Ok(text)) => shown(&String::from_utf8_lossy(&text[..text.len().min(4 * SHOWN_CHARS)])),
        _ => String::new(),
    };
    Item { index, told, line }
}
