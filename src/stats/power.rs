//! How many units it takes, from the same contrast that the analysis will use.
//!
//! [`Rule`] gives the sizes of the textbooks, [`Schedule`] the chance that the analysis concludes at
//! any of its looks, which is what plans are made of.

mod schedule;

pub use schedule::{Hurdle, Schedule};

use super::distributions::{
    find_root, noncentral_t_tail, normal_cdf, normal_tail, normal_tail_quantile, t_tail_quantile,
};
use super::effect::{Confidence, Direction, Scale};
use super::error::{Result, StatsError, finite, within};
use super::proportions::restricted;
use super::sequential::{AlwaysValid, Sides, Spending, boundaries, group};

/// Chance that a normal estimate with standard error `se` is shown to differ from zero, either way,
/// when the truth is `effect` and the half-width of the interval is `half_width`:
/// P(Z > (h − e)/se) + P(Z < (−h − e)/se).
///
/// The half-width may be that of any rule of looking; the noise stays `se`. (A peer inflates both,
/// and tells 0.206 where 0.072 is true.)
pub fn chance_of_difference(effect: f64, se: f64, half_width: f64) -> f64 {
    normal_tail((half_width - effect) / se) + normal_cdf((-half_width - effect) / se)
}

/// A metric as it is expected to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Expected {
    /// A share of units or ratings.
    Proportion {
        /// The control's share, above 0 and below 1.
        value: f64,
    },
    /// A mean, or a ratio by its linearised standard deviation.
    Mean {
        /// The control's mean.
        value: f64,
        /// Standard deviation between units.
        sd: f64,
    },
}

impl Expected {
    /// The control's value.
    pub fn value(self) -> f64 {
        match self {
            Self::Proportion { value } | Self::Mean { value, .. } => value,
        }
    }
}

/// A test of a margin, planned: what the contrast will be worth and how noisy it will be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Design {
    /// |true change − margin| in the metric's own unit.
    distance: f64,
    /// Standard deviation of the contrast for one unit in the control, if the truth is at the margin.
    sd_at_margin: f64,
    /// The same at the truth.
    sd: f64,
    /// Units of the treatment for one of the control.
    allocation: f64,
    /// What the control's noise is multiplied by at the margin: 1 + m·sign on the relative scale.
    rho: f64,
}

impl Design {
    /// Non-inferiority to a `margin` above zero on `scale`, when the true change is `change` on that
    /// scale (0: no change) and there are `allocation` treatment units for one of the control.
    ///
    /// The contrast's variance for one control unit is V_T/allocation + ρ²·V_C with ρ = 1 + m·sign
    /// on the relative scale and 1 on the absolute one. Means: V_T = V_C = sd² (Laster & Johnson
    /// 2003). Proportions: p(1 − p) at the truth, and at the margin by the restricted maximum
    /// likelihood of Farrington & Manning (1990).
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for impossible figures, or a true change at or beyond the margin.
    pub fn new(
        expected: Expected,
        margin: f64,
        scale: Scale,
        direction: Direction,
        change: f64,
        allocation: f64,
    ) -> Result<Self> {
        within("a margin", "above zero", margin, margin > 0.0)?;
        Self::beyond(expected, -direction.sign() * margin, scale, direction, change, allocation)
    }

    /// Superiority, or a difference, when the true change is `change` in the good direction: the
    /// contrast at zero. For proportions the variance is the pooled one at zero and the unpooled at
    /// the truth.
    ///
    /// # Errors
    /// As [`new`](Self::new); the true change must be in the good direction.
    pub fn superiority(
        expected: Expected,
        scale: Scale,
        direction: Direction,
        change: f64,
        allocation: f64,
    ) -> Result<Self> {
        Self::beyond(expected, 0.0, scale, direction, change, allocation)
    }

