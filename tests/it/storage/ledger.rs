//! What the ledger answers.

use std::collections::{BTreeSet, HashMap};

use patience::{
    domain::{
        event::{Event, Fact, Topics},
        feed::Feed,
        ids::{ConversationId, CustomerId, EventId, ExperimentKey, Source},
        time::{Moment, Wait},
    },
    storage::{
        Store, experiments, feeds,
        ledger::{self, Entry, Foreknown, Told},
    },
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{derived, lines};
use crate::support::{MakeStore, at, definition, entry, noon, start};

crate::on_both_engines!(
    a_refused_line_may_hold_anything,
    a_known_id_is_a_duplicate_or_a_conflict,
    what_was_read_ahead_and_what_came_since_are_answered_alike,
    the_time_of_receipt_never_goes_back,
    an_assignment_never_contradicts_the_record,
    the_earliest_telling_of_an_assignment_counts,
    rows_count_only_where_they_change_something,
    events_from_the_future_are_kept_and_flagged,
    refused_lines_of_units_are_counted_until_they_are_mended,
    a_definition_that_units_stand_on_keeps_their_cohorts,
);

fn append(store: &Store, entries: Vec<Entry>) -> Vec<Told> {
    store.write(move |db| ledger::append(db, &entries, noon())).unwrap()
}

fn rejected(told: &Told) -> &str {
    match told {
        Told::Rejected(why) => why,
        other => panic!("{other:?}"),
    }
}

fn churned(id: &str, customer: &str) -> Entry {
    entry("customer.churned", id, "2026-03-01T00:00:00Z", &json!({"customer_id": customer}))
}

fn a_known_id_is_a_duplicate_or_a_conflict(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    // In one batch …
    let answers =
        append(&store, vec![churned("1", "a"), churned("1", "a"), churned("1", "b"), churned("2", "b")]);
    assert_eq!(answers[..2], [Told::Accepted, Told::Duplicate]);
    assert!(rejected(&answers[2]).starts_with("conflict: 1 was told before by help-desk"), "{answers:?}");
    assert_eq!(answers[3], Told::Accepted);
    // … and in the next one.
    let answers = append(&store, vec![churned("2", "a"), churned("1", "a")]);
    assert!(rejected(&answers[0]).starts_with("conflict: "));
    assert_eq!(answers[1], Told::Duplicate);
    // Another source has ids of its own, and no pair of source and id runs into another.
    let from = |source: &str, id: &str| {
        let event = json!({"type": "customer.churned", "id": id, "source": source, "customer_id": "z",
            "occurred_at": "2026-03-01T00:00:00Z"});
        Entry::from_json(event, "").unwrap()
    };
    let answers = append(&store, vec![from("crm", "1"), from("ab", "c"), from("a", "bc")]);
    assert_eq!(answers, [Told::Accepted, Told::Accepted, Told::Accepted]);
    assert_eq!(store.read(ledger::position).unwrap(), 5);
}

/// Batches of which the ids that are known were read before some others were appended, few or many, against a list of
/// what was told.
fn what_was_read_ahead_and_what_came_since_are_answered_alike(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let mut chance = ChaCha8Rng::seed_from_u64(17);
    let mut below = move |n: u32| chance.random_range(0..n);
    let mut told: HashMap<String, String> = HashMap::new();
    let mut wanted = |batch: &[Entry]| -> Vec<&'static str> {
        let answer = |entry: &Entry| match told.get(entry.event.id.as_str()) {
            Some(body) if *body == entry.body => "duplicate",
            Some(_) => "rejected",
            None => {
                told.insert(entry.event.id.to_string(), entry.body.clone());
                "accepted"
            }
        };
        batch.iter().map(answer).collect()
    };
    let answered = |answers: &[Told]| -> Vec<&'static str> {
        let word = |told: &Told| match told {
            Told::Accepted => "accepted",
            Told::Duplicate => "duplicate",
            Told::Rejected(_) => "rejected",
        };
        answers.iter().map(word).collect()
    };
    let mut batch = move |round: u32, size: u32| -> Vec<Entry> {
        let customers = ["a", "b", "b"];
        let entry = |id: u32, customer: u32| churned(&id.to_string(), customers[customer as usize]);
        (0..size).map(|_| entry(round * 16 + below(40), below(3))).collect()
    };
    let mut met = BTreeSet::new();
    for round in 0..40 {
        let waiting = batch(round, 12);
        let known = store.read(|db| Foreknown::read(db, &waiting)).unwrap();
        for _ in 0..round % 4 {
            let between = batch(round, 8);
            let wanted = wanted(&between);
            assert_eq!(answered(&append(&store, between)), wanted);
        }
        let wanted = wanted(&waiting);
        let told = store.write(move |db| ledger::append_foreknown(db, &waiting, &known, noon())).unwrap();
        assert_eq!(answered(&told), wanted, "round {round}");
        met.extend(wanted.into_iter().map(|word| (round % 4, word)));
    }
    assert_eq!(met.len(), 12, "not all was met: {met:?}");
}

