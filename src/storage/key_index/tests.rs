use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::count_star;
use proptest::prelude::*;

use super::*;
use crate::{
    domain::{event_json::Entry, time::Moment},
    storage::{
        StorageError, Store,
        ledger::{self, Told, append},
        verify,
    },
};

/// Where a key stands among all: the share of them that is below.
fn share(key: &[u8]) -> f64 {
    key.iter().rev().fold(0.0, |below, byte| (below + f64::from(*byte)) / 256.0)
}

proptest! {
    /// Whatever is appended at once, a key moves once in each round: as the position passes its place.
    #[test]
    fn every_key_moves_once_a_round(
        before in 0..3 * ROUND,
        steps in prop::collection::vec(1..ROUND, 1..20),
        key in prop::array::uniform16(any::<u8>()),
    ) {
        let mut before = before;
        for appended in steps {
            let ranges: Vec<_> = moved(before, appended).into_iter().flatten().collect();
            let moves = ranges.iter().filter(|(from, until)| **from <= key[..] && key[..] < **until).count();
            let place = share(&key) * ROUND as f64;
            let passed = (0..)
                .map(|round| place + (round * ROUND) as f64)
                .skip_while(|at| *at < before as f64)
                .take_while(|at| *at < (before + appended) as f64)
                .count();
            prop_assert_eq!(moves, passed, "{} entries after {}: {:?}", appended, before, ranges);
            before += appended;
        }
    }

    #[test]
    fn a_round_or_more_at_once_moves_all(
        before in 0..3 * ROUND,
        appended in ROUND..5 * ROUND,
        key in prop::array::uniform16(any::<u8>()),
    ) {
        let ranges: Vec<_> = moved(before, appended).into_iter().flatten().collect();
        prop_assert!(ranges.iter().any(|(from, until)| **from <= key[..] && key[..] < **until), "{:?}", ranges);
    }
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}/p.db", folder.path().display()).parse().unwrap()).unwrap();
    (folder, store)
}

fn entry(n: usize, score: u64) -> Entry {
    let event = serde_json::json!({"type": "conversation.rated", "id": format!("e{n}"), "occurred_at": "2026-02-01T00:00:00Z",
        "customer_id": format!("c{}", n % 7), "conversation_id": "v", "score": score});
    Entry::from_json(event, "desk").unwrap()
}

fn tell(store: &Store, entries: Vec<Entry>) -> Vec<Told> {
    store.write(move |db| append(db, &entries, Moment::from_stored_ms(1_800_000_000_000))).unwrap()
}

/// The parts, each as the ledger's entries it holds.
fn parts(store: &Store) -> [BTreeMap<i64, Vec<u8>>; 2] {
    let read = |db: &mut Db| {
        let settled: Vec<(i64, Vec<u8>)> = settled::table.select((settled::seq, settled::key)).load(db)?;
        let young: Vec<(i64, Vec<u8>)> = young::table.select((young::seq, young::key)).load(db)?;
        Ok::<_, StorageError>([settled, young].map(|rows| rows.into_iter().collect()))
    };
    store.read(read).unwrap()
}

fn differences(store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    verify::run(store, &mut |step| {
        if let verify::Step::Difference(difference) = step {
            found.push(difference.to_string());
        }
    })
    .unwrap();
    found
}

fn execute(store: &Store, statement: &'static str) {
    store.write(move |db| Ok::<_, StorageError>(sql_query(statement).execute(db).map(drop)?)).unwrap();
}

#[test]
fn an_id_is_taken_once_whichever_part_has_its_key() {
    let (_folder, store) = store();
    let (mut told, mut both_held) = (0, 0);
    for batch in [1, 5, 30, 200, 3, 64, 63, 1, 40, 2, 90] {
        let answers = tell(&store, (told..told + batch).map(|n| entry(n, 4)).collect());
        assert!(answers.iter().all(|told| *told == Told::Accepted), "{answers:?}");
        told += batch;
        let [settled, young] = parts(&store);
        assert!(young.len() < 300, "{} young keys", young.len());
        both_held += usize::from(!settled.is_empty() && !young.is_empty());
        let all: BTreeSet<i64> = settled.keys().chain(young.keys()).copied().collect();
        assert_eq!((all.len(), settled.len() + young.len()), (told, told), "each key in one part");
        let again = tell(&store, (0..told).map(|n| entry(n, 4)).collect());
        assert!(again.iter().all(|told| *told == Told::Duplicate), "{again:?}");
        let otherwise = tell(&store, (0..told).map(|n| entry(n, 5)).collect());
        assert!(otherwise.iter().all(|told| matches!(told, Told::Rejected(_))), "{otherwise:?}");
    }
    assert!(both_held > 5, "{both_held}");
    assert_eq!(differences(&store), Vec::<String>::new());
    let position = store.read(ledger::position).unwrap();
    assert_eq!(usize::try_from(position).unwrap(), told, "nothing came twice");
}

#[test]
fn what_is_told_again_and_again_settles() {
    let (_folder, store) = store();
    tell(&store, (0..100).map(|n| entry(n, 4)).collect());
    for n in 100..100 + usize::try_from(2 * ROUND).unwrap() {
        tell(&store, vec![entry(n, 4)]);
    }
    let [settled, young] = parts(&store);
    assert!((1..=100).all(|seq| settled.contains_key(&seq)), "{young:?}");
}

