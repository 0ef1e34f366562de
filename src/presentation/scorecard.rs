//! The scorecard: every measure that was agreed, in groups, drawn so that the limits line up.

use askama::Template;

use super::{Chip, Compared, Look, numbers, words};
use crate::analysis::document::{Analysis, Conclusion, Decision, Measure, Range};
use crate::charts::{Frame, RangeBar, Tone};
use crate::domain::{
    experiment::{Direction, MarginScale, Role},
    ids::CohortKey,
};
use crate::language::{Language, Message, Said, say};

/// The scorecard of one treatment.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the table")]
pub struct Scorecard {
    pub heading: String,
    pub usual: String,
    pub slower: String,
    pub groups: Vec<Group>,
}

/// Measures that count alike.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the group")]
pub struct Group {
    pub title: String,
    /// What all of its bars are drawn by.
    pub axis: Axis,
    pub rows: Vec<Row>,
}

/// What the bars of a group line up at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Axis {
    Limit,
    BreakEven,
    Goal,
    /// No change stands in the middle, each bar as wide as its figures need.
    NoChange,
}

impl Axis {
    /// The labels over the bars: where each stands, its words, and whether it is the line to pass.
    pub fn labels(self, t: &Language) -> Vec<(&'static str, Said, bool)> {
        let no_change = |at| (at, t.say("axis-no-change"), false);
        match self {
            Self::Limit => vec![("18%", t.say("axis-limit"), true), no_change("58%")],
            Self::BreakEven => vec![("18%", t.say("axis-break-even"), true), no_change("58%")],
            Self::Goal => vec![("12%", t.say("axis-none"), false), ("40%", t.say("axis-goal"), true)],
            Self::NoChange => vec![no_change("50%")],
        }
    }

    /// What a comparison's bar is drawn by where it stands alone.
    pub(crate) fn of(compared: &Compared) -> Self {
        match (compared.comparison.margin, compared.goal) {
            (Some(_), _) => Self::Limit,
            (None, Some(_)) => Self::Goal,
            (None, None) => Self::NoChange,
        }
    }
}

/// A measure.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the cells of the row")]
pub struct Row {
    /// The measure; none for what only the sums tell.
    pub metric: Option<String>,
    /// The measure's own page, for readers who may follow links.
    pub link: Option<String>,
    pub label: String,
    pub definition: String,
    pub usual: String,
    pub slower: String,
    pub difference: String,
    pub range: String,
    /// The limit, the goal or the break-even, after what it is.
    pub bound: Option<(String, String)>,
    pub bar: String,
    pub result: Chip,
    pub notes: Vec<String>,
}

impl Scorecard {
    /// One for each treatment, the one that the verdict speaks of first.
    pub(crate) fn all(look: Look) -> Vec<Self> {
        let mut treatments: Vec<&CohortKey> =
            look.experiment.definition.treatments().map(|cohort| &cohort.key).collect();
        treatments.sort_by_key(|key| *key != look.treatment());
        let several = treatments.len() > 1;
        treatments.into_iter().map(|treatment| Self::of(look, treatment, several)).collect()
    }

    fn of(look: Look, treatment: &CohortKey, several: bool) -> Self {
        let group = |title: Said, axis: Axis, wanted: &dyn Fn(&Compared) -> bool| {
            let compared = look.analysis.metrics.iter().filter_map(|m| look.comparison(m, treatment));
            let rows: Vec<Row> = compared.filter(wanted).map(|c| row(look, &c, axis)).collect();
            (!rows.is_empty()).then(|| Group { title: title.to_string(), axis, rows })
        };
        let is = |role: Option<Role>| move |c: &Compared| c.metric.role == role;
        let hoped = |has_goal: bool| {
            move |c: &Compared| c.metric.role == Some(Role::Primary) && c.goal.is_some() == has_goal
        };
        let met_or_not = group(look.say("score-hoped"), Axis::Goal, &hoped(true));
        // Their bars cannot line up with goals.
        let others =
            if met_or_not.is_some() { look.say("score-hoped-without-goal") } else { look.say("score-hoped") };
        let groups = [
            group(look.say("score-limited"), Axis::Limit, &is(Some(Role::Guardrail))),
            worth(look, treatment),
            met_or_not,
            group(others, Axis::NoChange, &hoped(false)),
            group(look.say("score-information"), Axis::NoChange, &is(Some(Role::Secondary))),
            group(look.say("score-also"), Axis::NoChange, &is(None)),
        ];
        let heading = heading(look, treatment);
        Self {
            heading: if several {
                look.say("score-of")
                    .with("level", words::title(treatment.as_str()))
                    .with("heading", heading)
                    .to_string()
            } else {
                heading
            },
            usual: words::title(look.analysis.control.as_str()),
            slower: words::title(treatment.as_str()),
            groups: groups.into_iter().flatten().collect(),
        }
    }
}

