//! `kill -9` in the middle: nothing that was acknowledged is lost, nothing counts twice, nobody changes cohort.
//!
//! The child is this very test binary, told by an environment variable to write until it is killed. (A kill
//! cannot see a missing fsync, the page cache outlives the process; that `synchronous` is FULL is read back
//! at each opening.)

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use patience::{
    domain::{
        assignment::{Request, Snapshot},
        ids::CustomerId,
    },
    storage::{DatabaseUrl, StorageError, Store, assignments, experiments, ledger},
};
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tempfile::TempDir;

use super::{lines, verify::differences};
use crate::support::{definition, entry, noon, start};

const ROUNDS: u32 = 20;
const VARIABLE: &str = "PATIENCE_TORTURE";

#[test]
#[ignore = "the child of the test below, not a test of its own"]
fn child() {
    let Ok(place) = std::env::var(VARIABLE) else { return };
    let (path, round) = place.rsplit_once('#').unwrap();
    let store = Store::open(&DatabaseUrl::Sqlite(path.into())).unwrap();
    let snapshot = Snapshot::new(store.read(experiments::list).unwrap(), []).unwrap();
    thread::scope(|scope| {
        for writer in 0..4 {
            let (store, snapshot) = (&store, &snapshot);
            scope.spawn(move || write_for_ever(store, snapshot, round.parse().unwrap(), writer));
        }
    });
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

fn write_for_ever(store: &Store, snapshot: &Snapshot, round: u32, writer: u32) {
    for number in 0_u32.. {
        let ids: Vec<String> = (0..5).map(|n| format!("{round}-{writer}-{number}-{n}")).collect();
        let batch: Vec<_> = ids
            .iter()
            .map(|id| {
                let customer = format!("c{}", number % 50);
                let fields = json!({"customer_id": customer, "conversation_id": id, "topic": "billing"});
                entry("conversation.opened", id, "2026-03-01T00:00:00Z", &fields)
            })
            .collect();
        store.write(move |db| ledger::append(db, &batch, noon())).unwrap();
        say(&format!("ack {}", ids.join(" ")));

        // Each round asks for some of the last one's customers again, and for new ones.
        let customer = CustomerId::new(&format!("u{}-{writer}", round * 2 + number)).unwrap();
        let request = Request::of_customer(customer.clone());
        let snapshot = snapshot.clone();
        let decided =
            store.write(move |db| assignments::decide_and_record(db, &snapshot, &request, noon())).unwrap();
        let cohort = decided.reply.assignments[0].cohort.clone().unwrap();
        say(&format!("cohort {customer} {cohort}"));
    }
}

#[test]
fn a_kill_loses_nothing_acknowledged_and_counts_nothing_twice() {
    let folder = TempDir::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("torture.db"));
    start(&Store::open(&url).unwrap(), definition("frt", &json!({})));
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut acked = BTreeSet::new();
    let mut cohorts: BTreeMap<String, String> = BTreeMap::new();
    for round in 0..ROUNDS {
        let DatabaseUrl::Sqlite(path) = &url else { unreachable!() };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["storage::torture::child", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, format!("{}#{round}", path.display()))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut heard = BufReader::new(child.stdout.take().unwrap()).lines();
        // From the first decision on, so that each round is in full swing when it ends.
        let mut said = Vec::new();
        for line in heard.by_ref().map(Result::unwrap) {
            said.push(line);
            if said.last().is_some_and(|line| line.starts_with("cohort ")) {
                break;
            }
        }
        let rest = thread::spawn(move || heard.map_while(Result::ok).collect::<Vec<_>>());
        thread::sleep(Duration::from_micros(random.random_range(0..100_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        said.extend(rest.join().unwrap());
        // A line is one write to the pipe: it came whole or not at all.
        for line in &said {
            let mut words = line.split(' ');
            match words.next() {
                Some("ack") => acked.extend(words.map(str::to_owned)),
                Some("cohort") => {
                    let (Some(unit), Some(cohort)) = (words.next(), words.next()) else { continue };
                    let known = cohorts.entry(unit.to_owned()).or_insert_with(|| cohort.to_owned());
                    assert_eq!(known, cohort, "{unit} changed cohort in round {round}");
                }
                _ => {}
            }
        }
    }
    let store = Store::open(&url).unwrap();
    let kept = store
        .read(|db| {
            let events = lines(db, "SELECT id AS line FROM ledger WHERE kind = 'conversation.opened'")?;
            let folded = lines(db, "SELECT conversation_id AS line FROM conversations")?;
            let units = lines(db, "SELECT unit_id || ' ' || cohort AS line FROM assignments")?;
            Ok::<_, StorageError>([events, folded, units])
        })
        .unwrap();
    let [events, folded, units] = kept;
    let kept: BTreeSet<String> = events.iter().cloned().collect();
    assert_eq!(kept.len(), events.len(), "an event counts twice");
    let lost: Vec<_> = acked.difference(&kept).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged events are lost: {lost:?}", lost.len(), acked.len());
    assert_eq!(folded.into_iter().collect::<BTreeSet<_>>(), kept, "the fold holds what the ledger holds");
    for (unit, cohort) in &cohorts {
        assert!(units.contains(&format!("{unit} {cohort}")), "the cohort of {unit} is lost");
    }
    // Each round was heard to do some of both before it was killed.
    assert!(acked.len() >= 5 * ROUNDS as usize && cohorts.len() >= ROUNDS as usize);
    assert_eq!(differences(&store), Vec::<String>::new());
}
