//! What people decided about an experiment.

use std::fmt;

use chrono::{Days, NaiveDate};

use super::time::Moment;

/// What was decided. Its words are what the database holds and what files for programs say, so they must stay as they
/// are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The slower level is the usual one from then on.
    Ship,
    /// The same for some of the customers.
    ShipForSome,
    /// Nothing changes.
    KeepUsual,
    /// What no later version of this program writes any more.
    Other(String),
}

impl Choice {
    /// Those that people choose among.
    pub const ALL: [Self; 3] = [Self::Ship, Self::KeepUsual, Self::ShipForSome];

    /// The words for it: `shipped`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ship => "shipped",
            Self::ShipForSome => "shipped for some customers",
            Self::KeepUsual => "kept the usual level",
            Self::Other(words) => words,
        }
    }

    /// Reads what [`as_str`](Self::as_str) gave.
    pub fn read(words: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|choice| choice.as_str() == words)
            .unwrap_or_else(|| Self::Other(words.to_owned()))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One decision, as a person recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When it was recorded.
    pub at: Moment,
    /// Who recorded it.
    pub who: String,
    /// What was decided.
    pub what: Choice,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_read_as_it_was_written() {
        // Words that databases hold since the first version.
        let kept = ["shipped", "kept the usual level", "shipped for some customers"];
        assert_eq!(kept.map(Choice::read), Choice::ALL);
        for words in kept.into_iter().chain(["shipped on trial"]) {
            assert_eq!(Choice::read(words).as_str(), words);
        }
    }
}
