use proptest::prelude::*;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::*;

fn position(salt: &str, purpose: Purpose, unit: &str) -> u64 {
    Draws::new(salt, purpose).position(unit)
}

/// So improbable that a right draw fails it once in a hundred thousand: the salts below are fixed, so it
/// passes always or never.
const TOO_IMPROBABLE: f64 = 1e-5;
const UNITS: u64 = 1_000_000;

/// Pearson's p-value of observed counts against weights.
fn uniform(observed: &[u64], weights: &[u32]) -> f64 {
    let all = observed.iter().sum::<u64>() as f64;
    let total = f64::from(weights.iter().sum::<u32>());
    let expected: Vec<f64> = weights.iter().map(|weight| all * f64::from(*weight) / total).collect();
    p_value(&observed.iter().map(|n| *n as f64).collect::<Vec<_>>(), &expected, observed.len() - 1)
}

/// Pearson's p-value of independence in a table of counts.
fn independent(table: &[Vec<u64>]) -> f64 {
    let (statistic, degrees) = independence(table);
    1.0 - ChiSquared::new(degrees as f64).unwrap().cdf(statistic)
}

fn independence(table: &[Vec<u64>]) -> (f64, usize) {
    let rows: Vec<f64> = table.iter().map(|row| row.iter().sum::<u64>() as f64).collect();
    let columns: Vec<f64> =
        (0..table[0].len()).map(|column| table.iter().map(|row| row[column]).sum::<u64>() as f64).collect();
    let all: f64 = rows.iter().sum();
    let mut statistic = 0.0;
    for (row, counts) in table.iter().enumerate() {
        for (column, count) in counts.iter().enumerate() {
            let expected = rows[row] * columns[column] / all;
            statistic += (*count as f64 - expected).powi(2) / expected;
        }
    }
    (statistic, (rows.len() - 1) * (columns.len() - 1))
}

fn p_value(observed: &[f64], expected: &[f64], degrees: usize) -> f64 {
    let terms = observed.iter().zip(expected).map(|(o, e)| (o - e).powi(2) / e);
    1.0 - ChiSquared::new(degrees as f64).unwrap().cdf(terms.sum())
}

/// The n-th id.
type IdOf = fn(u64) -> String;

/// Running numbers, as help desks give them, and ids without order.
fn ids() -> [(&'static str, IdOf); 2] {
    let scattered = |n: u64| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ n.rotate_left(29));
    [("running", |n| n.to_string()), ("scattered", scattered)]
}

#[test]
fn every_cohort_gets_its_part_of_a_million_ids() {
    let lists: [&[u32]; 4] = [&[50, 50], &[1, 2, 7], &[0, 3, 0, 1], &[1_000_000, 999_999, 1]];
    for (kind, id) in ids() {
        let positions: Vec<u64> = (0..UNITS).map(|n| position("a salt", Purpose::Cohort, &id(n))).collect();
        for weights in lists {
            let mut counts = vec![0u64; weights.len()];
            for position in &positions {
                counts[cohort(weights, *position).unwrap()] += 1;
            }
            let drawn = || weights.iter().zip(&counts).filter(|(weight, _)| **weight > 0);
            let (weighted, counted): (Vec<u32>, Vec<u64>) = drawn().map(|(w, n)| (*w, *n)).unzip();
            assert_eq!(counted.iter().sum::<u64>(), UNITS, "a weight of 0 draws nobody");
            let p = uniform(&counted, &weighted);
            assert!(p > TOO_IMPROBABLE, "{kind} {weights:?}: {counts:?}, p = {p}");
        }
    }
}

#[test]
fn two_experiments_are_independent_and_so_are_layer_and_cohort() {
    let weights = [1, 2, 7];
    let pairs = [
        ("two experiments", ("salt a", Purpose::Cohort), ("salt b", Purpose::Cohort)),
        ("neighbouring salts", ("salt1", Purpose::Cohort), ("salt2", Purpose::Cohort)),
        ("two layers", ("layer a", Purpose::Layer), ("layer b", Purpose::Layer)),
        ("layer and cohort", ("one salt", Purpose::Layer), ("one salt", Purpose::Cohort)),
    ];
    for (kind, id) in ids() {
        for (name, (salt_a, purpose_a), (salt_b, purpose_b)) in pairs {
            let mut table = vec![vec![0u64; 3]; 3];
            let units = if name == "two experiments" { UNITS } else { UNITS / 5 };
            for n in 0..units {
                let id = id(n);
                let draw = |salt, purpose| cohort(&weights, position(salt, purpose, &id)).unwrap();
                table[draw(salt_a, purpose_a)][draw(salt_b, purpose_b)] += 1;
            }
            let p = independent(&table);
            assert!(p > TOO_IMPROBABLE, "{kind}, {name}: {table:?}, p = {p}");
        }
    }
}

