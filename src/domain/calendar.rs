//! Opening hours: when a promise falls due, and how much open time lies between two instants.
//!
//! An instant is open when the wall clock of the calendar's time zone shows an open time at it; so a
//! night shift of eight hours lasts seven on the night of the spring change and nine in autumn.
//! Intervals are half-open: at 17:00 a day of 09:00–17:00 is closed.
//!
//! [`Calendar::due`] and [`Calendar::open_between`] are each other's inverse:
//!
//! ```
//! use patience::domain::{calendar::{Calendar, CalendarDefinition}, time::{Moment, Wait}};
//!
//! let office = Calendar::new(CalendarDefinition {
//!     key: "office-hours".parse()?,
//!     time_zone: "Europe/Berlin".to_owned(),
//!     hours: "Mo-Fr 09:00-17:00; PH off".to_owned(),
//!     holidays: ["2026-01-01".parse()?].into(),
//! })?;
//! let opened: Moment = "2026-03-02T09:00:00Z".parse()?;
//! let due = office.due(opened, Wait::from_hours(8)).unwrap();
//! assert_eq!(due.to_string(), "2026-03-03T09:00:00Z");
//! assert_eq!(office.open_between(opened, due), Wait::from_hours(8));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{
    collections::BTreeSet,
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use compact_calendar::CompactCalendar;
use opening_hours::{Context, ContextHolidays, OpeningHours, RuleKind};
use serde::{Deserialize, Serialize};

use super::{
    ids::CalendarKey,
    time::{DAY_MS, Moment, Wait},
};

/// What a calendar file says, its holidays complete (those of `holidays_ics` included).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarDefinition {
    /// What cohorts name it by.
    pub key: CalendarKey,
    /// A name of the IANA data base, such as `Europe/Berlin`.
    pub time_zone: String,
    /// In OpenStreetMap's `opening_hours` notation.
    pub hours: String,
    /// What `PH` means.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub holidays: BTreeSet<NaiveDate>,
}

/// Why a definition is no calendar; each names the field and the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct CalendarError {
    /// The field of the definition.
    pub field: &'static str,
    /// What is wrong, and what would be right.
    pub detail: String,
}

/// When a team is open. Cheap to clone; clones share what has been computed.
#[derive(Debug, Clone)]
pub struct Calendar {
    definition: Arc<CalendarDefinition>,
    hours: Option<Arc<Hours>>,
}

/// The longest `hours` text that is read.
const MAX_HOURS_BYTES: usize = 2000;

/// Where no open time lies within so many days, nothing falls due.
const MAX_CLOSED_MS: i64 = 400 * DAY_MS;

impl Calendar {
    /// The calendar that never closes.
    pub fn always() -> Self {
        let definition = CalendarDefinition {
            key: CalendarKey::always(),
            time_zone: "UTC".to_owned(),
            hours: "24/7".to_owned(),
            holidays: BTreeSet::new(),
        };
        Self { definition: Arc::new(definition), hours: None }
    }

    /// Reads a definition; refuses hours that never open, and words that mean nothing here.
    pub fn new(definition: CalendarDefinition) -> Result<Self, CalendarError> {
        let refuse = |field, detail: String| Err(CalendarError { field, detail });
        if definition.key == CalendarKey::always() {
            return refuse("key", "\"always\" is the calendar that never closes: choose another key".into());
        }
        let Ok(zone) = definition.time_zone.parse::<Tz>() else {
            let zone = &definition.time_zone;
            return refuse(
                "time_zone",
                format!("must be a time zone of the IANA data base, such as Europe/Berlin; this is {zone:?}"),
            );
        };
        let text = definition.hours.as_str();
        if text.trim().is_empty() || text.len() > MAX_HOURS_BYTES {
            return refuse(
                "hours",
                format!(
                    "must be 1 to {MAX_HOURS_BYTES} bytes of the opening_hours notation, such as \
                     \"Mo-Fr 09:00-17:00; PH off\""
                ),
            );
        }
        if let Some(detail) = meaningless_word(text) {
            return refuse("hours", detail);
        }
        let parsed: OpeningHours = match text.parse() {
            Ok(parsed) => parsed,
            Err(error) => {
                return refuse(
                    "hours",
                    format!(
                        "is not in the opening_hours notation; write it like \"Mo-Fr 09:00-17:00; PH off\". {error}"
                    ),
                );
            }
        };
        let mut public = CompactCalendar::default();
        for date in &definition.holidays {
            public.insert(*date);
        }
        let holidays = ContextHolidays::new(Arc::new(public), Arc::default());
        let hours = Hours {
            text: parsed.with_context(Context::default().with_holidays(holidays)),
            zone,
            pages: (0..KEPT_PAGES).map(|_| OnceLock::new()).collect(),
        };
        if !hours.ever_opens() {
            return refuse("hours", "never open: name at least one time at which somebody is there".into());
        }
        Ok(Self { definition: Arc::new(definition), hours: Some(Arc::new(hours)) })
    }

