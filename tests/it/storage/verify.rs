//! A tampered row is named.

use patience::storage::{
    Store, ledger,
    verify::{self, Step},
};
use serde_json::json;

use super::tamper;
use crate::support::{MakeStore, definition, entry, noon, start};

crate::on_both_engines!(each_tampered_row_is_named);

/// What `verify` finds, as it prints it.
pub fn differences(store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    verify::run(store, &mut |step| {
        if let Step::Difference(difference) = step {
            found.push(difference.to_string());
        }
    })
    .unwrap();
    found
}

fn each_tampered_row_is_named(make: MakeStore<'_>) {
    for (statement, named) in [
        (
            "UPDATE customers SET state = (SELECT state FROM customers WHERE customer_id = 'c2') WHERE customer_id = 'c1'",
            "customers c1: differs",
        ),
        ("UPDATE customers SET account_id = 'Z' WHERE customer_id = 'c1'", "customers c1: differs"),
        ("DELETE FROM customers WHERE customer_id = 'c1'", "customers c1: missing"),
        (
            "UPDATE conversations SET state = (SELECT state FROM conversations WHERE conversation_id = 'v2') WHERE conversation_id = 'v1'",
            "conversations c1 / v1: differs",
        ),
        ("DELETE FROM conversations WHERE conversation_id = 'v1'", "conversations c1 / v1: missing"),
        (
            "INSERT INTO conversations SELECT customer_id, 'v0', state FROM conversations WHERE conversation_id = 'v1'",
            "conversations c1 / v0: extra",
        ),
        ("UPDATE assignments SET cohort = 'longer' WHERE unit_id = 'c1'", "assignments frt / c1: differs"),
        ("UPDATE assignments SET assigned_at = 0 WHERE unit_id = 'c1'", "assignments frt / c1: differs"),
        ("DELETE FROM assignments WHERE unit_id = 'c1'", "assignments frt / c1: missing"),
        (
            "INSERT INTO assignments SELECT experiment, 'c9', cohort, assigned_at, told_source, told_id, NULL, NULL, NULL FROM assignments WHERE unit_id = 'c1'",
            "assignments frt / c9: extra",
        ),
        (
            "UPDATE ledger SET body = replace(body, '\"score\":4', '\"score\":5') WHERE id = 'rated'",
            "ledger 4: body was changed",
        ),
        ("UPDATE ledger SET customer_id = 'c2' WHERE id = 'rated'", "ledger 4: customer_id was changed"),
        ("UPDATE ledger SET source = 'crm' WHERE id = 'rated'", "ledger 4: source was changed"),
        ("DELETE FROM ledger WHERE id = 'updated'", "ledger 2: missing"),
        (
            "INSERT INTO analyses VALUES ('frt', 1, 0, 0, 0, 1, (SELECT digest FROM ledger WHERE seq = 1), '{}', NULL)",
            "analyses frt / 1: was changed",
        ),
    ] {
        let Some(store) = make() else { return };
        start(&store, definition("frt", &json!({})));
        let when = "2026-02-01T00:00:00Z";
        let entries = vec![
            entry(
                "cohort.assigned",
                "assigned",
                when,
                &json!({"customer_id": "c1", "experiment": "frt", "cohort": "usual"}),
            ),
            entry(
                "customer.updated",
                "updated",
                when,
                &json!({"customer_id": "c1", "account_id": "A", "attributes": {"spend": 1.5}}),
            ),
            entry(
                "conversation.opened",
                "opened",
                when,
                &json!({"customer_id": "c1", "conversation_id": "v1"}),
            ),
            entry(
                "conversation.rated",
                "rated",
                when,
                &json!({"customer_id": "c1", "conversation_id": "v1", "score": 4}),
            ),
            entry(
                "conversation.opened",
                "other",
                when,
                &json!({"customer_id": "c2", "conversation_id": "v2"}),
            ),
        ];
        store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
        assert_eq!(differences(&store), Vec::<String>::new());
        tamper(&store, statement);
        let found = differences(&store);
        assert!(found.iter().any(|line| line.starts_with(named)), "{statement}\n{found:#?}");
    }
}
