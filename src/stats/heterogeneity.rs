//! Does the effect differ between segments? For reading, not for verdicts.

use serde::{Deserialize, Serialize};

use super::distributions::chi_square_tail;
use super::effect::PValue;
use super::error::{Result, StatsError, finite, within};

/// How much the effects of segments differ beyond their noise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heterogeneity {
    /// Cochran's Q = Σw(e − ē)², w = 1/variance.
    pub q: f64,
    /// Segments less one.
    pub degrees_of_freedom: f64,
    /// Chance of so large a Q where no effect differs.
    pub p_value: PValue,
    /// I² = max(0, (Q − df)/Q), the share of the variation that is not noise (Higgins 2003).
    pub i_squared: f64,
    /// DerSimonian and Laird's (1986) variance between segments.
    pub tau_squared: f64,
    /// ē, weighted by 1/variance.
    pub pooled: f64,
}

/// Cochran's Q test of equal effects.
///
/// # Errors
/// [`StatsError::UnequalLengths`]; [`StatsError::TooFewUnits`] below two segments;
/// [`StatsError::OutOfRange`] for a variance that is not above zero.
pub fn cochran(effects: &[f64], variances: &[f64]) -> Result<Heterogeneity> {
    if effects.len() != variances.len() {
        return Err(StatsError::UnequalLengths {
            what: "effects and variances",
            left: effects.len(),
            right: variances.len(),
        });
    }
    if effects.len() < 2 {
        return Err(StatsError::TooFewUnits {
            what: "a comparison of segments",
            needed: 2,
            found: effects.len() as u64,
        });
    }
    for (&effect, &variance) in effects.iter().zip(variances) {
        finite("an effect", effect)?;
        within("a variance", "above zero", variance, variance > 0.0)?;
    }
    let weights = || variances.iter().map(|v| 1.0 / v);
    let total: f64 = weights().sum();
    let pooled = effects.iter().zip(weights()).map(|(e, w)| e * w).sum::<f64>() / total;
    let q: f64 = effects.iter().zip(weights()).map(|(e, w)| w * (e - pooled).powi(2)).sum();
    let df = (effects.len() - 1) as f64;
    let spare = total - weights().map(|w| w * w).sum::<f64>() / total;
    Ok(Heterogeneity {
        q,
        degrees_of_freedom: df,
        p_value: PValue::clamped(chi_square_tail(q, df)),
        i_squared: if q > 0.0 { ((q - df) / q).max(0.0) } else { 0.0 },
        tau_squared: ((q - df) / spare).max(0.0),
        pooled,
    })
}

/// Each segment's effect drawn towards the common one by how noisy it is: for display.
///
/// Weight τ²/(τ² + v) on the segment's own effect, the rest on the effect pooled with weights
/// 1/(v + τ²) (DerSimonian & Laird's random effects).
///
/// # Errors
/// As [`cochran`].
pub fn shrunk(effects: &[f64], variances: &[f64]) -> Result<Vec<f64>> {
    let tau_squared = cochran(effects, variances)?.tau_squared;
    let weights = || variances.iter().map(|v| 1.0 / (v + tau_squared));
    let centre = effects.iter().zip(weights()).map(|(e, w)| e * w).sum::<f64>() / weights().sum::<f64>();
    Ok(effects
        .iter()
        .zip(variances)
        .map(|(e, v)| {
            let own = tau_squared / (tau_squared + v);
            own * e + (1.0 - own) * centre
        })
        .collect())
}
