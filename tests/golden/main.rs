//! Reference values made with other software.
//!
//! The files stand in `PATIENCE_SHARED`/golden (default `../shared`); without them the tests are
//! skipped, loudly. They print the largest relative deviation by method, and each case that is left
//! out with the reason.
#![allow(clippy::float_cmp, reason = "indicators of 0 and 1 are compared exactly")]

mod analyze;
mod hostile;
mod library;
mod queues;
mod support;
