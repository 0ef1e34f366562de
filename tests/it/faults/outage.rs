//! T11: PostgreSQL goes away at once and comes back, under load, again and again; and connections are ended at random.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use patience::storage::DatabaseUrl;
use rand::RngExt;
use serde_json::Value;

use super::{
    history::History,
    load::{Load, event},
    prepare, random, tier,
};
use crate::{
    installation::{Installation, Server},
    support::postgres::Cluster,
};

/// Sends again what got no sure answer, until all of it is.
pub fn resolve(server: &Server, key: &str, history: &mut History) {
    let unsure: Vec<String> = history.unsure.iter().cloned().collect();
    for ids in unsure.chunks(100) {
        let body = Value::Array(ids.iter().map(|id| event(id)).collect());
        let reply = crate::installation::json(server.post("/api/v1/events", key, body.to_string()), 200);
        assert_eq!(reply["rejected"], serde_json::json!([]));
        history.acked.extend(ids.iter().map(|id| (id.clone(), 0)));
    }
    history.unsure.clear();
}

#[test]
fn an_outage_of_postgres_is_told_as_such_healed_and_loses_nothing() {
    let Some(cluster) = Cluster::start() else { return };
    let mut random = random("T11");
    let installation = Installation::on(cluster.database());
    let key = prepare(&installation);
    let servers = [installation.serve(), installation.serve()];
    let mut load = Load::new(&[&servers[0], &servers[1]], &key, "outage");
    load.goes_on = true;
    load.refusal_is_sure = false;
    let DatabaseUrl::Postgres(address) = installation.url() else { unreachable!() };
    let (mut history, ()) = load.during(|load| {
        for round in 0..tier(6, 40) {
            load.in_full_swing();
            thread::sleep(Duration::from_millis(random.random_range(0..300)));
            if round % 2 == 0 {
                cluster.stop();
                cluster.go_on();
                let back = Instant::now();
                load.in_full_swing();
                assert!(back.elapsed() < Duration::from_secs(5), "healed only after {:?}", back.elapsed());
            } else {
                let mut connection = PgConnection::establish(&address).unwrap();
                connection
                    .batch_execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                         WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5",
                    )
                    .unwrap();
            }
        }
        load.in_full_swing();
    });
    resolve(&servers[0], &key, &mut history);
    history.check(&installation.url());
    installation.must(&["verify"]);
    for server in servers {
        assert_eq!(server.stop("TERM").0, Some(0));
    }
}

/// While it is away, requests are answered within their time: come again.
#[test]
fn without_postgres_requests_are_told_to_come_again() {
    let Some(cluster) = Cluster::start() else { return };
    let installation = Installation::on(cluster.database());
    let key = prepare(&installation);
    let server = installation.serve();
    cluster.stop();
    let body = serde_json::json!({"customer": {"id": "c"}}).to_string();
    for answer in [
        server.post("/api/v1/assignments", &key, body.clone()),
        server.post("/api/v1/events", &key, Value::Array(vec![event("e")]).to_string()),
        server.get("/api/v1/assignments/c", Some(&key)),
        server.get("/readyz", None),
    ] {
        let (status, retry) = (answer.status(), answer.headers().contains_key("retry-after"));
        assert_eq!((status.as_u16(), retry), (503, true), "{}", answer.text().unwrap());
    }
    assert_eq!(server.get("/healthz", None).status(), 200);
    let verify = installation.run(&["verify"]);
    assert_eq!(verify.status.code(), Some(1));
    cluster.go_on();
    assert_eq!(server.post("/api/v1/assignments", &key, body).status(), 200);
}
