//! Whether the figures can be trusted, where they differ by group, and what they cannot tell.

use super::{Look, numbers, scorecard, words};
use crate::analysis::document::{CheckState, Range, SegmentHeterogeneity, SegmentResult};
use crate::charts::{Frame, RangeBar, Tone};
use crate::domain::experiment::MarginScale;
use askama::Template;

/// The checks, passes too.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the section")]
pub struct ChecksView {
    pub heading: String,
    pub items: Vec<CheckItem>,
    pub analysts: Vec<String>,
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
        Self { heading, items, analysts: analysts(look) }
    }
}

/// What an analyst asks of the split and of those who did not answer.
fn analysts(look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    let ratio = &look.analysis.health.sample_ratio;
    if let Some(p) = ratio.p_value {
        lines.push(format!("Split: chi-square p {}.", words::p(p)));
    }
    if let Some(least) =
        ratio.segments.iter().min_by(|a, b| a.p_value_adjusted.total_cmp(&b.p_value_adjusted))
    {
        lines.push(format!(
            "Split within {} groups: the least p is {} ({} “{}”), {} by Holm.",
            ratio.segments.len(),
            words::p(least.p_value),
            words::title(&least.segment),
            least.value,
            words::p(least.p_value_adjusted)
        ));
    }
    let csat = look.analysis.metrics.iter().filter(|m| m.metric == "csat").flat_map(|m| &m.comparisons);
    for (treatment, found) in csat.filter_map(|c| Some((&c.treatment, c.non_response.as_ref()?))) {
        let points = |v: Option<f64>| v.map_or(numbers::NONE.to_owned(), |v| numbers::signed(v * 100.0, 1));
        let ends = |r: &Range| format!("{} to {}", points(r.lower), points(r.upper));
        let trimmed = match &found.trimmed {
            Some(cohort) => {
                format!("{} of the answers of “{cohort}” trimmed", numbers::share(found.trimmed_share))
            }
            None => "nothing trimmed".to_owned(),
        };
        lines.push(format!(
            "Response rate of “{treatment}”: {} points ({}). Satisfaction among those who would answer in either \
             group, Lee’s bounds: {} points ({trimmed}); Imbens–Manski range {}.",
            points(found.response_rate.estimate),
            ends(&found.response_rate),
            ends(&found.bounds),
            ends(&found.interval)
        ));
    }
    lines
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
        let (label, _) = words::metric(name);
        let found = declared.len() + leads.len();
        let mut lead_segments: Vec<&str> = leads.iter().map(|s| s.segment.as_str()).collect();
        lead_segments.dedup();
        Some(Self {
            heading: heading(&spreads, declared.iter().chain(&leads).copied()),
            lede: format!(
                "Difference in “{label}”, by group. With {found} groups one will often stand out by chance: \
                 a lead to follow, not a finding."
            ),
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
fn heading<'a>(spreads: &[&SegmentHeterogeneity], rows: impl Iterator<Item = &'a SegmentResult>) -> String {
    let differs = spreads.iter().find(|h| h.p_value_adjusted.is_some_and(|p| p < WORTH_A_LOOK));
    let leads: Vec<&str> = rows.filter(|s| stands_out(s)).map(|s| s.value.as_str()).collect();
    match (differs, leads.as_slice()) {
        (Some(spread), _) => {
            format!("The effect seems to differ by {}", words::title(&spread.segment).to_lowercase())
        }
        (None, []) => "No group stands out".to_owned(),
        (None, [one]) => format!("“{one}” is worth a closer look"),
        (None, [a, b]) => format!("“{a}” and “{b}” are worth a closer look"),
        (None, many) => format!("{} groups are worth a closer look", many.len()),
    }
}

fn rows(compared: &super::Compared, found: &[&SegmentResult]) -> Vec<GroupRow> {
    let row = |s: &SegmentResult, first: bool| {
        let range = if compared.differences.scale == MarginScale::Absolute { s.absolute } else { s.relative };
        GroupRow {
            segment: if first { words::title(&s.segment) } else { String::new() },
            first,
            value: s.value.clone(),
            units: numbers::count(s.units),
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
    let test = if spread.shares_units { "Wald test of interaction" } else { "Cochran’s Q" };
    let lead = if spread.declared { "" } else { " (lead)" };
    format!(
        "{}{lead}: {test} {} on {} df, p {}, {} corrected; I² {}, τ {}.",
        words::title(&spread.segment),
        numbers::decimal(spread.q, 2),
        numbers::decimal(spread.degrees_of_freedom, 0),
        words::p(spread.p_value),
        words::p(spread.p_value_adjusted.unwrap_or(spread.p_value)),
        numbers::share(spread.i_squared),
        differences.write(Some(spread.tau_squared.sqrt())).trim_start_matches('+'),
    )
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
