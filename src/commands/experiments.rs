//! `patience export`, `start`, `pause`, `resume`, `stop`.

use super::Failure;
use crate::{
    actions,
    definitions::write_experiment_toml,
    domain::{experiment::Move, ids::ExperimentKey, role::COMMAND_LINE, time::Clock},
    settings::{Settings, SystemClock},
    storage::{Store, experiments},
};

pub(super) fn export(settings: &Settings, key: &ExperimentKey) -> Result<(), Failure> {
    let store = Store::open_existing(&settings.database_url)?;
    let experiment = store.read(|db| experiments::get(db, key))?;
    print!("{}", write_experiment_toml(&experiment.definition));
    Ok(())
}

pub(super) fn move_on(settings: &Settings, key: &ExperimentKey, wanted: Move) -> Result<(), Failure> {
    let store = Store::open(&settings.database_url)?;
    let experiment = actions::advance(&store, key, wanted, SystemClock.now(), COMMAND_LINE)?;
    println!("{}: {}", experiment.definition.key, experiment.status);
    Ok(())
}