/// How some peers draw: FNV-1a over the id and the experiment's name, modulo 100. It has no avalanche, so
/// names that differ in their last character draw alike.
fn fnv_1a_percent(salt: &str, id: &str) -> u32 {
    let bytes = id.bytes().chain(salt.bytes());
    bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) % 100
}

/// The checks above see what they are for: of two experiments with neighbouring names they pass our draw and
/// fail the peers', at the limit of p = 0.001.
#[test]
fn the_same_check_catches_fnv_1a() {
    let statistic = |in_treatment: &dyn Fn(&str, &str) -> bool| {
        let mut table = vec![vec![0u64; 2]; 2];
        for id in (0..UNITS).map(|n| n.to_string()) {
            table[usize::from(in_treatment("exp-1", &id))][usize::from(in_treatment("exp-2", &id))] += 1;
        }
        independence(&table).0
    };
    let limit = ChiSquared::new(1.0).unwrap().inverse_cdf(0.999);
    assert!((limit - 10.83).abs() < 0.01);
    let ours = statistic(&|salt, id| cohort(&[50, 50], position(salt, Purpose::Cohort, id)) == Some(1));
    let peers = statistic(&|salt, id| fnv_1a_percent(salt, id) >= 50);
    assert!(ours < limit && peers > 10_000.0, "ours {ours}, peers {peers}");
}

#[test]
fn the_ranges_cover_every_position_to_the_last() {
    assert_eq!(cohort(&[50, 50], 0), Some(0));
    assert_eq!(cohort(&[50, 50], u64::MAX / 2), Some(0));
    assert_eq!(cohort(&[50, 50], u64::MAX / 2 + 1), Some(1));
    assert_eq!(cohort(&[50, 50], u64::MAX), Some(1));
    assert_eq!(cohort(&[0, 1, 0], 0), Some(1));
    assert_eq!(cohort(&[0, 1, 0], u64::MAX), Some(1));
    assert_eq!(cohort(&[0, 0], 7), None);
    assert_eq!(cohort(&[u32::MAX; 3], u64::MAX), Some(2));
    let whole = Range::new(12345, 1.0);
    assert!(whole.is_whole() && whole.contains(0) && whole.contains(u64::MAX) && whole.contains(12344));
    assert_eq!(whole.end(), 12345);
}

#[test]
fn inputs_never_run_together() {
    assert_ne!(position("ab", Purpose::Cohort, "c"), position("a", Purpose::Cohort, "bc"));
    assert_ne!(position("a", Purpose::Cohort, "layer"), position("a", Purpose::Layer, "cohort"));
    assert_ne!(position("a\0", Purpose::Cohort, "b"), position("a", Purpose::Cohort, "\0b"));
}

#[test]
fn halves_of_a_layer_share_nobody_and_together_take_everybody() {
    let first = Range::new(0xdead_beef_0000_0000, 0.5);
    let second = Range::new(first.end(), 0.5);
    for n in 0..100_000 {
        let position = position("layer", Purpose::Layer, &n.to_string());
        assert!(first.contains(position) != second.contains(position));
    }
    let thirds: Vec<Range> = (0..3)
        .scan(0, |offset, _| {
            let range = Range::new(*offset, 1.0 / 3.0);
            *offset = range.end();
            Some(range)
        })
        .collect();
    let takers = |n: u64| {
        thirds.iter().filter(|range| range.contains(position("l", Purpose::Layer, &n.to_string()))).count()
    };
    assert!((0..100_000).all(|n| takers(n) == 1));
}

proptest! {
    #[test]
    fn widening_a_share_keeps_all_that_it_had(offset: u64, a in 0.0..=1.0, b in 0.0..=1.0, position: u64) {
        let (narrow, wide) = (Range::new(offset, f64::min(a, b)), Range::new(offset, f64::max(a, b)));
        prop_assert!(!narrow.contains(position) || wide.contains(position));
    }

    #[test]
    fn a_drawn_cohort_has_weight_and_every_position_draws(
        weights in proptest::collection::vec(prop_oneof![Just(0u32), 1..=1_000_000u32, any::<u32>()], 1..8),
        position: u64,
    ) {
        match cohort(&weights, position) {
            Some(index) => prop_assert!(weights[index] > 0),
            None => prop_assert!(weights.iter().all(|weight| *weight == 0)),
        }
    }

    #[test]
    fn later_positions_never_draw_earlier_cohorts(
        weights in proptest::collection::vec(0u32..100, 2..6), a: u64, b: u64,
    ) {
        prop_assert!(cohort(&weights, a.min(b)) <= cohort(&weights, a.max(b)));
    }
}
