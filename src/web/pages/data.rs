//! What arrived, what was left out and why; and a way to upload files.

use actix_multipart::{Field, Multipart};
use actix_web::{HttpResponse, web::Bytes};
use askama::Template;
use futures_util::StreamExt;

use super::{Language, Page, html};
use crate::{
    actions::{BATCH_ITEMS, Batch, IMPORT_SOURCE, Summary},
    domain::{
        ids::Source,
        time::{DAY_MS, Moment},
    },
    ingest::{Intake, Item, Kind},
    language::Said,
    storage::feeds::{self, Feed},
    web::{
        auth::{Person, Shared},
        error::Problem,
    },
};

/// Days that the page looks back.
const DAYS: i64 = 14;

/// Rows of refused lines that a page lists.
const LISTED: usize = 200;

#[derive(Debug, Template)]
#[template(path = "pages/data.html")]
struct Data {
    t: Language,
    page: Page,
    feeds: Vec<FeedRow>,
    outcome: Option<Outcome>,
    wrong: Option<String>,
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

/// What became of an uploaded file.
#[derive(Debug)]
struct Outcome {
    accepted: String,
    duplicates: String,
    rejected: String,
    rows: Vec<(u64, String, String)>,
    more: usize,
}

impl Data {
    /// The files that can be uploaded: their kind, their name, and their columns.
    fn kinds(&self) -> [(&'static str, Said, String); 5] {
        let t = self.t;
        let conversations = "conversation_id, customer_id, opened_at, first_agent_reply_at, closed_at, channel, topic, urgency, agent_id, handle_seconds, after_contact_seconds, reopened";
        [
            (
                "customers",
                t.say("data-customers"),
                t.say("data-customers-columns").with("columns", "customer_id, account_id").into(),
            ),
            ("conversations", t.say("data-conversations"), conversations.to_owned()),
            (
                "ratings",
                t.say("data-ratings"),
                "conversation_id, customer_id, rated_at, score, emotions, comment".to_owned(),
            ),
            ("revenue", t.say("data-revenue"), "customer_id, month, amount, currency".to_owned()),
            ("events", t.say("data-events"), t.say("data-events-columns").into()),
        ]
    }
}

/// `GET /data`
pub(super) async fn status(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    show(&state, person, None, None).await
}

async fn show(
    state: &Shared,
    person: Person,
    outcome: Option<Outcome>,
    wrong: Option<String>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let since = now.plus_days(1 - DAYS);
    let found = state.read(move |db| feeds::list(db, since)).await?;
    let t = person.language;
    let feeds = found.iter().map(|feed| row(t, feed, now)).collect();
    html(&Data { t, page: Page::new(person, "/data"), feeds, outcome, wrong })
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
        detail: line.detail,
        line: line.line,
    });
    html(&LeftOut { t: person.language, page: Page::new(person, "/data"), rows: rows.collect() })
}

/// `POST /data/upload`: a form with `csrf`, `kind` and `file`, in this order. The file streams.
pub(super) async fn upload(
    state: Shared,
    person: Person,
    mut form: Multipart,
) -> Result<HttpResponse, Problem> {
    let (mut allowed, mut kind) = (false, None);
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        match field.name() {
            Some("csrf") => {
                person.check_csrf(&short(&mut field).await?)?;
                allowed = true;
            }
            Some("kind") => kind = short(&mut field).await?.parse::<Kind>().ok(),
            Some("file") if allowed => {
                let kind = kind.ok_or_else(|| Problem::bad_request("choose what the file holds"))?;
                return match take_in(&state, &person, kind, field).await? {
                    Ok(summary) => {
                        let outcome = outcome(person.language, summary);
                        show(&state, person, Some(outcome), None).await
                    }
                    Err(wrong) => show(&state, person, None, Some(wrong)).await,
                };
            }
            _ => {}
        }
    }
    person.check_csrf("")?;
    let choose = person.language.say("data-choose-file").to_string();
    show(&state, person, None, Some(choose)).await
}

fn broken(error: impl std::fmt::Display) -> Problem {
    Problem::bad_request(format!("the upload broke off: {error}"))
}

/// A field of a few words.
async fn short(field: &mut Field) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.next().await {
        let piece: Bytes = piece.map_err(broken)?;
        if bytes.len() + piece.len() > 1024 {
            return Err(Problem::bad_request("a field of the form is too long"));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("a field of the form is not text"))
}

/// Records a file batch by batch; what is wrong with the file as a whole is the person's to mend.
async fn take_in(
    state: &Shared,
    person: &Person,
    kind: Kind,
    mut file: Field,
) -> Result<Result<Summary, String>, Problem> {
    let now = state.now();
    let name = if matches!(kind, Kind::Events) { person.email.as_str() } else { IMPORT_SOURCE };
    let source = Source::new(name).map_err(|error| Problem::internal(&error))?;
    let mut intake = Intake::new(kind, source.clone(), now);
    let (mut items, mut summary) = (Vec::new(), Summary::default());
    while let Some(piece) = file.next().await {
        if let Err(error) = intake.push(&piece.map_err(broken)?, &mut items) {
            return Ok(Err(error.to_string()));
        }
        if items.len() >= BATCH_ITEMS {
            summary.add(record(state, &source, std::mem::take(&mut items), now).await?);
        }
    }
    if let Err(error) = intake.finish(&mut items) {
        return Ok(Err(error.to_string()));
    }
    summary.add(record(state, &source, items, now).await?);
    Ok(Ok(summary))
}

async fn record(state: &Shared, source: &Source, items: Vec<Item>, now: Moment) -> Result<Summary, Problem> {
    if items.is_empty() {
        return Ok(Summary::default());
    }
    let batch = Batch::new(source.clone(), items);
    let summary = state.write(move |db| batch.record(db, now)).await?;
    summary.count();
    Ok(summary)
}

fn outcome(t: Language, summary: Summary) -> Outcome {
    let more = summary.rejected.len().saturating_sub(LISTED);
    Outcome {
        accepted: t.count(summary.accepted),
        duplicates: t.count(summary.duplicates),
        rejected: t.count(summary.rejected.len() as u64),
        rows: summary
            .rejected
            .into_iter()
            .take(LISTED)
            // People count rows from 1, below the header.
            .map(|r| (r.index + 1, r.id.unwrap_or_default(), r.detail))
            .collect(),
        more,
    }
}
