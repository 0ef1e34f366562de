//! Does the effect differ between segments? For reading, not for verdicts.
//!
//! Segments that share no unit have independent effects, and the test is Cochran's. Where a unit
//! may be in several (its e-mails in one, its chats in another) their effects hang together, and the
//! same test takes the covariance between them into account: a Wald test of interaction.

use serde::{Deserialize, Serialize};

use super::distributions::chi_square_tail;
use super::effect::PValue;
use super::error::{Result, StatsError, finite, within};

/// How much the effects of segments differ beyond their noise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heterogeneity {
    /// (e − ē)ᵀΣ⁻¹(e − ē); of independent effects Cochran's Q = Σw(e − ē)², w = 1/variance.
    pub q: f64,
    /// Segments less one.
    pub degrees_of_freedom: f64,
    /// Chance of so large a Q where no effect differs.
    pub p_value: PValue,
    /// I² = max(0, (Q − df)/Q), the share of the variation that is not noise (Higgins 2003).
    pub i_squared: f64,
    /// DerSimonian and Laird's (1986) variance between segments, by the expected value of Q.
    pub tau_squared: f64,
    /// ē, weighted by Σ⁻¹.
    pub pooled: f64,
    /// Each effect drawn towards the common one by how noisy it is, for display: the best linear
    /// prediction under random effects. Of independent effects: weight τ²/(τ² + v) on the segment's
    /// own, the rest on the effect pooled with weights 1/(v + τ²).
    pub shrunk: Vec<f64>,
}

/// Cochran's Q test of equal effects, which must be independent.
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
    let row = |i: usize| (0..variances.len()).map(|j| if i == j { variances[i] } else { 0.0 }).collect();
    interaction(effects, &(0..variances.len()).map(row).collect::<Vec<_>>())
}

/// Wald's test of equal effects with the covariance Σ of their estimates.
///
/// With C the contrasts of every segment with the first, (Ce)ᵀ(CΣCᵀ)⁻¹(Ce) is
/// (e − ē)ᵀΣ⁻¹(e − ē), on chi-square with one degree of freedom less than there are segments. Under
/// random effects of variance τ² its mean is df + τ²·tr A, A = Σ⁻¹ − Σ⁻¹11ᵀΣ⁻¹/(1ᵀΣ⁻¹1), from which
/// τ² follows as DerSimonian and Laird's does.
///
/// # Errors
/// [`StatsError::UnequalLengths`]; [`StatsError::TooFewUnits`] below two segments;
/// [`StatsError::OutOfRange`] for a variance that is not above zero; [`StatsError::ImpossibleSums`]
/// for a covariance that no estimates can have.
pub fn interaction(effects: &[f64], covariance: &[Vec<f64>]) -> Result<Heterogeneity> {
    let unequal = |right| StatsError::UnequalLengths {
        what: "effects and rows of their covariance",
        left: effects.len(),
        right,
    };
    if let Some(wrong) =
        std::iter::once(covariance.len()).chain(covariance.iter().map(Vec::len)).find(|n| *n != effects.len())
    {
        return Err(unequal(wrong));
    }
    if effects.len() < 2 {
        return Err(StatsError::TooFewUnits {
            what: "a comparison of segments",
            needed: 2,
            found: effects.len() as u64,
        });
    }
    for (i, (&effect, row)) in effects.iter().zip(covariance).enumerate() {
        finite("an effect", effect)?;
        within("a variance", "above zero", row[i], row[i] > 0.0)?;
    }
    let precision = Factor::of(covariance)?;
    let (pooled, total) = precision.pooled(effects);
    let rest: Vec<f64> = effects.iter().map(|e| e - pooled).collect();
    let q = dot(&rest, &precision.solve(&rest)).max(0.0);
    let df = (effects.len() - 1) as f64;
    let weights = precision.solve(&vec![1.0; effects.len()]);
    let spare = precision.trace_of_inverse() - dot(&weights, &weights) / total;
    let tau_squared = ((q - df) / spare).max(0.0);
    Ok(Heterogeneity {
        q,
        degrees_of_freedom: df,
        p_value: PValue::computed(chi_square_tail(q, df))?,
        i_squared: if q > 0.0 { ((q - df) / q).max(0.0) } else { 0.0 },
        tau_squared,
        pooled,
        shrunk: shrunk(effects, covariance, tau_squared)?,
    })
}

