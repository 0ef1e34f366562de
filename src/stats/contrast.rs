//! The contrast: the one idea that carries every test, interval and plan.
//!
//! For a margin m, c_m = m_T − m_C − m·b with b = 1 on the absolute scale and b = |m_C| on the
//! relative one, of which the variance counts the control's noise in both places. A test asks
//! whether c_m is beyond its standard error; the interval is the set of all m that the test does
//! not reject (Fieller 1954; Sasabuchi 1988; Hauschke, Kieser & Hothorn 1999), so that test and
//! interval cannot disagree.

use super::arm::Arm;
use super::distributions::find_root;
use super::effect::{Interval, Scale};
use super::error::{Result, StatsError, finite};
use super::sequential::Ruler;

/// Two arms on one scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contrast<'a> {
    control: &'a Arm,
    treatment: &'a Arm,
    scale: Scale,
}

/// The contrast at one margin.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtMargin {
    /// c_m over its standard error.
    pub statistic: f64,
    /// Satterthwaite's degrees of freedom of c_m.
    pub df: f64,
}

/// Which end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Lower,
    Upper,
}

impl<'a> Contrast<'a> {
    pub fn new(control: &'a Arm, treatment: &'a Arm, scale: Scale) -> Result<Self> {
        finite("the difference", treatment.mean - control.mean)?;
        let variance = control.variance_of_mean + treatment.variance_of_mean;
        if finite("the variance of the difference", variance)? <= 0.0 {
            return Err(StatsError::NoVariance);
        }
        if scale == Scale::Relative && control.unadjusted_mean == 0.0 {
            return Err(StatsError::ZeroControlMean);
        }
        Ok(Self { control, treatment, scale })
    }

    /// What one unit of margin is worth: 1, or |m_C| without adjustment.
    fn base(&self) -> f64 {
        match self.scale {
            Scale::Absolute => 1.0,
            Scale::Relative => self.control.unadjusted_mean.abs(),
        }
    }

    /// The estimated change on this scale.
    pub fn estimate(&self) -> f64 {
        (self.treatment.mean - self.control.mean) / self.base()
    }

    /// Variance of the control's part of c_m.
    fn control_variance(&self, margin: f64) -> f64 {
        let c = self.control;
        match self.scale {
            Scale::Absolute => c.variance_of_mean,
            Scale::Relative => {
                let m = margin * c.unadjusted_mean.signum();
                (c.variance_of_mean + 2.0 * m * c.cov_adjusted_unadjusted + m * m * c.var_unadjusted).max(0.0)
            }
        }
    }

    fn variance(&self, margin: f64) -> f64 {
        self.treatment.variance_of_mean + self.control_variance(margin)
    }

    /// Standard error of [`estimate`](Self::estimate): exact on the absolute scale, the delta
    /// method on the relative one.
    pub fn std_error(&self) -> f64 {
        let change = if self.treatment.adjusts_ratio {
            self.estimate()
        } else {
            (self.treatment.unadjusted_mean - self.control.unadjusted_mean) / self.base()
        };
        self.variance(change).sqrt() / self.base()
    }

    /// Standard error of the change, counted as the test of this margin counts it.
    pub fn std_error_at(&self, margin: f64) -> f64 {
        self.variance(margin).sqrt() / self.base()
    }

    /// Satterthwaite's degrees of freedom where the control's part has variance `v_c`.
    fn satterthwaite(&self, v_c: f64) -> f64 {
        // In shares of the variance, so that no unit of measure overflows.
        let share = v_c / (self.treatment.variance_of_mean + v_c);
        1.0 / ((1.0 - share).powi(2) / self.treatment.degrees_of_freedom
            + share.powi(2) / self.control.degrees_of_freedom)
    }

    /// Degrees of freedom of the absolute difference.
    pub fn absolute_df(&self) -> f64 {
        self.satterthwaite(self.control.variance_of_mean)
    }

    pub fn at(&self, margin: f64) -> AtMargin {
        let v_c = self.control_variance(margin);
        let value = self.treatment.mean - self.control.mean - margin * self.base();
        let variance = self.treatment.variance_of_mean + v_c;
        if variance == 0.0 {
            // Only where the control's noise cancels at this very margin and the treatment has none.
            let statistic = if value == 0.0 { 0.0 } else { f64::INFINITY.copysign(value) };
            return AtMargin { statistic, df: self.control.degrees_of_freedom };
        }
        AtMargin { statistic: value / variance.sqrt(), df: self.satterthwaite(v_c) }
    }

