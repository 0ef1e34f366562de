//! An experiment: who is asked to wait, under which service levels, and what would let it ship.
//!
//! [`Definition`] has the shape of the experiment file and of `PUT /api/v1/experiments/{key}`;
//! `definitions` reads it and reports every mistake. [`Experiment`] is a definition with a life.

mod lifecycle;
mod plan;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{
    ids::{CalendarKey, CohortKey, ExperimentKey, LayerKey},
    time::{Moment, Wait},
};

pub use lifecycle::{Move, MoveError, Status};
pub use plan::{
    AnalysisPlan, Correction, DecisionRule, Direction, Economics, LooksKind, MarginScale, MetricPlan,
    OwnMetricKind, Role, Spending,
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
