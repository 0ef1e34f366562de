//! What to do, and why.

use serde::{Deserialize, Serialize};

use super::Said;
use crate::domain::ids::CohortKey;

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
