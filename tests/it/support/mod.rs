//! What the tests share.

pub mod authenticator;
pub mod idp;
pub mod postgres;
pub mod smtp;

use std::ops::Deref;

use patience::{
    domain::{
        event::Event,
        event_json::Entry,
        experiment::{Definition, Move},
        time::Moment,
    },
    storage::{DatabaseUrl, Store, experiments},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A store of a test's own.
pub struct TestStore {
    store: Store,
    _folder: Option<TempDir>,
}

impl TestStore {
    pub fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        Self { store: Store::open(&url).unwrap(), _folder: Some(folder) }
    }

    pub fn postgres() -> Option<Self> {
        let url = postgres::database()?;
        Some(Self { store: Store::open(&url).unwrap(), _folder: None })
    }
}

impl Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

/// Runs a function of a `fn() -> Option<TestStore>` as one test for each engine.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(&|| Some($crate::support::TestStore::sqlite()));
            }

            #[test]
            fn postgres() {
                super::$name(&$crate::support::TestStore::postgres);
            }
        }
    )+};
}

/// Makes a store, again and again where a test needs several; none where the engine is not here.
pub type MakeStore<'a> = &'a dyn Fn() -> Option<TestStore>;

pub fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

pub fn noon() -> Moment {
    at("2026-03-02T12:00:00Z")
}

/// An event of the contract: its type, id, time and the rest of its fields.
pub fn entry(kind: &str, id: &str, occurred_at: &str, fields: &Value) -> Entry {
    let mut event = json!({"type": kind, "id": id, "occurred_at": occurred_at});
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    Entry::from_json(event, "help-desk").unwrap()
}

pub fn told(event: &Event) -> Entry {
    Entry::try_from(event).unwrap()
}

/// A definition with two cohorts, `usual` and `longer`; `changes` is laid over it.
pub fn definition(key: &str, changes: &Value) -> Definition {
    let mut definition = json!({
        "key": key, "name": key, "starts_on": "2026-01-05", "planned_weeks": 22,
        "cohorts": [
            {"key": "usual", "control": true, "weight": 50, "first_response": "PT4H"},
            {"key": "longer", "weight": 50, "first_response": "PT8H"},
        ],
        "metrics": [],
    });
    for (name, value) in changes.as_object().unwrap() {
        definition[name] = value.clone();
    }
    serde_json::from_value(definition).unwrap()
}

/// Defines and starts an experiment.
pub fn start(store: &Store, definition: Definition) {
    store
        .write(move |db| {
            experiments::put(db, &definition, noon(), "test")?;
            experiments::advance(db, &definition.key, Move::Start, None, noon(), "test")
        })
        .unwrap();
}
