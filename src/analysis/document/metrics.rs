//! What came of each metric, and how it settled over time.

use serde::{Deserialize, Serialize};

use super::{Measure, Range};
use crate::domain::{
    experiment::{Direction, MarginScale, Role},
    ids::CohortKey,
    time::Moment,
};
use crate::language::Message;

/// One metric over all cohorts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricResult {
    /// Its name.
    pub metric: String,
    /// How it counts; absent for metrics that are reported beside those agreed.
    pub role: Option<Role>,
    /// What it is measured in.
    pub unit_of_measure: Measure,
    /// Which way is good.
    pub direction: Direction,
    /// The scale that everything speaks on that is said of its differences; absent in analyses of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_on: Option<MarginScale>,
    /// By cohort, unadjusted.
    pub cohorts: Vec<CohortValue>,
    /// Treatments against the control.
    pub comparisons: Vec<MetricComparison>,
    /// Why there is no figure, or what limits it, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The same as messages; absent in analyses of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes_said: Vec<Message>,
}

impl MetricResult {
    /// The scale that everything speaks on that is said of its differences.
    pub fn scale(&self) -> MarginScale {
        let of_limit = || self.comparisons.iter().find_map(|comparison| comparison.margin_scale);
        self.told_on.or_else(of_limit).unwrap_or(self.unit_of_measure.scale())
    }
}

/// A metric's value in a cohort.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohortValue {
    /// The cohort.
    pub cohort: CohortKey,
    /// Units whose denominator is above zero.
    pub n: u64,
    /// Unadjusted; null without data.
    pub value: Option<f64>,
    /// Of the value; null where it cannot be known.
    pub std_error: Option<f64>,
    /// The sum above the line (events, money, hours …), where the metric is a ratio of sums.
    #[serde(default)]
    pub numerator: Option<f64>,
    /// The sum below the line.
    #[serde(default)]
    pub denominator: Option<f64>,
    /// How the units' own values (numerator over denominator of one unit) are spread, rising; ranges without units are
    /// left out. Empty for waiting metrics, of which the curves tell it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<Bin>,
}

/// A range of values: from the one, which belongs to it, to below the other. Where both are the same it is that value
/// alone, and the range above begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Null where it has no lower end.
    pub from: Option<f64>,
    /// Null where it has no upper end.
    pub to: Option<f64>,
    /// How many units have a value of their own in it.
    pub units: u64,
}

/// One treatment against the control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricComparison {
    /// The treatment.
    pub treatment: CohortKey,
    /// What is tested: `non_inferiority` with a margin, else `difference`.
    pub test: TestKind,
    /// The largest acceptable loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Its scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_scale: Option<MarginScale>,
    /// Treatment minus control.
    pub absolute: Range,
    /// The same over the control's value.
    pub relative: Range,
    /// One-sided with a margin, else two-sided; null where there is no test.
    pub p_value: Option<f64>,
    /// After correction over the secondary metrics.
    pub p_value_adjusted: Option<f64>,
    /// What follows.
    pub conclusion: Conclusion,
    /// Whether the estimate was adjusted by the pre-period.
    #[serde(default)]
    pub adjusted: bool,
    /// Group-sequential, when it has stopped or a bound is crossed: the p-value by stagewise ordering, one-sided with a
    /// margin, else two-sided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stagewise_p_value: Option<f64>,
    /// Then also the median-unbiased change, on the margin's scale (absolute without a margin).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_unbiased: Option<f64>,
    /// Lee bounds of the absolute difference, where response rates differ (CSAT).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_response_bounds: Option<Range>,
    /// How alike the groups answered, and what follows for the difference (CSAT).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_response: Option<NonResponse>,
}

/// Ratings come from those who answer: how alike the groups did, and how far the difference could go.
///
/// Counted over conversations that were closed or rated, all standard errors between units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NonResponse {
    /// Treatment's response rate less the control's.
    pub response_rate: Range,
    /// Whether that is a difference: its range excludes zero.
    pub differs: bool,
    /// The group that answers more often: its answers are trimmed.
    pub trimmed: Option<CohortKey>,
    /// The share of its answers that is trimmed.
    pub trimmed_share: f64,
    /// Lee's bounds of the absolute difference among those who would answer in either group; the estimate is
    /// the difference without trimming.
    pub bounds: Range,
    /// Standard error of the lower bound.
    pub std_error_lower: f64,
    /// Standard error of the upper bound.
    pub std_error_upper: f64,
    /// Imbens and Manski's interval for that difference itself.
    pub interval: Range,
}

/// What is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum TestKind {
    NonInferiority,
    Difference,
}

/// What follows from a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the conclusions of the contract")]
pub enum Conclusion {
    NonInferior,
    Inferior,
    NotYetShown,
    Better,
    Worse,
    NoDifferenceShown,
}

/// The cumulative difference of a metric, day by day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The metric.
    pub metric: String,
    /// The treatment.
    pub treatment: CohortKey,
    /// On the scale of the metric's margin (absolute where it has none and is a share, else relative).
    pub scale: MarginScale,
    /// In order of the days.
    pub points: Vec<SeriesPoint>,
}

/// The difference with all facts up to the end of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// The end of the day, UTC.
    pub at: Moment,
    /// Units of both cohorts so far.
    pub units: u64,
    /// The difference on the series' scale.
    #[serde(flatten)]
    pub range: Range,
}
