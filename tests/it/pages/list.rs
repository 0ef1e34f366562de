//! The list of experiments: looked through, sorted, taken away, and its decided ones compared.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use patience::{
    analysis::document::{Decision::DoNotShip, Outcome},
    domain::time::Clock,
    settings::SystemClock,
    storage::{Store, analyses},
};

use super::browsing::{Browser, EXAMPLE, installation, location};
use crate::installation::{Installation, repository};

/// A second experiment beside the shipped one, with another owner and another promise.
fn with_second() -> Installation {
    let installation = installation();
    let text = std::fs::read_to_string(repository("experiments").join(format!("{EXAMPLE}.toml"))).unwrap();
    let text = text
        .replace(&format!("key = \"{EXAMPLE}\""), "key = \"second\"")
        .replace("owner = \"support-operations\"", "owner = \"billing\"")
        .replace("tags = [\"low spend\"]", "tags = [\"two days\", \"Europe\"]")
        .replace("name = \"One working day for low-spend customers\"", "name = \"=Another promise\"")
        .replace("first_response = \"PT8H\"", "first_response = \"PT16H\"")
        .replace("layer = \"first-response\"", "layer = \"other\"");
    let file = installation.file("second.toml", &text);
    installation.must(&["apply", file.to_str().unwrap()]);
    installation
}

/// Starts both, stores a result of each, and records what was decided and learned.
fn decide_both(installation: &Installation, lead: &Browser<'_>) {
    let store = Store::open_existing(&installation.url()).unwrap();
    for (key, learned) in [(EXAMPLE, "Say the day in the auto-reply."), ("second", "Two days are too long.")]
    {
        lead.post(&format!("/experiments/{key}/start"), &[]);
        let mut analysis = super::analysis();
        analysis.experiment = key.parse().unwrap();
        store.write(move |db| analyses::insert(db, &analysis)).unwrap();
        let fields = [
            ("version", "1"),
            ("what", "ship"),
            ("why", "Every limit held."),
            ("from", "2026-04-06"),
            ("agreed_by", "Finance"),
            ("learned", learned),
        ];
        assert_eq!(lead.post(&format!("/experiments/{key}/decide"), &fields).status(), 303, "{key}");
    }
}

#[test]
fn an_empty_list_shows_the_way_and_an_example() {
    let installation = Installation::new();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let page = lead.text("/experiments");
    assert!(page.contains("No experiments yet") && page.contains("href=\"/example\""), "{page}");
    assert_eq!(location(&lead.get("/")), "/example", "whoever comes first lands on it");
    let example = lead.text("/example");
    assert!(example.contains("Complete,") && example.contains("href=\"/experiments/new\""), "{example}");
    assert!(
        example.contains("Example data") && example.contains(&super::analysis().verdict.headline),
        "{example}"
    );
    assert_eq!(example.matches("<h1").count(), 1);
    let chinese = lead.in_language("zh-CN").text("/example");
    assert!(
        !chinese.contains("You can ship the slower first response."),
        "the verdict is said in Chinese too"
    );
    assert!(chinese.contains("示例数据"), "{chinese}");
}

#[test]
fn what_is_looked_for_stands_in_the_address() {
    let installation = with_second();
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let found = |query: &str| {
        let page = viewer.text(&format!("/experiments?{query}"));
        [EXAMPLE, "second"].map(|key| page.contains(&format!("class=\"name\" href=\"/experiments/{key}\"")))
    };
    assert_eq!(found(""), [true, true]);
    assert_eq!(found("q=ANOTHER+promise"), [false, true]);
    assert_eq!(found("q=another+nothing"), [false, false]);
    assert_eq!(found("state=drafts"), [true, true]);
    assert_eq!(found("state=running"), [false, false]);
    assert_eq!(found("owner=billing"), [false, true]);
    assert_eq!(found("level=PT8H%40office-hours"), [true, false]);
    assert_eq!(
        (found("tag=Europe"), found("q=europe"), found("tag=europe")),
        ([false, true], [false, true], [false, false])
    );
    assert!(viewer.text("/experiments").contains("<a href=\"/experiments?tag=two+days\">two days</a>"));
    let page = viewer.text("/experiments?owner=billing");
    assert!(
        page.contains("href=\"/experiments?owner=support-operations\"")
            || page.contains("owner=support-operations"),
        "{page}"
    );
    assert!(page.contains("aria-current=\"true\">billing</a>"), "{page}");
    assert!(viewer.text("/experiments?state=running").contains("No experiment fits"));
    let order = |sort: &str| {
        let page = viewer.text(&format!("/experiments?sort={sort}"));
        page.find("href=\"/experiments/second\"") < page.find(&format!("href=\"/experiments/{EXAMPLE}\""))
    };
    assert!(order("name") && !order("-name"));
    assert!(
        viewer
            .text("/experiments?sort=name")
            .contains("aria-sort=\"ascending\"><a href=\"/experiments?sort=-name\"")
    );
}

