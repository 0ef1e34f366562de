//! The tables of single units: who they are, what each metric has of them, and the facts behind that.

use super::table::{Cell, Column, Head, row};
use crate::{
    analysis::{
        accumulate::{Accumulator, Share},
        economics, leads, segments,
    },
    domain::{
        conversation::Reply,
        fold::Latest,
        ids::CustomerId,
        time::Wait,
        unit::{CustomerRecord, UnitRecord},
    },
    metrics::{self, Period, Talk, Unit, net_emotional_value},
};

/// A table of which each unit fills some rows.
pub(in crate::reports) struct UnitTable {
    name: &'static str,
    row_is: &'static str,
    columns: Vec<(Kind, Column)>,
    rows: fn(&Seen<'_>) -> Vec<Vec<Cell>>,
}

/// What a column's cells are, for files that know types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reports) enum Kind {
    Text,
    Number,
    /// A whole number.
    Count,
    Flag,
    Time,
}

impl UnitTable {
    /// Its name and columns in words.
    pub fn head(&self) -> Head {
        let columns = self.columns.iter().map(|(_, column)| column.clone()).collect();
        Head { name: self.name, row_is: self.row_is, columns }
    }

    /// What the columns' cells are.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.columns.iter().map(|(kind, _)| *kind)
    }

    /// The rows of one unit; none where the analysis does not count it.
    pub fn rows(&self, pass: &Accumulator<'_>, record: &UnitRecord) -> Vec<Vec<Cell>> {
        let Some(cohort) = pass.cohort_of(record) else { return Vec::new() };
        let unit = Unit::new(record, pass.context(), pass.level(cohort));
        (self.rows)(&Seen { pass, unit, cohort })
    }
}

/// Columns that the table always has.
fn known<const N: usize>(columns: [(Kind, &'static str, &'static str); N]) -> Vec<(Kind, Column)> {
    columns.map(|(kind, name, meaning)| (kind, Column::from((name, meaning)))).into()
}

/// A unit as the pass sees it.
struct Seen<'a> {
    pass: &'a Accumulator<'a>,
    unit: Unit<'a>,
    cohort: usize,
}

/// All of them.
pub(in crate::reports) fn tables(pass: &Accumulator<'_>) -> Vec<UnitTable> {
    vec![assignments(), units(pass), measures(), conversations(pass), facts()]
}

impl Seen<'_> {
    fn id(&self) -> &str {
        self.unit.record.unit.as_str()
    }
}

/// Attributes that are segments: those declared and the leads told.
fn attributes<'a>(pass: &'a Accumulator<'_>) -> impl Iterator<Item = &'a str> {
    let told = leads::told(pass).into_iter().map(|told| told.name);
    told.filter(|name| !segments::of_conversations(name))
}

fn assignments() -> UnitTable {
    let columns = known([
        (Kind::Text, "experiment", "Key of the experiment"),
        (Kind::Text, "unit_id", "The customer or account that was randomised"),
        (Kind::Text, "cohort", "Key of the cohort that it was given, for ever"),
        (Kind::Time, "assigned_at", "When that was decided, or told (UTC)"),
        (
            Kind::Text,
            "customer_id",
            "Who asked first, where the request that assigned it named a conversation",
        ),
        (Kind::Text, "conversation_id", "The conversation that the request named"),
        (Kind::Text, "attributes", "What was known of the unit then, as JSON"),
    ]);
    UnitTable {
        name: "assignments",
        row_is: "the assignment of one unit",
        columns,
        rows: |seen| {
            let record = seen.unit.record;
            let first = record.first_conversation.as_ref();
            vec![row![
                seen.pass.study.experiment.definition.key.as_str(),
                seen.id(),
                record.cohort.as_str(),
                record.assigned_at,
                first.map(|(customer, _)| customer.to_string()),
                first.map(|(_, conversation)| conversation.to_string()),
                serde_json::to_string(&record.attributes).unwrap_or_default(),
            ]]
        },
    }
}

