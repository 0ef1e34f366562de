//! What an analysis is made from, apart from the units themselves.

use std::collections::BTreeMap;

use crate::{
    domain::{
        calendar::Calendar,
        experiment::{Cohort, Experiment, LooksKind},
        ids::CalendarKey,
        time::Moment,
    },
    metrics::Level,
};

use super::{document::Analysis, looks::Taken};

/// One experiment as of one moment.
#[derive(Debug, Clone)]
pub struct Study<'a> {
    /// What is analysed.
    pub experiment: &'a Experiment,
    /// The calendars that its cohorts name.
    pub calendars: &'a BTreeMap<CalendarKey, Calendar>,
    /// Facts after this moment are left out.
    pub as_of: Moment,
    /// The server's clock.
    pub now: Moment,
    /// The last ledger entry that the units are made from.
    pub ledger_position: i64,
    /// The stored analyses before this one, in any order: a group-sequential experiment pays for each look. Those of
    /// which as many units or more are known play no part.
    pub earlier: Vec<Taken>,
    /// Group-sequential: the first stored analysis at full information, if this one is a later one.
    pub last_look: Option<Analysis>,
    /// Other looks than the experiment's own.
    pub looks: Option<LooksKind>,
    /// Of the lines of the last 7 days that name one of the experiment's units: the share that was
    /// rejected and not accepted later. None where no line was.
    pub rejected_share: Option<f64>,
    /// Entries of the ledger that were dated more than a day ahead of the clock when they came.
    pub ahead_of_clock: u64,
}

/// Why no analysis can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnalysisError {
    /// A cohort names a calendar that is not there.
    #[error("cohort {cohort} is on the calendar {calendar:?}, which is not defined: apply its file first")]
    UnknownCalendar {
        /// The cohort.
        cohort: String,
        /// The calendar.
        calendar: String,
    },
}

impl<'a> Study<'a> {
    /// An experiment as of one moment by its own looks, of which no analysis has been stored: the clock stands at
    /// that moment, and nothing is known of a ledger.
    pub fn new(
        experiment: &'a Experiment,
        calendars: &'a BTreeMap<CalendarKey, Calendar>,
        as_of: Moment,
    ) -> Self {
        Self {
            experiment,
            calendars,
            as_of,
            now: as_of,
            ledger_position: 0,
            earlier: Vec::new(),
            last_look: None,
            looks: None,
            rejected_share: None,
            ahead_of_clock: 0,
        }
    }

    /// The service level of each cohort, in the order of the definition.
    pub fn levels(&self) -> Result<Vec<Level<'a>>, AnalysisError> {
        let level = |cohort: &'a Cohort| {
            let calendar =
                self.calendars.get(&cohort.calendar).ok_or_else(|| AnalysisError::UnknownCalendar {
                    cohort: cohort.key.to_string(),
                    calendar: cohort.calendar.to_string(),
                })?;
            Ok(Level { first_response: cohort.first_response, calendar })
        };
        self.experiment.definition.cohorts.iter().map(level).collect()
    }

    /// The looks that intervals are made for.
    pub fn looks_kind(&self) -> LooksKind {
        self.looks.unwrap_or(self.experiment.definition.analysis.looks)
    }
}
