//! The chance that the analysis concludes, at any of the looks of a plan.

use super::super::arm::Arm;
use super::super::contrast::Contrast;
use super::super::distributions::{find_root, normal_tail, normal_tail_quantile, t_tail_quantile};
use super::super::effect::{Confidence, Direction, Scale};
use super::super::error::{Result, StatsError, within};
use super::super::sequential::{AlwaysValid, Sides, Spending, boundaries, group};
use super::Design;

/// Unlike the textbooks' sizes these take the variance as the analysis does: of a proportion as
/// observed in each cohort, not restricted to the margin.
impl Design {
    /// Non-inferiority to a `margin` above zero where the noise is known from two cohorts, if nothing differs in
    /// truth: the contrast at the margin has the variance that the analysis gives it there, for one control unit.
    /// Both cohorts grow alike.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for a margin that is none; those of the analysis, where neither cohort varies or
    /// the control's mean is zero on the relative scale.
    pub fn of_arms(
        control: &Arm,
        treatment: &Arm,
        margin: f64,
        scale: Scale,
        direction: Direction,
    ) -> Result<Self> {
        within("a margin", "above zero", margin, margin > 0.0 && margin.is_finite())?;
        let contrast = Contrast::new(control, treatment, scale)?;
        let signed = -direction.sign() * margin;
        let sd = contrast.std_error_at(signed) * control.n.sqrt();
        within("the noise at the margin", "above zero", sd, sd > 0.0 && sd.is_finite())?;
        let rho = match scale {
            Scale::Absolute => 1.0,
            Scale::Relative => 1.0 + signed * control.unadjusted_mean.signum(),
        };
        Ok(Self { distance: margin, sd_at_margin: sd, sd, allocation: treatment.n / control.n, rho })
    }

    /// The same metric adjusted by a covariate from before the experiment that correlates with it
    /// by `correlation`. The difference's variance shrinks by 1 − r²; on the relative scale the
    /// margin's own part, of which the base is not adjusted, does not: V·((1 − r²)(1/a + 2ρ − 1) +
    /// (ρ − 1)²) in place of V·(1/a + ρ²).
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] unless −1 < `correlation` < 1.
    pub fn adjusted(mut self, correlation: f64) -> Result<Self> {
        within(
            "covariate_correlation",
            "above −1 and below 1",
            correlation,
            correlation > -1.0 && correlation < 1.0,
        )?;
        let (share, margin) = (1.0 / self.allocation, self.rho - 1.0);
        let left = (1.0 - correlation * correlation) * (share + 1.0 + 2.0 * margin) + margin * margin;
        let factor = (left / (share + self.rho * self.rho)).sqrt();
        self.sd *= factor;
        self.sd_at_margin *= factor;
        Ok(self)
    }

    /// The same metric when the variance of a unit is `factor` times as large.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] unless `factor` is above zero.
    pub fn with_variance(mut self, factor: f64) -> Result<Self> {
        within("a factor of the variance", "above zero", factor, factor > 0.0 && factor.is_finite())?;
        self.sd *= factor.sqrt();
        self.sd_at_margin *= factor.sqrt();
        Ok(self)
    }

    /// The mean of the statistic with `n` control units.
    fn drift(&self, n: f64) -> f64 {
        self.distance * n.sqrt() / self.sd
    }

    /// Satterthwaite's degrees of freedom at the margin with `n` control units, where both cohorts'
    /// units vary alike.
    fn degrees_of_freedom(&self, n: f64) -> f64 {
        let (t, c) = (1.0 / self.allocation, self.rho * self.rho);
        let of = |part: f64, units: f64| part * part / (units - 1.0);
        (t + c) * (t + c) / (of(t, self.allocation * n) + of(c, n))
    }

    /// Chance that the margin is excluded by the last of `schedule`'s looks, at which there are `n`
    /// control units with data.
    ///
    /// # Errors
    /// Those of [`group::chance_above`].
    pub fn chance_by(&self, n: f64, schedule: &Schedule) -> Result<f64> {
        // A cohort of one unit has no variance, and shows nothing.
        if n.min(self.allocation * n) <= 1.0 {
            return Ok(0.0);
        }
        match schedule.single(self.degrees_of_freedom(n)) {
            Some((critical, spread)) => Ok(normal_tail((critical - self.drift(n)) / spread)),
            None if schedule.z.is_empty() => Ok(0.0),
            None => group::chance_above(&schedule.information, &schedule.z, self.drift(n)),
        }
    }

    /// How far `n` control units are above what a chance asks for of which [`Schedule::hurdle`] is
    /// `hurdle`: below zero where the chance is not reached. What a search for the margin asks.
    pub fn clears(&self, n: f64, schedule: &Schedule, hurdle: &Hurdle) -> f64 {
        if n.min(self.allocation * n) <= 1.0 {
            return f64::NEG_INFINITY;
        }
        match schedule.single(self.degrees_of_freedom(n)) {
            Some((critical, spread)) => self.drift(n) - critical - spread * hurdle.z_chance,
            None => self.drift(n) - hurdle.drift,
        }
    }

    /// The least number of control units with chance `power`, not rounded, where `schedule` tells the
    /// looks for so many control units.
    ///
    /// # Errors
    /// [`StatsError::NotFound`] where no number reaches it; those of `schedule`.
    pub fn control_units_on(
        &self,
        confidence: Confidence,
        power: f64,
        schedule: impl Fn(f64) -> Result<Schedule>,
    ) -> Result<f64> {
        schedule(self.control_units_fixed(confidence, power)?.max(1e-6))?;
        self.control_units_by(confidence, power, |n| {
            let chance = self.chance_by(n, &schedule(n)?);
            snapped(chance, power).map(|short| power + short)
        })
    }
}