    /// What cohorts name it by.
    pub fn key(&self) -> &CalendarKey {
        &self.definition.key
    }

    /// What it was made from.
    pub fn definition(&self) -> &CalendarDefinition {
        &self.definition
    }

    /// The earliest instant by which so much open time has passed; eight hours of a 9–17 day from
    /// 09:00 end at 17:00 of that day. None where there is no open time for 400 days on end, or the
    /// end lies more than a century ahead. Nothing to wait for is due at once.
    pub fn due(&self, from: Moment, open: Wait) -> Option<Moment> {
        let mut left = open.ms();
        if left <= 0 {
            return Some(from);
        }
        let Some(hours) = &self.hours else {
            return Moment::from_ms(from.ms().checked_add(left)?).ok();
        };
        let mut open_until = from.ms();
        let first = Page::index_of(from.ms());
        for index in first..=LAST_PAGE.min(first + MAX_PAGES) {
            let page = hours.page(index);
            let place = page.next_to(from.ms());
            let next_opening = page.opening(place, from.ms()).unwrap_or(Page::end_of(index));
            if next_opening - open_until > MAX_CLOSED_MS {
                return None;
            }
            let skipped = page.open_until(place, from.ms());
            if let Some(at) = page.instant_of(skipped + left, place) {
                return Moment::from_ms(at).ok();
            }
            left -= page.total() - skipped;
            open_until = page.spans.last().map_or(open_until, |span| span.end.max(open_until));
        }
        None
    }

    /// The open time between two instants; negative where `to` lies before `from`.
    pub fn open_between(&self, from: Moment, to: Moment) -> Wait {
        let Some(hours) = &self.hours else { return to - from };
        if to < from {
            return Wait::from_ms(-self.open_between(to, from).ms());
        }
        let (first, last) = (Page::index_of(from.ms()), Page::index_of(to.ms()));
        let between: i64 = (first..last).map(|index| hours.page(index).total()).sum();
        let before_to = hours.page(last).open_before(to.ms());
        Wait::from_ms(between + before_to - hours.page(first).open_before(from.ms()))
    }

    /// The open intervals between two instants, in order, none empty, none touching the next.
    pub fn open_intervals(&self, from: Moment, to: Moment) -> Vec<(Moment, Moment)> {
        let mut intervals: Vec<(i64, i64)> = Vec::new();
        if let Some(hours) = &self.hours {
            for index in Page::index_of(from.ms())..=Page::index_of(to.ms()) {
                for span in &hours.page(index).spans {
                    let (start, end) = (span.start.max(from.ms()), span.end.min(to.ms()));
                    if start < end {
                        push_or_join(&mut intervals, start, end);
                    }
                }
            }
        } else if from < to {
            intervals.push((from.ms(), to.ms()));
        }
        let moment = Moment::from_stored_ms;
        intervals.into_iter().map(|(start, end)| (moment(start), moment(end))).collect()
    }
}

/// Equal definitions make equal calendars.
impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        self.definition == other.definition
    }
}

