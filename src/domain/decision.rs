//! What people decided about an experiment.

use chrono::NaiveDate;

use super::time::Moment;

/// One decision, as a person recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When it was recorded.
    pub at: Moment,
    /// Who recorded it.
    pub who: String,
    /// What was decided: to ship, to keep the usual, …
    pub what: String,
    /// Why.
    pub why: String,
    /// From which day on it holds.
    pub from: NaiveDate,
    /// Who agrees.
    pub agreed_by: String,
    /// The analysis that it rests on.
    pub analysis: Option<u64>,
    /// What is worth knowing next time; empty where nothing was said.
    pub learned: String,
}
