//! T10, T13, T14: replicas and writers that meet on one PostgreSQL, with negative controls in plain SQL: what the
//! literature's short forms would have done in the same place.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
    sql_types,
};
use patience::storage::{DatabaseUrl, Store};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{
    EXPERIMENT,
    history::{differences, lines},
    prepare, random, tier,
};
use crate::{
    installation::{Installation, json as answer},
    support::postgres,
};

#[test]
fn two_replicas_that_race_for_a_first_assignment_agree() {
    let Some(installation) = Installation::on_postgres() else { return };
    let mut random = random("T10");
    let key = prepare(&installation);
    let servers = [installation.serve(), installation.serve()];
    let (customers, calls, clients) = (tier(400, 2000), tier(8_000, 100_000), 32);
    let cohorts: Mutex<BTreeMap<String, BTreeMap<String, usize>>> = Mutex::default();
    let first = AtomicUsize::new(0);
    let front = AtomicUsize::new(0);
    let seeds: Vec<u64> = (0..clients).map(|_| random.random()).collect();
    thread::scope(|scope| {
        for (n, seed) in seeds.into_iter().enumerate() {
            let (servers, key, cohorts, first, front) = (&servers, &key, &cohorts, &first, &front);
            scope.spawn(move || {
                let mut dice = ChaCha8Rng::seed_from_u64(seed);
                for _ in 0..calls / clients {
                    // All clients ask for the same few customers at the same time: those at the front.
                    let at = front.fetch_add(1, Ordering::Relaxed) * customers / calls;
                    let unit = format!("r{}", at.saturating_sub(dice.random_range(0..3)));
                    let body = json!({"customer": {"id": unit}}).to_string();
                    let reply = answer(servers[n % 2].post("/api/v1/assignments", key, body), 200);
                    let told = &reply["assignments"][0];
                    let cohort = told["cohort"].as_str().unwrap_or_else(|| panic!("no cohort: {reply}"));
                    first.fetch_add(usize::from(told["reason"] == "assigned"), Ordering::Relaxed);
                    *cohorts
                        .lock()
                        .unwrap()
                        .entry(unit)
                        .or_default()
                        .entry(cohort.to_owned())
                        .or_default() += 1;
                }
            });
        }
    });
    let cohorts = cohorts.into_inner().unwrap();
    let torn: Vec<_> = cohorts.iter().filter(|(_, cohorts)| cohorts.len() > 1).collect();
    assert!(torn.is_empty(), "{torn:?}");
    assert_eq!(first.into_inner(), cohorts.len(), "each is assigned for the first time once");
    let store = Store::open_existing(&installation.url()).unwrap();
    assert_eq!(lines(&store, "SELECT unit_id AS line FROM assignments").len(), cohorts.len());
    assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
    // And they are those of the published draw, which records nothing: of customers that nobody knows yet, drawn
    // first and asked for then.
    let table = (0..50).map(|n| format!("new{n}")).collect::<Vec<_>>().join("\n");
    let file = installation.file("customers.csv", &format!("customer_id\n{table}"));
    let drawn = installation.must(&["assign", EXPERIMENT, "--customers", file.to_str().unwrap()]);
    for line in drawn.lines().skip(1) {
        let (unit, rest) = line.split_once(',').unwrap();
        let body = json!({"customer": {"id": unit}}).to_string();
        let reply = answer(servers[unit.len() % 2].post("/api/v1/assignments", &key, body), 200);
        assert_eq!(reply["assignments"][0]["cohort"], rest.split(',').next().unwrap(), "{line}");
    }
}

fn connections(url: &DatabaseUrl) -> [PgConnection; 2] {
    let DatabaseUrl::Postgres(address) = url else { unreachable!() };
    [(); 2].map(|()| PgConnection::establish(address).unwrap())
}

#[derive(QueryableByName)]
struct Cohort {
    #[diesel(sql_type = sql_types::Text)]
    cohort: String,
}