/// Words of the notation that would quietly mean nothing, since a calendar has no place on earth and
/// no list of school holidays.
fn meaningless_word(text: &str) -> Option<String> {
    let mut quoted = false;
    let outside: String = text
        .chars()
        .map(|c| {
            if c == '"' {
                quoted = !quoted;
                ' '
            } else if quoted {
                ' '
            } else {
                c
            }
        })
        .collect();
    let mut words = outside.split(|c: char| !c.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
    words.find_map(|word| match word.as_str() {
        "sunrise" | "sunset" | "dawn" | "dusk" => {
            Some(format!("{word:?} needs a place on earth: write the time of day instead, such as 08:00"))
        }
        "sh" => Some(
            "\"SH\" (school holidays) has no list here: add the dates to holidays and write PH, or write \
             them out, such as \"Jul 20-Aug 31 off\""
                .to_owned(),
        ),
        _ => None,
    })
}

/// Open time of one stretch of the time line, sorted, in UTC.
#[derive(Debug)]
struct Page {
    start: i64,
    spans: Vec<Span>,
    /// How many spans have ended when each of its days (UTC) begins, and at the end of the last.
    ended: Vec<usize>,
}

/// An open interval `[start, end)` and the open time of the page before it, in milliseconds.
#[derive(Debug)]
struct Span {
    start: i64,
    end: i64,
    before: i64,
}

impl Span {
    /// The open time of the page until its end.
    fn until(&self) -> i64 {
        self.before + self.end - self.start
    }
}

/// The time line is cut into pages of so many days, counted from the epoch.
const PAGE_DAYS: i64 = 400;
const PAGE_MS: i64 = PAGE_DAYS * DAY_MS;
/// The page that holds the end of the year 9999.
const LAST_PAGE: i64 = 253_402_300_799_999 / PAGE_MS;
/// How far ahead a due time is looked for: about 110 years.
const MAX_PAGES: i64 = 100;
/// Pages that are kept once computed: until the year 2109. Others are computed for each question.
const KEPT_PAGES: usize = 128;

impl Page {
    fn index_of(ms: i64) -> i64 {
        ms / PAGE_MS
    }

    fn end_of(index: i64) -> i64 {
        (index + 1) * PAGE_MS
    }

    /// Of spans that are sorted and lie within the page.
    fn new(index: i64, spans: Vec<Span>) -> Self {
        let start = index * PAGE_MS;
        let ended = |day| spans.partition_point(|span| span.end <= start + day * DAY_MS);
        Self { start, ended: (0..=PAGE_DAYS).map(ended).collect(), spans }
    }

    fn total(&self) -> i64 {
        self.spans.last().map_or(0, Span::until)
    }

    /// The place of the first span that ends after an instant; instants outside the page count as its ends.
    fn next_to(&self, ms: i64) -> usize {
        let Ok(day) = usize::try_from((ms - self.start).div_euclid(DAY_MS)) else { return 0 };
        let Some(&[from, to]) = self.ended.get(day..day + 2).and_then(|both| both.first_chunk()) else {
            return self.spans.len();
        };
        from + self.spans[from..to].partition_point(|span| span.end <= ms)
    }

    /// Open time of this page before an instant, whose place is that of [`Self::next_to`].
    fn open_until(&self, place: usize, ms: i64) -> i64 {
        self.spans.get(place).map_or(self.total(), |span| span.before + (ms - span.start).max(0))
    }

    /// Open time of this page before an instant.
    fn open_before(&self, ms: i64) -> i64 {
        self.open_until(self.next_to(ms), ms)
    }

    /// The first open instant at or after one, whose place is that of [`Self::next_to`].
    fn opening(&self, place: usize, ms: i64) -> Option<i64> {
        self.spans.get(place).map(|span| span.start.max(ms))
    }

    /// The earliest instant by which so much of this page's open time (above zero) has passed, in or after the span at
    /// `from`: looked for in strides that double, since most promises are kept within a few days.
    fn instant_of(&self, open: i64, from: usize) -> Option<i64> {
        let rest = self.spans.get(from..)?;
        let mut stride = 1;
        while rest.get(stride - 1).is_some_and(|span| span.until() < open) {
            stride *= 2;
        }
        let within = &rest[stride / 2..stride.min(rest.len())];
        let holder = within.get(within.partition_point(|span| span.until() < open))?;
        Some(holder.start + open - holder.before)
    }
}

/// A page, kept or made for one question. (A counted reference would be counted by all cores at once.)
enum Found<'h> {
    Kept(&'h Page),
    Computed(Page),
}

impl Deref for Found<'_> {
    type Target = Page;

    fn deref(&self) -> &Page {
        match self {
            Self::Kept(page) => page,
            Self::Computed(page) => page,
        }
    }
}

