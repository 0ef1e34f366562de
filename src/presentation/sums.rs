//! What a year of the slower level is worth.

use super::{Look, numbers, numbers::Money, span, words};
use crate::analysis::document::{CostParameter, EconomicsResult, Range, Sensitivity, YearlySums};
use crate::charts::{Figure, FigureTable, SumBar, SumsChart, Tone};

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
    pub title: &'static str,
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
        let money = rounding(economics, yearly);
        let level = words::title(economics.treatment.as_str());
        Ok(Some(Self {
            heading: heading(yearly, &money),
            lede: format!(
                "A year of serving {} customers at the level “{level}”. The dot is our best estimate, \
                 the bar around it the plausible range.",
                numbers::count(economics.units)
            ),
            figure: figure(yearly, &money)?,
            break_even: economics.break_even_retention_loss.map(|loss| {
                format!(
                    "It would stop paying for itself if customers’ revenue fell by more than {}.",
                    numbers::share(loss)
                )
            }),
            assumptions: assumptions(look, economics),
            what_if: economics.sensitivity.iter().map(|line| what_if(line, economics, &money)).collect(),
        }))
    }
}

/// One rounding for all sums, by the greatest of them, so that they add up as they stand.
fn rounding(economics: &EconomicsResult, yearly: &YearlySums) -> Money {
    let ranges = [&yearly.saving, &yearly.retention_loss, &yearly.net_value];
    let greatest = ranges
        .iter()
        .flat_map(|r| [r.estimate, r.lower, r.upper])
        .flatten()
        .map(f64::abs)
        .fold(0.0, f64::max);
    Money::of(Some(economics.currency), greatest)
}

fn heading(yearly: &YearlySums, money: &Money) -> String {
    let part = |range: &Range, above: &str, below: &str| {
        let estimate = range.estimate?;
        let sure = range.lower.is_some_and(|l| l > 0.0) || range.upper.is_some_and(|u| u < 0.0);
        let about = if sure { "" } else { "about " };
        Some(format!(
            "{about}{} {}",
            money.amount(estimate.abs()),
            if estimate < 0.0 { below } else { above }
        ))
    };
    match (
        part(&yearly.saving, "of staff time saved", "of staff time added"),
        part(&yearly.retention_loss, "of revenue lost", "of revenue gained"),
    ) {
        (Some(saving), Some(loss)) => {
            let mut heading = format!("{saving}, {loss}");
            if let Some(first) = heading.get_mut(0..1) {
                first.make_ascii_uppercase();
            }
            heading
        }
        _ => "What it is worth".to_owned(),
    }
}

fn figure(yearly: &YearlySums, money: &Money) -> Result<Figure, askama::Error> {
    let negated = |range: &Range| {
        let turned = span(range).times(-1.0);
        Range { estimate: turned.estimate, lower: turned.lower, upper: turned.upper }
    };
    let hours = format!("{} agent hours a year", numbers::decimal(yearly.hours_saved, 0));
    let rows = [
        ("Staff time saved", hours, yearly.saving, Tone::Good),
        (
            "Revenue lost",
            "margin, and replacing those who left".to_owned(),
            negated(&yearly.retention_loss),
            Tone::Bad,
        ),
        ("Net gain", "what is left".to_owned(), yearly.net_value, Tone::Neutral),
    ];
    let write = |value: Option<f64>| value.map_or(numbers::NONE.to_owned(), |v| money.signed(v));
    let words = |range: &Range| format!("{} to {}", write(range.lower), write(range.upper));
    let bars: Vec<SumBar> = rows
        .into_iter()
        .map(|(label, note, range, tone)| SumBar {
            label: label.to_owned(),
            note,
            span: span(&range),
            value: write(range.estimate),
            range: words(&range),
            // A loss that turned out a gain is drawn as one.
            tone: match (tone, range.estimate) {
                (Tone::Bad, Some(v)) if v > 0.0 => Tone::Good,
                (Tone::Good, Some(v)) if v < 0.0 => Tone::Bad,
                _ => tone,
            },
        })
        .collect();
    let description = bars
        .iter()
        .map(|b| format!("{} {}, between {}.", b.label, b.value, b.range.replace(" to ", " and ")));
    let description = description.collect::<Vec<_>>().join(" ");
    let table = FigureTable {
        caption: "What a year of the slower service level is worth".to_owned(),
        columns: ["Sum", "Best estimate", "Plausible range"].map(str::to_owned).to_vec(),
        rows: bars.iter().map(|b| vec![b.label.clone(), b.value.clone(), b.range.clone()]).collect(),
    };
    let chart = SumsChart::new("sums", table.caption.clone(), description, bars, |v| money.short(v));
    Figure::of("Chart of the sums", &chart, table)
}

