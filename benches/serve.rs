//! Decisions over HTTP beside a bare handler, in one run: `cargo bench --bench serve -- help`.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{App, HttpResponse, HttpServer, web};
use patience::{
    actions, demo,
    domain::{
        event_json::Entry,
        experiment::{Definition, Move},
        role::{KeyRole, PersonRole},
        time::{Clock, Moment},
    },
    settings::SystemClock,
    simulation::World,
    storage::{Store, analyses, experiments, keys, ledger, people},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
    task::LocalSet,
};

mod support;

use support::Server;

const HELP: &str = "\
cargo bench --bench serve -- [seconds=4] [experiments=1,20] [customers=1000] [asked=1000] [page=yes] [postgres=postgres://…]
  seconds      of each measurement
  experiments  that run; each has its own layer, and all customers on record take part in each; customers whom nobody
               has heard of may take part in the first one only
  customers    on record before; of several numbers each is measured with the first number of experiments, and the
               first with each. What is made durable is told as a share of the first measurement, too
  asked        how many of them are asked about, over and over
  page         whether the result page is measured
  postgres     a server on which databases may be made, its address without one: instead of SQLite";

/// As many as a help desk behind a proxy keeps open.
const CONNECTIONS: usize = 64;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [word, answer] = &words[..]
        && word == "bare"
    {
        return bare(serde_json::from_str(answer).expect("JSON"));
    }
    let (mut seconds, mut asked, mut with_page, mut postgres) = (4, 1000, true, None);
    let (mut running, mut on_record) = (vec![1, 20], vec![1000]);
    for word in &words {
        let number = |value: &str| value.parse::<usize>().expect("a number");
        match word.split_once('=') {
            Some(("seconds", value)) => seconds = number(value),
            Some(("experiments", list)) => running = list.split(',').map(number).collect(),
            Some(("customers", list)) => on_record = list.split(',').map(number).collect(),
            Some(("asked", value)) => asked = number(value),
            Some(("page", word)) => with_page = word == "yes",
            Some(("postgres", server)) => postgres = Some(server),
            _ => return println!("{HELP}"),
        }
    }
    let span = Duration::from_secs(seconds as u64);
    let engine = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("{engine}, {CONNECTIONS} connections, {asked} customers asked about, {seconds} s each");
    println!(
        "{:<64} {:>9} {:>9} {:>9} {:>10} {:>9} {:>9}",
        "", "a second", "p50 ms", "p99 ms", "server µs", "of bare", "of first"
    );
    let (more, many) = (on_record.split_off(1), running.split_off(1));
    let settings = [(running[0], on_record[0])].into_iter();
    let settings = settings.chain(many.into_iter().map(|number| (number, on_record[0])));
    let mut first = None;
    for (experiments, customers) in settings.chain(more.into_iter().map(|number| (running[0], number))) {
        let home = tempfile::tempdir().expect("a folder");
        let url = match postgres {
            None => {
                fsyncs(home.path());
                format!("sqlite://{}/p.db", home.path().display())
            }
            Some(server) => support::new_database(server).expect("a database"),
        };
        let key = prepare(&url, experiments, customers);
        let named = format!("{engine}, experiments: {experiments}, customers: {customers}");
        let measured = measure(&url, &key, &named, asked.min(customers), span, first.as_ref());
        first = first.or(Some(measured));
    }
    if with_page {
        page(span);
    }
}

/// What an experienced hand would write in ten lines: parses JSON, hashes, answers JSON.
fn bare(answer: Value) {
    let answer = Arc::new(answer);
    let server = HttpServer::new(move || {
        let (told, got) = (Arc::clone(&answer), Arc::clone(&answer));
        let handler = move |body: web::Json<Value>| {
            let id = body["customer"]["id"].as_str().unwrap_or_default();
            std::hint::black_box(Sha256::digest(id));
            let answer = Arc::clone(&told);
            async move { HttpResponse::Ok().json(&*answer) }
        };
        let got = move || {
            let answer = Arc::clone(&got);
            async move { HttpResponse::Ok().json(&*answer) }
        };
        App::new().route("/", web::post().to(handler)).route("/{id}", web::get().to(got))
    });
    let server = server.bind("127.0.0.1:0").expect("a port");
    println!("http://{}", server.addrs()[0]);
    actix_web::rt::System::new().block_on(server.run()).expect("served");
}