fn the_time_of_receipt_never_goes_back(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let received = |minutes: i64| {
        let entry = churned(&format!("e{minutes}"), "c");
        let now = noon() + Wait::from_minutes(minutes);
        store.write(move |db| ledger::append(db, std::slice::from_ref(&entry), now)).unwrap();
        let query = "SELECT CAST(received_at AS TEXT) AS line FROM ledger ORDER BY seq DESC LIMIT 1";
        let last = store.read(|db| lines(db, query)).unwrap().pop().unwrap();
        (last.parse::<i64>().unwrap() - noon().ms()) / 60_000
    };
    assert_eq!([0, 5, -600, 4, 6].map(received), [0, 5, 5, 5, 6]);
}

fn assigned(id: &str, when: &str, fields: &Value) -> Entry {
    entry("cohort.assigned", id, when, fields)
}

fn an_assignment_never_contradicts_the_record(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    start(&store, definition("frt", &json!({})));
    start(&store, definition("by-account", &json!({"unit": "account"})));
    let when = "2026-02-01T00:00:00Z";
    let answers = append(
        &store,
        vec![
            assigned("1", when, &json!({"customer_id": "c", "experiment": "none", "cohort": "usual"})),
            assigned("2", when, &json!({"customer_id": "c", "experiment": "frt", "cohort": "other"})),
            assigned("3", when, &json!({"customer_id": "c", "experiment": "frt", "cohort": "usual"})),
            assigned("4", when, &json!({"customer_id": "c", "experiment": "frt", "cohort": "longer"})),
            assigned("5", when, &json!({"customer_id": "c", "experiment": "by-account", "cohort": "usual"})),
            assigned(
                "6",
                when,
                &json!({"customer_id": "c", "experiment": "by-account", "cohort": "usual", "account_id": "A"}),
            ),
            assigned(
                "7",
                when,
                &json!({"customer_id": "d", "experiment": "by-account", "cohort": "longer", "account_id": "A"}),
            ),
        ],
    );
    assert!(rejected(&answers[0]).starts_with("experiment none is unknown"), "{answers:?}");
    assert_eq!(rejected(&answers[1]), "cohort other is unknown: experiment frt has usual, longer");
    assert_eq!(answers[2], Told::Accepted);
    let contradiction = "cohort contradicts the record: c is in cohort usual of frt, for ever";
    assert_eq!(rejected(&answers[3]), contradiction);
    assert!(rejected(&answers[4]).starts_with("account_id is missing"), "{answers:?}");
    assert_eq!(answers[5], Told::Accepted);
    assert!(rejected(&answers[6]).contains("A is in cohort usual of by-account"), "{answers:?}");
    // A refused event may be told again when it is mended: its id was not taken.
    let again = append(
        &store,
        vec![
            assigned("8", when, &json!({"customer_id": "c", "experiment": "frt", "cohort": "longer"})),
            assigned("2", when, &json!({"customer_id": "e", "experiment": "frt", "cohort": "longer"})),
        ],
    );
    assert_eq!(rejected(&again[0]), contradiction);
    assert_eq!(again[1], Told::Accepted);
}

