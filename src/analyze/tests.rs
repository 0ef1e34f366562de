//! What a caller sees: faults with their pointers, and replies in the contract's shape.

use serde_json::{Value, json};

use super::{analyze, plan};
use crate::planning::staffing::{OpenHours, WeeklyOpenHours};

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

fn office(key: &str) -> Option<OpenHours> {
    let spans = (0..5).map(|day| (24.0 * f64::from(day) + 9.0, 24.0 * f64::from(day) + 17.0));
    (key == "office").then(|| WeeklyOpenHours::new(spans.collect()).unwrap().into())
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

#[test]
fn a_plan_tells_what_changes_its_size_and_what_is_at_stake() {
    let mut request = plan_request();
    request["metrics"] = json!([
        {"metric": "csat", "kind": "proportion", "value": 0.87, "share_with_value": 0.5, "margin": 0.05,
         "margin_scale": "absolute", "mean_cluster_size": 2.0, "cv_cluster_size": 0.7, "icc": 0.2},
        {"metric": "net_revenue_retention", "kind": "ratio", "value": 0.95, "sd": 0.4, "margin": 0.04,
         "covariate_correlation": 0.5},
    ]);
    request["cohort_weights"] = json!([50, 50]);
    let reply = plan(&request, &office).unwrap();
    let number = |pointer: &str| reply.pointer(pointer).and_then(Value::as_f64).unwrap();
    let effects = reply["metrics"][0]["effects"].as_array().unwrap();
    let named: Vec<&str> = effects.iter().map(|e| e["effect"].as_str().unwrap()).collect();
    assert_eq!(named, ["looks", "non_response", "clustering", "several_metrics", "all"]);
    assert!(effects[0]["factor"].as_f64().unwrap() > 1.2, "looking at any time costs");
    assert!(number("/metrics/0/chance_at_last_look") < number("/metrics/0/chance_at_weeks"));
    let row = |week: usize, field: &str| number(&format!("/weeks/{}/{field}", week - 1));
    assert_eq!(row(12, "metrics/0/chance").to_bits(), number("/metrics/0/chance_at_weeks").to_bits());
    assert!((row(12, "metrics/1/margin") - number("/metrics/1/margin_at_weeks")).abs() < 1e-12);
    assert!(row(12, "chance") <= row(12, "chance_if_independent"));
    // The limit on revenue, used up: 4% of 95% of 12 · 10,800 · 20 · 0.8 a year.
    let loss = 0.04 * 0.95 * 12.0 * 10_800.0 * 20.0 * 0.8;
    assert!((number("/economics/limits_used_up/0/loss_per_year") - loss).abs() < 1e-6);
    let yearly = number("/staffing/saving_per_year");
    assert!((number("/economics/limits_used_up/0/net_per_year") - (yearly - loss)).abs() < 1e-6);
    let week = number("/economics/each_week_of_waiting");
    assert!((number("/economics/saving_put_off") - 12.0 * week).abs() < 1e-6);
    let costs = number("/staffing/cost_per_year_before") - number("/staffing/cost_per_year_after");
    assert!((costs - yearly).abs() < 1e-6);
}

#[test]
fn every_wrong_field_of_a_plan_is_named() {
    let wrong = [
        ("/metrics/0/icc", json!(1.5)),
        ("/metrics/0/mean_cluster_size", json!(0.5)),
        ("/metrics/0/cv_cluster_size", json!(-1)),
        ("/metrics/0/covariate_correlation", json!(1)),
        ("/metrics/0/share_with_value", json!(0)),
        ("/metrics/0/margin", json!(-0.1)),
        ("/metrics/1/sd", json!(0)),
        ("/metrics/1/sd", json!("wide")),
        ("/chance", json!(1)),
        ("/weeks", json!(-1)),
        ("/weeks", json!(1e300)),
        ("/units_per_week", json!(1e300)),
        ("/cohort_weights", json!([1])),
        ("/cohort_weights", json!([1, -1])),
        ("/staffing/arrivals_per_week", json!(0)),
        ("/staffing/handle_minutes", json!(-1)),
        ("/staffing/occupancy", json!(1.2)),
        ("/staffing/shrinkage", json!(1)),
        ("/staffing/agent_hour", json!(-1)),
        ("/staffing/arrivals_by_hour", json!([1, 2])),
        ("/economics/revenue_per_unit_month", json!(0)),
        ("/economics/gross_margin", json!(-0.1)),
        ("/from_history", json!({})),
        ("/what", json!(1)),
    ];
    for (pointer, value) in wrong {
        let mut request = plan_request();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        request.pointer_mut(parent).unwrap()[field] = value.clone();
        let problem = plan(&request, &office).unwrap_err();
        assert_eq!(problem.errors[0].pointer, pointer, "{value}: {problem:?}");
    }
}

#[test]
fn a_live_channel_is_priced_by_erlang() {
    let mut request = plan_request();
    request["live"] = json!({"arrivals_per_hour": 60, "handle_minutes": 5, "target_wait_minutes": 1,
                             "service_level": 0.8, "patience_minutes": 3});
    let live = &plan(&request, &office).unwrap()["live"];
    // Seven would answer 78 in 100 within the minute.
    assert_eq!(live["agents"], 8);
    assert!(live["erlang_c"]["service_level"].as_f64().unwrap() >= 0.8);
    assert!(live["erlang_a"]["p_abandon"].as_f64().unwrap() > 0.0);
}
