//! How the difference settled, and how long customers waited.

use super::{Compared, Look, numbers, span, words};
use crate::analysis::document::{BeforeAfter, Range, Series, WaitClock, WaitingCurve};
use crate::charts::{Figure, FigureTable, SeriesChart, SeriesMark, SeriesText, WaitingChart, WaitingLine};
use crate::domain::{experiment::Direction, time::Wait};

/// A metric's difference over time.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the section")]
pub struct SeriesView {
    pub heading: String,
    pub lede: String,
    pub figure: Figure,
}

impl SeriesView {
    /// The series of the verdict's treatment, in the order of the definition.
    pub(crate) fn all(look: Look) -> Result<Vec<Self>, askama::Error> {
        let of_verdict = look.analysis.series.iter().filter(|s| s.treatment == *look.treatment());
        of_verdict
            .filter(|series| !series.points.is_empty())
            .enumerate()
            .filter_map(|(i, series)| {
                let metric = look.analysis.metrics.iter().find(|m| m.metric == series.metric)?;
                let compared = look.comparison(metric, &series.treatment)?;
                Some(Self::of(look, i, series, &compared))
            })
            .collect()
    }

    fn of(look: Look, index: usize, series: &Series, compared: &Compared) -> Result<Self, askama::Error> {
        let (label, _) = words::metric(&series.metric);
        let begin = look.analysis.first_assignment.unwrap_or_else(|| look.experiment.begins_at());
        let day = |ms: i64| (ms - begin.ms()) as f64 / crate::domain::time::DAY_MS as f64;
        let marks: Vec<SeriesMark> = series
            .points
            .iter()
            .map(|p| SeriesMark { day: day(p.at.ms()).max(0.0), span: span(&p.range) })
            .collect();
        let differences = numbers::Differences { scale: series.scale, ..compared.differences };
        let limit = compared.signed_limit().filter(|_| compared.differences.scale == series.scale);
        let better_above = compared.metric.direction == Direction::Increase;
        let inside = |range: &Range| match limit {
            Some(limit) if better_above => range.lower.is_some_and(|l| l > limit),
            Some(limit) => range.upper.is_some_and(|u| u < limit),
            None => false,
        };
        let settled = series.points.iter().rposition(|p| !inside(&p.range)).map_or(0, |i| i + 1);
        let settled = marks.get(settled).filter(|_| limit.is_some()).map(|m| m.day);
        #[allow(clippy::cast_possible_truncation, reason = "weeks of an experiment are few")]
        let week = settled.map(|day| (day / 7.0).ceil().max(1.0) as i64);
        let last = series.points.last().map(|p| p.range).unwrap_or_default();
        let range = differences.range(&last);
        let finding = match week {
            Some(week) => format!("{label}: inside the limit since week {week}"),
            None => format!("{label} over time"),
        };
        let text = SeriesText {
            id: format!("series-{index}"),
            title: format!("Difference in “{label}”, all days so far"),
            description: format!(
                "{finding}. On the last day the difference was {}, plausible range {range}.",
                differences.write(last.estimate)
            ),
            value: match (differences.scale, differences.write(last.estimate)) {
                (crate::domain::experiment::MarginScale::Absolute, v)
                    if super::plan::is_share(&series.metric) =>
                {
                    format!("{v} points")
                }
                (_, v) => v,
            },
            range: range.clone(),
            limit: limit.map_or(String::new(), |l| format!("Your limit {}", differences.write(Some(l)))),
            flag: week.map_or(String::new(), |w| format!("Inside the limit from week {w}")),
        };
        let chart =
            SeriesChart::new(text, &marks, limit, better_above, settled, |v| differences.write(Some(v)));
        let table = FigureTable {
            caption: format!("Difference in “{label}” by week"),
            columns: ["Day", "Customers", "Difference", "Plausible range"].map(str::to_owned).to_vec(),
            rows: weekly(series, differences),
        };
        Ok(Self {
            heading: finding,
            lede: format!(
                "Difference in “{label}”, {} minus {}, using everything known by each day.",
                words::title(series.treatment.as_str()).to_lowercase(),
                words::title(look.analysis.control.as_str()).to_lowercase()
            ),
            figure: Figure::of(&format!("Chart of {label} over time"), &chart, table)?,
        })
    }
}

/// Every seventh day, and the last.
fn weekly(series: &Series, differences: numbers::Differences) -> Vec<Vec<String>> {
    let last = series.points.len().saturating_sub(1);
    let picked = series.points.iter().enumerate().filter(|(i, _)| (last - i).is_multiple_of(7));
    picked
        .map(|(_, p)| {
            vec![
                numbers::date(p.at),
                numbers::count(p.units),
                differences.write(p.range.estimate),
                differences.range(&p.range),
            ]
        })
        .collect()
}

