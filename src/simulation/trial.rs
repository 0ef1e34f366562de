//! A world lived against Patience in memory, and what Patience would have said of it on any day.

use std::collections::BTreeMap;

use super::{Memory, World, published, run};
use crate::{
    analysis::{self, AnalysisError, Study, document::Analysis},
    domain::{
        assignment::{Snapshot, SnapshotError},
        calendar::Calendar,
        experiment::Experiment,
        ids::CalendarKey,
        time::Moment,
        unit::UnitRecord,
    },
};

/// A world that has been lived, with its experiment.
#[derive(Debug)]
pub struct Trial {
    /// The experiment.
    pub experiment: Experiment,
    /// Its units with all that was told of them, in the order of their ids.
    pub units: Vec<UnitRecord>,
    calendars: BTreeMap<CalendarKey, Calendar>,
}

impl Trial {
    /// Lives a world to its planned end.
    ///
    /// # Errors
    /// A rule of the experiment does not compile.
    pub fn live(world: &World, experiment: Experiment) -> Result<Self, SnapshotError> {
        let calendars = published::calendars(world);
        let snapshot = Snapshot::new([experiment.clone()], calendars.values().cloned())?;
        let mut memory = Memory::new(snapshot);
        let Ok(_) = run(world, &mut memory);
        let units = memory.units(&experiment).collect();
        Ok(Self { experiment, units, calendars })
    }

    /// What an analysis as of a moment is made from, units apart.
    pub fn study(&self, as_of: Moment) -> Study<'_> {
        Study::new(&self.experiment, &self.calendars, as_of)
    }

    /// The analysis as of a moment; it sees only what had happened by then.
    ///
    /// # Errors
    /// A cohort names a calendar that is neither the world's nor `always`.
    pub fn analysis(&self, as_of: Moment) -> Result<Analysis, AnalysisError> {
        analysis::run(&self.study(as_of), &self.units)
    }
}
