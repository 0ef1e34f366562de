//! What people decided about an experiment.

use chrono::{Days, NaiveDate};

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
    /// For how many weeks from that day on the limits are watched, while the experiment goes on; 0 for none.
    pub watch_weeks: u32,
}

impl Decision {
    /// The day until which the limits are watched; none where they are not.
    pub fn watched_until(&self) -> Option<NaiveDate> {
        let until = self.from.checked_add_days(Days::new(7 * u64::from(self.watch_weeks)))?;
        (self.watch_weeks > 0).then_some(until)
    }

    /// Whether the limits are watched at a moment.
    pub fn watches(&self, now: Moment) -> bool {
        self.watched_until().is_some_and(|until| now.date() < until)
    }
}
