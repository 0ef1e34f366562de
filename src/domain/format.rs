//! Figures as people read them: the one place for separators, signs, rounding and dates.

use super::{
    calendar::Calendar,
    experiment::Currency,
    promise::Promise,
    time::{Moment, Wait},
};

/// `12,480`.
pub fn count(n: u64) -> String {
    separated(&n.to_string())
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

/// A plain number with so many decimals, separators, and a true minus sign.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let zero = text.bytes().all(|b| b == b'0' || b == b'.');
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", separated(whole))
}

/// With a sign either way; zero has none.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    let zero = text.bytes().all(|b| b == b'0' || b == b'.');
    if value > 0.0 && !zero { format!("+{text}") } else { text }
}

/// A share in per cent with one decimal: `90.4%`.
pub fn percent(share: f64) -> String {
    format!("{}%", number(share * 100.0, 1))
}

/// A number with as few decimals as it needs, at most two: `3`, `2.5`, `0.25`.
pub fn brief(value: f64) -> String {
    let text = number(value, 2);
    match text.strip_suffix(".00") {
        Some(whole) => whole.to_owned(),
        None => text.strip_suffix('0').unwrap_or(&text).to_owned(),
    }
}

/// The step to which an amount of money and its range are rounded, so that the largest shows three figures.
pub fn money_step(amounts: &[f64]) -> f64 {
    let largest = amounts.iter().fold(0.0_f64, |most, amount| most.max(amount.abs()));
    if largest < 100.0 { 0.01 } else { 10.0_f64.powf((largest.log10() + 1e-12).floor() - 2.0) }
}

/// Money rounded to a step of [`money_step`]: `€130,000`, `−$1.90`, `CHF 45`.
pub fn money(currency: Currency, amount: f64, step: f64) -> String {
    let symbol = currency_symbol(currency);
    let rounded = (amount / step).round() * step;
    let digits = number(rounded.abs(), if step < 1.0 { 2 } else { 0 });
    let sign = if rounded < 0.0 { "−" } else { "" };
    format!("{sign}{symbol}{digits}")
}

/// What stands before an amount: `€`, `$`, or the code and a blank.
pub fn currency_symbol(currency: Currency) -> String {
    match currency.as_str() {
        "EUR" => "€".to_owned(),
        "USD" => "$".to_owned(),
        "GBP" => "£".to_owned(),
        "JPY" | "CNY" => "¥".to_owned(),
        "INR" => "₹".to_owned(),
        code => format!("{code} "),
    }
}

/// `23 Nov 2026`, UTC.
pub fn date(at: Moment) -> String {
    at.date().format("%-d %b %Y").to_string()
}

/// `23 Nov 2026, 07:40`, UTC.
pub fn date_time(at: Moment) -> String {
    at.datetime().format("%-d %b %Y, %H:%M").to_string()
}

/// A wait in hours: `40 minutes`, `3.1 hours`.
pub fn wait(wait: Wait) -> String {
    match wait.hours().abs() {
        hours if hours < 1.0 => plural(hours * 60.0, 0, "minute"),
        hours if hours < 48.0 => plural(hours, 1, "hour"),
        hours => plural(hours / 24.0, 1, "day"),
    }
}

/// Days up to 21, then weeks: `19 more days`, `6 more weeks`.
pub fn more_days_or_weeks(days: i64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "days of one experiment")]
    if days <= 21 {
        plural(days as f64, 0, "more day")
    } else {
        plural((days as f64 / 7.0).ceil(), 0, "more week")
    }
}

fn plural(value: f64, decimals: usize, word: &str) -> String {
    let text = number(value, decimals);
    let text = text.strip_suffix(".0").unwrap_or(&text);
    let s = if text == "1" { "" } else { "s" };
    format!("{text} {word}{s}")
}

const WORDS: [&str; 5] = ["one", "two", "three", "four", "five"];

/// A promise as it is told: `4 hours`, `one working day`, `6 working hours`.
pub fn promise(first_response: Wait, calendar: &Calendar, at: Moment) -> String {
    match Promise::of(first_response, calendar, at) {
        Promise::Hours(hours) => format!("{} hour{}", brief(hours), if hours == 1.0 { "" } else { "s" }),
        Promise::WorkingHours(hours) => {
            format!("{} working hour{}", brief(hours), if hours == 1.0 { "" } else { "s" })
        }
        Promise::WorkingDays(days) => {
            let word = usize::try_from(days - 1).ok().and_then(|i| WORDS.get(i));
            let number = word.map_or(days.to_string(), |w| (*w).to_owned());
            format!("{number} working day{}", if days == 1 { "" } else { "s" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_the_specification_writes_them() {
        let eur = Currency::new("EUR").unwrap();
        assert_eq!(count(12_480), "12,480");
        assert_eq!(
            (percent(0.9044), signed(-0.8, 1), signed(0.84, 1)),
            ("90.4%".into(), "−0.8".into(), "+0.8".into())
        );
        assert_eq!((number(999.95, 1), number(1e6, 0)), ("1,000.0".into(), "1,000,000".into()));
        assert_eq!((signed(0.0, 1), number(-0.04, 1)), ("0.0".into(), "0.0".into()));
        let step = money_step(&[130_133.0, 72_411.0, 188_020.0]);
        assert_eq!(money(eur, 130_133.0, step), "€130,000");
        assert_eq!(money(eur, -1.904, money_step(&[1.9])), "−€1.90");
        assert_eq!((brief(3.0), brief(2.5), brief(0.25)), ("3".into(), "2.5".into(), "0.25".into()));
        assert_eq!([19, 1, 36].map(more_days_or_weeks), ["19 more days", "1 more day", "6 more weeks"]);
        assert_eq!(wait(Wait::from_minutes(186)), "3.1 hours");
    }
}
