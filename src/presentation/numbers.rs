//! Values, differences and ranges of metrics as the page writes them; single figures are written by
//! [`domain::format`](crate::domain::format), which verdicts use too.

pub use crate::domain::format::{count, date, date_time, number as decimal, percent as share, signed};

use crate::analysis::document::{Measure, Range};
use crate::domain::{
    experiment::{Currency, MarginScale},
    format,
    time::Wait,
};

/// Written where there is no figure.
pub const NONE: &str = "–";

/// Hours: `2.4 h`; below one in minutes: `12.5 min`.
pub fn hours(value: f64) -> String {
    if value.abs() < 1.0 && value != 0.0 {
        format!("{} min", decimal(value * 60.0, 1))
    } else {
        format!("{} h", decimal(value, 1))
    }
}

/// The same with a sign.
fn signed_hours(value: f64) -> String {
    let text = hours(value);
    if value > 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { format!("+{text}") } else { text }
}

/// A duration: `4 hours`, `1 hour 30 minutes`, `45 minutes`.
pub fn wait(value: Wait) -> String {
    let minutes = (value.ms() + 30_000).div_euclid(60_000);
    let many = |n: i64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    match (minutes.div_euclid(60), minutes.rem_euclid(60)) {
        (0, m) => many(m, "minute"),
        (h, 0) => many(h, "hour"),
        (h, m) => format!("{} {}", many(h, "hour"), many(m, "minute")),
    }
}

/// A metric's value: `91.2%`, `3.2 h`, `1.37`.
pub fn value(value: Option<f64>, measure: Measure, currency: Option<Currency>) -> String {
    let Some(value) = value else { return NONE.to_owned() };
    match measure {
        Measure::Share | Measure::Ratio => share(value),
        Measure::Hours => hours(value),
        Measure::Money => Money::of(currency, value.abs()).amount(value),
        Measure::Count | Measure::Rate => decimal(value, 2),
    }
}

/// How differences of a metric are written: on the scale of its margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Differences {
    /// The scale.
    pub scale: MarginScale,
    /// The metric's measure.
    pub measure: Measure,
    /// For differences of money.
    pub currency: Option<Currency>,
}

impl Differences {
    /// A difference with its sign: `−0.8` (points), `−1.2%`, `−2.2 h`.
    pub fn write(&self, value: Option<f64>) -> String {
        let Some(value) = value else { return NONE.to_owned() };
        match (self.scale, self.measure) {
            (MarginScale::Relative, _) => format!("{}%", signed(value * 100.0, 1)),
            (_, Measure::Share | Measure::Ratio) => signed(value * 100.0, 1),
            (_, Measure::Hours) => signed_hours(value),
            (_, Measure::Money) => Money::of(self.currency, value.abs()).signed(value),
            (_, Measure::Count | Measure::Rate) => signed(value, 2),
        }
    }

    /// `−2.4 to +0.8`; an unbounded end is said so.
    pub fn range(&self, range: &Range) -> String {
        match (range.lower, range.upper) {
            (None, None) => "not known yet".to_owned(),
            (Some(l), None) => format!("{} or more", self.write(Some(l))),
            (None, Some(u)) => format!("{} or less", self.write(Some(u))),
            (l, u) => format!("{} to {}", self.write(l), self.write(u)),
        }
    }

    /// A limit in words: `3 points`, `3%`, `0.5 h`.
    pub fn limit(&self, margin: f64) -> String {
        let trimmed = |v: f64| {
            let text = decimal(v, 2);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        match (self.scale, self.measure) {
            (MarginScale::Relative, _) => format!("{}%", trimmed(margin * 100.0)),
            (_, Measure::Share | Measure::Ratio) => match trimmed(margin * 100.0).as_str() {
                "1" => "1 point".to_owned(),
                points => format!("{points} points"),
            },
            (_, Measure::Hours) => format!("{} h", trimmed(margin)),
            (_, Measure::Money) => Money::of(self.currency, margin).amount(margin),
            _ => trimmed(margin),
        }
    }
}

/// Writes amounts of one currency, all rounded alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Money {
    currency: Option<Currency>,
    step: f64,
}

