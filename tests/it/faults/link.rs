//! T12: the link between a server and its PostgreSQL goes wrong while both live: it is slow, it drips, it stands still,
//! it forgets its connections without a word, it breaks. No request waits longer than its deadline, the other server
//! goes on as if nothing were, and all is well when the link is.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use patience::storage::DatabaseUrl;
use rand::RngExt;
use serde_json::Value;

use super::{
    load::{Load, event},
    outage::resolve,
    prepare, random, tier,
};
use crate::{installation::Installation, support::postgres};

/// What the link is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    Clear,
    /// Each piece comes so many milliseconds late.
    Slow(u64),
    /// 64 bytes at a time, each 20 ms late.
    Drips,
    /// Nothing passes; connections can be made, and stay.
    Still,
    /// Nothing passes on the connections of before, for ever, and nobody is told. New ones are well.
    Forgotten,
    /// All connections end, new ones too.
    Broken,
}

/// A proxy before PostgreSQL's socket.
struct Link {
    port: u16,
    database: String,
    wire: Arc<Wire>,
}

struct Wire {
    socket: String,
    weather: Mutex<Weather>,
    connections: AtomicU64,
    /// Connections up to this one are forgotten.
    forgotten: AtomicU64,
    over: AtomicBool,
}

impl Link {
    fn to(url: &DatabaseUrl) -> Self {
        let DatabaseUrl::Postgres(address) = url else { unreachable!() };
        let (folder, database) = address.rsplit_once('@').unwrap().1.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Arc::new(Wire {
            socket: format!("{}/.s.PGSQL.5432", folder.replace("%2F", "/")),
            weather: Weather::Clear.into(),
            connections: AtomicU64::new(0),
            forgotten: AtomicU64::new(0),
            over: AtomicBool::new(false),
        });
        thread::spawn({
            let wire = Arc::clone(&wire);
            move || {
                for client in listener.incoming().map_while(Result::ok) {
                    if wire.over.load(Ordering::Relaxed) {
                        return;
                    }
                    wire.connect(client);
                }
            }
        });
        Self { port, database: database.to_owned(), wire }
    }

    fn url(&self) -> DatabaseUrl {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.port, self.database).parse().unwrap()
    }

    fn set(&self, weather: Weather) {
        if weather == Weather::Forgotten {
            self.wire.forgotten.store(self.wire.connections.load(Ordering::SeqCst), Ordering::SeqCst);
        }
        *self.wire.weather.lock().unwrap() = weather;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.wire.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Wire {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        let number = self.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let Ok(server) = UnixStream::connect(&self.socket) else { return };
        client.set_nodelay(true).unwrap();
        let [there, back] = [(); 2].map(|()| (client.try_clone().unwrap(), server.try_clone().unwrap()));
        let end = Arc::new(move || {
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        });
        let (wire, ends) = (Arc::clone(self), Arc::clone(&end));
        thread::spawn(move || {
            wire.pump(number, there.0, there.1);
            ends();
        });
        let (wire, ends) = (Arc::clone(self), Arc::clone(&end));
        thread::spawn(move || {
            wire.pump(number, back.1, back.0);
            ends();
        });
        let wire = Arc::clone(self);
        // A link that breaks ends both sides at once.
        thread::spawn(move || {
            while !wire.over.load(Ordering::Relaxed) && *wire.weather.lock().unwrap() != Weather::Broken {
                thread::sleep(Duration::from_millis(5));
            }
            end();
        });
    }

    fn pump(&self, number: u64, mut from: impl Read, mut to: impl Write) {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let mut rest = &buffer[..read];
            while !rest.is_empty() {
                let weather = *self.weather.lock().unwrap();
                let (late, length) = match weather {
                    _ if self.over.load(Ordering::Relaxed) => return,
                    Weather::Broken => return,
                    _ if number <= self.forgotten.load(Ordering::SeqCst) => (10, 0),
                    Weather::Still => (10, 0),
                    Weather::Clear | Weather::Forgotten => (0, rest.len()),
                    Weather::Slow(late) => (late, rest.len()),
                    Weather::Drips => (20, rest.len().min(64)),
                };
                thread::sleep(Duration::from_millis(late));
                if to.write_all(&rest[..length]).is_err() {
                    return;
                }
                rest = &rest[length..];
            }
        }
    }
}

/// What a request may wait for the database, and a moment more.
const DEADLINE: Duration = Duration::from_secs(12);

