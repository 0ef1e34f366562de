//! The figures of an analysis recomputed from the downloaded bundle by programs that share no line with ours:
//! `templates/bundle/recompute.py`, with numpy, scipy and pandas, and `recompute.R` with R alone.

use std::{path::Path, process::Command};

use patience::{actions, domain::event_json::Entry, language::Language, storage::ledger};
use serde_json::json;

use super::life::{ACCOUNTS, AS_OF, CUSTOMERS, FEW, Life, lived, small, unzipped, unzipped_in};
use crate::support::at;

#[test]
fn customers_with_covariates_and_looks_at_any_time() {
    agrees(CUSTOMERS, &Life { units: 400, ..Life::of(&["usual", "longer"]) });
}

#[test]
fn accounts_in_three_cohorts_with_metrics_of_their_own() {
    let cohorts = ["usual", "usual", "day", "two-days"];
    agrees(ACCOUNTS, &Life { units: 240, customers: 3, currency: "EUR", ..Life::of(&cohorts) });
}

#[test]
fn few_customers_in_planned_looks() {
    agrees(FEW, &Life { units: 62, ..Life::of(&["usual", "longer"]) });
}

/// A Python that has what the script needs; Debian's own where the first on the path has not.
pub fn python() -> Option<&'static str> {
    let has_all = |python: &&str| {
        let found = Command::new(python).args(["-c", "import numpy, scipy, pandas"]).output();
        found.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has_all);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "tests/run installs numpy, scipy and pandas for python3");
        eprintln!("SKIPPED: no python3 with numpy, scipy and pandas; tests/run installs them");
    }
    found
}

/// Whether the script found that all agrees, and what it said; none where it cannot be run.
fn recomputed(folder: &Path) -> Option<(bool, String)> {
    let output = Command::new(python()?).arg("recompute.py").current_dir(folder).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    Some((output.status.success(), said))
}

/// Whether R finds that all agrees, and what it said; none where there is no R.
fn recomputed_by_r(folder: &Path) -> Option<(bool, String)> {
    let Ok(output) = Command::new("Rscript").arg("recompute.R").current_dir(folder).output() else {
        assert!(std::env::var_os("CI").is_none(), "tests/run installs R");
        eprintln!("SKIPPED: no Rscript; tests/run installs it");
        return None;
    };
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    Some((output.status.success(), said))
}

fn agrees(text: &str, life: &Life) {
    let (store, key) = lived(text, life);
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let folder = unzipped(&store, &key, "bundle", true);
    assert_eq!(rows(folder.path(), "changed_since"), 0, "nothing was told since");
    agree_in(folder.path());
}

fn agree_in(folder: &Path) {
    if let Some((agrees, said)) = recomputed_by_r(folder) {
        assert!(agrees && said.contains("all figures agree"), "{said}");
    }
    if let Some((agrees, said)) = recomputed(folder) {
        assert!(agrees && said.contains("all figures agree"), "{said}");
    }
}

/// How many rows a table has.
fn rows(folder: &Path, table: &str) -> usize {
    csv::Reader::from_path(folder.join(format!("{table}.csv"))).unwrap().records().map(Result::unwrap).count()
}

#[test]
fn the_script_finds_a_figure_that_is_off_by_a_millionth() {
    let (store, key) = small();
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let folder = unzipped(&store, &key, "bundle", true);
    let path = folder.path().join("comparisons.csv");
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let (head, mut rows): (_, Vec<_>) =
        (reader.headers().unwrap().clone(), reader.records().map(Result::unwrap).collect());
    let column = head.iter().position(|name| name == "relative_upper").unwrap();
    let off = (rows[0][column].parse::<f64>().unwrap() * 1.000_001).to_string();
    rows[0] = rows[0].iter().enumerate().map(|(i, cell)| if i == column { &off } else { cell }).collect();
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(&head).unwrap();
    for row in &rows {
        writer.write_record(row).unwrap();
    }
    writer.flush().unwrap();
    let said = [recomputed(folder.path()), recomputed_by_r(folder.path())];
    for (agrees, said) in said.into_iter().flatten() {
        assert!(!agrees && said.contains("1 figures differ"), "{said}");
        assert!(said.contains("comparisons csat longer relative_upper"), "{said}");
    }
}

