//! What it is worth.

use serde::{Deserialize, Serialize};

use super::Range;
use crate::domain::{currency::Currency, ids::CohortKey};

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