impl Money {
    /// Rounded so that the greatest amount shows three figures.
    pub fn of(currency: Option<Currency>, greatest: f64) -> Self {
        Self { currency, step: format::money_step(&[greatest]) }
    }

    /// Rounded by the ends of a range.
    pub fn for_range(currency: Currency, range: &Range) -> Self {
        let greatest = [range.estimate, range.lower, range.upper].into_iter().flatten().map(f64::abs);
        Self::of(Some(currency), greatest.fold(0.0, f64::max))
    }

    /// `€130,000`, `−€1,200`, `CHF 40.00`.
    pub fn amount(&self, value: f64) -> String {
        match self.currency {
            Some(currency) => format::money(currency, value, self.step),
            None => decimal((value / self.step).round() * self.step, if self.step < 1.0 { 2 } else { 0 }),
        }
    }

    /// The same with a plus sign where it is above zero.
    pub fn signed(&self, value: f64) -> String {
        let text = self.amount(value);
        if (value / self.step).round() > 0.0 { format!("+{text}") } else { text }
    }

    /// Short, for axes: `+€50k`, `€0`.
    pub fn short(&self, value: f64) -> String {
        let (factor, letter) = match value.abs() {
            v if v >= 1e6 => (1e6, "m"),
            v if v >= 1e4 => (1e3, "k"),
            _ => (1.0, ""),
        };
        let number = decimal(value.abs() / factor, 2);
        let number = number.trim_end_matches('0').trim_end_matches('.');
        let sign = if value > 0.0 {
            "+"
        } else if value < 0.0 {
            "−"
        } else {
            ""
        };
        format!("{sign}{}{number}{letter}", self.symbol())
    }

    fn symbol(&self) -> String {
        self.currency.map_or_else(String::new, format::currency_symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_rounded_to_what_its_range_can_bear() {
        let eur = Currency::new("EUR").unwrap();
        let range = Range { estimate: Some(130_133.0), lower: Some(72_480.0), upper: Some(188_211.0) };
        let money = Money::for_range(eur, &range);
        assert_eq!(money.amount(130_133.0), "€130,000");
        assert_eq!((money.amount(72_480.0), money.amount(188_211.0)), ("€72,000".into(), "€188,000".into()));
        assert_eq!(money.signed(-17_300.0), "−€17,000");
        assert_eq!((money.short(50_000.0), money.short(0.0)), ("+€50k".into(), "€0".into()));
        assert_eq!(Money::of(Currency::new("CHF"), 2.7).amount(1.8), "CHF 1.80");
    }

    #[test]
    fn differences_speak_on_the_scale_of_their_limit() {
        let range = Range { estimate: Some(-0.0125), lower: Some(-0.0279), upper: Some(0.0031) };
        let with = |scale, measure| Differences { scale, measure, currency: None };
        let relative = with(MarginScale::Relative, Measure::Share);
        assert_eq!(relative.range(&range), "−2.8% to +0.3%");
        assert_eq!(relative.limit(0.03), "3%");
        let absolute = with(MarginScale::Absolute, Measure::Share);
        assert_eq!(
            (absolute.range(&range), absolute.limit(0.03)),
            ("−2.8 to +0.3".into(), "3 points".into())
        );
        assert_eq!(absolute.limit(0.025), "2.5 points");
        let open = Range { upper: None, ..range };
        assert_eq!(absolute.range(&open), "−2.8 or more");
    }

    #[test]
    fn hours_below_one_are_told_in_minutes() {
        assert_eq!(
            (hours(2.4), hours(0.2), hours(-0.0351)),
            ("2.4 h".into(), "12.0 min".into(), "−2.1 min".into())
        );
        let hours = Differences { scale: MarginScale::Absolute, measure: Measure::Hours, currency: None };
        let range = Range { estimate: Some(0.5), lower: Some(-0.02), upper: Some(1.5) };
        assert_eq!(hours.range(&range), "−1.2 min to +1.5 h");
    }

    #[test]
    fn durations_are_said_in_hours_and_minutes() {
        for (minutes, text) in
            [(240, "4 hours"), (60, "1 hour"), (190, "3 hours 10 minutes"), (45, "45 minutes")]
        {
            assert_eq!(wait(Wait::from_minutes(minutes)), text);
        }
    }
}
