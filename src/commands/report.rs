//! `patience refresh` and `patience report`.

use std::{fs, io::Write, path::Path};

use super::Failure;
use crate::{
    actions,
    domain::{ids::ExperimentKey, time::Clock},
    reports,
    settings::{Settings, SystemClock},
    storage::{Store, analyses, experiments},
};

pub(super) fn refresh(settings: &Settings, key: &ExperimentKey) -> Result<(), Failure> {
    let store = Store::open_existing(&settings.database_url)?;
    let now = SystemClock.now();
    let analysis = actions::refresh(&store, key, now, now).map_err(Failure::new)?;
    println!("{key}: analysis {}, {}", analysis.analysis, analysis.verdict.headline);
    Ok(())
}

pub(super) fn run(
    settings: &Settings,
    key: &ExperimentKey,
    format: &str,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let format = reports::format(format).map_err(Failure::new)?;
    let store = Store::open_existing(&settings.database_url)?;
    let (experiment, analysis) =
        store.read(|db| Ok::<_, Failure>((experiments::get(db, key)?, analyses::latest(db, key)?)))?;
    let analysis = analysis.ok_or_else(|| {
        Failure::new(format!("{key} has no analysis yet: `patience refresh {key}` makes one"))
    })?;
    let file = actions::report(format, &experiment, &analysis).map_err(Failure::new)?;
    match output {
        Some(path) => fs::write(path, file.bytes)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?,
        None => std::io::stdout().lock().write_all(&file.bytes)?,
    }
    Ok(())
}
