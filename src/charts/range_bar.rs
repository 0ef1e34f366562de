//! A range against its limit, as wide as the cell it stands in.
//!
//! Each row is scaled to its own limit, so that in a table of many measures all limits form one
//! vertical line. The bar says nothing that the row does not say in figures, so it is hidden from
//! screen readers.

use askama::Template;

use super::{Px, Span, Tone};

/// Where no change and the limit stand in a bar, in per cent of its width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    zero: f64,
    per_unit: f64,
    limit: Option<f64>,
    striped: bool,
}

/// Where limits stand, in per cent of the width.
const LIMIT_AT: f64 = 18.0;
/// Where no change stands in a bar with a limit.
const ZERO_AT: f64 = 58.0;
/// The same where ranges are wide (small groups): more room beyond the limit.
const WIDE: (f64, f64) = (36.36, 63.64);

/// Where no change and the goal stand, in per cent.
const GOAL: (f64, f64) = (12.0, 40.0);

impl Frame {
    /// Scaled to a limit, told as a positive loss: the limit at 18 %, no change at 58 %, what is not allowed striped.
    pub fn by_limit(loss: f64) -> Self {
        Self::between(loss, LIMIT_AT, ZERO_AT)
    }

    /// The same for the wide ranges of small groups: the limit at 36.36 %, no change at 63.64 %.
    pub fn by_limit_wide(loss: f64) -> Self {
        Self::between(loss, WIDE.0, WIDE.1)
    }

    /// Scaled to a goal, told as a positive gain: no change at 12 %, the goal at 40 %.
    pub fn by_goal(gain: f64) -> Self {
        let gain = if gain > 0.0 { gain } else { f64::MIN_POSITIVE };
        let (zero, goal) = GOAL;
        Self { zero, per_unit: (goal - zero) / gain, limit: Some(goal), striped: false }
    }

    fn between(loss: f64, limit: f64, zero: f64) -> Self {
        let loss = if loss > 0.0 { loss } else { f64::MIN_POSITIVE };
        Self { zero, per_unit: (zero - limit) / loss, limit: Some(limit), striped: true }
    }

    /// Without a limit: no change at `zero` per cent, and as wide as the figures need.
    pub fn around(zero: f64, span: Span) -> Self {
        let need = span
            .figures()
            .map(|x| if x < 0.0 { -x / (zero - 4.0).max(1.0) } else { x / (96.0 - zero).max(1.0) })
            .fold(0.0, f64::max);
        Self { zero, per_unit: if need > 0.0 { 1.0 / need } else { 1.0 }, limit: None, striped: false }
    }

    /// The same with no change drawn as the line to pass (money: above nothing).
    #[must_use]
    pub fn with_line_at_zero(self) -> Self {
        Self { limit: Some(self.zero), ..self }
    }

    /// Where no change stands, in per cent.
    pub fn zero(&self) -> f64 {
        self.zero
    }

    /// Where the limit stands, in per cent.
    pub fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// Where a figure stands, in per cent; beyond the frame it stands at the edge.
    pub fn at(&self, figure: f64) -> f64 {
        (self.zero + figure * self.per_unit).clamp(0.0, 100.0)
    }
}

/// The bar. Figures are told so that more is better.
#[derive(Debug, Clone, Template)]
#[template(path = "charts/range_bar.svg")]
pub struct RangeBar {
    tone: Tone,
    height: f64,
    zero: Percent,
    limit: Option<Percent>,
    striped: bool,
    range: Option<(Percent, Percent)>,
    point: Option<Percent>,
}

/// A place in per cent of the width.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Percent(f64);

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2}%", self.0)
    }
}

impl RangeBar {
    /// A bar of `height` pixels. `better` is told so that more is better: turn a measure of which
    /// less is better with [`Span::times`] −1 first.
    pub fn new(frame: Frame, better: Span, tone: Tone, height: u32) -> Self {
        let left = better.lower.map_or(0.0, |x| frame.at(x));
        let right = better.upper.map_or(100.0, |x| frame.at(x));
        // A range that lies outside the frame altogether still shows as a stub at the edge.
        let (left, right) = if right - left < 2.0 {
            let middle = f64::midpoint(left, right).clamp(1.0, 99.0);
            (middle - 1.0, middle + 1.0)
        } else {
            (left, right)
        };
        Self {
            tone,
            height: f64::from(height),
            zero: Percent(frame.zero),
            limit: frame.limit.map(Percent),
            striped: frame.striped,
            range: (!better.is_empty()).then_some((Percent(left), Percent(right - left))),
            point: better.estimate.map(|x| Percent(frame.at(x).clamp(1.5, 98.5))),
        }
    }

    fn middle(&self) -> Px {
        Px(self.height / 2.0)
    }

    fn top(&self) -> Px {
        Px(self.height / 2.0 - 5.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(estimate: f64, lower: f64, upper: f64) -> Span {
        Span { estimate: Some(estimate), lower: Some(lower), upper: Some(upper) }
    }

    /// The mock-up's row of satisfied customers: −0.8, −2.4 to +0.8, limit 3.
    #[test]
    fn the_row_of_the_mock_up_is_drawn_where_it_stands_there() {
        let bar = RangeBar::new(Frame::by_limit(3.0), span(-0.8, -2.4, 0.8), Tone::Good, 34);
        let svg = bar.render().unwrap();
        for part in [
            r#"class="rb good""#,
            r#"<rect class="rng" x="26.00%" width="42.67%" y="12.0" height="10" rx="5"/>"#,
            r#"<circle class="pt" cx="47.33%" cy="17.0" r="5.5"/>"#,
            r#"<line class="limit" x1="18.00%" x2="18.00%""#,
            r#"<line class="zero" x1="58.00%" x2="58.00%""#,
            r#"width="18.00%" height="34" fill="url(#hatch)""#,
        ] {
            assert!(svg.contains(part), "{part} is missing from {svg}");
        }
        assert!(!svg.contains("style="));
    }

    #[test]
    fn less_is_better_is_turned_so_that_better_is_right() {
        // Chasing messages rose by 2.8 points, 1.9 to 3.7, limit 4: the mock-up draws 21.00 % to 39.00 %.
        let better = span(2.8, 1.9, 3.7).times(-1.0);
        assert_eq!(better, span(-2.8, -3.7, -1.9));
        let bar = RangeBar::new(Frame::by_limit(4.0), better, Tone::Care, 34).render().unwrap();
        assert!(bar.contains(r#"x="21.00%" width="18.00%""#) && bar.contains(r#"cx="30.00%""#));
    }

    #[test]
    fn unbounded_ends_reach_the_edge_and_nothing_draws_nothing() {
        let open = Span { estimate: Some(0.0), lower: None, upper: Some(1.0) };
        let svg = RangeBar::new(Frame::by_limit(2.0), open, Tone::Neutral, 28).render().unwrap();
        assert!(svg.contains(r#"x="0.00%" width="78.00%""#), "{svg}");
        let none = RangeBar::new(Frame::by_limit(2.0), Span::default(), Tone::Neutral, 28).render().unwrap();
        assert!(!none.contains("rng") && !none.contains("circle"));
    }

    #[test]
    fn without_a_limit_the_frame_is_as_wide_as_the_figures_need() {
        let frame = Frame::around(25.0, span(0.2, 0.1, 0.3));
        assert!((frame.at(0.3) - 96.0).abs() < 1e-9 && (frame.at(0.0) - 25.0).abs() < 1e-9);
    }
}
