//! How long customers waited for a first response: curves, the cohorts' difference, and each cohort against
//! its own pre-period, since capacity that the slow cohort frees may speed up the control.

use crate::{
    domain::experiment::Definition,
    stats::{Interval, PValue, distributions::normal_tail_quantile, survival, survival::Figure},
};

use super::{
    accumulate::Accumulator,
    document::{BeforeAfter, Percentile, Range, WaitClock, WaitingCurve, WaitingDifference},
    inference::Inference,
    waits::{self, Curve, Waits},
};

/// Points of a waiting curve.
const CURVE_POINTS: u32 = 240;
/// By when so much was answered.
const SHARES: [f64; 4] = [0.5, 0.75, 0.9, 0.95];

/// What a finished pass says of first responses.
#[derive(Debug)]
pub struct Waiting<'a> {
    pass: &'a Accumulator<'a>,
    inference: &'a Inference<'a>,
    definition: &'a Definition,
}

impl<'a> Waiting<'a> {
    /// Of a finished pass.
    pub fn new(pass: &'a Accumulator<'a>, inference: &'a Inference<'a>) -> Self {
        Self { pass, inference, definition: &pass.study.experiment.definition }
    }

    /// The waits of a cohort since assignment.
    fn waits(&self, cohort: usize, clock: WaitClock) -> Option<&'a Waits> {
        match clock {
            WaitClock::Open => self.pass.first_responses().get(cohort).map(|tally| &tally.waits),
            WaitClock::Wall => Some(&self.pass.cohorts[cohort].wall),
        }
    }

    /// Until when waits are counted in a restricted mean, in hours: the longest that any service level
    /// promises any conversation of the window.
    fn horizon(&self, clock: WaitClock) -> f64 {
        match clock {
            WaitClock::Open => {
                self.definition.cohorts.iter().map(|cohort| cohort.first_response.hours()).fold(0.0, f64::max)
            }
            WaitClock::Wall => self.pass.promises.iter().map(|gap| gap.longest.hours()).fold(0.0, f64::max),
        }
    }

    fn range(&self, figure: Figure) -> Range {
        let reach = normal_tail_quantile(0.5 * self.inference.confidence().alpha()) * figure.std_error;
        Interval::symmetric(figure.value, reach).into()
    }

    /// The waiting curves of every cohort on both clocks.
    pub fn curves(&self) -> Vec<WaitingCurve> {
        let cohorts = 0..self.definition.cohorts.len();
        let both = cohorts.flat_map(|cohort| [(cohort, WaitClock::Open), (cohort, WaitClock::Wall)]);
        both.filter_map(|(cohort, clock)| self.curve(cohort, clock)).collect()
    }

    fn curve(&self, cohort: usize, clock: WaitClock) -> Option<WaitingCurve> {
        let waits = self.waits(cohort, clock)?;
        let curve = waits.curve()?;
        let cohort = &self.definition.cohorts[cohort];
        let promised = cohort.first_response;
        let confidence = self.inference.confidence();
        let percentiles =
            SHARES.map(|share| Percentile { share, hours: curve.percentile(share, confidence) }).to_vec();
        let p90 = curve.km().quantile(0.9);
        let shown = (1.5 * promised.hours()).max(p90.map_or(0.0, |p90| 1.1 * p90)).max(1.0);
        let (conversations, answered) = waits.counts();
        let horizon = self.horizon(clock);
        let share = |range: Range| Range {
            lower: range.lower.map(|lower| lower.max(0.0)),
            upper: range.upper.map(|upper| upper.min(1.0)),
            ..range
        };
        let within = curve.km().share_answered_within(promised.hours()).value;
        let told = curve.share_within(promised.hours()).map(|figure| share(self.range(figure)));
        Some(WaitingCurve {
            cohort: cohort.key.clone(),
            clock,
            conversations,
            answered,
            median: curve.km().median().map(waits::hours),
            p90: p90.map(waits::hours),
            promised,
            within_promise: Some(within),
            within_promise_range: told.unwrap_or(Range { estimate: Some(within), ..Range::default() }),
            percentiles,
            horizon_hours: horizon,
            restricted_mean: curve.restricted_mean(horizon).map(|mean| self.range(mean)).unwrap_or_default(),
            points: curve.points(shown.min(20.0 * promised.hours()), CURVE_POINTS),
        })
    }

    /// Each treatment against the control: on the wall clock, and in open time where both have one calendar.
    pub fn differences(&self) -> Vec<WaitingDifference> {
        let control = self.definition.control_index();
        let calendar = |cohort: usize| &self.definition.cohorts[cohort].calendar;
        let treatments = (0..self.definition.cohorts.len()).filter(|cohort| *cohort != control);
        treatments
            .flat_map(|cohort| {
                let open = (calendar(cohort) == calendar(control)).then_some(WaitClock::Open);
                open.into_iter().chain([WaitClock::Wall]).map(move |clock| (cohort, clock))
            })
            .filter_map(|(cohort, clock)| self.difference(control, cohort, clock))
            .collect()
    }

    fn difference(&self, control: usize, cohort: usize, clock: WaitClock) -> Option<WaitingDifference> {
        let [usual, slow] = [control, cohort].map(|cohort| self.waits(cohort, clock).and_then(Waits::curve));
        let (usual, slow) = (usual?, slow?);
        let horizon = self.horizon(clock);
        let mean = |curve: &Curve<'_>| curve.restricted_mean(horizon).ok();
        let found = survival::difference(mean(&usual)?, mean(&slow)?, self.inference.confidence()).ok()?;
        Some(WaitingDifference {
            treatment: self.definition.cohorts[cohort].key.clone(),
            clock,
            horizon_hours: horizon,
            restricted_mean: found.interval.into(),
            std_error: found.std_error,
            p_value: found.p_value.value(),
            log_rank_p_value: usual.log_rank(&slow).ok().map(PValue::value),
        })
    }

    /// Each cohort against its own pre-period, on the wall clock.
    pub fn before_after(&self) -> Vec<BeforeAfter> {
        let cohorts = self.definition.cohorts.iter().zip(&self.pass.cohorts);
        let horizon = self.horizon(WaitClock::Wall);
        cohorts
            .filter_map(|(cohort, tally)| {
                let (before, since) = (tally.wall_before.curve()?, tally.wall.curve()?);
                let mean =
                    |curve: &Curve<'_>| curve.restricted_mean(horizon).map(|mean| self.range(mean)).ok();
                let change = since.longer_than(&before, horizon).ok()?;
                Some(BeforeAfter {
                    cohort: cohort.key.clone(),
                    horizon_hours: horizon,
                    before: mean(&before)?,
                    since: mean(&since)?,
                    difference: self.range(change),
                    std_error: change.std_error,
                    median_before: before.km().median().map(waits::hours),
                    median_since: since.km().median().map(waits::hours),
                })
            })
            .collect()
    }
}
