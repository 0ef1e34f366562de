//! Net emotional value: mean over ratings with emotions of (positive − negative) ones.

use crate::{
    domain::{conversation::Rating, experiment::Direction},
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Net emotional value. An emotion that is in neither list counts as neutral.
#[derive(Debug)]
pub struct NetEmotionalValue;

/// Emotions that speak for us (after Shaw's destroying, attention, recommendation and advocacy clusters).
pub const POSITIVE: &[&str] = &[
    "happy",
    "pleased",
    "trusting",
    "valued",
    "cared for",
    "safe",
    "focused",
    "indulgent",
    "stimulated",
    "exploratory",
    "interested",
    "energetic",
    "satisfied",
    "grateful",
    "relieved",
    "delighted",
    "confident",
];

/// Emotions that speak against us.
pub const NEGATIVE: &[&str] = &[
    "irritated",
    "hurried",
    "neglected",
    "unhappy",
    "unsatisfied",
    "dissatisfied",
    "stressed",
    "disappointed",
    "frustrated",
    "angry",
    "confused",
    "anxious",
    "ignored",
    "annoyed",
    "sad",
];

/// Positive less negative emotions that a rating names.
pub fn of(rating: &Rating) -> f64 {
    rating.emotions.iter().map(|emotion| sign(emotion)).sum()
}

fn sign(emotion: &str) -> f64 {
    let emotion = emotion.trim();
    let named = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(emotion));
    if named(POSITIVE) {
        1.0
    } else if named(NEGATIVE) {
        -1.0
    } else {
        0.0
    }
}

impl Metric for NetEmotionalValue {
    fn about(&self) -> About<'_> {
        About { name: "net_emotional_value", measure: Measure::Count, direction: Direction::Increase }
    }

    fn is_of_conversations(&self) -> bool {
        true
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        for talk in unit.talks(period) {
            let ratings = talk.ratings(unit.context.as_of);
            out.follow(
                ratings
                    .map(|(at, rating)| (at, of(rating), f64::from(u8::from(!rating.emotions.is_empty())))),
            );
        }
    }
}
