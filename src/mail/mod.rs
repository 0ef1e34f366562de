//! Letters by email: to sign in by, and how the running experiments stand.
//!
//! Who wants a letter asks for it in a transaction ([`storage::letters`](crate::storage::letters)); [`deliver`] writes
//! those that are due and hands them to the mail server. Nothing that a letter says is in a log, and no link in one is
//! made from what a request said of our address.

mod deliver;
mod smtp;
mod weekly;

pub use deliver::{LINK_VALID, Outcome, deliver};
pub use smtp::{Mailer, Sender, SmtpUrl};
pub use weekly::begin_week;

use crate::storage::StorageError;

/// Why letters wait.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A mistake of ours.
    #[error("a letter cannot be written: {0}")]
    Template(#[from] askama::Error),
}

/// A letter that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its subject.
    pub subject: String,
    /// Its body: plain text, its lines as long as their sentences.
    pub body: String,
}
