//! CSAT: ratings of 4 or 5 over all ratings.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// CSAT: ratings of 4 or 5 over all ratings.
#[derive(Debug)]
pub struct Csat;

impl Metric for Csat {
    fn about(&self) -> About<'_> {
        About { name: "csat", measure: Measure::Share, direction: Direction::Increase }
    }

    fn is_of_conversations(&self) -> bool {
        true
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        for talk in unit.talks(period) {
            let ratings = talk.ratings(unit.context.as_of);
            out.follow(ratings.map(|(at, rating)| (at, f64::from(u8::from(rating.score >= 4)), 1.0)));
        }
    }
}
