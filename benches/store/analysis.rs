//! An analysis from the database, beside `DuckDB` and tea-tasting over Parquet files of the same rows.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    process::Command,
};

use diesel::{RunQueryDsl, sql_query};
use patience::{
    demo,
    domain::{
        event_json::Entry,
        experiment::{LooksKind, MarginScale, MetricPlan, Move, Role},
        ids::ExperimentKey,
        time::{Clock, Moment},
        unit::{Due, UnitRecord},
    },
    settings::SystemClock,
    simulation::{Effects, Trial, World},
    storage::{StorageError, Store, experiments, ledger},
};
use serde_json::json;

use super::support::{Cost, PATIENCE, cost, row};

/// The experiment that is analysed.
const KEY: &str = "bench";

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

/// The units that exist once, and over and over again under other names.
const TEMPLATES: u32 = 2000;

/// Units written in one transaction.
const BATCH: usize = 20_000;

pub fn measure(sizes: &[usize], python: &str, folder: Option<&Path>) {
    println!("\nanalysis from the database (SQLite): 8 metrics by day, {DAYS} days, all curves");
    println!(
        "{:>9} {:>13} {:>9} {:>9} {:>9} {:>11} {:>9}  DuckDB + tea-tasting: seconds, CPU s, MB",
        "units", "conversations", "seconds", "CPU s", "MB", "CPU µs/unit", "of peer"
    );
    for &size in sizes {
        let temporary = tempfile::tempdir().expect("a folder");
        let home = folder.map_or(temporary.path().to_owned(), |folder| folder.join(size.to_string()));
        std::fs::create_dir_all(&home).expect("a folder");
        let url = format!("sqlite://{}/p.db", home.display());
        let store = Store::open(&url.parse().expect("an address")).expect("a database");
        if store.read(experiments::list).expect("a database of ours").is_empty() {
            fill(&store, size, &home);
        }
        let conversations = std::fs::read_to_string(home.join("conversations")).expect("filled to the end");
        drop(store);
        let ours = refresh(&url);
        let peer = peer(&home, python);
        let ratio = peer.as_ref().map(|peer| ours.seconds / peer.seconds);
        let beside_text = peer
            .as_ref()
            .map_or_else(String::new, |peer| format!("{:.2} s, {} MB", peer.seconds, peer.memory_mb));
        let beside = peer.map(|peer| {
            let ratio = format!("{:.1}", ours.seconds / peer.seconds);
            format!("{ratio:>9}  {:.2}, {:.2}, {}", peer.seconds, peer.cpu, peer.memory_mb)
        });
        println!(
            "{size:>9} {conversations:>13} {:>9.2} {:>9.2} {:>9} {:>11.1} {}",
            ours.seconds,
            ours.cpu,
            ours.memory_mb,
            1e6 * ours.cpu / size as f64,
            beside.unwrap_or_else(|| format!("{:>9}", "-")),
        );
        row(
            &format!("analysis of {size} units, {conversations} conversations"),
            &format!("{:.2} s, {:.2} s of processor, {} MB", ours.seconds, ours.cpu, ours.memory_mb),
            &beside_text,
            ratio,
            "2 times the peer",
        );
        tell_more(&url);
        let again = refresh(&url);
        println!(
            "{:>9} {:>13} {:>9.2} {:>9.2} {:>9}  again, after 1,000 new events",
            "", "", again.seconds, again.cpu, again.memory_mb
        );
    }
}