/// The negative control of T10: the popular statement that inserts and reads at once finds neither its own row nor the
/// other's, when the other is committed while it waits. The two-statement form finds it.
#[test]
fn the_one_statement_form_would_answer_no_cohort() {
    let Some(url) = postgres::database() else { return };
    let [mut setup, _] = connections(&url);
    setup.batch_execute("CREATE TABLE t (unit text PRIMARY KEY, cohort text NOT NULL)").unwrap();
    let one_statement =
        "WITH ins AS (INSERT INTO t VALUES ('u', 'b') ON CONFLICT DO NOTHING RETURNING cohort)
        SELECT cohort FROM ins UNION ALL SELECT cohort FROM t WHERE unit = 'u'";
    for (statements, wanted) in [
        (&[one_statement][..], 0),
        (
            &[
                "INSERT INTO t VALUES ('u', 'b') ON CONFLICT DO NOTHING RETURNING cohort",
                "SELECT cohort FROM t WHERE unit = 'u'",
            ],
            1,
        ),
    ] {
        setup.batch_execute("TRUNCATE t").unwrap();
        let [mut first, mut second] = connections(&url);
        first.batch_execute("BEGIN; INSERT INTO t VALUES ('u', 'a')").unwrap();
        let found = thread::scope(|scope| {
            let waits = scope.spawn(move || {
                statements
                    .iter()
                    .flat_map(|statement| sql_query(*statement).load::<Cohort>(&mut second).unwrap())
                    .collect::<Vec<_>>()
            });
            until_somebody_waits(&mut setup);
            first.batch_execute("COMMIT").unwrap();
            waits.join().unwrap()
        });
        assert_eq!(found.len(), wanted, "{statements:?}");
        assert!(found.iter().all(|found| found.cohort == "a"));
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = sql_types::BigInt)]
    n: i64,
}

fn until_somebody_waits(connection: &mut PgConnection) {
    let query = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    crate::installation::wait_for("a lock", || {
        sql_query(query).get_result::<Number>(connection).unwrap().n > 0
    });
}

#[test]
fn batches_that_touch_the_same_customers_in_opposite_orders_never_deadlock() {
    let Some(installation) = Installation::on_postgres() else { return };
    let key = prepare(&installation);
    let servers = [installation.serve(), installation.serve()];
    thread::scope(|scope| {
        for writer in 0..32 {
            let (servers, key) = (&servers, &key);
            scope.spawn(move || {
                for batch in 0..tier(6, 100) {
                    let mut customers: Vec<usize> = (0..20).collect();
                    if writer % 2 == 0 {
                        customers.reverse();
                    }
                    // The same ids too: whoever is second is a duplicate.
                    let body: Vec<Value> = customers
                        .iter()
                        .map(|n| {
                            json!({"id": format!("{}-{batch}-{n}", writer / 2), "type": "revenue.recorded",
                                "occurred_at": "2026-03-02T09:00:00Z", "customer_id": format!("c{n}"),
                                "amount": writer / 2, "currency": "USD", "month": "2026-02"})
                        })
                        .collect();
                    let reply = answer(
                        servers[writer % 4 / 2].post("/api/v1/events", key, Value::Array(body).to_string()),
                        200,
                    );
                    assert_eq!(reply["rejected"], json!([]), "{reply}");
                }
            });
        }
    });
    let store = Store::open_existing(&installation.url()).unwrap();
    let rows = 16 * tier(6, 100) * 20;
    assert_eq!(lines(&store, "SELECT count(*) || '' AS line FROM ledger"), [rows.to_string()]);
    assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
}

