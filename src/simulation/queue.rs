//! The one shared queue: whoever is free takes what is due first.

use std::collections::BTreeSet;

use crate::domain::time::Moment;

/// Conversations waiting for an agent, and how many agents there are to take them.
///
/// Agents are interchangeable here: the queue counts who is on duty and who is busy. One who is busy
/// when the shift ends finishes first.
#[derive(Debug, Clone, Default)]
pub struct Queue<T: Ord> {
    waiting: BTreeSet<(Moment, T)>,
    on_duty: u32,
    busy: u32,
}

impl<T: Ord> Queue<T> {
    /// An empty queue with nobody on duty.
    pub fn new() -> Self {
        Self { waiting: BTreeSet::new(), on_duty: 0, busy: 0 }
    }

    /// A shift begins or ends: so many are on duty now.
    pub fn staff(&mut self, agents: u32) {
        self.on_duty = agents;
    }

    /// Someone waits, and is due then.
    pub fn enter(&mut self, due: Moment, who: T) {
        self.waiting.insert((due, who));
    }

    /// Who was waiting gives up. Whether it was waiting at all.
    pub fn leave(&mut self, due: Moment, who: T) -> bool {
        self.waiting.remove(&(due, who))
    }

    /// Gives what is due first to a free agent; none where nobody waits or nobody is free.
    pub fn take(&mut self) -> Option<T> {
        if self.busy >= self.on_duty {
            return None;
        }
        let (_, who) = self.waiting.pop_first()?;
        self.busy += 1;
        Some(who)
    }

    /// An agent is free again.
    pub fn finish(&mut self) {
        self.busy -= 1;
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many agents are at work.
    pub fn busy(&self) -> u32 {
        self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Moment {
        Moment::from_ms(ms).unwrap()
    }

    #[test]
    fn the_earliest_due_goes_first_and_the_end_of_a_shift_interrupts_nobody() {
        let mut queue = Queue::new();
        queue.enter(at(30), 'a');
        queue.enter(at(10), 'b');
        queue.enter(at(20), 'c');
        assert_eq!(queue.take(), None, "nobody is on duty");
        queue.staff(2);
        assert_eq!((queue.take(), queue.take(), queue.take()), (Some('b'), Some('c'), None));
        queue.staff(1);
        queue.finish();
        assert_eq!(queue.take(), None, "the one left on duty is still busy");
        queue.finish();
        assert_eq!((queue.take(), queue.busy(), queue.is_empty()), (Some('a'), 1, true));
    }

    #[test]
    fn who_gave_up_is_not_taken() {
        let mut queue = Queue::new();
        queue.staff(1);
        queue.enter(at(10), 'a');
        assert!(queue.leave(at(10), 'a') && !queue.leave(at(10), 'a'));
        assert_eq!(queue.take(), None);
    }
}
