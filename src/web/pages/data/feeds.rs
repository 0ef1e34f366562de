//! The feeds: what came of each, whether it keeps its pace, and why lines of it are left out.

use super::{Bar, DAYS, Language, ago, bars};
use crate::{
    charts::Tone,
    domain::{
        feed::{Feed, Pace},
        time::Moment,
    },
    language::{Said, Slot, cause},
    presentation::Chip,
    storage::{
        Db, StorageError,
        feeds::{self, Day, Reason},
    },
};

/// Reasons that the page lists.
const LISTED: usize = 20;

/// What the page says of the feeds.
#[derive(Debug)]
pub(super) struct Feeds {
    /// What is found, as a heading.
    pub heading: Said,
    pub rows: Vec<FeedRow>,
    pub reasons: Vec<ReasonRow>,
    /// Lines that are left out for reasons beyond those listed.
    pub more: u64,
}

/// One feed.
#[derive(Debug)]
pub(super) struct FeedRow {
    pub name: Said,
    pub holds: Said,
    pub state: Chip,
    /// When something came last, and how long ago.
    pub last: Option<(String, String)>,
    pub today: String,
    pub left_out: u64,
    /// The word for it in addresses.
    pub word: &'static str,
    pub expected: Option<String>,
    pub bars: Vec<Bar>,
}

/// Lines that are left out for one reason.
#[derive(Debug)]
pub(super) struct ReasonRow {
    pub feed: Said,
    pub why: String,
    pub lines: u64,
    /// Where the lines are listed.
    pub address: String,
}

/// What a feed is called.
pub(super) fn name_of(t: Language, feed: Feed) -> Said {
    t.say("feed-name").with("feed", feed.as_str())
}

/// Reads the feeds as they are now.
pub(super) fn read(db: &mut Db, t: Language, now: Moment) -> Result<Feeds, StorageError> {
    let days = feeds::days(db, now)?;
    let reasons = feeds::reasons(db, now.plus_days(-DAYS))?;
    let rows: Vec<(Feed, Pace, FeedRow)> = Feed::ALL
        .into_iter()
        .filter(|feed| *feed != Feed::Other || days.contains_key(feed))
        .map(|feed| {
            let days = days.get(&feed).map_or(&[][..], Vec::as_slice);
            let pace = feeds::pace(days, now);
            let left_out = reasons.iter().filter(|reason| reason.feed == feed).map(|reason| reason.lines);
            (feed, pace, row(t, feed, days, pace, left_out.sum(), now))
        })
        .collect();
    let heading = heading(t, rows.iter().map(|(feed, pace, _)| (*feed, *pace)));
    let mut grouped = grouped(t, &reasons);
    let more = grouped.iter().skip(LISTED).map(|reason| reason.lines).sum();
    grouped.truncate(LISTED);
    Ok(Feeds { heading, rows: rows.into_iter().map(|(.., row)| row).collect(), reasons: grouped, more })
}

/// What is found of the four named feeds.
fn heading(t: Language, paces: impl Iterator<Item = (Feed, Pace)>) -> Said {
    let named: Vec<(Feed, Pace)> = paces.filter(|(feed, _)| *feed != Feed::Other).collect();
    let those = |wanted: fn(Pace) -> bool| -> Vec<Said> {
        named.iter().filter(|(_, pace)| wanted(*pace)).map(|(feed, _)| name_of(t, *feed)).collect()
    };
    let late = those(|pace| matches!(pace, Pace::Late { .. }));
    let nothing = those(|pace| pace == Pace::Nothing);
    if nothing.len() == named.len() {
        t.say("feeds-nothing")
    } else if !late.is_empty() {
        t.say("feeds-late").with("feeds", late.into_iter().collect::<Slot>())
    } else if !nothing.is_empty() {
        t.say("feeds-missing").with("feeds", nothing.into_iter().collect::<Slot>())
    } else {
        t.say("feeds-fine")
    }
}

fn row(t: Language, feed: Feed, days: &[Day], pace: Pace, left_out: u64, now: Moment) -> FeedRow {
    let last = days.last().map(|day| (t.date_time(day.last_received), ago(t, day.last_received, now)));
    let today = days.last().filter(|day| day.day == now.day()).map_or(0, |day| day.counts.accepted);
    let expected = match pace {
        Pace::OnTime { by } | Pace::Late { by } => Some(t.date_time(by)),
        Pace::Nothing | Pace::Unknown => None,
    };
    FeedRow {
        name: name_of(t, feed),
        holds: t.say("feed-holds").with("feed", feed.as_str()),
        state: state(t, pace, left_out, now),
        last,
        today: t.count(today),
        left_out,
        word: feed.as_str(),
        expected,
        bars: bars(t, now, days.iter().map(|day| (day.day, day.counts))),
    }
}

/// The state in words.
fn state(t: Language, pace: Pace, left_out: u64, now: Moment) -> Chip {
    let (said, tone) = match pace {
        Pace::Nothing if left_out > 0 => (t.say("feed-all-out"), Tone::Bad),
        Pace::Nothing => (t.say("feed-nothing"), Tone::Neutral),
        Pace::Unknown => (t.say("feed-once"), Tone::Running),
        Pace::OnTime { .. } => (t.say("feed-on-time"), Tone::Good),
        Pace::Late { .. } => match pace.late_by(now).map_or(0, |late| late.ms() / 3_600_000) {
            0 => (t.say("feed-late-just"), Tone::Care),
            hours @ 1..48 => (t.say("feed-late-hours").with("n", hours), Tone::Care),
            hours => (t.say("feed-late-days").with("n", hours / 24), Tone::Bad),
        },
    };
    Chip::new(said.to_string(), tone)
}

/// Reasons that differ in what varies are one; one alone keeps what it names.
fn grouped(t: Language, reasons: &[Reason]) -> Vec<ReasonRow> {
    let mut groups: Vec<(Feed, String, u64, String)> = Vec::new();
    for Reason { feed, detail, lines } in reasons {
        let kind = cause(detail);
        match groups.iter_mut().find(|(of, known, ..)| of == feed && *known == kind) {
            Some((_, known, count, shown)) => {
                *count += lines;
                shown.clone_from(known);
            }
            None => groups.push((*feed, kind, *lines, detail.clone())),
        }
    }
    groups.sort_by_key(|(_, _, lines, _)| std::cmp::Reverse(*lines));
    let row = |(feed, _, lines, shown): (Feed, String, u64, String)| {
        let asked = [("feed", feed.as_str()), ("why", shown.as_str())];
        let query = serde_urlencoded::to_string(asked).unwrap_or_default();
        ReasonRow {
            feed: name_of(t, feed),
            why: t.again(&shown),
            lines,
            address: format!("/data/left-out?{query}"),
        }
    };
    groups.into_iter().map(row).collect()
}
