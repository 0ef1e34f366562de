//! A difference over time: line, band, limit, and what lies beyond the limit in stripes.

use askama::Template;

use super::{Px, Scale, Span, Tick};
use crate::language::Language;

/// The difference on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesMark {
    /// Days since the start.
    pub day: f64,
    /// The figures of that day.
    pub span: Span,
}

/// The chart. Sign means value, so worse is below where more is better, else above.
#[derive(Debug, Clone, Template)]
#[template(path = "charts/series.svg")]
pub struct SeriesChart {
    t: Language,
    id: String,
    title: String,
    description: String,
    ticks: Vec<Tick>,
    weeks: Vec<Tick>,
    band: String,
    line: String,
    dots: Vec<(Px, Px)>,
    last: Option<(Px, Px)>,
    limit: Option<Px>,
    stripes: Option<(Px, Px)>,
    better_above: bool,
    end: EndLabels,
    flag: Option<(Px, bool, String)>,
    events: Vec<EventMark>,
}

/// A numbered disc above the plot, with a line down to its day.
#[derive(Debug, Clone, PartialEq)]
struct EventMark {
    number: usize,
    x: Px,
    y: Px,
}

/// What stands at the right end of the lines.
#[derive(Debug, Clone, PartialEq)]
struct EndLabels {
    zero: Option<Px>,
    value: String,
    value_at: Px,
    range: String,
    limit: Option<(Px, String)>,
}

/// What a series shows beside its points.
#[derive(Debug, Clone, Default)]
pub struct SeriesText {
    /// The reader's language.
    pub t: Language,
    /// Unique on the page.
    pub id: String,
    /// The title for those who do not see it.
    pub title: String,
    /// The finding in a sentence.
    pub description: String,
    /// The last difference.
    pub value: String,
    /// Its range.
    pub range: String,
    /// The limit's label, as `Your limit −3.0`.
    pub limit: String,
    /// Words for the week from which on the range stayed inside.
    pub flag: String,
    /// Days on which something happened, in their order: numbered from 1.
    pub events: Vec<f64>,
}

const LEFT: f64 = 60.0;
const RIGHT: f64 = 612.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 266.0;
/// Labels nearer than this would overprint each other.
const LABEL_GAP: f64 = 38.0;
/// From one disc's middle to the next one's, beside it or above it.
const DISC: f64 = 20.0;
/// The height without discs.
const HEIGHT: f64 = 306.0;

impl SeriesChart {
    /// Draws the marks in order of their days. `limit` is the signed difference that must not be
    /// passed; `settled` the day since when the range has been inside it.
    pub fn new(
        text: SeriesText,
        marks: &[SeriesMark],
        limit: Option<f64>,
        better_above: bool,
        settled: Option<f64>,
        label: impl Fn(f64) -> String,
    ) -> Self {
        let (low, high) = extent(marks, limit);
        let y = Scale::new((low, high), (BOTTOM, TOP));
        let last_day = marks.last().map_or(7.0, |m| m.day).max(1.0);
        let first_day = marks.first().map_or(0.0, |m| m.day).min(last_day - 1.0);
        let x = Scale::new((first_day, last_day), (LEFT, RIGHT));
        // Estimates of the first days may lie far outside; the line begins where it can be read.
        let inside = |v: &f64| (low..=high).contains(v);
        let place = |m: &SeriesMark| m.span.estimate.filter(inside).map(|v| (Px(x.at(m.day)), Px(y.at(v))));
        let placed: Vec<(Px, Px)> = marks.iter().filter_map(place).collect();
        let edge = |m: &SeriesMark, upper: bool| {
            let v = if upper { m.span.upper.unwrap_or(high) } else { m.span.lower.unwrap_or(low) };
            (Px(x.at(m.day)), Px(y.at(v)))
        };
        let drawn = || marks.iter().filter(|m| !m.span.is_empty());
        let band: Vec<(Px, Px)> =
            drawn().map(|m| edge(m, true)).chain(drawn().rev().map(|m| edge(m, false))).collect();
        let limit_at = limit.map(|v| y.at(v));
        let stripes =
            limit_at.map(|at| if better_above { (Px(at), Px(BOTTOM - at)) } else { (Px(TOP), Px(at - TOP)) });
        // A dot a week, so that the line stays readable; the last one is drawn apart.
        let dots = marks.iter().filter(|m| m.day.rem_euclid(7.0) < 0.5).filter_map(place).collect();
        let flag = settled
            .filter(|day| !text.flag.is_empty() && *day > first_day)
            .map(|day| (x.at(day), text.flag.clone()))
            .map(|(at, words)| (Px(at), at > f64::midpoint(LEFT, RIGHT), words));
        Self {
            ticks: y.ticks(label),
            weeks: weeks(text.t, &x),
            band: points(&band),
            line: points(&placed),
            dots,
            last: placed.last().copied(),
            limit: limit_at.map(Px),
            stripes,
            better_above,
            end: EndLabels::spread(&y, placed.last().map_or(y.at(0.0), |p| p.1.0), limit_at, &text),
            flag,
            events: EventMark::placed(&text.events, &x),
            t: text.t,
            id: text.id,
            title: text.title,
            description: text.description,
        }
    }

