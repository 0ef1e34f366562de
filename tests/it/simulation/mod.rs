//! What the whole path says of simulated worlds whose truth is known.

mod coverage;
mod demo;

use patience::{
    analysis::document::Analysis,
    domain::{experiment::Experiment, time::Moment},
    simulation::{Trial, World},
};

/// Lives a world against Patience in memory and analyses it as of a moment.
fn analysed(world: &World, experiment: &Experiment, as_of: Moment) -> Analysis {
    let trial = Trial::live(world, experiment.clone()).expect("our own rules");
    trial.analysis(as_of).expect("its calendars are there")
}
