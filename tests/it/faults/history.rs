//! What a test knows to have been acknowledged, and whether the database agrees.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use patience::storage::{
    DatabaseUrl, Result, StorageError, Store,
    verify::{self, Step},
};

/// What was told and what was answered.
#[derive(Debug, Default, Clone)]
pub struct History {
    /// Events that were answered 200, and when ([`super::load::Load::clock`]): they must be there.
    pub acked: BTreeMap<String, u64>,
    /// Events that were sent, and whose answer never came or was an error: they may be there, once.
    pub unsure: BTreeSet<String>,
    /// Cohorts that were answered, by unit, and when: for ever.
    pub cohorts: BTreeMap<String, (String, u64)>,
    /// Units that were asked for without an answer: they may be there.
    pub asked: BTreeSet<String>,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What a query of one text column, `line`, finds.
pub fn lines(store: &Store, query: &str) -> Vec<String> {
    store
        .read(|db| {
            let rows: Vec<Line> = sql_query(query).load(db).map_err(StorageError::from)?;
            Ok::<_, StorageError>(rows.into_iter().map(|row| row.line).collect())
        })
        .unwrap()
}

/// What `verify` finds.
pub fn differences(store: &Store) -> Result<Vec<String>> {
    let mut found = Vec::new();
    verify::run(store, &mut |step| {
        if let Step::Difference(difference) = step {
            found.push(difference.to_string());
        }
    })?;
    Ok(found)
}

impl History {
    /// Takes another one in; a unit that has another cohort there has changed.
    pub fn add(&mut self, other: Self) {
        self.acked.extend(other.acked);
        self.unsure.extend(other.unsure);
        self.asked.extend(other.asked);
        for (unit, (cohort, when)) in other.cohorts {
            self.answered(&unit, &cohort, when);
        }
    }

    /// Notes a cohort.
    pub fn answered(&mut self, unit: &str, cohort: &str, when: u64) {
        let known = self.cohorts.entry(unit.to_owned()).or_insert_with(|| (cohort.to_owned(), when));
        assert_eq!(known.0, cohort, "{unit} changed cohort");
        known.1 = known.1.min(when);
    }

    /// The history as it was known at a moment: what was acknowledged later was only sent by then.
    pub fn until(&self, moment: u64) -> Self {
        let mut then = Self { unsure: self.unsure.clone(), asked: self.asked.clone(), ..Self::default() };
        for (id, when) in &self.acked {
            if *when <= moment {
                then.acked.insert(id.clone(), *when);
            } else {
                then.unsure.insert(id.clone());
            }
        }
        then.cohorts = self.cohorts.clone();
        then.cohorts.retain(|_, (_, when)| *when <= moment);
        then
    }

    /// What is wrong with a database, by this history: nothing acknowledged is missing, nothing is there that was never
    /// sent, nothing twice, no cohort changed, and everything derived is what the ledger says.
    pub fn faults(&self, store: &Store) -> Vec<String> {
        let mut faults = Vec::new();
        let events = lines(store, "SELECT id AS line FROM ledger WHERE source <> 'patience'");
        let kept: BTreeSet<&String> = events.iter().collect();
        if kept.len() != events.len() {
            faults.push(format!("{} events stand twice in the ledger", events.len() - kept.len()));
        }
        let lost: Vec<_> = self.acked.keys().filter(|id| !kept.contains(id)).take(5).collect();
        if !lost.is_empty() {
            let all = self.acked.keys().filter(|id| !kept.contains(id)).count();
            faults.push(format!("{all} of {} acknowledged events are lost: {lost:?} …", self.acked.len()));
        }
        let made_up: Vec<_> = kept
            .iter()
            .filter(|id| !self.acked.contains_key(**id) && !self.unsure.contains(**id))
            .take(5)
            .collect();
        if !made_up.is_empty() {
            faults.push(format!("nobody sent {made_up:?}"));
        }
        let assigned: BTreeMap<String, String> = lines(
            store,
            "SELECT unit_id || ' ' || cohort AS line FROM assignments WHERE experiment = 'torture'",
        )
        .into_iter()
        .filter_map(|line| line.split_once(' ').map(|(unit, cohort)| (unit.to_owned(), cohort.to_owned())))
        .collect();
        let lost =
            self.cohorts.iter().filter(|(unit, (cohort, _))| assigned.get(*unit) != Some(cohort)).count();
        if lost > 0 {
            faults.push(format!(
                "{lost} of {} cohorts that were answered are not on record",
                self.cohorts.len()
            ));
        }
        for unit in assigned.keys() {
            if !self.cohorts.contains_key(unit) && !self.asked.contains(unit) {
                faults.push(format!("nobody asked for {unit}"));
            }
        }
        match differences(store) {
            Ok(differences) => faults.extend(differences.into_iter().take(5)),
            Err(error) => faults.push(error.to_string()),
        }
        faults
    }

    /// Fails where the database is not what this history allows.
    pub fn check(&self, url: &DatabaseUrl) {
        let faults = self.faults(&Store::open_existing(url).unwrap());
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
