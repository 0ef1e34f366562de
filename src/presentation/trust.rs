//! Whether the figures can be trusted, where they differ by group, and what they cannot tell.

use super::{Look, numbers, scorecard, words};
use crate::analysis::document::{CheckState, Range, SegmentHeterogeneity, SegmentResult};
use crate::charts::{Frame, RangeBar, Tone};
use crate::domain::experiment::MarginScale;
use crate::language::{Slot, say};
use askama::Template;

/// The checks, passes too.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the section")]
pub struct ChecksView {
    pub heading: String,
    pub items: Vec<CheckItem>,
    /// Survey answers held back, as of now: no part of an analysis, which is made from the ledger alone.
    pub held: Option<String>,
    pub analysts: Vec<String>,
}

/// A check in words.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of a check")]
pub struct CheckItem {
    pub class: &'static str,
    pub icon: &'static str,
    pub said: String,
    pub title: String,
    pub detail: String,
}

impl ChecksView {
    pub(crate) fn new(look: Look) -> Self {
        let checks = &look.analysis.health.checks;
        let count = |state| checks.iter().filter(|c| c.state == state).count();
        let failed = checks.iter().find(|c| c.state == CheckState::Failed);
        let heading = match (failed, count(CheckState::Failed), count(CheckState::Note)) {
            (Some(check), 1, _) => look.say("checks-one-failed").with("finding", lower_first(&check.title)),
            (Some(_), n, _) => look.say("checks-failed").with("n", n),
            (None, _, notes) => look.say("checks-trusted").with("notes", notes),
        };
        let items = checks
            .iter()
            .map(|check| {
                let (class, icon, said) = match check.state {
                    CheckState::Passed => ("p", "check", look.say("check-passed")),
                    CheckState::Note => ("c", "info", look.say("check-note")),
                    CheckState::Failed => ("f", "stop", look.say("check-failed")),
                };
                let said = said.to_string();
                CheckItem { class, icon, said, title: check.title.clone(), detail: check.detail.clone() }
            })
            .collect();
        Self { heading: heading.to_string(), items, held: None, analysts: analysts(look) }
    }
}

/// What an analyst asks of the split and of those who did not answer.
fn analysts(look: Look) -> Vec<String> {
    let t = look.t;
    let mut lines = Vec::new();
    let ratio = &look.analysis.health.sample_ratio;
    if let Some(p) = ratio.p_value {
        lines.push(say("analysts-split").with("p", words::p(t, p)));
    }
    if let Some(least) =
        ratio.segments.iter().min_by(|a, b| a.p_value_adjusted.total_cmp(&b.p_value_adjusted))
    {
        lines.push(
            say("analysts-splits")
                .with("n", ratio.segments.len())
                .with("p", words::p(t, least.p_value))
                .with("segment", words::title(&least.segment))
                .with("value", &least.value)
                .with("holm", words::p(t, least.p_value_adjusted)),
        );
    }
    let csat = look.analysis.metrics.iter().filter(|m| m.metric == "csat").flat_map(|m| &m.comparisons);
    for (treatment, found) in csat.filter_map(|c| Some((&c.treatment, c.non_response.as_ref()?))) {
        let points = |v: Option<f64>| v.map_or(numbers::NONE.to_owned(), |v| t.signed(v * 100.0, 1));
        let ends = |r: &Range| say("range-to").with("from", points(r.lower)).with("to", points(r.upper));
        let trimmed = match &found.trimmed {
            Some(cohort) => say("analysts-trimmed")
                .with("share", Slot::Percent(found.trimmed_share))
                .with("level", cohort.to_string()),
            None => say("analysts-untrimmed"),
        };
        lines.push(
            say("analysts-response-rate")
                .with("level", treatment.to_string())
                .with("difference", points(found.response_rate.estimate))
                .with("range", ends(&found.response_rate)),
        );
        lines.push(
            say("analysts-lee-bounds")
                .with("bounds", ends(&found.bounds))
                .with("trimmed", trimmed)
                .with("range", ends(&found.interval)),
        );
    }
    lines.iter().map(|line| t.tell(line)).collect()
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
    pub declared: Vec<GroupRow>,
    pub leads: Vec<GroupRow>,
    /// How many segments the leads are of.
    pub lead_segments: usize,
    pub analysts: Vec<String>,
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
        let all = || look.analysis.segments.iter().filter(of_verdict);
        // Where the verdict's metric was not split: the first that was.
        let name = all().find(|s| s.metric == name).or_else(|| all().next())?.metric.as_str();
        let metric = look.analysis.metrics.iter().find(|m| m.metric == name)?;
        let compared = look.comparison(metric, look.treatment())?;
        let (declared, leads): (Vec<_>, Vec<_>) =
            all().filter(|s| s.metric == name).partition(|s| s.declared);
        let spreads = look.analysis.heterogeneity.iter();
        let spreads: Vec<&SegmentHeterogeneity> =
            spreads.filter(|h| h.metric == name && h.treatment == *look.treatment()).collect();
        let label = words::metric_label(look.t, name);
        let found = declared.len() + leads.len();
        let mut lead_segments: Vec<&str> = leads.iter().map(|s| s.segment.as_str()).collect();
        lead_segments.dedup();
        Some(Self {
            heading: heading(look, &spreads, declared.iter().chain(&leads).copied()),
            lede: look.say("groups-lede").with("metric", label).with("n", found).to_string(),
            limited: compared.comparison.margin.is_some(),
            lead_segments: lead_segments.len(),
            declared: rows(&compared, &declared),
            leads: rows(&compared, &leads),
            analysts: spreads.iter().map(|spread| spread_words(spread, compared.differences)).collect(),
        })
    }
}