#[test]
fn a_place_that_is_not_the_ledgers_is_named_and_made_anew() {
    let (_folder, store) = store();
    let mut told = 0;
    for (statement, named) in [
        ("DELETE FROM ledger_keys WHERE seq = (SELECT min(seq) FROM ledger_keys)", "missing"),
        ("DELETE FROM ledger_keys_young WHERE seq = (SELECT min(seq) FROM ledger_keys_young)", "missing"),
        ("UPDATE ledger_keys SET seq = 12345 WHERE seq = (SELECT min(seq) FROM ledger_keys)", "12345: extra"),
        ("UPDATE ledger_keys_young SET seq = -1 WHERE seq = (SELECT min(seq) FROM ledger_keys_young)", "-1: extra"),
        ("UPDATE ledger_keys SET key = zeroblob(16) WHERE seq = (SELECT max(seq) FROM ledger_keys)", "missing"),
        ("INSERT INTO ledger_keys VALUES (zeroblob(16), 7)", "7: extra"),
        ("INSERT INTO ledger_keys_young VALUES (zeroblob(16), 2001)", "2001: extra"),
        ("INSERT INTO ledger_keys SELECT * FROM ledger_keys_young LIMIT 1", "stands in both parts"),
        (
            "UPDATE ledger_keys SET seq = (SELECT sum(seq) FROM ledger_keys WHERE seq IN (SELECT seq FROM ledger_keys ORDER BY seq LIMIT 2)) - seq
             WHERE seq IN (SELECT seq FROM ledger_keys ORDER BY seq LIMIT 2)",
            "extra",
        ),
    ] {
        for n in told..told + 100 {
            tell(&store, vec![entry(n, 4)]);
        }
        told += 100;
        assert!(parts(&store).iter().all(|part| part.len() > 3), "there is something to take away");
        execute(&store, statement);
        let found = differences(&store);
        assert!(found.iter().all(|line| line.starts_with("ledger_keys ")), "{statement}\n{found:#?}");
        assert!(found.iter().any(|line| line.contains(named)), "{statement}\n{found:#?}");
        let rebuilt = verify::rebuild(store.url(), &mut |_| {}).unwrap();
        assert_eq!((rebuilt.differences, rebuilt.mended), (found.len() as u64, found.len() as u64));
        assert_eq!(differences(&store), Vec::<String>::new(), "{statement}");
    }
}

#[test]
fn a_key_that_two_entries_have_is_named() {
    let (_folder, store) = store();
    tell(&store, (0..20).map(|n| entry(n, 4)).collect());
    execute(
        &store,
        "INSERT INTO ledger SELECT 21, key, digest, kind, source, id, customer_id, occurred_at, received_at, body FROM ledger WHERE seq = 3",
    );
    let found = differences(&store);
    assert!(found.iter().any(|line| line.starts_with("ledger_keys 21: missing")), "{found:#?}");
    let refused = verify::rebuild(store.url(), &mut |_| {}).unwrap_err().to_string();
    assert!(refused.contains("the ledger itself is damaged"), "{refused}");
    let count: i64 =
        store.read(|db| Ok::<_, StorageError>(settled::table.select(count_star()).first(db)?)).unwrap();
    assert_eq!(count + i64::try_from(parts(&store)[1].len()).unwrap(), 20, "nothing was changed");
}

/// The last of those that move: the others have moved when it is refused.
#[test]
fn where_a_key_cannot_move_nothing_of_the_write_stays() {
    let (_folder, store) = store();
    tell(&store, (0..40).map(|n| entry(n, 4)).collect());
    execute(
        &store,
        "INSERT INTO ledger_keys SELECT * FROM ledger_keys_young WHERE key = (SELECT max(key) FROM ledger_keys_young)",
    );
    let before = parts(&store);
    let entries: Vec<Entry> = (40..40 + 2 * usize::try_from(ROUND).unwrap()).map(|n| entry(n, 4)).collect();
    let refused = store.write(move |db| append(db, &entries, Moment::from_stored_ms(1_800_000_000_000)));
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(parts(&store), before);
    assert_eq!(store.read(ledger::position).unwrap(), 40);
}

/// A condition on the key reaches both parts: nothing is read through.
#[test]
fn a_key_is_looked_up_in_either_part() {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let (_folder, store) = store();
    for query in [
        "SELECT digest FROM ledger_by_key WHERE key = x'00'",
        "SELECT id FROM rejections r WHERE NOT EXISTS
           (SELECT k.seq FROM ledger_by_key k WHERE k.key = r.event_key AND k.received_at >= r.received_at)",
    ] {
        let plan = format!("EXPLAIN QUERY PLAN {query}");
        let steps: Vec<Step> =
            store.read(move |db| Ok::<_, StorageError>(sql_query(plan).load(db)?)).unwrap();
        let steps: Vec<String> = steps.into_iter().map(|step| step.detail).collect();
        let looked_up = |step: &&String| step.starts_with("SEARCH k USING PRIMARY KEY");
        assert_eq!(steps.iter().filter(looked_up).count(), 2, "{query}\n{steps:#?}");
        assert!(
            steps.iter().all(|step| !step.starts_with("SCAN k") && !step.starts_with("SCAN l")),
            "{steps:#?}"
        );
    }
}
