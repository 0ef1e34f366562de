//! Reading the metrics of an experiment, and whether its rule asks for what they can show.

use std::collections::BTreeSet;

use serde_json::Value;

use super::values::{named, number, prose, word};
use crate::domain::{
    experiment::{MetricPlan, OwnMetricKind, Role},
    mistake::{Fields, Mistakes, nearest},
    ship_when::{Condition, ShipWhen, Wanted},
};
use crate::metrics;

/// The names of the built-in metrics.
fn built_in() -> Vec<&'static str> {
    metrics::ALL.iter().map(|kind| kind.about().name).collect()
}

/// Metrics with their place in the list, since some may not be readable.
pub(super) fn read_metrics(values: &[Value], mistakes: &Mistakes) -> Vec<(usize, MetricPlan)> {
    if values.is_empty() {
        mistakes.note("/metrics", "needs at least one metric, such as csat");
    }
    let read = |(index, value)| Some((index, read_metric(value, &format!("/metrics/{index}"), mistakes)?));
    let metrics: Vec<(usize, MetricPlan)> = values.iter().enumerate().filter_map(read).collect();
    let mut names = BTreeSet::new();
    for (index, plan) in &metrics {
        if !names.insert(&plan.metric) {
            mistakes.note(
                format!("/metrics/{index}/metric"),
                format!("{} is in the list already: name each metric once", plan.metric),
            );
        }
    }
    metrics
}

fn read_metric(value: &Value, pointer: &str, mistakes: &Mistakes) -> Option<MetricPlan> {
    let mut fields = Fields::of(value, pointer, mistakes);
    let metric = fields.required("metric", |value| named(value, 200));
    let role = fields.required("role", |value| word(value, &["primary", "secondary", "guardrail"]));
    let has_margin = fields.raw("margin").is_some();
    let margin = fields.optional("margin", |value| {
        number(value, "above 0: the largest loss that is acceptable, such as 0.03", |margin| margin > 0.0)
    });
    let has_goal = fields.raw("goal").is_some();
    let goal = fields.optional("goal", |value| {
        number(value, "above 0: the improvement that is hoped for, such as 0.1", |goal| goal > 0.0)
    });
    let why = fields.optional("why", prose).unwrap_or_default();
    let margin_scale =
        fields.optional("margin_scale", |value| word(value, &["relative", "absolute"])).unwrap_or_default();
    let direction = fields.optional("direction", |value| word(value, &["increase", "decrease"]));
    let kind = fields.optional("kind", |value| word(value, &["mean", "share", "ratio"]));
    let denominator = fields.optional("denominator", |value| named(value, 200));

    if role == Some(Role::Guardrail) && !has_margin {
        fields.note(
            "margin",
            "is missing: a guardrail needs the largest loss that is acceptable, such as 0.03",
        );
    }
    if has_goal && role.is_some_and(|role| role != Role::Primary) {
        fields.note(
            "goal",
            "belongs to a metric that is hoped to improve: leave it out, or say role = \"primary\"",
        );
    } else if has_goal && has_margin {
        fields.note("goal", "stands beside a margin: a metric has the one or the other, leave one out");
    }
    if let Some(metric) = &metric {
        if metrics::find(metric).is_some() {
            for (name, given) in [
                ("direction", direction.is_some()),
                ("kind", kind.is_some()),
                ("denominator", denominator.is_some()),
            ] {
                if given {
                    fields.note(name, format!("is fixed for {metric}, which is built in: leave it out"));
                }
            }
        } else {
            check_own_metric(metric, direction.is_some(), kind, denominator.is_some(), &mut fields);
        }
    }
    if fields.exists() {
        fields.end();
    }
    Some(MetricPlan {
        metric: metric?,
        role: role?,
        margin,
        goal,
        margin_scale,
        why,
        direction,
        kind,
        denominator,
    })
}

fn check_own_metric(
    metric: &str,
    directed: bool,
    kind: Option<OwnMetricKind>,
    has_denominator: bool,
    fields: &mut Fields<'_, '_>,
) {
    let has_kind = fields.raw("kind").is_some();
    let has_direction = fields.raw("direction").is_some();
    if !has_kind && !has_direction {
        let meant = match nearest(metric, &built_in()) {
            Some(meant) => format!("did you mean {meant}? "),
            None => String::new(),
        };
        fields.note(
            "metric",
            format!(
                "{metric:?} is not a built-in metric: {meant}One of your own needs kind (mean, share or ratio) and \
                 direction (increase or decrease); built in are {}",
                built_in().join(", ")
            ),
        );
        return;
    }
    if !has_kind {
        fields.note("kind", "is missing: a metric of your own is a mean, a share or a ratio");
    }
    if !has_direction && !directed {
        fields.note("direction", "is missing: say whether increase or decrease is good");
    }
    match kind {
        Some(OwnMetricKind::Ratio) if !has_denominator && fields.raw("denominator").is_none() => {
            fields.note("denominator", "is missing: name the metric below the line of the ratio");
        }
        Some(OwnMetricKind::Mean | OwnMetricKind::Share) if has_denominator => {
            fields.note("denominator", "belongs to a ratio: leave it out, or say kind = \"ratio\"");
        }
        _ => {}
    }
}

/// Whether the rule asks for what the definition can show. The default rule is not questioned: where
/// nothing is asked of an experiment (two equal cohorts, say), it simply never ships.
pub(super) fn check_ship_when(
    ship_when: &ShipWhen,
    metrics: &[(usize, MetricPlan)],
    has_economics: bool,
    mistakes: &Mistakes,
) {
    if *ship_when == ShipWhen::default() {
        return;
    }
    let has = |role| metrics.iter().any(|(_, plan)| plan.role == role);
    let mut told = BTreeSet::new();
    for condition in ship_when.rule.conditions() {
        let wrong = match condition {
            Condition::GuardrailsHold if !has(Role::Guardrail) => {
                Some("guardrails_hold needs a metric whose role is guardrail".to_owned())
            }
            Condition::PrimaryImproves if !has(Role::Primary) => {
                Some("primary_improves needs a metric whose role is primary".to_owned())
            }
            Condition::NetValuePositive | Condition::NetValueNotNegative if !has_economics => {
                Some("net value needs what things cost: add an economics section".to_owned())
            }
            Condition::Metric { name, is } => wrong_question(name, *is, metrics),
            _ => None,
        };
        if let Some(detail) = wrong.filter(|detail| told.insert(detail.clone())) {
            mistakes.note("/decision/ship_when", detail);
        }
    }
}

fn wrong_question(name: &str, is: Wanted, metrics: &[(usize, MetricPlan)]) -> Option<String> {
    let Some((_, plan)) = metrics.iter().find(|(_, plan)| plan.metric == name) else {
        return Some(format!("metric({name:?}) is not among the metrics of this experiment: add it there"));
    };
    match (is, plan.margin) {
        (Wanted::NonInferior | Wanted::Inferior, None) => Some(format!(
            "metric({name:?}) has no margin, so it is asked .better or .worse; or give it a margin"
        )),
        (Wanted::Better | Wanted::Worse, Some(_)) => Some(format!(
            "metric({name:?}) has a margin, so it is asked .non_inferior or .inferior; or take its margin away"
        )),
        _ => None,
    }
}
