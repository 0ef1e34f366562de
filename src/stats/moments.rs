//! Sufficient statistics that merge exactly: one pass over the units, any partition, any order.
//!
//! Sums are kept, not means, because sums are linear: the change of one unit on one day can be
//! added to that day's slot ([`RatioMoments::replace`]) and the slots summed along the days. Each
//! sum carries its rounding residue (about 106 bits in all), so that Σx² of large values keeps the
//! digits which the variance needs, and merging agrees to far better than 1e-12 in any order.

use serde::{Deserialize, Serialize};

use super::error::{Result, StatsError, finite};
use super::exact_sum::{ExactSum, two_sum};

/// Sums of a numerator `y` and a denominator `x` over units, with squares and products.
///
/// A mean is the ratio whose denominators are all 1.
///
/// ```
/// use patience::stats::RatioMoments;
/// let mut one = RatioMoments::default();
/// one.add(4.0, 5.0); // four good ratings of five
/// let mut other = RatioMoments::default();
/// other.add(1.0, 1.0);
/// one.merge(&other);
/// assert_eq!((one.n, one.y, one.x, one.xy), (2, 5.0, 6.0, 21.0));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct RatioMoments {
    /// Number of units. In a slot of changes it counts modulo 2⁶⁴, so that minus one is possible.
    pub n: u64,
    /// Σy.
    pub y: f64,
    /// Σx.
    pub x: f64,
    /// Σy².
    pub yy: f64,
    /// Σx².
    pub xx: f64,
    /// Σxy.
    pub xy: f64,
    /// Rounding residues of the five sums, in their order.
    #[serde(default)]
    residue: [f64; 5],
}

/// Variances and covariance of a unit's numerator and denominator (n − 1 in the denominator).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Variance of y.
    pub yy: f64,
    /// Variance of x.
    pub xx: f64,
    /// Covariance of x and y.
    pub xy: f64,
}

impl RatioMoments {
    /// From sums made elsewhere.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for a sum that is not finite. Whether the sums can come from
    /// data is checked where a variance is asked for.
    pub fn from_sums(n: u64, y: f64, x: f64, yy: f64, xx: f64, xy: f64) -> Result<Self> {
        for sum in [y, x, yy, xx, xy] {
            finite("a sum", sum)?;
        }
        Ok(Self { n, y, x, yy, xx, xy, residue: [0.0; 5] })
    }

    /// From sums of a mean: every denominator is 1.
    ///
    /// # Errors
    /// As [`from_sums`](Self::from_sums).
    pub fn of_mean(n: u64, sum: f64, sum_squares: f64) -> Result<Self> {
        Self::from_sums(n, sum, n as f64, sum_squares, n as f64, sum)
    }

    /// Adds one unit.
    pub fn add(&mut self, y: f64, x: f64) {
        self.replace(None, Some((y, x)));
    }

    /// Takes one unit away that was added before.
    pub fn remove(&mut self, y: f64, x: f64) {
        self.replace(Some((y, x)), None);
    }

    /// Notes that a unit changed from `old` to `new`, each (y, x); `None` is a unit that is not
    /// counted. The moments may be a slot of changes only: summed with the slots before it, it
    /// gives the moments as they were on that day. Sums that stay what they are cost nothing.
    pub fn replace(&mut self, old: Option<(f64, f64)>, new: Option<(f64, f64)>) {
        self.n = self.n.wrapping_add(u64::from(new.is_some())).wrapping_sub(u64::from(old.is_some()));
        let ((y0, x0), (y, x)) = (old.unwrap_or_default(), new.unwrap_or_default());
        let [r_y, r_x, r_yy, r_xx, r_xy] = &mut self.residue;
        if y0 != y {
            let step = ExactSum::new(y, -y0);
            shift(&mut self.y, r_y, step);
            // y² − y₀²
            shift(&mut self.yy, r_yy, step.times(ExactSum::new(y, y0)));
            // x₀(y − y₀), and below y(x − x₀): xy − x₀y₀
            if x0 != 0.0 {
                shift(&mut self.xy, r_xy, step.times_double(x0));
            }
        }
        if x0 != x {
            let step = ExactSum::new(x, -x0);
            shift(&mut self.x, r_x, step);
            shift(&mut self.xx, r_xx, step.times(ExactSum::new(x, x0)));
            if y != 0.0 {
                shift(&mut self.xy, r_xy, step.times_double(y));
            }
        }
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.n = self.n.wrapping_add(other.n);
        let before = *self;
        self.set(|i| before.sum(i).plus(other.sum(i)));
    }

    /// Takes away all that `other` has counted.
    pub fn subtract(&mut self, other: &Self) {
        self.n = self.n.wrapping_sub(other.n);
        let before = *self;
        self.set(|i| before.sum(i).plus(other.sum(i).negated()));
    }

    /// From sums with their residues: of y, x, y², x² and xy.
    pub(super) fn of_exact(n: u64, sums: [ExactSum; 5]) -> Self {
        let mut moments = Self { n, ..Self::default() };
        moments.set(|i| sums[i]);
        moments
    }

