use serde_json::{Value, json as value};

use super::{EXAMPLE, REQUEST, with_the_example_running};
use crate::installation::json;

#[test]
fn the_contracts_request_is_answered_in_the_contracts_shape() {
    let installation = with_the_example_running();
    let key = installation.key("router");
    let server = installation.serve();
    let reply = json(server.post("/api/v1/assignments", &key, REQUEST), 200);
    let cohort = reply["assignments"][0]["cohort"].as_str().unwrap().to_owned();
    // 09:00Z is 10:00 in Berlin: seven open hours are left of that day, the eighth ends at 10:00 of the next.
    let service_level = if cohort == "longer" {
        value!({"first_response": "PT8H", "calendar": "office-hours", "due_at": "2026-03-03T09:00:00Z",
            "message": "We reply within one working day.", "source": "longer-frt-low-spend/longer"})
    } else {
        value!({"first_response": "PT4H", "calendar": "always", "due_at": "2026-03-02T13:00:00Z",
            "message": "We usually reply within 4 hours.", "source": "longer-frt-low-spend/usual"})
    };
    let expected = value!({"customer_id": "c-1", "conversation_id": "v-88",
        "assignments": [{"experiment": EXAMPLE, "cohort": cohort, "reason": "assigned"}],
        "service_level": service_level});
    assert_eq!(reply, expected);

    let recorded = json(server.get("/api/v1/assignments/c-1", Some(&key)), 200);
    assert_eq!(recorded["customer_id"], "c-1");
    assert_eq!(recorded["assignments"][0]["experiment"], EXAMPLE);
    assert_eq!(recorded["assignments"][0]["cohort"], cohort.as_str());
    let unknown = json(server.get("/api/v1/assignments/c%2F9%20%C3%A4", Some(&key)), 200);
    assert_eq!(unknown, value!({"customer_id": "c/9 ä", "assignments": []}));
}

fn ask(server: &crate::installation::Server, key: &str, id: usize, spend: f64) -> Value {
    let request = value!({"customer": {"id": format!("c-{id}"), "attributes": {"monthly_spend": spend}}});
    json(server.post("/api/v1/assignments", key, request.to_string()), 200)["assignments"][0].clone()
}

#[test]
fn a_customer_keeps_its_cohort_whatever_it_becomes_and_whatever_happens_to_the_server() {
    let installation = with_the_example_running();
    let key = installation.key("router");
    let server = installation.serve();
    let before: Vec<_> = (0..40).map(|id| ask(&server, &key, id, 10.0)).collect();
    let longer = before.iter().filter(|a| a["cohort"] == "longer").count();
    assert!((5..=35).contains(&longer), "{longer} of 40");
    server.kill();

    let server = installation.serve();
    for (id, before) in before.iter().enumerate() {
        assert_eq!(before["reason"], "assigned");
        // A big spender now: would not be eligible, if it were asked again.
        let after = ask(&server, &key, id, 5000.0);
        assert_eq!((&after["cohort"], &after["reason"]), (&before["cohort"], &"sticky".into()), "c-{id}");
    }
    let stranger = ask(&server, &key, 1000, 5000.0);
    assert_eq!((&stranger["cohort"], &stranger["reason"]), (&Value::Null, &"not_eligible".into()));
    assert!(installation.must(&["verify"]).ends_with("everything is what the ledger says"));
}

#[test]
fn callers_that_race_for_one_customer_all_hear_the_same() {
    let installation = with_the_example_running();
    let key = installation.key("router");
    let server = installation.serve();
    let heard: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..25).map(|id| ask(&server, &key, id, 10.0)).collect()))
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    for id in 0..25 {
        let cohorts: std::collections::BTreeSet<_> =
            heard.iter().map(|h| h[id]["cohort"].to_string()).collect();
        assert_eq!(cohorts.len(), 1, "c-{id}");
        let first = heard.iter().filter(|h| h[id]["reason"] == "assigned").count();
        assert_eq!(first, 1, "c-{id} was assigned for the first time {first} times");
    }
}

#[test]
fn a_request_that_cannot_be_read_is_told_where_it_is_wrong() {
    let installation = with_the_example_running();
    let key = installation.key("router");
    let server = installation.serve();
    let problem =
        json(server.post("/api/v1/assignments", &key, r#"{"customer": {"id": 7}, "colour": 1}"#), 400);
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/customer/id", "/colour"]);
    let problem = json(server.post("/api/v1/assignments", &key, "{"), 400);
    assert!(problem["detail"].as_str().unwrap().starts_with("the body is not JSON"));
}

#[test]
fn assign_prints_what_the_api_would_say_and_records_nothing() {
    let installation = with_the_example_running();
    let customers = installation.file("c.csv", "customer_id,monthly_spend\nc-1,10\nc-2,500\n\"c,3\",20.5\n");
    let customers = customers.to_str().unwrap();
    let first = installation.must(&["assign", EXAMPLE, "--customers", customers]);
    let lines: Vec<_> = first.lines().collect();
    assert_eq!(lines[0], "customer_id,cohort,reason");
    assert_eq!(lines[2], "c-2,,not_eligible");
    assert!(lines[3].starts_with("\"c,3\",") && lines[3].ends_with(",assigned"), "{}", lines[3]);
    assert_eq!(
        installation.must(&["assign", EXAMPLE, "--customers", customers]),
        first,
        "nothing was recorded"
    );

    let key = installation.key("router");
    let server = installation.serve();
    let said = ask(&server, &key, 1, 10.0);
    assert_eq!(lines[1], format!("c-1,{},assigned", said["cohort"].as_str().unwrap()));
}
