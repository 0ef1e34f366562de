//! Whether the figures may be trusted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CheckSaid, Range};
use crate::domain::{ids::CohortKey, time::Wait};

/// Checks that decide whether figures may be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Is the split as agreed?
    pub sample_ratio: SampleRatio,
    /// Was the slower level really given?
    pub delivery: Delivery,
    /// Every check in words, in the order to show them: passes too.
    pub checks: Vec<Check>,
}

/// Pearson's chi-square of the units against the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleRatio {
    /// Probability of a split at least this uneven, if it is as agreed; null before two units.
    pub p_value: Option<f64>,
    /// p ≥ 0.001, and no cohort empty whose expected count is 5 or more.
    pub ok: bool,
    /// The same within each value of the segments that are attributes. They spoil nothing by themselves: where
    /// attributes were not told with the assignment they are those of today.
    #[serde(default)]
    pub segments: Vec<SegmentSplit>,
}

/// The split within a value of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentSplit {
    /// The attribute.
    pub segment: String,
    /// Its value.
    pub value: String,
    /// Units by cohort, in the order of the definition.
    pub units: Vec<u64>,
    /// Probability of a split at least this uneven.
    pub p_value: f64,
    /// The same, corrected (Holm) over all these splits.
    pub p_value_adjusted: f64,
    /// The corrected p is 0.001 or more, and no cohort empty whose expected count is 5 or more.
    pub ok: bool,
}

/// Whether the treatment was delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// False only where it was checked and failed, for any treatment.
    pub ok: bool,
    /// Whether there was enough to check.
    pub checked: bool,
    /// Kaplan–Meier median, open time of the cohort's calendar; null where fewer than half were answered.
    pub median_first_response: BTreeMap<CohortKey, Option<Wait>>,
    /// The same on the wall clock.
    pub median_first_response_wall: BTreeMap<CohortKey, Option<Wait>>,
    /// Share answered by the due time told; null before any is due.
    pub promise_kept: BTreeMap<CohortKey, Option<f64>>,
    /// For each treatment: how much longer it waited than the control, and how much longer was promised.
    pub gaps: Vec<DeliveryGap>,
    /// The control's median wall wait in its own pre-period and in the window: capacity freed by the slow cohort
    /// shows here.
    #[serde(default)]
    pub control_before_after: Option<(Option<Wait>, Option<Wait>)>,
}

/// Wall-clock hours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryGap {
    /// The treatment.
    pub treatment: CohortKey,
    /// Difference of the restricted mean waits in hours, with its range.
    pub waited_longer_hours: Range,
    /// Mean difference of the promised wall waits in hours.
    pub promised_longer_hours: f64,
    /// False where the waits do not differ as promised.
    pub ok: bool,
    /// Whether there was enough to check.
    pub checked: bool,
}

/// One check in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What is checked, for programs: `sample_ratio`, `delivery`, `data_complete`, `response_rate`, `currencies`, …
    pub key: String,
    /// How it went.
    pub state: CheckState,
    /// The finding in a few words.
    pub title: String,
    /// The figures behind it in a sentence.
    pub detail: String,
    /// The same as messages; absent in analyses of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<CheckSaid>,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum CheckState {
    Passed,
    Note,
    Failed,
}
