//! The one pass over the units. What is kept grows with cohorts × metrics × days, not with customers
//! (the waits apart, of which Kaplan–Meier needs every one), and ranges of units merge exactly ([`super::tally`]).

use crate::{
    domain::{
        time::{DAY_MS, Moment},
        unit::UnitRecord,
    },
    metrics::{self, Changes, Context, Kind, Level, Metric, Period, Unit, own::OwnMetric},
    stats::{Brought, CountingMoments},
};

use super::{
    economics::Worth,
    segments::Segments,
    study::{AnalysisError, Study},
    tally::{CohortTally, PromiseGap, Tally, counted},
    waits::Waits,
};

/// A metric of the analysis: how it is made, and whether its days are kept.
#[derive(Debug)]
pub struct Measured<'a> {
    /// How it is made.
    pub metric: MeasuredKind<'a>,
    /// Its place in the definition's list of metrics; none for what is reported beside them.
    pub plan: Option<usize>,
}

/// Built in, or the user's own.
#[derive(Debug)]
pub enum MeasuredKind<'a> {
    /// A ratio of sums that is built in.
    Sums(&'static dyn Metric),
    /// Waits.
    Waits(&'static dyn metrics::WaitingMetric),
    /// The user's own.
    Own(OwnMetric<'a>),
}

impl MeasuredKind<'_> {
    /// As a ratio of sums.
    pub fn sums(&self) -> Option<&dyn Metric> {
        match self {
            Self::Sums(metric) => Some(*metric),
            Self::Own(metric) => Some(metric),
            Self::Waits(_) => None,
        }
    }

    /// What it is.
    pub fn about(&self) -> metrics::About<'_> {
        match self {
            Self::Sums(metric) => metric.about(),
            Self::Own(metric) => metric.about(),
            Self::Waits(metric) => metric.about(),
        }
    }
}

/// The pass.
#[derive(Debug)]
pub struct Accumulator<'a> {
    /// What is analysed.
    pub study: &'a Study<'a>,
    context: Context<'a>,
    levels: Vec<Level<'a>>,
    control: usize,
    /// What is measured: the definition's metrics, then the other built-in ones.
    pub measured: Vec<Measured<'a>>,
    /// By metric, by cohort.
    pub tallies: Vec<Vec<Tally>>,
    /// What net value is made of, by cohort.
    pub worth: Vec<Worth>,
    /// By cohort.
    pub cohorts: Vec<CohortTally>,
    /// By cohort (the control's stays empty).
    pub promises: Vec<PromiseGap>,
    /// Within segments.
    pub segments: Segments,
    changes: Changes,
    /// What the unit brings, by metric.
    totals: Vec<Brought>,
}

/// What one unit brings to a ratio of sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share<'m> {
    /// The metric's name.
    pub metric: &'m str,
    /// Numerator and denominator of the window.
    pub window: (f64, f64),
    /// Those of the pre-period, where there is one.
    pub before: Option<(f64, f64)>,
}

impl<'a> Accumulator<'a> {
    /// An empty pass.
    pub fn new(study: &'a Study<'a>) -> Result<Self, AnalysisError> {
        let definition = &study.experiment.definition;
        let cohorts = definition.cohorts.len();
        let measured = measured(study);
        Ok(Self {
            study,
            context: Context { as_of: study.as_of, economics: definition.economics.as_ref() },
            levels: study.levels()?,
            control: definition.control_index(),
            tallies: measured.iter().map(|_| vec![Tally::default(); cohorts]).collect(),
            worth: vec![Worth::default(); cohorts],
            cohorts: vec![CohortTally::default(); cohorts],
            promises: vec![PromiseGap::default(); cohorts],
            segments: Segments::new(definition, &measured),
            measured,
            changes: Changes::default(),
            totals: Vec::new(),
        })
    }

