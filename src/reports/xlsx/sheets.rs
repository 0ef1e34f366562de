//! What the sheets hold.

use super::{
    super::{Report, tables::word},
    book::{Cell, Look, number, text},
};
use crate::{
    analysis::document::{Analysis, CheckState, CostParameter, MetricResult, Range, WaitClock},
    domain::experiment::{Experiment, LooksKind, MarginScale, Role, Unit},
    language::Language,
    metrics::Measure,
    presentation::{PlanView, words},
};

/// A sheet: one table.
#[derive(Debug)]
pub(in crate::reports) struct Sheet {
    pub name: &'static str,
    /// What one row is.
    pub row_is: &'static str,
    /// Headings, with what they mean.
    pub columns: Vec<(&'static str, &'static str)>,
    pub rows: Vec<Vec<Cell>>,
}

/// All sheets but the cover, in the order of the result page.
pub(super) fn all(report: &Report) -> Vec<Sheet> {
    let (experiment, analysis) = (report.experiment, report.analysis);
    let mut sheets = vec![
        summary(report),
        scorecard(experiment, analysis),
        over_time(analysis),
        response_times(analysis),
        checks(analysis),
        groups(analysis),
        plan(experiment),
    ];
    sheets.push(dictionary(&sheets, analysis));
    sheets
}

/// How a metric's own values are shown.
fn look(measure: Measure) -> Look {
    match measure {
        Measure::Share | Measure::Ratio => Look::Percent,
        Measure::Money | Measure::Count | Measure::Hours | Measure::Rate => Look::Decimal,
    }
}

/// How its differences are shown.
fn difference(measure: Measure) -> Look {
    if look(measure) == Look::Percent { Look::Points } else { Look::Decimal }
}

fn range(range: &Range, look: Look) -> [Cell; 3] {
    [range.estimate, range.lower, range.upper].map(|value| number(value, look))
}

fn label(metric: &str) -> Cell {
    text(words::metric_label(Language::English, metric))
}

fn level(key: &impl std::fmt::Display) -> Cell {
    text(words::title(&key.to_string()))
}

fn yes(flag: bool) -> Cell {
    text(if flag { "yes" } else { "no" })
}

fn summary(report: &Report) -> Sheet {
    let analysis = report.analysis;
    let mut rows = Vec::new();
    let verdicts = if analysis.verdicts.is_empty() {
        std::slice::from_ref(&analysis.verdict)
    } else {
        &analysis.verdicts
    };
    for verdict in verdicts {
        let mut tell = |item: &str, words: &str, note: &str| {
            rows.push(vec![
                text(item),
                level(&verdict.cohort),
                text(words),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                text(note),
            ]);
        };
        tell("Recommendation", &verdict.kicker, "");
        tell("Headline", &verdict.headline, "");
        tell("Verdict", &verdict.sentence, "");
        verdict.reasons.iter().for_each(|reason| tell("Reason", reason, ""));
        verdict.know_before.iter().for_each(|line| tell("Know before you decide", line, ""));
        tell("Decision", &word(&verdict.decision), "As programs read it");
        tell("Outcome", &word(&verdict.outcome), "Row of the verdict table that applied");
    }
    if let Some(decided) = report.decided {
        let level = level(&analysis.verdict.cohort);
        let what = format!("{}, from {}: {}", decided.what, decided.from, decided.why);
        let note = format!("Recorded by {}, agreed by {}", decided.who, decided.agreed_by);
        let empty = || Cell::Empty;
        rows.push(vec![
            text("What people decided"),
            level,
            text(what),
            empty(),
            empty(),
            empty(),
            empty(),
            text(note),
        ]);
    }
    if let Some(economics) = &analysis.economics {
        let currency = economics.currency.as_str();
        let mut money = |item: &str, found: &Range, unit: &str, note: &str| {
            let [estimate, lower, upper] =
                range(found, if unit.contains("year") { Look::Money } else { Look::Decimal });
            let level = level(&economics.treatment);
            rows.push(vec![text(item), level, Cell::Empty, estimate, lower, upper, text(unit), text(note)]);
        };
        if let Some(year) = &economics.per_year {
            let unit = format!("{currency} a year, all customers");
            money("Staff time saved", &year.saving, &unit, "");
            money("Lost renewals and replacements", &year.retention_loss, &unit, "");
            money("Net gain", &year.net_value, &unit, "Saved less lost, on the same customers and days");
        }
        if let Some(month) = &economics.per_customer_month {
            let unit = format!("{currency} per customer and 30 days");
            money("Staff time saved", &month.saving_range, &unit, "");
            money("Lost renewals and replacements", &month.retention_loss_range, &unit, "");
            money("Net gain", &month.net_value, &unit, "");
        }
    }
    for cohort in &analysis.cohorts {
        for (item, count) in
            [("Customers", cohort.units), ("Conversations", cohort.conversations), ("Ratings", cohort.rated)]
        {
            let count = number(Some(count as f64), Look::Count);
            rows.push(vec![
                text(item),
                level(&cohort.cohort),
                Cell::Empty,
                count,
                Cell::Empty,
                Cell::Empty,
                text("count"),
                Cell::Empty,
            ]);
        }
    }
    Sheet {
        name: "Summary",
        row_is: "one thing to know: words of the verdict, a sum, or a count",
        columns: vec![
            ("Item", "What the row tells"),
            ("Level", "The service level that it is about"),
            ("Text", "The verdict's own words, the same in every file"),
            ("Best estimate", "The figure"),
            ("From", "Lower end of its plausible range; empty: open"),
            ("To", "Upper end of its plausible range; empty: open"),
            ("Unit", "What the figure is measured in"),
            ("Note", "What to know about the row"),
        ],
        rows,
    }
}

