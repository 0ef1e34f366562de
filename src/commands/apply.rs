//! `patience apply`: files into the database, all or nothing.

use std::path::PathBuf;

use super::{
    Failure,
    files::{Files, placed},
};
use crate::{
    actions::{self, DefineError},
    domain::{mistake::Mistake, role::COMMAND_LINE, time::Clock},
    settings::{Settings, SystemClock},
    storage::{StorageError, Store, calendars, experiments::Put},
};

pub(super) fn run(settings: &Settings, paths: &[PathBuf], check: bool) -> Result<(), Failure> {
    let files = Files::read(paths)?.map_err(|mistakes| refused(&mistakes))?;
    let store = Store::open(&settings.database_url)?;
    let (now, count) = (SystemClock.now(), files.calendars.len() + files.experiments.len());
    let outcome = store.write(move |db| {
        let mut lines = Vec::new();
        for calendar in &files.calendars {
            let done = if calendars::put(db, calendar, now)? { "updated" } else { "unchanged" };
            lines.push(format!("calendar {}: {done}", calendar.key));
        }
        let mut mistakes = Vec::new();
        for (definition, file) in &files.experiments {
            match actions::put_experiment(db, definition, now, COMMAND_LINE) {
                Ok(put) => {
                    let done = match put {
                        Put::Created => "created, a draft",
                        Put::Changed => "updated",
                        Put::Unchanged => "unchanged",
                    };
                    lines.push(format!("experiment {}: {done}", definition.key));
                }
                Err(DefineError::Mistakes(found)) => mistakes.extend(placed(found, file)),
                Err(error @ DefineError::Storage(StorageError::Refused(_))) => {
                    mistakes.extend(placed(vec![Mistake::new("", error.to_string())], file));
                }
                Err(DefineError::Storage(error)) => return Err(Outcome::Storage(error)),
            }
        }
        match (mistakes.is_empty(), check) {
            (false, _) => Err(Outcome::Mistakes(mistakes)),
            // An error takes everything back that was done to find out.
            (true, true) => Err(Outcome::Checked),
            (true, false) => Ok(lines),
        }
    });
    match outcome {
        Ok(lines) => {
            for line in lines {
                println!("{line}");
            }
            Ok(())
        }
        Err(Outcome::Checked) => {
            println!("{count} files are in order");
            Ok(())
        }
        Err(Outcome::Mistakes(mistakes)) => Err(refused(&mistakes)),
        Err(Outcome::Storage(error)) => Err(error.into()),
    }
}

/// Why nothing was kept.
enum Outcome {
    Checked,
    Mistakes(Vec<Mistake>),
    Storage(StorageError),
}

impl From<StorageError> for Outcome {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// One line a mistake, as compilers write them.
fn refused(mistakes: &[Mistake]) -> Failure {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let count = match lines.len() {
        1 => "1 mistake".to_owned(),
        n => format!("{n} mistakes"),
    };
    Failure::new(format!("{count}, nothing was changed\n{}", lines.join("\n")))
}
