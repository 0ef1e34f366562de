//! The whole plan, for whoever reads it: what the panel "What you agreed" has in short.

use super::{
    PlanView, numbers,
    plan::{goal, limit},
    words,
};
use crate::{
    domain::{
        experiment::{Definition, Economics, Experiment, MetricPlan, Role},
        log::LogLine,
        time::Moment,
    },
    language::{Language, Said},
};

/// Everything that was agreed, by topic.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// The topics in the order of the guided form, each with its lines: what, and what was agreed of it.
    pub sections: Vec<(Said, Vec<(String, String)>)>,
}

impl Agreed {
    /// The plan of an experiment. What was left open says nothing.
    pub fn new(t: Language, experiment: &Experiment, log: &[LogLine]) -> Self {
        let definition = &experiment.definition;
        let plan = PlanView::new(t, experiment, log);
        let ask = |step: &'static str| t.say("step-title").with("step", step);
        let sections = vec![
            (ask("who"), who(t, definition, &plan)),
            (ask("levels"), levels(t, definition, &plan)),
            (ask("limits"), measures(t, definition, Role::Guardrail)),
            (ask("gains"), measures(t, definition, Role::Primary)),
            (t.say("also-measured"), measures(t, definition, Role::Secondary)),
            (ask("worth"), definition.economics.as_ref().map_or_else(Vec::new, |costs| worth(t, costs))),
            (ask("weeks"), weeks(t, definition, &plan)),
            (t.say("plan-ship-if"), ship_if(t, definition, &plan)),
        ];
        Self { sections: sections.into_iter().filter(|(_, lines)| !lines.is_empty()).collect() }
    }
}

/// A line, where there is something to say.
fn line(label: Said, words: impl Into<String>) -> Option<(String, String)> {
    let words = words.into();
    (!words.is_empty()).then(|| (label.into(), words))
}

fn who(t: Language, definition: &Definition, plan: &PlanView) -> Vec<(String, String)> {
    let lines = [
        line(t.say("item-hypothesis"), &*definition.hypothesis),
        line(t.say("stamp-contact"), &*definition.owner),
        line(t.say("list-tags"), definition.tags.join(", ")),
        line(t.say("item-who"), &*plan.who),
        line(t.say("summary-who"), &*plan.rule.text),
        line(t.say("summary-spared"), &*plan.except.text),
        line(t.say("item-size"), &*plan.size),
        line(
            t.say("groups-named"),
            definition.analysis.segments.iter().map(|s| words::title(s)).collect::<Vec<_>>().join(", "),
        ),
    ];
    lines.into_iter().flatten().collect()
}

fn levels(t: Language, definition: &Definition, plan: &PlanView) -> Vec<(String, String)> {
    let told = plan.levels.iter().zip(definition.usual_first()).flat_map(|(level, cohort)| {
        let told = t.say("plan-told").with("level", &level.name);
        [Some((level.name.clone(), level.promise.clone())), line(told, &*cohort.message)]
    });
    told.flatten().collect()
}

/// The measures of a role, each with its limit or its goal where it has one, and why.
fn measures(t: Language, definition: &Definition, role: Role) -> Vec<(String, String)> {
    let of = |plan: &MetricPlan| {
        let (label, means) = words::metric(t, &plan.metric);
        let said = match (limit(t, plan), goal(t, plan)) {
            (Some(limit), _) => t.say("plan-limit").with("limit", limit).with("means", means).to_string(),
            (None, Some(goal)) => t.say("plan-goal").with("goal", goal).with("means", means).to_string(),
            (None, None) => means,
        };
        let why = line(t.say("plan-why").with("metric", &label), &*plan.why);
        [Some((label, said)), why].into_iter().flatten()
    };
    definition.metrics.iter().filter(|metric| metric.role == role).flat_map(of).collect()
}

fn worth(t: Language, costs: &Economics) -> Vec<(String, String)> {
    let money = |amount: f64| numbers::Money::of(t, Some(costs.currency), amount).amount(amount);
    vec![
        (t.say("what-if-agent-hour").into(), money(costs.agent_hour)),
        (t.say("what-if-margin").into(), t.percent(costs.gross_margin)),
        (t.say("what-if-replacement").into(), money(costs.replacement_cost)),
    ]
}

fn weeks(t: Language, definition: &Definition, plan: &PlanView) -> Vec<(String, String)> {
    let follow_up = definition.analysis.follow_up_days;
    let follow_up = (follow_up > 0).then(|| t.say("plan-days").with("n", follow_up).to_string());
    let lines = [
        line(t.say("item-starts"), t.date(Moment::start_of(definition.starts_on))),
        line(t.say("item-weeks"), t.say("plan-weeks").with("n", definition.planned_weeks)),
        line(t.say("item-follow-up"), follow_up.unwrap_or_default()),
        line(t.say("item-looks"), t.tell(&words::looks(definition.analysis.looks))),
        line(t.say("item-confidence"), t.percent(definition.confidence)),
        line(t.say("stamp-plan-locked"), plan.locked.clone().unwrap_or_default()),
    ];
    lines.into_iter().flatten().collect()
}

fn ship_if(t: Language, definition: &Definition, plan: &PlanView) -> Vec<(String, String)> {
    let tolerance = definition.decision.loss_tolerance;
    let tolerated = definition.economics.as_ref().filter(|_| tolerance > 0.0).map(|costs| {
        let money = numbers::Money::of(t, Some(costs.currency), tolerance).amount(tolerance);
        t.say("plan-tolerance").with("money", money).to_string()
    });
    let lines = [
        line(t.say("plan-ship-if"), &*plan.ship_if),
        line(t.say("item-tolerance"), tolerated.unwrap_or_default()),
    ];
    lines.into_iter().flatten().collect()
}
