//! How often each id has changed: by that, what is remembered of it is seen to be of now or of before.
//!
//! Whoever remembers takes the count before the read begins, and keeps it with what was read. A change is counted after
//! it is committed and before anybody is told of it, so that what is remembered with the count of now is no older than
//! anything that anybody was told.

use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher, Hash},
};

use super::sync::{AtomicU32, Mutex, Ordering, PoisonError};

/// See the module.
pub(super) struct Versions {
    changes: Box<[AtomicU32]>,
    hasher: RandomState,
    /// The ledger's position up to which changes were counted.
    followed: Mutex<i64>,
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Versions")
    }
}

impl Versions {
    /// Nothing has changed since a position. Ids share so many counts.
    pub(super) fn new(counts: usize, followed: i64) -> Self {
        Self {
            changes: std::iter::repeat_with(|| AtomicU32::new(0)).take(counts).collect(),
            hasher: RandomState::new(),
            followed: Mutex::new(followed),
        }
    }

    /// How often an id has changed, or one that shares its count.
    pub(super) fn of(&self, id: &(impl Hash + ?Sized)) -> u32 {
        self.count(id).load(Ordering::SeqCst)
    }

    /// Counts a change of an id.
    pub(super) fn changed(&self, id: &(impl Hash + ?Sized)) {
        self.count(id).fetch_add(1, Ordering::SeqCst);
    }

    /// Counts everything as changed.
    pub(super) fn forget(&self) {
        for count in &self.changes {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Counts what was told after the position up to which it was counted, by `count`, which gives the new position. An
    /// error counts everything as changed.
    pub(super) fn follow<E>(&self, count: impl FnOnce(i64) -> Result<i64, E>) -> Result<(), E> {
        // Several may follow at once and count the same changes, which does no harm. None waits for another, whose
        // database may not answer.
        let followed = *self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        match count(followed) {
            Ok(position) => {
                let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
                *followed = position.max(*followed);
                Ok(())
            }
            Err(error) => {
                self.forget();
                Err(error)
            }
        }
    }

    fn count(&self, id: &(impl Hash + ?Sized)) -> &AtomicU32 {
        let hash = usize::try_from(self.hasher.hash_one(id) % self.changes.len() as u64).unwrap_or(0);
        &self.changes[hash]
    }
}
