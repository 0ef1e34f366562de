//! What the figures follow from, units apart: what was agreed, and the sums by metric, cohort and day.

use super::{
    super::{Evidence, Report},
    table::{Cell, Head, Table, columns, row, word},
};
use crate::{
    analysis::{accumulate::Accumulator, tally::Tally},
    domain::{
        experiment::{Definition, MetricPlan},
        time::Moment,
    },
};

/// What holds for the whole experiment, by name.
pub(in crate::reports) fn parameters(report: &Report, evidence: &Evidence) -> Table {
    let definition = &report.experiment.definition;
    let (analysis, plan, economics) = (report.analysis, &definition.analysis, definition.economics.as_ref());
    let rows = vec![
        row!["experiment", analysis.experiment.as_str()],
        row!["analysis", analysis.analysis],
        row!["as_of", analysis.as_of],
        row!["planned_end", analysis.planned_end],
        row!["ledger_position", analysis.ledger_position.unsigned_abs()],
        row!["told_since", evidence.told_since],
        row!["definition_version", u64::from(analysis.definition_version)],
        row!["definition_version_now", u64::from(report.experiment.version)],
        row!["unit", word(&definition.unit)],
        row!["control", analysis.control.as_str()],
        row!["confidence", analysis.confidence],
        row!["looks", word(&analysis.looks)],
        row!["planned_units", report.experiment.planned_units],
        row!["planned_looks", plan.planned_looks.map(f64::from)],
        row!["spending", plan.spending.map(|spending| word(&spending))],
        row!["covariate_adjustment", plan.covariate_adjustment],
        row!["correction", word(&plan.correction)],
        row!["follow_up_days", u64::from(plan.follow_up_days)],
        row!["traffic_share", definition.traffic.share],
        row!["currency", economics.map(|costs| costs.currency.to_string())],
        row!["agent_hour", economics.map(|costs| costs.agent_hour)],
        row!["gross_margin", economics.map(|costs| costs.gross_margin)],
        row!["replacement_cost", economics.map(|costs| costs.replacement_cost)],
    ];
    Table {
        head: Head {
            name: "parameters",
            row_is: "one thing that was agreed, or that holds for all figures",
            columns: columns([
                (
                    "name",
                    "As in the experiment file; told_since: entries of the ledger, of any customer, that came after \
                     the analysis was made; definition_version and definition_version_now differ where the \
                     experiment was changed since",
                ),
                ("value", "Its value; empty where it was not set"),
            ]),
        },
        rows,
    }
}

/// The stored analyses that a group-sequential one pays for, if it comes after them.
pub(in crate::reports) fn looks_taken(pass: &Accumulator<'_>) -> Table {
    let rows = pass.study.earlier.iter().flat_map(|taken| {
        taken
            .units
            .iter()
            .map(move |(cohort, units)| row![taken.number, taken.as_of, cohort.as_str(), *units])
    });
    Table {
        head: Head {
            name: "looks_taken",
            row_is: "the units of a cohort at one stored analysis; group-sequential experiments only",
            columns: columns([
                ("analysis", "Number of the stored analysis"),
                ("as_of", "Facts after this moment are not in it (UTC)"),
                ("cohort", "Key of the cohort"),
                ("units", "Units assigned until then"),
            ]),
        },
        rows: rows.collect(),
    }
}

/// The metrics that were agreed.
pub(in crate::reports) fn plan(definition: &Definition) -> Table {
    let row = |m: &MetricPlan| {
        row![
            m.metric.as_str(),
            word(&m.role),
            m.margin,
            m.margin.map(|_| word(&m.margin_scale)),
            m.direction.map(|direction| word(&direction)),
            m.kind.map(|kind| word(&kind)),
            m.denominator.clone(),
        ]
    };
    Table {
        head: Head {
            name: "plan",
            row_is: "one metric that was agreed",
            columns: columns([
                ("metric", "Name of a built-in metric, or the name that metric.recorded tells"),
                ("role", "primary, secondary or guardrail"),
                ("margin", "Largest loss that is acceptable"),
                ("margin_scale", "relative or absolute"),
                ("direction", "Of your own metric: which way is good"),
                ("kind", "Of your own metric: mean, share or ratio"),
                ("denominator", "Of your own ratio: the name below the line"),
            ]),
        },
        rows: definition.metrics.iter().map(row).collect(),
    }
}

