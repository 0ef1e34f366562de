//! Covariate adjustment by the pre-period: less noise, the same effect.

use super::arm::{Arm, arm_of_ratio};
use super::error::{Result, StatsError, finite};
use super::moments::AdjustedMoments;

/// Adjusts each cohort's estimate by its pre-period, with slopes shared by all cohorts.
///
/// Means (all denominators 1, all units with a pre-period): CUPED (Deng, Xu, Kohavi & Walker 2013),
/// θ = cov(y, y₀)/var(y₀) over the cohorts put together. Ratios: post and pre are linearised within
/// each cohort, L = (y − R·x)/x̄ and L₀ = (y₀ − R₀·x₀)/x̄₀, θ = Σcov(L, L₀)/Σvar(L₀) over cohorts,
/// and the adjusted estimate is R − θ·(R₀ − pooled R₀), with variance var(L − θ·L₀)/n, the full
/// 4×4 delta method. Subtracting the pooled R₀ leaves every difference as it is and keeps the
/// adjusted estimate on the metric's own scale.
///
/// A unit without a pre-period takes the mean, plus an indicator. Taking the mean is L₀ = 0, which
/// is what (y₀, x₀) = (0, 0) gives; so its mean is a ratio over the units that have one. The
/// indicator h (has a pre-period) is uncorrelated with L₀ in each cohort, exactly, so its slope
/// stands alone: Σcov(L, h)/Σvar(h), and the estimate loses that slope times (h̄ − pooled h̄).
///
/// The covariance with the unadjusted estimate, var(L) − θ·cov(L, L₀) − …, over n, is kept, because
/// a relative change is relative to the unadjusted control.
///
/// # Errors
/// Those of [`arm_of_ratio`] for each cohort's post and pre-period. Where the pre-period is the
/// same for all, or nobody has one, there is nothing to adjust by and the arms come unadjusted.
pub fn adjusted_arms(cohorts: &[&AdjustedMoments]) -> Result<Vec<Arm>> {
    let parts = cohorts.iter().map(|m| Part::new(m)).collect::<Result<Vec<_>>>()?;
    let slopes = Slopes::new(cohorts, &parts)?;
    parts.iter().map(|part| part.adjusted(&slopes)).collect()
}

/// Slope of the pre-period that [`adjusted_arms`] uses.
///
/// # Errors
/// As [`adjusted_arms`].
pub fn pooled_theta(cohorts: &[&AdjustedMoments]) -> Result<f64> {
    let parts = cohorts.iter().map(|m| Part::new(m)).collect::<Result<Vec<_>>>()?;
    Ok(Slopes::new(cohorts, &parts)?.theta)
}

/// Adjusts one cohort's estimate with a slope that was settled elsewhere, for instance on history.
///
/// # Errors
/// As [`adjusted_arms`].
pub fn arm_adjusted_by(moments: &AdjustedMoments, theta: f64) -> Result<Arm> {
    let slopes = Slopes { theta, ..Slopes::default() };
    Part::new(moments)?.adjusted(&slopes)
}

/// What one cohort brings: its estimate and the (co)variances of L, L₀ and h.
struct Part {
    plain: Arm,
    /// R₀, zero where nobody has a pre-period.
    pre: f64,
    /// Share of units with a pre-period.
    share: f64,
    v_l: f64,
    v_pre: f64,
    v_has: f64,
    c_pre: f64,
    c_has: f64,
}

impl Part {
    fn new(moments: &AdjustedMoments) -> Result<Self> {
        let plain = arm_of_ratio(&moments.post)?;
        let n = plain.n;
        let cross = moments.cross_spread()?;
        let spread = moments.pre_over_all().spread()?;
        let ratio = plain.mean;
        let base = moments.post.x / n;
        let share = moments.pre.n as f64 / n;
        let (pre, v_pre, c_pre) = if moments.pre.x == 0.0 {
            (0.0, 0.0, 0.0)
        } else {
            let pre = moments.pre.ratio()?;
            let pre_base = moments.pre.x / n;
            let variance =
                (spread.yy - 2.0 * pre * spread.xy + pre * pre * spread.xx).max(0.0) / (pre_base * pre_base);
            let covariance = (cross.yy0 - pre * cross.yx0 - ratio * cross.xy0 + ratio * pre * cross.xx0)
                / (base * pre_base);
            (pre, variance, covariance)
        };
        Ok(Self {
            plain,
            pre,
            share,
            v_l: plain.variance_of_mean * n,
            v_pre,
            v_has: share * (1.0 - share) * n / (n - 1.0),
            c_pre,
            c_has: (cross.y_has - ratio * cross.x_has) / base,
        })
    }

    fn adjusted(&self, slopes: &Slopes) -> Result<Arm> {
        let Slopes { theta, theta_has, .. } = *slopes;
        let n = self.plain.n;
        let explained = theta * self.c_pre + theta_has * self.c_has;
        let variance =
            self.v_l - 2.0 * explained + theta * theta * self.v_pre + theta_has * theta_has * self.v_has;
        let mean =
            self.plain.mean - theta * (self.pre - slopes.pre) - theta_has * (self.share - slopes.share);
        Ok(Arm {
            mean: finite("an adjusted mean", mean)?,
            variance_of_mean: finite("an adjusted variance", variance)?.max(0.0) / n,
            cov_adjusted_unadjusted: (self.v_l - explained) / n,
            adjusts_ratio: !slopes.of_means,
            ..self.plain
        })
    }
}

#[derive(Default)]
struct Slopes {
    theta: f64,
    theta_has: f64,
    /// Whether everything adjusted is a plain mean.
    of_means: bool,
    /// R₀ of all cohorts together.
    pre: f64,
    /// Share of all units with a pre-period.
    share: f64,
}

impl Slopes {
    fn new(cohorts: &[&AdjustedMoments], parts: &[Part]) -> Result<Self> {
        if cohorts.is_empty() {
            return Err(StatsError::Empty { what: "the list of cohorts" });
        }
        let mut pooled = AdjustedMoments::default();
        for cohort in cohorts {
            pooled.merge(cohort);
        }
        let of_means = pooled.post.is_mean() && pooled.pre.is_mean() && pooled.pre.n == pooled.post.n;
        let theta = if of_means {
            slope(pooled.cross_spread()?.yy0, pooled.pre.spread()?.yy)
        } else {
            slope(parts.iter().map(|p| p.c_pre).sum(), parts.iter().map(|p| p.v_pre).sum())
        };
        let theta_has = slope(parts.iter().map(|p| p.c_has).sum(), parts.iter().map(|p| p.v_has).sum());
        Ok(Self {
            theta,
            theta_has,
            of_means,
            pre: pooled.pre.ratio().unwrap_or(0.0),
            share: pooled.pre.n as f64 / pooled.post.n as f64,
        })
    }
}

/// A regression slope, zero where the regressor does not vary.
fn slope(covariance: f64, variance: f64) -> f64 {
    if variance > 0.0 { covariance / variance } else { 0.0 }
}
