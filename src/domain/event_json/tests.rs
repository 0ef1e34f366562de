//! Events as the contract writes them, good and bad.

use super::*;
use crate::domain::{event::EventType, ids::CustomerId};

fn read(json: &str) -> Result<Entry, Rejection> {
    Entry::from_json(serde_json::from_str(json).unwrap(), "help-desk")
}

fn detail(json: &str) -> String {
    read(json).unwrap_err().detail
}

#[test]
fn one_content_has_one_text_whatever_the_order_and_the_spelling_of_numbers() {
    let a = read(
        r#"{"id":"1","type":"revenue.recorded","occurred_at":"2026-03-02T09:00:00Z",
        "customer_id":"c","amount":42.0,"currency":"EUR","month":"2026-03","extra":{"b":1,"a":[1.50]}}"#,
    );
    let b = read(
        r#"{"extra":{"a":[1.5],"b":1.0},"month":"2026-03","currency":"EUR","amount":42,
        "customer_id":"c","occurred_at":"2026-03-02T09:00:00Z","type":"revenue.recorded","id":"1"}"#,
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!((&a.body, a.digest), (&b.body, b.digest));
    assert_eq!(
        a.body,
        r#"{"amount":42,"currency":"EUR","customer_id":"c","extra":{"a":[1.5],"b":1},"id":"1","month":"2026-03","occurred_at":"2026-03-02T09:00:00Z","source":"help-desk","type":"revenue.recorded"}"#
    );
}

#[test]
fn each_mistake_names_its_field_and_the_mend() {
    let event = |fields: &str| {
        format!(
            r#"{{"id":"e","occurred_at":"2026-03-02T09:00:00Z","customer_id":"c","conversation_id":"v",{fields}}}"#
        )
    };
    for (fields, said) in [
        (r#""type":"conversation.rated","score":7"#, "score must be a whole number from 1 to 5, this is 7"),
        (
            r#""type":"conversation.rated","score":4.5"#,
            "score must be a whole number from 1 to 5, this is 4.5",
        ),
        (
            r#""type":"conversation.rated","score":"4""#,
            "score must be a whole number from 1 to 5, this is \"4\"",
        ),
        (r#""type":"conversation.rated""#, "score is missing: add it"),
        (
            r#""type":"conversation.rated","score":4,"comment":["slow"]"#,
            "comment must be a text in quotes, this is [\"slow\"]",
        ),
        (
            r#""type":"conversation.closed","handle_seconds":-1"#,
            "handle_seconds must not be negative, this is -1",
        ),
        (r#""type":"conversation.replied","by":"cat""#, "by must be agent, bot or customer, this is \"cat\""),
        (
            r#""type":"metric.recorded","name":"n","value":true"#,
            "value must be a finite number, this is true",
        ),
        (
            r#""type":"customer.updated","attributes":[]"#,
            "attributes must be an object of names and values, this is []",
        ),
        (
            r#""type":"cohort.assigned","experiment":"X y","cohort":"a""#,
            "experiment must be 1 to 64 characters of a-z, 0-9, '-' and '_', starting with a letter or digit, this is \"X y\"",
        ),
        (
            r#""type":"revenue.recorded","month":"2026-3","amount":1,"currency":"EUR""#,
            "month must be a month, such as 2026-03, this is \"2026-3\"",
        ),
        (
            r#""type":"revenue.recorded","month":"2026-03","amount":1,"currency":"eur""#,
            "currency must be three capital letters of ISO 4217, such as USD, this is \"eur\"",
        ),
    ] {
        assert_eq!(detail(&event(fields)), said);
    }
    assert!(
        detail(&event(r#""type":"assignment.decided""#))
            .starts_with("type \"assignment.decided\" is unknown: use one of customer.updated, ")
    );
    assert!(
        detail(&event(r#""type":"customer.churned","source":"patience""#))
            .starts_with("source \"patience\" is kept")
    );
    let nameless = read(r#"{"type":"customer.churned","id":5,"customer_id":"c"}"#).unwrap_err();
    assert_eq!(nameless.detail, "id must be a text in quotes, this is 5");
    assert_eq!(nameless.customer, Some(CustomerId::new("c").unwrap()));
    assert_eq!(detail("[1]"), "must be a JSON object");
}

#[test]
fn a_comment_is_counted_in_characters_and_may_have_ten_thousand() {
    let rated = |length: usize| {
        read(&format!(
            r#"{{"id":"e","type":"conversation.rated","occurred_at":"2026-03-02T09:00:00Z","customer_id":"c","conversation_id":"v","score":1,"comment":"{}"}}"#,
            "ü".repeat(length)
        ))
    };
    assert!(rated(10_000).is_ok());
    let detail = rated(10_001).unwrap_err().detail;
    assert!(detail.starts_with("comment must be at most 10000 characters long: shorten it"), "{detail}");
}

#[test]
fn every_type_comes_back_from_its_own_text() {
    let tellings = [
        r#""type":"customer.updated","account_id":"a","attributes":{"x":1.25,"y":[null,"z"]}"#,
        r#""type":"conversation.opened","conversation_id":"v","topic":"billing""#,
        r#""type":"conversation.replied","conversation_id":"v","by":"agent","agent_id":"g""#,
        r#""type":"conversation.closed","conversation_id":"v","handle_seconds":90.5,"resolved":false"#,
        r#""type":"conversation.reopened","conversation_id":"v""#,
        r#""type":"conversation.rated","conversation_id":"v","score":5.0,"emotions":["calm"],"comment":"\"Zügig\"""#,
        r#""type":"revenue.recorded","month":"2026-03","amount":0.1,"currency":"EUR""#,
        r#""type":"customer.churned""#,
        r#""type":"metric.recorded","name":"nps","value":-3"#,
        r#""type":"agent.surveyed","agent_id":"g","score":3.5"#,
        r#""type":"cohort.assigned","experiment":"e","cohort":"a","account_id":"a""#,
    ];
    for (telling, kind) in tellings.iter().zip(EventType::SENT) {
        let event = read(&format!(
            r#"{{"id":"e","occurred_at":"2026-03-02T10:00:00.250+01:00","customer_id":"c",{telling}}}"#
        ));
        let event = event.unwrap().event;
        assert_eq!(event.fact.event_type(), kind);
        assert_eq!(EventType::named(kind.as_str()), Some(kind));
        assert_eq!(Entry::try_from(&event).unwrap().event, event);
    }
}

#[test]
fn our_own_decisions_come_back_too_but_only_from_our_ledger() {
    let body = r#"{"assigned":[{"cohort":"a","experiment":"e","unit":"c"}],"attributes":{"spend":42},"conversation_id":"v","customer_id":"c","id":"d","occurred_at":"2026-03-02T09:00:00Z","promise":{"calendar":"always","due_at":"2026-03-02T13:00:00Z","first_response":"PT4H","message":"Soon.","source":"e/a"},"source":"patience","type":"assignment.decided"}"#;
    let entry = Entry::from_body(body.to_owned()).unwrap();
    assert!(matches!(&entry.event.fact, Fact::AssignmentDecided(d) if d.assigned.len() == 1));
    assert_eq!(entry.event.to_canonical_json(), body);
    assert!(Event::from_json(serde_json::from_str(body).unwrap(), "help-desk").is_err());
}
