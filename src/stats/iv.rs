//! The effect on those who were really treated: assignment as an instrument for what was received.
//!
//! Per unit, y is the outcome and x what was received (1 or 0, or an amount), kept as
//! [`RatioMoments`]. What it comes to is the effect on compliers (Imbens & Angrist 1994); where the first stage is weak,
//! the set of Anderson & Rubin (1949) holds all the same.

use serde::{Deserialize, Serialize};

use super::distributions::{normal_tail, normal_tail_quantile};
use super::effect::{Confidence, Interval, PValue};
use super::error::{Result, StatsError, finite};
use super::moments::{RatioMoments, Spread};

/// The Wald ratio and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Wald {
    /// Effect of assignment on the outcome.
    pub on_outcome: f64,
    /// Effect of assignment on what was received: the first stage.
    pub on_received: f64,
    /// Their ratio: the effect on those whom assignment moved.
    pub effect: f64,
    /// Its standard error by the delta method with 1/n variances, as two-stage least squares (HC0).
    pub std_error: f64,
    /// F of the first stage, `None` where nothing varies in it; below 10 use [`anderson_rubin_set`].
    pub first_stage_f: Option<f64>,
}

/// L = ITT_y/ITT_d, Var = Σ over cohorts (v_y − 2L·c + L²·v_d)/n / ITT_d², variances over n.
///
/// # Errors
/// [`StatsError::ZeroFirstStage`]; those of [`RatioMoments::spread`].
pub fn wald(control: &RatioMoments, treatment: &RatioMoments) -> Result<Wald> {
    let parts = Parts::new(control, treatment)?;
    let effect = parts.on_outcome / parts.on_received;
    let over_n = |n: f64| (n - 1.0) / n;
    let variance: f64 = parts.cohorts.iter().map(|(n, s)| residual(s, effect) * over_n(*n) / n).sum();
    let noise: f64 = parts.cohorts.iter().map(|(n, s)| s.xx / n).sum();
    Ok(Wald {
        on_outcome: parts.on_outcome,
        on_received: parts.on_received,
        effect,
        std_error: variance.max(0.0).sqrt() / parts.on_received.abs(),
        first_stage_f: (noise > 0.0).then(|| parts.on_received.powi(2) / noise),
    })
}

/// The values of an effect that a test does not reject, in whichever shape they come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum ConfidenceSet {
    /// Between both ends.
    Interval {
        /// The lower end.
        lower: f64,
        /// The upper end.
        upper: f64,
    },
    /// Everything but what lies between both ends: the sign of the first stage is not known.
    Disjoint {
        /// All up to here,
        below: f64,
        /// and all from here.
        above: f64,
    },
    /// All from here.
    AtLeast {
        /// The lower end.
        lower: f64,
    },
    /// All up to here.
    AtMost {
        /// The upper end.
        upper: f64,
    },
    /// Every number: the data say nothing.
    Unbounded,
}

impl ConfidenceSet {
    /// Whether `value` is not rejected.
    pub fn contains(&self, value: f64) -> bool {
        match *self {
            Self::Interval { lower, upper } => (lower..=upper).contains(&value),
            Self::Disjoint { below, above } => value <= below || value >= above,
            Self::AtLeast { lower } => value >= lower,
            Self::AtMost { upper } => value <= upper,
            Self::Unbounded => true,
        }
    }
}