/// The finding about the limits.
fn heading(look: Look, treatment: &CohortKey) -> String {
    let guardrails: Vec<Compared> = look
        .analysis
        .metrics
        .iter()
        .filter(|m| m.role == Some(Role::Guardrail))
        .filter_map(|m| look.comparison(m, treatment))
        .collect();
    let held = guardrails.iter().filter(|c| c.comparison.conclusion == Conclusion::NonInferior).count();
    let broken = guardrails.iter().find(|c| c.comparison.conclusion == Conclusion::Inferior);
    let said = match (broken, guardrails.len()) {
        (Some(c), _) => {
            let label = words::metric_label(look.t, &c.metric.metric);
            if c.metric.direction == Direction::Increase {
                look.say("score-fell").with("metric", label)
            } else {
                look.say("score-rose").with("metric", label)
            }
        }
        (None, 0) => look.say("score-neutral"),
        (None, all) if held == all => look.say("score-held"),
        (None, 1) => look.say("score-not-yet"),
        (None, all) => look.say("score-some-held").with("held", held).with("all", all),
    };
    said.to_string()
}

/// What renewals lose, held against the staff time saved: known where there are sums.
fn worth(look: Look, treatment: &CohortKey) -> Option<Group> {
    let lost = RenewalsLost::of(look).filter(|lost| lost.treatment == treatment)?;
    let differences = numbers::Differences {
        t: look.t,
        scale: MarginScale::Relative,
        measure: Measure::Share,
        currency: None,
    };
    let (words, tone) = lost.result();
    let row = Row {
        metric: None,
        link: None,
        label: look.say("score-renewals").into(),
        definition: look.say("score-renewals-means").into(),
        usual: String::new(),
        slower: String::new(),
        difference: differences.write(lost.kept.estimate),
        range: differences.range(&lost.kept),
        bound: Some((look.say("score-break-even").into(), differences.write(Some(-lost.break_even)))),
        bar: lost.bar(34),
        result: Chip::new(look.t.tell(&words), tone),
        notes: Vec::new(),
    };
    let title = look.say("score-worth").into();
    Some(Group { title, axis: Axis::BreakEven, rows: vec![row] })
}

/// What renewals lose, as a share of the margin that these customers bring, and how much of it the staff time saved
/// would pay for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RenewalsLost<'a> {
    pub treatment: &'a CohortKey,
    /// The loss as a change: below zero.
    kept: Range,
    /// The share, above zero, that may be lost before the saving is gone.
    break_even: f64,
    net_value: Range,
}

impl<'a> RenewalsLost<'a> {
    /// From an analysis' sums; none where they are not known, or where nothing is saved.
    pub fn of(look: Look<'a>) -> Option<Self> {
        let economics = look.analysis.economics.as_ref()?;
        let month = economics.per_customer_month.as_ref()?;
        let break_even = economics.break_even_retention_loss.filter(|share| *share > 0.0)?;
        // The saving over the margin is the share at which it is gone: so the margin is what the saving is of it.
        let margin = month.saving / break_even;
        let kept = super::span(&month.retention_loss_range).times(-1.0 / margin);
        let kept = Range { estimate: kept.estimate, lower: kept.lower, upper: kept.upper };
        Some(Self { treatment: &economics.treatment, kept, break_even, net_value: month.net_value })
    }

    /// Whether it pays, in words and as it looks.
    pub fn result(&self) -> (Message, Tone) {
        match (self.net_value.lower, self.net_value.upper) {
            (Some(lower), _) if lower > 0.0 => (say("conclusion-pays"), Tone::Good),
            (_, Some(upper)) if upper < 0.0 => (say("conclusion-costs"), Tone::Bad),
            _ => (say("conclusion-not-shown"), Tone::Neutral),
        }
    }

