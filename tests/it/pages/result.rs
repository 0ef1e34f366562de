use patience::{
    analysis::document::{CheckState, Conclusion, Decision, Outcome},
    language::Language,
    presentation::{Beside, ResultView},
    storage::{Store, analyses},
};

use super::{
    EXAMPLE, analysis,
    browsing::{Browser, between},
    experiment, installation, written,
};

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
    let view = ResultView::new(Language::English, &experiment(), &analysis(), &[], false).unwrap();
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
    let view = ResultView::new(Language::English, &experiment(), &analysis, &[], false).unwrap();
    assert_eq!(view.scorecards[0].heading, "Satisfied customers fell further than you allowed");
    let row = &view.scorecards[0].groups[0].rows[0];
    assert_eq!(row.result.words, "Beyond limit");
    assert!(row.bar.contains("class=\"rb bad\""));
}

#[test]
fn the_row_speaks_on_the_scale_of_its_limit() {
    let view = ResultView::new(Language::English, &experiment(), &analysis(), &[], false).unwrap();
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
    let hidden = ResultView::new(Language::English, &experiment(), &analysis, &[], false).unwrap();
    assert!(
        !hidden.figures && hidden.scorecards.is_empty() && hidden.sums.is_none() && hidden.series.is_empty()
    );
    assert!(matches!(hidden.verdict.beside, Beside::Hidden));
    assert_eq!(hidden.checks.heading, "A check failed: the split is even");
    let shown = ResultView::new(Language::English, &experiment(), &analysis, &[], true).unwrap();
    assert!(shown.figures && shown.not_for_decisions && !shown.scorecards.is_empty());
}

#[test]
fn the_first_days_show_nothing_whoever_asks() {
    let mut analysis = analysis();
    analysis.verdict.decision = Decision::KeepRunning;
    analysis.verdict.outcome = Outcome::TooEarly;
    let view = ResultView::new(Language::English, &experiment(), &analysis, &[], true).unwrap();
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

#[test]
fn each_verdict_offers_what_it_asks_for() {
    let installation = installation();
    installation.must(&["start", EXAMPLE]);
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let store = Store::open_existing(&installation.url()).unwrap();
    let decide = format!("href=\"/experiments/{EXAMPLE}/decide\">");
    let planner = "href=\"/planner?from=4&#38;to=8&#38;weeks=22&#38;csat_now=";
    for (day, outcome, decision, first, others) in [
        (1, Outcome::Ship, Decision::Ship, format!("{decide}Record the decision"), vec![]),
        (
            2,
            Outcome::Underpowered,
            Decision::KeepRunning,
            planner.to_owned(),
            vec![">Compare the options<".to_owned(), format!("{decide}Record the decision")],
        ),
        (
            3,
            Outcome::NoClearAnswer,
            Decision::Inconclusive,
            format!("{decide}Keep the usual level"),
            vec![planner.to_owned(), ">Plan a longer experiment<".to_owned()],
        ),
        (
            4,
            Outcome::SafeNotShownToPay,
            Decision::Inconclusive,
            format!("{decide}Keep the usual level"),
            vec!["href=\"#money\">Try other assumptions".to_owned()],
        ),
    ] {
        // A headline stands for its day: each state comes on one of its own.
        let mut made = analysis();
        made.made_at = format!("2026-06-{day:02}T02:00:00Z").parse().unwrap();
        (made.verdict.outcome, made.verdict.decision) = (outcome, decision);
        store.write(move |db| analyses::insert(db, &made)).unwrap();
        let page = lead.text(&format!("/experiments/{EXAMPLE}"));
        let buttons = between(&page, "<div class=\"acts left\">", "</div>");
        let main = between(&buttons, "class=\"btn pri\" ", "</a>");
        assert!(main.starts_with(&first), "{outcome:?}: {main}");
        for other in others {
            assert!(buttons.contains(&other), "{outcome:?}: {other}: {buttons}");
        }
    }
    // The planner takes the figures: the limit of 3% of them is in points there.
    let page = lead.text(&format!("/experiments/{EXAMPLE}"));
    assert!(!page.contains("Plan a longer experiment"));
    assert!(
        lead.text("/planner?from=4&to=8&weeks=22&csat_now=90.4&limit=2.7&agent_hour=38")
            .contains("value=\"2.7\"")
    );
}