fn definition(number: usize) -> Definition {
    let cohort = |key: &str, wait: &str, control: bool| {
        json!({"key": key, "control": control, "weight": 50, "first_response": wait,
            "message": "We reply within one working day."})
    };
    let definition = json!({
        "key": format!("frt-{number:02}"), "name": "waits", "starts_on": "2026-01-05", "planned_weeks": 22,
        "eligibility": {"rule": if number == 0 { "monthly_spend < 100.0" } else { "monthly_spend < 100.0 && plan == 'starter'" }},
        "traffic": {"layer": format!("layer-{number}")},
        "cohorts": [cohort("usual", "PT4H", true), cohort("longer", "PT8H", false)],
        "metrics": [{"metric": "csat", "role": "secondary"}],
    });
    serde_json::from_value(definition).expect("a definition")
}

/// Makes a database, quickly: gives a key for it.
fn prepare(url: &str, number: usize, customers: usize) -> String {
    let store = Store::open(&url.parse().expect("an address")).expect("a database");
    let now: Moment = "2026-03-01T00:00:00Z".parse().expect("a moment");
    let key = store.write(move |db| {
        for number in 0..number {
            let definition = definition(number);
            experiments::put(db, &definition, now, "bench")?;
            experiments::advance(db, &definition.key, Move::Start, None, now, "bench")?;
        }
        keys::create(db, "bench", KeyRole::Router, None, now)
    });
    let told = |customer: usize| {
        let id = format!("c-{customer}");
        let updated = json!({"type": "customer.updated", "id": format!("u{customer}"), "occurred_at": "2026-03-01T00:00:00Z",
            "customer_id": id, "account_id": "a-9", "attributes": {"monthly_spend": 42.0, "plan": "starter"}});
        let assigned = move |experiment: usize| {
            json!({"type": "cohort.assigned", "id": format!("a{experiment}-{customer}"),
                "occurred_at": "2026-03-01T00:00:00Z", "customer_id": id, "experiment": format!("frt-{experiment:02}"),
                "cohort": if customer.is_multiple_of(2) { "usual" } else { "longer" }})
        };
        std::iter::once(updated).chain((0..number).map(assigned))
    };
    for chunk in (0..customers).collect::<Vec<_>>().chunks(2000) {
        let entries: Vec<_> = chunk.iter().flat_map(|customer| told(*customer)).collect();
        let entries: Vec<_> =
            entries.into_iter().map(|e| Entry::from_json(e, "bench").expect("an event")).collect();
        store.write(move |db| ledger::append(db, &entries, now)).expect("recorded");
    }
    key.expect("a key")
}

/// What was measured of one server.
struct Measured {
    a_second: f64,
    p50: f64,
    p99: f64,
    server_us: f64,
}

impl Measured {
    /// Of what each took, all of it, and the server's share, in seconds.
    fn new(mut each: Vec<f64>, all: f64, server: f64) -> Self {
        each.sort_by(f64::total_cmp);
        let count = each.len() as f64;
        let share = |of: usize| 1e3 * each[each.len() * of / 100];
        Self { a_second: count / all, p50: share(50), p99: share(99), server_us: 1e6 * server / count }
    }

    fn text(&self) -> String {
        let Self { a_second, p50, p99, server_us } = self;
        format!("{a_second:.0}/s, p50 {p50:.2}, p99 {p99:.2} ms, {server_us:.1} µs of processor")
    }

    /// Tells of it, beside a bare handler or the same in the first setting of all.
    fn line(&self, what: &str, bare: Option<&Self>, first: Option<&Self>, wanted: &str) {
        let of = |other: Option<&Self>| other.map(|other| self.a_second / other.a_second);
        let shown = |ratio: Option<f64>| ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        println!(
            "{what:<64} {:>9.0} {:>9.2} {:>9.2} {:>10.1} {:>9} {:>9}",
            self.a_second,
            self.p50,
            self.p99,
            self.server_us,
            shown(of(bare)),
            shown(of(first))
        );
        if !wanted.is_empty() {
            let beside = bare.or(first).map_or_else(String::new, Self::text);
            support::row(what, &self.text(), &beside, of(bare).or(of(first)), wanted);
        }
    }
}

