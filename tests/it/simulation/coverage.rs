//! Intervals must cover the truth as often as they claim: many small worlds, each with the same true effects.

use std::{collections::BTreeMap, ops::Range};

use patience::simulation::{Effects, World, published};
use statrs::distribution::{Binomial, DiscreteCDF};

use super::analysed;

fn world(seed: u64, effects: Effects) -> World {
    World {
        customers: 400,
        weeks: 10,
        questions_per_month: 1.0,
        churn_per_month: 0.10,
        effects,
        ..World::small(seed)
    }
}

/// Of each metric with a known truth: how many of the intervals covered it, on the relative scale.
fn covered(effects: Effects, seeds: Range<u64>) -> BTreeMap<&'static str, (u64, u64)> {
    let truths = [
        ("csat", effects.csat),
        ("net_revenue_retention", effects.net_revenue_retention),
        ("questions_asked", effects.questions_asked),
        ("conversations_per_agent_hour", effects.conversations_per_agent_hour),
    ];
    let of_seed = |seed: u64| {
        let world = world(seed, effects);
        let analysis =
            analysed(&world, &published::running(&world, &format!("salt {seed}")), world.ends_at());
        truths.map(|(name, truth)| {
            let metric = analysis.metrics.iter().find(|metric| metric.metric == name).expect("it is planned");
            let relative = metric.comparisons[0].relative;
            // An end that is unbounded covers everything on its side.
            relative.lower.is_none_or(|lower| lower <= truth)
                && relative.upper.is_none_or(|upper| truth <= upper)
        })
    };
    let middle = seeds.start + (seeds.end - seeds.start) / 2;
    let halves = [seeds.start..middle, middle..seeds.end];
    let hits: Vec<[bool; 4]> = std::thread::scope(|threads| {
        let of_range = |range: Range<u64>| threads.spawn(move || range.map(of_seed).collect::<Vec<_>>());
        let threads = halves.map(of_range);
        threads.into_iter().flat_map(|thread| thread.join().expect("it ends")).collect()
    });
    let names = truths.iter().enumerate();
    names
        .map(|(i, (name, _))| (*name, (hits.iter().filter(|hit| hit[i]).count() as u64, hits.len() as u64)))
        .collect()
}

/// Fails where as few, or as many, covered intervals would come up once in a thousand honest runs.
fn assert_covers_as_claimed(covered: &BTreeMap<&str, (u64, u64)>, confidence: f64) {
    for (metric, &(hits, runs)) in covered {
        let law = Binomial::new(confidence, runs).expect("a probability");
        println!("{metric}: {hits} of {runs} intervals at {confidence} cover the truth");
        assert!(law.cdf(hits) > 0.0005, "{metric}: only {hits} of {runs} intervals cover the truth");
        assert!(law.sf(hits.saturating_sub(1)) > 0.0005, "{metric}: {hits} of {runs} is more than claimed");
    }
}

#[test]
fn intervals_cover_true_effects_as_often_as_they_claim() {
    assert_covers_as_claimed(&covered(Effects::PUBLISHED, 0..200), 0.95);
}

#[test]
#[ignore = "minutes"]
fn intervals_cover_true_effects_over_many_more_worlds() {
    assert_covers_as_claimed(&covered(Effects::PUBLISHED, 1000..3000), 0.95);
    assert_covers_as_claimed(&covered(Effects::default(), 5000..7000), 0.95);
}
