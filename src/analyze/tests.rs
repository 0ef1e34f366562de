//! What a caller sees: faults with their pointers, and replies in the contract's shape.

use serde_json::{Value, json};

use super::{analyze, plan};
use crate::planning::staffing::WeeklyOpenHours;

/// Pointers of the faults of a request.
fn faults(request: &Value) -> Vec<String> {
    let problem = analyze(request).expect_err("a problem");
    assert!(!problem.errors.is_empty());
    assert!(problem.errors.iter().all(|fault| !fault.detail.is_empty()));
    problem.errors.into_iter().map(|fault| fault.pointer).collect()
}

fn with(key: &str, value: Value) -> Value {
    let mut request = json!({
        "control": {"n": 100, "successes": 40}, "treatment": {"n": 100, "successes": 50},
    });
    request[key] = value;
    request
}

#[test]
fn each_fault_names_its_field() {
    let cases = [
        (with("confidence", json!(95)), "/confidence"),
        (with("scale", json!("percent")), "/scale"),
        (with("sclae", json!("relative")), "/sclae"),
        (with("test", json!("non_inferiority")), "/margin"),
        (with("margin", json!(0.1)), "/margin"),
        (with("control", json!({"n": 1, "mean": 1.0, "sd": 1.0})), "/control/n"),
        (with("control", json!({"n": 9, "mean": 1.0, "sd": -1.0})), "/control/sd"),
        (with("control", json!({"n": 9, "successes": 10})), "/control/successes"),
        (with("control", json!({"n": 9, "sum": 90, "sum_squares": 1})), "/control"),
        (with("control", json!({"n": 9.5, "mean": 1.0, "sd": 1.0})), "/control/n"),
        (with("control", json!({"n": 9, "mean": 1.0})), "/control/sd"),
        (with("control", json!({"n": 9, "mean": 1.0, "sd": 1.0, "median": 1})), "/control/median"),
        (with("control", json!({"values": [1.0, "x"]})), "/control/values/1"),
        (with("control", json!({"values": [1.0]})), "/control/values"),
        (
            with("control", json!({"values": [1, 2, 3], "units": [1, 1, 1], "quantile": 0.5})),
            "/control/units",
        ),
        (
            with("control", json!({"values": [5, 5, 5, 5], "units": [1, 2, 3, 4], "quantile": 0.5})),
            "/control/values",
        ),
        (with("control", Value::Null), "/control"),
        (with("looks", json!({"kind": "always_valid"})), "/looks/optimised_for_n"),
        (with("looks", json!({"kind": "always_valid", "optimised_for_n": 0})), "/looks/optimised_for_n"),
        (
            with(
                "looks",
                json!({"kind": "group_sequential", "spending": "pocock",
                                 "information": [0.5, 0.2], "look": 2}),
            ),
            "/looks/information",
        ),
        (
            with(
                "looks",
                json!({"kind": "group_sequential", "spending": "pocock",
                                 "information": [0.5, 1.0], "look": 3}),
            ),
            "/looks/look",
        ),
        (json!({"method": "guess"}), "/method"),
        (json!({"method": "sample_ratio", "observed": [5], "expected": [1, 1]}), "/expected"),
        (json!({"method": "correct", "kind": "holm", "p_values": [0.1, 1.1]}), "/p_values/1"),
        (
            json!({"method": "erlang_c", "arrivals_per_min": 2, "aht_min": 6, "agents": 12,
                   "target_wait_min": 1}),
            "/agents",
        ),
        (json!([1, 2]), ""),
    ];
    for (request, pointer) in cases {
        assert_eq!(faults(&request), [pointer], "{request}");
    }
}

#[test]
fn all_faults_come_at_once() {
    let found = faults(&json!({
        "scale": "percent", "confidence": 2, "control": {"n": 9, "mean": "x", "sd": 1.0}, "extra": 1,
    }));
    assert_eq!(found, ["/confidence", "/scale", "/control/mean", "/treatment", "/extra"]);
}

#[test]
fn figures_beyond_all_measure_are_faults_and_not_infinity() {
    for huge in [1e300, 1e308] {
        let arm = json!({"n": 10, "mean": huge, "sd": huge});
        let request = json!({"control": arm, "treatment": {"n": 10, "mean": -huge, "sd": huge}});
        assert!(analyze(&request).is_err(), "{huge}");
    }
}

#[test]
fn a_control_of_zero_has_no_relative_change() {
    let request = json!({
        "scale": "relative",
        "control": {"n": 9, "mean": 0.0, "sd": 1.0}, "treatment": {"n": 9, "mean": 1.0, "sd": 1.0},
    });
    assert_eq!(faults(&request), ["/control"]);
}

