//! The same within groups.

use serde::{Deserialize, Serialize};

use super::Range;
use crate::domain::{experiment::MarginScale, ids::CohortKey};

/// A metric within a segment; a lead, never a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentResult {
    /// The attribute, `channel` or `topic`.
    pub segment: String,
    /// Its value.
    pub value: String,
    /// Whether the experiment's file names the segment; else it is a lead.
    #[serde(default = "yes")]
    pub declared: bool,
    /// The metric.
    pub metric: String,
    /// The treatment.
    pub treatment: CohortKey,
    /// Units of both cohorts.
    pub units: u64,
    /// The control's value here.
    #[serde(default)]
    pub control_value: Option<f64>,
    /// The treatment's value here.
    #[serde(default)]
    pub treatment_value: Option<f64>,
    /// Treatment minus control.
    pub absolute: Range,
    /// The same over the control's value.
    pub relative: Range,
    /// Of no difference, corrected (Benjamini–Hochberg) over all segments of the metric: those declared and
    /// the leads each among themselves.
    pub p_value_adjusted: Option<f64>,
    /// The difference drawn towards that of all values, on [`SegmentHeterogeneity::scale`]: for display.
    #[serde(default)]
    pub shrunk: Option<f64>,
}

fn yes() -> bool {
    true
}

/// Whether a metric's difference is another in some value of a segment; a lead, never a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentHeterogeneity {
    /// The attribute, `channel` or `topic`.
    pub segment: String,
    /// Whether the experiment's file names it.
    pub declared: bool,
    /// The metric.
    pub metric: String,
    /// The treatment.
    pub treatment: CohortKey,
    /// The scale of the differences compared.
    pub scale: MarginScale,
    /// Values compared.
    pub values: u64,
    /// True where a unit may be in several values: the test is then a Wald test with the covariance between
    /// them, else it is Cochran's.
    pub shares_units: bool,
    /// Cochran's Q, or the Wald statistic.
    pub q: f64,
    /// Values less one.
    pub degrees_of_freedom: f64,
    /// Of equal differences.
    pub p_value: f64,
    /// The same corrected (Benjamini–Hochberg) over all segments of the metric.
    pub p_value_adjusted: Option<f64>,
    /// The share of the variation that is not noise.
    pub i_squared: f64,
    /// Variance between the values (by `DerSimonian` and Laird).
    pub tau_squared: f64,
    /// The common difference.
    pub pooled: f64,
}
