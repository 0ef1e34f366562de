//! The words of the trade: who waits, for what, how long, and under which promise.
//!
//! Everything here is pure and valid by construction: a value that exists is right.

pub mod conversation;
pub mod customer;
pub mod event;
pub mod event_json;
pub mod experiment;
pub mod fold;
pub mod ids;
pub mod role;
pub mod ship_when;
pub mod time;
pub mod unit;