    /// The moment facts end, and what things cost.
    pub fn context(&self) -> &Context<'a> {
        &self.context
    }

    /// The service level of a cohort.
    pub fn level(&self, cohort: usize) -> Level<'a> {
        self.levels[cohort]
    }

    /// First responses in open time, by cohort.
    pub fn first_responses(&self) -> &[Tally] {
        let place = self.measured.iter().position(|m| m.metric.about().name == "first_response_time");
        place.map_or(&[], |index| &self.tallies[index])
    }

    /// The place of a unit's cohort. One assigned after `as_of`, or to a cohort that the definition does not know,
    /// is not counted.
    pub fn cohort_of(&self, record: &UnitRecord) -> Option<usize> {
        let known = || self.study.experiment.definition.cohorts.iter().position(|c| c.key == record.cohort);
        if record.assigned_at > self.study.as_of { None } else { known() }
    }

    /// Adds one unit, if it is counted.
    pub fn add(&mut self, record: &UnitRecord) {
        let Some(cohort) = self.cohort_of(record) else { return };
        let context = self.context;
        let mut unit = Unit::new(record, &context, self.levels[cohort]);
        self.count(cohort, &unit);
        self.compare_promises(cohort, &unit);
        self.totals.clear();
        for (index, measured) in self.measured.iter().enumerate() {
            let tally = &mut self.tallies[index][cohort];
            self.totals.push(match &measured.metric {
                MeasuredKind::Sums(metric) => {
                    measure(*metric, &unit, measured.plan.is_some(), &mut self.changes, tally)
                }
                MeasuredKind::Own(metric) => measure(metric, &unit, true, &mut self.changes, tally),
                MeasuredKind::Waits(metric) => {
                    wait(*metric, &unit, &mut tally.waits);
                    Brought::default()
                }
            });
        }
        self.worth[cohort].add(&unit);
        self.segments.add(&self.measured, cohort, &mut unit, &self.totals);
    }

    /// What a unit brings to each ratio of sums: the rows behind the sums.
    pub fn shares(&self, unit: &Unit<'_>) -> Vec<Share<'_>> {
        let metrics = self.measured.iter().filter_map(|measured| {
            let about = measured.metric.about();
            Some((about.name, measured.metric.sums()?))
        });
        let share = metrics.map(|(metric, sums)| Share {
            metric,
            window: total(sums, unit),
            before: before(sums, unit),
        });
        share.filter(|share| counted(share.window).is_some()).collect()
    }

    /// Some metric's sums by cohort and the units assigned by cohort, as they stood at the end of each day since the
    /// first unit joined.
    pub fn each_day(&self, tallies: &[Tally], mut each: impl FnMut(Moment, &[Tally], &[u64])) {
        let days = self.cohorts.iter().map(|cohort| cohort.joined.len()).max().unwrap_or(0);
        let mut until = vec![Tally::default(); tallies.len()];
        let mut units = vec![0; tallies.len()];
        // Facts from before the first assignment (the conversation that brought a unit in) count from day one.
        let oldest = tallies.iter().map(|tally| tally.days.len()).max().unwrap_or(0).max(days);
        for day in (0..oldest).rev() {
            for (cohort, tally) in tallies.iter().enumerate() {
                if let Some(change) = tally.days.get(day) {
                    until[cohort].sums.merge(change);
                }
                units[cohort] += self.cohorts[cohort].joined.get(day).copied().unwrap_or(0);
            }
            if day < days {
                each(self.day_end(day), &until, &units);
            }
        }
    }

    fn day_end(&self, days_before: usize) -> Moment {
        let day = self.study.as_of.day() - i64::try_from(days_before).unwrap_or(0);
        Moment::from_stored_ms((day + 1) * DAY_MS).min(self.study.as_of)
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: Accumulator<'_>) {
        for (mine, theirs) in self.tallies.iter_mut().flatten().zip(other.tallies.into_iter().flatten()) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.worth.iter_mut().zip(&other.worth) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.cohorts.iter_mut().zip(other.cohorts) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.promises.iter_mut().zip(&other.promises) {
            mine.sum_ms += theirs.sum_ms;
            mine.count += theirs.count;
            mine.longest = mine.longest.max(theirs.longest);
        }
        self.segments.merge(other.segments);
    }

    fn count(&mut self, cohort: usize, unit: &Unit<'_>) {
        let as_of = self.context.as_of;
        let currency = self.context.economics.map(|economics| economics.currency);
        let tally = &mut self.cohorts[cohort];
        let at = unit.record.assigned_at;
        tally.units += 1;
        tally.first_assigned = Some(tally.first_assigned.map_or(at, |first| first.min(at)));
        tally.last_assigned = Some(tally.last_assigned.map_or(at, |last| last.max(at)));
        tally.see(at);
        let day = days_before(as_of, at);
        if tally.joined.len() <= day {
            tally.joined.resize(day + 1, 0);
        }
        tally.joined[day] += 1;

        let base = unit.base_revenue();
        let month = self.context.last_complete_month();
        if base > 0.0 && unit.joined() < month {
            tally.carried.add(unit.base_carried(month), base);
        }
        for customer in unit.customers() {
            let foreign = |code| currency.is_some_and(|own| own != code);
            let told = customer.revenue.values().filter_map(|versions| versions.now());
            tally.other_currencies += told.filter(|revenue| foreign(revenue.currency)).count() as u64;
        }
        let mut answers = [0.0; 3];
        for talk in &unit.talks {
            tally.wait(talk, as_of);
            if talk.period == Period::Window {
                tally.converse(talk, as_of, &mut answers);
            }
        }
        if answers[0] > 0.0 {
            tally.answers.add(answers);
        }
        tally.wall.end_unit();
        tally.wall_before.end_unit();
    }

    /// What each service level would have promised each conversation of the cohorts compared.
    fn compare_promises(&mut self, cohort: usize, unit: &Unit<'_>) {
        for talk in unit.talks(Period::Window) {
            let wall = |level: &Level<'_>| level.due(talk.opened_at).map(|due| due - talk.opened_at);
            let Some(usual) = wall(&self.levels[self.control]) else { continue };
            for (index, level) in self.levels.iter().enumerate() {
                if index == self.control || (cohort != self.control && cohort != index) {
                    continue;
                }
                let Some(promised) = wall(level) else { continue };
                let gap = &mut self.promises[index];
                gap.sum_ms += (promised.ms() - usual.ms()) as f64;
                gap.count += 1;
                gap.longest = gap.longest.max(promised).max(usual);
            }
        }
    }
}

