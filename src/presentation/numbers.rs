//! Values, differences and ranges of metrics as the page writes them; single figures are written by
//! [`Language`], which verdicts use too.

use crate::analysis::document::{Measure, Range};
use crate::domain::{currency::Currency, experiment::MarginScale, time::Wait};
use crate::language::{Language, Message, Number, money_step, say};

/// Written where there is no figure.
pub const NONE: &str = "–";

/// Hours: `2.4 h`; below one in minutes: `12.5 min`.
pub fn hours(t: Language, value: f64) -> String {
    if value.abs() < 1.0 && value != 0.0 {
        t.say("minutes-short").with("n", Number::fixed(value * 60.0, 1)).to_string()
    } else {
        t.say("hours-short").with("n", Number::fixed(value, 1)).to_string()
    }
}

/// The same with a sign.
fn signed_hours(t: Language, value: f64) -> String {
    let text = hours(t, value);
    if value > 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { format!("+{text}") } else { text }
}

/// A duration: `4 hours`, `1 hour 30 minutes`, `45 minutes`.
pub fn wait(value: Wait) -> Message {
    match parts(value) {
        (0, m) => say("duration-minutes").with("n", m),
        (h, 0) => say("duration-hours").with("n", h),
        (h, m) => say("duration-hours-minutes").with("hours", h).with("minutes", m),
    }
}

/// The same in open time: `8 open hours`.
pub fn open_wait(value: Wait) -> Message {
    match parts(value) {
        (0, m) => say("duration-open-minutes").with("n", m),
        (h, 0) => say("duration-open-hours").with("n", h),
        (h, m) => say("duration-open-hours-minutes").with("hours", h).with("minutes", m),
    }
}

/// Whole hours and minutes.
fn parts(value: Wait) -> (i64, i64) {
    let minutes = (value.ms() + 30_000).div_euclid(60_000);
    (minutes.div_euclid(60), minutes.rem_euclid(60))
}

/// A metric's value: `91.2%`, `3.2 h`, `1.37`.
pub fn value(t: Language, value: Option<f64>, measure: Measure, currency: Option<Currency>) -> String {
    let Some(value) = value else { return NONE.to_owned() };
    match measure {
        Measure::Share | Measure::Ratio => t.percent(value),
        Measure::Hours => hours(t, value),
        Measure::Money => Money::of(t, currency, value.abs()).amount(value),
        Measure::Count | Measure::Rate => t.number(value, 2),
    }
}

/// How differences of a metric are written: on the scale of its margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Differences {
    /// The reader's language.
    pub t: Language,
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
            (MarginScale::Relative, _) => format!("{}%", self.t.signed(value * 100.0, 1)),
            (_, Measure::Share | Measure::Ratio) => self.t.signed(value * 100.0, 1),
            (_, Measure::Hours) => signed_hours(self.t, value),
            (_, Measure::Money) => Money::of(self.t, self.currency, value.abs()).signed(value),
            (_, Measure::Count | Measure::Rate) => self.t.signed(value, 2),
        }
    }

    /// `−2.4 to +0.8`; an unbounded end is said so.
    pub fn range(&self, range: &Range) -> String {
        let said = match (range.lower, range.upper) {
            (None, None) => self.t.say("range-not-known"),
            (Some(l), None) => self.t.say("range-or-more").with("from", self.write(Some(l))),
            (None, Some(u)) => self.t.say("range-or-less").with("to", self.write(Some(u))),
            (l, u) => self.t.say("range-to").with("from", self.write(l)).with("to", self.write(u)),
        };
        said.to_string()
    }

    /// A limit in words: `3 points`, `3%`, `0.5 h`.
    pub fn limit(&self, margin: f64) -> String {
        let said = match (self.scale, self.measure) {
            (MarginScale::Relative, _) => self.t.say("size-percent").with("n", Number::short(margin * 100.0)),
            (_, Measure::Share | Measure::Ratio) => {
                self.t.say("size-points").with("n", Number::short(margin * 100.0))
            }
            (_, Measure::Hours) => self.t.say("hours-short").with("n", Number::short(margin)),
            (_, Measure::Money) => return Money::of(self.t, self.currency, margin).amount(margin),
            _ => self.t.say("size-bare").with("n", Number::short(margin)),
        };
        said.to_string()
    }
}

