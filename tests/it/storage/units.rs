//! The stream that an analysis reads.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use patience::{
    actions,
    analysis::{self, Study},
    domain::{
        experiment::{Experiment, Move},
        ids::ExperimentKey,
        unit::UnitRecord,
    },
    storage::{
        StorageError, Store, experiments,
        ledger::{self, Entry, Told},
        units,
    },
};
use serde_json::json;

use crate::support::{MakeStore, at, definition, entry, noon, start};

crate::on_both_engines!(
    every_unit_comes_once_in_the_order_of_ids_with_all_its_facts,
    an_account_has_the_customers_that_belong_to_it_now,
    the_size_to_plan_for_is_counted_from_the_weeks_before_the_start,
    connections_that_read_together_show_one_state_while_others_write,
);

fn append(store: &Store, entries: Vec<Entry>) {
    let answers = store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
    assert!(answers.iter().all(|told| *told == Told::Accepted), "{answers:?}");
}

fn experiment(store: &Store, key: &str) -> Experiment {
    store.read(|db| experiments::get(db, &ExperimentKey::new(key).unwrap())).unwrap()
}

fn collect(store: &Store, experiment: &Experiment) -> Vec<UnitRecord> {
    let mut all = Vec::new();
    store
        .read(|db| {
            units::for_each(db, experiment, |unit| {
                all.push(unit.clone());
                Ok::<_, StorageError>(())
            })
        })
        .unwrap();
    all
}

const DAY: &str = "2026-02-01T00:00:00Z";

fn every_unit_comes_once_in_the_order_of_ids_with_all_its_facts(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    start(&store, definition("frt", &json!({})));
    // Ids whose order as text is not that of their numbers, some beyond ASCII; more than two pages.
    let name = |n: usize| if n % 10 == 3 { format!("ö{n}") } else { format!("c{n}") };
    let mut entries = Vec::new();
    for n in 0..2345 {
        let cohort = if n % 2 == 0 { "usual" } else { "longer" };
        let fields = json!({"customer_id": name(n), "experiment": "frt", "cohort": cohort});
        entries.push(entry("cohort.assigned", &format!("a{n}"), DAY, &fields));
        for v in 0..n % 4 {
            let fields =
                json!({"customer_id": name(n), "conversation_id": format!("v{v}"), "topic": "billing"});
            entries.push(entry("conversation.opened", &format!("o{n}-{v}"), DAY, &fields));
        }
    }
    // Another experiment takes one unit in fifty of these.
    start(&store, definition("few", &json!({"traffic": {"layer": "few", "share": 1.0}})));
    for n in (0..2345).step_by(50) {
        let fields = json!({"customer_id": name(n), "experiment": "few", "cohort": "usual"});
        entries.push(entry("cohort.assigned", &format!("few{n}"), DAY, &fields));
    }
    // Somebody who takes no part.
    entries.push(entry("customer.churned", "x", DAY, &json!({"customer_id": "c1-stranger"})));
    entries.reverse();
    append(&store, entries);

    let experiment = experiment(&store, "frt");
    let all = collect(&store, &experiment);
    let mut expected: Vec<(String, usize)> = (0..2345).map(|n| (name(n), n % 4)).collect();
    expected.sort();
    let found: Vec<(String, usize)> = all
        .iter()
        .map(|unit| {
            assert_eq!(unit.customers.len(), 1);
            assert_eq!(unit.customers[0].id.as_str(), unit.unit.as_str());
            (unit.unit.to_string(), unit.customers[0].conversations.len())
        })
        .collect();
    assert_eq!(found, expected);

    let few = collect(&store, &self::experiment(&store, "few"));
    let units: Vec<_> = (0..2345).step_by(50).map(name).collect();
    let expected = all.iter().filter(|unit| units.iter().any(|id| id == unit.unit.as_str()));
    assert!(few.iter().map(|unit| &unit.customers).eq(expected.map(|unit| &unit.customers)));

    // By pages, whose facts are read on other connections.
    let (mut paged, mut pages) = (Vec::new(), 0);
    let read = store.read_together(3, |db, others| {
        let mut listed = units::Pages::new(&experiment);
        while let Some(page) = listed.next(db)? {
            let other = &mut others[pages % 3];
            let mut aside = units::Aside::new(other)?;
            page.read(other, &mut aside, |unit| {
                paged.push(unit.clone());
                Ok::<_, StorageError>(())
            })?;
            pages += 1;
        }
        Ok::<_, StorageError>(())
    });
    read.unwrap();
    assert_eq!(pages, 10);
    assert!(paged == all, "the pages hold every unit once, in order");

    // An analysis on several cores says what one on a single core does, to the last digit.
    let as_of = at("2026-03-01T00:00:00Z");
    let parted = actions::refresh(&store, &experiment.definition.key, as_of, as_of).unwrap();
    let calendars = store.read(actions::calendars).unwrap();
    let whole = analysis::run(&Study::new(&experiment, &calendars, as_of), &all).unwrap();
    assert_eq!(serde_json::to_value(&parted.metrics).unwrap(), serde_json::to_value(&whole.metrics).unwrap());
    assert_eq!(parted.cohorts, whole.cohorts);
    let summary = store.read(|db| units::summary(db, &experiment.definition.key)).unwrap();
    let counts: Vec<_> = summary.iter().map(|cohort| (cohort.cohort.as_str(), cohort.units)).collect();
    assert_eq!(counts, [("longer", 1172), ("usual", 1173)]);
}

