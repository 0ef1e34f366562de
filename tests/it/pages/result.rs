use patience::{
    analysis::document::{Analysis, CheckState, Conclusion, Decision, Outcome, Range},
    domain::experiment::{Experiment, MetricPlan, Role},
    language::Language,
    presentation::{Axis, Beside, ResultView},
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
    for words in lines.chain(&verdict.know_before) {
        assert!(html.contains(&escaped(words)), "missing: {words}");
    }
    // Of a reason the first sentence is the heading over its drawing, and the rest stands under it.
    for reason in &verdict.reasons {
        let (heading, rest) = reason.split_once(". ").unwrap();
        assert!(html.contains(&format!("</svg>{}</h3>", escaped(heading))), "missing: {heading}");
        assert!(html.contains(&format!("<p>{} <a", escaped(rest))), "missing: {rest}");
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
fn a_goal_is_met_missed_or_not_sure_and_is_not_celebrated_before_the_end() {
    let (mut experiment, mut analysis) = (experiment(), analysis());
    let place = |list: &[MetricPlan]| list.iter().position(|plan| plan.role == Role::Primary).unwrap();
    let plan = place(&experiment.definition.metrics);
    let name = experiment.definition.metrics[plan].metric.clone();
    let metric = analysis.metrics.iter_mut().find(|metric| metric.metric == name).unwrap();
    let found = &mut metric.comparisons[0];
    found.conclusion = Conclusion::Better;
    found.relative = Range { estimate: Some(0.2), lower: Some(0.15), upper: Some(0.25) };
    let mut told = |goal: f64, decision: Decision| {
        experiment.definition.metrics[plan].goal = Some(goal);
        analysis.verdict.decision = decision;
        let view = ResultView::new(Language::English, &experiment, &analysis, &[], false).unwrap();
        let groups = &view.scorecards[0].groups;
        let group = groups.iter().find(|group| group.title == "What you hoped to gain").unwrap();
        assert_eq!(group.axis, Axis::Goal);
        let (what, bound) = group.rows[0].bound.clone().unwrap();
        assert_eq!(what, "Your goal");
        (bound, group.rows[0].result.words.clone())
    };
    let words = |limit: &str, result: &str| (limit.to_owned(), result.to_owned());
    assert_eq!(told(0.1, Decision::Ship), words("+10.0%", "Goal met"));
    assert_eq!(told(0.2, Decision::Ship), words("+20.0%", "Better, goal not sure"));
    assert_eq!(told(0.3, Decision::Ship), words("+30.0%", "Better, short of your goal"));
    assert_eq!(told(0.1, Decision::KeepRunning), words("+10.0%", "Better"));
}

#[test]
fn bars_line_up_with_goals_only_where_there_are_goals() {
    let (mut experiment, mut analysis) = (experiment(), analysis());
    let groups = |experiment: &Experiment, analysis: &Analysis| {
        let view = ResultView::new(Language::English, experiment, analysis, &[], false).unwrap();
        let groups = view.scorecards.into_iter().next().unwrap().groups;
        groups.into_iter().map(|group| (group.title, group.axis, group.rows.len())).collect::<Vec<_>>()
    };
    let hoped = |title: &str, axis| (title.to_owned(), axis, 1);
    let with_goal = hoped("What you hoped to gain", Axis::Goal);
    assert!(groups(&experiment, &analysis).contains(&with_goal));
    // A second measure that is hoped to improve, without a goal.
    let other = analysis.metrics.iter_mut().find(|metric| metric.role == Some(Role::Secondary)).unwrap();
    other.role = Some(Role::Primary);
    let found = groups(&experiment, &analysis);
    assert!(found.contains(&with_goal), "{found:?}");
    assert!(found.contains(&hoped("What you hoped to gain, without a goal", Axis::NoChange)), "{found:?}");
    experiment.definition.metrics.iter_mut().for_each(|plan| plan.goal = None);
    let found = groups(&experiment, &analysis);
    assert!(found.contains(&("What you hoped to gain".to_owned(), Axis::NoChange, 2)), "{found:?}");
}

#[test]
fn what_renewals_lose_is_held_against_the_time_saved() {
    let mut analysis = analysis();
    let economics = analysis.economics.as_mut().unwrap();
    let month = economics.per_customer_month.as_mut().unwrap();
    // A saving of 2 a month where the margin is 100: 2% of it may be lost.
    (month.saving, economics.break_even_retention_loss) = (2.0, Some(0.02));
    month.retention_loss_range = Range { estimate: Some(0.5), lower: Some(-1.0), upper: Some(1.5) };
    month.net_value = Range { estimate: Some(1.5), lower: Some(0.1), upper: Some(2.9) };
    let row = |analysis: &Analysis| {
        let view = ResultView::new(Language::English, &experiment(), analysis, &[], false).unwrap();
        let groups = view.scorecards.into_iter().next().unwrap().groups;
        groups.into_iter().find(|group| group.axis == Axis::BreakEven).map(|mut group| group.rows.remove(0))
    };
    let found = row(&analysis).unwrap();
    assert_eq!((found.difference.as_str(), found.range.as_str()), ("−0.5%", "−1.5% to +1.0%"));
    assert_eq!(found.bound, Some(("Break-even".to_owned(), "−2.0%".to_owned())));
    assert_eq!(found.result.words, "Pays for itself");
    // Where no time is saved there is nothing to hold it against.
    analysis.economics.as_mut().unwrap().break_even_retention_loss = Some(-0.01);
    assert!(row(&analysis).is_none());
}

#[test]
fn the_row_speaks_on_the_scale_of_its_limit() {
    let view = ResultView::new(Language::English, &experiment(), &analysis(), &[], false).unwrap();
    let row = &view.scorecards[0].groups[0].rows[0];
    assert_eq!((row.usual.as_str(), row.slower.as_str()), ("87.1%", "86.0%"));
    assert_eq!(row.range, "−2.8% to +0.3%");
    assert_eq!(row.bound, Some(("Your limit".to_owned(), "−3.0%".to_owned())));
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
