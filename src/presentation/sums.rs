//! What a year of the slower level is worth.

use super::{Look, numbers, numbers::Money, span, words};
use crate::analysis::document::{CostParameter, EconomicsResult, Range, Sensitivity, YearlySums};
use crate::charts::{Figure, FigureTable, SumBar, SumsChart, Tone};
use crate::language::{Language, Number, Slot, say};

/// The section of the sums.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the section")]
pub struct SumsView {
    pub heading: String,
    pub lede: String,
    pub figure: Figure,
    pub break_even: Option<String>,
    pub assumptions: Vec<String>,
    pub what_if: Vec<WhatIf>,
}

/// Net gain a year where one thing costs more or less than assumed.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the table's group")]
pub struct WhatIf {
    pub title: String,
    pub rows: Vec<WhatIfRow>,
    pub turns: Option<String>,
}

/// One cost of it.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the cells of the row")]
pub struct WhatIfRow {
    pub value: String,
    pub assumed: bool,
    pub gain: String,
    pub range: String,
}

impl SumsView {
    pub(crate) fn new(look: Look) -> Result<Option<Self>, askama::Error> {
        let Some((economics, yearly)) =
            look.analysis.economics.as_ref().and_then(|e| Some((e, e.per_year.as_ref()?)))
        else {
            return Ok(None);
        };
        let money = rounding(look.t, economics, yearly);
        let level = words::title(economics.treatment.as_str());
        Ok(Some(Self {
            heading: heading(look.t, yearly, &money),
            lede: look.say("sums-lede").with("n", economics.units).with("level", level).to_string(),
            figure: figure(look.t, yearly, &money)?,
            break_even: economics
                .break_even_retention_loss
                .map(|loss| look.say("sums-break-even").with("share", Slot::Percent(loss)).to_string()),
            assumptions: assumptions(look, economics),
            what_if: economics
                .sensitivity
                .iter()
                .map(|line| what_if(look.t, line, economics, &money))
                .collect(),
        }))
    }
}

/// One rounding for all sums, by the greatest of them, so that they add up as they stand.
fn rounding(t: Language, economics: &EconomicsResult, yearly: &YearlySums) -> Money {
    let ranges = [&yearly.saving, &yearly.retention_loss, &yearly.net_value];
    let greatest = ranges
        .iter()
        .flat_map(|r| [r.estimate, r.lower, r.upper])
        .flatten()
        .map(f64::abs)
        .fold(0.0, f64::max);
    Money::of(t, Some(economics.currency), greatest)
}

fn heading(t: Language, yearly: &YearlySums, money: &Money) -> String {
    let amount = |range: &Range| {
        let estimate = range.estimate?;
        let sure = range.lower.is_some_and(|l| l > 0.0) || range.upper.is_some_and(|u| u < 0.0);
        let amount = money.amount(estimate.abs());
        let told = if sure { say("sums-amount") } else { say("sums-about-amount") };
        Some((told.with("amount", amount), estimate < 0.0))
    };
    let said = match (amount(&yearly.saving), amount(&yearly.retention_loss)) {
        (Some((saving, added)), Some((loss, gained))) => {
            let time = if added { say("sums-time-added") } else { say("sums-time-saved") };
            let revenue = if gained { say("sums-revenue-gained") } else { say("sums-revenue-lost") };
            t.say("sums-heading")
                .with("time", time.with("amount", saving))
                .with("revenue", revenue.with("amount", loss))
        }
        _ => t.say("sums-heading-neutral"),
    };
    capital(&said.to_string())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

fn figure(t: Language, yearly: &YearlySums, money: &Money) -> Result<Figure, askama::Error> {
    let negated = |range: &Range| {
        let turned = span(range).times(-1.0);
        Range { estimate: turned.estimate, lower: turned.lower, upper: turned.upper }
    };
    let hours = t.say("sums-hours").with("n", Number::fixed(yearly.hours_saved, 0));
    let rows = [
        (t.say("sums-saved"), hours, yearly.saving, Tone::Good),
        (t.say("sums-lost"), t.say("sums-lost-note"), negated(&yearly.retention_loss), Tone::Bad),
        (t.say("sums-net"), t.say("sums-net-note"), yearly.net_value, Tone::Neutral),
    ];
    let write = |value: Option<f64>| value.map_or(numbers::NONE.to_owned(), |v| money.signed(v));
    let ends = |range: &Range| (write(range.lower), write(range.upper));
    let range_to = |(lower, upper)| t.say("range-to").with("from", lower).with("to", upper).to_string();
    let bars: Vec<SumBar> = rows
        .into_iter()
        .map(|(label, note, range, tone)| SumBar {
            label: label.to_string(),
            note: note.to_string(),
            span: span(&range),
            value: write(range.estimate),
            range: range_to(ends(&range)),
            // A loss that turned out a gain is drawn as one.
            tone: match (tone, range.estimate) {
                (Tone::Bad, Some(v)) if v > 0.0 => Tone::Good,
                (Tone::Good, Some(v)) if v < 0.0 => Tone::Bad,
                _ => tone,
            },
        })
        .collect();
    let description: Vec<_> = bars
        .iter()
        .map(|bar| {
            say("sums-description")
                .with("sum", &bar.label)
                .with("value", &bar.value)
                .with("from", write(bar.span.lower))
                .with("to", write(bar.span.upper))
        })
        .collect();
    let columns = [t.say("sums-column"), t.say("best-estimate"), t.say("plausible-range")];
    let table = FigureTable {
        caption: t.say("sums-caption").to_string(),
        columns: columns.map(String::from).to_vec(),
        rows: bars.iter().map(|b| vec![b.label.clone(), b.value.clone(), b.range.clone()]).collect(),
    };
    let description = t.tell_all(&description);
    let chart = SumsChart::new("sums", table.caption.clone(), description, bars, |v| money.short(v));
    Figure::of(t, t.say("sums-chart"), &chart, table)
}

fn assumptions(look: Look, economics: &EconomicsResult) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(plan) = &look.experiment.definition.economics {
        let money = |value: f64| Money::of(look.t, Some(plan.currency), value).amount(value);
        found.push(look.say("assume-agent-hour").with("amount", money(plan.agent_hour)));
        found.push(look.say("assume-margin").with("share", Slot::Percent(plan.gross_margin)));
        if plan.replacement_cost > 0.0 {
            found.push(look.say("assume-replacement").with("amount", money(plan.replacement_cost)));
        }
        if let Some(revenue) = economics.control_revenue {
            found.push(look.say("assume-revenue").with("amount", money(revenue)));
        }
    }
    found.push(look.say("assume-mix"));
    found.into_iter().map(String::from).collect()
}

