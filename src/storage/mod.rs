//! The first floor: what is kept, and the only place that says diesel. Functions take and give domain types.
//!
//! The truth is the [`ledger`], an append-only list of events. Customers, conversations and assignments are
//! its fold, written in the same transaction; [`verify`] makes them anew and compares. Definitions, people
//! and stored analyses stand beside it.
//!
//! Everything happens inside [`Store::read`] or [`Store::write`]:
//! ```
//! use patience::storage::{Store, StorageError, calendars};
//!
//! let folder = std::env::temp_dir().join(format!("patience-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let store = Store::open(&format!("sqlite://{}/p.db", folder.display()).parse()?)?;
//! let calendars = store.read(|db| calendars::list(db))?;
//! assert!(calendars.is_empty());
//! # drop(store);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod connection;
mod error;
mod fold;
mod key_index;
mod locks;
mod wal;
mod memory;
mod migrations;
mod own_ids;
mod queue;
mod random;
mod readers;
mod schema;
mod store;
mod sync;
mod turns;
mod versions;
mod writer;

pub mod analyses;
pub mod approval;
pub mod assignments;
pub mod audit;
pub mod backup;
pub mod calendars;
pub mod copy;
pub mod decisions;
pub mod drafts;
pub mod experiments;
pub mod feeds;
pub mod keys;
pub mod ledger;
pub mod letters;
pub mod passkeys;
pub mod people;
pub mod preview;
pub mod revision;
pub mod settings;
pub mod shares;
pub mod surveys;
pub mod units;
pub mod uploads;
pub mod verify;

pub use connection::{DatabaseUrl, Db};
pub use error::{Result, StorageError};
pub use locks::ServerLock;
pub use store::Store;
