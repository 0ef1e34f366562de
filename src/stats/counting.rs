//! Moments in the making, of units of which most bring small whole numbers.

use super::exact_sum::ExactSum;
use super::moments::{AdjustedMoments, RatioMoments};

/// [`AdjustedMoments`] in the making. Most of what is counted is small and whole: sums of it are kept as integers,
/// which are exact without a residue, cost less to change and lie in fewer cache lines. Each unit changes the sums of
/// many days and segments, which lie far apart.
///
/// ```
/// use patience::stats::{AdjustedMoments, CountingMoments};
/// let (mut counting, mut alone) = (CountingMoments::default(), AdjustedMoments::default());
/// for (y, x, before) in [(4.0, 5.0, (1.0, 2.0)), (0.0, 3.0, (0.0, 1.0)), (2.0, 0.25, (2.0, 2.0))] {
///     counting.replace(&None.into(), &Some((y, x)).into(), &Some(before).into());
///     alone.replace(None, Some((y, x)), Some(before));
/// }
/// assert_eq!(counting.moments(), alone);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CountingMoments {
    post: Powers,
    /// Σyy₀, Σxx₀, Σyx₀, Σxy₀, and Σy and Σx over the units with a pre-period.
    cross: [i64; 6],
    pre: Powers,
    /// Of all that is not small and whole.
    rest: AdjustedMoments,
}

/// n, Σy, Σx, Σy², Σx², Σxy.
type Powers = [i64; 6];

/// A unit's numerator and denominator, with their products where both are small and whole: what a unit brings to the
/// sums on one day it takes away on another, and products need to be made only once. Of a unit that is not counted,
/// nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brought {
    figures: Option<(f64, f64)>,
    whole: Option<Powers>,
}

impl Default for Brought {
    fn default() -> Self {
        Self { figures: None, whole: Some(Powers::default()) }
    }
}

impl From<Option<(f64, f64)>> for Brought {
    fn from(figures: Option<(f64, f64)>) -> Self {
        let Some((y, x)) = figures else { return Self::default() };
        let whole = small(y).zip(small(x)).map(|(y, x)| [1, y, x, y * y, x * x, x * y]);
        Self { figures, whole }
    }
}

impl Brought {
    /// Numerator and denominator; none of a unit that is not counted.
    pub fn figures(&self) -> Option<(f64, f64)> {
        self.figures
    }
}

/// A whole number below 2¹⁵, so that an `i64` holds the sum of 2³³ of their squares; none where it is another.
#[allow(clippy::cast_possible_truncation, reason = "whether it is whole is the question")]
pub(super) fn small(value: f64) -> Option<i64> {
    let whole = value as i32;
    (f64::from(whole) == value && whole.unsigned_abs() < 1 << 15).then_some(whole.into())
}

fn add(sums: &mut [i64; 6], steps: [i64; 6]) {
    for (sum, step) in sums.iter_mut().zip(steps) {
        *sum += step;
    }
}

impl CountingMoments {
    /// As [`AdjustedMoments::replace`].
    pub fn replace(&mut self, old: &Brought, new: &Brought, pre: &Brought) {
        let (Some(was), Some(is), Some(before)) = (&old.whole, &new.whole, &pre.whole) else {
            return self.rest.replace(old.figures, new.figures, pre.figures);
        };
        let steps: Powers = std::array::from_fn(|i| is[i] - was[i]);
        add(&mut self.post, steps);
        let [counted, y0, x0, ..] = *before;
        if counted != 0 {
            let [n, y, x, ..] = steps;
            add(&mut self.cross, [y * y0, x * x0, y * x0, x * y0, y, x]);
            if n != 0 {
                add(&mut self.pre, before.map(|power| n * power));
            }
        }
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        add(&mut self.post, other.post);
        add(&mut self.cross, other.cross);
        add(&mut self.pre, other.pre);
        self.rest.merge(&other.rest);
    }

