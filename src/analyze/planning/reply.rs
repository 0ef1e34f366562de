//! What the planner says to a request.

use serde_json::{Value, json};

use super::super::fields::Faults;
use super::request::{Live, Money};
use crate::planning::economics::Customers;
use crate::planning::erlang::{Queue, agents_needed};
use crate::planning::staffing::{Desk, Saving, WEEKS_PER_YEAR};
use crate::planning::weeks::{MetricPlan, Plan, WeekPlan};
use crate::stats::StatsError;

/// What was asked.
#[derive(Debug)]
pub(super) struct Asked {
    /// Of the metrics.
    pub names: Vec<String>,
    pub plan: Plan,
    /// The team, and the promises in open hours before and after.
    pub desk: Option<(Desk, f64, f64)>,
    pub money: Option<Money>,
    pub live: Option<Live>,
}

impl Asked {
    /// The answer, or faults.
    pub fn reply(&self, faults: &mut Faults) -> Option<Value> {
        let Self { names, plan, .. } = self;
        let metrics: Vec<_> = plan
            .metrics
            .iter()
            .enumerate()
            .map(|(i, metric)| {
                let found = plan.metric(metric);
                let pointer = found.as_ref().err().map(|e| blame(i, e)).unwrap_or_default();
                faults.take(&pointer, found)
            })
            .collect();
        let metrics: Vec<_> = metrics.into_iter().collect::<Option<_>>()?;
        let found = plan.weeks(&metrics);
        let pointer = found.as_ref().err().map(|e| blame(0, e)).unwrap_or_default();
        let weeks = faults.take(&pointer, found)?;
        let (saving, staffing) = self.staffing(faults)?;
        let (break_even, economics) = self.economics(&metrics, saving, faults)?;
        Some(json!({
            "metrics": names.iter().zip(&metrics).map(|(name, m)| metric_json(name, m)).collect::<Vec<_>>(),
            "weeks": weeks.iter().map(|row| week_json(names, row)).collect::<Vec<_>>(),
            "staffing": staffing,
            "break_even_retention_loss": break_even,
            "economics": economics,
            "live": self.live(faults)?,
        }))
    }

    fn staffing(&self, faults: &mut Faults) -> Option<(Option<Saving>, Value)> {
        let Some((desk, from, to)) = &self.desk else { return Some((None, Value::Null)) };
        let found = desk.saving(*from, *to);
        let pointer = found.as_ref().err().map(blame_staffing).unwrap_or_default();
        let saving = faults.take(&pointer, found)?;
        let holidays = faults.take("/staffing/calendar", desk.saving_with_holidays(*from, *to))?;
        let sensitivity = faults.take("/staffing", desk.sensitivity(*from, *to))?;
        let mut reply = saving_json(&saving);
        reply["with_holidays"] = holidays.map_or(Value::Null, |(year, saving)| {
            let mut json = saving_json(&saving);
            json["year"] = year.into();
            json
        });
        let end = |(value, saving): (f64, Saving)| {
            json!({
                "value": value, "agents_saved": saving.agents_saved, "saving_per_year": saving.saving_per_year,
            })
        };
        reply["sensitivity"] = sensitivity
            .iter()
            .map(|s| json!({ "figure": s.figure, "lower": end(s.lower), "higher": end(s.higher) }))
            .collect();
        Some((Some(saving), reply))
    }

    /// Break-even, and what is at stake: over all customers that would wait longer, those told, else
    /// those of the whole plan. Null where neither is known.
    fn economics(
        &self,
        metrics: &[MetricPlan],
        saving: Option<Saving>,
        faults: &mut Faults,
    ) -> Option<(Option<f64>, Value)> {
        let (Some(saving), Some(money)) = (saving, self.money) else { return Some((None, Value::Null)) };
        let plan = &self.plan;
        let most = metrics.iter().filter_map(|m| m.weeks_needed).fold(0.0_f64, f64::max);
        let weeks = plan.weeks.or((most > 0.0).then_some(most));
        let Some(units) = money.units.or(weeks.map(|weeks| weeks * plan.units_per_week)) else {
            return Some((None, Value::Null));
        };
        let customers = Customers::new(units, money.revenue_per_unit_month, money.gross_margin);
        let pointer = match &customers {
            Err(StatsError::OutOfRange { what, .. }) => format!("/economics/{what}"),
            _ => String::new(),
        };
        let customers = faults.take(&pointer, customers)?;
        let yearly = saving.saving_per_year;
        let treated = 1.0 - plan.weights[0] / plan.weights.iter().sum::<f64>();
        let limits: Vec<Value> = self
            .names
            .iter()
            .zip(&plan.metrics)
            .filter_map(|(name, metric)| {
                let used = customers.limit_used(name, metric, yearly, treated, weeks.unwrap_or(0.0))?;
                Some(json!({
                    "metric": name, "retention_loss": used.retention_loss,
                    "loss_per_year": used.loss_per_year, "net_per_year": used.net_per_year,
                    "at_risk_in_experiment": used.at_risk_in_experiment,
                }))
            })
            .collect();
        let break_even = customers.break_even_retention_loss(yearly);
        let economics = json!({
            "units": units, "saving_per_year": yearly, "gross_margin_per_year": customers.margin_per_year(),
            "break_even_retention_loss": break_even, "each_week_of_waiting": yearly / WEEKS_PER_YEAR,
            "saving_put_off": weeks.map(|weeks| yearly * weeks / WEEKS_PER_YEAR),
            "limits_used_up": limits,
        });
        Some((Some(break_even), economics))
    }