fn what_if(t: Language, line: &Sensitivity, economics: &EconomicsResult, money: &Money) -> WhatIf {
    let cost = |value: f64| match line.parameter {
        CostParameter::GrossMargin => t.percent(value),
        _ => Money::of(t, Some(economics.currency), value).amount(value),
    };
    let write = |value: Option<f64>| value.map_or(numbers::NONE.to_owned(), |v| money.signed(v));
    let rows = line
        .points
        .iter()
        .map(|point| WhatIfRow {
            value: cost(point.value),
            assumed: (point.factor - 1.0).abs() < 1e-9,
            gain: write(point.net_value.estimate),
            range: t
                .say("range-to")
                .with("from", write(point.net_value.lower))
                .with("to", write(point.net_value.upper))
                .to_string(),
        })
        .collect();
    let title = match line.parameter {
        CostParameter::AgentHour => t.say("what-if-agent-hour"),
        CostParameter::GrossMargin => t.say("what-if-margin"),
        CostParameter::ReplacementCost => t.say("what-if-replacement"),
    };
    WhatIf { title: title.to_string(), rows, turns: turns(t, line, &cost) }
}

/// Up to which cost the answer stays what it is.
fn turns(t: Language, line: &Sensitivity, cost: &impl Fn(f64) -> String) -> Option<String> {
    let assumed = line.points.iter().find(|point| (point.factor - 1.0).abs() < 1e-9)?.net_value;
    let surely = assumed.lower? > 0.0;
    let wholly = match (line.lower_turns_at.as_slice(), surely) {
        ([], true) => Some(say("turns-always")),
        ([], false) => None,
        ([at], true) if *at < line.value => Some(say("turns-from").with("cost", cost(*at))),
        ([at], true) => Some(say("turns-up-to").with("cost", cost(*at))),
        ([at], false) if *at < line.value => Some(say("turns-would-below").with("cost", cost(*at))),
        ([at], false) => Some(say("turns-would-from").with("cost", cost(*at))),
        (many, _) => {
            let (from, to) = (many.first()?, many.last()?);
            Some(say("turns-between").with("from", cost(*from)).with("to", cost(*to)))
        }
    };
    let estimate = line.estimate_turns_at.map(|at| say("turns-estimate").with("cost", cost(at)));
    let said = match (wholly, estimate) {
        (Some(wholly), Some(estimate)) => {
            t.say("turns-both").with("wholly", wholly).with("estimate", estimate)
        }
        (Some(wholly), None) => t.say("verdict-as-a-sentence").with("finding", wholly),
        (None, Some(estimate)) => t.say("turns-never").with("estimate", estimate),
        (None, None) => return None,
    };
    Some(said.to_string())
}
