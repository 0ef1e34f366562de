//! An experiment: who is asked to wait, under which service levels, and what would let it ship.
//!
//! [`Definition`] has the shape of the experiment file and of `PUT /api/v1/experiments/{key}`;
//! `definitions` reads it and reports every mistake. [`Experiment`] is a definition with a life.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{
    ids::{CalendarKey, CohortKey, ExperimentKey, LayerKey},
    ship_when::ShipWhen,
    time::{Moment, Wait},
};

/// What a team agreed before the start. Field for field the experiment file of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Part of addresses and file names; never changes.
    pub key: ExperimentKey,
    /// What people call it.
    pub name: String,
    /// What the team believes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hypothesis: String,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Words that it is found by in the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Who is randomised, and what variance is clustered by.
    #[serde(default)]
    pub unit: Unit,
    /// Two-sided confidence of every interval, above 0.5 and below 1.
    #[serde(default = "default_confidence")]
    pub confidence: f64,
    /// The first day (UTC) on which units may join.
    pub starts_on: NaiveDate,
    /// From the start to the planned end; at least 1.
    pub planned_weeks: u32,
    /// Who takes part.
    #[serde(default)]
    pub eligibility: Eligibility,
    /// How many take part.
    #[serde(default)]
    pub traffic: Traffic,
    /// Two or more; exactly one is the control.
    #[serde(deserialize_with = "one_control_and_others")]
    pub cohorts: Vec<Cohort>,
    /// What is measured and how it counts.
    pub metrics: Vec<MetricPlan>,
    /// How it is analysed.
    #[serde(default)]
    pub analysis: AnalysisPlan,
    /// What things cost. Without it net value stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub economics: Option<Economics>,
    /// What would let it ship.
    #[serde(default)]
    pub decision: DecisionRule,
}

/// What everything that counts on a control stands on, whoever wrote the text.
fn one_control_and_others<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Cohort>, D::Error> {
    let cohorts = Vec::<Cohort>::deserialize(d)?;
    let controls = cohorts.iter().filter(|cohort| cohort.control).count();
    if controls == 1 && cohorts.len() > 1 {
        return Ok(cohorts);
    }
    Err(D::Error::custom(format!(
        "cohorts must be two or more with exactly one control, these are {} with {controls}",
        cohorts.len()
    )))
}

fn default_confidence() -> f64 {
    0.95
}

/// Who is randomised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Each customer by itself.
    #[default]
    Customer,
    /// All customers of an account together.
    Account,
}

/// Rules in CEL; an empty text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    /// Over the customer's attributes; decided once, at first assignment. Empty: everybody.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// Over the conversation and the attributes: gets the default service level. Empty: never.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub except: String,
}

/// The part of the eligible units that takes part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Experiments of one layer never share a unit. Default: the experiment's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<LayerKey>,
    /// Above 0, at most 1.
    #[serde(default = "whole")]
    pub share: f64,
}

fn whole() -> f64 {
    1.0
}

impl Default for Traffic {
    fn default() -> Self {
        Self { layer: None, share: whole() }
    }
}

/// A group of units and the service level that it gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// Unique within the experiment.
    pub key: CohortKey,
    /// Whether the others are compared with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// Its part of the units, relative to the other weights; 0 keeps it empty.
    pub weight: u32,
    /// The promise: open time until the first response.
    pub first_response: Wait,
    /// Whose open time counts.
    #[serde(default = "CalendarKey::always")]
    pub calendar: CalendarKey,
    /// What to tell the customer.
    #[serde(default)]
    pub message: String,
}

impl CalendarKey {
    /// The calendar that never closes.
    pub fn always() -> Self {
        Self::new("always").unwrap_or_else(|_| unreachable!("the word is a key"))
    }
}

/// A metric and what the team asks of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricPlan {
    /// A built-in metric's name, or the user's own.
    pub metric: String,
    /// How it counts.
    pub role: Role,
    /// The largest loss that is acceptable, a positive number on [`MetricPlan::margin_scale`]: makes the test non-inferiority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Of a primary metric: the improvement that is hoped for, a positive number on [`MetricPlan::margin_scale`]. It is
    /// shown beside the result and decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<f64>,
    /// The scale of the margin and of the goal.
    #[serde(default, skip_serializing_if = "is_default")]
    pub margin_scale: MarginScale,
    /// Why the margin, or the goal, is what it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Of the user's own metric: which way is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Of the user's own metric: how it is made from what `metric.recorded` tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OwnMetricKind>,
    /// Of the user's own ratio: the name below the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How a metric of the user's own is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnMetricKind {
    /// Mean of the unit's sum over all units.
    Mean,
    /// Share of units with a sum above zero.
    Share,
    /// Sum of `metric` over sum of `denominator`.
    Ratio,
}

