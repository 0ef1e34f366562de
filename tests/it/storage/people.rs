//! Who gets in, and for how long.

use patience::{
    domain::{
        role::{KeyRole, PersonRole},
        time::Wait,
    },
    storage::{
        StorageError, keys,
        passkeys::{self, Passkey},
        people,
    },
};

use super::lines;
use crate::support::{MakeStore, noon};

crate::on_both_engines!(
    a_link_lets_its_person_in_once,
    the_only_admin_stays_one,
    a_session_ends_when_idle_and_after_twelve_hours,
    a_key_opens_until_it_is_revoked,
    a_key_that_was_replaced_is_good_for_a_week_and_one_with_an_end_until_then,
    no_secret_is_kept_as_it_is,
    passkeys_go_with_their_person_and_change_only_as_they_were_read,
    a_challenge_counts_once_until_it_would_be_too_old,
);

fn a_link_lets_its_person_in_once(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let ada = store.write(|db| people::add(db, " Ada@Example.org ", PersonRole::Admin, noon())).unwrap();
    assert_eq!(ada.email, "ada@example.org");
    let twice = store.write(|db| people::add(db, "ADA@example.org", PersonRole::Viewer, noon()));
    assert_eq!(twice, Err(StorageError::Refused("ada@example.org is a user already".into())));
    assert!(store.write(|db| people::add(db, "nobody", PersonRole::Viewer, noon())).is_err());

    let valid = Wait::from_minutes(15);
    let id = ada.id;
    let token = store.write(move |db| people::create_link(db, id, noon(), valid)).unwrap();
    let using = |token: &str, late: i64| {
        let (token, now) = (token.to_owned(), noon() + Wait::from_minutes(late));
        store.write(move |db| people::use_link(db, &token, now)).unwrap()
    };
    assert_eq!(using(&token, 15), None, "too late");
    assert_eq!(using("another", 1), None);
    assert_eq!(store.read(|db| people::peek_link(db, &token, noon())).unwrap(), Some(ada.clone()));
    assert_eq!(using(&token, 14), Some(ada));
    assert_eq!(using(&token, 14), None, "used up");
}

fn the_only_admin_stays_one(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let add = |name: &'static str, role| {
        store.write(move |db| people::add(db, &format!("{name}@example.org"), role, noon())).unwrap().id
    };
    let set = |person, role| store.write(move |db| people::set_role(db, person, role));
    let bo = add("bo", PersonRole::Viewer);
    set(bo, PersonRole::Lead).unwrap();
    let ada = add("ada", PersonRole::Admin);
    let why = "at least one admin must remain: make somebody else an admin first";
    let refused = Err(StorageError::Refused(why.to_owned()));
    assert_eq!(set(ada, PersonRole::Lead), refused);
    assert_eq!(store.write(move |db| people::remove(db, ada)), refused);
    set(ada, PersonRole::Admin).unwrap();
    set(bo, PersonRole::Admin).unwrap();
    set(ada, PersonRole::Viewer).unwrap();
    store.write(move |db| people::remove(db, ada)).unwrap();
    assert_eq!(store.write(move |db| people::remove(db, bo)), refused);
}

fn a_session_ends_when_idle_and_after_twelve_hours(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let ada = store.write(|db| people::add(db, "ada@example.org", PersonRole::Lead, noon())).unwrap();
    let begin = || store.write(move |db| people::begin_session(db, ada.id, noon())).unwrap();
    let token = begin();
    let signed_in = |minutes: i64| {
        let found =
            store.read(|db| people::session(db, &token, noon() + Wait::from_minutes(minutes))).unwrap();
        found.map(|session| (session.person.email, session.needs_touch))
    };
    let touch = |minutes: i64| {
        let (token, now) = (token.clone(), noon() + Wait::from_minutes(minutes));
        store.write(move |db| people::touch_session(db, &token, now)).unwrap();
    };
    let ada_is_in = |touch| Some(("ada@example.org".to_owned(), touch));
    assert_eq!(signed_in(0), ada_is_in(false));
    assert_eq!(signed_in(29), ada_is_in(true));
    assert_eq!(signed_in(30), None, "idle");
    for minutes in (0..720).step_by(20) {
        touch(minutes);
    }
    assert_eq!(signed_in(719), ada_is_in(true));
    assert_eq!(signed_in(720), None, "twelve hours, although it was used");
    let (one, other) = (begin(), begin());
    assert_ne!(one, other);
    let ended = one.clone();
    store.write(move |db| people::end_session(db, &ended)).unwrap();
    let alive = |token: &str| store.read(|db| people::session(db, token, noon())).unwrap().is_some();
    assert!(!alive(&one) && alive(&other));
    store.write(move |db| people::set_password_hash(db, ada.id, "$argon2id$…")).unwrap();
    assert!(!alive(&other), "a new password ends all sessions");
    let hash = store.read(|db| people::password_hash(db, "Ada@example.org")).unwrap();
    assert_eq!(hash.as_deref(), Some("$argon2id$…"));
}

