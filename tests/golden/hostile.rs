//! Figures that make no sense: the requests of `analyze_cases.json` with some of their figures replaced.
//!
//! The answer is a fault that says what is wrong, or figures in their order and range; never a panic, and
//! never one that does not come. (`analyze` itself turns a reply with a number missing into a fault.)

use std::sync::LazyLock;

use patience::analyze::analyze;
use proptest::prelude::*;
use serde_json::{Value, json};

static REQUESTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let file: Value = serde_json::from_str(include_str!("../fixtures/analyze_cases.json")).expect("JSON");
    crate::support::cases(&file).iter().map(|case| case["request"].clone()).collect()
});

fn hostile() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(0)),
        Just(json!(-1)),
        Just(json!(1)),
        Just(json!(2)),
        Just(json!(0.5)),
        Just(json!(1e-308)),
        Just(json!(1e-9)),
        Just(json!(1e15)),
        Just(json!(1e154)),
        Just(json!(1e308)),
        Just(json!(-1e308)),
        Just(json!(9e15)),
        Just(json!(null)),
        Just(json!([])),
        Just(json!({})),
        Just(json!("x")),
        Just(json!([1e308, -1e308])),
        Just(json!([0.0, 0.0, 0.0])),
        any::<f64>().prop_filter_map("finite", |x| x.is_finite().then(|| json!(x))),
        (-5.0..5.0f64).prop_map(|x| json!(x)),
    ]
}

/// Pointers of all that a request holds.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, inner)| places(inner, format!("{at}/{key}"), found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, inner)| places(inner, format!("{at}/{i}"), found));
        }
        _ => {}
    }
    if !at.is_empty() {
        found.push(at);
    }
}

/// Whether the figures of a reply are in their order and range, wherever they are told.
fn sensible(reply: &Value) -> bool {
    let figure = |name: &str| reply.get(name).and_then(Value::as_f64);
    let in_order = |low: Option<f64>, high: Option<f64>| low.zip(high).is_none_or(|(a, b)| a <= b);
    let of_interval = in_order(figure("lower"), figure("estimate"))
        && in_order(figure("estimate"), figure("upper"))
        && in_order(figure("lower"), figure("upper"));
    let is_chance = |name: &str| figure(name).is_none_or(|p| (0.0..=1.0).contains(&p));
    of_interval
        && ["p_value", "power", "p_wait", "p_abandon", "chance_to_win", "trimmed_share"]
            .into_iter()
            .all(is_chance)
        && ["std_error", "sd", "q", "agents", "critical"]
            .iter()
            .all(|name| figure(name).is_none_or(|x| x >= 0.0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn nonsense_is_a_fault_and_never_a_number_that_is_none(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), hostile()), 1..4),
    ) {
        let mut request = REQUESTS[which.index(REQUESTS.len())].clone();
        for (place, value) in changes {
            let mut all = Vec::new();
            places(&request, String::new(), &mut all);
            if all.is_empty() { break; }
            *request.pointer_mut(&all[place.index(all.len())]).expect("a place") = value;
        }
        let answer = analyze(&request);
        match answer {
            Ok(reply) => prop_assert!(sensible(&reply), "{reply} for {request}"),
            Err(problem) => {
                prop_assert!(!problem.errors.is_empty());
                prop_assert!(problem.errors.iter().all(|fault| !fault.detail.is_empty()));
            }
        }
    }
}
