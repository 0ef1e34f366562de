//! Ratios of small cohorts: below forty units the delta variance is too small, and its degrees of
//! freedom too many where a few units hold most of the data.

use super::arm::Arm;
use super::error::{Result, StatsError, finite, within};

/// Below this many units a cohort keeps them, for [`arm_of_few_units`].
pub const FEW: u64 = 40;

/// A ratio of sums over a few units, by the CR2 variance with Bell and McCaffrey's degrees of freedom.
///
/// With hᵢ = xᵢ/Σx and rᵢ = yᵢ − R·xᵢ: Var = Σ rᵢ²/(1 − hᵢ)/(Σx)², unbiased where the variance is
/// the same for each piece of x; df = 1/(Σhᵢ² + Σ_{i≠j} hᵢ²hⱼ²/((1 − hᵢ)(1 − hⱼ))), which is n − 1
/// for equal hᵢ (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, for a mean clustered by unit).
/// `units` holds (y, x), x ≥ 0; units without x count for nothing.
///
/// # Errors
/// [`StatsError::OneCluster`] for fewer than two units with x above zero;
/// [`StatsError::OutOfRange`] for a negative x.
pub fn arm_of_few_units(units: &[(f64, f64)]) -> Result<Arm> {
    let total = check(units)?;
    let ratio = units.iter().map(|u| u.0).sum::<f64>() / total;
    let variance: f64 = units
        .iter()
        .filter(|u| u.1 > 0.0)
        .map(|(y, x)| (y - ratio * x).powi(2) / (1.0 - x / total))
        .sum::<f64>()
        / (total * total);
    let n = units.iter().filter(|u| u.1 > 0.0).count() as f64;
    Arm::unadjusted(n, ratio, variance, bell_mccaffrey(units, total))
}

fn check(units: &[(f64, f64)]) -> Result<f64> {
    for &(y, x) in units {
        finite("a numerator", y)?;
        within("a denominator", "zero or more", x, x >= 0.0)?;
    }
    if units.iter().filter(|u| u.1 > 0.0).count() < 2 {
        return Err(StatsError::OneCluster);
    }
    finite("the sum of the denominators", units.iter().map(|u| u.1).sum())
}

fn bell_mccaffrey(units: &[(f64, f64)], total: f64) -> f64 {
    let shares = || units.iter().map(|u| u.1 / total);
    let squares: f64 = shares().map(|h| h * h).sum();
    // Σ_{i≠j} aᵢaⱼ = (Σa)² − Σa².
    let a = || shares().map(|h| h * h / (1.0 - h));
    let (sum, own): (f64, f64) = (a().sum(), a().map(|a| a * a).sum());
    1.0 / (squares + (sum * sum - own))
}

/// Bell and McCaffrey's degrees of freedom of the difference of two such ratios under their own
/// working model, in which every piece of x has the same variance in both cohorts.
///
/// [`compare`](super::compare()) uses Satterthwaite on the estimated variances instead, which needs
/// no such model; this one is for parity with R's estimatr.
///
/// # Errors
/// As [`arm_of_few_units`].
pub fn bell_mccaffrey_of_difference(control: &[(f64, f64)], treatment: &[(f64, f64)]) -> Result<f64> {
    let (x_c, x_t) = (check(control)?, check(treatment)?);
    let (df_c, df_t) = (bell_mccaffrey(control, x_c), bell_mccaffrey(treatment, x_t));
    let trace = 1.0 / x_c + 1.0 / x_t;
    Ok(trace * trace / (1.0 / (x_c * x_c * df_c) + 1.0 / (x_t * x_t * df_t)))
}
