//! What must hold of every plan.

use proptest::prelude::*;

use super::staffing::{Desk, OpenHours, WeeklyOpenHours, typical_week};
use super::weeks::{Clusters, Effect, Plan, PlannedLooks, PlannedMetric};
use crate::stats::power::Expected;
use crate::stats::sequential::Spending;
use crate::stats::{Confidence, Direction, Scale};

fn metric(value: f64, margin: f64) -> PlannedMetric {
    PlannedMetric {
        expected: Expected::Proportion { value },
        share_with_value: 0.5,
        margin,
        scale: Scale::Absolute,
        direction: Direction::Increase,
        clusters: Clusters::ONE_EACH,
        covariate_correlation: 0.0,
    }
}

fn plan(looks: PlannedLooks, metrics: Vec<PlannedMetric>) -> Plan {
    Plan {
        confidence: Confidence::DEFAULT,
        chance: 0.8,
        weeks: Some(12.0),
        units_per_week: 400.0,
        looks,
        weights: vec![1.0, 1.0],
        metrics,
    }
}

fn looks() -> impl Strategy<Value = PlannedLooks> {
    prop_oneof![
        Just(PlannedLooks::Fixed),
        Just(PlannedLooks::AlwaysValid { optimised_for_n: None }),
        Just(PlannedLooks::AlwaysValid { optimised_for_n: Some(3000.0) }),
        Just(PlannedLooks::GroupSequential { spending: Spending::ObrienFleming, looks: 4 }),
        Just(PlannedLooks::GroupSequential { spending: Spending::Pocock, looks: 3 }),
    ]
}

fn desk(arrivals: f64, minutes: f64, weights: Vec<f64>) -> Desk {
    let office = (0..5).map(|d| (24.0 * f64::from(d) + 9.0, 24.0 * f64::from(d) + 17.0));
    let typical = WeeklyOpenHours::new(office.clone().collect()).unwrap();
    let holiday = WeeklyOpenHours::maybe_closed(office.skip(1).collect()).unwrap();
    let mut year = vec![typical.clone(); 52];
    year[20] = holiday;
    Desk {
        arrivals_per_week: arrivals,
        handle_minutes: minutes,
        open: OpenHours { typical, year: Some((2026, year)) },
        profile: weights,
        occupancy: 0.85,
        shrinkage: 0.3,
        agent_hour: 40.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_margin_that_can_be_shown_has_the_chance_and_a_week_more_has_no_less(looks in looks(), p in 0.3..0.95f64, margin in 0.02..0.2f64) {
        let one = plan(looks, vec![metric(p, margin)]);
        let found = one.metric(&one.metrics[0]).unwrap();
        let reached = found.margin_at_weeks.unwrap();
        let at_it = plan(looks, vec![metric(p, reached)]);
        let chance = at_it.metric(&at_it.metrics[0]).unwrap();
        prop_assert!((chance.chance_at_weeks.unwrap() - 0.8).abs() < 1e-4, "{chance:?}");
        // Only a chance at any look is more than the last look's own.
        prop_assert!(chance.chance_at_last_look.unwrap() <= chance.chance_at_weeks.unwrap() + 1e-6);
        let rows = one.weeks(std::slice::from_ref(&found)).unwrap();
        prop_assert!(rows.len() >= 12 && (rows[11].chance - found.chance_at_weeks.unwrap()).abs() < 1e-12);
        for pair in rows.windows(2) {
            prop_assert!(pair[1].chance >= pair[0].chance - 1e-4, "{pair:?}");
            let margins = (pair[0].metrics[0].1, pair[1].metrics[0].1);
            if let (Some(before), Some(after)) = margins {
                prop_assert!(after <= before * 1.0001, "{pair:?}");
            }
        }
    }

    #[test]
    fn each_effect_is_told_apart_and_goes_its_way(looks in looks(), r in 0.1..0.9f64, icc in 0.05..0.6f64) {
        let mut one = metric(0.8, 0.05);
        one.clusters = Clusters { mean_size: 3.0, cv_size: 0.5, icc };
        one.covariate_correlation = r;
        let mut all = plan(looks, vec![one, metric(0.9, 0.05)]);
        all.weights = vec![2.0, 1.0, 1.0];
        let found = all.metric(&one).unwrap();
        let units = found.units_needed.unwrap();
        for (effect, without) in &found.effects {
            let without = without.unwrap();
            match effect {
                // More observations of a unit, and what is known of it before, make it tell more.
                Effect::CovariateAdjustment | Effect::Clustering => prop_assert!(without > units, "{effect:?}"),
                Effect::Looks | Effect::NonResponse | Effect::SeveralMetrics | Effect::SeveralTreatments => {
                    prop_assert!(without < units, "{effect:?}: {without} and {units}");
                }
                Effect::UnequalCohorts | Effect::All => {}
            }
        }
        let named = |effect| found.effects.iter().any(|(each, _)| *each == effect);
        prop_assert_eq!(named(Effect::Looks), looks != PlannedLooks::Fixed);
        prop_assert!(named(Effect::SeveralTreatments) && named(Effect::UnequalCohorts) && named(Effect::All));
    }

    #[test]
    fn a_longer_promise_never_takes_more_agents_and_work_scales(
        weights in prop::collection::vec(0.0..30.0f64, 168),
        from in 0.5..30.0f64, more in 0.0..30.0f64, arrivals in 50.0..5000.0f64, factor in 1.0..4.0f64,
    ) {
        let mut weights = weights;
        weights[10] += 1.0;
        let small = desk(arrivals, 12.0, weights.clone());
        let agents = small.agents(from).unwrap();
        prop_assert!(small.agents(from + more).unwrap() <= agents * (1.0 + 1e-12));
        // More arrivals and longer handling take as many times the agents.
        let busy = desk(arrivals * factor, 12.0, weights.clone()).agents(from).unwrap();
        let slow = desk(arrivals, 12.0 * factor, weights).agents(from).unwrap();
        prop_assert!((busy / agents - factor).abs() < 1e-9 && (slow / agents - factor).abs() < 1e-9);
        // A holiday piles work up and never makes do with fewer.
        let saving = small.saving(from, from + more).unwrap();
        let (_, year) = small.saving_with_holidays(from, from + more).unwrap().unwrap();
        prop_assert!(year.agents_before >= saving.agents_before * (1.0 - 1e-9));
        prop_assert!(year.agents_saved >= -1e-9 && saving.agents_saved >= -1e-9);
    }
}

#[test]
fn an_even_stream_of_work_saves_nothing_however_long_it_may_wait() {
    let mut even = desk(1000.0, 12.0, vec![1.0; 168]);
    even.open = WeeklyOpenHours::always().into();
    assert!(even.saving(4.0, 48.0).unwrap().agents_saved < 0.02 * even.agents(48.0).unwrap());
    let uneven = desk(1000.0, 12.0, typical_week());
    let figures = uneven.sensitivity(4.0, 8.0).unwrap();
    let saved = |figure: &str| figures.iter().find(|f| f.figure == figure).unwrap();
    let arrivals = saved("arrivals_per_week");
    assert!((arrivals.higher.1.agents_saved / arrivals.lower.1.agents_saved - 1.1 / 0.9).abs() < 1e-9);
    assert!(figures.len() == 5 && saved("unevenness").higher.1 != saved("unevenness").lower.1);
}
