//! Which of the stored analyses the pages show: the headline changes once a day.

use patience::{
    analysis::document::{Decision, Outcome},
    storage::{Store, analyses},
};

use super::{
    analysis,
    browsing::{Browser, EXAMPLE, installation},
};
use crate::support::at;

/// The headline that the page and the list show, of those that were told.
fn told<'t>(browser: &Browser<'_>, headlines: &[&'t str]) -> Vec<&'t str> {
    let (page, list) = (browser.text(&format!("/experiments/{EXAMPLE}")), browser.text("/experiments"));
    let shown = |text: &str, headline: &str| text.contains(&format!("{headline}</"));
    let big = page.split("<h2 class=\"big\"").nth(1).unwrap().split("</section>").next().unwrap();
    let on_page: Vec<_> = headlines.iter().copied().filter(|headline| shown(big, headline)).collect();
    let on_list: Vec<_> = headlines.iter().copied().filter(|headline| shown(&list, headline)).collect();
    assert_eq!(on_page, on_list, "the page and the list say the same");
    on_page
}

#[test]
fn the_headline_stands_for_the_day_and_newer_figures_are_told_beside_it() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let page = format!("/experiments/{EXAMPLE}");
    lead.post(&format!("{page}/start"), &[]);
    let url = format!("sqlite://{}", installation.path("patience.db").display());
    let store = Store::open_existing(&url.parse().unwrap()).unwrap();
    let all = ["It runs on.", "It may ship.", "A limit broke.", "The split is off.", "It ships after all."];
    let make = |made_at: &str, outcome: Outcome, decision: Decision, headline: &str| {
        let mut made = analysis();
        made.made_at = at(made_at);
        (made.verdict.outcome, made.verdict.decision) = (outcome, decision);
        headline.clone_into(&mut made.verdict.headline);
        store.write(move |db| analyses::insert(db, &made)).unwrap().analysis
    };
    let newer = "id=\"newer\"";

    make("2026-05-04T02:00:00Z", Outcome::KeepRunning, Decision::KeepRunning, all[0]);
    assert_eq!(told(&lead, &all), [all[0]]);
    assert!(!lead.text(&page).contains(newer));
    assert!(lead.text(&format!("{page}?done=refresh")).contains("everything that has arrived is in them"));

    // The same day: the headline stands; what is newer is told in full, and can be read.
    make("2026-05-04T15:30:00Z", Outcome::Ship, Decision::Ship, all[1]);
    assert_eq!(told(&lead, &all), [all[0]]);
    let shown = lead.text(&format!("{page}?done=refresh"));
    let note = shown.split(newer).nth(1).unwrap().split("</div>").next().unwrap();
    for words in
        [&format!("<a href=\"{page}/v/2\">{}</a>", all[1]), "4 May 2026", "15:30", "at most once a day"]
    {
        assert!(note.contains(words), "{words}: {note}");
    }
    assert!(shown.contains("the headline of today, which stands"), "{shown}");
    // A decision is recorded on what the page shows; each version stays what it was, for itself and for the API.
    assert!(lead.text(&format!("{page}/decide")).contains("name=\"version\" value=\"1\""));
    assert!(lead.text(&format!("{page}/v/2")).contains(all[1]));
    assert!(!lead.text(&format!("{page}/v/2")).contains(newer));
    let analyst = installation.key("analyst");
    let api = server.get(&format!("/api/v1/experiments/{EXAMPLE}/results"), Some(&analyst)).text().unwrap();
    assert!(api.contains(all[1]) && !api.contains(all[0]), "the API gives the newest");

    // Another day.
    make("2026-05-05T02:00:00Z", Outcome::LimitBroken, Decision::DoNotShip, all[2]);
    assert_eq!(told(&lead, &all), [all[2]]);
    assert!(!lead.text(&page).contains(newer));
    // A failed check speaks at once, and so does what comes after it.
    make("2026-05-05T09:00:00Z", Outcome::SplitUneven, Decision::Invalid, all[3]);
    assert_eq!(told(&lead, &all), [all[3]]);
    make("2026-05-05T10:00:00Z", Outcome::Ship, Decision::Ship, all[4]);
    assert_eq!(told(&lead, &all), [all[4]]);
}
