use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json as value};

use super::{EXAMPLE, with_the_example_running};
use crate::installation::{Server, wait_for};

/// Asks without minding that the server goes away.
fn try_post(server: &Server, path: &str, key: &str, body: &Value) -> Option<Value> {
    let request =
        server.client().post(format!("{}{path}", server.address)).bearer_auth(key).body(body.to_string());
    let answer = request.send().ok()?;
    (answer.status() == 200).then(|| answer.json().ok()).flatten()
}

fn event(id: &str) -> Value {
    value!({"id": id, "type": "conversation.opened", "occurred_at": "2026-03-02T09:00:00Z",
        "customer_id": format!("c-{id}"), "conversation_id": format!("v-{id}")})
}

#[test]
fn a_server_that_is_killed_under_load_loses_nothing_it_acknowledged_and_counts_nothing_twice() {
    let installation = with_the_example_running();
    let (ingest, router) = (installation.key("ingest"), installation.key("router"));
    let mut cohorts: BTreeMap<String, Value> = BTreeMap::new();
    for round in 0..3 {
        let server = installation.serve();
        let acknowledged = AtomicUsize::new(0);
        let (events, assigned) = thread::scope(|scope| {
            let (server, ingest, router, acknowledged) = (&server, &ingest, &router, &acknowledged);
            let tellers: Vec<_> = (0..3)
                .map(|teller| {
                    scope.spawn(move || {
                        let mut known = Vec::new();
                        for batch in 0.. {
                            let ids: Vec<_> =
                                (0..20).map(|i| format!("{round}-{teller}-{batch}-{i}")).collect();
                            let body = Value::Array(ids.iter().map(|id| event(id)).collect());
                            let Some(reply) = try_post(server, "/api/v1/events", ingest, &body) else {
                                break;
                            };
                            assert_eq!(reply["accepted"], 20, "{reply}");
                            known.extend(ids);
                            acknowledged.fetch_add(20, Ordering::Relaxed);
                        }
                        known
                    })
                })
                .collect();
            let asker = scope.spawn(move || {
                let mut known = BTreeMap::new();
                for customer in 0.. {
                    let id = format!("k-{round}-{customer}");
                    let body = value!({"customer": {"id": id, "attributes": {"monthly_spend": 1}}});
                    let Some(reply) = try_post(server, "/api/v1/assignments", router, &body) else { break };
                    known.insert(id, reply["assignments"][0]["cohort"].clone());
                }
                known
            });
            wait_for("load", || acknowledged.load(Ordering::Relaxed) >= 400);
            thread::sleep(Duration::from_millis(37 * round));
            server.kill_now();
            let events: Vec<String> = tellers.into_iter().flat_map(|t| t.join().unwrap()).collect();
            (events, asker.join().unwrap())
        });
        cohorts.extend(assigned);
        drop(server);

        let server = installation.serve();
        for ids in events.chunks(500) {
            let again = Value::Array(ids.iter().map(|id| event(id)).collect());
            let reply = try_post(&server, "/api/v1/events", &ingest, &again).unwrap();
            assert_eq!(reply["duplicates"], ids.len(), "acknowledged and lost: {reply}");
        }
        for (id, cohort) in &cohorts {
            let body = value!({"customer": {"id": id}});
            let reply = try_post(&server, "/api/v1/assignments", &router, &body).unwrap();
            assert_eq!(
                reply["assignments"],
                value!([{"experiment": EXAMPLE, "cohort": cohort, "reason": "sticky"}]),
                "{id}"
            );
        }
        server.kill();
        installation.must(&["verify"]);
    }
}
