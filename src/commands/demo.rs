//! `patience demo`: a simulated experiment, in a database of its own, to look at.

use std::{env, fs, io::IsTerminal, net::TcpListener, sync::Arc};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Failure, people, serve};
use crate::{
    actions, demo,
    domain::{
        role::PersonRole,
        time::{Clock, FixedClock},
    },
    settings::Settings,
    simulation::World,
    storage::{DatabaseUrl, Store},
};

/// The account that the demo's link is for.
const VISITOR: &str = "demo@localhost";

/// Fills a new database in the system's folder for such things, and serves it. The clock stands still, just
/// after the planned end.
pub(super) fn run(settings: &Settings) -> Result<(), Failure> {
    let listener = serve::listen(settings)?;
    let folder = env::temp_dir().join(format!("patience-demo-{}", std::process::id()));
    fs::create_dir_all(&folder)
        .map_err(|error| Failure::new(format!("cannot make {}: {error}", folder.display())))?;
    let served = fill_and_serve(settings, listener, &DatabaseUrl::Sqlite(folder.join("patience-demo.db")));
    // Nothing of it is worth keeping; what cannot be removed the system removes.
    let _ = fs::remove_dir_all(&folder);
    served
}

fn fill_and_serve(settings: &Settings, listener: TcpListener, url: &DatabaseUrl) -> Result<(), Failure> {
    let _lock = url.lock_for_server()?;
    let store = Store::open(url)?;
    let world = World::published(demo::SEED);
    let progress = progress();
    let (experiment, _) =
        demo::fill(&store, &world, |share| progress.set_position(percent(share))).map_err(Failure::new)?;
    let clock = FixedClock(demo::clock(&world));
    let now = clock.now();
    actions::refresh(&store, &experiment.definition.key, now, now).map_err(Failure::new)?;
    progress.finish_and_clear();
    let token = store.write(move |db| people::link_for(db, VISITOR, PersonRole::Admin, now))?;
    serve::serve(settings, listener, &store, Arc::new(clock), Some(token))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100, for a progress bar")]
fn percent(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 100.0) as u64
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("Simulating five months of a support desk …");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(100);
    match ProgressStyle::with_template("Simulating five months of a support desk {wide_bar} {percent}%") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
