//! One cohort's estimate and the variance of it, whichever way it was made.

use serde::{Deserialize, Serialize};

use super::error::{Result, StatsError, finite, within};
use super::moments::RatioMoments;

/// A cohort's estimate of a mean, proportion, ratio, quantile or adjusted figure.
///
/// Everything that compares cohorts takes arms, so each way of estimating is written once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Units with data (of a quantile: observations, as its degrees of freedom count them).
    pub n: f64,
    /// The estimate that is compared; adjusted where there is an adjustment.
    pub mean: f64,
    /// Variance of [`mean`](Self::mean).
    pub variance_of_mean: f64,
    /// The estimate without adjustment: what a relative change is relative to.
    pub unadjusted_mean: f64,
    /// Covariance of both estimates.
    pub cov_adjusted_unadjusted: f64,
    /// Variance of [`unadjusted_mean`](Self::unadjusted_mean).
    pub var_unadjusted: f64,
    /// Degrees of freedom of [`variance_of_mean`](Self::variance_of_mean): n − 1, or
    /// Bell–McCaffrey's for small cohorts.
    pub degrees_of_freedom: f64,
    /// Whether a ratio was adjusted by linearisation. The delta method on the relative scale is
    /// evaluated at the adjusted change then, for means at the unadjusted one. Both have the same
    /// limit; each is what its peer does, and the contrast interval does not depend on it.
    #[serde(default)]
    pub adjusts_ratio: bool,
}

impl Arm {
    /// An estimate that has not been adjusted.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for a negative variance or what is not finite,
    /// [`StatsError::TooFewUnits`] for no degrees of freedom.
    pub fn unadjusted(n: f64, mean: f64, variance_of_mean: f64, degrees_of_freedom: f64) -> Result<Self> {
        finite("a mean", mean)?;
        within("a variance", "zero or more", variance_of_mean, variance_of_mean >= 0.0)?;
        enough_units(n)?;
        within("degrees of freedom", "above zero", degrees_of_freedom, degrees_of_freedom > 0.0)?;
        Ok(Self {
            n,
            mean,
            variance_of_mean,
            unadjusted_mean: mean,
            cov_adjusted_unadjusted: variance_of_mean,
            var_unadjusted: variance_of_mean,
            degrees_of_freedom,
            adjusts_ratio: false,
        })
    }

    /// Standard error of the compared estimate.
    pub fn std_error(&self) -> f64 {
        self.variance_of_mean.sqrt()
    }

    /// Standard error of the unadjusted estimate, the one shown beside a cohort's value.
    pub fn unadjusted_std_error(&self) -> f64 {
        self.var_unadjusted.sqrt()
    }
}

/// A mean from its sample standard deviation (n − 1): variance sd²/n.
///
/// # Errors
/// As [`Arm::unadjusted`]; a negative `sd` is out of range.
pub fn arm_of_mean(n: f64, mean: f64, sd: f64) -> Result<Arm> {
    within("a standard deviation", "zero or more", sd, sd >= 0.0)?;
    enough_units(n)?;
    Arm::unadjusted(n, mean, sd * sd / n, n - 1.0)
}

/// A proportion, unpooled: variance p(1 − p)/n.
///
/// # Errors
/// As [`Arm::unadjusted`]; `successes` must lie in 0..=n.
pub fn arm_of_proportion(n: f64, successes: f64) -> Result<Arm> {
    enough_units(n)?;
    within("the number of successes", "between 0 and n", successes, (0.0..=n).contains(&successes))?;
    let p = successes / n;
    Arm::unadjusted(n, p, p * (1.0 - p) / n, n - 1.0)
}

/// A ratio of sums over units by the delta method, and a mean as its special case.
///
/// R = Σy/Σx, v = (v_y − 2R·c + R²·v_x)/x̄², variance v/n with n − 1 degrees of freedom
/// (Deng, Knoblich & Lu 2018, arXiv:1803.06336). Below 40 units with their data at hand use
/// [`arm_of_few_units`](super::arm_of_few_units).
///
/// # Errors
/// [`StatsError::TooFewUnits`], [`StatsError::ImpossibleSums`], [`StatsError::ZeroDenominator`].
///
/// ```
/// use patience::stats::{RatioMoments, arm_of_ratio};
/// let mut ratings = RatioMoments::default();
/// for (good, all) in [(1.0, 1.0), (2.0, 3.0), (0.0, 1.0)] {
///     ratings.add(good, all);
/// }
/// let arm = arm_of_ratio(&ratings)?;
/// assert_eq!(arm.mean, 0.6);
/// // Residuals 0.4, 0.2, −0.6: Σr² = 0.56, over (n − 1)·n·x̄² = 2·3·(5/3)².
/// assert!((arm.variance_of_mean - 0.56 / (6.0 * 25.0 / 9.0)).abs() < 1e-15);
/// # Ok::<(), patience::stats::StatsError>(())
/// ```
pub fn arm_of_ratio(moments: &RatioMoments) -> Result<Arm> {
    let spread = moments.spread()?;
    let n = moments.n as f64;
    let ratio = moments.ratio()?;
    let base = moments.x / n;
    let variance = (spread.yy - 2.0 * ratio * spread.xy + ratio * ratio * spread.xx).max(0.0) / (base * base);
    Arm::unadjusted(n, ratio, variance / n, n - 1.0)
}

fn enough_units(n: f64) -> Result<()> {
    finite("the number of units", n)?;
    if n < 2.0 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // floored and clamped
        let found = n.max(0.0).floor() as u64;
        return Err(StatsError::TooFewUnits { what: "a cohort", needed: 2, found });
    }
    Ok(())
}
