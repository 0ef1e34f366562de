//! What threads meet by: std's. Where the tests try every order of events they put others of the same names in their
//! place (`tests/it/storage/interleavings.rs`).

pub(super) use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, Ordering},
    mpsc::{Receiver, SyncSender, sync_channel},
};
