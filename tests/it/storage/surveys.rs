//! One rating a link: recorded by an answer alone, once, and never too fast for a person.

use patience::{
    domain::time::{Moment, Wait},
    language::Language,
    storage::{
        Store,
        surveys::{self, Found, Question, Survey},
    },
};

use super::lines;
use crate::support::{MakeStore, noon};

crate::on_both_engines!(
    a_look_records_nothing_and_an_answer_one_rating,
    another_answer_corrects_and_a_comment_stays_with_the_rating,
    what_is_too_fast_for_a_person_is_held_back,
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
fn ledger(store: &Store) -> Vec<String> {
    store.read(|db| lines(db, "SELECT body AS line FROM ledger ORDER BY seq")).unwrap()
}

fn a_look_records_nothing_and_an_answer_one_rating(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let token = asked(&store);
    for _ in 0..100 {
        assert_eq!(store.read(|db| surveys::find(db, &token, after(5))).unwrap(), rated(None));
    }
    assert!(ledger(&store).is_empty());
    assert_eq!(answered(&store, &token, 4, "", after(5)), rated(Some(4)));
    assert_eq!(answered(&store, &token, 4, "", after(6)), rated(Some(4)));
    let told = ledger(&store);
    assert_eq!(told.len(), 1, "the same answer twice is one: {told:?}");
    assert!(told[0].contains("v-88") && told[0].contains('4'), "{told:?}");
}

fn another_answer_corrects_and_a_comment_stays_with_the_rating(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let token = asked(&store);
    answered(&store, &token, 4, "", after(5));
    assert_eq!(answered(&store, &token, 2, "", after(6)), rated(Some(2)));
    assert_eq!(answered(&store, &token, 2, "slow", after(7)), rated(Some(2)));
    let told = ledger(&store);
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
    assert_eq!(ledger(&store).len(), 1);
    assert_eq!(store.read(|db| surveys::held_since(db, noon())).unwrap(), 2);
    assert_eq!(store.read(|db| surveys::held_since(db, after(1))).unwrap(), 0);
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
    assert!(ledger(&store).is_empty());
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