    /// To be shown on the good side of `signed`, a change on `scale`.
    fn beyond(
        expected: Expected,
        signed: f64,
        scale: Scale,
        direction: Direction,
        change: f64,
        allocation: f64,
    ) -> Result<Self> {
        finite("the true change", change)?;
        within("the allocation", "above zero", allocation, allocation > 0.0)?;
        let control = expected.value();
        let base = control.abs();
        let (unit, rho) = match scale {
            Scale::Absolute => (1.0, 1.0),
            Scale::Relative => {
                within(
                    "a metric's value on the relative scale",
                    "different from zero",
                    control,
                    control != 0.0,
                )?;
                (base, 1.0 + signed * control.signum())
            }
        };
        let good = direction.sign() * (change - signed);
        within("the true change", "on the good side of the margin", change, good > 0.0)?;
        let truth = control + change * unit;
        let (sd_at_margin, sd) = match expected {
            Expected::Mean { sd, .. } => {
                within("a standard deviation", "above zero", sd, sd > 0.0)?;
                let s = sd * (1.0 / allocation + rho * rho).sqrt();
                (s, s)
            }
            Expected::Proportion { value } => {
                for share in [value, truth] {
                    within(
                        "a proportion",
                        "above 0 and below 1, in both cohorts",
                        share,
                        share > 0.0 && share < 1.0,
                    )?;
                }
                within(
                    "a margin of a proportion",
                    "below 1",
                    signed,
                    signed > -1.0 && (scale == Scale::Relative || signed < 1.0),
                )?;
                let (t, c) = restricted((allocation, truth), (1.0, value), signed, scale);
                let sd = |t: f64, c: f64| (t * (1.0 - t) / allocation + rho * rho * c * (1.0 - c)).sqrt();
                (sd(t, c), sd(truth, value))
            }
        };
        Ok(Self { distance: good * unit, sd_at_margin, sd, allocation, rho })
    }

    /// Control units at which a fixed look at `confidence` has chance `power`:
    /// ((z_α·s₀ + z_β·s₁)/distance)², z_α one-sided at (1 − confidence)/2. Not rounded.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] unless 0 < `power` < 1.
    pub fn control_units_fixed(&self, confidence: Confidence, power: f64) -> Result<f64> {
        within("the chance", "above 0 and below 1", power, power > 0.0 && power < 1.0)?;
        let z_alpha = normal_tail_quantile(0.5 * confidence.alpha());
        let z_beta = normal_tail_quantile(1.0 - power);
        let z = (z_alpha * self.sd_at_margin + z_beta * self.sd).max(0.0);
        Ok((z / self.distance).powi(2))
    }

    /// Units of both cohorts for each unit of the control.
    pub fn units_per_control(&self) -> f64 {
        1.0 + self.allocation
    }

    /// Chance that the margin is excluded with `n` control units, under `rule`.
    ///
    /// # Errors
    /// Those of the rule.
    pub fn chance(&self, n: f64, confidence: Confidence, rule: &Rule) -> Result<f64> {
        if n <= 0.0 {
            return Ok(0.0);
        }
        let alpha = confidence.alpha();
        let drift = self.distance * n.sqrt();
        let beyond = |critical: f64| normal_tail((critical * self.sd_at_margin - drift) / self.sd);
        match rule {
            Rule::Fixed => Ok(beyond(normal_tail_quantile(0.5 * alpha))),
            Rule::AlwaysValid { optimised_for, assigned_per_control } => {
                let assigned = n * assigned_per_control;
                let optimised = optimised_for.unwrap_or(assigned);
                let sequence = AlwaysValid::new(assigned, optimised)?;
                Ok(beyond(sequence.critical_two_sided(alpha)))
            }
            Rule::Group { information, z } => {
                // The test divides by the deviation at the margin, the noise has that at the truth.
                let ratio = self.sd_at_margin / self.sd;
                let bounds: Vec<f64> = z.iter().map(|z| z * ratio).collect();
                let exits = group::crossing(information, &bounds, Sides::Two, drift / self.sd)?;
                Ok(exits.iter().map(|(up, _)| up).sum())
            }
        }
    }

    /// Chance that a difference is shown either way with `n` control units at one look: that of the
    /// good side and, hardly ever, of the wrong one.
    pub fn chance_either_way(&self, n: f64, confidence: Confidence) -> f64 {
        let drift = self.distance * n.sqrt();
        let half_width = normal_tail_quantile(0.5 * confidence.alpha()) * self.sd_at_margin;
        chance_of_difference(drift, self.sd, half_width)
    }

