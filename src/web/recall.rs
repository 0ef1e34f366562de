//! What is recorded of customers whom nobody remembers here. Requests that ask while others are being read for wait
//! together, and are read for by one query: one by one, most of the time would go on the way to the database.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{auth::Shared, error::Problem};
use crate::{
    domain::{
        assignment::{Recorded, RequestedCustomer},
        event::Attributes,
    },
    storage::StorageError,
};

/// Requests that may wait; the next one is told to come again.
const WAITING: usize = 1024;

/// Requests that are read for together.
const GROUP: usize = 256;

/// Groups that may be read for at once, where the database takes long for one.
const READING: usize = 4;

/// How long it takes for one until the next one is not made to wait for it.
const LONG: Duration = Duration::from_secs(1);

/// A request that waits.
#[derive(Debug)]
struct Asking {
    customer: RequestedCustomer,
    accounts: bool,
    reply: oneshot::Sender<Result<Recorded, StorageError>>,
}

/// Those who wait.
#[derive(Debug, Default)]
pub struct Recalls(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    asking: Vec<Asking>,
    /// How many read, each of whom sees whoever waits.
    reading: usize,
    /// When a group was begun last.
    since: Option<Instant>,
}

impl Recalls {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a request wait; whether somebody has to begin to read.
    fn join(&self, asking: Asking) -> Result<bool, StorageError> {
        let mut waiting = self.waiting();
        if waiting.asking.len() >= WAITING {
            return Err(StorageError::Busy);
        }
        waiting.asking.push(asking);
        let takes_long = waiting.since.is_some_and(|since| since.elapsed() > LONG);
        let begins = waiting.reading == 0 || (waiting.reading < READING && takes_long);
        if begins {
            waiting.reading += 1;
            waiting.since = Some(Instant::now());
        }
        Ok(begins)
    }
}

/// What a decision about a customer goes by, as it is in the database now. `accounts`: whether some experiment assigns
/// accounts.
///
/// # Errors
/// The database cannot be read, or too many wait for that.
pub async fn recall(
    state: &Shared,
    customer: &RequestedCustomer,
    accounts: bool,
) -> Result<Recorded, Problem> {
    if let Some(recorded) = state.store.recall_at_once(customer, accounts) {
        return Ok(recorded?);
    }
    let (reply, answer) = oneshot::channel();
    // By what is said of its attributes nothing is read.
    let customer = RequestedCustomer {
        id: customer.id.clone(),
        account: customer.account.clone(),
        attributes: Attributes::new(),
    };
    if state.recalls.join(Asking { customer, accounts, reply })? {
        // Beside this request, whose caller may go away.
        actix_web::rt::spawn(Reading { state: state.clone(), is_over: false }.read());
    }
    state.soon(async { Ok(answer.await.unwrap_or(Err(StorageError::Busy))?) }).await
}

/// Reads until nobody waits any more.
struct Reading {
    state: Shared,
    is_over: bool,
}

impl Reading {
    async fn read(mut self) {
        while let Some(group) = self.next() {
            let accounts = group.iter().any(|asking| asking.accounts);
            let (customers, replies): (Vec<_>, Vec<_>) =
                group.into_iter().map(|asking| (asking.customer, asking.reply)).unzip();
            let recalled = self.state.at_once(move |store| Ok(store.recall(&customers, accounts))).await;
            if let Err(problem) = &recalled {
                tracing::warn!(?problem, "what is recorded cannot be read");
            }
            for (reply, recorded) in replies.into_iter().zip(recalled.unwrap_or_default()) {
                // Its caller may have gone away.
                let _ = reply.send(recorded);
            }
        }
    }

    fn next(&mut self) -> Option<Vec<Asking>> {
        let mut waiting = self.state.recalls.waiting();
        waiting.asking.retain(|asking| !asking.reply.is_closed());
        let number = waiting.asking.len().min(GROUP);
        if number == 0 {
            self.is_over = true;
            waiting.reading -= 1;
            return None;
        }
        waiting.since = Some(Instant::now());
        Some(waiting.asking.drain(..number).collect())
    }
}

impl Drop for Reading {
    /// Where it panicked, those who wait are not left to nobody.
    fn drop(&mut self) {
        if !self.is_over {
            let mut waiting = self.state.recalls.waiting();
            waiting.reading -= 1;
            if waiting.reading == 0 {
                waiting.asking.clear();
            }
        }
    }
}
