//! T01: `kill -9` at random points. It cannot see a missing fsync, since what the kernel holds outlives the process:
//! for that there is [`super::power`].

use std::{thread, time::Duration};

use rand::RngExt;

use super::{history::History, load::Load, prepare, random, tier};
use crate::installation::Installation;

#[test]
fn a_kill_under_load_loses_nothing_acknowledged_and_changes_no_cohort() {
    let mut random = random("T01");
    let mut installation = Installation::new();
    let mut key = prepare(&installation);
    let mut history = History::default();
    for round in 0..tier(40, 500) {
        // Each check reads all that the database holds: begin anew after the ninety-ninth round, which was checked.
        if round % 100 == 99 {
            installation = Installation::new();
            key = prepare(&installation);
            history = History::default();
        }
        let server = installation.serve();
        let (heard, ()) = Load::new(&[&server], &key, &round).during(|load| {
            load.in_full_swing();
            thread::sleep(Duration::from_micros(random.random_range(0..100_000)));
            server.kill_now();
        });
        history.add(heard);
        if round % 10 == 8 {
            history.check(&installation.url());
            installation.must(&["verify"]);
        }
    }
    history.check(&installation.url());
}