/// How a metric counts in the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What is hoped to improve.
    Primary,
    /// For information; corrected for their number.
    Secondary,
    /// Must not get worse than its margin.
    Guardrail,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Increase,
    /// Less is better.
    Decrease,
}

/// On which scale a margin is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarginScale {
    /// A part of the control's value.
    #[default]
    Relative,
    /// In the metric's own measure.
    Absolute,
}

/// How the data are looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnalysisPlan {
    /// How often, and what that costs.
    pub looks: LooksKind,
    /// The size that always-valid and sequential looks are made for; fixed at start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_units: Option<u64>,
    /// Group-sequential: how many, equally spaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_looks: Option<u32>,
    /// Group-sequential: how alpha is spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spending: Option<Spending>,
    /// Whether the pre-period takes out noise.
    pub covariate_adjustment: bool,
    /// Over the secondary metrics.
    pub correction: Correction,
    /// How long each unit is followed before revenue guardrails are judged.
    pub follow_up_days: u32,
    /// Attributes, `channel` or `topic`, declared in advance.
    pub segments: Vec<String>,
}

impl Default for AnalysisPlan {
    fn default() -> Self {
        Self {
            looks: LooksKind::default(),
            planned_units: None,
            planned_looks: None,
            spending: None,
            covariate_adjustment: true,
            correction: Correction::default(),
            follow_up_days: 0,
            segments: Vec::new(),
        }
    }
}

/// How often the data may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LooksKind {
    /// Once, at the planned end.
    Fixed,
    /// At any time.
    #[default]
    AlwaysValid,
    /// At planned amounts of information.
    GroupSequential,
}

/// How alpha is spent over group-sequential looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the field's standard names")]
pub enum Spending {
    ObrienFleming,
    Pocock,
}

/// How several secondary metrics are corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the field's standard names")]
pub enum Correction {
    None,
    #[default]
    Holm,
    BenjaminiHochberg,
}

/// What things cost, in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Economics {
    /// ISO 4217.
    pub currency: Currency,
    /// Cost of an agent's hour.
    pub agent_hour: f64,
    /// Part of revenue that is margin, 0 to 1.
    pub gross_margin: f64,
    /// Cost to win one customer in place of a lost one.
    #[serde(default)]
    pub replacement_cost: f64,
}

/// Three letters of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The dollar of the United States.
    pub const USD: Self = Self(*b"USD");

    /// Reads three capital letters.
    pub fn new(code: impl AsRef<[u8]>) -> Option<Self> {
        let bytes: [u8; 3] = code.as_ref().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_else(|_| unreachable!("three capital letters"))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        Self::new(&*code)
            .ok_or_else(|| D::Error::custom("must be three capital letters of ISO 4217, such as USD"))
    }
}

/// What would let the slower level ship.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionRule {
    /// Conditions joined by `and`, `or`, `not`.
    pub ship_when: ShipWhen,
    /// Money per unit and 30 days that net value may lack.
    pub loss_tolerance: f64,
}

impl Default for DecisionRule {
    fn default() -> Self {
        Self { ship_when: ShipWhen::default(), loss_tolerance: 0.0 }
    }
}

/// Where an experiment stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Defined, and may still change.
    Draft,
    /// Units join.
    Running,
    /// Nobody new; recorded cohorts stay in force.
    Paused,
    /// Over: everybody has the default service level.
    Stopped,
}

/// A move in an experiment's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Draft or paused → running.
    Start,
    /// Running → paused.
    Pause,
    /// Paused → running.
    Resume,
    /// Running or paused → stopped, for good.
    Stop,
}

/// A move that the status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {status} experiment cannot {wanted}; {mend}")]
pub struct MoveError {
    status: Status,
    wanted: Move,
    mend: &'static str,
}

