//! What an analysis says. Stored whole and numbered; pages, files and the API show a stored one and
//! add no figure and no word of judgement of their own.

mod said;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::metrics::Measure;
pub use said::{CheckSaid, Said};

use crate::language::Message;

use crate::domain::{
    experiment::{Currency, Direction, LooksKind, MarginScale, Role, Spending, Status},
    ids::{CohortKey, ExperimentKey},
    time::{Moment, Wait},
};

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
    /// The control's median wall wait in its own pre-period and in the window: capacity freed by the slow cohort shows here.
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

/// An estimate with its ends; an end that is null is unbounded, an estimate that is null does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Range {
    pub estimate: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

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

/// What the slower level is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EconomicsResult {
    /// In which currency.
    pub currency: Currency,
    /// The treatment.
    pub treatment: CohortKey,
    /// Per unit and 30 days; null before one whole month has passed.
    pub per_customer_month: Option<PerUnitMonth>,
    /// The same for all units of the experiment over a year.
    pub per_year: Option<YearlySums>,
    /// Units that the yearly sums are for.
    pub units: u64,
    /// Revenue per unit and 30 days at the usual level.
    #[serde(default)]
    pub control_revenue: Option<f64>,
    /// Retention may fall by this share before the saving is gone.
    #[serde(default)]
    pub break_even_retention_loss: Option<f64>,
    /// Net value a year if things cost more or less than assumed.
    #[serde(default)]
    pub sensitivity: Vec<Sensitivity>,
}

/// What was assumed of costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields of the experiment file")]
pub enum CostParameter {
    AgentHour,
    GrossMargin,
    ReplacementCost,
}

/// How net value a year depends on one of the costs assumed, the others staying as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Which.
    pub parameter: CostParameter,
    /// As assumed.
    pub value: f64,
    /// At parts and multiples of it that can be.
    pub points: Vec<SensitivityPoint>,
    /// Where net value's estimate is zero; null where it never is.
    pub estimate_turns_at: Option<f64>,
    /// Where net value's lower end is zero, rising: none, one or two values.
    pub lower_turns_at: Vec<f64>,
}

/// Net value a year at another cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SensitivityPoint {
    /// The part or multiple of what was assumed.
    pub factor: f64,
    /// The cost.
    pub value: f64,
    /// A year, for all units, as [`YearlySums::net_value`].
    pub net_value: Range,
}

/// Money per unit and 30 days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PerUnitMonth {
    /// Agent time saved.
    pub saving: f64,
    /// Margin and replacement lost.
    pub retention_loss: f64,
    /// Saving minus loss.
    pub net_value: Range,
    /// The saving with its range.
    pub saving_range: Range,
    /// The loss with its range.
    pub retention_loss_range: Range,
}

/// Money a year for the whole segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct YearlySums {
    pub saving: Range,
    pub retention_loss: Range,
    pub net_value: Range,
    /// Agent hours saved a year.
    pub hours_saved: f64,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Decision {
    Ship,
    DoNotShip,
    KeepRunning,
    Inconclusive,
    Invalid,
}

/// Which row of the verdict table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the rows of definitions.md")]
pub enum Outcome {
    Ship,
    LimitBroken,
    CostsMore,
    KeepRunning,
    WaitingForRevenue,
    TooEarly,
    SplitUneven,
    NotDelivered,
    DataIncomplete,
    Underpowered,
    NoClearAnswer,
    SafeNotShownToPay,
}

/// The verdict with its words: the one source of every page, file and mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What to do.
    pub decision: Decision,
    /// Why, as a row of the table.
    pub outcome: Outcome,
    /// The treatment it speaks of.
    pub cohort: CohortKey,
    /// `Recommendation: ship` and the like.
    pub kicker: String,
    /// The finding.
    pub headline: String,
    /// The finding's body: sentences that stand only where each is shown.
    pub sentence: String,
    /// One line each: satisfaction, money, trust.
    pub reasons: Vec<String>,
    /// What to know before deciding; always there on ship.
    #[serde(default)]
    pub know_before: Vec<String>,
    /// The metric nearest its limit, which the sentence speaks of.
    #[serde(default)]
    pub metric: Option<String>,
    /// The words as messages; absent in analyses of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
}
