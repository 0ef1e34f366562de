//! One rating a link: recorded by an answer alone, once, and never too fast for a person.

use patience::{
    domain::{
        experiment::Unit,
        time::{Moment, Wait},
    },
    language::Language,
    storage::{
        StorageError, Store,
        ledger::{self, Told},
        surveys::{self, Found, Question, Survey},
    },
};
use serde_json::{Value, json};

use super::lines;
use crate::support::{MakeStore, definition, entry, noon, start};

crate::on_both_engines!(
    a_look_records_nothing_and_an_answer_one_rating,
    another_answer_corrects_and_a_comment_stays_with_the_rating,
    what_is_too_fast_for_a_person_is_held_back,
    ratings_held_back_are_told_of_the_experiment_whose_customers_they_are,
    the_link_closes_after_fourteen_days_and_no_other_opens,
    the_token_is_not_kept,
);

fn question() -> Question {
    Question {
        customer: "c-1".parse().unwrap(),
        conversation: "v-88".parse().unwrap(),
        subject: "Changing the billing address".to_owned(),
        asked_at: Some(noon()),
        language: Language::English,
    }
}

fn asked(store: &Store) -> String {
    store.write(|db| surveys::create(db, &question(), noon())).unwrap()
}

fn after(minutes: i64) -> Moment {
    noon() + Wait::from_minutes(minutes)
}

fn answered(store: &Store, token: &str, score: u8, comment: &str, now: Moment) -> Found {
    let (token, comment) = (token.to_owned(), comment.to_owned());
    store.write(move |db| surveys::answer(db, &token, score, &comment, now)).unwrap()
}

fn rated(score: Option<u8>) -> Found {
    Found::Open(Survey { question: question(), score })
}

/// The ratings in the ledger.
fn rated_in_ledger(store: &Store) -> Vec<String> {
    store.read(|db| lines(db, "SELECT body AS line FROM ledger ORDER BY seq")).unwrap()
}

fn a_look_records_nothing_and_an_answer_one_rating(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let token = asked(&store);
    for _ in 0..100 {
        assert_eq!(store.read(|db| surveys::find(db, &token, after(5))).unwrap(), rated(None));
    }
    assert!(rated_in_ledger(&store).is_empty());
    assert_eq!(answered(&store, &token, 4, "", after(5)), rated(Some(4)));
    assert_eq!(answered(&store, &token, 4, "", after(6)), rated(Some(4)));
    let told = rated_in_ledger(&store);
    assert_eq!(told.len(), 1, "the same answer twice is one: {told:?}");
    assert!(told[0].contains("v-88") && told[0].contains('4'), "{told:?}");
}

fn another_answer_corrects_and_a_comment_stays_with_the_rating(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let token = asked(&store);
    answered(&store, &token, 4, "", after(5));
    assert_eq!(answered(&store, &token, 2, "", after(6)), rated(Some(2)));
    assert_eq!(answered(&store, &token, 2, "slow", after(7)), rated(Some(2)));
    let told = rated_in_ledger(&store);
    assert_eq!(told.len(), 3);
    assert!(told[2].contains("slow"), "{told:?}");
}

fn what_is_too_fast_for_a_person_is_held_back(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let token = asked(&store);
    let soon = Moment::from_ms(noon().ms() + 59_000).unwrap();
    assert_eq!(answered(&store, &token, 1, "", soon), rated(None));
    assert_eq!(answered(&store, &token, 5, "", after(2)), rated(Some(5)));
    let at_once = Moment::from_ms(after(2).ms() + 9_000).unwrap();
    assert_eq!(answered(&store, &token, 1, "", at_once), rated(Some(5)));
    assert_eq!(rated_in_ledger(&store).len(), 1);
}

fn ratings_held_back_are_told_of_the_experiment_whose_customers_they_are(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    for (key, unit) in [("customers", "customer"), ("accounts", "account"), ("others", "customer")] {
        // Of one layer only one would have the customer.
        start(&store, definition(key, &json!({"unit": unit, "traffic": {"layer": key, "share": 1.0}})));
    }
    let told = |kind, id, fields: Value| entry(kind, id, "2026-03-02T11:00:00Z", &fields);
    let assigned = |id, experiment, customer, account| {
        let fields = json!({"experiment": experiment, "cohort": "usual", "customer_id": customer, "account_id": account});
        told("cohort.assigned", id, fields)
    };
    let entries = [
        told("customer.updated", "1", json!({"customer_id": "c-1", "account_id": "a-1"})),
        assigned("2", "customers", "c-1", "a-1"),
        assigned("3", "accounts", "c-1", "a-1"),
        assigned("4", "others", "c-2", "a-2"),
    ];
    store
        .write(move |db| {
            let told = ledger::append(db, &entries, noon())?;
            assert!(told.iter().all(|told| matches!(told, Told::Accepted)), "{told:?}");
            Ok::<_, StorageError>(())
        })
        .unwrap();
    let held = |key: &str, unit| {
        let key = key.parse().unwrap();
        let held = store.read(move |db| surveys::held(db, &key, unit)).unwrap();
        (held.ratings, held.unrated)
    };
    let token = asked(&store);
    let soon = Moment::from_ms(noon().ms() + 30_000).unwrap();
    answered(&store, &token, 1, "", soon);
    answered(&store, &token, 2, "", soon);
    assert_eq!(held("customers", Unit::Customer), (2, 1));
    assert_eq!(held("accounts", Unit::Account), (2, 1));
    assert_eq!(held("others", Unit::Customer), (0, 0));
    answered(&store, &token, 4, "", after(5));
    assert_eq!(held("customers", Unit::Customer), (2, 0), "somebody rated it since");
}

fn the_link_closes_after_fourteen_days_and_no_other_opens(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let token = asked(&store);
    let (last, closed) = (after(14 * 24 * 60 - 1), after(14 * 24 * 60));
    assert_eq!(store.read(|db| surveys::find(db, &token, last)).unwrap(), rated(None));
    assert_eq!(answered(&store, &token, 4, "", closed), Found::Closed(question()));
    // Each character bent once, one more, one fewer.
    let mut forged: Vec<String> = vec![String::new(), format!("{token}0"), token[1..].to_owned()];
    forged.extend((0..token.len()).map(|place| {
        let other = if &token[place..=place] == "0" { "1" } else { "0" };
        format!("{}{other}{}", &token[..place], &token[place + 1..])
    }));
    for forged in forged {
        assert_eq!(answered(&store, &forged, 4, "", after(5)), Found::Nothing, "{forged}");
    }
    assert!(rated_in_ledger(&store).is_empty());
}

fn the_token_is_not_kept(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let token = asked(&store);
    answered(&store, &token, 4, "fine", after(5));
    let all = store
        .read(|db| {
            let mut all = lines(
                db,
                "SELECT customer_id || conversation_id || subject || language AS line FROM surveys",
            )?;
            all.extend(lines(db, "SELECT body || id || source AS line FROM ledger")?);
            Ok::<_, patience::storage::StorageError>(all.concat())
        })
        .unwrap();
    assert!(all.contains("v-88") && !all.contains(&token), "{all}");
}
