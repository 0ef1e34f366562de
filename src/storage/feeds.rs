//! Where our data come from and how much of it was refused: the data page, and the check that too much is
//! missing to judge an experiment.

use std::collections::BTreeMap;

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, TextExpressionMethods,
    dsl::{count_star, exists, max, not},
    upsert::excluded,
};

use super::{
    Db,
    connection::{CHUNK, per_backend},
    error::Result,
    ledger,
    schema::{
        assignments as a, customers as c, feed_days as d, feeds as f, ledger as l, ledger_by_key as k,
        rejections as r,
    },
};
use crate::domain::{
    event::Event,
    experiment::{Experiment, Unit},
    feed::{Feed, Pace},
    ids::{CustomerId, Source},
    time::{DAY_MS, Moment},
};

/// The longest part of a refused line that is kept, in characters.
const LINE_KEPT: usize = 500;

/// How long refused lines are kept, in days.
const KEPT_DAYS: i64 = 30;

/// What became of the lines of one request or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// New.
    pub accepted: u64,
    /// Known already.
    pub duplicates: u64,
    /// Refused.
    pub rejected: u64,
}

/// What arrived together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Arrived {
    /// All lines.
    pub lines: Counts,
    /// By feed, in the order of [`Feed::ALL`]. A line may be of several: a row of conversations tells of a ticket and
    /// of the reply to it.
    pub feeds: [Counts; Feed::ALL.len()],
}

impl Arrived {
    /// Counts a line of these events, once in each feed that it is of.
    pub fn count(&mut self, events: &[Event], what: fn(&mut Counts) -> &mut u64) {
        *what(&mut self.lines) += 1;
        for (at, feed) in Feed::ALL.into_iter().enumerate() {
            if events.iter().any(|event| Feed::of(&event.fact) == feed) {
                *what(&mut self.feeds[at]) += 1;
            }
        }
    }

    /// Counts a line that was refused.
    pub fn refuse(&mut self, feed: Feed) {
        self.lines.rejected += 1;
        for (counts, other) in self.feeds.iter_mut().zip(Feed::ALL) {
            counts.rejected += u64::from(other == feed);
        }
    }
}

/// A line that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedLine {
    /// The feed that it would have been of.
    pub feed: Feed,
    /// Its id, where it could be read.
    pub id: Option<String>,
    /// The customer it names, where it could be read.
    pub customer: Option<CustomerId>,
    /// Why.
    pub detail: String,
    /// The line itself, or its beginning.
    pub line: String,
}

