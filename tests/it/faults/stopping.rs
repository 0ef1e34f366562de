//! T16: asked to stop under load, a server finishes what it took in, and goes.

use std::{thread, time::Duration};

use rand::RngExt;

use super::{history::History, load::Load, prepare, random, tier};
use crate::installation::{Installation, Server};

#[test]
fn a_server_that_is_asked_to_stop_under_load_finishes_and_loses_nothing() {
    let mut random = random("T16");
    for installation in [Some(Installation::new()), Installation::on_postgres()].into_iter().flatten() {
        let key = prepare(&installation);
        let mut history = History::default();
        for round in 0..tier(4, 40) {
            let server = installation.serve();
            let (heard, ()) = Load::new(&[&server], &key, &round).during(|load| {
                load.in_full_swing();
                thread::sleep(Duration::from_micros(random.random_range(0..50_000)));
                server.signal("TERM");
                let status = server.ended();
                assert_eq!(status.code(), Some(0));
            });
            history.add(heard);
            history.check(&installation.url());
        }
    }
}

/// One replica after the other is renewed while clients go on.
#[test]
fn replicas_are_renewed_one_by_one_and_nothing_is_lost() {
    let Some(installation) = Installation::on_postgres() else { return };
    let key = prepare(&installation);
    let mut servers = [installation.serve(), installation.serve()];
    let mut history = History::default();
    for round in 0..tier(4, 20) {
        let renewed = round % 2;
        let others = &servers[1 - renewed];
        let load = Load::new(&[others], &key, &round);
        let (heard, new) = load.during(|load| {
            load.in_full_swing();
            servers[renewed].signal("TERM");
            assert_eq!(servers[renewed].ended().code(), Some(0));
            let new: Server = installation.serve();
            load.in_full_swing();
            new
        });
        history.add(heard);
        servers[renewed] = new;
    }
    history.check(&installation.url());
}