fn units(pass: &Accumulator<'_>) -> UnitTable {
    let mut columns = known([
        (Kind::Text, "unit_id", "The customer or account that was randomised"),
        (Kind::Text, "cohort", "Key of its cohort, for ever"),
        (Kind::Time, "assigned_at", "When its window starts (UTC)"),
        (Kind::Count, "customers", "Customers that it consists of, those never heard of apart"),
        (
            Kind::Number,
            "base_revenue",
            "Revenue recorded for the month of assignment, in the experiment's currency",
        ),
        (
            Kind::Number,
            "base_carried",
            "Of that, the part whose figure of the last complete month was carried from an earlier one; empty where \
             the unit has no base or joined too late to be judged",
        ),
        (
            Kind::Number,
            "worth_months",
            "Whole UTC months after that of assignment, up to the last complete one: days / 30",
        ),
        (Kind::Number, "worth_hours", "Agent hours of the conversations opened in those months"),
        (Kind::Number, "worth_revenue", "Revenue of those months"),
        (Kind::Count, "worth_lost", "Customers lost by their end"),
    ]);
    columns.extend(attributes(pass).map(|name| {
        let meaning = format!("Attribute {name} as it was at assignment");
        (Kind::Text, Column { name: format!("segment_{name}").into(), meaning: meaning.into() })
    }));
    UnitTable {
        name: "units",
        row_is: "one unit that the analysis counts",
        columns,
        rows: |seen| {
            let unit = &seen.unit;
            let (base, month) = (unit.base_revenue(), unit.context.last_complete_month());
            let [hours, revenue, lost, months] = economics::parts(unit);
            let judged = base > 0.0 && unit.joined() < month;
            let mut row = row![
                seen.id(),
                unit.record.cohort.as_str(),
                unit.record.assigned_at,
                unit.record.customers.len() as u64,
                base,
                judged.then(|| unit.base_carried(month)),
                months,
                hours,
                revenue,
                lost,
            ];
            row.extend(
                attributes(seen.pass).map(|name| segments::value_of(unit.record, name).as_deref().into()),
            );
            vec![row]
        },
    }
}

fn measures() -> UnitTable {
    let columns = known([
        (Kind::Text, "unit_id", "The unit"),
        (Kind::Text, "metric", "Name of a metric that is a ratio of sums"),
        (Kind::Number, "numerator", "What the unit adds above the line: events, money, hours ..."),
        (Kind::Number, "denominator", "What it adds below the line"),
        (
            Kind::Number,
            "pre_numerator",
            "The same of the 90 days before assignment; empty without a pre-period",
        ),
        (Kind::Number, "pre_denominator", "The same below the line"),
    ]);
    UnitTable {
        name: "measures",
        row_is: "what one unit brings to one metric",
        columns,
        rows: |seen| {
            let row = |share: &Share<'_>| {
                let (y, x) = share.window;
                let (y0, x0) = (share.before.map(|before| before.0), share.before.map(|before| before.1));
                row![seen.id(), share.metric, y, x, y0, x0]
            };
            seen.pass.shares(&seen.unit).iter().map(row).collect()
        },
    }
}

fn conversations(pass: &Accumulator<'_>) -> UnitTable {
    let mut columns = known([
        (Kind::Text, "unit_id", "The unit"),
        (Kind::Text, "customer_id", "The customer who asked"),
        (Kind::Text, "conversation_id", "Its id in the help desk"),
        (Kind::Text, "period", "window: since assignment; pre: the 90 days before"),
        (Kind::Time, "opened_at", "When the customer's message opened it (UTC)"),
        (Kind::Text, "channel", "As told; empty where nothing was"),
        (Kind::Text, "topic", "As told; empty where nothing was"),
        (Kind::Time, "first_reply_at", "First reply by a human; empty: none until as_of"),
        (
            Kind::Number,
            "first_response_open_hours",
            "From opening to the first reply, or to as_of where there is none (censored), in hours of the cohort's \
             calendar; empty where the reply is dated before the question",
        ),
        (Kind::Number, "first_response_wall_hours", "The same on the wall clock"),
        (Kind::Flag, "answered", "true where the wait for a human ended; false: it lasted at as_of"),
        (Kind::Time, "first_closed_at", "First closing (UTC)"),
        (Kind::Time, "closed_at", "Closing in force at as_of (UTC); empty: never closed"),
        (
            Kind::Number,
            "resolution_open_hours",
            "From opening to closed_at, or to as_of where there is none, open hours",
        ),
        (Kind::Number, "handle_hours", "Agent hours of handling at that closing"),
        (Kind::Number, "after_contact_hours", "Agent hours of work after the contact at that closing"),
        (Kind::Time, "reopened_at", "First reopening (UTC)"),
        (Kind::Time, "first_rated_at", "First rating (UTC)"),
        (Kind::Count, "score", "Rating in force at as_of, 1 to 5; empty: not rated"),
        (
            Kind::Number,
            "emotional_value",
            "Positive less negative emotions named in it; empty where none is named",
        ),
        (
            Kind::Time,
            "due_at",
            "First response due, as told to the customer, else by the cohort's level (UTC)",
        ),
    ]);
    columns.extend(pass.study.experiment.definition.cohorts.iter().map(|cohort| {
        let meaning = format!("What the level of {} would promise it, on the wall clock", cohort.key);
        let name = format!("promised_wall_hours_{}", cohort.key);
        (Kind::Number, Column { name: name.into(), meaning: meaning.into() })
    }));
    UnitTable {
        name: "conversations",
        row_is: "one conversation of either period",
        columns,
        rows: |seen| {
            let mut talks: Vec<&Talk<'_>> = seen.unit.talks.iter().collect();
            talks.sort_by_key(|talk| (talk.customer, talk.id));
            talks.into_iter().map(|talk| conversation(seen, talk)).collect()
        },
    }
}

