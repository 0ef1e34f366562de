//! T07 to T09: clients that send again, and again, and something else under a name that was taken; answers that never
//! arrive, and bodies that never end.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use patience::storage::Store;
use rand::{RngExt, seq::SliceRandom};
use reqwest::blocking::Client;
use serde_json::{Value, json};

use super::{
    history::{differences, lines},
    load::event,
    prepare, random, tier,
};
use crate::installation::{Installation, Server, json as answer};

/// Each engine with as many servers as it can have on one database.
fn installations() -> Vec<(Installation, usize)> {
    let mut all = vec![(Installation::new(), 1)];
    all.extend(Installation::on_postgres().map(|installation| (installation, 2)));
    all
}

fn count(reply: &Value, what: &str) -> u64 {
    match &reply[what] {
        Value::Array(list) => list.len() as u64,
        number => number.as_u64().unwrap_or_else(|| panic!("{what} of {reply}")),
    }
}

#[test]
fn a_storm_of_retries_counts_each_event_once() {
    for (installation, replicas) in installations() {
        let mut random = random("T07");
        let key = prepare(&installation);
        let servers: Vec<Server> = (0..replicas).map(|_| installation.serve()).collect();
        let (events, times) = (tier(2000, 10_000), 20);
        let mut all: Vec<usize> = (0..events).cycle().take(events * times).collect();
        all.shuffle(&mut random);
        // An event may come twice within one body too.
        let bodies = Mutex::new(all.chunks(100).map(<[usize]>::to_vec).collect::<Vec<_>>());
        let totals = [const { AtomicU64::new(0) }; 3];
        // A server that is overloaded may give a request up and record it all the same: who repeats it is told then
        // that its events are known.
        let given_up = AtomicU64::new(0);
        thread::scope(|scope| {
            for n in 0..64 {
                let (bodies, totals, given_up) = (&bodies, &totals, &given_up);
                let (server, key) = (&servers[n % replicas], &key);
                scope.spawn(move || {
                    let next = || bodies.lock().unwrap().pop();
                    while let Some(body) = next() {
                        let sent = body.len() as u64;
                        let body: Vec<Value> = body.iter().map(|n| event(&format!("e{n}"))).collect();
                        let reply = loop {
                            let response =
                                server.post("/api/v1/events", key, Value::Array(body.clone()).to_string());
                            if response.status() != 503 {
                                break answer(response, 200);
                            }
                            given_up.fetch_add(sent, Ordering::Relaxed);
                            thread::sleep(Duration::from_millis(50));
                        };
                        let counts = ["accepted", "duplicates", "rejected"].map(|what| count(&reply, what));
                        assert_eq!(counts.iter().sum::<u64>(), sent, "{reply}");
                        for (total, count) in totals.iter().zip(counts) {
                            total.fetch_add(count, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let [accepted, duplicates, rejected] = totals.map(AtomicU64::into_inner);
        let (events, told) = (events as u64, (events * times) as u64);
        assert_eq!((accepted + duplicates, rejected), (told, 0));
        let unheard = events.checked_sub(accepted).expect("no event is accepted twice");
        assert!(unheard <= given_up.into_inner(), "{unheard} events were never said to be accepted");
        let store = Store::open_existing(&installation.url()).unwrap();
        assert_eq!(lines(&store, "SELECT count(*) || '' AS line FROM ledger"), [events.to_string()]);
        assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn the_first_content_of_an_id_stays_and_no_two_ids_are_one() {
    for (installation, replicas) in installations() {
        let key = prepare(&installation);
        let servers: Vec<Server> = (0..replicas).map(|_| installation.serve()).collect();
        let long = |n: usize| "k".repeat(n);
        let ids: Vec<String> = [
            "a",
            "A",
            "a ",
            " a",
            "a  ",
            "\u{e9}",
            "e\u{301}",
            "E\u{301}",
            "\u{212b}",
            "\u{c5}",
            "A\u{30a}",
            "ß",
            "ss",
            "SS",
            "ı",
            "i",
            "1",
            "01",
            "1.0",
            "null",
            "a/b",
            "a%2Fb",
            "'; --",
            "\u{200b}a",
            "\u{feff}a",
            "😀",
        ]
        .into_iter()
        .map(str::to_owned)
        .chain([long(255), long(256), long(257), long(512)])
        .collect();
        let body = |score: u8| {
            let events = ids.iter().map(|id| {
                json!({"id": id, "type": "conversation.rated", "occurred_at": "2026-03-02T09:00:00Z",
                    "customer_id": "c", "conversation_id": id, "score": score})
            });
            Value::Array(events.collect()).to_string()
        };
        let tell =
            |score, n: usize| answer(servers[n % replicas].post("/api/v1/events", &key, body(score)), 200);
        let (first, again) = (tell(1, 0), tell(1, 1));
        assert_eq!(count(&first, "accepted"), ids.len() as u64, "{first}");
        assert_eq!(count(&again, "duplicates"), ids.len() as u64, "{again}");
        for n in 0..2 {
            let other = tell(2, n);
            assert_eq!(count(&other, "rejected"), ids.len() as u64, "{other}");
            for (index, refused) in other["rejected"].as_array().unwrap().iter().enumerate() {
                assert_eq!((&refused["index"], &refused["id"]), (&json!(index), &json!(ids[index])));
                assert!(refused["detail"].as_str().unwrap().starts_with("conflict: "), "{refused}");
            }
        }
        let too_long = json!([{"id": long(10_000), "type": "customer.churned", "occurred_at": "2026-03-02T09:00:00Z", "customer_id": "c"}]);
        assert_eq!(
            count(&answer(servers[0].post("/api/v1/events", &key, too_long.to_string()), 200), "rejected"),
            1
        );
        let store = Store::open_existing(&installation.url()).unwrap();
        let kept: BTreeSet<String> = lines(&store, "SELECT id AS line FROM ledger").into_iter().collect();
        assert_eq!(kept, ids.iter().cloned().collect());
        let bodies = lines(&store, "SELECT body AS line FROM ledger");
        assert!(bodies.iter().all(|body| body.contains("\"score\":1")), "{bodies:?}");
        // What was refused is kept to be looked at, and counted.
        let refused = 2 * ids.len() + 1;
        assert_eq!(lines(&store, "SELECT count(*) || '' AS line FROM rejections"), [refused.to_string()]);
        assert_eq!(lines(&store, "SELECT sum(rejected) || '' AS line FROM feeds"), [refused.to_string()]);
        assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
    }
}

/// How a connection goes wrong.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// So much of the request passes, then the connection ends.
    Request(usize),
    /// The request passes whole, the server answers, the answer is dropped.
    Reply,
}

/// Passes one request on to a server, and goes wrong.
fn cut_one(server: &Server, key: &str, body: &str, cut: Cut) {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/api/v1/events", proxy.local_addr().unwrap());
    let host = server.host().to_owned();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut client, _) = proxy.accept().unwrap();
            let mut upstream = TcpStream::connect(host).unwrap();
            upstream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            client.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            // Until the client waits for its answer.
            while let Ok(read @ 1..) = client.read(&mut buffer) {
                request.extend(&buffer[..read]);
            }
            match cut {
                Cut::Request(length) => {
                    let head = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
                    upstream.write_all(&request[..(head + length).min(request.len() - 1)]).unwrap();
                    upstream.shutdown(Shutdown::Both).unwrap();
                }
                Cut::Reply => {
                    upstream.write_all(&request).unwrap();
                    // It answers when the work is durable.
                    assert!(upstream.read(&mut buffer).unwrap() > 0);
                }
            }
            client.shutdown(Shutdown::Both).unwrap();
        });
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let sent = client.post(address).bearer_auth(key).body(body.to_owned()).send();
        assert!(sent.is_err(), "{cut:?}: the client hears nothing");
    });
}

#[test]
fn an_answer_that_was_lost_is_a_duplicate_and_half_a_body_leaves_nothing() {
    for (installation, _) in installations() {
        let mut random = random("T09");
        let key = prepare(&installation);
        let server = installation.serve();
        let rows = || {
            let store = Store::open_existing(&installation.url()).unwrap();
            lines(&store, "SELECT count(*) || '' AS line FROM ledger")[0].parse::<u64>().unwrap()
        };
        for n in 0..tier(5, 100) {
            let events: Vec<Value> = (0..50).map(|i| event(&format!("e{n}-{i}"))).collect();
            let as_lines = events.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
            let body = if n % 2 == 0 { Value::Array(events).to_string() } else { as_lines };
            let before = rows();
            let length = random.random_range(1..body.len() - 1);
            cut_one(&server, &key, &body, Cut::Request(length));
            // The end of the connection has to reach the server.
            thread::sleep(Duration::from_millis(100));
            assert_eq!(rows(), before, "{length} of {} bytes came", body.len());
            cut_one(&server, &key, &body, Cut::Reply);
            assert_eq!(rows(), before + 50);
            let again = answer(server.post("/api/v1/events", &key, body), 200);
            assert_eq!((count(&again, "accepted"), count(&again, "duplicates")), (0, 50));
        }
        installation.must(&["verify"]);
    }
}
