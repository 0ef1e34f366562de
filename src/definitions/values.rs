//! Reading single values, each with what would be right.

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::{
    eligibility::Rule,
    mistake::{Fields, nearest, text, told},
};

pub(super) fn list<'v>(fields: &mut Fields<'v, '_>, name: &'static str) -> Option<&'v [Value]> {
    match fields.raw(name) {
        Some(Value::Array(values)) => Some(values),
        Some(other) => {
            fields.note(name, format!("must be a list, this is {}", told(other)));
            None
        }
        None => {
            if fields.exists() {
                fields.note(name, "is missing");
            }
            None
        }
    }
}

pub(super) fn rule(value: &Value) -> Result<String, String> {
    let text = text(value)?;
    Rule::compile(&text).map_err(|error| error.to_string())?;
    Ok(text)
}

/// One of a few words, each the name of a variant.
pub(super) fn word<T: DeserializeOwned>(value: &Value, words: &[&str]) -> Result<T, String> {
    let refuse = || {
        let meant = value.as_str().and_then(|word| nearest(word, words));
        let meant = meant.map(|word| format!("; did you mean {word}?")).unwrap_or_default();
        let (last, others) = words.split_last().unwrap_or((&"", &[]));
        format!("must be {} or {last}, this is {}{meant}", others.join(", "), told(value))
    };
    serde_json::from_value(value.clone()).map_err(|_| refuse())
}

/// A text that is not empty.
pub(super) fn named(value: &Value, longest: usize) -> Result<String, String> {
    let name = text(value)?;
    match name.chars().count() {
        _ if name.trim().is_empty() => Err("must not be empty".to_owned()),
        length if length > longest => {
            Err(format!("must be at most {longest} characters long, this has {length}"))
        }
        _ => Ok(name),
    }
}

/// A text for people.
pub(super) fn prose(value: &Value) -> Result<String, String> {
    const LONGEST: usize = 4000;
    let prose = text(value)?;
    match prose.chars().count() {
        length if length > LONGEST => {
            Err(format!("must be at most {LONGEST} characters long, this has {length}"))
        }
        _ => Ok(prose),
    }
}

/// A whole number between two ends; `22.0` is one.
pub(super) fn whole<T: TryFrom<u64>>(value: &Value, from: u64, to: u64) -> Result<T, String> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "its range has been looked at"
    )]
    let read = value
        .as_f64()
        .filter(|number| number.fract() == 0.0 && *number >= from as f64 && *number <= to as f64)
        .and_then(|number| T::try_from(number as u64).ok());
    read.ok_or_else(|| {
        format!(
            "must be a whole number from {} to {}, this is {}",
            thousands(from),
            thousands(to),
            told(value)
        )
    })
}

pub(super) fn number(value: &Value, wanted: &str, fits: impl Fn(f64) -> bool) -> Result<f64, String> {
    let read = value.as_f64().filter(|number| number.is_finite() && fits(*number));
    read.ok_or_else(|| format!("must be a number {wanted}, this is {}", told(value)))
}

pub(super) fn money(value: &Value) -> Result<f64, String> {
    number(value, "of money, 0 or more", |amount| amount >= 0.0)
}

pub(super) fn date(value: &Value) -> Result<NaiveDate, String> {
    let read = value.as_str().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    let in_range = |date: &NaiveDate| {
        (NaiveDate::from_ymd_opt(1970, 1, 1)..=NaiveDate::from_ymd_opt(9999, 12, 31)).contains(&Some(*date))
    };
    read.filter(in_range)
        .ok_or_else(|| format!("must be a date, such as 2026-01-05, this is {}", told(value)))
}

/// `1000000` as `1,000,000`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
