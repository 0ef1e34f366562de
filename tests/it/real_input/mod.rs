//! 4,580 real tickets of an Italian help desk (`../shared/data/README.md`), replayed as an A/A experiment:
//! both cohorts have the same service level, so whatever differs between them is luck.

mod false_alarms;
mod replay;

use std::{collections::BTreeMap, path::PathBuf};

use patience::domain::{
    experiment::Definition,
    ids::CustomerId,
    time::{Moment, Wait},
};

/// After the last event of the log, which is of January 2014.
const AS_OF: &str = "2014-02-01T00:00:00Z";

/// A ticket: a customer of its own with one conversation.
#[derive(Debug, Clone)]
struct Ticket {
    id: CustomerId,
    opened: Moment,
    /// The first time that somebody took it in charge.
    answered: Option<Moment>,
    closed: Vec<Moment>,
    /// Taken in charge again after a closing.
    reopened: Vec<Moment>,
}

/// Reads the log; its local times are taken for UTC. None, loudly, where the shared folder is not there.
fn tickets() -> Option<Vec<Ticket>> {
    let shared = std::env::var_os("PATIENCE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("data/helpdesk_italy_events.csv");
    let mut log = match csv::Reader::from_path(&path) {
        Ok(log) => log,
        Err(error) => {
            // On a laptop a test may be skipped; where nobody reads the log it may not.
            assert!(std::env::var_os("CI").is_none(), "{}: {error}", path.display());
            eprintln!("SKIPPED: {}: {error}; set PATIENCE_SHARED", path.display());
            return None;
        }
    };
    let mut tickets = BTreeMap::<CustomerId, Ticket>::new();
    for row in log.records() {
        let row = row.expect("a row of the log");
        let id = CustomerId::new(&row[0]).expect("a case");
        let at: Moment = format!("{}Z", &row[3]).parse().expect("a time");
        let ticket = tickets.entry(id.clone()).or_insert_with(|| Ticket {
            id,
            opened: at,
            answered: None,
            closed: Vec::new(),
            reopened: Vec::new(),
        });
        assert!(at >= ticket.opened, "the log is in the order of time within a ticket");
        match &row[1] {
            "Take in charge ticket" => {
                ticket.answered.get_or_insert(at);
                if !ticket.closed.is_empty() {
                    ticket.reopened.push(at);
                }
            }
            "Closed" => ticket.closed.push(at),
            _ => {}
        }
    }
    Some(tickets.into_values().collect())
}

/// The metrics that the log can tell about.
const METRICS: [&str; 6] = [
    "questions_asked",
    "first_response_time",
    "promise_kept",
    "resolution_time",
    "reopen_rate",
    "first_contact_resolution",
];

/// An experiment whose cohorts differ in name only, in the shape of `PUT /api/v1/experiments/{key}`.
fn definition(key: &str, weights: [u32; 2], metrics: &[&str]) -> serde_json::Value {
    let metric = |name: &&str| serde_json::json!({"metric": name, "role": "secondary"});
    let cohort = |key: &str, weight: u32| {
        serde_json::json!({"key": key, "control": key == "a", "weight": weight, "first_response": "PT8H",
                           "calendar": "always", "message": ""})
    };
    serde_json::json!({
        "key": key,
        "name": "Nobody waits longer",
        "unit": "customer",
        "confidence": 0.95,
        "starts_on": "2010-01-01",
        "planned_weeks": 208,
        "cohorts": [cohort("a", weights[0]), cohort("b", weights[1])],
        "metrics": metrics.iter().map(metric).collect::<Vec<_>>(),
        "analysis": {"looks": "fixed", "correction": "none"},
    })
}

fn read(definition: &serde_json::Value) -> Definition {
    serde_json::from_value(definition.clone()).expect("a definition")
}

/// The median wait by the definition of Kaplan and Meier's estimate, step by step over all waits.
fn median_by_hand(waits: &[(Wait, bool)]) -> Wait {
    let mut times: Vec<Wait> = waits.iter().filter(|(_, ended)| *ended).map(|(wait, _)| *wait).collect();
    times.sort();
    times.dedup();
    let mut still_waiting = 1.0;
    for time in times {
        let at_risk = waits.iter().filter(|(wait, _)| *wait >= time).count() as f64;
        let ended = waits.iter().filter(|(wait, ended)| *ended && *wait == time).count() as f64;
        still_waiting *= 1.0 - ended / at_risk;
        if still_waiting <= 0.5 {
            return time;
        }
    }
    panic!("fewer than half were answered")
}

/// How long each ticket waited for its first reply; false where it still waits.
fn first_responses(tickets: &[Ticket]) -> Vec<(Wait, bool)> {
    let as_of: Moment = AS_OF.parse().expect("a time");
    let wait = |ticket: &Ticket| match ticket.answered {
        Some(at) => (at - ticket.opened, true),
        None => (as_of - ticket.opened, false),
    };
    tickets.iter().map(wait).collect()
}

#[test]
fn the_log_is_as_its_description_says() {
    let Some(tickets) = tickets() else { return };
    let answered: Vec<f64> = tickets.iter().filter_map(|t| Some((t.answered? - t.opened).hours())).collect();
    assert_eq!((tickets.len(), answered.len()), (4580, 4285));
    let mean = answered.iter().sum::<f64>() / answered.len() as f64;
    assert!((mean - 97.59).abs() < 0.005, "{mean}");
}
