//! How often intervals hold the truth, counted over many worlds.
//!
//! What is true of each metric on each scale is taken from all worlds put together: their sums and waits merge
//! into one analysis of millions of customers, whose own error is that of a single world divided by the root
//! of their number. So the truth is known for figures that no setting names (waits, money, absolute
//! differences), and with it whatever a small sample does to an estimate counts against its interval.

use std::{collections::BTreeMap, fmt};

use super::{Trial, World};
use crate::{
    analysis::{
        Accumulator, conclude,
        document::{Analysis, Range},
    },
    domain::{experiment::Experiment, experiment::MarginScale, time::Moment},
};

/// A figure of an analysis that has an interval: the first treatment's difference of a metric, of the
/// restricted mean wait (`delivery`) or of a part of net value (`saving`, `retention_loss`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// Whether it is relative to the control's value.
    pub relative: bool,
}

impl Figure {
    /// A metric's difference on a scale.
    pub fn new(name: &str, scale: MarginScale) -> Self {
        Self { name: name.to_owned(), relative: scale == MarginScale::Relative }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.name, if self.relative { "relative" } else { "absolute" })
    }
}

/// Every figure of an analysis with its interval.
pub fn figures(analysis: &Analysis) -> BTreeMap<Figure, Range> {
    let mut found = BTreeMap::new();
    let mut see = |name: &str, scale, range: Range| {
        if range.estimate.is_some() {
            found.insert(Figure::new(name, scale), range);
        }
    };
    for metric in &analysis.metrics {
        let Some(comparison) = metric.comparisons.first() else { continue };
        // Without an absolute interval there is none at all; with one, a relative end that is missing is infinite.
        if comparison.absolute.lower.is_some() {
            see(&metric.metric, MarginScale::Absolute, comparison.absolute);
            see(&metric.metric, MarginScale::Relative, comparison.relative);
        }
    }
    for gap in analysis.health.delivery.gaps.iter().take(1) {
        see("delivery", MarginScale::Absolute, gap.waited_longer_hours);
    }
    if let Some(month) =
        analysis.economics.as_ref().and_then(|economics| economics.per_customer_month.as_ref())
    {
        see("saving", MarginScale::Absolute, month.saving_range);
        see("retention_loss", MarginScale::Absolute, month.retention_loss_range);
    }
    found
}

/// How the intervals of one figure fared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fared {
    /// What is true.
    pub truth: f64,
    /// Worlds in which there was an interval.
    pub intervals: u64,
    /// Intervals that lay wholly above the truth.
    pub above: u64,
    /// Intervals that lay wholly below it.
    pub below: u64,
}

impl Fared {
    /// Share of the intervals that hold the truth.
    pub fn coverage(&self) -> f64 {
        1.0 - (self.above + self.below) as f64 / self.intervals as f64
    }

    /// Standard error of [`coverage`](Self::coverage) as a simulation.
    pub fn std_error(&self) -> f64 {
        let share = self.coverage();
        (share * (1.0 - share) / self.intervals as f64).sqrt()
    }

    fn see(&mut self, range: &Range) {
        self.intervals += 1;
        self.above += u64::from(range.lower.is_some_and(|lower| lower > self.truth));
        self.below += u64::from(range.upper.is_some_and(|upper| upper < self.truth));
    }
}

/// Lives each world, analyses it at its end, and counts how often each figure's interval holds what is true of
/// all worlds together. The worlds must differ in nothing but their luck.
///
/// # Errors
/// In words: there is no world, or an experiment's rules or calendars are not in order.
pub fn of_worlds(
    worlds: impl IntoIterator<Item = (World, Experiment)>,
) -> Result<BTreeMap<Figure, Fared>, String> {
    let mut worlds = worlds.into_iter();
    let (world, experiment) = worlds.next().ok_or("no world to live")?;
    let live = |world: &World, experiment| Trial::live(world, experiment).map_err(|error| error.to_string());
    let end: Moment = world.ends_at();
    let first = live(&world, experiment)?;
    let everything = first.study(end);
    let mut together = Accumulator::new(&everything).map_err(|error| error.to_string())?;
    let mut intervals = Vec::new();
    for trial in
        std::iter::once(Ok(None)).chain(worlds.map(|(world, experiment)| live(&world, experiment).map(Some)))
    {
        let trial = trial?;
        let trial = trial.as_ref().unwrap_or(&first);
        let study = trial.study(end);
        let mut pass = Accumulator::new(&study).map_err(|error| error.to_string())?;
        for unit in &trial.units {
            pass.add(unit);
        }
        intervals.push(figures(&conclude(&pass)));
        together.merge(pass);
    }
    let truths = figures(&conclude(&together));
    let fared = truths.into_iter().filter_map(|(figure, truth)| {
        let mut fared = Fared { truth: truth.estimate?, ..Fared::default() };
        intervals.iter().filter_map(|of_world| of_world.get(&figure)).for_each(|range| fared.see(range));
        Some((figure, fared))
    });
    Ok(fared.collect())
}