/// The sums of each ratio, in the terms of `patience analyze`: at the end of each day for the metrics that were
/// agreed, as of the end for all.
pub(in crate::reports) fn moments(pass: &Accumulator<'_>) -> Table {
    let as_of = pass.study.as_of;
    let assigned: Vec<u64> = pass.cohorts.iter().map(|cohort| cohort.units).collect();
    let mut rows = Vec::new();
    let mut add = |metric: &str, until: Moment, tallies: &[Tally], units: &[u64]| {
        let cohorts = pass.study.experiment.definition.cohorts.iter();
        for ((cohort, tally), units) in cohorts.zip(tallies).zip(units) {
            rows.push(sums(metric, cohort.key.as_str(), until, *units, tally));
        }
    };
    for (measured, tallies) in pass.measured.iter().zip(&pass.tallies) {
        if measured.metric.sums().is_none() {
            continue;
        }
        let name = measured.metric.about().name;
        if measured.plan.is_some() {
            pass.each_day(tallies, |until, tallies, units| {
                if until < as_of {
                    add(name, until, tallies, units);
                }
            });
        }
        add(name, as_of, tallies, &assigned);
    }
    Table {
        head: Head {
            name: "moments",
            row_is: "the sums over the units of one cohort until a moment, of a metric that is a ratio of sums",
            columns: columns([
                ("metric", "Name of the metric"),
                ("cohort", "Key of the cohort"),
                ("until", "Facts until then; each day's end for the metrics agreed, as_of for all (UTC)"),
                ("units", "Units assigned until then"),
                ("n", "Units whose numerator or denominator is not zero"),
                ("numerator_sum", "Sum of y over these n units, y the numerator of the window"),
                ("numerator_sum_squares", "Sum of y^2"),
                ("denominator_sum", "Sum of x, the denominator of the window"),
                ("denominator_sum_squares", "Sum of x^2"),
                ("cross_sum", "Sum of x y"),
                ("pre_n", "Of these units, those with a pre-period"),
                ("pre_numerator_sum", "Sum of y0 over them, y0 the numerator of the pre-period"),
                ("pre_numerator_sum_squares", "Sum of y0^2"),
                ("pre_denominator_sum", "Sum of x0, the denominator of the pre-period"),
                ("pre_denominator_sum_squares", "Sum of x0^2"),
                ("pre_cross_sum", "Sum of x0 y0"),
                ("numerator_numerator", "Sum of y y0"),
                ("denominator_denominator", "Sum of x x0"),
                ("numerator_denominator", "Sum of y x0"),
                ("denominator_numerator", "Sum of x y0"),
                ("numerator_sum_with_pre", "Sum of y over the units with a pre-period"),
                ("denominator_sum_with_pre", "Sum of x over them"),
            ]),
        },
        rows,
    }
}

fn sums(metric: &str, cohort: &str, until: Moment, units: u64, tally: &Tally) -> Vec<Cell> {
    let m = tally.moments();
    row![
        metric,
        cohort,
        until,
        units,
        m.post.n,
        m.post.y,
        m.post.yy,
        m.post.x,
        m.post.xx,
        m.post.xy,
        m.pre.n,
        m.pre.y,
        m.pre.yy,
        m.pre.x,
        m.pre.xx,
        m.pre.xy,
        m.yy0,
        m.xx0,
        m.yx0,
        m.xy0,
        m.y_with_pre,
        m.x_with_pre,
    ]
}

/// The cells of the stored tables that come out otherwise from what is known now.
pub(in crate::reports) fn changed(stored: &[Table], again: &[Table]) -> Table {
    let mut rows = Vec::new();
    for (stored, again) in stored.iter().zip(again) {
        let name = stored.head.name;
        let (before, now) = (stored.rows.len(), again.rows.len());
        if before != now {
            rows.push(row![name, Cell::EMPTY, "rows", before as u64, now as u64]);
        }
        for (number, (before, now)) in stored.rows.iter().zip(&again.rows).enumerate() {
            for ((column, before), now) in stored.head.columns.iter().zip(before).zip(now) {
                if before != now {
                    let column = column.name.as_ref();
                    rows.push(row![name, number as u64, column, before.clone(), now.clone()]);
                }
            }
        }
    }
    Table {
        head: Head {
            name: "changed_since",
            row_is: "one figure that differs, since facts were told or the experiment was changed after the analysis",
            columns: columns([
                ("table", "The table"),
                ("row", "Its row, from 0; empty where the number of rows differs"),
                ("column", "The column"),
                ("stored", "As it stands in the table: the figure of the stored analysis"),
                ("now", "What the analysis would say of the same moment now, and what the other tables give"),
            ]),
        },
        rows,
    }
}
