//! An analysis from the database, beside `DuckDB` and tea-tasting over Parquet files of the same rows.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use diesel::{RunQueryDsl, sql_query, sql_types::Text};
use patience::{
    domain::{
        event_json::Entry,
        experiment::{LooksKind, MarginScale, MetricPlan, Move, Role},
        time::{Clock, Moment},
        unit::UnitRecord,
    },
    settings::SystemClock,
    simulation::{Effects, Trial, World, published},
    storage::{StorageError, Store, calendars, experiments, ledger},
};
use serde_json::{Value, json};

use super::support::{PATIENCE, peak_memory_mb, timed};

/// Days from the first unit to the analysis.
const DAYS: i64 = 150;

const METRICS: [&str; 8] = [
    "csat",
    "net_revenue_retention",
    "questions_asked",
    "conversations_per_agent_hour",
    "first_response_time",
    "promise_kept",
    "reopen_rate",
    "net_value",
];

/// What the analyst would use instead.
const PEER: &str = include_str!("peer.py");

pub fn measure(sizes: &[usize], python: &str) {
    let now = SystemClock.now();
    let world = World {
        customers: 2000,
        starts_on: now.plus_days(-DAYS).date(),
        weeks: 21,
        questions_per_month: 1.3,
        effects: Effects::PUBLISHED,
        ..World::published(1)
    };
    let mut experiment = published::running(&world, "salt");
    let plan = |metric: &str| MetricPlan {
        metric: metric.to_owned(),
        role: Role::Secondary,
        margin: None,
        margin_scale: MarginScale::Relative,
        direction: None,
        kind: None,
        denominator: None,
    };
    experiment.definition.metrics = METRICS.map(plan).to_vec();
    experiment.definition.analysis.looks = LooksKind::AlwaysValid;
    let trial = Trial::live(&world, experiment).expect("rules of ours");
    println!("\nanalysis from the database (SQLite): 8 metrics by day, {DAYS} days, all curves");
    println!(
        "{:>9} {:>13} {:>9} {:>9} {:>9} {:>10} {:>9}",
        "units", "conversations", "seconds", "CPU s", "MB", "CPU µs/unit", "of peer"
    );
    for &size in sizes {
        let home = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/p.db", home.path().display());
        let conversations = fill(&url, &trial, &world, size, home.path());
        let ours = refresh(&url, trial.experiment.definition.key.as_str());
        let peer = peer(home.path(), python);
        println!(
            "{size:>9} {conversations:>13} {:>9.2} {:>9.2} {:>9} {:>10.1} {:>9}",
            ours.0,
            ours.1,
            ours.2,
            1e6 * ours.1 / size as f64,
            peer.map_or("-".to_owned(), |peer| format!("{:.1} ({:.1} s)", ours.0 / peer, peer)),
        );
        tell_more(&url, now);
        let again = refresh(&url, trial.experiment.definition.key.as_str());
        println!(
            "{:>9} {:>13} {:>9.2} {:>9.2} {:>9}  again, after 1,000 new events",
            "", "", again.0, again.1, again.2
        );
    }
}

/// Puts units into a new database as its fold would have left them, over and over the same ones under other names; and
/// into CSV files. The ledger stays empty. Tells how many conversations there are.
fn fill(url: &str, trial: &Trial, world: &World, size: usize, home: &Path) -> usize {
    let store = Store::open(&url.parse().expect("an address")).expect("a database");
    let definition = trial.experiment.definition.clone();
    let (starts, office) = (world.starts_at(), published::office_hours(world));
    let units = size as u64;
    store
        .write(move |db| {
            calendars::put(db, &office, starts)?;
            experiments::put(db, &definition, starts, "bench")?;
            experiments::advance(db, &definition.key, Move::Start, Some(units), starts, "bench").map(drop)
        })
        .expect("an experiment");
    let mut files = Files::new(home);
    let templates: Vec<Template> = trial.units.iter().map(Template::of).collect();
    let (mut batch, mut conversations) = (Batch::default(), 0);
    for n in 0..size {
        let (template, unit) = (&templates[n % templates.len()], &trial.units[n % templates.len()]);
        let id = format!("c-{n:08}");
        conversations += template.conversations.len();
        batch.add(&id, template);
        files.add(n, unit);
        if batch.assignments.len() == 2000 || n + 1 == size {
            std::mem::take(&mut batch).write(&store);
        }
    }
    conversations
}

/// A unit's rows, its id apart.
struct Template {
    assignment: Vec<Value>,
    customer: String,
    conversations: Vec<(String, String)>,
}

impl Template {
    fn of(unit: &UnitRecord) -> Self {
        let [customer] = &unit.customers[..] else { panic!("units are customers") };
        let bytes = |state: Vec<u8>| hex::encode(state);
        let encode = |conversation| bytes(rmp_serde::to_vec(conversation).expect("encoded"));
        let first = unit.first_conversation.as_ref().map(|(_, id)| id.as_str());
        let attributes = serde_json::to_string(&unit.attributes).expect("JSON");
        Self {
            assignment: vec![
                json!(unit.cohort),
                json!(unit.assigned_at.ms()),
                json!(first),
                json!(attributes),
            ],
            customer: bytes(rmp_serde::to_vec(&customer.customer).expect("encoded")),
            conversations: customer
                .conversations
                .iter()
                .map(|(id, state)| (id.to_string(), encode(state)))
                .collect(),
        }
    }
}

