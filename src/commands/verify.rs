//! `patience verify`, `backup` and `restore`.

use std::path::Path;

use super::Failure;
use crate::{settings::Settings, storage::Store};

pub(super) fn verify(settings: &Settings) -> Result<(), Failure> {
    let _store = Store::open_existing(&settings.database_url)?;
    Err(Failure::new("not there yet"))
}

pub(super) fn backup(settings: &Settings, _file: &Path) -> Result<(), Failure> {
    let _store = Store::open_existing(&settings.database_url)?;
    Err(Failure::new("not there yet"))
}

pub(super) fn restore(_settings: &Settings, _file: &Path) -> Result<(), Failure> {
    Err(Failure::new("not there yet"))
}