/// A parsed text in its time zone, and what has been computed of it. Pages are a function of the text
/// alone, so keeping them changes no answer.
struct Hours {
    text: OpeningHours,
    zone: Tz,
    pages: Vec<OnceLock<Page>>,
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.text, self.zone)
    }
}

impl Hours {
    fn page(&self, index: i64) -> Found<'_> {
        match usize::try_from(index).ok().and_then(|index| self.pages.get(index)) {
            Some(kept) => Found::Kept(kept.get_or_init(|| self.compute(index))),
            None => Found::Computed(self.compute(index)),
        }
    }

    fn compute(&self, index: i64) -> Page {
        let end = Page::end_of(index);
        let mut open = Vec::new();
        let mut from = end - PAGE_MS;
        while from < end {
            let offset = self.offset_ms(from);
            let to = self.offset_change(from, end);
            self.open_on_the_wall(from + offset, to + offset, |start, stop| {
                push_or_join(&mut open, start - offset, stop - offset);
            });
            from = to;
        }
        let mut before = 0;
        let spans = open.into_iter().map(|(start, end)| {
            let span = Span { start, end, before };
            before += end - start;
            span
        });
        Page::new(index, spans.collect())
    }

    /// Local time minus UTC at an instant.
    fn offset_ms(&self, ms: i64) -> i64 {
        let offset = self.zone.offset_from_utc_datetime(&naive(ms)).fix();
        i64::from(offset.local_minus_utc()) * 1000
    }

    /// The first instant after `from` with another offset, at most `end`. Looks every six hours: no
    /// zone changes its clock back and forth within so short a time.
    fn offset_change(&self, from: i64, end: i64) -> i64 {
        const STRIDE: i64 = 6 * 3_600_000;
        let offset = self.offset_ms(from);
        let mut same = from;
        loop {
            let next = (same + STRIDE).min(end);
            if self.offset_ms(next) != offset {
                let (mut low, mut high) = (same, next);
                while high - low > 1 {
                    let middle = low.midpoint(high);
                    if self.offset_ms(middle) == offset { low = middle } else { high = middle }
                }
                return high;
            }
            if next == end {
                return end;
            }
            same = next;
        }
    }

    /// Tells the open intervals of a stretch of wall time, cut to it.
    fn open_on_the_wall(&self, from: i64, to: i64, mut tell: impl FnMut(i64, i64)) {
        // Whole days are asked for, since the notation knows minutes and a stretch may begin at any second.
        let day = |ms: i64| naive(ms.div_euclid(DAY_MS) * DAY_MS);
        for range in self.text.iter_range(day(from), day(to + DAY_MS)) {
            if range.kind == RuleKind::Open {
                let start = range.range.start.and_utc().timestamp_millis().max(from);
                let end = range.range.end.and_utc().timestamp_millis().min(to);
                if start < end {
                    tell(start, end);
                }
            }
        }
    }

    fn ever_opens(&self) -> bool {
        let midnight = |year| {
            NaiveDate::from_ymd_opt(year, 1, 1)
                .map_or(NaiveDateTime::MIN, |date| date.and_time(NaiveTime::MIN))
        };
        self.text.iter_range(midnight(1970), midnight(2110)).any(|range| range.kind == RuleKind::Open)
    }
}

fn naive(ms: i64) -> NaiveDateTime {
    DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::milliseconds(ms)
}

fn push_or_join(intervals: &mut Vec<(i64, i64)>, start: i64, end: i64) {
    match intervals.last_mut() {
        Some(last) if last.1 == start => last.1 = end,
        _ => intervals.push((start, end)),
    }
}

#[cfg(test)]
mod tests;
