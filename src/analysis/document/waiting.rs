//! How long customers waited.

use serde::{Deserialize, Serialize};

use super::Range;
use crate::domain::{ids::CohortKey, time::Wait};

/// Share of conversations answered within a time (one minus Kaplan–Meier).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingCurve {
    /// The cohort.
    pub cohort: CohortKey,
    /// `open`: the open time of the cohort's calendar; `wall`: the clock on the wall.
    pub clock: WaitClock,
    /// Conversations at risk at zero.
    pub conversations: u64,
    /// Of these, answered.
    pub answered: u64,
    /// Half were answered within.
    pub median: Option<Wait>,
    /// Nine in ten were answered within.
    pub p90: Option<Wait>,
    /// What the cohort's service level promises.
    pub promised: Wait,
    /// Share answered within the promise.
    pub within_promise: Option<f64>,
    /// The same with its range, clustered by unit.
    #[serde(default)]
    pub within_promise_range: Range,
    /// By when half, three quarters, nine in ten and nineteen in twenty were answered.
    #[serde(default)]
    pub percentiles: Vec<Percentile>,
    /// Until when waits are counted in the restricted mean.
    #[serde(default)]
    pub horizon_hours: f64,
    /// Mean wait in hours, none counted beyond the horizon; its range clustered by unit.
    #[serde(default)]
    pub restricted_mean: Range,
    /// `[hours, share answered]`, non-decreasing, at most some hundreds.
    pub points: Vec<(f64, f64)>,
}

/// By when so large a share was answered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Percentile {
    /// 0 to 1.
    pub share: f64,
    /// Hours, with their range clustered by unit; null where fewer were answered.
    pub hours: Range,
}

/// How much longer a treatment waited for its first response than the control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingDifference {
    /// The treatment.
    pub treatment: CohortKey,
    /// The clock; open time is compared where both have one calendar.
    pub clock: WaitClock,
    /// Until when waits are counted.
    pub horizon_hours: f64,
    /// Difference of the restricted means in hours, clustered by unit.
    pub restricted_mean: Range,
    /// Its standard error.
    pub std_error: f64,
    /// Of equal means, two-sided.
    pub p_value: f64,
    /// Of equal curves: log-rank with its variance clustered by unit.
    pub log_rank_p_value: Option<f64>,
}

/// A cohort's first responses on the wall clock in the 90 days before assignment and since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BeforeAfter {
    /// The cohort.
    pub cohort: CohortKey,
    /// Until when waits are counted in the means.
    pub horizon_hours: f64,
    /// Restricted mean in hours before.
    pub before: Range,
    /// The same since assignment.
    pub since: Range,
    /// Since less before, clustered by unit over both periods.
    pub difference: Range,
    /// Its standard error.
    pub std_error: f64,
    /// Half were answered within, before.
    pub median_before: Option<Wait>,
    /// Half were answered within, since.
    pub median_since: Option<Wait>,
}

/// Which clock waits are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum WaitClock {
    Open,
    Wall,
}
