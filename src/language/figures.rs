//! Figures as people read them: the one place for separators, signs, rounding, dates and money.
//!
//! English and Chinese write digits, separators and signs alike; they differ in dates, waits and signs of money.

use fluent_bundle::{
    FluentValue,
    types::{FluentNumber, FluentNumberOptions},
};

use chrono::Datelike;

use super::{Language, Message, Number, say};
use crate::domain::{currency::Currency, promise::Promise, time::Moment};

/// The step to which an amount of money and its range are rounded, so that the largest shows three figures.
pub fn money_step(amounts: &[f64]) -> f64 {
    let largest = amounts.iter().fold(0.0_f64, |most, amount| most.max(amount.abs()));
    if largest < 100.0 { 0.01 } else { 10.0_f64.powf((largest.log10() + 1e-12).floor() - 2.0) }
}

/// For Fluent, rounded: so that it takes the plural's form of the figure that is shown.
pub(super) fn fluent(number: Number) -> FluentValue<'static> {
    let Number { value, least, most } = number;
    let rounded = format!("{value:.*}", usize::from(most)).parse().unwrap_or(value);
    let minimum_fraction_digits = (least > 0).then_some(usize::from(least));
    let options = FluentNumberOptions { minimum_fraction_digits, ..FluentNumberOptions::default() };
    FluentValue::Number(FluentNumber::new(rounded, options))
}

