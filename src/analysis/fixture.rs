//! Units for tests, told event by event as a help desk would.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::{
    calendar::Calendar,
    conversation::Conversation,
    customer::Customer,
    event::{Event, Fact},
    experiment::{Definition, Experiment, Status},
    ids::{CalendarKey, ConversationId, CustomerId},
    time::Moment,
    unit::{CustomerRecord, UnitRecord},
};

/// A moment from RFC 3339.
pub fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// The shipped example with some of its fields replaced.
pub fn definition(changes: &[(&str, serde_json::Value)]) -> Definition {
    let mut value = json!({
        "key": "longer", "name": "Longer", "unit": "customer", "confidence": 0.95,
        "starts_on": "2026-01-05", "planned_weeks": 22,
        "traffic": {"layer": "first-response", "share": 1.0},
        "cohorts": [
            {"key": "usual", "control": true, "weight": 50, "first_response": "PT4H"},
            {"key": "slow", "weight": 50, "first_response": "PT8H"}
        ],
        "metrics": [
            {"metric": "csat", "role": "guardrail", "margin": 0.03, "margin_scale": "relative"},
            {"metric": "net_revenue_retention", "role": "guardrail", "margin": 0.02},
            {"metric": "questions_asked", "role": "secondary"},
            {"metric": "conversations_per_agent_hour", "role": "primary"}
        ],
        "analysis": {"looks": "fixed", "planned_units": 20000, "covariate_adjustment": false},
        "economics": {"currency": "USD", "agent_hour": 30.0, "gross_margin": 0.8, "replacement_cost": 200.0}
    });
    for (pointer, new) in changes {
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        match value.pointer_mut(parent).unwrap() {
            serde_json::Value::Array(list) => list[last.parse::<usize>().unwrap()] = new.clone(),
            object => object[last] = new.clone(),
        }
    }
    serde_json::from_value(value).unwrap()
}

/// A running experiment.
pub fn experiment(definition: Definition) -> Experiment {
    Experiment {
        planned_units: definition.analysis.planned_units.unwrap_or(5000),
        definition,
        status: Status::Running,
        salt: "salt".into(),
        version: 1,
        created_at: at("2026-01-01T00:00:00Z"),
        started_at: Some(at("2026-01-05T00:00:00Z")),
        stopped_at: None,
        layer_salt: "layer".into(),
        layer_offset: 0,
    }
}

/// The calendar that never closes, by its key.
pub fn calendars() -> BTreeMap<CalendarKey, Calendar> {
    BTreeMap::from([(CalendarKey::always(), Calendar::always())])
}

/// A unit of one customer, assigned at a moment, with what was told of it: contract events without `id`,
/// `source` and `customer_id`.
pub fn unit(id: &str, cohort: &str, assigned_at: &str, told: &[serde_json::Value]) -> UnitRecord {
    let mut customer = Customer::default();
    let mut conversations: BTreeMap<ConversationId, Conversation> = BTreeMap::new();
    for (nth, event) in told.iter().enumerate() {
        let event = event_of(id, nth, event);
        customer.apply(&event);
        if let Some(conversation) = event.fact.conversation() {
            conversations.entry(conversation.clone()).or_default().apply(&event);
        }
        assert!(!matches!(event.fact, Fact::CohortAssigned { .. }), "the fixture assigns");
    }
    let customer_id = CustomerId::new(id).unwrap();
    UnitRecord {
        unit: (&customer_id).into(),
        cohort: cohort.parse().unwrap(),
        assigned_at: at(assigned_at),
        first_conversation: None,
        attributes: BTreeMap::new(),
        customers: vec![CustomerRecord {
            id: customer_id,
            facts: (&customer).into(),
            conversations: conversations.iter().map(|(id, told)| (id.clone(), told.into())).collect(),
        }],
    }
}

fn event_of(customer: &str, nth: usize, event: &serde_json::Value) -> Event {
    let mut event = event.clone();
    event["id"] = json!(format!("{customer}-{nth}"));
    event["customer_id"] = json!(customer);
    if event.get("occurred_at").is_none() {
        event["occurred_at"] = json!("2026-01-01T00:00:00Z");
    }
    Event::from_json(event, "test").unwrap()
}
