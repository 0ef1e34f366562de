//! Reading what people and programs wrote, so that all mistakes are told at once, each with its place
//! and its mend.

use std::{cell::RefCell, fmt};

use serde::Serialize;
use serde_json::{Map, Value};

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Where: a JSON pointer (RFC 6901), such as `/cohorts/1/weight`; empty for the whole.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub detail: String,
    /// Where in a file, if it was read from one.
    #[serde(skip)]
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name as it was given.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
}

impl Mistake {
    /// A mistake at a pointer.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into(), place: None }
    }
}

/// `experiments/a.toml:17: cohorts/1/weight: must be …`
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { file, line }) = &self.place {
            write!(f, "{file}:{line}: ")?;
        }
        match self.pointer.trim_start_matches('/') {
            "" => f.write_str(&self.detail),
            field => write!(f, "{field}: {}", self.detail),
        }
    }
}

/// Where mistakes are gathered while reading goes on.
#[derive(Debug, Default)]
pub struct Mistakes(RefCell<Vec<Mistake>>);

impl Mistakes {
    /// Notes one.
    pub fn note(&self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.borrow_mut().push(Mistake::new(pointer, detail));
    }

    /// What was read, if nothing was wrong. A value that is missing without a mistake is one too.
    pub fn instead_of<T>(self, read: Option<T>) -> Result<T, Vec<Mistake>> {
        let mut mistakes = self.0.into_inner();
        match read {
            Some(value) if mistakes.is_empty() => Ok(value),
            _ => {
                if mistakes.is_empty() {
                    mistakes.push(Mistake::new("", "cannot be read"));
                }
                Err(mistakes)
            }
        }
    }
}

/// The fields of one object, taken one by one; what nobody took is a mistake ([`Fields::end`]).
#[derive(Debug)]
pub struct Fields<'v, 'm> {
    object: Option<&'v Map<String, Value>>,
    pointer: String,
    known: Vec<&'static str>,
    mistakes: &'m Mistakes,
}

impl<'v, 'm> Fields<'v, 'm> {
    /// The fields of a value that should be an object.
    pub fn of(value: &'v Value, pointer: impl Into<String>, mistakes: &'m Mistakes) -> Self {
        let pointer = pointer.into();
        let object = value.as_object();
        if object.is_none() {
            mistakes.note(&pointer, format!("must be an object with named fields, this is {}", told(value)));
        }
        Self { object, pointer, known: Vec::new(), mistakes }
    }

    /// The pointer of a field.
    pub fn pointer_of(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// Where mistakes go.
    pub fn mistakes(&self) -> &'m Mistakes {
        self.mistakes
    }

    /// Whether there was an object at all; if not, that has been noted.
    pub fn exists(&self) -> bool {
        self.object.is_some()
    }

    /// A field's value; null counts as absent.
    pub fn raw(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.object?.get(name).filter(|value| !value.is_null())
    }

    /// Reads a field that may be left out.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        read(self.raw(name)?).map_err(|detail| self.mistakes.note(self.pointer_of(name), detail)).ok()
    }

    /// Reads a field that must be there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let pointer = self.pointer_of(name);
        let Some(value) = self.raw(name) else {
            if self.exists() {
                self.mistakes.note(pointer, "is missing");
            }
            return None;
        };
        read(value).map_err(|detail| self.mistakes.note(pointer, detail)).ok()
    }

    /// Notes a mistake at a field.
    pub fn note(&self, name: &str, detail: impl Into<String>) {
        self.mistakes.note(self.pointer_of(name), detail);
    }

    /// Refuses the fields that nobody took.
    pub fn end(self) {
        for name in self.object.into_iter().flatten().map(|(name, _)| name) {
            if !self.known.contains(&name.as_str()) {
                let detail = match nearest(name, &self.known) {
                    Some(meant) => format!("is not a field here; did you mean {meant}?"),
                    None => format!("is not a field here; the fields are {}", self.known.join(", ")),
                };
                self.mistakes.note(self.pointer_of(name), detail);
            }
        }
    }
}

/// The word of a list that a misspelt one stands for, if one is near.
pub fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let near = |candidate: &&'a str| (distance(word, candidate), *candidate);
    words.iter().map(near).min().filter(|(steps, best)| *steps <= 1 + best.len() / 4).map(|(_, best)| best)
}

/// Levenshtein's distance, over characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// A value as a mistake's text shows it, shortened.
pub fn told(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => {
            let text = other.to_string();
            if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
        }
    }
}

/// Reads a text.
pub fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("must be a text, this is {}", told(value)))
}

/// Reads a text that parses to something: a key, an instant, a duration.
pub fn parsed<T: std::str::FromStr<Err: fmt::Display>>(value: &Value) -> Result<T, String> {
    parsed_by(value, str::parse)
}

/// Reads a text by a reader of its own.
pub fn parsed_by<T, E: fmt::Display>(value: &Value, read: fn(&str) -> Result<T, E>) -> Result<T, String> {
    let Some(text) = value.as_str() else {
        return Err(format!("must be a text, this is {}", told(value)));
    };
    read(text).map_err(|error| format!("{error}; this is {}", told(value)))
}

/// Reads true or false.
pub fn yes_or_no(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("must be true or false, this is {}", told(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_recognised_and_a_strange_one_is_not() {
        let words = ["first_response", "calendar", "weight"];
        assert_eq!(nearest("first_reponse", &words), Some("first_response"));
        assert_eq!(nearest("wieght", &words), Some("weight"));
        assert_eq!(nearest("colour", &words), None);
    }

    #[test]
    fn every_mistake_is_told_with_its_pointer() {
        let value = serde_json::json!({"wieght": 1, "key": 7, "a/b": 1});
        let mistakes = Mistakes::default();
        let mut fields = Fields::of(&value, "/cohorts/1", &mistakes);
        let key = fields.required("key", text);
        let weight = fields.required("weight", yes_or_no);
        fields.end();
        assert_eq!((key, weight), (None, None));
        let told: Vec<_> =
            mistakes.instead_of(Some(())).unwrap_err().iter().map(Mistake::to_string).collect();
        assert_eq!(
            told,
            [
                "cohorts/1/key: must be a text, this is 7",
                "cohorts/1/weight: is missing",
                "cohorts/1/a~1b: is not a field here; the fields are key, weight",
                "cohorts/1/wieght: is not a field here; did you mean weight?",
            ]
        );
    }
}
