//! What is recorded of customers whom nobody remembers here. Requests that ask while others are being read for wait
//! together, and are read for by one query: one by one, most of the time would go on the way to the database.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{auth::Shared, error::Problem};
use crate::{
    domain::assignment::{Recorded, RequestedCustomer},
    storage::StorageError,
};

/// Requests that may wait; the next one is told to come again.
const WAITING: usize = 1024;

/// Requests that are read for together.
const GROUP: usize = 256;

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
    /// Whether somebody reads, and sees whoever waits.
    are_read: bool,
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
        Ok(!std::mem::replace(&mut waiting.are_read, true))
    }
}

/// What a decision about a customer goes by, as it is in the database now. `accounts`: whether some experiment assigns
/// accounts.
///
/// # Errors
/// The database cannot be read, or too many wait for that.
pub async fn recall(
    state: &Shared,
    customer: RequestedCustomer,
    accounts: bool,
) -> Result<Recorded, Problem> {
    let (reply, answer) = oneshot::channel();
    let begins = state.recalls.join(Asking { customer, accounts, reply })?;
    if begins {
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
            // Where the database does not answer, those who wait hear no answer either.
            for (reply, recorded) in replies.into_iter().zip(recalled.unwrap_or_default()) {
                // Its caller may have gone away.
                let _ = reply.send(recorded);
            }
        }
    }

    fn next(&mut self) -> Option<Vec<Asking>> {
        let mut waiting = self.state.recalls.waiting();
        let number = waiting.asking.len().min(GROUP);
        self.is_over = number == 0;
        waiting.are_read = !self.is_over;
        (!self.is_over).then(|| waiting.asking.drain(..number).collect())
    }
}

impl Drop for Reading {
    /// At the end of the thread it may be dropped before it is over: the next one begins anew.
    fn drop(&mut self) {
        if !self.is_over {
            *self.state.recalls.waiting() = Waiting::default();
        }
    }
}