    /// Where the drawing begins: discs stand above it, in as many rows as they need.
    fn top(&self) -> Px {
        Px(self.events.iter().map(|mark| mark.y.0 - DISC / 2.0).fold(0.0, f64::min))
    }

    fn height(&self) -> Px {
        Px(HEIGHT - self.top().0)
    }

    fn better_at(&self) -> Px {
        Px(if self.better_above { TOP + 14.0 } else { BOTTOM - 8.0 })
    }

    fn worse_at(&self) -> Px {
        Px(if self.better_above { BOTTOM - 8.0 } else { TOP + 14.0 })
    }
}

impl EventMark {
    /// Each at its day, one above another where they would overprint each other.
    fn placed(days: &[f64], x: &Scale) -> Vec<Self> {
        let mut rows: Vec<f64> = Vec::new();
        let mut place = |(number, day): (usize, &f64)| {
            let at = x.at(*day).clamp(LEFT, RIGHT);
            let row = rows.iter().position(|last| at - last >= DISC).unwrap_or(rows.len());
            match rows.get_mut(row) {
                Some(last) => *last = at,
                None => rows.push(at),
            }
            EventMark { number, x: Px(at), y: Px(-DISC * (row as f64 + 0.5)) }
        };
        (1..).zip(days).map(&mut place).collect()
    }
}

impl EndLabels {
    /// Puts the labels beside their lines and apart from one another.
    fn spread(y: &Scale, value: f64, limit: Option<f64>, text: &SeriesText) -> Self {
        let zero = y.at(0.0);
        let limit = limit.map(|at| {
            let near = at - value;
            let at = if near.abs() < LABEL_GAP {
                value + LABEL_GAP * if near < 0.0 { -0.7 } else { 1.0 }
            } else {
                at
            };
            (Px(at + 4.0), text.limit.clone())
        });
        Self {
            // The label of no change gives way to the others.
            zero: ((zero - value).abs() > 20.0
                && limit.as_ref().is_none_or(|(at, _)| (at.0 - zero).abs() > 18.0))
            .then_some(Px(zero + 4.0)),
            value: text.value.clone(),
            value_at: Px(value),
            range: text.range.clone(),
            limit,
        }
    }
}

/// From the lowest to the highest figure worth seeing. The first days' ranges are wide and say
/// little; they are cut where the later ones would be squashed.
fn extent(marks: &[SeriesMark], limit: Option<f64>) -> (f64, f64) {
    let settled = &marks[marks.len() / 4..];
    let of = |m: &SeriesMark| m.span.figures().collect::<Vec<_>>();
    let figures = || settled.iter().flat_map(of).chain([0.0]).chain(limit.map(|l| l * 1.6));
    let (low, high) = (figures().fold(0.0, f64::min), figures().fold(0.0, f64::max));
    let room = ((high - low) * 0.08).max(1e-9);
    (low - room, high + room)
}