impl Status {
    /// Where a move leads; a move to where it stands already changes nothing and is allowed.
    pub fn after(self, wanted: Move) -> Result<Self, MoveError> {
        let refuse = |mend| Err(MoveError { status: self, wanted, mend });
        match (self, wanted) {
            (Self::Draft | Self::Paused | Self::Running, Move::Start)
            | (Self::Paused | Self::Running, Move::Resume) => Ok(Self::Running),
            (Self::Running | Self::Paused, Move::Pause) => Ok(Self::Paused),
            (Self::Running | Self::Paused | Self::Stopped, Move::Stop) => Ok(Self::Stopped),
            (Self::Draft, _) => refuse("start it first"),
            (Self::Stopped, _) => refuse("define a new experiment under another key"),
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
        })
    }
}

/// A definition with its life.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// What was agreed.
    pub definition: Definition,
    /// Where it stands.
    pub status: Status,
    /// Random, made once, stored for ever: the draw hangs on it.
    pub salt: String,
    /// Counts the changes of the definition, from 1.
    pub version: u32,
    /// When it was defined.
    pub created_at: Moment,
    /// When it was first started.
    pub started_at: Option<Moment>,
    /// When it was stopped.
    pub stopped_at: Option<Moment>,
    /// The size that looks are made for, fixed at start.
    pub planned_units: u64,
    /// Salt of its layer, shared by the layer's experiments.
    pub layer_salt: String,
    /// Where in the layer its share begins; fixed at the first start.
    pub layer_offset: u64,
}

/// Without history: the size that always-valid looks are made for.
pub const DEFAULT_PLANNED_UNITS: u64 = 5000;

impl Definition {
    /// The cohort that the others are compared with.
    pub fn control(&self) -> &Cohort {
        &self.cohorts[self.control_index()]
    }

    /// The position of the control among the cohorts.
    pub fn control_index(&self) -> usize {
        // Nothing reads a definition without one (`one_control_and_others`).
        self.cohorts.iter().position(|c| c.control).unwrap_or(0)
    }

    /// The cohorts that are compared with the control.
    pub fn treatments(&self) -> impl Iterator<Item = &Cohort> {
        self.cohorts.iter().filter(|c| !c.control)
    }

    /// The control, then the others in their order: as they are told.
    pub fn usual_first(&self) -> impl Iterator<Item = &Cohort> {
        self.cohorts.iter().filter(|cohort| cohort.control).chain(self.treatments())
    }

    /// A cohort by its key.
    pub fn cohort(&self, key: &CohortKey) -> Option<&Cohort> {
        self.cohorts.iter().find(|c| c.key == *key)
    }

    /// Its layer: as declared, else one of its own.
    pub fn layer(&self) -> LayerKey {
        self.traffic.layer.clone().unwrap_or_else(|| {
            LayerKey::new(self.key.as_str()).unwrap_or_else(|_| unreachable!("a key is a key"))
        })
    }
}

impl Experiment {
    /// From when units may join: the later of `starts_on` and the day of start.
    pub fn begins_at(&self) -> Moment {
        let declared = Moment::start_of(self.definition.starts_on);
        self.started_at.map_or(declared, |at| declared.max(at))
    }

    /// The planned end: `planned_weeks` after the later of `starts_on` and the day of start, or for
    /// imported history after the earliest assignment.
    pub fn planned_end(&self, earliest_assignment: Option<Moment>) -> Moment {
        let declared = Moment::start_of(self.definition.starts_on);
        let started = self.started_at.map_or(declared, |at| declared.max(Moment::start_of(at.date())));
        let from = earliest_assignment.map_or(started, |first| started.min(first));
        from.plus_days(i64::from(self.definition.planned_weeks) * 7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_experiment_never_runs_again_and_a_draft_only_starts() {
        use Move::{Pause, Resume, Start, Stop};
        use Status::{Draft, Paused, Running, Stopped};
        let allowed: Vec<_> = [Draft, Running, Paused, Stopped]
            .into_iter()
            .flat_map(|s| [Start, Pause, Resume, Stop].map(|m| (s, m, s.after(m).ok())))
            .filter_map(|(s, m, to)| Some((s, m, to?)))
            .collect();
        assert_eq!(
            allowed,
            [
                (Draft, Start, Running),
                (Running, Start, Running),
                (Running, Pause, Paused),
                (Running, Resume, Running),
                (Running, Stop, Stopped),
                (Paused, Start, Running),
                (Paused, Pause, Paused),
                (Paused, Resume, Running),
                (Paused, Stop, Stopped),
                (Stopped, Stop, Stopped),
            ]
        );
        let error = Stopped.after(Start).unwrap_err().to_string();
        assert_eq!(error, "a stopped experiment cannot start; define a new experiment under another key");
    }
}