fn shrunk(effects: &[f64], covariance: &[Vec<f64>], tau_squared: f64) -> Result<Vec<f64>> {
    let mut wider = covariance.to_vec();
    for (i, row) in wider.iter_mut().enumerate() {
        row[i] += tau_squared;
    }
    let precision = Factor::of(&wider)?;
    let (centre, _) = precision.pooled(effects);
    let rest: Vec<f64> = effects.iter().map(|e| e - centre).collect();
    Ok(precision.solve(&rest).into_iter().map(|r| centre + tau_squared * r).collect())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A covariance as its Cholesky factor: lower rows.
struct Factor(Vec<Vec<f64>>);

impl Factor {
    fn of(covariance: &[Vec<f64>]) -> Result<Self> {
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(covariance.len());
        for (i, given) in covariance.iter().enumerate() {
            let mut row = Vec::with_capacity(i + 1);
            for (j, other) in rows.iter().enumerate() {
                let known: f64 = dot(&row[..j], &other[..j]);
                row.push((given[j] - known) / other[j]);
            }
            let left = given[i] - dot(&row, &row);
            // Rounding of figures of this size is not a variance.
            if left <= 1e-13 * given[i] || !left.is_finite() {
                return Err(StatsError::ImpossibleSums {
                    what: "effects of segments are multiples of each other",
                });
            }
            row.push(left.sqrt());
            rows.push(row);
        }
        Ok(Self(rows))
    }

    /// Σ⁻¹b.
    fn solve(&self, b: &[f64]) -> Vec<f64> {
        let rows = &self.0;
        let mut x = Vec::with_capacity(b.len());
        for (i, row) in rows.iter().enumerate() {
            let known = dot(&row[..i], &x);
            x.push((b[i] - known) / row[i]);
        }
        for i in (0..x.len()).rev() {
            let known: f64 = (i + 1..x.len()).map(|j| rows[j][i] * x[j]).sum();
            x[i] = (x[i] - known) / rows[i][i];
        }
        x
    }

    /// 1ᵀΣ⁻¹e/1ᵀΣ⁻¹1, and 1ᵀΣ⁻¹1.
    fn pooled(&self, effects: &[f64]) -> (f64, f64) {
        let weights = self.solve(&vec![1.0; effects.len()]);
        let total = weights.iter().sum::<f64>();
        (dot(&weights, effects) / total, total)
    }

    fn trace_of_inverse(&self) -> f64 {
        let n = self.0.len();
        let unit = |i: usize| (0..n).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>();
        (0..n).map(|i| self.solve(&unit(i))[i]).sum()
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "figures stand as the other software printed them")]
mod tests {
    use super::*;

    const EFFECTS: [f64; 4] = [-0.8, 0.3, -1.6, 0.9];

    #[track_caller]
    fn near(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0), "found {found}, wanted {wanted}");
    }

    /// numpy: W = (Ce)ᵀ(CΣCᵀ)⁻¹(Ce) with C = [−1, I]; the rest by explicit inverses.
    #[test]
    fn effects_that_hang_together_are_tested_with_their_covariance() {
        let covariance = [
            vec![0.30, 0.08, 0.02, 0.05],
            vec![0.08, 0.25, 0.04, 0.0],
            vec![0.02, 0.04, 0.5, -0.1],
            vec![0.05, 0.0, -0.1, 0.2],
        ];
        let found = interaction(&EFFECTS, &covariance).unwrap();
        near(found.q, 11.722364740309128);
        near(found.p_value.value(), 0.0083973358304032);
        near(found.pooled, 0.056078790300748825);
        near(found.tau_squared, 0.7179753820033956);
        let shrunk = [-0.6827477297920138, 0.24204379679904217, -0.9663179947718388, 0.6029925644442891];
        for (found, wanted) in found.shrunk.iter().zip(shrunk) {
            near(*found, wanted);
        }
    }

    /// statsmodels 0.14: combine_effects(e, v, method_re="dl").
    #[test]
    fn independent_effects_are_cochrans() {
        let found = cochran(&EFFECTS, &[0.30, 0.25, 0.5, 0.2]).unwrap();
        near(found.q, 11.661395348837212);
        near(found.tau_squared, 0.831339285714286);
        near(found.i_squared, 0.7427409061901724);
        near(found.pooled, -0.011627906976744207);
        // Each effect keeps τ²/(τ² + v) of its distance from the centre.
        let centre = |i: usize, v: f64| {
            let own = found.tau_squared / (found.tau_squared + v);
            (found.shrunk[i] - own * EFFECTS[i]) / (1.0 - own)
        };
        near(centre(0, 0.30), centre(2, 0.5));
    }

    #[test]
    fn effects_that_are_one_effect_are_refused() {
        let same = [vec![1.0, 1.0], vec![1.0, 1.0]];
        assert!(matches!(interaction(&[1.0, 2.0], &same), Err(StatsError::ImpossibleSums { .. })));
        assert!(matches!(cochran(&[1.0, 2.0], &[1.0, 0.0]), Err(StatsError::OutOfRange { .. })));
        assert!(matches!(cochran(&[1.0], &[1.0]), Err(StatsError::TooFewUnits { .. })));
    }
}