fn stands_out(s: &SegmentResult) -> bool {
    s.p_value_adjusted.is_some_and(|p| p < WORTH_A_LOOK)
}

/// Whether the difference differs comes first; a group that stands out may only share what all have.
fn heading<'a>(
    look: Look,
    spreads: &[&SegmentHeterogeneity],
    rows: impl Iterator<Item = &'a SegmentResult>,
) -> String {
    let differs = spreads.iter().find(|h| h.p_value_adjusted.is_some_and(|p| p < WORTH_A_LOOK));
    let leads: Vec<&str> = rows.filter(|s| stands_out(s)).map(|s| s.value.as_str()).collect();
    let said = match (differs, leads.as_slice()) {
        (Some(spread), _) => {
            look.say("groups-differ").with("segment", words::title(&spread.segment).to_lowercase())
        }
        (None, []) => look.say("groups-none"),
        (None, [one]) => look.say("groups-one").with("value", *one),
        (None, [a, b]) => look.say("groups-two").with("a", *a).with("b", *b),
        (None, many) => look.say("groups-many").with("n", many.len()),
    };
    said.to_string()
}

fn rows(compared: &super::Compared, found: &[&SegmentResult]) -> Vec<GroupRow> {
    let row = |s: &SegmentResult, first: bool| {
        let range = if compared.differences.scale == MarginScale::Absolute { s.absolute } else { s.relative };
        GroupRow {
            segment: if first { words::title(&s.segment) } else { String::new() },
            first,
            value: s.value.clone(),
            units: compared.differences.t.count(s.units),
            difference: compared.differences.write(range.estimate),
            range: compared.differences.range(&range),
            bar: bar(compared, &range, stands_out(s)),
            worth_a_look: stands_out(s),
        }
    };
    let is_first = |i: usize| i == 0 || found[i].segment != found[i - 1].segment;
    found.iter().enumerate().map(|(i, s)| row(s, is_first(i))).collect()
}

fn spread_words(spread: &SegmentHeterogeneity, differences: numbers::Differences) -> String {
    let differences = numbers::Differences { scale: spread.scale, ..differences };
    let t = differences.t;
    let test = if spread.shares_units { say("analysts-wald") } else { say("analysts-cochran") };
    let segment = words::title(&spread.segment);
    let segment = if spread.declared {
        Slot::Text(segment)
    } else {
        say("analysts-lead").with("segment", segment).into()
    };
    t.say("analysts-spread")
        .with("segment", segment)
        .with("test", test)
        .with("q", t.number(spread.q, 2))
        .with("df", t.number(spread.degrees_of_freedom, 0))
        .with("p", words::p(t, spread.p_value))
        .with("corrected", words::p(t, spread.p_value_adjusted.unwrap_or(spread.p_value)))
        .with("share", Slot::Percent(spread.i_squared))
        .with("tau", differences.write(Some(spread.tau_squared.sqrt())).trim_start_matches('+'))
        .to_string()
}

fn bar(compared: &super::Compared, range: &Range, stands_out: bool) -> String {
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
        found.push(look.say("untold-outside"));
    }
    found.push(look.say("untold-after").with("date", look.analysis.as_of));
    found.push(look.say("untold-everybody"));
    let unshown: Vec<Slot> = look
        .analysis
        .metrics
        .iter()
        .filter_map(|m| look.comparison(m, look.treatment()))
        .filter(|c| c.metric.role.is_some() && scorecard::tone(c) == Tone::Neutral)
        .map(|c| say("quoted").with("name", words::metric_label(look.t, &c.metric.metric)).into())
        .collect();
    let unshown = unshown
        .into_iter()
        .reduce(|list, next| say("list-more").with("list", list).with("next", next).into());
    if let Some(unshown) = unshown {
        found.push(look.say("untold-unshown").with("metrics", unshown));
    }
    found.into_iter().map(String::from).collect()
}
