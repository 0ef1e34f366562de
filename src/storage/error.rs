//! What can go wrong on this floor.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why storage did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The address of the database is not one.
    #[error("{0}")]
    Url(String),
    /// There is nothing at the address.
    #[error("no database at {0}")]
    NoDatabase(String),
    /// It cannot be written.
    #[error("the database {0} is read-only: make the file and its folder writable for this user")]
    ReadOnly(String),
    /// It was migrated by a later version of Patience.
    #[error(
        "the database's schema ({found}) is newer than this binary ({known}): use a newer version of Patience"
    )]
    NewerSchema {
        /// Its latest migration.
        found: String,
        /// Our latest migration.
        known: String,
    },
    /// The database does not keep what it acknowledges, or cannot be trusted to.
    #[error("the database cannot be used: {0}")]
    Unfit(String),
    /// The database's server does not answer, or went away in the middle of it.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// Too many wait already, to be written or to read: come again in a moment.
    #[error("too many requests are waiting: try again in a moment")]
    Busy,
    /// No space is left for the database. Nothing of this write was kept; reads still work.
    #[error("the disk is full: make space, then try again")]
    Full,
    /// There is no such thing.
    #[error("there is no {what} {key}")]
    Unknown {
        /// The kind of thing.
        what: &'static str,
        /// What was asked for.
        key: String,
    },
    /// What is stored does not allow it; the text says what to do instead.
    #[error("{0}")]
    Refused(String),
    /// What is stored cannot be read: somebody else wrote it.
    #[error("the database holds something that Patience did not write: {0}")]
    Corrupt(String),
    /// The database refused a statement.
    #[error("the database failed: {0}")]
    Database(String),
    /// PostgreSQL wants the transaction to be tried again.
    #[error("the transaction met another one: try again")]
    Conflict,
}

impl StorageError {
    /// Names a thing that is not there.
    #[allow(clippy::needless_pass_by_value, reason = "ids and references to them alike")]
    pub fn unknown(what: &'static str, key: impl ToString) -> Self {
        Self::Unknown { what, key: key.to_string() }
    }

    /// Derived state cannot be made anew.
    pub(super) fn damaged_ledger() -> Self {
        Self::Refused(
            "the ledger itself is damaged, and everything else is made from it: restore a backup; nothing was changed"
                .to_owned(),
        )
    }

    pub(super) fn corrupt(what: &str, error: impl std::fmt::Display) -> Self {
        Self::Corrupt(format!("{what}: {error}"))
    }
}

/// After an I/O error nobody knows what is on the disk: what the kernel could not write it may have dropped
/// (fsync does not fail twice). So the process ends at once; the next start recovers from the log, which
/// holds all that was acknowledged.
pub(super) fn end_of_io(message: &str) -> ! {
    tracing::error!(error = message, "the disk failed: ending the process so that the next start recovers");
    eprintln!("the disk failed ({message}): Patience ends here, and recovers at its next start");
    std::process::abort()
}

/// PostgreSQL's words, and its client's, for a connection that has ended or cannot be had now.
fn is_lost(message: &str) -> bool {
    [
        "terminating connection",
        "server closed the connection",
        "the database system is",
        "no connection to the server",
        "connection to server",
        "could not receive data from server",
        "could not send data to server",
    ]
    .iter()
    .any(|words| message.contains(words))
}

impl From<DieselError> for StorageError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Conflict,
            // Once another server has taken over, the one that was written to answers reads alone.
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::ReadOnlyTransaction,
                information,
            ) => Self::Unreachable(information.message().trim().to_owned()),
            DieselError::DatabaseError(_, information) => match information.message() {
                message if message.contains("disk I/O error") => end_of_io(message),
                // SQLite's words, and PostgreSQL's for ENOSPC.
                message
                    if message.contains("database or disk is full")
                        || message.contains("No space left on device") =>
                {
                    Self::Full
                }
                message if is_lost(message) => Self::Unreachable(message.trim().to_owned()),
                message if message.contains("readonly database") => Self::ReadOnly(String::new()),
                message if message.contains("deadlock detected") => Self::Conflict,
                // Another server's write took too long; there is no memory at the moment.
                message
                    if message.contains("due to statement timeout")
                        || message.contains("due to lock timeout")
                        || message == "out of memory" =>
                {
                    Self::Busy
                }
                message if message.contains("unable to open database file") => {
                    Self::Unfit(message.to_owned())
                }
                message => Self::Database(message.to_owned()),
            },
            _ => Self::Database(error.to_string()),
        }
    }
}

/// What this floor answers.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;
