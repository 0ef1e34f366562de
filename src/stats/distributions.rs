//! Normal, t and chi-square laws to near machine precision, a quadrature and a root finder.
//!
//! The t law is computed here and not taken from a library because its tails must stay right to
//! 1e-10 relative from 1 to 10⁹ degrees of freedom.

use std::{
    f64::consts::{FRAC_1_SQRT_2, PI},
    sync::LazyLock,
};

use statrs::function::{
    erf::erfc_inv,
    gamma::{gamma_ur, ln_gamma},
};

/// Density of the standard normal law at `x`.
pub fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// P(Z ≤ x) of the standard normal law.
pub fn normal_cdf(x: f64) -> f64 {
    normal_tail(-x)
}

/// P(Z > x) of the standard normal law, to 1e-14 relative far into the tail.
///
/// Below 2 by the series ½ − φ(x)·Σ x^{2k+1}/(2k+1)!!, above by the continued fraction of Mills'
/// ratio (Abramowitz & Stegun 26.2.11 and 26.2.14). (statrs' erfc is right to 1e-11 only.)
pub fn normal_tail(x: f64) -> f64 {
    if x < 0.0 {
        return 1.0 - normal_tail(-x);
    }
    if x > 39.0 {
        return 0.0;
    }
    if x < 2.0 {
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term > 1e-17 * sum {
            odd += 2.0;
            term *= x * x / odd;
            sum += term;
        }
        return 0.5 - normal_density(x) * sum;
    }
    // 1/(x + 1/(x + 2/(x + 3/(x + …)))), from the back; 400/x² terms are enough.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 8 and 130
    let terms = (500.0 / (x * x)) as u32 + 8;
    let fraction = (1..=terms).rev().fold(x, |below, k| x + f64::from(k) / below);
    normal_density(x) / fraction
}

/// The z with P(Z > z) = `tail`, for 0 < `tail` < 1; ±∞ at the ends.
pub fn normal_tail_quantile(tail: f64) -> f64 {
    if tail <= 0.0 {
        return f64::INFINITY;
    }
    if tail >= 1.0 {
        return f64::NEG_INFINITY;
    }
    if tail > 0.5 {
        return -normal_tail_quantile(1.0 - tail);
    }
    let mut z = erfc_inv(2.0 * tail) / FRAC_1_SQRT_2;
    // One Newton step on the logarithm of the tail takes out what the start left.
    let current = normal_tail(z);
    if current > 0.0 {
        z += (current / tail).ln() * current / normal_density(z);
    }
    z
}

/// ln(Γ(ν/2 + 1/2) / Γ(ν/2)) − ln(ν/2)/2, without the cancellation of two large logarithms.
fn ln_gamma_ratio(df: f64) -> f64 {
    if df < 60.0 {
        ln_gamma(0.5 * df + 0.5) - ln_gamma(0.5 * df) - 0.5 * (0.5 * df).ln()
    } else {
        let r = 1.0 / df;
        let r2 = r * r;
        r * (-0.25 + r2 * (1.0 / 24.0 + r2 * (-0.05 + r2 * (17.0 / 112.0))))
    }
}

/// Density of Student's t law with `df` > 0 degrees of freedom.
pub fn t_density(t: f64, df: f64) -> f64 {
    (ln_gamma_ratio(df) - 0.5 * (df + 1.0) * (t * t / df).ln_1p()).exp() / (2.0 * PI).sqrt()
}

/// P(T > t) of Student's t law with `df` > 0 degrees of freedom; infinite `df` is the normal law.
pub fn t_tail(t: f64, df: f64) -> f64 {
    if t.is_nan() || df.is_nan() {
        return f64::NAN;
    }
    if t < 0.0 {
        return 1.0 - t_tail(-t, df);
    }
    if df.is_infinite() {
        return normal_tail(t);
    }
    if t > 1e100 {
        return 0.0;
    }
    if df > 500.0 {
        return normal_tail(hill_normal_deviate(t, df));
    }
    let (a, b) = (0.5 * df, 0.5);
    let y = t * t / df;
    let x = 1.0 / (1.0 + y);
    // x^a (1−x)^b / B(a, b), with (1−x)^b = |t|/√ν · x^½.
    let front = (ln_gamma_ratio(df) - (a + b) * y.ln_1p()).exp() * (0.5 * df).sqrt() * (t * t / df).sqrt()
        / PI.sqrt();
    let incomplete = if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, y * x) / b
    };
    0.5 * incomplete
}

