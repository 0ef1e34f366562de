//! What a plan's request says, with every fault named.

use serde_json::Value;

use super::super::fields::{Faults, Fields};
use super::super::inference::{DIRECTIONS, SCALES, SPENDINGS, confidence};
use crate::domain::time::Wait;
use crate::planning::staffing::{Desk, OpenHours, WeeklyOpenHours, typical_week};
use crate::planning::weeks::{Clusters, Plan, PlannedLooks, PlannedMetric};
use crate::stats::power::Expected;
use crate::stats::sequential::Spending;
use crate::stats::{Direction, Scale};

/// Metrics of a plan, at most.
const MOST_METRICS: usize = 100;

pub(super) fn experiment(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<(Vec<String>, Plan)> {
    let confidence = confidence(fields, faults);
    let chance = fields.number_or("chance", 0.8, faults);
    let weeks = fields.optional_number("weeks", faults);
    let units_per_week = fields.number("units_per_week", faults);
    let looks = looks(fields, faults);
    let metrics = fields.list("metrics", faults).map(|list| {
        list.iter()
            .enumerate()
            .map(|(i, item)| metric(item, &format!("/metrics/{i}"), faults))
            .collect::<Vec<_>>()
    });
    let weights = if fields.has("cohort_weights") {
        fields.numbers("cohort_weights", faults)
    } else {
        Some(vec![1.0; 2])
    };
    let metrics = metrics?;
    if metrics.len() > MOST_METRICS {
        faults.add("/metrics", format!("must be at most {MOST_METRICS} metrics"));
        return None;
    }
    let (names, metrics) = metrics.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
    Some((
        names,
        Plan {
            confidence: confidence?,
            chance,
            weeks,
            units_per_week: units_per_week?,
            looks: looks?,
            weights: weights?,
            metrics,
        },
    ))
}

#[derive(Clone, Copy)]
enum Kind {
    Proportion,
    Mean,
}

fn metric(item: &Value, pointer: &str, faults: &mut Faults) -> Option<(String, PlannedMetric)> {
    let mut fields = Fields::new(item, pointer, faults)?;
    let name = fields.text("metric", faults);
    let kinds = [("proportion", Kind::Proportion), ("mean", Kind::Mean), ("ratio", Kind::Mean)];
    let kind = fields.word("kind", &kinds, None, faults);
    let value = fields.number("value", faults);
    let expected = if let Some(Kind::Mean) = kind {
        let sd = fields.number("sd", faults);
        value.zip(sd).map(|(value, sd)| Expected::Mean { value, sd })
    } else {
        // A proportion's spread follows from its value; an sd beside it is of no use.
        fields.optional("sd");
        value.map(|value| Expected::Proportion { value })
    };
    let share_with_value = fields.number_or("share_with_value", 1.0, faults);
    let margin = fields.number("margin", faults);
    let scale = fields.word("margin_scale", &SCALES, Some(Scale::Relative), faults);
    let direction = fields.word("direction", &DIRECTIONS, Some(Direction::Increase), faults);
    let clusters = Clusters {
        mean_size: fields.number_or("mean_cluster_size", 1.0, faults),
        cv_size: fields.number_or("cv_cluster_size", 0.0, faults),
        icc: fields.number_or("icc", 0.0, faults),
    };
    let covariate_correlation = fields.number_or("covariate_correlation", 0.0, faults);
    fields.close(faults);
    kind?;
    Some((
        name?,
        PlannedMetric {
            expected: expected?,
            share_with_value,
            margin: margin?,
            scale: scale?,
            direction: direction?,
            clusters,
            covariate_correlation,
        },
    ))
}

/// Looks by name, or as an object with what they need.
fn looks(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<PlannedLooks> {
    const ALWAYS: PlannedLooks = PlannedLooks::AlwaysValid { optimised_for_n: None };
    const GROUP: PlannedLooks = PlannedLooks::GroupSequential { spending: Spending::ObrienFleming, looks: 5 };
    let names = [("fixed", PlannedLooks::Fixed), ("always_valid", ALWAYS), ("group_sequential", GROUP)];
    match fields.optional("looks") {
        None => return Some(PlannedLooks::Fixed),
        Some(Value::Object(_)) => {}
        Some(_) => return fields.word("looks", &names, None, faults),
    }
    let mut inner = fields.object("looks", faults)?;
    let looks = match inner.word("kind", &names, None, faults)? {
        PlannedLooks::Fixed => Some(PlannedLooks::Fixed),
        PlannedLooks::AlwaysValid { .. } => Some(PlannedLooks::AlwaysValid {
            optimised_for_n: inner.optional_number("optimised_for_n", faults),
        }),
        PlannedLooks::GroupSequential { .. } => {
            let spending = inner.word("spending", &SPENDINGS, Some(Spending::ObrienFleming), faults);
            let looks =
                if inner.has("planned_looks") { inner.count("planned_looks", faults) } else { Some(5) };
            let looks = looks.and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=200).contains(n));
            if looks.is_none() {
                faults.add("/looks/planned_looks", "must be a whole number from 1 to 200");
            }
            spending.zip(looks).map(|(spending, looks)| PlannedLooks::GroupSequential { spending, looks })
        }
    };
    inner.close(faults);
    looks
}

