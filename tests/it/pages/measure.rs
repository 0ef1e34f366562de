//! A measure's own page: what it is, what came of it, in a thousand, and how to work it out again.

use patience::{
    analysis::document::{Bin, Decision, Outcome},
    storage::{Store, analyses},
};

use super::{
    EXAMPLE, analysis,
    browsing::{Browser, location},
    installation,
};

#[test]
fn each_row_of_the_scorecard_opens_a_page_of_its_own() {
    let installation = installation();
    installation.must(&["start", EXAMPLE]);
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let store = Store::open_existing(&installation.url()).unwrap();
    store.write(|db| analyses::insert(db, &analysis())).unwrap();
    let base = format!("/experiments/{EXAMPLE}/v/1/measures");
    let result = viewer.text(&format!("/experiments/{EXAMPLE}"));
    for metric in &analysis().metrics {
        assert!(result.contains(&format!("<a href=\"{base}/{}\">", metric.metric)), "{}", metric.metric);
        viewer.text(&format!("{base}/{}", metric.metric));
    }
    let csat = viewer.text(&format!("{base}/csat"));
    for told in [
        "<h1>Satisfied customers</h1>",
        "Rated 4 or 5 out of 5, of all ratings",
        "Satisfied, of 1,000 ratings: 871 at the usual level, 860 at the level “longer”. The difference is −11, \
         very likely −24 to +3.",
        "class=\"chart\"",
        "Work it out yourself",
        "allow for what each customer was like before joining",
    ] {
        assert!(csat.contains(told), "{told} is missing in {csat}");
    }
    assert!(!csat.contains("Renewal revenue"), "it speaks of one measure alone");
    assert_eq!(viewer.get(&format!("{base}/nothing")).status(), 404);
    assert_eq!(viewer.get(&format!("/experiments/{EXAMPLE}/v/9/measures/csat")).status(), 404);
}

#[test]
fn an_average_is_told_with_how_customers_differ() {
    let installation = installation();
    installation.must(&["start", EXAMPLE]);
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let mut result = analysis();
    let cohorts = &mut result.metrics.iter_mut().find(|metric| metric.metric == "csat").unwrap().cohorts;
    let bin = |from, to, units| Bin { from: Some(from), to: Some(to), units };
    cohorts[0].distribution = vec![bin(0.0, 0.0, 1), bin(1.0, 1.0, 3)];
    cohorts[1].distribution = vec![bin(0.0, 0.5, 2), bin(1.0, 1.0, 6)];
    let store = Store::open_existing(&installation.url()).unwrap();
    store.write(move |db| analyses::insert(db, &result)).unwrap();
    let page = viewer.text(&format!("/experiments/{EXAMPLE}/v/1/measures/csat"));
    let table = page.split("<table class=\"kv spread\">").nth(1).unwrap().split("</table>").next().unwrap();
    let rows: Vec<Vec<&str>> = table
        .split("<tr><th scope=\"row\">")
        .skip(1)
        .map(|row| {
            let shares = row.split("<td class=\"r\">").skip(1).filter_map(|cell| cell.split('<').next());
            row.split('<').next().into_iter().chain(shares).collect()
        })
        .collect();
    assert_eq!(
        rows,
        [["0.0%", "25.0%", "0.0%"], ["0.0% to below 50.0%", "0.0%", "25.0%"], ["100.0%", "75.0%", "75.0%"],]
    );
    let first = table.split("</tr>").nth(1).unwrap();
    assert!(first.contains("class=\"u\" width=\"33.33%\""), "the longest is as wide as its column: {first}");
}

#[test]
fn what_a_failed_check_hides_no_page_of_a_measure_shows_unasked() {
    let installation = installation();
    installation.must(&["start", EXAMPLE]);
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let store = Store::open_existing(&installation.url()).unwrap();
    let mut failed = analysis();
    (failed.verdict.outcome, failed.verdict.decision) = (Outcome::SplitUneven, Decision::Invalid);
    store.write(move |db| analyses::insert(db, &failed)).unwrap();
    let version = format!("/experiments/{EXAMPLE}/v/1");
    assert_eq!(location(&viewer.get(&format!("{version}/measures/csat"))), version);
    let shown = viewer.text(&format!("{version}?show=1"));
    let link = format!("{version}/measures/csat?show=1");
    assert!(shown.contains(&format!("href=\"{link}\"")), "{shown}");
    assert!(viewer.text(&link).contains("class=\"notdecide\""));
}