#[test]
fn the_list_can_be_taken_away_as_it_is_looked_at() {
    let installation = with_second();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    decide_both(&installation, &lead);
    let csv = lead.text("/experiments.csv?owner=billing");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let heads = reader.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    assert_eq!(rows.len(), 1);
    let cell = |name: &str| rows[0][column(name)].to_owned();
    assert_eq!(cell("key"), "second");
    assert_eq!(cell("name"), "'=Another promise", "what a spreadsheet would run is text");
    assert_eq!((cell("decided_from"), cell("state")), ("2026-04-06".into(), "Decided: shipped".into()));
    assert_eq!((cell("learned"), cell("tags")), ("Two days are too long.".into(), "two days, Europe".into()));
    let bytes = lead.get("/experiments.xlsx").bytes().unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("Experiments").unwrap();
    assert_eq!(sheet.height(), 3);
    assert!(sheet.rows().any(|row| row.contains(&Data::String("=Another promise".into()))), "{sheet:?}");
}

#[test]
fn limits_are_watched_after_shipping() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    lead.post(&format!("/experiments/{EXAMPLE}/start"), &[]);
    let store = Store::open_existing(&installation.url()).unwrap();
    let mut analysis = super::analysis();
    (analysis.verdict.outcome, analysis.verdict.decision) = (Outcome::LimitBroken, DoNotShip);
    store.write(move |db| analyses::insert(db, &analysis)).unwrap();
    let today = SystemClock.now().date();
    let decide = |weeks: &'static str, from: chrono::NaiveDate| {
        let from = from.to_string();
        let fields = [
            ("version", "1"),
            ("what", "ship"),
            ("why", "Every limit held then."),
            ("otherwise", "The board wants it."),
            ("from", &from),
            ("agreed_by", "Finance"),
            ("watch_weeks", weeks),
        ];
        lead.post(&format!("/experiments/{EXAMPLE}/decide"), &fields)
    };
    let wrong = decide("some", today);
    assert!(wrong.text().unwrap().contains("enter a whole number of weeks, at most 104"));
    let list = || lead.text("/experiments");
    let broke = "A limit broke after shipping";
    // Not watched, watched until yesterday, watched still.
    assert_eq!(decide("", today).status(), 303);
    assert!(list().contains("Decided: shipped") && !list().contains(broke));
    assert_eq!(decide("2", today - chrono::Days::new(14)).status(), 303);
    assert!(!list().contains(broke));
    assert_eq!(decide("2", today - chrono::Days::new(13)).status(), 303);
    assert!(list().contains(broke) && list().contains("Needs you"), "{}", list());
    assert!(lead.text(&format!("/experiments/{EXAMPLE}")).contains("The limits are watched until"));
    // Once it is stopped nobody waits longer.
    lead.post(&format!("/experiments/{EXAMPLE}/stop"), &[]);
    assert!(!list().contains(broke), "{}", list());
}

#[test]
fn decided_experiments_are_the_library_and_can_be_compared() {
    let installation = with_second();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    decide_both(&installation, &lead);
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let page = viewer.text("/experiments");
    assert!(
        page.contains("Learned: Two days are too long.") && page.contains("Compare those chosen"),
        "{page}"
    );
    assert!(viewer.text("/experiments?q=auto-reply").contains(EXAMPLE), "what was learned is found");
    let page = viewer.text(&format!("/experiments/compare?key={EXAMPLE}&key=second&key=second"));
    for told in
        ["=Another promise", "Say the day in the auto-reply.", "Every limit held.", "Decided: shipped"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    // A measure stands in one row, with a bar of each experiment.
    let csat = page.split("<tr><th scope=\"row\">").find(|row| row.starts_with("Satisfied")).unwrap();
    assert_eq!(
        csat.split("</tr>").next().unwrap().matches("<svg").count(),
        4,
        "two bars and two chips: {csat}"
    );
    for few in ["", "?key=second", "?key=a&key=b&key=c&key=d&key=e"] {
        let page = viewer.text(&format!("/experiments/compare{few}"));
        assert!(page.contains("Choose two to 4 decided experiments"), "{page}");
    }
    assert_eq!(viewer.get("/experiments/compare?key=second&key=absent").status(), 404);
}
