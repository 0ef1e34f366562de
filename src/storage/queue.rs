//! A bounded queue and the one who serves it: takes all that has come in since the last time, settles it as a group,
//! and only then looks again.
//!
//! Settling may hang, on a server that lives but does not answer, and nobody can call a thread back. So another one may
//! take the seat, and the first one leaves when it comes to itself. Whoever was in its group waits for it still, or has
//! given up.

use std::{
    fmt,
    time::{Duration, Instant},
};

use super::sync::{Mutex, MutexGuard, PoisonError, Receiver, SyncSender, sync_channel};

enum Message<W> {
    Work(W),
    Stop,
}

/// What the queue is like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Works that may wait.
    pub(super) waiting: usize,
    /// Works of one group.
    pub(super) group: usize,
    /// How long settling may take before another one may take the seat; none where it always comes to an end.
    pub(super) overdue: Option<Duration>,
    /// How many may have lost their seat and not come back.
    pub(super) lost: u32,
}

/// See the module.
pub(super) struct Queue<W> {
    limits: Limits,
    sender: SyncSender<Message<W>>,
    receiver: Mutex<Receiver<Message<W>>>,
    turn: Mutex<Turn>,
}

#[derive(Debug, Default)]
struct Turn {
    /// Who sits there: they are counted.
    server: u64,
    /// Since when it has been settling.
    since: Option<Instant>,
    /// Those whose seat was taken, and who have not come back.
    lost: u32,
    /// Whether whoever sits there has to leave after the present group.
    stopping: bool,
    /// Whether nobody sits there any more.
    closed: bool,
}

impl<W> fmt::Debug for Queue<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Queue({:?})", self.limits)
    }
}

impl<W> Queue<W> {
    /// An empty one, to be served by number 0.
    pub(super) fn new(limits: Limits) -> Self {
        let (sender, receiver) = sync_channel(limits.waiting);
        Self { limits, sender, receiver: Mutex::new(receiver), turn: Mutex::new(Turn::default()) }
    }

    /// Takes a work in; false where too many wait or nobody serves any more, and then it is dropped.
    pub(super) fn submit(&self, work: W) -> bool {
        // Nothing comes in after the last look.
        let turn = self.turn();
        !turn.closed && self.sender.try_send(Message::Work(work)).is_ok()
    }

    /// Asks whoever serves to settle what waits and to leave; false where the queue is too full even for that.
    pub(super) fn stop(&self) -> bool {
        self.turn().closed || self.sender.try_send(Message::Stop).is_ok()
    }

    /// Whether whoever serves has been settling for too long.
    pub(super) fn is_overdue(&self) -> bool {
        self.hangs(&self.turn())
    }

    /// Takes the seat from one who has been settling for too long; gives the number of the next one, who has to
    /// [`serve`](Self::serve).
    pub(super) fn take_over(&self) -> Option<u64> {
        let mut turn = self.turn();
        if !self.hangs(&turn) || turn.lost >= self.limits.lost {
            return None;
        }
        turn.lost += 1;
        turn.server += 1;
        turn.since = None;
        Some(turn.server)
    }

    /// Serves until told to stop, or until another one has taken the seat.
    pub(super) fn serve(&self, server: u64, mut settle: impl FnMut(Vec<W>)) {
        while let Some((group, is_last)) = self.next_group(server) {
            self.begins(server);
            settle(group);
            if !self.note(server, None) {
                if is_last {
                    // It was meant for whoever serves now, and may wait for a message. Where there is no room for
                    // one, there is another that wakes it.
                    self.turn().stopping = true;
                    self.stop();
                }
                break;
            }
            if is_last {
                self.close();
                return;
            }
        }
        self.turn().lost -= 1;
    }

    /// Notes that whoever serves begins anew with something that has a time of its own.
    pub(super) fn begins(&self, server: u64) {
        self.note(server, Some(Instant::now()));
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receiver(&self) -> MutexGuard<'_, Receiver<Message<W>>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops what came in meanwhile, so that nobody waits in vain.
    fn close(&self) {
        self.turn().closed = true;
        let receiver = self.receiver();
        while receiver.try_recv().is_ok() {}
    }

    fn hangs(&self, turn: &Turn) -> bool {
        let since = |most| turn.since.is_some_and(|since| since.elapsed() >= most);
        self.limits.overdue.is_some_and(since)
    }

    /// Whether this one still sits there.
    fn note(&self, server: u64, since: Option<Instant>) -> bool {
        let mut turn = self.turn();
        let sits = turn.server == server;
        if sits {
            turn.since = since;
        }
        sits
    }

    /// What has come in, in order, and whether that is the last of it. None where this one has lost its seat.
    fn next_group(&self, server: u64) -> Option<(Vec<W>, bool)> {
        let receiver = self.receiver();
        let turn = self.turn();
        if turn.server != server || turn.closed {
            return None;
        }
        drop(turn);
        let mut group = Vec::new();
        let mut next = receiver.recv().ok();
        while let Some(message) = next {
            match message {
                Message::Work(work) => group.push(work),
                Message::Stop => return Some((group, true)),
            }
            next = if group.len() < self.limits.group { receiver.try_recv().ok() } else { None };
        }
        let is_last = group.is_empty() || self.turn().stopping;
        Some((group, is_last))
    }
}
