//! The result page on paper: three pages of A4, the first enough for a board. Tagged, so that it reads well aloud too,
//! and held to PDF/UA-1 by its writer.

mod drawing;
mod fonts;
mod marks;
mod paper;
mod table;
mod tags;

use krilla::metadata::{DateTime, Metadata};

use super::{Format, Report, ReportError, Sink, ours};
use crate::{
    charts::Tone,
    language::{Language, Message, say},
    presentation::{Beside, Chip, DecidedView, GroupRow, Milestone, ResultView, Scorecard, actor, logged},
};
use chrono::{Datelike, Timelike};
use fonts::Weight;
use marks::{BODY, INK2, Ink, SMALL, Style};
use paper::{Paper, WIDTH};
use table::{Cell, Column};

/// PDF.
#[derive(Debug)]
pub(super) struct Pdf;

impl Format for Pdf {
    fn slug(&self) -> &'static str {
        "pdf"
    }

    fn extension(&self) -> &'static str {
        "pdf"
    }

    fn media_type(&self) -> &'static str {
        "application/pdf"
    }

    fn audience(&self) -> Message {
        say("format-pdf-for")
    }

    fn contents(&self) -> Message {
        say("format-pdf")
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        // Reports hold the figures whatever the verdict; where a check failed they are marked.
        let (t, analysis) = (report.language, report.analysis);
        let view = ResultView::new(t, report.experiment, analysis, report.log, true).map_err(ours)?;
        let running = t
            .say("paper-running")
            .with("name", &view.name)
            .with("version", analysis.analysis.to_string())
            .with("at", t.date_time(analysis.as_of))
            .with("good", if report.for_decisions() { "yes" } else { "no" });
        let mut paper = Paper::new(running.to_string());
        first(&mut paper, report, &view);
        paper.turn();
        second(&mut paper, &view);
        // Where the scorecard is long, what follows goes on beneath it, so that three pages are enough.
        paper.turn_to(3);
        third(&mut paper, report, &view);
        out.write_all(&paper.finish(metadata(report), t.tag()).map_err(ours)?).map_err(ours)
    }
}

