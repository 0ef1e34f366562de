//! What the whole path says of simulated worlds whose truth is known.

mod coverage;
mod demo;

use std::collections::BTreeMap;

use patience::{
    analysis::{self, Study, document::Analysis},
    domain::{assignment::Snapshot, calendar::Calendar, experiment::Experiment, time::Moment},
    simulation::{Memory, World, published, run},
};

/// Lives a world against Patience in memory and analyses it as of a moment.
fn analysed(world: &World, experiment: &Experiment, as_of: Moment) -> Analysis {
    let office = Calendar::new(published::office_hours(world)).expect("our own calendar");
    let snapshot = Snapshot::new([experiment.clone()], [office.clone()]).expect("our own experiment");
    let mut memory = Memory::new(snapshot);
    let Ok(_) = run(world, &mut memory);
    let calendars = BTreeMap::from([office, Calendar::always()].map(|c| (c.key().clone(), c)));
    analysis_of(&memory, experiment, &calendars, as_of)
}

fn analysis_of(
    memory: &Memory,
    experiment: &Experiment,
    calendars: &BTreeMap<patience::domain::ids::CalendarKey, Calendar>,
    as_of: Moment,
) -> Analysis {
    let study = Study {
        experiment,
        calendars,
        as_of,
        now: as_of,
        ledger_position: 0,
        looks: None,
        rejected_share: None,
        ahead_of_clock: 0,
    };
    let units: Vec<_> = memory.units(experiment).collect();
    analysis::run(&study, &units).expect("its calendars are there")
}
