//! Which of the stored analyses speaks at the head of the page: it never flickers.
//!
//! Each stored analysis keeps its own verdict. The page, the list and notifications show that of one of them, and
//! may change what they say once a day only (UTC), so that nobody chooses among the verdicts of an afternoon.

use serde::{Deserialize, Serialize};

use crate::domain::{ids::CohortKey, time::Moment};
use crate::language::{Language, Message};

use super::{
    document::{Analysis, Decision, Outcome},
    verdict::decision,
};

/// What has to be known of a stored analysis without reading it whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Its verdict.
    pub outcome: Outcome,
    /// The treatment that the verdict speaks of.
    pub cohort: CohortKey,
    /// The verdict's headline.
    pub headline: String,
    /// The same as a message; absent in analyses of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Message>,
    /// Units by cohort.
    pub units: Vec<(CohortKey, u64)>,
}

impl Summary {
    /// Of an analysis.
    pub fn of(analysis: &Analysis) -> Self {
        Self {
            outcome: analysis.verdict.outcome,
            cohort: analysis.verdict.cohort.clone(),
            headline: analysis.verdict.headline.clone(),
            said: analysis.verdict.said.as_ref().map(|said| said.headline.clone()),
            units: analysis.cohorts.iter().map(|cohort| (cohort.cohort.clone(), cohort.units)).collect(),
        }
    }

    /// The verdict's headline in a language: as stored in English.
    pub fn headline_in(&self, t: Language) -> String {
        match &self.said {
            Some(said) if t != Language::English && t.knows(said) => t.tell(said),
            _ => self.headline.clone(),
        }
    }

    /// A failed check must be said, and mended, at once; before there are figures nothing can flicker.
    fn is_unsettled(&self) -> bool {
        decision(self.outcome) == Decision::Invalid
            || self.outcome == Outcome::TooEarly
            || self.units.iter().all(|(_, units)| *units == 0)
    }
}

/// The analysis that speaks, as its place among all in the order of their numbers; none where there are none.
///
/// The next one takes over when it was made on another UTC day than the one that speaks, when either of them is
/// invalid, too early or without any unit, or when both say the same of the same cohort. Else the older one goes on
/// speaking until figures are made on a later day.
pub fn speaks<'s>(made: impl IntoIterator<Item = (Moment, &'s Summary)>) -> Option<usize> {
    let mut speaker: Option<(usize, Moment, &Summary)> = None;
    for (place, (made_at, summary)) in made.into_iter().enumerate() {
        let takes_over = speaker.is_none_or(|(_, before, spoken)| {
            made_at.day() != before.day()
                || summary.is_unsettled()
                || spoken.is_unsettled()
                || (summary.outcome == spoken.outcome && summary.cohort == spoken.cohort)
        });
        if takes_over {
            speaker = Some((place, made_at, summary));
        }
    }
    speaker.map(|(place, ..)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ship:slow@1.5`: the outcome, the cohort, and the day with its part since the epoch; a `-` at the end has no
    /// units.
    fn spoken(told: &[&str]) -> Option<usize> {
        let read = |text: &&str| {
            let (text, units) = text.strip_suffix('-').map_or((*text, 10), |text| (text, 0));
            let (what, day) = text.split_once('@').unwrap();
            let (outcome, cohort) = what.split_once(':').unwrap();
            let cohort: CohortKey = cohort.parse().unwrap();
            let day: f64 = day.parse().unwrap();
            let summary = Summary {
                outcome: serde_json::from_str(&format!("{outcome:?}")).unwrap(),
                headline: String::new(),
                said: None,
                units: vec![(cohort.clone(), units)],
                cohort,
            };
            #[allow(clippy::cast_possible_truncation, reason = "a few days")]
            (Moment::from_stored_ms((day * 86_400_000.0) as i64), summary)
        };
        let told: Vec<_> = told.iter().map(read).collect();
        speaks(told.iter().map(|(at, summary)| (*at, summary)))
    }

    #[test]
    fn the_headline_changes_once_a_day() {
        for (told, wanted) in [
            (&[][..], None),
            (&["ship:slow@1.0"], Some(0)),
            // The same day: it stays, however often one asks, and whatever came between.
            (&["keep_running:slow@1.0", "ship:slow@1.5"], Some(0)),
            (&["keep_running:slow@1.0", "ship:slow@1.5", "limit_broken:slow@1.9"], Some(0)),
            // The same words again are newer figures for them.
            (&["keep_running:slow@1.0", "keep_running:slow@1.5"], Some(1)),
            (&["keep_running:slow@1.0", "ship:slow@1.5", "keep_running:slow@1.6"], Some(2)),
            (&["ship:slow@1.0", "ship:other@1.5"], Some(0)),
            // Another day, be it a second later, or the day before (a clock that was set back).
            (&["keep_running:slow@1.0", "ship:slow@1.5", "ship:slow@2.0"], Some(2)),
            (&["keep_running:slow@1.99999", "ship:slow@2.0"], Some(1)),
            (&["keep_running:slow@2.0", "ship:slow@1.9"], Some(1)),
            // Once changed on a day, not again on that day.
            (&["keep_running:slow@1.0", "ship:slow@2.0", "limit_broken:slow@2.1"], Some(1)),
            // A failed check speaks at once, and so does its mending.
            (&["ship:slow@1.0", "not_delivered:slow@1.5"], Some(1)),
            (&["ship:slow@1.0", "data_incomplete:slow@1.5", "limit_broken:slow@1.6"], Some(2)),
            (&["split_uneven:slow@1.0", "ship:slow@1.5"], Some(1)),
            // Nothing was said yet that could flicker.
            (&["too_early:slow@1.0", "underpowered:slow@1.5"], Some(1)),
            (&["no_clear_answer:slow@1.0-", "ship:slow@1.5"], Some(1)),
            (&["ship:slow@1.0", "no_clear_answer:slow@1.5-"], Some(1)),
        ] {
            assert_eq!(spoken(told), wanted, "{told:?}");
        }
    }
}
