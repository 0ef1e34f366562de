//! What was agreed, a thing a row.

use super::{super::super::Report, Cell, Look, Sheet, look, number, role, said, text};
use crate::{
    analysis::document::CostParameter,
    domain::{
        experiment::{Economics, MarginScale, MetricPlan, Unit},
        time::Moment,
    },
    language::{Language, Message, say},
    metrics,
    presentation::{PlanView, words},
};

/// The rows, as they grow.
struct Rows {
    t: Language,
    rows: Vec<Vec<Cell>>,
}

impl Rows {
    /// An item of a level, measure or cost, in words, as a figure, with what it means.
    fn add(&mut self, item: Message, of: &str, words: Cell, value: Cell, note: Cell) {
        self.rows.push(vec![said(self.t, item), text(of), words, value, note]);
    }

    fn words(&mut self, item: Message, words: &str, note: Cell) {
        self.add(item, "", text(words), Cell::Empty, note);
    }

    fn count(&mut self, item: Message, count: u64, note: Message) {
        #[allow(clippy::cast_precision_loss, reason = "customers and days")]
        let count = number(Some(count as f64), Look::Count);
        self.add(item, "", Cell::Empty, count, said(self.t, note));
    }
}

pub(super) fn sheet(report: &Report) -> Sheet {
    let (t, experiment) = (report.language, report.experiment);
    let definition = &experiment.definition;
    let view = PlanView::new(t, experiment, report.log);
    let mut rows = Rows { t, rows: Vec::new() };
    rows.words(say("item-hypothesis"), &definition.hypothesis, Cell::Empty);
    rows.words(say("item-who"), &view.who, Cell::Empty);
    rows.words(say("item-rule"), &definition.eligibility.rule, said(t, say("note-rule")));
    rows.words(say("item-except"), &definition.eligibility.except, said(t, say("note-except")));
    for cohort in &definition.cohorts {
        let name = words::title(cohort.key.as_str());
        let hours = number(Some(cohort.first_response.hours()), Look::Decimal);
        let promise = text(words::promise(t, cohort));
        rows.add(say("heading-level"), &name, promise, hours, said(t, say("note-promise")));
        let weight = number(Some(f64::from(cohort.weight)), Look::Count);
        rows.add(say("item-weight"), &name, Cell::Empty, weight, said(t, say("note-weight")));
        let message = text(&cohort.message);
        rows.add(say("item-message"), &name, message, Cell::Empty, said(t, say("note-message")));
    }
    for metric in &definition.metrics {
        tell_metric(&mut rows, metric);
    }
    rows.words(say("plan-ship-if"), &view.ship_if, text(definition.decision.ship_when.to_string()));
    let tolerance = number(Some(definition.decision.loss_tolerance), Look::Decimal);
    rows.add(say("item-tolerance"), "", Cell::Empty, tolerance, said(t, say("note-tolerance")));
    let looks = t.tell(&words::looks(definition.analysis.looks));
    rows.words(say("item-looks"), &looks, Cell::Empty);
    let confidence = number(Some(definition.confidence), Look::Percent);
    rows.add(say("item-confidence"), "", Cell::Empty, confidence, said(t, say("note-confidence")));
    let planned = match definition.unit {
        Unit::Account => say("note-planned-accounts"),
        Unit::Customer => say("note-planned-customers"),
    };
    #[allow(clippy::cast_precision_loss, reason = "customers")]
    let size = number(Some(experiment.planned_units as f64), Look::Count);
    rows.add(say("item-size"), "", text(&view.size), size, said(t, planned));
    let starts = Cell::Time(Moment::start_of(definition.starts_on));
    rows.add(say("item-starts"), "", Cell::Empty, starts, Cell::Empty);
    rows.count(say("item-weeks"), u64::from(definition.planned_weeks), say("note-weeks"));
    let follow_up = u64::from(definition.analysis.follow_up_days);
    rows.count(say("item-follow-up"), follow_up, say("note-follow-up"));
    if let Some(costs) = &definition.economics {
        tell_costs(&mut rows, costs);
    }
    for amended in &view.amended {
        rows.words(say("item-amended"), amended, Cell::Empty);
    }
    Sheet {
        table: "Plan",
        name: say("sheet-plan"),
        row_is: say("sheet-plan-row"),
        columns: vec![
            (say("heading-item"), say("means-agreed")),
            (say("heading-of"), say("means-of")),
            (say("heading-text"), say("means-in-words")),
            (say("paper-value"), say("means-as-a-figure")),
            (say("heading-note"), say("means-row-note")),
        ],
        rows: rows.rows,
    }
}

fn tell_metric(rows: &mut Rows, metric: &MetricPlan) {
    let t = rows.t;
    let name = words::metric_label(t, &metric.metric);
    rows.add(say("heading-measure"), &name, role(t, Some(metric.role)), Cell::Empty, text(&metric.metric));
    let Some(margin) = metric.margin else { return };
    let about = metrics::find(&metric.metric).map(metrics::Kind::about);
    let relative = metric.margin_scale == MarginScale::Relative;
    let share = relative || about.is_none_or(|about| look(about.measure) == Look::Percent);
    let margin = Cell::Number(margin, if share { Look::Percent } else { Look::Decimal });
    let note = if relative { say("note-margin-relative") } else { say("note-margin-absolute") };
    rows.add(say("score-limit"), &name, Cell::Empty, margin, said(t, note));
}

fn tell_costs(rows: &mut Rows, costs: &Economics) {
    let (t, currency) = (rows.t, costs.currency.as_str());
    for (parameter, value) in [
        (CostParameter::AgentHour, costs.agent_hour),
        (CostParameter::GrossMargin, costs.gross_margin),
        (CostParameter::ReplacementCost, costs.replacement_cost),
    ] {
        let (name, look, note) = match parameter {
            CostParameter::AgentHour => (say("what-if-agent-hour"), Look::Decimal, text(currency)),
            CostParameter::GrossMargin => {
                (say("what-if-margin"), Look::Percent, said(t, say("note-of-revenue")))
            }
            CostParameter::ReplacementCost => (say("what-if-replacement"), Look::Decimal, text(currency)),
        };
        rows.add(say("item-assumed"), &t.tell(&name), Cell::Empty, Cell::Number(value, look), note);
    }
}
