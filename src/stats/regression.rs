//! Regression adjustment with a slope of its own in each cohort (Lin 2013).

use super::arm::Arm;
use super::error::{Result, StatsError, finite};

/// Each cohort's mean of y at the pooled mean of the covariate, by a regression of its own, with the
/// HC2 variance: the contrast of both is the coefficient of treatment in
/// y ~ t + (x − x̄) + t·(x − x̄) (Lin 2013, as R's `estimatr::lm_lin`).
///
/// `control` and `treatment` hold (y, x). Asymptotically never worse than no adjustment, whatever
/// the shape of the dependence; CUPED with its pooled slope is the same when both cohorts are of
/// equal size.
///
/// # Errors
/// [`StatsError::TooFewUnits`] below three units in a cohort; [`StatsError::NoVariance`] where the
/// covariate does not vary in a cohort.
pub fn lin_arms(control: &[(f64, f64)], treatment: &[(f64, f64)]) -> Result<[Arm; 2]> {
    let all = || control.iter().chain(treatment);
    let centre = all().map(|u| u.1).sum::<f64>() / all().count().max(1) as f64;
    Ok([arm_at(control, centre)?, arm_at(treatment, centre)?])
}

fn arm_at(units: &[(f64, f64)], centre: f64) -> Result<Arm> {
    if units.len() < 3 {
        return Err(StatsError::TooFewUnits {
            what: "a regression in a cohort",
            needed: 3,
            found: units.len() as u64,
        });
    }
    for &(y, x) in units {
        finite("a value", y)?;
        finite("a covariate", x)?;
    }
    let n = units.len() as f64;
    let mean_y = units.iter().map(|u| u.0).sum::<f64>() / n;
    let mean_x = units.iter().map(|u| u.1).sum::<f64>() / n;
    let s_xx: f64 = units.iter().map(|u| (u.1 - mean_x).powi(2)).sum();
    let s_xy: f64 = units.iter().map(|u| (u.0 - mean_y) * (u.1 - mean_x)).sum();
    if s_xx <= 0.0 {
        return Err(StatsError::NoVariance);
    }
    let slope = s_xy / s_xx;
    // Each unit's weight in the fitted value at `centre`, its leverage and its residual.
    let (mut variance, mut covariance, mut plain) = (0.0, 0.0, 0.0);
    for &(y, x) in units {
        let weight = 1.0 / n + (centre - mean_x) * (x - mean_x) / s_xx;
        let leverage = 1.0 / n + (x - mean_x).powi(2) / s_xx;
        let residual = y - mean_y - slope * (x - mean_x);
        variance += weight * weight * residual * residual / (1.0 - leverage).max(1e-12);
        covariance += weight / n * residual * (y - mean_y);
        plain += (y - mean_y).powi(2) / (n * (n - 1.0));
    }
    let adjusted = Arm::unadjusted(n, mean_y + slope * (centre - mean_x), variance, n - 2.0)?;
    Ok(Arm {
        unadjusted_mean: mean_y,
        cov_adjusted_unadjusted: covariance,
        var_unadjusted: plain,
        ..adjusted
    })
}
