//! Whether the figures can be trusted, where they differ by group, and what they cannot tell.

use super::{Look, numbers, scorecard, words};
use crate::analysis::document::{CheckState, SegmentResult};
use crate::charts::{Frame, RangeBar, Tone};
use crate::domain::experiment::MarginScale;
use askama::Template;

/// The checks, passes too.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the section")]
pub struct ChecksView {
    pub heading: String,
    pub items: Vec<CheckItem>,
}

/// A check in words.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of a check")]
pub struct CheckItem {
    pub class: &'static str,
    pub icon: &'static str,
    pub said: &'static str,
    pub title: String,
    pub detail: String,
}

impl ChecksView {
    pub(crate) fn new(look: Look) -> Self {
        let checks = &look.analysis.health.checks;
        let count = |state| checks.iter().filter(|c| c.state == state).count();
        let failed = checks.iter().find(|c| c.state == CheckState::Failed);
        let heading = match (failed, count(CheckState::Failed), count(CheckState::Note)) {
            (Some(check), 1, _) => format!("A check failed: {}", lower_first(&check.title)),
            (Some(_), n, _) => format!("{n} checks failed"),
            (None, _, 0) => "The figures can be trusted".to_owned(),
            (None, _, 1) => "The figures can be trusted, with one note".to_owned(),
            (None, _, n) => format!("The figures can be trusted, with {n} notes"),
        };
        let items = checks
            .iter()
            .map(|check| {
                let (class, icon, said) = match check.state {
                    CheckState::Passed => ("p", "check", "Passed:"),
                    CheckState::Note => ("c", "info", "Note:"),
                    CheckState::Failed => ("f", "stop", "Failed:"),
                };
                CheckItem { class, icon, said, title: check.title.clone(), detail: check.detail.clone() }
            })
            .collect();
        Self { heading, items }
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_lowercase().chain(chars).collect())
}

/// How the checks look together.
pub(crate) fn tone(look: Look) -> Tone {
    let has = |state| look.analysis.health.checks.iter().any(|c| c.state == state);
    match (has(CheckState::Failed), has(CheckState::Note)) {
        (true, _) => Tone::Bad,
        (_, true) => Tone::Care,
        _ => Tone::Good,
    }
}

/// Differences by group: leads, never verdicts.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the section")]
pub struct GroupsView {
    pub heading: String,
    pub lede: String,
    pub limited: bool,
    pub rows: Vec<GroupRow>,
}

/// A group.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the cells of the row")]
pub struct GroupRow {
    pub segment: String,
    pub first: bool,
    pub value: String,
    pub units: String,
    pub difference: String,
    pub range: String,
    pub bar: String,
    pub worth_a_look: bool,
}

/// Corrected probabilities below this are worth a look.
const WORTH_A_LOOK: f64 = 0.05;

impl GroupsView {
    pub(crate) fn new(look: Look) -> Option<Self> {
        let name = look.analysis.verdict.metric.as_deref().unwrap_or("csat");
        let of_verdict = |s: &&SegmentResult| s.treatment == *look.treatment();
        let mut found: Vec<&SegmentResult> =
            look.analysis.segments.iter().filter(of_verdict).filter(|s| s.metric == name).collect();
        if found.is_empty() {
            // The verdict's metric was not split: show the first that was.
            let first = look.analysis.segments.iter().find(of_verdict)?;
            found = look
                .analysis
                .segments
                .iter()
                .filter(of_verdict)
                .filter(|s| s.metric == first.metric)
                .collect();
        }
        let metric = look.analysis.metrics.iter().find(|m| m.metric == found[0].metric)?;
        let compared = look.comparison(metric, look.treatment())?;
        let (label, _) = words::metric(&metric.metric);
        let stands_out = |s: &SegmentResult| s.p_value_adjusted.is_some_and(|p| p < WORTH_A_LOOK);
        let mut before = "";
        let rows: Vec<GroupRow> = found
            .iter()
            .map(|s| {
                let range =
                    if compared.differences.scale == MarginScale::Absolute { s.absolute } else { s.relative };
                let this = super::Compared { metric, comparison: compared.comparison, ..compared };
                let first = s.segment != before;
                before = &s.segment;
                GroupRow {
                    segment: if first { words::title(&s.segment) } else { String::new() },
                    first,
                    value: s.value.clone(),
                    units: numbers::count(s.units),
                    difference: compared.differences.write(range.estimate),
                    range: compared.differences.range(&range),
                    bar: bar(&this, &range, stands_out(s)),
                    worth_a_look: stands_out(s),
                }
            })
            .collect();
        let leads: Vec<&str> = found.iter().filter(|s| stands_out(s)).map(|s| s.value.as_str()).collect();
        let heading = match leads.as_slice() {
            [] => "No group stands out".to_owned(),
            [one] => format!("“{one}” is worth a closer look"),
            [a, b] => format!("“{a}” and “{b}” are worth a closer look"),
            many => format!("{} groups are worth a closer look", many.len()),
        };
        Some(Self {
            heading,
            lede: format!(
                "Difference in “{label}”, by group. With {} groups one will often stand out by chance: \
                 a lead to follow, not a finding.",
                rows.len()
            ),
            limited: compared.comparison.margin.is_some(),
            rows,
        })
    }
}

fn bar(compared: &super::Compared, range: &crate::analysis::document::Range, stands_out: bool) -> String {
    let increase = compared.metric.direction == crate::domain::experiment::Direction::Increase;
    let better = super::span(range).times(if increase { 1.0 } else { -1.0 });
    let frame = match compared.comparison.margin {
        Some(margin) => Frame::by_limit_wide(margin),
        None => Frame::around(50.0, better),
    };
    let tone = if stands_out { Tone::Care } else { Tone::Neutral };
    RangeBar::new(frame, better, tone, 28).render().unwrap_or_default()
}

/// What the figures cannot tell, from how they were made.
pub(crate) fn cannot_tell(look: Look) -> Vec<String> {
    let definition = &look.experiment.definition;
    let mut found = Vec::new();
    if !definition.eligibility.rule.is_empty() {
        found.push("Whether customers outside the rule would feel the same. None were included.".to_owned());
    }
    found.push(format!(
        "What happens after {}. Later ratings, departures and revenue were not seen.",
        numbers::date(look.analysis.as_of)
    ));
    found.push(
        "How fast the team would be if everybody had the slower level: staff time is measured for this mix of levels."
            .to_owned(),
    );
    let unshown: Vec<String> = look
        .analysis
        .metrics
        .iter()
        .filter_map(|m| look.comparison(m, look.treatment()))
        .filter(|c| c.metric.role.is_some() && scorecard::tone(c) == Tone::Neutral)
        .map(|c| format!("“{}”", words::metric(&c.metric.metric).0))
        .collect();
    if !unshown.is_empty() {
        found.push(format!(
            "Whether the slower level changes {}: the ranges leave both open.",
            unshown.join(", ")
        ));
    }
    found
}
