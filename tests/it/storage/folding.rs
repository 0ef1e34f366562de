//! Whatever the order, the cut into batches and the repetitions, the derived tables are the same, byte for
//! byte.

use std::{collections::BTreeMap, sync::Arc};

use patience::{
    domain::{
        conversation::{Conversation, Promise},
        customer::Customer,
        event::{Attributes, Decided, Event, Fact, NewAssignment, Topics},
        event_json::OWN_SOURCE,
        ids::{
            AccountId, CalendarKey, CohortKey, ConversationId, CustomerId, EventId, ExperimentKey, Source,
            UnitId,
        },
        time::{Moment, Wait},
    },
    storage::ledger::{self, Told},
};
use proptest::{
    prelude::{Strategy, any, prop},
    sample::Index,
    test_runner::{Config, TestRunner},
};
use serde_json::json;

use super::derived;
use crate::support::{MakeStore, definition, noon, start, told};

crate::on_both_engines!(the_order_of_telling_does_not_matter);

/// The cohort that a unit is in, wherever it is told: contradictions are another test's.
fn cohort_of(unit: &str) -> CohortKey {
    CohortKey::new(if unit.ends_with(['1', '3']) { "usual" } else { "longer" }).unwrap()
}

/// An event out of a small world, so that much of it meets.
fn event(number: usize, seed: [u8; 6]) -> Event {
    let [kind, who, which, when, value, source] = seed;
    let customer = CustomerId::new(&format!("c{}", who % 4)).unwrap();
    let conversation = ConversationId::new(&format!("v{}", which % 3)).unwrap();
    let account = (value % 3 > 0).then(|| AccountId::new(&format!("a{}", value % 3)).unwrap());
    let at = Moment::from_ms(1_772_000_000_000 + i64::from(when % 6) * 1000).unwrap();
    let text = |word: &str| Some(format!("{word}{}", value % 2));
    let attributes: Attributes =
        [("plan".to_owned(), json!(text("p"))), ("spend".to_owned(), json!(f64::from(value) / 8.0))].into();
    let fact = match kind % 12 {
        0 => Fact::CustomerUpdated { customer, account, attributes },
        1 => Fact::Opened {
            customer,
            conversation,
            topics: Topics {
                channel: text("mail").map(Into::into),
                topic: None,
                urgency: text("u").map(Into::into),
            },
        },
        2 | 3 => Fact::Replied {
            customer,
            conversation,
            by: [patience::domain::event::Author::Agent, patience::domain::event::Author::Bot]
                [usize::from(value % 2)],
            agent: None,
        },
        4 => Fact::Closed {
            customer,
            conversation,
            handle_seconds: f64::from(value),
            after_contact_seconds: 0.1,
            resolved: Some(value % 2 == 0),
        },
        5 => Fact::Reopened { customer, conversation },
        6 => Fact::Rated {
            customer,
            conversation,
            score: value % 5 + 1,
            emotions: vec!["calm".into()],
            comment: None,
        },
        7 => Fact::Revenue {
            customer,
            month: at.month(),
            amount: f64::from(value) / 3.0,
            currency: patience::domain::currency::Currency::new("EUR").unwrap(),
        },
        8 => Fact::Churned { customer },
        9 => Fact::Metric { customer, name: "nps".into(), value: f64::from(value) },
        10 => {
            let (experiment, account) = match &account {
                Some(account) if value % 2 == 0 => ("by-account", Some(account.clone())),
                _ => ("by-customer", None),
            };
            let unit = account.as_ref().map_or(customer.as_str(), AccountId::as_str);
            let cohort = cohort_of(unit);
            Fact::CohortAssigned {
                customer,
                account,
                experiment: ExperimentKey::new(experiment).unwrap(),
                cohort,
            }
        }
        _ => {
            let unit = UnitId::from(&customer);
            let cohort = cohort_of(unit.as_str());
            let experiment = ExperimentKey::new("by-customer").unwrap();
            let new = NewAssignment { experiment, unit, cohort, attributes: Arc::new(attributes.clone()) };
            Fact::AssignmentDecided(Box::new(Decided {
                customer_id: customer,
                account_id: account,
                attributes,
                conversation_id: Some(conversation),
                assigned: vec![new],
                promise: Some(Promise {
                    first_response: Wait::from_hours(4),
                    calendar: CalendarKey::always(),
                    due_at: Some(at + Wait::from_hours(4)),
                    message: "Soon.".into(),
                    source: "by-customer/usual".into(),
                }),
            }))
        }
    };
    let source = match fact {
        Fact::AssignmentDecided(_) => OWN_SOURCE,
        _ => ["desk", "crm"][usize::from(source % 2)],
    };
    Event {
        source: Source::new(source).unwrap(),
        id: EventId::new(&format!("e{number}")).unwrap(),
        occurred_at: at,
        fact,
    }
}

