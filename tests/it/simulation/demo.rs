//! The demo's database and what it shows.

use patience::{
    analysis::document::{Conclusion, Outcome},
    demo,
    domain::{
        assignment::Snapshot, calendar::Calendar, event::Attributes, event_json::canonical, unit::UnitRecord,
    },
    simulation::{Memory, World, published, run},
    storage::{StorageError, Store, units},
};

use super::analysed;

#[test]
fn the_database_holds_what_the_desk_lived_through() {
    let world = World { customers: 150, weeks: 6, ..World::published(3) };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/demo.db", folder.path().display());
    let store = Store::open(&url.parse().unwrap()).unwrap();
    let (experiment, tally) = demo::fill(&store, &world, |_| {}).unwrap();

    // The same world against memory, under the salts that the database gave.
    let office = Calendar::new(published::office_hours(&world)).unwrap();
    let mut memory = Memory::new(Snapshot::new([experiment.clone()], [office]).unwrap());
    let Ok(again) = run(&world, &mut memory);
    assert_eq!(tally, again);
    let expected: Vec<_> = memory.units(&experiment).collect();
    assert_eq!(expected.len(), 150);
    let stored = store.read(|db| {
        let mut stored = Vec::new();
        units::for_each(db, &experiment, |unit| {
            stored.push(unit.clone());
            Ok::<_, StorageError>(())
        })?;
        Ok::<_, StorageError>(stored)
    });
    let stored = stored.unwrap();
    assert_eq!(stored.len(), expected.len());
    for (stored, expected) in stored.iter().zip(&expected) {
        assert_eq!(as_told(stored), as_told(expected));
    }
}

/// A unit with the numbers of its attributes as JSON has them: `99` is `99.0`.
fn as_told(unit: &UnitRecord) -> (UnitRecord, String) {
    let attributes = canonical(&serde_json::to_value(&unit.attributes).unwrap());
    (UnitRecord { attributes: Attributes::new(), ..unit.clone() }, attributes)
}

#[test]
fn the_demo_tells_a_clear_story_with_the_published_effects() {
    let world = World::published(demo::SEED);
    let experiment = published::running(&world, &demo::salt(&world));
    let analysis = analysed(&world, &experiment, demo::clock(&world));
    let show = |name: &str| {
        let metric = analysis.metrics.iter().find(|metric| metric.metric == name).expect(name);
        (metric.comparisons[0].relative, metric.comparisons[0].conclusion)
    };
    assert_eq!(analysis.cohorts.iter().map(|cohort| cohort.units).sum::<u64>(), 20_000);
    assert!(analysis.health.sample_ratio.ok && analysis.health.delivery.ok);
    assert_eq!(show("csat").1, Conclusion::NonInferior);
    assert_eq!(show("net_revenue_retention").1, Conclusion::NonInferior);
    assert_eq!(show("conversations_per_agent_hour").1, Conclusion::Better);
    assert_eq!(show("questions_asked").1, Conclusion::Better);
    assert_eq!(analysis.verdict.outcome, Outcome::Ship, "{:#?}", analysis.verdict);
    let month = analysis.economics.and_then(|economics| economics.per_customer_month).unwrap();
    // Fewer questions and shorter handling: 1 − 0.96/1.2, a fifth, of 0.4 conversations × 15.5 minutes × $38
    // a month; a customer reopens 7 in 100 at half the work.
    assert!((month.saving - 0.2 * 0.4 * 15.5 / 60.0 * 38.0).abs() < 0.1, "{month:?}");
    assert!(month.net_value.lower.unwrap() > 0.0, "the money is settled, too: {month:?}");
    assert!((month.saving - month.retention_loss - month.net_value.estimate.unwrap()).abs() < 1e-9);
}
