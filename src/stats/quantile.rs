//! A quantile of values that come in clusters, such as the 90th percentile of waits by customer.

use super::arm::Arm;
use super::distributions::normal_tail_quantile;
use super::error::{Result, StatsError, finite, within};
use super::moments::RatioMoments;

/// The sample quantile x₍⌈np⌉₎ of sorted values (inverse of the empirical distribution, type 1).
fn sample_quantile(sorted: &[f64], p: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to an index
    let rank = (sorted.len() as f64 * p).ceil().clamp(1.0, sorted.len() as f64) as usize;
    sorted[rank - 1]
}

/// What the variance of a quantile is made from; each field can be counted without the raw values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileSummary {
    /// Number of observations.
    pub n: f64,
    /// Which quantile, in 0..1.
    pub p: f64,
    /// The sample quantile.
    pub quantile: f64,
    /// The sample quantile at p − z·√(p(1 − p)/n), z = 1.96.
    pub lower: f64,
    /// The sample quantile at p + z·√(p(1 − p)/n).
    pub upper: f64,
    /// By unit: y the observations at or below the quantile, x all observations; `None` where the
    /// observations are independent.
    pub units: Option<RatioMoments>,
}

/// A cohort's quantile with its variance clustered by unit.
///
/// The outer interval of Deng, Knoblich & Lu (2018, arXiv:1803.06336): Var = (n − 1)/n·((q_U −
/// q_L)/(2z))² as if independent, times σ²_cluster/σ²_iid of the share at or below the quantile,
/// where σ²_cluster is the delta variance of that share as a ratio over units and σ²_iid is
/// p(1 − p)/n. (A peer's documentation prints the factor upside down.) `n` of the arm is the number
/// of observations.
///
/// # Errors
/// [`StatsError::CollapsedQuantile`] when both bounds are one value, [`StatsError::OneCluster`] for
/// a single unit, [`StatsError::TooFewUnits`], [`StatsError::OutOfRange`].
pub fn arm_of_quantile_summary(summary: &QuantileSummary) -> Result<Arm> {
    let QuantileSummary { n, p, quantile, lower, upper, units } = *summary;
    within("a quantile", "above 0 and below 1", p, p > 0.0 && p < 1.0)?;
    if upper <= lower {
        return Err(StatsError::CollapsedQuantile);
    }
    let independent = (n - 1.0) / n * ((upper - lower) / (2.0 * normal_tail_quantile(0.025))).powi(2);
    let factor = match units {
        None => 1.0,
        Some(units) if units.n < 2 => return Err(StatsError::OneCluster),
        Some(units) => {
            let share = super::arm::arm_of_ratio(&units)?;
            share.variance_of_mean / (p * (1.0 - p) / n)
        }
    };
    Arm::unadjusted(n, quantile, independent * factor, n - 1.0)
}

/// A cohort's quantile from raw values, clustered by `units` where given (one per value).
///
/// # Errors
/// As [`arm_of_quantile_summary`]; [`StatsError::UnequalLengths`].
pub fn arm_of_quantile<U: Ord>(values: &[f64], units: Option<&[U]>, p: f64) -> Result<Arm> {
    within("a quantile", "above 0 and below 1", p, p > 0.0 && p < 1.0)?;
    if values.len() < 2 {
        return Err(StatsError::TooFewUnits { what: "a quantile", needed: 2, found: values.len() as u64 });
    }
    for &value in values {
        finite("a value", value)?;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let quantile = sample_quantile(&sorted, p);
    let reach = normal_tail_quantile(0.025) * (p * (1.0 - p) / n).sqrt();
    let units = units.map(|units| count_by_unit(values, units, quantile)).transpose()?;
    arm_of_quantile_summary(&QuantileSummary {
        n,
        p,
        quantile,
        lower: sample_quantile(&sorted, p - reach),
        upper: sample_quantile(&sorted, p + reach),
        units,
    })
}

/// By unit: how many values are at or below `quantile`, of how many.
fn count_by_unit<U: Ord>(values: &[f64], units: &[U], quantile: f64) -> Result<RatioMoments> {
    if values.len() != units.len() {
        return Err(StatsError::UnequalLengths {
            what: "values and units",
            left: values.len(),
            right: units.len(),
        });
    }
    let mut counts: std::collections::BTreeMap<&U, (f64, f64)> = std::collections::BTreeMap::new();
    for (value, unit) in values.iter().zip(units) {
        let (below, all) = counts.entry(unit).or_default();
        *below += f64::from(u8::from(*value <= quantile));
        *all += 1.0;
    }
    let mut moments = RatioMoments::default();
    for (below, all) in counts.into_values() {
        moments.add(below, all);
    }
    Ok(moments)
}
