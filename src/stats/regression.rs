//! Regression adjustment with slopes of its own in each cohort (Lin 2013).

use super::arm::Arm;
use super::error::{Result, StatsError, finite};

/// A cohort's units: the outcome, and one list for each covariate, all in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct Regressed<'a> {
    /// The outcome.
    pub outcome: &'a [f64],
    /// The covariates, each as long as the outcome.
    pub covariates: Vec<&'a [f64]>,
}

/// Each cohort's mean of y at the pooled means of the covariates, by a regression of its own, with
/// the HC2 variance Σwᵢ²·rᵢ²/(1 − hᵢ), w a unit's weight in the fitted value and h its leverage: the
/// contrast of both is the coefficient of treatment in y ~ t + (x − x̄) + t·(x − x̄) (Lin 2013, as
/// R's `estimatr::lm_lin`). Each arm has n − 1 − covariates degrees of freedom.
///
/// Asymptotically never worse than no adjustment, whatever the shape of the dependence; CUPED with
/// its pooled slope is the same when both cohorts are of equal size.
///
/// # Errors
/// [`StatsError::TooFewUnits`] with fewer units than covariates and two; [`StatsError::NoVariance`]
/// where a covariate does not vary in a cohort or follows from the others;
/// [`StatsError::UnequalLengths`]; [`StatsError::Empty`] without covariates.
pub fn lin_arms(control: &Regressed<'_>, treatment: &Regressed<'_>) -> Result<[Arm; 2]> {
    let cohorts = [control, treatment];
    for cohort in cohorts {
        cohort.check(control.covariates.len())?;
    }
    let total: usize = cohorts.iter().map(|c| c.outcome.len()).sum();
    let centres: Vec<f64> = (0..control.covariates.len())
        .map(|k| cohorts.iter().flat_map(|c| c.covariates[k]).sum::<f64>() / total as f64)
        .collect();
    Ok([control.arm_at(&centres)?, treatment.arm_at(&centres)?])
}

impl Regressed<'_> {
    fn check(&self, covariates: usize) -> Result<()> {
        if covariates == 0 {
            return Err(StatsError::Empty { what: "the list of covariates" });
        }
        if self.covariates.len() != covariates {
            return Err(StatsError::UnequalLengths {
                what: "the covariates of both cohorts",
                left: covariates,
                right: self.covariates.len(),
            });
        }
        for covariate in &self.covariates {
            if covariate.len() != self.outcome.len() {
                return Err(StatsError::UnequalLengths {
                    what: "values and each covariate",
                    left: self.outcome.len(),
                    right: covariate.len(),
                });
            }
        }
        if self.outcome.len() < covariates + 2 {
            return Err(StatsError::TooFewUnits {
                what: "a regression in a cohort",
                needed: covariates as u64 + 2,
                found: self.outcome.len() as u64,
            });
        }
        for &y in self.outcome {
            finite("a value", y)?;
        }
        for &x in self.covariates.iter().copied().flatten() {
            finite("a covariate", x)?;
        }
        Ok(())
    }

    fn arm_at(&self, centres: &[f64]) -> Result<Arm> {
        let n = self.outcome.len() as f64;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
        let mean_y = mean(self.outcome);
        let mut weights = vec![1.0 / n; self.outcome.len()];
        let mut leverages = weights.clone();
        let mut residuals: Vec<f64> = self.outcome.iter().map(|y| y - mean_y).collect();
        let mut adjusted = mean_y;
        // Gram and Schmidt, each column twice so that rounding leaves no part of the others in it:
        // orthonormal columns q of the centred covariates. What has to be reached at the pooled
        // means, minus this cohort's, goes through the same steps.
        let mut basis: Vec<(Vec<f64>, f64)> = Vec::new();
        for (covariate, centre) in self.covariates.iter().zip(centres) {
            let mean_x = mean(covariate);
            let mut column: Vec<f64> = covariate.iter().map(|x| x - mean_x).collect();
            let mut reach = centre - mean_x;
            let before = norm(&column);
            for _ in 0..2 {
                for (q, q_reach) in &basis {
                    let along = dot(q, &column);
                    column.iter_mut().zip(q).for_each(|(x, q)| *x -= along * q);
                    reach -= along * q_reach;
                }
            }
            let length = norm(&column);
            if length <= 1e-10 * before || length == 0.0 || !length.is_finite() {
                return Err(StatsError::NoVariance);
            }
            for x in &mut column {
                *x /= length;
            }
            reach /= length;
            let slope = dot(&column, &residuals);
            adjusted += slope * reach;
            for (i, q) in column.iter().enumerate() {
                weights[i] += reach * q;
                leverages[i] += q * q;
                residuals[i] -= slope * q;
            }
            basis.push((column, reach));
        }
        // Each unit's weight in the fitted value at the centres, its leverage and its residual.
        let (mut variance, mut covariance, mut plain) = (0.0, 0.0, 0.0);
        for (i, y) in self.outcome.iter().enumerate() {
            variance += (weights[i] * residuals[i]).powi(2) / (1.0 - leverages[i]).max(1e-12);
            covariance += weights[i] / n * residuals[i] * (y - mean_y);
            plain += (y - mean_y).powi(2) / (n * (n - 1.0));
        }
        let arm = Arm::unadjusted(n, adjusted, variance, n - 1.0 - centres.len() as f64)?;
        Ok(Arm {
            unadjusted_mean: mean_y,
            cov_adjusted_unadjusted: finite("an adjusted covariance", covariance)?,
            var_unadjusted: finite("a variance", plain)?,
            ..arm
        })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}