    /// Σy / Σx.
    ///
    /// # Errors
    /// [`StatsError::ZeroDenominator`].
    pub fn ratio(&self) -> Result<f64> {
        if self.x == 0.0 {
            return Err(StatsError::ZeroDenominator);
        }
        Ok(self.y / self.x)
    }

    /// Whether every denominator is exactly 1, so that the ratio is a mean.
    pub fn is_mean(&self) -> bool {
        let n = self.n as f64;
        self.x == n && self.xx == n && self.xy == self.y && self.n > 0
    }

    /// Variances and covariance between units.
    ///
    /// # Errors
    /// [`StatsError::TooFewUnits`] below two units, [`StatsError::ImpossibleSums`] where a variance
    /// is negative or the covariance exceeds what the variances allow, both by more than rounding.
    pub fn spread(&self) -> Result<Spread> {
        if self.n < 2 {
            return Err(StatsError::TooFewUnits { what: "a variance", needed: 2, found: self.n });
        }
        let n = self.n as f64;
        let [y, x, yy, xx, xy] = self.sums();
        let spread = Spread {
            yy: variance(yy, y, n)?,
            xx: variance(xx, x, n)?,
            xy: ExactSum::centred(xy, y, x, n) / (n - 1.0),
        };
        check_covariance(spread.xy, spread.yy, spread.xx, xy.high.abs() / n)?;
        Ok(spread)
    }

    fn sums(&self) -> [ExactSum; 5] {
        std::array::from_fn(|i| self.sum(i))
    }

    fn sum(&self, i: usize) -> ExactSum {
        let high = [self.y, self.x, self.yy, self.xx, self.xy][i];
        ExactSum { high, low: self.residue[i] }
    }

    fn set(&mut self, sum: impl Fn(usize) -> ExactSum) {
        let sums: [ExactSum; 5] = std::array::from_fn(sum);
        [self.y, self.x, self.yy, self.xx, self.xy] = sums.map(|s| s.high);
        self.residue = sums.map(|s| s.low);
    }
}

/// Adds a step to a sum, whose residue stands beside it (the summation of Ogita, Rump & Oishi 2005, Dot2).
fn shift(sum: &mut f64, residue: &mut f64, step: ExactSum) {
    let (high, error) = two_sum(*sum, step.high);
    let after = ExactSum::new(high, *residue + (error + step.low));
    (*sum, *residue) = (after.high, after.low);
}

/// Sample variance from sums; rounding below zero becomes zero, more than rounding is an error.
fn variance(squares: ExactSum, sum: ExactSum, n: f64) -> Result<f64> {
    let centred = ExactSum::centred(squares, sum, sum, n);
    if centred >= 0.0 {
        Ok(centred / (n - 1.0))
    } else if centred > -1e-9 * squares.high.abs() {
        Ok(0.0)
    } else {
        Err(StatsError::ImpossibleSums { what: "Σx² is below (Σx)²/n, a negative variance" })
    }
}

/// Cauchy–Schwarz, with room for the rounding of sums that came as decimals; `size` is the
/// magnitude of the products that were subtracted.
fn check_covariance(covariance: f64, a: f64, b: f64, size: f64) -> Result<()> {
    if covariance.abs() <= (a * b).sqrt() * (1.0 + 1e-9) + 1e-9 * size {
        Ok(())
    } else {
        Err(StatsError::ImpossibleSums { what: "the sum of products exceeds what the sums of squares allow" })
    }
}

/// Moments of a metric together with its pre-period: what covariate adjustment needs.
///
/// `post` covers every unit of the cohort, `pre` only the units that have a pre-period
/// ([`add`](Self::add)); the others come by [`add_without_pre`](Self::add_without_pre). For a mean
/// both denominators are 1. How the ones without are treated is told at
/// [`adjusted_arms`](super::adjusted_arms).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct AdjustedMoments {
    /// The metric since assignment, all units.
    pub post: RatioMoments,
    /// The metric before assignment, units with a pre-period.
    pub pre: RatioMoments,
    /// Σ y·y₀, numerator × numerator of the pre-period.
    pub yy0: f64,
    /// Σ x·x₀, denominator × denominator of the pre-period.
    pub xx0: f64,
    /// Σ y·x₀, numerator × denominator of the pre-period.
    pub yx0: f64,
    /// Σ x·y₀, denominator × numerator of the pre-period.
    pub xy0: f64,
    /// Σy over the units with a pre-period.
    pub y_with_pre: f64,
    /// Σx over the units with a pre-period.
    pub x_with_pre: f64,
    #[serde(default)]
    residue: [f64; 6],
}

/// Covariances of (y, x) with (y₀, x₀) and with having a pre-period, over all units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CrossSpread {
    pub yy0: f64,
    pub xx0: f64,
    pub yx0: f64,
    pub xy0: f64,
    pub y_has: f64,
    pub x_has: f64,
}

