//! Waits against figures of lifelines 0.30 and numpy: `unit_waits` there makes the same data.
//!
//! `bootstrap` figures are standard deviations over 1,500 resamples of units, good to about 4%.
#![allow(clippy::unreadable_literal, reason = "figures stand as the other software printed them")]

use crate::{
    analysis::waits::Waits,
    domain::time::Wait,
    stats::{Confidence, survival},
};

/// Waits of `units` units, up to `most` each; a unit's waits hang together. Every sixth has not ended.
fn unit_waits(slow: bool, units: u32, most: u32) -> Waits {
    let mut waits = Waits::default();
    let mut n = 0;
    for unit in 0..units {
        let base = (f64::from(unit + 1) * 0.6180339887498949).fract();
        for _ in 0..=(unit * 7) % most {
            n += 1;
            let own = (f64::from(n) * 0.41421356237309515).fract();
            let hours = (0.2 + 4.0 * base + 3.0 * own) * if slow { 1.3 } else { 1.0 };
            #[allow(clippy::cast_possible_truncation, reason = "a few hours")]
            waits.add(Wait::from_ms((hours * 3_600_000.0).round() as i64), n % 6 != 0);
        }
        waits.end_unit();
    }
    waits
}

#[track_caller]
fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within * wanted.abs(), "found {found}, wanted {wanted}");
}

#[test]
fn one_wait_a_unit_is_what_lifelines_says() {
    let (usual, slow) = (unit_waits(false, 120, 1), unit_waits(true, 110, 1));
    let (usual, slow) = (usual.curve().unwrap(), slow.curve().unwrap());
    for (curve, percentiles, mean, within) in [
        (
            &usual,
            [3.959451111111111, 5.0625430555555555, 5.9388322222222225, 6.512715277777778],
            3.708915333718807,
            0.28980604383651265,
        ),
        (
            &slow,
            [5.276838611111111, 6.456221388888889, 7.573059722222222, 8.073402222222223],
            4.224340636532926,
            0.16556226032032573,
        ),
    ] {
        for (share, wanted) in [0.5, 0.75, 0.9, 0.95].into_iter().zip(percentiles) {
            near(curve.percentile(share, Confidence::DEFAULT).estimate.unwrap(), wanted, 1e-9);
        }
        near(curve.restricted_mean(5.0).unwrap().value, mean, 1e-9);
        let share = curve.share_within(3.0).unwrap();
        near(share.value, within, 1e-9);
        // Greenwood's error, but for the correction for few units.
        near(share.std_error, curve.km().share_answered_within(3.0).std_error, 0.01);
    }
    // statsmodels and lifelines have no robust log-rank test: numpy, score by score from its definition.
    near(usual.log_rank(&slow).unwrap().value(), 1.60683044871533e-08, 1e-6);
}

#[test]
fn several_waits_a_unit_are_no_more_than_that_unit_knows() {
    let (usual, slow) = (unit_waits(false, 120, 5), unit_waits(true, 110, 5));
    let (usual, slow) = (usual.curve().unwrap(), slow.curve().unwrap());
    for (curve, mean, mean_bootstrap, within, within_bootstrap) in [
        (&usual, 3.705023638634312, 0.09555221042193299, 0.3055741824359828, 0.03137710640705708),
        (&slow, 4.235214615108539, 0.08710208662003155, 0.15564351289416023, 0.02182989707783123),
    ] {
        let found = curve.restricted_mean(5.0).unwrap();
        near(found.value, mean, 1e-9);
        near(found.std_error, mean_bootstrap, 0.08);
        let share = curve.share_within(3.0).unwrap();
        near(share.value, within, 1e-9);
        near(share.std_error, within_bootstrap, 0.08);
    }
    // Percentiles of the bootstrap: 3.633 to 4.163, and 5.759 to 6.120 of the ninetieth percentile.
    let median = usual.percentile(0.5, Confidence::DEFAULT);
    near(median.lower.unwrap(), 3.63332444, 0.03);
    near(median.upper.unwrap(), 4.16295494, 0.03);
    let p90 = usual.percentile(0.9, Confidence::DEFAULT);
    near(p90.lower.unwrap(), 5.75904167, 0.03);
    // Woodruff takes the noise at the percentile itself, above it there is less: a little wide.
    near(p90.upper.unwrap(), 6.12034611, 0.05);

    let difference = survival::difference(
        usual.restricted_mean(5.0).unwrap(),
        slow.restricted_mean(5.0).unwrap(),
        Confidence::DEFAULT,
    );
    near(difference.unwrap().std_error, 0.09555221042193299_f64.hypot(0.08710208662003155), 0.08);
    // As if all waits were strangers to each other the log-rank test would say 3.0e-19.
    near(usual.log_rank(&slow).unwrap().value(), 1.903204139332454e-12, 1e-6);
}

/// The same units in two periods: what they share falls out of the difference.
#[test]
fn before_and_after_are_compared_unit_by_unit() {
    let (before, since) = (unit_waits(false, 120, 5), unit_waits(true, 120, 5));
    let change = since.curve().unwrap().longer_than(&before.curve().unwrap(), 5.0).unwrap();
    near(change.value, 0.5297448670284539, 1e-9);
    near(change.std_error, 0.026869587710036433, 0.08);

    // Units without waits in one period, and ranges merged, keep their places.
    let (mut early, mut late) = (Waits::default(), Waits::default());
    for (hours, first) in [(1, true), (3, false), (2, true), (5, false)] {
        let waits = if first { &mut early } else { &mut late };
        waits.add(Wait::from_ms(hours * 3_600_000), true);
        early.end_unit();
        late.end_unit();
    }
    let (mut merged_early, mut merged_late) = (early.clone(), late.clone());
    merged_early.merge(early.clone());
    merged_late.merge(late.clone());
    let apart = late.curve().unwrap().longer_than(&early.curve().unwrap(), 10.0).unwrap();
    // Nobody has waits in both: as two groups of strangers, but for the correction for few units.
    let alone = [&early, &late].map(|waits| waits.curve().unwrap().restricted_mean(10.0).unwrap().std_error);
    near(apart.value, 4.0 - 1.5, 1e-12);
    near(apart.std_error, alone[0].hypot(alone[1]) * (0.5 * 4.0 / 3.0_f64).sqrt(), 1e-9);
    let twice = merged_late.curve().unwrap().longer_than(&merged_early.curve().unwrap(), 10.0).unwrap();
    near(twice.value, apart.value, 1e-12);
    near(twice.std_error, apart.std_error * (8.0 / 7.0 * 3.0 / 4.0 / 2.0_f64).sqrt(), 1e-9);
}