/// The definition's metrics in their order, then every other built-in one that can be made.
fn measured<'a>(study: &'a Study<'a>) -> Vec<Measured<'a>> {
    let definition = &study.experiment.definition;
    let built_in = |kind: &Kind| match kind {
        Kind::Sums(metric) => MeasuredKind::Sums(*metric),
        Kind::Waits(metric) => MeasuredKind::Waits(*metric),
    };
    let planned = definition.metrics.iter().enumerate().filter_map(|(index, plan)| {
        let metric = match metrics::find(&plan.metric) {
            Some(kind) => built_in(kind),
            None => MeasuredKind::Own(OwnMetric::of(plan)?),
        };
        Some(Measured { metric, plan: Some(index) })
    });
    let named = |kind: &Kind| definition.metrics.iter().any(|plan| plan.metric == kind.about().name);
    let others = metrics::ALL
        .iter()
        .filter(|kind| !named(kind))
        .map(|kind| Measured { metric: built_in(kind), plan: None });
    planned.chain(others).collect()
}

/// Adds a unit's waits in open time; an end dated before its beginning is no wait.
fn wait(metric: &dyn metrics::WaitingMetric, unit: &Unit<'_>, waits: &mut Waits) {
    let as_of = unit.context.as_of;
    for talk in unit.talks(Period::Window) {
        let ended = metric.ended(talk, as_of);
        let end = ended.unwrap_or(as_of);
        if end >= talk.opened_at {
            waits.add(unit.level.calendar.open_between(talk.opened_at, end), ended.is_some());
        }
    }
    waits.end_unit();
}

/// Numerator and denominator of a unit's window.
pub(super) fn total(metric: &dyn Metric, unit: &Unit<'_>) -> (f64, f64) {
    let mut changes = Changes::added_up();
    metric.changes(unit, Period::Window, &mut changes);
    changes.total()
}

/// Numerator and denominator of a unit's pre-period; none where nothing is known of it, or where the metric has none.
fn before(metric: &dyn Metric, unit: &Unit<'_>) -> Option<(f64, f64)> {
    if !metric.has_pre_period() {
        return None;
    }
    let mut changes = Changes::added_up();
    metric.changes(unit, Period::Pre, &mut changes);
    Some(changes.total()).filter(|(_, x)| *x > 0.0)
}

/// Adds a unit to a metric's sums and tells what it brings.
fn measure(
    metric: &dyn Metric,
    unit: &Unit<'_>,
    by_day: bool,
    changes: &mut Changes,
    tally: &mut Tally,
) -> Brought {
    let pre = before(metric, unit).into();
    let total = if by_day {
        changes.clear();
        metric.changes(unit, Period::Window, changes);
        by_days(changes, &pre, unit.context.as_of, &mut tally.days)
    } else {
        counted(total(metric, unit)).into()
    };
    tally.add(&total, &pre);
    if let Some((y, x)) = total.figures().filter(|(_, x)| *x > 0.0) {
        tally.spread.add(metric.about().measure, y / x);
    }
    total
}

/// Writes what each day brought to its slot, and tells what the unit brings after the last.
fn by_days(changes: &mut Changes, pre: &Brought, as_of: Moment, days: &mut Vec<CountingMoments>) -> Brought {
    let (mut y, mut x) = (0.0, 0.0);
    let mut before = Brought::default();
    let mut steps = changes.in_order().iter().peekable();
    while let Some(step) = steps.next() {
        (y, x) = (y + step.y, x + step.x);
        let day = days_before(as_of, step.at);
        if steps.peek().is_some_and(|next| days_before(as_of, next.at) == day) {
            continue;
        }
        let now = counted((y, x)).into();
        if days.len() <= day {
            days.resize_with(day + 1, CountingMoments::default);
        }
        days[day].replace(&before, &now, pre);
        before = now;
    }
    before
}

/// How many days before the day of `as_of` a moment lies.
pub fn days_before(as_of: Moment, at: Moment) -> usize {
    usize::try_from(as_of.day() - at.day()).unwrap_or(0)
}
