//! `patience analyze` and `patience plan`: a request from a file, an answer to stdout, no database.

use std::{io::Read, path::Path};

use serde_json::Value;

use super::{Failure, files::Files, import};
use crate::{actions, analyze, settings::Settings};

pub(super) fn analyze(file: &Path) -> Result<(), Failure> {
    answer(file, analyze::analyze)
}

/// The calendars are those of the folder: there is no database here.
pub(super) fn plan(settings: &Settings, file: &Path) -> Result<(), Failure> {
    let folder = &settings.calendars;
    let files = if folder.is_dir() {
        Files::read(std::slice::from_ref(folder))?.unwrap_or_default()
    } else {
        Files::default()
    };
    answer(file, |request| actions::plan(request, &files.calendars))
}

fn answer(file: &Path, infer: impl Fn(&Value) -> Result<Value, analyze::Problem>) -> Result<(), Failure> {
    let mut text = Vec::new();
    import::open(file)?.0.read_to_end(&mut text)?;
    let request = serde_json::from_slice(&text)
        .map_err(|error| Failure::new(format!("{} is not JSON: {error}", file.display())))?;
    let answer = infer(&request).map_err(Failure::new)?;
    println!("{}", serde_json::to_string_pretty(&answer).map_err(Failure::new)?);
    Ok(())
}