fn post(path: &str, key: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn get(path: &str, key: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n").into_bytes()
}

/// Sends a request and reads the answer; its body.
async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>) -> std::ops::Range<usize> {
    stream.write_all(request).await.expect("sent");
    answer.clear();
    loop {
        assert!(stream.read_buf(answer).await.expect("answered") > 0, "the server hung up");
        let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&answer[..head]).expect("a head").to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200"), "{}", String::from_utf8_lossy(answer));
        let length = text.split_once("content-length: ").expect("a length").1;
        let length: usize = length.split('\r').next().unwrap_or_default().parse().expect("a number");
        if answer.len() >= head + 4 + length {
            return head + 4..head + 4 + length;
        }
    }
}

/// Asks from all connections at once for so long. `request` makes the n-th request.
fn load(server: &Server, span: Duration, request: impl Fn(usize) -> Vec<u8> + 'static) -> Measured {
    load_by(CONNECTIONS, Pace::AsFastAsAnswered, server, span, request)
}

/// When a request is sent.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// By each connection as soon as it has its answer.
    AsFastAsAnswered,
    /// So many a second, whatever the answers take. One that waits for a connection has been waiting since then.
    PerSecond(u32),
}

/// As [`load`], over so many connections and at a pace.
fn load_by(
    connections: usize,
    pace: Pace,
    server: &Server,
    span: Duration,
    request: impl Fn(usize) -> Vec<u8> + 'static,
) -> Measured {
    let request = std::rc::Rc::new(request);
    let address = server.address;
    let next = std::rc::Rc::new(std::cell::Cell::new(0));
    let (cpu, begun) = (server.cpu_seconds(), Instant::now());
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let times = LocalSet::new().block_on(&runtime, async move {
        let connection = |_| {
            let (request, next) = (request.clone(), next.clone());
            tokio::task::spawn_local(async move {
                let mut stream = TcpStream::connect(address).await.expect("connected");
                stream.set_nodelay(true).expect("a socket");
                let (mut times, mut answer) = (Vec::new(), Vec::new());
                while begun.elapsed() < span {
                    next.set(next.get() + 1);
                    let request = request(next.get());
                    let mut sent = Instant::now();
                    if let Pace::PerSecond(rate) = pace {
                        let due = begun + Duration::from_secs_f64(next.get() as f64 / f64::from(rate));
                        if due > sent {
                            tokio::time::sleep_until(due.into()).await;
                            sent = Instant::now();
                        } else {
                            sent = due;
                        }
                    }
                    exchange(&mut stream, &request, &mut answer).await;
                    times.push(sent.elapsed().as_secs_f64());
                }
                times
            })
        };
        let connections: Vec<_> = (0..connections).map(connection).collect();
        let mut all = Vec::new();
        for connection in connections {
            all.extend(connection.await.expect("no panic"));
        }
        all
    });
    let (took, cpu) = (begun.elapsed().as_secs_f64(), server.cpu_seconds() - cpu);
    Measured::new(times, took, cpu)
}

/// The body of one answer.
fn one(server: &Server, request: &[u8]) -> String {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        let mut answer = Vec::new();
        let body = exchange(&mut stream, request, &mut answer).await;
        String::from_utf8(answer[body].to_vec()).expect("text")
    })
}

/// What it costs at the least to make something durable: as much as 64 decisions write, appended to a file.
fn fsyncs(home: &Path) {
    let mut file = File::create(home.join("fsyncs")).expect("a file");
    let piece = vec![7; 1 << 20];
    let mut times = Vec::new();
    for _ in 0..500 {
        let begun = Instant::now();
        file.write_all(&piece).expect("written");
        file.sync_data().expect("durable");
        times.push(begun.elapsed().as_secs_f64());
    }
    let all = times.iter().sum();
    Measured::new(times, all, 0.0).line("1 MB appended and made durable", None, None, "-");
}

/// A customer's number, scattered so that neighbours in time are none on disk.
fn scattered(n: usize, of: usize) -> usize {
    n.wrapping_mul(7_919) % of
}

/// What is made durable: decisions with a conversation, and first ones.
type Durable = [Measured; 2];