/// Notes what a source sent. To be called in the write that appended it.
pub fn record(
    db: &mut Db,
    source: &Source,
    arrived: &Arrived,
    rejected: &[RejectedLine],
    now: Moment,
) -> Result<()> {
    let [accepted, duplicates, refused] = arrived.lines.signed();
    let row = (
        f::source.eq(source.as_str()),
        f::day.eq(now.day()),
        f::accepted.eq(accepted),
        f::duplicates.eq(duplicates),
        f::rejected.eq(refused),
        f::last_received.eq(now.ms()),
    );
    per_backend!(db, |connection| diesel::insert_into(f::table)
        .values(row)
        .on_conflict((f::source, f::day))
        .do_update()
        .set((
            f::accepted.eq(f::accepted + accepted),
            f::duplicates.eq(f::duplicates + duplicates),
            f::rejected.eq(f::rejected + refused),
            f::last_received.eq(now.ms()),
        ))
        .execute(connection))?;
    record_feeds(db, arrived, now)?;
    if rejected.is_empty() {
        return Ok(());
    }
    diesel::delete(r::table.filter(r::received_at.lt(now.plus_days(-KEPT_DAYS).ms()))).execute(db)?;
    let first = r::table.select(max(r::id)).first::<Option<i64>>(db)?.unwrap_or(0) + 1;
    let rows: Vec<_> = (first..)
        .zip(rejected)
        .map(|(number, line)| {
            let key = line.id.as_ref().map(|id| ledger::key(source.as_str(), id).to_vec());
            (
                r::id.eq(number),
                r::received_at.eq(now.ms()),
                r::feed.eq(line.feed.as_str()),
                r::source.eq(source.as_str()),
                r::event_key.eq(key),
                r::event_id.eq(line.id.as_ref().map(|id| storable(id.chars()))),
                r::customer_id.eq(line.customer.as_ref().map(CustomerId::as_str)),
                r::detail.eq(storable(line.detail.chars())),
                r::line.eq(storable(line.line.chars().take(LINE_KEPT))),
            )
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        per_backend!(db, |connection| diesel::insert_into(r::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// The same by feed, in one statement.
fn record_feeds(db: &mut Db, arrived: &Arrived, now: Moment) -> Result<()> {
    let came = Feed::ALL.into_iter().zip(&arrived.feeds).filter(|(_, counts)| **counts != Counts::default());
    let rows: Vec<_> = came
        .map(|(feed, counts)| {
            let [accepted, duplicates, rejected] = counts.signed();
            (
                d::feed.eq(feed.as_str()),
                d::day.eq(now.day()),
                d::accepted.eq(accepted),
                d::duplicates.eq(duplicates),
                d::rejected.eq(rejected),
                d::last_received.eq(now.ms()),
            )
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    per_backend!(db, |connection| diesel::insert_into(d::table)
        .values(&rows)
        .on_conflict((d::feed, d::day))
        .do_update()
        .set((
            d::accepted.eq(d::accepted + excluded(d::accepted)),
            d::duplicates.eq(d::duplicates + excluded(d::duplicates)),
            d::rejected.eq(d::rejected + excluded(d::rejected)),
            d::last_received.eq(excluded(d::last_received)),
        ))
        .execute(connection))?;
    Ok(())
}

/// A refused line may hold the one character that PostgreSQL's texts cannot.
fn storable(text: impl Iterator<Item = char>) -> String {
    text.map(|character| if character == '\0' { char::REPLACEMENT_CHARACTER } else { character }).collect()
}

/// Forgets refused rows of a file that came again and were taken: they are missing no longer. `names` are the
/// rows' identities, as they were refused by.
pub fn mended(db: &mut Db, source: &Source, names: &[String]) -> Result<()> {
    if names.is_empty() || r::table.select(r::id).first::<i64>(db).optional()?.is_none() {
        return Ok(());
    }
    for chunk in names.chunks(CHUNK) {
        let keys: Vec<_> = chunk.iter().map(|name| ledger::key(source.as_str(), name).to_vec()).collect();
        diesel::delete(r::table.filter(r::event_key.eq_any(keys))).execute(db)?;
    }
    Ok(())
}

/// Of refused lines those that were not accepted later.
macro_rules! still_refused {
    () => {{
        let later = k::table
            .filter(k::key.nullable().eq(r::event_key))
            .filter(k::received_at.ge(r::received_at))
            .select(k::seq);
        r::event_key.is_null().or(not(exists(later)))
    }};
}

impl Counts {
    fn signed(self) -> [i64; 3] {
        [self.accepted, self.duplicates, self.rejected].map(u64::cast_signed)
    }

    fn stored([accepted, duplicates, rejected]: [i64; 3]) -> Self {
        Self {
            accepted: accepted.cast_unsigned(),
            duplicates: duplicates.cast_unsigned(),
            rejected: rejected.cast_unsigned(),
        }
    }
}

/// What one source has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The source.
    pub source: String,
    /// When it last sent something.
    pub last_received: Moment,
    /// By day since 1970 (UTC), the days on which it sent something.
    pub days: BTreeMap<i64, Counts>,
}

/// What each source has sent since a moment, by source.
pub fn senders(db: &mut Db, since: Moment) -> Result<Vec<Sender>> {
    let rows: Vec<(String, i64, i64, i64, i64, i64)> =
        f::table.filter(f::day.ge(since.day())).order((f::source, f::day)).load(db)?;
    let mut senders: Vec<Sender> = Vec::new();
    for (source, day, accepted, duplicates, rejected, last) in rows {
        let last_received = Moment::from_stored_ms(last);
        if senders.last().is_none_or(|sender| sender.source != source) {
            senders.push(Sender { source, last_received, days: BTreeMap::new() });
        }
        if let Some(sender) = senders.last_mut() {
            sender.last_received = sender.last_received.max(last_received);
            sender.days.insert(day, Counts::stored([accepted, duplicates, rejected]));
        }
    }
    Ok(senders)
}

/// What came of a feed on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Since 1970 (UTC).
    pub day: i64,
    /// What became of its lines.
    pub counts: Counts,
    /// When the last of them came.
    pub last_received: Moment,
}

/// How far back a feed's days are read: fifteen months, so that what comes monthly has a pace.
const DAYS_READ: i64 = 460;

/// The days on which something came of each feed, in order.
pub fn days(db: &mut Db, now: Moment) -> Result<BTreeMap<Feed, Vec<Day>>> {
    let rows: Vec<(String, i64, i64, i64, i64, i64)> =
        d::table.filter(d::day.ge(now.day() - DAYS_READ)).order((d::feed, d::day)).load(db)?;
    let mut feeds: BTreeMap<Feed, Vec<Day>> = BTreeMap::new();
    for (feed, day, accepted, duplicates, rejected, last) in rows {
        let Some(feed) = Feed::named(&feed) else { continue };
        let counts = Counts::stored([accepted, duplicates, rejected]);
        feeds.entry(feed).or_default().push(Day { day, counts, last_received: Moment::from_stored_ms(last) });
    }
    Ok(feeds)
}

/// The pace of a feed from the days of [`days`]: those on which something was taken, or known already.
pub fn pace(days: &[Day], now: Moment) -> Pace {
    let came = days.iter().filter(|day| day.counts.accepted + day.counts.duplicates > 0);
    let came: Vec<Moment> = came.map(|day| day.last_received).collect();
    Pace::of(&came, now)
}

/// The feeds that are late by a day or more, and when something came of each last: figures made now lack what is
/// missing.
pub fn late(db: &mut Db, now: Moment) -> Result<Vec<(Feed, Moment)>> {
    let feeds = days(db, now)?;
    let late = feeds.iter().filter_map(|(feed, days)| {
        let late = pace(days, now).late_by(now)?;
        let came = days.iter().rev().find(|day| day.counts.accepted + day.counts.duplicates > 0)?;
        (*feed != Feed::Other && late.ms() >= DAY_MS).then_some((*feed, came.last_received))
    });
    Ok(late.collect())
}

/// Why lines of a feed are left out, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The feed.
    pub feed: Feed,
    /// As each of the lines was told.
    pub detail: String,
    /// Lines that were told so, and were not accepted later.
    pub lines: u64,
}

/// Why lines that came since a moment are left out, the most frequent first.
pub fn reasons(db: &mut Db, since: Moment) -> Result<Vec<Reason>> {
    let rows: Vec<(String, String, i64)> = r::table
        .filter(r::received_at.ge(since.ms()))
        .filter(still_refused!())
        .group_by((r::feed, r::detail))
        .select((r::feed, r::detail, count_star()))
        .order((count_star().desc(), r::detail))
        .load(db)?;
    let reason = |(feed, detail, lines): (String, String, i64)| {
        let feed = Feed::named(&feed).unwrap_or(Feed::Other);
        Reason { feed, detail, lines: lines.cast_unsigned() }
    };
    Ok(rows.into_iter().map(reason).collect())
}

/// A refused line with where and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// When.
    pub received_at: Moment,
    /// From whom.
    pub source: String,
    /// Its id, where it could be read.
    pub id: Option<String>,
    /// Why.
    pub detail: String,
    /// The line, or its beginning.
    pub line: String,
}

/// Which refused lines are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Only those of this feed.
    pub feed: Option<Feed>,
    /// Only those told so. An ellipsis stands for anything.
    pub detail: Option<String>,
}

/// What stands in a sentence for what varies.
pub const ANYTHING: char = '…';

/// The pattern of SQL's LIKE.
fn pattern(detail: &str) -> String {
    let mut pattern = String::new();
    for character in detail.chars() {
        match character {
            ANYTHING => pattern.push('%'),
            '%' | '_' | '\\' => pattern.extend(['\\', character]),
            other => pattern.push(other),
        }
    }
    pattern
}

/// The last refused lines that are wanted and were not accepted later, the newest first.
pub fn rejections(db: &mut Db, wanted: &Wanted, limit: u32) -> Result<Vec<Rejected>> {
    let mut query = r::table.filter(still_refused!()).into_boxed();
    if let Some(feed) = wanted.feed {
        query = query.filter(r::feed.eq(feed.as_str()));
    }
    if let Some(detail) = &wanted.detail {
        query = query.filter(r::detail.like(pattern(detail)).escape('\\'));
    }
    let rows: Vec<(i64, String, Option<String>, String, String)> = query
        .order(r::id.desc())
        .limit(i64::from(limit))
        .select((r::received_at, r::source, r::event_id, r::detail, r::line))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(at, source, id, detail, line)| Rejected {
            received_at: Moment::from_stored_ms(at),
            source,
            id,
            detail,
            line,
        })
        .collect())
}