fn the_order_of_telling_does_not_matter(make: MakeStore<'_>) {
    let program = prop::collection::vec(any::<[u8; 6]>(), 1..60).prop_flat_map(|seeds| {
        let events: Vec<Event> = seeds.into_iter().enumerate().map(|(n, seed)| event(n, seed)).collect();
        let shuffled = proptest::strategy::Just(events.clone()).prop_shuffle();
        let repeated = prop::collection::vec(any::<Index>(), 0..10);
        let cuts = prop::collection::vec(any::<Index>(), 0..6);
        (proptest::strategy::Just(events), shuffled, repeated, cuts)
    });
    let Some(probe) = make() else { return };
    let cases = if matches!(probe.url(), patience::storage::DatabaseUrl::Sqlite(_)) { 40 } else { 8 };
    let config = Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&program, |(events, mut shuffled, repeated, cuts)| {
            let (Some(one), Some(other)) = (make(), make()) else { return Ok(()) };
            for store in [&one, &other] {
                start(store, definition("by-customer", &json!({})));
                start(store, definition("by-account", &json!({"unit": "account"})));
            }
            let entries: Vec<_> = events.iter().map(told).collect();
            let answers = one.write(move |db| ledger::append(db, &entries, noon())).unwrap();
            assert!(answers.iter().all(|told| *told == Told::Accepted), "{answers:?}");

            for index in &repeated {
                shuffled.push(events[index.index(events.len())].clone());
            }
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(shuffled.len())).collect();
            cuts.extend([0, shuffled.len()]);
            cuts.sort_unstable();
            let mut duplicates = 0;
            for cut in cuts.windows(2) {
                let entries: Vec<_> = shuffled[cut[0]..cut[1]].iter().map(told).collect();
                let answers = other.write(move |db| ledger::append(db, &entries, noon())).unwrap();
                duplicates += answers.iter().filter(|told| **told == Told::Duplicate).count();
            }
            assert_eq!(duplicates, repeated.len());
            assert_eq!(derived(&one), derived(&other));
            assert_eq!(derived(&one), by_hand(&events));
            Ok(())
        })
        .unwrap();
}

/// The customers and conversations as the domain's fold alone makes them, event after event.
fn by_hand(events: &[Event]) -> Vec<String> {
    let mut customers: BTreeMap<CustomerId, Customer> = BTreeMap::new();
    let mut conversations: BTreeMap<(CustomerId, ConversationId), Conversation> = BTreeMap::new();
    let mut assigned: BTreeMap<(String, String), (Moment, String, String, String)> = BTreeMap::new();
    for event in events {
        let event = told(event).event;
        let Some(customer) = event.fact.customer() else { continue };
        customers.entry(customer.clone()).or_default().apply(&event);
        if let Some(conversation) = event.fact.conversation() {
            conversations.entry((customer.clone(), conversation.clone())).or_default().apply(&event);
        }
        let (key, rest) = match &event.fact {
            Fact::CohortAssigned { experiment, account, .. } => {
                let unit = account.as_ref().map_or(customer.as_str(), AccountId::as_str);
                ((experiment.to_string(), unit.to_owned()), "  -".to_owned())
            }
            Fact::AssignmentDecided(decided) => {
                let new = &decided.assigned[0];
                let attributes = serde_json::to_string(&new.attributes).unwrap();
                let first = format!("{customer} {} {attributes}", decided.conversation_id.as_ref().unwrap());
                ((new.experiment.to_string(), new.unit.to_string()), first)
            }
            _ => continue,
        };
        let telling = (event.occurred_at, event.source.to_string(), event.id.to_string(), rest);
        let known = assigned.entry(key).or_insert_with(|| telling.clone());
        *known = known.clone().min(telling);
    }
    let hex = |bytes: Vec<u8>| hex::encode_upper(bytes);
    let mut all = Vec::new();
    for (id, state) in &customers {
        let account = state.account_now().map(AccountId::as_str).unwrap_or_default();
        all.push(format!("{id} {account} {}", hex(rmp_serde::to_vec(state).unwrap())));
    }
    for ((customer, id), state) in &conversations {
        all.push(format!("{customer} {id} {}", hex(rmp_serde::to_vec(state).unwrap())));
    }
    for ((experiment, unit), (at, source, id, rest)) in &assigned {
        all.push(format!("{experiment} {unit} {} {} {source} {id} {rest}", cohort_of(unit), at.ms()));
    }
    all
}
