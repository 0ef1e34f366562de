//! Two proportions by score tests: right where counts are small or extreme and Wald's test is not.
//!
//! Under H₀: p_T − p_C = δ (or p_T = φ·p_C) both proportions are estimated again so that they obey
//! it, and the variance is taken there, times N/(N − 1) (Miettinen & Nurminen 1985; without the
//! factor Farrington & Manning 1990). The restricted estimate is found as the root of the score,
//! not by the published cubic, of which one well-known library has a coefficient wrong.

use super::distributions::{find_root, normal_tail, normal_tail_quantile};
use super::effect::{Confidence, Interval, PValue, Scale};
use super::error::{Result, StatsError, within};

/// Successes of a number of units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    n: f64,
    successes: f64,
}

impl Counted {
    /// # Errors
    /// [`StatsError::OutOfRange`] unless n ≥ 1 and 0 ≤ `successes` ≤ n.
    pub fn new(n: f64, successes: f64) -> Result<Self> {
        within("the number of units", "at least 1", n, n >= 1.0)?;
        within("the number of successes", "between 0 and n", successes, (0.0..=n).contains(&successes))?;
        Ok(Self { n, successes })
    }

    /// Successes over units.
    pub fn share(self) -> f64 {
        self.successes / self.n
    }
}

/// (p_T, p_C) nearest to the data, by likelihood, that obey the null value: p_T − p_C on the
/// absolute scale, p_T/p_C − 1 on the relative one. Weights are units; shares may be planned ones.
pub(super) fn restricted(
    (n_t, p_t): (f64, f64),
    (n_c, p_c): (f64, f64),
    null: f64,
    scale: Scale,
) -> (f64, f64) {
    // p_T = factor·p_C + shift.
    let (factor, shift) = match scale {
        Scale::Absolute => (1.0, null),
        Scale::Relative => (1.0 + null, 0.0),
    };
    let part = |count: f64, share: f64| if count == 0.0 { 0.0 } else { count / share };
    let score = |c: f64| {
        let t = factor * c + shift;
        factor * (part(n_t * p_t, t) - part(n_t * (1.0 - p_t), 1.0 - t)) + part(n_c * p_c, c)
            - part(n_c * (1.0 - p_c), 1.0 - c)
    };
    let low = (-shift / factor).max(0.0);
    let high = ((1.0 - shift) / factor).min(1.0);
    // The score falls from low to high; where it does not change sign the estimate is at an end.
    let inside = 1e-13 * (high - low);
    let c = if score(low + inside) <= 0.0 {
        low
    } else if score(high - inside) >= 0.0 {
        high
    } else {
        find_root(score, low + inside, high - inside).unwrap_or(0.5 * (low + high))
    };
    ((factor * c + shift).clamp(0.0, 1.0), c)
}

/// The score statistic of p_T against the null value of p_C; positive when p_T is above it.
///
/// `null` is a difference on the absolute scale, above −1 and below 1, and a relative change on the
/// relative one, above −1. `corrected` applies N/(N − 1).
///
/// # Errors
/// [`StatsError::OutOfRange`] for an impossible null value, [`StatsError::NoVariance`] where the
/// restricted variance is zero.
pub fn score_statistic(
    control: Counted,
    treatment: Counted,
    null: f64,
    scale: Scale,
    corrected: bool,
) -> Result<f64> {
    let possible = null > -1.0 && (scale == Scale::Relative || null < 1.0);
    within("the null value", "above −1 and below 1 (relative: above −1)", null, possible)?;
    let z = statistic(control, treatment, null, scale, corrected);
    if z.is_nan() {
        return Err(StatsError::NoVariance);
    }
    Ok(z)
}

fn statistic(control: Counted, treatment: Counted, null: f64, scale: Scale, corrected: bool) -> f64 {
    let (p_t, p_c) = (treatment.share(), control.share());
    let (t, c) = restricted((treatment.n, p_t), (control.n, p_c), null, scale);
    let (gap, factor) = match scale {
        Scale::Absolute => (p_t - p_c - null, 1.0),
        Scale::Relative => (p_t - (1.0 + null) * p_c, 1.0 + null),
    };
    let n = control.n + treatment.n;
    let correction = if corrected { n / (n - 1.0) } else { 1.0 };
    let variance = correction * (t * (1.0 - t) / treatment.n + factor * factor * c * (1.0 - c) / control.n);
    if gap == 0.0 {
        return 0.0;
    }
    gap / variance.sqrt()
}

/// One-sided p-value that p_T is above the null value.
///
/// # Errors
/// As [`score_statistic`].
pub fn score_p_above(control: Counted, treatment: Counted, null: f64, scale: Scale) -> Result<PValue> {
    let z = score_statistic(control, treatment, null, scale, true)?;
    Ok(PValue::clamped(normal_tail(z)))
}

/// Miettinen and Nurminen's interval: all null values that the score test does not reject.
///
/// On the relative scale the upper end is `None` where no ratio is rejected.
///
/// # Errors
/// [`StatsError::NotFound`] where the estimate does not exist (a ratio to no successes).
pub fn score_interval(
    control: Counted,
    treatment: Counted,
    scale: Scale,
    confidence: Confidence,
) -> Result<Interval> {
    let critical = normal_tail_quantile(0.5 * confidence.alpha());
    let (p_t, p_c) = (treatment.share(), control.share());
    let estimate = match scale {
        Scale::Absolute => p_t - p_c,
        Scale::Relative if p_c == 0.0 => {
            return Err(StatsError::NotFound { what: "a relative change of no successes" });
        }
        Scale::Relative => p_t / p_c - 1.0,
    };
    let z = |null: f64| statistic(control, treatment, null, scale, true);
    let (bottom, top) = match scale {
        Scale::Absolute => (-1.0 + 1e-12, 1.0 - 1e-12),
        Scale::Relative => (-1.0 + 1e-12, 1e9),
    };
    let end = |sign: f64, limit: f64| {
        let excess = |null: f64| sign * z(null) + critical;
        find_root(excess, estimate.clamp(bottom, top), limit)
    };
    let upper = end(1.0, top);
    Ok(Interval {
        estimate,
        lower: Some(end(-1.0, bottom).unwrap_or(-1.0)),
        upper: match scale {
            Scale::Absolute => Some(upper.unwrap_or(1.0)),
            Scale::Relative => upper,
        },
    })
}
