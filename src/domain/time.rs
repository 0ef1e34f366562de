//! Instants, durations and months. All instants are UTC in whole milliseconds.

use std::{
    fmt,
    ops::{Add, Sub},
    str::FromStr,
};

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(i64);

/// Why a text or number is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not an instant of RFC 3339.
    #[error("must be a time with an offset, such as 2026-03-02T09:00:00Z or 2026-03-02T10:00:00+01:00")]
    Moment,
    /// Not a duration in hours and minutes.
    #[error(
        "must be a duration in hours and minutes, such as PT4H or PT1H30M (P1D is refused: it reads as 24 hours or as one working day)"
    )]
    Wait,
    /// Not a month.
    #[error("must be a month, such as 2026-03")]
    Month,
    /// Outside the years that are kept.
    #[error("must lie between the years 1970 and 9999")]
    OutOfRange,
}

const MAX_MS: i64 = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

impl Moment {
    /// From milliseconds since the epoch; years 1970 to 9999.
    pub fn from_ms(ms: i64) -> Result<Self, TimeError> {
        if (0..=MAX_MS).contains(&ms) { Ok(Self(ms)) } else { Err(TimeError::OutOfRange) }
    }

    /// From milliseconds that were once a `Moment` (a column of our own); out of range values are clamped.
    pub fn from_stored_ms(ms: i64) -> Self {
        Self(ms.clamp(0, MAX_MS))
    }

    /// Milliseconds since the epoch.
    pub fn ms(self) -> i64 {
        self.0
    }

    /// Days since the epoch, UTC.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    /// Midnight UTC at which a date begins.
    pub fn start_of(date: NaiveDate) -> Self {
        Self::from_stored_ms(i64::from(date.to_epoch_days()) * DAY_MS)
    }

    /// The date in UTC.
    pub fn date(self) -> NaiveDate {
        i32::try_from(self.day()).ok().and_then(NaiveDate::from_epoch_days).unwrap_or(NaiveDate::MAX)
    }

    /// The month in UTC.
    pub fn month(self) -> Month {
        let date = self.date();
        Month::of(date.year(), date.month0())
    }

    /// As chrono's type.
    pub fn datetime(self) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(self.0).single().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// A moment so many days later (or earlier), kept within the years that exist here.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_stored_ms(self.0.saturating_add(days.saturating_mul(DAY_MS)))
    }
}

impl From<DateTime<Utc>> for Moment {
    fn from(at: DateTime<Utc>) -> Self {
        Self::from_stored_ms(at.timestamp_millis())
    }
}

impl Add<Wait> for Moment {
    type Output = Self;
    fn add(self, wait: Wait) -> Self {
        Self::from_stored_ms(self.0.saturating_add(wait.0))
    }
}

impl Sub for Moment {
    type Output = Wait;
    fn sub(self, earlier: Self) -> Wait {
        Wait(self.0 - earlier.0)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = if self.0 % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        f.write_str(&self.datetime().to_rfc3339_opts(format, true))
    }
}

impl FromStr for Moment {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError::Moment)?;
        Self::from_ms(at.timestamp_millis())
    }
}

/// A duration in milliseconds; negative where a reply is dated before its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wait(i64);

impl Wait {
    /// From milliseconds.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// From whole minutes.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes * 60_000)
    }

    /// From whole hours.
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_minutes(hours * 60)
    }

    /// From hours, to the nearest minute.
    #[allow(clippy::cast_possible_truncation, reason = "beyond its range it is as long as can be")]
    pub fn from_hours_f64(hours: f64) -> Self {
        Self(((hours * 60.0).round() as i64).saturating_mul(60_000))
    }

    /// Milliseconds.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Hours, with their fraction.
    pub fn hours(self) -> f64 {
        self.0 as f64 / 3_600_000.0
    }
}

impl fmt::Display for Wait {
    /// ISO 8601 in hours and minutes, rounded to the minute: `PT7H2M`, `PT0M`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = (self.0.abs() + 30_000) / 60_000;
        let sign = if self.0 < 0 && minutes > 0 { "-" } else { "" };
        match (minutes / 60, minutes % 60) {
            (0, m) => write!(f, "{sign}PT{m}M"),
            (h, 0) => write!(f, "{sign}PT{h}H"),
            (h, m) => write!(f, "{sign}PT{h}H{m}M"),
        }
    }
}

impl Wait {
    /// The longest promise that is taken: 10,000 hours.
    pub const LONGEST_PROMISE: Self = Self::from_hours(10_000);

    /// Reads a promise: `PT4H`, `PT90M`, `PT1H30M`; at least a minute, at most
    /// [`LONGEST_PROMISE`](Self::LONGEST_PROMISE).
    pub fn promise(text: &str) -> Result<Self, TimeError> {
        let wait: Self = text.parse()?;
        let promised = Self::from_minutes(1)..=Self::LONGEST_PROMISE;
        if promised.contains(&wait) { Ok(wait) } else { Err(TimeError::Wait) }
    }
}

