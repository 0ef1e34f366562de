//! Numbers only: no customers, no names, no clock.
//!
//! The order of reading: [`effect`] has the words, [`moments`] what is kept of the data, [`arm`] a
//! cohort's estimate, [`compare`](compare()) the test and its interval. The rest are methods for one
//! question each. Formulas and sources stand with the functions; every error is a [`StatsError`]
//! that says what to mend, and no function answers with NaN or infinity.
#![allow(clippy::doc_markdown, reason = "m_C and V_T in a formula are mathematics, not code")]
#![allow(clippy::float_cmp, reason = "zero and repeated values are compared exactly, on purpose")]

pub mod arm;
pub mod bayes;
pub mod bounds;
mod compare;
mod contrast;
pub mod counting;
pub mod covariate;
pub mod distributions;
pub mod effect;
mod error;
mod exact_sum;
pub mod few_units;
pub mod heterogeneity;
pub mod iv;
pub mod joint;
pub mod moments;
pub mod multiplicity;
pub mod power;
pub mod proportions;
pub mod quantile;
pub mod regression;
pub mod sample_ratio;
pub mod sequential;
pub mod survival;
pub mod winsor;

#[cfg(test)]
mod tests;

pub use arm::{Arm, arm_of_mean, arm_of_proportion, arm_of_ratio};
pub use compare::{
    Answer, Comparison, Question, Stopped, Test, answer, bounded_relative_interval, compare, compare_by,
    interval_by, stopped,
};
pub use counting::{Brought, CountingMoments};
pub use covariate::{adjusted_arms, arm_adjusted_by, pooled_theta};
pub use effect::{
    Alternative, Conclusion, Confidence, Direction, Interval, IntervalKind, Law, PValue, Scale,
};
pub use error::{Result, StatsError};
pub use few_units::arm_of_few_units;
pub use joint::{CrossProducts, JointMoments};
pub use moments::{AdjustedMoments, RatioMoments};
pub use sequential::Looks;
