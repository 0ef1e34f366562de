//! What was agreed, as everybody may read it; and the currency that plans are made in.

use patience::{
    domain::log::{Act, LogLine},
    language::Language,
    presentation::{Agreed, PlanView},
};

use super::{EXAMPLE, browsing::Browser, experiment, installation};

#[test]
fn whoever_sees_the_result_may_read_the_whole_plan() {
    let installation = installation();
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let page = format!("/experiments/{EXAMPLE}");
    assert!(viewer.text(&page).contains(&format!("<a href=\"{page}/plan\">Read the plan</a>")));
    let plan = viewer.text(&format!("{page}/plan"));
    for agreed in [
        "What would be agreed",
        "Low-spend customers accept a first response within one working day.",
        "monthly spend below 100",
        "topic is one of outage, security, or urgency is high",
        "<dd>We reply within one working day.</dd>",
        "Must not get worse by more than 3%",
        "$38.00",
        "22 weeks",
        "key = &#34;longer-frt-low-spend&#34;",
    ] {
        assert!(plan.contains(agreed), "{agreed} is missing in {plan}");
    }
    assert!(!plan.contains("/edit"), "there is nothing to change here");
    assert_eq!(viewer.get("/experiments/absent/plan").status(), 404);
}

#[test]
fn the_plan_says_who_locked_it_and_for_ever_what_was_changed_since() {
    let line = |at: &str, who: &str, what| LogLine { at: at.parse().unwrap(), who: who.into(), what };
    let log = [
        line("2026-03-02T09:00:00Z", "grace", Act::Changed("owner, economics".into())),
        line("2026-02-01T09:00:00Z", "grace", Act::Resumed),
        line("2026-01-05T00:00:00Z", "ada", Act::Started),
        line("2026-01-02T00:00:00Z", "grace", Act::Changed("metrics".into())),
    ];
    let plan = |log: &[LogLine]| PlanView::new(Language::English, &experiment(), log);
    let told = plan(&log);
    assert_eq!(told.locked.as_deref(), Some("Locked on 5 Jan 2026 by ada, when it started."));
    assert_eq!(told.amended, ["Amended on 2 Mar 2026: the contact and what things cost"]);
    assert_eq!(plan(&[]).locked.as_deref(), Some("Locked on 5 Jan 2026, when it started."));
    let whole = Agreed::new(Language::English, &experiment(), &log);
    let said: Vec<&String> =
        whole.sections.iter().flat_map(|(_, lines)| lines).map(|(_, words)| words).collect();
    assert!(said.iter().any(|words| words.contains("by ada")), "{said:?}");
}

#[test]
fn plans_are_made_in_the_currency_of_the_workspace_or_of_the_link() {
    let installation = installation();
    let server = installation.serve();
    let admin = Browser::sign_in(&installation, &server, "admin");
    let wrong = admin.post("/settings/currency", &[("currency", "euro")]);
    assert_eq!(wrong.status(), 200);
    assert!(wrong.text().unwrap().contains("Enter three letters, such as USD or EUR"));
    assert!(admin.text("/planner").contains("worth <b>$"));
    assert_eq!(admin.post("/settings/currency", &[("currency", "eur")]).status(), 303);
    let planner = admin.text("/planner");
    assert!(planner.contains("worth <b>€") && planner.contains("As set for everybody here."), "{planner}");
    let pounds = admin.text("/planner?currency=gbp&agent_hour=40");
    for kept in ["worth <b>£", "currency=GBP", "name=\"currency\" value=\"GBP\""] {
        assert!(pounds.contains(kept), "{kept} is missing in {pounds}");
    }
    let mended = admin.text("/planner?currency=pounds");
    assert!(mended.contains("<title>Error: ") && mended.contains("href=\"#currency\""), "{mended}");
    // A new experiment begins with it, too; figures of the planner bring their own.
    for (handed, wanted) in [(vec![], "EUR"), (vec![("currency", "GBP")], "GBP")] {
        let made = admin.post("/experiments/new", &handed);
        let draft = super::browsing::location(&made).trim_end_matches("/who").to_owned();
        let worth = admin.text(&format!("{draft}/worth"));
        assert!(worth.contains(&format!("name=\"currency\" value=\"{wanted}\"")), "{worth}");
    }
}
