use patience::{
    analysis::document::{CheckState, Conclusion, Decision, Outcome},
    language::Language,
    presentation::{Beside, ResultView},
};

use super::{analysis, experiment, written};

/// What a browser would show of a text in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('\'', "&#39;")
        .replace('"', "&#34;")
}

#[test]
fn the_verdict_s_words_stand_on_the_page_byte_for_byte() {
    let (experiment, analysis) = (experiment(), analysis());
    let html = String::from_utf8(written("html", &experiment, &analysis)).unwrap();
    let verdict = &analysis.verdict;
    let lines = [&verdict.kicker, &verdict.headline, &verdict.sentence].into_iter();
    for words in lines.chain(&verdict.reasons).chain(&verdict.know_before) {
        assert!(html.contains(&escaped(words)), "missing: {words}");
    }
}

#[test]
fn headings_are_findings_read_off_the_figures() {
    let view = ResultView::new(Language::English, &experiment(), &analysis(), false).unwrap();
    assert_eq!(view.scorecards[0].heading, "Nothing you protected got worse than you allowed");
    assert_eq!(view.checks.heading, "The figures can be trusted, with one note");
    assert_eq!(view.state.words, "Decision ready: ship");
    assert_eq!(view.waiting.unwrap().heading, "Customers waited about 14.2 hours longer");
    assert_eq!(view.groups.unwrap().heading, "“chat” is worth a closer look");
    let Beside::Money { value, range, .. } = view.verdict.beside else {
        panic!("no money beside the verdict")
    };
    assert_eq!((value.as_str(), range.as_str()), ("$220,000", "very likely $110,000 to $329,000"));
}

#[test]
fn a_broken_limit_is_named_and_the_bar_changes_its_tone() {
    let mut analysis = analysis();
    analysis.metrics[0].comparisons[0].conclusion = Conclusion::Inferior;
    let view = ResultView::new(Language::English, &experiment(), &analysis, false).unwrap();
    assert_eq!(view.scorecards[0].heading, "Satisfied customers fell further than you allowed");
    let row = &view.scorecards[0].groups[0].rows[0];
    assert_eq!(row.result.words, "Beyond limit");
    assert!(row.bar.contains("class=\"rb bad\""));
}

#[test]
fn the_row_speaks_on_the_scale_of_its_limit() {
    let view = ResultView::new(Language::English, &experiment(), &analysis(), false).unwrap();
    let row = &view.scorecards[0].groups[0].rows[0];
    assert_eq!((row.usual.as_str(), row.slower.as_str()), ("87.1%", "86.0%"));
    assert_eq!((row.range.as_str(), row.limit.as_str()), ("−2.8% to +0.3%", "−3.0%"));
}

#[test]
fn a_failed_check_hides_the_figures_until_they_are_asked_for() {
    let mut analysis = analysis();
    analysis.verdict.decision = Decision::Invalid;
    analysis.verdict.outcome = Outcome::SplitUneven;
    analysis.health.checks[0].state = CheckState::Failed;
    let hidden = ResultView::new(Language::English, &experiment(), &analysis, false).unwrap();
    assert!(
        !hidden.figures && hidden.scorecards.is_empty() && hidden.sums.is_none() && hidden.series.is_empty()
    );
    assert!(matches!(hidden.verdict.beside, Beside::Hidden));
    assert_eq!(hidden.checks.heading, "A check failed: the split is even");
    let shown = ResultView::new(Language::English, &experiment(), &analysis, true).unwrap();
    assert!(shown.figures && shown.not_for_decisions && !shown.scorecards.is_empty());
}

#[test]
fn the_first_days_show_nothing_whoever_asks() {
    let mut analysis = analysis();
    analysis.verdict.decision = Decision::KeepRunning;
    analysis.verdict.outcome = Outcome::TooEarly;
    let view = ResultView::new(Language::English, &experiment(), &analysis, true).unwrap();
    assert!(!view.figures && view.scorecards.is_empty());
    assert_eq!(view.state.words, "Too early");
}

#[test]
fn no_figures_at_all_still_make_a_page() {
    let mut analysis = analysis();
    analysis.economics = None;
    analysis.series.clear();
    analysis.waiting.clear();
    analysis.segments.clear();
    for metric in &mut analysis.metrics {
        metric.comparisons.clear();
        metric.cohorts.clear();
    }
    assert!(!written("html", &experiment(), &analysis).is_empty());
}
