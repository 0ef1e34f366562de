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
    presentation::numbers,
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

/// The files that can be uploaded: their kind, their name, and their columns.
const KINDS: [(&str, &str, &str); 5] = [
    ("customers", "Customers", "customer_id, account_id, and any attributes"),
    (
        "conversations",
        "Conversations",
        "conversation_id, customer_id, opened_at, first_agent_reply_at, closed_at, channel, topic, urgency, agent_id, handle_seconds, after_contact_seconds, reopened",
    ),
    ("ratings", "Ratings", "conversation_id, customer_id, rated_at, score, emotions, comment"),
    ("revenue", "Revenue", "customer_id, month, amount, currency"),
    ("events", "Events", "NDJSON or a JSON array of events"),
];

impl Data {
    fn kinds() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        KINDS.into_iter()
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
    let feeds = found.iter().map(|feed| row(feed, now)).collect();
    html(&Data { t: person.language, page: Page::new(person, "/data"), feeds, outcome, wrong })
}

fn row(feed: &Feed, now: Moment) -> FeedRow {
    let today = feed.days.get(&now.day()).copied().unwrap_or_default();
    let rejected: u64 = feed.days.values().map(|day| day.rejected).sum();
    let highest = feed.days.values().map(|day| day.accepted).max().unwrap_or(0).max(1);
    let bars = (0..DAYS).filter_map(|i| {
        let day = now.day() + 1 - DAYS + i;
        let counts = feed.days.get(&day)?;
        let share = counts.accepted as f64 / highest as f64;
        #[allow(clippy::cast_possible_truncation, reason = "at most 26 pixels")]
        let height = (share * 26.0).ceil() as i64;
        let date = numbers::date(Moment::from_stored_ms(day * DAY_MS));
        let says = format!("{date}: {} accepted, {} left out", counts.accepted, counts.rejected);
        Some(Bar { x: i * 12, y: 28 - height, height, says })
    });
    FeedRow {
        source: feed.source.clone(),
        last: numbers::date_time(feed.last_received),
        ago: ago(feed.last_received, now),
        today: numbers::count(today.accepted),
        duplicates: numbers::count(today.duplicates),
        rejected: numbers::count(rejected),
        any_rejected: rejected > 0,
        bars: bars.collect(),
    }
}

fn ago(then: Moment, now: Moment) -> String {
    match (now - then).ms() / 3_600_000 {
        0 => "within the hour".to_owned(),
        1 => "an hour ago".to_owned(),
        hours @ 2..48 => format!("{hours} hours ago"),
        hours => format!("{} days ago", hours / 24),
    }
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
    let found = state.read(|db| feeds::rejections(db, 200)).await?;
    let rows = found.into_iter().map(|line| LeftOutRow {
        at: numbers::date_time(line.received_at),
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
                    Ok(summary) => show(&state, person, Some(outcome(summary)), None).await,
                    Err(wrong) => show(&state, person, None, Some(wrong)).await,
                };
            }
            _ => {}
        }
    }
    person.check_csrf("")?;
    show(&state, person, None, Some("Choose a file.".to_owned())).await
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

fn outcome(summary: Summary) -> Outcome {
    let more = summary.rejected.len().saturating_sub(LISTED);
    Outcome {
        accepted: numbers::count(summary.accepted),
        duplicates: numbers::count(summary.duplicates),
        rejected: numbers::count(summary.rejected.len() as u64),
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
