//! Experiments with everything that happened to them, by seeded chance: what reports are made of.

use patience::{
    actions::{self, ReportFile, ReportRequest},
    definitions::{read_calendar_toml, read_experiment_toml},
    domain::{event_json::Entry, experiment::Move, ids::ExperimentKey, time::Moment},
    language::Language,
    reports,
    storage::{Store, calendars, experiments, ledger},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{TestStore, at};

/// Facts end here.
pub const AS_OF: &str = "2026-04-20T10:30:00Z";

pub const CUSTOMERS: &str = r#"
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

pub const ACCOUNTS: &str = r#"
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

pub const FEW: &str = r#"
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

/// What happens to the units of an experiment; seeded.
pub struct Life {
    pub units: u32,
    /// The cohorts that units take turns in, by chance.
    pub cohorts: Vec<&'static str>,
    /// At most so many of a unit; 0 where the unit is the customer.
    pub customers: usize,
    pub currency: &'static str,
}

impl Life {
    pub fn of(cohorts: &[&'static str]) -> Self {
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
pub fn lived(text: &str, life: &Life) -> (TestStore, ExperimentKey) {
    let store = TestStore::sqlite();
    let definition = read_experiment_toml(text, "test").unwrap();
    let office = include_str!("../../../calendars/office-hours.toml");
    let office = read_calendar_toml(office, "test", |_| Err("no holidays".into())).unwrap();
    let key = definition.key.clone();
    let begins = at("2026-01-05T00:00:00Z");
    let entries: Vec<Entry> = life
        .events(key.as_str())
        .iter()
        .map(|event| Entry::from_json(event.clone(), "help-desk").unwrap())
        .collect();
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

/// A small life of the first experiment.
pub fn small() -> (TestStore, ExperimentKey) {
    lived(CUSTOMERS, &Life { units: 100, ..Life::of(&["usual", "longer"]) })
}

/// A report of the last analysis.
fn report(
    language: Language,
    store: &Store,
    key: &ExperimentKey,
    format: &str,
    sees_customers: bool,
) -> ReportFile {
    let asked = ReportRequest { experiment: key, analysis: None, language, sees_customers };
    actions::report(store, reports::format(format).unwrap(), &asked).unwrap()
}

/// What is in a report that is a zip, in a folder.
pub fn unzipped(store: &Store, key: &ExperimentKey, format: &str, sees_customers: bool) -> TempDir {
    unzipped_in(Language::English, store, key, format, sees_customers)
}

/// The same in a language.
pub fn unzipped_in(
    language: Language,
    store: &Store,
    key: &ExperimentKey,
    format: &str,
    sees_customers: bool,
) -> TempDir {
    let folder = TempDir::new().unwrap();
    let file = report(language, store, key, format, sees_customers).file;
    zip::ZipArchive::new(file).unwrap().extract(folder.path()).unwrap();
    folder
}
