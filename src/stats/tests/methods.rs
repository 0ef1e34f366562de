//! Single methods against outside figures and brute force.

use crate::stats::bounds::{Responses, lee_bounds};
use crate::stats::distributions::normal_tail;
use crate::stats::sequential::group::{after_stopping, crossing};
use crate::stats::sequential::{Sides, Spending, boundaries};
use crate::stats::survival::{KaplanMeier, WaitingTimes, log_rank};
use crate::stats::{Confidence, Direction, Looks, StatsError, Test, arm_of_mean, compare};

fn waits(answered: &[f64], waiting: &[f64]) -> WaitingTimes {
    let all = answered.iter().map(|t| (*t, true)).chain(waiting.iter().map(|t| (*t, false)));
    WaitingTimes::of_pairs(all).unwrap()
}

#[test]
fn log_rank_agrees_with_scipy() {
    // scipy 1.17.1 stats.logrank on the data of the golden case r-rmst-censored-frt.
    let c = waits(&[0.5, 1.2, 2.0, 3.1, 4.4, 7.5, 8.0, 9.3, 16.0], &[6.0, 12.0, 20.0]);
    let t = waits(&[0.2, 0.4, 0.9, 1.1, 1.5, 2.2, 3.0, 4.1, 5.0, 8.0], &[2.9, 11.0]);
    let p = log_rank(&c, &t).unwrap().value();
    assert!((p - 0.094_867_761_399_455_26).abs() < 1e-12, "{p}");
}

#[test]
fn a_curve_falls_as_counted_by_hand() {
    let whole = KaplanMeier::new(&waits(&[1.0, 2.0, 2.0, 2.0, 4.0], &[1.0, 3.0]));
    // S(1) = 6/7, at 2 five at risk and three answered: 6/7·2/5.
    assert!((whole.still_waiting(2.0) - 6.0 / 7.0 * 0.4).abs() < 1e-15);
    assert_eq!(whole.median(), Some(2.0));
    assert_eq!(KaplanMeier::new(&waits(&[1.0], &[2.0, 2.0])).median(), None);
}

#[test]
fn one_look_is_no_sequential_test() {
    let found = after_stopping(&[0.64], &[], 2.1, Sides::Two).unwrap();
    assert!((found.stagewise_p - normal_tail(2.1)).abs() < 1e-14);
    // Z has mean drift·√t, so the median-unbiased drift is z/√t.
    assert!((found.median_unbiased_drift - 2.1 / 0.8).abs() < 1e-9);
}

#[test]
fn stopping_early_draws_the_estimate_back() {
    let t = [0.5, 1.0];
    let z = boundaries(Spending::Pocock, &t, 0.05, Sides::Two).unwrap().z;
    let naive = 2.5; // Z at t = 1
    let found = after_stopping(&t, &z[..1], naive, Sides::Two).unwrap();
    assert!(found.median_unbiased_drift < naive);
    // p is the chance of having stopped above at the first look, and of what is beyond at the last.
    assert!(found.stagewise_p > normal_tail(naive));
}

#[test]
fn an_over_run_keeps_what_was_spent() {
    let planned = boundaries(Spending::ObrienFleming, &[0.5, 1.0], 0.05, Sides::Two).unwrap();
    let over = boundaries(Spending::ObrienFleming, &[0.5, 1.2], 0.05, Sides::Two).unwrap();
    assert_eq!(planned.z[0], over.z[0]);
    let exits = crossing(&[0.5, 1.2], &over.z, Sides::Two, 0.0).unwrap();
    let error: f64 = exits.iter().map(|e| e.0 + e.1).sum();
    assert!((error - 0.05).abs() < 1e-10, "{error}");
    // Nothing is left after that.
    let later = boundaries(Spending::ObrienFleming, &[0.5, 1.2, 1.3], 0.05, Sides::Two).unwrap();
    assert!(later.z[2].is_infinite());
    let arm = arm_of_mean(90.0, 1.0, 1.0).unwrap();
    let other = arm_of_mean(90.0, 9.0, 1.0).unwrap();
    let looks = Looks::GroupSequential {
        spending: Spending::ObrienFleming,
        information: vec![0.5, 1.2, 1.3],
        look: 3,
    };
    let found =
        compare(&arm, &other, &Test::Difference, Direction::Increase, Confidence::DEFAULT, &looks).unwrap();
    assert_eq!((found.absolute.lower, found.absolute.upper), (None, None));
}

#[test]
fn bounds_of_equal_response_are_one_number() {
    let c = Responses::of_counts(10.0, [(1.0, 2.0), (5.0, 3.0)]).unwrap();
    let t = Responses::of_counts(20.0, [(1.0, 3.0), (5.0, 7.0)]).unwrap();
    let found = lee_bounds(&c, &t).unwrap();
    assert_eq!((found.lower, found.upper), (found.naive, found.naive));
    let nobody = Responses::of_counts(10.0, []);
    assert!(matches!(nobody, Err(StatsError::NoResponders { .. })));
}

/// The curve that an analysis reads its many p-values off, against the search for each one.
#[test]
fn p_values_read_off_the_curve_are_those_that_the_search_finds() {
    use crate::stats::sequential::{RepeatedP, group::repeated_p};
    for (spending, information) in [
        (Spending::ObrienFleming, &[0.2, 0.4, 0.7][..]),
        (Spending::Pocock, &[0.1, 0.15, 0.5, 1.1]),
        (Spending::ObrienFleming, &[0.03]),
        (Spending::ObrienFleming, &[1e-6]),
    ] {
        let curve = RepeatedP::two_sided(spending, information).unwrap();
        for z in [0.3, 1.1, -2.0, 2.6, 4.0, 6.0] {
            let wanted = repeated_p(spending, information, f64::abs(z), Sides::Two).unwrap();
            let found = curve.of(z);
            assert!((found - wanted).abs() <= 1e-6 * wanted + 1e-18, "{spending:?} {z}: {found} {wanted}");
        }
    }
}