    /// How many units were counted.
    pub fn units(&self) -> u64 {
        self.rest.post.n.wrapping_add_signed(self.post[0])
    }

    /// What all units come to.
    pub fn moments(&self) -> AdjustedMoments {
        let ratio = |[n, sums @ ..]: Powers| RatioMoments::of_exact(n.cast_unsigned(), sums.map(exact));
        let mut all = AdjustedMoments::of_exact(ratio(self.post), ratio(self.pre), self.cross.map(exact));
        all.merge(&self.rest);
        all
    }
}

/// Of units that have no pre-period.
impl From<RatioMoments> for CountingMoments {
    fn from(post: RatioMoments) -> Self {
        let rest = AdjustedMoments::of_exact(post, RatioMoments::default(), [ExactSum::default(); 6]);
        Self { rest, ..Self::default() }
    }
}

/// An integer as a pair, whatever its size.
#[allow(clippy::cast_possible_truncation, reason = "a double that came of an integer is whole and saturates")]
pub(super) fn exact(sum: i64) -> ExactSum {
    let high = sum as f64;
    let low = i128::from(sum) - high as i128;
    ExactSum::new(high, low as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => (-40..40_i32).prop_map(f64::from),
            1 => (-70_000..70_000_i32).prop_map(f64::from),
            1 => -1e4..1e4_f64,
        ]
    }

    type Pair = Option<(f64, f64)>;

    fn pair() -> impl Strategy<Value = Pair> {
        prop::option::weighted(0.8, (number(), number()))
    }

    /// A unit's states, one after the other, and its pre-period.
    fn unit() -> impl Strategy<Value = (Vec<Pair>, Pair)> {
        (prop::collection::vec(pair(), 1..6), pair())
    }

    /// Every sum, to a billionth of what went into it.
    fn sums(moments: &AdjustedMoments) -> [f64; 16] {
        let [post, pre] = [moments.post, moments.pre].map(|m| [m.y, m.x, m.yy, m.xx, m.xy]);
        let AdjustedMoments { yy0, xx0, yx0, xy0, y_with_pre, x_with_pre, .. } = *moments;
        let mut all = [0.0; 16];
        all[..5].copy_from_slice(&post);
        all[5..10].copy_from_slice(&pre);
        all[10..].copy_from_slice(&[yy0, xx0, yx0, xy0, y_with_pre, x_with_pre]);
        all
    }

    proptest! {
        /// Whatever comes whole and whatever does not, in whatever ranges: the sums are those that are never kept as
        /// integers.
        #[test]
        fn counting_is_adding(units in prop::collection::vec(unit(), 1..30), cut in 0..30_usize) {
            let mut parts = [CountingMoments::default(), CountingMoments::default()];
            let mut alone = AdjustedMoments::default();
            for (i, (states, pre)) in units.iter().enumerate() {
                let mut before = None;
                for state in states {
                    parts[usize::from(i < cut)].replace(&before.into(), &(*state).into(), &(*pre).into());
                    alone.replace(before, *state, *pre);
                    before = *state;
                }
            }
            let [mut whole, other] = parts;
            whole.merge(&other);
            prop_assert_eq!(whole.units(), alone.post.n);
            let found = whole.moments();
            prop_assert_eq!((found.post.n, found.pre.n), (alone.post.n, alone.pre.n));
            for (a, b) in sums(&found).into_iter().zip(sums(&alone)) {
                prop_assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{} {}", a, b);
            }
        }
    }

    #[test]
    fn integers_beyond_a_doubles_digits_keep_them() {
        let pairs =
            [((1_i64 << 53) + 1, 2_f64.powi(53), 1.0), (i64::MAX, 2_f64.powi(63), -1.0), (-3, -3.0, 0.0)];
        for (sum, high, low) in pairs {
            assert_eq!(exact(sum), ExactSum { high, low });
        }
    }
}
