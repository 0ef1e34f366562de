//! Experiment and units in, [`document::Analysis`] out: metrics × methods, health, series, economics, verdict.
//!
//! One pass over the units ([`accumulate`]) keeps sums; [`inference`] turns sums into comparisons;
//! [`verdict`] says what follows, in words. Nothing here reads a clock or a database.

pub mod accumulate;
pub mod document;
pub mod economics;
pub mod headline;
mod health;
pub mod inference;
pub mod leads;
pub mod looks;
mod results;
pub mod segments;
mod split;
mod spread;
pub mod study;
pub mod tally;
pub mod verdict;
mod waiting;
mod waits;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use accumulate::Accumulator;
pub use study::{AnalysisError, Study};

use crate::domain::{experiment::Role, ids::CohortKey, time::Moment, unit::UnitRecord};
use crate::language::say;
use document::{Analysis, CohortSummary, MetricResult, Verdict};
use verdict::{Case, FollowUp, Prospects};

/// Analyses an experiment from its units, in any order. The number is given when it is stored.
pub fn run<'u>(
    study: &Study<'_>,
    units: impl IntoIterator<Item = &'u UnitRecord>,
) -> Result<Analysis, AnalysisError> {
    let mut pass = Accumulator::new(study)?;
    for unit in units {
        pass.add(unit);
    }
    Ok(conclude(&pass))
}

/// What a finished pass says.
pub fn conclude(pass: &Accumulator<'_>) -> Analysis {
    let study = pass.study;
    let definition = &study.experiment.definition;
    let of_cohorts = pass.cohorts.iter().flat_map(|cohort| [&cohort.wall, &cohort.wall_before]);
    waits::Waits::prepare(pass.tallies.iter().flatten().map(|tally| &tally.waits).chain(of_cohorts));
    let inference =
        inference::Inference::new(study, pass.cohorts.iter().map(|cohort| cohort.units).collect());
    let results = results::Results::new(pass, &inference);
    let mut metrics = results.metrics();
    let findings = health::check(pass, &inference, &metrics);

    let first_assigned = pass.cohorts.iter().filter_map(|cohort| cohort.first_assigned).min();
    let planned_end = study.experiment.planned_end(first_assigned);
    let follow_up = follow_up(pass, planned_end);
    withhold_revenue(&mut metrics, &findings, follow_up);
    if let Some(last) = study.last_look.as_ref().filter(|_| inference.is_group_sequential()) {
        looks::hold_to_last_look(&mut metrics, last, follow_up);
    }

    let economics = |treatment: &CohortKey| {
        let net = metrics.iter().find(|metric| metric.metric == "net_value")?;
        let net = net.comparisons.iter().find(|comparison| comparison.treatment == *treatment);
        economics::economics(pass, &inference, treatment, net)
    };
    let control = definition.control_index();
    let mut judged: Vec<(Verdict, Option<document::EconomicsResult>)> = Vec::new();
    for (index, treatment) in definition.cohorts.iter().enumerate().filter(|(index, _)| *index != control) {
        let economics = economics(&treatment.key);
        let sizes = (&pass.cohorts[control], &pass.cohorts[index]);
        let outlook = first_assigned.and_then(|first| {
            let prospects = Prospects {
                study,
                inference: &inference,
                treatment: index,
                units: (sizes.0.units + sizes.1.units) as f64,
                all_units: pass.cohorts.iter().map(|cohort| cohort.units).sum::<u64>() as f64,
                first_assigned: first,
                planned_end,
            };
            let open = metrics
                .iter()
                .filter(|metric| matches!(metric.role, Some(Role::Guardrail | Role::Primary)))
                .filter(|metric| follow_up.days == 0 || !verdict::waits_for_revenue(&metric.metric));
            prospects.outlook(open.filter_map(|metric| Some((metric, results.arms_of(&metric.metric)?))))
        });
        let case = Case {
            study,
            treatment,
            control: &definition.cohorts[control],
            slow_level: pass.level(index),
            metrics: &metrics,
            findings: &findings,
            economics: economics.as_ref(),
            sizes,
            first_assigned,
            planned_end,
            follow_up,
            outlook,
        };
        judged.push((case.verdict(), economics));
    }
    let net_lower = |economics: &Option<document::EconomicsResult>| {
        economics.as_ref().and_then(|economics| economics.per_customer_month.as_ref()?.net_value.lower)
    };
    let leading = verdict::leading(judged.iter().map(|(verdict, economics)| (verdict, net_lower(economics))));
    // A definition has at least one treatment; `definitions` lets no other through.
    let place =
        leading.and_then(|leading| judged.iter().position(|(verdict, _)| verdict == leading)).unwrap_or(0);
    let verdicts =
        if judged.len() > 1 { judged.iter().map(|(verdict, _)| verdict.clone()).collect() } else { vec![] };
    let (verdict, economics) = judged.swap_remove(place);
    let leads = leads::found(pass, &inference);
    let waiting = waiting::Waiting::new(pass, &inference);
    Analysis {
        experiment: definition.key.clone(),
        analysis: 0,
        status: study.experiment.status,
        as_of: study.as_of,
        made_at: study.now,
        ledger_position: study.ledger_position,
        definition_version: study.experiment.version,
        confidence: definition.confidence,
        looks: study.looks_kind(),
        planned_units: study.experiment.planned_units,
        looks_counted: inference.looks_counted(),
        looks_overridden: study.looks_kind() != definition.analysis.looks,
        control: definition.cohorts[control].key.clone(),
        first_assignment: first_assigned,
        planned_end,
        last_complete_month: pass.context().last_complete_month().to_string(),
        cohorts: summaries(pass),
        health: findings.health,
        series: results.series(),
        waiting: waiting.curves(),
        waiting_differences: waiting.differences(),
        before_after: waiting.before_after(),
        segments: leads.segments,
        heterogeneity: leads.heterogeneity,
        metrics,
        economics,
        verdict,
        verdicts,
    }
}

