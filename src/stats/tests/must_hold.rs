//! What must hold whatever the data.

use proptest::prelude::*;

use crate::stats::power::{Design, Expected, Rule, Schedule};
use crate::stats::sequential::Spending;
use crate::stats::survival::{KaplanMeier, WaitingTimes, clustered_std_error};
use crate::stats::{
    AdjustedMoments, Alternative, Arm, Comparison, Conclusion, Confidence, Direction, Interval, IntervalKind,
    Law, Looks, Question, RatioMoments, Scale, StatsError, Test, adjusted_arms, answer, arm_of_mean,
    arm_of_ratio, compare,
};

fn near(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs()) + 1e-300
}

/// Units with (numerator, denominator).
fn units() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0.0..50.0f64, 0.1..9.0f64), 3..60)
}

fn moments(units: &[(f64, f64)]) -> RatioMoments {
    let mut moments = RatioMoments::default();
    units.iter().for_each(|(y, x)| moments.add(*y, *x));
    moments
}

fn arm() -> impl Strategy<Value = Arm> {
    (4.0..5000.0f64, 0.5..20.0f64, 0.2..30.0f64, any::<bool>()).prop_map(|(n, mean, sd, below)| {
        arm_of_mean(n.floor(), if below { -mean } else { mean }, sd).unwrap()
    })
}

fn looks() -> impl Strategy<Value = Looks> {
    prop_oneof![
        Just(Looks::Fixed),
        (10.0..1e5f64, 10.0..1e5f64)
            .prop_map(|(optimised_for_n, n_total)| Looks::AlwaysValid { optimised_for_n, n_total }),
        (1usize..4).prop_map(|look| Looks::GroupSequential {
            spending: Spending::Pocock,
            information: vec![0.3, 0.6, 1.0],
            look,
        }),
    ]
}

fn ask(control: &Arm, treatment: &Arm, test: Test, direction: Direction, looks: &Looks) -> Comparison {
    compare(control, treatment, &test, direction, Confidence::DEFAULT, looks).unwrap()
}

fn is_above(interval: &Interval, value: f64) -> bool {
    interval.lower.is_some_and(|lower| lower > value)
}