impl FromStr for Wait {
    type Err = TimeError;

    /// Reads what [`Display`](fmt::Display) writes: hours and minutes, a sign before it where it is negative.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
        let rest = text.strip_prefix("PT").ok_or(TimeError::Wait)?;
        let number = |digits: &str| -> Result<i64, TimeError> {
            if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(TimeError::Wait);
            }
            digits.parse().map_err(|_| TimeError::Wait)
        };
        let (hours, rest) = match rest.split_once('H') {
            Some((h, rest)) => (number(h)?, rest),
            None => (0, rest),
        };
        let minutes = match rest.strip_suffix('M') {
            Some(m) => number(m)?,
            None if rest.is_empty() && text.ends_with('H') => 0,
            None => return Err(TimeError::Wait),
        };
        Ok(Self::from_minutes(sign * (hours * 60 + minutes)))
    }
}

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    fn of(year: i32, month0: u32) -> Self {
        Self(year * 12 + i32::try_from(month0).unwrap_or(0))
    }

    /// Months since year 0, for storage.
    pub fn index(self) -> i32 {
        self.0
    }

    /// From [`Month::index`].
    pub fn from_index(index: i32) -> Self {
        Self(index)
    }

    /// The month after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The month before this one.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    /// Its first instant.
    pub fn start(self) -> Moment {
        let month = u32::try_from(self.0.rem_euclid(12)).unwrap_or(0) + 1;
        NaiveDate::from_ymd_opt(self.0.div_euclid(12), month, 1).map_or(Moment(0), Moment::start_of)
    }

    /// How many days it has.
    pub fn days(self) -> i64 {
        self.next().start().day() - self.start().day()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (year, month) = text.split_once('-').ok_or(TimeError::Month)?;
        if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return Err(TimeError::Month);
        }
        let (year, month): (i32, u32) =
            (year.parse().map_err(|_| TimeError::Month)?, month.parse().map_err(|_| TimeError::Month)?);
        if year < 1970 {
            return Err(TimeError::OutOfRange);
        }
        if (1..=12).contains(&month) { Ok(Self::of(year, month - 1)) } else { Err(TimeError::Month) }
    }
}

/// Text for people's formats (JSON, TOML), a plain integer for the compact ones that storage keeps.
macro_rules! serde_as_text_or_integer {
    ($($name:ident: $integer:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                if s.is_human_readable() { s.collect_str(self) } else { self.0.serialize(s) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                if d.is_human_readable() {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <$integer>::deserialize(d).map(Self)
                }
            }
        }
    )*};
}
serde_as_text_or_integer!(Moment: i64, Wait: i64, Month: i32);

/// Where "now" comes from: the server's clock, or a test's.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant.
    fn now(&self) -> Moment;
}

/// A clock that stands still: tests, and the demo, whose experiment ended a moment ago.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Moment);

impl Clock for FixedClock {
    fn now(&self) -> Moment {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_hours_and_minutes_and_days_are_refused() {
        for (text, minutes) in [("PT4H", 240), ("PT90M", 90), ("PT1H30M", 90), ("PT0H5M", 5)] {
            assert_eq!(Wait::promise(text), Ok(Wait::from_minutes(minutes)), "{text}");
        }
        for bad in ["P1D", "PT", "PT0M", "4H", "PT4", "PTH", "PT1H30", "PT-1H", "PT1M30H", "pt4h", "PT4S"] {
            assert_eq!(Wait::promise(bad), Err(TimeError::Wait), "{bad}");
        }
        assert_eq!(Wait::from_minutes(422).to_string(), "PT7H2M");
        // A measured wait may be nothing at all, and is read back as it was written.
        for minutes in [0, 1, -5, 60, 422, 1_000_000] {
            let wait = Wait::from_minutes(minutes);
            assert_eq!(wait.to_string().parse(), Ok(wait));
        }
    }

    #[test]
    fn moments_keep_their_instant_whatever_the_offset() {
        let utc: Moment = "2026-03-02T09:00:00Z".parse().unwrap();
        assert_eq!("2026-03-02T10:00:00+01:00".parse(), Ok(utc));
        assert_eq!(utc.to_string(), "2026-03-02T09:00:00Z");
        assert_eq!("2026-03-02T09:00:00".parse::<Moment>(), Err(TimeError::Moment));
        assert_eq!("1969-12-31T23:59:59Z".parse::<Moment>(), Err(TimeError::OutOfRange));
    }

    #[test]
    fn months_count_their_days_in_leap_years_too() {
        let february: Month = "2028-02".parse().unwrap();
        assert_eq!((february.days(), february.next().to_string()), (29, "2028-03".to_owned()));
        assert_eq!(february.start().month(), february);
        assert!("2026-13".parse::<Month>().is_err() && "2026-3".parse::<Month>().is_err());
    }
}
