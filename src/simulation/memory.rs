//! Patience in memory: the same decisions and the same folds as the real one, without a ledger. For
//! statistics over many worlds, where a database would only cost time.

use std::{collections::BTreeMap, convert::Infallible};

use super::Platform;
use crate::domain::{
    assignment::{Recorded, RecordedAssignment, Reply, Request, Snapshot, decide},
    conversation::Conversation,
    customer::Customer,
    event::{Attributes, Event, Fact},
    event_json::OWN_SOURCE,
    experiment::{Experiment, Unit},
    ids::{AccountId, ConversationId, CustomerId, EventId, ExperimentKey, Source, UnitId},
    time::Moment,
    unit::{CustomerRecord, UnitRecord},
};

/// What was told and decided, folded.
#[derive(Debug)]
pub struct Memory {
    snapshot: Snapshot,
    source: Source,
    decisions: u64,
    customers: BTreeMap<CustomerId, Known>,
    assignments: BTreeMap<UnitId, Vec<Joined>>,
}

/// A customer with its conversations.
#[derive(Debug, Default)]
struct Known {
    customer: Customer,
    conversations: BTreeMap<ConversationId, Conversation>,
}

/// A unit's place in an experiment.
#[derive(Debug)]
struct Joined {
    record: RecordedAssignment,
    at: Moment,
    first_conversation: Option<(CustomerId, ConversationId)>,
    attributes: Attributes,
}

impl Memory {
    /// Decides by these definitions.
    pub fn new(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            source: Source::new(OWN_SOURCE).unwrap_or_else(|_| unreachable!("a name of ours")),
            decisions: 0,
            customers: BTreeMap::new(),
            assignments: BTreeMap::new(),
        }
    }

    /// The units of an experiment in the order of their ids, as an analysis streams them.
    pub fn units(&self, experiment: &Experiment) -> impl Iterator<Item = UnitRecord> {
        let key = experiment.definition.key.clone();
        let unit_is_account = experiment.definition.unit == Unit::Account;
        let members = if unit_is_account { self.members() } else { BTreeMap::new() };
        self.assignments.iter().filter_map(move |(unit, joined)| {
            let joined = joined.iter().find(|joined| joined.record.experiment == key)?;
            let customers = if unit_is_account {
                members.get(unit.as_str()).into_iter().flatten().filter_map(|id| self.record(id)).collect()
            } else {
                CustomerId::new(unit.as_str()).iter().filter_map(|id| self.record(id)).collect()
            };
            Some(UnitRecord {
                unit: unit.clone(),
                cohort: joined.record.cohort.clone(),
                assigned_at: joined.at,
                first_conversation: joined.first_conversation.clone(),
                attributes: joined.attributes.clone(),
                customers,
            })
        })
    }

    fn members(&self) -> BTreeMap<&str, Vec<&CustomerId>> {
        let mut members = BTreeMap::<_, Vec<_>>::new();
        for (id, known) in &self.customers {
            if let Some(account) = known.customer.account_now() {
                members.entry(account.as_str()).or_default().push(id);
            }
        }
        members
    }

    fn record(&self, id: &CustomerId) -> Option<CustomerRecord> {
        let Known { customer, conversations } = self.customers.get(id)?;
        Some(CustomerRecord {
            id: id.clone(),
            facts: customer.into(),
            conversations: conversations.iter().map(|(id, told)| (id.clone(), told.into())).collect(),
        })
    }

    fn recorded(&self, request: &Request) -> Recorded {
        let id = &request.customer.id;
        let known = self.customers.get(id);
        let account = known.and_then(|known| known.customer.account_now().cloned());
        let units = [Some(UnitId::from(id)), account.as_ref().map(UnitId::from)]
            .into_iter()
            .flatten()
            .chain(request.customer.account.as_ref().map(UnitId::from));
        Recorded {
            known: known.is_some(),
            account,
            attributes: known.map(|known| known.customer.attributes_now()).unwrap_or_default(),
            assignments: units
                .filter_map(|unit| self.assignments.get(&unit))
                .flatten()
                .map(|joined| joined.record.clone())
                .collect(),
            promise: request.conversation.as_ref().and_then(|conversation| {
                let talk = known?.conversations.get(&conversation.id)?;
                talk.promise.get().map(|(_, promise)| promise.clone())
            }),
        }
    }

    /// Decides as the server would, remembers it, and gives the event that a ledger would keep: none where
    /// nothing is new.
    pub fn decide(&mut self, request: &Request, now: Moment) -> (Reply, Option<Event>) {
        let decision = decide(&self.snapshot, request, &self.recorded(request), now);
        let event = decision.record.map(|decided| {
            self.decisions += 1;
            let id = EventId::new(&format!("a-{}", self.decisions));
            let id = id.unwrap_or_else(|_| unreachable!("an id of ours"));
            let fact = Fact::AssignmentDecided(Box::new(decided));
            Event { source: self.source.clone(), id, occurred_at: now, fact }
        });
        if let Some(event) = &event {
            self.apply(event);
        }
        (decision.reply, event)
    }

    /// Takes an event in. Repetitions change nothing.
    pub fn apply(&mut self, event: &Event) {
        let Some(id) = event.fact.customer() else { return };
        let known = self.customers.entry(id.clone()).or_default();
        known.customer.apply(event);
        if let Some(conversation) = event.fact.conversation() {
            known.conversations.entry(conversation.clone()).or_default().apply(event);
        }
        let attributes = || known.customer.attributes_now();
        match &event.fact {
            Fact::AssignmentDecided(decided) => {
                let first = decided.conversation_id.clone().map(|conversation| (id.clone(), conversation));
                for new in &decided.assigned {
                    let record = RecordedAssignment {
                        experiment: new.experiment.clone(),
                        unit: new.unit.clone(),
                        cohort: new.cohort.clone(),
                    };
                    self.assignments.entry(new.unit.clone()).or_default().push(Joined {
                        record,
                        at: event.occurred_at,
                        first_conversation: first.clone(),
                        attributes: attributes(),
                    });
                }
            }
            Fact::CohortAssigned { account, experiment, cohort, .. } => {
                let unit = account.as_ref().map_or_else(|| UnitId::from(id), |a: &AccountId| UnitId::from(a));
                let joined = self.assignments.entry(unit.clone()).or_default();
                if !joined.iter().any(|joined| joined.record.experiment == *experiment) {
                    let (experiment, cohort) = (experiment.clone(), cohort.clone());
                    joined.push(Joined {
                        record: RecordedAssignment { experiment, unit, cohort },
                        at: event.occurred_at,
                        first_conversation: None,
                        attributes: attributes(),
                    });
                }
            }
            _ => {}
        }
    }

    /// How many units an experiment has.
    pub fn units_of(&self, experiment: &ExperimentKey) -> usize {
        let has = |joined: &&Vec<Joined>| joined.iter().any(|j| j.record.experiment == *experiment);
        self.assignments.values().filter(has).count()
    }
}

impl Platform for Memory {
    type Error = Infallible;

    fn assign(&mut self, request: &Request, now: Moment) -> Result<Reply, Infallible> {
        Ok(self.decide(request, now).0)
    }

    fn tell(&mut self, event: Event) -> Result<(), Infallible> {
        self.apply(&event);
        Ok(())
    }
}
