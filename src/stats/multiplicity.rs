//! Many metrics, many cohorts: p-values and levels that allow for the number of chances.

use super::distributions::{
    find_root, gauss_legendre, normal_cdf, normal_density, normal_tail_quantile, t_tail,
};
use super::effect::{Confidence, PValue};
use super::error::{Result, StatsError, within};

/// Holm's step-down: adj₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎), in the order given.
///
/// Controls the chance of any false claim (Holm 1979). An empty list stays empty.
pub fn holm(p_values: &[PValue]) -> Vec<PValue> {
    let m = p_values.len();
    let mut adjusted = vec![PValue::clamped(0.0); m];
    let mut largest: f64 = 0.0;
    for (rank, &i) in ascending(p_values).iter().enumerate() {
        largest = largest.max((m - rank) as f64 * p_values[i].value());
        adjusted[i] = PValue::clamped(largest);
    }
    adjusted
}

/// Benjamini and Hochberg's step-up: adj₍ᵢ₎ = min over j ≥ i of min(1, m·p₍ⱼ₎/j), in the order given.
///
/// Controls the expected share of false claims among claims (Benjamini & Hochberg 1995).
pub fn benjamini_hochberg(p_values: &[PValue]) -> Vec<PValue> {
    let m = p_values.len();
    let mut adjusted = vec![PValue::clamped(1.0); m];
    let mut smallest: f64 = 1.0;
    for (rank, &i) in ascending(p_values).iter().enumerate().rev() {
        smallest = smallest.min(m as f64 * p_values[i].value() / (rank + 1) as f64);
        adjusted[i] = PValue::clamped(smallest);
    }
    adjusted
}

fn ascending(p_values: &[PValue]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].value().total_cmp(&p_values[b].value()));
    order
}

/// The variance of the control's estimate and of each treatment's: what makes the comparisons of
/// several treatments with one control depend on each other.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedControl {
    /// √(V_C/(V_C + V_i)) by treatment; the correlation of comparisons i and j is their product.
    loadings: Vec<f64>,
}

impl SharedControl {
    /// # Errors
    /// [`StatsError::Empty`] without treatments, [`StatsError::OutOfRange`] for a variance that is
    /// not above zero.
    pub fn new(control_variance: f64, treatment_variances: &[f64]) -> Result<Self> {
        if treatment_variances.is_empty() {
            return Err(StatsError::Empty { what: "the list of treatments" });
        }
        within("the control's variance", "above zero", control_variance, control_variance > 0.0)?;
        let loadings = treatment_variances
            .iter()
            .map(|&v| {
                within("a treatment's variance", "above zero", v, v > 0.0)?;
                Ok((control_variance / (control_variance + v)).sqrt())
            })
            .collect::<Result<_>>()?;
        Ok(Self { loadings })
    }

    /// P(max |Zᵢ| > z), the chance that any comparison strays so far when nothing differs
    /// (Dunnett 1955): 1 − ∫φ(u)·Πᵢ[Φ((z + λᵢu)/√(1 − λᵢ²)) − Φ((−z + λᵢu)/√(1 − λᵢ²))]du.
    pub fn p_of_largest(&self, z: f64) -> f64 {
        let within_all = integrate(-8.5, 8.5, 24, |u| {
            normal_density(u)
                * self
                    .loadings
                    .iter()
                    .map(|&l| {
                        let own = (1.0 - l * l).sqrt();
                        normal_cdf((z + l * u) / own) - normal_cdf((l * u - z) / own)
                    })
                    .product::<f64>()
        });
        (1.0 - within_all).clamp(0.0, 1.0)
    }

    /// As [`p_of_largest`](Self::p_of_largest) for t statistics that share an estimate of variance
    /// with `df` degrees of freedom.
    pub fn p_of_largest_t(&self, t: f64, df: f64) -> f64 {
        // s² = χ²_df/df; integrate over s with its density normalised on the same nodes.
        let spread = (0.5 / df).sqrt();
        let (low, high) = ((1.0 - 9.0 * spread).max(1e-6), 1.0 + 9.0 * spread);
        let density = |s: f64| ((df - 1.0) * s.ln() - 0.5 * df * (s * s - 1.0)).exp();
        let total = integrate(low, high, 12, density);
        integrate(low, high, 12, |s| density(s) * self.p_of_largest(t * s)) / total
    }

    /// The two-sided critical value of each comparison at `confidence` for all together.
    ///
    /// # Errors
    /// [`StatsError::NotFound`], which does not happen for a valid confidence.
    pub fn critical(&self, confidence: Confidence) -> Result<f64> {
        let alpha = confidence.alpha();
        let one = normal_tail_quantile(0.5 * alpha);
        let bonferroni = normal_tail_quantile(0.5 * alpha / self.loadings.len() as f64);
        find_root(|z| self.p_of_largest(z) - alpha, one - 1e-6, bonferroni + 1e-6)
            .ok_or(StatsError::NotFound { what: "Dunnett's critical value" })
    }
}

/// The confidence at which each of several treatments is compared with one control so that all
/// intervals together hold with `confidence`: Dunnett's allowance as a level, which any law and any
/// rule of looking can take.
///
/// # Errors
/// As [`SharedControl::new`].
///
/// ```
/// use patience::stats::{Confidence, multiplicity::dunnett_confidence};
/// let each = dunnett_confidence(Confidence::new(0.95)?, 1.0, &[1.0, 1.0])?;
/// // Critical value 2.2121 for two treatments of equal size: 1 − 2·(1 − Φ(2.2121)) = 0.97304.
/// assert!((each.value() - 0.973_04).abs() < 1e-5);
/// # Ok::<(), patience::stats::StatsError>(())
/// ```
pub fn dunnett_confidence(
    confidence: Confidence,
    control_variance: f64,
    treatment_variances: &[f64],
) -> Result<Confidence> {
    let critical = SharedControl::new(control_variance, treatment_variances)?.critical(confidence)?;
    Confidence::new(2.0 * normal_cdf(critical) - 1.0)
}

/// Dunnett's p-value of one comparison from its own two-sided p-value.
///
/// # Errors
/// As [`SharedControl::new`].
pub fn dunnett_p(p_value: PValue, control_variance: f64, treatment_variances: &[f64]) -> Result<PValue> {
    let shared = SharedControl::new(control_variance, treatment_variances)?;
    let z = normal_tail_quantile(0.5 * p_value.value());
    if z.is_infinite() {
        return Ok(p_value);
    }
    // Far out the integral loses its digits to rounding, and Bonferroni's bound is exact there.
    let bonferroni = p_value.value() * treatment_variances.len() as f64;
    Ok(PValue::clamped(if bonferroni < 1e-9 {
        bonferroni
    } else {
        shared.p_of_largest(z).max(p_value.value())
    }))
}

/// Two-sided p-value of a t statistic, for those who hold Dunnett's against it.
pub fn two_sided_t_p(t: f64, df: f64) -> PValue {
    PValue::clamped(2.0 * t_tail(t.abs(), df))
}

fn integrate(low: f64, high: f64, panels: u32, f: impl Fn(f64) -> f64) -> f64 {
    let rule = gauss_legendre(12);
    let half = 0.5 * (high - low) / f64::from(panels);
    (0..panels)
        .map(|i| {
            let middle = low + half * (2.0 * f64::from(i) + 1.0);
            rule.iter().map(|(x, w)| w * half * f(middle + half * x)).sum::<f64>()
        })
        .sum()
}
