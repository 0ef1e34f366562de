//! The audit log's chain: what was changed, dropped or moved shows.

use patience::{
    language::say,
    storage::{
        Store,
        audit::{self, Chain, Line},
    },
};

use super::tamper;
use crate::support::{MakeStore, noon};

crate::on_both_engines!(
    lines_come_back_newest_first_and_the_chain_is_whole,
    a_line_that_was_changed_is_found,
    a_line_that_was_dropped_is_found,
    lines_that_changed_places_are_found,
    a_log_that_was_cut_off_has_another_head,
);

pub fn recorded(store: &Store, lines: usize) {
    for number in 0..lines {
        let what = say("did-make-link").with("email", format!("p{number}@example.org"));
        store.write(move |db| audit::record(db, noon(), "ada@example.org", &what, None)).unwrap();
    }
}

fn checked(store: &Store) -> Chain {
    store.read(audit::check).unwrap()
}

fn lines_come_back_newest_first_and_the_chain_is_whole(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    assert_eq!(checked(&store), Chain::Whole { lines: 0, head: Vec::new() });
    recorded(&store, 3);
    let mut lines: Vec<Line> = Vec::new();
    let mut each = |line| {
        lines.push(line);
        true
    };
    store.read(|db| audit::walk(db, None, &mut each)).unwrap();
    assert_eq!(lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(lines[2].what, say("did-make-link").with("email", "p0@example.org"));
    assert_eq!(checked(&store), Chain::Whole { lines: 3, head: lines[0].hash.clone() });
    let mut older = Vec::new();
    let mut first = |line: Line| {
        older.push(line.seq);
        false
    };
    store.read(|db| audit::walk(db, Some(3), &mut first)).unwrap();
    assert_eq!(older, [2]);
}

fn a_line_that_was_changed_is_found(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    recorded(&store, 5);
    tamper(&store, "UPDATE audit SET who = 'eve@example.org' WHERE seq = 3");
    assert_eq!(checked(&store), Chain::Broken { at: 3 });
}

fn a_line_that_was_dropped_is_found(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    recorded(&store, 5);
    tamper(&store, "DELETE FROM audit WHERE seq = 2");
    assert_eq!(checked(&store), Chain::Broken { at: 2 });
}

fn lines_that_changed_places_are_found(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    recorded(&store, 5);
    for step in ["SET seq = -2 WHERE seq = 2", "SET seq = 2 WHERE seq = 3", "SET seq = 3 WHERE seq = -2"] {
        tamper(&store, format!("UPDATE audit {step}").leak());
    }
    assert_eq!(checked(&store), Chain::Broken { at: 2 });
}

/// The chain alone cannot show it: that is why the page tells the head.
fn a_log_that_was_cut_off_has_another_head(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    recorded(&store, 4);
    let before = checked(&store);
    tamper(&store, "DELETE FROM audit WHERE seq = 4");
    assert!(matches!(checked(&store), Chain::Whole { lines: 3, .. }));
    assert_ne!(checked(&store), before);
}