fn is_below(interval: &Interval, value: f64) -> bool {
    interval.upper.is_some_and(|upper| upper < value)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn rows_and_sums_give_the_same(units in units(), shift in 0.0..1e6f64) {
        // The reference is the textbook two-pass formula on the rows, around their own mean.
        let rows: Vec<(f64, f64)> = units.iter().map(|(y, x)| (y + shift, *x)).collect();
        let arm = arm_of_ratio(&moments(&rows)).unwrap();
        let n = rows.len() as f64;
        let (y, x): (f64, f64) = rows.iter().fold((0.0, 0.0), |s, u| (s.0 + u.0, s.1 + u.1));
        let ratio = y / x;
        prop_assert!(near(arm.mean, ratio, 1e-13));
        let squares: f64 = rows.iter().map(|(y, x)| (y - ratio * x).powi(2)).sum();
        let variance = squares / (n - 1.0) / n / (x / n).powi(2);
        prop_assert!(near(arm.variance_of_mean, variance, 1e-9 + 1e-15 * shift));
    }

    #[test]
    fn moments_merge_in_any_partition(units in units(), parts in prop::collection::vec(0usize..5, 60), scale in 1.0..1e9f64) {
        let units: Vec<(f64, f64)> = units.iter().map(|(y, x)| (y + scale, *x)).collect();
        let whole = moments(&units);
        let mut slots = [RatioMoments::default(); 5];
        for (unit, part) in units.iter().zip(&parts) {
            slots[*part].add(unit.0, unit.1);
        }
        let mut forward = RatioMoments::default();
        slots.iter().for_each(|s| forward.merge(s));
        let mut backward = RatioMoments::default();
        slots.iter().rev().for_each(|s| backward.merge(s));
        for merged in [forward, backward] {
            prop_assert_eq!(merged.n, whole.n);
            let (a, b) = (merged.spread().unwrap(), whole.spread().unwrap());
            prop_assert!(near(a.yy, b.yy, 1e-12) && near(a.xx, b.xx, 1e-12));
            prop_assert!(near(merged.yy, whole.yy, 1e-15));
        }
    }

    #[test]
    fn changes_by_day_add_up_to_the_last_day(units in units(), more in prop::collection::vec(0.0..9.0f64, 60)) {
        // Day 0: every unit joins. Day 1: each changes. The slots hold changes only.
        let mut days = [RatioMoments::default(); 2];
        for ((y, x), more) in units.iter().zip(&more) {
            days[0].replace(None, Some((*y, *x)));
            days[1].replace(Some((*y, *x)), Some((y + more, x + 1.0)));
        }
        let mut sum = days[0];
        sum.merge(&days[1]);
        let last: Vec<(f64, f64)> =
            units.iter().zip(&more).map(|((y, x), more)| (y + more, x + 1.0)).collect();
        let (found, wanted) = (arm_of_ratio(&sum).unwrap(), arm_of_ratio(&moments(&last)).unwrap());
        prop_assert_eq!(found.n, wanted.n);
        prop_assert!(near(found.variance_of_mean, wanted.variance_of_mean, 1e-11));
    }

    #[test]
    fn another_unit_of_measure_scales_the_effect_and_leaves_p(c in arm(), t in arm(), factor in 1e-3..1e3f64, looks in looks()) {
        let scaled = |a: &Arm| Arm::unadjusted(
            a.n, a.mean * factor, a.variance_of_mean * factor * factor, a.degrees_of_freedom).unwrap();
        let before = ask(&c, &t, Test::Difference, Direction::Increase, &looks);
        let after = ask(&scaled(&c), &scaled(&t), Test::Difference, Direction::Increase, &looks);
        prop_assert!(near(after.p_value.value(), before.p_value.value(), 1e-9));
        prop_assert!(near(after.absolute.estimate, before.absolute.estimate * factor, 1e-9));
        let (a, b) = (before.relative.unwrap(), after.relative.unwrap());
        prop_assert_eq!(a.is_bounded(), b.is_bounded());
        if let (Some(a), Some(b)) = (a.lower, b.lower) {
            prop_assert!(near(1.0 + a, 1.0 + b, 1e-7) || (a - b).abs() < 1e-7);
        }
    }

    #[test]
    fn swapping_the_cohorts_mirrors_and_inverts(n in 50.0..2000.0f64, m in 5.0..20.0f64, k in 5.0..20.0f64) {
        let (a, b) = (arm_of_mean(n.floor(), m, 3.0).unwrap(), arm_of_mean(80.0, k, 4.0).unwrap());
        let there = ask(&a, &b, Test::Difference, Direction::Increase, &Looks::Fixed);
        let back = ask(&b, &a, Test::Difference, Direction::Increase, &Looks::Fixed);
        prop_assert!(near(there.p_value.value(), back.p_value.value(), 1e-12));
        prop_assert!((there.absolute.lower.unwrap() + back.absolute.upper.unwrap()).abs() < 1e-12 * m);
        // 1 + change is the ratio of means: one interval is the reciprocal of the other.
        let (there, back) = (there.relative.unwrap(), back.relative.unwrap());
        prop_assert!(near(1.0 + there.lower.unwrap(), 1.0 / (1.0 + back.upper.unwrap()), 1e-9));
        prop_assert!(near(1.0 + there.estimate, 1.0 / (1.0 + back.estimate), 1e-12));
    }

    #[test]
    fn the_interval_excludes_the_margin_exactly_when_the_test_rejects(
        c in arm(), t in arm(), margin in 0.01..0.9f64, relative: bool, less: bool, looks in looks(),
    ) {
        let scale = if relative { Scale::Relative } else { Scale::Absolute };
        let direction = if less { Direction::Decrease } else { Direction::Increase };
        let found = ask(&c, &t, Test::NonInferiority { margin, scale }, direction, &looks);
        let interval = if relative { found.relative.unwrap() } else { found.absolute };
        let signed = -direction.sign() * margin;
        let (within, beyond) = match direction {
            Direction::Increase => (is_above(&interval, signed), is_below(&interval, signed)),
            Direction::Decrease => (is_below(&interval, signed), is_above(&interval, signed)),
        };
        prop_assert_eq!(found.conclusion == Conclusion::NonInferior, within);
        prop_assert_eq!(found.conclusion == Conclusion::Inferior, beyond);
        let one_sided = 0.5 * Confidence::DEFAULT.alpha();
        let p = found.p_value.value();
        prop_assert!((p < one_sided) == within || (p / one_sided - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_one_sided_end_is_where_its_p_is_alpha(c in arm(), t in arm(), relative: bool, greater: bool) {
        let question = |null: f64| Question {
            confidence: Confidence::DEFAULT,
            scale: if relative { Scale::Relative } else { Scale::Absolute },
            test: Test::Difference,
            direction: Direction::Increase,
            alternative: if greater { Alternative::Greater } else { Alternative::Less },
            null,
            interval: IntervalKind::Contrast,
            law: Law::T,
            looks: Looks::Fixed,
        };
        let found = answer(&c, &t, &question(0.0)).unwrap();
        let end = if greater { found.lower } else { found.upper };
        if let Some(end) = end {
            let there = answer(&c, &t, &question(end)).unwrap();
            prop_assert!((there.p_value.value() - 0.05).abs() < 1e-9, "{}", there.p_value.value());
        }
    }

    #[test]
    fn adjustment_by_nothing_changes_nothing(units in units()) {
        let mut bare = AdjustedMoments::default();
        units.iter().for_each(|(y, x)| bare.add_without_pre(*y, *x));
        let adjusted = adjusted_arms(&[&bare]).unwrap()[0];
        let plain = arm_of_ratio(&moments(&units)).unwrap();
        prop_assert_eq!(adjusted.mean, plain.mean);
        prop_assert_eq!(adjusted.variance_of_mean, plain.variance_of_mean);
    }

    #[test]
    fn clusters_of_one_have_greenwoods_variance(times in prop::collection::vec((0u8..20, any::<bool>()), 4..60)) {
        let waits: Vec<(f64, bool)> = times.iter().map(|(t, a)| (f64::from(*t), *a)).collect();
        let curve = KaplanMeier::new(&WaitingTimes::of_pairs(waits.iter().copied()).unwrap());
        let greenwood = curve.restricted_mean(12.5).unwrap();
        let influence = curve.restricted_mean_influence(12.5).unwrap();
        let robust = clustered_std_error(waits.iter().map(|w| influence.of(curve.place(w.0, w.1)))).unwrap();
        let n = waits.len() as f64;
        prop_assert!((robust - greenwood.std_error * (n / (n - 1.0)).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn many_waits_stand_where_each_alone_stands(
        ended in prop::collection::vec((prop_oneof![Just(0.0), 0.0..1e-3, 0.0..50.0f64, 1e6..1e9f64], any::<bool>()), 1..80),
        asked in prop::collection::vec((prop_oneof![Just(0.0), 0.0..60.0f64, 1e5..2e9f64], any::<bool>()), 0..40),
    ) {
        let curve = KaplanMeier::new(&WaitingTimes::of_pairs(ended.iter().copied()).unwrap());
        let all: Vec<(f64, bool)> = ended.into_iter().chain(asked).collect();
        let found: Vec<_> = curve.places(all.iter().copied()).collect();
        let wanted: Vec<_> = all.iter().map(|(time, answered)| curve.place(*time, *answered)).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn the_size_of_a_schedule_has_the_planned_chance(margin in 0.01..0.3f64, p in 0.3..0.95f64, power in 0.55..0.97f64, group: bool) {
        let design = Design::new(
            Expected::Proportion { value: p }, margin, Scale::Relative, Direction::Increase, 0.0, 1.0,
        ).unwrap();
        let c = Confidence::DEFAULT;
        let schedule = |n: f64| if group {
            Schedule::group(Spending::ObrienFleming, 3, c)
        } else {
            Schedule::always_valid(c, 2.0 * n, 5000.0, 70)
        };
        let n = design.control_units_on(c, power, schedule).unwrap();
        prop_assert!((design.chance_by(n, &schedule(n).unwrap()).unwrap() - power).abs() < 1e-6);
        let once = design.control_units_on(c, power, |_| Ok(Schedule::fixed(c))).unwrap();
        prop_assert!(n > once * 0.99 - 2.0, "looking oftener takes more: {n}, {once}");
    }

    #[test]
    fn the_planned_size_has_the_planned_chance(margin in 0.01..0.3f64, p in 0.3..0.95f64, power in 0.55..0.97f64, group: bool) {
        let design = Design::new(
            Expected::Proportion { value: p }, margin, Scale::Relative, Direction::Increase, 0.0, 1.0,
        ).unwrap();
        let c = Confidence::DEFAULT;
        let rule = if group {
            Rule::group(Spending::ObrienFleming, 3, c).unwrap()
        } else {
            Rule::AlwaysValid { optimised_for: Some(5000.0), assigned_per_control: 2.0 }
        };
        let n = design.control_units(c, power, &rule).unwrap();
        prop_assert!((design.chance(n, c, &rule).unwrap() - power).abs() < 1e-6);
        prop_assert!(n > design.control_units_fixed(c, power).unwrap() * 0.999);
    }
}

#[test]
fn what_makes_no_sense_is_a_typed_error() {
    let mut one = RatioMoments::default();
    one.add(1.0, 1.0);
    assert!(matches!(arm_of_ratio(&one), Err(StatsError::TooFewUnits { found: 1, .. })));
    let impossible = RatioMoments::of_mean(10, 100.0, 10.0).unwrap();
    assert!(matches!(arm_of_ratio(&impossible), Err(StatsError::ImpossibleSums { .. })));
    let nothing = RatioMoments::from_sums(5, 0.0, 0.0, 0.0, 0.0, 0.0).unwrap();
    assert_eq!(arm_of_ratio(&nothing), Err(StatsError::ZeroDenominator));
    let still = arm_of_mean(9.0, 1.0, 0.0).unwrap();
    let asked =
        compare(&still, &still, &Test::Difference, Direction::Increase, Confidence::DEFAULT, &Looks::Fixed);
    assert_eq!(asked, Err(StatsError::NoVariance));
    assert!(RatioMoments::of_mean(3, f64::NAN, 1.0).is_err());
    assert!(arm_of_mean(5.0, 1.0, -1.0).is_err());
    assert!(Confidence::new(0.5).is_err());
}

#[test]
fn a_control_near_zero_leaves_the_relative_interval_open_and_concludes_nothing() {
    // g = 1.96²·0.02/0.01 = 7.7 of the golden case fieller-unbounded.
    let c = Arm::unadjusted(50.0, 0.1, 0.02, 49.0).unwrap();
    let t = Arm::unadjusted(50.0, 20.0, 0.02, 49.0).unwrap();
    let test = Test::NonInferiority { margin: 0.03, scale: Scale::Relative };
    let found = ask(&c, &t, test, Direction::Increase, &Looks::Fixed);
    let relative = found.relative.unwrap();
    assert_eq!((relative.lower, relative.upper), (None, None));
    assert_eq!(found.conclusion, Conclusion::NotYetShown);
    assert!(found.p_value.value() > 0.025);
    // The absolute difference is as plain as can be.
    assert!(is_above(&found.absolute, 19.0));
}