fn a_key_opens_until_it_is_revoked(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let text = store.write(|db| keys::create(db, "zendesk", KeyRole::Router, None, noon())).unwrap();
    let parts: Vec<&str> = text.split('_').collect();
    assert_eq!(parts[..2], ["ptc", "router"]);
    assert_eq!(parts[2..].iter().map(|part| part.len()).collect::<Vec<_>>(), [10, 43, 6]);
    let verify = |text: &str| store.read(|db| keys::verify(db, text, noon())).unwrap();
    let key = verify(&text).unwrap();
    assert_eq!((key.name.as_str(), key.role, key.last_used_at), ("zendesk", KeyRole::Router, None));
    for place in 0..text.len() {
        let mut other = text.clone().into_bytes();
        other[place] = if other[place] == b'x' { b'y' } else { b'x' };
        assert_eq!(verify(std::str::from_utf8(&other).unwrap()), None, "another character at {place}");
    }
    for wrong in [
        "",
        "ptc_",
        "ptc_router___",
        &text[..text.len() - 1],
        &format!("{text}x"),
        &text.replace("router", "admin"),
    ] {
        assert_eq!(verify(wrong), None, "{wrong}");
    }
    store.write(move |db| keys::touch(db, &key.id, noon())).unwrap();
    assert_eq!(verify(&text).unwrap().last_used_at, Some(noon()));
    for name in ["zendesk", "patience", ""] {
        assert!(
            store.write(move |db| keys::create(db, name, KeyRole::Ingest, None, noon())).is_err(),
            "{name}"
        );
    }
    store.write(|db| keys::revoke(db, "zendesk", noon())).unwrap();
    assert_eq!(verify(&text), None);
    let again = store.write(|db| keys::revoke(db, "zendesk", noon()));
    assert_eq!(again.unwrap_err().to_string(), "there is no key zendesk");
}

fn a_key_that_was_replaced_is_good_for_a_week_and_one_with_an_end_until_then(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let old = store.write(|db| keys::create(db, "desk", KeyRole::Ingest, None, noon())).unwrap();
    let new = store.write(|db| keys::rotate(db, "desk", noon())).unwrap();
    assert_ne!(old, new);
    let opens = |text: &str, days: i64| {
        let now = noon().plus_days(days);
        let asked = text.to_owned();
        let kept = store.read(|db| keys::verify(db, text, now)).unwrap().is_some();
        let ring = store.read(keys::Ring::read).unwrap();
        assert_eq!(ring.find(&asked, now).is_some(), kept, "in memory and in the database alike");
        kept
    };
    assert!(opens(&old, 0) && opens(&old, 6) && !opens(&old, 7));
    assert!(opens(&new, 0) && opens(&new, 700));
    // Replaced again: the first text is over at once.
    let third = store.write(|db| keys::rotate(db, "desk", noon())).unwrap();
    assert!(!opens(&old, 0) && opens(&new, 6) && opens(&third, 6));
    store.write(|db| keys::revoke(db, "desk", noon())).unwrap();
    assert!([&old, &new, &third].iter().all(|text| !opens(text, 0)));
    assert!(store.write(|db| keys::rotate(db, "desk", noon())).is_err(), "what is revoked stays so");

    let ends = Some(noon().plus_days(3));
    let text = store.write(move |db| keys::create(db, "guest", KeyRole::Analyst, ends, noon())).unwrap();
    let next = store.write(|db| keys::rotate(db, "guest", noon())).unwrap();
    for text in [&text, &next] {
        assert!(opens(text, 2) && !opens(text, 3), "a new text does not make a key last longer");
    }
}

