//! The workbook, read back by a reader that shares no line with its writer.

use std::io::Cursor;

use calamine::{Data, DataType, Range, Reader, Xlsx};
use patience::{analysis::document::Analysis, language::Language};

use super::{analysis, experiment, written, written_in};

const SHEETS: [&str; 9] = [
    "Cover",
    "Summary",
    "Scorecard",
    "Over time",
    "Response times",
    "Checks",
    "Groups",
    "Plan",
    "Dictionary",
];

fn opened(analysis: &Analysis) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(written("xlsx", &experiment(), analysis))).unwrap()
}

/// The cell of a row in the column of that heading.
fn of<'r>(sheet: &'r Range<Data>, row: usize, heading: &str) -> &'r Data {
    let column = sheet.headers().unwrap().iter().position(|name| name == heading).unwrap();
    sheet.get((row, column)).unwrap_or(&Data::Empty)
}

#[test]
fn each_sheet_is_one_table_and_each_column_is_in_the_dictionary() {
    let mut book = opened(&analysis());
    assert_eq!(book.sheet_names(), SHEETS);
    book.load_tables().unwrap();
    let mut tables: Vec<&String> = book.table_names();
    tables.sort();
    assert_eq!(
        tables,
        ["Checks", "Dictionary", "Groups", "Over_time", "Plan", "Response_times", "Scorecard", "Summary"]
    );
    let dictionary = book.worksheet_range("Dictionary").unwrap();
    let explained: Vec<(String, String)> =
        dictionary.rows().skip(1).map(|row| (row[0].to_string(), row[1].to_string())).collect();
    for name in &SHEETS[1..8] {
        let sheet = book.worksheet_range(name).unwrap();
        assert!(sheet.height() > 1, "{name} is empty");
        for heading in sheet.headers().unwrap() {
            assert!(explained.contains(&((*name).to_owned(), heading.clone())), "{name}: {heading}");
        }
    }
}

#[test]
fn the_words_of_the_verdict_are_those_of_the_analysis_byte_for_byte() {
    let analysis = analysis();
    let mut book = opened(&analysis);
    let summary = book.worksheet_range("Summary").unwrap();
    let verdict = &analysis.verdict;
    for (item, words) in
        [("Recommendation", &verdict.kicker), ("Headline", &verdict.headline), ("Verdict", &verdict.sentence)]
    {
        let row = summary.rows().find(|row| row[0] == item).unwrap();
        assert_eq!(row[2].get_string(), Some(words.as_str()));
    }
    let reasons: Vec<String> =
        summary.rows().filter(|row| row[0] == "Reason").map(|row| row[2].to_string()).collect();
    assert_eq!(reasons, verdict.reasons);
}

#[test]
fn numbers_and_dates_are_numbers_and_dates_with_all_their_digits() {
    let analysis = analysis();
    let mut book = opened(&analysis);
    let scorecard = book.worksheet_range("Scorecard").unwrap();
    let mut row = 0;
    for metric in &analysis.metrics {
        for compared in &metric.comparisons {
            row += 1;
            assert_eq!(of(&scorecard, row, "Key").get_string(), Some(metric.metric.as_str()));
            for (heading, figure) in [
                ("Difference", compared.absolute.estimate),
                ("Difference from", compared.absolute.lower),
                ("Change to", compared.relative.upper),
                ("p", compared.p_value),
                ("Limit", compared.margin),
            ] {
                assert_eq!(of(&scorecard, row, heading).get_float(), figure, "{} {heading}", metric.metric);
            }
        }
    }
    assert_eq!(scorecard.height(), row + 1);
    let series = book.worksheet_range("Over time").unwrap();
    assert_eq!(series.height(), 1 + analysis.series.iter().map(|s| s.points.len()).sum::<usize>());
    let until = of(&series, 1, "Until").as_datetime().unwrap();
    assert_eq!(until, analysis.series[0].points[0].at.datetime().naive_utc());
}

#[test]
fn text_that_begins_like_a_formula_stays_text_and_nothing_is_one() {
    let mut analysis = analysis();
    for (check, text) in
        analysis.health.checks.iter_mut().zip(["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)"])
    {
        check.title = text.to_owned();
    }
    let mut book = opened(&analysis);
    let checks = book.worksheet_range("Checks").unwrap();
    assert_eq!(of(&checks, 1, "Finding").get_string(), Some("=HYPERLINK(\"http://x\")"));
    for name in SHEETS {
        assert!(book.worksheet_formula(name).unwrap().is_empty(), "{name} holds a formula");
    }
}

#[test]
fn the_same_analysis_gives_the_same_bytes() {
    let analysis = analysis();
    assert_eq!(written("xlsx", &experiment(), &analysis), written("xlsx", &experiment(), &analysis));
}

#[test]
fn an_analysis_with_nothing_in_it_makes_a_workbook_too() {
    let mut bare = analysis();
    (bare.series, bare.segments, bare.waiting, bare.economics) = (Vec::new(), Vec::new(), Vec::new(), None);
    let mut book = opened(&bare);
    assert_eq!(book.worksheet_range("Groups").unwrap().headers().unwrap()[0], "Group");
}

#[test]
fn another_language_has_other_words_and_the_same_figures() {
    let (t, analysis) = (Language::Chinese, analysis());
    // Its own words are in the language that it was told in.
    let told = serde_json::to_value(&analysis).unwrap().to_string().replace("\\\"", "\"");
    let mut english = opened(&analysis);
    let mut chinese = Xlsx::new(Cursor::new(written_in(t, "xlsx", &experiment(), &analysis))).unwrap();
    chinese.load_tables().unwrap();
    assert!(chinese.table_names().contains(&&"Scorecard".to_owned()), "formulas read on in every language");
    for (place, sheet) in chinese.sheet_names().iter().enumerate() {
        assert!(!sheet.is_ascii(), "{sheet} is not in Chinese");
        let ours = english.worksheet_range(SHEETS[place]).unwrap();
        let theirs = chinese.worksheet_range(sheet).unwrap();
        assert_eq!(ours.get_size(), theirs.get_size(), "{sheet}");
        for (row, (ours, theirs)) in ours.rows().zip(theirs.rows()).enumerate() {
            for (column, (english, chinese)) in ours.iter().zip(theirs).enumerate() {
                let at = format!("{sheet}, row {row}, column {column}: {chinese}");
                match chinese {
                    Data::String(_) if row == 0 && place > 0 => {
                        assert!(!chinese.to_string().is_ascii(), "{at}");
                    }
                    Data::String(words) if english == chinese => {
                        assert!(is_a_name(words) || told.contains(words), "{at}");
                    }
                    Data::String(_) => assert!(english.is_string(), "{at}"),
                    figure => assert_eq!(figure, english, "{at}"),
                }
            }
        }
    }
}

/// What people or programs named is the same in each language, and so are the words of this experiment's plan.
fn is_a_name(words: &str) -> bool {
    let definition = experiment().definition;
    let plan = [
        &definition.name,
        &definition.owner,
        &definition.hypothesis,
        &definition.eligibility.rule,
        &definition.eligibility.except,
    ];
    plan.contains(&&words.to_owned())
        || definition.cohorts.iter().any(|cohort| cohort.message == words)
        || definition.decision.ship_when.to_string() == words
        || !words.contains(' ')
}