fn the_earliest_telling_of_an_assignment_counts(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    start(&store, definition("frt", &json!({})));
    let fields = json!({"customer_id": "c", "experiment": "frt", "cohort": "usual"});
    for (id, when) in
        [("1", "2026-02-03T00:00:00Z"), ("2", "2026-02-01T00:00:00Z"), ("3", "2026-02-02T00:00:00Z")]
    {
        assert_eq!(append(&store, vec![assigned(id, when, &fields)]), [Told::Accepted]);
    }
    let row = format!("frt c usual {} help-desk 2   -", at("2026-02-01T00:00:00Z").ms());
    assert_eq!(derived(&store).last(), Some(&row));
}

fn rows_count_only_where_they_change_something(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let event = |import: &str, name: &str, occurred_at: Moment, fact: Fact| Event {
        source: Source::new("csv").unwrap(),
        id: EventId::new(&format!("{name}@{import}")).unwrap(),
        occurred_at,
        fact,
    };
    let customer = || CustomerId::new("c").unwrap();
    let conversation = || ConversationId::new("v").unwrap();
    let file = |import: &'static str, score: u8, spend: f64| {
        let told_at = at(import);
        let topics = Topics { channel: Some("chat".into()), topic: None, urgency: None };
        vec![
            vec![event(
                import,
                "customer",
                told_at,
                Fact::CustomerUpdated {
                    customer: customer(),
                    account: None,
                    attributes: [("spend".to_owned(), json!(spend))].into(),
                },
            )],
            vec![
                event(
                    import,
                    "opened",
                    noon(),
                    Fact::Opened { customer: customer(), conversation: conversation(), topics },
                ),
                event(
                    import,
                    "reopened",
                    noon(),
                    Fact::Reopened { customer: customer(), conversation: conversation() },
                ),
            ],
            vec![event(
                import,
                "rated",
                noon(),
                Fact::Rated {
                    customer: customer(),
                    conversation: conversation(),
                    score,
                    emotions: vec![],
                    comment: None,
                },
            )],
        ]
    };
    let append =
        |rows: Vec<Vec<Event>>| store.write(move |db| ledger::append_rows(db, &rows, noon())).unwrap();
    let all = |told: Told| vec![told.clone(), told.clone(), told];
    assert_eq!(append(file("2026-03-03T00:00:00Z", 4, 10.0)), all(Told::Accepted));
    assert_eq!(append(file("2026-03-04T00:00:00Z", 4, 10.0)), all(Told::Duplicate), "the same file again");
    assert_eq!(
        append(file("2026-03-05T00:00:00Z", 5, 20.0)),
        [Told::Accepted, Told::Duplicate, Told::Accepted],
        "a corrected file"
    );
    assert_eq!(store.read(ledger::position).unwrap(), 6);
    // Twice in one file is once.
    let twice = [file("2026-03-06T00:00:00Z", 1, 30.0), file("2026-03-07T00:00:00Z", 1, 30.0)].concat();
    assert_eq!(append(twice).iter().filter(|told| **told == Told::Accepted).count(), 2);
}

fn events_from_the_future_are_kept_and_flagged(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let told = |id: &str, when: &str| entry("customer.churned", id, when, &json!({"customer_id": "c"}));
    let answers =
        append(&store, vec![told("1", "2026-03-03T12:00:00Z"), told("2", "2026-03-03T12:00:00.001Z")]);
    assert_eq!(answers, [Told::Accepted, Told::Accepted]);
    assert_eq!(store.read(ledger::ahead_of_clock).unwrap(), 1);
}

