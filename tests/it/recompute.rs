//! The figures of an analysis recomputed from the downloaded tables by a program that shares no line with ours:
//! `templates/bundle/recompute.py`, with numpy, scipy and pandas.

use std::{path::Path, process::Command};

use patience::{
    actions::{self, Asked},
    definitions::{read_calendar_toml, read_experiment_toml},
    domain::{event_json::Entry, experiment::Move, ids::ExperimentKey, time::Moment},
    reports,
    storage::{Store, calendars, experiments, ledger},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{TestStore, at};

/// Facts end here.
const AS_OF: &str = "2026-04-20T10:30:00Z";

const CUSTOMERS: &str = r#"
key = "customers"
name = "Customers, looked at whenever"
starts_on = 2026-01-05
planned_weeks = 22
[[cohorts]]
key = "usual"
control = true
weight = 50
first_response = "PT4H"
[[cohorts]]
key = "longer"
weight = 50
first_response = "PT8H"
calendar = "office-hours"
[[metrics]]
metric = "csat"
role = "guardrail"
margin = 0.03
[[metrics]]
metric = "net_revenue_retention"
role = "guardrail"
margin = 0.05
margin_scale = "absolute"
[[metrics]]
metric = "conversations_per_agent_hour"
role = "primary"
[[metrics]]
metric = "questions_asked"
role = "secondary"
[[metrics]]
metric = "cost_to_serve"
role = "secondary"
[[metrics]]
metric = "reopen_rate"
role = "secondary"
margin = 0.2
[[metrics]]
metric = "first_response_time"
role = "secondary"
[[metrics]]
metric = "first_contact_resolution"
role = "secondary"
[analysis]
looks = "always_valid"
planned_units = 1000
segments = ["plan", "channel", "topic"]
[economics]
currency = "USD"
agent_hour = 38.0
gross_margin = 0.8
replacement_cost = 20.0
[decision]
ship_when = "guardrails_hold and (primary_improves or net_value_not_negative)"
"#;

const ACCOUNTS: &str = r#"
key = "accounts"
name = "Accounts, three levels, figures of one's own"
unit = "account"
confidence = 0.9
starts_on = 2026-01-05
planned_weeks = 12
[[cohorts]]
key = "usual"
control = true
weight = 50
first_response = "PT4H"
calendar = "office-hours"
[[cohorts]]
key = "day"
weight = 25
first_response = "PT8H"
calendar = "office-hours"
[[cohorts]]
key = "two-days"
weight = 25
first_response = "PT16H"
calendar = "office-hours"
[[metrics]]
metric = "csat"
role = "guardrail"
margin = 0.1
[[metrics]]
metric = "logins"
role = "primary"
kind = "mean"
direction = "increase"
[[metrics]]
metric = "upgrades"
role = "secondary"
kind = "share"
direction = "increase"
[[metrics]]
metric = "errors, seen"
role = "secondary"
kind = "ratio"
denominator = "sessions"
direction = "decrease"
[[metrics]]
metric = "handle_time"
role = "secondary"
[[metrics]]
metric = "promise_kept"
role = "secondary"
[analysis]
looks = "fixed"
correction = "benjamini_hochberg"
segments = ["plan"]
[economics]
currency = "EUR"
agent_hour = 50.0
gross_margin = 0.6
replacement_cost = 100.0
[decision]
ship_when = "guardrails_hold"
"#;

const FEW: &str = r#"
key = "few"
name = "Few, in planned looks"
starts_on = 2026-01-05
planned_weeks = 22
[[cohorts]]
key = "usual"
control = true
weight = 1
first_response = "PT4H"
[[cohorts]]
key = "longer"
weight = 1
first_response = "PT8H"
[[metrics]]
metric = "csat"
role = "guardrail"
margin = 0.1
margin_scale = "absolute"
[[metrics]]
metric = "questions_asked"
role = "secondary"
[[metrics]]
metric = "conversations_per_agent_hour"
role = "secondary"
[[metrics]]
metric = "churn"
role = "guardrail"
margin = 0.5
[analysis]
looks = "group_sequential"
planned_units = 100
planned_looks = 4
spending = "pocock"
follow_up_days = 30
[economics]
currency = "USD"
agent_hour = 38.0
gross_margin = 0.8
[decision]
ship_when = "guardrails_hold"
"#;

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

/// What happens to the units of an experiment; seeded.
struct Life {
    units: u32,
    /// The cohorts that units take turns in, by chance.
    cohorts: Vec<&'static str>,
    /// At most so many of a unit; 0 where the unit is the customer.
    customers: usize,
    currency: &'static str,
}

impl Life {
    fn of(cohorts: &[&'static str]) -> Self {
        Self { units: 0, cohorts: cohorts.to_vec(), customers: 0, currency: "USD" }
    }

    fn events(&self, experiment: &str) -> Vec<Value> {
        let mut teller = Teller { chance: ChaCha8Rng::seed_from_u64(7), told: Vec::new(), conversations: 0 };
        let first = at("2026-01-05T00:00:00Z");
        for unit in 0..self.units {
            let cohort = self.cohorts[teller.up_to(self.cohorts.len())];
            let assigned = plus_hours(first, teller.uniform() * 24.0 * 85.0);
            let members = if self.customers == 0 { 1 } else { 1 + teller.up_to(self.customers) };
            let known_before = teller.happens(0.8);
            // Some ids look like formulas, some like numbers.
            let account = format!("{}a-{unit}", if unit % 7 == 0 { "=" } else { "" });
            for member in 0..members {
                let customer =
                    if unit % 5 == 0 { format!("-{unit}.{member}") } else { format!("c-{unit}-{member}") };
                let plan = ["starter", "plus", "NA"][teller.up_to(3)];
                teller.tell(
                    plus_hours(assigned, -2400.0),
                    "customer.updated",
                    &customer,
                    &json!({"account_id": account, "attributes": {"plan": plan}}),
                );
                if member == 0 {
                    let mut fields = json!({"experiment": experiment, "cohort": cohort});
                    if self.customers > 0 {
                        fields["account_id"] = json!(account);
                    }
                    teller.tell(assigned, "cohort.assigned", &customer, &fields);
                }
                teller.live(&customer, cohort == "usual", assigned, known_before, self.currency);
            }
        }
        teller.told
    }
}

struct Teller {
    chance: ChaCha8Rng,
    told: Vec<Value>,
    conversations: u32,
}

impl Teller {
    fn uniform(&mut self) -> f64 {
        self.chance.random()
    }

    fn happens(&mut self, chance: f64) -> bool {
        self.uniform() < chance
    }

    fn up_to(&mut self, n: usize) -> usize {
        self.chance.random_range(0..n)
    }

    /// A whole number about `mean`.
    fn count(&mut self, mean: f64) -> usize {
        (1..100).filter(|_| self.uniform() < mean / 99.0).count()
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.uniform()).ln()
    }

    fn tell(&mut self, when: Moment, kind: &str, customer: &str, fields: &Value) {
        let mut event = json!({"id": format!("e-{}", self.told.len()), "type": kind,
            "occurred_at": when.to_string(), "customer_id": customer});
        for (name, value) in fields.as_object().unwrap() {
            event[name] = value.clone();
        }
        self.told.push(event);
    }

    /// Questions before and after, revenue by month, perhaps a departure, figures of the user's own.
    fn live(&mut self, customer: &str, usual: bool, assigned: Moment, known_before: bool, currency: &str) {
        let habit = 0.5 + self.uniform();
        let spend = 5.0 + self.exponential(40.0);
        if known_before {
            for _ in 0..self.up_to(4) {
                let when = plus_hours(assigned, -24.0 * 90.0 * self.uniform());
                self.converse(customer, when, true, habit);
            }
        }
        let days = (at(AS_OF) - assigned).hours() / 24.0;
        for _ in 0..self.count(habit * days / 25.0) {
            let when = plus_hours(assigned, 24.0 * (days + 1.0) * self.uniform());
            self.converse(customer, when, usual, habit);
        }
        let months = ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04"];
        let leaves = if self.happens(0.08) { self.up_to(6) } else { months.len() };
        for (nth, month) in months.into_iter().enumerate() {
            if (nth < 2 && !known_before) || nth > leaves || self.happens(0.02) {
                continue;
            }
            let (amount, code) =
                (spend * (0.9 + 0.2 * self.uniform()), if self.happens(0.01) { "GBP" } else { currency });
            let fields = json!({"month": month, "amount": amount, "currency": code});
            self.tell(at("2026-04-01T00:00:00Z"), "revenue.recorded", customer, &fields);
        }
        if leaves < months.len() {
            let left = at(&format!("{}-15T08:00:00Z", months[leaves]));
            self.tell(left, "customer.churned", customer, &json!({}));
        }
        for name in ["logins", "upgrades", "errors, seen", "sessions"] {
            let often = if name == "upgrades" { 0.4 } else { 3.0 };
            for _ in 0..self.count(often) {
                let when = plus_hours(assigned, 24.0 * (150.0 * self.uniform() - 60.0));
                let value = (10.0 * self.uniform()).round() / 2.0;
                self.tell(when, "metric.recorded", customer, &json!({"name": name, "value": value}));
            }
        }
    }

    fn converse(&mut self, customer: &str, opened: Moment, usual: bool, habit: f64) {
        self.conversations += 1;
        let id = format!("v-{}", self.conversations);
        let of = |fields: Value| {
            let mut fields = fields;
            fields["conversation_id"] = json!(id);
            fields
        };
        let mut opening = json!({});
        for (name, values) in
            [("channel", ["chat", "email", "+phone"]), ("topic", ["billing", "bug", "other"])]
        {
            if self.happens(0.9) {
                opening[name] = json!(values[self.up_to(3)]);
            }
        }
        self.tell(opened, "conversation.opened", customer, &of(opening));
        let wait = if self.happens(0.01) { -0.5 } else { self.exponential(if usual { 3.0 } else { 9.0 }) };
        if self.happens(0.93) {
            self.tell(
                plus_hours(opened, wait),
                "conversation.replied",
                customer,
                &of(json!({"by": "agent"})),
            );
        }
        if self.happens(0.12) {
            return;
        }
        let closed = plus_hours(opened, wait.max(0.0) + self.exponential(20.0));
        let handle = self.exponential(900.0 * habit);
        let totals = json!({"handle_seconds": handle, "after_contact_seconds": 0.2 * handle});
        self.tell(closed, "conversation.closed", customer, &of(totals));
        let mut rated = plus_hours(closed, self.exponential(10.0));
        if self.happens(0.12) {
            let again = plus_hours(closed, self.exponential(60.0));
            self.tell(again, "conversation.reopened", customer, &of(json!({})));
            let totals = json!({"handle_seconds": 1.5 * handle, "after_contact_seconds": 0.25 * handle});
            self.tell(plus_hours(again, 5.0), "conversation.closed", customer, &of(totals));
        }
        for _ in 0..[0, 0, 1, 1, 2][self.up_to(5)] {
            let score = if self.happens(if usual { 0.85 } else { 0.8 }) {
                4 + self.up_to(2)
            } else {
                1 + self.up_to(3)
            };
            let emotions = [json!([]), json!(["happy", "valued"]), json!(["Angry", "happy", "curious"])];
            let emotions = &emotions[self.up_to(3)];
            self.tell(
                rated,
                "conversation.rated",
                customer,
                &of(json!({"score": score, "emotions": emotions})),
            );
            rated = plus_hours(rated, 30.0);
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "milliseconds of some years")]
fn plus_hours(from: Moment, hours: f64) -> Moment {
    Moment::from_ms(from.ms() + (hours * 3_600_000.0) as i64).unwrap()
}

/// An experiment with everything that happened to it.
fn lived(text: &str, life: &Life) -> (TestStore, ExperimentKey) {
    let store = TestStore::sqlite();
    let definition = read_experiment_toml(text, "test").unwrap();
    let office = include_str!("../../calendars/office-hours.toml");
    let office = read_calendar_toml(office, "test", |_| Err("no holidays".into())).unwrap();
    let key = definition.key.clone();
    let begins = at("2026-01-05T00:00:00Z");
    let entries: Vec<Entry> =
        life.events(key.as_str()).iter().map(|event| Entry::from_json(event, "help-desk").unwrap()).collect();
    store
        .write(move |db| {
            calendars::put(db, office.definition(), begins)?;
            experiments::put(db, &definition, begins, "test")?;
            experiments::advance(db, &definition.key, Move::Start, None, begins, "test")?;
            let told = ledger::append(db, &entries, at(AS_OF))?;
            assert!(told.iter().all(|told| matches!(told, ledger::Told::Accepted)), "{told:?}");
            Ok::<_, patience::storage::StorageError>(())
        })
        .unwrap();
    (store, key)
}

/// The tables of the last analysis, in a folder.
fn unzipped(store: &Store, key: &ExperimentKey, sees_customers: bool) -> TempDir {
    let asked = Asked { experiment: key, analysis: None, sees_customers };
    let report = actions::report(store, reports::format("csv").unwrap(), &asked).unwrap();
    let folder = TempDir::new().unwrap();
    zip::ZipArchive::new(report.file).unwrap().extract(folder.path()).unwrap();
    folder
}

/// A Python that has what the script needs; Debian's own where the first on the path has not.
fn python() -> Option<&'static str> {
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

fn agrees(text: &str, life: &Life) {
    let (store, key) = lived(text, life);
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let folder = unzipped(&store, &key, true);
    assert_eq!(rows(folder.path(), "changed_since"), 0, "nothing was told since");
    agree_in(folder.path());
}

fn agree_in(folder: &Path) {
    if let Some((agrees, said)) = recomputed(folder) {
        assert!(agrees && said.contains("all figures agree"), "{said}");
    }
}

/// How many rows a table has.
fn rows(folder: &Path, table: &str) -> usize {
    csv::Reader::from_path(folder.join(format!("{table}.csv"))).unwrap().records().map(Result::unwrap).count()
}

/// A small life of the first experiment.
fn small() -> (TestStore, ExperimentKey) {
    lived(CUSTOMERS, &Life { units: 100, ..Life::of(&["usual", "longer"]) })
}

#[test]
fn the_script_finds_a_figure_that_is_off_by_a_millionth() {
    let (store, key) = small();
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let folder = unzipped(&store, &key, true);
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
    if let Some((agrees, said)) = recomputed(folder.path()) {
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
    let late = [Entry::from_json(&late, "help-desk").unwrap()];
    store.write(move |db| ledger::append(db, &late, at("2026-04-21T00:00:00Z"))).unwrap();
    let folder = unzipped(&store, &key, true);
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
    let folder = unzipped(&store, &key, false);
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
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
    let folder = unzipped(&store, &key, true);
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
