//! From a figure to a place on the drawing.

use super::{Px, Tick};

/// A straight scale from a range of figures to a range of coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// Maps `from.0` to `to.0` and `from.1` to `to.1`; a range without width is widened by one.
    pub fn new(from: (f64, f64), to: (f64, f64)) -> Self {
        let from = if from.1 > from.0 { from } else { (from.0, from.0 + 1.0) };
        Self { from, to }
    }

    /// Where a figure stands; beyond the ends it stands at the end.
    pub fn at(&self, figure: f64) -> f64 {
        let share = ((figure - self.from.0) / (self.from.1 - self.from.0)).clamp(0.0, 1.0);
        self.to.0 + share * (self.to.1 - self.to.0)
    }

    /// The figures at its ends.
    pub fn ends(&self) -> (f64, f64) {
        self.from
    }

    /// Ticks at round figures, at most six, each with its label.
    pub fn ticks(&self, label: impl Fn(f64) -> String) -> Vec<Tick> {
        ticks(self.from.0, self.from.1, 6)
            .into_iter()
            .map(|figure| Tick { at: Px(self.at(figure)), label: label(figure), base: figure == 0.0 })
            .collect()
    }
}

/// Round figures (1, 2 or 5 times a power of ten apart) from `low` to `high`, at most `most` of them.
pub fn ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let width = high - low;
    if !(width.is_finite() && width > 0.0) || most == 0 {
        return Vec::new();
    }
    let mut power = 10f64.powf((width / most as f64).log10().floor());
    loop {
        for step in [power, 2.0 * power, 5.0 * power] {
            let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
            if last - first < most as f64 {
                #[allow(clippy::cast_possible_truncation, reason = "at most `most` steps")]
                let steps = (last - first).max(-1.0) as i64;
                // `+ 0.0` turns a negative zero into a plain one.
                return (0..=steps).map(|i| (first + i as f64) * step + 0.0).collect();
            }
        }
        power *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(-72.0, 201.0, 6), [-50.0, 0.0, 50.0, 100.0, 150.0, 200.0]);
        assert_eq!(ticks(0.0, 1.0, 6), [0.0, 0.2, 0.4, 0.600_000_000_000_000_1, 0.8, 1.0]);
        assert_eq!(ticks(-7.2, 5.1, 6), [-6.0, -4.0, -2.0, 0.0, 2.0, 4.0]);
        assert_eq!(ticks(0.0, 12.0, 7), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
        assert_eq!(ticks(3.0, 3.0, 6), Vec::<f64>::new());
    }

    #[test]
    fn a_figure_stands_where_a_ruler_puts_it() {
        // The mock-up's chart of satisfaction: +4 points at 49.2 px, −6 points at 242.8 px.
        let scale = Scale::new((-6.0, 4.0), (242.8, 49.2));
        assert!((scale.at(-3.0) - 184.72).abs() < 1e-9);
        assert!((scale.at(0.0) - 126.64).abs() < 1e-9);
        assert!((scale.at(9.0) - 49.2).abs() < 1e-9, "beyond the end it stands at the end");
    }

    proptest! {
        #[test]
        fn ticks_lie_inside_and_are_at_most_as_many_as_asked(
            low in -1e6..1e6f64, width in 1e-3..1e7f64, most in 2usize..9
        ) {
            let found = ticks(low, low + width, most);
            prop_assert!(found.len() <= most && !found.is_empty());
            let slack = width * 1e-6;
            prop_assert!(found.iter().all(|t| (low - slack..=low + width + slack).contains(t)));
        }
    }
}
