//! The metrics' part of an analysis: values, comparisons and series.

use crate::{
    domain::{
        experiment::{Definition, MetricPlan},
        ids::CohortKey,
    },
    language::say,
    stats::{
        Arm, StatsError,
        bounds::{Trimmed, lee_bounds_clustered},
    },
};

use super::{
    accumulate::{Accumulator, Measured, MeasuredKind},
    document::{CohortValue, Measure, MetricResult, NonResponse, Range, Series, SeriesPoint},
    inference::{Arms, Inference, scale_told},
    tally::Tally,
    waits::Waits,
};

/// Everything that the pass says about metrics.
#[derive(Debug)]
pub struct Results<'a> {
    pass: &'a Accumulator<'a>,
    inference: &'a Inference<'a>,
    definition: &'a Definition,
    units: Vec<u64>,
}

impl<'a> Results<'a> {
    /// Of a finished pass.
    pub fn new(pass: &'a Accumulator<'a>, inference: &'a Inference<'a>) -> Self {
        let definition = &pass.study.experiment.definition;
        let units = pass.cohorts.iter().map(|cohort| cohort.units).collect();
        Self { pass, inference, definition, units }
    }

    /// Every metric that can be made, corrected where the plan says so.
    pub fn metrics(&self) -> Vec<MetricResult> {
        let mut metrics: Vec<_> = self
            .pass
            .measured
            .iter()
            .zip(&self.pass.tallies)
            .filter(|(measured, _)| {
                let needs = measured.metric.sums().is_some_and(crate::metrics::Metric::needs_economics);
                measured.plan.is_some() || !needs || self.definition.economics.is_some()
            })
            .map(|(measured, tallies)| self.metric(measured, tallies))
            .collect();
        self.bound_non_response(&mut metrics);
        self.inference.correct(&mut metrics);
        metrics
    }

