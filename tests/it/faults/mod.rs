//! Faults: what happens when processes are killed, power fails, disks fail or fill up, replicas race and clients
//! retry. Each test is named after what must hold; its number is that of the list in `reliability.md`.
//!
//! All run here in a short form. `PATIENCE_TORTURE=1` makes them long, `PATIENCE_SEED=N` repeats a run: each says its
//! seed when it fails. The judge after every fault is `patience verify` beside the test's own record of what was
//! acknowledged ([`history::History::check`]).

mod backups;
mod disk;
mod history;
mod kill;
mod link;
mod load;
mod model;
mod outage;
mod power;
mod races;
mod reading;
mod retries;
mod shim;
mod starting;
mod stopping;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::installation::Installation;

/// How much is tried: in every run, or in a long one.
pub fn tier<T>(short: T, long: T) -> T {
    if std::env::var("PATIENCE_TORTURE").as_deref() == Ok("1") { long } else { short }
}

/// The randomness of a test, which its name and the seed decide.
pub fn random(name: &str) -> ChaCha8Rng {
    let seed: u64 = std::env::var("PATIENCE_SEED").map_or(20_261_122, |seed| seed.parse().unwrap());
    println!("{name}: PATIENCE_SEED={seed}");
    let name = name.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    ChaCha8Rng::seed_from_u64(seed ^ name)
}

/// The experiment that all of these run: everybody takes part.
const EXPERIMENT: &str = "torture";

pub const DEFINITION: &str = r#"
key = "torture"
name = "Torture"
starts_on = 2026-01-05
planned_weeks = 22
[[cohorts]]
key = "usual"
control = true
weight = 50
first_response = "PT4H"
[[cohorts]]
key = "longer"
weight = 50
first_response = "PT8H"
[[metrics]]
metric = "csat"
role = "primary"
"#;

/// Defines the experiment, starts it, and gives the key of a program that may do all.
fn prepare(installation: &Installation) -> String {
    let file = installation.file("torture.toml", DEFINITION);
    installation.must(&["apply", file.to_str().unwrap()]);
    installation.must(&["start", EXPERIMENT]);
    installation.must(&["key", "create", "torture", "--role", "admin"])
}