/// Hill's normal deviate of a t deviate (Algorithm 395, CACM 1970): from 500 degrees of freedom right
/// to 1e-13 up to t = 8. (There the continued fraction begins to lose digits.)
fn hill_normal_deviate(t: f64, df: f64) -> f64 {
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let y = a * (t * t / df).ln_1p();
    (((((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b) + y + 3.0) / b + 1.0) * y.sqrt()
}

/// Lentz's continued fraction of the incomplete beta function.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..20_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let change = d * c;
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// The t with P(T > t) = `tail`, for 0 < `tail` < 1; ±∞ at the ends.
pub fn t_tail_quantile(tail: f64, df: f64) -> f64 {
    if tail.is_nan() || df.is_nan() {
        return f64::NAN;
    }
    if tail > 0.5 {
        return -t_tail_quantile(1.0 - tail, df);
    }
    t_tail_quantile_from(tail, normal_tail_quantile(tail), df)
}

/// [`t_tail_quantile`] of a `tail` up to a half whose normal quantile `z` is known already: one tail is asked for at
/// many degrees of freedom.
pub fn t_tail_quantile_from(tail: f64, z: f64, df: f64) -> f64 {
    if df.is_infinite() || z.is_infinite() || z == 0.0 {
        return z;
    }
    if let Some(t) = expanded_t_quantile(tail, z, df) {
        return t;
    }
    // Bracket from the normal quantile upwards (t's tails are heavier), Newton inside the bracket.
    let (mut low, mut high) = (0.0, z.max(1e-8));
    while t_tail(high, df) > tail {
        low = high;
        high *= 2.0;
        if !high.is_finite() {
            return f64::INFINITY;
        }
    }
    let mut t = z + (z * z * z + z) / (4.0 * df);
    if !(t > low && t < high) {
        t = 0.5 * (low + high);
    }
    for _ in 0..200 {
        let current = t_tail(t, df);
        if current > tail {
            low = t;
        } else {
            high = t;
        }
        let newton = t + (current / tail).ln() * current / t_density(t, df);
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - t).abs() <= 1e-15 * t.abs() {
            return next;
        }
        t = next;
    }
    t
}

/// The quantile from Cornish and Fisher's expansion (Abramowitz & Stegun 26.7.5), which is right to a few digits
/// from ten degrees of freedom on and to all of them from about two thousand, by Newton steps on the logarithm of
/// the tail where digits are missing; none where they do not settle.
fn expanded_t_quantile(tail: f64, z: f64, df: f64) -> Option<f64> {
    if df < 10.0 || z > 6.0 {
        return None;
    }
    let z2 = z * z;
    let terms = [
        (z2 + 1.0) / 4.0,
        ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
        (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
        ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0,
    ];
    let mut t = z + z * terms.iter().rev().fold(0.0, |sum, term| (sum + term) / df);
    // A further term would be about as much smaller as the last one is: of thousands of units none is wanted.
    let last = (terms[3] / df.powi(4)).abs().max((terms[2] / df.powi(3)).abs() / df);
    if last * (z2 + 1.0) / df < 4.0 * f64::EPSILON {
        return Some(t);
    }
    for _ in 0..8 {
        let current = t_tail(t, df);
        let step = (current / tail).ln() * current / t_density(t, df);
        t += step;
        // Each step doubles the digits: after one this small nothing is left to gain.
        if step.abs() <= 1e-8 * t {
            return Some(t).filter(|t| t.is_finite());
        }
    }
    None
}

/// P(X > x) of the chi-square law with `df` > 0 degrees of freedom.
pub fn chi_square_tail(x: f64, df: f64) -> f64 {
    if x.is_nan() || !df.is_finite() {
        return f64::NAN;
    }
    if x <= 0.0 {
        1.0
    } else if x > 1e300 {
        0.0
    } else {
        gamma_ur(0.5 * df, 0.5 * x)
    }
}

/// Nodes and weights of the Gauss–Legendre rule of `n` points on [−1, 1].
pub fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let size = n as f64;
    (0..n)
        .map(|i| {
            let mut x = (PI * (i as f64 + 0.75) / (size + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut p, mut before) = (1.0, 0.0);
                for j in 0..n {
                    let k = j as f64;
                    (p, before) = (((2.0 * k + 1.0) * x * p - k * before) / (k + 1.0), p);
                }
                slope = size * (x * p - before) / (x * x - 1.0);
                let step = p / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

/// ∫f from `low` to `high` by the 24-point rule in one go, for entire functions on a short stretch.
pub fn integrate_once(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    static RULE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| gauss_legendre(24));
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    half * RULE.iter().map(|(x, w)| w * f(middle + half * x)).sum::<f64>()
}

/// ∫f from `low` to `high`: panels of the 12-point rule, halved until both halves agree with the
/// whole to 1e-12 of the integral, for functions without singularities.
pub fn integrate(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    // Panels that are still too wide after this many halvings are taken as they are.
    const DEEPEST: u32 = 24;
    const FIRST_PANELS: u32 = 8;
    const MOST_HALVINGS: u32 = 2_000;
    let rule = gauss_legendre(12);
    let panel = |a: f64, b: f64| -> f64 {
        let (middle, half) = (0.5 * (a + b), 0.5 * (b - a));
        rule.iter().map(|(x, w)| w * half * f(middle + half * x)).sum()
    };
    let width = (high - low) / f64::from(FIRST_PANELS);
    let mut open: Vec<(f64, f64, f64, u32)> = (0..FIRST_PANELS)
        .map(|i| {
            let a = low + width * f64::from(i);
            (a, a + width, panel(a, a + width), 0)
        })
        .collect();
    let size: f64 = open.iter().map(|p| p.2.abs()).sum();
    let (mut total, mut halvings) = (0.0, 0);
    while let Some((a, b, whole, depth)) = open.pop() {
        let middle = 0.5 * (a + b);
        let (left, right) = (panel(a, middle), panel(middle, b));
        // What is NaN stays NaN, however finely it is cut.
        let open_gap = (left + right - whole).abs() > 1e-12 * size;
        if !open_gap || depth == DEEPEST || halvings == MOST_HALVINGS {
            total += left + right;
        } else {
            halvings += 1;
            open.push((a, middle, left, depth + 1));
            open.push((middle, b, right, depth + 1));
        }
    }
    total
}

/// Mean of `f`(s) where s = √(χ²_df/df), an estimated standard deviation over the true one.
///
/// The density is normalised by its own integral, so that no logarithm of a large Γ cancels.
pub fn mean_over_scale(df: f64, f: impl Fn(f64) -> f64) -> f64 {
    let spread = (0.5 / df).sqrt();
    let (low, high) = ((-9.0 * spread).max(-1.0), 9.0 * spread);
    // By d = s − 1: with very many degrees of freedom s itself has too few digits for a smooth density.
    let density = |d: f64| (df * log_below_parabola(d) - d.ln_1p()).exp();
    integrate(low, high, |d| density(d) * f(1.0 + d)) / integrate(low, high, density)
}

/// ln(1 + d) − d − d²/2, by its series where the terms would cancel.
fn log_below_parabola(d: f64) -> f64 {
    if d.abs() < 1e-3 {
        let cubic = d * (1.0 / 3.0 - d * (0.25 - d * (0.2 - d * (1.0 / 6.0 - d / 7.0))));
        d * d * (cubic - 1.0)
    } else {
        d.ln_1p() - d - 0.5 * d * d
    }
}

/// P(T > t) of the noncentral t law with `df` ≥ 1 degrees of freedom, E[Φ(δ − t·s)] over s as in
/// [`mean_over_scale`]; what power with an estimated standard deviation is made of.
pub fn noncentral_t_tail(t: f64, df: f64, noncentrality: f64) -> f64 {
    mean_over_scale(df, |s| normal_cdf(noncentrality - t * s)).clamp(0.0, 1.0)
}

/// A root of `f` between `a` and `b`, of which the signs differ (Brent 1973); `None` when they do not.
pub fn find_root(f: impl FnMut(f64) -> f64, a: f64, b: f64) -> Option<f64> {
    find_root_within(0.0, f, a, b)
}

/// As [`find_root`], to an absolute `tolerance`: for functions whose last digits are noise, over which the
/// search would walk in vain.
pub fn find_root_within(tolerance: f64, mut f: impl FnMut(f64) -> f64, a: f64, b: f64) -> Option<f64> {
    let least = tolerance.max(f64::MIN_POSITIVE);
    let (mut a, mut b) = (a, b);
    let (mut fa, mut fb) = (f(a), f(b));
    if fa.is_nan() || fb.is_nan() || fa * fb > 0.0 {
        return None;
    }
    let (mut c, mut fc) = (a, fa);
    let (mut step, mut previous) = (b - a, b - a);
    for _ in 0..300 {
        if fb * fc > 0.0 {
            (c, fc) = (a, fa);
            step = b - a;
            previous = step;
        }
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let tolerance = 2.0 * f64::EPSILON * b.abs() + least;
        let middle = 0.5 * (c - b);
        if middle.abs() <= tolerance || fb == 0.0 {
            return Some(b);
        }
        if previous.abs() >= tolerance && fa.abs() > fb.abs() {
            let s = fb / fa;
            let (mut p, mut q) = if a == c {
                (2.0 * middle * s, 1.0 - s)
            } else {
                let (r, t) = (fb / fc, fa / fc);
                (s * (2.0 * middle * t * (t - r) - (b - a) * (r - 1.0)), (t - 1.0) * (r - 1.0) * (s - 1.0))
            };
            if p > 0.0 {
                q = -q;
            }
            p = p.abs();
            if 2.0 * p < (3.0 * middle * q - (tolerance * q).abs()).min((previous * q).abs()) {
                previous = step;
                step = p / q;
            } else {
                step = middle;
                previous = middle;
            }
        } else {
            step = middle;
            previous = middle;
        }
        (a, fa) = (b, fb);
        b += if step.abs() > tolerance { step } else { tolerance.copysign(middle) };
        fb = f(b);
    }
    Some(b)
}