    fn live(&self, faults: &mut Faults) -> Option<Value> {
        let Some(live) = self.live else { return Some(Value::Null) };
        let (per_min, aht, target) =
            (live.arrivals_per_hour / 60.0, live.handle_minutes, live.target_wait_minutes);
        let agents = faults.take("/live", agents_needed(per_min, aht, target, live.service_level))?;
        let queue = Queue { arrivals_per_min: per_min, aht_min: aht, agents };
        let found = faults.take("/live", queue.erlang_c(target))?;
        let leaving = live.patience_minutes.map(|minutes| queue.erlang_a(minutes)).transpose();
        let leaving = faults.take("/live/patience_minutes", leaving)?;
        Some(json!({
            "agents": agents, "erlang_c": found, "erlang_a": leaving,
        }))
    }
}

fn saving_json(saving: &Saving) -> Value {
    json!({
        "agents_before": saving.agents_before, "agents_after": saving.agents_after,
        "agents_saved": saving.agents_saved, "saving_per_year": saving.saving_per_year,
        "hours_per_week_before": saving.hours_before, "hours_per_week_after": saving.hours_after,
        "cost_per_year_before": saving.cost_before, "cost_per_year_after": saving.cost_after,
    })
}

fn metric_json(name: &str, m: &MetricPlan) -> Value {
    let effects: Vec<Value> = m
        .effects
        .iter()
        .map(|(effect, without)| {
            let factor = m.units_needed.zip(*without).map(|(with, without)| with / without);
            json!({ "effect": effect.name(), "units_needed_without": without, "factor": factor })
        })
        .collect();
    json!({
        "metric": name, "units_needed": m.units_needed, "weeks_needed": m.weeks_needed,
        "chance_at_weeks": m.chance_at_weeks, "chance_at_last_look": m.chance_at_last_look,
        "margin_at_weeks": m.margin_at_weeks, "effects": effects,
    })
}

fn week_json(names: &[String], row: &WeekPlan) -> Value {
    let each = names.iter().zip(&row.metrics);
    let metrics: Vec<Value> = each
        .map(|(name, (chance, margin))| json!({ "metric": name, "chance": chance, "margin": margin }))
        .collect();
    json!({
        "weeks": row.weeks, "units": row.units, "chance": row.chance,
        "chance_if_independent": row.chance_if_independent, "metrics": metrics,
    })
}

/// The field of a request that an error of the plan's is about.
fn blame(i: usize, error: &StatsError) -> String {
    let field = match error {
        StatsError::OutOfRange { what, .. } => match *what {
            "units_per_week" => return "/units_per_week".to_owned(),
            "chance" => return "/chance".to_owned(),
            "weeks" => return "/weeks".to_owned(),
            "optimised_for_n" | "the number of looks" => return "/looks".to_owned(),
            "cohorts" | "the weight of a cohort" => return "/cohort_weights".to_owned(),
            "share_with_value" => "/share_with_value",
            "the mean cluster size" => "/mean_cluster_size",
            "the coefficient of variation" => "/cv_cluster_size",
            "the intracluster correlation" => "/icc",
            "covariate_correlation" => "/covariate_correlation",
            "a standard deviation" => "/sd",
            "a margin" | "a margin of a proportion" => "/margin",
            "a proportion" | "a metric's value on the relative scale" => "/value",
            _ => "",
        },
        _ => "",
    };
    format!("/metrics/{i}{field}")
}

/// The field of `staffing` that an error is about.
fn blame_staffing(error: &StatsError) -> String {
    let field = match error {
        StatsError::OutOfRange { what, .. } => match *what {
            "arrivals_per_week" | "handle_minutes" | "occupancy" | "shrinkage" | "agent_hour" => what,
            "a weight of the profile of arrivals" | "the sum of the profile of arrivals" => {
                "arrivals_by_hour"
            }
            _ => return "/staffing".to_owned(),
        },
        StatsError::UnequalLengths { .. } => "arrivals_by_hour",
        _ => return "/staffing".to_owned(),
    };
    format!("/staffing/{field}")
}
