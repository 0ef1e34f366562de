//! One measure on a page of its own: what it is, what came of it, and how anybody can work it out again.

use super::{Compared, Look, Milestone, Scorecard, SeriesView, class_of, numbers, words};
use crate::{
    analysis::document::{Analysis, Bin, CohortValue, Measure, MetricResult},
    domain::{experiment::Experiment, ids::CohortKey, log::LogLine},
    language::{Language, Number, Said},
};

/// What the page of a measure says.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the page, in its order")]
pub struct MeasureView {
    pub t: Language,
    pub name: String,
    pub definition: String,
    /// Its row of the scorecard, one for each treatment.
    pub scorecards: Vec<Scorecard>,
    /// What it comes to in a thousand, one sentence for each treatment; nothing where it is no sum.
    pub per_thousand: Vec<Said>,
    pub series: Vec<SeriesView>,
    pub milestones: Vec<Milestone>,
    pub levels: Vec<LevelRow>,
    pub spread: Option<SpreadView>,
    /// What stands above the line, and below it.
    pub recipe: Option<(String, String)>,
    /// Whether it was moved by what was known before the start.
    pub adjusted: bool,
    pub confidence: String,
}

/// How customers differ behind the average, level beside level.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the table")]
pub struct SpreadView {
    /// The control first, each with the class by which it is drawn.
    pub levels: Vec<(String, &'static str)>,
    pub rows: Vec<SpreadRow>,
}

/// A range of values.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the cells of the row")]
pub struct SpreadRow {
    pub values: String,
    /// Of each level, the share of its customers: in words, how long its bar is, and how it is drawn.
    pub shares: Vec<(String, String, &'static str)>,
}

impl SpreadView {
    fn new(look: Look, metric: &MetricResult) -> Option<Self> {
        let t = look.t;
        let currency = look.experiment.definition.economics.as_ref().map(|costs| costs.currency);
        let number = |value: f64| match metric.unit_of_measure {
            Measure::Count | Measure::Rate => t.brief(value),
            measure => numbers::value(t, Some(value), measure, currency),
        };
        let mut cohorts: Vec<&CohortValue> = metric.cohorts.iter().collect();
        cohorts.sort_by_key(|cohort| cohort.cohort != look.analysis.control);
        let range = |bin: &Bin| (bin.from, bin.to);
        let mut ranges: Vec<_> = cohorts.iter().flat_map(|c| &c.distribution).map(range).collect();
        let share = |cohort: &CohortValue, bin: &Bin| {
            let all: u64 = cohort.distribution.iter().map(|bin| bin.units).sum();
            bin.units as f64 / all.max(1) as f64
        };
        let shares = cohorts.iter().flat_map(|c| c.distribution.iter().map(|bin| share(c, bin)));
        // The longest bar is as wide as its column.
        let greatest = shares.fold(f64::MIN_POSITIVE, f64::max);
        // A value alone comes before the range that begins after it.
        let ends = |(from, to): &(Option<f64>, Option<f64>)| {
            (from.unwrap_or(f64::NEG_INFINITY), to.unwrap_or(f64::INFINITY))
        };
        ranges.sort_by(|a, b| {
            let (a, b) = (ends(a), ends(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        ranges.dedup();
        let row = |(from, to): &(Option<f64>, Option<f64>)| SpreadRow {
            values: match (*from, *to) {
                (None, None) => String::new(),
                (None, Some(to)) => t.say("spread-below").with("to", number(to)).into(),
                (Some(from), None) => t.say("spread-from").with("from", number(from)).into(),
                // A value alone.
                (Some(from), Some(to)) if to <= from => number(from),
                (Some(from), Some(to)) => {
                    t.say("spread-between").with("from", number(from)).with("to", number(to)).into()
                }
            },
            shares: cohorts
                .iter()
                .enumerate()
                .map(|(place, cohort)| {
                    let inside = cohort.distribution.iter().find(|bin| range(bin) == (*from, *to));
                    let share = inside.map_or(0.0, |bin| share(cohort, bin));
                    (t.percent(share), format!("{:.2}%", 100.0 * share / greatest), class_of(place))
                })
                .collect(),
        };
        let level =
            |(place, cohort): (usize, &&CohortValue)| (words::title(cohort.cohort.as_str()), class_of(place));
        let levels = cohorts.iter().enumerate().map(level).collect();
        (!ranges.is_empty()).then(|| Self { levels, rows: ranges.iter().map(row).collect() })
    }
}

/// A level's own figures.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the cells of the row")]
pub struct LevelRow {
    pub level: String,
    pub units: String,
    pub above: String,
    pub below: String,
    pub value: String,
}

impl MeasureView {
    /// The measure of that name in an analysis; none where the analysis has none.
    ///
    /// # Errors
    /// A chart cannot be drawn.
    pub fn new(
        t: Language,
        experiment: &Experiment,
        analysis: &Analysis,
        log: &[LogLine],
        name: &str,
    ) -> Result<Option<Self>, askama::Error> {
        let mut analysis = analysis.clone().in_language(t);
        // Every part of the page speaks of this measure alone.
        analysis.metrics.retain(|metric| metric.metric == name);
        analysis.series.retain(|series| series.metric == name);
        analysis.economics = None;
        let Some(metric) = analysis.metrics.first() else { return Ok(None) };
        let look = Look { t, experiment, analysis: &analysis };
        let treatments = || experiment.definition.treatments().map(|cohort| &cohort.key);
        let compared: Vec<Compared> =
            treatments().filter_map(|treatment| look.comparison(metric, treatment)).collect();
        let milestones = Milestone::all(look, log);
        let (label, definition) = words::metric(t, name);
        let series = SeriesView::all(look, &milestones)?;
        Ok(Some(Self {
            t,
            name: label,
            definition,
            scorecards: Scorecard::all(look),
            per_thousand: compared.iter().filter_map(|compared| per_thousand(look, compared)).collect(),
            milestones: if series.is_empty() { Vec::new() } else { milestones },
            series,
            levels: metric.cohorts.iter().map(|cohort| level(look, metric, cohort)).collect(),
            spread: SpreadView::new(look, metric),
            recipe: recipe(t, metric),
            adjusted: compared.iter().any(|compared| compared.comparison.adjusted),
            confidence: t
                .say("measure-confidence")
                .with("level", Number::brief(analysis.confidence * 100.0))
                .into(),
        }))
    }
}

/// Of a thousand, how many at either level, and how many more or fewer: easier to grasp than points.
fn per_thousand(look: Look, compared: &Compared) -> Option<Said> {
    let Compared { metric, comparison, .. } = compared;
    if !matches!(metric.unit_of_measure, Measure::Share | Measure::Ratio | Measure::Count) {
        return None;
    }
    let value = |cohort: &CohortKey| metric.cohorts.iter().find(|c| c.cohort == *cohort)?.value;
    let (usual, slower) = (value(&look.analysis.control)?, value(&comparison.treatment)?);
    let count = |value: f64| look.t.number(1000.0 * value, 0);
    let signed =
        |value: Option<f64>| value.map_or(numbers::NONE.to_owned(), |v| look.t.signed(1000.0 * v, 0));
    let range = look.say("range-to");
    let range =
        range.with("from", signed(comparison.absolute.lower)).with("to", signed(comparison.absolute.upper));
    Some(
        look.say("measure-per-thousand")
            .with("of", look.say("measure-of").with("metric", &metric.metric).to_string())
            .with("usual", count(usual))
            .with("level", words::title(comparison.treatment.as_str()).to_lowercase())
            .with("slower", count(slower))
            .with("difference", signed(comparison.absolute.estimate))
            .with("range", range.to_string()),
    )
}

fn level(look: Look, metric: &MetricResult, cohort: &CohortValue) -> LevelRow {
    let t = look.t;
    let currency = look.experiment.definition.economics.as_ref().map(|costs| costs.currency);
    let sum = |value: Option<f64>| value.map_or(numbers::NONE.to_owned(), |value| t.number(value, 0));
    LevelRow {
        level: words::title(cohort.cohort.as_str()),
        units: t.count(cohort.n),
        above: sum(cohort.numerator),
        below: sum(cohort.denominator),
        value: numbers::value(t, cohort.value, metric.unit_of_measure, currency),
    }
}

/// What is divided by what; nothing for waits, which are no sums.
fn recipe(t: Language, metric: &MetricResult) -> Option<(String, String)> {
    let sums = metric.cohorts.iter().any(|cohort| cohort.denominator.is_some());
    let above = || t.say("measure-above").with("metric", &metric.metric).to_string();
    let below = || t.say("measure-below").with("metric", &metric.metric).to_string();
    sums.then(|| (above(), below()))
}