/// The team, and the promises in open hours before and after.
pub(super) fn desk(
    request: &mut Fields<'_>,
    calendar: &dyn Fn(&str) -> Option<OpenHours>,
    faults: &mut Faults,
) -> Option<(Desk, f64, f64)> {
    request.optional("staffing")?;
    let mut fields = request.object("staffing", faults)?;
    let arrivals = fields.number("arrivals_per_week", faults);
    let minutes = fields.number("handle_minutes", faults);
    let from = wait(&mut fields, "from", faults);
    let to = wait(&mut fields, "to", faults);
    let key = fields.text("calendar", faults);
    let agent_hour = fields.number("agent_hour", faults);
    let occupancy = fields.number_or("occupancy", 0.85, faults);
    let shrinkage = fields.number_or("shrinkage", 0.3, faults);
    let profile = if fields.optional("arrivals_by_hour").is_some() {
        fields.numbers("arrivals_by_hour", faults)
    } else {
        Some(typical_week())
    };
    fields.close(faults);
    let open = match key?.as_str() {
        "always" => WeeklyOpenHours::always().into(),
        key => calendar(key).or_else(|| {
            faults.add(
                "/staffing/calendar",
                format!("no calendar \"{key}\"; apply its file first, or use \"always\""),
            );
            None
        })?,
    };
    let desk = Desk {
        arrivals_per_week: arrivals?,
        handle_minutes: minutes?,
        open,
        profile: profile?,
        occupancy,
        shrinkage,
        agent_hour: agent_hour?,
    };
    Some((desk, from?, to?))
}

/// A service level in hours.
fn wait(fields: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<f64> {
    let pointer = fields.at(key);
    match Wait::promise(&fields.text(key, faults)?) {
        Ok(wait) => Some(wait.hours()),
        Err(error) => {
            faults.add(pointer, error.to_string());
            None
        }
    }
}

/// What the customers of the plan bring in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Money {
    pub revenue_per_unit_month: f64,
    pub gross_margin: f64,
    /// All customers that would wait longer, where that is told.
    pub units: Option<f64>,
}

/// What the customers bring.
pub(super) fn economics(request: &mut Fields<'_>, faults: &mut Faults) -> Option<Money> {
    request.optional("economics")?;
    let mut fields = request.object("economics", faults)?;
    let revenue = fields.number("revenue_per_unit_month", faults);
    let margin = fields.number("gross_margin", faults);
    let units = fields.optional_number("units", faults);
    fields.close(faults);
    Some(Money { revenue_per_unit_month: revenue?, gross_margin: margin?, units })
}

/// A channel on which customers wait for an answer then and there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Live {
    pub arrivals_per_hour: f64,
    pub handle_minutes: f64,
    pub target_wait_minutes: f64,
    pub service_level: f64,
    /// How long customers wait before they hang up, on average.
    pub patience_minutes: Option<f64>,
}

/// A live channel, where the request has one.
pub(super) fn live(request: &mut Fields<'_>, faults: &mut Faults) -> Option<Live> {
    request.optional("live")?;
    let mut fields = request.object("live", faults)?;
    let arrivals_per_hour = fields.number("arrivals_per_hour", faults);
    let handle_minutes = fields.number("handle_minutes", faults);
    let target_wait_minutes = fields.number("target_wait_minutes", faults);
    let service_level = fields.number_or("service_level", 0.8, faults);
    let patience_minutes = fields.optional_number("patience_minutes", faults);
    fields.close(faults);
    Some(Live {
        arrivals_per_hour: arrivals_per_hour?,
        handle_minutes: handle_minutes?,
        target_wait_minutes: target_wait_minutes?,
        service_level,
        patience_minutes,
    })
}
