//! `statistics.json` and `deferred_work.json`, in the form of `patience analyze`.

use patience::analyze::analyze;
use serde_json::Value;

use crate::support::{Report, cases, read, text};

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

/// Requests made by `tests/fixtures/analyze_cases.py`, which shares neither code nor algebra with ours.
#[test]
fn every_method_agrees_with_sums_done_another_way() {
    let file: Value = serde_json::from_str(include_str!("../fixtures/analyze_cases.json")).expect("JSON");
    let mut report = Report::default();
    for case in cases(&file) {
        let id = text(case, "id");
        match analyze(&case["request"]) {
            Ok(reply) => {
                report.compare(id, text(case, "method"), &reply, &case["expected"], &case["tolerance"]);
            }
            Err(problem) => report.fail(id, &problem.to_string()),
        }
    }
    report.finish();
}

#[test]
fn no_method_goes_without_a_case() {
    let file: Value = serde_json::from_str(include_str!("../fixtures/analyze_cases.json")).expect("JSON");
    let asked: Vec<&str> =
        cases(&file).iter().filter_map(|case| case["request"]["method"].as_str()).collect();
    let without: Vec<&str> =
        patience::analyze::methods().into_iter().filter(|m| !asked.contains(m)).collect();
    // A closed formula of three numbers, held in `statistics_library.json`.
    assert_eq!(without, ["design_effect"]);
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