impl AdjustedMoments {
    /// From sums made elsewhere, of units that all have a pre-period. `cross` is
    /// (Σyy₀, Σxx₀, Σyx₀, Σxy₀).
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for a sum that is not finite, [`StatsError::ImpossibleSums`] when
    /// both periods do not count the same units.
    pub fn from_sums(post: RatioMoments, pre: RatioMoments, cross: (f64, f64, f64, f64)) -> Result<Self> {
        if post.n != pre.n {
            return Err(StatsError::ImpossibleSums { what: "both periods must count the same units" });
        }
        let (yy0, xx0, yx0, xy0) = cross;
        for sum in [yy0, xx0, yx0, xy0] {
            finite("a sum of products", sum)?;
        }
        Ok(Self { post, pre, yy0, xx0, yx0, xy0, y_with_pre: post.y, x_with_pre: post.x, residue: [0.0; 6] })
    }

    /// From sums with their residues; `cross` in the order of its fields.
    pub(super) fn of_exact(post: RatioMoments, pre: RatioMoments, cross: [ExactSum; 6]) -> Self {
        let mut moments = Self { post, pre, ..Self::default() };
        moments.set(|i| cross[i]);
        moments
    }

    /// Adds a unit with its pre-period.
    pub fn add(&mut self, y: f64, x: f64, y0: f64, x0: f64) {
        self.replace(None, Some((y, x)), Some((y0, x0)));
    }

    /// Adds a unit of which nothing is known from before its assignment.
    pub fn add_without_pre(&mut self, y: f64, x: f64) {
        self.replace(None, Some((y, x)), None);
    }

    /// Notes that a unit changed from `old` to `new`, each (y, x), its pre-period `pre` (y₀, x₀)
    /// staying what it is; see [`RatioMoments::replace`].
    pub fn replace(&mut self, old: Option<(f64, f64)>, new: Option<(f64, f64)>, pre: Option<(f64, f64)>) {
        self.post.replace(old, new);
        let Some((before_y, before_x)) = pre else { return };
        if old.is_some() != new.is_some() {
            self.pre.replace(old.and(pre), new.and(pre));
        }
        let ((y0, x0), (y, x)) = (old.unwrap_or_default(), new.unwrap_or_default());
        let [r_yy0, r_xx0, r_yx0, r_xy0, r_y, r_x] = &mut self.residue;
        if y0 != y {
            let step = ExactSum::new(y, -y0);
            shift(&mut self.yy0, r_yy0, step.times_double(before_y));
            shift(&mut self.yx0, r_yx0, step.times_double(before_x));
            shift(&mut self.y_with_pre, r_y, step);
        }
        if x0 != x {
            let step = ExactSum::new(x, -x0);
            shift(&mut self.xx0, r_xx0, step.times_double(before_x));
            shift(&mut self.xy0, r_xy0, step.times_double(before_y));
            shift(&mut self.x_with_pre, r_x, step);
        }
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.post.merge(&other.post);
        self.pre.merge(&other.pre);
        let before = *self;
        self.set(|i| before.sum(i).plus(other.sum(i)));
    }

    /// Takes away all that `other` has counted.
    pub fn subtract(&mut self, other: &Self) {
        self.post.subtract(&other.post);
        self.pre.subtract(&other.pre);
        let before = *self;
        self.set(|i| before.sum(i).plus(other.sum(i).negated()));
    }

    /// The pre-period over all units, those without one counting as (0, 0).
    pub(super) fn pre_over_all(&self) -> RatioMoments {
        RatioMoments { n: self.post.n, ..self.pre }
    }

    pub(super) fn cross_spread(&self) -> Result<CrossSpread> {
        let post = self.post.spread()?;
        let pre = self.pre_over_all().spread()?;
        let n = self.post.n as f64;
        let [y, x, ..] = self.post.sums();
        let [y0, x0, ..] = self.pre.sums();
        let has = ExactSum::new(self.pre.n as f64, 0.0);
        let covariance = |i: usize, a, b| ExactSum::centred(self.sum(i), a, b, n) / (n - 1.0);
        let cross = CrossSpread {
            yy0: covariance(0, y, y0),
            xx0: covariance(1, x, x0),
            yx0: covariance(2, y, x0),
            xy0: covariance(3, x, y0),
            y_has: covariance(4, y, has),
            x_has: covariance(5, x, has),
        };
        let size = |i: usize| self.sum(i).high.abs() / n;
        check_covariance(cross.yy0, post.yy, pre.yy, size(0))?;
        check_covariance(cross.xx0, post.xx, pre.xx, size(1))?;
        check_covariance(cross.yx0, post.yy, pre.xx, size(2))?;
        check_covariance(cross.xy0, post.xx, pre.yy, size(3))?;
        Ok(cross)
    }

    fn sum(&self, i: usize) -> ExactSum {
        let high = [self.yy0, self.xx0, self.yx0, self.xy0, self.y_with_pre, self.x_with_pre][i];
        ExactSum { high, low: self.residue[i] }
    }

    fn set(&mut self, sum: impl Fn(usize) -> ExactSum) {
        let sums: [ExactSum; 6] = std::array::from_fn(sum);
        [self.yy0, self.xx0, self.yx0, self.xy0, self.y_with_pre, self.x_with_pre] = sums.map(|s| s.high);
        self.residue = sums.map(|s| s.low);
    }
}