    /// Chance at one look with the t law: the noncentral t with n·(1 + allocation) − 2 degrees of
    /// freedom, one estimate of the standard deviation for both cohorts. For means.
    ///
    /// # Errors
    /// [`StatsError::TooFewUnits`] below one degree of freedom.
    pub fn chance_t(&self, n: f64, confidence: Confidence, either_way: bool) -> Result<f64> {
        let df = n * self.units_per_control() - 2.0;
        if !(df >= 1.0 && df.is_finite()) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
            let found = (n * self.units_per_control()).max(0.0) as u64;
            return Err(StatsError::TooFewUnits { what: "both cohorts", needed: 3, found });
        }
        let noncentrality = self.distance * n.sqrt() / self.sd;
        let critical = t_tail_quantile(0.5 * confidence.alpha(), df);
        let wrong = if either_way { noncentral_t_tail(critical, df, -noncentrality) } else { 0.0 };
        Ok(noncentral_t_tail(critical, df, noncentrality) + wrong)
    }

    /// The least number of control units at which `chance`, rising in it, reaches `power`; the
    /// search starts at that of a fixed look.
    ///
    /// # Errors
    /// [`StatsError::NotFound`] where no number reaches it.
    pub fn control_units_by(
        &self,
        confidence: Confidence,
        power: f64,
        chance: impl Fn(f64) -> Result<f64>,
    ) -> Result<f64> {
        let fixed = self.control_units_fixed(confidence, power)?;
        // Where there is no chance to be had, as of t with two units, there is none of enough.
        let short = |n: f64| chance(n).map_or(-power, |c| c - power);
        let mut low = 1e-9;
        let mut high = fixed.max(1e-6);
        for _ in 0..60 {
            if short(high) >= 0.0 {
                return find_root(short, low, high).ok_or(NO_SIZE);
            }
            low = high;
            high *= 1.6;
        }
        Err(NO_SIZE)
    }

    /// The least number of control units with chance `power` under `rule`, not rounded.
    ///
    /// # Errors
    /// [`StatsError::NotFound`] where no number reaches it.
    pub fn control_units(&self, confidence: Confidence, power: f64, rule: &Rule) -> Result<f64> {
        let fixed = self.control_units_fixed(confidence, power)?;
        if *rule == Rule::Fixed {
            return Ok(fixed);
        }
        self.control_units_by(confidence, power, |n| self.chance(n, confidence, rule))
    }
}

const NO_SIZE: StatsError = StatsError::NotFound { what: "a number of units with that chance" };

/// How the experiment will be looked at, as far as its size depends on it.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Once, at the end.
    Fixed,
    /// An asymptotic confidence sequence; the chance is that of the last look alone, a lower bound.
    AlwaysValid {
        /// N*; `None`: the number of units that is being tried.
        optimised_for: Option<f64>,
        /// Units assigned to both cohorts for each control unit with data.
        assigned_per_control: f64,
    },
    /// Lan–DeMets looks, the last at the planned end.
    Group {
        /// Information fractions.
        information: Vec<f64>,
        /// Their bounds.
        z: Vec<f64>,
    },
}

impl Rule {
    /// `looks` equally spaced looks.
    ///
    /// # Errors
    /// As [`boundaries`].
    pub fn group(spending: Spending, looks: u32, confidence: Confidence) -> Result<Self> {
        let information: Vec<f64> = (1..=looks).map(|k| f64::from(k) / f64::from(looks)).collect();
        let z = boundaries(spending, &information, confidence.alpha(), Sides::Two)?.z;
        Ok(Self::Group { information, z })
    }
}

/// 1 + ((cv² + 1)·m − 1)·ICC: how many times more observations it takes when they come in clusters
/// of mean size `m` with coefficient of variation `cv` (Eldridge, Ashby & Kerry 2006).
///
/// # Errors
/// [`StatsError::OutOfRange`] unless m ≥ 1, cv ≥ 0 and 0 ≤ ICC ≤ 1.
pub fn design_effect(mean_size: f64, cv_size: f64, icc: f64) -> Result<f64> {
    within("the mean cluster size", "at least 1", mean_size, mean_size >= 1.0)?;
    within("the coefficient of variation", "zero or more", cv_size, cv_size >= 0.0)?;
    within("the intracluster correlation", "between 0 and 1", icc, (0.0..=1.0).contains(&icc))?;
    Ok(1.0 + ((cv_size * cv_size + 1.0) * mean_size - 1.0) * icc)
}