/// Anderson and Rubin's set, right however weak the first stage is: all b for which
/// (ITT_y − b·ITT_d)² ≤ z²·Σ(v_y − 2b·c + b²·v_d)/n.
///
/// With a·b² − 2h·b + k ≤ 0 for that, it is an interval where a > 0, which is a first stage that
/// differs from zero at this confidence; otherwise two rays, or everything. It is never empty: the
/// Wald ratio itself is never rejected.
///
/// # Errors
/// As [`wald`].
pub fn anderson_rubin_set(
    control: &RatioMoments,
    treatment: &RatioMoments,
    confidence: Confidence,
) -> Result<ConfidenceSet> {
    let parts = Parts::new(control, treatment)?;
    let z = normal_tail_quantile(0.5 * confidence.alpha());
    let sum = |f: fn(&Spread) -> f64| -> f64 { parts.cohorts.iter().map(|(n, s)| f(s) / n).sum() };
    let (v_y, c, v_d) = (sum(|s| s.yy), sum(|s| s.xy), sum(|s| s.xx));
    let a = parts.on_received.powi(2) - z * z * v_d;
    let h = parts.on_outcome * parts.on_received - z * z * c;
    let k = parts.on_outcome.powi(2) - z * z * v_y;
    let inside = h * h - a * k;
    if a == 0.0 {
        return Ok(match h {
            h if h > 0.0 => ConfidenceSet::AtLeast { lower: k / (2.0 * h) },
            h if h < 0.0 => ConfidenceSet::AtMost { upper: k / (2.0 * h) },
            _ => ConfidenceSet::Unbounded,
        });
    }
    if a < 0.0 && inside < 0.0 {
        return Ok(ConfidenceSet::Unbounded);
    }
    // The root further from zero by adding, the other by the product of both, k/a: no cancellation.
    let far = h + inside.max(0.0).sqrt().copysign(h);
    let (one, other) = if far == 0.0 { (0.0, 0.0) } else { (far / a, k / far) };
    let (low, high) = (one.min(other), one.max(other));
    finite("an end of the Anderson–Rubin set", low)?;
    finite("an end of the Anderson–Rubin set", high)?;
    Ok(if a > 0.0 {
        ConfidenceSet::Interval { lower: low, upper: high }
    } else {
        ConfidenceSet::Disjoint { below: low, above: high }
    })
}

/// [`anderson_rubin_set`] as an interval, unbounded on both ends where the set is none.
///
/// # Errors
/// As [`wald`].
pub fn anderson_rubin(
    control: &RatioMoments,
    treatment: &RatioMoments,
    confidence: Confidence,
) -> Result<Interval> {
    let parts = Parts::new(control, treatment)?;
    let estimate = parts.on_outcome / parts.on_received;
    Ok(match anderson_rubin_set(control, treatment, confidence)? {
        ConfidenceSet::Interval { lower, upper } => {
            Interval { estimate, lower: Some(lower), upper: Some(upper) }
        }
        _ => Interval::unbounded(estimate),
    })
}

/// p-value of Anderson and Rubin's test that the effect is zero: that of the effect of assignment,
/// which does not need a first stage.
///
/// # Errors
/// As [`wald`]; [`StatsError::NoVariance`] where the outcome does not vary.
pub fn anderson_rubin_p(control: &RatioMoments, treatment: &RatioMoments) -> Result<PValue> {
    let parts = Parts::new(control, treatment)?;
    let variance: f64 = parts.cohorts.iter().map(|(n, s)| s.yy / n).sum();
    if variance <= 0.0 {
        return Err(StatsError::NoVariance);
    }
    PValue::computed(2.0 * normal_tail(parts.on_outcome.abs() / variance.sqrt()))
}

fn residual(spread: &Spread, effect: f64) -> f64 {
    spread.yy - 2.0 * effect * spread.xy + effect * effect * spread.xx
}

struct Parts {
    on_outcome: f64,
    on_received: f64,
    cohorts: [(f64, Spread); 2],
}

impl Parts {
    fn new(control: &RatioMoments, treatment: &RatioMoments) -> Result<Self> {
        let cohorts = [(control.n as f64, control.spread()?), (treatment.n as f64, treatment.spread()?)];
        let [(n_c, _), (n_t, _)] = cohorts;
        let on_received = treatment.x / n_t - control.x / n_c;
        if on_received == 0.0 {
            return Err(StatsError::ZeroFirstStage);
        }
        Ok(Self { on_outcome: treatment.y / n_t - control.y / n_c, on_received, cohorts })
    }
}