/// What the file says of itself; the same bytes for the same analysis.
fn metadata(report: &Report) -> Metadata {
    let (analysis, verdict) = (report.analysis, &report.analysis.verdict);
    let made = analysis.made_at.datetime();
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    let at = DateTime::new(u16::try_from(made.year()).unwrap_or_default())
        .month(small(made.month()))
        .day(small(made.day()))
        .hour(small(made.hour()))
        .minute(small(made.minute()))
        .second(small(made.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(report.experiment.definition.name.clone())
        .description(format!("{} {}", verdict.headline, verdict.sentence))
        .authors(vec!["Patience".to_owned()])
        .creator("Patience".to_owned())
        .language(report.language.tag().to_owned())
        .creation_date(at)
        .document_id(format!("{}, version {}", analysis.experiment, analysis.analysis))
}

/// The verdict, what was agreed, and the sums.
fn first(paper: &mut Paper, report: &Report, view: &ResultView) {
    let t = report.language;
    let pair = |name: &str, value: &str| -> String {
        t.say("paper-pair").with("name", name).with("value", value).to_string()
    };
    paper.heading(1, &view.name);
    paper.paragraph(&format!("{} · {}", view.state.words, view.meta.join(" · ")), SMALL);
    if view.not_for_decisions {
        let style = Style { weight: Weight::Bold, ink: ink(Tone::Failed), ..BODY };
        paper.paragraph(&t.say("not-for-decisions").to_string(), style);
    }
    let verdict = &view.verdict;
    paper.space(4.0);
    paper.paragraph(&verdict.kicker, Style { weight: Weight::Bold, ink: ink(verdict.tone), ..BODY });
    paper.heading(2, &verdict.headline);
    paper.paragraph(&verdict.sentence, Style { size: 10.5, ..BODY });
    match &verdict.beside {
        Beside::Money { label, value, range, .. } => {
            let style = Style { weight: Weight::Bold, ink: ink(verdict.tone), ..BODY };
            let sum = t.say("paper-sum").with("label", label).with("value", value).with("range", range);
            paper.paragraph(&sum.to_string(), style);
        }
        Beside::Metric { .. } | Beside::Hidden => {}
    }
    if let Some(decided) = report.decided.map(|decided| DecidedView::new(t, decided)) {
        paper.heading(3, &t.say("paper-decided").to_string());
        let what = t.say("decided-from").with("what", &decided.what).with("date", &decided.from).to_string();
        paper.paragraph(&what, Style { weight: Weight::Bold, ..BODY });
        decided.why.iter().for_each(|line| paper.paragraph(line, BODY));
        let by = t
            .say("decided-by")
            .with("agreed", &decided.agreed_by)
            .with("who", &decided.who)
            .with("date", &decided.on);
        paper.paragraph(&by.to_string(), SMALL);
    }
    let reasons: Vec<String> = verdict.reasons.iter().map(|reason| reason.whole.clone()).collect();
    paper.list(&reasons, BODY);
    if !verdict.know_before.is_empty() {
        paper.heading(3, t.say("know-heading").to_string().trim_end_matches([':', '：']));
        paper.list(&verdict.know_before, BODY);
    }
    let plan = &view.plan;
    paper.heading(2, &t.say("plan-heading").to_string());
    let mut agreed = vec![if plan.rule.text.is_empty() {
        plan.who.clone()
    } else {
        t.say("plan-who-rule").with("who", &plan.who).with("rule", &plan.rule.text).to_string()
    }];
    let except = || t.say("plan-except-plain").with("rule", &plan.except.text).to_string();
    agreed.extend((!plan.except.text.is_empty()).then(except));
    agreed.extend(plan.levels.iter().map(|level| pair(&level.name, &level.promise)));
    agreed.extend(plan.limits.iter().map(|(measure, limit)| {
        t.say("paper-limit").with("measure", measure).with("limit", limit).to_string()
    }));
    agreed.push(t.say("paper-ship-if").with("rule", &plan.ship_if).to_string());
    agreed.push(plan.size.clone());
    agreed.extend(plan.locked.iter().chain(&plan.amended).cloned());
    paper.list(&agreed, BODY);
    if let Some(sums) = &view.sums {
        titled_chart(paper, &sums.heading, &sums.lede, &sums.figure.svg);
        paper.paragraph(sums.break_even.as_deref().unwrap_or_default(), BODY);
        paper.list(&sums.assumptions, SMALL);
    }
}

/// The scorecard, and how the difference came about.
fn second(paper: &mut Paper, view: &ResultView) {
    let t = view.t;
    view.scorecards.iter().for_each(|card| scorecard(paper, t, card));
    if let Some(series) = view.series.first() {
        titled_chart(paper, &series.heading, &series.lede, &series.figure.svg);
        let marked = |m: &Milestone| {
            let (n, who) = (m.number.to_string(), if m.who.is_empty() { "nobody" } else { m.who.as_str() });
            let said = t
                .say("paper-milestone")
                .with("n", n)
                .with("date", &m.date)
                .with("what", &m.what)
                .with("who", who);
            said.to_string()
        };
        // One paragraph, so that it stays on the page of its chart.
        paper.paragraph(&view.milestones.iter().map(marked).collect::<Vec<_>>().join("   "), SMALL);
    }
    if let Some(waiting) = &view.waiting {
        paper.heading(2, &waiting.heading);
        let columns = [
            t.say("waits-service-level"),
            t.say("waits-conversations"),
            t.say("waits-half"),
            t.say("waits-nine"),
            t.say("waits-half-wall"),
            t.say("waits-promise-kept"),
            t.say("waits-unanswered"),
        ];
        let columns: Vec<Column> = columns
            .into_iter()
            .enumerate()
            .map(|(place, heading)| column(heading, if place == 0 { 1.6 } else { 1.0 }, place > 0))
            .collect();
        let rows: Vec<Vec<Cell>> = waiting
            .rows
            .iter()
            .map(|row| {
                [
                    &row.name,
                    &row.conversations,
                    &row.median,
                    &row.p90,
                    &row.wall_median,
                    &row.kept,
                    &row.unanswered,
                ]
                .map(|cell| words(cell, ""))
                .into()
            })
            .collect();
        paper.table(&columns, &rows, drawing::marks);
    }
}

fn scorecard(paper: &mut Paper, t: Language, card: &Scorecard) {
    paper.heading(2, &card.heading);
    for group in &card.groups {
        paper.heading(3, &group.title);
        let limit = group.rows.iter().find_map(|row| row.bound.as_ref()).map_or("", |(what, _)| what);
        let columns = [
            column(t.say("score-measure"), 2.9, false),
            column(&card.usual, 0.85, true),
            column(&card.slower, 0.85, true),
            column(t.say("column-difference-range"), 2.5, true),
            column(limit, 0.7, true),
            column(t.say("paper-better"), 1.6, false),
            column(t.say("score-result"), 2.0, false),
        ];
        let rows: Vec<Vec<Cell>> = group
            .rows
            .iter()
            .map(|row| {
                vec![
                    words(&row.label, ""),
                    words(&row.usual, ""),
                    words(&row.slower, ""),
                    words(&format!("{} ({})", row.difference, row.range), ""),
                    words(row.bound.as_ref().map_or("", |(_, bound)| bound), ""),
                    Cell::Drawing(row.bar.clone()),
                    said(&row.result),
                ]
            })
            .collect();
        paper.table(&columns, &rows, drawing::marks);
    }
}

/// Can it be trusted, where does it differ, what can it not tell, and what happened.
fn third(paper: &mut Paper, report: &Report, view: &ResultView) {
    let t = report.language;
    paper.heading(2, &view.checks.heading);
    let rows: Vec<Vec<Cell>> = view
        .checks
        .items
        .iter()
        .map(|check| {
            vec![
                words(&check.title, ""),
                words(check.said.trim_end_matches([':', '：']), ""),
                words(&check.detail, ""),
            ]
        })
        .collect();
    let columns = [
        column(t.say("paper-check"), 2.4, false),
        column(t.say("list-state"), 0.8, false),
        column(t.say("paper-figures"), 4.4, false),
    ];
    paper.table(&columns, &rows, drawing::marks);
    if let Some(groups) = &view.groups
        && !groups.declared.is_empty()
    {
        paper.heading(2, &groups.heading);
        paper.paragraph(&groups.lede, SMALL);
        let columns = [
            column(t.say("paper-group"), 1.6, false),
            column(t.say("paper-value"), 1.6, false),
            column(t.say("column-customers"), 1.0, true),
            column(t.say("column-difference-range"), 2.0, true),
            column(t.say("paper-better"), 2.4, false),
        ];
        let look = t.say("groups-worth-a-look").to_string();
        let row = |row: &GroupRow| {
            vec![
                words(&row.segment, ""),
                words(&row.value, if row.worth_a_look { &look } else { "" }),
                words(&row.units, ""),
                words(&format!("{} ({})", row.difference, row.range), ""),
                Cell::Drawing(row.bar.clone()),
            ]
        };
        let rows: Vec<Vec<Cell>> = groups.declared.iter().map(row).collect();
        paper.table(&columns, &rows, drawing::marks);
    }
    paper.heading(2, &t.say("untold-heading").to_string());
    paper.list(&view.cannot_tell, BODY);
    if !report.log.is_empty() {
        paper.heading(2, &t.say("log-heading").to_string());
        let rows: Vec<Vec<Cell>> = report
            .log
            .iter()
            .take(LOG_LINES)
            .map(|line| {
                vec![
                    words(&t.date_time(line.at), ""),
                    words(&logged(t, &line.what), ""),
                    words(&actor(t, &line.who), ""),
                ]
            })
            .collect();
        let columns = [
            column(t.say("paper-when"), 1.4, false),
            column(t.say("log-what"), 4.4, false),
            column(t.say("log-who"), 1.8, false),
        ];
        paper.table(&columns, &rows, drawing::marks);
    }
    paper.space(6.0);
    paper.paragraph(&view.footer, Style { ink: INK2, ..SMALL });
}

/// Lines of the log that the last page shows, the newest.
const LOG_LINES: usize = 12;

fn column(heading: impl Into<String>, share: f32, right: bool) -> Column {
    Column { heading: heading.into(), share, right }
}

fn words(text: &str, note: &str) -> Cell {
    Cell::Words(text.to_owned(), note.to_owned())
}

fn said(chip: &Chip) -> Cell {
    words(&chip.words, "")
}

/// A chart under its finding, both on one page.
fn titled_chart(paper: &mut Paper, heading: &str, lede: &str, svg: &str) {
    paper.need(HEADED + drawing::marks(svg, 0.0, 0.0, CHART).1);
    paper.heading(2, heading);
    paper.paragraph(lede, SMALL);
    chart(paper, svg);
}

/// How wide a chart is drawn.
const CHART: f32 = 0.74 * WIDTH;

/// What a heading and a sentence under it take, with the room about them.
const HEADED: f32 = 52.0;

fn chart(paper: &mut Paper, svg: &str) {
    paper.figure(&drawing::description(svg), |x, y| drawing::marks(svg, x, y, CHART));
}

fn ink(tone: Tone) -> Ink {
    match tone {
        Tone::Good => (0x0c, 0x6a, 0x4c),
        Tone::Care => (0x7a, 0x52, 0x00),
        Tone::Bad => (0xa8, 0x2a, 0x1f),
        Tone::Running => (0x1d, 0x4f, 0x91),
        Tone::Neutral | Tone::Failed => (0x45, 0x4e, 0x5f),
    }
}
