//! Sums of several quantities of a unit with all their products: every weighted sum of them has its
//! exact moments afterwards, without another pass over the units.

use super::counting::{exact, small};
use super::exact_sum::ExactSum;
use super::moments::RatioMoments;

/// Sums of `N` quantities over units, and of their products.
///
/// ```
/// use patience::stats::{JointMoments, RatioMoments};
/// let mut joint = JointMoments::default();
/// let mut alone = RatioMoments::default();
/// for [hours, revenue, months] in [[1.5, 20.0, 2.0], [0.0, 35.0, 2.0], [2.25, 10.0, 1.0]] {
///     joint.add([hours, revenue, months]);
///     alone.add(0.75 * revenue - 30.0 * hours, months);
/// }
/// assert_eq!(joint.weighted([-30.0, 0.75, 0.0], [0.0, 0.0, 1.0]), alone);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointMoments<const N: usize> {
    n: u64,
    sums: [ExactSum; N],
    /// Of i ≤ j; the rest stays zero.
    products: [[ExactSum; N]; N],
}

impl<const N: usize> Default for JointMoments<N> {
    fn default() -> Self {
        Self { n: 0, sums: [ExactSum::default(); N], products: [[ExactSum::default(); N]; N] }
    }
}

impl<const N: usize> JointMoments<N> {
    /// Adds one unit.
    pub fn add(&mut self, quantities: [f64; N]) {
        self.n += 1;
        for (i, &a) in quantities.iter().enumerate().filter(|(_, a)| **a != 0.0) {
            self.sums[i] = self.sums[i].plus_double(a);
            for (j, &b) in quantities.iter().enumerate().skip(i).filter(|(_, b)| **b != 0.0) {
                self.products[i][j] = self.products[i][j].plus_product(a, b);
            }
        }
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        for i in 0..N {
            self.sums[i] = self.sums[i].plus(other.sums[i]);
            for j in i..N {
                self.products[i][j] = self.products[i][j].plus(other.products[i][j]);
            }
        }
    }

    /// The sum of one quantity.
    pub fn sum(&self, of: usize) -> f64 {
        self.sums[of].high
    }

    /// The moments of two weighted sums of a unit's quantities: y above the line, x below it.
    pub fn weighted(&self, y: [f64; N], x: [f64; N]) -> RatioMoments {
        RatioMoments::of_exact(
            self.n,
            [
                self.linear(&y),
                self.linear(&x),
                self.product(&y, &y),
                self.product(&x, &x),
                self.product(&x, &y),
            ],
        )
    }

    fn linear(&self, weights: &[f64; N]) -> ExactSum {
        let terms = weights.iter().zip(&self.sums);
        terms.fold(ExactSum::default(), |sum, (w, s)| sum.plus(s.times(ExactSum::new(*w, 0.0))))
    }

    fn product(&self, a: &[f64; N], b: &[f64; N]) -> ExactSum {
        let mut sum = ExactSum::default();
        for (i, a) in a.iter().enumerate() {
            for (j, b) in b.iter().enumerate() {
                sum = sum.plus(self.products[i.min(j)][i.max(j)].times(ExactSum::product(*a, *b)));
            }
        }
        sum
    }
}

/// Sums of the products of a unit's two ratios, each (y, x): what their covariance needs.
///
/// ```
/// use patience::stats::CrossProducts;
/// let mut cross = CrossProducts::default();
/// cross.add((1.0, 2.0), (3.0, 4.0));
/// cross.add((0.0, 1.0), (1.0, 1.0));
/// // (1 − 2/2)(3 − 4/4) + (0 − 1/2)(1 − 1/4)
/// assert_eq!(cross.of_residuals(0.5, 0.25), -0.375);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CrossProducts {
    /// Σyy′, Σyx′, Σxy′, Σxx′ of what is small and whole, as most is.
    whole: [i64; 4],
    /// The same of the rest.
    rest: [ExactSum; 4],
}

