//! Who is at a SQLite database, by locks on files beside it, which the system takes back from whoever dies.
//!
//! Everybody who has it open holds a share of `-use`, and a restore all of it: so nobody meets files that are being
//! exchanged. A server holds `-lock` besides, so that there is only one, and who makes a backup `-backup`. PostgreSQL
//! needs none of them: it serves many, and is backed up and restored by tools of its own.

use std::{
    fs::{File, TryLockError},
    io,
    time::{Duration, Instant},
};

use super::{
    backup,
    connection::{BUSY_TIMEOUT, DatabaseUrl},
    error::{Result, StorageError},
};

/// How long is waited for one who is just leaving.
const MOMENT: Duration = Duration::from_secs(1);

/// Held by the one process that serves a database, for as long as it does.
#[derive(Debug)]
pub struct ServerLock {
    _file: Option<File>,
}

/// Held by whoever has the database open, or makes a backup of it.
#[derive(Debug)]
pub(super) struct Presence {
    _file: Option<File>,
}

impl DatabaseUrl {
    /// Says that this process serves the database, before it is opened. Commands may still work on it; a second
    /// server and a restore may not.
    ///
    /// # Errors
    /// Another process serves it.
    pub fn lock_for_server(&self) -> Result<ServerLock> {
        let Some(file) = self.lock_file("-lock")? else { return Ok(ServerLock { _file: None }) };
        self.patiently(MOMENT, || file.try_lock(), "another server is serving it: stop it first")?;
        Ok(ServerLock { _file: Some(file) })
    }

    /// Comes in, beside others. A restore that was cut off past its point of no return is finished first.
    pub(super) fn enter(&self) -> Result<Presence> {
        let Some(file) = self.lock_file("-use")? else { return Ok(Presence { _file: None }) };
        let restored = "it is being restored: try again when that is done";
        loop {
            self.patiently(BUSY_TIMEOUT, || file.try_lock_shared(), restored)?;
            if !backup::is_cut_off(self) {
                return Ok(Presence { _file: Some(file) });
            }
            file.unlock().map_err(|error| self.cannot_lock(&error))?;
            self.patiently(BUSY_TIMEOUT, || file.try_lock(), restored)?;
            // Another process may have been faster.
            if backup::is_cut_off(self) {
                backup::finish(self)?;
                tracing::warn!(database = %self, "a restore had been cut off: it is finished now");
            }
            file.unlock().map_err(|error| self.cannot_lock(&error))?;
        }
    }

    /// Comes in alone, to restore.
    ///
    /// # Errors
    /// Somebody has it open.
    pub(super) fn enter_to_restore(&self) -> Result<Presence> {
        self.enter_alone(MOMENT, "another command is at work on it: try again when it is done")
    }

    /// Comes in alone, to migrate, as soon as all others have left.
    ///
    /// # Errors
    /// Somebody stays, such as a server of an earlier version.
    pub(super) fn enter_to_migrate(&self) -> Result<Presence> {
        let occupied = "it is of an earlier version, and is served or worked on by one: stop that first, so that it can be \
                        brought up to this one";
        self.enter_alone(BUSY_TIMEOUT, occupied)
    }

    fn enter_alone(&self, most: Duration, occupied: &str) -> Result<Presence> {
        let file = self.lock_file("-use")?;
        file.iter().try_for_each(|file| self.patiently(most, || file.try_lock(), occupied))?;
        Ok(Presence { _file: file })
    }

    /// Waits until no other backup of it is being made: two that write to one file would spoil each other's.
    pub(super) fn take_turn_for_backup(&self) -> Result<Presence> {
        let file = self.lock_file("-backup")?;
        file.iter().try_for_each(File::lock).map_err(|error| self.cannot_lock(&error))?;
        Ok(Presence { _file: file })
    }

    /// Waits for a lock a while, and says why it is not to be had.
    fn patiently(
        &self,
        most: Duration,
        lock: impl Fn() -> Result<(), TryLockError>,
        occupied: &str,
    ) -> Result<()> {
        let began = Instant::now();
        loop {
            match lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) if began.elapsed() < most => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StorageError::Refused(format!("{self}: {occupied}")));
                }
                Err(TryLockError::Error(error)) => return Err(self.cannot_lock(&error)),
            }
        }
    }

    fn lock_file(&self, suffix: &str) -> Result<Option<File>> {
        let Some(path) = self.beside(suffix) else { return Ok(None) };
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map(Some).map_err(|error| self.cannot_lock(&error))
    }

    fn cannot_lock(&self, error: &io::Error) -> StorageError {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StorageError::ReadOnly(self.to_string())
            }
            io::ErrorKind::StorageFull => StorageError::Full,
            _ => StorageError::Unfit(format!("cannot create a lock file beside {self}: {error}")),
        }
    }
}