/// The section of response times.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the section")]
pub struct WaitingView {
    pub heading: String,
    pub lede: String,
    pub open: Option<Figure>,
    pub wall: Option<Figure>,
    pub rows: Vec<WaitingRow>,
    /// Did the usual level change against the time before?
    pub before: Option<String>,
    pub analysts: Vec<String>,
}

/// A cohort's waits.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the cells of the row")]
pub struct WaitingRow {
    pub class: &'static str,
    pub name: String,
    pub conversations: String,
    pub median: String,
    pub p90: String,
    pub wall_median: String,
    pub kept: String,
    pub unanswered: String,
}

const CLASSES: [&str; 4] = ["u", "s", "x", "y"];

impl WaitingView {
    pub(crate) fn new(look: Look) -> Result<Option<Self>, askama::Error> {
        let open = curves(look, WaitClock::Open);
        let wall = curves(look, WaitClock::Wall);
        if open.is_empty() && wall.is_empty() {
            return Ok(None);
        }
        let gap = look.analysis.health.delivery.gaps.iter().find(|g| g.treatment == *look.treatment());
        let heading = match gap.map(|g| g.waited_longer_hours) {
            Some(Range { estimate: Some(h), lower: Some(l), .. }) if l > 0.0 => {
                format!("Customers waited about {} longer", spell_hours(h))
            }
            Some(Range { estimate: Some(h), upper: Some(u), .. }) if u < 0.0 => {
                format!("Customers waited about {} less", spell_hours(-h))
            }
            _ => "How long customers waited".to_owned(),
        };
        let rows = (if open.is_empty() { &wall } else { &open })
            .iter()
            .enumerate()
            .map(|(i, curve)| row(look, i, curve, &wall))
            .collect();
        Ok(Some(Self {
            heading,
            lede: "Share of conversations that had a first reply by a person, by how long the customer had waited."
                .to_owned(),
            open: figure(look, "waiting-open", "opening hours of each level’s calendar", &open)?,
            wall: figure(look, "waiting-wall", "hours on the wall clock", &wall)?,
            rows,
            before: control_before(look),
            analysts: analysts(look),
        }))
    }
}

/// The usual level against its own 90 days before, in a sentence.
fn control_before(look: Look) -> Option<String> {
    let found = look.analysis.before_after.iter().find(|b| b.cohort == look.analysis.control)?;
    let name = words::title(found.cohort.as_str());
    let (before, since) = (found.before.estimate?, found.since.estimate?);
    let (least, most) = (found.difference.lower?, found.difference.upper?);
    let told = format!(
        "Level “{name}”: {} on average since the start, {} in the 90 days before",
        spell_hours(since),
        spell_hours(before)
    );
    Some(if most < 0.0 {
        format!(
            "{told}: between {} and {} less. What the slower level frees may have sped it up.",
            spell_hours(-most),
            spell_hours(-least)
        )
    } else if least > 0.0 {
        format!("{told}: between {} and {} more.", spell_hours(least), spell_hours(most))
    } else {
        format!("{told}: no clear change.")
    })
}

/// What an analyst asks of waits.
fn analysts(look: Look) -> Vec<String> {
    let decimal = |v: Option<f64>| v.map_or(numbers::NONE.to_owned(), |v| numbers::decimal(v, 2));
    let ends = |r: &Range| format!("{} to {}", decimal(r.lower), decimal(r.upper));
    let told = |r: &Range| format!("{} ({})", decimal(r.estimate), ends(r));
    let clock = |clock| if clock == WaitClock::Open { "opening hours" } else { "wall clock" };
    let mut lines = Vec::new();
    for curve in &look.analysis.waiting {
        let percentiles: Vec<String> = curve
            .percentiles
            .iter()
            .map(|p| format!("{:.0}% within {} h", 100.0 * p.share, told(&p.hours)))
            .collect();
        if percentiles.is_empty() {
            continue;
        }
        let within = &curve.within_promise_range;
        let share = |v: Option<f64>| v.map_or(numbers::NONE.to_owned(), numbers::share);
        lines.push(format!(
            "{}, {}: {}; within the promise {} ({} to {}); restricted mean to {} h {} h.",
            words::title(curve.cohort.as_str()),
            clock(curve.clock),
            percentiles.join(", "),
            share(within.estimate),
            share(within.lower),
            share(within.upper),
            numbers::decimal(curve.horizon_hours, 1),
            told(&curve.restricted_mean)
        ));
    }
    for difference in &look.analysis.waiting_differences {
        let log_rank =
            difference.log_rank_p_value.map_or(String::new(), |p| format!(", log-rank p {}", words::p(p)));
        lines.push(format!(
            "{} less {}, {}: restricted mean {} h{log_rank}.",
            words::title(difference.treatment.as_str()),
            words::title(look.analysis.control.as_str()),
            clock(difference.clock),
            told(&difference.restricted_mean)
        ));
    }
    let before = |b: &BeforeAfter| {
        format!(
            "{} since the start less the 90 days before, wall clock: restricted mean {} h (before {} h).",
            words::title(b.cohort.as_str()),
            told(&b.difference),
            told(&b.before)
        )
    };
    lines.extend(look.analysis.before_after.iter().map(before));
    if !lines.is_empty() {
        lines.push(
            "Kaplan–Meier; those without a reply count as still waiting. All ranges and tests take conversations \
             of one customer together."
                .to_owned(),
        );
    }
    lines
}

