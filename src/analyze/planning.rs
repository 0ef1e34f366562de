//! `patience plan`: metrics and a desk in, weeks and agents out.

use serde_json::{Value, json};

use super::Problem;
use super::fields::{Faults, Fields};
use super::inference::{DIRECTIONS, SCALES, SPENDINGS, confidence};
use crate::domain::time::Wait;
use crate::planning::staffing::{Desk, Saving, WeeklyOpenHours, break_even_retention_loss, typical_week};
use crate::planning::weeks::{Plan, PlannedLooks, PlannedMetric};
use crate::stats::power::Expected;
use crate::stats::sequential::Spending;
use crate::stats::{Direction, Scale, StatsError};

/// Answers a request of `patience plan`. `calendar` gives the weekly open hours of a calendar by
/// its key; "always" needs no calendar.
///
/// # Errors
/// A [`Problem`] for whatever the request holds that makes no sense.
///
/// ```
/// use patience::analyze::plan;
/// use serde_json::json;
/// let reply = plan(&json!({
///     "units_per_week": 900, "looks": "fixed", "chance": 0.9,
///     "metrics": [{"metric": "csat", "kind": "proportion", "value": 0.92, "margin": 0.03,
///                  "margin_scale": "absolute"}],
/// }), &|_| None).unwrap();
/// // R, rpact: 3489.49 units (Farrington & Manning), rounded up by cohort.
/// assert_eq!(reply["metrics"][0]["units_needed"], 3490.0);
/// assert_eq!(reply["metrics"][0]["weeks_needed"], 4.0);
/// ```
pub fn plan(request: &Value, calendar: &dyn Fn(&str) -> Option<WeeklyOpenHours>) -> Result<Value, Problem> {
    let mut faults = Faults::default();
    let Some(mut fields) = Fields::new(request, "", &mut faults) else {
        return Err(faults.problem());
    };
    let planned = experiment(&mut fields, &mut faults);
    let desk = desk(&mut fields, calendar, &mut faults);
    let money = economics(&mut fields, &mut faults);
    fields.close(&mut faults);
    let (names, planned) = faults.or(planned)?;
    let mut faults = Faults::default();
    let reply = reply(&names, &planned, desk, money, &mut faults);
    faults.or(reply)
}

fn reply(
    names: &[String],
    planned: &Plan,
    desk: Option<(Desk, f64, f64)>,
    money: Option<Money>,
    faults: &mut Faults,
) -> Option<Value> {
    let metrics: Vec<_> = planned
        .metrics
        .iter()
        .enumerate()
        .map(|(i, metric)| {
            let found = planned.metric(metric);
            let pointer = found.as_ref().err().map(|e| blame(i, e)).unwrap_or_default();
            faults.take(&pointer, found)
        })
        .collect();
    let metrics: Vec<_> = metrics.into_iter().collect::<Option<_>>()?;
    let weeks = faults.take("", planned.weeks(&metrics))?;
    let saving = match desk {
        Some((desk, from, to)) => Some(faults.take("/staffing", desk.saving(from, to))?),
        None => None,
    };
    let lengths = metrics.iter().filter_map(|m| m.weeks_needed);
    let length = planned
        .weeks
        .or_else(|| lengths.fold(None, |most: Option<f64>, w| Some(most.map_or(w, |most| most.max(w)))));
    let units = length.map(|weeks| weeks * planned.units_per_week);
    let break_even = match (saving, money) {
        (Some(saving), Some(money)) => {
            let loss = money.break_even(saving, units);
            faults.take("/economics", loss)?
        }
        _ => None,
    };
    let metrics: Vec<Value> = names
        .iter()
        .zip(&metrics)
        .map(|(name, m)| {
            json!({
                "metric": name, "units_needed": m.units_needed, "weeks_needed": m.weeks_needed,
                "chance_at_weeks": m.chance_at_weeks, "margin_at_weeks": m.margin_at_weeks,
            })
        })
        .collect();
    let weeks: Vec<Value> =
        weeks.iter().map(|w| json!({ "weeks": w.weeks, "units": w.units, "chance": w.chance })).collect();
    Some(json!({
        "metrics": metrics,
        "weeks": weeks,
        "staffing": saving.map(|s| json!({
            "agents_before": s.agents_before, "agents_after": s.agents_after,
            "agents_saved": s.agents_saved, "saving_per_year": s.saving_per_year,
        })),
        "break_even_retention_loss": break_even,
    }))
}

fn blame(i: usize, error: &StatsError) -> String {
    let field = match error {
        StatsError::OutOfRange { what, .. } => match *what {
            "units_per_week" => return "/units_per_week".to_owned(),
            "chance" => return "/chance".to_owned(),
            "weeks" => return "/weeks".to_owned(),
            "optimised_for_n" | "the number of looks" => return "/looks".to_owned(),
            "share_with_value" => "/share_with_value",
            "a standard deviation" => "/sd",
            "a margin" | "a margin of a proportion" => "/margin",
            "a proportion" | "a metric's value on the relative scale" => "/value",
            _ => "",
        },
        _ => "",
    };
    format!("/metrics/{i}{field}")
}

fn experiment(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<(Vec<String>, Plan)> {
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
    let (names, metrics) = metrics?.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
    Some((
        names,
        Plan {
            confidence: confidence?,
            chance,
            weeks,
            units_per_week: units_per_week?,
            looks: looks?,
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

fn desk(
    request: &mut Fields<'_>,
    calendar: &dyn Fn(&str) -> Option<WeeklyOpenHours>,
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
        "always" => WeeklyOpenHours::always(),
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

#[derive(Clone, Copy)]
struct Money {
    revenue_per_unit_month: f64,
    gross_margin: f64,
    units: Option<f64>,
}

fn economics(request: &mut Fields<'_>, faults: &mut Faults) -> Option<Money> {
    request.optional("economics")?;
    let mut fields = request.object("economics", faults)?;
    let revenue = fields.number("revenue_per_unit_month", faults);
    let margin = fields.number("gross_margin", faults);
    let units = fields.optional_number("units", faults);
    fields.close(faults);
    Some(Money { revenue_per_unit_month: revenue?, gross_margin: margin?, units })
}

impl Money {
    /// Over all customers that would wait longer: those told, else those of the whole plan; `None`
    /// where neither is known.
    fn break_even(self, saving: Saving, planned_units: Option<f64>) -> Result<Option<f64>, StatsError> {
        self.units
            .or(planned_units)
            .map(|units| {
                break_even_retention_loss(
                    saving.saving_per_year,
                    units,
                    self.revenue_per_unit_month,
                    self.gross_margin,
                )
            })
            .transpose()
    }
}
