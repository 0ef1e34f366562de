//! `patience refresh` and `patience report`.

use std::{fs::File, io, path::Path};

use super::Failure;
use crate::{
    actions::{self, ReportFailure},
    domain::{ids::ExperimentKey, time::Clock},
    language::Language,
    reports,
    settings::{Settings, SystemClock},
    storage::Store,
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
    language: Language,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let format = reports::format(format).map_err(Failure::new)?;
    let store = Store::open_existing(&settings.database_url)?;
    // Who may run commands on the database may read it.
    let asked = actions::ReportRequest { experiment: key, analysis: None, language, sees_customers: true };
    let mut report = actions::report(&store, format, &asked).map_err(|failure| match failure {
        ReportFailure::NoAnalysis => {
            Failure::new(format!("{key} has no analysis yet: `patience refresh {key}` makes one"))
        }
        other => Failure::new(other),
    })?;
    match output {
        Some(path) => {
            let copied = File::create(path).and_then(|mut file| io::copy(&mut report.file, &mut file));
            copied.map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
        }
        None => {
            io::copy(&mut report.file, &mut io::stdout().lock())?;
        }
    }
    Ok(())
}