fn separated(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Language {
    /// `12,480`.
    pub fn count(self, n: u64) -> String {
        separated(&n.to_string())
    }

    /// A plain number with so many decimals, separators, and a true minus sign.
    pub fn number(self, value: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", value.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let zero = text.bytes().all(|b| b == b'0' || b == b'.');
        let sign = if value < 0.0 && !zero { "−" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{}{point}{fraction}", separated(whole))
    }

    /// With the decimals that it has, and at least so many.
    pub(super) fn shortest(self, value: f64, least: usize) -> String {
        let has = value.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len());
        self.number(value, has.max(least))
    }

    /// With a sign either way; zero has none.
    pub fn signed(self, value: f64, decimals: usize) -> String {
        let text = self.number(value, decimals);
        let zero = text.bytes().all(|b| b == b'0' || b == b'.');
        if value > 0.0 && !zero { format!("+{text}") } else { text }
    }

    /// A share in per cent with one decimal: `90.4%`.
    pub fn percent(self, share: f64) -> String {
        format!("{}%", self.number(share * 100.0, 1))
    }

    /// A number with as few decimals as it needs, at most two: `3`, `2.5`, `0.25`.
    pub fn brief(self, value: f64) -> String {
        let text = self.number(value, 2);
        match text.strip_suffix(".00") {
            Some(whole) => whole.to_owned(),
            None => text.strip_suffix('0').unwrap_or(&text).to_owned(),
        }
    }

    /// Money rounded to a step of [`money_step`]: `€130,000`, `−$1.90`, `CHF 45`.
    pub fn money(self, currency: Currency, amount: f64, step: f64) -> String {
        let symbol = self.currency(currency);
        let rounded = (amount / step).round() * step;
        let digits = self.number(rounded.abs(), if step < 1.0 { 2 } else { 0 });
        let sign = if rounded < 0.0 { "−" } else { "" };
        format!("{sign}{symbol}{digits}")
    }

    /// What stands before an amount: `€`, `$`, or the code and a blank. Where two currencies share a sign,
    /// the language's own has it: `¥` is the yen in English and the yuan in Chinese.
    pub fn currency(self, currency: Currency) -> String {
        match (self, currency.as_str()) {
            (_, "EUR") => "€".to_owned(),
            (_, "GBP") => "£".to_owned(),
            (_, "INR") => "₹".to_owned(),
            (_, "USD") => "$".to_owned(),
            (Self::English, "JPY") | (Self::Chinese, "CNY") => "¥".to_owned(),
            (Self::English, "CNY") => "CN¥".to_owned(),
            (Self::Chinese, "JPY") => "JP¥".to_owned(),
            (_, code) => format!("{code} "),
        }
    }

    /// `23 Nov 2026`, `2026年11月23日`; UTC.
    pub fn date(self, at: Moment) -> String {
        let day = at.date();
        self.say("date")
            .with("day", day.day().to_string())
            .with("month", day.month())
            .with("year", day.year().to_string())
            .to_string()
    }

    /// `23 Nov 2026, 07:40`, `2026年11月23日 07:40`; UTC.
    pub fn date_time(self, at: Moment) -> String {
        let time = at.datetime().format("%H:%M").to_string();
        self.say("date-time").with("date", self.date(at)).with("time", time).to_string()
    }

    /// The month of a day: `Mar 2026`, `2026年3月`; UTC.
    pub fn month(self, at: Moment) -> String {
        let day = at.date();
        self.say("month").with("month", day.month()).with("year", day.year().to_string()).to_string()
    }

    /// A wait: `40 minutes`, `3.1 hours`, `2.5 days`.
    pub fn wait(self, hours: f64) -> String {
        let said = match hours.abs() {
            short if short < 1.0 => self.say("wait-minutes").with("n", Number::fixed(hours * 60.0, 0)),
            middle if middle < 48.0 => self.say("wait-hours").with("n", Number::brief(hours)),
            _ => self.say("wait-days").with("n", Number::brief(hours / 24.0)),
        };
        said.to_string()
    }
}

/// A promise as it is told: `4 hours`, `one working day`, `6 working hours`.
pub fn promised(promise: Promise) -> Message {
    match promise {
        Promise::Hours(hours) => say("promise-hours").with("n", Number::short(hours)),
        Promise::WorkingHours(hours) => say("promise-working-hours").with("n", Number::short(hours)),
        Promise::WorkingDays(days) => say("promise-working-days").with("n", days),
    }
}

/// Days up to 21, then weeks: `19 more days`, `6 more weeks`.
pub fn more_days_or_weeks(days: i64) -> Message {
    if days <= 21 { say("more-days").with("n", days) } else { say("more-weeks").with("n", (days + 6) / 7) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Language = Language::English;
    const ZH: Language = Language::Chinese;

    #[test]
    fn figures_read_as_the_specification_writes_them() {
        let eur = Currency::new("EUR").unwrap();
        assert_eq!(EN.count(12_480), "12,480");
        assert_eq!(
            (EN.percent(0.9044), EN.signed(-0.8, 1), EN.signed(0.84, 1)),
            ("90.4%".into(), "−0.8".into(), "+0.8".into())
        );
        assert_eq!((EN.number(999.95, 1), EN.number(1e6, 0)), ("1,000.0".into(), "1,000,000".into()));
        assert_eq!((EN.signed(0.0, 1), EN.number(-0.04, 1)), ("0.0".into(), "0.0".into()));
        let step = money_step(&[130_133.0, 72_411.0, 188_020.0]);
        assert_eq!(EN.money(eur, 130_133.0, step), "€130,000");
        assert_eq!(EN.money(eur, -1.904, money_step(&[1.9])), "−€1.90");
        assert_eq!([3.0, 2.5, 0.25].map(|x| EN.brief(x)), ["3", "2.5", "0.25"]);
        let left = |days| EN.tell(&more_days_or_weeks(days));
        assert_eq!([19, 1, 36].map(left), ["19 more days", "1 more day", "6 more weeks"]);
    }

    #[test]
    fn each_language_writes_waits_dates_and_money_in_its_own_way() {
        let at: Moment = "2026-03-09T07:40:00Z".parse().unwrap();
        assert_eq!([EN, ZH].map(|t| t.date(at)), ["9 Mar 2026", "2026年3月9日"]);
        assert_eq!([EN, ZH].map(|t| t.date_time(at)), ["9 Mar 2026, 07:40", "2026年3月9日 07:40"]);
        assert_eq!([EN, ZH].map(|t| t.month(at)), ["Mar 2026", "2026年3月"]);
        assert_eq!(
            [0.7, 1.0, 3.1, 60.0].map(|h| EN.wait(h)),
            ["42 minutes", "1 hour", "3.1 hours", "2.5 days"]
        );
        assert_eq!([0.7, 1.0, 3.1, 60.0].map(|h| ZH.wait(h)), ["42 分钟", "1 小时", "3.1 小时", "2.5 天"]);
        let yuan = Currency::new("CNY").unwrap();
        assert_eq!([EN, ZH].map(|t| t.money(yuan, 1234.0, 10.0)), ["CN¥1,230", "¥1,230"]);
    }

    #[test]
    fn a_figure_takes_the_form_of_what_is_shown() {
        let hours = |number| EN.tell(&say("wait-hours").with("n", number));
        assert_eq!(hours(Number::brief(1.04)), "1 hour");
        assert_eq!(hours(Number::fixed(1.04, 1)), "1.0 hours");
        assert_eq!(hours(Number::brief(1234.56)), "1,234.6 hours");
        let days = |n: i64| EN.tell(&promised(Promise::WorkingDays(n)));
        assert_eq!([1, 2, 7].map(days), ["one working day", "two working days", "7 working days"]);
    }
}