fn scorecard(experiment: &Experiment, analysis: &Analysis) -> Sheet {
    let mut rows = Vec::new();
    for metric in &analysis.metrics {
        for compared in &metric.comparisons {
            let (look, by) = (look(metric.unit_of_measure), difference(metric.unit_of_measure));
            let value = |cohort: &crate::domain::ids::CohortKey| {
                number(metric.cohorts.iter().find(|c| c.cohort == *cohort).and_then(|c| c.value), look)
            };
            let judged = if compared.margin_scale == Some(MarginScale::Relative) {
                &compared.relative
            } else {
                &compared.absolute
            };
            let sign =
                if metric.direction == crate::domain::experiment::Direction::Increase { 1.0 } else { -1.0 };
            let worse =
                [judged.lower, judged.upper].iter().all(|end| end.is_some_and(|end| sign * end < 0.0));
            let (result, _) =
                words::conclusion(compared.conclusion, worse, metric.role == Some(Role::Primary));
            let limit_look =
                if compared.margin_scale == Some(MarginScale::Relative) { Look::Percent } else { look };
            let mut row = vec![
                label(&metric.metric),
                text(role(metric.role)),
                level(&compared.treatment),
                value(&analysis.control),
                value(&compared.treatment),
                text(unit(metric, experiment)),
                text(if sign > 0.0 { "more is better" } else { "less is better" }),
            ];
            row.extend(range(&compared.absolute, by));
            row.extend(range(&compared.relative, Look::Points));
            row.extend([
                number(compared.margin, limit_look),
                text(compared.margin_scale.map(|scale| word(&scale)).unwrap_or_default()),
                text(Language::English.tell(&result)),
                text(word(&compared.conclusion)),
                number(compared.p_value, Look::Probability),
                number(compared.p_value_adjusted, Look::Probability),
                yes(compared.adjusted),
                text(&metric.metric),
                text(metric.notes.join(" ")),
            ]);
            rows.push(row);
        }
    }
    Sheet {
        name: "Scorecard",
        row_is: "one measure of one level compared with the usual level",
        columns: vec![
            ("Measure", "What is measured; defined below"),
            (
                "Counts as",
                "Limit: must not get worse by more than the limit; hoped for; for information; also measured",
            ),
            ("Level", "The level compared with the usual one"),
            ("Usual level", "The measure's value at the usual level"),
            ("This level", "Its value at this level"),
            ("Unit", "What the values are measured in"),
            ("Good way", "Whether more or less is better"),
            (
                "Difference",
                "This level less the usual one, in the unit of the values, adjusted where Adjusted is yes",
            ),
            ("Difference from", "Lower end of its plausible range; empty: open"),
            ("Difference to", "Upper end; empty: open"),
            ("Change", "The difference over the usual level's value"),
            ("Change from", "Lower end of its plausible range; empty: open"),
            ("Change to", "Upper end; empty: open"),
            ("Limit", "Largest loss that was agreed to be acceptable"),
            ("Limit on", "relative: of Change; absolute: of Difference"),
            ("Result", "What the range allows one to say"),
            ("Conclusion", "The same as programs read it"),
            ("p", "One-sided against the limit, else two-sided"),
            ("p corrected", "After correction over the measures for information"),
            ("Adjusted", "Whether the estimate is adjusted by the 90 days before"),
            ("Key", "The measure's name in files and in the API"),
            ("Note", "What limits the figure, or why there is none"),
        ],
        rows,
    }
}

