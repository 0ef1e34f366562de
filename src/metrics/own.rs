//! Metrics of the user's own, made from what `metric.recorded` tells.

use crate::{
    domain::experiment::{Direction, MetricPlan, OwnMetricKind},
    domain::fold::Latest,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// A metric declared in the experiment file.
#[derive(Debug, Clone)]
pub struct OwnMetric<'a> {
    plan: &'a MetricPlan,
    kind: OwnMetricKind,
}

impl<'a> OwnMetric<'a> {
    /// The metric that a plan declares; none where it names a built-in one.
    pub fn of(plan: &'a MetricPlan) -> Option<Self> {
        super::find(&plan.metric)
            .is_none()
            .then(|| Self { plan, kind: plan.kind.unwrap_or(OwnMetricKind::Mean) })
    }
}

impl Metric for OwnMetric<'_> {
    fn about(&self) -> About<'_> {
        About {
            name: &self.plan.metric,
            measure: if self.kind == OwnMetricKind::Share { Measure::Share } else { Measure::Count },
            direction: self.plan.direction.unwrap_or(Direction::Increase),
        }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let (start, end) = match period {
            Period::Window => (unit.start(period), unit.context.as_of),
            Period::Pre => (unit.start(period), unit.record.assigned_at),
        };
        let told = |name: &str| {
            unit.customers()
                .filter_map(|customer| customer.figures.get(name))
                .flat_map(Latest::versions)
                .filter(|(at, _)| *at >= start && (*at < end || (period == Period::Window && *at == end)))
                .map(|(at, value)| (at, *value))
                .collect::<Vec<_>>()
        };
        let mut values = told(&self.plan.metric);
        if self.kind == OwnMetricKind::Ratio {
            for (at, value) in values {
                out.add(at, value, 0.0);
            }
            for (at, value) in self.plan.denominator.as_deref().map(told).unwrap_or_default() {
                out.add(at, 0.0, value);
            }
            return;
        }
        if period == Period::Pre && values.is_empty() && !unit.has_pre_period_facts() {
            return;
        }
        out.add(start, 0.0, 1.0);
        values.sort_by_key(|(at, _)| *at);
        let mut sum = 0.0;
        for (at, value) in values {
            let before = self.figure(sum);
            sum += value;
            out.add(at, self.figure(sum) - before, 0.0);
        }
    }
}

impl OwnMetric<'_> {
    fn figure(&self, sum: f64) -> f64 {
        match self.kind {
            OwnMetricKind::Share => f64::from(u8::from(sum > 0.0)),
            OwnMetricKind::Mean | OwnMetricKind::Ratio => sum,
        }
    }
}
