//! How the difference settled, and how long customers waited.

use super::{Compared, Look, Milestone, class_of, numbers, span, words};
use crate::analysis::document::{BeforeAfter, Range, Series, WaitClock, WaitingCurve};
use crate::charts::{Figure, FigureTable, SeriesChart, SeriesMark, SeriesText, WaitingChart, WaitingLine};
use crate::domain::{
    experiment::Direction,
    time::{Moment, Wait},
};
use crate::language::{Message, Number, Slot, say};

/// A metric's difference over time.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the section")]
pub struct SeriesView {
    pub heading: String,
    pub lede: String,
    pub figure: Figure,
}

impl SeriesView {
    /// The series of the verdict's treatment: of the metric that the verdict speaks of first, then in the order
    /// of the definition.
    pub(crate) fn all(look: Look, milestones: &[Milestone]) -> Result<Vec<Self>, askama::Error> {
        let of_verdict = look.analysis.series.iter().filter(|s| s.treatment == *look.treatment());
        let mut told: Vec<&Series> = of_verdict.filter(|series| !series.points.is_empty()).collect();
        told.sort_by_key(|series| Some(&series.metric) != look.analysis.verdict.metric.as_ref());
        told.into_iter()
            .enumerate()
            .filter_map(|(i, series)| {
                let metric = look.analysis.metrics.iter().find(|m| m.metric == series.metric)?;
                let compared = look.comparison(metric, &series.treatment)?;
                Some(Self::of(look, i, series, &compared, milestones))
            })
            .collect()
    }

    fn of(
        look: Look,
        index: usize,
        series: &Series,
        compared: &Compared,
        milestones: &[Milestone],
    ) -> Result<Self, askama::Error> {
        let label = words::metric_label(look.t, &series.metric);
        let begin = look.begin();
        let day = |at: Moment| (at - begin).hours() / 24.0;
        let marks: Vec<SeriesMark> = series
            .points
            .iter()
            .map(|p| SeriesMark { day: day(p.at).max(0.0), span: span(&p.range) })
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
            Some(week) => look.say("series-settled").with("metric", &label).with("week", week),
            None => look.say("series-neutral").with("metric", &label),
        };
        let value = differences.write(last.estimate);
        let in_points = differences.scale == crate::domain::experiment::MarginScale::Absolute
            && super::plan::is_share(&series.metric);
        let text = SeriesText {
            t: look.t,
            id: format!("series-{index}"),
            title: look.say("series-title").with("metric", &label).to_string(),
            description: look
                .say("series-description")
                .with("finding", &finding)
                .with("difference", &value)
                .with("range", &range)
                .with("marked", milestones.len())
                .to_string(),
            value: if in_points { look.say("series-points").with("n", value).to_string() } else { value },
            range: range.clone(),
            limit: limit.map_or(String::new(), |limit| {
                look.say("series-limit").with("limit", differences.write(Some(limit))).to_string()
            }),
            events: milestones.iter().map(|milestone| day(milestone.at)).collect(),
            flag: week.map_or(String::new(), |week| look.say("series-flag").with("week", week).to_string()),
        };
        let chart =
            SeriesChart::new(text, &marks, limit, better_above, settled, |v| differences.write(Some(v)));
        let columns = [
            look.say("series-day"),
            look.say("column-customers"),
            look.say("column-difference"),
            look.say("plausible-range"),
        ];
        let table = FigureTable {
            caption: look.say("series-caption").with("metric", &label).to_string(),
            columns: columns.map(String::from).to_vec(),
            rows: weekly(look, series, differences),
        };
        Ok(Self {
            heading: finding.to_string(),
            lede: look
                .say("series-lede")
                .with("metric", &label)
                .with("slower", words::title(series.treatment.as_str()).to_lowercase())
                .with("usual", words::title(look.analysis.control.as_str()).to_lowercase())
                .to_string(),
            figure: Figure::of(look.t, look.say("series-chart").with("metric", label), &chart, table)?,
        })
    }
}

