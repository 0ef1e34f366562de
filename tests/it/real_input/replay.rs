//! The log through the public API of a running server: cohorts by `patience assign`, recorded by
//! `cohort.assigned` as of each ticket's first event, facts as events, figures as results.

use std::collections::BTreeMap;

use patience::{
    domain::time::Wait,
    storage::{Store, experiments},
};
use serde_json::{Value, json};

use super::{AS_OF, METRICS, Ticket, definition, first_responses, median_by_hand, tickets};
use crate::installation::{self, Installation, Server};

/// The salt for which the test was seen to claim nothing; 200 others are tried in memory.
const SALT: &str = "real tickets";

/// Defines and starts an experiment under the test's salt. No route sets a salt: the test does it in the
/// database of its own installation, before the start.
fn start(installation: &Installation, server: &Server, admin: &str, key: &str) {
    let path = format!("/api/v1/experiments/{key}");
    let definition = definition(key, [50, 50], &METRICS).to_string();
    let put = server.send("PUT", &path, Some(admin), Some(definition));
    assert!(put.status().is_success(), "{}", put.text().unwrap());
    let url = format!("sqlite://{}", installation.path("patience.db").display());
    let store = Store::open_existing(&url.parse().unwrap()).unwrap();
    let wanted = key.parse().unwrap();
    store.write(move |db| experiments::set_salt(db, &wanted, SALT)).unwrap();
    let started = server.post(&format!("{path}/start"), admin, "");
    assert!(started.status().is_success(), "{}", started.text().unwrap());
}

/// The cohort of each ticket, by `patience assign`.
fn cohorts(installation: &Installation, key: &str, tickets: &[Ticket]) -> BTreeMap<String, String> {
    let rows: Vec<&str> = tickets.iter().map(|ticket| ticket.id.as_str()).collect();
    let file = installation.file("customers.csv", &format!("customer_id\n{}\n", rows.join("\n")));
    let printed = installation.must(&["assign", key, "--customers", file.to_str().unwrap()]);
    let mut rows = csv::Reader::from_reader(printed.as_bytes());
    rows.records().map(|row| row.unwrap()).map(|row| (row[0].to_owned(), row[1].to_owned())).collect()
}

/// A ticket as events, one JSON text a line.
fn events(ticket: &Ticket, cohorts: &[(&str, &str)], lines: &mut String) {
    let id = ticket.id.as_str();
    let mut number = 0;
    let mut tell = |kind: &str, at: String, more: Value| {
        number += 1;
        let mut event = json!({"id": format!("{id}/{number}"), "type": kind, "occurred_at": at,
                               "customer_id": id, "conversation_id": id});
        let fields = event.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        if kind == "cohort.assigned" {
            fields.remove("conversation_id");
        }
        lines.push_str(&event.to_string());
        lines.push('\n');
    };
    // The answer first, the question last: the order of telling is nothing to go by.
    if let Some(at) = ticket.answered {
        tell("conversation.replied", at.to_string(), json!({"by": "agent"}));
    }
    for at in &ticket.closed {
        tell("conversation.closed", at.to_string(), json!({}));
    }
    for at in &ticket.reopened {
        tell("conversation.reopened", at.to_string(), json!({}));
    }
    tell("conversation.opened", ticket.opened.to_string(), json!({}));
    for (experiment, cohort) in cohorts {
        let assigned = json!({"experiment": experiment, "cohort": cohort});
        tell("cohort.assigned", ticket.opened.to_string(), assigned);
    }
}

fn minutes(wait: &Value) -> i64 {
    wait.as_str().and_then(|text| text.parse::<Wait>().ok()).expect("a wait").ms() / 60_000
}

fn assert_median(results: &Value, cohort: &str, tickets: &[Ticket]) {
    let told = minutes(&results["health"]["delivery"]["median_first_response"][cohort]);
    let by_hand = median_by_hand(&first_responses(tickets)).ms() / 60_000;
    assert!((told - by_hand).abs() <= 1, "{cohort}: {told} min, by hand {by_hand} min");
}

#[test]
fn real_tickets_arrive_once_and_an_experiment_on_nothing_claims_nothing() {
    let Some(tickets) = tickets() else { return };
    let installation = Installation::new();
    let admin = installation.key("admin");
    let server = installation.serve();
    let post = |path: &str, body: &str| installation::json(server.post(path, &admin, body), 200);
    start(&installation, &server, &admin, "nothing");
    // Another one with all tickets in one cohort, for the figures over all; that its split is uneven is said,
    // and keeps no figure back.
    start(&installation, &server, &admin, "everybody");
    let cohorts = cohorts(&installation, "nothing", &tickets);
    assert_eq!(cohorts.len(), 4580);

    let mut lines = String::new();
    for ticket in &tickets {
        let drawn = cohorts[ticket.id.as_str()].as_str();
        events(ticket, &[("nothing", drawn), ("everybody", "a")], &mut lines);
    }
    let count = lines.lines().count();
    let told = post("/api/v1/events", &lines);
    assert_eq!(told, json!({"accepted": count, "duplicates": 0, "rejected": []}));
    let again = post("/api/v1/events", &lines);
    assert_eq!(again, json!({"accepted": 0, "duplicates": count, "rejected": []}));

    let as_of = json!({"as_of": AS_OF}).to_string();
    let results = post("/api/v1/experiments/nothing/refresh", &as_of);
    assert_eq!(results["health"]["sample_ratio"]["ok"], true);
    for metric in results["metrics"].as_array().unwrap() {
        let conclusion = &metric["comparisons"][0]["conclusion"];
        assert!(conclusion != "better" && conclusion != "worse", "{metric}");
    }
    let of_cohort = |cohort: &str| -> Vec<Ticket> {
        tickets.iter().filter(|ticket| cohorts[ticket.id.as_str()] == cohort).cloned().collect()
    };
    for (place, cohort) in ["a", "b"].into_iter().enumerate() {
        let tickets = of_cohort(cohort);
        let unanswered = tickets.iter().filter(|ticket| ticket.answered.is_none()).count();
        let summary = &results["cohorts"][place];
        let figures = ["units", "conversations", "unanswered"].map(|name| summary[name].as_u64().unwrap());
        assert_eq!(figures, [tickets.len() as u64, tickets.len() as u64, unanswered as u64], "{cohort}");
        assert_median(&results, cohort, &tickets);
    }

    let overall = post("/api/v1/experiments/everybody/refresh", &as_of);
    assert_eq!(overall["health"]["sample_ratio"]["ok"], false);
    assert_eq!(overall["cohorts"][0]["units"], 4580);
    assert_eq!(overall["cohorts"][0]["unanswered"], 295);
    assert_median(&overall, "a", &tickets);

    installation.must(&["verify"]);
}
