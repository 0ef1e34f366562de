//! The asymptotic confidence sequence: an interval that holds at every look.
//!
//! Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, arXiv:2103.06476, equation 9, and its one-sided
//! form. The guarantee is for units whose windows are closed: a metric that keeps accruing in units
//! which have been counted already breaks the independence of the increments.

use super::super::error::{Result, within};

/// A confidence sequence at one look: `n` units now, tightest at `optimised_for` units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlwaysValid {
    n: f64,
    optimised_for: f64,
}

impl AlwaysValid {
    /// # Errors
    /// [`StatsError::OutOfRange`](crate::stats::StatsError::OutOfRange) unless both are above zero.
    pub fn new(n: f64, optimised_for: f64) -> Result<Self> {
        within("the number of units", "above zero", n, n > 0.0)?;
        within("optimised_for_n", "a number of units above zero", optimised_for, optimised_for > 0.0)?;
        Ok(Self { n, optimised_for })
    }

    /// Nρ², with ρ² = (−2 ln α + ln(1 − 2 ln α)) / N*.
    fn scaled(&self, alpha: f64) -> f64 {
        let l = -2.0 * alpha.ln();
        self.n * (l + l.ln_1p()) / self.optimised_for
    }

    /// Half-width over standard error, two-sided at `alpha`:
    /// √(2(Nρ²+1)/(Nρ²) · ln(√(Nρ²+1)/α)).
    pub fn critical_two_sided(&self, alpha: f64) -> f64 {
        let s = self.scaled(alpha);
        (2.0 * (s + 1.0) / s * (0.5 * s.ln_1p() - alpha.ln())).sqrt()
    }

    /// Width over standard error of the one bounded side at `alpha`:
    /// √(2(Nρ²+1)/(Nρ²) · ln(1 + √(Nρ²+1)/(2α))), ρ at 2α.
    pub fn critical_one_sided(&self, alpha: f64) -> f64 {
        let s = self.scaled(2.0 * alpha);
        (2.0 * (s + 1.0) / s * ((s + 1.0).sqrt() / (2.0 * alpha)).ln_1p()).sqrt()
    }

    /// min(1, √(Nρ²+1) · exp(−Z²Nρ²/(2(Nρ²+1)))), ρ at `alpha`: below `alpha` exactly when the
    /// two-sided interval excludes the null value.
    pub fn p_two_sided(&self, z: f64, alpha: f64) -> f64 {
        let s = self.scaled(alpha);
        (0.5 * s.ln_1p() - 0.5 * z * z * s / (s + 1.0)).exp().min(1.0)
    }

    /// The inverse of the one-sided width with ρ held at 2·`alpha`: below `alpha` exactly when the
    /// one-sided interval excludes the null value.
    pub fn p_one_sided(&self, z: f64, alpha: f64) -> f64 {
        if z <= 0.0 {
            return 1.0;
        }
        let s = self.scaled(2.0 * alpha);
        let e = 0.5 * z * z * s / (s + 1.0);
        (0.5 * (s + 1.0).sqrt() / e.exp_m1()).min(1.0)
    }
}