    /// How far the control's mean is from zero in standard errors, which is what c_m tends to as
    /// the margin grows without limit.
    pub fn control_statistic(&self) -> AtMargin {
        AtMargin {
            statistic: self.control.unadjusted_mean.abs() / self.control.var_unadjusted.sqrt(),
            df: self.control.degrees_of_freedom,
        }
    }

    /// Whether the set of margins that are not rejected is bounded: g = z²·V_C/m_C² below 1.
    pub fn is_bounded(&self, ruler: &Ruler) -> bool {
        match self.scale {
            Scale::Absolute => ruler.critical(self.absolute_df()).is_finite(),
            Scale::Relative => {
                let far = self.control_statistic();
                far.statistic > ruler.critical(far.df)
            }
        }
    }

    /// Fieller's g at the two-sided critical value of `ruler`.
    pub fn g(&self, ruler: &Ruler) -> f64 {
        let far = self.control_statistic();
        (ruler.critical(far.df) / far.statistic).powi(2)
    }

    /// One end of the set of margins that are not rejected; `None` when unbounded.
    pub fn end(&self, ruler: &Ruler, end: End) -> Option<f64> {
        let end_is_lower = end == End::Lower;
        let sign = if end_is_lower { -1.0 } else { 1.0 };
        let estimate = self.estimate();
        if self.scale == Scale::Absolute {
            let width = ruler.critical(self.absolute_df()) * self.std_error();
            return Some(estimate + sign * width).filter(|end| end.is_finite());
        }
        if !self.is_bounded(ruler) {
            return None;
        }
        if let Some(end) = self.fieller_end(ruler, sign, estimate) {
            // The estimate is never rejected; where the interval is as narrow as the double, rounding would say so.
            return Some(if end_is_lower { end.min(estimate) } else { end.max(estimate) });
        }
        // Beyond Fieller's formula, where the control's noise all but cancels: the statistic falls as the margin
        // rises, so from the estimate, where it is zero, go outwards until it is beyond the critical value, then
        // find where it crosses.
        let excess = |margin: f64| {
            let at = self.at(margin);
            -sign * at.statistic - ruler.critical(at.df)
        };
        // Where the treatment does not vary, the control's noise may cancel at the estimate and leave no width.
        let width = ruler.critical(self.at(estimate).df) * self.std_error();
        let mut step = width.max(f64::EPSILON * estimate.abs()).max(f64::MIN_POSITIVE);
        for _ in 0..1000 {
            let margin = estimate + sign * step;
            let beyond = excess(margin);
            if beyond.is_nan() {
                // The margin has outgrown the double.
                return None;
            }
            if beyond >= 0.0 {
                return find_root(excess, estimate, margin).filter(|m| m.is_finite());
            }
            step *= 1.5;
            if !step.is_finite() {
                break;
            }
        }
        None
    }

    /// An end on the relative scale by Fieller's (1954) formula, its critical value taken at the degrees of
    /// freedom of the end itself: they hardly change with the margin, so a few rounds settle both.
    fn fieller_end(&self, ruler: &Ruler, sign: f64, estimate: f64) -> Option<f64> {
        let (c, base) = (self.control, self.base());
        let difference = self.treatment.mean - c.mean;
        let variance = self.treatment.variance_of_mean + c.variance_of_mean;
        let covariance = c.cov_adjusted_unadjusted * c.unadjusted_mean.signum();
        let mut margin = estimate;
        for _ in 0..50 {
            // (d − m·b)² = z²·(V + 2m·C + m²·U), solved for m; the noise inside the root is that of the change.
            let z2 = ruler.critical(self.at(margin).df).powi(2);
            let bounded = base * base - z2 * c.var_unadjusted;
            let noise = base * base * variance
                + 2.0 * difference * base * covariance
                + difference * difference * c.var_unadjusted
                + z2 * (covariance * covariance - c.var_unadjusted * variance);
            let width = (z2 * noise).sqrt();
            let end = (difference * base + z2 * covariance + sign * width) / bounded;
            if bounded <= 0.0 || !end.is_finite() {
                return None;
            }
            if (end - margin).abs() <= 1e-14 * end.abs().max(width / bounded) {
                return Some(end);
            }
            margin = end;
        }
        None
    }

    /// The two-sided contrast interval.
    pub fn interval(&self, ruler: &Ruler) -> Interval {
        Interval {
            estimate: self.estimate(),
            lower: self.end(ruler, End::Lower),
            upper: self.end(ruler, End::Upper),
        }
    }
}