fn summaries(pass: &Accumulator<'_>) -> Vec<CohortSummary> {
    let cohorts = pass.study.experiment.definition.cohorts.iter().zip(&pass.cohorts);
    cohorts
        .map(|(cohort, tally)| CohortSummary {
            cohort: cohort.key.clone(),
            units: tally.units,
            conversations: tally.conversations,
            closed: tally.closed,
            rated: tally.rated,
            unanswered: tally.unanswered,
            closed_unanswered: tally.closed_unanswered,
        })
        .collect()
}

/// Revenue is judged when every unit assigned by the planned end has been followed long enough.
fn follow_up(pass: &Accumulator<'_>, planned_end: Moment) -> FollowUp {
    let as_of = pass.study.as_of;
    let days = pass.study.experiment.definition.analysis.follow_up_days;
    let last = pass.cohorts.iter().filter_map(|cohort| cohort.last_assigned).max().unwrap_or(planned_end);
    let last = if as_of < planned_end { planned_end } else { last.min(planned_end) };
    let complete_at = last.plus_days(i64::from(days));
    let long_enough = usize::try_from(days).unwrap_or(usize::MAX);
    let reached = pass.cohorts.iter().flat_map(|cohort| cohort.joined.iter().skip(long_enough)).sum();
    FollowUp {
        complete: days == 0 || as_of >= complete_at,
        reached,
        of: pass.cohorts.iter().map(|cohort| cohort.units).sum(),
        complete_at,
        days,
    }
}

/// Takes back what is concluded on revenue before it may be judged.
fn withhold_revenue(metrics: &mut [MetricResult], findings: &health::Findings, follow_up: FollowUp) {
    for metric in metrics.iter_mut().filter(|metric| verdict::waits_for_revenue(&metric.metric)) {
        let retention = metric.metric != "net_value";
        let why = if !findings.revenue_complete && retention {
            say("note-revenue-missing")
        } else if !follow_up.complete && metric.role == Some(crate::domain::experiment::Role::Guardrail) {
            say("note-judged-later").with("days", follow_up.days).with("date", follow_up.complete_at)
        } else {
            continue;
        };
        metric.note(why);
        for comparison in &mut metric.comparisons {
            comparison.conclusion = inference::nothing_shown(comparison.test);
        }
    }
}