fn an_account_has_the_customers_that_belong_to_it_now(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    start(&store, definition("b2b", &json!({"unit": "account"})));
    let joins = |id: &str, customer: &str, account: &str, when: &str| {
        let fields = json!({"customer_id": customer, "account_id": account, "attributes": {"plan": id}});
        entry("customer.updated", id, when, &fields)
    };
    let assigned = |id: &str, customer: &str, account: &str| {
        let fields =
            json!({"customer_id": customer, "account_id": account, "experiment": "b2b", "cohort": "usual"});
        entry("cohort.assigned", id, DAY, &fields)
    };
    append(
        &store,
        vec![
            assigned("1", "c1", "A"),
            assigned("2", "c3", "B"),
            joins("3", "c2", "A", DAY),
            joins("4", "c3", "A", "2026-02-02T00:00:00Z"),
            joins("5", "c4", "Z", DAY),
            entry("conversation.opened", "6", DAY, &json!({"customer_id": "c2", "conversation_id": "v"})),
        ],
    );
    let all = collect(&store, &experiment(&store, "b2b"));
    let seen: Vec<(&str, Vec<&str>)> = all
        .iter()
        .map(|unit| (unit.unit.as_str(), unit.customers.iter().map(|one| one.id.as_str()).collect()))
        .collect();
    assert_eq!(seen, [("A", vec!["c1", "c2", "c3"]), ("B", vec![])]);
    assert_eq!(all[0].customers[1].conversations.len(), 1);
    assert_eq!(all[0].attributes.get("plan"), Some(&json!("3")), "of the first customer that has it");
}

fn the_size_to_plan_for_is_counted_from_the_weeks_before_the_start(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let mut entries = Vec::new();
    let mut open = |customer: &str, occurred_at: &str| {
        let fields = json!({"customer_id": customer, "conversation_id": format!("{customer}-{occurred_at}")});
        entries.push(entry(
            "conversation.opened",
            &format!("{customer}-{occurred_at}"),
            occurred_at,
            &fields,
        ));
    };
    // More than two pages; each tenth spends much, and three share an account.
    for n in 0..2400 {
        open(&format!("c{n}"), "2026-02-01T00:00:00Z");
    }
    open("c0", "2026-02-02T00:00:00Z");
    // The 22 weeks before noon of 2 March begin at noon of 29 September.
    open("inside", "2025-09-29T12:00:00Z");
    open("before", "2025-09-29T11:59:59Z");
    open("after", "2026-03-02T12:00:00Z");
    let update = |customer: &str, spend: u32, account: usize| {
        let fields = json!({"customer_id": customer, "account_id": format!("a{account}"),
                            "attributes": {"monthly_spend": spend}});
        entry("customer.updated", &format!("u-{customer}"), DAY, &fields)
    };
    let told = (0..2400).map(|n| update(&format!("c{n}"), if n % 10 == 0 { 500 } else { 50 }, n / 3));
    let told: Vec<_> = told.chain([update("silent", 50, 9000), update("inside", 50, 9001)]).collect();
    append(&store, entries);
    append(&store, told);

    let poor = json!({"rule": "monthly_spend < 100.0"});
    for (key, changes, wanted) in [
        ("everybody", json!({}), 2401),
        ("poor", json!({"eligibility": poor}), 2161),
        ("half", json!({"eligibility": poor, "traffic": {"layer": "half", "share": 0.5}}), 1081),
        ("accounts", json!({"unit": "account", "traffic": {"layer": "accounts", "share": 1.0}}), 801),
        ("short", json!({"planned_weeks": 1}), 5000),
        ("nobody", json!({"eligibility": {"rule": "monthly_spend > 1000.0"}}), 5000),
        ("own", json!({"analysis": {"planned_units": 777}}), 777),
    ] {
        let definition = definition(key, &changes);
        store.write(move |db| experiments::put(db, &definition, noon(), "test")).unwrap();
        let name = ExperimentKey::new(key).unwrap();
        let advance = |wanted, now| actions::advance(&store, &name, wanted, now, "test").unwrap();
        assert_eq!(advance(Move::Start, noon()).planned_units, wanted, "{key}");
        // Fixed at the first start, whatever is known later.
        advance(Move::Pause, noon());
        assert_eq!(advance(Move::Start, at("2026-06-01T00:00:00Z")).planned_units, wanted, "{key}");
    }
}

fn connections_that_read_together_show_one_state_while_others_write(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let is_over = AtomicBool::new(false);
    let mut differs = None;
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                append(
                    &store,
                    vec![entry("customer.churned", &format!("{n}"), DAY, &json!({"customer_id": "c"}))],
                );
            }
        });
        let mut last = 0;
        while last < 40 && differs.is_none() {
            let (first, shown) = store
                .read_together(3, |db, others| {
                    let first = ledger::position(db)?;
                    thread::sleep(Duration::from_millis(2));
                    let shown: Result<Vec<i64>, StorageError> =
                        others.iter_mut().map(ledger::position).collect();
                    Ok::<_, StorageError>((first, shown?))
                })
                .unwrap();
            differs = (shown != [first; 3]).then_some((first, shown));
            last = first;
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert_eq!(differs, None);
}