fn no_secret_is_kept_as_it_is(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let (key, link, session) = store
        .write(|db| {
            let ada = people::add(db, "ada@example.org", PersonRole::Admin, noon())?;
            Ok::<_, StorageError>((
                keys::create(db, "k", KeyRole::Admin, None, noon())?,
                people::create_link(db, ada.id, noon(), Wait::from_hours(1))?,
                people::begin_session(db, ada.id, noon())?,
            ))
        })
        .unwrap();
    let texts = store
        .read(|db| {
            let text = match db {
                patience::storage::Db::Sqlite(_) => "CAST(hash AS TEXT)",
                patience::storage::Db::Postgres(_) => "encode(hash, 'escape')",
            };
            lines(db, &format!(
                "SELECT {text} AS line FROM api_keys UNION ALL SELECT {text} FROM sign_in_links UNION ALL SELECT {text} FROM sessions"
            ).replace("CAST(hash AS TEXT)", "hex(hash)"))
        })
        .unwrap();
    assert_eq!(texts.len(), 3);
    for secret in [key, link, session] {
        let as_hex = hex::encode_upper(&secret);
        assert!(texts.iter().all(|text| !text.contains(&secret) && !text.contains(&as_hex)));
    }
}

fn passkey(id: u8) -> Passkey {
    Passkey {
        credential_id: vec![id; 16],
        user_handle: vec![1; passkeys::USER_HANDLE],
        name: format!("key {id}"),
        static_state: vec![2; 40],
        dynamic_state: vec![3; 7],
        transports: 1,
    }
}

fn passkeys_go_with_their_person_and_change_only_as_they_were_read(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let add = |email: &'static str| {
        store.write(move |db| people::add(db, email, PersonRole::Lead, noon())).unwrap().id
    };
    let (ada, bo) = (add("ada@example.org"), add("bo@example.org"));
    let keep = |person: i64, id: u8| store.write(move |db| passkeys::add(db, person, &passkey(id), noon()));
    for (person, id) in [(ada, 1), (bo, 2), (bo, 3)] {
        keep(person, id).unwrap();
    }
    assert_eq!(keep(bo, 1), Err(StorageError::Refused("this passkey was added already".into())));
    let names = |person: i64| {
        let listed = store.read(|db| passkeys::of(db, person)).unwrap();
        listed.into_iter().map(|one| (one.passkey.name, one.used_at.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(names(bo), [("key 2".to_owned(), false), ("key 3".to_owned(), false)]);
    let (known, fresh) =
        (store.read(|db| passkeys::user_handle(db, ada)), store.read(|db| passkeys::user_handle(db, 99)));
    assert_eq!(known, Ok(vec![1; passkeys::USER_HANDLE]));
    assert_ne!(fresh.unwrap(), known.unwrap());

    // Of two that were held against the same state, one counts.
    let used = |before: Passkey| store.write(move |db| passkeys::used(db, &before, &[4; 7], noon())).unwrap();
    assert!(used(passkey(2)) && !used(passkey(2)));
    assert_eq!(names(bo), [("key 2".to_owned(), true), ("key 3".to_owned(), false)]);
    let remove = |person: i64, id: u8| store.write(move |db| passkeys::remove(db, person, &[id; 16]));
    assert!(remove(ada, 3).is_err(), "another's");
    assert_eq!(remove(bo, 3).as_deref(), Ok("key 3"));
    assert!(!used(passkey(3)), "it was removed meanwhile");

    store.write(move |db| people::remove(db, bo)).unwrap();
    assert_eq!(store.read(|db| passkeys::find(db, &[2; 16])).unwrap(), None);
    assert_eq!(names(add("eve@example.org")), [], "whoever comes after, by the same number");
    assert_eq!(names(ada).len(), 1);
}

fn a_challenge_counts_once_until_it_would_be_too_old(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let use_up = |seal: u8, minutes: i64| {
        let (until, now) = (noon() + Wait::from_minutes(5), noon() + Wait::from_minutes(minutes));
        store.write(move |db| passkeys::use_challenge(db, &[seal; 32], until, now)).unwrap()
    };
    assert!(use_up(1, 0) && !use_up(1, 0) && use_up(2, 4) && !use_up(1, 4));
    let kept = || store.read(|db| lines(db, "SELECT 'x' AS line FROM passkey_challenges")).unwrap().len();
    assert_eq!(kept(), 2);
    use_up(3, 5);
    assert_eq!(kept(), 1, "those that are refused as too old are forgotten");
    let key = || store.write(passkeys::make_sealing_key).unwrap();
    assert_eq!(store.read(passkeys::sealing_key).unwrap(), None);
    assert_eq!(key(), key(), "one for all servers");
    assert_eq!(store.read(passkeys::sealing_key).unwrap(), Some(key()));
}