/// Writes amounts of one currency, all rounded alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Money {
    t: Language,
    currency: Option<Currency>,
    step: f64,
}

impl Money {
    /// Rounded so that the greatest amount shows three figures.
    pub fn of(t: Language, currency: Option<Currency>, greatest: f64) -> Self {
        Self { t, currency, step: money_step(&[greatest]) }
    }

    /// Rounded by the ends of a range.
    pub fn for_range(t: Language, currency: Currency, range: &Range) -> Self {
        let greatest = [range.estimate, range.lower, range.upper].into_iter().flatten().map(f64::abs);
        Self::of(t, Some(currency), greatest.fold(0.0, f64::max))
    }

    /// `€130,000`, `−€1,200`, `CHF 40.00`.
    pub fn amount(&self, value: f64) -> String {
        match self.currency {
            Some(currency) => self.t.money(currency, value, self.step),
            None => {
                self.t.number((value / self.step).round() * self.step, if self.step < 1.0 { 2 } else { 0 })
            }
        }
    }

    /// The same with a plus sign where it is above zero.
    pub fn signed(&self, value: f64) -> String {
        let text = self.amount(value);
        if (value / self.step).round() > 0.0 { format!("+{text}") } else { text }
    }

    /// Short, for axes: `+€50k`, `+€5万`, `€0`.
    pub fn short(&self, value: f64) -> String {
        let sign = match value {
            above if above > 0.0 => "+",
            below if below < 0.0 => "−",
            _ => "",
        };
        // No finer than the sums beside it.
        let size = (value.abs() / self.step).round() * self.step;
        let large = match (self.t, size) {
            (Language::English, v) if v >= 1e6 => Some((1e6, self.t.say("money-millions"))),
            (Language::English, v) if v >= 1e4 => Some((1e3, self.t.say("money-thousands"))),
            (Language::Chinese, v) if v >= 1e8 => Some((1e8, self.t.say("money-millions"))),
            (Language::Chinese, v) if v >= 1e4 => Some((1e4, self.t.say("money-thousands"))),
            _ => None,
        };
        let symbol = self.symbol();
        match large {
            Some((factor, said)) => {
                format!("{sign}{symbol}{}", said.with("n", Number::short(size / factor)))
            }
            None => format!("{sign}{symbol}{}", self.t.brief(size)),
        }
    }

    fn symbol(&self) -> String {
        self.currency.map_or_else(String::new, |currency| self.t.currency(currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Language = Language::English;

    #[test]
    fn money_is_rounded_to_what_its_range_can_bear() {
        let eur = Currency::new("EUR").unwrap();
        let range = Range { estimate: Some(130_133.0), lower: Some(72_480.0), upper: Some(188_211.0) };
        let money = Money::for_range(EN, eur, &range);
        assert_eq!(money.amount(130_133.0), "€130,000");
        assert_eq!((money.amount(72_480.0), money.amount(188_211.0)), ("€72,000".into(), "€188,000".into()));
        assert_eq!(money.signed(-17_300.0), "−€17,000");
        assert_eq!((money.short(50_000.0), money.short(0.0)), ("+€50k".into(), "€0".into()));
        assert_eq!(Money::of(EN, Currency::new("CHF"), 2.7).amount(1.8), "CHF 1.80");
    }

    #[test]
    fn differences_speak_on_the_scale_of_their_limit() {
        let range = Range { estimate: Some(-0.0125), lower: Some(-0.0279), upper: Some(0.0031) };
        let with = |scale, measure| Differences { t: EN, scale, measure, currency: None };
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
            (hours(EN, 2.4), hours(EN, 0.2), hours(EN, -0.0351)),
            ("2.4 h".into(), "12.0 min".into(), "−2.1 min".into())
        );
        let hours =
            Differences { t: EN, scale: MarginScale::Absolute, measure: Measure::Hours, currency: None };
        let range = Range { estimate: Some(0.5), lower: Some(-0.02), upper: Some(1.5) };
        assert_eq!(hours.range(&range), "−1.2 min to +1.5 h");
    }

    #[test]
    fn durations_are_said_in_hours_and_minutes() {
        for (minutes, text) in
            [(240, "4 hours"), (60, "1 hour"), (190, "3 hours 10 minutes"), (45, "45 minutes")]
        {
            assert_eq!(EN.tell(&wait(Wait::from_minutes(minutes))), text);
        }
    }
}
