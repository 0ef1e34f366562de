//! What is remembered for decisions is never older than what was answered.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

use diesel::connection::SimpleConnection;
use patience::{
    domain::{
        assignment::{Recorded, Request, RequestedCustomer, Snapshot},
        event::Attributes,
    },
    storage::{
        StorageError, Store, assignments, experiments,
        ledger::{self, Entry, Told},
    },
};
use serde_json::{Value, json};

use crate::support::{MakeStore, definition, entry, noon, start};

crate::on_both_engines!(
    what_is_remembered_is_what_is_recorded,
    one_that_cannot_be_read_does_not_fail_the_others,
    what_another_process_told_is_noticed,
    whatever_an_event_holds_beside_its_fields_the_ledger_is_followed,
    after_much_that_was_told_elsewhere_nothing_old_is_remembered,
    nobody_who_heard_of_a_change_is_decided_for_without_it,
);

fn append(store: &Store, entry: Entry) {
    let told = store.write(move |db| ledger::append(db, std::slice::from_ref(&entry), noon())).unwrap();
    assert_eq!(told, [Told::Accepted]);
}

fn updated(second: i64, customer: &str, fields: &Value) -> Entry {
    let mut fields = fields.clone();
    fields["customer_id"] = customer.into();
    let at = format!("2026-03-02T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60);
    entry("customer.updated", &format!("u{second}"), &at, &fields)
}

fn asked(customer: &str, account: Option<&str>) -> RequestedCustomer {
    let request = Request::from_json(&json!({"customer": {"id": customer, "account_id": account}}));
    request.unwrap().customer
}

/// As the database has it, past the memory.
fn read(store: &Store, customer: &RequestedCustomer) -> Recorded {
    let request = Request { customer: customer.clone(), conversation: None };
    store.read(|db| assignments::recorded_for(db, &request)).unwrap()
}

/// As it is recalled, alone.
fn recall(store: &Store, customer: &RequestedCustomer, accounts: bool) -> Recorded {
    store.recall(std::slice::from_ref(customer), accounts).remove(0).unwrap()
}

fn sorted(mut recorded: Recorded) -> Recorded {
    recorded.assignments.sort_by(|a, b| (&a.experiment, &a.unit).cmp(&(&b.experiment, &b.unit)));
    recorded
}

fn what_is_remembered_is_what_is_recorded(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    start(&store, definition("of-customers", &json!({})));
    start(&store, definition("of-accounts", &json!({"unit": "account", "traffic": {"layer": "other"}})));
    let everybody = ["c0", "c1", "c2", "a0"].map(|id| [None, Some("a0"), Some("a1")].map(|a| asked(id, a)));
    let everybody = everybody.as_flattened();
    assert!(everybody.iter().all(|customer| store.remembered(customer, true).is_none()));

    // Each line changes one thing that a decision goes by; an id may name a customer and an account.
    let assigned = |n: i64, customer: &str, experiment: &str, account: &str| {
        let fields = json!({"customer_id": customer, "account_id": account, "experiment": experiment, "cohort": "longer"});
        entry("cohort.assigned", &format!("a{n}"), "2026-02-02T00:00:00Z", &fields)
    };
    let story = [
        updated(0, "c0", &json!({"attributes": {"plan": "team", "seats": 3}})),
        updated(1, "c0", &json!({"account_id": "a0"})),
        assigned(2, "c0", "of-customers", "a0"),
        assigned(3, "c1", "of-accounts", "a0"),
        updated(4, "c0", &json!({"account_id": "a1", "attributes": {"plan": "pro"}})),
        assigned(5, "c2", "of-accounts", "a1"),
        updated(6, "a0", &json!({"attributes": {"deep": {"list": [1.5, null, "ä"]}}})),
        assigned(7, "a0", "of-customers", "a1"),
        updated(8, "c2", &json!({})),
    ];
    for entry in story {
        let what = entry.body.clone();
        append(&store, entry);
        for customer in everybody {
            let recorded = read(&store, customer);
            if let Some(remembered) = store.remembered(customer, true) {
                assert_eq!(sorted(remembered), sorted(recorded.clone()), "{customer:?} after {what}");
                let cohorts = Recorded { attributes: Attributes::new(), ..recorded.clone() };
                let remembered = store.cohorts_remembered(customer).unwrap();
                assert_eq!(sorted(remembered), sorted(cohorts), "{customer:?} after {what}");
            }
            assert_eq!(sorted(recall(&store, customer, true)), sorted(recorded), "{customer:?}");
        }
        store.forget();
        let together = store.recall(everybody, true).into_iter().map(|recorded| sorted(recorded.unwrap()));
        let alone: Vec<_> = everybody.iter().map(|customer| sorted(read(&store, customer))).collect();
        assert_eq!(together.collect::<Vec<_>>(), alone, "after {what}");
        let remembered = everybody.iter().filter(|customer| store.remembered(customer, true).is_some());
        assert!(remembered.count() > 0, "something is remembered after {what}");
    }

    // A decision of ours is a change like any other.
    let snapshot = store.read(experiments::list).map(|all| Snapshot::new(all, []).unwrap()).unwrap();
    let customer = asked("c1", None);
    let before = store.remembered(&customer, true).unwrap();
    let request = Request { customer: customer.clone(), conversation: None };
    store.write(move |db| assignments::decide_and_record(db, &snapshot, &request, noon())).unwrap();
    assert_eq!(store.remembered(&customer, true), None);
    let after = recall(&store, &customer, true);
    assert_eq!(after.assignments.len(), before.assignments.len() + 1);
}

fn one_that_cannot_be_read_does_not_fail_the_others(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let everybody = ["a", "b", "c"].map(|id| asked(id, None));
    for (n, customer) in (0..).zip(["a", "b", "c"]) {
        append(&store, updated(n, customer, &json!({"attributes": {"n": n}})));
    }
    let damage = "UPDATE customers SET state = (SELECT key FROM ledger LIMIT 1) WHERE customer_id = 'b'";
    store.write(move |db| Ok::<_, StorageError>(db.batch_execute(damage)?)).unwrap();
    let all = store.recall(&everybody, false);
    assert_eq!(all[0].as_ref().unwrap().attributes["n"], json!(0));
    assert!(matches!(all[1], Err(StorageError::Corrupt(_))), "{:?}", all[1]);
    assert_eq!(all[2].as_ref().unwrap().attributes["n"], json!(2));
}

fn what_another_process_told_is_noticed(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let other = Store::open(store.url()).unwrap();
    append(&store, updated(0, "c", &json!({"attributes": {"n": 0}})));
    append(&store, updated(1, "d", &json!({"attributes": {"n": 0}})));
    let (c, d) = (asked("c", None), asked("d", None));
    for customer in [&c, &d] {
        recall(&store, customer, false);
    }
    append(&other, updated(2, "c", &json!({"attributes": {"n": 1}})));
    store.follow().unwrap();
    assert_eq!(store.remembered(&c, false), None);
    assert!(store.remembered(&d, false).is_some(), "nothing was told of d");
    assert_eq!(recall(&store, &c, false).attributes["n"], json!(1));
    // The writer takes notice too, of all that was told before its own.
    append(&other, updated(3, "c", &json!({"attributes": {"n": 2}})));
    append(&store, updated(4, "e", &json!({})));
    assert_eq!(store.remembered(&c, false), None);
}

fn whatever_an_event_holds_beside_its_fields_the_ledger_is_followed(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let other = Store::open(store.url()).unwrap();
    append(&store, updated(0, "d", &json!({})));
    let (c, d) = (asked("c", None), asked("d", None));
    recall(&store, &d, false);
    let anything = [json!("agent-7"), json!(true), json!(null), json!([1, "two"]), json!([{"unit": 3}])];
    for (assigned, second) in anything.iter().zip(1..) {
        append(&other, updated(second, "c", &json!({"assigned": assigned, "attributes": {"n": second}})));
        store.follow().unwrap();
        assert_eq!(store.remembered(&c, false), None, "after {assigned}");
        assert_eq!(recall(&store, &c, false).attributes["n"], json!(second));
        assert!(store.remembered(&d, false).is_some(), "nothing was told of d");
    }
}

fn after_much_that_was_told_elsewhere_nothing_old_is_remembered(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let other = Store::open(store.url()).unwrap();
    append(&store, updated(0, "c", &json!({"attributes": {"n": 0}})));
    let c = asked("c", None);
    recall(&store, &c, false);
    // More than a debug build reads at once.
    let many: Vec<Entry> = (1..=600)
        .map(|n| updated(n, if n == 9 { "c" } else { "e" }, &json!({"attributes": {"n": n}})))
        .collect();
    other.write(move |db| ledger::append(db, &many, noon())).unwrap();
    store.follow().unwrap();
    assert_eq!(store.remembered(&c, false), None);
    assert_eq!(recall(&store, &c, false).attributes["n"], json!(9));
    assert!(store.remembered(&c, false).is_some(), "what was read since is kept");
    append(&store, updated(601, "e", &json!({})));
    assert!(store.remembered(&c, false).is_some(), "it is followed from there on");
}

fn nobody_who_heard_of_a_change_is_decided_for_without_it(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let customer = asked("c", None);
    let (heard, over) = (AtomicI64::new(0), AtomicBool::new(false));
    append(&store, updated(0, "c", &json!({"attributes": {"n": 0}})));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut from_memory = 0;
                while !over.load(SeqCst) {
                    let at_least = heard.load(SeqCst);
                    let recorded = store.remembered(&customer, false);
                    from_memory += i32::from(recorded.is_some());
                    let recorded = recorded.unwrap_or_else(|| recall(&store, &customer, false));
                    assert!(recorded.attributes["n"].as_i64().unwrap() >= at_least);
                }
                from_memory
            });
        }
        for n in 1..200 {
            append(&store, updated(n, "c", &json!({"attributes": {"n": n}})));
            heard.store(n, SeqCst);
        }
        over.store(true, SeqCst);
    });
}
