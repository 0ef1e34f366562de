//! The audit log, as an admin reads it.

use serde_json::Value;

use super::browsing::{Browser, EXAMPLE, installation, location};

#[test]
fn what_was_done_stands_in_the_log_can_be_looked_for_and_taken_away() {
    let installation = installation();
    let server = installation.serve();
    let admin = Browser::sign_in(&installation, &server, "admin");
    admin.post("/settings/people", &[("email", "grace@example.org"), ("role", "lead")]);
    admin.post(&format!("/experiments/{EXAMPLE}/start"), &[]);

    let page = admin.text("/settings/log?check=1");
    for told in ["added grace@example.org as lead", "signed in", "started it", "The chain is whole"] {
        assert!(page.contains(told), "{told} is missing");
    }
    assert!(!page.contains("/sign-in/"), "no secret stands in the log");

    let lines = |query: &str| -> Vec<Value> {
        serde_json::from_str(&admin.text(&format!("/settings/log/json?{query}"))).unwrap()
    };
    let found = lines("what=GRACE&who=admin%40");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["what"], "added grace@example.org as lead");
    let started = lines(&format!("about={EXAMPLE}&what=started"));
    assert_eq!((started.len(), &started[0]["who"]), (1, &Value::from("admin@example.com")));

    let all = lines("");
    let csv = admin.text("/settings/log/csv");
    assert_eq!(csv::Reader::from_reader(csv.as_bytes()).records().count(), all.len());
    let numbers: Vec<u64> = all.iter().map(|line| line["number"].as_u64().unwrap()).collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] == pair[1] + 1),
        "newest first, without a gap: {numbers:?}"
    );
}

#[test]
fn whoever_takes_single_customers_away_is_on_record() {
    let installation = installation();
    installation.must(&["start", EXAMPLE]);
    installation.must(&["refresh", EXAMPLE]);
    let server = installation.serve();
    let analyst = Browser::sign_in(&installation, &server, "analyst");
    analyst.text(&format!("/experiments/{EXAMPLE}/report/1/csv"));
    analyst.text(&format!("/experiments/{EXAMPLE}/report/1/json"));
    let admin = Browser::sign_in(&installation, &server, "admin");
    let found: Vec<Value> = serde_json::from_str(&admin.text("/settings/log/json?what=took")).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["who"], "analyst@example.com");
    assert_eq!(found[0]["what"], "took version 1 with single customers, as csv");
}

#[test]
fn a_note_stands_in_the_experiment_s_log_with_who_wrote_it() {
    let installation = installation();
    let server = installation.serve();
    let page = format!("/experiments/{EXAMPLE}");
    let [viewer, analyst] = ["viewer", "analyst"].map(|role| Browser::sign_in(&installation, &server, role));
    let note = [("note", " New macros for <both> groups ")];
    assert_eq!(viewer.post(&format!("{page}/note"), &note).status(), 403);
    assert!(!viewer.text(&page).contains("Add a note"));
    assert_eq!(location(&analyst.post(&format!("{page}/note"), &note)), format!("{page}?done=noted#log"));
    analyst.post(&format!("{page}/note"), &[("note", "  ")]);
    let log = analyst.text(&page);
    assert_eq!(log.matches("“New macros for &#60;both&#62; groups”").count(), 1, "{log}");
    assert_eq!(log.matches("“").count(), 1, "an empty note is none");
    assert!(log.contains("<span class=\"who\">analyst@example.com</span>"), "{log}");
    assert_eq!(analyst.post("/experiments/absent/note", &note).status(), 404);
    let admin = Browser::sign_in(&installation, &server, "admin");
    assert!(admin.text("/settings/log").contains("noted: New macros"));
}