#[test]
fn the_contracts_example_holds() {
    // contract.md, Results: csat 0.871 of 4801, −1.09 points; its counts are not printed, these are
    // the nearest whole ones.
    let request = json!({
        "scale": "relative", "test": "non_inferiority", "margin": 0.03,
        "control": {"n": 4801, "successes": 4182}, "treatment": {"n": 4790, "successes": 4120},
    });
    let fixed = analyze(&request).unwrap();
    assert_eq!(fixed["conclusion"], "non_inferior");
    assert!((fixed["lower"].as_f64().unwrap() + 0.0279).abs() < 2e-4);
    assert!((fixed["upper"].as_f64().unwrap() - 0.0031).abs() < 2e-4);
}

fn plan_request() -> Value {
    json!({
        "confidence": 0.95, "chance": 0.8, "weeks": 12, "units_per_week": 900,
        "looks": "always_valid",
        "metrics": [
            {"metric": "csat", "kind": "proportion", "value": 0.87, "share_with_value": 0.5,
             "margin": 0.03, "margin_scale": "absolute", "direction": "increase"},
            {"metric": "handle_time", "kind": "ratio", "value": 0.2, "sd": 0.3, "margin": 0.1,
             "direction": "decrease"},
        ],
        "staffing": {"arrivals_per_week": 1200, "handle_minutes": 12, "from": "PT4H", "to": "PT8H",
                     "calendar": "office", "agent_hour": 38},
        "economics": {"revenue_per_unit_month": 20, "gross_margin": 0.8},
    })
}

fn office(key: &str) -> Option<WeeklyOpenHours> {
    let spans = (0..5).map(|day| (24.0 * f64::from(day) + 9.0, 24.0 * f64::from(day) + 17.0));
    (key == "office").then(|| WeeklyOpenHours::new(spans.collect()).unwrap())
}

#[test]
fn a_plan_has_the_contracts_shape_and_hangs_together() {
    let reply = plan(&plan_request(), &office).unwrap();
    let number = |pointer: &str| reply.pointer(pointer).and_then(Value::as_f64).unwrap();
    for i in 0..2 {
        let (units, weeks) =
            (number(&format!("/metrics/{i}/units_needed")), number(&format!("/metrics/{i}/weeks_needed")));
        assert!((weeks - (units / 900.0).ceil()).abs() < 1e-9);
        // Enough units mean enough chance (β is split over two metrics), and the margin that can
        // be excluded is then no wider than the one that should be.
        let enough = units <= 12.0 * 900.0;
        assert_eq!(number(&format!("/metrics/{i}/chance_at_weeks")) >= 0.9, enough);
        let margin = [0.03, 0.1][i];
        assert_eq!(number(&format!("/metrics/{i}/margin_at_weeks")) <= margin, enough);
    }
    let weeks = reply["weeks"].as_array().unwrap();
    let chances: Vec<f64> = weeks.iter().map(|w| w["chance"].as_f64().unwrap()).collect();
    assert!(weeks.len() >= 12 && chances.is_sorted());
    // Monday's backlog binds at four hours, the mean load nearly at eight; both over 0.85 · 0.7.
    let saved = number("/staffing/agents_saved");
    assert!((number("/staffing/agents_before") - number("/staffing/agents_after") - saved).abs() < 1e-9);
    assert!(saved > 0.0);
    let yearly = saved * 40.0 * 365.0 / 7.0 * 38.0;
    assert!((number("/staffing/saving_per_year") / yearly - 1.0).abs() < 1e-12);
    let units = 12.0 * 900.0;
    let loss = yearly / 12.0 / (units * 20.0 * 0.8);
    assert!((number("/break_even_retention_loss") / loss - 1.0).abs() < 1e-12);
}

#[test]
fn a_plan_names_what_is_wrong_with_it() {
    let mut request = plan_request();
    request["metrics"][0]["value"] = json!(1.2);
    assert_eq!(plan(&request, &office).unwrap_err().errors[0].pointer, "/metrics/0/value");
    let mut request = plan_request();
    request["staffing"]["from"] = json!("P1D");
    assert_eq!(plan(&request, &office).unwrap_err().errors[0].pointer, "/staffing/from");
    let mut request = plan_request();
    request["staffing"]["calendar"] = json!("nights");
    assert_eq!(plan(&request, &office).unwrap_err().errors[0].pointer, "/staffing/calendar");
    let mut request = plan_request();
    request["units_per_week"] = json!(0);
    assert_eq!(plan(&request, &office).unwrap_err().errors[0].pointer, "/units_per_week");
}
