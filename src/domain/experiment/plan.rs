//! What a team agreed to measure, how the data are looked at, what things cost, and what would let the slower level ship.

use serde::{Deserialize, Serialize};

use super::super::{currency::Currency, ship_when::ShipWhen};

/// A metric and what the team asks of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricPlan {
    /// A built-in metric's name, or the user's own.
    pub metric: String,
    /// How it counts.
    pub role: Role,
    /// The largest loss that is acceptable, a positive number on [`MetricPlan::margin_scale`]: makes the test
    /// non-inferiority.
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
