//! What arrived, what was left out and why; and a way to upload files.

use actix_web::HttpResponse;
use askama::Template;

use super::{Language, Page, html, upload};
use crate::{
    domain::time::{DAY_MS, Moment},
    ingest::Kind,
    language::Said,
    storage::feeds::{self, Feed},
    web::{
        auth::{Person, Shared},
        error::Problem,
    },
};

/// Days that the page looks back.
const DAYS: i64 = 14;

#[derive(Debug, Template)]
#[template(path = "pages/data.html")]
struct Data {
    t: Language,
    page: Page,
    feeds: Vec<FeedRow>,
    wrong: Option<Said>,
    kind: Kind,
}

#[derive(Debug)]
struct FeedRow {
    source: String,
    last: String,
    ago: String,
    today: String,
    duplicates: String,
    rejected: String,
    any_rejected: bool,
    bars: Vec<Bar>,
}

/// A day's bar in the small chart: its place and height in pixels, and what it says.
#[derive(Debug)]
struct Bar {
    x: i64,
    y: i64,
    height: i64,
    says: String,
}

impl Data {
    /// The files that can be uploaded: their kind, their name, their columns, and whether it is chosen.
    fn kinds(&self) -> impl Iterator<Item = (&'static str, Said, String, bool)> {
        let t = self.t;
        Kind::ALL.iter().map(move |kind| {
            let columns = match kind {
                Kind::Events => t.say("data-events-columns").to_string(),
                Kind::Customers => {
                    t.say("data-customers-columns").with("columns", kind.columns().join(", ")).into()
                }
                kind => kind.columns().join(", "),
            };
            (kind.as_str(), upload::name_of(t, *kind), columns, *kind == self.kind)
        })
    }
}

/// `GET /data`
pub(super) async fn status(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    show(&state, person, None, Kind::Customers).await
}

/// The page; with what is wrong with a file that was sent as this kind.
pub(super) async fn show(
    state: &Shared,
    person: Person,
    wrong: Option<Said>,
    kind: Kind,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let since = now.plus_days(1 - DAYS);
    let found = state.read(move |db| feeds::list(db, since)).await?;
    let t = person.language;
    let feeds = found.iter().map(|feed| row(t, feed, now)).collect();
    html(&Data { t, page: Page::new(person, "/data"), feeds, wrong, kind })
}

fn row(t: Language, feed: &Feed, now: Moment) -> FeedRow {
    let today = feed.days.get(&now.day()).copied().unwrap_or_default();
    let rejected: u64 = feed.days.values().map(|day| day.rejected).sum();
    let highest = feed.days.values().map(|day| day.accepted).max().unwrap_or(0).max(1);
    let bars = (0..DAYS).filter_map(|i| {
        let day = now.day() + 1 - DAYS + i;
        let counts = feed.days.get(&day)?;
        let share = counts.accepted as f64 / highest as f64;
        #[allow(clippy::cast_possible_truncation, reason = "at most 26 pixels")]
        let height = (share * 26.0).ceil() as i64;
        let date = t.date(Moment::from_stored_ms(day * DAY_MS));
        let says = t
            .say("data-bar")
            .with("date", date)
            .with("taken", counts.accepted)
            .with("out", counts.rejected)
            .to_string();
        Some(Bar { x: i * 12, y: 28 - height, height, says })
    });
    FeedRow {
        source: feed.source.clone(),
        last: t.date_time(feed.last_received),
        ago: ago(t, feed.last_received, now),
        today: t.count(today.accepted),
        duplicates: t.count(today.duplicates),
        rejected: t.count(rejected),
        any_rejected: rejected > 0,
        bars: bars.collect(),
    }
}

fn ago(t: Language, then: Moment, now: Moment) -> String {
    let said = match (now - then).ms() / 3_600_000 {
        0 => t.say("ago-now"),
        hours @ 1..48 => t.say("ago-hours").with("n", hours),
        hours => t.say("ago-days").with("n", hours / 24),
    };
    said.to_string()
}

#[derive(Debug, Template)]
#[template(path = "pages/left_out.html")]
struct LeftOut {
    t: Language,
    page: Page,
    rows: Vec<LeftOutRow>,
}

#[derive(Debug)]
struct LeftOutRow {
    at: String,
    source: String,
    id: String,
    detail: String,
    line: String,
}

/// `GET /data/left-out`
pub(super) async fn left_out(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let found = state.read(|db| feeds::rejections(db, 200)).await?;
    let rows = found.into_iter().map(|line| LeftOutRow {
        at: t.date_time(line.received_at),
        source: line.source,
        id: line.id.unwrap_or_default(),
        detail: t.again(&line.detail),
        line: line.line,
    });
    html(&LeftOut { t: person.language, page: Page::new(person, "/data"), rows: rows.collect() })
}