impl CrossProducts {
    /// Adds one unit.
    pub fn add(&mut self, (y, x): (f64, f64), (other_y, other_x): (f64, f64)) {
        if let [Some(y), Some(x), Some(other_y), Some(other_x)] = [y, x, other_y, other_x].map(small) {
            let steps = [y * other_y, y * other_x, x * other_y, x * other_x];
            self.whole.iter_mut().zip(steps).for_each(|(sum, step)| *sum += step);
            return;
        }
        let products = [(y, other_y), (y, other_x), (x, other_y), (x, other_x)];
        for (sum, (a, b)) in self.rest.iter_mut().zip(products) {
            if a != 0.0 && b != 0.0 {
                *sum = sum.plus_product(a, b);
            }
        }
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.whole.iter_mut().zip(other.whole).for_each(|(mine, theirs)| *mine += theirs);
        self.rest.iter_mut().zip(other.rest).for_each(|(mine, theirs)| *mine = mine.plus(theirs));
    }

    /// Σ(y − Rx)(y′ − R′x′) for two ratios R and R′.
    pub fn of_residuals(&self, ratio: f64, other: f64) -> f64 {
        let pair = |value: f64| ExactSum::new(value, 0.0);
        let weights = [pair(1.0), pair(-other), pair(-ratio), ExactSum::product(ratio, other)];
        let sums = self.whole.iter().zip(self.rest).map(|(whole, rest)| exact(*whole).plus(rest));
        let sum = sums
            .zip(weights)
            .map(|(sum, weight)| sum.times(weight))
            .fold(ExactSum::default(), ExactSum::plus);
        sum.high + sum.low
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![3 => (-9..40_i32).prop_map(f64::from), 1 => (-70_000..70_000_i32).prop_map(f64::from), 1 => -1e3..1e3_f64]
    }

    proptest! {
        /// Whole or not, below zero or not, in one range or two: the sum over the units.
        #[test]
        fn residuals_multiply_as_those_of_the_units(
            units in prop::collection::vec(((number(), number()), (number(), number())), 1..30),
            (ratio, other) in (-3.0..3.0_f64, -3.0..3.0_f64),
            cut in 0..30_usize,
        ) {
            let mut parts = [CrossProducts::default(), CrossProducts::default()];
            for (i, (one, two)) in units.iter().enumerate() {
                parts[usize::from(i < cut)].add(*one, *two);
            }
            let [mut found, rest] = parts;
            found.merge(&rest);
            let products = units.iter().map(|((y, x), (y2, x2))| (y - ratio * x) * (y2 - other * x2));
            let size: f64 = products.clone().map(f64::abs).sum();
            let wanted: f64 = products.sum();
            prop_assert!((found.of_residuals(ratio, other) - wanted).abs() <= 1e-9 * size.max(1.0));
        }

        /// The moments of a weighted sum are those of the weighted units, and ranges merge to the same.
        #[test]
        fn weighing_the_sums_is_weighing_the_units(
            units in prop::collection::vec(prop::array::uniform3(-1e3..1e3_f64), 2..40),
            weights in prop::array::uniform3(-50.0..50.0_f64),
            cut in 0..40_usize,
        ) {
            let cut = cut.min(units.len());
            let (mut left, mut right) = (JointMoments::default(), JointMoments::default());
            let mut alone = RatioMoments::default();
            for (i, unit) in units.iter().enumerate() {
                if i < cut { left.add(*unit) } else { right.add(*unit) }
                alone.add(unit.iter().zip(weights).map(|(q, w)| q * w).sum(), unit[2]);
            }
            left.merge(&right);
            let found = left.weighted(weights, [0.0, 0.0, 1.0]);
            let (found_spread, spread) = (found.spread().unwrap(), alone.spread().unwrap());
            let near = |a: f64, b: f64, size: f64| (a - b).abs() <= 1e-9 * size;
            prop_assert!(near(found.y, alone.y, 1e5) && near(found.x, alone.x, 1e3));
            prop_assert!(near(found_spread.yy, spread.yy, spread.yy) && near(found_spread.xx, spread.xx, spread.xx));
            prop_assert!(near(found_spread.xy, spread.xy, (spread.xx * spread.yy).sqrt()));
        }
    }
}