fn role(role: Option<Role>) -> &'static str {
    match role {
        Some(Role::Guardrail) => "limit",
        Some(Role::Primary) => "hoped for",
        Some(Role::Secondary) => "for information",
        None => "also measured",
    }
}

fn unit(metric: &MetricResult, experiment: &Experiment) -> String {
    match metric.unit_of_measure {
        Measure::Share => "share".to_owned(),
        Measure::Ratio => "ratio".to_owned(),
        Measure::Count => "number".to_owned(),
        Measure::Hours => "hours".to_owned(),
        Measure::Rate => "conversations per agent hour".to_owned(),
        Measure::Money => match &experiment.definition.economics {
            Some(economics) => format!("{} per customer and 30 days", economics.currency),
            None => "money per customer and 30 days".to_owned(),
        },
    }
}

fn over_time(analysis: &Analysis) -> Sheet {
    let mut rows = Vec::new();
    for series in &analysis.series {
        let measure = analysis.metrics.iter().find(|m| m.metric == series.metric).map(|m| m.unit_of_measure);
        let look = match (series.scale, measure) {
            (MarginScale::Absolute, Some(measure)) => difference(measure),
            (MarginScale::Absolute, None) => Look::Decimal,
            (MarginScale::Relative, _) => Look::Points,
        };
        for point in &series.points {
            let mut row = vec![
                label(&series.metric),
                level(&series.treatment),
                Cell::Time(point.at),
                number(Some(point.units as f64), Look::Count),
            ];
            row.extend(range(&point.range, look));
            row.push(text(word(&series.scale)));
            rows.push(row);
        }
    }
    Sheet {
        name: "Over time",
        row_is: "a measure's difference with all facts until the end of a day",
        columns: vec![
            ("Measure", "What is measured"),
            ("Level", "The level compared with the usual one"),
            ("Until", "End of the day, or the moment of the analysis (UTC)"),
            ("Customers", "Customers or accounts that had joined until then"),
            ("Difference", "This level against the usual one"),
            ("Difference from", "Lower end of its plausible range; empty: open"),
            ("Difference to", "Upper end; empty: open"),
            ("Scale", "relative: a part of the usual level's value; absolute: in the measure's unit"),
        ],
        rows,
    }
}