/// Rows of some units.
#[derive(Default)]
struct Batch {
    assignments: Vec<Value>,
    customers: Vec<Value>,
    conversations: Vec<Value>,
}

impl Batch {
    fn add(&mut self, id: &str, template: &Template) {
        self.assignments.push(json!([id, template.assignment]));
        self.customers.push(json!([id, template.customer]));
        self.conversations.extend(
            template.conversations.iter().map(|(conversation, state)| json!([id, conversation, state])),
        );
    }

    fn write(self, store: &Store) {
        let statements = [
            (
                "INSERT INTO assignments SELECT 'longer-frt-low-spend', value ->> 0, value ->> '$[1][0]', value ->> '$[1][1]', 'bench', value ->> 0, iif(value ->> '$[1][2]' IS NULL, NULL, value ->> 0), value ->> '$[1][2]', value ->> '$[1][3]' FROM json_each(?)",
                self.assignments,
            ),
            (
                "INSERT INTO customers SELECT value ->> 0, NULL, unhex(value ->> 1) FROM json_each(?)",
                self.customers,
            ),
            (
                "INSERT INTO conversations SELECT value ->> 0, value ->> 1, unhex(value ->> 2) FROM json_each(?)",
                self.conversations,
            ),
        ];
        let statements = statements.map(|(statement, rows)| (statement, Value::Array(rows).to_string()));
        store
            .write(move |db| {
                for (statement, rows) in &statements {
                    sql_query(*statement).bind::<Text, _>(rows).execute(db)?;
                }
                Ok::<_, StorageError>(())
            })
            .expect("written");
    }
}

/// The same for the peer.
struct Files {
    conversations: BufWriter<File>,
    units: BufWriter<File>,
}

impl Files {
    fn new(home: &Path) -> Self {
        let create = |name: &str| BufWriter::new(File::create(home.join(name)).expect("a file"));
        Self { conversations: create("conversations.csv"), units: create("units.csv") }
    }

    fn add(&mut self, n: usize, unit: &UnitRecord) {
        let customer = &unit.customers[0];
        let revenue = |month| {
            customer.customer.revenue.get(&month).and_then(|told| told.now()).map_or(0.0, |r| r.amount)
        };
        let joined = unit.assigned_at.month();
        let last = unit.assigned_at.plus_days(100).month();
        writeln!(
            self.units,
            "{n},{},{},{},{}",
            unit.cohort,
            unit.assigned_at.ms(),
            revenue(joined),
            revenue(last)
        )
        .expect("written");
        let at = |moment: Option<Moment>| moment.map_or(String::new(), |at| at.ms().to_string());
        for (_, told) in &customer.conversations {
            let closed = told.closed.now();
            writeln!(
                self.conversations,
                "{n},{},{},{},{},{},{},{}",
                at(told.opened.get().map(|(at, _)| at)),
                at(told.first_reply.get().map(|(at, ())| at)),
                at(told.promise.get().and_then(|(_, promise)| promise.due_at)),
                closed.map_or(String::new(), |closed| (closed.handle_seconds + closed.after_contact_seconds)
                    .to_string()),
                u8::from(closed.is_some()),
                u8::from(told.reopened.get().is_some()),
                told.rated.now().map_or(String::new(), |rated| rated.score.to_string()),
            )
            .expect("written");
        }
    }
}

/// Seconds, seconds of cores, MB.
fn refresh(url: &str, key: &str) -> (f64, f64, u64) {
    let begun = Instant::now();
    let mut child = Command::new(PATIENCE)
        .args(["refresh", key, "--database-url", url])
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    let (mut memory, mut cpu) = (0, 0.0_f64);
    let status = loop {
        memory = memory.max(peak_memory_mb(child.id()));
        cpu = cpu.max(super::support::own_seconds(child.id()));
        if let Some(status) = child.try_wait().expect("waited") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "patience refresh failed");
    (begun.elapsed().as_secs_f64(), cpu, memory)
}

fn peer(home: &Path, python: &str) -> Option<f64> {
    let script = home.join("peer.py");
    std::fs::write(&script, PEER).expect("written");
    let parquet = Command::new(python).arg(&script).arg(home).arg("prepare").output().ok()?;
    if !parquet.status.success() {
        println!(
            "DuckDB + tea-tasting: not measured: {}",
            String::from_utf8_lossy(&parquet.stderr).lines().last().unwrap_or_default()
        );
        return None;
    }
    timed(Command::new(python).arg(&script).arg(home)).map(|(seconds, _)| seconds)
}

/// A thousand ratings of a thousand customers.
fn tell_more(url: &str, now: Moment) {
    let store = Store::open(&url.parse().expect("an address")).expect("a database");
    let entries: Vec<Entry> = (0..1000)
        .map(|n| {
            let event = json!({"type": "conversation.opened", "id": format!("new-{n}"), "occurred_at": now.to_string(),
                "customer_id": format!("c-{n:08}"), "conversation_id": format!("new-{n}"), "channel": "email"});
            Entry::from_json(event, "bench").expect("an event")
        })
        .collect();
    store.write(move |db| ledger::append(db, &entries, now)).expect("appended");
}
