use serde_json::{Value, json as value};

use super::{EXAMPLE, REQUEST, with_the_example_running};
use crate::installation::{Installation, Server, json, repository, wait_for};

fn definition() -> Value {
    value!({"key": "small", "name": "A small one", "starts_on": "2026-01-05", "planned_weeks": 4,
        "cohorts": [
            {"key": "usual", "control": true, "weight": 1, "first_response": "PT4H"},
            {"key": "longer", "weight": 1, "first_response": "PT8H"}],
        "metrics": [{"metric": "csat", "role": "guardrail", "margin": 0.03}]})
}

fn put(server: &Server, key: &str, path: &str, body: &Value) -> reqwest::blocking::Response {
    server.send("PUT", path, Some(key), Some(body.to_string()))
}

fn status_after(server: &Server, key: &str, verb: &str, expected: u16) -> Value {
    let answer = json(server.post(&format!("/api/v1/experiments/small/{verb}"), key, ""), expected);
    if expected == 200 { answer["status"].clone() } else { answer["detail"].clone() }
}

#[test]
fn an_experiment_lives_from_draft_to_stopped_and_never_back() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    let created = json(put(&server, &key, "/api/v1/experiments/small", &definition()), 201);
    assert_eq!(
        (&created["status"], &created["cohorts"][1]["first_response"]),
        (&"draft".into(), &"PT8H".into())
    );
    json(put(&server, &key, "/api/v1/experiments/small", &definition()), 200);
    assert_eq!(status_after(&server, &key, "pause", 409), "a draft experiment cannot pause; start it first");
    assert_eq!(status_after(&server, &key, "start", 200), "running");
    assert_eq!(status_after(&server, &key, "pause", 200), "paused");
    assert_eq!(status_after(&server, &key, "resume", 200), "running");
    assert_eq!(status_after(&server, &key, "stop", 200), "stopped");
    status_after(&server, &key, "start", 409);
    let listed = json(server.get("/api/v1/experiments", Some(&key)), 200);
    assert_eq!(listed[0]["status"], "stopped");
}

#[test]
fn what_was_agreed_cannot_change_after_the_start_and_the_rest_can() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    json(put(&server, &key, "/api/v1/experiments/small", &definition()), 201);
    status_after(&server, &key, "start", 200);
    let mut other = definition();
    other["name"] = "A better name".into();
    assert_eq!(json(put(&server, &key, "/api/v1/experiments/small", &other), 200)["name"], "A better name");
    other["cohorts"][1]["weight"] = 3.into();
    other["metrics"][0]["margin"] = 0.1.into();
    let problem = json(put(&server, &key, "/api/v1/experiments/small", &other), 400);
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/cohorts/1/weight", "/metrics/0/margin"]);
}

#[test]
fn every_mistake_of_a_definition_is_told_with_its_pointer() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    let mut wrong = definition();
    wrong["colour"] = 1.into();
    wrong["cohorts"][1]["first_response"] = "P1D".into();
    wrong["eligibility"] = value!({"rule": "monthly_spend <"});
    let problem = json(put(&server, &key, "/api/v1/experiments/small", &wrong), 400);
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    for expected in ["/colour", "/cohorts/1/first_response", "/eligibility/rule"] {
        assert!(pointers.contains(&expected), "{expected} not in {pointers:?}");
    }
    let problem = json(put(&server, &key, "/api/v1/experiments/other", &definition()), 400);
    assert_eq!(problem["errors"][0]["pointer"], "/key");
    let mut wrong = definition();
    wrong["cohorts"][0]["calendar"] = "moon-hours".into();
    let problem = json(put(&server, &key, "/api/v1/experiments/small", &wrong), 400);
    assert_eq!(problem["errors"][0]["pointer"], "/cohorts/0/calendar");
    assert_eq!(json(server.get("/api/v1/experiments", Some(&key)), 200), value!([]), "nothing was kept");
}

#[test]
fn results_are_those_of_the_last_stored_analysis() {
    let installation = with_the_example_running();
    let (analyst, router) = (installation.key("analyst"), installation.key("router"));
    let server = installation.serve();
    let at = |what: &str| format!("/api/v1/experiments/{EXAMPLE}/{what}");
    let none = json(server.get(&at("results"), Some(&analyst)), 409);
    assert_eq!(none["detail"], "no analysis yet");
    json(server.get(&at("report?format=json"), Some(&analyst)), 409);

    json(server.post("/api/v1/assignments", &router, REQUEST), 200);
    let first = json(server.post(&at("refresh"), &analyst, ""), 200);
    assert_eq!((&first["analysis"], &first["experiment"]), (&1.into(), &EXAMPLE.into()));
    let units: u64 = first["cohorts"].as_array().unwrap().iter().map(|c| c["units"].as_u64().unwrap()).sum();
    assert_eq!(units, 1);
    let second = json(server.post(&at("refresh"), &analyst, r#"{"as_of": "2026-01-06T00:00:00Z"}"#), 200);
    assert_eq!((&second["analysis"], &second["as_of"]), (&2.into(), &"2026-01-06T00:00:00Z".into()));
    assert_eq!(json(server.get(&at("results"), Some(&analyst)), 200), second);

    let other = json(server.get(&at("results?looks=fixed"), Some(&analyst)), 200);
    assert_eq!((&other["looks"], &other["looks_overridden"]), (&"fixed".into(), &true.into()));
    json(server.get(&at("results?looks=askance"), Some(&analyst)), 400);
    json(server.post(&at("refresh"), &analyst, r#"{"as_of": "yesterday"}"#), 400);

    let report = json(server.get(&at("report?format=json"), Some(&analyst)), 200);
    assert_eq!(report["experiment"], EXAMPLE);
    json(server.get(&at("report?format=scroll"), Some(&analyst)), 400);
    let file = installation.path("report.html");
    installation.must(&["report", EXAMPLE, "--format", "html", "--output", file.to_str().unwrap()]);
    assert!(std::fs::read_to_string(file).unwrap().contains("<h1"));
}

#[test]
fn what_the_command_line_changes_is_in_force_on_a_serving_server_within_two_seconds() {
    let installation = Installation::new();
    let server = installation.serve();
    let key = installation.key("router");
    let ask = || json(server.post("/api/v1/assignments", &key, REQUEST), 200)["assignments"].clone();
    assert_eq!(ask(), value!([]), "the new key counts at once");
    installation.must(&[
        "apply",
        repository("calendars").to_str().unwrap(),
        repository("experiments").to_str().unwrap(),
    ]);
    installation.must(&["start", EXAMPLE]);
    let begun = std::time::Instant::now();
    wait_for("the start to be in force", || ask() != value!([]));
    assert!(begun.elapsed().as_secs_f64() < 2.0);
}
