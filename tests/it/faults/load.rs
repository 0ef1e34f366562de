//! Clients that tell and ask, and note what they were answered.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use serde_json::{Value, json};

use super::history::History;
use crate::installation::{Server, wait_for};

/// Load on some servers, until it is told to stop.
pub struct Load<'s> {
    /// Where to: each client takes the next address at each request, as behind a load balancer.
    pub addresses: Vec<&'s str>,
    pub key: &'s str,
    /// Distinguishes its ids from those of other loads.
    pub name: String,
    pub tellers: usize,
    pub askers: usize,
    /// Whether a client goes on after an error, or knows that the server is gone.
    pub goes_on: bool,
    /// Whether a refusal says for sure that nothing was kept.
    pub refusal_is_sure: bool,
    /// A file whose length tells when something was acknowledged.
    pub clock: Option<PathBuf>,
    stop: AtomicBool,
    acked: AtomicU64,
    answered: AtomicU64,
    refused: AtomicU64,
    /// In milliseconds.
    longest: AtomicU64,
}

/// Events of one request.
const BATCH: usize = 5;

/// An event of the load.
pub fn event(id: &str) -> Value {
    let customer = id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 50;
    json!({"id": id, "type": "conversation.opened", "occurred_at": "2026-03-02T09:00:00Z",
        "customer_id": format!("c{customer}"), "conversation_id": id, "topic": "billing"})
}

impl<'s> Load<'s> {
    pub fn new(servers: &[&'s Server], key: &'s str, name: &(impl ToString + ?Sized)) -> Self {
        Self {
            addresses: servers.iter().map(|server| server.address.as_str()).collect(),
            key,
            name: name.to_string(),
            tellers: 6,
            askers: 2,
            goes_on: false,
            refusal_is_sure: true,
            clock: None,
            stop: AtomicBool::new(false),
            acked: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            longest: AtomicU64::new(0),
        }
    }

    /// Runs while `fault` does its work; gives what was heard until its end.
    pub fn during<T>(&self, fault: impl FnOnce(&Self) -> T) -> (History, T) {
        thread::scope(|scope| {
            let tellers: Vec<_> = (0..self.tellers).map(|n| scope.spawn(move || self.tell(n))).collect();
            let askers: Vec<_> = (0..self.askers).map(|n| scope.spawn(move || self.ask(n))).collect();
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fault(self)));
            self.stop();
            let mut history = History::default();
            for client in tellers.into_iter().chain(askers) {
                history.add(client.join().unwrap());
            }
            (history, done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    /// Tells the clients to make an end after their present request.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// How many events are acknowledged.
    pub fn acked(&self) -> u64 {
        self.acked.load(Ordering::Relaxed)
    }

    /// How many cohorts are answered.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// How many requests were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How long a request waited at most, for whatever answer.
    pub fn longest(&self) -> Duration {
        Duration::from_millis(self.longest.load(Ordering::Relaxed))
    }

    /// Waits until some of both is done.
    pub fn in_full_swing(&self) {
        let (acked, answered) = (self.acked(), self.answered());
        wait_for("load", || {
            (self.tellers == 0 || self.acked() >= acked + 50)
                && (self.askers == 0 || self.answered() >= answered + 5)
        });
    }

    fn now(&self) -> u64 {
        self.clock.as_ref().map_or(0, |clock| clock.metadata().unwrap().len())
    }

    fn client() -> Client {
        Client::builder().timeout(Duration::from_secs(20)).build().unwrap()
    }

    fn post(&self, client: &Client, turn: usize, path: &str, body: &Value) -> Result<(u16, Value), ()> {
        let address = self.addresses[turn % self.addresses.len()];
        let request = client.post(format!("{address}{path}")).bearer_auth(self.key).body(body.to_string());
        let begun = Instant::now();
        let answer = request.send();
        let took = u64::try_from(begun.elapsed().as_millis()).unwrap();
        self.longest.fetch_max(took, Ordering::Relaxed);
        let answer = answer.map_err(drop)?;
        let status = answer.status().as_u16();
        let known = [200, 503, 507].contains(&status);
        let retry = answer.headers().contains_key("retry-after");
        self.refused.fetch_add(u64::from(status != 200), Ordering::Relaxed);
        let body: Value = answer.json().map_err(drop)?;
        assert!(known && (status == 200 || retry), "{path}: {status} {body}");
        Ok((status, body))
    }

    fn tell(&self, teller: usize) -> History {
        let (client, mut history) = (Self::client(), History::default());
        for batch in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let ids: Vec<_> = (0..BATCH).map(|n| format!("{}-{teller}-{batch}-{n}", self.name)).collect();
            let body = Value::Array(ids.iter().map(|id| event(id)).collect());
            match self.post(&client, teller + batch, "/api/v1/events", &body) {
                Ok((200, reply)) => {
                    assert_eq!(reply["accepted"], BATCH, "{reply}");
                    let now = self.now();
                    history.acked.extend(ids.into_iter().map(|id| (id, now)));
                    self.acked.fetch_add(BATCH as u64, Ordering::Relaxed);
                }
                Ok(_) => {
                    if !self.refusal_is_sure {
                        history.unsure.extend(ids);
                    }
                    thread::sleep(Duration::from_millis(20));
                }
                Err(()) => {
                    history.unsure.extend(ids);
                    if !self.goes_on {
                        break;
                    }
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
        history
    }

    fn ask(&self, asker: usize) -> History {
        let (client, mut history) = (Self::client(), History::default());
        for n in 0_usize.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            // New units, and those that others ask for at the same time, and those of before.
            let unit = if n % 4 == 0 {
                format!("shared-{}", n % 97)
            } else {
                format!("u-{}-{asker}-{n}", self.name)
            };
            let body = json!({"customer": {"id": unit, "attributes": {"n": n}}});
            history.asked.insert(unit.clone());
            match self.post(&client, asker + n, "/api/v1/assignments", &body) {
                Ok((200, reply)) => {
                    let cohort = reply["assignments"][0]["cohort"].as_str();
                    history.answered(
                        &unit,
                        cohort.unwrap_or_else(|| panic!("no cohort: {reply}")),
                        self.now(),
                    );
                    self.answered.fetch_add(1, Ordering::Relaxed);
                }
                Ok(_) => thread::sleep(Duration::from_millis(20)),
                Err(()) if self.goes_on => thread::sleep(Duration::from_millis(20)),
                Err(()) => break,
            }
        }
        history
    }
}
