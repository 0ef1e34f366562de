//! What arrived, by feed: whether it is late, and what was left out of it and why.

use patience::{
    domain::{
        event::Event,
        ids::Source,
        time::{Clock, Moment},
    },
    settings::SystemClock,
    storage::{
        Store,
        feeds::{self, Arrived},
    },
};

use super::browsing::{Browser, EXAMPLE, between, installation};
use crate::{
    installation::{Installation, json},
    support::entry,
};

/// The row of a feed on the data page.
fn row(page: &str, feed: &str) -> String {
    between(page, &format!("<span class=\"m\">{feed}</span>"), "</tr>")
}

fn events(kind: &str, fields: &serde_json::Value) -> Vec<Event> {
    vec![entry(kind, "1", "2026-03-02T09:00:00Z", fields).event]
}

/// Something comes of the ratings daily at this hour, up to so many hours ago.
fn ratings_until(installation: &Installation, now: Moment, hours_ago: i64) {
    let store = Store::open_existing(&installation.url()).unwrap();
    let rated = events(
        "conversation.rated",
        &serde_json::json!({"customer_id": "c", "conversation_id": "v", "score": 4}),
    );
    let mut arrived = Arrived::default();
    arrived.count(&rated, |counts| &mut counts.accepted);
    for day in (0..9).rev() {
        let at = Moment::from_ms(now.ms() - hours_ago * 3_600_000).unwrap().plus_days(-day);
        store.write(move |db| feeds::record(db, &Source::new("desk").unwrap(), &arrived, &[], at)).unwrap();
    }
}

#[test]
fn each_feed_tells_what_came_of_it_and_links_to_what_was_left_out() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let page = lead.text("/data");
    assert!(page.contains("Nothing has arrived yet"), "{page}");
    assert!(row(&page, "Customers and revenue").contains("Nothing yet"));
    assert!(!page.contains("<span class=\"m\">Others</span>"), "nothing came that is none of the four");

    let key = installation.key("ingest");
    let conversations = "conversation_id,customer_id,opened_at,first_agent_reply_at\n\
        v-1,c-1,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z\n\
        v-2,c-2,2026-03-02T09:00:00Z,\n\
        v-3,c-3,2026-03-02T09:00:00Z,31/02/2026\n";
    json(server.post("/api/v1/imports/conversations", &key, conversations), 200);
    let rating = |id: &str, score: u8| {
        format!(
            r#"{{"id":"{id}","type":"conversation.rated","occurred_at":"2026-03-02T09:00:00Z","customer_id":"c-1","conversation_id":"{id}","score":{score}}}"#
        )
    };
    let lines = [rating("r-1", 5), rating("r-2", 8), rating("r-3", 9), "not json".to_owned()].join("\n");
    json(server.post("/api/v1/events", &key, lines), 200);

    let page = lead.text("/data");
    assert!(page.contains("Nothing yet: Customers and revenue"), "{page}");
    // A row of conversations counts for the ticket, and for the reply where it tells of one.
    for (feed, today, out) in
        [("Tickets", 2, 0), ("First replies", 1, 1), ("Ratings", 1, 2), ("Others", 0, 1)]
    {
        let row = row(&page, feed);
        assert!(row.contains(&format!("data-l=\"Rows today\">{today}<")), "{feed}: {row}");
        assert_eq!(row.contains("/data/left-out?feed="), out > 0, "{feed}: {row}");
        assert!(out == 0 || row.contains(&format!("\">{out}<span class=\"vh\">")), "{feed}: {row}");
        let state = if feed == "Others" { "All left out" } else { "One day so far" };
        assert!(row.contains(state), "{feed}: {row}");
    }
    // Two scores that cannot be: one reason, which leads to both lines and no other.
    let reasons = &page[page.find("id=\"left-out\"").unwrap()..];
    let reason = between(reasons, "this is …", "</tr>");
    assert!(reason.contains("2 rows"), "{reason}");
    let address = between(&reason, "href=\"", "\"").replace("&#38;", "&");
    let lines = lead.text(&address);
    assert!(lines.contains("r-2") && lines.contains("r-3"), "{lines}");
    assert!(!lines.contains("not json") && !lines.contains("31/02/2026"), "{lines}");
    let replies = lead.text("/data/left-out?feed=replies");
    assert!(replies.contains("31/02/2026") && !replies.contains("r-2"), "{replies}");
    let all = lead.text("/data/left-out");
    assert!(all.contains("r-2") && all.contains("31/02/2026") && all.contains("not json"), "{all}");

    // What comes again and is taken is left out no more.
    json(server.post("/api/v1/events", &key, rating("r-2", 4)), 200);
    let page = lead.text("/data");
    assert!(row(&page, "Ratings").contains("\">1<span class=\"vh\">"), "{}", row(&page, "Ratings"));
    assert!(!lead.text("/data/left-out").contains("r-2"));
    assert_eq!(installation.run(&["verify"]).status.code(), Some(0));

    // Who may not see lines sees why, and how many.
    let viewer = Browser::sign_in(&installation, &server, "viewer").text("/data");
    assert!(viewer.contains("1 row") && !viewer.contains("/data/left-out"), "{viewer}");
}

#[test]
fn a_feed_is_late_by_its_own_pace_and_the_experiment_says_so_too() {
    for (hours, state, told) in
        [(20, "On time", false), (32, "Late by 6 h", false), (98, "Late by 3 days", true)]
    {
        let installation = installation();
        ratings_until(&installation, SystemClock.now(), hours);
        installation.must(&["start", EXAMPLE]);
        let server = installation.serve();
        let lead = Browser::sign_in(&installation, &server, "lead");
        let page = lead.text("/data");
        assert!(row(&page, "Ratings").contains(state), "{hours}: {}", row(&page, "Ratings"));
        assert_eq!(page.contains("<h2>Late: Ratings</h2>"), hours > 26, "{hours}");
        let experiment = lead.text(&format!("/experiments/{EXAMPLE}"));
        assert_eq!(experiment.contains("Ratings: nothing has arrived since"), told, "{hours}");
        let chinese = lead.in_language("zh-CN").text("/data");
        assert_eq!(chinese.contains("按时"), state == "On time", "{hours}");
    }
}
