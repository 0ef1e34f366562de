//! The words of the trade: who waits, for what, how long, and under which promise.
//!
//! Everything here is pure and valid by construction: a value that exists is right.

pub mod assignment;
pub mod calendar;
pub mod conversation;
pub mod currency;
pub mod customer;
pub mod decision;
pub mod eligibility;
pub mod event;
pub mod event_json;
pub mod experiment;
pub mod feed;
pub mod fold;
pub mod ids;
pub mod log;
pub mod mistake;
pub mod promise;
pub mod role;
pub mod ship_when;
pub mod time;
pub mod unit;
