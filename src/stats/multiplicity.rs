//! Many metrics, many cohorts: p-values and levels that allow for the number of chances.

use std::f64::consts::PI;

use super::distributions::{
    find_root, integrate, integrate_once, mean_over_scale, normal_cdf, normal_density, normal_tail,
    normal_tail_quantile, t_tail, t_tail_quantile,
};
use super::effect::{Confidence, PValue};
use super::error::{Result, StatsError, within};

/// Bonferroni: min(1, m·p). Needs no assumption; [`holm`] is never larger.
pub fn bonferroni(p_values: &[PValue]) -> Vec<PValue> {
    let m = p_values.len() as f64;
    p_values.iter().map(|p| PValue::clamped(m * p.value())).collect()
}

/// Šidák: 1 − (1 − p)^m, for independent tests.
pub fn sidak(p_values: &[PValue]) -> Vec<PValue> {
    p_values.iter().map(|p| PValue::clamped(any_of(p.value(), p_values.len()))).collect()
}

/// Holm's step-down: adj₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎), in the order given.
///
/// Controls the chance of any false claim (Holm 1979). An empty list stays empty.
pub fn holm(p_values: &[PValue]) -> Vec<PValue> {
    step_down(p_values, |p, left| left as f64 * p)
}

/// Holm's step-down with Šidák's 1 − (1 − p₍ⱼ₎)^(m − j + 1), for independent tests.
pub fn holm_sidak(p_values: &[PValue]) -> Vec<PValue> {
    step_down(p_values, any_of)
}

/// Hochberg's step-up: adj₍ᵢ₎ = min over j ≥ i of (m − j + 1)·p₍ⱼ₎ (Hochberg 1988), for tests that
/// are independent or positively dependent.
pub fn hochberg(p_values: &[PValue]) -> Vec<PValue> {
    let m = p_values.len();
    step_up(p_values, |p, rank| (m - rank) as f64 * p)
}

/// Hochberg's step-up with Šidák's 1 − (1 − p₍ⱼ₎)^(m − j + 1).
pub fn hochberg_sidak(p_values: &[PValue]) -> Vec<PValue> {
    let m = p_values.len();
    step_up(p_values, |p, rank| any_of(p, m - rank))
}

/// Benjamini and Hochberg's step-up: adj₍ᵢ₎ = min over j ≥ i of min(1, m·p₍ⱼ₎/j), in the order given.
///
/// Controls the expected share of false claims among claims (Benjamini & Hochberg 1995).
pub fn benjamini_hochberg(p_values: &[PValue]) -> Vec<PValue> {
    let m = p_values.len() as f64;
    step_up(p_values, |p, rank| m * p / (rank + 1) as f64)
}

/// Benjamini and Hochberg's times Σ1/i: the same control under any dependence (Benjamini &
/// Yekutieli 2001).
pub fn benjamini_yekutieli(p_values: &[PValue]) -> Vec<PValue> {
    let m = p_values.len() as f64;
    let harmonic: f64 = (1..=p_values.len()).map(|i| 1.0 / i as f64).sum();
    step_up(p_values, |p, rank| harmonic * m * p / (rank + 1) as f64)
}

/// Hommel's closed test by Simes' inequality (Hommel 1988, in the form of Wright 1992), which
/// assumes what [`hochberg`] assumes and is never larger. Takes time with the square of m.
pub fn hommel(p_values: &[PValue]) -> Vec<PValue> {
    let m = p_values.len();
    let order = ascending(p_values);
    let p: Vec<f64> = order.iter().map(|&i| p_values[i].value()).collect();
    let simes = |p: &[f64], size: usize| {
        let ratios = p.iter().enumerate().map(|(i, p)| size as f64 * p / (i + 1) as f64);
        ratios.fold(1.0, f64::min)
    };
    let mut least = vec![simes(&p, m); m];
    let mut of_size = least.clone();
    for size in (2..m).rev() {
        // The `size` − 1 largest, of which the last share one bound.
        let (few, many) = p.split_at(m - size + 1);
        let bound = many
            .iter()
            .enumerate()
            .map(|(i, p)| size as f64 * p / (i + 2) as f64)
            .fold(f64::INFINITY, f64::min);
        for (i, p) in few.iter().enumerate() {
            of_size[i] = bound.min(size as f64 * p);
        }
        let last = of_size[m - size];
        of_size[m - size + 1..].fill(last);
        for (least, of_size) in least.iter_mut().zip(&of_size) {
            *least = least.max(*of_size);
        }
    }
    let mut adjusted = vec![PValue::clamped(1.0); m];
    for (rank, &i) in order.iter().enumerate() {
        adjusted[i] = PValue::clamped(least[rank].max(p[rank]));
    }
    adjusted
}

