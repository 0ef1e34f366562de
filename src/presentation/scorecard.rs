//! The scorecard: every measure that was agreed, in groups, drawn so that the limits line up.

use askama::Template;

use super::{Chip, Compared, Look, numbers, words};
use crate::analysis::document::{Analysis, Conclusion, MetricResult};
use crate::charts::{Frame, RangeBar, Tone};
use crate::domain::{
    experiment::{Direction, Role},
    ids::CohortKey,
};
use crate::language::{Language, Said};

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
    /// Whether its bars have limits; the others show no change in the middle.
    pub limited: bool,
    pub rows: Vec<Row>,
}

/// A measure.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the cells of the row")]
pub struct Row {
    pub metric: String,
    /// The measure's own page, for readers who may follow links.
    pub link: Option<String>,
    pub label: String,
    pub definition: String,
    pub usual: String,
    pub slower: String,
    pub difference: String,
    pub range: String,
    pub limit: String,
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
        let group = |title: Said, limited, wanted: &dyn Fn(Option<Role>) -> bool| {
            let metrics = look.analysis.metrics.iter().filter(|m| wanted(m.role));
            let rows: Vec<Row> = metrics.filter_map(|m| row(look, m, treatment)).collect();
            (!rows.is_empty()).then(|| Group { title: title.to_string(), limited, rows })
        };
        let groups = [
            group(look.say("score-limited"), true, &|r| r == Some(Role::Guardrail)),
            group(look.say("score-hoped"), false, &|r| r == Some(Role::Primary)),
            group(look.say("score-information"), false, &|r| r == Some(Role::Secondary)),
            group(look.say("score-also"), false, &|r| r.is_none()),
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

fn row(look: Look, metric: &MetricResult, treatment: &CohortKey) -> Option<Row> {
    let compared = look.comparison(metric, treatment)?;
    let (label, definition) = words::metric(look.t, &metric.metric);
    let currency = compared.differences.currency;
    let value = |cohort: &CohortKey| {
        let found = metric.cohorts.iter().find(|c| c.cohort == *cohort);
        numbers::value(look.t, found.and_then(|c| c.value), metric.unit_of_measure, currency)
    };
    let tone = tone(&compared);
    let hoped_for = metric.role == Some(Role::Primary);
    let (words, _) = words::conclusion(compared.comparison.conclusion, compared.clearly_worse(), hoped_for);
    let result = if compared.range().estimate.is_none() {
        Chip::new(look.say("conclusion-no-figure"), Tone::Neutral)
    } else if metric.metric == "first_response_time" && compared.comparison.conclusion == Conclusion::Worse {
        // Waiting longer is what was to be tried, not a harm that was found.
        Chip::new(look.say("conclusion-longer"), Tone::Neutral)
    } else {
        Chip::new(look.t.tell(&words), tone)
    };
    Some(Row {
        metric: metric.metric.clone(),
        link: None,
        label,
        definition,
        usual: value(&look.analysis.control),
        slower: value(treatment),
        difference: compared.differences.write(compared.range().estimate),
        range: compared.differences.range(&compared.range()),
        limit: limit(&compared),
        bar: bar(&compared, tone, 34),
        result,
        notes: metric.notes.clone(),
    })
}

fn limit(compared: &Compared) -> String {
    compared.signed_limit().map_or(String::new(), |limit| compared.differences.write(Some(limit)))
}

/// How a comparison looks.
pub(crate) fn tone(compared: &Compared) -> Tone {
    let hoped_for = compared.metric.role == Some(Role::Primary);
    words::conclusion(compared.comparison.conclusion, compared.clearly_worse(), hoped_for).1
}

/// A comparison's range: against its limit, or around no change.
pub(crate) fn bar(compared: &Compared, tone: Tone, height: u32) -> String {
    let better = compared.better();
    let frame = match compared.comparison.margin {
        Some(margin) => Frame::by_limit(margin),
        None => Frame::around(50.0, better),
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
    Some((words::metric_label(t, &compared.metric.metric), bar(&compared, tone, 28)))
}
