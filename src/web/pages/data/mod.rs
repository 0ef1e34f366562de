//! What arrived, what was left out and why; and a way to upload files.

mod feeds;

use actix_web::{HttpResponse, web::Query};
use askama::Template;
use serde::Deserialize;

use self::feeds::Feeds;
use super::{Language, Page, html, upload};
use crate::{
    domain::{
        feed::Feed,
        time::{DAY_MS, Moment},
    },
    ingest::Kind,
    language::Said,
    storage::{
        self,
        feeds::{Counts, Sender, Wanted},
    },
    web::{
        auth::{Person, Shared},
        error::Problem,
    },
};

/// Days that the page looks back.
const DAYS: i64 = 14;

/// Refused lines that a page lists.
const LINES: u32 = 200;

#[derive(Debug, Template)]
#[template(path = "pages/data.html")]
struct Data {
    t: Language,
    page: Page,
    feeds: Feeds,
    senders: Vec<SenderRow>,
    wrong: Option<Said>,
    kind: Kind,
}

#[derive(Debug)]
struct SenderRow {
    source: String,
    last: String,
    ago: String,
    today: String,
    duplicates: String,
    rejected: String,
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
    let (now, t) = (state.now(), person.language);
    let since = now.plus_days(1 - DAYS);
    let found = state.read(move |db| Ok((feeds::read(db, t, now)?, storage::feeds::senders(db, since)?)));
    let (feeds, senders) = found.await?;
    let senders = senders.iter().map(|sender| row(t, sender, now)).collect();
    html(&Data { t, page: Page::new(person, "/data"), feeds, senders, wrong, kind })
}

fn row(t: Language, sender: &Sender, now: Moment) -> SenderRow {
    let today = sender.days.get(&now.day()).copied().unwrap_or_default();
    let rejected: u64 = sender.days.values().map(|day| day.rejected).sum();
    SenderRow {
        source: sender.source.clone(),
        last: t.date_time(sender.last_received),
        ago: ago(t, sender.last_received, now),
        today: t.count(today.accepted),
        duplicates: t.count(today.duplicates),
        rejected: t.count(rejected),
        bars: bars(t, now, sender.days.iter().map(|(day, counts)| (*day, *counts))),
    }
}

/// The small chart of the last days.
fn bars(t: Language, now: Moment, days: impl Iterator<Item = (i64, Counts)>) -> Vec<Bar> {
    let first = now.day() + 1 - DAYS;
    let days: Vec<(i64, Counts)> = days.filter(|(day, _)| (first..=now.day()).contains(day)).collect();
    let highest = days.iter().map(|(_, counts)| counts.accepted).max().unwrap_or(0).max(1);
    let bar = |(day, counts): (i64, Counts)| {
        let share = counts.accepted as f64 / highest as f64;
        #[allow(clippy::cast_possible_truncation, reason = "at most 26 pixels")]
        let height = (share * 26.0).ceil() as i64;
        let says = t
            .say("data-bar")
            .with("date", t.date(Moment::from_stored_ms(day * DAY_MS)))
            .with("taken", counts.accepted)
            .with("out", counts.rejected)
            .to_string();
        Bar { x: (day - first) * 12, y: 28 - height, height, says }
    };
    days.into_iter().map(bar).collect()
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
    /// The feed and the reason that the lines were asked for by.
    feed: Option<Said>,
    why: Option<String>,
    rows: Vec<LeftOutRow>,
}

/// Which lines are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    feed: String,
    #[serde(default)]
    why: String,
}

#[derive(Debug)]
struct LeftOutRow {
    at: String,
    source: String,
    id: String,
    detail: String,
    line: String,
}

/// `GET /data/left-out`, of one feed or for one reason where the query says so.
pub(super) async fn left_out(
    state: Shared,
    person: Person,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let Asked { feed, why } = asked.into_inner();
    let (feed, why) = (Feed::named(&feed), Some(why).filter(|why| !why.is_empty()));
    let wanted = Wanted { feed, detail: why.clone() };
    let found = state.read(move |db| storage::feeds::rejections(db, &wanted, LINES)).await?;
    let rows = found.into_iter().map(|line| LeftOutRow {
        at: t.date_time(line.received_at),
        source: line.source,
        id: line.id.unwrap_or_default(),
        detail: t.again(&line.detail),
        line: line.line,
    });
    html(&LeftOut {
        t,
        page: Page::new(person, "/data"),
        feed: feed.map(|feed| feeds::name_of(t, feed)),
        why: why.map(|why| t.again(&why)),
        rows: rows.collect(),
    })
}
