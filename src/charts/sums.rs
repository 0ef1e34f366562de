//! What is saved, what is lost and what is left: bars from nothing, each with its range.

use askama::Template;

use super::{Px, Scale, Span, Tick, Tone};

/// One sum.
#[derive(Debug, Clone, PartialEq)]
pub struct SumBar {
    /// What it is.
    pub label: String,
    /// A few words under it.
    pub note: String,
    /// The figures; a loss is below zero.
    pub span: Span,
    /// The estimate, ready to read.
    pub value: String,
    /// The range, ready to read.
    pub range: String,
    /// Gain, loss or (neutral) what is left.
    pub tone: Tone,
}

/// The chart; the last bar is the sum of the others and stands under a rule.
#[derive(Debug, Clone, Template)]
#[template(path = "charts/sums.svg")]
pub struct SumsChart {
    id: String,
    title: String,
    description: String,
    ticks: Vec<Tick>,
    rows: Vec<Row>,
    rule: Option<Px>,
    bottom: f64,
}

#[derive(Debug, Clone)]
struct Row {
    bar: SumBar,
    top: f64,
    block: Option<(Px, Px)>,
    range: Option<(Px, Px)>,
    point: Option<Px>,
    last: bool,
}

/// Left and right end of the plot within the 764 pixels of the drawing.
const PLOT: (f64, f64) = (240.0, 580.0);
const FIRST_ROW: f64 = 21.0;
const ROW_HEIGHT: f64 = 57.0;
/// Room above the last row for the rule.
const RULE_GAP: f64 = 8.0;

impl SumsChart {
    /// Draws the sums on one scale that holds them all and zero. `id` must be unique on the page.
    pub fn new(
        id: &str,
        title: String,
        description: String,
        bars: Vec<SumBar>,
        label: impl Fn(f64) -> String,
    ) -> Self {
        let figures = || bars.iter().flat_map(|bar| bar.span.figures().collect::<Vec<_>>());
        let (low, high) = (figures().fold(0.0, f64::min), figures().fold(0.0, f64::max));
        let room = (high - low) * 0.04;
        let scale = Scale::new((low - room, high + room), PLOT);
        let count = bars.len();
        let x = |figure: f64| Px(scale.at(figure));
        let rows: Vec<Row> = bars
            .into_iter()
            .enumerate()
            .map(|(i, bar)| {
                let last = i + 1 == count && count > 1;
                let between = |a: f64, b: f64| (Px(a.min(b)), Px((b - a).abs()));
                let (left, right) = (
                    bar.span.lower.map_or(PLOT.0, |v| scale.at(v)),
                    bar.span.upper.map_or(PLOT.1, |v| scale.at(v)),
                );
                Row {
                    top: FIRST_ROW + i as f64 * ROW_HEIGHT + if last { RULE_GAP } else { 0.0 },
                    block: bar.span.estimate.map(|v| between(scale.at(0.0), scale.at(v))),
                    range: (!bar.span.is_empty()).then(|| between(left, right)),
                    point: bar.span.estimate.map(x),
                    last,
                    bar,
                }
            })
            .collect();
        let bottom = rows.last().map_or(60.0, |row| row.top + 45.0);
        let rule = rows.last().filter(|row| row.last).map(|row| Px(row.top - 20.0));
        Self { id: id.to_owned(), title, description, ticks: scale.ticks(label), rows, rule, bottom }
    }

    fn height(&self) -> Px {
        Px(self.bottom + 28.0)
    }

    fn tick_at(&self) -> Px {
        Px(self.bottom + 20.0)
    }
}

impl Row {
    fn down(&self, by: f64) -> Px {
        Px(self.top + by)
    }

    fn class(&self) -> &'static str {
        match self.bar.tone {
            Tone::Good => "gain",
            Tone::Bad => "loss",
            _ => "net",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_start_at_zero_and_end_at_their_estimate() {
        let bar = |label: &str, estimate: f64, lower: f64, upper: f64, tone| SumBar {
            label: label.into(),
            note: String::new(),
            span: Span { estimate: Some(estimate), lower: Some(lower), upper: Some(upper) },
            value: String::new(),
            range: String::new(),
            tone,
        };
        let chart = SumsChart::new(
            "s",
            "t".into(),
            "d".into(),
            vec![bar("a", 100.0, 80.0, 120.0, Tone::Good), bar("b", -20.0, -60.0, 20.0, Tone::Bad)],
            |v| format!("{v}"),
        );
        // The scale runs from −60 − 7.2 to 120 + 7.2, over 340 pixels: 1.748… pixels a unit.
        let per_unit = 340.0 / 194.4;
        let zero = 240.0 + 67.2 * per_unit;
        let (left, width) = chart.rows[0].block.unwrap();
        assert!((left.0 - zero).abs() < 1e-9 && (width.0 - 100.0 * per_unit).abs() < 1e-9);
        let (left, width) = chart.rows[1].block.unwrap();
        assert!((left.0 + width.0 - zero).abs() < 1e-9, "a loss ends at zero");
        assert!((width.0 - 20.0 * per_unit).abs() < 1e-9);
        assert!(chart.ticks.iter().any(|t| t.base && t.label == "0"));
    }
}
