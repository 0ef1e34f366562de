//! Figures → SVG: one visual grammar for page, print and file.
//!
//! A range is a rounded bar, the best estimate a dot, no change a dotted line, a limit a solid line,
//! what is not allowed is striped; better is to the right. A chart takes plain numbers and ready-made
//! labels, knows nothing of experiments, and carries no inline style, so that it stands under a strict
//! content security policy. Colours come from the classes of `static/patience.css`.

mod range_bar;
mod scale;
mod series;
mod sums;
mod waiting;

pub use range_bar::{Frame, RangeBar};
pub use scale::{Scale, ticks};
pub use series::{SeriesChart, SeriesMark, SeriesText};
pub use sums::{SumBar, SumsChart};
pub use waiting::{WaitingChart, WaitingLine};

use askama::Template;

use crate::language::Language;

/// An estimate and its ends, in whatever measure the chart is drawn; an end that is `None` is unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Span {
    /// The best estimate; without one there is no dot.
    pub estimate: Option<f64>,
    /// The lower end.
    pub lower: Option<f64>,
    /// The upper end.
    pub upper: Option<f64>,
}

impl Span {
    /// The same figures times a factor; a negative one turns the ends round.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let by = |x: Option<f64>| x.map(|x| x * factor);
        let (lower, upper) = if factor < 0.0 { (self.upper, self.lower) } else { (self.lower, self.upper) };
        Self { estimate: by(self.estimate), lower: by(lower), upper: by(upper) }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.estimate.is_none() && self.lower.is_none() && self.upper.is_none()
    }

    /// Every finite figure of it.
    pub(crate) fn figures(&self) -> impl Iterator<Item = f64> {
        [self.estimate, self.lower, self.upper].into_iter().flatten().filter(|x| x.is_finite())
    }
}

/// What a mark says; always told in words and by an icon beside it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Safe, or a gain.
    Good,
    /// Worse, though allowed.
    Care,
    /// Beyond a limit, or a loss.
    Bad,
    /// Not decided yet.
    Running,
    /// Nothing to say.
    Neutral,
    /// Must not be used.
    Failed,
}

impl Tone {
    /// Its class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Care => "care",
            Self::Bad => "bad",
            Self::Running => "run",
            Self::Neutral => "unclear",
            Self::Failed => "none",
        }
    }
}

/// The figures behind a chart, ready to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FigureTable {
    /// What the table shows.
    pub caption: String,
    /// Heads; the first names the rows.
    pub columns: Vec<String>,
    /// Cells, as many a row as there are heads.
    pub rows: Vec<Vec<String>>,
}

/// A chart with the table of its figures under it.
#[derive(Debug, Clone, Template)]
#[template(path = "charts/figure.html")]
pub struct Figure {
    /// The reader's language.
    pub t: Language,
    /// The name of the scrollable region.
    pub label: String,
    /// The drawing, as SVG.
    pub svg: String,
    /// Its figures.
    pub table: FigureTable,
}

impl Figure {
    /// Draws a chart and puts its table under it.
    pub fn of(
        t: Language,
        label: impl Into<String>,
        chart: &impl Template,
        table: FigureTable,
    ) -> Result<Self, askama::Error> {
        Ok(Self { t, label: label.into(), svg: chart.render()?, table })
    }
}

/// A coordinate with one decimal: a tenth of a pixel is finer than any screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Px(pub f64);

impl std::fmt::Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // `+ 0.0` turns a negative zero into a plain one.
        write!(f, "{:.1}", (self.0 * 10.0).round() / 10.0 + 0.0)
    }
}

/// A line of an axis with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where it stands.
    pub at: Px,
    /// What it says.
    pub label: String,
    /// Whether it is the line that others are read against (zero).
    pub base: bool,
}