#[test]
fn a_link_that_goes_wrong_costs_nobody_more_than_the_deadline_and_heals() {
    let Some(url) = postgres::database() else { return };
    let mut random = random("T12");
    let link = Link::to(&url);
    let (near, far) = (Installation::on(url), Installation::on(link.url()));
    let key = prepare(&near);
    let (near_server, far_server) = (near.serve(), far.serve());
    let mut beside = Load::new(&[&near_server], &key, "near");
    let mut through = Load::new(&[&far_server], &key, "far");
    for load in [&mut beside, &mut through] {
        load.goes_on = true;
        load.refusal_is_sure = false;
    }
    // Each once, for as long as shows the deadline; then at random.
    let mut weathers = vec![
        (Weather::Still, 12_000),
        (Weather::Forgotten, 11_000),
        (Weather::Broken, 500),
        (Weather::Drips, 5000),
        (Weather::Slow(50), 1000),
    ];
    for _ in 0..tier(4, 60) {
        let any = [
            Weather::Still,
            Weather::Forgotten,
            Weather::Broken,
            Weather::Drips,
            Weather::Slow(random.random_range(1..100)),
        ];
        weathers.push((any[random.random_range(0..any.len())], random.random_range(50..tier(1500, 15_000))));
    }
    let (mut history, (heard, ())) = through.during(|through| {
        beside.during(|beside| {
            for (weather, ms) in weathers {
                through.in_full_swing();
                thread::sleep(Duration::from_millis(random.random_range(0..100)));
                link.set(weather);
                thread::sleep(Duration::from_millis(ms));
                beside.in_full_swing();
                link.set(Weather::Clear);
                let back = Instant::now();
                through.in_full_swing();
                let took = back.elapsed();
                println!("{weather:?} for {ms} ms: healed after {took:?}");
                // That connections were forgotten is found out by nothing but the deadline.
                let most = if weather == Weather::Forgotten { DEADLINE } else { Duration::from_secs(5) };
                assert!(took < most, "{weather:?} for {ms} ms: healed only after {took:?}");
            }
        })
    });
    println!(
        "longest: {:?} through the link, {:?} beside it; refused: {} and {}",
        through.longest(),
        beside.longest(),
        through.refused(),
        beside.refused()
    );
    assert!(through.longest() < DEADLINE, "{:?}", through.longest());
    assert_eq!(beside.refused(), 0);
    assert!(beside.longest() < Duration::from_secs(8), "{:?}", beside.longest());
    assert!(through.refused() > 0, "the link never went wrong");
    history.add(heard);
    resolve(&far_server, &key, &mut history);
    history.check(&near.url());
    near.must(&["verify"]);
}

/// Nothing passes: whatever is asked is answered within its deadline, however many ask, and the server still stops when
/// it is told to.
#[test]
fn while_the_link_stands_still_everything_is_answered_in_time_and_the_server_stops() {
    let Some(url) = postgres::database() else { return };
    let link = Link::to(&url);
    let (near, far) = (Installation::on(url), Installation::on(link.url()));
    let key = prepare(&near);
    let server = far.serve();
    let ask = |n: usize| serde_json::json!({"customer": {"id": format!("c{n}")}}).to_string();
    assert_eq!(server.post("/api/v1/assignments", &key, ask(0)).status(), 200);
    link.set(Weather::Still);
    thread::scope(|scope| {
        for n in 0..48 {
            let (server, key) = (&server, &key);
            scope.spawn(move || {
                let begun = Instant::now();
                let answer = match n % 8 {
                    0 => server.post("/api/v1/assignments", key, ask(n)),
                    1 => server.post("/api/v1/events", key, Value::Array(vec![event("e")]).to_string()),
                    2 => server.get("/api/v1/assignments/c", Some(key)),
                    3 => server.get("/readyz", None),
                    4 => server.get("/api/v1/experiments", Some(key)),
                    5 => server.post("/api/v1/experiments/torture/refresh", key, ""),
                    6 => server.post("/api/v1/experiments/torture/pause", key, ""),
                    _ => server.get("/api/v1/experiments/torture/results", Some(key)),
                };
                let (status, retry) = (answer.status(), answer.headers().contains_key("retry-after"));
                let text = answer.text().unwrap();
                assert_eq!((status.as_u16(), retry), (503, true), "{n}: {text}");
                assert!(begun.elapsed() < DEADLINE, "{n}: {:?}", begun.elapsed());
            });
        }
    });
    assert_eq!(server.get("/healthz", None).status(), 200);
    let (code, took) = server.stop("TERM");
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(12), "{took:?}");
}