/// The curves of one clock, the control's first.
fn curves(look: Look<'_>, clock: WaitClock) -> Vec<&WaitingCurve> {
    let mut found: Vec<&WaitingCurve> = look.analysis.waiting.iter().filter(|c| c.clock == clock).collect();
    found.sort_by_key(|c| c.cohort != look.analysis.control);
    found
}

fn row(look: Look, index: usize, curve: &WaitingCurve, wall: &[&WaitingCurve]) -> WaitingRow {
    let hours = |w: Option<Wait>| w.map_or(numbers::NONE.to_owned(), |w| numbers::hours(w.hours()));
    let health = &look.analysis.health.delivery;
    let kept = health.promise_kept.get(&curve.cohort).copied().flatten();
    let summary = look.analysis.cohorts.iter().find(|c| c.cohort == curve.cohort);
    let promise = look.cohort(&curve.cohort).map_or(String::new(), |c| format!(", {}", words::promise(c)));
    WaitingRow {
        class: CLASSES[index.min(CLASSES.len() - 1)],
        name: format!("{}{promise}", words::title(curve.cohort.as_str())),
        conversations: numbers::count(curve.conversations),
        median: hours(curve.median),
        p90: hours(curve.p90),
        wall_median: hours(wall.iter().find(|w| w.cohort == curve.cohort).and_then(|w| w.median)),
        kept: kept.map_or(numbers::NONE.to_owned(), numbers::share),
        unanswered: summary.map_or(numbers::NONE.to_owned(), |s| numbers::count(s.unanswered)),
    }
}

fn figure(
    look: Look,
    id: &str,
    clock: &str,
    curves: &[&WaitingCurve],
) -> Result<Option<Figure>, askama::Error> {
    if curves.is_empty() {
        return Ok(None);
    }
    let lines: Vec<WaitingLine> = curves
        .iter()
        .map(|curve| WaitingLine {
            name: words::title(curve.cohort.as_str()),
            promised: curve.promised.hours(),
            promise: format!("promise: {}", numbers::wait(curve.promised)),
            kept: curve.within_promise,
            kept_words: curve.within_promise.map_or(String::new(), |s| format!("{} kept", numbers::share(s))),
            median: curve.median.map(Wait::hours),
            points: curve.points.clone(),
        })
        .collect();
    let description = lines.iter().map(|line| {
        let median =
            line.median.map_or(String::new(), |h| format!(" half answered within {}", numbers::hours(h)));
        format!(
            "{}:{median}, {} within the promise.",
            line.name,
            line.kept.map_or(numbers::NONE.to_owned(), numbers::share)
        )
    });
    let description = description.collect::<Vec<_>>().join(" ");
    // On calendars that differ an hour is not an hour: no distance is told.
    let calendar = |c: &WaitingCurve| look.cohort(&c.cohort).map(|cohort| cohort.calendar.clone());
    let alike =
        curves[0].clock == WaitClock::Wall || curves.iter().all(|c| calendar(c) == calendar(curves[0]));
    let gap = match (lines.first().and_then(|l| l.median), lines.get(1).and_then(|l| l.median)) {
        _ if !alike => String::new(),
        (Some(a), Some(b)) if b >= a => format!("half: {} later", numbers::hours(b - a)),
        (Some(a), Some(b)) => format!("half: {} sooner", numbers::hours(a - b)),
        _ => String::new(),
    };
    let title = format!("Share of conversations answered, by {clock}");
    let table = FigureTable {
        caption: title.clone(),
        columns: std::iter::once("Hours waited".to_owned())
            .chain(lines.iter().map(|l| l.name.clone()))
            .collect(),
        rows: [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 48.0, 72.0]
            .iter()
            .map(|h| {
                let at = |line: &WaitingLine| {
                    let known = line.points.iter().take_while(|p| p.0 <= *h).last();
                    numbers::share(known.map_or(0.0, |p| p.1))
                };
                std::iter::once(numbers::hours(*h)).chain(lines.iter().map(at)).collect()
            })
            .collect(),
    };
    let chart = WaitingChart::new(id, title, description, clock.to_owned(), &lines, gap);
    Figure::of("Chart of response times", &chart, table).map(Some)
}

/// `3.1 hours`, or `40 minutes`.
fn spell_hours(hours: f64) -> String {
    if hours < 1.0 {
        format!("{} minutes", numbers::decimal(hours * 60.0, 0))
    } else {
        format!("{} hours", numbers::decimal(hours, 1))
    }
}
