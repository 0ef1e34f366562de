//! Before the experiment: how many weeks, how many agents, what may be lost.
//!
//! [`plan`](plan()) puts the parts together in the form of `patience plan`.

pub mod deferred_work;
pub mod erlang;

use crate::stats::StatsError;

/// Refuses what is not a finite number above zero.
pub(crate) fn above_zero(what: &'static str, value: f64) -> Result<f64, StatsError> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(StatsError::OutOfRange { what, range: "above zero", value })
    }
}
