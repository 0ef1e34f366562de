//! What an analysis says. Stored whole and numbered; pages, files and the API show a stored one and
//! add no figure and no word of judgement of their own.

mod health;
mod metrics;
mod money;
mod said;
mod segments;
mod verdict;
mod waiting;

use serde::{Deserialize, Serialize};

use crate::domain::{
    experiment::{LooksKind, Spending, Status},
    ids::{CohortKey, ExperimentKey},
    time::Moment,
};

pub use crate::metrics::Measure;
pub use health::{Check, CheckState, Delivery, DeliveryGap, Health, SampleRatio, SegmentSplit};
pub use metrics::{
    Bin, CohortValue, Conclusion, MetricComparison, MetricResult, NonResponse, Series, SeriesPoint, TestKind,
};
pub use money::{CostParameter, EconomicsResult, PerUnitMonth, Sensitivity, SensitivityPoint, YearlySums};
pub use said::{CheckSaid, Said};
pub use segments::{SegmentHeterogeneity, SegmentResult};
pub use verdict::{Decision, Outcome, Verdict};
pub use waiting::{BeforeAfter, Percentile, WaitClock, WaitingCurve, WaitingDifference};

/// One analysis of one experiment; the results document of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The experiment.
    pub experiment: ExperimentKey,
    /// Its number, from 1; given when it is stored.
    pub analysis: u64,
    /// The experiment's status when it was made.
    pub status: Status,
    /// Facts after this moment are left out.
    pub as_of: Moment,
    /// When it was made.
    pub made_at: Moment,
    /// The last ledger entry that it saw.
    pub ledger_position: i64,
    /// The version of the definition that it was made by.
    pub definition_version: u32,
    /// Two-sided confidence of every interval.
    pub confidence: f64,
    /// The looks that its intervals are made for.
    pub looks: LooksKind,
    /// The units of all cohorts that always-valid and group-sequential looks are made for, fixed at the start.
    #[serde(default)]
    pub planned_units: u64,
    /// Group-sequential: the looks that the ranges pay for, by treatment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks_counted: Vec<LooksCounted>,
    /// True where these are other looks than the experiment's own.
    #[serde(default)]
    pub looks_overridden: bool,
    /// The key of the control.
    pub control: CohortKey,
    /// When the first unit joined.
    pub first_assignment: Option<Moment>,
    /// When the experiment is planned to end.
    pub planned_end: Moment,
    /// The last whole UTC month before `as_of`, as `2026-03`: what retention is measured at.
    pub last_complete_month: String,
    /// The cohorts in the order of the definition.
    pub cohorts: Vec<CohortSummary>,
    /// Can the figures be trusted?
    pub health: Health,
    /// The metrics in the order of the definition, then those that are reported anyway.
    pub metrics: Vec<MetricResult>,
    /// Cumulative differences by day, of the metrics that the definition names.
    pub series: Vec<Series>,
    /// How long customers waited, by cohort and clock.
    pub waiting: Vec<WaitingCurve>,
    /// Treatments against the control.
    #[serde(default)]
    pub waiting_differences: Vec<WaitingDifference>,
    /// Each cohort against its own pre-period: does the capacity that is freed speed up the control?
    #[serde(default)]
    pub before_after: Vec<BeforeAfter>,
    /// Differences within segments: those declared in advance, then leads.
    pub segments: Vec<SegmentResult>,
    /// Whether the differences differ between the values of a segment.
    #[serde(default)]
    pub heterogeneity: Vec<SegmentHeterogeneity>,
    /// What it is worth; of the treatment that the verdict speaks of.
    pub economics: Option<EconomicsResult>,
    /// What to do.
    pub verdict: Verdict,
    /// The verdict for each treatment, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Verdict>,
}

impl Analysis {
    /// The same as it is when it was stored and read back: durations to the minute.
    ///
    /// # Errors
    /// A mistake of ours: it cannot be written as JSON, or not read back.
    pub fn as_stored(&self) -> serde_json::Result<Self> {
        serde_json::from_str(&serde_json::to_string(self)?)
    }
}

/// The looks of a group-sequential experiment, as far as they are in the bounds of one treatment. The request
/// `{"method": "boundaries", "spending", "information", "alpha", "sides": 2}` gives the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LooksCounted {
    /// The treatment.
    pub treatment: CohortKey,
    /// How alpha is spent.
    pub spending: Spending,
    /// Units of both cohorts over `planned_units`, at each look until now: those taken, those that were planned and
    /// missed, and this one.
    pub information: Vec<f64>,
    /// Which look this is, from 1.
    pub look: usize,
    /// 1 − `confidence`. Where there are several treatments each comparison is held against a smaller one, Dunnett's.
    pub alpha: f64,
    /// The bound on |Z| at this look and that alpha; null where this look spends nothing.
    pub critical_value: Option<f64>,
}

/// A cohort's size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohortSummary {
    /// Its key.
    pub cohort: CohortKey,
    /// All units assigned until `as_of`.
    pub units: u64,
    /// Conversations in their windows.
    pub conversations: u64,
    /// Of these, closed.
    pub closed: u64,
    /// Of these, rated.
    pub rated: u64,
    /// Without a human reply as of `as_of` (censored).
    pub unanswered: u64,
    /// Closed without a human reply: still at risk in every waiting curve.
    pub closed_unanswered: u64,
}

/// An estimate with its ends; an end that is null is unbounded, an estimate that is null does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Range {
    pub estimate: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}
