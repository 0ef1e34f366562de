//! Reference values made with other software, against `patience analyze`.
//!
//! The files stand in `PATIENCE_SHARED`/golden (default `../shared`); without them the test is
//! skipped, loudly. It prints the largest relative deviation by method, and each case that is left
//! out with the reason.

use std::collections::BTreeMap;
use std::path::PathBuf;

use patience::analyze::analyze;
use serde_json::Value;

/// Cases in which a peer's behaviour is not ours: an error is the right answer.
const ERRORS: [(&str, &str); 2] = [
    ("gb-welch-zero-variance", "Σx² is below (Σx)²/n, so the sums cannot be: a typed error instead of nulls"),
    ("gb-srm-4", "one count against two weights: lists of unequal length are an error"),
];

#[test]
fn statistics_agree_with_other_software() {
    let Some(file) = read("statistics.json") else { return };
    let mut report = Report::default();
    for case in cases(&file) {
        let id = text(case, "id");
        let reply = analyze(&case["request"]);
        if let Some((_, reason)) = ERRORS.iter().find(|(name, _)| *name == id) {
            println!("left out  {id}: {reason}");
            assert!(reply.is_err(), "{id} should be an error");
            continue;
        }
        let reply = reply.unwrap_or_else(|problem| panic!("{id}: {problem}"));
        report.compare(id, text(case, "method"), &reply, &case["expected"], &case["tolerance"]);
    }
    report.finish();
}

#[test]
fn an_empty_cohort_that_should_not_be_is_never_healthy() {
    // The cases gb-srm-7 and gb-srm-8: a peer calls both healthy or nearly so.
    let ask = |observed: [u32; 3]| {
        analyze(&serde_json::json!({
            "method": "sample_ratio", "observed": observed, "expected": [0.34, 0.33, 0.33],
        }))
        .unwrap()
    };
    assert_eq!(ask([0, 10, 10])["ok"], false);
    // Nobody anywhere: nothing was expected either.
    assert_eq!(ask([0, 0, 0])["ok"], true);
}

#[test]
fn deferred_work_agrees_with_the_event_simulation() {
    let Some(file) = read("deferred_work.json") else { return };
    let mut report = Report::default();
    let tolerance = serde_json::json!({"rel": 1e-9, "abs": 1e-9});
    for case in file["contract_cases"].as_array().expect("a list") {
        let reply = analyze(&case["request"]).expect("an answer");
        let name = format!("target {}", case["request"]["target_hours"]);
        report.compare(&name, "deferred_work", &reply, &case["expected"], &tolerance);
    }
    report.finish();
}

/// Largest deviations by method, and what is beyond its tolerance.
#[derive(Default)]
struct Report {
    largest: BTreeMap<String, (usize, f64, String)>,
    failures: Vec<String>,
}

impl Report {
    fn compare(&mut self, id: &str, method: &str, reply: &Value, expected: &Value, tolerance: &Value) {
        let relative = tolerance["rel"].as_f64().unwrap_or(0.0);
        let absolute = tolerance["abs"].as_f64().unwrap_or(0.0);
        let entry = self.largest.entry(method.to_owned()).or_insert((0, 0.0, String::new()));
        entry.0 += 1;
        for (field, wanted) in expected.as_object().expect("an object of fields") {
            let pairs = match wanted {
                Value::Array(list) => {
                    list.iter().enumerate().map(|(i, w)| (reply[field][i].clone(), w.clone())).collect()
                }
                other => vec![(reply[field].clone(), other.clone())],
            };
            for (found, wanted) in pairs {
                match (found.as_f64(), wanted.as_f64()) {
                    (Some(found), Some(wanted)) => {
                        let gap = (found - wanted).abs();
                        if gap > absolute.max(relative * wanted.abs()) {
                            self.failures.push(format!("{id} {field}: {found:e} is not {wanted:e}"));
                        }
                        let deviation = gap / wanted.abs().max(1e-300);
                        // What the absolute tolerance forgives is no deviation worth printing.
                        if gap > absolute && deviation > entry.1 {
                            entry.1 = deviation;
                            entry.2 = format!("{id} {field}");
                        }
                    }
                    _ if found == wanted => {}
                    _ => self.failures.push(format!("{id} {field}: {found} is not {wanted}")),
                }
            }
        }
    }

    fn finish(self) {
        for (method, (count, deviation, place)) in &self.largest {
            println!("{method:36} {count:3} cases, largest relative deviation {deviation:.1e} {place}");
        }
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
    }
}

fn cases(file: &Value) -> &Vec<Value> {
    file["cases"].as_array().expect("a list of cases")
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().expect("a text")
}

fn read(name: &str) -> Option<Value> {
    let shared = std::env::var_os("PATIENCE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("golden").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("JSON")),
        Err(error) => {
            eprintln!("SKIPPED: {}: {error}; set PATIENCE_SHARED", path.display());
            None
        }
    }
}