fn response_times(analysis: &Analysis) -> Sheet {
    let rows = analysis.waiting.iter().map(|curve| {
        let percentile = |share: f64| {
            let found = curve.percentiles.iter().find(|p| (p.share - share).abs() < 1e-9);
            range(&found.map(|p| p.hours).unwrap_or_default(), Look::Decimal)
        };
        let mut row = vec![
            level(&curve.cohort),
            text(match curve.clock {
                WaitClock::Open => "opening hours",
                WaitClock::Wall => "all hours",
            }),
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
        name: "Response times",
        row_is: "the first response times of one level by one clock",
        columns: vec![
            ("Level", "The service level"),
            (
                "Clock",
                "opening hours: time in which the level's calendar is open; all hours: the clock on the wall",
            ),
            ("Conversations", "Conversations since assignment"),
            ("Answered", "Of these, answered by a person"),
            ("Promised hours", "What the level promises"),
            (
                "Within promise",
                "Share answered within the promise, those still waiting counted (Kaplan–Meier)",
            ),
            ("Within from", "Lower end of its plausible range"),
            ("Within to", "Upper end"),
            ("Median hours", "By when half were answered"),
            ("Median from", "Lower end of its plausible range"),
            ("Median to", "Upper end; empty: open"),
            ("90% hours", "By when nine in ten were answered; empty: fewer were"),
            ("90% from", "Lower end of its plausible range"),
            ("90% to", "Upper end; empty: open"),
            ("Mean hours", "Mean wait, none counted beyond Counted up to"),
            ("Mean from", "Lower end of its plausible range"),
            ("Mean to", "Upper end"),
            ("Counted up to", "Hours up to which waits are counted in the mean"),
        ],
        rows: rows.collect(),
    }
}

fn checks(analysis: &Analysis) -> Sheet {
    let rows = analysis.health.checks.iter().map(|check| {
        let state = match check.state {
            CheckState::Passed => "passed",
            CheckState::Note => "note",
            CheckState::Failed => "failed",
        };
        vec![text(&check.title), text(state), text(&check.detail), text(&check.key)]
    });
    Sheet {
        name: "Checks",
        row_is: "one check of the figures",
        columns: vec![
            ("Finding", "What was found"),
            ("State", "passed; note: know of it; failed: do not use the figures"),
            ("Figures", "The figures behind it"),
            ("Key", "What is checked, as programs read it"),
        ],
        rows: rows.collect(),
    }
}

fn groups(analysis: &Analysis) -> Sheet {
    let rows = analysis.segments.iter().map(|group| {
        let measure = analysis.metrics.iter().find(|m| m.metric == group.metric).map(|m| m.unit_of_measure);
        let (value, by) = measure.map_or((Look::Decimal, Look::Decimal), |m| (look(m), difference(m)));
        let mut row = vec![
            level(&group.segment),
            text(&group.value),
            yes(group.declared),
            label(&group.metric),
            level(&group.treatment),
            number(Some(group.units as f64), Look::Count),
            number(group.control_value, value),
            number(group.treatment_value, value),
        ];
        row.extend(range(&group.absolute, by));
        row.extend(range(&group.relative, Look::Points));
        row.extend([
            number(group.p_value_adjusted, Look::Probability),
            text("A lead to follow, not a finding"),
        ]);
        row
    });
    Sheet {
        name: "Groups",
        row_is: "a measure within one group of customers or conversations",
        columns: vec![
            ("Group", "What the group goes by"),
            ("Value", "Which group"),
            ("Named before", "yes: the plan named it before the start; no: a lead that was looked for"),
            ("Measure", "What is measured"),
            ("Level", "The level compared with the usual one"),
            ("Customers", "Customers or accounts of both levels"),
            ("Usual level", "The measure's value at the usual level"),
            ("This level", "Its value at this level"),
            ("Difference", "This level less the usual one, not adjusted"),
            ("Difference from", "Lower end of its plausible range; empty: open"),
            ("Difference to", "Upper end; empty: open"),
            ("Change", "The difference over the usual level's value"),
            ("Change from", "Lower end of its plausible range; empty: open"),
            ("Change to", "Upper end; empty: open"),
            ("p corrected", "Of no difference, corrected over the groups of a measure"),
            ("Note", "What to make of it"),
        ],
        rows: rows.collect(),
    }
}

fn plan(experiment: &Experiment) -> Sheet {
    let definition = &experiment.definition;
    let view = PlanView::new(Language::English, experiment);
    let mut rows = Vec::new();
    let mut add = |item: &str, of: &str, words: &str, value: Cell, note: &str| {
        rows.push(vec![text(item), text(of), text(words), value, text(note)]);
    };
    add("Hypothesis", "", &definition.hypothesis, Cell::Empty, "");
    add("Who takes part", "", &view.who, Cell::Empty, "");
    add("Rule", "", &definition.eligibility.rule, Cell::Empty, "CEL over the customer's attributes");
    add(
        "Left out",
        "",
        &definition.eligibility.except,
        Cell::Empty,
        "CEL over the conversation: these get the usual level",
    );
    for cohort in &definition.cohorts {
        let name = words::title(cohort.key.as_str());
        let hours = number(Some(cohort.first_response.hours()), Look::Decimal);
        add(
            "Level",
            &name,
            &words::promise(Language::English, cohort),
            hours,
            "Promised hours of the calendar's open time",
        );
        add(
            "Weight",
            &name,
            "",
            number(Some(f64::from(cohort.weight)), Look::Count),
            "Part of the customers, relative to the other weights",
        );
        add("Message", &name, &cohort.message, Cell::Empty, "What the customer is told");
    }
    for metric in &definition.metrics {
        let name = words::metric_label(Language::English, &metric.metric);
        add("Measure", &name, role(Some(metric.role)), Cell::Empty, &metric.metric);
        if let Some(margin) = metric.margin {
            let about = crate::metrics::find(&metric.metric).map(crate::metrics::Kind::about);
            let share = about.is_none_or(|about| look(about.measure) == Look::Percent)
                || metric.margin_scale == MarginScale::Relative;
            let note = if metric.margin_scale == MarginScale::Relative {
                "Of the usual level's value"
            } else {
                "In the measure's unit"
            };
            add(
                "Limit",
                &name,
                "",
                Cell::Number(margin, if share { Look::Percent } else { Look::Decimal }),
                note,
            );
        }
    }
    add("Ship if", "", &view.ship_if, Cell::Empty, &definition.decision.ship_when.to_string());
    add(
        "Loss tolerance",
        "",
        "",
        number(Some(definition.decision.loss_tolerance), Look::Decimal),
        "Money per customer and 30 days that net value may lack",
    );
    let looks = match definition.analysis.looks {
        LooksKind::Fixed => "once, at the planned end",
        LooksKind::AlwaysValid => "on any day",
        LooksKind::GroupSequential => "at the looks that were planned",
    };
    add("Looked at", "", looks, Cell::Empty, "");
    add("Confidence", "", "", number(Some(definition.confidence), Look::Percent), "Of every plausible range");
    let unit = if definition.unit == Unit::Account { "accounts" } else { "customers" };
    add(
        "Size",
        "",
        &view.size,
        number(Some(experiment.planned_units as f64), Look::Count),
        &format!("Planned {unit}"),
    );
    add("Starts", "", "", Cell::Time(crate::domain::time::Moment::start_of(definition.starts_on)), "");
    add("Weeks", "", "", number(Some(f64::from(definition.planned_weeks)), Look::Count), "Of joining");
    add(
        "Follow-up",
        "",
        "",
        number(Some(f64::from(definition.analysis.follow_up_days)), Look::Count),
        "Days that each customer is followed before revenue is judged",
    );
    if let Some(costs) = &definition.economics {
        let mut cost = |parameter: CostParameter, value: f64, look: Look, note: &str| {
            add("Assumed", &words::title(&word(&parameter)), "", Cell::Number(value, look), note);
        };
        cost(CostParameter::AgentHour, costs.agent_hour, Look::Decimal, costs.currency.as_str());
        cost(CostParameter::GrossMargin, costs.gross_margin, Look::Percent, "Part of revenue");
        cost(CostParameter::ReplacementCost, costs.replacement_cost, Look::Decimal, costs.currency.as_str());
    }
    Sheet {
        name: "Plan",
        row_is: "one thing that was agreed",
        columns: vec![
            ("Item", "What was agreed"),
            ("Of", "The level, measure or cost that it is about"),
            ("Text", "In words"),
            ("Value", "As a figure"),
            ("Note", "What the row means"),
        ],
        rows,
    }
}

/// Every column of the other sheets, and every measure.
fn dictionary(sheets: &[Sheet], analysis: &Analysis) -> Sheet {
    let columns = sheets.iter().flat_map(|sheet| {
        sheet.columns.iter().map(|(heading, meaning)| [sheet.name, heading, meaning].map(text).into())
    });
    let measures = analysis.metrics.iter().map(|metric| {
        let (label, definition) = words::metric(Language::English, &metric.metric);
        vec![text("Measure"), text(label), text(definition)]
    });
    let (sheet, name, meaning) = ("Sheet", "Name", "Meaning");
    Sheet {
        name: "Dictionary",
        row_is: "one column of a sheet, or one measure, with what it means",
        columns: vec![
            (sheet, "The sheet; Measure for the measures of the scorecard"),
            (name, "The column's heading, or the measure"),
            (meaning, "What it says"),
        ],
        rows: columns.chain(measures).collect(),
    }
}