    /// Its range against the line where the saving is gone.
    pub fn bar(&self, height: u32) -> String {
        let frame = Frame::by_limit(self.break_even);
        RangeBar::new(frame, super::span(&self.kept), self.result().1, height).render().unwrap_or_default()
    }
}

fn row(look: Look, compared: &Compared, axis: Axis) -> Row {
    let Compared { metric, comparison, .. } = compared;
    let treatment = &comparison.treatment;
    let (label, definition) = words::metric(look.t, &metric.metric);
    let currency = compared.differences.currency;
    let value = |cohort: &CohortKey| {
        let found = metric.cohorts.iter().find(|c| c.cohort == *cohort);
        numbers::value(look.t, found.and_then(|c| c.value), metric.unit_of_measure, currency)
    };
    let tone = tone(compared);
    let hoped_for = metric.role == Some(Role::Primary);
    let result = if compared.range().estimate.is_none() {
        Chip::new(look.say("conclusion-no-figure"), Tone::Neutral)
    } else if metric.metric == "first_response_time" && comparison.conclusion == Conclusion::Worse {
        // Waiting longer is what was to be tried, not a harm that was found.
        Chip::new(look.say("conclusion-longer"), Tone::Neutral)
    } else if let Some((words, tone)) = goal_met(look, compared) {
        Chip::new(look.t.tell(&words), tone)
    } else {
        let (words, _) = words::conclusion(comparison.conclusion, compared.clearly_worse(), hoped_for);
        Chip::new(look.t.tell(&words), tone)
    };
    Row {
        metric: Some(metric.metric.clone()),
        link: None,
        label,
        definition,
        usual: value(&look.analysis.control),
        slower: value(treatment),
        difference: compared.differences.write(compared.range().estimate),
        range: compared.differences.range(&compared.range()),
        bound: bound(look, compared),
        bar: bar(compared, axis, tone, 34),
        result,
        notes: metric.notes.clone(),
    }
}

/// The limit, or the goal, with its sign.
fn bound(look: Look, compared: &Compared) -> Option<(String, String)> {
    let (what, bound) = match (compared.signed_limit(), compared.signed_goal()) {
        (Some(limit), _) => (look.say("score-your-limit"), limit),
        (None, Some(goal)) => (look.say("score-your-goal"), goal),
        (None, None) => return None,
    };
    Some((what.into(), compared.differences.write(Some(bound))))
}

/// How far a goal was met, where there is one and it improved; goals are not celebrated before the end.
fn goal_met(look: Look, compared: &Compared) -> Option<(Message, Tone)> {
    let goal = compared.goal.filter(|_| compared.comparison.conclusion == Conclusion::Better)?;
    let better = compared.better();
    if look.analysis.verdict.decision == Decision::KeepRunning {
        None
    } else if better.lower.is_some_and(|lower| lower >= goal) {
        Some((say("conclusion-goal-met"), Tone::Good))
    } else if better.upper.is_some_and(|upper| upper < goal) {
        Some((say("conclusion-goal-missed"), Tone::Care))
    } else {
        Some((say("conclusion-goal-open"), Tone::Good))
    }
}

/// How a comparison looks.
pub(crate) fn tone(compared: &Compared) -> Tone {
    let hoped_for = compared.metric.role == Some(Role::Primary);
    words::conclusion(compared.comparison.conclusion, compared.clearly_worse(), hoped_for).1
}

/// A comparison's range, drawn by an axis.
pub(crate) fn bar(compared: &Compared, axis: Axis, tone: Tone, height: u32) -> String {
    let better = compared.better();
    let frame = match (axis, compared.comparison.margin, compared.goal) {
        (Axis::Limit, Some(margin), _) => Frame::by_limit(margin),
        (Axis::Goal, _, Some(goal)) => Frame::by_goal(goal),
        _ => Frame::around(50.0, better),
    };
    RangeBar::new(frame, better, tone, height).render().unwrap_or_default()
}

/// The tightest limit of an analysis, for lists: the metric's name and its range against its limit.
pub fn mini_bar(
    t: Language,
    analysis: &Analysis,
    experiment: &crate::domain::experiment::Experiment,
) -> Option<(String, String)> {
    let look = Look { t, experiment, analysis };
    let compared = look.nearest()?;
    let tone = words::outcome(analysis.verdict.outcome).0;
    Some((words::metric_label(t, &compared.metric.metric), bar(&compared, Axis::of(&compared), tone, 28)))
}