/// How far a chance is from the one that is wanted; nothing where it is near enough, so that a search ends
/// as soon as more digits would say nothing.
fn snapped(chance: Result<f64>, wanted: f64) -> Result<f64> {
    chance.map(|chance| if (chance - wanted).abs() < 1e-8 { 0.0 } else { chance - wanted })
}

/// When an experiment is looked at, and how large its statistic must be at each look to exclude a
/// margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Information fractions of the looks, rising to 1 at the last.
    information: Vec<f64>,
    /// The bound on the statistic at each.
    z: Vec<f64>,
    /// The bound of the last look alone.
    last: f64,
    /// α of the one look of a fixed plan, whose bound follows the t law.
    fixed_at: Option<f64>,
}

/// What a schedule asks for a chance: see [`Schedule::hurdle`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hurdle {
    /// The statistic's mean at the last look.
    drift: f64,
    /// The normal quantile of the chance.
    z_chance: f64,
}

impl Schedule {
    /// Looks at a confidence sequence that are walked one by one.
    pub const WALKED: u32 = 14;

    /// Once, at the end.
    pub fn fixed(confidence: Confidence) -> Self {
        let alpha = confidence.alpha();
        let z = normal_tail_quantile(0.5 * alpha);
        Self { information: vec![1.0], z: vec![z], last: z, fixed_at: Some(alpha) }
    }

