//! Reading the files, and holding figures against them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

/// Largest deviations by method, and what is beyond its tolerance.
#[derive(Default)]
pub struct Report {
    largest: BTreeMap<String, (usize, f64, String)>,
    failures: Vec<String>,
}

impl Report {
    pub fn compare(&mut self, id: &str, method: &str, reply: &Value, expected: &Value, tolerance: &Value) {
        let relative = tolerance["rel"].as_f64().unwrap_or(0.0);
        let absolute = tolerance["abs"].as_f64().unwrap_or(0.0);
        let entry = self.largest.entry(method.to_owned()).or_insert((0, 0.0, String::new()));
        entry.0 += 1;
        let mut pairs = Vec::new();
        pair_up("", reply, expected, &mut pairs);
        for (field, found, wanted) in pairs {
            match (found.as_f64(), wanted.as_f64()) {
                (Some(found), Some(wanted)) => {
                    let gap = (found - wanted).abs();
                    if gap > absolute.max(relative * wanted.abs()) {
                        self.failures.push(format!("{id}{field}: {found:e} is not {wanted:e}"));
                    }
                    let deviation = gap / wanted.abs().max(1e-300);
                    // Beside zero, and in p-values that vanish, only the absolute gap means much.
                    if wanted.abs() > 1e-12 && deviation > entry.1 {
                        entry.1 = deviation;
                        entry.2 = format!("{id}{field}");
                    }
                }
                _ if found == wanted => {}
                _ => self.failures.push(format!("{id}{field}: {found} is not {wanted}")),
            }
        }
    }

    /// Notes that a case has no figures to compare.
    pub fn fail(&mut self, id: &str, why: &str) {
        self.failures.push(format!("{id}: {why}"));
    }

    pub fn finish(self) {
        for (method, (count, deviation, place)) in &self.largest {
            println!("{method:36} {count:3} cases, largest relative deviation {deviation:.1e} {place}");
        }
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
    }
}

pub fn cases(file: &Value) -> &Vec<Value> {
    file["cases"].as_array().expect("a list of cases")
}

pub fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().expect("a text")
}

pub fn read(name: &str) -> Option<Value> {
    let shared = std::env::var_os("PATIENCE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("golden").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("JSON")),
        Err(error) => {
            // On a laptop a test may be skipped; where nobody reads the log it may not.
            assert!(std::env::var_os("CI").is_none(), "{}: {error}", path.display());
            eprintln!("SKIPPED: {}: {error}; set PATIENCE_SHARED", path.display());
            None
        }
    }
}

/// The leaves that `expected` names, each with what the reply has there.
fn pair_up(place: &str, found: &Value, expected: &Value, pairs: &mut Vec<(String, Value, Value)>) {
    match expected {
        Value::Object(fields) => {
            for (field, wanted) in fields {
                pair_up(&format!("{place} {field}"), &found[field], wanted, pairs);
            }
        }
        Value::Array(list) => {
            for (i, wanted) in list.iter().enumerate() {
                pair_up(&format!("{place}[{i}]"), &found[i], wanted, pairs);
            }
        }
        leaf => pairs.push((place.to_owned(), found.clone(), leaf.clone())),
    }
}
