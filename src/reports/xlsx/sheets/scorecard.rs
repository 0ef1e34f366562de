//! Every measure of every level against the usual one.

use super::{
    Cell, Look, Sheet, change_columns, difference, difference_columns, label, level, look, number, range,
    role, said, scale, text, unit, yes,
};
use crate::{
    analysis::document::{Analysis, MetricComparison, MetricResult},
    domain::{
        experiment::{Definition, Direction, MarginScale, Role},
        ids::CohortKey,
    },
    language::{Language, say},
    presentation::words,
    reports::tables::word,
};

pub(super) fn sheet(t: Language, definition: &Definition, analysis: &Analysis) -> Sheet {
    let rows = analysis.metrics.iter().flat_map(|metric| {
        metric.comparisons.iter().map(move |compared| row(t, definition, analysis, metric, compared))
    });
    let mut columns = vec![
        (say("heading-measure"), say("means-measure-defined")),
        (say("heading-counts-as"), say("means-counts-as")),
        (say("heading-level"), say("means-level-compared")),
        (say("heading-usual"), say("means-usual")),
        (say("heading-this"), say("means-this")),
        (say("heading-unit"), say("means-unit")),
        (say("heading-good-way"), say("means-good-way")),
    ];
    columns.extend(difference_columns(say("means-difference-adjusted")));
    columns.extend(change_columns());
    columns.extend([
        (say("score-limit"), say("means-limit")),
        (say("heading-limit-on"), say("means-limit-on")),
        (say("score-result"), say("means-result")),
        (say("heading-conclusion"), say("note-for-programs")),
        (say("heading-p"), say("means-p")),
        (say("heading-p-corrected"), say("means-p-corrected")),
        (say("heading-adjusted"), say("means-adjusted")),
        (say("heading-key"), say("means-measure-key")),
        (say("heading-note"), say("means-measure-note")),
    ]);
    Sheet {
        table: "Scorecard",
        name: say("sheet-scorecard"),
        row_is: say("sheet-scorecard-row"),
        columns,
        rows: rows.collect(),
    }
}

fn row(
    t: Language,
    definition: &Definition,
    analysis: &Analysis,
    metric: &MetricResult,
    compared: &MetricComparison,
) -> Vec<Cell> {
    let (look, by) = (look(metric.unit_of_measure), difference(metric.unit_of_measure));
    let value = |cohort: &CohortKey| {
        number(metric.cohorts.iter().find(|c| c.cohort == *cohort).and_then(|c| c.value), look)
    };
    let relative = compared.margin_scale == Some(MarginScale::Relative);
    let judged = if relative { &compared.relative } else { &compared.absolute };
    let more_is_better = metric.direction == Direction::Increase;
    let sign = if more_is_better { 1.0 } else { -1.0 };
    let worse = [judged.lower, judged.upper].iter().all(|end| end.is_some_and(|end| sign * end < 0.0));
    let (result, _) = words::conclusion(compared.conclusion, worse, metric.role == Some(Role::Primary));
    let mut row = vec![
        label(t, &metric.metric),
        role(t, metric.role),
        level(&compared.treatment),
        value(&analysis.control),
        value(&compared.treatment),
        said(t, unit(metric.unit_of_measure, definition)),
        said(t, if more_is_better { say("cell-more-is-better") } else { say("cell-less-is-better") }),
    ];
    row.extend(range(&compared.absolute, by));
    row.extend(range(&compared.relative, Look::Points));
    row.extend([
        number(compared.margin, if relative { Look::Percent } else { look }),
        compared.margin_scale.map_or(Cell::Empty, |of| scale(t, of)),
        said(t, result),
        text(word(&compared.conclusion)),
        number(compared.p_value, Look::Probability),
        number(compared.p_value_adjusted, Look::Probability),
        yes(t, compared.adjusted),
        text(&metric.metric),
        text(metric.notes.join(t.between_sentences())),
    ]);
    row
}