/// Says that the writers are done, however they end.
struct Done<'d>(&'d AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A cohort that one replica recorded is told by the other right away, also where that one remembers the customer.
#[test]
fn what_one_replica_records_the_other_tells_at_once() {
    let Some(installation) = Installation::on_postgres() else { return };
    let key = prepare(&installation);
    let [one, other] = [installation.serve(), installation.serve()];
    let ask = |n: usize| {
        let body = json!({"customer": {"id": format!("c{n}")}}).to_string();
        answer(one.post("/api/v1/assignments", &key, body), 200)
    };
    // Cohorts by experiment, as decided and as recorded.
    let cohorts = |reply: &Value| -> BTreeMap<String, String> {
        let told = reply["assignments"].as_array().unwrap().iter();
        told.map(|told| (told["experiment"].to_string(), told["cohort"].to_string())).collect()
    };
    let tell = |n: usize| cohorts(&answer(other.get(&format!("/api/v1/assignments/c{n}"), Some(&key)), 200));
    for n in 0..20 {
        assert_eq!(tell(n), BTreeMap::new());
        let decided = cohorts(&ask(n));
        assert_eq!(decided.len(), 1);
        for _ in 0..3 {
            assert_eq!(tell(n), decided, "c{n}");
        }
    }
    let second = installation.file("second.toml", &super::DEFINITION.replace("torture", "second"));
    installation.must(&["apply", second.to_str().unwrap()]);
    installation.must(&["start", "second"]);
    // In force on all.
    thread::sleep(std::time::Duration::from_secs(2));
    for n in 0..20 {
        assert_eq!(tell(n).len(), 1);
        let decided = cohorts(&ask(n));
        assert_eq!(decided.len(), 2);
        for _ in 0..3 {
            assert_eq!(tell(n), decided, "c{n}");
        }
    }
}

/// A reader that goes on after the last number it saw misses nothing, while several processes write.
#[test]
fn a_cursor_over_the_ledger_misses_nothing_while_many_write() {
    let Some(url) = postgres::database() else { return };
    let stores: Vec<Store> = (0..4).map(|_| Store::open(&url).unwrap()).collect();
    let done = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut seen, mut last) = (0_usize, 0);
            loop {
                // Asked before, so that the last look is after the last commit.
                let over = done.load(Ordering::Acquire);
                let query = format!("SELECT seq || '' AS line FROM ledger WHERE seq > {last} ORDER BY seq");
                let new = lines(&stores[0], &query);
                seen += new.len();
                last = new.last().map_or(last, |seq| seq.parse::<i64>().unwrap());
                if over {
                    return seen;
                }
            }
        });
        let writing = Done(&done);
        thread::scope(|scope| {
            for writer in 0..16 {
                let store = &stores[writer % stores.len()];
                scope.spawn(move || {
                    for n in 0..tier(25, 500) {
                        let entries: Vec<_> = (0..=(n + writer) % 7)
                            .map(|i| {
                                let fields = json!({"customer_id": format!("c{i}")});
                                crate::support::entry(
                                    "customer.churned",
                                    &format!("{writer}-{n}-{i}"),
                                    "2026-03-01T00:00:00Z",
                                    &fields,
                                )
                            })
                            .collect();
                        store
                            .write(move |db| {
                                patience::storage::ledger::append(db, &entries, crate::support::noon())
                            })
                            .unwrap();
                    }
                });
            }
        });
        drop(writing);
        reader.join().unwrap()
    });
    let kept = lines(&stores[0], "SELECT count(*) || '' AS line FROM ledger")[0].parse::<usize>().unwrap();
    assert!(kept > 1000);
    assert_eq!(seen, kept);
    assert_eq!(differences(&stores[0]).unwrap(), Vec::<String>::new());
}

/// The negative control of T14: numbers of a serial column are taken before commits are made, so that the same reader
/// goes past a row that is committed later.
#[test]
fn a_cursor_over_a_plain_serial_would_miss_a_row() {
    let Some(url) = postgres::database() else { return };
    let [mut slow, mut fast] = connections(&url);
    fast.batch_execute("CREATE TABLE t (seq bigserial PRIMARY KEY, what text)").unwrap();
    let mut last = 0;
    let mut seen = 0;
    slow.batch_execute("BEGIN; INSERT INTO t (what) VALUES ('slow')").unwrap();
    fast.batch_execute("INSERT INTO t (what) VALUES ('fast')").unwrap();
    let mut look = |connection: &mut PgConnection| {
        let query = format!("SELECT seq AS n FROM t WHERE seq > {last} ORDER BY seq");
        let rows: Vec<Number> = sql_query(query).load(connection).unwrap();
        seen += rows.len();
        last = rows.last().map_or(last, |row| row.n);
    };
    look(&mut fast);
    slow.batch_execute("COMMIT").unwrap();
    look(&mut fast);
    assert_eq!(seen, 1, "of two rows");
}
