//! Notes on the series: what people noted and what became of the plan, marked where it happened, in every file.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use patience::{
    domain::log::{Act, LogLine},
    language::Language,
    presentation::ResultView,
    reports::{self, Report},
};

use super::{EXAMPLE, analysis, browsing::Browser, experiment, installation};

/// The log of the fixture's experiment, the newest first as it is kept: a note is written long after its day.
fn log() -> Vec<LogLine> {
    let line = |at: &str, what| LogLine { at: at.parse().unwrap(), who: "grace@example.org".into(), what };
    let note = |text: &str, of: Option<&str>| Act::Noted {
        text: text.to_owned(),
        of: of.map(|day| day.parse().unwrap()),
    };
    vec![
        line("2027-01-01T09:00:00Z", note("Long after", None)),
        line("2026-04-20T09:00:00Z", note("=New <macros>", Some("2026-02-09"))),
        line("2026-03-02T09:00:00Z", Act::Changed("owner".to_owned())),
        line("2026-01-05T00:00:00Z", Act::Started),
        line("2025-12-22T09:00:00Z", Act::Defined),
    ]
}

fn written(slug: &str) -> Vec<u8> {
    let (experiment, analysis, log) = (experiment(), analysis(), log());
    let mut file = Cursor::new(Vec::new());
    let report = Report { log: &log, ..Report::new(&experiment, &analysis) };
    reports::format(slug).unwrap().write(&report, &mut file).unwrap();
    file.into_inner()
}

#[test]
fn what_happened_is_numbered_in_the_order_of_its_days_and_marked_in_every_series() {
    let view = ResultView::new(Language::English, &experiment(), &analysis(), &log(), false).unwrap();
    let told: Vec<(usize, &str, &str)> =
        view.milestones.iter().map(|m| (m.number, m.what.as_str(), m.who.as_str())).collect();
    assert_eq!(
        told[..3],
        [
            (1, "Started, and locked the plan", ""),
            (2, "=New <macros>", "grace@example.org"),
            (3, "Changed the contact", "")
        ]
    );
    assert!(!told.iter().any(|(_, what, _)| what.contains("Long after")), "{told:?}");
    for series in &view.series {
        let marks = series.figure.svg.matches("class=\"event\"").count();
        assert_eq!(marks, view.milestones.len());
        assert!(series.figure.svg.contains(&format!("{marks} events are marked")), "{}", series.figure.svg);
    }
}

#[test]
fn every_file_tells_what_its_charts_mark() {
    let html = String::from_utf8(written("html")).unwrap();
    assert!(html.contains("<ol class=\"milestones\">") && html.contains("=New &#60;macros&#62;"), "{html}");

    let mut book = Xlsx::new(Cursor::new(written("xlsx"))).unwrap();
    let sheet = book.worksheet_range("Over time").unwrap();
    let column = sheet.headers().unwrap().iter().position(|name| name == "What happened").unwrap();
    let noted: Vec<&[Data]> =
        sheet.rows().filter(|row| row[column].to_string().contains("=New <macros>")).collect();
    assert_eq!(noted.len(), analysis().series.len(), "once a measure");

    let mut zip = zip::ZipArchive::new(Cursor::new(written("csv"))).unwrap();
    let mut table = String::new();
    zip.by_name("log.csv").unwrap().read_to_string(&mut table).unwrap();
    assert!(table.starts_with("at,day,who,what\n") || table.starts_with("at,day,who,what\r\n"), "{table}");
    assert!(
        table.contains(
            "2026-04-20T09:00:00.000Z,2026-02-09,grace@example.org,noted of 2026-02-09: =New <macros>"
        ),
        "{table}"
    );

    let json: serde_json::Value = serde_json::from_slice(&written("json")).unwrap();
    assert_eq!(json["log"][1]["what"], "started it", "the oldest first");
    assert_eq!(json["log"][3]["day"], "2026-02-09");
}

#[test]
fn a_note_may_tell_of_an_earlier_day_and_of_none_to_come() {
    let installation = installation();
    let server = installation.serve();
    let analyst = Browser::sign_in(&installation, &server, "analyst");
    let page = format!("/experiments/{EXAMPLE}");
    let post = |note: &str, day: &str| analyst.post(&format!("{page}/note"), &[("note", note), ("day", day)]);
    assert_eq!(post("Holiday", "2026-02-09").status(), 303);
    assert!(analyst.text(&page).contains("“Holiday”, on 9 Feb 2026"));
    for (note, day, says) in [
        ("Kept <as> typed", "2999-01-01", "Enter a day up to today"),
        ("Kept <as> typed", "soon", "Enter a day up to today"),
        (" ", "2026-02-09", "Write what happened"),
    ] {
        let answer = post(note, day);
        assert_eq!(answer.status(), 200);
        let text = answer.text().unwrap();
        assert!(text.contains(says) && text.contains("<title>Error: "), "{note} {day}: {text}");
        assert!(note == " " || text.contains("value=\"Kept &#60;as&#62; typed\""), "{text}");
    }
    assert_eq!(analyst.text(&page).matches("“").count(), 1, "what was wrong is not kept");
}
