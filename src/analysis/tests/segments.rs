//! Segments: what was declared, what is a lead, and whether effects differ.

use serde_json::{Value, json};

use super::{analyse, near};
use crate::{
    analysis::{
        Accumulator, conclude,
        document::{Analysis, SegmentHeterogeneity, SegmentResult},
        fixture::{calendars, definition, experiment, unit},
    },
    domain::unit::UnitRecord,
};

const AS_OF: &str = "2026-06-30T00:00:00Z";

fn talk(id: &str, channel: &str, score: u8) -> Vec<Value> {
    vec![
        json!({"type": "conversation.opened", "conversation_id": id, "channel": channel, "occurred_at": "2026-02-01T08:00:00Z"}),
        json!({"type": "conversation.rated", "conversation_id": id, "score": score, "occurred_at": "2026-02-02T08:00:00Z"}),
    ]
}

/// Satisfied or not, as a fixed scatter has it.
fn score(i: u32, by: f64, share: f64) -> u8 {
    if (f64::from(i + 1) * by).fract() < share { 5 } else { 2 }
}

/// `share` of chats satisfied; e-mails follow the chats of the same unit in two cases of three.
fn units(cohort: &str, count: u32, chats: f64, emails: f64) -> Vec<UnitRecord> {
    (0..count)
        .map(|i| {
            let chat = score(i, 0.618_033_988_7, chats);
            let email = if i % 3 == 0 { score(i, 0.414_213_562_3, emails) } else { chat };
            let told = [talk("a", "chat", chat), talk("b", "email", email)].concat();
            let mut unit = unit(&format!("{cohort}{i}"), cohort, "2026-01-10T00:00:00Z", &told);
            unit.attributes.insert("plan".into(), json!(["basic", "plus", "pro"][i as usize % 3]));
            unit.attributes.insert("trial".into(), json!(i % 2 == 0));
            unit.attributes.insert("seats".into(), json!(i % 2));
            unit.attributes.insert("city".into(), json!(format!("city {i}")));
            unit.attributes.insert("rare".into(), json!(if i == 0 { "yes" } else { "no" }));
            unit
        })
        .collect()
}

fn world() -> Vec<UnitRecord> {
    [units("usual", 150, 0.8, 0.7), units("slow", 150, 0.5, 0.7)].concat()
}

fn of<'a>(analysis: &'a Analysis, segment: &str, value: &str) -> Option<&'a SegmentResult> {
    analysis
        .segments
        .iter()
        .find(|s| (s.segment.as_str(), s.value.as_str(), s.metric.as_str()) == (segment, value, "csat"))
}

fn spread<'a>(analysis: &'a Analysis, segment: &str) -> &'a SegmentHeterogeneity {
    analysis.heterogeneity.iter().find(|s| s.segment == segment && s.metric == "csat").unwrap()
}

#[test]
fn what_was_not_declared_and_has_few_values_is_a_lead() {
    let analysis = analyse(&[("/analysis/segments", json!(["plan"]))], AS_OF, &world());
    let mut told: Vec<(&str, bool)> =
        analysis.segments.iter().map(|s| (s.segment.as_str(), s.declared)).collect();
    told.sort_unstable();
    told.dedup();
    // Cities are too many, seats are numbers, and one customer is no group to compare.
    assert_eq!(told, [("channel", false), ("plan", true), ("trial", false)]);
    assert!(of(&analysis, "rare", "no").is_none());
    // Declared come first.
    let first = analysis.segments.iter().position(|s| !s.declared && s.metric == "csat").unwrap();
    assert!(analysis.segments[first..].iter().filter(|s| s.metric == "csat").all(|s| !s.declared));
    // Channels are told of conversations, not of customers.
    assert!(analysis.segments.iter().all(|s| s.segment != "channel" || s.metric != "questions_asked"));
}

#[test]
fn leads_cost_what_was_declared_nothing() {
    let changes = [("/analysis/segments", json!(["plan"]))];
    let with_leads = analyse(&changes, AS_OF, &world());
    let mut alone = world();
    for unit in &mut alone {
        unit.attributes.retain(|name, _| name == "plan");
    }
    let without = analyse(&changes, AS_OF, &alone);
    for value in ["basic", "plus", "pro"] {
        assert_eq!(of(&with_leads, "plan", value), of(&without, "plan", value));
    }
}

