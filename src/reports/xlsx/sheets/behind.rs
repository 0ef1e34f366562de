//! What stands behind the charts, and whether to believe it.

use std::iter;

use super::{
    super::super::Report, Cell, Look, Sheet, change_columns, difference, difference_columns, label, level,
    look, measure, number, range, said, scale, text, yes,
};
use crate::{
    analysis::document::{Analysis, CheckState, WaitClock},
    domain::experiment::MarginScale,
    language::{Language, say},
    presentation::Milestone,
};

pub(super) fn over_time(report: &Report) -> Sheet {
    let (t, analysis) = (report.language, report.analysis);
    let milestones = Milestone::of(t, report.experiment, analysis, report.log);
    let mut rows = Vec::new();
    for series in &analysis.series {
        let look = match (series.scale, measure(analysis, &series.metric)) {
            (MarginScale::Absolute, Some(measure)) => difference(measure),
            (MarginScale::Absolute, None) => Look::Decimal,
            (MarginScale::Relative, _) => Look::Points,
        };
        let mut marked = milestones.iter().peekable();
        for point in &series.points {
            let until = iter::from_fn(|| marked.next_if(|milestone| milestone.at <= point.at));
            let happened = until.map(|milestone| milestone.what.as_str()).collect::<Vec<_>>().join("; ");
            let mut row = vec![
                label(t, &series.metric),
                level(&series.treatment),
                Cell::Time(point.at),
                number(Some(point.units as f64), Look::Count),
            ];
            row.extend(range(&point.range, look));
            row.extend([scale(t, series.scale), text(happened)]);
            rows.push(row);
        }
    }
    let mut columns = vec![
        (say("heading-measure"), say("means-measure")),
        (say("heading-level"), say("means-level-compared")),
        (say("heading-until"), say("means-until")),
        (say("column-customers"), say("means-joined")),
    ];
    columns.extend(difference_columns(say("means-difference-so-far")));
    columns.extend([
        (say("heading-scale"), say("means-scale")),
        (say("heading-happened"), say("means-happened")),
    ]);
    Sheet { table: "Over_time", name: say("toc-time"), row_is: say("sheet-over-time-row"), columns, rows }
}

pub(super) fn response_times(t: Language, analysis: &Analysis) -> Sheet {
    let rows = analysis.waiting.iter().map(|curve| {
        let percentile = |share: f64| {
            let found = curve.percentiles.iter().find(|p| (p.share - share).abs() < 1e-9);
            range(&found.map(|p| p.hours).unwrap_or_default(), Look::Decimal)
        };
        let clock = match curve.clock {
            WaitClock::Open => say("cell-opening-hours"),
            WaitClock::Wall => say("cell-all-hours"),
        };
        let mut row = vec![
            level(&curve.cohort),
            said(t, clock),
            number(Some(curve.conversations as f64), Look::Count),
            number(Some(curve.answered as f64), Look::Count),
            number(Some(curve.promised.hours()), Look::Decimal),
        ];
        row.extend(range(&curve.within_promise_range, Look::Percent));
        row.extend(percentile(0.5));
        row.extend(percentile(0.9));
        row.extend(range(&curve.restricted_mean, Look::Decimal));
        row.push(number(Some(curve.horizon_hours), Look::Decimal));
        row
    });
    Sheet {
        table: "Response_times",
        name: say("toc-waits"),
        row_is: say("sheet-response-times-row"),
        columns: vec![
            (say("heading-level"), say("means-level")),
            (say("heading-clock"), say("means-clock")),
            (say("waits-conversations"), say("means-conversations")),
            (say("heading-answered"), say("means-answered")),
            (say("heading-promised"), say("means-promised")),
            (say("heading-within"), say("means-within")),
            (say("heading-within-from"), say("means-lower-of-it")),
            (say("heading-within-to"), say("means-upper-end")),
            (say("heading-median"), say("means-median")),
            (say("heading-median-from"), say("means-lower-of-it")),
            (say("heading-median-to"), say("means-upper-or-open")),
            (say("heading-nine"), say("means-nine")),
            (say("heading-nine-from"), say("means-lower-of-it")),
            (say("heading-nine-to"), say("means-upper-or-open")),
            (say("heading-mean"), say("means-mean")),
            (say("heading-mean-from"), say("means-lower-of-it")),
            (say("heading-mean-to"), say("means-upper-end")),
            (say("heading-horizon"), say("means-horizon")),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn checks(t: Language, analysis: &Analysis) -> Sheet {
    let rows = analysis.health.checks.iter().map(|check| {
        let state = match check.state {
            CheckState::Passed => say("cell-passed"),
            CheckState::Note => say("cell-note"),
            CheckState::Failed => say("cell-failed"),
        };
        vec![text(&check.title), said(t, state), text(&check.detail), text(&check.key)]
    });
    Sheet {
        table: "Checks",
        name: say("toc-checks"),
        row_is: say("sheet-checks-row"),
        columns: vec![
            (say("heading-finding"), say("means-finding")),
            (say("list-state"), say("means-state")),
            (say("paper-figures"), say("means-figures")),
            (say("heading-key"), say("means-check-key")),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn groups(t: Language, analysis: &Analysis) -> Sheet {
    let rows = analysis.segments.iter().map(|group| {
        let (value, by) = measure(analysis, &group.metric)
            .map_or((Look::Decimal, Look::Decimal), |measure| (look(measure), difference(measure)));
        let mut row = vec![
            level(&group.segment),
            text(&group.value),
            yes(t, group.declared),
            label(t, &group.metric),
            level(&group.treatment),
            number(Some(group.units as f64), Look::Count),
            number(group.control_value, value),
            number(group.treatment_value, value),
        ];
        row.extend(range(&group.absolute, by));
        row.extend(range(&group.relative, Look::Points));
        row.extend([number(group.p_value_adjusted, Look::Probability), said(t, say("note-lead"))]);
        row
    });
    let mut columns = vec![
        (say("paper-group"), say("means-group")),
        (say("paper-value"), say("means-group-value")),
        (say("heading-named-before"), say("means-named-before")),
        (say("heading-measure"), say("means-measure")),
        (say("heading-level"), say("means-level-compared")),
        (say("column-customers"), say("means-both")),
        (say("heading-usual"), say("means-usual")),
        (say("heading-this"), say("means-this")),
    ];
    columns.extend(difference_columns(say("means-difference")));
    columns.extend(change_columns());
    columns.extend([
        (say("heading-p-corrected"), say("means-p-groups")),
        (say("heading-note"), say("means-group-note")),
    ]);
    Sheet {
        table: "Groups",
        name: say("toc-groups"),
        row_is: say("sheet-groups-row"),
        columns,
        rows: rows.collect(),
    }
}