fn measure(
    url: &str,
    key: &str,
    named: &str,
    asked: usize,
    span: Duration,
    before: Option<&Durable>,
) -> Durable {
    let ours = Server::patience(url);
    let customer = |id: String, plan: &str| json!({"customer": {"id": id, "account_id": "a-9", "attributes": {"monthly_spend": 42.0, "plan": plan}}});
    let sticky = {
        let key = key.to_owned();
        move |path: &'static str| {
            let key = key.clone();
            move |n| post(path, &key, &customer(format!("c-{}", scattered(n, asked)), "starter"))
        }
    };
    // Each is asked about once before.
    load(&ours, span, sticky("/api/v1/assignments"));

    let bare = Server::bare(&one(&ours, &sticky("/api/v1/assignments")(1)));
    let plain = load(&bare, span, sticky("/"));
    plain.line("bare handler, the same JSON", None, None, "");
    let repeated = load(&ours, span, sticky("/api/v1/assignments"));
    let wanted = "0.7 of bare, p99 1.5 times";
    repeated.line(&format!("repeated decision; {named}"), Some(&plain), None, wanted);

    let read = |path: &'static str| {
        let key = key.to_owned();
        move |n| get(&format!("{path}c-{}", scattered(n, asked)), &key)
    };
    let bare = Server::bare(&one(&ours, &read("/api/v1/assignments/")(1)));
    let plain = load(&bare, span, read("/"));
    plain.line("bare handler, GET, the same JSON", None, None, "");
    let recorded = load(&ours, span, read("/api/v1/assignments/"));
    recorded.line(&format!("GET what is recorded; {named}"), Some(&plain), None, "0.8 of bare");

    let wanted = if before.is_some() { "0.8 of the first" } else { "10,000/s, p99 5 fsyncs" };
    let conversation = |from: usize| {
        let key = key.to_owned();
        move |n: usize| {
            let n = from + n;
            let body = json!({"customer": {"id": format!("c-{}", scattered(n, asked))}, "conversation":
                {"id": format!("v-{n}"), "opened_at": "2026-03-02T09:00:00Z", "channel": "chat", "topic": "billing"}});
            post("/api/v1/assignments", &key, &body)
        }
    };
    let told = load(&ours, span, conversation(0));
    told.line(&format!("with a conversation; {named}"), None, before.map(|[told, _]| told), wanted);
    let new = |from: usize| {
        let key = key.to_owned();
        move |n: usize| post("/api/v1/assignments", &key, &customer(format!("n-{}", from + n), "team"))
    };
    let first = load(&ours, span, new(0));
    first.line(&format!("first decision; {named}"), None, before.map(|[_, first]| first), wanted);

    // As a router asks: not all that the server can bear, and of others than before.
    let (rate, others) = (10_000, 1 << 30);
    let steady = load_by(CONNECTIONS, Pace::PerSecond(rate), &ours, span, conversation(others));
    steady.line(&format!("with a conversation, {rate} a second; {named}"), None, None, "p99 5 fsyncs");
    let steady = load_by(CONNECTIONS, Pace::PerSecond(rate), &ours, span, new(others));
    steady.line(&format!("first decision, {rate} a second; {named}"), None, None, "p99 5 fsyncs");
    [told, first]
}

/// The result page of a five-month experiment, as one leader after the other opens it.
fn page(span: Duration) {
    let home = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}/p.db", home.path().display());
    let store = Store::open(&url.parse().expect("a path")).expect("a database");
    let world = World { customers: 2000, ..World::published(demo::SEED) };
    let (experiment, _) = demo::fill(&store, &world, |_| {}).expect("filled");
    let (key, ended, now) = (experiment.definition.key, demo::clock(&world), SystemClock.now());
    let analysis = actions::refresh(&store, &key, ended, now).expect("analysed");
    let token = store.write(move |db| {
        let leader = people::add(db, "leader@example.com", PersonRole::Lead, now)?;
        people::begin_session(db, leader.id, now)
    });
    let token = token.expect("a session");
    for more in [0, 149] {
        let analysis = analysis.clone();
        let insert = move |db: &mut _| (0..more).try_for_each(|_| analyses::insert(db, &analysis).map(drop));
        store.write(insert).expect("stored");
        let ours = Server::patience(&url);
        let request =
            format!("GET /experiments/{key} HTTP/1.1\r\nHost: bench\r\nCookie: patience={token}\r\n\r\n");
        let ask = move |_| request.clone().into_bytes();
        let measured = load_by(1, Pace::AsFastAsAnswered, &ours, span, ask);
        let what = format!("result page, one after the other, {} analyses", more + 1);
        measured.line(&what, None, None, "20 ms");
    }
}
