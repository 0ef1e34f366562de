//! What makes no sense, said so that the reader can mend it.

use thiserror::Error;

/// Why a figure cannot be had. Every function of [`stats`](crate::stats) answers with one of these
/// and never with NaN or infinity.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StatsError {
    /// A number lies outside the range in which it means anything.
    #[error("{what} must be {range}, not {value}")]
    OutOfRange {
        /// The quantity, as a reader would call it.
        what: &'static str,
        /// The range that is allowed, in words.
        range: &'static str,
        /// What was given.
        value: f64,
    },
    /// A variance needs at least two units.
    #[error(
        "{what} needs at least {needed} units with data, there are {found}: collect more before comparing"
    )]
    TooFewUnits {
        /// Whose units were counted.
        what: &'static str,
        /// How many it takes.
        needed: u64,
        /// How many there are.
        found: u64,
    },
    /// Sums that no data can have, such as Σx² < (Σx)²/n.
    #[error("the sums cannot come from any data: {what}; check that they were made from the same units")]
    ImpossibleSums {
        /// The inequality that is broken.
        what: &'static str,
    },
    /// Every unit of both cohorts has the same value, so that nothing can be inferred.
    #[error("neither cohort varies, so a difference cannot be judged: check that the values are per unit")]
    NoVariance,
    /// A ratio whose denominators add up to nothing.
    #[error("the denominator of the ratio is zero: no unit has anything to count")]
    ZeroDenominator,
    /// A relative change of nothing.
    #[error("the control's mean is zero, so there is no relative change: use the absolute scale")]
    ZeroControlMean,
    /// Fieller's g ≥ 1 where a bounded interval was asked for.
    #[error(
        "the control's mean is too near zero for a bounded relative interval (g = {g:.4}, it must be below 1): use the absolute scale"
    )]
    Unbounded {
        /// g = z²·Var/mean² of the control.
        g: f64,
    },
    /// The outer interval of a quantile has no width.
    #[error(
        "the bounds of the quantile fall on one value, so its variance cannot be estimated: too many equal values"
    )]
    CollapsedQuantile,
    /// Clustered variance with a single cluster.
    #[error("all values belong to one unit: variance between units needs at least two")]
    OneCluster,
    /// The instrument moved nothing.
    #[error("assignment did not change what was received, so there is no effect of receiving it")]
    ZeroFirstStage,
    /// Nobody answered.
    #[error("{what} has no responses")]
    NoResponders {
        /// Whose responses are missing.
        what: &'static str,
    },
    /// Lists that must be read side by side differ in length.
    #[error("{what} must have the same length, not {left} and {right}")]
    UnequalLengths {
        /// The lists.
        what: &'static str,
        /// Length of the first.
        left: usize,
        /// Length of the second.
        right: usize,
    },
    /// A list with nothing in it.
    #[error("{what} is empty")]
    Empty {
        /// The list.
        what: &'static str,
    },
    /// A figure overflowed on the way to the answer.
    #[error(
        "the figures are too large or too small to be worked with: use another unit of measure, and check them"
    )]
    TooExtreme,
    /// A search for a number ended without one.
    #[error("{what} could not be found for these figures")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
}

/// Shorthand for a figure or the reason why there is none.
pub type Result<T> = std::result::Result<T, StatsError>;

/// Refuses what is not a finite number.
pub(crate) fn finite(what: &'static str, value: f64) -> Result<f64> {
    within(what, "a finite number", value, value.is_finite())
}

/// Refuses `value` unless `holds`.
pub(crate) fn within(what: &'static str, range: &'static str, value: f64, holds: bool) -> Result<f64> {
    if holds && value.is_finite() { Ok(value) } else { Err(StatsError::OutOfRange { what, range, value }) }
}