/// Every seventh day, and the last.
fn weekly(look: Look, series: &Series, differences: numbers::Differences) -> Vec<Vec<String>> {
    let last = series.points.len().saturating_sub(1);
    let picked = series.points.iter().enumerate().filter(|(i, _)| (last - i).is_multiple_of(7));
    picked
        .map(|(_, p)| {
            vec![
                look.t.date(p.at),
                look.t.count(p.units),
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
    /// Whether the heading's hours are others than the chart's.
    pub two_clocks: bool,
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
                look.say("waits-longer").with("time", spell_hours(h))
            }
            Some(Range { estimate: Some(h), upper: Some(u), .. }) if u < 0.0 => {
                look.say("waits-less").with("time", spell_hours(-h))
            }
            _ => look.say("waits-neutral"),
        };
        let rows = (if open.is_empty() { &wall } else { &open })
            .iter()
            .enumerate()
            .map(|(i, curve)| row(look, i, curve, &wall))
            .collect();
        Ok(Some(Self {
            heading: heading.to_string(),
            lede: look.say("waits-lede").to_string(),
            two_clocks: gap.is_some() && !open.is_empty() && !alike(look, &open),
            open: figure(look, "waiting-open", &open)?,
            wall: figure(look, "waiting-wall", &wall)?,
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
    let level = say("before-level")
        .with("level", name)
        .with("since", spell_hours(since))
        .with("before", spell_hours(before));
    let said = if most < 0.0 {
        look.say("before-less")
            .with("level", level)
            .with("from", spell_hours(-most))
            .with("to", spell_hours(-least))
    } else if least > 0.0 {
        look.say("before-more")
            .with("level", level)
            .with("from", spell_hours(least))
            .with("to", spell_hours(most))
    } else {
        look.say("before-same").with("level", level)
    };
    Some(said.to_string())
}

/// What an analyst asks of waits.
fn analysts(look: Look) -> Vec<String> {
    let t = look.t;
    let decimal = |v: Option<f64>| v.map_or(numbers::NONE.to_owned(), |v| t.number(v, 2));
    let told = |r: &Range| {
        say("analysts-range")
            .with("estimate", decimal(r.estimate))
            .with("from", decimal(r.lower))
            .with("to", decimal(r.upper))
    };
    let clock = |clock| if clock == WaitClock::Open { say("clock-open") } else { say("clock-wall") };
    let mut lines = Vec::new();
    for curve in &look.analysis.waiting {
        if curve.percentiles.is_empty() {
            continue;
        }
        let percentile = |share: f64, hours: &Range| {
            say("analysts-percentile").with("share", t.number(100.0 * share, 0)).with("hours", told(hours))
        };
        let several = curve.percentiles.iter().map(|p| percentile(p.share, &p.hours));
        // Commas all through: the last is no other than those before it.
        let percentiles = several
            .map(Slot::from)
            .reduce(|list, next| say("list-more").with("list", list).with("next", next).into());
        let within = &curve.within_promise_range;
        let share = |v: Option<f64>| v.map_or(numbers::NONE.to_owned(), |v| t.percent(v));
        lines.push(
            say("analysts-waits")
                .with("level", words::title(curve.cohort.as_str()))
                .with("clock", clock(curve.clock))
                .with("percentiles", percentiles.unwrap_or_else(|| Slot::Text(String::new())))
                .with("kept", share(within.estimate))
                .with("from", share(within.lower))
                .with("to", share(within.upper))
                .with("horizon", t.number(curve.horizon_hours, 1))
                .with("mean", told(&curve.restricted_mean)),
        );
    }
    for difference in &look.analysis.waiting_differences {
        let mean = say("analysts-mean").with("hours", told(&difference.restricted_mean));
        let found = match difference.log_rank_p_value {
            Some(p) => say("analysts-log-rank").with("mean", mean).with("p", words::p(t, p)),
            None => mean,
        };
        lines.push(
            say("analysts-waits-differ")
                .with("level", words::title(difference.treatment.as_str()))
                .with("other", words::title(look.analysis.control.as_str()))
                .with("clock", clock(difference.clock))
                .with("found", found),
        );
    }
    let before = |b: &BeforeAfter| {
        say("analysts-before")
            .with("level", words::title(b.cohort.as_str()))
            .with("difference", told(&b.difference))
            .with("before", told(&b.before))
    };
    lines.extend(look.analysis.before_after.iter().map(before));
    if !lines.is_empty() {
        lines.push(say("analysts-kaplan-meier"));
    }
    lines.iter().map(|line| t.tell(line)).collect()
}

/// The curves of one clock, the control's first.
fn curves(look: Look<'_>, clock: WaitClock) -> Vec<&WaitingCurve> {
    let mut found: Vec<&WaitingCurve> = look.analysis.waiting.iter().filter(|c| c.clock == clock).collect();
    found.sort_by_key(|c| c.cohort != look.analysis.control);
    found
}

fn row(look: Look, index: usize, curve: &WaitingCurve, wall: &[&WaitingCurve]) -> WaitingRow {
    let hours = |w: Option<Wait>| w.map_or(numbers::NONE.to_owned(), |w| numbers::hours(look.t, w.hours()));
    let health = &look.analysis.health.delivery;
    let kept = health.promise_kept.get(&curve.cohort).copied().flatten();
    let summary = look.analysis.cohorts.iter().find(|c| c.cohort == curve.cohort);
    let name = words::title(curve.cohort.as_str());
    WaitingRow {
        class: class_of(index),
        name: match look.cohort(&curve.cohort) {
            Some(cohort) => look
                .say("waits-level")
                .with("level", name)
                .with("promise", words::promise(look.t, cohort))
                .to_string(),
            None => name,
        },
        conversations: look.t.count(curve.conversations),
        median: hours(curve.median),
        p90: hours(curve.p90),
        wall_median: hours(wall.iter().find(|w| w.cohort == curve.cohort).and_then(|w| w.median)),
        kept: kept.map_or(numbers::NONE.to_owned(), |v| look.t.percent(v)),
        unanswered: summary.map_or(numbers::NONE.to_owned(), |s| look.t.count(s.unanswered)),
    }
}

/// Whether an hour of each curve is as long as of the others: on calendars that differ no distance can be told.
fn alike(look: Look, curves: &[&WaitingCurve]) -> bool {
    let calendar = |c: &WaitingCurve| look.cohort(&c.cohort).map(|cohort| &cohort.calendar);
    curves.iter().all(|c| c.clock == WaitClock::Wall || calendar(c) == calendar(curves[0]))
}

/// The curves of one clock with their table.
fn figure(look: Look, id: &str, curves: &[&WaitingCurve]) -> Result<Option<Figure>, askama::Error> {
    let t = look.t;
    let Some(first) = curves.first() else { return Ok(None) };
    // The share of the table below, which counts those who closed without a reply too; the curve cannot.
    let measured = |c: &WaitingCurve| {
        let health = &look.analysis.health.delivery.promise_kept;
        health.get(&c.cohort).copied().flatten().or(c.within_promise)
    };
    let kept = |share: f64| look.say("waits-kept").with("share", Slot::Percent(share)).to_string();
    let promise =
        |promised: Wait| look.say("waits-promise").with("time", numbers::wait(promised)).to_string();
    let lines: Vec<WaitingLine> = curves
        .iter()
        .map(|curve| WaitingLine {
            name: words::title(curve.cohort.as_str()),
            promised: curve.promised.hours(),
            promise: promise(curve.promised),
            kept: curve.within_promise,
            kept_words: measured(curve).map_or(String::new(), kept),
            median: curve.median.map(Wait::hours),
            points: curve.points.clone(),
        })
        .collect();
    let description: Vec<Message> = lines
        .iter()
        .zip(curves)
        .map(|(line, curve)| {
            let kept = measured(curve).map_or(numbers::NONE.to_owned(), |v| t.percent(v));
            match line.median {
                Some(hours) => say("waits-description-half")
                    .with("level", &line.name)
                    .with("kept", kept)
                    .with("time", numbers::hours(t, hours)),
                None => say("waits-description").with("level", &line.name).with("kept", kept),
            }
        })
        .collect();
    let alike = alike(look, curves);
    let gap = match (lines.first().and_then(|l| l.median), lines.get(1).and_then(|l| l.median)) {
        _ if !alike => String::new(),
        (Some(a), Some(b)) if b >= a => {
            look.say("waits-half-later").with("time", numbers::hours(t, b - a)).to_string()
        }
        (Some(a), Some(b)) => {
            look.say("waits-half-sooner").with("time", numbers::hours(t, a - b)).to_string()
        }
        _ => String::new(),
    };
    let (title, axis) = match first.clock {
        WaitClock::Open => (look.say("waits-title-open"), look.say("waits-axis-open")),
        WaitClock::Wall => (look.say("waits-title-wall"), look.say("waits-axis-wall")),
    };
    let title = title.to_string();
    let hours = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 48.0, 72.0];
    let row = |h: f64| {
        let at = |line: &WaitingLine| {
            let known = line.points.iter().take_while(|p| p.0 <= h).last();
            t.percent(known.map_or(0.0, |p| p.1))
        };
        std::iter::once(numbers::hours(t, h)).chain(lines.iter().map(at)).collect()
    };
    let table = FigureTable {
        caption: title.clone(),
        columns: std::iter::once(look.say("waits-column").to_string())
            .chain(lines.iter().map(|l| l.name.clone()))
            .collect(),
        rows: hours.map(row).to_vec(),
    };
    let description = t.tell_all(&description);
    let chart = WaitingChart::new(t, id, title, description, axis.to_string(), &lines, gap);
    Figure::of(t, look.say("waits-chart"), &chart, table).map(Some)
}

/// `3.1 hours`, or `40 minutes`.
fn spell_hours(hours: f64) -> Message {
    if hours < 1.0 {
        say("spelled-minutes").with("n", Number::fixed(hours * 60.0, 0))
    } else {
        say("spelled-hours").with("n", Number::fixed(hours, 1))
    }
}
