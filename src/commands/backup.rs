//! `patience backup` and `patience restore`.

use std::path::Path;

use super::Failure;
use crate::{
    settings::Settings,
    storage::{Store, backup},
};

pub(super) fn create(settings: &Settings, file: &Path) -> Result<(), Failure> {
    let store = Store::open_existing(&settings.database_url)?;
    backup::create(&store, file)?;
    println!("{}", file.display());
    Ok(())
}

pub(super) fn restore(settings: &Settings, file: &Path) -> Result<(), Failure> {
    backup::restore(&settings.database_url, file)?;
    println!("{}", settings.database_url);
    Ok(())
}
