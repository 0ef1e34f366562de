//! What was agreed before the start, and how far along it is.

use super::{
    Look, actor, class_of,
    log::parts,
    words::{self, EligibilityWords},
};
use crate::domain::{
    experiment::{DEFAULT_PLANNED_UNITS, Experiment, MarginScale, MetricPlan, Role, Unit},
    log::{Act, LogLine},
    time::{DAY_MS, Moment},
};
use crate::language::{Language, Message, Number, Slot, say};

/// The panel "What you agreed".
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the panel")]
pub struct PlanView {
    pub t: Language,
    /// When it was locked, and by whom where the log says it.
    pub locked: Option<String>,
    /// What was changed since, and who changed it: shown for ever.
    pub amended: Vec<String>,
    /// The whole plan, for readers who may follow links.
    pub link: Option<String>,
    pub who: String,
    pub rule: EligibilityWords,
    pub except: EligibilityWords,
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

/// Limits that the panel names before "and … more".
const NAMED: usize = 3;

impl PlanView {
    /// The plan of an experiment, and what its log says of it.
    pub fn new(t: Language, experiment: &Experiment, log: &[LogLine]) -> Self {
        let definition = &experiment.definition;
        let unit = if definition.unit == Unit::Account { "account" } else { "customer" };
        let weights: Slot = definition.cohorts.iter().map(|c| c.weight).fold(Slot::Text(String::new()), to);
        let who = if definition.traffic.share < 1.0 {
            t.say("plan-who-share")
                .with("share", Slot::Percent(definition.traffic.share))
                .with("unit", unit)
                .with("weights", weights)
        } else {
            t.say("plan-who-all").with("unit", unit).with("weights", weights)
        };
        let mut levels: Vec<Level> = Vec::new();
        for cohort in definition.usual_first() {
            levels.push(Level {
                name: words::title(cohort.key.as_str()),
                promise: words::promise(t, cohort),
                class: class_of(levels.len()),
                usual: cohort.control,
            });
        }
        let guardrails = definition.metrics.iter().filter(|m| m.role == Role::Guardrail);
        let limits: Vec<(String, String)> =
            guardrails.filter_map(|m| Some((words::metric_label(t, &m.metric), limit(t, m)?))).collect();
        Self {
            t,
            locked: experiment.started_at.map(|at| locked(t, at, log)),
            amended: amended(t, log),
            link: None,
            who: who.to_string(),
            rule: words::eligibility(t, &definition.eligibility.rule),
            except: words::eligibility(t, &definition.eligibility.except),
            levels,
            more_limits: limits.len().saturating_sub(NAMED),
            limits: limits.into_iter().take(NAMED).collect(),
            ship_if: t.tell(&words::rule(t, &definition.decision.ship_when.rule)),
            size: t.tell(&size(experiment, unit)),
        }
    }
}

/// When it was locked; and by whom, where that may be told.
fn locked(t: Language, at: Moment, log: &[LogLine]) -> String {
    let by = log.iter().rfind(|line| line.what == Act::Started).map(|line| actor(t, &line.who));
    let said = match by.filter(|who| !who.is_empty()) {
        Some(who) => t.say("plan-locked-by").with("date", at).with("who", who),
        None => t.say("plan-locked").with("date", at),
    };
    said.to_string()
}

/// What was changed after it was locked, the oldest first.
fn amended(t: Language, log: &[LogLine]) -> Vec<String> {
    let since = log.iter().rev().skip_while(|line| line.what != Act::Started);
    let told = since.filter_map(|line| match &line.what {
        Act::Changed(fields) => {
            Some(t.say("plan-amended").with("date", line.at).with("fields", parts(fields)).to_string())
        }
        _ => None,
    });
    told.collect()
}

/// A limit in words: `3 points`, `2%`.
pub(super) fn limit(t: Language, plan: &MetricPlan) -> Option<String> {
    Some(size_of(t, plan, plan.margin?))
}

/// A goal in words, likewise.
pub(super) fn goal(t: Language, plan: &MetricPlan) -> Option<String> {
    Some(size_of(t, plan, plan.goal?))
}

fn size_of(t: Language, plan: &MetricPlan, size: f64) -> String {
    let said = match plan.margin_scale {
        MarginScale::Relative => t.say("size-percent").with("n", Number::short(size * 100.0)),
        MarginScale::Absolute if is_share(&plan.metric) => {
            t.say("size-points").with("n", Number::short(size * 100.0))
        }
        MarginScale::Absolute => t.say("size-bare").with("n", Number::short(size)),
    };
    said.to_string()
}

/// `50 to 50`.
fn to(before: Slot, weight: u32) -> Slot {
    match before {
        Slot::Text(nothing) if nothing.is_empty() => weight.into(),
        before => say("plan-weights").with("before", before).with("weight", weight).into(),
    }
}

/// How many units the looks are made for, and where the number is from.
fn size(experiment: &Experiment, unit: &str) -> Message {
    let definition = &experiment.definition;
    let (units, weeks) = (experiment.planned_units, definition.planned_weeks);
    if definition.analysis.planned_units.is_some() {
        say("plan-size-given").with("units", units).with("unit", unit)
    } else if experiment.started_at.is_none() {
        say("plan-size-before-start").with("unit", unit).with("weeks", weeks)
    } else if experiment.planned_units == DEFAULT_PLANNED_UNITS {
        say("plan-size-default").with("units", units).with("unit", unit)
    } else if definition.traffic.share < 1.0 {
        say("plan-size-share")
            .with("units", units)
            .with("unit", unit)
            .with("share", Slot::Percent(definition.traffic.share))
            .with("weeks", weeks)
    } else {
        say("plan-size-counted").with("units", units).with("unit", unit).with("weeks", weeks)
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
    /// What is left, as HTML: the number of days is strong.
    pub words: String,
    pub days_left: i64,
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
        let begin = look.begin();
        let definition = &look.experiment.definition;
        let weeks = look.say("progress-joining").with("weeks", definition.planned_weeks).with("date", end);
        let mut steps = vec![step(begin, end, now, weeks.to_string())];
        let mut over = end;
        let follow_up = definition.analysis.follow_up_days;
        if follow_up > 0 {
            over = end.plus_days(i64::from(follow_up));
            let days = look.say("progress-follow-up").with("days", follow_up).with("date", over);
            steps.push(step(end, over, now, days.to_string()));
        }
        let days_left = (over.ms() - now.ms() + DAY_MS - 1).div_euclid(DAY_MS).max(0);
        let words = match days_left {
            0 => look.say("progress-complete"),
            days => look.say("progress-left").with("days", days),
        };
        Self { words: words.html(), days_left, steps }
    }
}

fn step(from: Moment, to: Moment, now: Moment, words: String) -> Step {
    let share = (now.ms() - from.ms()) as f64 / ((to.ms() - from.ms()) as f64).max(1.0);
    Step { done: format!("{:.1}%", share.clamp(0.0, 1.0) * 100.0), words }
}