fn conversation(seen: &Seen<'_>, talk: &Talk<'_>) -> Vec<Cell> {
    let unit = &seen.unit;
    let as_of = unit.context.as_of;
    let (replied, answered) = match talk.first_reply(as_of) {
        Reply::Answered(at) => (Some(at), true),
        Reply::Waiting => (None, false),
    };
    let level = seen.pass.level(seen.cohort);
    let until = replied.unwrap_or(as_of);
    let open =
        |until| (until >= talk.opened_at).then(|| level.calendar.open_between(talk.opened_at, until).hours());
    let closed = talk.closing(as_of);
    let rating = talk.state.rated.as_of(as_of).map(|(_, rating)| rating);
    let named = rating.filter(|rating| !rating.emotions.is_empty());
    let mut row = row![
        seen.id(),
        unit.record.customers[talk.customer].id.as_str(),
        talk.id.as_str(),
        if talk.period == Period::Window { "window" } else { "pre" },
        talk.opened_at,
        talk.subject.channel.as_deref(),
        talk.subject.topic.as_deref(),
        replied,
        open(until),
        (until >= talk.opened_at).then(|| (until - talk.opened_at).hours()),
        answered,
        talk.first_closed(as_of),
        closed.map(|(at, _)| at),
        open(closed.map_or(as_of, |(at, _)| at)),
        closed.map(|(_, closing)| closing.handle_seconds / 3600.0),
        closed.map(|(_, closing)| closing.after_contact_seconds / 3600.0),
        talk.reopened(as_of),
        talk.ratings(as_of).next().map(|(at, _)| at),
        rating.map(|rating| f64::from(rating.score)),
        named.map(net_emotional_value::of),
        unit.due(talk),
    ];
    let cohorts = 0..seen.pass.study.experiment.definition.cohorts.len();
    row.extend(cohorts.map(|cohort| {
        let due = seen.pass.level(cohort).due(talk.opened_at);
        Cell::from(due.map(|due| Wait::hours(due - talk.opened_at)))
    }));
    row
}

fn facts() -> UnitTable {
    let columns = known([
        (Kind::Text, "unit_id", "The unit"),
        (Kind::Text, "customer_id", "The customer it was told of"),
        (Kind::Text, "fact", "revenue: of a month; churned: it left; figure: metric.recorded"),
        (Kind::Text, "name", "Currency of revenue; name of a figure"),
        (Kind::Time, "at", "When; of revenue the start of its month (UTC)"),
        (Kind::Number, "value", "Amount or figure"),
    ]);
    UnitTable {
        name: "facts",
        row_is: "one fact about a customer, conversations apart",
        columns,
        rows: |seen| seen.unit.record.customers.iter().flat_map(|customer| told(seen, customer)).collect(),
    }
}

/// Revenue, departures and the figures of the user's own that the experiment asks for.
fn told(seen: &Seen<'_>, record: &CustomerRecord) -> Vec<Vec<Cell>> {
    let as_of = seen.unit.context.as_of;
    let CustomerRecord { id, facts, .. } = record;
    let line = |fact: &str, name: &str, at, value: Option<f64>| -> Vec<Cell> {
        let id: &CustomerId = id;
        row![seen.id(), id.as_str(), fact, name, at, value]
    };
    let revenue = facts.revenue.iter().filter_map(|(month, told)| {
        let revenue = told.now()?;
        Some(line("revenue", revenue.currency.as_str(), month.start(), Some(revenue.amount)))
    });
    let left = facts.churned.iter().filter(|at| **at <= as_of).map(|at| line("churned", "", *at, None));
    let plans = seen.pass.study.experiment.definition.metrics.iter();
    let own = plans.filter(|plan| metrics::find(&plan.metric).is_none());
    let mut names: Vec<&String> =
        own.flat_map(|plan| [Some(&plan.metric), plan.denominator.as_ref()]).flatten().collect();
    names.sort();
    names.dedup();
    let figures = names.into_iter().flat_map(|name| {
        let versions = facts.figures.get(name).into_iter().flat_map(Latest::versions);
        versions
            .filter(|(at, _)| *at <= as_of)
            .map(|(at, value)| line("figure", name, at, Some(*value)))
            .collect::<Vec<_>>()
    });
    revenue.chain(left).chain(figures).collect()
}