    /// A confidence sequence, tightest at `optimised_for` units, looked at `looks` times in equal
    /// steps until both cohorts have `units` assigned. One look tells the chance of the last alone.
    ///
    /// More than [`WALKED`](Self::WALKED) looks are walked in as many steps with bounds that are lower
    /// by what the path overshoots between them: κ·(√δ − √d) on B = √t·Z for steps of δ in place of d.
    /// κ is 0.5826 for a straight bound that is walked for ever (Siegmund 1979); 0.45 fits this bent one
    /// with an end: against walks of 26 to 200 looks one by one the chance is right to 0.2 points.
    ///
    /// # Errors
    /// As [`AlwaysValid::new`]; [`StatsError::OutOfRange`] for no looks.
    pub fn always_valid(confidence: Confidence, units: f64, optimised_for: f64, looks: u32) -> Result<Self> {
        within("the number of looks", "at least 1", f64::from(looks), looks > 0)?;
        let walked = looks.min(Self::WALKED);
        let overshoot = 0.45 * (f64::from(walked).recip().sqrt() - f64::from(looks).recip().sqrt());
        let bound = |t: f64| -> Result<f64> {
            Ok(AlwaysValid::new(units * t, optimised_for)?.critical_two_sided(confidence.alpha()))
        };
        let information: Vec<f64> = (1..=walked).map(|k| f64::from(k) / f64::from(walked)).collect();
        let z = information.iter().map(|t| Ok(bound(*t)? - overshoot / t.sqrt())).collect::<Result<_>>()?;
        Ok(Self { information, z, last: bound(1.0)?, fixed_at: None })
    }

    /// `looks` equally spaced looks that spend α, the last at the end.
    ///
    /// # Errors
    /// As [`boundaries`].
    pub fn group(spending: Spending, looks: u32, confidence: Confidence) -> Result<Self> {
        let information: Vec<f64> = (1..=looks).map(|k| f64::from(k) / f64::from(looks)).collect();
        let z = boundaries(spending, &information, confidence.alpha(), Sides::Two)?.z;
        Ok(Self::of_bounds(&information, &z))
    }

    /// Looks at any rising `information`, with the bound of each; a look that nothing can cross is none.
    pub fn of_bounds(information: &[f64], z: &[f64]) -> Self {
        let end = information.last().copied().unwrap_or(1.0);
        let last = z.last().copied().unwrap_or(f64::INFINITY);
        let looks = information.iter().zip(z).filter(|(_, z)| z.is_finite());
        let (information, z) = looks.map(|(t, z)| (t / end, *z)).unzip();
        Self { information, z, last, fixed_at: None }
    }

    /// The bound of the only look there is, and the spread of the statistic there. By the t law of a
    /// fixed look the spread is more than one, since the estimate of the deviation varies too:
    /// P(T_ν(δ) > t) ≈ P(Z > (t(1 − 1/4ν) − δ)/√(1 + t²/2ν)) (Johnson & Welch 1940).
    fn single(&self, df: f64) -> Option<(f64, f64)> {
        let [z] = self.z[..] else { return None };
        Some(match self.fixed_at {
            Some(alpha) => {
                let t = t_tail_quantile(0.5 * alpha, df);
                (t * (1.0 - 0.25 / df), (1.0 + 0.5 * t * t / df).sqrt())
            }
            None => (z, 1.0),
        })
    }

    /// The mean of the statistic at the last look with which it crosses at any look with `chance`.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] unless 0 < `chance` < 1; [`StatsError::NotFound`] where no drift
    /// reaches it.
    pub fn hurdle(&self, chance: f64) -> Result<Hurdle> {
        within("the chance", "above 0 and below 1", chance, chance > 0.0 && chance < 1.0)?;
        let z_chance = normal_tail_quantile(1.0 - chance);
        let last = self.last + z_chance;
        if self.z.len() == 1 {
            return Ok(Hurdle { drift: last, z_chance });
        }
        let short = |drift: f64| {
            snapped(group::chance_above(&self.information, &self.z, drift), chance).unwrap_or(f64::NAN)
        };
        // The last look alone asks for more, since there are others before it.
        let drift = find_root(short, last - 1.5, last + 1e-3)
            .or_else(|| find_root(short, -5.0, last + 5.0))
            .ok_or(StatsError::NotFound { what: "a drift with that chance" })?;
        Ok(Hurdle { drift, z_chance })
    }

    /// The last look alone: what is known of an experiment at its end, whatever was seen before.
    #[must_use]
    pub fn last_look(&self) -> Self {
        Self { information: vec![1.0], z: vec![self.last], last: self.last, fixed_at: self.fixed_at }
    }
}
