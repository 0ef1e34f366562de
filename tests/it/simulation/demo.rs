//! The demo's database and what it shows.

use patience::{
    analysis::document::{Conclusion, Outcome},
    demo,
    domain::{assignment::Snapshot, calendar::Calendar},
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
        units::for_each(db, &experiment, &units::Range::all(), |unit| {
            stored.push(unit);
            Ok::<_, StorageError>(())
        })?;
        Ok::<_, StorageError>(stored)
    });
    assert_eq!(stored.unwrap(), expected);
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
    for name in ["csat", "net_revenue_retention", "questions_asked", "conversations_per_agent_hour"] {
        println!("{name}: {:?}", show(name));
    }
    println!("{:#?}", analysis.verdict);
    println!("{:#?}", analysis.health);
    println!("{:#?}", analysis.economics);
    assert_eq!(analysis.cohorts.iter().map(|cohort| cohort.units).sum::<u64>(), 20_000);
    assert!(analysis.health.sample_ratio.ok && analysis.health.delivery.ok);
    assert_eq!(show("csat").1, Conclusion::NonInferior);
    assert_eq!(show("net_revenue_retention").1, Conclusion::NonInferior);
    assert_eq!(show("conversations_per_agent_hour").1, Conclusion::Better);
    assert_eq!(analysis.verdict.outcome, Outcome::Ship);
}