/// Lines that name units of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// All of them: those that are in the ledger, and those that are not.
    pub lines: u64,
    /// Those that were refused and not accepted later; at least one.
    pub rejected: u64,
}

impl Missing {
    /// The share that is missing.
    pub fn share(self) -> f64 {
        self.rejected as f64 / self.lines as f64
    }
}

/// Of the lines of the 7 days before a moment that name one of an experiment's units, those that were refused and not
/// accepted later; none where no line was, which is known without counting the others: after an import these are
/// millions.
pub fn missing(db: &mut Db, experiment: &Experiment, as_of: Moment) -> Result<Option<Missing>> {
    let since = as_of.plus_days(-7);
    let key = experiment.definition.key.as_str();
    let units = || a::table.filter(a::experiment.eq(key)).select(a::unit_id.nullable());
    let members = || c::table.filter(c::account_id.eq_any(units())).select(c::customer_id.nullable());
    let refused = r::table.filter(r::received_at.between(since.ms(), as_of.ms())).filter(still_refused!());
    let rejected: i64 = match experiment.definition.unit {
        Unit::Customer => refused.filter(r::customer_id.eq_any(units())).count().get_result(db)?,
        Unit::Account => refused.filter(r::customer_id.eq_any(members())).count().get_result(db)?,
    };
    if rejected == 0 {
        return Ok(None);
    }
    let (from, until) = (first_since(db, since)?, first_since(db, Moment::from_stored_ms(as_of.ms() + 1))?);
    let recent = l::table.filter(l::seq.ge(from)).filter(l::seq.lt(until));
    let accepted: i64 = match experiment.definition.unit {
        Unit::Customer => recent.filter(l::customer_id.eq_any(units())).count().get_result(db)?,
        Unit::Account => recent.filter(l::customer_id.eq_any(members())).count().get_result(db)?,
    };
    Ok(Some(Missing { lines: (accepted + rejected).cast_unsigned(), rejected: rejected.cast_unsigned() }))
}

/// The first entry received at or after a moment. The ledger is in the order of receipt, so it is found by
/// halving; an index would cost every append.
fn first_since(db: &mut Db, since: Moment) -> Result<i64> {
    let (mut low, mut high) = (1, ledger::position(db)? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let received: Option<i64> = l::table.find(middle).select(l::received_at).first(db).optional()?;
        if received.is_none_or(|at| at < since.ms()) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
