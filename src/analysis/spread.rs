//! How units differ behind a metric's average: how many have a figure of their own in each range.

use super::document::Bin;
use crate::metrics::Measure;

/// Where the ranges of shares and retention begin.
const SHARES: [f64; 3] = [0.0, 0.5, 1.0];

/// Where those of counts begin: few are told one by one.
const COUNTS: [f64; 10] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// Where those of conversations per hour begin.
const RATES: [f64; 11] = [0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// Where those of hours begin: 1, 2, 5, 10, 20 and 30 minutes, then hours and days.
const HOURS: [f64; 15] = [
    0.0,
    1.0 / 60.0,
    2.0 / 60.0,
    5.0 / 60.0,
    10.0 / 60.0,
    20.0 / 60.0,
    0.5,
    1.0,
    2.0,
    4.0,
    8.0,
    24.0,
    48.0,
    72.0,
    168.0,
];

/// Where those of money begin, which may be a loss.
const MONEY: [f64; 21] = [
    -1000.0, -500.0, -200.0, -100.0, -50.0, -20.0, -10.0, -5.0, -2.0, -1.0, 0.0, 1.0, 2.0, 5.0, 10.0, 20.0,
    50.0, 100.0, 200.0, 500.0, 1000.0,
];

/// Where the ranges of a measure begin, rising.
fn edges(measure: Measure) -> &'static [f64] {
    match measure {
        Measure::Share | Measure::Ratio => &SHARES,
        Measure::Count => &COUNTS,
        Measure::Rate => &RATES,
        Measure::Hours => &HOURS,
        Measure::Money => &MONEY,
    }
}

/// Whether an edge is a range of its own: nothing at all, and all of a share.
#[allow(clippy::float_cmp, reason = "the very edges")]
fn stands_alone(measure: Measure, edge: f64) -> bool {
    edge == 0.0 || (edge == 1.0 && matches!(measure, Measure::Share | Measure::Ratio))
}

/// Units by the range that their own figure lies in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// Two places for each number of edges at or below the figure: beyond the last of them, and at it.
    units: Vec<u64>,
}

impl Spread {
    /// Adds a unit's figure.
    #[allow(clippy::float_cmp, reason = "at an edge or not")]
    pub fn add(&mut self, measure: Measure, figure: f64) {
        let edges = edges(measure);
        // They are few: to look at all is faster than to guess where to look.
        let below = edges.iter().filter(|edge| **edge <= figure).count();
        let at = below > 0 && edges[below - 1] == figure && stands_alone(measure, figure);
        if self.units.is_empty() {
            self.units.resize(2 * (edges.len() + 1), 0);
        }
        self.units[2 * below + usize::from(at)] += 1;
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: &Self) {
        if self.units.is_empty() {
            self.units.clone_from(&other.units);
        } else {
            self.units.iter_mut().zip(&other.units).for_each(|(mine, theirs)| *mine += theirs);
        }
    }

    /// The ranges in which there is any unit, rising.
    pub fn bins(&self, measure: Measure) -> Vec<Bin> {
        let edges = edges(measure);
        // What lies at an edge comes before what lies beyond it.
        let places = (0..=edges.len()).flat_map(|below| [2 * below + 1, 2 * below]);
        let bin = |place: usize| {
            let units = self.units.get(place).copied().filter(|units| *units > 0)?;
            let below = place / 2;
            let from = below.checked_sub(1).map(|last| edges[last]);
            let to = if place % 2 == 1 { from } else { edges.get(below).copied() };
            Some(Bin { from, to, units })
        };
        places.filter_map(bin).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Measure; 6] =
        [Measure::Share, Measure::Ratio, Measure::Count, Measure::Hours, Measure::Money, Measure::Rate];

    #[allow(clippy::float_cmp, reason = "the very edges")]
    fn holds(bin: &Bin, figure: f64, measure: Measure) -> bool {
        let begins =
            bin.from.is_none_or(|from| figure > from || (figure == from && !stands_alone(measure, from)));
        if bin.from == bin.to {
            bin.from == Some(figure)
        } else {
            begins && bin.to.is_none_or(|to| figure < to)
        }
    }

    #[test]
    fn nothing_and_all_stand_alone() {
        let mut spread = Spread::default();
        for figure in [0.0, 1.0, 1.0, 0.25, 0.5, 0.75, 1.5] {
            spread.add(Measure::Ratio, figure);
        }
        let told: Vec<_> =
            spread.bins(Measure::Ratio).iter().map(|bin| (bin.from, bin.to, bin.units)).collect();
        let wanted = [
            (Some(0.0), Some(0.0), 1),
            (Some(0.0), Some(0.5), 1),
            (Some(0.5), Some(1.0), 2),
            (Some(1.0), Some(1.0), 2),
            (Some(1.0), None, 1),
        ];
        assert_eq!(told, wanted);
    }

    proptest! {
        #[test]
        fn each_figure_is_in_one_range_and_parts_add_up(
            figures in proptest::collection::vec(prop_oneof![-2e3..2e3, 0.0..2.0, (-3_i32..200).prop_map(f64::from)], 0..60),
            cut in 0usize..60,
            which in 0usize..6,
        ) {
            let measure = ALL[which];
            let of = |figures: &[f64]| {
                let mut spread = Spread::default();
                for figure in figures {
                    spread.add(measure, *figure);
                }
                spread
            };
            let cut = cut.min(figures.len());
            let mut merged = of(&figures[..cut]);
            merged.merge(&of(&figures[cut..]));
            let bins = merged.bins(measure);
            prop_assert_eq!(&bins, &of(&figures).bins(measure));
            prop_assert_eq!(bins.iter().map(|bin| bin.units).sum::<u64>(), figures.len() as u64);
            for bin in &bins {
                let inside = figures.iter().filter(|figure| holds(bin, **figure, measure)).count();
                prop_assert_eq!(inside as u64, bin.units, "{:?}", bin);
            }
        }
    }
}
