//! Links to result pages, on both engines.

use patience::{
    domain::time::Wait,
    storage::{people, shares, uploads},
};
use serde_json::json;

use crate::support::{MakeStore, definition, noon, start};

crate::on_both_engines!(a_link_opens_until_it_ends, a_file_is_its_persons_for_a_day);

fn a_link_opens_until_it_ends(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    start(&store, definition("a", &json!({})));
    let key = definition("a", &json!({})).key;
    let (asked, day) = (key.clone(), Wait::from_hours(24));
    let token = store.write(move |db| shares::create(db, &asked, "ada", day, noon())).unwrap();
    let opens = |days| store.read(|db| shares::open(db, &token, noon().plus_days(days))).unwrap();
    assert_eq!(opens(0), Some(key.clone()));
    assert_eq!(opens(1), None, "it ends by itself");
    assert_eq!(store.read(|db| shares::open(db, "guess", noon())).unwrap(), None);
    let all = store.read(|db| shares::list(db, &key)).unwrap();
    assert!(all.len() == 1 && all[0].is_open(noon()) && !all[0].is_open(noon().plus_days(1)), "{all:?}");
    let (asked, other) = (key.clone(), definition("b", &json!({})).key);
    let number = all[0].id;
    assert!(
        store.write(move |db| shares::revoke(db, &other, number, noon())).is_err(),
        "of another experiment"
    );
    store.write(move |db| shares::revoke(db, &asked, number, noon())).unwrap();
    assert_eq!(opens(0), None);
}

fn a_file_is_its_persons_for_a_day(make: MakeStore<'_>) {
    use patience::domain::role::PersonRole;
    let Some(store) = make() else { return };
    let add = |email: &'static str| {
        store.write(move |db| people::add(db, email, PersonRole::Lead, noon())).unwrap().id
    };
    let (ada, grace) = (add("ada@example.org"), add("grace@example.org"));
    let pieces = vec![b"a,b\n".to_vec(), b"1,2\n".to_vec()];
    let token = store.write(move |db| uploads::keep(db, ada, "ratings", "r.csv", &pieces, noon())).unwrap();
    let found = |who, days| store.read(|db| uploads::find(db, who, &token, noon().plus_days(days))).unwrap();
    assert_eq!(found(ada, 0).unwrap().name, "r.csv");
    assert_eq!((found(grace, 0), found(ada, 1)), (None, None));
    assert_eq!(store.read(|db| uploads::bytes(db, &token)).unwrap(), b"a,b\n1,2\n");
    // The next file clears what is too old; a removed person's files go too.
    let later = noon().plus_days(2);
    let next = store.write(move |db| uploads::keep(db, ada, "ratings", "", &[b"x".to_vec()], later)).unwrap();
    assert_eq!(store.read(|db| uploads::bytes(db, &token)).unwrap(), b"");
    store.write(move |db| people::remove(db, ada)).unwrap();
    assert_eq!(store.read(|db| uploads::bytes(db, &next)).unwrap(), b"");
}
