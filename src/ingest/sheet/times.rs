//! Times as spreadsheets and help desks write them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::domain::time::Moment;

/// What comes first in a date such as `03/04/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOrder {
    /// 3 April.
    DayFirst,
    /// March 4.
    MonthFirst,
}

/// What was seen of a file's times so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// A time that does not say its zone; one of which the order is plain, if there is one.
    zoneless: Option<(String, bool)>,
    /// A date that may be read either way.
    either: Option<String>,
    day_first: bool,
    month_first: bool,
}

impl Seen {
    /// Looks at a cell: of an instant, or of a month, which needs no zone.
    pub(super) fn look(&mut self, cell: &str, instant: bool) {
        let Some(parts) = Parts::of(cell.trim()) else { return };
        let plain = match parts.date {
            Date::Plain(_) => true,
            Date::Either(first, second, _) => {
                self.day_first |= first > 12;
                self.month_first |= second > 12;
                if first <= 12 && second <= 12 && self.either.is_none() {
                    self.either = Some(cell.trim().to_owned());
                }
                first > 12 || second > 12
            }
        };
        if [DayOrder::DayFirst, DayOrder::MonthFirst].iter().all(|order| parts.date.by(*order).is_none()) {
            return;
        }
        if instant
            && parts.offset.is_none()
            && self.zoneless.as_ref().is_none_or(|(_, known)| plain && !known)
        {
            self.zoneless = Some((cell.trim().to_owned(), plain));
        }
    }

    /// The order of day and month, where the file shows it by itself.
    pub(super) fn order(&self) -> Option<DayOrder> {
        match (self.day_first, self.month_first) {
            (true, false) => Some(DayOrder::DayFirst),
            (false, true) => Some(DayOrder::MonthFirst),
            _ => None,
        }
    }

    /// A date that may be read either way, where the file does not show which.
    pub(super) fn either_order(&self) -> Option<String> {
        self.either.clone().filter(|_| self.order().is_none())
    }

    /// A time that does not say its zone.
    pub(super) fn zoneless(&self) -> Option<String> {
        self.zoneless.as_ref().map(|(cell, _)| cell.clone())
    }
}

/// A cell's date, its time of day and its offset from UTC.
struct Parts {
    date: Date,
    time: NaiveTime,
    offset: Option<FixedOffset>,
}

#[derive(Clone, Copy)]
enum Date {
    Plain(NaiveDate),
    /// Two numbers of which one is the day, and the year.
    Either(u32, u32, i32),
}

impl Parts {
    fn of(cell: &str) -> Option<Self> {
        if let Ok(at) = DateTime::parse_from_rfc3339(cell) {
            let (date, time) = (Date::Plain(at.date_naive()), at.time());
            return Some(Self { date, time, offset: Some(*at.offset()) });
        }
        let cell = cell.replace(['年', '月'], "-").replace('日', " ");
        let (date, rest) = cell.split_once([' ', 'T']).unwrap_or((&cell, ""));
        let date = date.trim_end_matches([',', '-']);
        let rest = rest.trim();
        let (time, offset) = time_and_offset(rest)?;
        Some(Self { date: Date::of(date)?, time, offset })
    }
}

impl Date {
    fn of(text: &str) -> Option<Self> {
        let numbers: Vec<&str> = text.split(['-', '/', '.']).collect();
        let [one, two, three] = numbers[..] else { return None };
        if one.len() == 4 {
            let date = NaiveDate::from_ymd_opt(number(one)?.cast_signed(), number(two)?, number(three)?);
            return date.map(Self::Plain);
        }
        let year = match (three.len(), number(three)?.cast_signed()) {
            (4, year) => year,
            (2, year) => 2000 + year,
            _ => return None,
        };
        let (first, second) = (number(one)?, number(two)?);
        if text.contains('.') {
            // Where dots are written, the day comes first.
            return NaiveDate::from_ymd_opt(year, second, first).map(Self::Plain);
        }
        Some(Self::Either(first, second, year))
    }

    fn by(&self, order: DayOrder) -> Option<NaiveDate> {
        match (*self, order) {
            (Self::Plain(date), _) => Some(date),
            (Self::Either(day, month, year), DayOrder::DayFirst)
            | (Self::Either(month, day, year), DayOrder::MonthFirst) => {
                NaiveDate::from_ymd_opt(year, month, day)
            }
        }
    }
}

fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// `9:15`, `09:15:30.5 PM`, `09:15 +01:00`, `09:15 UTC`, or nothing: midnight.
fn time_and_offset(text: &str) -> Option<(NaiveTime, Option<FixedOffset>)> {
    let upper = text.to_uppercase();
    let (clock, offset) = split_offset(upper.trim())?;
    let (clock, noon) = match clock.strip_suffix("PM") {
        Some(clock) => (clock.trim(), Some(true)),
        None => clock.strip_suffix("AM").map_or((clock, None), |clock| (clock.trim(), Some(false))),
    };
    if clock.is_empty() {
        return noon.is_none().then_some((NaiveTime::MIN, offset));
    }
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let (second, rest) = parts.next().map_or(("0", ""), |s| s.split_once('.').unwrap_or((s, "")));
    let thousandths = rest.bytes().take(3).fold(0, |n, b| n * 10 + u32::from(b.saturating_sub(b'0')))
        * 10_u32.pow(3 - u32::try_from(rest.len().min(3)).ok()?);
    if parts.next().is_some() || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hour = match noon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    Some((NaiveTime::from_hms_milli_opt(hour, minute, number(second)?, thousandths)?, offset))
}

fn split_offset(text: &str) -> Option<(&str, Option<FixedOffset>)> {
    for suffix in ["UTC", "GMT", "Z"] {
        if let Some(clock) = text.strip_suffix(suffix) {
            return Some((clock.trim(), Some(Utc.fix())));
        }
    }
    let Some(at) = text.rfind(['+', '-', '−']) else { return Some((text, None)) };
    let (clock, offset) = text.split_at(at);
    let sign = if offset.starts_with('+') { 1 } else { -1 };
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        _ => return None,
    };
    let seconds = sign * i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some((clock.trim(), Some(FixedOffset::east_opt(seconds)?)))
}

/// A cell as an instant; none where it is none. Of an hour that a zone has twice the first is meant.
pub(super) fn read(cell: &str, order: DayOrder, zone: Tz) -> Option<Moment> {
    let parts = Parts::of(cell.trim())?;
    let at = NaiveDateTime::new(parts.date.by(order)?, parts.time);
    let utc: DateTime<Utc> = match parts.offset {
        Some(offset) => offset.from_local_datetime(&at).earliest()?.with_timezone(&Utc),
        None => zone.from_local_datetime(&at).earliest()?.with_timezone(&Utc),
    };
    Moment::from_ms(utc.timestamp_millis()).ok()
}

/// A cell as a month: `2026-03`, `2026/3`, `03/2026`, `2026年3月`, or any day of it.
pub(super) fn month(cell: &str, order: DayOrder) -> Option<String> {
    let cell = cell.trim();
    if let Some(parts) = Parts::of(cell) {
        return parts.date.by(order).map(|date| date.format("%Y-%m").to_string());
    }
    let plain = cell.replace('年', "-").replace('月', "");
    let (one, two) = plain.split_once(['-', '/', '.'])?;
    let (year, month) = if one.len() == 4 { (one, two) } else { (two, one) };
    (year.len() == 4 && (1..=12).contains(&number(month)?))
        .then(|| Some(format!("{:04}-{:02}", number(year)?, number(month)?)))
        .flatten()
}