/// With two channels the test is (d₁ − d₂)²/(V₁ + V₂ − 2C), worked here unit by unit.
#[test]
fn channels_that_share_customers_are_compared_with_their_covariance() {
    let units = world();
    let analysis = analyse(&[("/analysis/segments", json!(["channel"]))], AS_OF, &units);
    let scores = |cohort: &str, conversation: &str| -> Vec<f64> {
        let of_cohort = units.iter().filter(|unit| unit.cohort.as_str() == cohort);
        let rating = |unit: &UnitRecord| {
            let found = unit.customers[0].conversations.iter().find(|(id, _)| id.as_str() == conversation);
            f64::from(u8::from(found.unwrap().1.rated.now().unwrap().score >= 4))
        };
        of_cohort.map(rating).collect()
    };
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let covariance = |x: &[f64], y: &[f64]| {
        let (mx, my) = (mean(x), mean(y));
        let n = x.len() as f64;
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / (n - 1.0) / n
    };
    let [usual, slow] = ["usual", "slow"].map(|cohort| [scores(cohort, "a"), scores(cohort, "b")]);
    let difference = |i: usize| mean(&slow[i]) - mean(&usual[i]);
    let between = |i: usize, j: usize| covariance(&usual[i], &usual[j]) + covariance(&slow[i], &slow[j]);
    assert!(between(0, 1) > 0.3 * between(0, 0), "chats and e-mails hang together");
    let wald =
        (difference(0) - difference(1)).powi(2) / (between(0, 0) + between(1, 1) - 2.0 * between(0, 1));
    // The contract's margin is relative: so is the scale; on it the control's error counts by m_T/m_C.
    let found = spread(&analysis, "channel");
    assert!(found.shares_units && found.values == 2);
    let relative = |i: usize| difference(i) / mean(&usual[i]);
    let weight = |i: usize| mean(&slow[i]) / mean(&usual[i]);
    let of_relative = |i: usize, j: usize| {
        (covariance(&slow[i], &slow[j]) + weight(i) * weight(j) * covariance(&usual[i], &usual[j]))
            / (mean(&usual[i]) * mean(&usual[j]))
    };
    let wanted = (relative(0) - relative(1)).powi(2)
        / (of_relative(0, 0) + of_relative(1, 1) - 2.0 * of_relative(0, 1));
    near(Some(found.q), wanted, 1e-9);

    let absolute = [
        ("/analysis/segments", json!(["channel"])),
        (
            "/metrics/0",
            json!({"metric": "csat", "role": "guardrail", "margin": 0.03, "margin_scale": "absolute"}),
        ),
    ];
    near(Some(spread(&analyse(&absolute, AS_OF, &units), "channel").q), wald, 1e-9);
}

#[test]
fn attributes_share_no_unit_and_are_cochrans() {
    let absolute = [
        ("/analysis/segments", json!(["plan"])),
        (
            "/metrics/0",
            json!({"metric": "csat", "role": "guardrail", "margin": 0.03, "margin_scale": "absolute"}),
        ),
    ];
    let analysis = analyse(&absolute, AS_OF, &world());
    let found = spread(&analysis, "plan");
    let rows = ["basic", "plus", "pro"].map(|value| of(&analysis, "plan", value).unwrap());
    // The interval's half width over its t quantile is the standard error; 100 units' worth of freedom each.
    let effects = rows.map(|row| row.absolute.estimate.unwrap());
    assert!(!found.shares_units);
    let least = effects.iter().copied().fold(f64::INFINITY, f64::min);
    let most = effects.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!((least..=most).contains(&found.pooled));
    for (row, effect) in rows.iter().zip(effects) {
        let shrunk = row.shrunk.unwrap();
        assert!((shrunk - found.pooled).abs() <= (effect - found.pooled).abs() + 1e-12 + found.tau_squared);
        assert_eq!(row.units, 100);
    }
}

#[test]
fn a_split_that_is_even_as_a_whole_may_be_uneven_within_a_group() {
    let mut units = world();
    // The slow cohort has the basic plan far more often; what it has more there it has less elsewhere.
    for unit in units.iter_mut().filter(|unit| unit.cohort.as_str() == "slow").take(80) {
        unit.attributes.insert("plan".into(), json!("basic"));
    }
    let analysis = analyse(&[("/analysis/segments", json!(["plan"]))], AS_OF, &units);
    let ratio = &analysis.health.sample_ratio;
    assert!(ratio.ok);
    let basic = ratio.segments.iter().find(|split| split.value == "basic").unwrap();
    assert!(!basic.ok && basic.p_value_adjusted > basic.p_value, "{basic:?}");
    let trial = ratio.segments.iter().find(|split| split.segment == "trial").unwrap();
    assert!(trial.ok);
    let check = analysis.health.checks.iter().find(|check| check.key == "sample_ratio_segments").unwrap();
    assert_eq!(check.title, "The split is uneven within a group");
    let even = analyse(&[("/analysis/segments", json!(["plan"]))], AS_OF, &world());
    assert!(even.health.sample_ratio.segments.iter().all(|split| split.ok));
}

#[test]
fn ranges_of_units_merge_to_the_same_segments_in_any_order() {
    let experiment = experiment(definition(&[("/analysis/segments", json!(["plan", "city"]))]));
    let calendars = calendars();
    let study = super::study(&experiment, &calendars, AS_OF);
    let units = world();
    let pass = |units: &mut dyn Iterator<Item = &UnitRecord>| {
        let mut pass = Accumulator::new(&study).unwrap();
        units.for_each(|unit| pass.add(unit));
        pass
    };
    let whole = conclude(&pass(&mut units.iter()));
    let mut merged = pass(&mut units.iter().rev().step_by(2));
    merged.merge(pass(&mut units.iter().rev().skip(1).step_by(2)));
    let merged = conclude(&merged);
    let names = |analysis: &Analysis| -> Vec<(String, String, String)> {
        analysis.segments.iter().map(|s| (s.segment.clone(), s.value.clone(), s.metric.clone())).collect()
    };
    assert_eq!(names(&whole), names(&merged));
    for (a, b) in whole.heterogeneity.iter().zip(&merged.heterogeneity) {
        assert_eq!((&a.segment, &a.metric, a.values), (&b.segment, &b.metric, b.values));
        near(Some(a.q), b.q, 1e-9 * b.q.max(1.0));
    }
}
