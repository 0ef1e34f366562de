//! Before the experiment: how many weeks, how many agents, what may be lost.
//!
//! [`history`] says what the last weeks were like, [`weeks`] plans the experiment, [`staffing`] prices
//! the longer promise by way of [`deferred_work`], [`economics`] holds the saving against the revenue
//! that it may cost; [`erlang`] is for live channels.
#![allow(clippy::doc_markdown, reason = "W_j and t_i in a formula are mathematics, not code")]

pub mod deferred_work;
pub mod economics;
pub mod erlang;
pub mod history;
pub mod staffing;
pub mod weeks;

#[cfg(test)]
mod tests;

use crate::stats::StatsError;

/// Refuses what is not a finite number above zero.
pub(crate) fn above_zero(what: &'static str, value: f64) -> Result<f64, StatsError> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(StatsError::OutOfRange { what, range: "above zero", value })
    }
}