/// Lives a small world against the database by the ways of a real one; then copies its units, by their rows, under
/// other names into an experiment of their own. The same goes into CSV files for the peer.
fn fill(store: &Store, size: usize, home: &Path) {
    let world = World {
        customers: TEMPLATES,
        starts_on: SystemClock.now().plus_days(-DAYS).date(),
        weeks: 21,
        questions_per_month: 1.3,
        effects: Effects::PUBLISHED,
        ..World::published(1)
    };
    let (experiment, _) = demo::fill(store, &world, |_| {}).expect("a world of ours");
    let (key, starts) = (experiment.definition.key.clone(), world.starts_at());
    let plan = |metric: &str| MetricPlan {
        metric: metric.to_owned(),
        role: Role::Secondary,
        margin: None,
        goal: None,
        margin_scale: MarginScale::Relative,
        why: String::new(),
        direction: None,
        kind: None,
        denominator: None,
    };
    let mut definition = experiment.definition.clone();
    definition.key = ExperimentKey::new(KEY).expect("a key");
    definition.traffic.layer = None;
    definition.metrics = METRICS.map(plan).to_vec();
    definition.analysis.looks = LooksKind::AlwaysValid;
    let units = Some(size as u64);
    store
        .write(move |db| {
            experiments::put(db, &definition, starts, "bench")?;
            experiments::advance(db, &definition.key, Move::Start, units, starts, "bench").map(drop)
        })
        .expect("an experiment");
    for from in (0..size).step_by(BATCH) {
        copy(store, key.as_str(), from..size.min(from + BATCH));
    }
    let trial = Trial::live(&world, experiment).expect("rules of ours");
    let mut files = Files::new(home);
    let mut conversations = 0;
    for (n, unit) in trial.units.iter().cycle().take(size).enumerate() {
        conversations += unit.customers[0].conversations.len();
        files.add(n, unit);
    }
    std::fs::write(home.join("conversations"), conversations.to_string()).expect("written");
}

/// Copies rows for the units of some numbers, in the order of their keys.
fn copy(store: &Store, key: &str, numbers: std::ops::Range<usize>) {
    let units = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT {} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {}),
         units AS (SELECT printf('u-%08d', n) AS unit, t.* FROM numbers CROSS JOIN templates t ON place = n % {TEMPLATES})",
        numbers.start, numbers.end
    );
    let columns = "cohort, assigned_at, told_source, told_id, first_customer, first_conversation, attributes";
    let statements = [
        format!("CREATE TEMP TABLE templates (place INTEGER PRIMARY KEY, unit_id, {columns})"),
        format!(
            "INSERT INTO templates SELECT row_number() OVER (ORDER BY unit_id) - 1, unit_id, {columns}
             FROM assignments WHERE experiment = '{key}'"
        ),
        format!(
            "{units} INSERT INTO assignments SELECT '{KEY}', unit, cohort, assigned_at, told_source, told_id,
             iif(first_customer IS NULL, NULL, unit), first_conversation, attributes FROM units"
        ),
        format!(
            "{units} INSERT INTO customers
             SELECT unit, NULL, state FROM units CROSS JOIN customers ON customer_id = unit_id"
        ),
        format!(
            "{units} INSERT INTO conversations
             SELECT unit, conversation_id, state FROM units CROSS JOIN conversations ON customer_id = unit_id"
        ),
        "DROP TABLE templates".to_owned(),
    ];
    let written = store.write(move |db| {
        for statement in &statements {
            sql_query(statement).execute(db)?;
        }
        Ok::<_, StorageError>(())
    });
    written.expect("written");
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
        let revenue =
            |month| customer.facts.revenue.get(&month).and_then(|told| told.now()).map_or(0.0, |r| r.amount);
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
                at(told.promise.get().and_then(|(_, Due(due))| *due)),
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

/// Analyses once.
fn refresh(url: &str) -> Cost {
    let mut command = Command::new(PATIENCE);
    command.args(["refresh", KEY, "--database-url", url]);
    cost(&mut command).expect("patience refresh failed")
}

fn peer(home: &Path, python: &str) -> Option<Cost> {
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
    cost(Command::new(python).arg(&script).arg(home))
}

/// A thousand questions of a thousand customers.
fn tell_more(url: &str) {
    let now = SystemClock.now();
    let store = Store::open(&url.parse().expect("an address")).expect("a database");
    let entries: Vec<Entry> = (0..1000)
        .map(|n| {
            let id = format!("new-{n}-{now}");
            let event = json!({"type": "conversation.opened", "id": id, "occurred_at": now.to_string(),
                "customer_id": format!("u-{n:08}"), "conversation_id": id, "channel": "email"});
            Entry::from_json(event, "bench").expect("an event")
        })
        .collect();
    store.write(move |db| ledger::append(db, &entries, now)).expect("appended");
}