fn assumptions(look: Look, economics: &EconomicsResult) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(plan) = &look.experiment.definition.economics {
        let money = |value: f64| Money::of(Some(plan.currency), value).amount(value);
        found.push(format!("An agent’s hour costs {}.", money(plan.agent_hour)));
        found.push(format!("{} of revenue is margin.", numbers::share(plan.gross_margin)));
        if plan.replacement_cost > 0.0 {
            found.push(format!(
                "Winning a customer in place of a lost one costs {}.",
                money(plan.replacement_cost)
            ));
        }
        if let Some(revenue) = economics.control_revenue {
            found.push(format!("A customer at the usual level pays {} in 30 days.", money(revenue)));
        }
    }
    found.push("Staff time is an estimate for this mix of levels: what the slower level frees also speeds up the usual one.".to_owned());
    found
}

fn what_if(line: &Sensitivity, economics: &EconomicsResult, money: &Money) -> WhatIf {
    let cost = |value: f64| match line.parameter {
        CostParameter::GrossMargin => numbers::share(value),
        _ => Money::of(Some(economics.currency), value).amount(value),
    };
    let write = |value: Option<f64>| value.map_or(numbers::NONE.to_owned(), |v| money.signed(v));
    let rows = line
        .points
        .iter()
        .map(|point| WhatIfRow {
            value: cost(point.value),
            assumed: (point.factor - 1.0).abs() < 1e-9,
            gain: write(point.net_value.estimate),
            range: format!("{} to {}", write(point.net_value.lower), write(point.net_value.upper)),
        })
        .collect();
    let title = match line.parameter {
        CostParameter::AgentHour => "An agent’s hour",
        CostParameter::GrossMargin => "Margin on revenue",
        CostParameter::ReplacementCost => "Winning a customer in place of a lost one",
    };
    WhatIf { title, rows, turns: turns(line, &cost) }
}

/// Up to which cost the answer stays what it is.
fn turns(line: &Sensitivity, cost: &impl Fn(f64) -> String) -> Option<String> {
    let assumed = line.points.iter().find(|point| (point.factor - 1.0).abs() < 1e-9)?.net_value;
    let surely = assumed.lower? > 0.0;
    let wholly = match (line.lower_turns_at.as_slice(), surely) {
        ([], true) => Some("The whole range is above zero whatever it is".to_owned()),
        ([], false) => None,
        ([at], true) if *at < line.value => Some(format!("The whole range is above zero from {}", cost(*at))),
        ([at], true) => Some(format!("The whole range is above zero up to {}", cost(*at))),
        ([at], false) if *at < line.value => {
            Some(format!("The whole range would be above zero below {}", cost(*at)))
        }
        ([at], false) => Some(format!("The whole range would be above zero from {}", cost(*at))),
        (many, _) => {
            let (from, to) = (many.first()?, many.last()?);
            Some(format!("The whole range is above zero from {} to {}", cost(*from), cost(*to)))
        }
    };
    let estimate = line.estimate_turns_at.map(|at| format!("the best estimate is nothing at {}", cost(at)));
    match (wholly, estimate) {
        (Some(wholly), Some(estimate)) => Some(format!("{wholly}; {estimate}.")),
        (Some(wholly), None) => Some(format!("{wholly}.")),
        (None, Some(estimate)) => Some(format!("At no such cost is the whole range above zero; {estimate}.")),
        (None, None) => None,
    }
}