fn refused_lines_of_units_are_counted_until_they_are_mended(make: MakeStore<'_>) {
    for unit in ["customer", "account"] {
        let Some(store) = make() else { return };
        start(&store, definition("frt", &json!({"unit": unit})));
        let fields = json!({"customer_id": "c", "account_id": "A", "experiment": "frt", "cohort": "usual"});
        append(&store, vec![assigned("1", "2026-02-01T00:00:00Z", &fields), churned("2", "stranger")]);
        let line = |id: Option<&str>, customer: &str| feeds::RejectedLine {
            feed: Feed::Ratings,
            id: id.map(str::to_owned),
            customer: Some(CustomerId::new(customer).unwrap()),
            detail: "score is missing: add it".into(),
            line: "{}".into(),
        };
        let lines = vec![line(Some("3"), "c"), line(None, "c"), line(Some("4"), "stranger")];
        store
            .write(move |db| {
                let arrived = feeds::Arrived::default();
                feeds::record(db, &Source::new("help-desk").unwrap(), &arrived, &lines, noon())
            })
            .unwrap();
        let missing = |now: Moment| {
            store
                .read(|db| {
                    let experiment = experiments::get(db, &ExperimentKey::new("frt").unwrap())?;
                    feeds::missing(db, &experiment, now)
                })
                .unwrap()
        };
        assert_eq!(missing(noon()), Some(feeds::Missing { lines: 3, rejected: 2 }));
        let mended = churned("3", "c");
        store
            .write(move |db| ledger::append(db, std::slice::from_ref(&mended), noon().plus_days(1)))
            .unwrap();
        assert_eq!(missing(noon().plus_days(1)), Some(feeds::Missing { lines: 3, rejected: 1 }));
        assert_eq!(missing(noon().plus_days(8)), None, "a week later");
    }
}

fn a_definition_that_units_stand_on_keeps_their_cohorts(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let put = |definition: patience::domain::experiment::Definition| {
        store.write(move |db| experiments::put(db, &definition, noon(), "ada"))
    };
    let third = json!([
        {"key": "usual", "control": true, "weight": 1, "first_response": "PT4H"},
        {"key": "day", "weight": 1, "first_response": "PT8H"},
    ]);
    assert_eq!(put(definition("frt", &json!({}))), Ok(experiments::Put::Created));
    assert_eq!(put(definition("frt", &json!({}))), Ok(experiments::Put::Unchanged));
    let fields = json!({"customer_id": "c", "experiment": "frt", "cohort": "longer"});
    append(&store, vec![assigned("1", "2026-02-01T00:00:00Z", &fields)]);
    let error = put(definition("frt", &json!({"cohorts": third}))).unwrap_err().to_string();
    assert!(error.starts_with("cohort longer cannot go: units of frt are on record"), "{error}");
    let error = put(definition("frt", &json!({"unit": "account"}))).unwrap_err().to_string();
    assert!(error.starts_with("unit cannot change"), "{error}");
    assert_eq!(
        put(definition("frt", &json!({"name": "Longer", "owner": "ops"}))),
        Ok(experiments::Put::Changed)
    );
    let log = store.read(|db| experiments::log(db, &ExperimentKey::new("frt").unwrap())).unwrap();
    let what: Vec<String> = log.iter().map(|line| line.what.to_string()).collect();
    assert_eq!(what, ["changed name, owner", "defined it"]);
}

/// PostgreSQL's texts cannot hold a NUL.
fn a_refused_line_may_hold_anything(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let line = feeds::RejectedLine {
        feed: Feed::Other,
        id: Some("a\0b".to_owned()),
        customer: None,
        detail: "id: a\0b is no id".to_owned(),
        line: "{\0\u{1}\u{ffff}".to_owned(),
    };
    store
        .write(move |db| {
            let arrived = feeds::Arrived::default();
            feeds::record(
                db,
                &Source::new("help-desk").unwrap(),
                &arrived,
                std::slice::from_ref(&line),
                noon(),
            )
        })
        .unwrap();
    let kept = store.read(|db| feeds::rejections(db, &feeds::Wanted::default(), 9)).unwrap();
    assert_eq!(kept[0].line, "{\u{fffd}\u{1}\u{ffff}");
}
