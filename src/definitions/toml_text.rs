//! TOML → JSON values, with the line of each.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::domain::mistake::{Mistake, Place};

/// A file as JSON values, and where each stood.
pub(super) struct Document<'a> {
    pub value: Value,
    file: &'a str,
    lines: Lines<'a>,
    line_of: BTreeMap<String, usize>,
}

/// What a file defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An experiment.
    Experiment,
    /// A calendar: a file with `hours`.
    Calendar,
}

/// What a file defines; one that cannot be read counts as an experiment and is refused as such.
pub fn kind_of(text: &str) -> Kind {
    let (table, _) = DeTable::parse_recoverable(text);
    if table.get_ref().keys().any(|key| key.get_ref() == "hours") { Kind::Calendar } else { Kind::Experiment }
}

/// Adds file and line to mistakes that were found after a text had been read.
pub fn place(mistakes: Vec<Mistake>, text: &str, file: &str) -> Vec<Mistake> {
    match Document::read(text, file) {
        Ok(document) => document.place(mistakes),
        Err(_) => mistakes,
    }
}

impl<'a> Document<'a> {
    /// Reads a text; where it is no TOML, tells every line that is wrong.
    pub fn read(text: &'a str, file: &'a str) -> Result<Self, Vec<Mistake>> {
        let lines = Lines(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            // One mistake a line: what follows from it on the same line says nothing new.
            let mut told = BTreeMap::new();
            for error in &errors {
                let line = lines.at(error.span().map_or(0, |span| span.start));
                let why = error.message().replace('\n', "; ");
                let detail = format!("is not TOML: {why}; write lines like name = \"text\"");
                let place = Some(Place { file: file.to_owned(), line });
                told.entry(line).or_insert(Mistake { place, ..Mistake::new("", detail) });
            }
            return Err(told.into_values().collect());
        }
        let mut document = Self { value: Value::Null, file, lines, line_of: BTreeMap::new() };
        document.value = document.table(table.get_ref(), "");
        Ok(document)
    }

    /// Adds file and line to mistakes, and puts them in the order of the file.
    pub fn place(&self, mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
        for mistake in &mut mistakes {
            let line = self.line(&mistake.pointer);
            mistake.place = Some(Place { file: self.file.to_owned(), line });
        }
        mistakes.sort_by_key(|mistake| mistake.place.as_ref().map(|place| place.line));
        mistakes
    }

    /// The line of a pointer, or of the nearest thing around it that is there.
    fn line(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.line_of.get(pointer) {
                return *line;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = &pointer[..end],
                None => return 1,
            }
        }
    }

    fn table(&mut self, table: &DeTable<'_>, pointer: &str) -> Value {
        let mut object = Map::new();
        for (key, value) in table {
            let name = key.get_ref();
            let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            // A table that is opened by a header is found there; a value at its key.
            let start = match value.get_ref() {
                DeValue::Table(_) => value.span().start.max(key.span().start),
                _ => key.span().start,
            };
            self.line_of.insert(pointer.clone(), self.lines.at(start));
            object.insert(name.to_string(), self.value(value, &pointer));
        }
        Value::Object(object)
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, pointer: &str) -> Value {
        match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(yes) => Value::Bool(*yes),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix());
                read.map_or_else(|_| Value::String(number.to_string()), Value::from)
            }
            // What JSON cannot say (inf, nan) stays a text, which no number is read from.
            DeValue::Float(number) => {
                let read = number.as_str().parse().ok().and_then(serde_json::Number::from_f64);
                read.map_or_else(|| Value::String(number.to_string()), Value::Number)
            }
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Table(table) => self.table(table, pointer),
            DeValue::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let pointer = format!("{pointer}/{index}");
                    self.line_of.insert(pointer.clone(), self.lines.at(item.span().start));
                    list.push(self.value(item, &pointer));
                }
                Value::Array(list)
            }
        }
    }
}

/// Counts lines from 1.
struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn at(&self, offset: usize) -> usize {
        let before = self.0.as_bytes().iter().take(offset);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}