fn weeks(t: Language, x: &Scale) -> Vec<Tick> {
    let (first, last) = x.ends();
    let found = super::ticks(first / 7.0, last / 7.0, 8);
    found
        .into_iter()
        .filter(|week| week.fract() == 0.0)
        .enumerate()
        .map(|(i, week)| Tick {
            at: Px(x.at(week * 7.0)),
            label: if i == 0 {
                t.say("chart-week").with("n", format!("{week}")).to_string()
            } else {
                format!("{week}")
            },
            base: false,
        })
        .collect()
}

/// Coordinates as SVG writes them.
pub(super) fn points(points: &[(Px, Px)]) -> String {
    points.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks() -> Vec<SeriesMark> {
        (1..=10)
            .map(|week| {
                let half = 6.0 / f64::from(week).sqrt();
                let span = Span { estimate: Some(-0.8), lower: Some(-0.8 - half), upper: Some(-0.8 + half) };
                SeriesMark { day: f64::from(week * 7), span }
            })
            .collect()
    }

    #[test]
    fn the_limit_and_the_stripes_lie_on_the_worse_side() {
        let chart = |limit: f64, above| {
            SeriesChart::new(SeriesText::default(), &marks(), Some(limit), above, None, |v| v.to_string())
        };
        let below = chart(-3.0, true);
        let (from, height) = below.stripes.unwrap();
        assert!((from.0 + height.0 - BOTTOM).abs() < 1e-9 && from == below.limit.unwrap());
        let above = chart(3.0, false);
        let (from, height) = above.stripes.unwrap();
        assert!((from.0 - TOP).abs() < 1e-9 && (from.0 + height.0 - above.limit.unwrap().0).abs() < 1e-9);
    }

    #[test]
    fn the_band_goes_out_along_the_upper_ends_and_back_along_the_lower() {
        let chart =
            SeriesChart::new(SeriesText::default(), &marks(), Some(-3.0), true, None, |v| v.to_string());
        let corners: Vec<&str> = chart.band.split(' ').collect();
        assert_eq!(corners.len(), 20);
        let y = |corner: &str| corner.split_once(',').unwrap().1.parse::<f64>().unwrap();
        assert!(y(corners[9]) < y(corners[10]), "upper ends stand higher on the page");
        assert_eq!(corners[0].split(',').next(), corners[19].split(',').next());
    }

    #[test]
    fn events_stand_above_their_days_and_never_on_one_another() {
        let text = SeriesText { events: vec![-1.0, 35.0, 36.0, 63.0], ..SeriesText::default() };
        let chart = SeriesChart::new(text, &marks(), Some(-3.0), true, None, |v| v.to_string());
        let places: Vec<(usize, f64, f64)> = chart.events.iter().map(|e| (e.number, e.x.0, e.y.0)).collect();
        let [before, one, next, later] = places.as_slice() else { panic!("{places:?}") };
        assert!(
            before.0 == 1 && (before.1 - LEFT).abs() < 1e-9,
            "what happened before the first point stands at its side"
        );
        assert!(next.1 - one.1 < DISC, "too near to stand side by side: {places:?}");
        assert!((one.2 - next.2 - DISC).abs() < 1e-9 && (one.2 - later.2).abs() < 1e-9, "{places:?}");
        let svg = chart.render().unwrap();
        assert!(svg.contains("viewBox=\"0 -40.0 764 346.0\""), "{svg}");
    }

    #[test]
    fn no_days_draw_an_empty_frame() {
        let chart = SeriesChart::new(SeriesText::default(), &[], None, true, None, |v| v.to_string());
        assert!(chart.render().unwrap().contains("<svg"));
    }
}
