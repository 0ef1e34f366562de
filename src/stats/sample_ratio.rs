//! Did each cohort get the share of units that it should have?

use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;

use super::distributions::chi_square_tail;
use super::effect::PValue;
use super::error::{Result, StatsError, within};

/// Below this the split is called uneven.
pub const ALARM: f64 = 0.001;
/// The same for the sequential check.
pub const SEQUENTIAL_ALARM: f64 = 0.01;
/// A cohort that should have at least this many units may not be empty.
pub const EXPECTED_IN_EMPTY: f64 = 5.0;

/// The outcome of the chi-square check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleRatio {
    /// Pearson's chi-square over the cohorts with a weight.
    pub p_value: PValue,
    /// p ≥ 0.001 and no cohort empty whose expected count is 5 or more.
    pub ok: bool,
    /// The practical size: the largest absolute difference between a cohort's observed and
    /// expected share.
    pub largest_deviation: f64,
}

/// Pearson's chi-square of observed units against weights, over the cohorts with weight above zero.
///
/// # Errors
/// [`StatsError::UnequalLengths`]; [`StatsError::OutOfRange`] for a negative count or weight, or no
/// weight at all.
///
/// ```
/// use patience::stats::sample_ratio::chi_square;
/// assert!(chi_square(&[5012.0, 4988.0], &[50.0, 50.0])?.ok);
/// // Nobody in a cohort that should have half: never healthy.
/// assert!(!chi_square(&[10.0, 0.0], &[50.0, 50.0])?.ok);
/// # Ok::<(), patience::stats::StatsError>(())
/// ```
pub fn chi_square(observed: &[f64], weights: &[f64]) -> Result<SampleRatio> {
    let shares = shares_of(observed.len(), weights)?;
    for &count in observed {
        within("a count", "zero or more", count, count >= 0.0)?;
    }
    let counted: Vec<(f64, f64)> =
        observed.iter().copied().zip(shares).filter(|(_, share)| *share > 0.0).collect();
    let total: f64 = counted.iter().map(|(o, _)| o).sum();
    if total == 0.0 || counted.len() < 2 {
        return Ok(SampleRatio { p_value: PValue::clamped(1.0), ok: true, largest_deviation: 0.0 });
    }
    let statistic: f64 = counted.iter().map(|(o, share)| (o - share * total).powi(2) / (share * total)).sum();
    let p = chi_square_tail(statistic, (counted.len() - 1) as f64);
    let empty = counted.iter().any(|(o, share)| *o == 0.0 && share * total >= EXPECTED_IN_EMPTY);
    Ok(SampleRatio {
        p_value: PValue::computed(p)?,
        ok: p >= ALARM && !empty,
        largest_deviation: counted.iter().map(|(o, share)| (o / total - share).abs()).fold(0.0, f64::max),
    })
}

/// Weights as shares that add up to one.
fn shares_of(cohorts: usize, weights: &[f64]) -> Result<Vec<f64>> {
    if cohorts != weights.len() {
        return Err(StatsError::UnequalLengths {
            what: "observed counts and expected weights",
            left: cohorts,
            right: weights.len(),
        });
    }
    for &weight in weights {
        within("a weight", "zero or more", weight, weight >= 0.0)?;
    }
    let total: f64 = weights.iter().sum();
    within("the sum of the weights", "above zero", total, total > 0.0)?;
    Ok(weights.iter().map(|w| w / total).collect())
}

/// The check that may be looked at after every increment (Lindon & Malek, arXiv:2011.03567): a
/// Dirichlet–multinomial with mean at the weights against the multinomial of the weights.
///
/// ln BF after counts S: lnΓ(A) − lnΓ(A + n) + Σ(lnΓ(aᵢ + Sᵢ) − lnΓ(aᵢ)) − ΣSᵢ·ln pᵢ with
/// aᵢ = concentration·pᵢ; p = the least 1/BF until now. Below 0.01 at any time is an alarm.
///
/// # Errors
/// As [`chi_square`]; the concentration must be above zero, and a unit in a cohort of weight zero is
/// out of range.
pub fn sequential(increments: &[Vec<f64>], weights: &[f64], concentration: f64) -> Result<Vec<PValue>> {
    within("the concentration", "above zero", concentration, concentration > 0.0)?;
    let mut counts = vec![0.0; weights.len()];
    let mut p: f64 = 1.0;
    increments
        .iter()
        .map(|increment| {
            let shares = shares_of(increment.len(), weights)?;
            for ((count, new), share) in counts.iter_mut().zip(increment).zip(&shares) {
                within("a count", "zero or more", *new, *new >= 0.0)?;
                within("a count of a cohort without weight", "zero", *new, *share > 0.0 || *new == 0.0)?;
                *count += new;
            }
            p = p.min((-ln_bayes_factor(&counts, &shares, concentration)).exp());
            PValue::computed(p)
        })
        .collect()
}

fn ln_bayes_factor(counts: &[f64], shares: &[f64], concentration: f64) -> f64 {
    let n: f64 = counts.iter().sum();
    let cohorts: f64 = counts
        .iter()
        .zip(shares)
        .filter(|(_, share)| **share > 0.0)
        .map(|(count, share)| {
            let a = concentration * share;
            ln_gamma(a + count) - ln_gamma(a) - count * share.ln()
        })
        .sum();
    ln_gamma(concentration) - ln_gamma(concentration + n) + cohorts
}
