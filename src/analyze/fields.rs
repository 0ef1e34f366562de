//! Reading a JSON object field by field, collecting what is wrong with it.

use serde_json::{Map, Value};

use super::{Fault, Problem};
use crate::stats::StatsError;

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Fault { pointer: pointer.into(), detail: detail.into() });
    }

    /// Notes an error of statistics at `pointer` and gives back what was right.
    pub fn take<T>(&mut self, pointer: &str, result: Result<T, StatsError>) -> Option<T> {
        result.map_err(|error| self.add(pointer, error.to_string())).ok()
    }

    /// The problem that the faults make.
    pub fn problem(self) -> Problem {
        Problem { errors: self.0 }
    }

    /// `value`, unless there are faults.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.problem()),
        }
    }
}

/// A JSON object of which each field is read once; what is left unread is unknown.
#[derive(Debug)]
pub(super) struct Fields<'v> {
    map: &'v Map<String, Value>,
    pointer: String,
    known: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    pub fn new(value: &'v Value, pointer: &str, faults: &mut Faults) -> Option<Self> {
        let Some(map) = value.as_object() else {
            faults.add(pointer, "must be a JSON object");
            return None;
        };
        Some(Self { map, pointer: pointer.to_owned(), known: Vec::new() })
    }

    /// Pointer to a field of this object.
    pub fn at(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, key.replace('~', "~0").replace('/', "~1"))
    }

    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// A field that may be left out; null counts as left out.
    pub fn optional(&mut self, key: &'static str) -> Option<&'v Value> {
        self.known.push(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub fn required(&mut self, key: &'static str, faults: &mut Faults) -> Option<&'v Value> {
        let value = self.optional(key);
        if value.is_none() {
            faults.add(self.at(key), "is missing");
        }
        value
    }

    pub fn object(&mut self, key: &'static str, faults: &mut Faults) -> Option<Fields<'v>> {
        let pointer = self.at(key);
        let value = self.required(key, faults)?;
        Fields::new(value, &pointer, faults)
    }

    pub fn number(&mut self, key: &'static str, faults: &mut Faults) -> Option<f64> {
        let value = self.required(key, faults)?;
        number_of(value, &self.at(key), faults)
    }

    pub fn optional_number(&mut self, key: &'static str, faults: &mut Faults) -> Option<f64> {
        let value = self.optional(key)?;
        number_of(value, &self.at(key), faults)
    }

    pub fn number_or(&mut self, key: &'static str, default: f64, faults: &mut Faults) -> f64 {
        self.optional_number(key, faults).unwrap_or(default)
    }

    /// A whole number, zero or more, small enough to be exact.
    pub fn count(&mut self, key: &'static str, faults: &mut Faults) -> Option<u64> {
        let number = self.number(key, faults)?;
        if number >= 0.0 && number.fract() == 0.0 && number <= 9.0e15 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
            Some(number as u64)
        } else {
            faults.add(self.at(key), "must be a whole number, zero or more");
            None
        }
    }

    pub fn text(&mut self, key: &'static str, faults: &mut Faults) -> Option<String> {
        let value = self.required(key, faults)?;
        let text = value.as_str();
        if text.is_none() {
            faults.add(self.at(key), "must be a text");
        }
        text.map(str::to_owned)
    }

    pub fn numbers(&mut self, key: &'static str, faults: &mut Faults) -> Option<Vec<f64>> {
        let value = self.required(key, faults)?;
        numbers_of(value, &self.at(key), faults)
    }

    /// A list of lists of numbers.
    pub fn lists(&mut self, key: &'static str, faults: &mut Faults) -> Option<Vec<Vec<f64>>> {
        let pointer = self.at(key);
        let list = self.list(key, faults)?;
        list.iter().enumerate().map(|(i, row)| numbers_of(row, &format!("{pointer}/{i}"), faults)).collect()
    }

    pub fn list(&mut self, key: &'static str, faults: &mut Faults) -> Option<&'v Vec<Value>> {
        let value = self.required(key, faults)?;
        let list = value.as_array();
        if list.is_none() {
            faults.add(self.at(key), "must be a list");
        }
        list
    }

    /// One of several words; `default` where it is left out, `None` default where it may not be.
    pub fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
        default: Option<T>,
        faults: &mut Faults,
    ) -> Option<T> {
        let Some(value) = self.optional(key) else {
            if default.is_none() {
                faults.add(self.at(key), format!("is missing: {}", choices(words)));
            }
            return default;
        };
        let found = value.as_str().and_then(|said| words.iter().find(|(word, _)| *word == said));
        if found.is_none() {
            faults.add(self.at(key), format!("must be {}", choices(words)));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Names the fields that nobody read.
    pub fn close(self, faults: &mut Faults) {
        for key in self.map.keys() {
            if !self.known.contains(&key.as_str()) {
                let known = self.known.join(", ");
                faults.add(self.at(key), format!("is not a field here; the fields are {known}"));
            }
        }
    }
}

fn choices<T>(words: &[(&str, T)]) -> String {
    let quoted: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    quoted.join(" or ")
}

fn number_of(value: &Value, pointer: &str, faults: &mut Faults) -> Option<f64> {
    let number = value.as_f64().filter(|number| number.is_finite());
    if number.is_none() {
        faults.add(pointer, "must be a number");
    }
    number
}

pub(super) fn numbers_of(value: &Value, pointer: &str, faults: &mut Faults) -> Option<Vec<f64>> {
    let Some(list) = value.as_array() else {
        faults.add(pointer, "must be a list of numbers");
        return None;
    };
    list.iter().enumerate().map(|(i, item)| number_of(item, &format!("{pointer}/{i}"), faults)).collect()
}
