//! A sum that keeps what rounding would drop: double-double arithmetic (Dekker 1971; two-sum after Knuth, TAOCP 2,
//! 4.2.2).

/// An unevaluated pair `high + low` of about 106 bits: what Σx² needs when the mean is large, and
/// what makes the merging of sums independent of its order.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ExactSum {
    /// The sum, rounded.
    pub high: f64,
    /// What the rounding left over.
    pub low: f64,
}

impl ExactSum {
    pub fn new(high: f64, low: f64) -> Self {
        let (high, low) = two_sum(high, low);
        Self { high, low }
    }

    /// Adds another pair (Knuth's accurate addition of two pairs).
    pub fn plus(self, other: Self) -> Self {
        let (sum, error) = two_sum(self.high, other.high);
        let (rest, rest_error) = two_sum(self.low, other.low);
        let (sum, error) = two_sum(sum, error + rest);
        Self::new(sum, error + rest_error)
    }

    /// Adds a double: what adding `(value, 0)` gives, with less work.
    pub fn plus_double(self, value: f64) -> Self {
        let (sum, error) = two_sum(self.high, value);
        Self::new(sum, error + self.low)
    }

    pub fn negated(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }

    /// The product of two doubles, exactly.
    pub fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self { high, low: a.mul_add(b, -high) }
    }

    /// Adds a product, exactly.
    pub fn plus_product(self, a: f64, b: f64) -> Self {
        if is_count(a) && is_count(b) { self.plus_double(a * b) } else { self.plus(Self::product(a, b)) }
    }

    /// The product with a double, which is a step of a sum and no more.
    pub fn times_double(self, factor: f64) -> Self {
        let Self { high, low } = Self::product(self.high, factor);
        Self { high, low: low + self.low * factor }
    }

    /// The product of two pairs.
    pub fn times(self, other: Self) -> Self {
        let p = Self::product(self.high, other.high);
        Self::new(p.high, p.low + (self.high * other.low + self.low * other.high))
    }

    /// Σab − ΣaΣb/n, the centred sum of products, with the cancellation done in pairs.
    pub fn centred(products: Self, a: Self, b: Self, n: f64) -> f64 {
        let expected = a.times(b);
        let quotient = expected.high / n;
        // One step of long division makes the quotient a pair too.
        let remainder = expected.plus(Self::product(quotient, n).negated());
        let quotient = Self::new(quotient, (remainder.high + remainder.low) / n);
        let difference = products.plus(quotient.negated());
        difference.high + difference.low
    }
}

/// Whether products of two such numbers, and differences of these, are exact: most of what is counted is small and whole.
#[allow(clippy::cast_possible_truncation, clippy::float_cmp, reason = "whether it is whole is the question")]
pub(super) fn is_count(value: f64) -> bool {
    value.abs() < f64::from(1 << 24) && f64::from(value as i32) == value
}

/// The rounded sum of two doubles, and what the rounding left over.
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_a_double_would_lose() {
        let big = ExactSum::new(1e16, 0.0);
        let sum = (0..10).fold(big, |sum, _| sum.plus(ExactSum::new(0.1, 0.0)));
        let rest = sum.plus(big.negated());
        assert!((rest.high + rest.low - 1.0).abs() < 1e-14);
    }

    proptest::proptest! {
        #[test]
        fn a_double_is_a_pair_without_a_rest(start in -1e9..1e9_f64, values: Vec<f64>) {
            let values = values.into_iter().filter(|value| value.abs() < 1e100);
            let mut sum = ExactSum::new(start, 0.0);
            for value in values {
                proptest::prop_assert_eq!(sum.plus_double(value), sum.plus(ExactSum::new(value, 0.0)));
                sum = sum.plus_double(value);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_product_is_added_alike_whether_of_counts_or_not(
            start in -1e9..1e9_f64,
            products: Vec<(i16, i16, bool)>,
        ) {
            let mut sum = ExactSum::new(start, 0.0);
            for (a, b, whole) in products {
                let part = if whole { 0.0 } else { 0.3 };
                let (a, b) = (f64::from(a) + part, f64::from(b) + part);
                proptest::prop_assert_eq!(sum.plus_product(a, b), sum.plus(ExactSum::product(a, b)));
                sum = sum.plus_product(a, b);
            }
        }
    }

    #[test]
    fn centres_values_with_a_mean_of_a_billion() {
        // 1e9 + {1, 2, 3}: Σ(x − mean)² = 2.
        let values = [1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0];
        let zero = ExactSum::default();
        let sum = values.iter().fold(zero, |s, v| s.plus(ExactSum::new(*v, 0.0)));
        let squares = values.iter().fold(zero, |s, v| s.plus(ExactSum::product(*v, *v)));
        assert!((ExactSum::centred(squares, sum, sum, 3.0) - 2.0).abs() < 1e-9);
    }
}
