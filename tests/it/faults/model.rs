//! T20: random programs of telling, asking, sending again and starting anew, against a model that holds everything in
//! three maps. The model knows nothing of storage, queues or SQL; where an answer differs, proptest shrinks the program.

use std::collections::BTreeMap;

use patience::{
    domain::{
        assignment::{Reason, Request, Snapshot},
        ids::CustomerId,
    },
    storage::{
        DatabaseUrl, Store, assignments, experiments,
        ledger::{self, Entry, Told},
    },
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::json;
use tempfile::TempDir;

use super::{history::differences, tier};
use crate::support::{definition, entry, noon, postgres, start};

/// One step of a program. Names are few, so that programs meet themselves.
#[derive(Debug, Clone)]
enum Step {
    /// Tells events in one batch: id and content.
    Tell(Vec<(u8, u8)>),
    /// Tells of an assignment made elsewhere: id, unit, cohort.
    Assigned(u8, u8, bool),
    /// Asks for a unit's cohort.
    Ask(u8),
    /// Ends the process and begins anew.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec((0..12_u8, 0..3_u8), 1..6).prop_map(Step::Tell),
        2 => (0..4_u8, 0..6_u8, any::<bool>()).prop_map(|(id, unit, longer)| Step::Assigned(id, unit, longer)),
        4 => (0..6_u8).prop_map(Step::Ask),
        1 => Just(Step::Restart),
    ]
}

/// What has to be answered.
#[derive(Debug, Default)]
struct Model {
    /// Contents by id: the first one stays.
    told: BTreeMap<String, String>,
    /// Cohorts by unit: the first one stays.
    cohorts: BTreeMap<u8, String>,
    entries: i64,
}

/// How an answer begins.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Accepted,
    Duplicate,
    Conflict,
    Contradiction,
}

impl From<Told> for Answer {
    fn from(told: Told) -> Self {
        match told {
            Told::Accepted => Self::Accepted,
            Told::Duplicate => Self::Duplicate,
            Told::Rejected(why) if why.starts_with("conflict: ") => Self::Conflict,
            Told::Rejected(why) if why.starts_with("cohort contradicts the record") => Self::Contradiction,
            Told::Rejected(why) => panic!("{why}"),
        }
    }
}

impl Model {
    fn tell(&mut self, entry: &Entry, assigns: Option<(u8, &str)>) -> Answer {
        let (id, body) = (entry.event.id.to_string(), entry.body.clone());
        if let Some(known) = self.told.get(&id) {
            return if *known == body { Answer::Duplicate } else { Answer::Conflict };
        }
        if let Some((unit, cohort)) = assigns {
            if self.cohorts.get(&unit).is_some_and(|known| known != cohort) {
                return Answer::Contradiction;
            }
            self.cohorts.insert(unit, cohort.to_owned());
        }
        self.told.insert(id, body);
        self.entries += 1;
        Answer::Accepted
    }
}

fn telling(id: u8, content: u8) -> Entry {
    let (kind, fields) = match content {
        0 => ("customer.churned", json!({})),
        1 => ("conversation.opened", json!({"conversation_id": "v"})),
        _ => ("conversation.rated", json!({"conversation_id": "v", "score": 1 + id % 5})),
    };
    let mut fields = fields;
    fields["customer_id"] = json!(format!("u{}", id % 6));
    entry(kind, &format!("e{id}"), "2026-03-01T00:00:00Z", &fields)
}

fn run(url: &DatabaseUrl, program: &[Step]) {
    let mut store = Store::open(url).unwrap();
    start(&store, definition("frt", &json!({})));
    let snapshot = Snapshot::new(store.read(experiments::list).unwrap(), []).unwrap();
    let mut model = Model::default();
    for step in program {
        match step {
            Step::Tell(batch) => {
                let entries: Vec<_> = batch.iter().map(|(id, content)| telling(*id, *content)).collect();
                let wanted: Vec<_> = entries.iter().map(|entry| model.tell(entry, None)).collect();
                let answers = store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
                assert_eq!(answers.into_iter().map(Answer::from).collect::<Vec<_>>(), wanted);
            }
            Step::Assigned(id, unit, longer) => {
                let cohort = if *longer { "longer" } else { "usual" };
                let fields =
                    json!({"customer_id": format!("u{unit}"), "experiment": "frt", "cohort": cohort});
                let told = entry("cohort.assigned", &format!("a{id}"), "2026-03-01T00:00:00Z", &fields);
                let wanted = model.tell(&told, Some((*unit, cohort)));
                let mut answers =
                    store.write(move |db| ledger::append(db, std::slice::from_ref(&told), noon())).unwrap();
                assert_eq!(Answer::from(answers.remove(0)), wanted);
            }
            Step::Ask(unit) => {
                let request = Request::of_customer(CustomerId::new(&format!("u{unit}")).unwrap());
                let snapshot = snapshot.clone();
                let decided = store
                    .write(move |db| assignments::decide_and_record(db, &snapshot, &request, noon()))
                    .unwrap();
                let listed = &decided.reply.assignments[0];
                let cohort = listed.cohort.as_ref().unwrap().to_string();
                let known = model.cohorts.get(unit);
                let wanted = if known.is_some() { Reason::Sticky } else { Reason::Assigned };
                assert_eq!(listed.reason, wanted);
                assert_eq!(known.unwrap_or(&cohort), &cohort);
                if known.is_none() {
                    model.entries += 1;
                }
                model.cohorts.insert(*unit, cohort);
            }
            Step::Restart => {
                drop(store);
                store = Store::open(url).unwrap();
            }
        }
    }
    assert_eq!(store.read(ledger::position).unwrap(), model.entries);
    assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
}

fn programs(cases: u32, url: impl Fn(u32) -> DatabaseUrl) {
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&prop::collection::vec(step(), 1..25), |program| {
            number.set(number.get() + 1);
            run(&url(number.get()), &program);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn random_programs_are_answered_as_by_the_model() {
    let folder =
        if std::path::Path::new("/dev/shm").is_dir() { TempDir::new_in("/dev/shm") } else { TempDir::new() }
            .unwrap();
    programs(tier(150, 10_000), |n| DatabaseUrl::Sqlite(folder.path().join(format!("{n}.db"))));
}

#[test]
fn random_programs_are_answered_so_on_postgres_too() {
    if postgres::database().is_none() {
        return;
    }
    programs(tier(15, 300), |_| postgres::database().unwrap());
}