#[test]
fn facts_told_after_the_analysis_are_named_with_the_figures_that_they_change() {
    let (store, key) = small();
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let late = json!({"id": "late", "type": "conversation.opened", "occurred_at": "2026-04-10T09:00:00Z",
        "customer_id": "c-1-0", "conversation_id": "late"});
    let late = [Entry::from_json(late, "help-desk").unwrap()];
    store.write(move |db| ledger::append(db, &late, at("2026-04-21T00:00:00Z"))).unwrap();
    let folder = unzipped(&store, &key, "bundle", true);
    let readme = std::fs::read_to_string(folder.path().join("README.txt")).unwrap();
    assert!(readme.contains("ATTENTION") && readme.contains("1 entries came"), "{readme}");
    let changed = std::fs::read_to_string(folder.path().join("changed_since.csv")).unwrap();
    assert!(changed.contains("cohorts,") && changed.contains("series,"), "{changed}");
    assert!(!changed.contains("net_revenue_retention"), "a question changes no revenue: {changed}");
    agree_in(folder.path());
}

#[test]
fn who_may_not_see_customers_gets_the_sums_and_not_one_row_of_a_unit() {
    let (store, key) = small();
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let folder = unzipped(&store, &key, "bundle", false);
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_dir() {
            continue; // what was agreed
        }
        names.push(file.file_name().into_string().unwrap());
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(!text.contains("c-1-0") && !text.contains("v-1,"), "{:?} names a customer", file.path());
    }
    assert!(names.contains(&"moments.csv".to_owned()));
    for table in ["units.csv", "measures.csv", "conversations.csv", "facts.csv"] {
        assert!(!names.contains(&table.to_owned()), "{table}");
    }
    agree_in(folder.path());
}

#[test]
fn every_column_is_explained_and_every_table_reads_without_options() {
    let (store, key) = small();
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let folder = unzipped(&store, &key, "bundle", true);
    let mut explained = csv::Reader::from_path(folder.path().join("columns.csv")).unwrap();
    let explained: Vec<(String, String)> = explained
        .records()
        .map(|row| row.map(|row| (row[0].to_owned(), row[2].to_owned())).unwrap())
        .collect();
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|end| end == "csv") {
            let table = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let mut reader = csv::Reader::from_path(&path).unwrap();
            found.extend(reader.headers().unwrap().iter().map(|name| (table.clone(), name.to_owned())));
        }
    }
    // In Chinese each is explained, too.
    let chinese = unzipped_in(Language::Chinese, &store, &key, "csv", true);
    let readme = std::fs::read_to_string(chinese.path().join("README.txt")).unwrap();
    assert!(readme.contains("数字如何得出") && readme.contains("cohorts.csv：每行是一个组"), "{readme}");
    for file in ["columns", "definitions"] {
        let mut rows = csv::Reader::from_path(chinese.path().join(format!("{file}.csv"))).unwrap();
        for row in rows.records().map(Result::unwrap) {
            let words = if file == "columns" { [&row[1], &row[3]] } else { [&row[1], &row[2]] };
            assert!(words.iter().all(|words| !words.is_ascii()), "{row:?}");
        }
    }
    let sorted = |mut list: Vec<_>| {
        list.sort();
        list
    };
    assert_eq!(sorted(found), sorted(explained));
    let script = "import pandas as pd
m = pd.read_csv('measures.csv'); assert m.numerator.dtype == 'float64' and m.pre_denominator.dtype == 'float64'
c = pd.read_csv('comparisons.csv'); assert c.absolute_lower.dtype == 'float64' and c.adjusted.dtype == 'bool'
v = pd.read_csv('conversations.csv'); pd.to_datetime(v.opened_at); assert v.answered.dtype == 'bool'
assert v.channel.dropna().isin(['chat', 'email', \"'+phone\"]).all()
assert (m.merge(pd.read_csv('units.csv'), on='unit_id').shape[0]) == len(m)";
    if let Some(python) = python() {
        let run = Command::new(python).args(["-c", script]).current_dir(folder.path()).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
    if let Ok(run) = Command::new("Rscript")
        .args(["-e", "m <- read.csv('measures.csv'); c <- read.csv('comparisons.csv'); stopifnot(is.numeric(m$numerator), is.numeric(m$pre_denominator), is.numeric(c$absolute_lower))"])
        .current_dir(folder.path())
        .output()
    {
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
}