/// Chance of at least one p-value this small among `tests` independent ones.
fn any_of(p: f64, tests: usize) -> f64 {
    -(tests as f64 * (-p).ln_1p()).exp_m1()
}

/// From the smallest on, each at least as large as those before it; `adjust` is told how many are left.
fn step_down(p_values: &[PValue], adjust: impl Fn(f64, usize) -> f64) -> Vec<PValue> {
    let m = p_values.len();
    let mut adjusted = vec![PValue::clamped(0.0); m];
    let mut largest: f64 = 0.0;
    for (rank, &i) in ascending(p_values).iter().enumerate() {
        largest = largest.max(adjust(p_values[i].value(), m - rank));
        adjusted[i] = PValue::clamped(largest);
    }
    adjusted
}

/// From the largest down, each at most as large as those after it; `adjust` is told the rank from 0.
fn step_up(p_values: &[PValue], adjust: impl Fn(f64, usize) -> f64) -> Vec<PValue> {
    let m = p_values.len();
    let mut adjusted = vec![PValue::clamped(1.0); m];
    let mut smallest: f64 = 1.0;
    for (rank, &i) in ascending(p_values).iter().enumerate().rev() {
        smallest = smallest.min(adjust(p_values[i].value(), rank));
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
    /// [`StatsError::Empty`] without treatments, [`StatsError::OutOfRange`] for a negative variance, or for a
    /// treatment that has none where the control has none.
    pub fn new(control_variance: f64, treatment_variances: &[f64]) -> Result<Self> {
        if treatment_variances.is_empty() {
            return Err(StatsError::Empty { what: "the list of treatments" });
        }
        within("the control's variance", "zero or more", control_variance, control_variance >= 0.0)?;
        let loadings = treatment_variances
            .iter()
            .map(|&v| {
                within("a treatment's variance", "zero or more", v, v >= 0.0)?;
                within(
                    "the variance of a comparison",
                    "above zero",
                    control_variance + v,
                    control_variance + v > 0.0,
                )?;
                Ok((control_variance / (control_variance + v)).sqrt())
            })
            .collect::<Result<_>>()?;
        Ok(Self { loadings })
    }

    /// P(max |Zᵢ| > z), the chance that any comparison strays so far when nothing differs
    /// (Dunnett 1955): ∫φ(u)·(1 − Πᵢ(1 − qᵢ(u)))du with qᵢ the chance that comparison i strays,
    /// given the control's part u. Right to 1e-11 relative however small it is.
    ///
    /// For two comparisons with correlation ρ by Plackett's reduction (1954; Drezner & Wesolowsky 1990), a
    /// hundred times as fast and as right: 4t(1 − t) − ∫₀^asin ρ (e^(−z²/(1+sin θ)) − e^(−z²/(1−sin θ)))dθ/π
    /// with t = P(Z > z).
    pub fn p_of_largest(&self, z: f64) -> f64 {
        if let [one, other] = self.loadings[..] {
            let (square, tail) = (z * z, normal_tail(z.abs()));
            let both = integrate_once(0.0, (one * other).asin(), |angle| {
                let sine = angle.sin();
                (-square / (1.0 + sine)).exp() - (-square / (1.0 - sine)).exp()
            });
            return (4.0 * tail * (1.0 - tail) - both / PI).clamp(0.0, 1.0);
        }
        // Even in u, and beyond z + 9 there is nothing left. A treatment without noise strays where u passes z.
        let strays = |u: f64| {
            let all_within: f64 = self
                .loadings
                .iter()
                .map(|&l| {
                    let own = ((1.0 - l) * (1.0 + l)).sqrt();
                    let q = normal_tail((z + l * u) / own) + normal_tail((z - l * u) / own);
                    (-q.min(1.0)).ln_1p()
                })
                .sum();
            -normal_density(u) * all_within.exp_m1()
        };
        let z_size = z.abs();
        let (inside, outside) = (integrate(0.0, z_size, strays), integrate(z_size, z_size + 9.0, strays));
        (2.0 * (inside + outside)).clamp(0.0, 1.0)
    }

    /// As [`p_of_largest`](Self::p_of_largest) for t statistics that share an estimate of variance
    /// with `df` degrees of freedom.
    pub fn p_of_largest_t(&self, t: f64, df: f64) -> f64 {
        mean_over_scale(df, |s| self.p_of_largest(t * s)).clamp(0.0, 1.0)
    }

    /// Two-sided p-value of one comparison's statistic, allowing for all of them; `df` as in
    /// [`p_of_largest_t`](Self::p_of_largest_t), `None` for the normal law.
    ///
    /// # Errors
    /// [`StatsError::TooExtreme`] for a statistic that is no number.
    pub fn p_adjusted(&self, statistic: f64, df: Option<f64>) -> Result<PValue> {
        let size = statistic.abs();
        PValue::computed(match df {
            None => self.p_of_largest(size),
            Some(df) => self.p_of_largest_t(size, df),
        })
    }

    /// The two-sided critical value of each comparison at `confidence` for all together.
    ///
    /// # Errors
    /// [`StatsError::NotFound`], which does not happen for a valid confidence.
    pub fn critical(&self, confidence: Confidence) -> Result<f64> {
        self.critical_t(confidence, None)
    }

    /// As [`critical`](Self::critical) for t statistics that share a variance with `df` degrees of
    /// freedom; `None` for the normal law.
    ///
    /// # Errors
    /// As [`critical`](Self::critical); [`StatsError::OutOfRange`] unless `df` ≥ 1.
    pub fn critical_t(&self, confidence: Confidence, df: Option<f64>) -> Result<f64> {
        let law = df.unwrap_or(f64::INFINITY);
        if df.is_some() {
            within("degrees of freedom", "at least 1", law, law >= 1.0)?;
        }
        let alpha = confidence.alpha();
        let one = t_tail_quantile(0.5 * alpha, law);
        let bonferroni = t_tail_quantile(0.5 * alpha / self.loadings.len() as f64, law);
        let excess = |z: f64| self.p_adjusted(z, df).map_or(f64::NAN, |p| p.value() - alpha);
        find_root(excess, one * (1.0 - 1e-6), bonferroni * (1.0 + 1e-6))
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
    PValue::computed(shared.p_of_largest(z).max(p_value.value()))
}

/// Two-sided p-value of a t statistic, for those who hold Dunnett's against it.
///
/// # Errors
/// [`StatsError::TooExtreme`] for a statistic that is no number.
pub fn two_sided_t_p(t: f64, df: f64) -> Result<PValue> {
    PValue::computed(2.0 * t_tail(t.abs(), df))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_noise_in_the_control_comparisons_are_independent_and_without_noise_in_a_treatment_they_follow_it()
     {
        let z = 2.0;
        let one = 2.0 * normal_tail(z);
        let sidak = SharedControl::new(0.0, &[1.0, 4.0]).unwrap().p_of_largest(z);
        assert!((sidak - (1.0 - (1.0 - one).powi(2))).abs() < 1e-12, "{sidak}");
        let same = SharedControl::new(1.0, &[0.0, 0.0]).unwrap().p_of_largest(z);
        assert!((same - one).abs() < 1e-12, "{same} {one}");
        assert!(SharedControl::new(0.0, &[0.0, 1.0]).is_err());
    }

    #[test]
    fn very_many_degrees_of_freedom_are_the_normal_law() {
        // And are answered at once: a density that is not smooth to its last digit would be halved without end.
        for ratio in [1.0, 1e-4, 1e-13] {
            let shared = SharedControl::new(1.0, &[1.0, ratio, ratio]).unwrap();
            let normal = shared.p_of_largest(3.0);
            for df in [1e12, 9e15] {
                assert!((shared.p_of_largest_t(3.0, df) / normal - 1.0).abs() < 1e-10, "{ratio} {df}");
            }
        }
    }
}
