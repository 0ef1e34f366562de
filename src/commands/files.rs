//! Reading definition files: all of them, all their mistakes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    commands::Failure,
    definitions::{self, Kind, kind_of, read_calendar_toml, read_experiment_toml},
    domain::{calendar::CalendarDefinition, experiment::Definition, mistake::Mistake},
};

/// What a set of files defines.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub calendars: Vec<CalendarDefinition>,
    pub experiments: Vec<(Definition, PathBuf)>,
}

impl Files {
    /// Reads files and folders of them, in any order.
    ///
    /// # Errors
    /// A path cannot be read (then nothing else is looked at), or files hold mistakes: all are told.
    pub fn read(paths: &[PathBuf]) -> Result<Result<Self, Vec<Mistake>>, Failure> {
        let (mut files, mut mistakes) = (Self::default(), Vec::new());
        for path in paths {
            for file in files_of(path)? {
                let text = fs::read_to_string(&file)
                    .map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))?;
                if let Err(found) = files.take(&file, &text) {
                    mistakes.extend(found);
                }
            }
        }
        mistakes.extend(files.twice());
        Ok(if mistakes.is_empty() { Ok(files) } else { Err(mistakes) })
    }

    fn take(&mut self, file: &Path, text: &str) -> Result<(), Vec<Mistake>> {
        let name = file.display().to_string();
        match kind_of(text) {
            Kind::Experiment => {
                self.experiments.push((read_experiment_toml(text, &name)?, file.to_owned()));
            }
            Kind::Calendar => {
                let beside = |wanted: &str| {
                    let path = file.parent().unwrap_or(Path::new(".")).join(wanted);
                    fs::read_to_string(&path)
                        .map_err(|error| format!("cannot read {}: {error}", path.display()))
                };
                self.calendars.push(read_calendar_toml(text, &name, beside)?.definition().clone());
            }
        }
        Ok(())
    }

    /// Of two files that define one thing nobody could say which counts.
    fn twice(&self) -> Vec<Mistake> {
        let mut seen = BTreeSet::new();
        let experiments =
            self.experiments.iter().map(|(definition, _)| ("experiment", definition.key.to_string()));
        let calendars = self.calendars.iter().map(|calendar| ("calendar", calendar.key.to_string()));
        experiments
            .chain(calendars)
            .filter(|thing| !seen.insert(thing.clone()))
            .map(|(what, key)| Mistake::new("/key", format!("two files define the {what} {key}: remove one")))
            .collect()
    }
}

/// Adds the file, and the line on which the pointer's last field stands, where it can be found.
pub(super) fn placed(mistakes: Vec<Mistake>, file: &Path) -> Vec<Mistake> {
    let text = fs::read_to_string(file).unwrap_or_default();
    definitions::place(mistakes, &text, &file.display().to_string())
}

/// A file stands for itself, a folder for the TOML files in it, by name.
fn files_of(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let cannot = |error| Failure::new(format!("cannot read {}: {error}", path.display()));
    if !fs::metadata(path).map_err(cannot)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(cannot)? {
        let file = entry.map_err(cannot)?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
