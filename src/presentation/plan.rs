//! What was agreed before the start, and how far along it is.

use super::{Look, numbers, words};
use crate::domain::{
    experiment::{DEFAULT_PLANNED_UNITS, Experiment, MarginScale, Role, Unit},
    time::{DAY_MS, Moment},
};

/// The panel "What you agreed".
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the panel")]
pub struct PlanView {
    pub locked: Option<String>,
    pub who: String,
    pub rule: String,
    pub except: String,
    pub levels: Vec<Level>,
    pub limits: Vec<(String, String)>,
    pub more_limits: usize,
    pub ship_if: String,
    pub size: String,
}

/// A service level.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of a level")]
pub struct Level {
    pub name: String,
    pub promise: String,
    pub class: &'static str,
    pub usual: bool,
}

/// Classes of the cohorts, as in the charts: the control first.
const CLASSES: [&str; 4] = ["u", "s", "x", "y"];

/// Limits that the panel names before "and … more".
const NAMED: usize = 3;

impl PlanView {
    /// The plan of an experiment.
    pub fn new(experiment: &Experiment) -> Self {
        let definition = &experiment.definition;
        let unit = if definition.unit == Unit::Account { "account" } else { "customer" };
        let share = if definition.traffic.share < 1.0 {
            format!("{} of the {unit}s that fit", numbers::share(definition.traffic.share))
        } else {
            format!("All {unit}s that fit")
        };
        let weights: Vec<String> = definition.cohorts.iter().map(|c| c.weight.to_string()).collect();
        let mut levels: Vec<Level> = Vec::new();
        for cohort in definition.cohorts.iter().filter(|c| c.control).chain(definition.treatments()) {
            levels.push(Level {
                name: words::title(cohort.key.as_str()),
                promise: words::promise(cohort),
                class: CLASSES[levels.len().min(CLASSES.len() - 1)],
                usual: cohort.control,
            });
        }
        let guardrails = definition.metrics.iter().filter(|m| m.role == Role::Guardrail);
        let limits: Vec<(String, String)> = guardrails
            .filter_map(|m| {
                let shares = m.margin_scale == MarginScale::Absolute && is_share(&m.metric);
                let margin =
                    m.margin? * if shares || m.margin_scale == MarginScale::Relative { 100.0 } else { 1.0 };
                let text = numbers::decimal(margin, 2);
                let text = text.trim_end_matches('0').trim_end_matches('.');
                let unit = match (m.margin_scale, shares) {
                    (MarginScale::Relative, _) => "%",
                    (_, true) if text == "1" => " point",
                    (_, true) => " points",
                    _ => "",
                };
                Some((words::metric(&m.metric).0, format!("{text}{unit}")))
            })
            .collect();
        Self {
            locked: experiment
                .started_at
                .map(|at| format!("Locked on {}, when it started.", numbers::date(at))),
            who: format!("{share}, split {} by {unit}", weights.join(" to ")),
            rule: definition.eligibility.rule.clone(),
            except: definition.eligibility.except.clone(),
            levels,
            more_limits: limits.len().saturating_sub(NAMED),
            limits: limits.into_iter().take(NAMED).collect(),
            ship_if: words::rule(&definition.decision.ship_when.rule),
            size: size(experiment, unit),
        }
    }
}

/// How many units the looks are made for, and where the number is from.
fn size(experiment: &Experiment, unit: &str) -> String {
    let definition = &experiment.definition;
    let weeks = match definition.planned_weeks {
        1 => "week".to_owned(),
        weeks => format!("{weeks} weeks"),
    };
    let units = format!("{} {unit}s", numbers::count(experiment.planned_units));
    if definition.analysis.planned_units.is_some() {
        format!("{units}, as the plan says")
    } else if experiment.started_at.is_none() {
        format!("As many {unit}s as wrote in the {weeks} before the start")
    } else if experiment.planned_units == DEFAULT_PLANNED_UNITS {
        format!("{units}, as nothing was known from before the start")
    } else if definition.traffic.share < 1.0 {
        let share = numbers::share(definition.traffic.share);
        format!("{units}, {share} of as many as wrote in the {weeks} before the start")
    } else {
        format!("{units}, as many as wrote in the {weeks} before the start")
    }
}

/// Metrics whose differences are told in points.
pub(crate) fn is_share(metric: &str) -> bool {
    matches!(
        metric,
        "csat"
            | "csat_response_rate"
            | "net_revenue_retention"
            | "gross_revenue_retention"
            | "churn"
            | "promise_kept"
            | "first_contact_resolution"
            | "reopen_rate"
    )
}

/// How far along it is: joining, then follow-up.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the bar")]
pub struct Progress {
    pub strong: String,
    pub rest: String,
    pub steps: Vec<Step>,
}

/// A part of the way.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of a step")]
pub struct Step {
    pub done: String,
    pub words: String,
}

impl Progress {
    pub(crate) fn new(look: Look) -> Self {
        let (now, end) = (look.analysis.as_of, look.analysis.planned_end);
        let begin = look.analysis.first_assignment.unwrap_or_else(|| look.experiment.begins_at());
        let definition = &look.experiment.definition;
        let weeks = definition.planned_weeks;
        let week_words = if weeks == 1 { "1 week".to_owned() } else { format!("{weeks} weeks") };
        let mut steps =
            vec![step(begin, end, now, format!("{week_words} of joining, to {}", numbers::date(end)))];
        let mut over = end;
        let follow_up = definition.analysis.follow_up_days;
        if follow_up > 0 {
            over = end.plus_days(i64::from(follow_up));
            steps.push(step(
                end,
                over,
                now,
                format!("{follow_up} days of follow-up, to {}", numbers::date(over)),
            ));
        }
        let days = (over.ms() - now.ms() + DAY_MS - 1).div_euclid(DAY_MS).max(0);
        let (strong, rest) = match days {
            0 => ("Complete,", "nothing to wait for".to_owned()),
            1 => ("1 day", "to go".to_owned()),
            _ => ("", String::new()),
        };
        let strong = if days > 1 { format!("{days} days") } else { strong.to_owned() };
        let rest = if days > 1 { "to go".to_owned() } else { rest };
        Self { strong, rest, steps }
    }
}

fn step(from: Moment, to: Moment, now: Moment, words: String) -> Step {
    let share = (now.ms() - from.ms()) as f64 / ((to.ms() - from.ms()) as f64).max(1.0);
    Step { done: format!("{:.1}%", share.clamp(0.0, 1.0) * 100.0), words }
}