    fn plan(&self, measured: &Measured<'_>) -> Option<&'a MetricPlan> {
        measured.plan.map(|index| &self.definition.metrics[index])
    }

    fn metric(&self, measured: &Measured<'a>, tallies: &[Tally]) -> MetricResult {
        let about = measured.metric.about();
        let plan = self.plan(measured);
        let mut notes = Vec::new();
        let (arms, adjusted) = self.arms(measured, tallies);
        let cohorts = match &measured.metric {
            MeasuredKind::Waits(_) => self.values(tallies, &arms, median_value),
            MeasuredKind::Sums(_) | MeasuredKind::Own(_) => {
                self.values(tallies, &Inference::plain_arms(tallies), |cohort, tally, arm| {
                    sums_value(cohort, about.measure, tally, arm)
                })
            }
        };
        let comparisons = self.inference.compare(&about, plan, &arms, adjusted, &self.units, &mut notes);
        let mut result = MetricResult {
            metric: about.name.to_owned(),
            role: plan.map(|plan| plan.role),
            unit_of_measure: about.measure,
            direction: plan.and_then(|plan| plan.direction).unwrap_or(about.direction),
            told_on: Some(scale_told(plan, about.measure)),
            cohorts,
            comparisons,
            notes: Vec::new(),
            notes_said: Vec::new(),
        };
        for note in notes {
            result.note(note);
        }
        result
    }

    /// What the comparisons of a metric were made from.
    pub fn arms_of(&self, name: &str) -> Option<Arms> {
        let mut measured = self.pass.measured.iter().zip(&self.pass.tallies);
        let (measured, tallies) = measured.find(|(measured, _)| measured.metric.about().name == name)?;
        Some(self.arms(measured, tallies).0)
    }

    /// The arms that are compared, and whether they were adjusted.
    fn arms(&self, measured: &Measured<'_>, tallies: &[Tally]) -> (Arms, bool) {
        match &measured.metric {
            MeasuredKind::Waits(_) => {
                (tallies.iter().map(|tally| self.median_arm(&tally.waits)).collect(), false)
            }
            MeasuredKind::Sums(_) | MeasuredKind::Own(_) => self.inference.arms(tallies),
        }
    }

    fn values(
        &self,
        tallies: &[Tally],
        arms: &[Result<Arm, StatsError>],
        value: impl Fn(CohortKey, &Tally, Option<&Arm>) -> CohortValue,
    ) -> Vec<CohortValue> {
        let cohorts = self.definition.cohorts.iter().zip(tallies).zip(arms);
        cohorts.map(|((cohort, tally), arm)| value(cohort.key.clone(), tally, arm.as_ref().ok())).collect()
    }

    fn median_arm(&self, waits: &Waits) -> Result<Arm, StatsError> {
        let nothing = StatsError::Empty { what: "the waits of which half have ended" };
        waits.curve().and_then(|curve| curve.median_arm(self.inference.confidence())).ok_or(nothing)
    }

    /// Beside CSAT how alike the cohorts answer: where they do not, it compares different people, and the
    /// bounds say how far the difference could go.
    fn bound_non_response(&self, metrics: &mut [MetricResult]) {
        let rates: Vec<_> = metrics
            .iter()
            .filter(|metric| metric.metric == "csat_response_rate")
            .flat_map(|metric| &metric.comparisons)
            .map(|comparison| (comparison.treatment.clone(), comparison.absolute))
            .collect();
        let Some(csat) = metrics.iter_mut().find(|metric| metric.metric == "csat") else { return };
        for (treatment, response_rate) in rates {
            let Some(comparison) = csat.comparisons.iter_mut().find(|c| c.treatment == treatment) else {
                continue;
            };
            comparison.non_response = self.non_response(&treatment, response_rate);
            let Some(found) = comparison.non_response.as_ref().filter(|found| found.differs) else {
                continue;
            };
            comparison.non_response_bounds = Some(Range { estimate: None, ..found.bounds });
            csat.note(say("note-different-people"));
        }
    }

    fn non_response(&self, treatment: &CohortKey, response_rate: Range) -> Option<NonResponse> {
        let (control, cohorts) = (self.definition.control_index(), &self.definition.cohorts);
        let index = cohorts.iter().position(|cohort| cohort.key == *treatment)?;
        let answers = |index: usize| &self.pass.cohorts[index].answers;
        let found = lee_bounds_clustered(answers(control), answers(index)).ok()?;
        let interval = found.interval(self.inference.confidence()).map(Range::from).unwrap_or_default();
        let excludes_zero = response_rate.lower.is_some_and(|lower| lower > 0.0)
            || response_rate.upper.is_some_and(|upper| upper < 0.0);
        Some(NonResponse {
            response_rate,
            differs: excludes_zero,
            trimmed: match found.trimmed {
                Trimmed::Control => Some(cohorts[control].key.clone()),
                Trimmed::Treatment => Some(treatment.clone()),
                Trimmed::Neither => None,
            },
            trimmed_share: found.trimmed_share,
            bounds: Range { estimate: Some(found.naive), lower: Some(found.lower), upper: Some(found.upper) },
            std_error_lower: found.std_error_lower,
            std_error_upper: found.std_error_upper,
            interval,
        })
    }

    /// Cumulative differences by day, of the definition's metrics that are ratios of sums.
    pub fn series(&self) -> Vec<Series> {
        let planned = self.pass.measured.iter().zip(&self.pass.tallies);
        planned
            .filter(|(measured, _)| measured.plan.is_some() && measured.metric.sums().is_some())
            .flat_map(|(measured, tallies)| self.metric_series(measured, tallies))
            .filter(|series| !series.points.is_empty())
            .collect()
    }

    fn metric_series(&self, measured: &Measured<'_>, tallies: &[Tally]) -> Vec<Series> {
        let plan = self.plan(measured);
        let about = measured.metric.about();
        let scale = scale_told(plan, about.measure);
        let mut series: Vec<Series> = self
            .definition
            .treatments()
            .map(|cohort| Series {
                metric: about.name.to_owned(),
                treatment: cohort.key.clone(),
                scale,
                points: Vec::new(),
            })
            .collect();
        self.pass.each_day(tallies, |at, until, units| {
            let (arms, _) = self.inference.arms(until);
            for (line, range) in series.iter_mut().zip(self.inference.ranges(scale, &arms, units)) {
                let range = range.unwrap_or_default();
                if range.lower.is_some() && range.upper.is_some() {
                    line.points.push(SeriesPoint { at, units: units.iter().sum(), range });
                }
            }
        });
        series
    }
}

/// A cohort's value of a ratio of sums.
fn sums_value(cohort: CohortKey, measure: Measure, tally: &Tally, arm: Option<&Arm>) -> CohortValue {
    let sums = tally.moments().post;
    let any = sums.n > 0;
    CohortValue {
        cohort,
        n: tally.units,
        value: sums.ratio().ok(),
        std_error: arm.map(Arm::unadjusted_std_error),
        numerator: any.then_some(sums.y),
        denominator: any.then_some(sums.x),
        distribution: tally.spread.bins(measure),
    }
}

/// A cohort's median wait, of so many ended among so many.
fn median_value(cohort: CohortKey, tally: &Tally, arm: Option<&Arm>) -> CohortValue {
    let (all, ended) = tally.waits.counts();
    CohortValue {
        cohort,
        n: tally.waits.units() as u64,
        value: tally.waits.curve().and_then(|curve| curve.km().median()),
        std_error: arm.map(Arm::std_error),
        numerator: (all > 0).then_some(ended as f64),
        denominator: (all > 0).then_some(all as f64),
        distribution: Vec::new(),
    }
}
