//! Prices put on afterwards give what a whole new analysis gives.

use serde_json::{Value, json};

use super::{analyse, closed, revenue};
use crate::{
    analysis::{
        document::{Analysis, CostParameter, Range},
        fixture::unit,
    },
    domain::unit::UnitRecord,
};

/// Units with hours, revenue and departures that hang together, as chance would have it.
fn units(cohort: &str, count: u32, saved: f64, lost_every: u32) -> Vec<UnitRecord> {
    (0..count)
        .map(|i| {
            // A fixed scatter: multiples of irrational numbers.
            let scatter = |by: f64| (f64::from(i + 1) * by).fract();
            let amount = 40.0 + 160.0 * scatter(0.618_033_988) + 20.0 * scatter(0.414_213_562);
            let handle = 1200.0 + 3600.0 * scatter(0.732_050_807) - 900.0 * saved;
            let mut told = vec![revenue("2026-01", amount), revenue("2026-02", amount)];
            told.extend(closed("v", "2026-02-10T00:00:00Z", handle, 300.0 * scatter(0.236_067_977)));
            if i % lost_every == 0 {
                told.push(json!({"type": "customer.churned", "occurred_at": "2026-02-20T00:00:00Z"}));
            } else {
                told.push(revenue("2026-03", amount * (0.9 + 0.2 * scatter(0.645_751_311))));
            }
            unit(&format!("{cohort}{i}"), cohort, "2026-01-10T12:00:00Z", &told)
        })
        .collect()
}

fn world(each: u32) -> Vec<UnitRecord> {
    [units("usual", each, 0.0, 9), units("slow", each, 1.0, 8)].concat()
}

fn with(hour: f64, margin: f64, replacement: f64, looks: &str, units: &[UnitRecord]) -> Analysis {
    let costs = json!({"currency": "USD", "agent_hour": hour, "gross_margin": margin, "replacement_cost": replacement});
    let changes: [(&str, Value); 2] = [("/economics", costs), ("/analysis/looks", json!(looks))];
    analyse(&changes, "2026-05-02T00:00:00Z", units)
}

fn a_year(analysis: &Analysis) -> Range {
    analysis.economics.as_ref().unwrap().per_year.as_ref().unwrap().net_value
}

/// The analysis with one cost changed.
fn changed(parameter: CostParameter, value: f64, looks: &str, units: &[UnitRecord]) -> Range {
    let mut costs = COSTS;
    costs[parameter as usize] = value;
    a_year(&with(costs[0], costs[1], costs[2], looks, units))
}

const COSTS: [f64; 3] = [300.0, 0.6, 200.0];

#[track_caller]
fn alike(found: Range, wanted: Range) {
    let size = wanted.estimate.unwrap().abs() + wanted.upper.unwrap().abs();
    let pairs = [(found.estimate, wanted.estimate), (found.lower, wanted.lower), (found.upper, wanted.upper)];
    for (found, wanted) in pairs {
        let (found, wanted) = (found.unwrap(), wanted.unwrap());
        assert!((found - wanted).abs() <= 1e-9 * size, "found {found}, wanted {wanted}");
    }
}

#[test]
fn sensitivity_is_what_a_whole_new_analysis_says() {
    // Above and below the number of units from which the units themselves are kept.
    for (each, looks) in [(60, "fixed"), (60, "always_valid"), (25, "fixed")] {
        let units = world(each);
        let analysis = with(COSTS[0], COSTS[1], COSTS[2], looks, &units);
        let economics = analysis.economics.as_ref().unwrap();
        let points: Vec<usize> = economics.sensitivity.iter().map(|line| line.points.len()).collect();
        // 0.9 of the revenue may be margin (1.5 × 0.6), more is not tried.
        assert_eq!(points, [5, 5, 5]);
        for line in &economics.sensitivity {
            for point in &line.points {
                alike(point.net_value, changed(line.parameter, point.value, looks, &units));
            }
            let same = line.points.iter().find(|point| (point.value - line.value).abs() < 1e-12).unwrap();
            alike(same.net_value, a_year(&analysis));
        }
    }
}

#[test]
fn where_net_value_turns_a_new_analysis_finds_nothing_left() {
    let units = world(60);
    let mut turned = 0;
    for looks in ["fixed", "always_valid"] {
        let analysis = with(COSTS[0], COSTS[1], COSTS[2], looks, &units);
        for line in &analysis.economics.as_ref().unwrap().sensitivity {
            let size = a_year(&analysis).upper.unwrap().abs();
            if let Some(value) = line.estimate_turns_at {
                let there = changed(line.parameter, value, looks, &units);
                assert!(there.estimate.unwrap().abs() <= 1e-9 * size, "{line:?}: {there:?}");
                turned += 1;
            }
            for value in &line.lower_turns_at {
                let there = changed(line.parameter, *value, looks, &units);
                assert!(there.lower.unwrap().abs() <= 1e-9 * size, "{line:?}: {there:?}");
                assert!(there.estimate.unwrap() > 0.0);
                turned += 1;
            }
        }
    }
    assert!(turned >= 4, "only {turned} turning points were tried");
}

#[test]
fn saving_less_loss_is_net_value_and_no_margin_exceeds_the_revenue() {
    let analysis = with(300.0, 0.8, 0.0, "fixed", &world(60));
    let economics = analysis.economics.as_ref().unwrap();
    let month = economics.per_customer_month.as_ref().unwrap();
    let net = month.net_value.estimate.unwrap();
    assert!((month.saving - month.retention_loss - net).abs() <= 1e-12 * month.saving.abs());
    let [hour, margin, replacement] = economics.sensitivity.as_slice() else { panic!("three costs") };
    // 1.5 × 0.8 of the revenue cannot be margin; half of nothing is nothing.
    assert_eq!((hour.points.len(), margin.points.len(), replacement.points.len()), (5, 4, 1));
}
