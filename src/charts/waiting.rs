//! How long customers waited: the share answered by the time waited, with what was promised.

use std::fmt::Write as _;

use askama::Template;

use super::{Px, Scale, Tick};
use crate::language::{Language, Number};

/// One group of customers.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingLine {
    /// What people call it.
    pub name: String,
    /// Hours promised.
    pub promised: f64,
    /// The promise in words.
    pub promise: String,
    /// Share answered within the promise, 0 to 1.
    pub kept: Option<f64>,
    /// The same, ready to read.
    pub kept_words: String,
    /// Hours within which half were answered.
    pub median: Option<f64>,
    /// `(hours, share answered)`, both non-decreasing: one minus Kaplan–Meier.
    pub points: Vec<(f64, f64)>,
}

/// The chart; the first line is the usual level.
#[derive(Debug, Clone, Template)]
#[template(path = "charts/waiting.svg")]
pub struct WaitingChart {
    id: String,
    title: String,
    description: String,
    axis: String,
    shares: Vec<Tick>,
    hours: Vec<Tick>,
    curves: Vec<Curve>,
    half: Option<(Px, Px, Px, String)>,
}

#[derive(Debug, Clone)]
struct Curve {
    class: &'static str,
    path: String,
    promise: Px,
    promise_words: String,
    promise_anchor: &'static str,
    kept: Option<(Px, Px, String)>,
    name: String,
    name_at: (Px, Px),
    name_anchor: &'static str,
}

const LEFT: f64 = 46.0;
const RIGHT: f64 = 744.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 278.0;
/// Classes of the lines: usual, slower, and two more.
const CLASSES: [&str; 4] = ["u", "s", "x", "y"];

impl WaitingChart {
    /// Draws the lines from zero hours to a little beyond the longest promise. `gap` tells the
    /// distance of the first two medians in words.
    pub fn new(
        t: Language,
        id: &str,
        title: String,
        description: String,
        axis: String,
        lines: &[WaitingLine],
        gap: String,
    ) -> Self {
        let longest = lines.iter().map(|l| l.promised).fold(0.0, f64::max).max(1.0);
        let x = Scale::new((0.0, longest * 1.5), (LEFT, RIGHT));
        let y = Scale::new((0.0, 1.0), (BOTTOM, TOP));
        let shares = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| Tick {
            at: Px(y.at(share)),
            label: format!("{}%", share * 100.0),
            base: share == 0.0,
        });
        let curves = lines.iter().enumerate().map(|(i, line)| Curve::draw(i, line, &x, &y)).collect();
        let half = match lines {
            [usual, slower, ..] if !gap.is_empty() => usual.median.zip(slower.median).map(|(a, b)| {
                let (a, b) = (x.at(a), x.at(b));
                (Px(a), Px(b), Px(f64::midpoint(a, b)), gap)
            }),
            _ => None,
        };
        Self {
            id: id.to_owned(),
            title,
            description,
            axis,
            shares: shares.to_vec(),
            // The unit stands once, at nothing.
            hours: x.ticks(|h| match h {
                0.0 => t.say("hours-short").with("n", Number::brief(0.0)).to_string(),
                hours => format!("{hours}"),
            }),
            curves,
            half,
        }
    }
}

impl Curve {
    fn draw(index: usize, line: &WaitingLine, x: &Scale, y: &Scale) -> Self {
        let promise = x.at(line.promised);
        let second = index % 2 == 1;
        // Named where the curve stands at a third (the left one) or a quarter (the right one), on its outer side.
        let (share, dx, name_anchor) = if second { (0.25, 14.0, "start") } else { (0.66, -12.0, "end") };
        let at = line.points.iter().find(|p| p.1 >= share).or(line.points.last());
        let (name_x, name_y) = at.map_or((x.at(0.0), y.at(0.5)), |p| (x.at(p.0), y.at(p.1)));
        // To the right of a curve the space is under it.
        let dy = if second { 18.0 } else { 0.0 };
        // A name that would leave the drawing on the left stands to the right of its curve.
        let (dx, name_anchor) =
            if name_anchor == "end" && name_x < LEFT + 110.0 { (14.0, "start") } else { (dx, name_anchor) };
        Self {
            class: CLASSES[index.min(CLASSES.len() - 1)],
            path: steps(&line.points, x, y),
            promise: Px(promise),
            promise_words: line.promise.clone(),
            promise_anchor: if promise > RIGHT - 90.0 { "end" } else { "middle" },
            kept: line.kept.map(|share| (Px(promise), Px(y.at(share)), line.kept_words.clone())),
            name: line.name.clone(),
            name_at: (Px(name_x + dx), Px(name_y + dy)),
            name_anchor,
        }
    }
}

/// A Kaplan–Meier curve is a staircase: the share stands until the next reply.
fn steps(points: &[(f64, f64)], x: &Scale, y: &Scale) -> String {
    let mut path = format!("M{} {}", Px(x.at(0.0)), Px(y.at(0.0)));
    let last_hour = x.ends().1;
    for (hours, share) in points.iter().take_while(|p| p.0 <= last_hour) {
        let _ = write!(path, "H{}V{}", Px(x.at(*hours)), Px(y.at(*share)));
    }
    let _ = write!(path, "H{}", Px(x.at(last_hour)));
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(promised: f64) -> WaitingLine {
        WaitingLine {
            name: "Usual".into(),
            promised,
            promise: "promise".into(),
            kept: Some(0.9),
            kept_words: "90% kept".into(),
            median: Some(2.0),
            points: vec![(2.0, 0.5), (4.0, 0.9), (99.0, 1.0)],
        }
    }

    #[test]
    fn the_curve_is_a_staircase_from_nothing_to_the_edge() {
        // 8 hours promised: 12 hours wide, 698 pixels, 58.1666… pixels an hour.
        let chart = WaitingChart::new(
            Language::English,
            "w",
            String::new(),
            String::new(),
            String::new(),
            &[line(8.0)],
            String::new(),
        );
        assert_eq!(chart.curves[0].path, "M46.0 278.0H162.3V156.0H278.7V58.4H744.0");
        assert_eq!(chart.curves[0].promise, Px(46.0 + 698.0 * 8.0 / 12.0));
        assert!(chart.half.is_none(), "one line has no gap");
    }

    #[test]
    fn two_lines_show_the_gap_of_their_medians() {
        let slower = WaitingLine { median: Some(6.0), ..line(8.0) };
        let chart = WaitingChart::new(
            Language::English,
            "w",
            String::new(),
            String::new(),
            String::new(),
            &[line(4.0), slower],
            "4 h".into(),
        );
        let (from, to, _, words) = chart.half.clone().unwrap();
        assert!((to.0 - from.0 - 4.0 * 698.0 / 12.0).abs() < 1e-9);
        assert_eq!(words, "4 h");
        assert!(!chart.render().unwrap().contains("style="));
    }
}
